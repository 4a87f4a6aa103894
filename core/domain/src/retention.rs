//! How long what is kept: the periods of `docs/data-dictionary.md`, each written once.

use chrono::{Datelike, Days, NaiveDate};

/// Whole years after the end of a visit's, a matter's or an appointment's year, or of the year in which the notice of a receipt ended.
pub const WORK_YEARS: i32 = 2;
/// Days after the last day of a care need.
pub const CARE_DAYS: u64 = 365;
/// Days after a request about personal data was decided, or a restriction lifted.
pub const RIGHTS_DAYS: u64 = 3 * 365;
/// Days for which signed batches stand as they came.
pub const BATCH_DAYS: u64 = 2 * 365;
/// Days after something in quarantine was settled, or a held text read.
pub const SETTLED_DAYS: u64 = 365;
/// Days for which exports are listed.
pub const EXPORT_DAYS: u64 = 3 * 365;

/// The first day whose visits, matters and appointments are still kept.
pub fn first_day_of_work_kept(today: NaiveDate) -> NaiveDate {
    NaiveDate::from_ymd_opt(today.year() - WORK_YEARS, 1, 1).unwrap_or(NaiveDate::MIN)
}

/// The day so many days ago: what ended before it is not kept any more.
pub fn ended_before(today: NaiveDate, days: u64) -> NaiveDate {
    today.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_of_work_is_kept_for_two_more() {
        let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap();
        assert_eq!(first_day_of_work_kept(day(2026, 11, 26)), day(2024, 1, 1));
        assert_eq!(first_day_of_work_kept(day(2027, 1, 1)), day(2025, 1, 1));
        assert_eq!(ended_before(day(2026, 11, 26), CARE_DAYS), day(2025, 11, 26));
    }
}
