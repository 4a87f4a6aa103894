//! Who is asking: the session behind a request's cookie, and the subtree that its holder may see right now.

use super::cookie::Cookie;
use crate::App;
use crate::problem::Problem;
use crate::staff::login::{self, Door, WebSession};
use crate::store::StoreError;
use crate::store::scope::Scope;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::sync::Arc;
use zoufang_domain::message::Language;

/// What the pages need beside the server itself.
pub struct Web {
    /// The server.
    pub app: Arc<App>,
    /// Where people sign in.
    pub door: Door,
    /// Whether browsers reach this server over TLS: its own, or that of a proxy which the public address names.
    pub secure: bool,
}

impl Web {
    pub(super) fn new(app: Arc<App>) -> Self {
        let proxied = app.config.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        let secure = app.config.tls.is_some() || proxied;
        Web { app, door: Door::default(), secure }
    }
}

/// The language of a request: the cookie's if there is one, else the browser's.
pub fn language(headers: &HeaderMap) -> Language {
    match Cookie::Language.read(headers, false).as_deref() {
        Some("en") => Language::En,
        Some("zh") => Language::Zh,
        _ => {
            let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
            Language::from_header(asked.unwrap_or_default())
        }
    }
}

/// A supervisor with a session. Posts are looked up anew for every request, so one that ended an instant ago shows nothing more.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// The session.
    pub session: WebSession,
    /// Its token.
    pub token: String,
    /// What may be seen; empty for somebody without a post that reads reports.
    pub scope: Scope,
    /// The language of the request.
    pub language: Language,
}

impl FromRequestParts<Arc<Web>> for SignedIn {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, web: &Arc<Web>) -> Result<Self, Problem> {
        let language = language(&parts.headers);
        let token = Cookie::Session.read(&parts.headers, web.secure).ok_or(Problem::new(401, "session.required"))?;
        let now_ms = web.app.now_ms();
        let asked = token.clone();
        let found = web.app.store.read_async(move |c| {
            let Some(session) = login::session(c, &asked, now_ms)? else { return Ok::<_, StoreError>(None) };
            let scope = Scope::of_supervisor(c, session.staff, now_ms)?;
            Ok(Some((session, scope)))
        });
        let (session, scope) = found.await?.ok_or(Problem::new(401, "session.expired"))?;
        Ok(SignedIn { session, token, scope, language })
    }
}
