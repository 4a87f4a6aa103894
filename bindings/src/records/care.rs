//! Care needs as they cross.

use crate::error::CoreError;
use crate::types::Day;
use crate::words::SyncState;
use uuid::Uuid;
use zoufang_core::care::{self, CareOf};
use zoufang_core::views;
use zoufang_domain::ids::{HouseholdId, ResidentId, StaffId};

pub use zoufang_core::views::CareNeedView as CareNeed;

/// What a need can be 关爱需求类型.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CareType {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// What is done for these residents.
    pub purpose: String,
    /// Most days from today to the last day of a need.
    pub valid_max_days: u32,
}

impl From<views::CareTypeView> for CareType {
    fn from(of: views::CareTypeView) -> Self {
        CareType { id: of.id, name: of.name, purpose: of.purpose, valid_max_days: of.valid_max_days.into() }
    }
}

/// A need of a resident or a household 关爱需求.
#[uniffi::remote(Record)]
pub struct CareNeed {
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
    pub valid_from: Day,
    /// Last day, unless it is renewed.
    pub valid_until: Day,
    /// Last day, when a person ended it before its time.
    pub to: Option<Day>,
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

/// A need about to be set; of a resident or of a household.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct CareNeedDraft {
    /// The type's id.
    pub of: Uuid,
    /// On what ground: what was seen or said.
    pub basis: String,
    /// Last day.
    pub valid_until: Day,
    /// Whose; either this or `household`.
    #[uniffi(default = None)]
    pub resident: Option<ResidentId>,
    /// Whose; either this or `resident`.
    #[uniffi(default = None)]
    pub household: Option<HouseholdId>,
    /// First day; today if not said.
    #[uniffi(default = None)]
    pub valid_from: Option<Day>,
}

impl TryFrom<CareNeedDraft> for care::CareNeedDraft {
    type Error = CoreError;

    fn try_from(draft: CareNeedDraft) -> Result<Self, CoreError> {
        let whose = match (draft.resident, draft.household) {
            (Some(resident), None) => CareOf::Resident(resident),
            (None, Some(household)) => CareOf::Household(household),
            _ => return Err(CoreError::mend("resident")),
        };
        let CareNeedDraft { of, basis, valid_until, valid_from, .. } = draft;
        Ok(care::CareNeedDraft { whose, of, basis, valid_from, valid_until })
    }
}

/// A count of days.
pub(crate) fn days(count: u32) -> Result<u16, CoreError> {
    u16::try_from(count).map_err(|_| CoreError::mend("within_days"))
}
