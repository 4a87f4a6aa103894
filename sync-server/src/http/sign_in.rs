//! `POST /api/v1/session`

use super::body;
use crate::problem::Problem;
use crate::{App, session};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use zoufang_domain::wire::session::{SessionAnswer, SessionRequest};

/// Trades a signed challenge for a token.
///
/// - 200: [`SessionAnswer`].
/// - 400 `request.malformed`, 413 `request.too_large`.
/// - 401 `session.signature`: unknown, used or late challenge, or another key's signature. The challenge is gone.
/// - 403 `device.revoked` (with the last counter held), `device.suspended`.
/// - 404 `device.unknown`. 409 `protocol.too_new`.
pub(super) async fn sign_in(State(app): State<Arc<App>>, body: Body) -> Result<Json<SessionAnswer>, Problem> {
    let request: SessionRequest = body::json(body).await?;
    let (now_ms, shared) = (app.now_ms(), Arc::clone(&app));
    let work = move |tx: &rusqlite::Transaction<'_>| session::open(tx, shared.random.as_ref(), now_ms, &request);
    app.store.write_async(work).await?.map(Json)
}
