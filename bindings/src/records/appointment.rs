//! Appointments as they cross.

use crate::words::{AppointmentParty, AppointmentPurpose, AppointmentState, SyncState};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AppointmentId, HouseholdId, StaffId, UnitId, VisitId};

pub use zoufang_core::appointments::AppointmentDraft;
pub use zoufang_core::views::AppointmentView;
pub use zoufang_domain::appointment::Slot as TimeSlot;

/// A stretch of time, at most 24 hours. The end is not part of it.
#[uniffi::remote(Record)]
pub struct TimeSlot {
    /// Begin.
    pub from: Moment,
    /// End.
    pub to: Moment,
}

/// An appointment about to be taken down.
#[uniffi::remote(Record)]
pub struct AppointmentDraft {
    /// The home.
    pub household: HouseholdId,
    /// What for.
    pub purpose: AppointmentPurpose,
    /// Who asks: the resident, for whom it is taken down, or the manager.
    pub proposed_by: AppointmentParty,
    /// What about, at most 4,000 characters.
    #[uniffi(default = "")]
    pub note: String,
    /// Times that would suit, 1 to 5.
    pub slots: Vec<TimeSlot>,
    /// The time, when both agreed on one at once.
    #[uniffi(default = None)]
    pub agreed: Option<TimeSlot>,
    /// The id that it gets; made when it is saved if there is none. A caller that repeats a save gives the same id.
    #[uniffi(default = None)]
    pub id: Option<AppointmentId>,
}

/// An appointment.
#[uniffi::remote(Record)]
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
    pub purpose: AppointmentPurpose,
    /// Who asked.
    pub proposed_by: AppointmentParty,
    /// What about.
    pub note: String,
    /// Times that would suit.
    pub slots: Vec<TimeSlot>,
    /// Where it stands.
    pub state: AppointmentState,
    /// The agreed time, once there is one.
    pub slot: Option<TimeSlot>,
    /// Who agreed to come.
    pub staff: Option<StaffId>,
    /// Their name, if the phone knows it.
    pub staff_name: Option<String>,
    /// Why another time was agreed, or why it was called off.
    pub reason: Option<String>,
    /// Who was not there.
    pub missed_by: Option<AppointmentParty>,
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
