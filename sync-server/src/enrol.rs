//! Enrolment: a one-time code joins a phone's key to a member of staff.
//!
//! A code is `<id>-<secret>`: the id (40 bits) finds the row, the secret (130 bits) is stored as its SHA-256 only. It lasts 15 minutes,
//! five wrong secrets void it, and it works once; the same phone asking again because the answer was lost gets the same answer.
//!
//! A phone that was enrolled after the backup that this server came back from names its old id with a code of the same person
//! ([`Returning`]) and is that device again.

use crate::audit::{self, Actor};
use crate::http::limits::Limits;
use crate::ledger::{CONSOLE, SERVER_DEVICE};
use crate::ports::{Random, random_id};
use crate::problem::Problem;
use crate::signature;
use crate::store::{StoreError, id_at};
use rusqlite::{OptionalExtension, Transaction};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, OpId, StaffId};
use zoufang_domain::stamp::Stamp;
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, Returning, fingerprint};
use zoufang_domain::wire::version;

/// How long a code lasts.
pub const CODE_LASTS_MS: i64 = 15 * 60 * 1000;
/// Wrong secrets after which a code is void.
pub const CODE_TRIES_COUNT: i64 = 5;
/// Letters of the id, 5 bits each.
const ID_CHARS: usize = 8;
/// Letters of the secret, 5 bits each: 130 bits.
const SECRET_CHARS: usize = 26;
/// Letters and digits that nobody mistakes for another: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Longest text that a phone may say of its platform or version.
const LABEL_MAX_CHARS: usize = 64;

/// Makes a code for a member of staff and gives its text: the only time that the secret is seen.
///
/// # Errors
/// What the store says, also when there is no such member of staff.
pub fn make_code(
    tx: &Transaction<'_>,
    random: &dyn Random,
    staff: StaffId,
    now_ms: i64,
    actor: Actor,
) -> Result<String, StoreError> {
    let (id, secret) = (letters(random, ID_CHARS), letters(random, SECRET_CHARS));
    let sql = "INSERT INTO enrol_code (id, secret_hash, staff, created_ms, expires_ms, tries_left) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.prepare_cached(sql)?.execute((
        &id,
        hash(&secret),
        staff.as_bytes(),
        now_ms,
        now_ms + CODE_LASTS_MS,
        CODE_TRIES_COUNT,
    ))?;
    audit::write(tx, now_ms, actor, "enrol.code_made", &staff.to_string())?;
    Ok(format!("{id}-{secret}"))
}

/// What the enrolment picture holds, as JSON: the address, the code, and the certificate authority that the phone pins (PEM), if the
/// server has one of its own.
pub fn qr_payload(server_url: &str, ca_pem: Option<&str>, code: &str) -> String {
    let mut payload = serde_json::json!({ "v": 1, "url": server_url, "code": code });
    if let (Some(pem), Some(map)) = (ca_pem, payload.as_object_mut()) {
        map.insert("ca".into(), pem.trim().into());
    }
    payload.to_string()
}

fn letters(random: &dyn Random, count: usize) -> String {
    let mut bytes = vec![0; count];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect()
}

fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// Reads a code as people type it: lower case, spaces, and O I L for 0 1 1 are forgiven.
fn parse(code: &str) -> Option<(String, String)> {
    let (id, secret) = code.split_once('-')?;
    let clean = |text: &str, count: usize| {
        let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
        let clean: String = kept
            .take(count + 1)
            .map(|c| match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            })
            .collect();
        (clean.len() == count && clean.bytes().all(|byte| ALPHABET.contains(&byte))).then_some(clean)
    };
    Some((clean(id, ID_CHARS)?, clean(secret, SECRET_CHARS)?))
}

/// A code as stored.
struct Code {
    id: String,
    secret_hash: [u8; 32],
    staff: StaffId,
    expires_ms: i64,
    tries_left: i64,
    used_by: Option<DeviceId>,
}

