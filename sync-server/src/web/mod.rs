//! What a browser is given: the supervisors' pages ([`crate::dashboard`]), the reports behind them ([`crate::reports::http`]), one
//! stylesheet and one picture. All of it comes out of this binary: no CDN, no script, no inline style, and a policy that says so.

pub mod cookie;
mod signed_in;

pub use signed_in::{SignedIn, Web, language};

use crate::App;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;

/// What a page may load: nothing but what this server sends. No script at all, no frame around it, no form to anywhere else.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; \
     form-action 'self'; frame-ancestors 'none'";

/// Sent with every answer of this module.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()"),
];

/// The route of the stylesheet; its version changes with its content, so browsers may keep it for good.
pub const STYLESHEET: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/style.css");
/// The route of the picture beside the name.
pub const ICON: &str = concat!("/assets/", env!("CARGO_PKG_VERSION"), "/icon.svg");
/// How long browsers keep both. Not for good: builds of one version may differ.
const ASSET_CACHE: &str = "public, max-age=3600";

/// The routes of the pages and reports.
pub fn routes(app: Arc<App>) -> Router {
    let web = Arc::new(Web::new(app));
    let routes = crate::dashboard::routes().merge(crate::reports::http::routes()).with_state(web);
    Router::new()
        .route(STYLESHEET, get(stylesheet))
        .route(ICON, get(icon))
        .merge(routes)
        .layer(middleware::from_fn(with_headers))
}

async fn with_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages and reports hold what only this person may see.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

async fn stylesheet() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, ASSET_CACHE)];
    (headers, include_str!("assets/style.css"))
}

async fn icon() -> impl IntoResponse {
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, ASSET_CACHE)];
    (headers, include_str!("assets/icon.svg"))
}
