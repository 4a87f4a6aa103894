//! The laws of merging, tried on random histories of several devices that work apart and hear of each other at random.
//!
//! A history is a set of operations with who-saw-what between them. Any order that respects it must give the same record; an operation
//! taken twice, or in other batches, must change nothing.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::ids::{DeviceId, OpId, StaffId, UnitId, derived};
use zoufang_domain::merge;
use zoufang_domain::operation::{Action, Entry, Fields, List, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::{HybridClock, Stamp, Version, effective};

const DEVICES: usize = 3;
const FIELDS: [&str; 3] = ["contact", "phone", "people_count"];

fn area() -> UnitId {
    UnitId(derived(&["area"]))
}

fn operation(device: usize, counter: u64, at: Stamp, action: Action) -> Operation {
    Operation {
        counter,
        at,
        staff: StaffId(derived(&["staff", &device.to_string()])),
        area: area(),
        kind: Kind::Household,
        id: derived(&["household"]),
        action,
    }
}

fn device_id(device: usize) -> DeviceId {
    DeviceId(derived(&["device", &device.to_string()]))
}

fn version(operation: &Operation, device: usize) -> Version {
    operation.version(device_id(device), operation.at)
}

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    Edit { device: usize, field: usize, value: u8 },
    Settle { device: usize, field: usize, value: u8 },
    Element { device: usize, element: u8, add: bool },
    Note { device: usize, text: u8 },
    Void { device: usize },
    Hear { device: usize, from: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let device = 0..DEVICES;
    prop_oneof![
        6 => (device.clone(), 0..FIELDS.len(), 0..4_u8).prop_map(|(device, field, value)| Step::Edit { device, field, value }),
        2 => (device.clone(), 0..FIELDS.len(), 0..4_u8).prop_map(|(device, field, value)| Step::Settle { device, field, value }),
        2 => (device.clone(), 0..3_u8, any::<bool>()).prop_map(|(device, element, add)| Step::Element { device, element, add }),
        1 => (device.clone(), 0..9_u8).prop_map(|(device, text)| Step::Note { device, text }),
        1 => device.clone().prop_map(|device| Step::Void { device }),
        4 => (device.clone(), device).prop_map(|(device, from)| Step::Hear { device, from }),
    ]
}

/// An operation, the device that made it, and the positions of those that its author had seen.
#[derive(Clone, Debug)]
struct Made {
    operation: Operation,
    device: usize,
    after: Vec<usize>,
}

struct Replica {
    record: Record,
    holds: Vec<usize>,
    clock: HybridClock,
    counter: u64,
}

/// Plays the steps: each device edits what it has before it.
fn play(steps: &[Step]) -> (Record, Vec<Made>) {
    let first = operation(9, 1, Stamp::from_ms(1_000), Action::Create { fields: first_fields(), entries: Vec::new() });
    let start = merge::apply(None, &first, version(&first, 9)).unwrap().record;
    let mut made: Vec<Made> = Vec::new();
    let mut replicas: Vec<Replica> = (0..DEVICES)
        .map(|_| Replica { record: start.clone(), holds: Vec::new(), clock: HybridClock::resume(first.at), counter: 0 })
        .collect();
    for (tick, step) in steps.iter().enumerate() {
        let (device, action) = match step {
            Step::Hear { device, from } => {
                hear(&mut replicas, *device, *from, &made);
                continue;
            }
            Step::Edit { device, field, value } => {
                let fields = Fields::from([(FIELDS[*field].to_owned(), json!(value))]);
                (*device, conflict::edit(&replicas[*device].record, fields))
            }
            Step::Settle { device, field, value } => {
                (*device, conflict::settle(&replicas[*device].record, FIELDS[*field], json!(value)))
            }
            Step::Element { device, element, add } => {
                let (set, element) = ("care".to_owned(), element.to_string());
                let add_it = Action::Add { set: set.clone(), element: element.clone(), value: json!(tick) };
                (*device, if *add { add_it } else { Action::Remove { set, element } })
            }
            Step::Note { device, text } => (*device, Action::Append { entry: note(*device, tick, *text) }),
            Step::Void { device } => (*device, Action::Void { reason: format!("because {tick}") }),
        };
        let replica = &mut replicas[device];
        replica.counter += 1;
        // Wall clocks differ by device and run backwards: order must not depend on them.
        let wall_ms = 5_000 + (tick as i64 * 37) % 400 - device as i64 * 90;
        let operation = operation(device, replica.counter, replica.clock.tick(wall_ms), action);
        let after = replica.holds.clone();
        take(replica, made.len(), &operation, device);
        made.push(Made { operation, device, after });
    }
    (start, made)
}

fn first_fields() -> Fields {
    let dwelling = derived(&["dwelling"]).to_string();
    Fields::from([
        ("dwelling".into(), json!(dwelling)),
        ("from".into(), json!("2026-01-01")),
        ("contact".into(), json!(9)),
    ])
}

fn note(device: usize, tick: usize, text: u8) -> Entry {
    Entry {
        id: derived(&["note", &tick.to_string()]),
        list: List::Notes,
        what: "note".into(),
        when: Moment::from_ms(tick as i64 * 1000),
        who: StaffId(derived(&["staff", &device.to_string()])),
        data: Fields::from([("text".into(), json!(text))]),
    }
}

fn take(replica: &mut Replica, at: usize, operation: &Operation, device: usize) {
    replica.clock.observe(operation.at);
    let applied = merge::apply(Some(replica.record.clone()), operation, version(operation, device)).unwrap();
    replica.record = applied.record;
    replica.holds.push(at);
}

fn hear(replicas: &mut [Replica], device: usize, from: usize, made: &[Made]) {
    for at in replicas[from].holds.clone() {
        if !replicas[device].holds.contains(&at) {
            take(&mut replicas[device], at, &made[at].operation, made[at].device);
        }
    }
}

/// One of the orders that respect who saw what, chosen by the random numbers.
fn order(made: &[Made], choices: &[Index]) -> Vec<usize> {
    let (mut taken, mut order): (Vec<bool>, Vec<usize>) = (vec![false; made.len()], Vec::new());
    for choice in choices.iter().cycle().take(made.len()) {
        let ready: Vec<usize> =
            (0..made.len()).filter(|at| !taken[*at] && made[*at].after.iter().all(|before| taken[*before])).collect();
        let next = ready[choice.index(ready.len())];
        taken[next] = true;
        order.push(next);
    }
    order
}

fn fold(start: &Record, made: &[Made], order: &[usize]) -> Record {
    order.iter().fold(start.clone(), |record, at| {
        let Made { operation, device, .. } = &made[*at];
        merge::apply(Some(record), operation, version(operation, *device)).unwrap().record
    })
}

/// The record with its lists in order of entry ids: lists keep the order of arrival, which only the server decides.
fn comparable(mut record: Record) -> Value {
    record.lists.values_mut().for_each(|list| list.sort_by_key(|entry| entry.id));
    serde_json::to_value(record).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Commutative and associative: every order that respects who saw what gives the same record.
    #[test]
    fn any_order_gives_the_same_record(
        steps in prop::collection::vec(step(), 1..40),
        one in prop::collection::vec(any::<Index>(), 8),
        other in prop::collection::vec(any::<Index>(), 8),
    ) {
        let (start, made) = play(&steps);
        let first = fold(&start, &made, &order(&made, &one));
        let second = fold(&start, &made, &order(&made, &other));
        prop_assert_eq!(comparable(first), comparable(second));
    }

    /// Idempotent: an operation taken twice in a row changes nothing the second time.
    #[test]
    fn the_same_operation_twice_changes_nothing(steps in prop::collection::vec(step(), 1..40)) {
        let (start, made) = play(&steps);
        let mut record = start;
        for Made { operation, device, .. } in &made {
            record = merge::apply(Some(record), operation, version(operation, *device)).unwrap().record;
            let again = merge::apply(Some(record.clone()), operation, version(operation, *device)).unwrap();
            prop_assert!(!again.changed);
            prop_assert_eq!(&again.record, &record);
        }
    }

    /// Splitting into batches: storing the record as JSON between any two operations changes nothing, so neither does where a batch ends.
    #[test]
    fn a_batch_may_end_anywhere(steps in prop::collection::vec(step(), 1..40), cuts in prop::collection::vec(any::<bool>(), 40)) {
        let (start, made) = play(&steps);
        let all: Vec<usize> = (0..made.len()).collect();
        let whole = fold(&start, &made, &all);
        let mut record = start;
        for (at, Made { operation, device, .. }) in made.iter().enumerate() {
            record = merge::apply(Some(record), operation, version(operation, *device)).unwrap().record;
            if cuts[at % cuts.len()] {
                record = serde_json::from_str(&record.to_canonical_json()).unwrap();
            }
        }
        prop_assert_eq!(record.to_canonical_json(), whole.to_canonical_json());
    }

    /// No value that someone wrote is gone unless someone who had seen it replaced it.
    #[test]
    fn no_value_is_lost_unseen(steps in prop::collection::vec(step(), 1..40)) {
        let (start, made) = play(&steps);
        let all: Vec<usize> = (0..made.len()).collect();
        let record = fold(&start, &made, &all);
        let replaced: Vec<OpId> = made.iter().flat_map(|made| match &made.operation.action {
            Action::Set { base, .. } => base.values().flatten().copied().collect::<Vec<_>>(),
            _ => Vec::new(),
        }).collect();
        for Made { operation, device, .. } in &made {
            let op_id = operation.op_id(device_id(*device));
            let Action::Set { fields, .. } = &operation.action else { continue };
            for name in fields.keys().filter(|_| !replaced.contains(&op_id)) {
                prop_assert!(record.seen(name).contains(&op_id));
            }
        }
    }

    /// Stamps rise strictly under any clock, and a claimed stamp never gets further than five minutes ahead.
    #[test]
    fn stamps_rise_under_any_clock(walls in prop::collection::vec(any::<i64>(), 1..60), now in 0_i64..4_000_000_000_000) {
        let mut clock = HybridClock::default();
        let mut last = clock.last();
        for wall in walls {
            let next = clock.tick(wall);
            prop_assert!(next > last || last == Stamp(u64::MAX));
            prop_assert!(effective(next, now, None) <= Stamp::from_ms(now + 300_000));
            prop_assert!(effective(next, now, Some(last)) > last || last == Stamp(u64::MAX));
            last = next;
        }
    }
}

#[test]
fn both_set_one_field_and_both_values_are_kept_until_someone_settles() {
    let steps = [
        Step::Edit { device: 0, field: 1, value: 1 },
        Step::Edit { device: 1, field: 1, value: 2 },
        Step::Hear { device: 2, from: 0 },
        Step::Hear { device: 2, from: 1 },
    ];
    let (start, made) = play(&steps);
    let record = fold(&start, &made, &[0, 1]);
    let conflicts = conflict::of(&record);
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].sides.iter().map(|side| &side.value).collect::<Vec<_>>(), [&json!(1), &json!(2)]);
    let settled = operation(2, 1, Stamp::from_ms(9_000), conflict::settle(&record, FIELDS[1], json!(2)));
    let record = merge::apply(Some(record), &settled, version(&settled, 2)).unwrap().record;
    assert!(conflict::of(&record).is_empty());
    assert_eq!(record.f.get(FIELDS[1]), Some(&json!(2)));
}

