//! A town in one process, where a seed decides everything: clocks, ids, network, faults, workload, schedule. See docs/assurance.md.
//!
//! Reading order: [`plan`] (what happens, a pure function of the seed), [`town`] and [`wire`] (where), [`run`], [`work`] and [`files`]
//! (how), [`checks`] and [`oracle`] (what must hold), [`trial`], [`shrink`].
//!
//! `SIMULATION_SEEDS_COUNT` and `SIMULATION_MINUTES` in the environment bound a run, `SIMULATION_FROM` says where its seeds begin.
//! With `SIMULATION_SURVEY=1` every failure is a line and the search goes on.
//! `SIMULATION_SEED` carries out one and tells its history; with `SIMULATION_SHRINK=1` it is made smaller as well.

#![allow(clippy::unwrap_used)]

mod checks;
mod files;
mod logs;
#[cfg(feature = "planted-defects")]
mod mutants;
mod oracle;
mod plan;
mod posts;
mod promises;
mod run;
mod shrink;
mod town;
mod trial;
mod wire;
mod work;

use plan::Plan;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::{Duration, Instant};
use trial::{Outcome, carry_out};

/// Seeds of a run, and how long it may take, if nobody says otherwise.
const SEEDS_COUNT: u64 = 2_000;
const MINUTES: u64 = 4;
/// Seeds that found something.
const FAILED_BEFORE: [u64; 8] = [7, 371, 405, 1197, 1296, 1409, 3578, 100_864];
/// Every so many seeds one runs twice.
const TWICE_EVERY: u64 = 50;
/// Threads that carry out seeds.
const THREADS_COUNT: usize = 2;
/// Lines of a history that a failure tells.
const HISTORY_LINES_COUNT: usize = 80;

/// One test at a time: a planted defect is the whole process's, and both want all cores.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    static BEGUN: Once = Once::new();
    BEGUN.call_once(|| {
        zoufang_tests::power_cut::vfs::register();
        logs::begin();
        // What panics inside a seed is a failure of that seed, and told with it.
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |about| {
            if std::thread::current().name() != Some("seed") {
                usual(about);
            }
        }));
    });
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

fn numbers(name: &str) -> Option<Vec<usize>> {
    let text = std::env::var(name).ok()?;
    let each = text.split(',').filter(|part| !part.is_empty());
    Some(each.map(|part| part.parse().unwrap_or_else(|_| panic!("{name}: {part}"))).collect())
}

/// Carries out seeds on all threads until one fails or the time is over; gives the first failure and how many were carried out.
fn search(
    seeds: &[u64],
    until: Duration,
    tries: impl Fn(u64) -> Option<String> + Sync,
) -> (Option<(u64, String)>, u64) {
    let (begun, started) = (AtomicU64::new(0), now());
    let (is_over, failure) = (AtomicBool::new(false), Mutex::new(None::<(u64, String)>));
    std::thread::scope(|threads| {
        for _ in 0..THREADS_COUNT {
            let seeker = || {
                while !is_over.load(Ordering::SeqCst) && since(started) < until {
                    let at = begun.fetch_add(1, Ordering::SeqCst) as usize;
                    let Some(seed) = seeds.get(at) else { break };
                    if let Some(what) = tries(*seed) {
                        is_over.store(true, Ordering::SeqCst);
                        failure.lock().unwrap().get_or_insert((*seed, what));
                    }
                }
            };
            std::thread::Builder::new().name("seed".to_owned()).spawn_scoped(threads, seeker).unwrap();
        }
    });
    let tried_count = begun.load(Ordering::SeqCst).min(seeds.len() as u64);
    (failure.into_inner().unwrap(), tried_count)
}

#[expect(clippy::disallowed_methods, reason = "bounds a run in real time; nothing in it is told the time")]
fn now() -> Instant {
    Instant::now()
}

#[expect(clippy::disallowed_methods, reason = "bounds a run in real time; nothing in it is told the time")]
fn since(started: Instant) -> Duration {
    started.elapsed()
}

