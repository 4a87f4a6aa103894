//! A naive model beside the product's merge: from the operations that the server took, what must each record show? It knows no order of
//! arrival, keeps no state and asks no code of the product but to read JSON.

use crate::checks::{Checked, fail};
use crate::run::Run;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use uuid::Uuid;
use zoufang_domain::ids::{DeviceId, OpId, UnitId};
use zoufang_domain::matter;
use zoufang_domain::operation::{Action, List, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::schema::{Class, Kind};
use zoufang_domain::stamp::Stamp;
use zoufang_domain::wire::push::{Batch, Outcome};
use zoufang_sync_server::store::StoreError;
use zoufang_tests::evidence::Dump;

/// An operation that the server applied, in the order in which it took them.
struct Taken {
    device: DeviceId,
    operation: Operation,
    effective: Stamp,
    received_ms: i64,
}

/// How far ahead of the server a stamp may be, and what its ticks may add.
const AHEAD_MAX_MS: i64 = 5 * 60 * 1000 + 1_000;

type Key = (UnitId, i64, Uuid);

/// Holds every record of the server to what its operations add up to.
pub(crate) fn compare(run: &Run, areas: &BTreeMap<UnitId, Dump>) -> Checked {
    let mut taken: BTreeMap<Key, Vec<Taken>> = BTreeMap::new();
    for one in taken_of(run) {
        if one.effective.wall_ms() > one.received_ms + AHEAD_MAX_MS {
            let what =
                format!("an operation of {} stands {} ms ahead", one.device, one.effective.wall_ms() - one.received_ms);
            return Err(fail("P9", what));
        }
        let key = (one.operation.area, one.operation.kind.number(), one.operation.id);
        taken.entry(key).or_default().push(one);
    }
    for (area, dump) in areas {
        for ((kind, id), body) in dump {
            let record: Record = serde_json::from_str(body).expect("a record reads");
            let Some(operations) = taken.get_mut(&(*area, *kind, *id)) else { continue };
            // What came before the record's beginning waited in quarantine and was taken right after it, in the order in which it came.
            operations.sort_by_key(|one| !matches!(one.operation.action, Action::Create { .. }));
            let creations = operations.iter().filter(|one| matches!(one.operation.action, Action::Create { .. }));
            // A record that was begun twice, or taken out and begun anew, has more than one beginning.
            // What stands by a witnessed copy was put together on the server before.
            let is_witnessed = operations.iter().any(|one| matches!(one.operation.action, Action::Witness { .. }));
            if creations.count() == 1 && !is_witnessed {
                judge(&record, operations, run.was_restored)?;
            }
        }
    }
    Ok(())
}

fn taken_of(run: &Run) -> Vec<Taken> {
    let read = run.town.server.app.store.read::<_, StoreError>(|c| {
        let mut outcomes = BTreeMap::new();
        let mut rows = c.prepare("SELECT op_id, effective, outcome FROM ledger_operation")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (id, effective): ([u8; 16], i64) = (row.get(0)?, row.get(1)?);
            let outcome: Option<Outcome> =
                row.get::<_, Option<String>>(2)?.map(|text| serde_json::from_str(&text).expect("an outcome"));
            if !matches!(outcome, Some(Outcome::Quarantined { .. })) {
                outcomes.insert(OpId(Uuid::from_bytes(id)), Stamp(effective as u64));
            }
        }
        // What waited in quarantine was taken when it was settled.
        let sql = "SELECT op_id, max(settled_ms) FROM quarantine WHERE settled_how = 'accepted' AND op_id IS NOT NULL GROUP BY op_id";
        let mut settled = c.prepare(sql)?;
        let settled = settled.query_map([], |row| Ok((OpId(Uuid::from_bytes(row.get(0)?)), row.get::<_, i64>(1)?)))?;
        let settled: BTreeMap<OpId, i64> = settled.collect::<Result<_, _>>()?;
        let mut taken = Vec::new();
        let mut batches = c.prepare("SELECT body, received_ms FROM ledger_batch ORDER BY id")?;
        let mut batches = batches.query([])?;
        while let Some(row) = batches.next()? {
            let (packed, received_ms): (Vec<u8>, i64) = (row.get(0)?, row.get(1)?);
            let mut text = String::new();
            flate2::read::GzDecoder::new(packed.as_slice()).read_to_string(&mut text).expect("a batch");
            let batch: Batch<'_> = serde_json::from_str(&text).expect("a batch");
            for raw in batch.operations {
                let Ok(operation) = serde_json::from_str::<Operation>(raw.get()) else { continue };
                // A batch may begin with what was known before: each operation is taken once.
                let id = operation.op_id(batch.device);
                let received_ms = settled.get(&id).map_or(received_ms, |at_ms| received_ms.max(*at_ms));
                if let Some(effective) = outcomes.remove(&id) {
                    taken.push(Taken { device: batch.device, operation, effective, received_ms });
                }
            }
        }
        Ok(taken)
    });
    read.expect("the ledger reads")
}

