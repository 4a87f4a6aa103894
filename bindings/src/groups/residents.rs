//! Residents.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{Residency, ResidentChange, ResidentDraft, ResidentView, resident_edit};
use crate::types::Day;
use zoufang_core::Core;
use zoufang_domain::ids::{HouseholdId, ResidencyId, ResidentId};

/// Residents and their periods of residence.
#[derive(uniffi::Object)]
pub struct Residents(Core);

impl Residents {
    pub(crate) fn new(core: Core) -> Self {
        Residents(core)
    }
}

#[uniffi::export]
impl Residents {
    /// Everyone who lives or lived in a home, those who live there first; at most 100.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn of_household(&self, household: HouseholdId) -> Result<Vec<ResidentView>, CoreError> {
        call(|| self.0.residents_of(household))
    }
    /// Adds a resident to a home.
    ///
    /// Throws NotHere without the home, MendField, AskSupervisor.
    pub fn add(&self, draft: ResidentDraft) -> Result<ResidentView, CoreError> {
        call(|| self.0.add_resident(&draft))
    }
    /// Edits a resident. What is as it was is not written.
    ///
    /// Throws NotHere, MendField, AskSupervisor.
    pub fn edit(&self, id: ResidentId, changes: Vec<ResidentChange>) -> Result<(), CoreError> {
        call(|| self.0.edit_resident(id, &resident_edit(changes)))
    }
    /// Begins a period of residence of someone who is known already.
    ///
    /// Throws NotHere without the resident or the home; MendField with `resident` when the person lives there already.
    pub fn move_in(&self, residency: Residency) -> Result<ResidentView, CoreError> {
        call(|| self.0.move_in(&residency))
    }
    /// Ends a period of residence on its last day.
    ///
    /// Throws NotHere; MendField with `to` when it has ended already or the day lies before its first.
    pub fn move_out(&self, residency: ResidencyId, to: Day) -> Result<ResidentView, CoreError> {
        call(|| self.0.move_out(residency, to))
    }
}
