//! Conflicts.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::all;
use crate::records::{ChosenValue, ConflictView};
use crate::words::RecordKind;
use uuid::Uuid;
use zoufang_core::Core;

/// Values that people wrote without having seen each other's. They last until a person settles them.
#[derive(uniffi::Object)]
pub struct Conflicts(Core);

impl Conflicts {
    pub(crate) fn new(core: Core) -> Self {
        Conflicts(core)
    }
}

#[uniffi::export]
impl Conflicts {
    /// What stands against each other on this phone, of at most 100 records.
    ///
    /// Throws EnrolAgain before enrolment.
    pub fn list(&self) -> Result<Vec<ConflictView>, CoreError> {
        call(|| self.0.conflicts().map(all))
    }
    /// Settles a contested field: the chosen value replaces all that this phone has seen.
    ///
    /// Throws NotHere when the field is not contested (any more), MendField for a value that it cannot have, AskSupervisor.
    pub fn settle(&self, kind: RecordKind, record: Uuid, field: String, chosen: ChosenValue) -> Result<(), CoreError> {
        let value = chosen.value(&field)?;
        call(|| self.0.settle_conflict(kind, record, &field, value))
    }
}
