//! Pull: what each record of the caller's areas now is, in the order in which areas changed.

use super::enrol::Grant;
use super::push::Waiting;
use crate::calendar::Moment;
use crate::ids::UnitId;
use crate::schema::Kind;
use crate::stamp::Stamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use uuid::Uuid;

/// A pull.
#[derive(Clone, Debug)]
pub struct PullRequest {
    /// Bearer token.
    pub token: String,
    /// The cursor of the last answer, or nothing at first.
    pub cursor: Option<String>,
    /// Whether to send the areas' digests with a complete answer.
    pub digest: bool,
    /// What waits on the phone.
    pub waiting: Waiting,
    /// Areas that are no longer its own and not erased yet; nothing when that may have changed since it was counted.
    pub lost_areas_count: Option<u32>,
}

/// The answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct PullAnswer {
    /// Which server life this is. When it is not the one that the phone knows, the rows start from the beginning and the phone offers its
    /// kept operations again.
    pub epoch: u32,
    /// The server's clock.
    pub server_time: Stamp,
    /// To be stored with the rows and given back next time. Only the server reads it.
    pub cursor: String,
    /// Whether this is all there is for now.
    pub complete: bool,
    /// True when these rows are everything from the beginning, not what changed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_start: bool,
    /// The rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<Row>,
    /// The areas and roles, when they are not those of the cursor. An area that is missing here is erased on the phone once its unsent
    /// work has gone up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Vec<Grant>>,
    /// What people settled of this phone's work in quarantine since the cursor; only with a complete answer. What was accepted is not
    /// here: its record comes as a row.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settled: Vec<SettledWork>,
    /// Digest of each area, when asked for and complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digests: Option<BTreeMap<UnitId, String>>,
}

/// One operation that left quarantine by a person's decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledWork {
    /// The operation's counter on this phone.
    pub counter: u64,
    /// What was decided. A word that a newer server brings reads as refused.
    pub how: SettledHow,
    /// What the author is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When, by the server's clock.
    pub at: Moment,
}

/// What a person decided of work in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettledHow {
    /// It was taken for another area, where this phone may not work.
    Rehomed,
    /// It was not taken; the answer says why.
    #[serde(other)]
    Refused,
}

impl SettledHow {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            SettledHow::Rehomed => "rehomed",
            SettledHow::Refused => "refused",
        }
    }
}

/// A kind by its name. A newer server may name one that this version does not know; the rest of its answer still reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NamedKind {
    /// One that this version knows.
    Known(Kind),
    /// One that came later.
    Later(String),
}

impl NamedKind {
    /// The kind, if it is known here.
    pub fn known(&self) -> Option<Kind> {
        match self {
            NamedKind::Known(kind) => Some(*kind),
            NamedKind::Later(_) => None,
        }
    }
}

/// Whether a record's JSON is that of a kind that came after this version.
pub fn is_of_later_kind(json: &str) -> bool {
    #[derive(Deserialize)]
    struct Named {
        kind: NamedKind,
    }
    serde_json::from_str::<Named>(json).is_ok_and(|named| named.kind.known().is_none())
}

/// One row: a record as it is, or the word that it is gone from the area.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Row {
    /// The record's canonical JSON ([`crate::record::Record`]).
    Is(Box<RawValue>),
    /// The record is no longer in this area. Nothing of its content is said.
    Gone {
        /// Its kind.
        kind: NamedKind,
        /// Its id.
        id: Uuid,
        /// The area that it left.
        area: UnitId,
        /// True when it was erased and must not be kept anywhere.
        erased: bool,
    },
}
