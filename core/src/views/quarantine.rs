//! Work that the server keeps apart until a person decides.

use uuid::Uuid;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::schema::Kind;

/// One operation in quarantine. Nothing of it is lost: it is here as it was made, and on the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuarantineView {
    /// Its counter.
    pub counter: u64,
    /// What kind of record it concerns.
    pub kind: Kind,
    /// Which record.
    pub record: Uuid,
    /// Whose home it is about, if it is about one and on this phone.
    pub household: Option<HouseholdId>,
    /// What people call the record; empty when it is not on this phone.
    pub title: String,
    /// The id of the message that says why (`zoufang_domain::message`).
    pub reason_message_id: String,
    /// The field at fault, where there is one.
    pub field: Option<String>,
    /// The operation's exact JSON.
    pub operation_json: String,
    /// When it was made, Unix milliseconds by the phone's clock.
    pub made_ms: i64,
    /// When the server's word arrived, Unix milliseconds by the phone's clock.
    pub judged_ms: i64,
    /// What a person decided; `None` while it waits.
    pub decision: Option<DecisionView>,
}

/// What a person decided of work in quarantine. What was accepted is no longer listed: it stands in its record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionView {
    /// Whether it was taken for another area; otherwise it was not taken.
    pub is_rehomed: bool,
    /// What its author is told.
    pub answer: Option<String>,
    /// When, Unix milliseconds by the server's clock.
    pub at_ms: i64,
}
