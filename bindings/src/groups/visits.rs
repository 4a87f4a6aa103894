//! Visits.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{Page, VisitCorrection, VisitDraft, VisitView, visit_change};
use zoufang_core::Core;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, VisitId};

/// Visits: saved, corrected, declared void, listed. Nothing of them is overwritten.
#[derive(uniffi::Object)]
pub struct Visits(Core);

impl Visits {
    pub(crate) fn new(core: Core) -> Self {
        Visits(core)
    }
}

#[uniffi::export]
impl Visits {
    /// Saves a visit with the matters taken up on it; durable when it returns. The same draft saved twice under the same id is saved once.
    ///
    /// Throws NotHere without the home, MendField, AskSupervisor outside the own areas, FreeSpace; nothing is saved then and the draft
    /// stays.
    pub fn save(&self, draft: VisitDraft) -> Result<VisitView, CoreError> {
        call(|| self.0.save_visit(draft))
    }
    /// Corrects a visit, with a reason. Its author may for seven days after the visit, a supervisor at any time.
    ///
    /// Throws AskSupervisor when it is the supervisor's turn, MendField without a change or a reason or for a void visit, NotHere.
    pub fn amend(&self, id: VisitId, changes: Vec<VisitCorrection>, reason: String) -> Result<VisitView, CoreError> {
        let change = visit_change(changes)?;
        call(|| self.0.amend_visit(id, &change, &reason))
    }
    /// Declares a visit void, with a reason. It stays readable.
    ///
    /// Throws AskSupervisor for roles that do not; MendField without a reason or when it is void already; NotHere.
    pub fn declare_void(&self, id: VisitId, reason: String) -> Result<VisitView, CoreError> {
        call(|| self.0.void_visit(id, &reason))
    }
    /// One visit.
    ///
    /// Throws NotHere when it is not on this phone.
    pub fn find(&self, id: VisitId) -> Result<VisitView, CoreError> {
        call(|| self.0.visit(id))
    }
    /// The visits of a home, the latest first, void ones too; at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn of_household(&self, household: HouseholdId, page: Page) -> Result<Vec<VisitView>, CoreError> {
        call(|| self.0.visits_of(household, page))
    }
    /// The visits that began at or after the first moment and before the second, the latest first, of all homes; at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn between(&self, from: Moment, to: Moment, page: Page) -> Result<Vec<VisitView>, CoreError> {
        call(|| self.0.visits_between(from, to, page))
    }
}