/// One seed, the 50th twice.
fn tried(seed: u64) -> Option<String> {
    let plan = Plan::of(seed);
    let outcome = carry_out(&plan);
    if outcome.failure.is_none() && seed.is_multiple_of(TWICE_EVERY) {
        let again = carry_out(&plan);
        if again.hash != outcome.hash {
            let parted = outcome.history.iter().zip(&again.history).find(|(one, other)| one != other);
            return Some(format!("it does not repeat: {parted:?}"));
        }
    }
    let failure = outcome.failure.as_ref()?;
    if std::env::var_os("SIMULATION_SURVEY").is_some() {
        eprintln!("seed {seed}: {}: {}", failure.check, failure.what);
        return None;
    }
    Some(told(&plan, &outcome))
}

fn told(plan: &Plan, outcome: &Outcome) -> String {
    let Some(failure) = &outcome.failure else { return format!("seed {}: all promises held", plan.seed) };
    let from = outcome.history.len().saturating_sub(HISTORY_LINES_COUNT);
    format!(
        "seed {}: {} is broken: {}\n{}\n    again: SIMULATION_SEED={} cargo test -p zoufang-tests --test simulation\n    \
         smaller: SIMULATION_SHRINK=1 SIMULATION_SEED={} cargo test -p zoufang-tests --test simulation",
        plan.seed,
        failure.check,
        failure.what,
        outcome.history[from..].join("\n"),
        plan.seed,
        plan.seed
    )
}

#[test]
fn whatever_happens_on_the_way_all_promises_hold() {
    let _alone = alone();
    if let Some(seed) = number("SIMULATION_SEED") {
        return replay(seed);
    }
    let from = number("SIMULATION_FROM").unwrap_or(1);
    let count = number("SIMULATION_SEEDS_COUNT").unwrap_or(SEEDS_COUNT);
    let minutes = number("SIMULATION_MINUTES").unwrap_or(MINUTES);
    let seeds: Vec<u64> = FAILED_BEFORE.into_iter().chain(from..from + count).collect();
    let (started, limit) = (now(), Duration::from_secs(60 * minutes));
    let (failure, tried_count) = search(&seeds, limit, tried);
    eprintln!("{tried_count} seeds in {} s", since(started).as_secs());
    if let Some((_, what)) = failure {
        panic!("{what}");
    }
    // A machine so slow that it tries next to nothing must not pass for one that tried.
    assert!(tried_count >= count.min(100), "only {tried_count} seeds in {minutes} minutes");
}

fn replay(seed: u64) {
    let whole = Plan::of(seed);
    let calmed = numbers("SIMULATION_CALM").unwrap_or_default();
    let plan = match numbers("SIMULATION_KEEP") {
        Some(kept) => shrink::only(&whole, &kept, &calmed),
        None => whole.clone(),
    };
    let outcome = std::thread::scope(|threads| {
        let live = std::thread::Builder::new().name("seed".to_owned()).spawn_scoped(threads, || carry_out(&plan));
        live.unwrap().join().unwrap()
    });
    eprintln!("{}\n    trace {}", outcome.history.join("\n"), outcome.hash);
    let Some(failure) = &outcome.failure else { return };
    if number("SIMULATION_SHRINK").is_some() {
        let (small, tried_count) = shrink::shrink(&plan, failure.check);
        let (kept, calmed) = shrink::named(&small, &whole);
        let used: BTreeSet<usize> = small.steps.iter().map(|step| step.phone).collect();
        eprintln!("after {tried_count} tries {} steps of phones {used:?}:", small.steps.len());
        small.steps.iter().for_each(|step| eprintln!("{step}"));
        eprintln!(
            "    again: SIMULATION_SEED={seed} SIMULATION_KEEP={kept} SIMULATION_CALM={calmed} cargo test -p zoufang-tests --test simulation"
        );
    }
    panic!("{}", told(&plan, &outcome));
}
