//! The server's files, damaged: whole, or as they once were, or refused with what to do, or found by its own check; never made anew.

use crate::mutations::{LOG, Mutation, Source, logs, read, write};
use crate::{again, numbers, seed, text_of};
use rusqlite::Connection;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::check;
use zoufang_sync_server::store::{Store, StoreError};
use zoufang_tests::content::{self, Content};
use zoufang_tests::dice::Dice;
use zoufang_tests::ports::MINUTE_MS;
use zoufang_tests::power_cut::states::Files;
use zoufang_tests::world::{Handset, World};

const PAGE_BYTES: usize = 8_192;

/// What became of a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// It opens and holds everything.
    Whole,
    /// It opens and holds what it held some transactions earlier.
    Earlier,
    /// It opens, and the check finds what is wrong.
    Found,
    /// It does not open, and says what to do.
    Refused,
    /// It opens with files of two moments, and nothing in it says so.
    Mixed,
    /// It opens with another content, and the check finds nothing.
    Unseen,
}

struct Patient {
    source: Source,
    contents: Vec<Content>,
    older: Content,
}

async fn day(world: &World, phones: &[Handset; 2], rounds_count: usize) {
    for round in 0..rounds_count {
        for (at, phone) in phones.iter().enumerate() {
            for home in phone.homes() {
                let note = format!("第 {round} 轮{}", "记".repeat(round * 20 + at));
                let visit = VisitDraft { note, ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
                phone.core().save_visit(visit).unwrap();
            }
            phone.must_sync().await;
        }
        world.forward(&[&phones[0], &phones[1]], MINUTE_MS);
    }
}

/// Moves the log into the database, as the server does now and then.
fn move_log(path: &Path) {
    let blocked: i64 =
        Connection::open(path).unwrap().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(blocked, 0);
}

fn content_of(store: &Store) -> Result<Content, StoreError> {
    store.read(|c| Ok(content::of(c)?.0))
}

impl Patient {
    async fn new() -> Patient {
        let mut world = World::new(72);
        let area = world.micro_grid("测试微网格", 10);
        let phones = [world.managers_phone("测试甲", area).await, world.managers_phone("测试乙", area).await];
        let path = world.server.app.store.path().to_owned();
        move_log(&path);
        day(&world, &phones, 2).await;
        let older = (read(&path), content_of(&world.server.app.store).unwrap());
        day(&world, &phones, 5).await;
        move_log(&path);
        day(&world, &phones, 4).await;
        let elsewhere = World::new(73);
        elsewhere.micro_grid("测试微网格", 10);
        let (files, other) = (read(&path), read(elsewhere.server.app.store.path()));
        let source = Source { files, older: older.0, other, page_bytes: PAGE_BYTES, is_keyed: false };
        let contents = logs(&source.files[LOG], PAGE_BYTES)
            .into_iter()
            .map(|log| {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("server.db");
                write(&path, &Files::from([(String::new(), source.files[""].clone()), (LOG.to_owned(), log)]));
                content_of(&Store::open(&path).unwrap()).unwrap()
            })
            .collect();
        Patient { source, contents, older: older.1 }
    }
    fn judge(&self, path: &Path, mutation: &Mutation, files: &Files) -> End {
        let store = match Store::open(path) {
            Ok(store) => store,
            Err(StoreError::Unusable { .. }) => {
                assert_eq!(read(path), *files, "a file that was refused was changed");
                return End::Refused;
            }
            Err(StoreError::Corrupt(_) | StoreError::Newer { .. }) => return End::Refused,
            Err(error) => panic!("{error:?}"),
        };
        let findings = match store.read::<_, StoreError>(check::check) {
            Ok(findings) => findings,
            Err(StoreError::Corrupt(_)) => return End::Found,
            Err(error) => panic!("the check: {error:?}"),
        };
        assert!(findings.records_count > 0 || !findings.is_sound(), "it was made anew");
        if !findings.is_sound() {
            return End::Found;
        }
        let content = content_of(&store).unwrap();
        match self.contents.iter().rposition(|known| *known == content) {
            Some(at) if at + 1 == self.contents.len() => End::Whole,
            Some(_) => {
                assert!(mutation.touches_log(), "transactions are missing from a log that nobody touched");
                End::Earlier
            }
            None if *mutation == Mutation::OlderBoth && content == self.older => End::Earlier,
            None if mutation.is_a_swap() => End::Mixed,
            None => {
                // What nothing else holds can be another without a sign: a letter within a text, an empty page in the place of a small table.
                let may_be_unseen = matches!(
                    mutation,
                    Mutation::Flip { name: "", .. } | Mutation::Noise { name: "", .. } | Mutation::Misplaced { .. }
                );
                assert!(may_be_unseen, "another content, and nothing says so");
                End::Unseen
            }
        }
    }
}

#[tokio::test]
async fn a_damaged_server_opens_as_it_was_or_is_refused_or_its_check_finds_it() {
    let patient = Patient::new().await;
    let mut ends: BTreeMap<(String, End), usize> = BTreeMap::new();
    for at in numbers("server", 3) {
        let mutation = patient.source.draw(&mut Dice::of(seed(), at));
        let files = patient.source.after(&mutation);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.db");
        write(&path, &files);
        let judged = catch_unwind(AssertUnwindSafe(|| patient.judge(&path, &mutation, &files)));
        let end = judged.unwrap_or_else(|panic| {
            panic!("{mutation:?}: {}\n{}", text_of(panic.as_ref()), again("server", at));
        });
        if std::env::var("DAMAGE_REPLAY").is_ok() {
            eprintln!("{mutation:?}: {end:?}");
        }
        *ends.entry((mutation.kind(), end)).or_default() += 1;
    }
    for ((kind, end), count) in &ends {
        eprintln!("{kind}: {count} {end:?}");
    }
}
