//! Visits: how they were made by what came of them, then by unit below.

use super::UnitPage;
use super::frame::{Frame, Section};
use crate::reports::due;
use crate::reports::labels::day;
use crate::reports::visits::{self, Counts, OUTCOMES};
use crate::reports::{Asked, ReportError};
use crate::web::SignedIn;
use askama::Template;
use rusqlite::Connection;
use zoufang_domain::visit::Mode;

#[derive(Template)]
#[template(path = "visits.html")]
pub(super) struct Page {
    f: Frame,
    /// Whether there are none at all.
    nothing: bool,
    outcomes: Vec<String>,
    modes: Vec<Row>,
    sum: Row,
    units: Vec<Row>,
    due: due::Due,
    rules: Vec<RuleLine>,
    homes: Vec<HomeLine>,
}

struct RuleLine {
    name: String,
    due_to: String,
    counts: due::TaskCounts,
}

struct HomeLine {
    address: String,
    rules: String,
    due_to: String,
    is_overdue: bool,
}

/// Counts by outcome, then their sum without void ones.
struct Row {
    name: String,
    href: Option<String>,
    counts: Vec<u64>,
    sum: u64,
}

impl Row {
    fn of(name: String, href: Option<String>, counts: &Counts) -> Self {
        let by = OUTCOMES.map(|outcome| visits::of_outcome(counts, outcome));
        Row { name, href, counts: by.to_vec(), sum: visits::standing(counts) }
    }

    fn of_mode(name: String, mode: Mode, counts: &Counts) -> Self {
        let one: Counts =
            counts.iter().filter(|(of, _)| *of == mode.name()).map(|(of, by)| (of.clone(), by.clone())).collect();
        Row::of(name, None, &one)
    }
}

impl UnitPage for Page {
    const SECTION: Section = Section::Visits;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let report = visits::visits(c, &who.scope, asked)?;
        let mut units: Vec<Row> = (report.children.iter())
            .map(|child| Row::of(child.unit.name.clone(), Some(f.to_unit(child.unit.id)), &child.counts))
            .collect();
        if !units.is_empty() && !report.own.is_empty() {
            units.push(Row::of(f.t.own_row.to_owned(), None, &report.own));
        }
        let mode = |mode: Mode| Row::of_mode(f.label("mode", mode.name()).to_owned(), mode, &report.total);
        let due = due::due(c, &who.scope, asked)?;
        let rule = |row: &due::RuleRow| RuleLine {
            name: row.name.clone(),
            due_to: day(f.language, row.due_to),
            counts: row.counts,
        };
        let home = |row: &due::HomeRow| HomeLine {
            address: row.address.clone(),
            rules: row.tasks.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("、"),
            due_to: day(f.language, row.due_to),
            is_overdue: row.is_overdue,
        };
        Ok(Page {
            rules: due.rules.iter().map(rule).collect(),
            homes: due.homes.iter().map(home).collect(),
            due,
            nothing: report.total.is_empty(),
            outcomes: OUTCOMES.map(|outcome| f.label("outcome", outcome).to_owned()).to_vec(),
            modes: Mode::ALL.map(mode).into(),
            sum: Row::of(f.t.total.to_owned(), None, &report.total),
            units,
            f,
        })
    }
}
