//! Damage to real files, by seed: a phone's database and the server's are flipped, zeroed, cut, swapped and taken away from. They open as
//! they once were, or are refused, never with a panic and never made anew; what a phone had not sent is read out of what is left. See
//! docs/assurance.md.
//!
//! `DAMAGE_COUNT` in the environment says how many mutations of a phone's files are made (300 if not said; a third as many of the
//! server's), `DAMAGE_SEED` others, and `DAMAGE_REPLAY=phone:17`, as a failure prints it, makes that one alone.

#![allow(clippy::unwrap_used)]

mod letting_go;
mod mutations;
mod phone;
mod server;
mod taking_up;

use std::any::Any;

const COUNT: u64 = 300;
const SEED: u64 = 20_261_124;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

fn seed() -> u64 {
    number("DAMAGE_SEED", SEED)
}

/// The numbers of the mutations to make of those files.
fn numbers(of: &str, share: u64) -> Vec<u64> {
    match std::env::var("DAMAGE_REPLAY") {
        Ok(replay) => match replay.split_once(':') {
            Some((name, at)) if name == of => vec![at.parse().unwrap()],
            _ => Vec::new(),
        },
        Err(_) => (0..number("DAMAGE_COUNT", COUNT) / share).collect(),
    }
}

/// How to see one again.
fn again(of: &str, at: u64) -> String {
    format!("again: DAMAGE_SEED={} DAMAGE_REPLAY={of}:{at} cargo test -p zoufang-tests --test damage", seed())
}

fn text_of(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}
