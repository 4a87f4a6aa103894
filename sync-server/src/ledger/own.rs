//! The server's own hand: imports, staff and assignments go through the same merge and take the same sequence numbers as a phone's work.

use super::book::{Book, Hand};
use super::{LedgerError, gzip};
use crate::projection::Records;
use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId};
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::validate;
use zoufang_domain::wire::version;

/// The device that the server writes as.
pub const SERVER_DEVICE: DeviceId = DeviceId(Uuid::from_u128(0x7a6f_7566_616e_4267_8000_7365_7276_6572));
/// The author of what is done at the command line, where nobody has signed in.
pub const CONSOLE: StaffId = StaffId(Uuid::from_u128(0x7a6f_7566_616e_4267_8000_636f_6e73_6f6c));

/// What the server's own operation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// False when the record already held all of it; then nothing was written.
    pub changed: bool,
    /// The record's sequence number in its area.
    pub seq: i64,
}

/// The fields of a noun, as a new record begins with them.
pub fn fields_of(noun: &impl Serialize) -> Fields {
    match serde_json::to_value(noun) {
        Ok(Value::Object(map)) => map.into_iter().collect(),
        // A struct with named fields serialises to an object.
        _ => Fields::new(),
    }
}

/// Writes an operation of the server's own. A create of a record that is already there as it is changes nothing.
///
/// # Errors
/// [`LedgerError::Refused`] when the operation cannot mean anything for its record; what the store says.
pub fn write_own(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    area: UnitId,
    kind: Kind,
    id: Uuid,
    action: Action,
) -> Result<Written, LedgerError> {
    write(tx, now_ms, author, area, kind, id, action, Hand::Server { device: SERVER_DEVICE })
}

/// Writes what someone does at a desk: a page, or the command line on behalf of a named member of staff. Their posts of this moment
/// decide, and what is not legal for the record as it now stands is refused.
///
/// # Errors
/// [`LedgerError::Refused`], with [`NotAssigned`](zoufang_domain::refusal::Refusal::NotAssigned) without a post that covers the area, [`NotAllowed`](zoufang_domain::refusal::Refusal::NotAllowed) when none of the
/// posts may, [`NotNow`](zoufang_domain::refusal::Refusal::NotNow) when the record stands elsewhere; what the store says.
pub fn write_at_desk(
    tx: &Transaction<'_>,
    now_ms: i64,
    staff: StaffId,
    area: UnitId,
    kind: Kind,
    id: Uuid,
    action: Action,
) -> Result<Written, LedgerError> {
    write(tx, now_ms, staff, area, kind, id, action, Hand::Desk { staff })
}

/// Writes a phone's operation whose own id stands for another one, on the word of a supervisor: its author stays, its id
/// and its moment are the server's.
///
/// # Errors
/// As [`write_own`].
pub(super) fn write_vouched(tx: &Transaction<'_>, now_ms: i64, made: Operation) -> Result<Written, LedgerError> {
    let Operation { staff, area, kind, id, action, .. } = made;
    write(tx, now_ms, staff, area, kind, id, action, Hand::Vouched { device: SERVER_DEVICE })
}

