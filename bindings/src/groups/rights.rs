//! Residents' rights.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{Page, RightsRequestView};
use crate::words::Right;
use zoufang_core::Core;
use zoufang_core::rights::AskedBy;
use zoufang_domain::ids::{HouseholdId, ResidentId};

/// What residents ask of their own data: a copy, a correction, erasure, restriction, an explanation. Taken down here, decided at a desk.
#[derive(uniffi::Object)]
pub struct Rights(Core);

impl Rights {
    pub(crate) fn new(core: Core) -> Self {
        Rights(core)
    }
}

#[uniffi::export]
impl Rights {
    /// Takes a resident's request down. The same again while it waits is one request.
    ///
    /// Throws NotHere without the resident, AskSupervisor outside the own areas.
    pub fn ask(&self, resident: ResidentId, right: Right) -> Result<RightsRequestView, CoreError> {
        call(|| self.0.ask_right(AskedBy::Resident(resident), right))
    }
    /// Takes down a request of a home's contact, whom no resident's record names.
    ///
    /// Throws NotHere without the home; MendField with `resident` for restriction, which needs a resident's record; AskSupervisor.
    pub fn ask_as_contact(&self, household: HouseholdId, right: Right) -> Result<RightsRequestView, CoreError> {
        call(|| self.0.ask_right(AskedBy::Contact(household), right))
    }
    /// What residents asked for: what waits first, then what was decided, the latest before.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn list(&self, page: Page) -> Result<Vec<RightsRequestView>, CoreError> {
        call(|| self.0.rights_requests(page))
    }
}
