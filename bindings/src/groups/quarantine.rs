//! Quarantine.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::all;
use crate::records::{Page, QuarantineView};
use zoufang_core::Core;

/// Work that the server took but did not apply, until a person decides. Nothing of it is lost.
#[derive(uniffi::Object)]
pub struct Quarantine(Core);

impl Quarantine {
    pub(crate) fn new(core: Core) -> Self {
        Quarantine(core)
    }
}

#[uniffi::export]
impl Quarantine {
    /// What the server keeps apart of this phone's work, the latest first, at most 100 a page.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn list(&self, page: Page) -> Result<Vec<QuarantineView>, CoreError> {
        call(|| self.0.quarantined(page).map(all))
    }
}
