//! Forms.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::all;
use crate::records::{AnswerValue, DraftForm, FormView};
use zoufang_core::Core;
use zoufang_core::views::DraftId;

/// Forms: what a visit asks beside its own fields.
#[derive(uniffi::Object)]
pub struct Forms(Core);

impl Forms {
    pub(crate) fn new(core: Core) -> Self {
        Forms(core)
    }
}

#[uniffi::export]
impl Forms {
    /// The forms that are offered today, each in its latest version, by name. Empty before the first sync has brought one.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn list(&self) -> Result<Vec<FormView>, CoreError> {
        call(|| self.0.forms().map(all))
    }
    /// One version of a form, also one that is offered no longer: what a visit of then was asked.
    ///
    /// Throws NotHere when it is not on this phone.
    pub fn find(&self, form: String, version: u32) -> Result<FormView, CoreError> {
        call(|| self.0.form(&form, version).map(FormView::from))
    }
    /// Puts the latest version of a form into a visit's draft, durable when it returns; without a form takes form and answers out. A draft
    /// that has the form already keeps the version that it was begun with.
    ///
    /// Throws NotHere without the draft or the form; MendField with `form` while answers to another form stand in it.
    pub fn choose(&self, draft: DraftId, form: Option<String>) -> Result<(), CoreError> {
        call(|| self.0.set_draft_form(draft, form.as_deref()))
    }
    /// Saves one answer into a visit's draft, durable when it returns; without a value clears it. Limits are not asked for yet.
    ///
    /// Throws NotHere without the draft; MendField for a field that the form does not have, an answer of another shape, or a draft that grew
    /// over 256 KiB; FreeSpace.
    pub fn save_answer(&self, draft: DraftId, field: String, value: Option<AnswerValue>) -> Result<(), CoreError> {
        let value = value.map(AnswerValue::json).transpose()?.unwrap_or_default();
        call(|| self.0.save_draft_answer(draft, &field, value))
    }
    /// The form of a visit's draft: what it asks, what is shown, and each answer that stands in the way of saving. Nothing without a form.
    ///
    /// Throws NotHere without the draft.
    pub fn of_draft(&self, draft: DraftId) -> Result<Option<DraftForm>, CoreError> {
        call(|| Ok::<_, CoreError>(self.0.draft_form(draft)?.map(DraftForm::from)))
    }
}
