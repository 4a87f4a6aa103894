//! Units as reports name them: the one asked about, those above it inside the scope, those directly below.

use super::ReportError;
use crate::store::StoreError;
use crate::store::scope::Scope;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};
use serde::Serialize;
use zoufang_domain::ids::UnitId;
use zoufang_domain::unit::Level;

/// A unit's name and place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitName {
    /// Id.
    pub id: UnitId,
    /// Level.
    pub level: Level,
    /// Name.
    pub name: String,
    /// Division code, down to the community.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A sixteen-byte column as a unit's id.
pub(super) fn id_at(row: &Row<'_>, column: usize) -> rusqlite::Result<UnitId> {
    let bytes: [u8; 16] = row.get(column)?;
    Ok(UnitId(uuid::Uuid::from_bytes(bytes)))
}

fn unit_name(row: &Row<'_>) -> rusqlite::Result<UnitName> {
    let level: String = row.get(1)?;
    let level = Level::ALL.into_iter().find(|one| one.name() == level).unwrap_or(Level::MicroGrid);
    Ok(UnitName { id: id_at(row, 0)?, level, name: row.get(2)?, code: row.get(3)? })
}

/// A unit of the scope.
///
/// # Errors
/// [`ReportError::NotFound`] when there is none, or it lies outside.
pub fn named(c: &Connection, scope: &Scope, unit: UnitId) -> Result<UnitName, ReportError> {
    if !scope.covers(c, unit)? {
        return Err(ReportError::NotFound);
    }
    let mut found = c.prepare_cached("SELECT id, level, name, code FROM unit WHERE id = ?1")?;
    found.query_row([unit.as_bytes()], unit_name).optional()?.ok_or(ReportError::NotFound)
}

/// The units that the scope begins at, top first.
///
/// # Errors
/// [`ReportError::Store`].
pub fn roots(c: &Connection, scope: &Scope) -> Result<Vec<UnitName>, ReportError> {
    let mut found = scope.roots().iter().map(|unit| named(c, scope, *unit)).collect::<Result<Vec<_>, _>>()?;
    found.sort_by(|a, b| (a.level, &a.code, &a.name).cmp(&(b.level, &b.code, &b.name)));
    found.dedup_by_key(|unit| unit.id);
    Ok(found)
}

/// The way from the scope's root down to a unit, the unit last.
///
/// # Errors
/// [`ReportError::NotFound`] as [`named`].
pub fn path(c: &Connection, scope: &Scope, unit: UnitId) -> Result<Vec<UnitName>, ReportError> {
    let mut way = vec![named(c, scope, unit)?];
    let mut parent = c.prepare_cached("SELECT parent FROM unit WHERE id = ?1 AND parent IS NOT NULL")?;
    while let Some(last) = way.last() {
        let above = parent.query_row([last.id.as_bytes()], |row| id_at(row, 0)).optional()?;
        match above {
            Some(above) if scope.covers(c, above)? => way.push(named(c, scope, above)?),
            _ => break,
        }
    }
    way.reverse();
    Ok(way)
}

/// The units directly below one, in the order of their codes, then of their names with numbers counted as numbers. Closed ones are
/// left out of the tree but not of the counts above them.
///
/// # Errors
/// [`ReportError::Store`].
pub fn children(c: &Connection, unit: UnitId) -> Result<Vec<UnitName>, ReportError> {
    let mut found =
        c.prepare_cached("SELECT id, level, name, code FROM unit WHERE parent = ?1 AND closed_ms IS NULL")?;
    let mut found = found.query_map([unit.as_bytes()], unit_name)?.collect::<Result<Vec<_>, _>>()?;
    found.sort_by_cached_key(|unit| (unit.code.clone(), in_order(&unit.name)));
    Ok(found)
}

/// A name as people count: 第2微网格 before 第10微网格.
pub(super) fn in_order(name: &str) -> String {
    zoufang_domain::home::Address { building: name.to_owned(), ..Default::default() }.walk_key()
}

/// A unit by what a person at the console types: its id, its division code, or its name when only one unit has it.
///
/// # Errors
/// [`FindError`].
pub fn find(c: &Connection, scope: &Scope, text: &str) -> Result<UnitName, FindError> {
    let text = text.trim();
    if let Ok(id) = text.parse::<UnitId>() {
        return Ok(named(c, scope, id)?);
    }
    let sql =
        "SELECT id, level, name, code FROM unit WHERE (code = :text OR name = :text) AND closed_ms IS NULL LIMIT 100";
    let mut found = c.prepare_cached(sql)?;
    let found = found.query_map(named_params! { ":text": text }, unit_name)?.collect::<Result<Vec<_>, _>>()?;
    let mut inside = Vec::new();
    for unit in found {
        if scope.covers(c, unit.id)? {
            inside.push(unit);
        }
    }
    match inside.len() {
        0 => Err(FindError::Report(ReportError::NotFound)),
        1 => Ok(inside.remove(0)),
        _ => {
            let mut several = Vec::new();
            for unit in inside {
                several.push(full_name(c, unit.id)?);
            }
            Err(FindError::Several(several))
        }
    }
}

/// A unit's name for a list that may hold namesakes, in SQL over `unit`: a micro-grid (every community has a 第1微网格) after the unit
/// above it.
pub(super) const PLACE: &str = "iif(unit.level = 'micro_grid',
    coalesce((SELECT above.name || ' · ' FROM unit above WHERE above.id = unit.parent), ''), '') || unit.name";

/// The unit at the top of the tree; none when no tree was imported yet.
///
/// # Errors
/// [`ReportError::Store`].
pub fn top(c: &Connection) -> Result<Option<UnitId>, ReportError> {
    let mut found = c.prepare_cached("SELECT id FROM unit WHERE parent IS NULL ORDER BY code LIMIT 1")?;
    Ok(found.query_row([], |row| id_at(row, 0)).optional()?)
}

/// A unit's name after those above it, with its code or id: what tells namesakes apart.
fn full_name(c: &Connection, unit: UnitId) -> Result<String, ReportError> {
    let mut above = c.prepare_cached(
        "WITH RECURSIVE up (id, depth) AS (SELECT ?1, 0 UNION ALL SELECT unit.parent, depth + 1 FROM up JOIN unit USING (id)
             WHERE unit.parent IS NOT NULL)
         SELECT unit.name, unit.code FROM up JOIN unit USING (id) ORDER BY depth DESC",
    )?;
    let names = above.query_map(params![unit.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let names = names.collect::<Result<Vec<(String, Option<String>)>, _>>()?;
    let label = names.last().and_then(|(_, code)| code.clone()).unwrap_or_else(|| unit.to_string());
    let names: Vec<String> = names.into_iter().map(|(name, _)| name).collect();
    Ok(format!("{}（{label}）", names.join(" › ")))
}

/// Why a unit was not found by its name.
#[derive(Debug, thiserror::Error)]
pub enum FindError {
    /// Missing, outside, or the database failed.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Several units have that name: each with its place and code.
    #[error("several units have that name")]
    Several(Vec<String>),
}

impl From<rusqlite::Error> for FindError {
    fn from(error: rusqlite::Error) -> Self {
        FindError::Report(error.into())
    }
}

impl From<StoreError> for FindError {
    fn from(error: StoreError) -> Self {
        FindError::Report(error.into())
    }
}
