//! Sessions of phones: a challenge signed with the device key buys a token; the token is looked up, with its device's standing, at every
//! request, so a revoked phone is refused at its next one.

use crate::device::{self, Device, Status};
use crate::ports::Random;
use crate::problem::Problem;
use crate::signature;
use crate::store::StoreError;
use axum::http::{HeaderMap, header};
use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};
use zoufang_domain::planted::{self, Defect};
use zoufang_domain::wire::session::{ChallengeAnswer, ChallengeRequest, SessionAnswer, SessionRequest, challenge_text};
use zoufang_domain::wire::version;

/// How long a session lasts: one working day.
pub const SESSION_LASTS_S: u32 = 8 * 3600;
/// How long a challenge can be answered.
pub const CHALLENGE_LASTS_MS: i64 = 2 * 60 * 1000;
/// Challenges of one device that may be open at once.
pub const CHALLENGES_MAX_COUNT: i64 = 8;
/// Random bytes of a nonce and of a token: 256 bits.
const SECRET_BYTES: usize = 32;
/// Longest text after `Bearer` that is looked at.
const TOKEN_MAX_BYTES: usize = 128;

fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// Makes up something to sign.
///
/// # Errors
/// What the store says.
pub fn challenge(
    tx: &Transaction<'_>,
    random: &dyn Random,
    now_ms: i64,
    request: &ChallengeRequest,
) -> Result<Result<ChallengeAnswer, Problem>, StoreError> {
    let Some(device) = device::find(tx, request.device)? else {
        return Ok(Err(Problem::new(404, "device.unknown")));
    };
    if let Err(problem) = may_sign_in(&device) {
        return Ok(Err(problem));
    }
    tx.prepare_cached("DELETE FROM challenge WHERE expires_ms <= ?1")?.execute([now_ms])?;
    let open: i64 = tx
        .prepare_cached("SELECT count(*) FROM challenge WHERE device = ?1")?
        .query_row([device.id.as_bytes()], |row| row.get(0))?;
    if open >= CHALLENGES_MAX_COUNT {
        let wait_s = (CHALLENGE_LASTS_MS / 1000) as u32;
        return Ok(Err(Problem::new(429, "request.too_often").with_retry_after_s(wait_s)));
    }
    let mut bytes = [0; SECRET_BYTES];
    random.fill(&mut bytes);
    let nonce = signature::to_base64(&bytes);
    let sql = "INSERT INTO challenge (nonce_hash, device, expires_ms) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute((hash(&nonce), device.id.as_bytes(), now_ms + CHALLENGE_LASTS_MS))?;
    Ok(Ok(ChallengeAnswer { nonce }))
}

/// Trades a signed challenge for a token. The challenge is gone whatever comes of it.
///
/// # Errors
/// What the store says.
pub fn open(
    tx: &Transaction<'_>,
    random: &dyn Random,
    now_ms: i64,
    request: &SessionRequest,
) -> Result<Result<SessionAnswer, Problem>, StoreError> {
    let refused = || Problem::new(401, "session.signature");
    if request.protocol > version::CURRENT {
        return Ok(Err(Problem::new(409, "protocol.too_new")));
    }
    let Some(device) = device::find(tx, request.device)? else {
        return Ok(Err(Problem::new(404, "device.unknown")));
    };
    if let Err(problem) = may_sign_in(&device) {
        return Ok(Err(problem));
    }
    let sql = "DELETE FROM challenge WHERE nonce_hash = ?1 AND device = ?2 RETURNING expires_ms";
    let expires_ms: Option<i64> =
        tx.prepare_cached(sql)?.query_row((hash(&request.nonce), device.id.as_bytes()), |row| row.get(0)).optional()?;
    if expires_ms.is_none_or(|expires_ms| expires_ms <= now_ms) {
        return Ok(Err(refused()));
    }
    let text = challenge_text(request.device, &request.nonce);
    let signed = signature::from_base64(&request.signature)
        .is_some_and(|signature| signature::verify(&device.public_key, text.as_bytes(), &signature));
    if !signed {
        return Ok(Err(refused()));
    }
    let mut bytes = [0; SECRET_BYTES];
    random.fill(&mut bytes);
    let token = signature::to_base64_url(&bytes);
    tx.prepare_cached("DELETE FROM session WHERE expires_ms <= ?1")?.execute([now_ms])?;
    let sql = "INSERT INTO session (token_hash, device, expires_ms) VALUES (?1, ?2, ?3)";
    tx.prepare_cached(sql)?.execute((
        hash(&token),
        device.id.as_bytes(),
        now_ms + i64::from(SESSION_LASTS_S) * 1000,
    ))?;
    let version: String = request.app_version.chars().filter(|c| !c.is_control()).take(64).collect();
    tx.prepare_cached("UPDATE device SET app_version = ?2, last_seen_ms = ?3 WHERE id = ?1")?.execute((
        device.id.as_bytes(),
        version,
        now_ms,
    ))?;
    Ok(Ok(SessionAnswer { token, lasts_s: SESSION_LASTS_S }))
}

/// A forked phone may sign in, so that it can bring what it holds into quarantine and be told what happened.
fn may_sign_in(device: &Device) -> Result<(), Problem> {
    match device.status {
        Status::Active | Status::Forked => Ok(()),
        Status::Suspended => Err(Problem::new(403, "device.suspended")),
        Status::Revoked | Status::Erased => {
            Err(Problem::new(403, "device.revoked").with_last_counter(device.last_counter))
        }
    }
}

/// The bearer token of a request.
pub fn token_of(headers: &HeaderMap) -> Option<&str> {
    let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = text.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") && token.len() <= TOKEN_MAX_BYTES).then(|| token.trim())
}

/// The device of a token, as it stands now.
///
/// # Errors
/// `session.required` without a token, `session.expired` for one that is not or no longer good, `device.revoked` and `device.suspended`.
pub fn authenticate(c: &Connection, now_ms: i64, token: Option<&str>) -> Result<Device, Problem> {
    let token = token.ok_or_else(|| Problem::new(401, "session.required"))?;
    let sql = "SELECT d.id, d.staff, d.public_key, d.status, d.last_counter, d.last_link
               FROM session s JOIN device d ON d.id = s.device WHERE s.token_hash = ?1 AND s.expires_ms > ?2";
    let found =
        c.prepare_cached(sql)?.query_row((hash(token), now_ms), |row| Ok(device::read(row))).optional()?.transpose()?;
    let device = found.ok_or_else(|| Problem::new(401, "session.expired"))?;
    if planted::is(Defect::SessionOutlivesRevocation) {
        return Ok(device);
    }
    may_sign_in(&device).map(|()| device)
}
