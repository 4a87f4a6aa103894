//! Matters: where those of the period stand now, what is overdue, then by unit below.

use super::UnitPage;
use super::frame::{Frame, Section};
use super::matter::{self, ListRow};
use crate::matters::{ROWS_MAX_COUNT, Wanted};
use crate::reports::matters::{self, Count, Counts};
use crate::reports::{Asked, ReportError};
use crate::web::SignedIn;
use askama::Template;
use rusqlite::Connection;

#[derive(Template)]
#[template(path = "matters.html")]
pub(super) struct Page {
    f: Frame,
    states: Vec<(String, Count)>,
    reported: Count,
    open_before: Count,
    units: Vec<Row>,
    work_overdue: u64,
    open: Vec<ListRow>,
    is_cut: bool,
}

struct Row {
    name: String,
    href: Option<String>,
    reported: u64,
    open_before: u64,
    overdue: u64,
}

impl Row {
    fn of(name: String, href: Option<String>, counts: &Counts) -> Self {
        let (reported, open_before) = (counts.reported().count, counts.open_before.count);
        Row { name, href, reported, open_before, overdue: counts.overdue() }
    }
}

impl UnitPage for Page {
    const SECTION: Section = Section::Matters;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let report = matters::matters(c, &who.scope, asked)?;
        let mut units: Vec<Row> = (report.children.iter())
            .map(|child| Row::of(child.unit.name.clone(), Some(f.to_unit(child.unit.id)), &child.counts))
            .collect();
        if !units.is_empty() && report.own != Counts::default() {
            units.push(Row::of(f.t.own_row.to_owned(), None, &report.own));
        }
        let states = report.total.in_order();
        let states = states.into_iter().map(|(state, count)| (f.label("state", state).to_owned(), count)).collect();
        let open = matter::rows(c, &f, &who.scope, Wanted::Open { unit: asked.unit }, asked)?;
        let is_cut = open.len() == ROWS_MAX_COUNT;
        let work_overdue = matters::work_overdue(c, &who.scope, asked)?;
        Ok(Page {
            work_overdue,
            open,
            is_cut,
            states,
            reported: report.total.reported(),
            open_before: report.total.open_before,
            units,
            f,
        })
    }
}
