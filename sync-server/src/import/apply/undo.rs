//! Taking an import back: what it created and nobody has touched since goes; everything else stays and is counted.

use super::{ApplyError, Import, find};
use crate::audit::{self, Actor};
use crate::ledger::{self, LedgerError};
use crate::store::{StoreError, id_at};
use rusqlite::Transaction;
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::schema::Kind;
use zoufang_domain::unit::Level;

/// What an undo did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Records that are gone again.
    pub removed_count: u64,
    /// Records that stay, since others have worked on them or something hangs on them.
    pub kept_count: u64,
}

/// Takes back what a batch created, in one transaction. Values that it gave to records of earlier batches stay.
///
/// # Errors
/// [`ApplyError::NoBatch`], [`ApplyError::UndoneBefore`], what the store says.
pub fn undo(import: Import<'_>, batch: i64) -> Result<Undone, ApplyError> {
    import.store.write(|tx| {
        let found = find(tx, batch)?.ok_or(ApplyError::NoBatch)?;
        if found.undone.is_some() {
            return Err(ApplyError::UndoneBefore);
        }
        let created = created_by(tx, batch)?;
        let all = created.len() as u64;
        let mut undone = Undone::default();
        for (at, (area, kind, id)) in created.into_iter().enumerate() {
            let removed = match kind {
                Kind::OrgUnit => remove_unit(tx, area)?,
                _ => match ledger::remove_own(tx, import.now_ms, area, kind, id) {
                    Ok(removed) => removed,
                    Err(LedgerError::InUse) => false,
                    Err(other) => return Err(other.into()),
                },
            };
            if removed {
                undone.removed_count += 1;
            } else {
                undone.kept_count += 1;
            }
            (import.progress)(at as u64 + 1, all);
        }
        tx.prepare_cached("UPDATE import_batch SET undone_ms = ?2 WHERE id = ?1")?.execute((batch, import.now_ms))?;
        audit::write(tx, import.now_ms, Actor::Console, "import.undone", &batch.to_string())?;
        Ok(undone)
    })
}

/// What a batch created, what hangs on others first: households before dwellings before units, lower units before higher ones.
fn created_by(tx: &Transaction<'_>, batch: i64) -> Result<Vec<(UnitId, Kind, Uuid)>, StoreError> {
    let sql = "SELECT made.area, made.kind, made.id, unit.level FROM import_record made
               LEFT JOIN unit ON unit.id = made.area WHERE made.batch = ?1";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query([batch])?;
    let mut created = Vec::new();
    while let Some(row) = rows.next()? {
        let kind = Kind::from_number(row.get(1)?).ok_or(StoreError::Damaged { what: "kind" })?;
        let level: Option<String> = row.get(3)?;
        let level = level.and_then(|name| Level::ALL.into_iter().find(|level| level.name() == name));
        created.push((kind, level, UnitId(id_at(row, 0)?), id_at(row, 2)?));
    }
    created.sort_by_key(|made| std::cmp::Reverse(*made));
    Ok(created.into_iter().map(|(kind, _, area, id)| (area, kind, id)).collect())
}

/// Takes a unit out of the tree when nothing was ever done in it: no unit below, nobody ever posted, no record but its own, nothing in
/// quarantine. Nobody can have pulled such an area, so nobody has to be told.
fn remove_unit(tx: &Transaction<'_>, unit: UnitId) -> Result<bool, StoreError> {
    let in_use =
        "SELECT EXISTS (SELECT 1 FROM unit WHERE parent = ?1) OR EXISTS (SELECT 1 FROM assignment WHERE unit = ?1)
        OR EXISTS (SELECT 1 FROM record WHERE area = ?1 AND (kind <> ?2 OR id <> ?1))
        OR EXISTS (SELECT 1 FROM quarantine WHERE area = ?1)";
    let in_use: bool =
        tx.prepare_cached(in_use)?.query_row((unit.as_bytes(), Kind::OrgUnit.number()), |row| row.get(0))?;
    if in_use {
        return Ok(false);
    }
    for sql in [
        "DELETE FROM record WHERE area = ?1",
        "DELETE FROM departed WHERE area = ?1",
        "DELETE FROM unit_within WHERE unit = ?1",
    ] {
        tx.prepare_cached(sql)?.execute([unit.as_bytes()])?;
    }
    let removed = tx.prepare_cached("DELETE FROM unit WHERE id = ?1")?.execute([unit.as_bytes()])?;
    Ok(removed > 0)
}
