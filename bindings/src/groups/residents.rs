//! Residents.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{
    LikelySame, NextHome, Residency, ResidentChange, ResidentDraft, ResidentView, Stay, resident_edit,
};
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
    /// Throws NotHere without the home; MendField naming the field, `household` when the home is closed; AskSupervisor.
    pub fn add(&self, draft: ResidentDraft) -> Result<ResidentView, CoreError> {
        call(|| self.0.add_resident(&draft))
    }
    /// Residents on this phone who may be the one about to be added, with why; the strongest reason first, at most 20. Hints: nothing is
    /// blocked by them.
    ///
    /// Throws MendField with `name` or `phone` for a text that no resident could have, EnrolAgain.
    pub fn likely_same(
        &self,
        name: String,
        phone: Option<String>,
        birth_year: Option<i32>,
    ) -> Result<Vec<LikelySame>, CoreError> {
        call(|| self.0.likely_same(&name, phone.as_deref(), birth_year))
    }
    /// Where a resident lives and has lived, as far as this phone's areas know: the home of now first, then the latest.
    ///
    /// Throws NotHere, EnrolAgain.
    pub fn homes(&self, id: ResidentId) -> Result<Vec<Stay>, CoreError> {
        call(|| self.0.homes_of_resident(id))
    }
    /// Edits a resident. What is as it was is not written. Who is known in several areas of this phone is edited where they live now.
    ///
    /// Throws NotHere, MendField, AskSupervisor.
    pub fn edit(&self, id: ResidentId, changes: Vec<ResidentChange>) -> Result<(), CoreError> {
        call(|| self.0.edit_resident(id, &resident_edit(changes)))
    }
    /// Begins a period of residence of someone who is known already.
    ///
    /// Throws NotHere without the resident or the home; MendField with `resident` when the person lives there already, `household` when the
    /// home is closed.
    pub fn move_in(&self, residency: Residency) -> Result<ResidentView, CoreError> {
        call(|| self.0.move_in(&residency))
    }
    /// Ends a period of residence on its last day.
    ///
    /// Throws NotHere; MendField with `to` when it has ended already or the day lies before its first.
    pub fn move_out(&self, residency: ResidencyId, to: Day) -> Result<ResidentView, CoreError> {
        call(|| self.0.move_out(residency, to))
    }
    /// Ends a period of residence and begins another in another home: both or neither. The last day of the first is the day before.
    ///
    /// Throws NotHere; MendField with `residency` when the period has ended, `on` when the move lies before its first day, `household` when
    /// the home is closed, `resident` when the person lives there already; AskSupervisor.
    pub fn move_home(&self, residency: ResidencyId, next: NextHome) -> Result<ResidentView, CoreError> {
        call(|| self.0.move_home(residency, &next))
    }
}
