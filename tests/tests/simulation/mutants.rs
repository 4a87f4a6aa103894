//! The simulation tried itself: each planted defect must be found, or there is a hole in it.

use crate::plan::Plan;
use crate::trial::carry_out;
use crate::{alone, now, number, search, since};
use std::fmt::Write as _;
use std::time::Duration;
use zoufang_domain::planted::{Defect, plant};

/// Seeds within which each must be found.
const SEEDS_COUNT: u64 = 500;

#[test]
fn mutants_are_found() {
    let _alone = alone();
    // One alone, by its number.
    let only = number("SIMULATION_MUTANT");
    let seeds: Vec<u64> = (1..=SEEDS_COUNT).collect();
    let (started, mut survivors, mut table) = (now(), Vec::new(), String::new());
    for defect in Defect::ALL.into_iter().filter(|defect| only.is_none_or(|only| only == *defect as u64)) {
        plant(Some(defect));
        let (found, tried_count) = search(&seeds, Duration::MAX, |seed| {
            let failure = carry_out(&Plan::of(seed)).failure?;
            Some(format!("{}: {}", failure.check, failure.what.chars().take(90).collect::<String>()))
        });
        plant(None);
        match found {
            Some((seed, what)) => {
                let _ = writeln!(table, "{defect:?}: found after {tried_count} seeds, seed {seed}: {what}");
            }
            None => survivors.push(defect),
        }
    }
    eprintln!("{table}{} s", since(started).as_secs());
    assert!(survivors.is_empty(), "not found within {SEEDS_COUNT} seeds: {survivors:?}");
}
