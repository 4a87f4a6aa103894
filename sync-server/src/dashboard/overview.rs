//! The first page: coverage by unit below, and beside it what happened, what is overdue, which phones are silent.

use super::UnitPage;
use super::frame::{Bar, Frame, Section};
use crate::reports::{Asked, ReportError, coverage, devices, matters, visits};
use crate::web::SignedIn;
use askama::Template;
use rusqlite::Connection;
use std::collections::HashMap;
use zoufang_domain::report::Rate;

#[derive(Template)]
#[template(path = "overview.html")]
pub(super) struct Page {
    f: Frame,
    total: Bar,
    visits: u64,
    visits_done: u64,
    matters: u64,
    overdue: u64,
    silent: u64,
    unsent: u64,
    rows: Vec<Row>,
}

/// One unit below, or what belongs to the unit itself.
struct Row {
    name: String,
    href: Option<String>,
    bar: Bar,
    visits: u64,
    overdue: u64,
}

impl UnitPage for Page {
    const SECTION: Section = Section::Overview;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let coverage = coverage::coverage(c, &who.scope, asked)?;
        let visits = visits::visits(c, &who.scope, asked)?;
        let matters = matters::matters(c, &who.scope, asked)?;
        let devices = devices::devices(c, &who.scope, asked)?;
        let made: HashMap<_, _> =
            visits.children.iter().map(|child| (child.unit.id, visits::standing(&child.counts))).collect();
        let late: HashMap<_, _> =
            matters.children.iter().map(|child| (child.unit.id, child.counts.overdue())).collect();
        let mut rows: Vec<Row> = (coverage.children.iter())
            .map(|child| Row {
                name: child.unit.name.clone(),
                href: Some(f.to_unit(child.unit.id)),
                bar: child.rate.into(),
                visits: made.get(&child.unit.id).copied().unwrap_or_default(),
                overdue: late.get(&child.unit.id).copied().unwrap_or_default(),
            })
            .collect();
        let own_visits = visits::standing(&visits.own);
        if !rows.is_empty() && (coverage.own != Rate::default() || own_visits > 0 || matters.own.overdue() > 0) {
            let (name, overdue) = (f.t.own_row.to_owned(), matters.own.overdue());
            rows.push(Row { name, href: None, bar: coverage.own.into(), visits: own_visits, overdue });
        }
        Ok(Page {
            total: coverage.total.into(),
            visits: visits::standing(&visits.total),
            visits_done: visits::of_outcome(&visits.total, "done"),
            matters: matters.total.reported().count,
            overdue: matters.total.overdue(),
            silent: devices.silent_count(),
            unsent: devices.unsent_count(),
            rows,
            f,
        })
    }
}
