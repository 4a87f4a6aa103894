//! Runs targets: first every kept input, then inputs made of them, until the time is over. A finding is a panic, an input that takes too
//! long, or one that never ends; it is made smaller, written to a file, and printed with the command that shows it again.

use super::{Seen, Target, corpus, mutation};
use crate::dice::Dice;
use std::cell::{Cell, RefCell};
use std::collections::{HashSet, VecDeque};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Mutex, Once, PoisonError};
use std::time::Duration;
use zoufang_core::ports::{Clock, SystemClock};

/// Longest time for one input. It is tried a second time before it counts: another program may have had the processor.
const SLOW_FROM_MS: i64 = 2_000;
/// After this an input is said never to end, and the process with it.
const ENDLESS_FROM_MS: i64 = 60_000;
/// Inputs that are kept beside those that were there, at most.
const KEPT_MAX_COUNT: usize = 4_096;
/// Tries to make a finding smaller.
const SHRINKS_MAX_COUNT: usize = 2_000;
/// How often the threads are looked at.
const LOOK_EVERY_MS: u64 = 500;
/// The name of the threads.
const THREAD_NAME: &str = "fuzzing";

/// How long to go on.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// For each target, milliseconds after its kept inputs.
    pub each_ms: i64,
    /// For each target, made inputs.
    pub inputs_max_count: u64,
}

/// What became of a target.
#[derive(Clone, Debug)]
pub struct Run {
    /// Which.
    pub target: &'static str,
    /// Kept inputs that were played again.
    pub replayed_count: usize,
    /// Inputs that were made.
    pub made_count: u64,
    /// Of these, how many showed something new.
    pub new_count: usize,
    /// The longest that one input took.
    pub slowest_ms: i64,
    /// The first thing that went wrong, which ends the target.
    pub finding: Option<Finding>,
}

/// Something that went wrong.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What.
    pub what: String,
    /// The smallest input that shows it.
    pub input: Vec<u8>,
    /// Where it was written.
    pub file: Option<PathBuf>,
}

/// What every thread works on at the moment, so that somebody outside sees an input that never ends.
type Watched = Mutex<Option<(i64, &'static str, Vec<u8>)>>;

/// Runs all targets on so many threads and gives what became of them, by name.
///
/// # Panics
/// When no thread can be had.
pub fn run_all(
    targets: &'static [Target],
    threads_count: usize,
    seed: u64,
    budget: Budget,
    findings: &Path,
) -> Vec<Run> {
    listen();
    let waiting: Mutex<VecDeque<&'static Target>> = Mutex::new(targets.iter().collect());
    let desks: Vec<Watched> = (0..threads_count).map(|_| Mutex::new(None)).collect();
    let (tell, hear) = channel();
    let mut runs: Vec<Run> = std::thread::scope(|threads| {
        for desk in &desks {
            let (waiting, tell) = (&waiting, tell.clone());
            let work = move || {
                while let Some(target) = next(waiting) {
                    let run = Worker { target, desk, findings }.run(seed, budget);
                    // Nobody hears only when the test is over.
                    let _ = tell.send(run);
                }
            };
            std::thread::Builder::new().name(THREAD_NAME.to_owned()).spawn_scoped(threads, work).expect("a thread");
        }
        drop(tell);
        let mut runs = Vec::new();
        loop {
            match hear.recv_timeout(Duration::from_millis(LOOK_EVERY_MS)) {
                Ok(run) => runs.push(run),
                Err(RecvTimeoutError::Timeout) => desks.iter().for_each(|desk| end_if_endless(desk, findings)),
                Err(RecvTimeoutError::Disconnected) => return runs,
            }
        }
    });
    runs.sort_by_key(|run| run.target);
    runs
}

/// Plays one input of a target again, in the open: a panic goes on.
pub fn replay(target: &Target, input: &[u8]) -> (Seen, i64) {
    let began_ms = SystemClock.now_ms();
    let seen = (target.run)(input);
    (seen, SystemClock.now_ms() - began_ms)
}

fn next(waiting: &Mutex<VecDeque<&'static Target>>) -> Option<&'static Target> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
}

fn end_if_endless(desk: &Watched, findings: &Path) {
    let desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((since_ms, target, input)) = desk.as_ref() else { return };
    if SystemClock.now_ms() - since_ms < ENDLESS_FROM_MS {
        return;
    }
    let file = written(findings, target, input);
    // A thread cannot be stopped from outside, so the process ends.
    let _ = writeln!(std::io::stderr(), "{target}: an input does not end\n{}", again(target, file.as_deref()));
    std::process::abort();
}

/// How to see a finding again, and where its input goes once it is mended.
pub fn again(target: &str, file: Option<&Path>) -> String {
    let file = file.map_or_else(|| "FILE".to_owned(), |file| file.display().to_string());
    format!(
        "    again: FUZZING_REPLAY={target}:{file} cargo test -p zoufang-tests --test fuzzing\n    once it is mended, keep it: cp {file} tests/corpora/{target}/found-…"
    )
}

fn written(findings: &Path, target: &str, input: &[u8]) -> Option<PathBuf> {
    let super::Seen(hash) = super::seen(input);
    corpus::write(&findings.join(target), &format!("{hash:016x}"), input).ok()
}

struct Worker<'w> {
    target: &'static Target,
    desk: &'w Watched,
    findings: &'w Path,
}

