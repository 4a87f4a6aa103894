//! Care needs.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::all;
use crate::records::{CareNeed, CareNeedDraft, CareType, days};
use crate::types::Day;
use uuid::Uuid;
use zoufang_core::Core;
use zoufang_domain::ids::{HouseholdId, ResidentId};

/// Care needs of residents and households: they hold for a time, and only the roles that their type names see them.
#[derive(uniffi::Object)]
pub struct Care(Core);

impl Care {
    pub(crate) fn new(core: Core) -> Self {
        Care(core)
    }
}

#[uniffi::export]
impl Care {
    /// The types of need that the holder's role sees in one of the own areas, by name.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn types(&self) -> Result<Vec<CareType>, CoreError> {
        call(|| self.0.care_types().map(all))
    }
    /// Sets a need.
    ///
    /// Throws NotHere without the resident, the home or the type; MendField with `basis`, `valid_from`, `valid_until` when it is past or later
    /// than the type lets it be, `type` when such a need holds already, `household` when the home is closed; AskSupervisor for a role that
    /// the type does not name.
    pub fn add(&self, draft: CareNeedDraft) -> Result<CareNeed, CoreError> {
        let draft = draft.try_into()?;
        call(|| self.0.add_care_need(&draft))
    }
    /// Renews a need: a person has looked and says until when.
    ///
    /// Throws NotHere; MendField with `care_need` when it has ended, `valid_until` when it is past or later than the type lets it be;
    /// AskSupervisor.
    pub fn renew(&self, id: Uuid, valid_until: Day) -> Result<CareNeed, CoreError> {
        call(|| self.0.renew_care_need(id, valid_until))
    }
    /// Ends a need before its time, on its last day: today if none is said.
    ///
    /// Throws NotHere; MendField with `care_need` when it has ended, `to` when the day lies outside its time; AskSupervisor.
    pub fn end(&self, id: Uuid, to: Option<Day>) -> Result<CareNeed, CoreError> {
        call(|| self.0.end_care_need(id, to))
    }
    /// The needs of a resident, those that hold first.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn of_resident(&self, resident: ResidentId) -> Result<Vec<CareNeed>, CoreError> {
        call(|| self.0.care_needs_of_resident(resident))
    }
    /// The needs of a household and of everyone who lives in it now, those that hold first.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn of_home(&self, household: HouseholdId) -> Result<Vec<CareNeed>, CoreError> {
        call(|| self.0.care_needs_of_home(household))
    }
    /// The needs that end within so many days from today unless somebody renews them, the soonest first.
    ///
    /// Throws MendField with `within_days` for more than 65,535, EnrolAgain before enrolment.
    pub fn expiring(&self, within_days: u32) -> Result<Vec<CareNeed>, CoreError> {
        let within_days = days(within_days)?;
        call(|| self.0.care_needs_expiring(within_days))
    }
}
