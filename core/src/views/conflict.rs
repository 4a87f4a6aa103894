//! Values that stand against each other.

use uuid::Uuid;
use zoufang_domain::ids::{HouseholdId, OpId, StaffId};
use zoufang_domain::schema::Kind;

/// One field of one record in which values stand against each other, until a person settles it.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictView {
    /// The conflict, by the same id on every phone and on the server.
    pub id: Uuid,
    /// What kind of record.
    pub kind: Kind,
    /// Which record.
    pub record: Uuid,
    /// Which field.
    pub field: String,
    /// Whose home it is about, if it is about one.
    pub household: Option<HouseholdId>,
    /// What people call the record: an address, a name, a summary.
    pub title: String,
    /// The value that both authors saw.
    pub base: ValueView,
    /// The values, the one shown first.
    pub sides: Vec<SideView>,
}

/// One of the values.
#[derive(Clone, Debug, PartialEq)]
pub struct SideView {
    /// The value.
    pub value: ValueView,
    /// Who wrote it.
    pub who: StaffId,
    /// Their name, if the phone knows it.
    pub who_name: Option<String>,
    /// When: Unix milliseconds of the time that counts.
    pub at_ms: i64,
    /// The operation that wrote it.
    pub operation: OpId,
}

/// A value as people read it and as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueView {
    /// For people; empty for no value.
    pub text: String,
    /// The value itself: what [`crate::Core::settle_conflict`] takes.
    pub value: serde_json::Value,
}
