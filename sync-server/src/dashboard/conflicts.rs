//! Conflicts: both values side by side, with who wrote them and when.

use super::UnitPage;
use super::frame::{Frame, Section};
use crate::reports::conflicts::{self, SideRow};
use crate::reports::labels::time;
use crate::reports::{Asked, ReportError};
use crate::web::SignedIn;
use askama::Template;
use rusqlite::Connection;

#[derive(Template)]
#[template(path = "conflicts.html")]
pub(super) struct Page {
    f: Frame,
    total: u64,
    is_cut: bool,
    rows: Vec<Row>,
}

struct Row {
    unit: String,
    kind: String,
    about: String,
    field: String,
    base: String,
    sides: Vec<Side>,
}

struct Side {
    value: String,
    who: String,
    when: String,
}

impl UnitPage for Page {
    const SECTION: Section = Section::Conflicts;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let report = conflicts::conflicts(c, &who.scope, asked)?;
        // A value is shown as people know it: `rented` is 出租 only where the field has such words.
        let or = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
        let side = |field: &str, side: &SideRow| Side {
            value: or(f.label(field, &side.value), f.t.empty),
            who: or(&side.who, f.t.someone),
            when: time(side.when),
        };
        let rows: Vec<Row> = (report.conflicts.iter())
            .map(|found| Row {
                unit: found.unit.clone(),
                kind: f.label("kind", found.kind.name()).to_owned(),
                about: found.about.clone(),
                field: f.label("field", &found.field).to_owned(),
                base: or(f.label(&found.field, &found.base), f.t.empty),
                sides: found.sides.iter().map(|one| side(&found.field, one)).collect(),
            })
            .collect();
        Ok(Page { total: report.total, is_cut: (rows.len() as u64) < report.total, rows, f })
    }
}
