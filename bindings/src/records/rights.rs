//! What residents ask of their own data, as it crosses.

use crate::types::Day;
use crate::words::{Right, RightsRequestState, SyncState};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, ResidentId, RightsRequestId};

pub use zoufang_core::views::RightsRequestView;

/// A request.
#[uniffi::remote(Record)]
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
    pub asked_on: Day,
    /// The last day on which it is answered in time.
    pub due: Day,
    /// Whether that day is over and it still waits.
    pub is_overdue: bool,
    /// Where it stands.
    pub state: RightsRequestState,
    /// When it was decided.
    pub decided_at: Option<Moment>,
    /// What the person is to be told.
    pub answer: Option<String>,
    /// How far it has come.
    pub sync: SyncState,
}