#[expect(clippy::too_many_arguments, reason = "an operation's parts, and on whose word")]
fn write(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    area: UnitId,
    kind: Kind,
    id: Uuid,
    action: Action,
    hand: Hand,
) -> Result<Written, LedgerError> {
    let (counter, link): (i64, [u8; 32]) = tx
        .prepare_cached("SELECT own_counter + 1, own_link FROM server WHERE id = 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let mut book = Book::open(tx, now_ms)?;
    let at = book.clock.tick(now_ms);
    // The epoch is in the counter: a restored server counts again from where the backup stood, and must not use an id twice.
    const OWN_COUNTER_BITS: u32 = 40;
    let counter = (i64::from(book.epoch) << OWN_COUNTER_BITS) | (counter & ((1 << OWN_COUNTER_BITS) - 1));
    let operation = Operation { counter: counter as u64, at, staff: author, area, kind, id, action };
    validate::check(&operation)?;
    let effect = book.apply(&operation, hand)??;
    let written = Written { changed: effect.changed, seq: effect.seq };
    if effect.changed {
        keep(tx, now_ms, &operation, effect.effective.0, Link(link))?;
        book.close()?;
    }
    Ok(written)
}

/// Keeps the operation as a batch of one, in the same shape as a phone's, without a signature.
fn keep(
    tx: &Transaction<'_>,
    now_ms: i64,
    operation: &Operation,
    effective: u64,
    prev: Link,
) -> Result<(), StoreError> {
    let text = serde_json::to_string(operation).map_err(|_| StoreError::Damaged { what: "operation" })?;
    let link = prev.then(text.as_bytes());
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let body = format!(
        "{{\"protocol\":{},\"device\":\"{SERVER_DEVICE}\",\"prev\":\"{prev}\",\"operations\":[{text}]}}",
        version::CURRENT
    );
    let counter = operation.counter as i64;
    let sql = "INSERT INTO ledger_batch (device, received_ms, first_counter, last_counter, body, signature)
               VALUES (?1, ?2, ?3, ?3, ?4, x'')";
    tx.prepare_cached(sql)?.execute((SERVER_DEVICE.as_bytes(), now_ms, counter, gzip::stored(body.as_bytes())))?;
    let batch = tx.last_insert_rowid();
    let sql = "INSERT INTO ledger_operation (op_id, device, counter, batch, hash, area, effective, outcome)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL)";
    tx.prepare_cached(sql)?.execute((
        operation.op_id(SERVER_DEVICE).as_bytes(),
        SERVER_DEVICE.as_bytes(),
        counter,
        batch,
        &digest[..16],
        operation.area.as_bytes(),
        effective as i64,
    ))?;
    let sql = "UPDATE server SET own_counter = ?1, own_link = ?2 WHERE id = 1";
    tx.prepare_cached(sql)?.execute((counter, link.0))?;
    Ok(())
}

/// A record as it now is. For the server's own hand, which needs what an edit replaces; never for an answer.
///
/// # Errors
/// What the store says.
pub fn record(c: &Connection, area: UnitId, kind: Kind, id: Uuid) -> Result<Option<Record>, StoreError> {
    Ok(Records::prepare(c)?.find(area, kind, id)?.map(|standing| standing.record))
}

/// Takes a record that the server itself began out of its area again: phones get the word that it is gone. Gives false when it was not
/// there.
///
/// # Errors
/// [`LedgerError::InUse`] when anyone has done anything to it since, or another record of the area hangs on it.
pub fn remove_own(tx: &Transaction<'_>, now_ms: i64, area: UnitId, kind: Kind, id: Uuid) -> Result<bool, LedgerError> {
    let mut records = Records::prepare(tx)?;
    let Some(standing) = records.find(area, kind, id)? else { return Ok(false) };
    let record = &standing.record;
    let ours = |by: DeviceId| by == SERVER_DEVICE;
    let untouched = ours(record.v.by)
        && record.void.is_none()
        && record.lists.is_empty()
        && record.heads.values().flatten().all(|head| ours(head.v.by))
        && record.sets.values().flat_map(|set| set.values()).all(|element| ours(element.v.by));
    let hangs = "SELECT 1 FROM record WHERE area = ?1 AND parent = ?2 LIMIT 1";
    let held = tx.prepare_cached(hangs)?.query_row((area.as_bytes(), id.as_bytes()), |_| Ok(())).optional()?.is_some();
    if !untouched || held {
        return Err(LedgerError::InUse);
    }
    let mut book = Book::open(tx, now_ms)?;
    book.area(area)?.ok_or(StoreError::Damaged { what: "unit of a record" })?;
    book.depart(area, kind, id, false)?;
    book.close()?;
    Ok(true)
}
