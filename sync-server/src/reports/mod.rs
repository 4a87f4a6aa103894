//! What supervisors ask, one file a question: how many homes were visited ([`coverage`]), how ([`visits`]), what is due ([`due`]), what became of
//! what residents asked ([`matters`]), which appointments there are ([`appointments`]), whom notices have reached ([`notices`]), which phones have
//! not been heard of ([`devices`]), where two people wrote different things ([`conflicts`]), what could not be applied ([`quarantine`]), and what
//! residents ask of their own data ([`rights`]).
//!
//! Every question is asked about one unit inside the asker's [`Scope`]; a unit outside answers like a missing one. Reports hold
//! counts by unit and never by worker: nothing here ranks anybody. [`text`] turns a report into a terminal table or CSV.

pub mod answers;
pub mod appointments;
pub mod conflicts;
pub mod coverage;
pub mod devices;
pub mod due;
pub mod http;
pub mod labels;
pub mod matters;
pub mod notices;
pub mod quarantine;
mod readers;
pub mod rights;
pub mod text;
mod told;
pub mod units;
pub mod visits;

use crate::store::StoreError;
use crate::store::scope::Scope;
use chrono::NaiveDate;
use rusqlite::Connection;
use serde::Serialize;
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::UnitId;

/// Longest period of one report, in days.
pub const PERIOD_MAX_DAYS: i64 = 366;

/// Why a report could not be given.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// No such unit, or one outside the asker's subtree: the two are not told apart.
    #[error("no such unit in this scope")]
    NotFound,
    /// The period ends before it begins, is longer than [`PERIOD_MAX_DAYS`], or is no date.
    #[error("the period is not valid")]
    Period,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ReportError {
    fn from(error: rusqlite::Error) -> Self {
        ReportError::Store(error.into())
    }
}

impl ReportError {
    /// The id of the message that people read.
    pub fn message_id(&self) -> &'static str {
        match self {
            ReportError::NotFound => "not_found",
            ReportError::Period => "report.period",
            ReportError::Store(StoreError::Busy) => "server.busy",
            ReportError::Store(_) => "unexpected",
        }
    }
}

/// What is asked: one unit, whole days in China, and the moment at which "overdue" is judged.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The unit whose subtree is meant.
    pub unit: UnitId,
    /// First and last day.
    pub period: Period,
    /// Now.
    pub now: Moment,
}

impl Asked {
    /// The first moment inside the period and the first after it, as visits and matters are sorted.
    fn bounds(&self) -> (String, String) {
        let (from, after) = self.period.bounds();
        (from.to_string(), after.to_string())
    }
}

/// A period from two texts as people write them; a missing one is filled from the month of `today`.
///
/// # Errors
/// [`ReportError::Period`].
pub fn period(from: Option<&str>, to: Option<&str>, today: NaiveDate) -> Result<Period, ReportError> {
    let day = |text: Option<&str>| match text.map(str::trim).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => NaiveDate::parse_from_str(text, "%Y-%m-%d").map(Some).map_err(|_| ReportError::Period),
    };
    let (from, to) = (day(from)?, day(to)?);
    let month = Period::month_of(from.or(to).unwrap_or(today));
    let period = Period { from: from.unwrap_or(month.from), to: to.unwrap_or(month.to) };
    let days = (period.to - period.from).num_days() + 1;
    if (1..=PERIOD_MAX_DAYS).contains(&days) { Ok(period) } else { Err(ReportError::Period) }
}

/// What every report begins with.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Head {
    /// The unit asked about.
    pub unit: units::UnitName,
    /// The period asked about.
    pub period: Period,
    /// When the report was made.
    pub made_at: Moment,
}

/// The head of a report, or "not found".
fn head(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Head, ReportError> {
    let unit = units::named(c, scope, asked.unit)?;
    Ok(Head { unit, period: asked.period, made_at: asked.now })
}

/// The areas of a unit's subtree, each with the direct child that it belongs to; what belongs to the unit itself stands under its own
/// id. Parameter `:unit`. Materialised, so that SQLite goes area by area through the index of records and never scans them.
const PARTS: &str = "WITH part (child, area) AS MATERIALIZED (
    SELECT child.id, inside.unit FROM unit child JOIN unit_within inside ON inside.ancestor = child.id WHERE child.parent = :unit
    UNION ALL SELECT :unit, :unit)";

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        NaiveDate::parse_from_str(text, "%Y-%m-%d").unwrap()
    }

    #[test]
    fn a_period_is_filled_from_the_month_and_bounded() {
        let today = day("2026-11-23");
        let asked = |from, to| period(from, to, today).ok().map(|it| (it.from.to_string(), it.to.to_string()));
        let text = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(asked(None, None), text("2026-11-01", "2026-11-30"));
        assert_eq!(asked(Some("2026-02-05"), None), text("2026-02-05", "2026-02-28"));
        assert_eq!(asked(None, Some("2026-02-05")), text("2026-02-01", "2026-02-05"));
        assert_eq!(asked(Some("2025-11-24"), Some("2026-11-24")), text("2025-11-24", "2026-11-24"));
        assert_eq!(asked(Some("2025-11-23"), Some("2026-11-24")), None, "367 days");
        assert_eq!(asked(Some("2026-11-02"), Some("2026-11-01")), None);
        assert_eq!(asked(Some("5.11.2026"), None), None);
    }
}
