//! Every conflict that was ever opened, for reports. The values themselves stand in the record; this follows what became of them.

use crate::store::StoreError;
use rusqlite::Transaction;
use zoufang_domain::conflict::{self, Conflict};
use zoufang_domain::ids::StaffId;
use zoufang_domain::record::Record;

/// Compares the conflicts of a record before and after an operation: new ones are opened, ones that are gone were settled by its author,
/// and one that another value joined or left goes on under its new id.
pub(super) fn follow(
    tx: &Transaction<'_>,
    now_ms: i64,
    before: &[Conflict],
    record: &Record,
    author: StaffId,
) -> Result<(), StoreError> {
    let after = conflict::of(record);
    for old in before {
        let old_id = old.id();
        match after.iter().find(|new| new.field == old.field) {
            Some(new) if new.id() == old_id => {}
            Some(new) => {
                let sql =
                    "UPDATE OR REPLACE conflict_log SET id = ?2, settled_ms = NULL, settled_by = NULL WHERE id = ?1";
                tx.prepare_cached(sql)?.execute((old_id.as_bytes(), new.id().as_bytes()))?;
            }
            None => {
                let sql = "UPDATE conflict_log SET settled_ms = ?2, settled_by = ?3 WHERE id = ?1";
                tx.prepare_cached(sql)?.execute((old_id.as_bytes(), now_ms, author.as_bytes()))?;
            }
        }
    }
    for new in after.iter().filter(|new| !before.iter().any(|old| old.field == new.field)) {
        let sql = "INSERT INTO conflict_log (id, area, kind, record, field, opened_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                   ON CONFLICT (id) DO UPDATE SET settled_ms = NULL, settled_by = NULL";
        tx.prepare_cached(sql)?.execute((
            new.id().as_bytes(),
            record.area.as_bytes(),
            record.kind.number(),
            record.id.as_bytes(),
            &new.field,
            now_ms,
        ))?;
    }
    Ok(())
}
