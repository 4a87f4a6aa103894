//! Quarantine: counts by reason, and each entry with its original behind a fold and, for who may settle, the ways out.

use super::UnitPage;
use super::desk::{self, DeskError, Sent};
use super::frame::{Frame, Section};
use crate::ledger::{self, Settler, Way};
use crate::problem::Problem;
use crate::reports::labels::time;
use crate::reports::quarantine;
use crate::reports::units;
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

#[derive(Template)]
#[template(path = "quarantine.html")]
pub(super) struct Page {
    f: Frame,
    total: u64,
    is_cut: bool,
    reasons: Vec<(String, u64)>,
    rows: Vec<Row>,
}

/// Where a decision is sent.
pub(super) const SETTLE: &str = "/quarantine/settle";

struct Row {
    id: i64,
    may_settle: bool,
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
        let areas = report.entries.iter().map(|entry| entry.area);
        let own = desk::settled_by(c, who, asked.now.to_ms(), areas)?;
        let rows: Vec<Row> = (report.entries.iter())
            .map(|entry| Row {
                id: entry.id,
                may_settle: own.contains(&entry.area),
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

/// What the buttons of an entry send: texts, as a form has them.
#[derive(Deserialize)]
pub(super) struct Decision {
    entry: String,
    way: String,
    #[serde(default)]
    area: String,
    #[serde(default)]
    answer: String,
}

/// `POST /quarantine/settle`. 303 back; 409 when the entry cannot be taken, or stands differently by now; 422 without an answer or with an area that is none.
pub(super) async fn settle(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<Decision>>, FormRejection>,
) -> Response {
    desk::act(web, who, &headers, sent, decide).await
}

fn decide(tx: &Transaction<'_>, now_ms: i64, who: &SignedIn, asked: Decision) -> Result<(), DeskError> {
    let entry = asked.entry.parse().map_err(|_| DeskError::NotHere)?;
    let way = match asked.way.as_str() {
        "accept" => Way::Accept,
        "refuse" => Way::Refuse { answer: asked.answer },
        "rehome" => {
            let found = units::find(tx, &who.scope, asked.area.trim()).map_err(|_| DeskError::Field("area"))?;
            Way::Rehome { area: found.id }
        }
        _ => return Err(DeskError::Field("way")),
    };
    ledger::settle(tx, now_ms, Settler::Staff(who.session.staff), entry, &way)?;
    Ok(())
}
