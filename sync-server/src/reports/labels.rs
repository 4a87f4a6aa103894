//! How reports write times and days, and what they call the names inside records.

use chrono::Datelike;
use zoufang_domain::calendar::Moment;
use zoufang_domain::message::Language;

pub use zoufang_domain::label::label;

/// A moment on a clock in China, to the minute.
pub fn time(moment: Moment) -> String {
    moment.in_china().format("%Y-%m-%d %H:%M").to_string()
}

/// A day as a heading writes it: `2026年11月5日`, `5 Nov 2026`.
pub fn day(language: Language, day: chrono::NaiveDate) -> String {
    match language {
        Language::Zh => format!("{}年{}月{}日", day.year(), day.month(), day.day()),
        Language::En => day.format("%-d %b %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_as_in_china() {
        let moment = Moment::parse("2026-11-04T16:30:00Z").unwrap();
        assert_eq!(time(moment), "2026-11-05 00:30");
        assert_eq!(day(Language::Zh, moment.day()), "2026年11月5日");
        assert_eq!(day(Language::En, moment.day()), "5 Nov 2026");
    }
}
