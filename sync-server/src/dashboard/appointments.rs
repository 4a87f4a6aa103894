//! Appointments: where each stands and when; a community desk takes one down for a home of its area.

use super::UnitPage;
use super::desk::{self, DeskError, Sent};
use super::frame::{Frame, Section};
use crate::appointments::{self, Wish};
use crate::ledger;
use crate::problem::Problem;
use crate::reports::appointments::{self as lists, AppointmentRow, Home};
use crate::reports::{Asked, ReportError};
use crate::web::{SignedIn, Web};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::response::Response;
use chrono::{NaiveDate, NaiveTime};
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use std::sync::Arc;
use zoufang_domain::appointment::{Purpose, Slot};
use zoufang_domain::ids::{UnitId, derived};
use zoufang_domain::unit::Level;

/// Where the form is sent.
pub(super) const TAKE_DOWN: &str = "/appointments/take-down";

#[derive(Template)]
#[template(path = "appointments.html")]
pub(super) struct Page {
    f: Frame,
    total: u64,
    is_cut: bool,
    rows: Vec<Row>,
    /// For who may take one down here: the form. Only a micro-grid has homes to choose from.
    form: Option<TakeDown>,
    /// Whether the reader may, and has to choose a micro-grid first.
    may_below: bool,
}

struct Row {
    time: String,
    state: String,
    purpose: String,
    asked_by: String,
    unit: String,
    home: String,
    who: String,
    missed_by: String,
    is_overdue: bool,
    is_contested: bool,
}

struct TakeDown {
    /// The id that the appointment gets: a form that is sent twice is one appointment.
    id: String,
    area: String,
    homes: Vec<Home>,
    purposes: Vec<(&'static str, String)>,
}

impl UnitPage for Page {
    const SECTION: Section = Section::Appointments;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let report = lists::appointments(c, &who.scope, asked)?;
        let word = |group: &str, name: &str| f.label(group, name).to_owned();
        let row = |one: &AppointmentRow| Row {
            time: one.slot.map(|slot| slot.to_string()).unwrap_or_default(),
            state: word("appointment", one.state.name()),
            purpose: word("purpose", one.purpose.name()),
            asked_by: word("party", one.proposed_by.name()),
            unit: one.unit.clone(),
            home: one.home.clone(),
            who: one.who.clone(),
            missed_by: one.missed_by.map(|party| word("party", party.name())).unwrap_or_default(),
            is_overdue: one.is_overdue,
            is_contested: one.is_contested,
        };
        let rows: Vec<Row> = report.appointments.iter().map(row).collect();
        let may = ledger::takes_appointments(c, asked.now.to_ms(), who.session.staff, asked.unit)?;
        let is_micro_grid = report.head.unit.level == Level::MicroGrid;
        let form = match may && is_micro_grid {
            false => None,
            true => Some(TakeDown {
                id: derived(&["appointment", &who.session.csrf, &asked.now.to_string(), &asked.unit.to_string()])
                    .to_string(),
                area: asked.unit.to_string(),
                homes: lists::homes(c, &who.scope, asked.unit)?,
                purposes: Purpose::ALL.map(|one| (one.name(), word("purpose", one.name()))).to_vec(),
            }),
        };
        let (total, is_cut) = (report.total, (rows.len() as u64) < report.total);
        Ok(Page { total, is_cut, rows, form, may_below: may && !is_micro_grid, f })
    }
}

/// What the form sends: texts, as a form has them. Up to three times; a line that is left empty is none.
#[derive(Deserialize)]
pub(super) struct Asking {
    appointment: String,
    area: String,
    household: String,
    purpose: String,
    #[serde(default)]
    note: String,
    day1: String,
    from1: String,
    to1: String,
    #[serde(default)]
    day2: String,
    #[serde(default)]
    from2: String,
    #[serde(default)]
    to2: String,
    #[serde(default)]
    day3: String,
    #[serde(default)]
    from3: String,
    #[serde(default)]
    to3: String,
}

impl Asking {
    fn slots(&self) -> Result<Vec<Slot>, DeskError> {
        let lines = [
            [&self.day1, &self.from1, &self.to1],
            [&self.day2, &self.from2, &self.to2],
            [&self.day3, &self.from3, &self.to3],
        ];
        let filled = lines.into_iter().filter(|line| line.iter().any(|part| !part.trim().is_empty()));
        filled
            .map(|[day, from, to]| {
                let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
                let read = || Some(Slot::in_china(day.trim().parse::<NaiveDate>().ok()?, time(from)?, time(to)?));
                read().ok_or(DeskError::Field("slots"))
            })
            .collect()
    }
}

/// `POST /appointments/take-down`. 303 back; 403 for who takes none down; 404 for a home outside the own area; 422 for a field that is wrong.
pub(super) async fn take_down(
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
    let purpose = Purpose::ALL.into_iter().find(|one| one.name() == asked.purpose);
    let wish = Wish {
        id: asked.appointment.parse().map_err(|_| DeskError::Field("appointment"))?,
        area,
        household: asked.household.parse().map_err(|_| DeskError::Field("household"))?,
        purpose: purpose.ok_or(DeskError::Field("purpose"))?,
        slots: asked.slots()?,
        note: asked.note,
    };
    Ok(appointments::take_down(tx, now_ms, who.session.staff, &wish)?)
}
