//! The chain of one device's operations: each link is the hash of the link before and the operation's exact bytes. A phone that was
//! cloned forks the chain, and the server sees it at the first operation that both copies claim.

use sha2::{Digest, Sha256};
use std::fmt;

/// A link: 32 bytes of SHA-256, hexadecimal in text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Link(pub [u8; 32]);

impl Link {
    /// What the first operation of a device follows.
    pub const START: Link = Link([0; 32]);

    /// The link after one more operation, given the exact bytes of its JSON.
    pub fn then(self, operation_json: &[u8]) -> Link {
        Link(Sha256::new().chain_update(self.0).chain_update(operation_json).finalize().into())
    }
    /// From the 32 bytes of a database column.
    pub fn from_slice(bytes: &[u8]) -> Option<Link> {
        bytes.try_into().ok().map(Link)
    }
    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Link> {
        if text.len() != 64 || !text.is_ascii() {
            return None;
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()?;
        }
        Some(Link(bytes))
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Link({self})")
    }
}
impl serde::Serialize for Link {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
impl<'de> serde::Deserialize<'de> for Link {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Link::parse(&text).ok_or_else(|| serde::de::Error::custom("a chain link is 64 hexadecimal digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_depends_on_all_before_it_and_reads_back() {
        let one = Link::START.then(b"{\"a\":1}");
        let two = one.then(b"{\"a\":2}");
        assert_ne!(two, Link::START.then(b"{\"a\":2}"));
        assert_eq!(Link::parse(&two.to_string()), Some(two));
        assert_eq!(Link::parse("+f"), None);
    }
}
