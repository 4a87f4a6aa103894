//! What a resident asked of their own data, as a screen shows it.

use super::SyncState;
use chrono::NaiveDate;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, ResidentId, RightsRequestId};
use zoufang_domain::rights::{RequestState, Right};

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RightsRequestView {
    /// The request.
    pub id: RightsRequestId,
    /// The resident who asks; nothing when it is the contact of a home.
    pub resident: Option<ResidentId>,
    /// Their home, or the last one, as far as it is known.
    pub household: Option<HouseholdId>,
    /// Name; empty once they are erased.
    pub name: String,
    /// What the home is called; empty when it is not known.
    pub home: String,
    /// What for.
    pub right: Right,
    /// The day on which it was asked for.
    pub asked_on: NaiveDate,
    /// The last day on which it is answered in time.
    pub due: NaiveDate,
    /// Whether that day is over and it still waits.
    pub is_overdue: bool,
    /// Where it stands.
    pub state: RequestState,
    /// When it was decided.
    pub decided_at: Option<Moment>,
    /// What the person is to be told.
    pub answer: Option<String>,
    /// How far it has come.
    pub sync: SyncState,
}
