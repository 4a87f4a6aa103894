//! What residents ask of their own data: requests with what may be decided, texts that are held for review, and the copy for a person to print.

use super::desk::{self, DeskError, Sent};
use super::frame::{Frame, Section};
use super::{UnitPage, failure, rendered};
use crate::ledger::{self, Review, Settler};
use crate::problem::Problem;
use crate::reports::labels::{day, label, time};
use crate::reports::rights as lists;
use crate::reports::{Asked, ReportError};
use crate::rights::{self, Decision};
use crate::store::blocking;
use crate::web::{SignedIn, Web, language};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{RightsRequestId, UnitId};
use zoufang_domain::message::Language;
use zoufang_domain::operation::Fields;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::rights::{RequestState, Right};

/// Where a decision is sent.
pub(super) const DECIDE: &str = "/rights/decide";
/// Where a copy is asked for.
pub(super) const COPY: &str = "/rights/copy";
/// Where the review of a text is sent.
pub(super) const REVIEW: &str = "/rights/review";

#[derive(Template)]
#[template(path = "rights.html")]
pub(super) struct Page {
    f: Frame,
    total: u64,
    open: u64,
    overdue: u64,
    is_cut: bool,
    rows: Vec<Row>,
    held_total: u64,
    held: Vec<Held>,
}

struct Row {
    id: String,
    area: String,
    unit: String,
    right: Right,
    right_text: String,
    state_text: String,
    is_open: bool,
    is_overdue: bool,
    asked_on: String,
    due: String,
    decided: String,
    answer: String,
    name: String,
    home: String,
    may_decide: bool,
    is_resident: bool,
}

impl Row {
    fn asks(&self, name: &str) -> bool {
        self.right.name() == name
    }
}

struct Held {
    id: i64,
    unit: String,
    kind: String,
    received: String,
    text: String,
}

impl UnitPage for Page {
    const SECTION: Section = Section::Rights;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let by = Settler::Staff(who.session.staff);
        let report = lists::rights(c, &who.scope, asked, by)?;
        let row = |one: &lists::RequestRow| Row {
            id: one.id.to_string(),
            area: one.area.to_string(),
            unit: one.unit.clone(),
            right: one.right,
            right_text: f.label("right", one.right.name()).to_owned(),
            state_text: f.label("request", one.state.name()).to_owned(),
            is_open: one.state == RequestState::Open,
            is_overdue: one.is_overdue,
            asked_on: day(f.language, one.asked_on),
            due: day(f.language, one.due),
            decided: one.decided.map(time).unwrap_or_default(),
            answer: one.answer.clone().unwrap_or_default(),
            name: one.name.clone(),
            home: one.home.clone(),
            may_decide: one.may_decide,
            is_resident: one.is_resident,
        };
        let rows: Vec<Row> = report.requests.iter().map(row).collect();
        let held = lists::held(c, &who.scope, asked, by)?.into_iter().map(|one| Held {
            id: one.id,
            unit: one.unit,
            kind: f.label("kind", one.kind).to_owned(),
            received: time(one.received),
            text: one.text,
        });
        let held = held.collect();
        let is_cut = (rows.len() as u64) < report.total;
        Ok(Page {
            total: report.total,
            open: report.open,
            overdue: report.overdue,
            is_cut,
            rows,
            held_total: report.held_total,
            held,
            f,
        })
    }
}

/// What the buttons of a request send: texts, as a form has them.
#[derive(Deserialize)]
pub(super) struct Asking {
    area: String,
    request: String,
    way: String,
    #[serde(default)]
    answer: String,
    #[serde(default)]
    field: String,
    #[serde(default)]
    value: String,
}

