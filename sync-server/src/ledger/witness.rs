//! Witnessed copies ([`zoufang_domain::witness`]): judged, kept once a record however many phones offer it, and settled without anybody when
//! the author's own work begins the record.

use super::book::{Book, Hand};
use super::held::{self, Screened};
use super::quarantine::{self, Kept};
use crate::device::Device;
use crate::store::StoreError;
use rusqlite::{OptionalExtension, Transaction};
use uuid::Uuid;
use zoufang_domain::operation::Operation;
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::wire::push::Outcome;
use zoufang_domain::witness;

/// Judges a copy that a phone offers: one of a record that is there, or that left the area, has no bearing; every other waits.
pub(super) fn judge(
    book: &mut Book<'_>,
    device: &Device,
    operation: &Operation,
    record: &Record,
) -> Result<Result<(Outcome, Stamp), Refusal>, StoreError> {
    let (area, kind, id) = (operation.area, operation.kind, operation.id);
    if book.role_in(area, device.staff)?.is_none() {
        return Ok(Err(Refusal::NotAssigned));
    }
    if book.find(area, kind, id)?.is_some() {
        // With the record as it is: that is what the phone is to show.
        return Ok(Ok((Outcome::Merged { conflicts: Vec::new(), late: false, held: false }, Stamp::default())));
    }
    let hand = Hand::Phone { device: device.id, holder: device.staff };
    match book.left_before(operation, hand)? {
        Some(Refusal::RecordErased) => return Ok(Err(Refusal::RecordErased)),
        Some(_) => return Ok(Ok((Outcome::Applied, Stamp::default()))),
        None => {}
    }
    if let Screened::Erased = held::screen(book.tx, book.now_ms, operation, None, None)? {
        return Ok(Err(Refusal::RecordErased));
    }
    if was_there_when_somebody_was_erased(book.tx, record)? {
        return Ok(Err(Refusal::RecordErased));
    }
    Ok(Err(witness::check(operation, record, Some(book.now_ms)).err().unwrap_or(Refusal::Witnessed)))
}

/// Whether a copy is of before somebody was erased from its home: nobody can tell whether its witness has had the word, and so it is not kept.
fn was_there_when_somebody_was_erased(tx: &Transaction<'_>, record: &Record) -> Result<bool, StoreError> {
    let home = record.f.get("household").and_then(serde_json::Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    let sql = "SELECT EXISTS (SELECT 1 FROM erasure_home WHERE area = ?1 AND household = ?2 AND at_ms >= ?3)";
    for place in home.into_iter().chain([record.id]) {
        let values = (record.area.as_bytes(), place.as_bytes(), record.v.at.wall_ms());
        if tx.prepare_cached(sql)?.query_row(values, |row| row.get(0))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a copy is kept with. Of two copies of one record the one that knows more is the entry, and the other stands behind it.
pub(super) fn place(tx: &Transaction<'_>, operation: &Operation, record: &Record) -> Result<Kept, StoreError> {
    let sql = "SELECT id, operation FROM quarantine
               WHERE record = ?1 AND kind = ?2 AND area = ?3 AND settled_ms IS NULL AND copy_of IS NULL";
    let values = (operation.id.as_bytes(), operation.kind.number(), operation.area.as_bytes());
    let entry: Option<(i64, String)> =
        tx.prepare_cached(sql)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let mut kept = Kept { record: Some((operation.kind, operation.id)), ..Kept::default() };
    if let Some((entry, text)) = entry {
        let known: Option<Operation> = serde_json::from_str(&text).ok();
        let known = known.as_ref().and_then(witness::copy_of).map(Record::latest);
        if known.is_some_and(|known| known >= record.latest()) {
            kept.copy_of = Some(entry);
        } else {
            kept.replaces = Some(entry);
        }
    }
    Ok(kept)
}

/// The record stands: copies of it wait for nobody any more. Its witnesses are sent it like everybody else.
pub(super) fn settle(tx: &Transaction<'_>, now_ms: i64, begun: &Operation) -> Result<(), StoreError> {
    let waiting = "SELECT op_id FROM quarantine WHERE record = ?1 AND kind = ?2 AND area = ?3 AND settled_ms IS NULL";
    let values = (begun.id.as_bytes(), begun.kind.number(), begun.area.as_bytes());
    let operations: Vec<[u8; 16]> =
        tx.prepare_cached(waiting)?.query_map(values, |row| row.get(0))?.collect::<Result<_, _>>()?;
    if operations.is_empty() {
        return Ok(());
    }
    for op_id in operations {
        quarantine::answer_as_taken(tx, op_id)?;
    }
    let sql = "UPDATE quarantine SET settled_ms = ?4, settled_how = 'accepted'
               WHERE record = ?1 AND kind = ?2 AND area = ?3 AND settled_ms IS NULL";
    tx.prepare_cached(sql)?.execute((begun.id.as_bytes(), begun.kind.number(), begun.area.as_bytes(), now_ms))?;
    Ok(())
}
