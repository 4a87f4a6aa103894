//! Witnessed copies: what one must look like, what merge makes of it, and what an erasure takes out of it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::json;
use zoufang_domain::chain::Link;
use zoufang_domain::erasure::{self, Extent, Traces};
use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::{authority, merge, validate, witness};

fn record(kind: Kind, fields: serde_json::Value) -> Record {
    let v = Version { at: Stamp::from_ms(5_000), by: DeviceId(derived(&["author's phone"])), counter: 3 };
    let mut record =
        Record::empty(kind, derived(&["record"]), UnitId(derived(&["area"])), v, StaffId(derived(&["author"])));
    record.f = serde_json::from_value(fields).unwrap();
    record
}

fn visit() -> Record {
    record(
        Kind::Visit,
        json!({"household": derived(&["home"]), "staff": [derived(&["author"])], "started_at": "2026-11-23T01:00:00Z",
            "mode": "door", "outcome": "done", "note": "见到试三娘"}),
    )
}

fn offer(record: Record) -> Operation {
    let (kind, id, area, staff) = (record.kind, record.id, record.area, StaffId(derived(&["witness"])));
    let action = Action::Witness { record: Box::new(record) };
    Operation { counter: 9, at: Stamp::from_ms(9_000), staff, area, kind, id, action }
}

fn version(operation: &Operation) -> Version {
    operation.version(DeviceId(derived(&["witness's phone"])), operation.at)
}

#[test]
fn a_copy_stands_as_it_was_and_changes_nothing_that_stands() {
    let operation = offer(visit());
    validate::check(&operation).unwrap();
    authority::may_from_some_phone(&operation).unwrap();
    let begun = merge::apply(None, &operation, version(&operation)).unwrap();
    assert!(begun.changed && begun.record == visit(), "with its author's versions, not the witness's");
    let mut there = visit();
    there.f.insert("note".into(), json!("另一版"));
    let applied = merge::apply(Some(there.clone()), &operation, version(&operation)).unwrap();
    assert!(!applied.changed && applied.record == there);
    let text = serde_json::to_string(&operation).unwrap();
    assert!(text.contains(r#""action":{"witness":{"record":{"kind":"visit""#), "{text}");
    assert_eq!(serde_json::from_str::<Operation>(&text).unwrap(), operation);
}

#[test]
fn a_copy_is_held_to_what_it_names_its_kind_and_the_clock() {
    let mut other = offer(visit());
    other.id = derived(&["another"]);
    assert_eq!(validate::check(&other), Err(Refusal::Invalid { field: "record".into() }));
    let elsewhere = Operation { area: UnitId(derived(&["elsewhere"])), ..offer(visit()) };
    assert_eq!(validate::check(&elsewhere), Err(Refusal::Invalid { field: "record".into() }), "it is not re-homed");
    for kind in [Kind::CareNeed, Kind::Assignment, Kind::CadenceRule, Kind::Restriction] {
        assert_eq!(validate::check(&offer(record(kind, json!({})))), Err(Refusal::NotAllowed), "{kind:?}");
    }
    let mut shapeless = visit();
    shapeless.f.insert("outcome".into(), json!(7));
    assert!(validate::check(&offer(shapeless)).is_err());
    let operation = offer(visit());
    let at = |now_ms| witness::check(&operation, witness::copy_of(&operation).unwrap(), Some(now_ms));
    assert_eq!(at(5_000), Ok(()));
    assert_eq!(at(5_000 - 6 * 60 * 1000), Err(Refusal::Invalid { field: "record".into() }), "a stamp of the future");
}

#[test]
fn an_erased_persons_traces_leave_a_copy() {
    let text = serde_json::to_string(&offer(visit())).unwrap();
    let mut traces = Traces::none();
    traces.add_name("试三娘");
    let link = Link::START.then(text.as_bytes());
    let clean = erasure::redact(&text, link, Extent::Traces(&traces)).unwrap();
    assert!(!clean.contains("试三娘") && erasure::redacted(&clean).is_some());
    let read: Operation = serde_json::from_str(&clean).unwrap();
    assert_eq!(witness::copy_of(&read).unwrap().f["note"], json!("见到（已删除）"));
}
