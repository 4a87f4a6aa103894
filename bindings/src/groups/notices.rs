//! Notices.

use crate::call::call;
use crate::error::CoreError;
use crate::records::{NoticeView, Page, VisitView};
use zoufang_core::Core;
use zoufang_domain::ids::{NoticeId, VisitId};

/// Notices of the units above: read with a receipt, given on visits.
#[derive(uniffi::Object)]
pub struct Notices(Core);

impl Notices {
    pub(crate) fn new(core: Core) -> Self {
        Notices(core)
    }
}

#[uniffi::export]
impl Notices {
    /// The notices in force today: unread ones first, then the newest; at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn list(&self, page: Page) -> Result<Vec<NoticeView>, CoreError> {
        call(|| self.0.notices(page))
    }
    /// How many notices in force today are unread. Cheap: a badge may ask after each change of a notice or a receipt.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn unread_count(&self) -> Result<u32, CoreError> {
        call(|| self.0.unread_notices_count())
    }
    /// One notice, also one that is over or was taken back.
    ///
    /// Throws NotHere when it is not on this phone.
    pub fn find(&self, id: NoticeId) -> Result<NoticeView, CoreError> {
        call(|| self.0.notice(id))
    }
    /// Says that the holder of this phone has read a notice. The first time counts; again changes nothing.
    ///
    /// Throws NotHere when it is not on this phone; AskSupervisor when none of the own areas lies under its unit any more.
    pub fn mark_read(&self, id: NoticeId) -> Result<NoticeView, CoreError> {
        call(|| self.0.read_notice(id))
    }
    /// Says anew which notices a saved visit gave: those that are missing are taken out. Whoever was there may.
    ///
    /// Throws NotHere without the visit; MendField with `state` when it is void, `notices` for more than 20; AskSupervisor.
    pub fn set_given(&self, visit: VisitId, notices: Vec<NoticeId>) -> Result<VisitView, CoreError> {
        call(|| self.0.set_visit_notices(visit, &notices))
    }
}
