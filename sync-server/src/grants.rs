//! What a phone may see: the areas of its holder's assignments, and of the units above them the names and what they set for all.

use crate::store::{StoreError, id_at};
use crate::units;
use rusqlite::Connection;
use std::collections::BTreeMap;
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::staff::Role;
use zoufang_domain::unit::Level;
use zoufang_domain::wire::enrol::Grant;

/// Most areas that one phone can hold: more do not fit a cursor ([`zoufang_domain::wire::limits::CURSOR_MAX_BYTES`]). A community has
/// a few dozen micro-grids, a street a few hundred.
pub const AREAS_MAX_COUNT: usize = 280;

/// Whether a role's assignment also covers the units below its own.
pub fn reaches_below(role: Role) -> bool {
    role != Role::MicroGridManager
}

/// The areas and roles of a member of staff at that moment: units above first, from the top, then the own areas in the order of their
/// ids. Who holds two roles in one area has the one that may do more. Only roles that carry a phone count.
///
/// # Errors
/// What the store says.
pub fn of_staff(c: &Connection, staff: StaffId, now_ms: i64) -> Result<Vec<Grant>, StoreError> {
    let mut own: BTreeMap<UnitId, Role> = BTreeMap::new();
    for (unit, role) in current(c, staff, now_ms)? {
        let areas = if reaches_below(role) { units::subtree(c, unit)? } else { vec![unit] };
        for area in areas {
            let held = own.entry(area).or_insert(role);
            if precedence(role) > precedence(*held) {
                *held = role;
            }
        }
    }
    let mut above: BTreeMap<(Level, UnitId), Grant> = BTreeMap::new();
    let mut grants = Vec::with_capacity(own.len());
    for (area, role) in &own {
        for unit in units::ancestors(c, *area)? {
            let grant = Grant { unit: unit.id, level: unit.level, name: unit.name, role: None };
            if unit.id == *area {
                grants.push(Grant { role: Some(*role), ..grant });
            } else if !own.contains_key(&unit.id) {
                above.insert((unit.level, unit.id), grant);
            }
        }
    }
    Ok(above.into_values().chain(grants).collect())
}

/// The posts from which a member of staff acts in an area at that moment: those of the area and of the units above it that reach below.
///
/// # Errors
/// What the store says.
pub fn posts_over(
    c: &Connection,
    now_ms: i64,
    staff: StaffId,
    area: UnitId,
) -> Result<Vec<(UnitId, Role)>, StoreError> {
    let sql = "SELECT a.unit, a.role FROM unit_within w JOIN assignment a ON a.unit = w.ancestor
               WHERE w.unit = ?1 AND a.staff = ?2 AND a.from_ms <= ?3 AND (a.to_ms IS NULL OR ?3 < a.to_ms) ORDER BY a.unit";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((area.as_bytes(), staff.as_bytes(), now_ms))?;
    let mut posts = Vec::new();
    while let Some(row) = rows.next()? {
        let role = row.get_ref(1)?.as_str().ok().and_then(Role::from_name);
        let role = role.ok_or(StoreError::Damaged { what: "role" })?;
        let unit = UnitId(id_at(row, 0)?);
        if unit == area || reaches_below(role) {
            posts.push((unit, role));
        }
    }
    Ok(posts)
}

/// The assignments of a member of staff at that moment whose role carries a phone.
fn current(c: &Connection, staff: StaffId, now_ms: i64) -> Result<Vec<(UnitId, Role)>, StoreError> {
    let sql = "SELECT unit, role FROM assignment WHERE staff = ?1 AND from_ms <= ?2 AND (to_ms IS NULL OR ?2 < to_ms)";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((staff.as_bytes(), now_ms))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let role =
            row.get_ref(1)?.as_str().ok().and_then(Role::from_name).ok_or(StoreError::Damaged { what: "role" })?;
        if role.carries_phone() {
            found.push((UnitId(id_at(row, 0)?), role));
        }
    }
    Ok(found)
}

/// Which of two roles in one area counts: the one that may do more.
pub(crate) fn precedence(role: Role) -> u8 {
    match role {
        Role::GridLeader => 5,
        Role::MicroGridManager => 4,
        Role::GridWorker => 3,
        Role::Auxiliary => 2,
        Role::Instructor => 1,
        _ => 0,
    }
}
