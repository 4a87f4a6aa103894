//! Problems: RFC 9457 answers from the message table. A handler says which and why; the language is the caller's.

use crate::store::StoreError;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use zoufang_domain::message::Language;
use zoufang_domain::wire::problem::{MEDIA_TYPE, Problem as Body};

/// Seconds after which a caller may try again when the server is busy.
const BUSY_RETRY_AFTER_S: u32 = 5;

/// An answer that is not what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{id} ({status})")]
pub struct Problem {
    /// Id in the message table.
    pub id: &'static str,
    /// HTTP status.
    pub status: u16,
    /// Seconds after which trying again makes sense.
    pub retry_after_s: Option<u32>,
    /// The last counter that the server holds from the device.
    pub last_counter: Option<u64>,
}

impl Problem {
    /// A problem with an id of the message table.
    pub const fn new(status: u16, id: &'static str) -> Self {
        Problem { id, status, retry_after_s: None, last_counter: None }
    }
    /// Nothing here, or nothing that the caller may know of.
    pub const fn not_found() -> Self {
        Problem::new(404, "not_found")
    }
    /// The request does not read.
    pub const fn malformed() -> Self {
        Problem::new(400, "request.malformed")
    }
    /// With the last counter held.
    #[must_use]
    pub const fn with_last_counter(mut self, counter: u64) -> Self {
        self.last_counter = Some(counter);
        self
    }
    /// With the seconds to wait.
    #[must_use]
    pub const fn with_retry_after_s(mut self, seconds: u32) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }
    /// As it goes out.
    pub fn body(&self, language: Language) -> Body {
        Body {
            retry_after_s: self.retry_after_s,
            last_counter: self.last_counter,
            ..Body::new(self.id, self.status, language)
        }
    }
    fn respond(&self, language: Language) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = serde_json::to_string(&self.body(language)).unwrap_or_default();
        let mut response = (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], text).into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Self {
        match e {
            StoreError::Busy | StoreError::Closed => {
                Problem::new(503, "server.busy").with_retry_after_s(BUSY_RETRY_AFTER_S)
            }
            StoreError::Full => Problem::new(507, "server.disk_full"),
            other => {
                // The text of SQLite's errors names tables and columns, never values.
                tracing::error!(error = %other, "store failed");
                Problem::new(500, "unexpected")
            }
        }
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(e: rusqlite::Error) -> Self {
        StoreError::from(e).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.respond(Language::Zh);
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes a problem in the language that the caller asks for.
pub(crate) async fn in_their_language(request: Request, next: Next) -> Response {
    let wanted = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = wanted.map_or(Language::Zh, Language::from_header);
    let response = next.run(request).await;
    match (language, response.extensions().get::<Problem>()) {
        (Language::En, Some(problem)) => {
            let problem = problem.clone();
            let mut anew = problem.respond(language);
            anew.extensions_mut().insert(problem);
            anew
        }
        _ => response,
    }
}
