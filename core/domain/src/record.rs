//! A record: the state that all operations on one thing add up to, in one shape for every kind.
//!
//! The shape carries what merging needs (who wrote which value last, which values stand against each other) and keeps every field
//! that this version of the program does not know, so an older phone passes on what a newer one wrote.

use crate::ids::{DeviceId, StaffId, UnitId};
use crate::operation::{Entry, Fields, List};
use crate::order;
use crate::schema::Kind;
use crate::stamp::{Stamp, Version};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The state of one record. Its JSON is canonical: the same state is the same bytes on every device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// What kind.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
    /// The area that it belongs to.
    pub area: UnitId,
    /// The version that created it, and of every field that `heads` does not list.
    pub v: Version,
    /// Who created it.
    pub who: StaffId,
    /// The values shown.
    pub f: Fields,
    /// Fields written after creation: the values that stand, latest first. More than one is a conflict that waits for a person.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub heads: BTreeMap<String, Vec<Head>>,
    /// Sets: name → element → what became of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sets: BTreeMap<String, BTreeMap<String, Element>>,
    /// Append-only lists, in the order in which the entries were taken.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lists: BTreeMap<List, Vec<Entry>>,
    /// Set when the record was declared void.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub void: Option<Void>,
}

/// One value of a field, with what it replaced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// Who wrote it, when, by which operation.
    pub v: Version,
    /// The person.
    pub who: StaffId,
    /// The value.
    pub value: Value,
    /// The value that its author saw before: what people are shown as "base" when two values stand against each other.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub was: Value,
}

/// One element of a set: the latest word on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Element {
    /// Who said it last.
    pub v: Version,
    /// Its value; `None` when it was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

/// Why and by whom a record was declared void. The first void stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Void {
    /// Who, when.
    pub v: Version,
    /// The person.
    pub who: StaffId,
    /// Why.
    pub reason: String,
}

/// A record could not be read as the noun that it should be.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("record of kind {kind} does not read: {problem}")]
pub struct Unreadable {
    /// The kind.
    pub kind: &'static str,
    /// What serde said of its shape; holds field names, never values.
    pub problem: String,
}

impl Record {
    /// A record without fields, as its creating operation finds it.
    pub fn empty(kind: Kind, id: Uuid, area: UnitId, v: Version, who: StaffId) -> Self {
        Record {
            kind,
            id,
            area,
            v,
            who,
            f: Fields::new(),
            heads: BTreeMap::new(),
            sets: BTreeMap::new(),
            lists: BTreeMap::new(),
            void: None,
        }
    }
    /// The canonical bytes: what both databases store, what a pull sends and what a digest covers.
    pub fn to_canonical_json(&self) -> String {
        // Writing into a string cannot fail, and every key is a string.
        serde_json::to_string(self).expect("a record always serialises")
    }
    /// The operations whose values of a field stand: what an edit made now must name as its base.
    pub fn seen(&self, field: &str) -> Vec<crate::ids::OpId> {
        match self.heads.get(field) {
            Some(heads) => heads.iter().map(|head| head.v.op()).collect(),
            None if self.f.contains_key(field) => vec![self.v.op()],
            None => Vec::new(),
        }
    }
    /// The version of the value shown for a field, if it has one.
    pub fn version_of(&self, field: &str) -> Option<Version> {
        match self.heads.get(field) {
            Some(heads) => heads.first().map(|head| head.v),
            None => self.f.contains_key(field).then_some(self.v),
        }
    }
    /// The latest stamp anywhere in the record: what a hybrid clock must have seen.
    pub fn latest(&self) -> Stamp {
        let heads = self.heads.values().flatten().map(|head| head.v.at);
        let elements = self.sets.values().flat_map(|set| set.values()).map(|element| element.v.at);
        let void = self.void.iter().map(|void| void.v.at);
        heads.chain(elements).chain(void).fold(self.v.at, Stamp::max)
    }
    /// The last of a device's operations that wrote anything which still stands here; 0 when none did. A server takes a device's operations
    /// in their order, so it has judged all up to this one.
    pub fn last_by(&self, device: DeviceId) -> u64 {
        let heads = self.heads.values().flatten().map(|head| head.v);
        let elements = self.sets.values().flat_map(|set| set.values()).map(|element| element.v);
        let all = heads.chain(elements).chain(self.void.iter().map(|void| void.v)).chain([self.v]);
        all.filter(|v| v.by == device).map(|v| v.counter).max().unwrap_or(0)
    }
    /// The entries of a list.
    pub fn list(&self, list: List) -> &[Entry] {
        self.lists.get(&list).map_or(&[], Vec::as_slice)
    }
    /// The fields as a noun's own type. Corrections are laid over the facts in version order of their entries.
    ///
    /// # Errors
    /// [`Unreadable`] when a field has another shape than the noun says.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Unreadable> {
        let mut fields: BTreeMap<&str, &Value> = order::gather(borrowed(&self.f));
        for amendment in self.list(List::Amendments) {
            if let Some(Value::Object(changed)) = amendment.data.get("fields") {
                fields.extend(changed.iter().map(|(name, value)| (name.as_str(), value)));
            }
        }
        read_fields(fields.into_iter().collect())
            .map_err(|e| Unreadable { kind: self.kind.name(), problem: e.to_string() })
    }
}

/// Fields by reference.
pub(crate) fn borrowed(fields: &Fields) -> impl Iterator<Item = (&str, &Value)> {
    fields.iter().map(|(name, value)| (name.as_str(), value))
}

/// Fields as a noun. The one place where nouns are read, with one type of input: each further one is another copy of every noun's reader in
/// the library (2026-11-24), and nothing is copied that is only looked at.
pub(crate) fn read_fields<T: DeserializeOwned>(fields: Vec<(&str, &Value)>) -> Result<T, serde_json::Error> {
    T::deserialize(serde::de::value::MapDeserializer::new(fields.into_iter()))
}
