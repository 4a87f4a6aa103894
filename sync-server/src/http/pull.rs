//! `GET /api/v1/sync/pull?cursor=…&digest=1`

use super::body;
use crate::device::Sighting;
use crate::problem::Problem;
use crate::pull::{self as use_case, Wanted};
use crate::store::{StoreError, blocking};
use crate::{App, session};
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Deserialize;
use std::sync::Arc;
use zoufang_domain::wire::header;
use zoufang_domain::wire::push::Waiting;

/// What stands in the address.
#[derive(Deserialize)]
pub(super) struct Asked {
    /// The cursor of the last answer.
    #[serde(default)]
    cursor: Option<String>,
    /// `1` or `true`: a complete answer carries digests.
    #[serde(default)]
    digest: Option<String>,
}

/// State down: a page of what changed in the caller's areas since the cursor.
///
/// - 200: [`zoufang_domain::wire::pull::PullAnswer`]. `from_start` stands on the first page alone: the phone begins anew with it, and
///   pages that follow go on from there.
/// - 400 `pull.cursor`: not a cursor of this server; the phone asks again without one.
/// - 401 `session.required`, `session.expired`. 403 `device.revoked`, `device.suspended`.
/// - 409 `device.forked`, with the last counter held.
pub(super) async fn pull(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(asked) = asked.map_err(|_| Problem::malformed())?;
    let _turn = app.store.turn_to_read().await?;
    let shared = Arc::clone(&app);
    blocking(move || answer(&shared, &headers, &asked)).await
}

fn answer(app: &App, headers: &HeaderMap, asked: &Asked) -> Result<Response, Problem> {
    let now_ms = app.now_ms();
    let token = session::token_of(headers);
    let digest = matches!(asked.digest.as_deref(), Some("1" | "true"));
    let wanted = Wanted { digest, ..Wanted::since(asked.cursor.as_deref().filter(|cursor| !cursor.is_empty())) };
    let (device, page) = app.store.read(|c| {
        let device = session::authenticate(c, now_ms, token)?;
        let page = use_case::page(c, now_ms, &device, wanted)?;
        Ok::<_, Problem>((device, page))
    })?;
    let waiting = headers.get(header::WAITING).and_then(|value| value.to_str().ok()).and_then(Waiting::from_header);
    let lost = headers.get(header::LOST_AREAS).and_then(|value| value.to_str().ok());
    let erased = page.complete && page.knows_its_areas && lost == Some("0");
    app.sightings.note(device.id, Sighting { at_ms: now_ms, synced: page.complete, waiting, erased });
    // When somebody is writing, the sighting goes with the next write or the next tick of the jobs.
    if let Some(Err(e)) = app.store.try_write_lazily::<_, StoreError>(|tx| app.sightings.write(tx)) {
        tracing::warn!(error = %e, "a sighting was not written");
    }
    Ok(body::answer(body::compress(page.json, body::takes_gzip(headers))))
}