/// Joins a phone. A refusal is a value, because a wrong try must stay counted.
///
/// # Errors
/// What the store says.
pub fn enrol(
    tx: &Transaction<'_>,
    random: &dyn Random,
    limits: &Limits,
    now_ms: i64,
    request: &EnrolRequest,
) -> Result<Result<EnrolAnswer, Problem>, StoreError> {
    if request.protocol > version::CURRENT {
        return Ok(Err(Problem::new(409, "protocol.too_new")));
    }
    let wrong = || match limits.wrong_code(now_ms) {
        Ok(()) => Problem::new(403, "enrol.code_wrong"),
        Err(wait_s) => Problem::new(429, "request.too_often").with_retry_after_s(wait_s),
    };
    let Some((id, secret)) = parse(&request.code) else { return Ok(Err(wrong())) };
    let Some(code) = find(tx, id)? else { return Ok(Err(wrong())) };
    if code.tries_left <= 0 {
        return Ok(Err(Problem::new(410, "enrol.code_void")));
    }
    if !bool::from(hash(&secret).ct_eq(&code.secret_hash)) {
        tx.prepare_cached("UPDATE enrol_code SET tries_left = tries_left - 1 WHERE id = ?1")?.execute([&code.id])?;
        if code.tries_left == 1 {
            audit::write(tx, now_ms, Actor::Console, "enrol.code_void", &code.staff.to_string())?;
        }
        return Ok(Err(wrong()));
    }
    let Some(key) = proven_key(request) else { return Ok(Err(Problem::new(422, "enrol.key_invalid"))) };
    if let Some(device) = code.used_by {
        let again = crate::device::find(tx, device)?.is_some_and(|device| device.public_key == key);
        if !again {
            return Ok(Err(Problem::new(409, "enrol.code_used")));
        }
        return answer(tx, now_ms, device, code.staff, request).map(Ok);
    }
    if code.expires_ms <= now_ms {
        return Ok(Err(Problem::new(410, "enrol.code_expired")));
    }
    let device = match &request.returning {
        Some(returning) => match take_back(tx, now_ms, &code, &key, request, returning)? {
            Ok(()) => returning.device,
            Err(problem) => return Ok(Err(problem)),
        },
        None if device_of_key(tx, &key)?.is_some() => return Ok(Err(Problem::new(422, "enrol.key_invalid"))),
        None => {
            let device = DeviceId(random_id(random));
            join(tx, now_ms, device, &code, &key, request)?;
            device
        }
    };
    answer(tx, now_ms, device, code.staff, request).map(Ok)
}

/// Takes back a phone that this server has forgotten: under its old id, since all of its operations and versions bear that, with a chain
/// that begins where the phone says that what it keeps begins.
///
/// Nothing here remembers which key the id belonged to, so what is asked is: the code is that person's own, and neither id nor key is
/// somebody's. A phone of the same key that is here already came back before and lost the answer.
fn take_back(
    tx: &Transaction<'_>,
    now_ms: i64,
    code: &Code,
    key: &[u8],
    request: &EnrolRequest,
    returning: &Returning,
) -> Result<Result<(), Problem>, StoreError> {
    let device = returning.device;
    if !returning.is_well_formed() {
        return Ok(Err(Problem::malformed()));
    }
    if returning.staff != code.staff {
        // For the administrator: under which id the person is to be brought back, if the backup has forgotten them, too.
        audit::write(tx, now_ms, Actor::Device(device), "enrol.other_person", &returning.staff.to_string())?;
        tracing::warn!(staff = %returning.staff, "a phone of another person than its code's asked to come back");
        return Ok(Err(Problem::new(403, "enrol.other_person")));
    }
    match device_of_key(tx, key)? {
        Some(known) if known == device => use_up(tx, now_ms, code, device)?,
        None if !is_taken(tx, device)? => join(tx, now_ms, device, code, key, request)?,
        _ => {
            audit::write(tx, now_ms, Actor::Device(device), "enrol.device_known", &code.staff.to_string())?;
            return Ok(Err(Problem::new(409, "enrol.device_known")));
        }
    }
    Ok(Ok(()))
}

fn device_of_key(tx: &Transaction<'_>, key: &[u8]) -> Result<Option<DeviceId>, StoreError> {
    let sql = "SELECT id FROM device WHERE public_key = ?1";
    Ok(tx.prepare_cached(sql)?.query_row([key], |row| id_at(row, 0).map(DeviceId)).optional()?)
}

/// Whether a device's operations would bear the same ids as those of one that is known. They are made of a part of the device's id, and
/// an id that a phone names itself is as good as chosen.
fn is_taken(tx: &Transaction<'_>, device: DeviceId) -> Result<bool, StoreError> {
    let first = OpId::of(device, 1);
    if [SERVER_DEVICE, DeviceId(CONSOLE.0)].iter().any(|own| OpId::of(*own, 1) == first) {
        return Ok(true);
    }
    let mut known = tx.prepare_cached("SELECT id FROM device")?;
    let known = known.query_map([], |row| id_at(row, 0).map(DeviceId))?;
    for one in known {
        if OpId::of(one?, 1) == first {
            return Ok(true);
        }
    }
    Ok(false)
}

