//! What a server that came back from a backup has not named: records of this phone's areas that it may have lost, and of which this phone may
//! hold the last copy. They are offered once, a day after the first complete pull, when most authors have brought their own
//! ([`zoufang_domain::witness`]).

use crate::error::Error;
use crate::store::{erasure, outbox, profile, records};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::{HybridClock, Stamp};
use zoufang_domain::validate::OPERATION_MAX_BYTES;
use zoufang_domain::witness::{COPIES_OF_A_SYNC_MAX_COUNT, OFFERED_AFTER_MS, can_be_witnessed};

/// Room in an operation for all that is not the copy.
const ENVELOPE_BYTES: usize = 1024;

/// Begins to listen for what is named: nothing is yet.
///
/// # Errors
/// When the store fails.
pub fn begin(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute("DELETE FROM unnamed", [])?;
    tx.execute("UPDATE profile SET offers_from_ms = NULL WHERE id = 1", [])?;
    for kind in Kind::ALL.iter().filter(|kind| can_be_witnessed(**kind)) {
        let sql = "INSERT INTO unnamed (kind, id, area) SELECT kind, id, area FROM record
                   WHERE kind = ? AND area IN (SELECT unit FROM area WHERE role IS NOT NULL)";
        tx.prepare_cached(sql)?.execute([kind.number()])?;
    }
    Ok(())
}

/// Whether anything is not named.
///
/// # Errors
/// When the store fails.
pub fn any(c: &Connection) -> Result<bool, Error> {
    Ok(c.prepare_cached("SELECT EXISTS (SELECT 1 FROM unnamed)")?.query_row([], |row| row.get(0))?)
}

/// The server named a record: it has it, or knows that it is gone. Gives whether it was not named before.
///
/// # Errors
/// When the store fails.
pub fn named(tx: &Transaction<'_>, kind: Kind, id: Uuid, area: UnitId) -> Result<bool, Error> {
    let named_count = tx
        .prepare_cached("DELETE FROM unnamed WHERE kind = ? AND id = ? AND area = ?")?
        .execute(params![kind.number(), id.as_bytes(), area.as_bytes()])?;
    Ok(named_count > 0)
}

/// A complete pull was stored: from a day later on what is not named by then is offered.
///
/// # Errors
/// When the store fails.
pub fn note_complete(tx: &Transaction<'_>, server_ms: i64) -> Result<(), Error> {
    let sql = "UPDATE profile SET offers_from_ms = ? WHERE id = 1 AND offers_from_ms IS NULL";
    tx.execute(sql, [server_ms + OFFERED_AFTER_MS])?;
    Ok(())
}

/// Whether it is time to offer what is not named, by what the phone has last seen of the server's clock.
///
/// # Errors
/// When the store fails.
pub fn is_due(c: &Connection) -> Result<bool, Error> {
    let sql = "SELECT offers_from_ms, seen_stamp FROM profile WHERE id = 1";
    let found: Option<(Option<i64>, i64)> =
        c.prepare_cached(sql)?.query_row([], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    match found {
        Some((Some(from_ms), seen)) if from_ms <= Stamp(seen as u64).wall_ms() => any(c),
        _ => Ok(false),
    }
}

/// Puts what is still not named into the outbox as witnessed copies. Called as a sync begins, which then sends them.
///
/// # Errors
/// When the store fails.
pub fn offer(tx: &Transaction<'_>) -> Result<(), Error> {
    let server_ms = profile::get(tx)?.seen_stamp.wall_ms();
    let sql = "SELECT kind, id, area FROM unnamed ORDER BY kind, id LIMIT ?";
    let found: Vec<(i64, Uuid, UnitId)> = tx
        .prepare_cached(sql)?
        .query_map([COPIES_OF_A_SYNC_MAX_COUNT as i64], |row| {
            Ok((row.get(0)?, Uuid::from_bytes(row.get(1)?), UnitId(Uuid::from_bytes(row.get(2)?))))
        })?
        .collect::<Result<_, _>>()?;
    for (number, id, area) in found {
        tx.prepare_cached("DELETE FROM unnamed WHERE kind = ? AND id = ? AND area = ?")?.execute(params![
            number,
            id.as_bytes(),
            area.as_bytes()
        ])?;
        if let Some(kind) = Kind::from_number(number) {
            offer_one(tx, server_ms, kind, id, area)?;
        }
    }
    Ok(())
}

fn offer_one(tx: &Transaction<'_>, server_ms: i64, kind: Kind, id: Uuid, area: UnitId) -> Result<(), Error> {
    let profile = profile::get(tx)?;
    if profile::role_in(tx, area)?.is_none() || is_offered(tx, kind, id)? {
        return Ok(());
    }
    let Some(known) = records::find_in(tx, kind, id, area)? else { return Ok(()) };
    if known.record.to_canonical_json().len() > OPERATION_MAX_BYTES - ENVELOPE_BYTES {
        // It stays readable here, and digests go on differing.
        tracing::warn!(kind = kind.name(), %id, "a record that the server lacks is too large to be offered as a copy");
        return Ok(());
    }
    let tail = outbox::tail(tx)?;
    let at = HybridClock::resume(tail.at.max(profile.seen_stamp)).tick(server_ms);
    let action = Action::Witness { record: Box::new(known.record) };
    let operation = Operation { counter: tail.counter + 1, at, staff: profile.staff, area, kind, id, action };
    outbox::append(tx, &tail, &operation)?;
    Ok(())
}

/// A copy that the server did not keep, because somebody of that home was erased since: it goes from this phone, too. Gives the record, if the
/// operation offered one.
///
/// # Errors
/// When the store fails.
pub fn forget_copy(tx: &Transaction<'_>, counter: u64) -> Result<Option<(Kind, Uuid)>, Error> {
    let sql = "SELECT kind, subject, body ->> '$.area' FROM operation
               WHERE counter = ? AND body ->> '$.action.witness' IS NOT NULL";
    let found: Option<(i64, [u8; 16], String)> = tx
        .prepare_cached(sql)?
        .query_row([counter as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((number, id, area)) = found else { return Ok(None) };
    let (Some(kind), Ok(area)) = (Kind::from_number(number), area.parse::<UnitId>()) else { return Ok(None) };
    records::remove(tx, kind, Uuid::from_bytes(id), area)?;
    erasure::index_anew(tx)?;
    Ok(Some((kind, Uuid::from_bytes(id))))
}

/// Whether this phone keeps an operation that brings the record: its own beginning of it, or an earlier copy. Every kept operation was offered
/// again.
fn is_offered(c: &Connection, kind: Kind, id: Uuid) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM operation WHERE kind = ? AND subject = ?
               AND (body ->> '$.action.create' IS NOT NULL OR body ->> '$.action.witness' IS NOT NULL))";
    Ok(c.prepare_cached(sql)?.query_row(params![kind.number(), id.as_bytes()], |row| row.get(0))?)
}