impl Worker<'_> {
    fn run(&self, seed: u64, budget: Budget) -> Run {
        let target = self.target;
        let mut run =
            Run { target: target.name, replayed_count: 0, made_count: 0, new_count: 0, slowest_ms: 0, finding: None };
        let kept = corpus::read(&corpus::folder(target.name)).expect("the corpus reads");
        let real = (target.seeds)().into_iter().map(|(_, input)| input);
        let mut inputs: Vec<Vec<u8>> = kept.into_iter().map(|(_, input)| input).chain(real).collect();
        let mut known = HashSet::new();
        for input in &inputs {
            match self.try_one(input, &mut run) {
                Ok(seen) => drop(known.insert(seen)),
                Err(finding) => {
                    run.finding = Some(finding);
                    return run;
                }
            }
            run.replayed_count += 1;
        }
        let (begun_count, ends_ms) = (inputs.len(), SystemClock.now_ms() + budget.each_ms);
        let mut dice = Dice::of(seed, u64::from_be_bytes(*b"fuzzing!") ^ target.name.len() as u64);
        while run.made_count < budget.inputs_max_count && SystemClock.now_ms() < ends_ms {
            // The latest are the furthest from what is common, so half of all is made of them.
            let from = if dice.percent(50) { inputs.len().saturating_sub(32) } else { 0 };
            let parent = dice.between(from, inputs.len().saturating_sub(1));
            let empty = Vec::new();
            let parent = inputs.get(parent).unwrap_or(&empty);
            let input = mutation::mutate(parent, &inputs, target.words, &mut dice, target.input_max_bytes);
            run.made_count += 1;
            match self.try_one(&input, &mut run) {
                Ok(seen) if known.insert(seen) => {
                    run.new_count += 1;
                    if inputs.len() < begun_count + KEPT_MAX_COUNT {
                        inputs.push(input);
                    }
                }
                Ok(_) => {}
                Err(finding) => {
                    run.finding = Some(finding);
                    return run;
                }
            }
        }
        run
    }
    fn try_one(&self, input: &[u8], run: &mut Run) -> Result<Seen, Finding> {
        let (outcome, took_ms) = self.timed(input);
        let slow = |took_ms| took_ms > SLOW_FROM_MS;
        let took_ms = if slow(took_ms) && outcome.is_ok() { self.timed(input).1.min(took_ms) } else { took_ms };
        run.slowest_ms = run.slowest_ms.max(took_ms);
        let (what, input) = match outcome {
            Ok(_) if slow(took_ms) => (format!("an input took {took_ms} ms, at most {SLOW_FROM_MS}"), input.to_vec()),
            Ok(seen) => return Ok(seen),
            Err(panic) => (panic.to_string(), self.smaller(input, &panic)),
        };
        let file = written(self.findings, self.target.name, &input);
        Err(Finding { what, input, file })
    }
    fn timed(&self, input: &[u8]) -> (Result<Seen, Panic>, i64) {
        let began_ms = SystemClock.now_ms();
        self.show(Some((began_ms, self.target.name, input.to_vec())));
        IS_TRYING.set(true);
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.target.run)(input)));
        IS_TRYING.set(false);
        self.show(None);
        let outcome = outcome.map_err(|_| LAST_PANIC.take().unwrap_or_default());
        (outcome, SystemClock.now_ms() - began_ms)
    }
    fn show(&self, what: Option<(i64, &'static str, Vec<u8>)>) {
        *self.desk.lock().unwrap_or_else(PoisonError::into_inner) = what;
    }
    /// Leaves out what is not needed for a panic at the same place.
    fn smaller(&self, input: &[u8], panic: &Panic) -> Vec<u8> {
        let (mut smallest, mut length, mut tries_count) = (input.to_vec(), input.len() / 2, 0);
        while length > 0 {
            let mut at = 0;
            while at < smallest.len() && tries_count < SHRINKS_MAX_COUNT {
                tries_count += 1;
                let mut less = smallest.clone();
                less.drain(at..(at + length).min(less.len()));
                match self.timed(&less).0 {
                    Err(found) if found.place == panic.place => smallest = less,
                    _ => at += length,
                }
            }
            length /= 2;
        }
        smallest
    }
}

/// A panic that was caught.
#[derive(Clone, Debug, Default)]
struct Panic {
    place: String,
    text: String,
}

impl std::fmt::Display for Panic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a panic at {}: {}", self.place, self.text)
    }
}

thread_local! {
    static IS_TRYING: Cell<bool> = const { Cell::new(false) };
    static LAST_PANIC: RefCell<Option<Panic>> = const { RefCell::new(None) };
}

/// Hears of the panics of targets, with their places; all others are printed as ever.
fn listen() {
    static LISTENS: Once = Once::new();
    LISTENS.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !IS_TRYING.get() {
                return before(info);
            }
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let text = info.payload_as_str().unwrap_or_default().to_owned();
            LAST_PANIC.set(Some(Panic { place, text }));
        }));
    });
}
