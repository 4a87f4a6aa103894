//! Signing in and out. Both forms carry a token: the sign-in form one that its own cookie repeats, everything after it the session's.

use super::frame::language_href;
use super::rendered;
use super::texts::{self, Texts};
use crate::problem::Problem;
use crate::staff::login::{self, LoginError, draw_token};
use crate::store::StoreError;
use crate::web::cookie::Cookie;
use crate::web::{ICON, STYLESHEET, SignedIn, Web, language};
use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::extract::rejection::FormRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use zoufang_domain::message::{self, Language};

/// Where people sign in.
pub(super) const SIGN_IN: &str = "/sign-in";
/// Where they sign out.
pub(super) const SIGN_OUT: &str = "/sign-out";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    t: &'static Texts,
    stylesheet: &'static str,
    icon: &'static str,
    language_href: String,
    form: String,
    login: String,
    notice: String,
    is_error: bool,
}

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct SignInForm {
    login: String,
    password: String,
    form: String,
}

/// What the button sends.
#[derive(Deserialize)]
pub(super) struct SignOutForm {
    csrf: String,
}

/// `GET /sign-in`. 200 with the form; 303 to the overview for who is signed in already.
pub(super) async fn form(State(web): State<Arc<Web>>, who: Result<SignedIn, Problem>, headers: HeaderMap) -> Response {
    if who.is_ok() {
        return Redirect::to("/").into_response();
    }
    show(&web, language(&headers), StatusCode::OK, "", None)
}

/// `POST /sign-in`. 303 to the overview with a session; 400 when the form is too old; 401 wrong name or password; 423 locked; 503 busy.
pub(super) async fn sign_in(
    State(web): State<Arc<Web>>,
    headers: HeaderMap,
    sent: Result<Form<SignInForm>, FormRejection>,
) -> Response {
    let (language, secure) = (language(&headers), web.secure);
    let t = texts::of(language);
    let Ok(Form(sent)) = sent else {
        return show(&web, language, StatusCode::BAD_REQUEST, "", Some(t.form_expired.to_owned()));
    };
    let kept = Cookie::Form.read(&headers, secure).unwrap_or_default();
    if is_foreign(&headers) || kept.is_empty() || !same(&kept, &sent.form) {
        return show(&web, language, StatusCode::BAD_REQUEST, &sent.login, Some(t.form_expired.to_owned()));
    }
    let say = |id: &str| {
        let message = message::find(id);
        Some(format!("{}。{}", message.title(language), message.detail(language)))
            .map(|text| if language == Language::En { text.replace('。', ". ") } else { text })
    };
    match web.door.sign_in(&web.app, &sent.login, &sent.password).await {
        Ok(session) => {
            let cookies = AppendHeaders([
                (header::SET_COOKIE, Cookie::Session.set(&session.token, secure)),
                (header::SET_COOKIE, Cookie::Form.remove(secure)),
            ]);
            (cookies, Redirect::to("/")).into_response()
        }
        Err(LoginError::Wrong) => show(&web, language, StatusCode::UNAUTHORIZED, &sent.login, say("login.wrong")),
        Err(LoginError::Locked) => show(&web, language, StatusCode::LOCKED, &sent.login, say("login.locked")),
        Err(LoginError::Busy | LoginError::Store(StoreError::Busy)) => {
            show(&web, language, StatusCode::SERVICE_UNAVAILABLE, &sent.login, Some(t.busy.to_owned()))
        }
        Err(LoginError::Store(error)) => super::failure::page(language, &error.into()),
    }
}

/// `POST /sign-out`. 303 to the form; 400 without the session's token.
pub(super) async fn sign_out(
    State(web): State<Arc<Web>>,
    who: Result<SignedIn, Problem>,
    headers: HeaderMap,
    sent: Result<Form<SignOutForm>, FormRejection>,
) -> Response {
    let language = language(&headers);
    let Ok(who) = who else { return Redirect::to(SIGN_IN).into_response() };
    if is_foreign(&headers) || !sent.is_ok_and(|Form(sent)| same(&who.session.csrf, &sent.csrf)) {
        return super::failure::page(language, &Problem::malformed());
    }
    let ended = web.app.store.write_async(move |tx| login::end_session(tx, &who.token)).await;
    if let Err(error) = ended {
        return super::failure::page(language, &error.into());
    }
    ([(header::SET_COOKIE, Cookie::Session.remove(web.secure))], Redirect::to(SIGN_IN)).into_response()
}

/// Whether the browser itself says that a form came from elsewhere. Old browsers say nothing; the token stands behind this.
pub(super) fn is_foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    !matches!(site, None | Some("same-origin" | "none"))
}

pub(super) fn same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

fn show(web: &Web, language: Language, status: StatusCode, login: &str, notice: Option<String>) -> Response {
    let form = draw_token(web.app.random.as_ref());
    let cookie = Cookie::Form.set(&form, web.secure);
    let page = Page {
        t: texts::of(language),
        stylesheet: STYLESHEET,
        icon: ICON,
        language_href: language_href(language, SIGN_IN),
        form,
        login: login.chars().take(64).collect(),
        is_error: notice.is_some(),
        notice: notice.unwrap_or_default(),
    };
    (status, [(header::SET_COOKIE, cookie)], Html(rendered(&page))).into_response()
}
