//! What a call of the facade costs in Rust, beside which Kotlin and Swift are put: the same cases, one JSON line each, in microseconds.
//!
//! `cargo run --release -p zoufang-bindings --example cost`
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods)]
#![allow(clippy::result_large_err)]

#[path = "../tests/facade/phone.rs"]
mod phone;
#[path = "../tests/facade/server.rs"]
mod server;

use phone::{PAGE, Phone};
use server::Server;
use std::time::Instant;
use zoufang_bindings::records::VisitDraft;
use zoufang_bindings::version::core_version;
use zoufang_bindings::words::{VisitMode, VisitOutcome};

const CALLS_COUNT: usize = 100_000;
const PAGES_COUNT: usize = 2_000;
const VISITS_COUNT: usize = 1_000;
const STARTS_COUNT: usize = 10;
const HOMES_COUNT: usize = 50;

fn main() {
    let phone = Phone::enrolled(&Server::plain());
    let homes: Vec<_> = (0..HOMES_COUNT).map(|room| phone.home(&room.to_string()).household).collect();
    phone.core.pause().unwrap();
    measure("first_screen", STARTS_COUNT, |_| {
        let core = phone.reopened().unwrap();
        assert_eq!(core.households().list(PAGE).unwrap().len(), HOMES_COUNT);
        core.shut_down().unwrap();
    });
    phone.core.resume().unwrap();
    measure("call", CALLS_COUNT, |_| {
        std::hint::black_box(core_version());
    });
    measure("page_50_homes", PAGES_COUNT, |_| {
        assert_eq!(phone.core.households().list(PAGE).unwrap().len(), HOMES_COUNT)
    });
    measure("visit_saved", VISITS_COUNT, |number| {
        let home = homes[number % homes.len()];
        let note = "家中两位老人，暖气正常".to_owned();
        let draft = VisitDraft { note, ..VisitDraft::new(home, VisitMode::Door, VisitOutcome::Done) };
        phone.core.visits().save(draft).unwrap();
    });
}

fn measure(case: &str, count: usize, act: impl Fn(usize)) {
    (0..count / 5).for_each(&act);
    let mut nanos: Vec<u128> = (0..count).map(|number| timed(|| act(number))).collect();
    nanos.sort_unstable();
    let at = |part: f64| nanos[((count - 1) as f64 * part) as usize] as f64 / 1000.0;
    println!(
        r#"{{"case":"{case}","language":"rust","n":{count},"p50_us":{:.1},"p95_us":{:.1},"p99_us":{:.1}}}"#,
        at(0.5),
        at(0.95),
        at(0.99)
    );
}

fn timed(act: impl FnOnce()) -> u128 {
    let started = Instant::now();
    act();
    started.elapsed().as_nanos()
}
