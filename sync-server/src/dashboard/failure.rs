//! Pages that say why there is nothing to see. "Outside your area" and "not there" are one page.

use super::frame::language_href;
use super::rendered;
use super::texts::{self, Texts};
use crate::problem::Problem;
use crate::web::{ICON, STYLESHEET, SignedIn};
use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use zoufang_domain::message::{self, Language};

#[derive(Template)]
#[template(path = "failure.html")]
struct Page {
    t: &'static Texts,
    stylesheet: &'static str,
    icon: &'static str,
    language_href: String,
    title: String,
    detail: String,
    /// What the sign-out form carries; empty for who is not signed in.
    csrf: String,
}

/// The page for a problem.
pub(super) fn page(language: Language, problem: &Problem) -> Response {
    let message = message::find(problem.id);
    let page = Page {
        t: texts::of(language),
        stylesheet: STYLESHEET,
        icon: ICON,
        language_href: language_href(language, "/"),
        title: message.title(language).to_owned(),
        detail: message.detail(language).to_owned(),
        csrf: String::new(),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, Html(rendered(&page))).into_response()
}

/// The page for somebody who may sign in but has no unit to report on.
pub(super) fn without_unit(who: &SignedIn) -> Response {
    let t = texts::of(who.language);
    let page = Page {
        t,
        stylesheet: STYLESHEET,
        icon: ICON,
        language_href: language_href(who.language, "/"),
        title: who.session.name.clone(),
        detail: t.no_unit.to_owned(),
        csrf: who.session.csrf.clone(),
    };
    (StatusCode::FORBIDDEN, Html(rendered(&page))).into_response()
}
