//! A phone's files, damaged: whole, or as they once were, or refused; then set aside, and read for what was not sent.

use crate::mutations::{LOG, Mutation, Source, logs, read, write};
use crate::{again, numbers, seed, text_of};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::{MatterDraft, MatterFilter};
use zoufang_core::ports::{Key, KeyVault, MemoryKeyVault};
use zoufang_core::store::damage::{self, Reason, SetAside};
use zoufang_core::store::open::{Database, KEY_NAME, OpenError, OpenOptions};
use zoufang_core::store::{MIGRATIONS, outbox, profile};
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_core::{Core, Error, Options, Ports};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_tests::content::{Content, content_of, look};
use zoufang_tests::dice::Dice;
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::{MINUTE_MS, SeededIds};
use zoufang_tests::power_cut::states::Files;
use zoufang_tests::world::{Handset, World};

const PAGE_BYTES: usize = 4_096;
/// Operations of this patient that fit into a page.
const OPERATIONS_PER_PAGE_MAX_COUNT: usize = 10;
/// Mutations of a run that must end in every way there is.
const EVERY_END_COUNT: usize = 300;

/// A phone before the damage, and what is known of it.
struct Patient {
    source: Source,
    handset: Handset,
    key: Key,
    /// What its files hold after each transaction that is still in the log, and what the earlier copy holds.
    contents: Vec<Content>,
    older: Content,
    /// The outbox, by counter.
    operations: BTreeMap<i64, String>,
    acknowledged: i64,
    /// Unsent operations that were read out of files set aside, page by page and by the tree alone.
    by_pages_count: Cell<usize>,
    by_the_tree_count: Cell<usize>,
    _world: World,
}

/// What became of a mutation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum End {
    /// It opens and holds everything.
    Whole,
    /// It opens and holds what it held some transactions earlier.
    Earlier,
    /// It opens with files of two moments, and nothing in it says so.
    Mixed,
    /// It opens with its key.
    OpensWithItsKey,
    /// It is refused, and was set aside.
    Refused,
    /// It opens and is damaged further in, and was set aside.
    DamagedWithin,
}

