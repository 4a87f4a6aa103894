//! Conflicts: two values of one field, written by people who had not seen each other's. Nothing is decided for them: the later value
//! is shown, both are kept inside the record, and the conflict lasts until a person settles it with an edit that names both.
//! A conflict is therefore not a thing of its own that could be lost: it is read off the record.

use crate::ids::{OpId, StaffId};
use crate::operation::{Action, Fields};
use crate::order;
use crate::record::{Head, Record};
use crate::schema::Kind;
use crate::stamp::Version;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// One field of one record in which values stand against each other.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conflict {
    /// The record's kind.
    pub kind: Kind,
    /// The record.
    pub id: Uuid,
    /// The field's name.
    pub field: String,
    /// The value that both authors saw, `null` if there was none.
    pub base: Value,
    /// The values that stand, the one shown first.
    pub sides: Vec<Side>,
}

/// One of the values.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Side {
    /// The value.
    pub value: Value,
    /// Who wrote it.
    pub who: StaffId,
    /// When, and by which operation.
    pub version: Version,
}

impl Conflict {
    /// An id that both phones and the server derive alike, from the record, the field and the operations concerned.
    pub fn id(&self) -> Uuid {
        let mut operations: Vec<OpId> = self.sides.iter().map(|side| side.version.op()).collect();
        order::sort(&mut operations);
        let names: Vec<String> = operations.iter().map(OpId::to_string).collect();
        crate::ids::derived(&["conflict", &self.id.to_string(), &self.field, &names.join(",")])
    }
}

/// Whether the values of a field disagree. Two people who wrote the same thing do not.
pub fn contested(heads: &[Head]) -> bool {
    heads.windows(2).any(|pair| pair[0].value != pair[1].value)
}

/// How many fields of a record are contested.
pub fn count(record: &Record) -> usize {
    record.heads.values().filter(|heads| contested(heads)).count()
}

/// The contested fields of a record.
pub fn of(record: &Record) -> Vec<Conflict> {
    let fields = record.heads.iter().filter(|(_, heads)| contested(heads));
    fields
        .map(|(field, heads)| Conflict {
            kind: record.kind,
            id: record.id,
            field: field.clone(),
            base: heads.iter().map(|head| &head.was).find(|was| !was.is_null()).cloned().unwrap_or(Value::Null),
            sides: heads
                .iter()
                .map(|head| Side { value: head.value.clone(), who: head.who, version: head.v })
                .collect(),
        })
        .collect()
}

/// The action that settles a contested field: the chosen value, naming every value that it replaces.
pub fn settle(record: &Record, field: &str, value: Value) -> Action {
    Action::Set {
        fields: order::gather([(field.to_owned(), value)]),
        base: order::gather([(field.to_owned(), record.seen(field))]),
        was: shown(record, [field]),
    }
}

/// The action of an ordinary edit. Each field names the value that is on the screen and no other, so an edit never settles a
/// conflict by accident.
pub fn edit(record: &Record, fields: Fields) -> Action {
    let base = order::gather(fields.keys().map(|name| (name.clone(), on_screen(record, name))));
    let was = shown(record, fields.keys().map(String::as_str));
    Action::Set { fields, base, was }
}

/// The operations that wrote the value shown: usually one, more when several people wrote the same.
fn on_screen(record: &Record, field: &str) -> Vec<OpId> {
    match record.heads.get(field).map(Vec::as_slice) {
        Some([first, rest @ ..]) => {
            let same = rest.iter().filter(|head| head.value == first.value).map(|head| head.v.op());
            std::iter::once(first.v.op()).chain(same).collect()
        }
        _ => record.seen(field),
    }
}

fn shown<'a>(record: &Record, fields: impl IntoIterator<Item = &'a str>) -> Fields {
    order::gather(
        fields.into_iter().filter_map(|name| record.f.get(name).map(|value| (name.to_owned(), value.clone()))),
    )
}
