//! The working-day calendar 工作日历: days off and the make-up days 调休 of each year, published late in the year before and therefore
//! data. A year that nobody has entered yet has Monday to Friday.

use crate::ids::{UnitId, derived};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use uuid::Uuid;

/// What differs from Monday to Friday in one year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct YearCalendar {
    /// The year.
    pub year: i32,
    /// Days off, weekends among them or not.
    pub days_off: BTreeSet<NaiveDate>,
    /// Weekend days that are worked 调休.
    pub make_up_days: BTreeSet<NaiveDate>,
    /// The notice that says so, and its date.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub notice: String,
}

/// The record of a unit's calendar of one year; derived, so importing it twice changes nothing.
pub fn calendar_id(unit: UnitId, year: i32) -> Uuid {
    derived(&["calendar", &unit.to_string(), &year.to_string()])
}

/// The calendars of the years that are known, taken together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingDays {
    days_off: BTreeSet<NaiveDate>,
    make_up_days: BTreeSet<NaiveDate>,
}

/// Longest run of days off that is looked past; the longest holiday so far had nine.
const RUN_MAX_DAYS: usize = 60;

/// Longest stretch that is counted, in days: ten years.
const COUNT_MAX_DAYS: usize = 3660;

impl WorkingDays {
    /// Adds a year. Where two calendars speak of a day, it is off only if none says that it is worked.
    pub fn take(&mut self, year: &YearCalendar) {
        self.days_off.extend(&year.days_off);
        self.make_up_days.extend(&year.make_up_days);
    }
    /// Whether people work on a day.
    pub fn is_working(&self, day: NaiveDate) -> bool {
        let is_weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        self.make_up_days.contains(&day) || !is_weekend && !self.days_off.contains(&day)
    }
    /// The first working day that is not before a day.
    pub fn on_or_after(&self, day: NaiveDate) -> NaiveDate {
        self.first(day.iter_days()).unwrap_or(day)
    }
    /// The last working day that is not after a day.
    pub fn on_or_before(&self, day: NaiveDate) -> NaiveDate {
        self.first(std::iter::successors(Some(day), NaiveDate::pred_opt)).unwrap_or(day)
    }
    /// The day that many working days after a day; the day itself does not count.
    pub fn after(&self, day: NaiveDate, working_days_count: u32) -> NaiveDate {
        (0..working_days_count).fold(day, |day, _| match day.checked_add_days(Days::new(1)) {
            Some(next) => self.on_or_after(next),
            None => day,
        })
    }
    /// How many working days lie after a day, up to another and that one included; none when it is not later. Of more than ten years only the
    /// first ten are counted: no clock of a phone makes anyone count for ever.
    pub fn count(&self, after: NaiveDate, to: NaiveDate) -> u32 {
        let between = after.iter_days().skip(1).take_while(|day| *day <= to).take(COUNT_MAX_DAYS);
        between.filter(|day| self.is_working(*day)).count() as u32
    }
    fn first(&self, mut days: impl Iterator<Item = NaiveDate>) -> Option<NaiveDate> {
        days.by_ref().take(RUN_MAX_DAYS).find(|day| self.is_working(*day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a day")
    }

    /// National Day of a made-up year: off from Thursday to Wednesday, worked on the Sunday before.
    fn october() -> WorkingDays {
        let mut days = WorkingDays::default();
        days.take(&YearCalendar {
            year: 2026,
            days_off: (1..=7).map(|at| day(&format!("2026-10-{at:02}"))).collect(),
            make_up_days: [day("2026-09-27")].into(),
            notice: String::new(),
        });
        days
    }

    #[test]
    fn holidays_are_off_and_make_up_days_are_worked() {
        let days = october();
        assert!(days.is_working(day("2026-09-27")), "a Sunday that is worked");
        assert!(!days.is_working(day("2026-10-05")), "a Monday that is off");
        assert!(!days.is_working(day("2026-10-10")), "a plain Saturday");
        assert_eq!(days.on_or_after(day("2026-10-01")), day("2026-10-08"));
        assert_eq!(days.on_or_before(day("2026-10-05")), day("2026-09-30"));
        assert_eq!(days.on_or_after(day("2026-10-08")), day("2026-10-08"));
    }

    #[test]
    fn working_days_are_counted_past_holidays() {
        let days = october();
        assert_eq!(days.after(day("2026-09-25"), 1), day("2026-09-27"), "Friday, then the worked Sunday");
        assert_eq!(days.after(day("2026-09-30"), 1), day("2026-10-08"));
        assert_eq!(days.after(day("2026-09-30"), 3), day("2026-10-12"), "8, 9, then past the weekend");
        assert_eq!(days.after(day("2026-09-30"), 0), day("2026-09-30"));
        assert_eq!(days.count(day("2026-09-25"), day("2026-10-08")), 5, "27, 28, 29, 30, then the 8th");
        assert_eq!(days.count(day("2026-10-08"), day("2026-10-08")), 0);
        assert_eq!(days.count(day("2026-10-09"), day("2026-10-08")), 0);
        assert!(days.count(NaiveDate::MIN, NaiveDate::MAX) <= 3660, "ends");
    }

    #[test]
    fn a_calendar_without_end_of_holidays_ends_all_the_same() {
        let mut days = WorkingDays::default();
        let all = day("2027-01-01").iter_days().take(400).collect();
        days.take(&YearCalendar { year: 2027, days_off: all, make_up_days: BTreeSet::new(), notice: String::new() });
        assert_eq!(days.on_or_after(day("2027-01-01")), day("2027-01-01"));
        assert_eq!(days.after(NaiveDate::MAX, 3), NaiveDate::MAX);
    }
}