fn work(phone: &Handset, count: usize) {
    let core = phone.core();
    let homes = phone.homes();
    for at in 0..count {
        phone.clock.forward(MINUTE_MS);
        let home = &homes[at % homes.len()];
        match at % 5 {
            3 => {
                let number = Some(Some(format!("1390006{at:04}")));
                let edit = HouseholdEdit { phone: number, ..HouseholdEdit::default() };
                core.edit_household(home.household, &edit).unwrap();
            }
            4 => {
                let mut matter = MatterDraft::new(MatterKind::Help, Track::Simple, format!("诉求 {at}"));
                matter.household = Some(home.household);
                core.report_matter(matter).unwrap();
            }
            _ => {
                let note = format!("第 {at} 次{}", "记".repeat(at % 7 * 60));
                let visit = VisitDraft { note, ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
                core.save_visit(visit).unwrap();
            }
        }
    }
}

impl Patient {
    fn new() -> Patient {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut world = World::new(71);
        let area = world.micro_grid("测试微网格", 20);
        let handset = runtime.block_on(world.managers_phone("测试甲", area));
        let other = runtime.block_on(world.managers_phone("测试乙", area));
        work(&handset, 80);
        runtime.block_on(handset.must_sync());
        handset.core().pause().unwrap();
        handset.core().resume().unwrap();
        work(&handset, 10);
        let older = (read(handset.path()), content_of(&handset, handset.path()).unwrap());
        work(&handset, 50);
        handset.core().pause().unwrap();
        handset.core().resume().unwrap();
        work(&handset, 40);
        work(&other, 10);
        let (files, others) = (read(handset.path()), read(other.path()));
        assert!(
            files[LOG].len() > 40 * PAGE_BYTES && others[LOG].len() > PAGE_BYTES && older.0[LOG].len() > PAGE_BYTES
        );
        let source = Source { files, older: older.0, other: others, page_bytes: PAGE_BYTES, is_keyed: true };
        let contents = logs(&source.files[LOG], PAGE_BYTES)
            .into_iter()
            .map(|log| {
                let folder = tempfile::tempdir().unwrap();
                let path = folder.path().join("phone.db");
                write(&path, &Files::from([(String::new(), source.files[""].clone()), (LOG.to_owned(), log)]));
                content_of(&handset, &path).unwrap()
            })
            .collect();
        let (operations, acknowledged) = outbox_of(&handset, handset.path());
        let key = handset.vault().fetch(KEY_NAME).unwrap().unwrap();
        let (by_pages_count, by_the_tree_count) = (Cell::default(), Cell::default());
        Patient {
            source,
            handset,
            key,
            contents,
            older: older.1,
            operations,
            acknowledged,
            by_pages_count,
            by_the_tree_count,
            _world: world,
        }
    }
    fn unsent_count(&self) -> usize {
        self.operations.range(self.acknowledged + 1..).count()
    }
    fn ports(&self, key: Option<&Key>) -> Ports {
        let vault = MemoryKeyVault::new();
        key.into_iter().for_each(|key| vault.store(KEY_NAME, key).unwrap());
        Ports { vault: Arc::new(vault), ..self.handset.core().ports().clone() }
    }
    /// Opens what is left, and where it does not open or is damaged, sets it aside and salvages. Gives how it ended and how many of the
    /// unsent operations were read.
    fn judge(&self, path: &Path, mutation: &Mutation, files: &Files) -> (End, usize) {
        let key = match mutation {
            Mutation::WrongKey => Some(Key::new([7; 32])),
            Mutation::NoKey => None,
            _ => Some(self.key.clone()),
        };
        let ports = self.ports(key.as_ref());
        let options = Options::new(path);
        let opened = match Core::open(options.clone(), ports.clone()) {
            Ok(core) => core,
            Err(Error::Open(error)) => {
                assert_eq!(read(path), *files, "a file that was refused was changed");
                return self.refused(&error, mutation, &options, &ports, files);
            }
            Err(other) => panic!("{other:?}"),
        };
        let every = self.unsent_count();
        let found = look(&self.handset, path);
        if let Ok(found) = &found {
            let position = self.contents.iter().rposition(|known| *known == found.content);
            match position {
                Some(at) if at + 1 == self.contents.len() => return (End::Whole, every),
                Some(_) => {
                    assert!(mutation.touches_log(), "transactions are missing from a log that nobody touched");
                    return (End::Earlier, unsent_in(&self.handset, path));
                }
                None if *mutation == Mutation::OlderBoth && found.content == self.older => {
                    return (End::Earlier, unsent_in(&self.handset, path));
                }
                None => {}
            }
        }
        let was_saved = self.reads_or_says_so(&opened, mutation);
        let _ = opened.close();
        match Core::set_aside(&options, &ports) {
            Ok(aside) => {
                assert_eq!(aside.reason, Reason::Damaged);
                (End::DamagedWithin, self.salvaged(&options, &ports, &aside, was_saved))
            }
            // Pages of two moments, each of them sound.
            Err(Error::NotAllowed) if mutation.is_a_swap() => (End::Mixed, 0),
            Err(error) => {
                panic!("it opens, holds what it never held ({:?}), and {error:?}", found.map(|found| found.problem))
            }
        }
    }
    fn refused(
        &self,
        error: &OpenError,
        mutation: &Mutation,
        options: &Options,
        ports: &Ports,
        files: &Files,
    ) -> (End, usize) {
        match (mutation, error) {
            (Mutation::NoKey, OpenError::MissingKey) | (Mutation::WrongKey, OpenError::WrongKey) => {
                let wrong = ports.vault.fetch(KEY_NAME).unwrap();
                assert_eq!(
                    wrong.is_none(),
                    *mutation == Mutation::NoKey,
                    "a key was made for a database that is there"
                );
                let opened = Core::open(options.clone(), self.ports(Some(&self.key)));
                assert!(opened.is_ok(), "it does not open with its key");
                assert_eq!(content_of(&self.handset, &options.path).unwrap(), *self.contents.last().unwrap());
                return (End::OpensWithItsKey, self.unsent_count());
            }
            (Mutation::NoKey | Mutation::WrongKey, _) => panic!("{error:?}"),
            (_, OpenError::Damaged { .. } | OpenError::WrongKey | OpenError::NewerThanApp { .. }) => {}
            _ => panic!("{error:?}"),
        }
        let aside = Core::set_aside(options, ports).unwrap();
        assert_eq!(read(&aside.path), *files, "what was set aside is not what was there");
        let salvaged = self.salvaged(options, ports, &aside, false);
        let fresh = Core::open(options.clone(), ports.clone()).expect("a new database in its place");
        assert!(matches!(fresh.homes(Page::FIRST), Err(Error::NotEnrolled)));
        assert_eq!(read(&aside.path), *files, "what was set aside is not what was there");
        (End::Refused, salvaged)
    }
    /// No call of a damaged database says anything else than what it is, takes a row for absent, or panics. Says whether a visit was saved.
    fn reads_or_says_so(&self, core: &Core, mutation: &Mutation) -> bool {
        let home = self.handset.first_home();
        let visit = VisitDraft::new(home.household, Mode::Door, Outcome::Done);
        let saved = core.save_visit(visit);
        let was_saved = saved.is_ok();
        let calls = [
            saved.map(|_| ()),
            core.homes(Page::FIRST).map(|_| ()),
            core.home(home.household).map(|_| ()),
            core.visits_of(home.household, Page::FIRST).map(|_| ()),
            core.matters(MatterFilter::All, Page::FIRST).map(|_| ()),
            core.drafts().map(|_| ()),
            core.search("诉求", 20).map(|_| ()),
            core.sync_status().map(|_| ()),
        ];
        for (at, call) in calls.into_iter().enumerate() {
            let is_said = match &call {
                Ok(()) | Err(Error::Store(_) | Error::Unreadable(_)) => true,
                Err(_) => mutation.is_a_swap(),
            };
            assert!(is_said, "call {at}: {call:?}");
        }
        was_saved
    }
    /// How many of the unsent operations are read out of a file that was set aside. Each is word for word what it was.
    fn salvaged(&self, options: &Options, ports: &Ports, aside: &SetAside, was_saved: bool) -> usize {
        let before = read(&aside.path);
        let salvaged = Core::salvage(options, ports, aside).unwrap();
        assert_eq!(read(&aside.path), before, "the salvage changed a file");
        let strange: Vec<_> =
            salvaged.operations.iter().filter(|(at, body)| self.operations.get(&(**at as i64)) != Some(body)).collect();
        // But for the visit that was saved in the damaged database.
        assert_eq!(strange.len(), usize::from(was_saved), "{strange:?}");
        // By the tree, where it leads on: whatever SQLite still reads is among the pages.
        let sql = "SELECT counter, body FROM operation WHERE counter >= ?1 ORDER BY counter";
        let by_the_tree = damage::salvage_rows(&aside.path, &self.key, sql, |row| {
            let (counter, body): (i64, String) = (row.get(0)?, row.get(1)?);
            assert_eq!(salvaged.operations.get(&(counter as u64)), Some(&body), "operation {counter}");
            let is_unsent = counter > self.acknowledged && self.operations.contains_key(&counter);
            self.by_the_tree_count.set(self.by_the_tree_count.get() + usize::from(is_unsent));
            Ok(())
        });
        match by_the_tree {
            // Unexpected: a schema that was cut off reads as one without this table.
            Ok(_) | Err(OpenError::Damaged { .. } | OpenError::Io { .. } | OpenError::Unexpected(_)) => {}
            Err(error) => panic!("salvage: {error:?}"),
        }
        let unsent_count = salvaged.operations.range(self.acknowledged as u64 + 1..).count() - usize::from(was_saved);
        self.by_pages_count.set(self.by_pages_count.get() + unsent_count);
        unsent_count
    }
}

fn unsent_in(phone: &Phone, path: &Path) -> usize {
    let (operations, acknowledged) = outbox_of(phone, path);
    operations.range(acknowledged + 1..).count()
}

fn outbox_of(phone: &Phone, path: &Path) -> (BTreeMap<i64, String>, i64) {
    let options = OpenOptions::new(path, MIGRATIONS);
    let database = Database::open(&options, phone.vault(), &SeededIds::of(0, 0)).unwrap();
    let read = database.read::<_, Error, _>(|c| {
        let acknowledged = profile::get(c)?.acknowledged as i64;
        assert!(outbox::tail(c)?.counter as i64 > acknowledged);
        let mut rows = c.prepare("SELECT counter, body FROM operation")?;
        let operations = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        Ok((operations, acknowledged))
    });
    read.unwrap()
}

#[test]
fn a_damaged_phone_opens_as_it_was_or_is_set_aside_and_its_unsent_work_is_read_out_of_it() {
    let patient = Patient::new();
    let numbers = numbers("phone", 1);
    let mut ends: BTreeMap<(String, End), (usize, usize)> = BTreeMap::new();
    for at in &numbers {
        let mutation = patient.source.draw(&mut Dice::of(seed(), *at));
        let files = patient.source.after(&mutation);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.db");
        write(&path, &files);
        let judged = catch_unwind(AssertUnwindSafe(|| {
            let (end, salvaged) = patient.judge(&path, &mutation, &files);
            let lost = patient.unsent_count() - salvaged;
            if let Some(pages_count) = mutation.pages_hit_count() {
                assert!(lost <= pages_count * OPERATIONS_PER_PAGE_MAX_COUNT, "{lost} unsent operations of one page");
            }
            (end, salvaged)
        }));
        let (end, salvaged) = judged.unwrap_or_else(|panic| {
            panic!("{mutation:?}: {}\n{}", text_of(panic.as_ref()), again("phone", *at));
        });
        if std::env::var("DAMAGE_REPLAY").is_ok() {
            eprintln!("{mutation:?}: {end:?}, {salvaged} of {}", patient.unsent_count());
        }
        let tally = ends.entry((mutation.kind(), end)).or_default();
        *tally = (tally.0 + 1, tally.1 + salvaged);
    }
    for ((kind, end), (count, salvaged)) in &ends {
        eprintln!("{kind}: {count} {end:?}, {salvaged} of {} unsent", count * patient.unsent_count());
    }
    let (by_pages, by_the_tree) = (patient.by_pages_count.get(), patient.by_the_tree_count.get());
    eprintln!("{by_pages} unsent operations read out of files set aside, {by_the_tree} by the tree alone");
    for end in [End::Whole, End::Earlier, End::OpensWithItsKey, End::Refused, End::DamagedWithin] {
        let count: usize = ends.iter().filter(|((_, of), _)| *of == end).map(|(_, (count, _))| count).sum();
        eprintln!("{count} {end:?}");
        assert!(count > 0 || numbers.len() < EVERY_END_COUNT, "none of {} was {end:?}", numbers.len());
    }
}
