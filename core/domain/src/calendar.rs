//! Moments and days. A moment is data that a person or a phone states; it never orders writes (that is [`crate::stamp`]).
//! A *day* is a day in China, UTC+8 all year, whatever zone a phone is set to.

use chrono::{DateTime, FixedOffset, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// China's offset from UTC, seconds. No daylight saving since 1991.
pub const CHINA_OFFSET_SECONDS: i32 = 8 * 3600;

/// A point in time with a resolution of one second, written as `2026-11-05T01:12:00Z`, so that text order is time order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// From Unix milliseconds; outside the years 0001 to 9999 it is held at their ends.
    pub fn from_ms(ms: i64) -> Self {
        const FIRST_S: i64 = -62_135_596_800;
        const LAST_S: i64 = 253_402_300_799;
        Moment(ms.div_euclid(1000).clamp(FIRST_S, LAST_S))
    }
    /// The start of a day in China.
    pub fn start_of(day: NaiveDate) -> Self {
        Moment(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp() - i64::from(CHINA_OFFSET_SECONDS))
    }
    /// Unix milliseconds.
    pub fn to_ms(self) -> i64 {
        self.0 * 1000
    }
    /// The day in China.
    pub fn day(self) -> NaiveDate {
        self.in_china().date_naive()
    }
    /// The moment on a clock in China.
    pub fn in_china(self) -> DateTime<FixedOffset> {
        let offset = FixedOffset::east_opt(CHINA_OFFSET_SECONDS).expect("eight hours are an offset");
        self.utc().with_timezone(&offset)
    }
    /// Reads RFC 3339 with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|moment| Self::from_ms(moment.timestamp_millis()))
    }
    fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp(self.0, 0).expect("held inside the calendar by from_ms")
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.utc().to_rfc3339_opts(SecondsFormat::Secs, true))
    }
}
impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Moment({self})")
    }
}
impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Moment::parse(&text).ok_or_else(|| serde::de::Error::custom("a moment is RFC 3339, like 2026-11-05T01:12:00Z"))
    }
}

/// A period of whole days in China, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// First day.
    pub from: NaiveDate,
    /// Last day.
    pub to: NaiveDate,
}

impl Period {
    /// The first moment inside and the first moment after.
    pub fn bounds(self) -> (Moment, Moment) {
        let after = self.to.succ_opt().unwrap_or(self.to);
        (Moment::start_of(self.from), Moment::start_of(after))
    }
    /// The calendar month of a day.
    pub fn month_of(day: NaiveDate) -> Self {
        use chrono::{Datelike, Months};
        let from = day.with_day(1).unwrap_or(day);
        let to = from.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt()).unwrap_or(day);
        Period { from, to }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_day_in_china() {
        let late = Moment::parse("2026-11-04T16:30:00Z").expect("a moment");
        assert_eq!(late.day(), NaiveDate::from_ymd_opt(2026, 11, 5).expect("a day"));
        assert_eq!(Moment::start_of(late.day()).to_string(), "2026-11-04T16:00:00Z");
        assert_eq!(Moment::parse("2026-11-05T00:30:00+08:00"), Some(late));
    }

    #[test]
    fn moments_at_the_ends_of_time_stay_inside_the_calendar() {
        assert_eq!(Moment::from_ms(i64::MAX).to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Moment::parse(&Moment::from_ms(i64::MIN).to_string()), Some(Moment::from_ms(i64::MIN)));
        assert_eq!(Moment::from_ms(0).to_string(), "1970-01-01T00:00:00Z");
    }
}
