//! Sorting and gathering, once for all types.
//!
//! The standard library's sort, and with it what `collect` does for a `BTreeMap`, is made anew for every type and every comparison:
//! 3 to 4 KB each in an app. Lists here are a screen or an area long, so one sort of their places serves them all.

use std::cmp::Ordering;

/// Sorts as `sort_by` does: what is equal keeps its order.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut places = places(items.len(), &mut |one, other| compare(&items[one], &items[other]));
    // Each round of places that follow one another is gone through once, so a list of any length takes as many swaps as it has items.
    for start in 0..items.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut places[at], at);
            if from == start {
                break;
            }
            items.swap(at, from);
            at = from;
        }
    }
}

/// Sorts as `sort_by_key` does.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |one, other| key(one).cmp(&key(other)));
}

/// Sorts as `sort` does.
pub fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Collects one by one: for sets and maps that are kept in order.
pub fn gather<C: Default + Extend<T>, T>(items: impl IntoIterator<Item = T>) -> C {
    let mut gathered = C::default();
    gathered.extend(items);
    gathered
}

/// The places in the order of what stands at them.
fn places(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};

    /// Numbers that follow no order, the same each time.
    fn mixed(count: usize, below: u32) -> Vec<u32> {
        (0..count as u32).map(|at| at.wrapping_mul(2_654_435_761).rotate_left(11) % below).collect()
    }

    #[test]
    fn it_sorts_as_the_standard_library_does_and_keeps_equals_in_order() {
        for count in [0, 1, 2, 3, 20, 21, 500] {
            for below in [1, 3, 1_000_000] {
                let own: Vec<(u32, usize)> = mixed(count, below).into_iter().zip(0..).collect();
                let (mut sorted, mut known) = (own.clone(), own);
                sort_by_key(&mut sorted, |one| one.0);
                known.sort_by_key(|one| one.0);
                assert_eq!(sorted, known, "{count} below {below}");
            }
        }
        let mut falling: Vec<u32> = (0..100).rev().collect();
        sort(&mut falling);
        assert!(falling.is_sorted());
    }

    #[test]
    fn the_last_of_equal_keys_stays_as_when_it_is_collected() {
        let pairs = [("b", 1), ("a", 2), ("b", 3)];
        assert_eq!(gather::<BTreeMap<_, _>, _>(pairs), pairs.into_iter().collect());
        assert_eq!(gather::<BTreeSet<_>, _>([3, 1, 3]), BTreeSet::from([1, 3]));
    }
}
