//! Why an operation was not applied. A refusal is never the end of an operation: it is kept verbatim in quarantine with this reason,
//! on the phone and on the server, until a supervisor accepts it, re-homes it or refuses it with an answer.

use serde::{Deserialize, Serialize};

/// The reasons, each with a message id of its own (`quarantine.…` in [`crate::message`]).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "id")]
pub enum Refusal {
    /// It does not read as an operation.
    #[error("not readable as an operation")]
    Malformed,
    /// The kind or action is not known to this server.
    #[error("not known to this server")]
    Unknown,
    /// It changes a record that the server does not have.
    #[error("the record is not here")]
    RecordMissing,
    /// The record belongs to another area now.
    #[error("the record has moved to another area")]
    RecordMoved,
    /// The record was erased at the resident's request; it is not brought back.
    #[error("the record was erased")]
    RecordErased,
    /// A fact is corrected by an amendment, not overwritten.
    #[error("field {field} is a fact and cannot be overwritten")]
    FactIsFixed {
        /// Which field.
        field: String,
    },
    /// A field has a value that it cannot have.
    #[error("field {field} is not valid")]
    Invalid {
        /// Which field.
        field: String,
    },
    /// The role does not allow it.
    #[error("the role does not allow it")]
    NotAllowed,
    /// The record stands where this cannot be done, for example a matter that is closed. Said at a desk only: from a phone it is kept as late.
    #[error("not possible for the record as it stands")]
    NotNow,
    /// No assignment covered the area when it was done.
    #[error("no assignment covered the area at that time")]
    NotAssigned,
    /// The device belongs to someone else than the author named.
    #[error("the author is not the holder of the device")]
    NotTheAuthor,
    /// The device was revoked before it sent this.
    #[error("the device was revoked")]
    DeviceRevoked,
    /// Two copies of this phone exist; both are frozen until a supervisor picks one.
    #[error("two copies of this phone exist")]
    DeviceForked,
    /// A copy of a colleague's record that the server has lost: whether it stands again is a supervisor's decision.
    #[error("a witnessed copy waits for a supervisor")]
    Witnessed,
}

impl Refusal {
    /// The id of the message that people read.
    pub fn message_id(&self) -> &'static str {
        match self {
            Refusal::Malformed => "quarantine.malformed",
            Refusal::Unknown => "quarantine.unknown",
            Refusal::RecordMissing => "quarantine.record_missing",
            Refusal::RecordMoved => "quarantine.record_moved",
            Refusal::RecordErased => "quarantine.record_erased",
            Refusal::FactIsFixed { .. } => "quarantine.fact_is_fixed",
            Refusal::Invalid { .. } => "quarantine.invalid",
            Refusal::NotAllowed => "quarantine.not_allowed",
            Refusal::NotNow => "quarantine.not_now",
            Refusal::NotAssigned => "quarantine.not_assigned",
            Refusal::NotTheAuthor => "quarantine.not_the_author",
            Refusal::DeviceRevoked => "quarantine.device_revoked",
            Refusal::DeviceForked => "quarantine.device_forked",
            Refusal::Witnessed => "quarantine.witnessed",
        }
    }
}
