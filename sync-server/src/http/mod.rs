//! HTTP: every route of the protocol on one page, and what holds for all of them.

mod body;
mod challenge;
mod enrol;
mod guard;
mod health;
pub mod limits;
pub mod problem;
mod pull;
mod push;
mod sign_in;

use crate::App;
use crate::problem::Problem;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use zoufang_domain::wire::route;

/// Where a load balancer asks whether the server lives.
pub const HEALTH: &str = "/api/v1/health";

/// The whole server as a router. Tests mount it in process.
///
/// | route | who | answer |
/// |---|---|---|
/// | `POST /api/v1/enrol` | who holds a code | the device's id and areas |
/// | `POST /api/v1/session/challenge` | enrolled phones | something to sign |
/// | `POST /api/v1/session` | enrolled phones | a token |
/// | `POST /api/v1/sync/push` | token and signature; a revoked phone: signature | verdicts |
/// | `GET /api/v1/sync/pull` | token | a page of state |
/// | `GET /api/v1/health` | everyone | that it lives |
/// | pages and reports | signed-in supervisors | [`crate::web`] |
pub fn build_router(app: Arc<App>) -> Router {
    let api = Router::new()
        .route(route::ENROL, post(enrol::enrol))
        .route(route::CHALLENGE, post(challenge::challenge))
        .route(route::SESSION, post(sign_in::sign_in))
        .route(route::PUSH, post(push::push))
        .route(route::PULL, get(pull::pull))
        .route(HEALTH, get(health::health))
        .with_state(Arc::clone(&app));
    api.merge(crate::web::routes(Arc::clone(&app)))
        .method_not_allowed_fallback(|| async { Problem::new(405, "request.method") })
        .fallback(|| async { Problem::not_found() })
        .layer(CatchPanicLayer::custom(guard::panicked))
        .layer(from_fn_with_state(Arc::clone(&app), guard::bounds))
        .layer(from_fn(problem::in_their_language))
        .layer(from_fn_with_state(Arc::clone(&app), guard::headers))
        .layer(from_fn_with_state(app, guard::log))
}
