//! Conflicts as they cross.

use crate::error::CoreError;
use crate::groups::all;
use crate::words::RecordKind;
use serde_json::Value;
use uuid::Uuid;
use zoufang_core::views::{self, SideView, ValueView};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, OpId, StaffId};

/// One field of one record in which values stand against each other, until a person settles it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ConflictView {
    /// The conflict, by the same id on every phone and on the server.
    pub id: Uuid,
    /// What kind of record.
    pub kind: RecordKind,
    /// Which record.
    pub record: Uuid,
    /// Which field.
    pub field: String,
    /// Whose home it is about, if it is about one.
    pub household: Option<HouseholdId>,
    /// What people call the record: an address, a name, a summary.
    pub title: String,
    /// The value that both authors saw.
    pub base: ConflictValue,
    /// The values, the one shown first.
    pub sides: Vec<ConflictSide>,
}

/// One of the values.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ConflictSide {
    /// The value.
    pub value: ConflictValue,
    /// Who wrote it.
    pub who: StaffId,
    /// Their name, if the phone knows it.
    pub who_name: Option<String>,
    /// When, by the time that counts.
    pub at: Moment,
    /// The operation that wrote it.
    pub operation: OpId,
}

/// A value as people read it and as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct ConflictValue {
    /// For people; empty for no value.
    pub text: String,
    /// The value itself, to be given back as it is when it is chosen.
    pub json: String,
}

/// What a contested field becomes.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ChosenValue {
    /// One of the values that stand.
    OfSide {
        /// The side's value, as it came.
        json: String,
    },
    /// A new text or word.
    NewText {
        /// The text.
        text: String,
    },
    /// A new number.
    NewNumber {
        /// The number.
        number: i64,
    },
    /// No value.
    Empty,
}

impl ChosenValue {
    /// The value as the core takes it.
    pub(crate) fn value(self, field: &str) -> Result<Value, CoreError> {
        match self {
            ChosenValue::OfSide { json } => serde_json::from_str(&json).map_err(|_| CoreError::mend(field)),
            ChosenValue::NewText { text } => Ok(Value::from(text)),
            ChosenValue::NewNumber { number } => Ok(Value::from(number)),
            ChosenValue::Empty => Ok(Value::Null),
        }
    }
}

impl From<views::ConflictView> for ConflictView {
    fn from(view: views::ConflictView) -> Self {
        ConflictView {
            id: view.id,
            kind: view.kind,
            record: view.record,
            field: view.field,
            household: view.household,
            title: view.title,
            base: view.base.into(),
            sides: all(view.sides),
        }
    }
}

impl From<SideView> for ConflictSide {
    fn from(view: SideView) -> Self {
        ConflictSide {
            value: view.value.into(),
            who: view.who,
            who_name: view.who_name,
            at: Moment::from_ms(view.at_ms),
            operation: view.operation,
        }
    }
}

impl From<ValueView> for ConflictValue {
    fn from(view: ValueView) -> Self {
        ConflictValue { text: view.text, json: view.value.to_string() }
    }
}
