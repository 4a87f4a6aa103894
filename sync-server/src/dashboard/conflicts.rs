//! Conflicts: both values side by side, with who wrote them and when; who may settle picks one.

use super::UnitPage;
use super::desk::{self, DeskError, Sent};
use super::frame::{Frame, Section};
use crate::ledger::{self, LedgerError};
use crate::problem::Problem;
use crate::reports::conflicts::{self, SideRow};
use crate::reports::labels::time;
use crate::reports::{Asked, ReportError};
use crate::web::{SignedIn, Web};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use std::sync::Arc;
use zoufang_domain::appointment::{STANDING, Standing};
use zoufang_domain::conflict;
use zoufang_domain::ids::UnitId;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

#[derive(Template)]
#[template(path = "conflicts.html")]
pub(super) struct Page {
    f: Frame,
    total: u64,
    is_cut: bool,
    rows: Vec<Row>,
}

/// Where a choice is sent.
pub(super) const SETTLE: &str = "/conflicts/settle";

struct Row {
    id: String,
    area: String,
    record: String,
    kind_name: &'static str,
    field_name: String,
    may_settle: bool,
    unit: String,
    kind: String,
    about: String,
    field: String,
    base: String,
    sides: Vec<Side>,
}

struct Side {
    operation: String,
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
        let areas = report.conflicts.iter().map(|found| found.area);
        let own = desk::settled_by(c, who, asked.now.to_ms(), areas)?;
        let side = |field: &str, side: &SideRow| Side {
            operation: side.operation.to_string(),
            value: or(&said(&f, field, &side.value), f.t.empty),
            who: or(&side.who, f.t.someone),
            when: time(side.when),
        };
        let rows: Vec<Row> = (report.conflicts.iter())
            .map(|found| Row {
                id: found.id.to_string(),
                area: found.area.to_string(),
                record: found.record.to_string(),
                kind_name: found.kind.name(),
                field_name: found.field.clone(),
                may_settle: own.contains(&found.area),
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

/// A value as people read it: a word by its label, how an appointment stands in one line.
fn said(f: &Frame, field: &str, value: &str) -> String {
    let standing = (field == STANDING).then(|| serde_json::from_str::<Standing>(value).ok()).flatten();
    standing.map_or_else(|| f.label(field, value).to_owned(), |standing| standing.said(f.language))
}

/// What a button sends: texts, as a form has them.
#[derive(Deserialize)]
pub(super) struct Choice {
    conflict: String,
    area: String,
    kind: String,
    record: String,
    field: String,
    operation: String,
}

/// `POST /conflicts/settle`. 303 back; 409 when the values have changed since the page was made.
pub(super) async fn settle(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<Choice>>, FormRejection>,
) -> Response {
    desk::act(web, who, &headers, sent, choose).await
}

fn choose(tx: &Transaction<'_>, now_ms: i64, who: &SignedIn, asked: Choice) -> Result<(), DeskError> {
    let kind = Kind::ALL.iter().copied().find(|kind| kind.name() == asked.kind).ok_or(DeskError::NotHere)?;
    let area: UnitId = asked.area.parse().map_err(|_| DeskError::NotHere)?;
    let id = asked.record.parse().map_err(|_| DeskError::NotHere)?;
    if !who.scope.covers(tx, area)? {
        return Err(DeskError::NotHere);
    }
    let record = ledger::record(tx, area, kind, id)?.ok_or(DeskError::NotHere)?;
    let changed = || DeskError::Ledger(LedgerError::Refused(Refusal::NotNow));
    // Both values that were read are still those that stand: nobody settles what they have not seen.
    let stands = conflict::of(&record).into_iter().find(|one| one.id().to_string() == asked.conflict);
    let stands = stands.filter(|one| one.field == asked.field).ok_or_else(changed)?;
    let chosen = stands.sides.into_iter().find(|side| side.version.op().to_string() == asked.operation);
    let chosen = chosen.ok_or_else(changed)?;
    let action = conflict::settle(&record, &asked.field, chosen.value);
    ledger::write_at_desk(tx, now_ms, who.session.staff, area, kind, id, action)?;
    Ok(())
}
