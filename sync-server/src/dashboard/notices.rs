//! Notices: those that concern a unit, with how many have read them and how many homes were told; one notice with who has not read it; a form
//! for desks that send one, and one to take it back.

use super::desk::{self, DeskError, Sent};
use super::frame::{Frame, Section, language_href};
use super::{UnitPage, door, failure, rendered};
use crate::ledger::{self, LedgerError};
use crate::notices::{self, Sender};
use crate::problem::Problem;
use crate::reports::labels::time;
use crate::reports::notices::{self as lists, NoticeRow, Reader};
use crate::reports::{Asked, ReportError, period};
use crate::web::{SignedIn, Web, language};
use askama::Template;
use axum::Form;
use axum::extract::rejection::{FormRejection, QueryRejection};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Redirect, Response};
use chrono::{Days, NaiveDate};
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use std::sync::Arc;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{NoticeId, UnitId, derived};
use zoufang_domain::notice::{BODY_MAX_CHARS, Notice, NoticeKind, NoticeState, TITLE_MAX_CHARS};
use zoufang_domain::refusal::Refusal;

/// One notice.
pub(super) const ONE: &str = "/notices/one";
/// Where the form that sends one goes.
pub(super) const SEND: &str = "/notices/send";
/// Where a withdrawal is sent.
pub(super) const WITHDRAW: &str = "/notices/withdraw";
/// Days for which the form proposes that a notice holds, the first included.
const USUAL_DAYS: u64 = 30;

#[derive(Template)]
#[template(path = "notices.html")]
pub(super) struct Page {
    f: Frame,
    total: u64,
    is_cut: bool,
    rows: Vec<Row>,
    /// For who may send one to this unit.
    form: Option<SendForm>,
}

struct Row {
    href: String,
    title: String,
    kind: String,
    state: String,
    is_over: bool,
    unit: String,
    days: String,
    sent: String,
    /// `3 / 12`; empty where no receipt is asked for.
    read: String,
    homes: String,
    visits_count: u64,
}

struct SendForm {
    /// The id that the notice gets: a form that is sent twice is one notice.
    id: String,
    unit: String,
    kinds: Vec<(&'static str, String)>,
    from: String,
    to: String,
    title_max_chars: usize,
    body_max_chars: usize,
}

fn row(f: &Frame, asked: UnitId, one: &NoticeRow) -> Row {
    Row {
        href: href(asked, one.id),
        title: one.title.clone(),
        kind: f.label("notice_kind", one.kind.name()).to_owned(),
        state: f.label("notice", one.state.name()).to_owned(),
        is_over: matches!(one.state, NoticeState::Withdrawn | NoticeState::Expired),
        unit: one.unit_name.clone(),
        days: format!("{} – {}", one.valid_from, one.valid_to),
        sent: match one.sent_by.is_empty() {
            true => time(one.sent_at),
            false => format!("{} · {}", time(one.sent_at), one.sent_by),
        },
        read: one.read.map(|rate| format!("{} / {}", rate.numerator, rate.denominator)).unwrap_or_default(),
        homes: format!("{} / {}", one.homes.numerator, one.homes.denominator),
        visits_count: one.visits_count,
    }
}

/// The address of a notice's page, as a unit sees it.
fn href(unit: UnitId, id: NoticeId) -> String {
    format!("{ONE}?unit={unit}&notice={id}")
}

impl UnitPage for Page {
    const SECTION: Section = Section::Notices;

    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, f: Frame) -> Result<Self, ReportError> {
        let report = lists::notices(c, &who.scope, asked)?;
        let rows: Vec<Row> = report.notices.iter().map(|one| row(&f, asked.unit, one)).collect();
        let may = ledger::sends_notices(c, asked.now.to_ms(), who.session.staff, asked.unit)?;
        let today = asked.now.day();
        let form = may.then(|| SendForm {
            id: derived(&["notice", &who.session.csrf, &asked.now.to_string(), &asked.unit.to_string()]).to_string(),
            unit: asked.unit.to_string(),
            kinds: NoticeKind::ALL.map(|kind| (kind.name(), f.label("notice_kind", kind.name()).to_owned())).to_vec(),
            from: today.to_string(),
            to: today.checked_add_days(Days::new(USUAL_DAYS - 1)).unwrap_or(today).to_string(),
            title_max_chars: TITLE_MAX_CHARS,
            body_max_chars: BODY_MAX_CHARS,
        });
        Ok(Page { total: report.total, is_cut: (rows.len() as u64) < report.total, rows, form, f })
    }
}

