//! Matters.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{AnswerLine, FactFile, MatterChange, MatterDraft, MatterView, Page, matter_edit};
use crate::words::MatterFilter;
use zoufang_core::Core;
use zoufang_domain::ids::{HouseholdId, MatterId};

/// Matters: what residents ask or report. Here is what may be done without a connection; the rest happens at the server.
#[derive(uniffi::Object)]
pub struct Matters(Core);

impl Matters {
    pub(crate) fn new(core: Core) -> Self {
        Matters(core)
    }
}

#[uniffi::export]
impl Matters {
    /// Reports a matter.
    ///
    /// Throws NotHere without the home, resident or visit that it names, MendField, AskSupervisor outside the own areas.
    pub fn report(&self, draft: MatterDraft) -> Result<MatterView, CoreError> {
        call(|| self.0.report_matter(draft))
    }
    /// Says what was done about a simple matter on the spot.
    ///
    /// Throws MendField with `state` when the matter is not a simple one that was only reported, or `done` without a text; NotHere.
    pub fn self_handle(&self, id: MatterId, done: String) -> Result<MatterView, CoreError> {
        call(|| self.0.self_handle(id, &done))
    }
    /// Says who was told, how, and their words.
    ///
    /// Throws MendField with `state` when there is nothing to answer yet, or `told` or `how` without a text; NotHere.
    pub fn answer(&self, id: MatterId, told: String, how: String, words: String) -> Result<MatterView, CoreError> {
        call(|| self.0.answer(id, &told, &how, &words))
    }
    /// Lists the attempts to reach the resident, none of which succeeded.
    ///
    /// Throws MendField with `state` when there is nothing to answer yet, or `attempts` with none or more than 20; NotHere.
    pub fn list_attempts(&self, id: MatterId, attempts: Vec<String>) -> Result<MatterView, CoreError> {
        call(|| self.0.list_attempts(id, &attempts))
    }
    /// Says what was done about a simple matter on the spot and, in the same step, who was told, how, and their words. Both or neither.
    ///
    /// Throws MendField with `state` when the matter is not a simple one that was only reported, or `done`, `told` or `how` without a text;
    /// NotHere.
    pub fn handle_and_answer(
        &self,
        id: MatterId,
        done: String,
        told: String,
        how: String,
        words: String,
    ) -> Result<MatterView, CoreError> {
        call(|| self.0.handle_and_answer(id, &done, &told, &how, &words))
    }
    /// Adds the facts of an old matter; it cannot be closed without. Adding more later is possible: each is kept.
    ///
    /// Throws MendField with `state` when it is not an old matter or is closed, or `facts` without a text; NotHere.
    pub fn add_fact_file(&self, id: MatterId, file: FactFile) -> Result<MatterView, CoreError> {
        call(|| self.0.add_fact_file(id, &file))
    }
    /// The ledger of answers: each matter with every answer that was given and every list of attempts, the latest reported first, at most 100
    /// a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn answer_ledger(&self, page: Page) -> Result<Vec<AnswerLine>, CoreError> {
        call(|| self.0.answer_ledger(page))
    }
    /// Withdraws a matter for the resident.
    ///
    /// Throws MendField with `state` when it has been taken on meanwhile, or `reason` without a text; NotHere.
    pub fn withdraw(&self, id: MatterId, reason: String) -> Result<MatterView, CoreError> {
        call(|| self.0.withdraw(id, &reason))
    }
    /// Reports a matter again that was returned or not accepted, with what was missing.
    ///
    /// Throws MendField with `state` when it was not sent back; NotHere.
    pub fn report_again(&self, id: MatterId, text: String) -> Result<MatterView, CoreError> {
        call(|| self.0.report_again(id, &text))
    }
    /// Adds a note.
    ///
    /// Throws MendField with `text` without one; NotHere.
    pub fn add_note(&self, id: MatterId, text: String) -> Result<MatterView, CoreError> {
        call(|| self.0.note(id, &text))
    }
    /// Changes how urgent a matter is or which line it belongs to. What is as it was is not written.
    ///
    /// Throws NotHere, MendField, AskSupervisor.
    pub fn edit(&self, id: MatterId, changes: Vec<MatterChange>) -> Result<MatterView, CoreError> {
        call(|| self.0.edit_matter(id, &matter_edit(changes)))
    }
    /// One matter.
    ///
    /// Throws NotHere when it is not on this phone.
    pub fn find(&self, id: MatterId) -> Result<MatterView, CoreError> {
        call(|| self.0.matter(id))
    }
    /// The matters on this phone, at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn list(&self, filter: MatterFilter, page: Page) -> Result<Vec<MatterView>, CoreError> {
        call(|| self.0.matters(filter, page))
    }
    /// The matters of one home, the latest reported first, at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn of_household(&self, household: HouseholdId, page: Page) -> Result<Vec<MatterView>, CoreError> {
        call(|| self.0.matters_of(household, page))
    }
}
