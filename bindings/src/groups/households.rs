//! Homes.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::all;
use crate::records::{DwellingEdit, HomeDraft, HomeView, HouseholdChange, Page, SplitDraft, household_edit};
use crate::types::Day;
use zoufang_core::Core;
use zoufang_domain::ids::{DwellingId, HouseholdId};

/// Homes: households in their dwellings.
#[derive(uniffi::Object)]
pub struct Households(Core);

impl Households {
    pub(crate) fn new(core: Core) -> Self {
        Households(core)
    }
}

#[uniffi::export]
impl Households {
    /// The homes of the own micro-grids as a person walks them, at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn list(&self, page: Page) -> Result<Vec<HomeView>, CoreError> {
        call(|| self.0.homes(page).map(all))
    }
    /// One home, closed or not.
    ///
    /// Throws NotHere when it is not on this phone.
    pub fn find(&self, id: HouseholdId) -> Result<HomeView, CoreError> {
        call(|| self.0.home(id).map(HomeView::from))
    }
    /// Adds a home. The dwelling at an address is one and the same however often it is added.
    ///
    /// Throws MendField with `address` when a household lives there already and the draft does not say that they share it, or naming
    /// another field; AskSupervisor outside the own micro-grids.
    pub fn add(&self, draft: HomeDraft) -> Result<HomeView, CoreError> {
        let draft = draft.try_into()?;
        call(|| self.0.add_home(&draft).map(HomeView::from))
    }
    /// Edits a household. What is as it was is not written.
    ///
    /// Throws NotHere, MendField, AskSupervisor.
    pub fn edit(&self, id: HouseholdId, changes: Vec<HouseholdChange>) -> Result<HomeView, CoreError> {
        let edit = household_edit(changes)?;
        call(|| self.0.edit_household(id, &edit).map(HomeView::from))
    }
    /// Edits a dwelling. What is as it was is not written.
    ///
    /// Throws NotHere, MendField, AskSupervisor.
    pub fn edit_dwelling(&self, id: DwellingId, edit: DwellingEdit) -> Result<(), CoreError> {
        call(|| self.0.edit_dwelling(id, &edit))
    }
    /// Closes a household on its last day: it has moved or dissolved. Its periods of residence end with it; nothing is deleted.
    ///
    /// Throws MendField with `to` when it is closed already or the day lies before its first; NotHere, AskSupervisor.
    pub fn close_household(&self, id: HouseholdId, to: Day) -> Result<HomeView, CoreError> {
        call(|| self.0.close_household(id, to).map(HomeView::from))
    }
    /// Splits a household 分户: some of its people begin one of their own, in the same dwelling or another. Gives the new one.
    ///
    /// Throws MendField with `household` when it is closed, `residencies` when none is named or one is not a current period of it, `from` or
    /// `on` when the day lies before what ends on it, or naming a field of the new home; NotHere, AskSupervisor.
    pub fn split(&self, draft: SplitDraft) -> Result<HomeView, CoreError> {
        let draft = draft.try_into()?;
        call(|| self.0.split_household(&draft).map(HomeView::from))
    }
    /// Merges a household into another 并户 on a day, today if none is said: the first is closed, its people live on in the second. Gives the
    /// second; its lists show the first's visits and matters.
    ///
    /// Throws MendField with `household` or `into` when that one is closed or both are the same, `on` when the day lies too early; NotHere,
    /// AskSupervisor.
    pub fn merge(&self, household: HouseholdId, into: HouseholdId, on: Option<Day>) -> Result<HomeView, CoreError> {
        call(|| self.0.merge_households(household, into, on).map(HomeView::from))
    }
}
