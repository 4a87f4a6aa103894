//! One matter: what it is about, whose turn it is, everything that happened, and a form for each move that this person may make now. Who sits in
//! a department sees the matters that were given to it, and nothing else.

use super::desk::{self, DeskError, Sent};
use super::frame::{Frame, Section, language_href};
use super::matter_forms::{self, Input, MoveForm};
use super::{door, failure, rendered};
use crate::matters::{self, Move, MoveError, Standing, TermsBook, Wanted};
use crate::problem::Problem;
use crate::reports::labels::time;
use crate::reports::{Asked, ReportError};
use crate::staff;
use crate::store::StoreError;
use crate::store::scope::Scope;
use crate::web::{SignedIn, Web, language};
use crate::{ledger, units};
use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Address;
use zoufang_domain::ids::{HouseholdId, MatterId, UnitId};
use zoufang_domain::matter::{DESK, EventKind, FoldedEvent, ID_FIELDS, Post, Track, Urgency};
use zoufang_domain::operation::{Entry, List};
use zoufang_domain::schema::Kind;

/// One matter.
pub(super) const ONE: &str = "/matters/one";
/// Where a move is sent.
pub(super) const MOVE: &str = "/matters/move";
/// The matters that were given to one's own department.
pub(super) const MINE: &str = "/matters/mine";

/// The address of a matter's page.
pub(super) fn href(area: UnitId, id: MatterId) -> String {
    format!("{ONE}?unit={area}&matter={id}")
}

/// Which matter, of which micro-grid.
#[derive(Deserialize)]
pub(super) struct Which {
    unit: String,
    matter: String,
}

