//! What each record now is: one row a record, written only by the ledger with the phones' own merge code. The columns beside the JSON
//! come from [`zoufang_domain::index`], so a phone's lists and a supervisor's report cannot disagree.

use crate::store::{StoreError, id_at_opt};
use rusqlite::{CachedStatement, Connection, OptionalExtension};
use uuid::Uuid;
use zoufang_domain::ids::{DeviceId, UnitId};
use zoufang_domain::index;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;

/// A record as it stands, with what the pull needs to know of it.
pub(crate) struct Standing {
    pub(crate) record: Record,
    pub(crate) seq: i64,
    pub(crate) by_device: Option<DeviceId>,
    pub(crate) foreign_seq: i64,
    pub(crate) conflicts_count: i64,
}

/// The statements on records, prepared once per batch: looking them up anew costs as much as running them (2026-11-23).
pub(crate) struct Records<'c> {
    find: CachedStatement<'c>,
    departed: CachedStatement<'c>,
    insert: CachedStatement<'c>,
    update: CachedStatement<'c>,
}

const FIND: &str = "SELECT seq, by_device, foreign_seq, conflicts_count, body FROM record
                    WHERE area = ?1 AND kind = ?2 AND id = ?3";
const DEPARTED: &str = "SELECT erased FROM departed WHERE area = ?1 AND kind = ?2 AND id = ?3";
const INSERT: &str = "INSERT INTO record
    (area, kind, id, seq, by_device, foreign_seq, parent, status, class, sort, due, conflicts_count, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (area, kind, id) DO NOTHING";
const UPDATE: &str =
    "UPDATE record SET seq = ?4, by_device = ?5, foreign_seq = ?6, parent = ?7, status = ?8, class = ?9, sort = ?10,
    due = ?11, conflicts_count = ?12, body = ?13 WHERE area = ?1 AND kind = ?2 AND id = ?3";

impl<'c> Records<'c> {
    /// Prepares them.
    pub(crate) fn prepare(c: &'c Connection) -> Result<Self, StoreError> {
        Ok(Records {
            find: c.prepare_cached(FIND)?,
            departed: c.prepare_cached(DEPARTED)?,
            insert: c.prepare_cached(INSERT)?,
            update: c.prepare_cached(UPDATE)?,
        })
    }
    /// A record of an area.
    pub(crate) fn find(&mut self, area: UnitId, kind: Kind, id: Uuid) -> Result<Option<Standing>, StoreError> {
        let mut rows = self.find.query((area.as_bytes(), kind.number(), id.as_bytes()))?;
        let Some(row) = rows.next()? else { return Ok(None) };
        let body = row.get_ref(4)?.as_str().map_err(|_| StoreError::Damaged { what: "record" })?;
        Ok(Some(Standing {
            record: serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "record" })?,
            seq: row.get(0)?,
            by_device: id_at_opt(row, 1)?.map(DeviceId),
            foreign_seq: row.get(2)?,
            conflicts_count: row.get(3)?,
        }))
    }
    /// Whether a record has left the area: `Some(true)` when it was erased, `Some(false)` when it moved.
    pub(crate) fn departed(&mut self, area: UnitId, kind: Kind, id: Uuid) -> Result<Option<bool>, StoreError> {
        let key = (area.as_bytes(), kind.number(), id.as_bytes());
        Ok(self.departed.query_row(key, |row| row.get(0)).optional()?)
    }
    /// Writes a record that is not there yet; `false` when it is, and then nothing is changed. Otherwise as [`Records::put`].
    pub(crate) fn begin(&mut self, record: &Record, seq: i64, by_device: Option<DeviceId>) -> Result<bool, StoreError> {
        let foreign_seq = if by_device.is_some() { 0 } else { seq };
        Ok(write(&mut self.insert, record, seq, by_device, foreign_seq)?.0 > 0)
    }
    /// Writes a record at a sequence number of its area. `by_device` names the phone whose own work alone made the change and already
    /// shows it. Gives the number of contested fields.
    pub(crate) fn put(
        &mut self,
        before: Option<&Standing>,
        record: &Record,
        seq: i64,
        by_device: Option<DeviceId>,
    ) -> Result<i64, StoreError> {
        let foreign_seq = match (by_device, before) {
            (None, _) => seq,
            (Some(_), None) => 0,
            (Some(by), Some(before)) if before.by_device == Some(by) => before.foreign_seq,
            (Some(_), Some(before)) => before.seq,
        };
        let statement = if before.is_some() { &mut self.update } else { &mut self.insert };
        match write(statement, record, seq, by_device, foreign_seq)? {
            (0, _) => Err(StoreError::Damaged { what: "record" }),
            (_, contested_count) => Ok(contested_count),
        }
    }
}

/// Runs one of the two statements that write a record. Gives how many rows it wrote, and how many fields are contested.
fn write(
    statement: &mut CachedStatement<'_>,
    record: &Record,
    seq: i64,
    by_device: Option<DeviceId>,
    foreign_seq: i64,
) -> Result<(usize, i64), StoreError> {
    let columns = index::index(record);
    let written_count = statement.execute(rusqlite::params![
        record.area.as_bytes(),
        record.kind.number(),
        record.id.as_bytes(),
        seq,
        by_device.as_ref().map(DeviceId::as_bytes),
        foreign_seq,
        columns.parent.as_ref().map(Uuid::as_bytes),
        columns.status,
        columns.class,
        columns.sort,
        columns.due,
        columns.conflicts_count,
        record.to_canonical_json()
    ])?;
    Ok((written_count, columns.conflicts_count))
}
