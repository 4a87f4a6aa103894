//! The tree of units: the table that queries join, the pairs (unit above, unit), and the record that phones get.

use crate::ledger::{self, LedgerError, Written};
use crate::store::{StoreError, id_at, id_at_opt};
use rusqlite::{Connection, OptionalExtension, Transaction};
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::unit::{Level, OrgUnit};

/// A unit as the table has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRow {
    /// Which.
    pub id: UnitId,
    /// The unit above.
    pub parent: Option<UnitId>,
    /// Its level.
    pub level: Level,
    /// Its name.
    pub name: String,
    /// Division code, down to the community.
    pub code: Option<String>,
}

/// Adds a unit under its parent: table row, pairs and record. A unit that is already there as it is changes nothing; a new name of a
/// known unit is written as an edit.
///
/// # Errors
/// [`Refusal::Invalid`] of `parent` when the unit above is unknown, of `level` when the levels do not descend; what the store says.
pub fn create(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    id: UnitId,
    unit: &OrgUnit,
) -> Result<Written, LedgerError> {
    if let Some(known) = find(tx, id)? {
        return rename(tx, now_ms, author, &known, unit);
    }
    if let Some(parent) = unit.parent {
        let above = find(tx, parent)?.ok_or_else(|| invalid("parent"))?;
        if above.level >= unit.level {
            return Err(invalid("level"));
        }
    }
    tx.prepare_cached("INSERT INTO unit (id, parent, level, name, code) VALUES (?1, ?2, ?3, ?4, ?5)")?.execute((
        id.as_bytes(),
        unit.parent.as_ref().map(UnitId::as_bytes),
        unit.level.name(),
        &unit.name,
        &unit.code,
    ))?;
    let pairs = "INSERT INTO unit_within (ancestor, unit)
                 SELECT ancestor, ?2 FROM unit_within WHERE unit = ?1 UNION ALL SELECT ?2, ?2";
    tx.prepare_cached(pairs)?.execute((unit.parent.as_ref().map(UnitId::as_bytes), id.as_bytes()))?;
    ledger::write_own(
        tx,
        now_ms,
        author,
        id,
        Kind::OrgUnit,
        id.0,
        Action::Create { fields: ledger::fields_of(unit), entries: vec![] },
    )
}

fn rename(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    known: &UnitRow,
    unit: &OrgUnit,
) -> Result<Written, LedgerError> {
    if known.parent != unit.parent {
        return Err(invalid("parent"));
    }
    if known.level != unit.level {
        return Err(invalid("level"));
    }
    let record = ledger::record(tx, known.id, Kind::OrgUnit, known.id.0)?;
    let Some(record) = record.filter(|_| known.name != unit.name || known.code != unit.code) else {
        return Ok(Written { changed: false, seq: 0 });
    };
    tx.prepare_cached("UPDATE unit SET name = ?2, code = ?3 WHERE id = ?1")?.execute((
        known.id.as_bytes(),
        &unit.name,
        &unit.code,
    ))?;
    let changed: Fields =
        ledger::fields_of(unit).into_iter().filter(|(name, value)| record.f.get(name) != Some(value)).collect();
    let action = zoufang_domain::conflict::edit(&record, changed);
    ledger::write_own(tx, now_ms, author, known.id, Kind::OrgUnit, known.id.0, action)
}

fn invalid(field: &str) -> LedgerError {
    LedgerError::Refused(Refusal::Invalid { field: field.to_owned() })
}

/// One unit.
///
/// # Errors
/// What the store says.
pub fn find(c: &Connection, id: UnitId) -> Result<Option<UnitRow>, StoreError> {
    let sql = "SELECT id, parent, level, name, code FROM unit WHERE id = ?1";
    one(c, sql, id.as_bytes())
}

/// The unit that a division code names.
///
/// # Errors
/// What the store says.
pub fn by_code(c: &Connection, code: &str) -> Result<Option<UnitRow>, StoreError> {
    one(c, "SELECT id, parent, level, name, code FROM unit WHERE code = ?1", code)
}

/// The units directly below one, by code and name.
///
/// # Errors
/// What the store says.
pub fn children(c: &Connection, parent: UnitId) -> Result<Vec<UnitRow>, StoreError> {
    let sql = "SELECT id, parent, level, name, code FROM unit WHERE parent = ?1 ORDER BY code, name, id";
    many(c, sql, parent)
}

/// The unit and all above it, top first.
///
/// # Errors
/// What the store says.
pub fn ancestors(c: &Connection, id: UnitId) -> Result<Vec<UnitRow>, StoreError> {
    let sql = "SELECT u.id, u.parent, u.level, u.name, u.code FROM unit_within w JOIN unit u ON u.id = w.ancestor WHERE w.unit = ?1";
    let mut units = many(c, sql, id)?;
    units.sort_by_key(|unit| unit.level);
    Ok(units)
}

/// The unit and all below it, in the order of their ids.
///
/// # Errors
/// What the store says.
pub fn subtree(c: &Connection, id: UnitId) -> Result<Vec<UnitId>, StoreError> {
    let mut statement = c.prepare_cached("SELECT unit FROM unit_within WHERE ancestor = ?1 ORDER BY unit")?;
    let units = statement.query_map([id.as_bytes()], |row| id_at(row, 0).map(UnitId))?.collect::<Result<_, _>>()?;
    Ok(units)
}

/// Notes that the assignments of a unit changed. Phones find out by the grants themselves; the number is for people and reports.
///
/// # Errors
/// What the store says.
pub fn raise_grants_version(tx: &Transaction<'_>, id: UnitId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE unit SET grants_version = grants_version + 1 WHERE id = ?1")?.execute([id.as_bytes()])?;
    Ok(())
}

fn one(c: &Connection, sql: &str, key: impl rusqlite::ToSql) -> Result<Option<UnitRow>, StoreError> {
    let found = c.prepare_cached(sql)?.query_row([key], |row| Ok(read(row))).optional()?;
    found.transpose()
}

fn many(c: &Connection, sql: &str, key: UnitId) -> Result<Vec<UnitRow>, StoreError> {
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query([key.as_bytes()])?;
    let mut units = Vec::new();
    while let Some(row) = rows.next()? {
        units.push(read(row)?);
    }
    Ok(units)
}

fn read(row: &rusqlite::Row<'_>) -> Result<UnitRow, StoreError> {
    Ok(UnitRow {
        id: UnitId(id_at(row, 0)?),
        parent: id_at_opt(row, 1)?.map(UnitId),
        level: level(&row.get::<_, String>(2)?)?,
        name: row.get(3)?,
        code: row.get(4)?,
    })
}

/// A level from its column.
pub(crate) fn level(name: &str) -> Result<Level, StoreError> {
    Level::ALL.into_iter().find(|level| level.name() == name).ok_or(StoreError::Damaged { what: "level" })
}
