//! Appointments.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{AppointmentDraft, AppointmentView, Page, TimeSlot};
use crate::words::AppointmentParty;
use zoufang_core::Core;
use zoufang_domain::ids::{AppointmentId, HouseholdId, VisitId};

/// Appointments, both ways: taken down for a resident or proposed by the manager, for a visit or an errand.
#[derive(uniffi::Object)]
pub struct Appointments(Core);

impl Appointments {
    pub(crate) fn new(core: Core) -> Self {
        Appointments(core)
    }
}

#[uniffi::export]
impl Appointments {
    /// Takes an appointment down.
    ///
    /// Throws NotHere without the home; MendField with `household` when it is closed, `slots` with none, too many or one that ends before
    /// it begins, `standing` when the agreed time does; AskSupervisor outside the own areas.
    pub fn propose(&self, draft: AppointmentDraft) -> Result<AppointmentView, CoreError> {
        call(|| self.0.propose_appointment(&draft))
    }
    /// Agrees on a time, one of those proposed or another; the holder of this phone is who comes.
    ///
    /// Throws MendField with `state` when it is agreed or over already, `standing` for a time that ends before it begins; NotHere,
    /// AskSupervisor.
    pub fn agree(&self, id: AppointmentId, slot: TimeSlot) -> Result<AppointmentView, CoreError> {
        call(|| self.0.agree_appointment(id, slot))
    }
    /// Agrees on another time, with a reason. Who comes stays.
    ///
    /// Throws MendField with `state` when no time is agreed, `reason`, `standing`; NotHere, AskSupervisor.
    pub fn change(&self, id: AppointmentId, slot: TimeSlot, reason: String) -> Result<AppointmentView, CoreError> {
        call(|| self.0.change_appointment(id, slot, &reason))
    }
    /// Says that it took place; a saved visit of that home may be named.
    ///
    /// Throws MendField with `state` when no time is agreed or it is over already, `visit` for a visit of another home; NotHere,
    /// AskSupervisor.
    pub fn keep(&self, id: AppointmentId, visit: Option<VisitId>) -> Result<AppointmentView, CoreError> {
        call(|| self.0.keep_appointment(id, visit))
    }
    /// Says that one side was not there. It is no mark against the home.
    ///
    /// Throws MendField with `state` when no time is agreed or it is over already; NotHere, AskSupervisor.
    pub fn miss(&self, id: AppointmentId, by: AppointmentParty) -> Result<AppointmentView, CoreError> {
        call(|| self.0.miss_appointment(id, by))
    }
    /// Calls it off, with a reason if there is one to be told.
    ///
    /// Throws MendField with `state` when it is over already; NotHere, AskSupervisor.
    pub fn cancel(&self, id: AppointmentId, reason: Option<String>) -> Result<AppointmentView, CoreError> {
        call(|| self.0.cancel_appointment(id, reason.as_deref()))
    }
    /// One appointment.
    ///
    /// Throws NotHere when it is not on this phone.
    pub fn find(&self, id: AppointmentId) -> Result<AppointmentView, CoreError> {
        call(|| self.0.appointment(id))
    }
    /// The appointments that are not over, by time: those whose time has passed come first and wait for a word on what came of them; at
    /// most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn upcoming(&self, page: Page) -> Result<Vec<AppointmentView>, CoreError> {
        call(|| self.0.upcoming_appointments(page))
    }
    /// The appointments of a home, the latest first, those that are over too; at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn of_household(&self, household: HouseholdId, page: Page) -> Result<Vec<AppointmentView>, CoreError> {
        call(|| self.0.appointments_of(household, page))
    }
}
