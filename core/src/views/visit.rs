//! A saved visit.

use super::{GivenNoticeView, SyncState};
use zoufang_domain::calendar::Moment;
use zoufang_domain::form::answers::FilledForm;
use zoufang_domain::ids::{HouseholdId, MatterId, StaffId, UnitId, VisitId};
use zoufang_domain::visit::{Duty, Location, Mode, Outcome, VisitState};

/// A visit with its corrections laid over it.
#[derive(Clone, Debug, PartialEq)]
pub struct VisitView {
    /// The visit.
    pub id: VisitId,
    /// The home.
    pub household: HouseholdId,
    /// True when the home was closed on or before the day of the visit, or is not on this phone: kept all the same, for a person to look at.
    pub household_closed: bool,
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// Its state.
    pub state: VisitState,
    /// Who wrote it.
    pub author: StaffId,
    /// Who was there.
    pub staff: Vec<StaffId>,
    /// Start, by the phone's clock.
    pub started_at: Moment,
    /// End, by the phone's clock.
    pub ended_at: Option<Moment>,
    /// How.
    pub mode: Mode,
    /// What came of it.
    pub outcome: Outcome,
    /// Which duties it served.
    pub duties: Vec<Duty>,
    /// What was found.
    pub note: String,
    /// Whether someone should come again.
    pub needs_follow_up: bool,
    /// Matters taken up.
    pub matters: Vec<MatterId>,
    /// Notices given, in the order of their ids.
    pub notices: Vec<GivenNoticeView>,
    /// Where, if said.
    pub location: Option<Location>,
    /// The form that was filled in, with its answers.
    pub form: Option<FilledForm>,
    /// Corrections, oldest first.
    pub amendments: Vec<AmendmentView>,
    /// Set once the visit is void.
    pub voided: Option<VoidView>,
    /// How far it has come.
    pub sync: SyncState,
}

/// One correction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmendmentView {
    /// When, by its author's clock.
    pub when: Moment,
    /// Who.
    pub who: StaffId,
    /// Why.
    pub reason: String,
    /// Names of the fields that it corrects.
    pub fields: Vec<String>,
}

/// By whom and why a visit is void.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VoidView {
    /// Who.
    pub who: StaffId,
    /// Why.
    pub reason: String,
}
