//! An appointment, as a screen shows it.

use super::SyncState;
use zoufang_domain::appointment::{AppointmentState, Party, Purpose, Slot};
use zoufang_domain::ids::{AppointmentId, HouseholdId, StaffId, UnitId, VisitId};

/// An appointment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppointmentView {
    /// The appointment.
    pub id: AppointmentId,
    /// The home.
    pub household: HouseholdId,
    /// What people call the home: its address and contact person; empty when it is not on this phone.
    pub title: String,
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// What for.
    pub purpose: Purpose,
    /// Who asked.
    pub proposed_by: Party,
    /// What about.
    pub note: String,
    /// Times that would suit.
    pub slots: Vec<Slot>,
    /// Where it stands.
    pub state: AppointmentState,
    /// The agreed time, once there is one.
    pub slot: Option<Slot>,
    /// Who agreed to come.
    pub staff: Option<StaffId>,
    /// Their name, if the phone knows it.
    pub staff_name: Option<String>,
    /// Why another time was agreed, or why it was called off.
    pub reason: Option<String>,
    /// Who was not there.
    pub missed_by: Option<Party>,
    /// The visit that it led to.
    pub visit: Option<VisitId>,
    /// Whether the agreed time is over and nobody said yet what came of it.
    pub is_overdue: bool,
    /// Appointments for which the same person agreed to be elsewhere at the same time. Shown, never refused.
    pub clashes: Vec<AppointmentId>,
    /// Whether two people said different things of how it stands.
    pub has_conflict: bool,
    /// How far it has come.
    pub sync: SyncState,
}
