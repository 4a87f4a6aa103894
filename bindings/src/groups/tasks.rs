//! What is due.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::all;
use crate::records::{DueHome, DueList, MustVisitList};
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
    /// Moves a task to a later day of its turn.
    ///
    /// Throws NotHere when nothing of that id is to be done today; MendField with `to` for a day that is past or lies after the turn, `state`
    /// when the visit was made, `appointment` for a task of an appointment, which is changed itself; AskSupervisor.
    pub fn reschedule(&self, task: Uuid, to: Day, reason: Option<String>) -> Result<(), CoreError> {
        call(|| self.0.reschedule_task(task, to, reason.as_deref()))
    }
    /// Calls a task off for this turn. It is no mark against the home, and the next turn asks anew.
    ///
    /// Throws as `reschedule`; MendField with `reason` without one.
    pub fn cancel(&self, task: Uuid, reason: String) -> Result<(), CoreError> {
        call(|| self.0.cancel_task(task, &reason))
    }
    /// Plans a task as its rule says again.
    ///
    /// Throws as `reschedule`.
    pub fn plan_again(&self, task: Uuid) -> Result<(), CoreError> {
        call(|| self.0.plan_task_again(task))
    }
    /// Homes with tasks that were moved to a later day or called off for this turn; what `due` leaves out.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn put_off(&self) -> Result<Vec<DueHome>, CoreError> {
        call(|| self.0.tasks_put_off().map(all))
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
