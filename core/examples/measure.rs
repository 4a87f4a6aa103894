//! What saving, listing and searching cost on one phone: `cargo run --release -p zoufang-core --example measure`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "prints what it measured and stops at the first surprise")]
#![allow(dead_code, reason = "the tests' phone can more than this needs")]

#[path = "../tests/use_cases/phone.rs"]
mod phone;

use phone::{MORNING_MS, Phone, home_draft};
use rusqlite::params;
use std::time::{Duration, Instant};
use zoufang_core::matters::MatterDraft;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::{MIGRATIONS, StoreError};
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::visit::{Duty, Location, Mode, Outcome};

const WORDS: [&str; 10] = ["老人", "在家", "燃气", "安全", "水管", "正常", "楼道", "照明", "探望", "登记"];

#[expect(clippy::disallowed_methods, reason = "measures real time")]
fn timed<T>(act: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let value = act();
    (value, start.elapsed())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn say(what: &str, mut times: Vec<Duration>) {
    times.sort();
    let total: Duration = times.iter().sum();
    let at = |part: usize| times[(times.len() - 1) * part / 100];
    println!("{what}: p50 {:?}, p90 {:?}, p99 {:?}, mean {:?}", at(50), at(90), at(99), total / times.len() as u32);
}

/// Pages that a save puts into the write-ahead log, by the size of a log that begins empty.
fn pages_of_a_save(phone: &Phone, save: impl Fn(usize)) -> f64 {
    const FRAME_BYTES: u64 = 4_096 + 24;
    phone.store.close().unwrap();
    phone.core.pause().unwrap();
    phone.core.resume().unwrap();
    (0..50).for_each(save);
    let log = phone.core.options().path.with_extension("db-wal");
    let pages = std::fs::metadata(log).unwrap().len() / FRAME_BYTES;
    phone.store.resume().unwrap();
    pages as f64 / 50.0
}

fn note(at: usize) -> String {
    let words = (0..40).map(|word| WORDS[(at * 7 + word * (at % 5 + 1)) % WORDS.len()]);
    let rare = if at.is_multiple_of(100) { "漏水" } else { "" };
    words.collect::<String>() + rare
}

fn visit(home: HouseholdId, at: usize) -> VisitDraft {
    VisitDraft {
        note: note(at),
        started_at: Some(Moment::from_ms(MORNING_MS + at as i64 * 60_000)),
        duties: vec![Duty::Information, Duty::Errands],
        location: Some(Location { lat: 37.85, lon: 113.57 }),
        needs_follow_up: at.is_multiple_of(7),
        ..VisitDraft::new(home, Mode::Door, Outcome::Done)
    }
}

fn homes(phone: &Phone) -> Vec<HouseholdId> {
    let draft = |at: usize| home_draft(&(at / 10 + 1).to_string(), &(101 + at % 10).to_string(), "测试样例");
    (0..50).map(|at| phone.core.add_home(&draft(at)).unwrap().household).collect()
}

/// A bare insert and commit with the same settings: the bytes of one operation, or of the operation and its record.
fn bare(phone: &Phone, records_count: usize) -> Vec<Duration> {
    let folder = tempfile::tempdir().unwrap();
    let vault = &phone.core.ports().vault;
    let options = OpenOptions::new(folder.path().join("bare.db"), MIGRATIONS);
    let bare = Database::open(&options, vault.as_ref(), phone.core.ports().ids.as_ref()).unwrap();
    let made: Result<(), StoreError> =
        bare.write(|tx| Ok(tx.execute_batch("CREATE TABLE t (id BLOB PRIMARY KEY, body TEXT)")?));
    made.unwrap();
    let bodies: Result<Vec<String>, StoreError> = phone.store.read(|c| {
        let sql = if records_count == 1 {
            "SELECT body FROM record WHERE kind = 8 ORDER BY row LIMIT 2000"
        } else {
            "SELECT o.body || r.body FROM operation o JOIN record r ON r.kind = 8 AND r.id = o.subject ORDER BY counter LIMIT 2000"
        };
        Ok(c.prepare(sql)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    });
    let bodies = bodies.unwrap();
    println!("bare: {} bytes each", bodies.iter().map(String::len).sum::<usize>() / bodies.len());
    let ids = &phone.core.ports().ids;
    let write = |body: &String| {
        let done: Result<usize, StoreError> = bare.write(|tx| {
            Ok(tx.prepare_cached("INSERT INTO t VALUES (?, ?)")?.execute(params![ids.uuid_v7().as_bytes(), body])?)
        });
        done.unwrap()
    };
    bodies.iter().map(|body| timed(|| write(body)).1).collect()
}

fn main() {
    let phone = Phone::manager();
    let homes = homes(&phone);
    let save = |at: usize| timed(|| phone.core.save_visit(visit(homes[at % 50], at)).unwrap()).1;
    let saves: Vec<Duration> = (0..2_000).map(save).collect();
    say("save one visit", saves);
    println!(
        "pages a save: {:.1}",
        pages_of_a_save(&phone, |at| drop(phone.core.save_visit(visit(homes[at % 50], at))))
    );
    for count in [1, 2] {
        say("bare insert and commit", bare(&phone, count));
    }
    for at in 0..1_000 {
        let matter = MatterDraft {
            household: Some(homes[at % 50]),
            ..MatterDraft::new(MatterKind::Help, Track::Hard, note(at))
        };
        phone.core.report_matter(matter).unwrap();
    }
    let opened: Vec<Duration> = (0..9)
        .map(|_| {
            let (listed, took) = timed(|| phone.reopened().homes(Page::FIRST).unwrap());
            assert_eq!(listed.len(), 50);
            took
        })
        .collect();
    println!("open and list 50 homes, 2,000 visits, 1,000 matters: {:?}", median(opened));
    let listed: Vec<Duration> = (0..99).map(|_| timed(|| phone.core.homes(Page::FIRST).unwrap()).1).collect();
    println!("list 50 homes, warm: {:?}", median(listed));
    for at in 2_000..8_000 {
        phone.core.save_visit(visit(homes[at % 50], at)).unwrap();
    }
    let mut steps = Vec::new();
    loop {
        let (is_complete, took) = timed(|| phone.core.index_for_search().unwrap());
        steps.push(took);
        if is_complete {
            break;
        }
    }
    println!(
        "index 8,000 visits: {:?} in {} calls, longest {:?}",
        steps.iter().sum::<Duration>(),
        steps.len(),
        steps.iter().max()
    );
    for (query, limit) in [("漏水", 100), ("老人", 50), ("水管正常", 50), ("csyl", 50), ("漏", 50), ("龙舟", 50)]
    {
        let times: Vec<(usize, Duration)> = (0..49)
            .map(|_| {
                let (view, took) = timed(|| phone.core.search(query, limit).unwrap());
                (view.hits.len(), took)
            })
            .collect();
        println!("search {query}: {} hits in {:?}", times[0].0, median(times.iter().map(|one| one.1).collect()));
    }
    let after_save: Vec<Duration> = (0..49)
        .map(|at| {
            phone.core.save_visit(visit(homes[at % 50], at)).unwrap();
            timed(|| phone.core.search("漏水", 50).unwrap()).1
        })
        .collect();
    println!("search 漏水 with one new visit to index: {:?}", median(after_save));
}
