//! The supervisors' pages, rendered here and readable without a script. Each page is a typed template over a report; [`frame`] is
//! what all pages share, [`door`] where people sign in, [`texts`] what is written on them.

mod appointments;
mod conflicts;
mod desk;
mod devices;
mod door;
mod failure;
mod frame;
mod matter;
mod matter_forms;
mod matters;
mod notices;
mod overview;
mod quarantine;
mod rights;
pub mod texts;
mod visits;

use crate::problem::Problem;
use crate::reports::http::ReportQuery;
use crate::reports::{Asked, ReportError};
use crate::web::cookie::Cookie;
use crate::web::{SignedIn, Web, language};
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use frame::{Frame, Section};
use rusqlite::Connection;
use serde::Deserialize;
use std::sync::Arc;

/// The routes.
pub fn routes() -> Router<Arc<Web>> {
    Router::new()
        .route("/", get(|| async { Redirect::to(Section::Overview.path()) }))
        .route(door::SIGN_IN, get(door::form).post(door::sign_in))
        .route(door::SIGN_OUT, post(door::sign_out))
        .route("/language/{language}", get(switch_language))
        .route(Section::Overview.path(), get(section::<overview::Page>))
        .route(Section::Visits.path(), get(section::<visits::Page>))
        .route(Section::Matters.path(), get(section::<matters::Page>))
        .route(Section::Appointments.path(), get(section::<appointments::Page>))
        .route(Section::Notices.path(), get(section::<notices::Page>))
        .route(Section::Devices.path(), get(section::<devices::Page>))
        .route(Section::Conflicts.path(), get(section::<conflicts::Page>))
        .route(Section::Quarantine.path(), get(section::<quarantine::Page>))
        .route(Section::Rights.path(), get(section::<rights::Page>))
        .route(rights::DECIDE, post(rights::decide))
        .route(rights::COPY, post(rights::copy))
        .route(rights::REVIEW, post(rights::review))
        .route(matters::OPEN, post(matters::open))
        .route(matter::ONE, get(matter::one))
        .route(matter::MINE, get(matter::mine))
        .route(matter::MOVE, post(matter::make))
        .route(appointments::TAKE_DOWN, post(appointments::take_down))
        .route(notices::ONE, get(notices::one))
        .route(notices::SEND, post(notices::send))
        .route(notices::WITHDRAW, post(notices::withdraw))
        .route(conflicts::SETTLE, post(conflicts::settle))
        .route(quarantine::SETTLE, post(quarantine::settle))
}

/// One page about one unit and period.
trait UnitPage: askama::Template + Sized + Send + 'static {
    /// Which.
    const SECTION: Section;
    /// Asks the reports that it shows.
    fn ask(c: &Connection, who: &SignedIn, asked: &Asked, frame: Frame) -> Result<Self, ReportError>;
}

/// Answers with a page; without a session, with the way to the door; for a unit outside, as for a missing one.
async fn section<P: UnitPage>(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    query: Result<Query<ReportQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Response {
    let who = match who {
        Ok(who) => who,
        Err(problem) if problem.status == 401 => return Redirect::to(door::SIGN_IN).into_response(),
        Err(problem) => return failure::page(language(&headers), &problem),
    };
    let Ok(Query(query)) = query else { return failure::page(who.language, &Problem::malformed()) };
    let (language, now_ms) = (who.language, web.app.now_ms());
    if who.scope.is_empty() {
        return matter::instead_of_figures(&web, who).await;
    }
    let work = move |c: &Connection| {
        let asked = query.resolve(c, &who.scope, now_ms)?;
        let frame = Frame::of(c, &who, &asked, P::SECTION)?;
        P::ask(c, &who, &asked, frame).map(|page| rendered(&page))
    };
    match web.app.store.read_async(work).await {
        Ok(html) => Html(html).into_response(),
        Err(error) => failure::page(language, &error.into()),
    }
}

/// A template's text.
fn rendered(page: &impl askama::Template) -> String {
    page.render().expect("a template writes to memory, and nothing that it shows fails")
}

/// Where a language switch goes back to.
#[derive(Deserialize)]
struct Back {
    back: Option<String>,
}

/// Sets the language for this browser and goes back to where it came from, on this server.
async fn switch_language(
    State(web): State<Arc<Web>>,
    Path(language): Path<String>,
    Query(Back { back }): Query<Back>,
) -> Response {
    let language = if language == "en" { "en" } else { "zh" };
    let back = back.filter(|path| is_local(path)).unwrap_or_else(|| "/".to_owned());
    let Ok(location) = HeaderValue::from_str(&back) else { return StatusCode::BAD_REQUEST.into_response() };
    let cookie = Cookie::Language.set(language, web.secure);
    (StatusCode::SEE_OTHER, [(header::LOCATION, location), (header::SET_COOKIE, cookie)]).into_response()
}

/// Whether a text is a path on this server and not an address of another (`//host`, `/\host`).
fn is_local(path: &str) -> bool {
    let rest = path.strip_prefix('/');
    rest.is_some_and(|rest| !rest.starts_with(['/', '\\']) && path.bytes().all(|it| it.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_leads_to_this_server_only() {
        assert!(is_local("/overview?unit=1&from=2026-11-01"));
        for elsewhere in ["//example.cn", "/\\example.cn", "https://example.cn", "", "/a b", "/\r\nset-cookie:x"] {
            assert!(!is_local(elsewhere), "{elsewhere}");
        }
    }
}
