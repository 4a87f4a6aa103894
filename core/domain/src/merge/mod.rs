//! How one operation changes one record. The phone runs this for what its user does, the server for what it accepts, the phone
//! again when it lays its unsent work over what it pulled: one function, so both sides agree by construction.
//!
//! Laws, each tried in `tests/merge_laws.rs`: any order of operations that respects who saw what gives the same record;
//! the same operation twice changes nothing; how operations are split into batches does not matter.

mod field;

use crate::operation::{Action, Entry, Operation};
use crate::record::{Element, Head, Record, Void};
use crate::refusal::Refusal;
use crate::schema::Class;
use crate::stamp::{Stamp, Version};
use serde_json::Value;

/// What applying one operation did.
#[derive(Clone, Debug, PartialEq)]
pub struct Applied {
    /// The record afterwards.
    pub record: Record,
    /// Fields in which this operation now stands against another's value.
    pub conflicting: Vec<String>,
    /// False when the record already held all of it.
    pub changed: bool,
}

/// The latest stamp among the versions that an operation says it replaces: its effective stamp must be later.
pub fn superseded(record: Option<&Record>, operation: &Operation) -> Option<Stamp> {
    let record = record?;
    match &operation.action {
        Action::Set { fields, base, .. } => {
            let known = |name: &String, op: &crate::ids::OpId| match record.heads.get(name) {
                Some(heads) => heads.iter().find(|head| head.v.op() == *op).map(|head| head.v.at),
                None => (record.v.op() == *op).then_some(record.v.at),
            };
            fields
                .keys()
                .flat_map(|name| base.get(name).into_iter().flatten().filter_map(move |op| known(name, op)))
                .max()
        }
        Action::Add { set, element, .. } | Action::Remove { set, element } => {
            record.sets.get(set).and_then(|elements| elements.get(element)).map(|element| element.v.at)
        }
        Action::Create { .. } | Action::Append { .. } | Action::Void { .. } | Action::Witness { .. } => None,
    }
}

/// Applies one operation at its effective version.
///
/// # Errors
/// A [`Refusal`] when the operation cannot mean anything for this record; the caller keeps the operation verbatim in quarantine.
pub fn apply(record: Option<Record>, operation: &Operation, version: Version) -> Result<Applied, Refusal> {
    let Some(mut record) = record else {
        if let Action::Witness { record } = &operation.action {
            return Ok(Applied { record: (**record).clone(), conflicting: Vec::new(), changed: true });
        }
        let Action::Create { fields, entries } = &operation.action else { return Err(Refusal::RecordMissing) };
        let mut record = Record::empty(operation.kind, operation.id, operation.area, version, operation.staff);
        record.f = fields.clone();
        entries.iter().for_each(|entry| append(&mut record, entry));
        return Ok(Applied { record, conflicting: Vec::new(), changed: true });
    };
    if record.area != operation.area {
        return Err(Refusal::RecordMoved);
    }
    let mut conflicting = Vec::new();
    let before = record.clone();
    match &operation.action {
        Action::Create { fields, entries } => {
            created_twice(&mut record, operation, fields, version, &mut conflicting);
            entries.iter().for_each(|entry| append(&mut record, entry));
        }
        Action::Set { fields, base, was } => {
            if let Some(fact) = fields.keys().find(|name| record.kind.class(name) == Class::Fact) {
                return Err(Refusal::FactIsFixed { field: fact.clone() });
            }
            for (name, value) in fields {
                let seen = base.get(name).map_or(&[][..], Vec::as_slice);
                let was = was.get(name).cloned().unwrap_or(Value::Null);
                let mine = Head { v: version, who: operation.staff, value: value.clone(), was };
                if field::write(&mut record, name, seen, mine) {
                    conflicting.push(name.clone());
                }
            }
        }
        Action::Add { set, element, value } => put_element(&mut record, set, element, Some(value.clone()), version),
        Action::Remove { set, element } => put_element(&mut record, set, element, None, version),
        Action::Append { entry } => append(&mut record, entry),
        // What is there is its author's own, or another copy that somebody vouched for.
        Action::Witness { .. } => {}
        Action::Void { reason } => {
            let first = record.void.as_ref().is_none_or(|void| version < void.v);
            if first {
                record.void = Some(Void { v: version, who: operation.staff, reason: reason.clone() });
            }
        }
    }
    let changed = record != before;
    Ok(Applied { record, conflicting, changed })
}

/// Two devices may begin the same record on their own (an id derived from the same cause). The earlier creation stands; a field that
/// only the later one brings joins as an edit.
fn created_twice(
    record: &mut Record,
    operation: &Operation,
    fields: &crate::operation::Fields,
    version: Version,
    conflicting: &mut Vec<String>,
) {
    if version.op() == record.v.op() {
        return;
    }
    for (name, value) in fields {
        let same = record.f.get(name).is_some_and(|shown| shown == value);
        let fact = record.kind.class(name) == Class::Fact && record.f.contains_key(name);
        if same || fact {
            continue;
        }
        let mine = Head { v: version, who: operation.staff, value: value.clone(), was: Value::Null };
        if field::write(record, name, &[], mine) {
            conflicting.push(name.clone());
        }
    }
}

/// The latest word on a set's element wins; equal words change nothing.
fn put_element(record: &mut Record, set: &str, element: &str, value: Option<Value>, version: Version) {
    // An element without a value is one that left. Kept as a value, `null` would be read back as that, and the same state would be two texts.
    let value = value.filter(|value| !value.is_null());
    let elements = record.sets.entry(set.to_owned()).or_default();
    if elements.get(element).is_none_or(|standing| standing.v < version) {
        elements.insert(element.to_owned(), Element { v: version, value });
    }
}

/// An entry joins its list at the end, once.
fn append(record: &mut Record, entry: &Entry) {
    let list = record.lists.entry(entry.list).or_default();
    if !list.iter().any(|standing| standing.id == entry.id) {
        list.push(entry.clone());
    }
}
