//! Merging: an input is a list of operations as JSON, or a history of three phones that work apart and hear of each other, four bytes a
//! step. Whatever order respects who saw what gives one record; the same operation twice changes nothing; JSON carries it all.

use super::{Seen, desk, roughly, seen};
use crate::dice::Dice;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
use zoufang_domain::operation::{Action, Entry, Fields, List, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::{self, HybridClock, Stamp};
use zoufang_domain::wire::limits::{PUSH_DECODED_MAX_BYTES, nests_too_deep};
use zoufang_domain::{conflict, index, matter, merge, validate};
use zoufang_sync_server::ledger;

pub(super) const WORDS: &[&str] = super::push::WORDS;
const PHONES_COUNT: usize = 3;
const STEP_BYTES: usize = 4;
const STEPS_MAX_COUNT: usize = 120;
const OPERATIONS_MAX_COUNT: usize = 200;
const KINDS: [Kind; 4] = [Kind::Household, Kind::Resident, Kind::Matter, Kind::Visit];
const NOW_MS: i64 = crate::ports::MORNING_MS;

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let pushed = desk::with(|desk| desk.request("push").body().to_vec());
    let plain = ledger::inflate(&pushed, PUSH_DECODED_MAX_BYTES).expect("the phone sends gzip");
    let batch: Value = serde_json::from_slice(&plain).expect("the phone sends JSON");
    let mut dice = Dice::new(3);
    let mut history = vec![0; STEP_BYTES * 60];
    dice.fill(&mut history);
    // A first byte that no JSON begins with.
    history[0] = 1;
    let all = batch["operations"].as_array().cloned().unwrap_or_default();
    let few = Value::from_iter(all.iter().take(6).cloned());
    vec![("every-kind", Value::from(all).to_string().into()), ("few", few.to_string().into()), ("history", history)]
}

pub(super) fn run(input: &[u8]) -> Seen {
    match serde_json::from_slice::<Vec<Value>>(input) {
        Ok(texts) if !nests_too_deep(input) => operations(texts),
        _ => history(input),
    }
}

/// Operations as a server takes them, whatever they say.
fn operations(values: Vec<Value>) -> Seen {
    let device = DeviceId(derived(&["device"]));
    let mut records: BTreeMap<(Kind, Uuid), Record> = BTreeMap::new();
    let mut shown = Vec::new();
    for value in values.into_iter().take(OPERATIONS_MAX_COUNT) {
        let Ok(operation) = serde_json::from_value::<Operation>(value) else { continue };
        let text = serde_json::to_string(&operation).expect("an operation is JSON");
        let back: Operation = serde_json::from_str(&text).expect("an operation reads back");
        assert_eq!(serde_json::to_string(&back).ok(), Some(text), "an operation that changes when it is read");
        if let Err(refusal) = validate::check(&operation) {
            shown.push(refusal.message_id());
            continue;
        }
        let key = (operation.kind, operation.id);
        let before = records.get(&key);
        let at = stamp::effective(operation.at, NOW_MS, merge::superseded(before, &operation));
        let version = operation.version(device, at);
        match merge::apply(before.cloned(), &operation, version) {
            Ok(applied) => {
                hold_to_json(&applied.record);
                let again =
                    merge::apply(Some(applied.record.clone()), &operation, version).expect("it was taken before");
                assert!(!again.changed && again.record == applied.record, "taken twice, the record is another");
                shown.push(operation.action.name());
                records.insert(key, applied.record);
            }
            Err(refusal) => shown.push(refusal.message_id()),
        }
    }
    shown.sort_unstable();
    shown.dedup();
    seen(("operations", shown, roughly(records.len())))
}

/// What a record's JSON says is the record; its columns, conflicts and noun are read without a panic.
fn hold_to_json(record: &Record) {
    let text = record.to_canonical_json();
    let back: Record = serde_json::from_str(&text).expect("a record reads back");
    assert_eq!(back.to_canonical_json(), text, "a record whose digest changes when it is stored");
    let columns = index::index(record);
    assert_eq!(columns.conflicts_count, conflict::of(record).len() as i64);
    if record.kind == Kind::Matter {
        let folded = matter::fold(record);
        assert!(folded.events.len() <= record.list(List::Events).len() + record.list(List::Notes).len());
    }
    let _ = record.read::<Value>();
}

/// An operation of a history, with those that its author had seen.
struct Made {
    operation: Operation,
    phone: usize,
    after: Vec<usize>,
}

struct Replica {
    record: Record,
    holds: Vec<usize>,
    clock: HybridClock,
    counter: u64,
}

fn history(input: &[u8]) -> Seen {
    let kind = KINDS[usize::from(input.first().copied().unwrap_or_default()) % KINDS.len()];
    let first = operation(9, 1, Stamp::from_ms(1_000), kind, first_action(kind));
    let start = merge::apply(None, &first, first.version(phone_id(9), first.at)).expect("a record begins").record;
    let mut replicas: Vec<Replica> = (0..PHONES_COUNT)
        .map(|_| Replica { record: start.clone(), holds: Vec::new(), clock: HybridClock::resume(first.at), counter: 0 })
        .collect();
    let mut made: Vec<Made> = Vec::new();
    for (tick, step) in input.chunks_exact(STEP_BYTES).take(STEPS_MAX_COUNT).enumerate() {
        let (phone, other) = (usize::from(step[1]) % PHONES_COUNT, usize::from(step[2]) % PHONES_COUNT);
        if step[0] % 8 == 7 {
            hear(&mut replicas, phone, other, &made);
            continue;
        }
        let replica = &mut replicas[phone];
        let action = action(&replica.record, step, tick);
        replica.counter += 1;
        // Wall clocks differ and run backwards; order must not depend on them.
        let at = replica.clock.tick(5_000 + i64::from(step[3]) * 7 - phone as i64 * 90);
        let operation = operation(phone, replica.counter, at, kind, action);
        let after = replica.holds.clone();
        if take(replica, made.len(), &operation, phone) {
            made.push(Made { operation, phone, after });
        }
    }
    let mut dice = Dice::new(input.iter().fold(7, |sum, byte| sum.wrapping_mul(31) ^ u64::from(*byte)));
    let one = fold(&start, &made, &order(&made, &mut dice));
    let other = fold(&start, &made, &order(&made, &mut dice));
    let comparable = comparable(one);
    assert_eq!(comparable, self::comparable(other), "two orders, two records");
    seen((
        "history",
        kind,
        roughly(made.len()),
        roughly(comparable["heads"].as_object().map_or(0, |heads| heads.len())),
    ))
}

