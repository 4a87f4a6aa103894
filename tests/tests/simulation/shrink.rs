//! A failing plan made smaller: fewer phones that do anything, fewer steps, fewer faults, as long as the same check fails.

use crate::plan::{Plan, What};
use crate::trial::carry_out;

/// The smallest plan that was found, and how many were tried.
pub(crate) fn shrink(plan: &Plan, check: &str) -> (Plan, usize) {
    let (mut best, mut tried_count) = (plan.clone(), 0);
    let mut still_fails = |smaller: &Plan| {
        tried_count += 1;
        carry_out(smaller).failure.is_some_and(|failure| failure.check == check)
    };
    for phone in (0..plan.offices.len()).rev() {
        let mut smaller = best.clone();
        smaller.steps.retain(|step| step.phone != phone);
        if still_fails(&smaller) {
            best = smaller;
        }
    }
    let mut length = best.steps.len().div_ceil(2);
    while length > 0 {
        let mut at = 0;
        while at < best.steps.len() {
            let mut smaller = best.clone();
            smaller.steps.drain(at..(at + length).min(best.steps.len()));
            if still_fails(&smaller) { best = smaller } else { at += length }
        }
        length /= 2;
    }
    for at in 0..best.steps.len() {
        if matches!(best.steps[at].what, What::Sync(Some(_))) {
            let mut smaller = best.clone();
            smaller.steps[at].what = What::Sync(None);
            if still_fails(&smaller) {
                best = smaller;
            }
        }
    }
    (best, tried_count)
}

/// `3,5,9`: the numbers of the steps that are kept, and of those whose trouble was left out.
pub(crate) fn named(plan: &Plan, whole: &Plan) -> (String, String) {
    let list = |numbers: Vec<usize>| numbers.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let kept = plan.steps.iter().map(|step| step.number).collect();
    let calmed = plan.steps.iter().filter(|step| whole.steps[step.number].what != step.what).map(|step| step.number);
    (list(kept), list(calmed.collect()))
}

/// The plan of which only these steps are kept.
pub(crate) fn only(plan: &Plan, kept: &[usize], calmed: &[usize]) -> Plan {
    let mut smaller = plan.clone();
    smaller.steps.retain(|step| kept.contains(&step.number));
    for step in smaller.steps.iter_mut().filter(|step| calmed.contains(&step.number)) {
        step.what = What::Sync(None);
    }
    smaller
}
