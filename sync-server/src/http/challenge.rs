//! `POST /api/v1/session/challenge`

use super::body;
use crate::problem::Problem;
use crate::store::blocking;
use crate::{App, session};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use zoufang_domain::wire::session::{ChallengeAnswer, ChallengeRequest};

/// Something to sign, good for one sign-in within two minutes.
///
/// - 200: [`ChallengeAnswer`].
/// - 400 `request.malformed`, 413 `request.too_large`.
/// - 403 `device.revoked` (with the last counter held), `device.suspended`.
/// - 404 `device.unknown`.
/// - 429 `request.too_often`: eight challenges of this device are open.
pub(super) async fn challenge(State(app): State<Arc<App>>, body: Body) -> Result<Json<ChallengeAnswer>, Problem> {
    let request: ChallengeRequest = body::json(body).await?;
    let _turn = app.store.turn_to_write().await?;
    let shared = Arc::clone(&app);
    // A challenge that a power cut takes away is asked for again.
    let work = move || {
        let now_ms = shared.now_ms();
        shared.store.write_lazily(|tx| session::challenge(tx, shared.random.as_ref(), now_ms, &request))
    };
    blocking(work).await?.map(Json)
}
