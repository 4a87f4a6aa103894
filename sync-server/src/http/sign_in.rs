//! `POST /api/v1/session`

use super::body;
use crate::problem::Problem;
use crate::store::blocking;
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
    let _turn = app.store.turn_to_write().await?;
    let shared = Arc::clone(&app);
    // A session that a power cut takes away is opened again by the phone on its own; waiting for the disk would cost its first sync 4 ms.
    let work = move || {
        let now_ms = shared.now_ms();
        shared.store.write_lazily(|tx| session::open(tx, shared.random.as_ref(), now_ms, &request))
    };
    blocking(work).await?.map(Json)
}