fn action(record: &Record, step: &[u8], tick: usize) -> Action {
    let fields: &[&str] = match record.kind {
        Kind::Household => &["contact", "phone", "people_count"],
        Kind::Resident => &["name", "phone", "invented_in_2031"],
        Kind::Matter => &["urgency", "line"],
        _ => &["invented_in_2031"],
    };
    let (name, value) = (fields[usize::from(step[2]) % fields.len()], json!(step[3] % 4));
    let is_fact = record.kind == Kind::Visit;
    match step[0] % 8 {
        0..3 if !is_fact => conflict::edit(record, Fields::from([(name.to_owned(), value)])),
        3 if !is_fact => conflict::settle(record, name, value),
        4 => {
            let (set, element) = ("care".to_owned(), (step[2] % 3).to_string());
            match step[3].is_multiple_of(2) {
                true => Action::Add { set, element, value: json!(tick) },
                false => Action::Remove { set, element },
            }
        }
        6 => Action::Void { reason: format!("because {tick}") },
        _ => Action::Append { entry: entry(record.kind, step, tick) },
    }
}

fn entry(kind: Kind, step: &[u8], tick: usize) -> Entry {
    let events = matter::EventKind::ALL;
    let (list, what) = match kind {
        Kind::Matter => (List::Events, events[usize::from(step[3]) % events.len()].name()),
        _ => (List::Notes, "note"),
    };
    Entry {
        id: derived(&["entry", &tick.to_string()]),
        list,
        what: what.to_owned(),
        when: Moment::from_ms(tick as i64 * 1000),
        who: StaffId(derived(&["staff", &step[1].to_string()])),
        data: Fields::from([("text".to_owned(), json!(step[3]))]),
    }
}

fn first_action(kind: Kind) -> Action {
    let mut fields: Fields = kind.required().iter().map(|name| ((*name).to_owned(), json!("x"))).collect();
    fields.insert("phone".to_owned(), json!(9));
    Action::Create { fields, entries: Vec::new() }
}

fn operation(phone: usize, counter: u64, at: Stamp, kind: Kind, action: Action) -> Operation {
    let staff = StaffId(derived(&["staff", &phone.to_string()]));
    Operation { counter, at, staff, area: UnitId(derived(&["area"])), kind, id: derived(&["record"]), action }
}

fn phone_id(phone: usize) -> DeviceId {
    DeviceId(derived(&["phone", &phone.to_string()]))
}

/// False when the record does not take it; then nobody else hears of it either.
fn take(replica: &mut Replica, at: usize, operation: &Operation, phone: usize) -> bool {
    let version = operation.version(phone_id(phone), operation.at);
    let Ok(applied) = merge::apply(Some(replica.record.clone()), operation, version) else { return false };
    hold_to_json(&applied.record);
    let again = merge::apply(Some(applied.record.clone()), operation, version).expect("it was taken before");
    assert!(!again.changed && again.record == applied.record, "taken twice, the record is another");
    replica.clock.observe(operation.at);
    replica.record = applied.record;
    replica.holds.push(at);
    true
}

fn hear(replicas: &mut [Replica], phone: usize, from: usize, made: &[Made]) {
    for at in replicas[from].holds.clone() {
        if !replicas[phone].holds.contains(&at) {
            let known = take(&mut replicas[phone], at, &made[at].operation, made[at].phone);
            assert!(known, "one phone took it and another refuses it");
        }
    }
}

/// One of the orders that respect who saw what.
fn order(made: &[Made], dice: &mut Dice) -> Vec<usize> {
    let (mut taken, mut order) = (vec![false; made.len()], Vec::with_capacity(made.len()));
    while order.len() < made.len() {
        let is_ready = |at: &usize| !taken[*at] && made[*at].after.iter().all(|before| taken[*before]);
        let ready: Vec<usize> = (0..made.len()).filter(is_ready).collect();
        let next = *dice.pick(&ready);
        taken[next] = true;
        order.push(next);
    }
    order
}

fn fold(start: &Record, made: &[Made], order: &[usize]) -> Record {
    order.iter().fold(start.clone(), |record, at| {
        let Made { operation, phone, .. } = &made[*at];
        let version = operation.version(phone_id(*phone), operation.at);
        merge::apply(Some(record), operation, version).expect("it was taken in another order").record
    })
}

/// The record with its lists by the entries' ids: their order is the server's, who decides it by what arrives first.
fn comparable(mut record: Record) -> Value {
    record.lists.values_mut().for_each(|list| list.sort_by_key(|entry| entry.id));
    serde_json::to_value(record).expect("a record is JSON")
}
