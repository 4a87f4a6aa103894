//! Phones of the people who work in a subtree: when each was last in step with the server, and what it said then that it had not sent.
//! A phone whose holder has left every post still stands under the last one, since unsent work may be on it.

use super::units::PLACE;
use super::{Asked, Head, ReportError};
use crate::store::scope::Scope;
use crate::store::{id_at, id_at_opt};
use rusqlite::{Connection, Row, named_params};
use serde::Serialize;
use std::collections::HashMap;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, DeviceId, StaffId};

/// Days without a sync after which a phone is marked as silent.
pub const SILENT_DAYS: i64 = 7;

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Devices {
    /// Unit, period, time. The period has no bearing on this report: it shows how things stand.
    #[serde(flatten)]
    pub head: Head,
    /// Every phone: those that never synced first, then the longest without a sync.
    pub devices: Vec<DeviceRow>,
}

impl Devices {
    /// Active phones that have not been in step for [`SILENT_DAYS`] days.
    pub fn silent_count(&self) -> u64 {
        self.devices.iter().filter(|device| device.silent).count() as u64
    }
    /// Operations that waited on all of them when they were last heard of.
    pub fn unsent_count(&self) -> u64 {
        self.devices.iter().map(|device| device.unsent_count).sum()
    }
}

/// One phone.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DeviceRow {
    /// Id.
    pub id: DeviceId,
    /// The holder's units inside the scope asked about.
    pub units: String,
    /// The holder.
    pub staff: String,
    /// As enrolled.
    pub platform: String,
    /// Version of the app.
    pub app_version: String,
    /// active, suspended, forked, revoked, erased.
    pub status: String,
    /// Last complete sync.
    pub last_sync: Option<Moment>,
    /// Operations that waited on it when it was last heard of.
    pub unsent_count: u64,
    /// The oldest of them.
    pub oldest_unsent: Option<Moment>,
    /// Whether an active phone has not been in step for [`SILENT_DAYS`] days.
    pub silent: bool,
}

/// The posts inside the subtree: who, where, whether the post stands now, which post.
fn posts_sql() -> String {
    format!(
        "SELECT post.staff, {PLACE} place, post.from_ms <= :now AND (post.to_ms IS NULL OR post.to_ms > :now), post.id
         FROM unit_within inside CROSS JOIN assignment post ON post.unit = inside.unit JOIN unit ON unit.id = post.unit
         WHERE inside.ancestor = :unit ORDER BY place"
    )
}

/// The phones of everybody who has or had a post there, each with its holder's last post when no post of theirs stands anywhere.
const PHONES: &str = "SELECT device.id, device.staff, staff.name, device.platform, device.app_version, device.status,
        device.last_sync_ms, device.unsent_count, device.oldest_unsent_ms,
        (SELECT last.id FROM assignment last WHERE last.staff = device.staff AND NOT EXISTS (
            SELECT 1 FROM assignment open WHERE open.staff = device.staff
            AND open.from_ms <= :now AND (open.to_ms IS NULL OR open.to_ms > :now)) ORDER BY last.to_ms DESC, last.id LIMIT 1)
    FROM (SELECT DISTINCT post.staff FROM unit_within inside CROSS JOIN assignment post ON post.unit = inside.unit
        WHERE inside.ancestor = :unit) here
    CROSS JOIN device ON device.staff = here.staff JOIN staff ON staff.id = device.staff
    ORDER BY device.last_sync_ms IS NOT NULL, device.last_sync_ms, staff.name, device.id";

/// Posts of one person inside the subtree.
#[derive(Default)]
struct Posts {
    standing: Vec<String>,
    ended: HashMap<AssignmentId, String>,
}

impl Posts {
    /// The units that a phone of this person stands under; `None` when it belongs elsewhere by now.
    fn units(&self, last_of_all: Option<AssignmentId>) -> Option<String> {
        if self.standing.is_empty() { self.ended.get(&last_of_all?).cloned() } else { Some(self.standing.join("、")) }
    }
}

/// Lists.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn devices(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Devices, ReportError> {
    let head = super::head(c, scope, asked)?;
    let now_ms = asked.now.to_ms();
    let mut posts: HashMap<StaffId, Posts> = HashMap::new();
    let mut statement = c.prepare_cached(&posts_sql())?;
    let mut rows = statement.query(named_params! { ":unit": asked.unit.as_bytes(), ":now": now_ms })?;
    while let Some(row) = rows.next()? {
        let (staff, unit, stands): (_, String, bool) = (StaffId(id_at(row, 0)?), row.get(1)?, row.get(2)?);
        let held = posts.entry(staff).or_default();
        if !stands {
            held.ended.insert(AssignmentId(id_at(row, 3)?), unit);
        } else if !held.standing.contains(&unit) {
            held.standing.push(unit);
        }
    }
    let mut statement = c.prepare_cached(PHONES)?;
    let mut rows = statement.query(named_params! { ":unit": asked.unit.as_bytes(), ":now": now_ms })?;
    let mut devices = Vec::new();
    while let Some(row) = rows.next()? {
        let last = id_at_opt(row, 9)?.map(AssignmentId);
        let held = posts.get(&StaffId(id_at(row, 1)?));
        if let Some(units) = held.and_then(|held| held.units(last)) {
            devices.push(device(row, units, now_ms)?);
        }
    }
    Ok(Devices { head, devices })
}

fn device(row: &Row<'_>, units: String, now_ms: i64) -> rusqlite::Result<DeviceRow> {
    let status: String = row.get(5)?;
    let last_sync_ms: Option<i64> = row.get(6)?;
    let silent_before_ms = now_ms - SILENT_DAYS * 24 * 3600 * 1000;
    Ok(DeviceRow {
        id: DeviceId(id_at(row, 0)?),
        units,
        staff: row.get(2)?,
        platform: row.get(3)?,
        app_version: row.get(4)?,
        silent: status == "active" && last_sync_ms.is_none_or(|at| at < silent_before_ms),
        status,
        last_sync: last_sync_ms.map(Moment::from_ms),
        unsent_count: row.get::<_, i64>(7)? as u64,
        oldest_unsent: row.get::<_, Option<i64>>(8)?.map(Moment::from_ms),
    })
}
