//! A working-day calendar of one year or several, in the columns `date,kind` (日期、安排): days off and make-up days 调休 as the State Council's
//! notice lists them. Whole or not at all: a calendar with a hole moves deadlines.

use super::columns::{Field, Layout};
use super::limits::ERRORS_KEPT_MAX_COUNT;
use super::messages::{Message, MessageId};
use super::report::{ImportError, ImportReport, RowError};
use super::table::{self, Cell, Row, TableOptions};
use chrono::{Datelike, NaiveDate};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek};
use std::path::Path;
use zoufang_domain::working_day::YearCalendar;

const DATE: usize = 0;
const KIND: usize = 1;
const FIELDS: [Field; 2] = [
    Field { headers: &["date", "日期"], required: true },
    Field { headers: &["kind", "安排", "类型"], required: true },
];

/// Calendars that were read, by year. Empty when the report has an error.
#[derive(Debug, Default)]
pub struct Calendars {
    /// One a year.
    pub years: Vec<YearCalendar>,
    /// What was read, and what of it is wrong.
    pub report: ImportReport,
}

/// Reads the calendar in a file.
///
/// # Errors
///
/// As [`table::read`]; errors in rows are in the report.
pub fn read_file(path: &Path, options: &TableOptions) -> Result<Calendars, ImportError> {
    read(table::open(path)?, options)
}

/// Reads a calendar.
///
/// # Errors
///
/// As [`table::read`]; errors in rows are in the report.
pub fn read(reader: impl Read + Seek, options: &TableOptions) -> Result<Calendars, ImportError> {
    let mut report = ImportReport::default();
    let mut days: BTreeMap<NaiveDate, bool> = BTreeMap::new();
    let mut refuse = |error: RowError| {
        report.errors_count += 1;
        if report.errors.len() < ERRORS_KEPT_MAX_COUNT {
            report.errors.push(error);
        }
    };
    let summary = table::read(reader, options, &FIELDS, &mut |layout, row| match parse_row(layout, row) {
        Ok((day, is_off)) => {
            if days.insert(day, is_off).is_some_and(|before| before != is_off) {
                refuse(layout.error(row.number, DATE, MessageId::DayTwice));
            }
        }
        Err(error) => refuse(error),
    })?;
    let rows_read = summary.rows_read;
    summary.describe(&mut report);
    let mut years: BTreeMap<i32, YearCalendar> = BTreeMap::new();
    if report.errors_count == 0 {
        report.rows_good = rows_read;
        for (day, is_off) in days {
            let year = years.entry(day.year()).or_insert_with(|| YearCalendar {
                year: day.year(),
                days_off: BTreeSet::new(),
                make_up_days: BTreeSet::new(),
                notice: String::new(),
            });
            if is_off {
                year.days_off.insert(day)
            } else {
                year.make_up_days.insert(day)
            };
        }
    }
    Ok(Calendars { years: years.into_values().collect(), report })
}

fn parse_row(layout: &Layout, row: &Row) -> Result<(NaiveDate, bool), RowError> {
    if let Some(problem) = &row.problem {
        return Err(RowError { row: row.number, column: None, message: problem.clone() });
    }
    let day = parse_day(&row.cells[DATE]).map_err(|message| layout.error(row.number, DATE, message))?;
    let is_off = parse_kind(&row.cells[KIND]).map_err(|message| layout.error(row.number, KIND, message))?;
    Ok((day, is_off))
}

fn parse_day(cell: &Cell) -> Result<NaiveDate, Message> {
    cell.problem.clone().map_or(Ok(()), Err)?;
    let day = cell.text.parse::<NaiveDate>().ok().filter(|day| (2000..=2200).contains(&day.year()));
    day.ok_or_else(|| MessageId::DayShape.into())
}

fn parse_kind(cell: &Cell) -> Result<bool, Message> {
    cell.problem.clone().map_or(Ok(()), Err)?;
    match cell.text.as_str() {
        "休" | "放假" | "off" => Ok(true),
        "班" | "上班" | "调休上班" | "work" => Ok(false),
        _ => Err(MessageId::DayKind.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn read_text(text: &str) -> Calendars {
        read(Cursor::new(text.as_bytes().to_vec()), &TableOptions::default()).expect("a table")
    }

    #[test]
    fn days_off_and_make_up_days_are_kept_by_year() {
        let read = read_text("日期,安排\n2026-12-31,班\n2027-01-01,休\n2027-01-01,休\n2027-01-03,上班\n");
        assert_eq!(read.report.errors_count, 0, "{:?}", read.report);
        let shown: Vec<_> = read.years.iter().map(|it| (it.year, it.days_off.len(), it.make_up_days.len())).collect();
        assert_eq!(shown, [(2026, 0, 1), (2027, 1, 1)]);
    }

    #[test]
    fn a_calendar_with_an_error_is_not_read_at_all() {
        let read = read_text("date,kind\n2027-01-01,off\n2027-02-30,off\n2027-01-02,maybe\n2027-01-01,work\n");
        let found: Vec<_> = read.report.errors.iter().map(|error| (error.row, error.message.id)).collect();
        assert_eq!(found, [(3, MessageId::DayShape), (4, MessageId::DayKind), (5, MessageId::DayTwice)]);
        assert!(read.years.is_empty());
    }
}
