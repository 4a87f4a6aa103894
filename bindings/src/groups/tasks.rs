//! What is due.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{DueList, MustVisitList};
use crate::types::Day;
use uuid::Uuid;
use zoufang_core::Core;
use zoufang_domain::ids::HouseholdId;

/// What is due: the visits that rules, lists, visit days and agreed appointments ask for.
#[derive(uniffi::Object)]
pub struct Tasks(Core);

impl Tasks {
    pub(crate) fn new(core: Core) -> Self {
        Tasks(core)
    }
}

#[uniffi::export]
impl Tasks {
    /// What is to be visited on a day, today if none is given, and how far the homes of each rule are. Empty before the first sync has
    /// brought a rule or an appointment.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn due(&self, day: Option<Day>) -> Result<DueList, CoreError> {
        call(|| self.0.due_list(day).map(DueList::from))
    }
    /// The must-visit lists of the units above, by name.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn must_visit_lists(&self) -> Result<Vec<MustVisitList>, CoreError> {
        call(|| self.0.must_visit_lists())
    }
    /// Puts a home on a must-visit list, or takes it off.
    ///
    /// Throws NotHere when home or list is not on this phone, AskSupervisor.
    pub fn set_on_list(&self, household: HouseholdId, list: Uuid, is_on: bool) -> Result<(), CoreError> {
        call(|| self.0.set_on_list(household, list, is_on))
    }
}
