//! The hybrid logical clock: a stamp is a wall-clock millisecond that never stands still and never runs back.
//!
//! Phone clocks are wrong by minutes, sometimes by decades. A stamp therefore only *claims* a time; the server fixes the
//! *effective* stamp when it accepts an operation ([`effective`]), and all sides order by that. Reference: Kulkarni and others,
//! "Logical Physical Clocks", 2014.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

use crate::ids::{DeviceId, OpId};
use crate::planted::{self, Defect};

/// How far ahead of the server's own clock a phone may claim to be before it is pulled back.
pub const AHEAD_MAX_MS: u64 = 5 * 60 * 1000;
/// The largest millisecond that fits the 48 bits of a stamp: the year 10889.
pub const WALL_MAX_MS: u64 = (1 << 48) - 1;

/// 48 bits of Unix milliseconds, then 16 bits of counter. Text form: 16 hexadecimal digits, which sort like the number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Stamp(pub u64);

impl Stamp {
    /// A stamp of that millisecond with counter zero. Times before 1970 count as 1970, times past the 48 bits as the last one.
    pub fn from_ms(wall_ms: i64) -> Self {
        Stamp((wall_ms.max(0) as u64).min(WALL_MAX_MS) << 16)
    }
    /// The Unix milliseconds of the stamp.
    pub fn wall_ms(self) -> i64 {
        (self.0 >> 16) as i64
    }
    /// The next stamp after this one. A full counter carries into the millisecond; the very last stamp stays where it is.
    pub fn next(self) -> Self {
        Stamp(self.0.saturating_add(1))
    }
    /// Reads the text form; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)))
            .then(|| u64::from_str_radix(text, 16).ok().map(Stamp))?
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}
impl fmt::Debug for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stamp({self})")
    }
}
impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Stamp::parse(&text).ok_or_else(|| serde::de::Error::custom("a stamp is 16 lower-case hexadecimal digits"))
    }
}

/// The total order of all writes: effective stamp, then device, then counter. Field order is comparison order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Version {
    /// When, by the effective stamp.
    pub at: Stamp,
    /// Which device wrote it: decides between equal stamps, the larger id wins, identically everywhere.
    pub by: DeviceId,
    /// Which of that device's operations wrote it.
    pub counter: u64,
}

impl Version {
    /// The operation that wrote it: names the version.
    pub fn op(&self) -> OpId {
        OpId::of(self.by, self.counter)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.at, self.by, self.counter).serialize(serializer)
    }
}
impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (at, by, counter) = <(Stamp, DeviceId, u64)>::deserialize(deserializer)?;
        Ok(Version { at, by, counter })
    }
}

/// The clock of one device. Feed it every stamp that it sees; it then never hands out one that is not later.
#[derive(Clone, Copy, Debug, Default)]
pub struct HybridClock {
    last: Stamp,
}

impl HybridClock {
    /// Starts where the device stopped: `last` is the largest stamp in its database.
    pub fn resume(last: Stamp) -> Self {
        HybridClock { last }
    }
    /// The stamp for a new operation, strictly later than all before it, whatever the wall clock says.
    pub fn tick(&mut self, wall_ms: i64) -> Stamp {
        self.last = Stamp::from_ms(wall_ms).max(self.last.next());
        self.last
    }
    /// Takes note of a stamp from elsewhere.
    pub fn observe(&mut self, seen: Stamp) {
        self.last = self.last.max(seen);
    }
    /// The latest stamp handed out or seen.
    pub fn last(&self) -> Stamp {
        self.last
    }
}

/// What a claimed stamp becomes at acceptance: `max(min(claimed, server now + 5 min), latest version superseded + 1)`.
/// A clock in 2099 gains nothing by it, and an edit made after seeing another is later than that one even if the clock is slow.
pub fn effective(claimed: Stamp, server_now_ms: i64, supersedes: Option<Stamp>) -> Stamp {
    let ceiling = Stamp::from_ms(server_now_ms.saturating_add(AHEAD_MAX_MS as i64));
    let held = if planted::is(Defect::ClockUnbounded) { claimed } else { claimed.min(ceiling) };
    supersedes.map_or(held, |base| held.max(base.next()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_sorts_like_the_number_and_reads_back() {
        let (early, late) = (Stamp::from_ms(1_000), Stamp::from_ms(1_767_225_600_000));
        assert!(early.to_string() < late.to_string());
        assert_eq!(Stamp::parse(&late.to_string()), Some(late));
        for wrong in ["", "12", "00000000000000zz", "000000000000000A", "+000000000000001"] {
            assert_eq!(Stamp::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_clock_in_2099_is_pulled_back_and_one_in_1970_still_follows_what_it_saw() {
        let now = 1_795_392_000_000; // 2026-11-23
        let claimed = Stamp::from_ms(4_070_908_800_000); // 2099
        assert_eq!(effective(claimed, now, None), Stamp::from_ms(now + AHEAD_MAX_MS as i64));
        let seen = Stamp::from_ms(now);
        assert_eq!(effective(Stamp::from_ms(0), now, Some(seen)), seen.next());
    }

    #[test]
    fn ticks_rise_while_the_wall_clock_falls() {
        let mut clock = HybridClock::default();
        let first = clock.tick(5_000);
        let second = clock.tick(-10);
        clock.observe(Stamp::from_ms(9_000));
        let third = clock.tick(5_000);
        assert!(first < second && second < third && third > Stamp::from_ms(9_000));
    }
}
