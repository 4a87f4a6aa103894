//! The cursor: where each area of a phone stands, in a few bytes that only the server reads.
//!
//! `version, epoch, 6 bytes of the grants' hash, how much of what people settled was told, then for each area 6 bytes of its id and role and (seq << 1 | full)`, numbers as LEB128, all in
//! base64url. `full` says that the area is in the middle of a way down of several pages, on which the phone's own records are not left out.

use crate::signature;
use sha2::{Digest, Sha256};
use zoufang_domain::ids::UnitId;
use zoufang_domain::wire::enrol::Grant;
use zoufang_domain::wire::limits::CURSOR_MAX_BYTES;

/// The form of the bytes below.
const FORM: u8 = 2;
/// The form before: nothing was told of what people settled.
const FORM_WITHOUT_SETTLED: u8 = 1;
/// Bytes of an id or a hash that a cursor carries: two areas of one phone have the same with a probability below 10⁻⁹ at 280 areas.
const SHORT_BYTES: usize = 6;

/// The beginning of an id or hash.
pub(super) type Short = [u8; SHORT_BYTES];

/// A cursor that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) epoch: u32,
    pub(super) grants: Short,
    /// The last of the settling order that the phone was told ([`super::settled`]).
    pub(super) settled: i64,
    pub(super) areas: Vec<Place>,
}

/// Where an area stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) area: Short,
    pub(super) seq: i64,
    pub(super) full: bool,
}

/// The beginning of an id. The last bytes, since those of UUIDv7 ids made in one minute begin alike.
fn short(area: UnitId) -> Short {
    area.as_bytes().last_chunk().copied().unwrap_or_default()
}

/// What names an area in a cursor: its id and the role in which it is seen. Who gets another role sees other records, also old ones, so the area
/// begins anew for them as if it were new; so does a unit above that becomes an own area.
pub(super) fn key(grant: &Grant) -> Short {
    let mut key = short(grant.unit);
    key[0] ^= grant.role.map_or(0, |role| role as u8 + 1);
    key
}

/// A hash of everything that grants say.
pub(super) fn hash_grants(grants: &[Grant]) -> Short {
    let mut hasher = Sha256::new();
    for grant in grants {
        hasher.update(grant.unit.as_bytes());
        hasher.update(grant.role.map_or("", |role| role.name()));
        hasher.update([0]);
        hasher.update(grant.level.name());
        hasher.update([0]);
        hasher.update(&grant.name);
        hasher.update([0]);
    }
    hasher.finalize().first_chunk().copied().unwrap_or_default()
}

impl Cursor {
    /// As text.
    pub(super) fn encode(&self) -> String {
        let mut bytes = Vec::with_capacity(16 + self.areas.len() * 10);
        bytes.push(FORM);
        put(&mut bytes, u64::from(self.epoch));
        bytes.extend_from_slice(&self.grants);
        put(&mut bytes, self.settled.max(0) as u64);
        for place in &self.areas {
            bytes.extend_from_slice(&place.area);
            put(&mut bytes, (place.seq as u64) << 1 | u64::from(place.full));
        }
        signature::to_base64_url(&bytes)
    }
    /// Reads the text; `None` for anything that this server did not write.
    pub(super) fn decode(text: &str) -> Option<Cursor> {
        if text.len() > CURSOR_MAX_BYTES {
            return None;
        }
        let bytes = signature::from_base64(text)?;
        let (form, mut rest) = bytes.split_first().map(|(form, rest)| (*form, rest))?;
        let epoch = u32::try_from(take(&mut rest)?).ok()?;
        let (grants, after) = rest.split_first_chunk()?;
        rest = after;
        let settled = match form {
            FORM => i64::try_from(take(&mut rest)?).ok()?,
            FORM_WITHOUT_SETTLED => 0,
            _ => return None,
        };
        let mut areas = Vec::new();
        while !rest.is_empty() {
            let (area, after) = rest.split_first_chunk()?;
            rest = after;
            let number = take(&mut rest)?;
            areas.push(Place { area: *area, seq: i64::try_from(number >> 1).ok()?, full: number & 1 == 1 });
        }
        Some(Cursor { epoch, grants: *grants, settled, areas })
    }
    /// Where an area stands, if the phone has had any of it.
    pub(super) fn place(&self, grant: &Grant) -> Option<Place> {
        let area = key(grant);
        self.areas.iter().copied().find(|place| place.area == area)
    }
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_reads_back(epoch: u32, grants: Short, settled in 0..i64::MAX >> 2, areas in prop::collection::vec((any::<Short>(), 0..i64::MAX >> 2, any::<bool>()), 0..40)) {
            let areas = areas.into_iter().map(|(area, seq, full)| Place { area, seq, full }).collect();
            let cursor = Cursor { epoch, grants, settled, areas };
            prop_assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor));
        }
        #[test]
        fn nonsense_is_refused_without_a_panic(text: String) {
            let _ = Cursor::decode(&text);
        }
    }

    #[test]
    fn the_form_before_is_read() {
        let text = signature::to_base64_url(&[1, 7, 0, 0, 0, 0, 0, 9, 1, 2, 3, 4, 5, 6, 10]);
        let read = Cursor::decode(&text).unwrap();
        assert_eq!((read.epoch, read.settled, read.areas.len(), read.areas[0].seq), (7, 0, 1, 5));
    }
    #[test]
    fn the_most_areas_fit() {
        let place = Place { area: [255; SHORT_BYTES], seq: 1 << 26, full: true };
        let cursor = Cursor {
            epoch: u32::MAX,
            grants: [0; 6],
            settled: 1 << 40,
            areas: vec![place; crate::grants::AREAS_MAX_COUNT],
        };
        assert!(cursor.encode().len() <= CURSOR_MAX_BYTES);
        assert_eq!(Cursor::decode(&"A".repeat(CURSOR_MAX_BYTES + 1)), None);
    }
}
