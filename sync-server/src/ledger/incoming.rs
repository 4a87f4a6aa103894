//! A push by itself, before the database is asked: bounds, shape, signature, and each operation read or found unreadable.

use super::redaction;
use crate::device::Device;
use crate::problem::Problem;
use crate::signature;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;
use zoufang_domain::chain::Link;
use zoufang_domain::erasure;
use zoufang_domain::ids::{DeviceId, UnitId};
use zoufang_domain::operation::Operation;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::validate;
use zoufang_domain::wire::push::Batch;
use zoufang_domain::wire::{limits, version};

/// A push that is within bounds and signed by its device.
pub struct Incoming<'a> {
    /// The exact text that was signed.
    pub(super) text: &'a str,
    /// Its gzip, when it came so.
    pub(super) encoded: Option<&'a [u8]>,
    pub(super) signature: Vec<u8>,
    pub(super) prev: Link,
    /// The chain link after the first operation, where the phone no longer knows the one before.
    begins: Option<Link>,
    pub(super) items: Vec<Item<'a>>,
    links: OnceLock<Vec<Link>>,
}

/// One operation of a push, and what it says, which is read by whoever asks first.
pub(super) struct Item<'a> {
    pub(super) text: &'a str,
    said: OnceLock<Said>,
}

/// What an operation says.
pub(super) struct Said {
    /// The first 16 bytes of SHA-256 of the text.
    pub(super) hash: [u8; 16],
    pub(super) read: Result<Operation, Unread>,
    /// Whether nothing but its envelope is left, because its record was erased.
    pub(super) emptied: bool,
    /// What is wrong with it by itself, if it could be read.
    pub(super) refused: Option<Refusal>,
}

/// What could still be read of an operation that cannot be read as one.
#[derive(Debug, Default)]
pub(super) struct Unread {
    pub(super) area: Option<UnitId>,
    counter: Option<u64>,
    pub(super) unknown: bool,
}

impl Item<'_> {
    pub(super) fn said(&self) -> &Said {
        self.said.get_or_init(|| read(self.text))
    }
    pub(super) fn operation(&self) -> Option<&Operation> {
        self.said().read.as_ref().ok()
    }
    pub(super) fn area(&self) -> Option<UnitId> {
        match &self.said().read {
            Ok(operation) => Some(operation.area),
            Err(unread) => unread.area,
        }
    }
    pub(super) fn counter(&self) -> Option<u64> {
        match &self.said().read {
            Ok(operation) => Some(operation.counter),
            Err(unread) => unread.counter,
        }
    }
}

/// Which device a push says that it is from.
///
/// # Errors
/// `request.malformed`.
pub fn device_of(text: &str) -> Result<DeviceId, Problem> {
    #[derive(Deserialize)]
    struct Named {
        device: DeviceId,
    }
    serde_json::from_str::<Named>(text).map(|named| named.device).map_err(|_| Problem::malformed())
}

impl<'a> Incoming<'a> {
    /// Opens a push of a device; its operations are read later, each when it is asked for. `encoded` is the body as it came when that was gzip: it is kept as it is.
    ///
    /// # Errors
    /// `request.malformed`, `request.too_many_operations`, `protocol.too_new`, `session.signature`.
    pub fn read(device: &Device, text: &'a str, encoded: Option<&'a [u8]>, signature: &[u8]) -> Result<Self, Problem> {
        let batch: Batch<'a> = serde_json::from_str(text).map_err(|_| Problem::malformed())?;
        if batch.protocol > version::CURRENT {
            return Err(Problem::new(409, "protocol.too_new"));
        }
        if batch.protocol == 0 || batch.operations.is_empty() {
            return Err(Problem::malformed());
        }
        if batch.operations.len() > limits::PUSH_OPERATIONS_MAX_COUNT {
            return Err(Problem::new(413, "request.too_many_operations"));
        }
        if batch.device != device.id || !signature::verify(&device.public_key, text.as_bytes(), signature) {
            return Err(Problem::new(401, "session.signature"));
        }
        let items = batch.operations.iter().map(|raw| Item { text: raw.get(), said: OnceLock::new() }).collect();
        let (prev, begins) = (batch.prev, batch.begins);
        Ok(Incoming { text, encoded, signature: signature.to_vec(), prev, begins, items, links: OnceLock::new() })
    }
    /// Whether the first operation comes right after a chain link.
    pub(super) fn follows(&self, link: Link) -> bool {
        match (self.begins, self.items.first()) {
            (Some(begins), Some(first)) => redaction::link_after(link, first.text) == begins,
            _ => self.prev == link,
        }
    }
    /// Whether the phone says that it no longer keeps what it sent before these.
    pub(super) fn is_after_a_gap(&self) -> bool {
        self.begins.is_some()
    }
    /// The first operation's counter; `None` when no operation's counter can be read.
    pub(super) fn first(&self) -> Option<u64> {
        self.items.iter().zip(0..).find_map(|(item, at)| item.counter()?.checked_sub(at).filter(|first| *first > 0))
    }
    /// The chain link after each operation.
    pub(super) fn links(&self) -> &[Link] {
        self.links.get_or_init(|| redaction::links(self.prev, self.begins, self.items.iter().map(|item| item.text)))
    }
    /// Reads all operations, then follows the chain through them, which a push of new ones needs last. A thread of its own may do this while
    /// the ledger applies the first of them: the two meet at no lock but that of one operation.
    pub(super) fn read_ahead(&self) {
        self.items.iter().for_each(|item| {
            item.said();
        });
        self.links();
    }
}

fn read(text: &str) -> Said {
    let digest: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let mut hash = [0; 16];
    hash.copy_from_slice(&digest[..16]);
    let bounded = text.len() <= validate::OPERATION_MAX_BYTES && !limits::nests_too_deep(text.as_bytes());
    let read = match serde_json::from_str::<Operation>(text) {
        Ok(operation) if bounded => Ok(operation),
        _ => Err(what_can_be_read(text)),
    };
    let was = erasure::redacted(text);
    if let Some(was) = was {
        hash.copy_from_slice(&was.hash.0[..16]);
    }
    let emptied = was.is_some() && read.is_err();
    // Whatever it says that it was, what it does now is held to the same rules.
    let refused = read.as_ref().ok().and_then(|operation| validate::check(operation).err());
    Said { hash, read, emptied, refused }
}

/// Looks for ids in text that is no operation, and says whether it is one of a newer version.
fn what_can_be_read(text: &str) -> Unread {
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(text) else { return Unread::default() };
    let field = |name: &str| map.get(name).and_then(serde_json::Value::as_str);
    let kind = field("kind").is_some_and(|kind| !Kind::ALL.iter().any(|known| known.name() == kind));
    let action = match map.get("action") {
        Some(serde_json::Value::Object(action)) => action.keys().any(|name| !ACTIONS.contains(&name.as_str())),
        _ => false,
    };
    Unread {
        area: field("area").and_then(|id| id.parse().ok()),
        counter: map.get("counter").and_then(serde_json::Value::as_u64),
        unknown: kind || action,
    }
}

/// The names of the actions that this version knows.
const ACTIONS: [&str; 7] = ["create", "set", "add", "remove", "append", "void", "witness"];
