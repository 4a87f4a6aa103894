//! Conflicts: fields in which two people wrote different things without having seen each other's. Both values are shown, with who wrote
//! them and when; people settle them on a phone or at a desk. Those of care needs (kind 18) are settled on the
//! phones of the roles that see them, and shown nowhere else.

use super::units::{self, PLACE};
use super::{Asked, Head, ReportError};
use crate::store::StoreError;
use crate::store::scope::Scope;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict::{self, Conflict};
use zoufang_domain::home::Address;
use zoufang_domain::ids::{OpId, StaffId, UnitId};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;

/// Records listed at once; the count above the list covers all.
pub const RECORDS_SHOWN_MAX_COUNT: usize = 200;

/// The list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflicts {
    /// Unit, period, time. The period has no bearing: a conflict stands until it is settled.
    #[serde(flatten)]
    pub head: Head,
    /// All contested fields of the subtree.
    pub total: u64,
    /// Those of the first [`RECORDS_SHOWN_MAX_COUNT`] records.
    pub conflicts: Vec<ConflictRow>,
}

/// One contested field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConflictRow {
    /// The same on phones ([`Conflict::id`]): another one when another value has come.
    pub id: Uuid,
    /// The record.
    pub record: Uuid,
    /// The micro-grid.
    pub area: UnitId,
    /// Its name.
    pub unit: String,
    /// The record's kind.
    pub kind: Kind,
    /// What people know the record by: an address, a name.
    pub about: String,
    /// The field's name inside the record.
    pub field: String,
    /// What both authors saw before; empty when nothing was there.
    pub base: String,
    /// The values that stand, the one shown on phones first.
    pub sides: Vec<SideRow>,
}

/// One of the values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SideRow {
    /// The value; empty when the field was cleared.
    pub value: String,
    /// Who wrote it; empty when that person is not known here.
    pub who: String,
    /// When, as the server took it.
    pub when: Moment,
    /// The operation that wrote it.
    pub operation: OpId,
}

/// Lists.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn conflicts(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Conflicts, ReportError> {
    let head = super::head(c, scope, asked)?;
    let total = count(c, asked.unit)?;
    let sql = format!(
        "SELECT record.area, {PLACE} place, record.body FROM unit_within inside
         CROSS JOIN record ON record.area = inside.unit AND record.conflicts_count > 0 AND record.kind <> 18
         JOIN unit ON unit.id = record.area WHERE inside.ancestor = :unit ORDER BY place, record.area, record.seq LIMIT :max"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let max = RECORDS_SHOWN_MAX_COUNT as i64;
    let mut rows = statement.query(named_params! { ":unit": asked.unit.as_bytes(), ":max": max })?;
    let mut conflicts = Vec::new();
    while let Some(row) = rows.next()? {
        let (area, unit, body) = (units::id_at(row, 0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?);
        let record: Record = serde_json::from_str(&body).map_err(|_| StoreError::Damaged { what: "record" })?;
        let about = about(c, &record)?;
        for found in conflict::of(&record) {
            conflicts.push(row_of(c, found, area, unit.clone(), about.clone())?);
        }
    }
    Ok(Conflicts { head, total, conflicts })
}

/// Contested fields of a subtree that the caller has found inside its scope.
pub(crate) fn count(c: &Connection, unit: UnitId) -> Result<u64, ReportError> {
    let mut counted = c.prepare_cached(
        "SELECT coalesce(sum(record.conflicts_count), 0) FROM unit_within inside
         CROSS JOIN record ON record.area = inside.unit AND record.conflicts_count > 0 AND record.kind <> 18 WHERE inside.ancestor = ?1",
    )?;
    Ok(counted.query_row([unit.as_bytes()], |row| row.get::<_, i64>(0))? as u64)
}

fn row_of(
    c: &Connection,
    found: Conflict,
    area: UnitId,
    unit: String,
    about: String,
) -> Result<ConflictRow, ReportError> {
    let id = found.id();
    let mut sides = Vec::with_capacity(found.sides.len());
    for side in found.sides {
        let when = Moment::from_ms(side.version.at.wall_ms());
        sides.push(SideRow {
            value: shown(&side.value),
            who: staff_name(c, side.who)?,
            when,
            operation: side.version.op(),
        });
    }
    Ok(ConflictRow {
        id,
        record: found.id,
        area,
        unit,
        kind: found.kind,
        about,
        field: found.field,
        base: shown(&found.base),
        sides,
    })
}

/// A name of a member of staff; empty for one that is not known.
pub(super) fn staff_name(c: &Connection, staff: StaffId) -> Result<String, ReportError> {
    let mut name = c.prepare_cached("SELECT name FROM staff WHERE id = ?1")?;
    Ok(name.query_row([staff.as_bytes()], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// What people know a record by.
fn about(c: &Connection, record: &Record) -> Result<String, ReportError> {
    let text = |name: &str| record.f.get(name).map(shown).unwrap_or_default();
    Ok(match record.kind {
        Kind::Dwelling => text("address"),
        Kind::Appointment | Kind::Visit | Kind::Residency => {
            let home = text("household").parse::<Uuid>().unwrap_or_default();
            match crate::ledger::record(c, record.area, Kind::Household, home)? {
                Some(home) => about(c, &home)?,
                None => String::new(),
            }
        }
        Kind::Household => {
            let dwelling = text("dwelling").parse::<Uuid>().unwrap_or_default();
            let sql = "SELECT body ->> '$.f.address' FROM record WHERE area = ?1 AND kind = 4 AND id = ?2";
            let mut address = c.prepare_cached(sql)?;
            let address: Option<Option<String>> =
                address.query_row(params![record.area.as_bytes(), dwelling.as_bytes()], |row| row.get(0)).optional()?;
            let address = address.flatten().and_then(|json| serde_json::from_str::<Value>(&json).ok());
            address.map_or_else(|| text("contact"), |address| shown(&address))
        }
        Kind::Matter => text("summary"),
        _ => text("name"),
    })
}

/// A value as people read it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(_) => match serde_json::from_value::<Address>(value.clone()) {
            Ok(address) => address.to_string(),
            Err(_) => value.to_string(),
        },
        other => other.to_string(),
    }
}
