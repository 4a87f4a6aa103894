//! The promises, each as a function of what the databases say.

use crate::evidence::{Dump, PhoneEvidence, ServerEvidence, digest};
use std::collections::BTreeSet;
use uuid::Uuid;
use zoufang_domain::care::sees_json;
use zoufang_domain::ids::{DeviceId, UnitId};
use zoufang_domain::schema::Kind;

/// What became of all visits that were saved on phones.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Visits saved on the phones, each once.
    pub saved_count: u64,
    /// Of these, on the server as a visit.
    pub on_server_count: u64,
    /// Of these, nowhere on the server: neither as a visit nor in quarantine.
    pub lost: Vec<Uuid>,
    /// Visits that the server has more than once, or made of more than one creation, or both as a visit and in quarantine.
    pub duplicated: Vec<Uuid>,
}

/// Holds what phones saved against what the server has.
pub fn tally(saved: &BTreeSet<Uuid>, server: &ServerEvidence) -> Tally {
    let mut tally = Tally { saved_count: saved.len() as u64, ..Tally::default() };
    for visit in saved {
        let (is_there, is_quarantined) = (server.visits.contains_key(visit), server.quarantined_visits.contains(visit));
        tally.on_server_count += u64::from(is_there);
        if !is_there && !is_quarantined {
            tally.lost.push(*visit);
        }
    }
    for (visit, copies_count) in &server.visits {
        let creations_count = server.creations.get(visit).copied().unwrap_or_default();
        if *copies_count > 1 || creations_count > 1 || server.quarantined_visits.contains(visit) {
            tally.duplicated.push(*visit);
        }
    }
    tally
}

/// An area in which a phone and the server do not hold the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which phone.
    pub device: DeviceId,
    /// Which area.
    pub area: UnitId,
    /// The records that differ, at most [`DIFFERENCES_SHOWN_MAX_COUNT`]: kind, id, and which side lacks it.
    pub records: Vec<(i64, Uuid, &'static str)>,
}

/// Most records that a difference names.
pub const DIFFERENCES_SHOWN_MAX_COUNT: usize = 10;

/// Compares each own area of a phone with the server's, by digest and then byte by byte.
pub fn differences(phone: &PhoneEvidence, server: &ServerEvidence) -> Vec<Difference> {
    let mut found = Vec::new();
    for (area, here) in &phone.areas {
        let mut there = server.area(*area);
        // A role holds what it sees, and not a record more.
        if let Some(role) = phone.roles.get(area) {
            there.retain(|(kind, _), body| Kind::from_number(*kind).is_some_and(|kind| sees_json(*role, kind, body)));
        }
        let equal_digests = digest(here) == digest(&there);
        let equal_bytes = *here == there;
        assert_eq!(equal_digests, equal_bytes, "a digest that does not tell what the bytes tell");
        if !equal_digests {
            found.push(Difference { device: phone.device, area: *area, records: apart(here, &there) });
        }
    }
    found
}

fn apart(here: &Dump, there: &Dump) -> Vec<(i64, Uuid, &'static str)> {
    let keys: BTreeSet<_> = here.keys().chain(there.keys()).collect();
    let word = |key| match (here.get(key), there.get(key)) {
        (Some(_), None) => Some("only on the phone"),
        (None, Some(_)) => Some("only on the server"),
        (mine, theirs) => (mine != theirs).then_some("differs"),
    };
    let named = keys.into_iter().filter_map(|key| word(key).map(|word| (key.0, key.1, word)));
    named.take(DIFFERENCES_SHOWN_MAX_COUNT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn visit(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_tally_tells_lost_doubled_and_held_visits_apart() {
        let server = ServerEvidence {
            visits: BTreeMap::from([(visit(1), 1), (visit(2), 2), (visit(3), 1)]),
            creations: BTreeMap::from([(visit(1), 1), (visit(3), 2)]),
            quarantined_visits: BTreeSet::from([visit(4)]),
            ..ServerEvidence::default()
        };
        let saved = (1..=5).map(visit).collect();
        let tally = tally(&saved, &server);
        assert_eq!((tally.saved_count, tally.on_server_count), (5, 3));
        assert_eq!((tally.lost, tally.duplicated), (vec![visit(5)], vec![visit(2), visit(3)]));
    }

    #[test]
    fn a_difference_names_the_record_and_the_side() {
        let dump = |entries: &[(u128, &str)]| -> Dump {
            entries.iter().map(|(id, body)| ((8, visit(*id)), (*body).to_owned())).collect()
        };
        let records = apart(&dump(&[(1, "a"), (2, "b"), (3, "c")]), &dump(&[(2, "b"), (3, "d"), (4, "e")]));
        assert_eq!(
            records,
            [(8, visit(1), "only on the phone"), (8, visit(3), "differs"), (8, visit(4), "only on the server")]
        );
    }
}
