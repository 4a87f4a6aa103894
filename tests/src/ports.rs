//! Time and ids in the hands of a test.

use crate::dice::Dice;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// 2026-11-23 01:00 UTC, nine in the morning in China: when a world begins.
pub const MORNING_MS: i64 = 1_795_395_600_000;
/// A minute.
pub const MINUTE_MS: i64 = 60 * 1000;
/// An hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// A day.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// A clock that stands until it is set. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct SetClock(Arc<AtomicI64>);

impl SetClock {
    /// A clock that shows this.
    pub fn at(now_ms: i64) -> Self {
        SetClock(Arc::new(AtomicI64::new(now_ms)))
    }
    /// Sets it, forwards or back.
    pub fn set(&self, now_ms: i64) {
        self.0.store(now_ms, Ordering::SeqCst);
    }
    /// Moves it by so much.
    pub fn forward(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
    /// What it shows.
    pub fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl zoufang_core::ports::Clock for SetClock {
    fn now_ms(&self) -> i64 {
        SetClock::now_ms(self)
    }
}

impl zoufang_sync_server::ports::Clock for SetClock {
    fn now_ms(&self) -> i64 {
        SetClock::now_ms(self)
    }
}

/// Ids and randomness from a seed. Ids are of version 7, with a counter for the time, so that they rise and never repeat within a seed.
#[derive(Debug)]
pub struct SeededIds {
    state: Mutex<(u64, Dice)>,
}

impl SeededIds {
    /// The source of one of many things under one seed.
    pub fn of(seed: u64, which: u64) -> Self {
        SeededIds { state: Mutex::new((0, Dice::of(seed, which))) }
    }
}

impl zoufang_core::ports::Ids for SeededIds {
    fn uuid_v7(&self) -> Uuid {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += 1;
        let time = u128::from(MORNING_MS.unsigned_abs() + state.0) << 80;
        let (upper, lower) = (u128::from(state.1.bits() & 0xfff), u128::from(state.1.bits() >> 2));
        Uuid::from_u128(time | 7 << 76 | upper << 64 | 2 << 62 | lower)
    }
    fn fill(&self, bytes: &mut [u8]) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1.fill(bytes);
    }
}

impl zoufang_sync_server::ports::Random for SeededIds {
    fn fill(&self, bytes: &mut [u8]) {
        zoufang_core::ports::Ids::fill(self, bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zoufang_core::ports::Ids;

    #[test]
    fn ids_rise_repeat_with_their_seed_and_differ_between_sources() {
        let draw = |seed, which| {
            let ids = SeededIds::of(seed, which);
            (0..50).map(|_| ids.uuid_v7()).collect::<Vec<_>>()
        };
        let made = draw(1, 1);
        assert!(made.is_sorted() && made.iter().all(|id| id.get_version_num() == 7));
        assert_eq!(made, draw(1, 1));
        assert!(draw(1, 2).iter().all(|id| !made.contains(id)));
    }
}
