//! Appointments of a unit's subtree: those that are not over, and those of a period that are. What they are about is not shown: that is
//! between the home and who goes there.

use super::units::{self, PLACE};
use super::{Asked, Head, ReportError, conflicts};
use crate::store::StoreError;
use crate::store::scope::Scope;
use rusqlite::{Connection, named_params};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::appointment::{Appointment, AppointmentState, Party, Purpose, Slot};
use zoufang_domain::due;
use zoufang_domain::home::Address;
use zoufang_domain::ids::{AppointmentId, HouseholdId, UnitId};
use zoufang_domain::record::Record;

/// Appointments listed at once; the count above the list covers all.
pub const APPOINTMENTS_SHOWN_MAX_COUNT: usize = 200;
/// Homes that a form offers at once; a micro-grid has 30 to 50.
pub const HOMES_SHOWN_MAX_COUNT: usize = 500;

/// The list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Appointments {
    /// Unit, period, time.
    #[serde(flatten)]
    pub head: Head,
    /// All of the subtree that are not over, or lie in the period.
    pub total: u64,
    /// The first [`APPOINTMENTS_SHOWN_MAX_COUNT`] of them, by time.
    pub appointments: Vec<AppointmentRow>,
}

/// One appointment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AppointmentRow {
    /// The appointment.
    pub id: AppointmentId,
    /// The micro-grid.
    pub area: UnitId,
    /// Its name.
    pub unit: String,
    /// The home's address; empty when the home is not in the area any more.
    pub home: String,
    /// What for.
    pub purpose: Purpose,
    /// Who asked.
    pub proposed_by: Party,
    /// Where it stands.
    pub state: AppointmentState,
    /// The agreed time, or the first that would suit.
    pub slot: Option<Slot>,
    /// Who comes; empty while nobody agreed to.
    pub who: String,
    /// Who was not there.
    pub missed_by: Option<Party>,
    /// Whether the agreed time is over and nobody said yet what came of it.
    pub is_overdue: bool,
    /// Whether two people said different things of how it stands.
    pub is_contested: bool,
    /// The task that it is today, by the same id as on phones.
    pub task: Option<Uuid>,
}

const WANTED: &str = "unit_within inside CROSS JOIN record ON record.area = inside.unit AND record.kind = 14
    AND (record.status IN ('proposed', 'agreed', 'changed') OR (record.sort >= :from AND record.sort < :after))";

/// Lists.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn appointments(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Appointments, ReportError> {
    let head = super::head(c, scope, asked)?;
    let (from, after) = asked.bounds();
    let counted = format!("SELECT count(*) FROM {WANTED} WHERE inside.ancestor = :unit");
    let unit = asked.unit.as_bytes();
    let values = named_params! { ":unit": unit, ":from": from, ":after": after };
    let total: i64 = c.prepare_cached(&counted)?.query_row(values, |row| row.get(0))?;
    let sql = format!(
        "SELECT record.area, {PLACE}, record.body, dwelling.body ->> '$.f.address' FROM {WANTED}
         JOIN unit ON unit.id = record.area
         LEFT JOIN record home ON home.area = record.area AND home.kind = 5 AND home.id = record.parent
         LEFT JOIN record dwelling ON dwelling.area = record.area AND dwelling.kind = 4 AND dwelling.id = home.parent
         WHERE inside.ancestor = :unit ORDER BY record.sort, record.area, record.id LIMIT :max"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let max = APPOINTMENTS_SHOWN_MAX_COUNT as i64;
    let mut rows = statement.query(named_params! { ":unit": unit, ":from": from, ":after": after, ":max": max })?;
    let mut appointments = Vec::new();
    while let Some(row) = rows.next()? {
        let (area, unit, body) = (units::id_at(row, 0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?);
        let record: Record = serde_json::from_str(&body).map_err(|_| StoreError::Damaged { what: "record" })?;
        // One that does not read (a newer version wrote it) is counted and not shown.
        let Ok(of) = record.read::<Appointment>() else { continue };
        appointments.push(row_of(c, asked, &record, of, area, unit, address(row.get(3)?))?);
    }
    Ok(Appointments { head, total: total as u64, appointments })
}

fn row_of(
    c: &Connection,
    asked: &Asked,
    record: &Record,
    of: Appointment,
    area: UnitId,
    unit: String,
    home: String,
) -> Result<AppointmentRow, ReportError> {
    let id = AppointmentId(record.id);
    Ok(AppointmentRow {
        id,
        area,
        unit,
        home,
        purpose: of.purpose,
        proposed_by: of.proposed_by,
        state: of.standing.state,
        slot: of.slot(),
        who: of.standing.staff.map_or(Ok(String::new()), |staff| conflicts::staff_name(c, staff))?,
        missed_by: of.standing.missed_by,
        is_overdue: of.is_overdue(asked.now),
        is_contested: zoufang_domain::conflict::count(record) > 0,
        task: due::appointment_task(id, &of, asked.now).map(|task| task.id),
    })
}

fn address(json: Option<String>) -> String {
    let value = json.and_then(|json| serde_json::from_str::<Address>(&json).ok());
    value.map(|address| address.to_string()).unwrap_or_default()
}

/// A home that an appointment may be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// The household.
    pub id: HouseholdId,
    /// Its address.
    pub address: String,
    /// Its contact person; empty where none is known.
    pub contact: String,
    /// Building, unit and room, joined by hyphens: what people type.
    pub short: String,
}

/// The current homes of a micro-grid as they are walked, at most [`HOMES_SHOWN_MAX_COUNT`].
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn homes(c: &Connection, scope: &Scope, area: UnitId) -> Result<Vec<Home>, ReportError> {
    units::named(c, scope, area)?;
    let mut statement = c.prepare_cached(
        "SELECT home.id, home.sort, dwelling.body ->> '$.f.address' FROM record home
         LEFT JOIN record dwelling ON dwelling.area = home.area AND dwelling.kind = 4 AND dwelling.id = home.parent
         WHERE home.area = ?1 AND home.kind = 5 AND home.status = 'current' ORDER BY dwelling.sort, home.id LIMIT ?2",
    )?;
    let mut rows = statement.query((area.as_bytes(), HOMES_SHOWN_MAX_COUNT as i64))?;
    let mut homes = Vec::new();
    while let Some(row) = rows.next()? {
        let json: Option<String> = row.get(2)?;
        let parts: Value = json.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
        let part = |name: &str| parts.get(name).and_then(Value::as_str).filter(|part| !part.is_empty());
        let short: Vec<&str> = ["building", "unit", "room"].into_iter().filter_map(part).collect();
        homes.push(Home {
            id: HouseholdId(Uuid::from_bytes(row.get(0)?)),
            contact: row.get(1)?,
            short: short.join("-"),
            address: address(json),
        });
    }
    Ok(homes)
}
