//! The digest of an area: one hash over every record that the area holds, so that a phone and the server can find out with 32 bytes
//! whether they hold the same. SHA-256, which phones have in hardware and the library already carries (docs/adr/0003-sha-256.md).

use crate::schema::Kind;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Takes the records of one area in order of (kind number, id) and gives their digest.
#[derive(Default)]
pub struct AreaDigest {
    hasher: Sha256,
    records_count: u64,
}

impl AreaDigest {
    /// Nothing taken yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Takes the next record's canonical JSON. Length and identity are hashed with it, so no two sequences look alike.
    pub fn take(&mut self, kind: Kind, id: Uuid, canonical_json: &[u8]) {
        self.hasher.update([kind.number() as u8]);
        self.hasher.update(id.as_bytes());
        self.hasher.update((canonical_json.len() as u64).to_be_bytes());
        self.hasher.update(canonical_json);
        self.records_count += 1;
    }
    /// The digest as 64 hexadecimal digits.
    pub fn finish(mut self) -> String {
        self.hasher.update(self.records_count.to_be_bytes());
        crate::chain::Link(self.hasher.finalize().into()).to_string()
    }
}