/// A value that somebody wrote.
struct Write {
    order: (Stamp, DeviceId, u64),
    op: OpId,
    value: Value,
}

fn judge(record: &Record, operations: &[Taken], was_restored: bool) -> Checked {
    let mut writes: BTreeMap<&str, Vec<Write>> = BTreeMap::new();
    let mut replaced: BTreeSet<(&str, OpId)> = BTreeSet::new();
    let mut entries: BTreeMap<List, Vec<Uuid>> = BTreeMap::new();
    let mut voids = Vec::new();
    for Taken { device, operation, effective, .. } in operations {
        let order = (*effective, *device, operation.counter);
        let op = operation.op_id(*device);
        match &operation.action {
            Action::Create { fields, entries: first } => {
                let all = fields.iter().map(|(name, value)| (name.as_str(), value.clone()));
                all.for_each(|(name, value)| writes.entry(name).or_default().push(Write { order, op, value }));
                first.iter().for_each(|entry| entries.entry(entry.list).or_default().push(entry.id));
            }
            Action::Set { fields, base, .. } => {
                for (name, value) in fields {
                    writes.entry(name).or_default().push(Write { order, op, value: value.clone() });
                    replaced.extend(base.get(name).into_iter().flatten().map(|seen| (name.as_str(), *seen)));
                }
            }
            Action::Append { entry } => entries.entry(entry.list).or_default().push(entry.id),
            Action::Void { reason } => voids.push((order, reason)),
            Action::Add { .. } | Action::Remove { .. } | Action::Witness { .. } => {}
        }
    }
    let tell = |what: String| Err(fail("model", format!("{} {}: {what}", record.kind.name(), record.id)));
    for (name, all) in &writes {
        let standing: Vec<&Write> = all.iter().filter(|write| !replaced.contains(&(*name, write.op))).collect();
        let expected: BTreeSet<OpId> = standing.iter().map(|write| write.op).collect();
        let found: BTreeSet<OpId> = record.seen(name).into_iter().collect();
        let is_equal = found == expected || record.kind.class(name) == Class::Fact;
        // A value that came back after the one that replaced it stands beside it.
        let came_back = was_restored && found.is_superset(&expected);
        if !is_equal && !came_back {
            return tell(format!("{name} has {} values, {} stand", found.len(), expected.len()));
        }
        let latest = standing.iter().max_by_key(|write| write.order).map(|write| &write.value);
        let latest = latest.filter(|value| !value.is_null());
        if !was_restored && record.f.get(*name).filter(|value| !value.is_null()) != latest {
            return tell(format!("{name} does not show the latest value"));
        }
    }
    for (list, expected) in &entries {
        let found: Vec<Uuid> = record.list(*list).iter().map(|entry| entry.id).collect();
        if found != *expected {
            return tell(format!("{list:?} holds {} entries, {} were taken", found.len(), expected.len()));
        }
    }
    let first = voids.iter().min_by_key(|(order, _)| *order).map(|(_, reason)| *reason);
    if record.void.as_ref().map(|void| &void.reason) != first {
        return tell("void is not the first that was taken".to_owned());
    }
    if record.kind == Kind::Matter { machine(record) } else { Ok(()) }
}

/// P10: of the events that phones may record each moves a matter only from where it is allowed.
fn machine(record: &Record) -> Checked {
    let is_simple = record.f.get("track").and_then(Value::as_str) == Some("simple");
    let mut state = "draft";
    let folded = matter::fold(record);
    for (entry, seen) in record.list(List::Events).iter().zip(&folded.events) {
        let next = match (entry.what.as_str(), state) {
            ("report", "draft") => Some("reported"),
            ("self_handle", "reported") if is_simple => Some("self_handled"),
            ("answer", "self_handled") => Some("answered"),
            ("unreachable", "answered" | "self_handled") => Some("closed_unreachable"),
            ("withdraw", "reported") => Some("withdrawn"),
            ("note", _) => Some(state),
            _ => None,
        };
        state = next.unwrap_or(state);
        if seen.late != next.is_none() || seen.state.name() != state {
            let what = format!("matter {}: {} leads to {}, not {state}", record.id, entry.what, seen.state.name());
            return Err(fail("P10", what));
        }
    }
    Ok(())
}
