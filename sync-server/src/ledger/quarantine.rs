//! What could not be applied, verbatim, with its reason, until a supervisor settles it.

use super::incoming::Item;
use super::witness;
use crate::device::Device;
use crate::store::StoreError;
use crate::store::id_at;
use rusqlite::{OptionalExtension, Transaction};
use uuid::Uuid;
use zoufang_domain::ids::{DeviceId, OpId, StaffId, UnitId};
use zoufang_domain::operation::Operation;
use zoufang_domain::planted::{self, Defect};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::push::Outcome;
use zoufang_domain::witness::copy_of;

/// Keeps an operation under the text that may be kept. An area that the text does not name is the holder's own, so that a supervisor sees it.
pub(super) fn keep(
    tx: &Transaction<'_>,
    now_ms: i64,
    device: &Device,
    item: &Item<'_>,
    text: &str,
    counter: u64,
    reason: &Refusal,
) -> Result<(), StoreError> {
    let kept = match (reason, item.operation()) {
        (Refusal::Witnessed, Some(operation)) => match copy_of(operation) {
            Some(record) => witness::place(tx, operation, record)?,
            None => Kept::default(),
        },
        _ => Kept::default(),
    };
    if planted::is(Defect::DropQuarantined) {
        return Ok(());
    }
    let area = match item.area() {
        Some(area) if exists(tx, area)? => area,
        _ => home(tx, now_ms, device)?,
    };
    let reason = serde_json::to_string(reason).map_err(|_| StoreError::Damaged { what: "reason" })?;
    let sql = "INSERT INTO quarantine (op_id, device, staff, area, counter, received_ms, reason, operation, kind, record, copy_of)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    tx.prepare_cached(sql)?.execute((
        OpId::of(device.id, counter).as_bytes(),
        device.id.as_bytes(),
        device.staff.as_bytes(),
        area.as_bytes(),
        counter as i64,
        now_ms,
        reason,
        text,
        kept.record.map(|(kind, _)| kind.number()),
        kept.record.map(|(_, id)| *id.as_bytes()),
        kept.copy_of,
    ))?;
    if let Some(behind) = kept.replaces {
        let entry = tx.last_insert_rowid();
        let sql = "UPDATE quarantine SET copy_of = ?2 WHERE id = ?1 OR copy_of = ?1";
        tx.prepare_cached(sql)?.execute((behind, entry))?;
    }
    Ok(())
}

/// What an entry is kept with beside its text.
#[derive(Default)]
pub(super) struct Kept {
    /// Of a witnessed copy, the record that it is of.
    pub(super) record: Option<(Kind, Uuid)>,
    /// The entry that stands for it.
    pub(super) copy_of: Option<i64>,
    /// The entry that stands behind it from now on.
    pub(super) replaces: Option<i64>,
}

/// Whoever sends the operation again is answered that it was taken.
pub(super) fn answer_as_taken(tx: &Transaction<'_>, op_id: [u8; 16]) -> Result<(), StoreError> {
    let taken = serde_json::to_string(&Outcome::Merged { conflicts: Vec::new(), late: false, held: false });
    let taken = taken.map_err(|_| StoreError::Damaged { what: "outcome" })?;
    tx.prepare_cached("UPDATE ledger_operation SET outcome = ?2 WHERE op_id = ?1")?.execute((op_id, taken))?;
    Ok(())
}

