//! Care needs, as a screen shows them.

use super::SyncState;
use chrono::NaiveDate;
use uuid::Uuid;
use zoufang_domain::ids::{HouseholdId, ResidentId, StaffId};

/// What a need can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareTypeView {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What is done for these residents.
    pub purpose: String,
    /// Most days from today to the last day of a need.
    pub valid_max_days: u16,
}

/// A need of a resident or a household.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareNeedView {
    /// Its id.
    pub id: Uuid,
    /// The type.
    pub of: Uuid,
    /// What people call the type; empty when it is not on this phone.
    pub type_name: String,
    /// Whose, if a resident's.
    pub resident: Option<ResidentId>,
    /// The resident's name; empty for a household's need.
    pub resident_name: String,
    /// The home: the household's own, or where the resident lives.
    pub household: Option<HouseholdId>,
    /// What the home is called.
    pub home: String,
    /// On what ground.
    pub basis: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day, unless it is renewed.
    pub valid_until: NaiveDate,
    /// Last day, when a person ended it before its time.
    pub to: Option<NaiveDate>,
    /// Whether it holds today.
    pub holds: bool,
    /// Who set its last day: who began it, or who renewed it last.
    pub set_by: StaffId,
    /// Their name, if the phone knows it.
    pub set_by_name: Option<String>,
    /// Whether values of it stand against each other.
    pub has_conflict: bool,
    /// How far it has come.
    pub sync: SyncState,
}
