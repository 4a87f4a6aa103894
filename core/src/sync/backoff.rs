//! When to try again. Pure: the random number comes in.
//!
//! Full jitter (a delay drawn evenly between nothing and a bound that doubles): 13,000 phones that lost one server together come back
//! spread out, and not in waves.

/// The bound after the first failure, in milliseconds.
pub const FIRST_BOUND_MS: i64 = 4_000;
/// The bound stops growing here, in milliseconds: a server that is back is found within a quarter of an hour.
pub const LAST_BOUND_MS: i64 = 15 * 60 * 1000;
/// Time between two syncs when nothing asks for one, in milliseconds.
pub const PERIOD_MS: i64 = 30 * 60 * 1000;
/// On a visit day whole districts come back to the network at the same hour: periodic syncs are spread over this much more.
pub const VISIT_DAY_JITTER_MAX_MS: i64 = 10 * 60 * 1000;
/// The longest wait that a server's `Retry-After` is obeyed for, in seconds. A larger one is a mistake: work must not stay for days.
pub const RETRY_AFTER_MAX_S: u32 = 24 * 60 * 60;
/// How much a `Retry-After` is spread, in milliseconds: the server tells many phones the same number.
pub const RETRY_AFTER_JITTER_MAX_MS: i64 = 30_000;

/// How a failed sync is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// Soon, and later each time it fails again; never before the server's `Retry-After`.
    BackOff {
        /// Seconds that the server asked for, if it did.
        at_least_s: Option<u32>,
    },
    /// At the usual period: only a person can mend it, but nobody tells the phone when it is mended.
    Periodic,
}

/// Milliseconds to wait after the `failures_count`th failure in a row (1 is the first).
pub fn delay_ms(retry: Retry, failures_count: u32, random: u64) -> i64 {
    match retry {
        Retry::Periodic => PERIOD_MS + draw(VISIT_DAY_JITTER_MAX_MS, random),
        Retry::BackOff { at_least_s: Some(seconds) } => {
            i64::from(seconds.min(RETRY_AFTER_MAX_S)) * 1000 + draw(RETRY_AFTER_JITTER_MAX_MS, random)
        }
        Retry::BackOff { at_least_s: None } => draw(bound_ms(failures_count), random),
    }
}

/// Milliseconds from a sync that went well to the next one that nothing asks for.
pub fn period_ms(is_visit_day: bool, random: u64) -> i64 {
    PERIOD_MS + if is_visit_day { draw(VISIT_DAY_JITTER_MAX_MS, random) } else { 0 }
}

/// The bound after that many failures in a row.
fn bound_ms(failures_count: u32) -> i64 {
    let doublings = failures_count.saturating_sub(1).min(30);
    (FIRST_BOUND_MS << doublings).min(LAST_BOUND_MS)
}

/// Evenly from 0 to `max_ms`. The remainder's bias is one part in 10¹³.
fn draw(max_ms: i64, random: u64) -> i64 {
    (random % (max_ms as u64 + 1)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_bound_doubles_and_stops() {
        let bounds: Vec<i64> = (0..12).map(bound_ms).collect();
        assert_eq!(bounds[..5], [4_000, 4_000, 8_000, 16_000, 32_000]);
        assert_eq!(bounds[11], LAST_BOUND_MS);
        assert_eq!(bound_ms(u32::MAX), LAST_BOUND_MS);
    }

    proptest! {
        #[test]
        fn delays_stay_within_their_bounds(failures in any::<u32>(), random in any::<u64>(), seconds in any::<u32>()) {
            let delay = delay_ms(Retry::BackOff { at_least_s: None }, failures, random);
            prop_assert!((0..=bound_ms(failures)).contains(&delay));
            let told = delay_ms(Retry::BackOff { at_least_s: Some(seconds) }, failures, random);
            let least = i64::from(seconds.min(RETRY_AFTER_MAX_S)) * 1000;
            prop_assert!((least..=least + RETRY_AFTER_JITTER_MAX_MS).contains(&told));
            prop_assert!((PERIOD_MS..=PERIOD_MS + VISIT_DAY_JITTER_MAX_MS).contains(&period_ms(true, random)));
            prop_assert_eq!(period_ms(false, random), PERIOD_MS);
        }
    }

    #[test]
    fn a_fleet_is_spread_evenly() {
        // A multiplicative hash stands in for 13,000 phones' random numbers.
        let phones = 13_000_u64;
        let mut tenths = [0_u32; 10];
        for phone in 0..phones {
            let random = phone.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
            let delay = delay_ms(Retry::BackOff { at_least_s: None }, 20, random);
            tenths[((delay * 10) / (LAST_BOUND_MS + 1)) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| (1_000..1_600).contains(count)), "{tenths:?}");
    }
}
