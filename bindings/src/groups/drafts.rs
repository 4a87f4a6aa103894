//! Drafts.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::all;
use crate::records::{DraftView, MatterField, MatterView, VisitField, VisitView};
use zoufang_core::Core;
use zoufang_core::views::DraftId;
use zoufang_domain::ids::HouseholdId;

/// Drafts: what is being written survives a call, a dead battery and a full disk, field by field, and is never sent.
#[derive(uniffi::Object)]
pub struct Drafts(Core);

impl Drafts {
    pub(crate) fn new(core: Core) -> Self {
        Drafts(core)
    }
}

#[uniffi::export]
impl Drafts {
    /// Begins to write a visit to a home, starting now.
    ///
    /// Throws NotHere when the home is not on this phone; MendField with `drafts` when there are 500 already.
    pub fn start_visit(&self, household: HouseholdId) -> Result<DraftId, CoreError> {
        call(|| self.0.start_visit_draft(household))
    }
    /// Begins to write a matter, of a home or of none.
    ///
    /// Throws as `start_visit`.
    pub fn start_matter(&self, household: Option<HouseholdId>) -> Result<DraftId, CoreError> {
        call(|| self.0.start_matter_draft(household))
    }
    /// Saves one field of a visit's draft, durable when it returns.
    ///
    /// Throws NotHere without the draft; MendField for one that is no visit's, or that grew over 256 KiB; FreeSpace.
    pub fn save_visit_field(&self, id: DraftId, field: VisitField) -> Result<(), CoreError> {
        let (name, value) = field.named();
        call(|| self.0.save_draft_field(id, name, value))
    }
    /// Saves one field of a matter's draft, durable when it returns.
    ///
    /// Throws as `save_visit_field`.
    pub fn save_matter_field(&self, id: DraftId, field: MatterField) -> Result<(), CoreError> {
        let (name, value) = field.named();
        call(|| self.0.save_draft_field(id, name, value))
    }
    /// All drafts, the latest touched first; never more than 500.
    ///
    /// Throws Retry.
    pub fn list(&self) -> Result<Vec<DraftView>, CoreError> {
        call(|| self.0.drafts().map(all))
    }
    /// One draft.
    ///
    /// Throws NotHere without it.
    pub fn find(&self, id: DraftId) -> Result<DraftView, CoreError> {
        call(|| self.0.draft(id).map(DraftView::from))
    }
    /// Throws a draft away, as its author wishes. Does nothing when it is gone already.
    ///
    /// Throws Retry, FreeSpace.
    pub fn discard(&self, id: DraftId) -> Result<(), CoreError> {
        call(|| self.0.discard_draft(id))
    }
    /// Saves a draft as the visit that it describes and removes it, at once or not at all.
    ///
    /// Throws MendField naming the field that is missing or wrong (`answers.` and its id for the first of its form's), and as saving a visit;
    /// the draft then stays as it is.
    pub fn save_as_visit(&self, id: DraftId) -> Result<VisitView, CoreError> {
        call(|| self.0.save_draft_as_visit(id))
    }
    /// Saves a draft as the matter that it describes and removes it, at once or not at all.
    ///
    /// Throws MendField naming the field that is missing or wrong, and as reporting a matter; the draft then stays as it is.
    pub fn save_as_matter(&self, id: DraftId) -> Result<MatterView, CoreError> {
        call(|| self.0.save_draft_as_matter(id))
    }
}