impl Asking {
    fn decision(&self) -> Result<Decision, DeskError> {
        let said = Some(self.answer.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(match self.way.as_str() {
            "answer" => Decision::Answered { answer: said },
            "correct" => Decision::Correct { fields: self.correction() },
            "erase" => Decision::Erase,
            "restrict" => Decision::Restrict,
            "refuse" => Decision::Refuse { answer: said.ok_or(DeskError::Field("answer"))? },
            _ => return Err(DeskError::Field("way")),
        })
    }
    fn correction(&self) -> Fields {
        let value = match self.value.trim() {
            "" => Value::Null,
            year if self.field == "birth_year" => year.parse::<i32>().map_or_else(|_| year.into(), Into::into),
            text => text.into(),
        };
        Fields::from([(self.field.clone(), value)])
    }
}

/// Where a request is: its area, if that is the caller's.
fn place(
    tx: &Transaction<'_>,
    who: &SignedIn,
    area: &str,
    request: &str,
) -> Result<(UnitId, RightsRequestId), DeskError> {
    let area: UnitId = area.parse().map_err(|_| DeskError::NotHere)?;
    if !who.scope.covers(tx, area)? {
        return Err(DeskError::NotHere);
    }
    Ok((area, request.parse().map_err(|_| DeskError::NotHere)?))
}

/// `POST /rights/decide`. 303 back; 403 for who may not decide; 404 for a request outside the own area; 409 when it is decided already; 422
/// for what does not fit the request, or a value that cannot be.
pub(super) async fn decide(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<Asking>>, FormRejection>,
) -> Response {
    let store = Arc::clone(&web.app.store);
    let response = desk::act(web, who, &headers, sent, carry_out).await;
    leave_nothing_in_the_log(store).await;
    response
}

fn carry_out(tx: &Transaction<'_>, now_ms: i64, who: &SignedIn, asked: Asking) -> Result<(), DeskError> {
    let (area, request) = place(tx, who, &asked.area, &asked.request)?;
    let by = Settler::Staff(who.session.staff);
    rights::decide(tx, now_ms, by, area, request, &asked.decision()?)?;
    Ok(())
}

/// What was erased or removed is taken out of the log at once; a reader that holds it is waited for by the next round.
async fn leave_nothing_in_the_log(store: Arc<crate::store::Store>) {
    if let Err(error) = blocking(move || store.empty_log()).await {
        tracing::debug!(%error, "the log is emptied later");
    }
}

/// What the buttons of a held text send.
#[derive(Deserialize)]
pub(super) struct Read {
    text: String,
    way: String,
}

/// `POST /rights/review`. 303 back; 403, 404 as [`decide`]; 409 when it was decided already.
pub(super) async fn review(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<Read>>, FormRejection>,
) -> Response {
    let store = Arc::clone(&web.app.store);
    let response = desk::act(web, who, &headers, sent, |tx, now_ms, who, asked: Read| {
        let id = asked.text.parse().map_err(|_| DeskError::NotHere)?;
        let way = match asked.way.as_str() {
            "release" => Review::Release,
            "remove" => Review::Remove,
            _ => return Err(DeskError::Field("way")),
        };
        match ledger::review(tx, now_ms, Settler::Staff(who.session.staff), id, way)? {
            true => Ok(()),
            false => Err(DeskError::Ledger(Refusal::NotNow.into())),
        }
    })
    .await;
    leave_nothing_in_the_log(store).await;
    response
}

/// Which request a copy is for.
#[derive(Deserialize)]
pub(super) struct CopyOf {
    area: String,
    request: String,
}

#[derive(Template)]
#[template(path = "rights_copy.html")]
struct Copy {
    t: &'static super::texts::Texts,
    stylesheet: &'static str,
    icon: &'static str,
    made_at: String,
    groups: Vec<Group>,
}

struct Group {
    title: String,
    records: Vec<Vec<(String, String)>>,
}

/// `POST /rights/copy`: a page to print with all that is kept about the person. 403, 404 as [`decide`]. The list of exports keeps it.
pub(super) async fn copy(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<CopyOf>>, FormRejection>,
) -> Response {
    let made: Arc<Mutex<Option<(Value, Moment)>>> = Arc::default();
    let put = Arc::clone(&made);
    let language = language(&headers);
    let response = desk::act(web, who, &headers, sent, move |tx, now_ms, who, asked: CopyOf| {
        let (area, request) = place(tx, who, &asked.area, &asked.request)?;
        let (_, of) = rights::find(tx, area, request)?.ok_or(DeskError::NotHere)?;
        let person = rights::person_of(&of).ok_or(DeskError::NotHere)?;
        let copy = rights::copy(tx, now_ms, Settler::Staff(who.session.staff), area, person)?;
        *put.lock().unwrap_or_else(PoisonError::into_inner) = Some((copy, Moment::from_ms(now_ms)));
        Ok(())
    })
    .await;
    let made = made.lock().unwrap_or_else(PoisonError::into_inner).take();
    match made {
        Some((copy, at)) if response.status().is_redirection() => Html(printed(language, &copy, at)).into_response(),
        Some(_) => failure::page(language, &Problem::new(409, "desk.not_now")),
        None => response,
    }
}

fn printed(language: Language, copy: &Value, at: Moment) -> String {
    let groups = copy.as_object().into_iter().flatten().map(|(kind, records)| Group {
        title: label(language, "kind", kind).to_owned(),
        records: records.as_array().into_iter().flatten().map(|record| lines(language, record)).collect(),
    });
    rendered(&Copy {
        t: super::texts::of(language),
        stylesheet: crate::web::STYLESHEET,
        icon: crate::web::ICON,
        made_at: time(at),
        groups: groups.collect(),
    })
}

/// A record as lines of name and value.
fn lines(language: Language, record: &Value) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    for (name, value) in record["fields"].as_object().into_iter().flatten() {
        if let Some(text) = shown(language, name, value) {
            lines.push((label(language, "field", name).to_owned(), text));
        }
    }
    for (_, entries) in record["lists"].as_object().into_iter().flatten() {
        for entry in entries.as_array().into_iter().flatten() {
            let what = entry["what"].as_str().unwrap_or_default();
            let when = entry["when"].as_str().and_then(Moment::parse).map(time).unwrap_or_default();
            let said = shown(language, "data", &entry["data"]).unwrap_or_default();
            lines.push((format!("{} {when}", label(language, "event", what)), said));
        }
    }
    lines
}