/// Which notice, as which unit sees it.
#[derive(Deserialize)]
pub(super) struct Which {
    unit: String,
    notice: String,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct OnePage {
    f: Frame,
    row: Row,
    body: Vec<String>,
    withdrawn_because: Option<String>,
    needs_receipt: bool,
    /// Who has not read it, then who has.
    readers: [(&'static str, Vec<Reader>); 2],
    /// For who may withdraw it: the unit that it was sent to.
    withdraw: Option<String>,
    notice: NoticeId,
}

/// `GET /notices/one?unit=…&notice=…`. 303 to the door without a session; one and the same 404 for a notice that was sent elsewhere and for none.
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

fn page(c: &Connection, who: &SignedIn, now_ms: i64, which: &Which) -> Result<OnePage, ReportError> {
    let (unit, id) = (which.unit.parse::<UnitId>(), which.notice.parse::<NoticeId>());
    let (Ok(unit), Ok(id)) = (unit, id) else { return Err(ReportError::NotFound) };
    let now = Moment::from_ms(now_ms);
    let asked = Asked { unit, period: period(None, None, now.day())?, now };
    let found = lists::receipts(c, &who.scope, &asked, id)?;
    let mut f = Frame::of(c, who, &asked, Section::Notices)?;
    let here = href(unit, id);
    (f.has_period, f.csv) = (false, None);
    (f.language_href, f.here) = (language_href(who.language, &here), here);
    let stands = found.notice.state != NoticeState::Withdrawn;
    let may = stands && ledger::sends_notices(c, now_ms, who.session.staff, found.notice.unit)?;
    let (read, unread): (Vec<_>, Vec<_>) = found.readers.into_iter().partition(|reader| reader.has_read);
    Ok(OnePage {
        row: row(&f, unit, &found.notice),
        body: found.body.lines().map(str::to_owned).collect(),
        withdrawn_because: found.withdrawn_because,
        needs_receipt: found.notice.read.is_some(),
        readers: [(f.t.not_read_yet, unread), (f.t.read_by, read)],
        withdraw: may.then(|| found.notice.unit.to_string()),
        notice: id,
        f,
    })
}

/// What the form sends: texts, as a form has them.
#[derive(Deserialize)]
pub(super) struct Sending {
    notice: String,
    unit: String,
    kind: String,
    title: String,
    body: String,
    valid_from: String,
    valid_to: String,
    /// There when the box is ticked.
    #[serde(default)]
    needs_receipt: String,
}

/// `POST /notices/send`. 303 back; 403 for who sends none; 404 for a unit outside the own area; 422 for a field that is wrong.
pub(super) async fn send(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<Sending>>, FormRejection>,
) -> Response {
    desk::act(web, who, &headers, sent, write).await
}

fn write(tx: &Transaction<'_>, now_ms: i64, who: &SignedIn, asked: Sending) -> Result<(), DeskError> {
    let unit = own_unit(tx, who, &asked.unit)?;
    let day = |text: &str, field| text.trim().parse::<NaiveDate>().map_err(|_| DeskError::Field(field));
    let notice = Notice {
        title: asked.title.trim().to_owned(),
        body: asked.body.trim().replace("\r\n", "\n"),
        kind: NoticeKind::from_name(&asked.kind).ok_or(DeskError::Field("kind"))?,
        valid_from: day(&asked.valid_from, "valid_from")?,
        valid_to: day(&asked.valid_to, "valid_to")?,
        needs_receipt: !asked.needs_receipt.is_empty(),
    };
    let id = asked.notice.parse().map_err(|_| DeskError::Field("notice"))?;
    Ok(notices::send(tx, now_ms, Sender::Desk(who.session.staff), unit, id, &notice)?)
}

/// What a withdrawal sends.
#[derive(Deserialize)]
pub(super) struct Withdrawing {
    notice: String,
    unit: String,
    reason: String,
}

/// `POST /notices/withdraw`. 303 back; 403 for who sends none; 404 for a notice that is not of the own area; 409 for one that was withdrawn
/// before; 422 without a reason.
pub(super) async fn withdraw(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<Sent<Withdrawing>>, FormRejection>,
) -> Response {
    desk::act(web, who, &headers, sent, take_back).await
}

fn take_back(tx: &Transaction<'_>, now_ms: i64, who: &SignedIn, asked: Withdrawing) -> Result<(), DeskError> {
    let unit = own_unit(tx, who, &asked.unit)?;
    let id: NoticeId = asked.notice.parse().map_err(|_| DeskError::NotHere)?;
    let sender = Sender::Desk(who.session.staff);
    match notices::withdraw(tx, now_ms, sender, unit, id, &asked.reason) {
        Err(LedgerError::Refused(Refusal::RecordMissing)) => Err(DeskError::NotHere),
        other => Ok(other?),
    }
}

fn own_unit(c: &Connection, who: &SignedIn, text: &str) -> Result<UnitId, DeskError> {
    let unit: UnitId = text.parse().map_err(|_| DeskError::NotHere)?;
    if who.scope.covers(c, unit)? { Ok(unit) } else { Err(DeskError::NotHere) }
}
