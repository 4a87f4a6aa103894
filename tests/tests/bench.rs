//! The benchmark's big phone in small: it runs to its end and reads every list. What it takes is for `make bench` to say.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::process::Command;
use zoufang_tests::bench::big::figure::BigFigure;

#[test]
fn the_big_phone_runs_in_small_and_every_list_has_rows() {
    let folder = tempfile::tempdir().unwrap();
    let mut bench = Command::new(env!("CARGO_BIN_EXE_bench"));
    bench.args(["--cases", "big", "--big-visits", "300", "--big-matters", "60", "--repeat", "2", "--dir"]);
    let done = bench.arg(folder.path()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let lines = String::from_utf8(done.stdout).unwrap();
    let figures: Vec<BigFigure> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let read = figures.iter().filter(|figure| matches!(figure.case.as_str(), "W8 list" | "W8 search"));
    // So small a phone has no second page, and one thing that is sought is nowhere.
    let read: Vec<_> = read.filter(|one| !one.what.contains("page") && !one.what.contains("龙舟")).collect();
    assert!(read.len() > 40, "{lines}");
    for figure in read {
        assert!(figure.rows.is_some_and(|rows| rows > 0), "{}", figure.what);
        assert!(figure.goal.is_some() && figure.again.is_some_and(|again| again.min > 0.0), "{}", figure.what);
    }
    let held = figures.iter().filter(|figure| matches!(figure.case.as_str(), "W8 file" | "W8 memory"));
    let held: Vec<_> = held.filter(|figure| figure.goal.is_some()).collect();
    assert!(held.len() >= 9 && held.iter().all(|figure| figure.first.min > 0.1), "{lines}");
}