#[test]
fn fields_that_this_version_does_not_know_pass_through() {
    let mut fields = first_fields();
    fields.insert("invented_in_2031".into(), json!({"deep": [1, 2]}));
    let create = operation(0, 1, Stamp::from_ms(1), Action::Create { fields, entries: Vec::new() });
    let record = merge::apply(None, &create, version(&create, 0)).unwrap().record;
    let back: Record = serde_json::from_str(&record.to_canonical_json()).unwrap();
    assert_eq!(back.f.get("invented_in_2031"), Some(&json!({"deep": [1, 2]})));
}

/// Found by hostile input (2026-11-27): the phone that merged it and the one that read it from its database had two texts of one state.
#[test]
fn an_element_without_a_value_is_one_that_left_before_and_after_it_is_stored() {
    let create = operation(0, 1, Stamp::from_ms(1), Action::Create { fields: first_fields(), entries: Vec::new() });
    let begun = merge::apply(None, &create, version(&create, 0)).unwrap().record;
    let action = Action::Add { set: "care".into(), element: "测试标记".into(), value: Value::Null };
    let mark = operation(0, 2, Stamp::from_ms(2), action);
    let marked = merge::apply(Some(begun), &mark, version(&mark, 0)).unwrap().record;
    let stored: Record = serde_json::from_str(&marked.to_canonical_json()).unwrap();
    assert_eq!(stored, marked);
    assert_eq!(stored.to_canonical_json(), marked.to_canonical_json());
}
