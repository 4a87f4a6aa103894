//! Push: operations go up in counter order, each gets a verdict that was durable before it was sent.

use crate::chain::Link;
use crate::ids::DeviceId;
use crate::refusal::Refusal;
use crate::stamp::Stamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A push: the body exactly as signed, and the signature. The token travels in the `authorization` header.
#[derive(Clone, Debug)]
pub struct PushRequest {
    /// JSON of [`Batch`].
    pub body: String,
    /// Signature over the bytes of `body`, DER in base64.
    pub signature: String,
    /// Bearer token; `None` only for a device that was refused one (see `docs/wire-protocol.md`, revoked devices).
    pub token: Option<String>,
    /// What waits on the phone beyond this batch.
    pub waiting: Waiting,
    /// `body` as gzip, if it was compressed ahead of time: while the batch before was on its way.
    pub gzip: Option<Vec<u8>>,
}

/// The unsent work of a phone, shown to its supervisor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// How many operations.
    pub unsent_count: u64,
    /// Claimed Unix milliseconds of the oldest.
    pub oldest_ms: Option<i64>,
}

impl Waiting {
    /// The header's text.
    pub fn to_header(self) -> String {
        match self.oldest_ms {
            Some(oldest_ms) => format!("{};{oldest_ms}", self.unsent_count),
            None => self.unsent_count.to_string(),
        }
    }
    /// Reads the header's text; anything unreadable counts as nothing said.
    pub fn from_header(text: &str) -> Option<Self> {
        let (count, oldest) = text.split_once(';').map_or((text, None), |(count, oldest)| (count, Some(oldest)));
        let oldest_ms = oldest.map(str::parse).transpose().ok()?;
        Some(Waiting { unsent_count: count.parse().ok()?, oldest_ms })
    }
}

/// The body: one device's next operations.
#[derive(Debug, Serialize, Deserialize)]
pub struct Batch<'a> {
    /// Protocol version.
    pub protocol: u16,
    /// Which device.
    pub device: DeviceId,
    /// The chain link before the first operation; [`Link::START`] where `begins` stands.
    pub prev: Link,
    /// The chain link after the first operation, of a phone that no longer keeps the one before it and so cannot name its link. A server
    /// that came back from a backup follows it over the gap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<Link>,
    /// The operations' exact texts, by counter without gaps.
    #[serde(borrow)]
    pub operations: Vec<&'a RawValue>,
}

/// The answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct PushAnswer {
    /// Which server life this is.
    pub epoch: u32,
    /// The server's clock: the phone's hybrid clock takes note of it.
    pub server_time: Stamp,
    /// Every operation up to this counter is durable on the server.
    pub acknowledged: u64,
    /// A verdict for every operation of the batch, in order, equal neighbours written once.
    pub verdicts: Vec<Verdict>,
}

/// What became of the operations `from` to `to`.
#[derive(Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// First counter.
    pub from: u64,
    /// Last counter.
    pub to: u64,
    /// What became of them.
    pub outcome: Outcome,
    /// Set when the server had them already: this is the answer that was given then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub duplicate: bool,
    /// The record as it now is, where it is not simply what the phone already shows. Absent also when the record is not in the
    /// caller's areas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<RawValue>>,
}

/// The outcomes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Applied as it was made.
    Applied,
    /// Applied, and it met something: a conflict was opened, its stamp was changed, or its event became a late note.
    Merged {
        /// Fields now contested.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        conflicts: Vec<String>,
        /// True when an event was not legal when it arrived and is kept as a late note.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        late: bool,
        /// True when texts of it are held for review, because somebody of that home was erased before its author could know.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        held: bool,
    },
    /// Kept verbatim until a supervisor settles it.
    Quarantined {
        /// Why.
        reason: Refusal,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_reads_back_and_nonsense_says_nothing() {
        for waiting in [Waiting::default(), Waiting { unsent_count: 7, oldest_ms: Some(-5) }] {
            assert_eq!(Waiting::from_header(&waiting.to_header()), Some(waiting));
        }
        assert_eq!(Waiting::from_header("many"), None);
        assert_eq!(Waiting::from_header("1;yesterday"), None);
    }
}
