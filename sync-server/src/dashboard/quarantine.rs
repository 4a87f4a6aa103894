//! Quarantine: counts by reason, and each entry with its original behind a fold.

use super::UnitPage;
use super::frame::{Frame, Section};
use crate::reports::labels::time;
use crate::reports::quarantine;
use crate::reports::{Asked, ReportError};
use crate::web::SignedIn;
use askama::Template;
use rusqlite::Connection;

#[derive(Template)]
#[template(path = "quarantine.html")]
pub(super) struct Page {
    f: Frame,
    total: u64,
    is_cut: bool,
    reasons: Vec<(String, u64)>,
    rows: Vec<Row>,
}

struct Row {
    unit: String,
    staff: String,
    received: String,
    reason: String,
    field: Option<String>,
    operation: String,
}

impl UnitPage for Page {
    const SECTION: Section = Section::Quarantine;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let report = quarantine::quarantine(c, &who.scope, asked)?;
        let title = |id: &str| f.label("reason", id).to_owned();
        let rows: Vec<Row> = (report.entries.iter())
            .map(|entry| Row {
                unit: entry.unit.clone(),
                staff: entry.staff.clone(),
                received: time(entry.received),
                reason: title(entry.reason),
                field: entry.field.as_deref().map(|field| f.label("field", field).to_owned()),
                operation: entry.operation.clone(),
            })
            .collect();
        let reasons = report.reasons.iter().map(|(id, count)| (title(id), *count)).collect();
        Ok(Page { total: report.total(), is_cut: (rows.len() as u64) < report.total(), reasons, rows, f })
    }
}
