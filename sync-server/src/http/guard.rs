//! What holds for every request: bounds in time and number, the log line, the headers, and that a panic is an answer.

use super::limits::REQUEST_MAX_MS;
use crate::App;
use crate::problem::Problem;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;
use tracing::Instrument;

/// What pages may load: their own styles and pictures, nothing from elsewhere, no script.
const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
                           frame-ancestors 'none'; base-uri 'none'";
/// Header that names a request in the log. Sent on problems alone: a sync with nothing new has to stay small.
const REQUEST_ID: &str = "x-request-id";

/// A panic is an answer, and the server goes on.
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let what = cause.downcast_ref::<&str>().copied().or_else(|| cause.downcast_ref::<String>().map(String::as_str));
    // Panic texts are written in the code and hold no values of records.
    tracing::error!(what = what.unwrap_or("unknown"), "a request panicked");
    Problem::new(500, "unexpected").into_response()
}

/// At most so many requests at once, each within its time.
pub(super) async fn bounds(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let busy = || Problem::new(503, "server.busy").with_retry_after_s(5).into_response();
    let Some(_place) = app.limits.request() else { return busy() };
    match tokio::time::timeout(Duration::from_millis(REQUEST_MAX_MS), next.run(request)).await {
        Ok(response) => response,
        Err(_) => busy(),
    }
}

/// One line a request: method, route, status, time. The route is the pattern, never the address asked for; no header, no body.
pub(super) async fn log(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut bytes = [0; 8];
    app.random.fill(&mut bytes);
    let id = u64::from_be_bytes(bytes);
    let route = request.extensions().get::<MatchedPath>().map_or("-", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("request", id = format_args!("{id:016x}"), method = %request.method(), route);
    let started_ms = app.now_ms();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status().as_u16();
    let took_ms = app.now_ms() - started_ms;
    span.in_scope(|| match response.extensions().get::<Problem>() {
        Some(problem) => tracing::info!(status, took_ms, problem = problem.id),
        None => tracing::info!(status, took_ms),
    });
    if status >= 400
        && let Ok(value) = HeaderValue::from_str(&format!("{id:016x}"))
    {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    response
}

/// Seconds for which a browser that came by TLS comes by nothing else: a year.
const TLS_ONLY: &str = "max-age=31536000";

/// Nothing is cached or guessed at; pages may load only what is their own.
pub(super) async fn headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let html =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if html {
        if app.config.tls.is_some() {
            headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(TLS_ONLY));
        }
        headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(PAGE_POLICY));
        headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
        headers.entry(header::X_FRAME_OPTIONS).or_insert(HeaderValue::from_static("DENY"));
    }
    response
}
