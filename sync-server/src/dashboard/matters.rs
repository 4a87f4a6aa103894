//! Matters: where those of the period stand now, what is overdue, then by unit below.

use super::UnitPage;
use super::desk::{self, DeskError, Sent};
use super::frame::{Frame, Section};
use super::matter::{self, ListRow};
use crate::ledger;
use crate::matters::{self as desks, ROWS_MAX_COUNT, Report, Wanted};
use crate::problem::Problem;
use crate::reports::appointments::{Home, homes};
use crate::reports::matters::{self, Count, Counts};
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
use zoufang_domain::ids::{UnitId, derived};
use zoufang_domain::matter::{MatterKind, Source, Track, Urgency};
use zoufang_domain::unit::Level;

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
    /// For who may take a matter down here: the form. Only a micro-grid has homes to choose from.
    form: Option<TakeDown>,
    /// Whether the reader may, and has to choose a micro-grid first.
    may_below: bool,
}

/// Where the form is sent.
pub(super) const OPEN: &str = "/matters/open";

struct TakeDown {
    /// The id that the matter gets: a form that is sent twice is one matter.
    id: String,
    area: String,
    homes: Vec<Home>,
    sources: Vec<(&'static str, String)>,
    kinds: Vec<(&'static str, String)>,
    tracks: Vec<(&'static str, String)>,
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
        let may = ledger::takes_matters(c, asked.now.to_ms(), who.session.staff, asked.unit)?;
        let is_micro_grid = report.head.unit.level == Level::MicroGrid;
        let word = |group: &str, name: &'static str| (name, f.label(group, name).to_owned());
        let form = match may && is_micro_grid {
            false => None,
            true => Some(TakeDown {
                id: derived(&["matter", &who.session.csrf, &asked.now.to_string(), &asked.unit.to_string()])
                    .to_string(),
                area: asked.unit.to_string(),
                homes: homes(c, &who.scope, asked.unit)?,
                sources: Source::ALL
                    .iter()
                    .filter(|one| **one != Source::Visit)
                    .map(|one| word("source", one.name()))
                    .collect(),
                kinds: MatterKind::ALL.iter().map(|one| word("matter_kind", one.name())).collect(),
                tracks: Track::ALL.iter().map(|one| word("track", one.name())).collect(),
            }),
        };
        Ok(Page {
            form,
            may_below: may && !is_micro_grid,
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

/// What the form sends: texts, as a form has them.
#[derive(Deserialize)]
pub(super) struct Asking {
    matter: String,
    area: String,
    #[serde(default)]
    household: String,
    source: String,
    kind: String,
    track: String,
    #[serde(default)]
    urgent: String,
    summary: String,
}

/// `POST /matters/open`. 303 back; 403 for who takes none down; 404 for a home outside the own area; 422 for a field that is wrong.
pub(super) async fn open(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<Asking>>, FormRejection>,
) -> Response {
    desk::act(web, who, &headers, sent, write).await
}

fn write(tx: &Transaction<'_>, now_ms: i64, who: &SignedIn, asked: Asking) -> Result<(), DeskError> {
    let area: UnitId = asked.area.parse().map_err(|_| DeskError::NotHere)?;
    if !who.scope.covers(tx, area)? {
        return Err(DeskError::NotHere);
    }
    let household = match asked.household.trim() {
        "" => None,
        id => Some(id.parse().map_err(|_| DeskError::Field("household"))?),
    };
    let report = Report {
        id: asked.matter.parse().map_err(|_| DeskError::Field("matter"))?,
        area,
        household,
        source: Source::from_name(&asked.source).ok_or(DeskError::Field("source"))?,
        kind: MatterKind::from_name(&asked.kind).ok_or(DeskError::Field("kind"))?,
        track: Track::from_name(&asked.track).ok_or(DeskError::Field("track"))?,
        urgency: (!asked.urgent.is_empty()).then_some(Urgency::Urgent),
        summary: asked.summary,
    };
    desks::open(tx, now_ms, who.session.staff, &report)?;
    Ok(())
}
