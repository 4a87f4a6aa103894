//! Whose records a query may touch. A [`Scope`] cannot be made from an id alone: it comes from a phone's grants, from a supervisor's
//! assignments or from the console, and every function that reads residents' data takes one.

use super::{StoreError, id_at};
use crate::device::Device;
use rusqlite::{Connection, OptionalExtension};
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::staff::Role;

/// A set of areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    roots: Vec<UnitId>,
    with_below: bool,
}

/// Shows that the caller sits at the server's own command line, where there is no area to keep to.
#[derive(Clone, Copy, Debug)]
pub struct Console(());

impl Console {
    /// For the command line alone: never call it from a route.
    pub fn at_the_command_line() -> Self {
        Console(())
    }
}

impl Scope {
    /// The areas that a phone's holder works in at that moment.
    ///
    /// # Errors
    /// What the store says.
    pub fn of_device(c: &Connection, device: &Device, now_ms: i64) -> Result<Scope, StoreError> {
        let grants = crate::grants::of_staff(c, device.staff, now_ms)?;
        let roots = grants.iter().filter(|grant| grant.role.is_some()).map(|grant| grant.unit).collect();
        Ok(Scope { roots, with_below: false })
    }
    /// The subtrees that a member of staff reads the reports of at that moment; empty when there are none.
    ///
    /// # Errors
    /// What the store says.
    pub fn of_supervisor(c: &Connection, staff: StaffId, now_ms: i64) -> Result<Scope, StoreError> {
        let sql = "SELECT unit, role FROM assignment
                   WHERE staff = ?1 AND from_ms <= ?2 AND (to_ms IS NULL OR ?2 < to_ms) ORDER BY unit";
        let mut statement = c.prepare_cached(sql)?;
        let rows =
            statement.query_map((staff.as_bytes(), now_ms), |row| Ok((id_at(row, 0)?, row.get::<_, String>(1)?)))?;
        let mut roots = Vec::new();
        for row in rows {
            let (unit, role) = row?;
            if Role::from_name(&role).is_some_and(Role::reads_reports) && !roots.contains(&UnitId(unit)) {
                roots.push(UnitId(unit));
            }
        }
        Ok(Scope { roots, with_below: true })
    }
    /// The units in whose departments a member of staff has a post at that moment. It names them and opens nothing: what a department may see
    /// is asked matter by matter ([`crate::matters::seen`]).
    ///
    /// # Errors
    /// What the store says.
    pub fn of_departments(c: &Connection, staff: StaffId, now_ms: i64) -> Result<Scope, StoreError> {
        let sql = "SELECT DISTINCT unit FROM assignment
                   WHERE staff = ?1 AND role = ?3 AND from_ms <= ?2 AND (to_ms IS NULL OR ?2 < to_ms) ORDER BY unit";
        let mut statement = c.prepare_cached(sql)?;
        let values = (staff.as_bytes(), now_ms, Role::Department.name());
        let roots = statement.query_map(values, |row| id_at(row, 0).map(UnitId))?.collect::<Result<_, _>>()?;
        Ok(Scope { roots, with_below: false })
    }
    /// Everything: the units that have no unit above.
    ///
    /// # Errors
    /// What the store says.
    pub fn of_console(c: &Connection, _: Console) -> Result<Scope, StoreError> {
        let mut statement = c.prepare_cached("SELECT id FROM unit WHERE parent IS NULL ORDER BY id")?;
        let roots = statement.query_map([], |row| id_at(row, 0).map(UnitId))?.collect::<Result<_, _>>()?;
        Ok(Scope { roots, with_below: true })
    }
    /// The part of this scope below one unit, the unit included. `None` when the unit lies outside, which callers answer exactly as a
    /// unit that does not exist.
    ///
    /// # Errors
    /// What the store says.
    pub fn narrow(&self, c: &Connection, unit: UnitId) -> Result<Option<Scope>, StoreError> {
        let inside = self.covers(c, unit)?;
        Ok(inside.then(|| Scope { roots: vec![unit], with_below: self.with_below }))
    }
    /// Whether a unit lies inside.
    ///
    /// # Errors
    /// What the store says.
    pub fn covers(&self, c: &Connection, unit: UnitId) -> Result<bool, StoreError> {
        if !self.with_below {
            return Ok(self.roots.contains(&unit));
        }
        let mut statement = c.prepare_cached("SELECT 1 FROM unit_within WHERE ancestor = ?1 AND unit = ?2")?;
        for root in &self.roots {
            if statement.query_row((root.as_bytes(), unit.as_bytes()), |_| Ok(())).optional()?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
    /// The units at the top of the scope.
    pub fn roots(&self) -> &[UnitId] {
        &self.roots
    }
    /// Every unit inside, each once.
    ///
    /// # Errors
    /// What the store says.
    pub fn units(&self, c: &Connection) -> Result<Vec<UnitId>, StoreError> {
        if !self.with_below {
            return Ok(self.roots.clone());
        }
        let mut units = Vec::new();
        for root in &self.roots {
            units.extend(crate::units::subtree(c, *root)?);
        }
        units.sort();
        units.dedup();
        Ok(units)
    }
    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }
}
