//! `POST /api/v1/sync/push`

use super::body::{self, Encoding};
use crate::device::{self, Device, Sighting, Status};
use crate::ledger::{self, Acceptance, Incoming, InflateError};
use crate::problem::Problem;
use crate::store::blocking_until_told;
use crate::{App, session, signature};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use std::borrow::Cow;
use std::sync::Arc;
use tokio::sync::oneshot;
use zoufang_domain::wire::header;
use zoufang_domain::wire::limits::{PUSH_DECODED_MAX_BYTES, PUSH_ENCODED_MAX_BYTES};
use zoufang_domain::wire::push::Waiting;

/// Operations up: JSON of [`zoufang_domain::wire::push::Batch`], plain or gzip, signed in `x-zoufang-signature`.
///
/// - 200: [`zoufang_domain::wire::push::PushAnswer`]; every verdict is on the disk before it is sent. An operation that cannot be applied
///   is kept in quarantine and is no error.
/// - 400 `request.malformed`: no batch; nothing was taken.
/// - 401 `session.required`, `session.expired`; `session.signature`: not this device's, or not over exactly this body.
/// - 403 `device.revoked`, `device.suspended`, with the last counter held. A revoked phone sends once more without a token; its signature
///   lets it in, and all of it goes into quarantine.
/// - 404 `device.unknown` (without a token).
/// - 409 `push.gap` with the last counter held; `push.same_id_other_content`; `device.forked`: what the server did not have was kept in
///   quarantine; `protocol.too_new`.
/// - 413 `request.too_large`, `request.too_many_operations`. 415 `request.encoding`.
/// - 503 `server.busy`, 507 `server.disk_full`: nothing was taken.
pub(super) async fn push(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Result<Response, Problem> {
    let encoding = body::encoding(&headers)?;
    let gzip = body::takes_gzip(&headers);
    let busy = || Problem::new(503, "server.busy").with_retry_after_s(5);
    // Who has a token shows it before a byte of the body is read; few may come without.
    let (signed_in, bytes) = match session::token_of(&headers).map(str::to_owned) {
        Some(token) => {
            let now_ms = app.now_ms();
            let device = app.store.read_async(move |c| session::authenticate(c, now_ms, Some(&token))).await?;
            (Some(device), body::read(body, PUSH_ENCODED_MAX_BYTES).await?)
        }
        None => {
            let _place = app.limits.stranger().ok_or_else(busy)?;
            (None, body::read(body, PUSH_ENCODED_MAX_BYTES).await?)
        }
    };
    let _place = app.limits.push().await.ok_or_else(busy)?;
    let shared = Arc::clone(&app);
    let work = move |tell: oneshot::Sender<_>| {
        // What was read of the push is dropped after its answer is on the way.
        let (mut decoded, mut incoming) = (Cow::default(), None);
        let sent = Sent { headers: &headers, signed_in, encoding, bytes: &bytes };
        // Whoever has gone meanwhile finds the answer when it asks again.
        let _ = tell.send(answer(&shared, sent, &mut decoded, &mut incoming));
    };
    blocking_until_told(work).await.map(|json| body::answer(body::compress(json, gzip)))
}

/// A push as it came.
struct Sent<'a> {
    headers: &'a HeaderMap,
    signed_in: Option<Device>,
    encoding: Encoding,
    bytes: &'a Bytes,
}

/// The answer. What it is made from is left with the caller.
fn answer<'a>(
    app: &App,
    Sent { headers, signed_in, encoding, bytes }: Sent<'a>,
    decoded: &'a mut Cow<'a, [u8]>,
    incoming: &mut Option<Incoming<'a>>,
) -> Result<Vec<u8>, Problem> {
    let now_ms = app.now_ms();
    *decoded = decode(encoding, bytes)?;
    let text = std::str::from_utf8(decoded).map_err(|_| Problem::malformed())?;
    let device = match signed_in {
        Some(device) => device,
        None => revoked(app, text)?,
    };
    let signature =
        headers.get(header::SIGNATURE).and_then(|value| value.to_str().ok()).and_then(signature::from_base64);
    let signature = signature.ok_or_else(|| Problem::new(401, "session.signature"))?;
    let encoded = (encoding == Encoding::Gzip).then_some(&bytes[..]);
    let incoming = incoming.insert(Incoming::read(&device, text, encoded, &signature)?);
    let waiting = headers.get(header::WAITING).and_then(|value| value.to_str().ok()).and_then(Waiting::from_header);
    app.sightings.note(device.id, Sighting { at_ms: now_ms, synced: false, waiting, erased: false });
    match ledger::receive(&app.store, now_ms, device.id, incoming, &app.sightings)? {
        Acceptance::Answered(answer) => serde_json::to_vec(&answer).map_err(|_| Problem::new(500, "unexpected")),
        Acceptance::Refused(problem) => Err(problem),
    }
}

fn decode(encoding: Encoding, bytes: &Bytes) -> Result<Cow<'_, [u8]>, Problem> {
    match encoding {
        Encoding::Plain => Ok(Cow::Borrowed(bytes)),
        Encoding::Gzip => match ledger::inflate(bytes, PUSH_DECODED_MAX_BYTES) {
            Ok(decoded) => Ok(Cow::Owned(decoded)),
            Err(InflateError::TooLarge) => Err(Problem::new(413, "request.too_large")),
            Err(InflateError::Damaged) => Err(Problem::malformed()),
        },
    }
}

/// Without a token only a phone that is refused one gets in, and only with its signature, which is checked next.
fn revoked(app: &App, text: &str) -> Result<Device, Problem> {
    let id = ledger::device_of(text)?;
    let device = app.store.read(|c| device::find(c, id))?.ok_or_else(|| Problem::new(404, "device.unknown"))?;
    match device.status {
        Status::Revoked => Ok(device),
        _ => Err(Problem::new(401, "session.required")),
    }
}