fn find(tx: &Transaction<'_>, id: String) -> Result<Option<Code>, StoreError> {
    let sql = "SELECT secret_hash, staff, expires_ms, tries_left, used_by FROM enrol_code WHERE id = ?1";
    let found = tx.prepare_cached(sql)?.query_row([&id], |row| {
        Ok(Code {
            id: id.clone(),
            secret_hash: row.get(0)?,
            staff: StaffId(id_at(row, 1)?),
            expires_ms: row.get(2)?,
            tries_left: row.get(3)?,
            used_by: crate::store::id_at_opt(row, 4)?.map(DeviceId),
        })
    });
    Ok(found.optional()?)
}

/// The public key, if the phone holds its private half.
fn proven_key(request: &EnrolRequest) -> Option<Vec<u8>> {
    let key = signature::from_base64(&request.public_key)?;
    let proof = signature::from_base64(&request.proof)?;
    signature::verify(&key, request.proof_text().as_bytes(), &proof).then_some(key)
}

fn join(
    tx: &Transaction<'_>,
    now_ms: i64,
    device: DeviceId,
    code: &Code,
    key: &[u8],
    request: &EnrolRequest,
) -> Result<(), StoreError> {
    let label = |text: &str| text.chars().filter(|c| !c.is_control()).take(LABEL_MAX_CHARS).collect::<String>();
    let (after, link) = request.returning.as_ref().map_or((0, Link::START), |it| (it.after, it.link));
    let sql = "INSERT INTO device
        (id, staff, public_key, status, platform, app_version, fingerprint, enrolled_ms, last_seen_ms, last_link, last_counter)
        VALUES (?1, ?2, ?3, 'active', ?4, ?5, ?6, ?7, ?7, ?8, ?9)";
    tx.prepare_cached(sql)?.execute((
        device.as_bytes(),
        code.staff.as_bytes(),
        key,
        label(&request.platform),
        label(&request.app_version),
        fingerprint(&request.public_key, &request.code),
        now_ms,
        link.0,
        after as i64,
    ))?;
    use_up(tx, now_ms, code, device)?;
    let actor = Actor::Device(device);
    match &request.returning {
        None => audit::write(tx, now_ms, actor, "device.enrolled", &code.staff.to_string()),
        // What the phone no longer keeps is written down: nobody is to think that all came back.
        Some(_) => audit::write(tx, now_ms, actor, "device.returned", &format!("{}#{after}", code.staff)),
    }
}

fn use_up(tx: &Transaction<'_>, now_ms: i64, code: &Code, device: DeviceId) -> Result<(), StoreError> {
    let sql = "UPDATE enrol_code SET used_by = ?2, used_ms = ?3 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((&code.id, device.as_bytes(), now_ms))?;
    Ok(())
}

fn answer(
    tx: &Transaction<'_>,
    now_ms: i64,
    device: DeviceId,
    staff: StaffId,
    request: &EnrolRequest,
) -> Result<EnrolAnswer, StoreError> {
    let staff_name =
        tx.prepare_cached("SELECT name FROM staff WHERE id = ?1")?.query_row([staff.as_bytes()], |row| row.get(0))?;
    let (epoch, last): (u32, i64) = tx
        .prepare_cached("SELECT epoch, last_stamp FROM server WHERE id = 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(EnrolAnswer {
        device,
        staff,
        staff_name,
        epoch,
        grants: crate::grants::of_staff(tx, staff, now_ms)?,
        fingerprint: fingerprint(&request.public_key, &request.code),
        server_time: Stamp::from_ms(now_ms).max(Stamp(last as u64)),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let (id, secret) = ("0123ABCD", "0123456789ABCDEFGHJKMNPQRS");
        let typed = "o123 abcd-Ol23456789 abcdefghjk-mnpqrs";
        assert_eq!(parse(typed), Some((id.into(), secret.into())));
        for wrong in ["", "-", "0123ABCD", "0123ABCD-0123", "0123ABCD-0123456789ABCDEFGHJKMNPQRU", "走访走访-走访"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }
}
