//! Every kept input once more, then inputs made of them, for [`SECONDS`] a target: hostile and damaged bytes at every place where the
//! product takes bytes from outside. See docs/assurance.md.
//!
//! `FUZZING_SECONDS=600` goes on longer, `FUZZING_SEED=7` makes others, `FUZZING_TARGET=push` keeps to one,
//! `FUZZING_REPLAY=push:FILE` plays one input in the open, `FUZZING_WRITE=1` writes the real messages into the corpora anew.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use zoufang_tests::fuzzing::engine::{self, Budget, Run};
use zoufang_tests::fuzzing::{Seen, TARGETS, Target, corpus, seen};

/// Seconds for each target if nobody says otherwise.
const SECONDS: i64 = 20;
const SEED: u64 = 20_261_124;
/// Two targets at once, as the build machine has two processors.
const THREADS_COUNT: usize = 2;
/// What the whole process may take, in KiB: both threads, two servers, and the largest table that one input unpacks to.
const MEMORY_MAX_KIB: u64 = 1024 * 1024;

fn number(name: &str, otherwise: i64) -> i64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
        Err(_) => otherwise,
    }
}

fn findings() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../target/fuzzing"))
}

fn chosen() -> &'static [Target] {
    match std::env::var("FUZZING_TARGET") {
        Ok(name) => {
            let at =
                TARGETS.iter().position(|target| target.name == name).unwrap_or_else(|| panic!("no target {name}"));
            // A constant lives as long as the process; the slice of one keeps the others away.
            static ALL: [Target; TARGETS.len()] = TARGETS;
            &ALL[at..=at]
        }
        Err(_) => const { &TARGETS },
    }
}

#[test]
fn no_input_breaks_a_promise() {
    if let Ok(wanted) = std::env::var("FUZZING_REPLAY") {
        return replay(&wanted);
    }
    if std::env::var("FUZZING_WRITE").is_ok() {
        write_corpora();
    }
    let budget = Budget { each_ms: number("FUZZING_SECONDS", SECONDS) * 1000, inputs_max_count: u64::MAX };
    let runs = engine::run_all(chosen(), THREADS_COUNT, number("FUZZING_SEED", SEED as i64) as u64, budget, findings());
    runs.iter().for_each(show);
    let failed: Vec<String> = runs.iter().filter_map(told).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    for run in &runs {
        let kept_count = corpus::read(&corpus::folder(run.target)).unwrap().len();
        assert!(kept_count > 0, "{}: its folder in tests/corpora is empty", run.target);
        assert!(run.replayed_count >= kept_count && run.made_count > 0, "{run:?}");
    }
    if let Some(peak_kib) = peak_kib() {
        eprintln!("memory at most {} MiB", peak_kib / 1024);
        assert!(peak_kib <= MEMORY_MAX_KIB, "{peak_kib} KiB");
    }
}

fn show(run: &Run) {
    let Run { target, replayed_count, made_count, new_count, slowest_ms, .. } = run;
    eprintln!(
        "{target}: {replayed_count} kept inputs, {made_count} made of them, {new_count} showed something new, at most {slowest_ms} ms each"
    );
}

fn told(run: &Run) -> Option<String> {
    let finding = run.finding.as_ref()?;
    let again = engine::again(run.target, finding.file.as_deref());
    let begin = String::from_utf8_lossy(&finding.input[..finding.input.len().min(200)]).into_owned();
    Some(format!("{}: {}\n    {} bytes: {begin:?}\n{again}", run.target, finding.what, finding.input.len()))
}

fn replay(wanted: &str) {
    let (name, file) = wanted.split_once(':').expect("FUZZING_REPLAY is target:file");
    let target = TARGETS.iter().find(|target| target.name == name).unwrap_or_else(|| panic!("no target {name}"));
    let (seen, took_ms) = engine::replay(target, &std::fs::read(file).unwrap());
    eprintln!("{name}: {seen:?} in {took_ms} ms");
}

fn write_corpora() {
    for target in &TARGETS {
        for (name, input) in (target.seeds)() {
            corpus::write(&corpus::folder(target.name), name, &input).unwrap();
        }
    }
}

/// The most memory that this process had, where the system says so.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// What is made of messages that nobody reads any more finds nothing: they must still be taken for what they are.
#[test]
fn real_messages_are_still_read() {
    for target in &TARGETS {
        let nothing = (target.run)(b"\xff no message at all");
        let read_count = (target.seeds)().iter().filter(|(_, input)| (target.run)(input) != nothing).count();
        assert!(read_count >= 2, "{}: its messages are no messages", target.name);
    }
    let run = |name: &str, seed: &str| {
        let target = TARGETS.iter().find(|target| target.name == name).unwrap();
        let (_, input) = (target.seeds)().into_iter().find(|(known, _)| *known == seed).unwrap();
        (target.run)(&input)
    };
    assert_eq!(run("push", "every-kind"), run("push", "every-kind-plain"), "packed or not, a push is the same");
    let ids = ["request.malformed", "session.signature", "push.gap", "device.forked", "protocol.too_new"];
    assert!(ids.iter().all(|id| run("push", "every-kind") != seen(("refused", *id))), "and is taken");
    assert_eq!(run("enrolment", "joins"), seen(("joined", "joined")));
}

/// The engine is tried itself: a target with a defect of the usual kind is seen to have it, and its input is made small.
static PLANTED: [Target; 1] = [Target {
    name: "planted",
    run: planted,
    seeds: || vec![("batch", br#"{"operations":[{"counter":1,"note":"text"},{"counter":2}]}"#.to_vec())],
    words: &["counter", "operations"],
    input_max_bytes: 4096,
}];

fn planted(input: &[u8]) -> Seen {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(input) else { return seen("no JSON") };
    let operations = value["operations"].as_array().map_or(0, Vec::len);
    let largest = value["operations"][0]["counter"].as_u64().unwrap_or_default();
    assert!(largest.checked_add(1).is_some_and(|next| i64::try_from(next).is_ok()), "the planted defect");
    seen((operations.min(4), largest.min(4)))
}

#[test]
fn a_planted_defect_is_found_and_made_small() {
    let folder = tempfile::tempdir().unwrap();
    let budget = Budget { each_ms: 60_000, inputs_max_count: 20_000 };
    let runs = engine::run_all(&PLANTED, 1, SEED, budget, folder.path());
    let finding = runs[0].finding.as_ref().expect("the defect is found");
    assert!(finding.what.contains("the planted defect"), "{}", finding.what);
    assert!(finding.input.len() <= 200, "{:?}", String::from_utf8_lossy(&finding.input));
    let file = finding.file.as_ref().expect("it is written");
    assert_eq!(std::fs::read(file).unwrap(), finding.input);
    assert!(told(&runs[0]).unwrap().contains("FUZZING_REPLAY=planted:"));
}
