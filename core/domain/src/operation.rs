//! An operation: what one person did in one step, as it is kept on the phone, sent, and judged by the server.
//!
//! Its text is made once, on the phone, and never written anew: the chain hash ([`crate::chain`]) and the batch signature
//! cover those bytes. `device` and `prev` stand once on the batch, since a batch is one device's operations in counter order.

use crate::ids::{DeviceId, OpId, StaffId, UnitId};
use crate::record::Record;
use crate::schema::Kind;
use crate::stamp::{Stamp, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

pub use crate::fields::Fields;

/// One operation as it stands in an outbox and in a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// 1, 2, 3 … without gaps, per device. With the device it is the idempotency key ([`OpId::of`]).
    pub counter: u64,
    /// The stamp that the device claims.
    pub at: Stamp,
    /// Who did it. The server checks that the device belongs to this person.
    pub staff: StaffId,
    /// The area that the record belongs to.
    pub area: UnitId,
    /// What kind of record.
    pub kind: Kind,
    /// Which record.
    pub id: Uuid,
    /// What was done.
    pub action: Action,
}

/// What an operation does to its record. A field that is not named stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The record begins, with these fields and first list entries.
    Create {
        /// First values.
        fields: Fields,
        /// First entries, for example the report that opens a matter.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        entries: Vec<Entry>,
    },
    /// Fields get new values. `base` names, for each field, the operations whose values the author saw and replaces.
    Set {
        /// New values; `null` clears.
        fields: Fields,
        /// Field to operations seen. A field that is missing here was seen empty.
        #[serde(default)]
        base: BTreeMap<String, Vec<OpId>>,
        /// Field to the value that the author saw: what people are shown as "base" when two values stand against each other.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        was: Fields,
    },
    /// An element joins a set, or its value is replaced.
    Add {
        /// Which set.
        set: String,
        /// The element's id within the set.
        element: String,
        /// What is kept with it.
        value: Value,
    },
    /// An element leaves a set.
    Remove {
        /// Which set.
        set: String,
        /// The element's id within the set.
        element: String,
    },
    /// An entry is put at the end of one of the record's lists: an event, an amendment, a note.
    Append {
        /// The entry, naming its list.
        entry: Entry,
    },
    /// The record is declared void. Nothing is deleted by it.
    Void {
        /// Why, in the words of who did it.
        reason: String,
    },
    /// A copy of a colleague's record, as this phone pulled it from a server that has lost it since ([`crate::witness`]). It changes no
    /// record that is there; where there is none, a supervisor may let the record stand again by it.
    Witness {
        /// The record, whole.
        record: Box<Record>,
    },
}

/// The lists that a record may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum List {
    /// Matter events, in the order in which the server took them.
    Events,
    /// Corrections of facts, each a new version with its reason.
    Amendments,
    /// Free notes.
    Notes,
}

/// One entry of an append-only list. Immutable once written; its id makes it one however often it is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The entry's own id.
    pub id: Uuid,
    /// Which list it belongs to.
    pub list: List,
    /// What kind of entry, for example the name of a matter event.
    pub what: String,
    /// When it happened, as its author says: data, never order.
    pub when: crate::calendar::Moment,
    /// Who wrote it.
    pub who: StaffId,
    /// What it holds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: Fields,
}

impl Operation {
    /// The idempotency key, given the device whose operation it is.
    pub fn op_id(&self, device: DeviceId) -> OpId {
        OpId::of(device, self.counter)
    }
    /// The version that it writes when its effective stamp is `at`.
    pub fn version(&self, device: DeviceId, at: Stamp) -> Version {
        Version { at, by: device, counter: self.counter }
    }
}

impl Action {
    /// The entries that it brings.
    pub fn entries(&self) -> &[Entry] {
        match self {
            Action::Create { entries, .. } => entries,
            Action::Append { entry } => std::slice::from_ref(entry),
            _ => &[],
        }
    }
    /// The same with every entry under that name.
    #[must_use]
    pub fn by(mut self, who: StaffId) -> Self {
        match &mut self {
            Action::Create { entries, .. } => entries.iter_mut().for_each(|entry| entry.who = who),
            Action::Append { entry } => entry.who = who,
            _ => {}
        }
        self
    }
    /// The action's name as it stands on the wire, for logs and for the table of who may do what.
    pub fn name(&self) -> &'static str {
        match self {
            Action::Create { .. } => "create",
            Action::Set { .. } => "set",
            Action::Add { .. } => "add",
            Action::Remove { .. } => "remove",
            Action::Append { .. } => "append",
            Action::Void { .. } => "void",
            Action::Witness { .. } => "witness",
        }
    }
}