/// A value as people read it; nothing for an id, which says nothing to anybody.
fn shown(language: Language, name: &str, value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if uuid::Uuid::parse_str(text).is_ok() => None,
        Value::String(text) => Some(Moment::parse(text).map_or_else(|| word(language, name, text), time)),
        Value::Bool(yes) => Some(label(language, "yes_no", if *yes { "yes" } else { "no" }).to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(|item| shown(language, name, item)).collect();
            (!texts.is_empty()).then(|| texts.join("；"))
        }
        Value::Object(map) => {
            let texts = map.iter().filter_map(|(name, value)| {
                let text = shown(language, name, value)?;
                Some(format!("{} {text}", name_of(language, name)))
            });
            let texts: Vec<String> = texts.collect();
            (!texts.is_empty()).then(|| texts.join("；"))
        }
    }
}

/// What a field is called: of a record, or of what was said in an event.
fn name_of(language: Language, name: &str) -> &str {
    match label(language, "field", name) {
        unknown if unknown == name => label(language, "told", name),
        known => known,
    }
}

/// A word of the domain in the reader's language; any other text as it is.
fn word(language: Language, field: &str, text: &str) -> String {
    let group = match field {
        "kind" => {
            ["residency", "matter_kind"].into_iter().find(|group| label(language, group, text) != text).unwrap_or(field)
        }
        "state" => {
            ["request", "appointment"].into_iter().find(|group| label(language, group, text) != text).unwrap_or(field)
        }
        "duties" => "duty",
        "seen_by" => "role",
        "proposed_by" => "party",
        other => other,
    };
    label(language, group, text).to_owned()
}
