//! Hostile and damaged input at every place where the product takes bytes from outside, made from real messages.
//!
//! Reading order: [`Target`] (a plain function from bytes to what it saw; it panics when a promise is broken), the targets (`push`,
//! `cursor`, `request`, `enrolment`, `roster`, `form`, `form_workbook`, `gzip`,
//! `merging`), [`desk`] (the server and phone that they share), [`mutation`] (how one input
//! becomes another), [`engine`] (which inputs are kept, and what counts as a finding), [`corpus`] (the files).
//!
//! There is no coverage on a stable compiler without building every crate once more. In its place a target says what it saw (which
//! refusal, how many rows), and an input that shows something new is kept and changed further.

pub mod corpus;
mod cursor;
pub mod desk;
pub mod engine;
mod enrolment;
mod form;
mod form_workbook;
mod gzip;
mod merging;
pub mod mutation;
mod push;
mod request;
mod roster;

use std::hash::{DefaultHasher, Hash, Hasher};

/// What came of an input, in so far as two inputs differ: the engine keeps one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Seen(u64);

/// What was seen, by a hash that is the same in every run.
pub fn seen(what: impl Hash) -> Seen {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    Seen(hasher.finish())
}

/// A count, roughly: 0, 1, 2, 3 to 4, 5 to 8 … so that only another order of magnitude is something new.
fn roughly(count: usize) -> u32 {
    usize::BITS - count.saturating_sub(1).leading_zeros() + u32::from(count > 0)
}

/// One place where bytes come in.
pub struct Target {
    /// Its name, and that of its folder of inputs.
    pub name: &'static str,
    /// Takes an input. Panics when a promise is broken.
    pub run: fn(&[u8]) -> Seen,
    /// Real messages to begin with, by name.
    pub seeds: fn() -> Vec<(&'static str, Vec<u8>)>,
    /// Words that mean something here.
    pub words: &'static [&'static str],
    /// Longest input, in bytes.
    pub input_max_bytes: usize,
}

/// All of them.
pub const TARGETS: [Target; 9] = [
    Target { name: "push", run: push::run, seeds: push::seeds, words: push::WORDS, input_max_bytes: 128 * 1024 },
    Target { name: "roster", run: roster::run, seeds: roster::seeds, words: roster::WORDS, input_max_bytes: 64 * 1024 },
    Target {
        name: "request",
        run: request::run,
        seeds: request::seeds,
        words: request::WORDS,
        input_max_bytes: 64 * 1024,
    },
    Target {
        name: "enrolment",
        run: enrolment::run,
        seeds: enrolment::seeds,
        words: enrolment::WORDS,
        input_max_bytes: 20 * 1024,
    },
    Target {
        name: "merging",
        run: merging::run,
        seeds: merging::seeds,
        words: merging::WORDS,
        input_max_bytes: 32 * 1024,
    },
    Target { name: "form", run: form::run, seeds: form::seeds, words: form::WORDS, input_max_bytes: 32 * 1024 },
    Target {
        name: "form_workbook",
        run: form_workbook::run,
        seeds: form_workbook::seeds,
        words: form_workbook::WORDS,
        input_max_bytes: 64 * 1024,
    },
    Target { name: "cursor", run: cursor::run, seeds: cursor::seeds, words: cursor::WORDS, input_max_bytes: 8 * 1024 },
    Target { name: "gzip", run: gzip::run, seeds: gzip::seeds, words: gzip::WORDS, input_max_bytes: 64 * 1024 },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_told_apart_by_size() {
        assert_eq!([0, 1, 2, 3, 4, 5, 8, 9].map(roughly), [0, 1, 2, 3, 3, 4, 4, 5]);
        assert_eq!(seen("a"), seen("a"));
        assert_ne!(seen("a"), seen("b"));
    }
}
