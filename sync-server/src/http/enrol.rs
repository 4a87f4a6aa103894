//! `POST /api/v1/enrol`

use super::body;
use crate::problem::Problem;
use crate::{App, enrol as use_case};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use std::sync::Arc;
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest};

/// A phone joins with a one-time code.
///
/// - 200: [`EnrolAnswer`]; the same again when the same phone asks again with its code.
/// - 400 `request.malformed`, 413 `request.too_large`.
/// - 403 `enrol.code_wrong`: unknown code or wrong secret; after 30 in a minute 429 `request.too_often`.
/// - 403 `enrol.other_person`: a phone that was enrolled before comes back with somebody else's code. 409 `enrol.device_known`: its id or
///   key is another device's here.
/// - 409 `enrol.code_used`: by another phone. 409 `protocol.too_new`.
/// - 410 `enrol.code_expired`, `enrol.code_void`.
/// - 422 `enrol.key_invalid`: no P-256 key, no proof that the phone holds it, or a key that is enrolled already.
pub(super) async fn enrol(State(app): State<Arc<App>>, body: Body) -> Result<Json<EnrolAnswer>, Problem> {
    let request: EnrolRequest = body::json(body).await?;
    let (now_ms, shared) = (app.now_ms(), Arc::clone(&app));
    let answered = app
        .store
        .write_async(move |tx| use_case::enrol(tx, shared.random.as_ref(), &shared.limits, now_ms, &request))
        .await;
    answered?.map(Json)
}