#[derive(Template)]
#[template(path = "matter.html")]
struct Page {
    f: Frame,
    summary: String,
    tags: Vec<(String, bool)>,
    about: Vec<(&'static str, String)>,
    events: Vec<EventRow>,
    forms: Vec<MoveForm>,
    matter: MatterId,
    area: UnitId,
    back: String,
    action: &'static str,
}

struct EventRow {
    what: String,
    when: String,
    who: String,
    desk: String,
    texts: Vec<(String, String)>,
    late: bool,
}

/// `GET /matters/one?unit=…&matter=…`. 303 to the door without a session; one and the same 404 for a matter outside and for none.
pub(super) async fn one(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    query: Result<Query<Which>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let language = language(&headers);
    let who = match who {
        Ok(who) => who,
        Err(problem) if problem.status == 401 => return Redirect::to(door::SIGN_IN).into_response(),
        Err(problem) => return failure::page(language, &problem),
    };
    let Ok(Query(which)) = query else { return failure::page(language, &Problem::malformed()) };
    let now_ms = web.app.now_ms();
    let made = web.app.store.read_async(move |c| page(c, &who, now_ms, &which).map(|page| rendered(&page))).await;
    match made {
        Ok(html) => Html(html).into_response(),
        Err(error) => failure::page(language, &error.into()),
    }
}

/// The posts and the area that a form or an address names; "not found" for an area that does not read.
fn posts_at(
    c: &Connection,
    who: &SignedIn,
    now_ms: i64,
    area: &str,
    matter: &str,
) -> Result<(Vec<Post>, UnitId, MatterId), ReportError> {
    let (area, id) = (area.parse::<UnitId>(), matter.parse::<MatterId>());
    let (Ok(area), Ok(id)) = (area, id) else { return Err(ReportError::NotFound) };
    Ok((matters::posts(c, now_ms, who.session.staff, area)?, area, id))
}

fn page(c: &Connection, who: &SignedIn, now_ms: i64, which: &Which) -> Result<Page, ReportError> {
    let (posts, area, id) = posts_at(c, who, now_ms, &which.unit, &which.matter)?;
    let stands = matters::seen(c, &who.scope, &posts, area, id)?.ok_or(ReportError::NotFound)?;
    let back = href(area, id);
    let sees_area = who.scope.covers(c, area)?;
    let f = match sees_area {
        true => frame(c, who, now_ms, area, &back)?,
        false => department_frame(c, who, now_ms, &back)?.ok_or(ReportError::NotFound)?,
    };
    let units = units::ancestors(c, area)?.into_iter().map(|unit| (unit.id, unit.name)).collect::<Vec<_>>();
    let forms = matter_forms::of(&f, &matters::moves(&stands.folded, &posts), &units, stands.folded.unit);
    Ok(Page {
        summary: stands.matter.summary.clone(),
        tags: tags(&f, &stands, now_ms),
        about: about(c, &f, &stands, now_ms, sees_area)?,
        events: events(c, &f, &stands)?,
        forms,
        matter: id,
        area,
        back,
        action: MOVE,
        f,
    })
}

fn asked(unit: UnitId, now_ms: i64) -> Result<Asked, ReportError> {
    let now = Moment::from_ms(now_ms);
    Ok(Asked { unit, period: crate::reports::period(None, None, now.day())?, now })
}

fn frame(c: &Connection, who: &SignedIn, now_ms: i64, unit: UnitId, here: &str) -> Result<Frame, ReportError> {
    let mut f = Frame::of(c, who, &asked(unit, now_ms)?, Section::Matters)?;
    (f.has_period, f.csv) = (false, None);
    f.language_href = language_href(who.language, here);
    Ok(f)
}

/// The frame of somebody who sits in a department and sees no unit's figures; `None` for who does not.
fn department_frame(c: &Connection, who: &SignedIn, now_ms: i64, here: &str) -> Result<Option<Frame>, ReportError> {
    let scope = Scope::of_departments(c, who.session.staff, now_ms)?;
    let Some(unit) = scope.roots().first().copied() else { return Ok(None) };
    // Only to name the department's own unit: what is shown below the frame is asked for matter by matter.
    let named = SignedIn { scope, ..who.clone() };
    let mut f = frame(c, &named, now_ms, unit, here)?;
    f.tabs =
        vec![super::frame::Link { text: f.t.given_to_us.to_owned(), href: MINE.to_owned(), current: true, count: 0 }];
    f.crumbs.clear();
    Ok(Some(f))
}

fn tags(f: &Frame, stands: &Standing, now_ms: i64) -> Vec<(String, bool)> {
    let (matter, folded) = (&stands.matter, &stands.folded);
    let now = Moment::from_ms(now_ms);
    let mut tags = vec![(f.label("state", folded.state.name()).to_owned(), false)];
    let urgent = matter.urgency == Some(Urgency::Urgent);
    let lacks_facts = matter.track == Track::Old && folded.facts_at.is_none();
    let marks = [
        (folded.is_overdue(matter.due, now), f.t.overdue),
        (urgent, f.label("urgency", "urgent")),
        (folded.supervised, f.t.supervised),
        (folded.escalated, f.t.escalated),
        (lacks_facts, f.t.lacks_facts),
    ];
    tags.extend(marks.into_iter().filter(|(is, _)| *is).map(|(_, text)| (text.to_owned(), true)));
    tags
}

fn about(
    c: &Connection,
    f: &Frame,
    stands: &Standing,
    now_ms: i64,
    sees_area: bool,
) -> Result<Vec<(&'static str, String)>, ReportError> {
    let (matter, folded, area) = (&stands.matter, &stands.folded, stands.record.area);
    let today = Moment::from_ms(now_ms).day();
    let clock = TermsBook::read(c)?.work_clock(c, area, matter, folded, today)?;
    let work = clock.map(|clock| {
        let step = f.label("step", clock.step.name());
        let stands = match (clock.is_stopped, clock.is_overdue(today)) {
            (true, _) => f.t.clock_stopped,
            (false, true) => f.t.overdue,
            (false, false) => "",
        };
        format!("{step} · {} {stands}", clock.due).trim_end().to_owned()
    });
    let in_charge = folded.unit.map(|unit| matters::place(c, unit)).transpose()?;
    let mut about = vec![
        (f.t.unit, matters::place(c, area)?),
        (f.t.matter_kind, f.label("matter_kind", matter.kind.name()).to_owned()),
        (f.t.track, f.label("track", matter.track.name()).to_owned()),
        (f.t.source, f.label("source", matter.source.name()).to_owned()),
        (f.t.whose_turn, f.label("turn", folded.state.turn().name()).to_owned()),
        (f.t.answer_due, time(matter.due)),
        (f.t.work_due, work.unwrap_or_default()),
        (f.t.in_charge, in_charge.unwrap_or_default()),
        (f.t.line, matter.line.clone().unwrap_or_default()),
        (f.t.ending, folded.ending.map(|it| f.label("ending", it.name()).to_owned()).unwrap_or_default()),
    ];
    if let Some(household) = matter.household {
        let (address, contact) = home(c, area, household)?;
        about.push((f.t.home, address));
        // Whom to call is for those whose area it is; a department is told where.
        about.push((f.t.contact, if sees_area { contact } else { String::new() }));
    }
    about.retain(|(_, text)| !text.is_empty());
    Ok(about)
}

/// Where a home is, and whom to call.
fn home(c: &Connection, area: UnitId, id: HouseholdId) -> Result<(String, String), StoreError> {
    let Some(household) = ledger::record(c, area, Kind::Household, id.0)? else { return Ok(Default::default()) };
    let text = |name: &str| household.f.get(name).and_then(Value::as_str).unwrap_or_default();
    let contact = [text("contact"), text("phone")].join(" ").trim().to_owned();
    let Ok(dwelling) = text("dwelling").parse() else { return Ok((String::new(), contact)) };
    let address = ledger::record(c, area, Kind::Dwelling, dwelling)?
        .and_then(|dwelling| Address::deserialize(dwelling.f.get("address")?).ok());
    Ok((address.map(|address| address.to_string()).unwrap_or_default(), contact))
}

fn events(c: &Connection, f: &Frame, stands: &Standing) -> Result<Vec<EventRow>, ReportError> {
    let entries = stands.record.list(List::Events).iter().zip(&stands.folded.events);
    let row = |(entry, did): (&Entry, &FoldedEvent)| {
        let who = staff::find(c, entry.who)?.map_or_else(|| f.t.someone.to_owned(), |person| person.name);
        let desk = match named(entry, DESK) {
            Some(unit) => matters::place(c, UnitId(unit))?,
            None => String::new(),
        };
        let mut texts = Vec::new();
        for (name, value) in entry.data.iter().filter(|(name, _)| *name != DESK) {
            let text = match (name.as_str(), named(entry, name)) {
                ("unit", Some(unit)) => matters::place(c, UnitId(unit))?,
                ("ending" | "level", _) => f.label(name, value.as_str().unwrap_or_default()).to_owned(),
                _ => said(value),
            };
            texts.push((f.label("told", name).to_owned(), text));
        }
        Ok(EventRow {
            what: f.label("event", &entry.what).to_owned(),
            when: time(entry.when),
            who,
            desk,
            texts,
            late: did.late,
        })
    };
    entries.map(row).collect()
}

/// The id that an event names.
fn named(entry: &Entry, name: &str) -> Option<Uuid> {
    let text = entry.data.get(name).filter(|_| ID_FIELDS.contains(&name))?.as_str()?;
    Uuid::parse_str(text).ok()
}

fn said(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(said).collect::<Vec<_>>().join("；"),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// `POST /matters/move`. 303 back; 404 outside the area; 409 with what stands against it; 422 for a text that is missing.
pub(super) async fn make(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<BTreeMap<String, String>>>, FormRejection>,
) -> Response {
    desk::act(web, who, &headers, sent, moved).await
}

fn moved(
    tx: &Transaction<'_>,
    now_ms: i64,
    who: &SignedIn,
    mut asked: BTreeMap<String, String>,
) -> Result<(), DeskError> {
    let mut take = |name: &str| asked.remove(name).unwrap_or_default();
    let (area, matter, event) = (take("area"), take("matter"), take("move"));
    let (posts, area, id) = posts_at(tx, who, now_ms, &area, &matter)?;
    let event = EventKind::from_name(&event).ok_or(DeskError::Field("move"))?;
    matters::seen(tx, &who.scope, &posts, area, id)?.ok_or(DeskError::NotHere)?;
    let data = matter_forms::data(event, &asked);
    matters::make(tx, now_ms, Move { staff: who.session.staff, area, matter: id, event, data })?;
    Ok(())
}

impl From<MoveError> for DeskError {
    fn from(e: MoveError) -> Self {
        match e {
            MoveError::NotHere => DeskError::NotHere,
            MoveError::Hindered(hindrance) => DeskError::Said(hindrance.message_id()),
            MoveError::Field(_) => DeskError::Field("matter"),
            MoveError::Ledger(e) => DeskError::Ledger(e),
        }
    }
}

/// A matter in a list.
pub(super) struct ListRow {
    pub(super) href: String,
    pub(super) summary: String,
    pub(super) place: String,
    pub(super) state: String,
    pub(super) turn: String,
    pub(super) due: String,
    pub(super) marks: Vec<String>,
}

/// The rows of a list.
pub(super) fn rows(
    c: &Connection,
    f: &Frame,
    scope: &Scope,
    wanted: Wanted,
    asked: &Asked,
) -> Result<Vec<ListRow>, StoreError> {
    let today = asked.now.day();
    let row = |row: matters::Row| {
        let late_work = row.work.filter(|clock| clock.is_overdue(today));
        let marks = [
            row.is_overdue.then(|| f.t.overdue.to_owned()),
            late_work.map(|clock| format!("{} {}", f.label("step", clock.step.name()), f.t.overdue)),
            row.is_urgent().then(|| f.label("urgency", "urgent").to_owned()),
            row.supervised.then(|| f.t.supervised.to_owned()),
            row.escalated.then(|| f.t.escalated.to_owned()),
        ];
        ListRow {
            href: href(row.area, row.id),
            place: row.place.clone(),
            state: f.label("state", row.state.name()).to_owned(),
            turn: f.label("turn", row.turn.name()).to_owned(),
            due: row.matter.due.day().to_string(),
            marks: marks.into_iter().flatten().collect(),
            summary: row.matter.summary,
        }
    };
    Ok(matters::list(c, scope, wanted, asked.now)?.into_iter().map(row).collect())
}

#[derive(Template)]
#[template(path = "matters_mine.html")]
struct Mine {
    f: Frame,
    open: Vec<ListRow>,
}

/// For who sees no unit's figures: the way to what was given to their department, or the page that says that there is nothing.
pub(super) async fn instead_of_figures(web: &Web, who: SignedIn) -> Response {
    let (staff, now_ms) = (who.session.staff, web.app.now_ms());
    match web.app.store.read_async(move |c| Scope::of_departments(c, staff, now_ms)).await {
        Ok(scope) if scope.is_empty() => failure::without_unit(&who),
        Ok(_) => Redirect::to(MINE).into_response(),
        Err(error) => failure::page(who.language, &error.into()),
    }
}

/// `GET /matters/mine`: what was given to the departments in which this person has a post. 403 for who has none.
pub(super) async fn mine(State(web): State<Arc<Web>>, who: Result<SignedIn, Problem>, headers: HeaderMap) -> Response {
    let language = language(&headers);
    let who = match who {
        Ok(who) => who,
        Err(problem) if problem.status == 401 => return Redirect::to(door::SIGN_IN).into_response(),
        Err(problem) => return failure::page(language, &problem),
    };
    let now_ms = web.app.now_ms();
    let named = who.clone();
    let work = move |c: &Connection| {
        let Some(f) = department_frame(c, &who, now_ms, MINE)? else { return Ok::<_, ReportError>(None) };
        let scope = Scope::of_departments(c, who.session.staff, now_ms)?;
        let mut open = Vec::new();
        for unit in scope.roots() {
            open.extend(rows(c, &f, &scope, Wanted::GivenTo { unit: *unit }, &asked(*unit, now_ms)?)?);
        }
        Ok(Some(rendered(&Mine { f, open })))
    };
    match web.app.store.read_async(work).await {
        Ok(Some(html)) => Html(html).into_response(),
        Ok(None) => failure::without_unit(&named),
        Err(error) => failure::page(language, &error.into()),
    }
}