/// Whether exactly this text of this device is kept already, and under which counter and reason.
pub(super) fn find(
    tx: &Transaction<'_>,
    device: &Device,
    item: &Item<'_>,
    counter: Option<u64>,
) -> Result<Option<(u64, Refusal)>, StoreError> {
    let sql = "SELECT counter, reason FROM quarantine
               WHERE device = ?1 AND (?2 IS NULL OR counter = ?2) AND operation = ?3 ORDER BY id LIMIT 1";
    let found: Option<(i64, String)> = tx
        .prepare_cached(sql)?
        .query_row((device.id.as_bytes(), counter.map(|counter| counter as i64), item.text), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    let Some((counter, reason)) = found else { return Ok(None) };
    let reason = serde_json::from_str(&reason).map_err(|_| StoreError::Damaged { what: "reason" })?;
    Ok(Some((counter.max(0) as u64, reason)))
}

/// An operation in quarantine.
pub(super) struct Waiting {
    row: i64,
    pub(super) device: DeviceId,
    pub(super) holder: StaffId,
    pub(super) operation: Operation,
}

/// Whether anything in an area waits for a record that is not there.
pub(super) fn any_waits(tx: &Transaction<'_>, area: UnitId) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM quarantine WHERE area = ?1 AND settled_ms IS NULL AND reason = ?2)";
    Ok(tx.prepare_cached(sql)?.query_row((area.as_bytes(), record_missing()?), |row| row.get(0))?)
}

/// What waits for a record that has just begun, in the order in which it came; without that of phones that are refused now.
pub(super) fn waiting_for(tx: &Transaction<'_>, begun: &Operation) -> Result<Vec<Waiting>, StoreError> {
    let sql = "SELECT q.id, q.device, q.staff, q.operation FROM quarantine q JOIN device d ON d.id = q.device AND d.status = 'active'
               WHERE q.area = ?1 AND q.settled_ms IS NULL AND q.reason = ?2 ORDER BY q.id";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query((begun.area.as_bytes(), record_missing()?))?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let text = row.get_ref(3)?.as_str().map_err(|_| StoreError::Damaged { what: "quarantine" })?;
        let Ok(operation) = serde_json::from_str::<Operation>(text) else { continue };
        if (operation.area, operation.kind, operation.id) == (begun.area, begun.kind, begun.id) {
            let (device, holder) = (DeviceId(id_at(row, 1)?), StaffId(id_at(row, 2)?));
            waiting.push(Waiting { row: row.get(0)?, device, holder, operation });
        }
    }
    Ok(waiting)
}

/// What waited was taken after all.
pub(super) fn settle(tx: &Transaction<'_>, now_ms: i64, waiting: &Waiting) -> Result<(), StoreError> {
    let sql = "UPDATE quarantine SET settled_ms = ?2, settled_how = 'accepted' WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((waiting.row, now_ms))?;
    Ok(())
}

fn record_missing() -> Result<String, StoreError> {
    serde_json::to_string(&Refusal::RecordMissing).map_err(|_| StoreError::Damaged { what: "reason" })
}

/// What was kept because two copies of the phone existed and has now come from the copy that was picked waits for nobody any more.
pub(super) fn release(
    tx: &Transaction<'_>,
    now_ms: i64,
    device: &Device,
    taken: &[Item<'_>],
    from: u64,
) -> Result<(), StoreError> {
    let reason = serde_json::to_string(&Refusal::DeviceForked).map_err(|_| StoreError::Damaged { what: "reason" })?;
    let waits =
        "SELECT 1 FROM quarantine WHERE device = ?1 AND counter >= ?2 AND settled_ms IS NULL AND reason = ?3 LIMIT 1";
    let values = (device.id.as_bytes(), from as i64, &reason);
    if tx.prepare_cached(waits)?.query_row(values, |_| Ok(())).optional()?.is_none() {
        return Ok(());
    }
    // Both copies' operations bear the same ids: only the same text is the same work.
    let sql = "UPDATE quarantine SET settled_ms = ?3, settled_how = 'accepted'
               WHERE device = ?1 AND counter = ?2 AND settled_ms IS NULL AND reason = ?4 AND operation = ?5";
    let mut settle = tx.prepare_cached(sql)?;
    for (item, counter) in taken.iter().zip(from..) {
        settle.execute((device.id.as_bytes(), counter as i64, now_ms, &reason, item.text))?;
    }
    Ok(())
}

fn exists(tx: &Transaction<'_>, area: UnitId) -> Result<bool, StoreError> {
    let mut statement = tx.prepare_cached("SELECT 1 FROM unit WHERE id = ?1")?;
    Ok(statement.query_row([area.as_bytes()], |_| Ok(())).optional()?.is_some())
}

/// The unit of the holder's latest assignment; when there never was one, the top of the tree, where somebody sees it.
fn home(tx: &Transaction<'_>, now_ms: i64, device: &Device) -> Result<UnitId, StoreError> {
    let sql = "SELECT unit FROM assignment WHERE staff = ?1 ORDER BY (to_ms IS NULL OR ?2 < to_ms) DESC, from_ms DESC LIMIT 1";
    let unit = tx
        .prepare_cached(sql)?
        .query_row((device.staff.as_bytes(), now_ms), |row| crate::store::id_at(row, 0))
        .optional()?;
    if let Some(unit) = unit {
        return Ok(UnitId(unit));
    }
    let sql = "SELECT id FROM unit WHERE parent IS NULL ORDER BY code LIMIT 1";
    let top = tx.prepare_cached(sql)?.query_row([], |row| crate::store::id_at(row, 0)).optional()?;
    Ok(UnitId(top.unwrap_or_default()))
}
