//! The wire of protocol version 1, byte for byte. A phone in the field speaks these bytes for a year; a change here is a new version.
//! `UPDATE_GOLDEN=1 cargo test -p zoufang-domain --test wire` writes the files anew, and the difference is then reviewed.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde::Serialize;
use serde_json::json;
use serde_json::value::to_raw_value;
use std::path::PathBuf;
use zoufang_domain::calendar::Moment;
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, NoticeId, StaffId, UnitId};
use zoufang_domain::message::Language;
use zoufang_domain::notice::{VISIT_NOTICES, receipt_id};
use zoufang_domain::operation::{Action, Entry, Fields, List, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::unit::Level;
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, Grant, Returning};
use zoufang_domain::wire::problem::Problem;
use zoufang_domain::wire::pull::{NamedKind, PullAnswer, Row, SettledHow, SettledWork};
use zoufang_domain::wire::push::{Batch, Outcome, PushAnswer, Verdict};
use zoufang_domain::{conflict, merge};

fn uuid(n: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + n)
}

fn operation(counter: u64, action: Action) -> Operation {
    Operation {
        counter,
        at: Stamp::from_ms(1_795_392_000_000 + counter as i64),
        staff: StaffId(uuid(2)),
        area: UnitId(uuid(3)),
        kind: Kind::Household,
        id: uuid(4),
        action,
    }
}

fn operations() -> Vec<Operation> {
    let fields = Fields::from([("dwelling".into(), json!(uuid(5))), ("from".into(), json!("2026-01-01"))]);
    let note = Entry {
        id: uuid(6),
        list: List::Notes,
        what: "note".into(),
        when: Moment::parse("2026-11-23T01:00:00Z").unwrap(),
        who: StaffId(uuid(2)),
        data: Fields::from([("text".into(), json!("测试备注"))]),
    };
    let create = operation(1, Action::Create { fields, entries: Vec::new() });
    let record = merge::apply(None, &create, version(&create)).unwrap().record;
    let phone = Fields::from([("phone".into(), json!("13900000001"))]);
    vec![
        create,
        operation(2, conflict::edit(&record, phone)),
        operation(3, Action::Add { set: "care".into(), element: "a".into(), value: json!({"type": "独居老人"}) }),
        operation(4, Action::Remove { set: "care".into(), element: "a".into() }),
        operation(5, Action::Append { entry: note }),
        operation(6, Action::Void { reason: "测试作废".into() }),
    ]
}

fn version(operation: &Operation) -> Version {
    operation.version(DeviceId(uuid(1)), operation.at)
}

fn record() -> Record {
    let folded = operations()
        .iter()
        .fold(None, |record, operation| Some(merge::apply(record, operation, version(operation)).unwrap().record));
    folded.unwrap()
}

fn same(name: &str, value: &impl Serialize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let found = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), found, "{name} differs from the wire of version 1");
}

#[test]
fn a_batch_of_every_action() {
    let raw: Vec<_> = operations().iter().map(|operation| to_raw_value(operation).unwrap()).collect();
    let operations = raw.iter().map(AsRef::as_ref).collect();
    same("batch.json", &Batch { protocol: 1, device: DeviceId(uuid(1)), prev: Link::START, begins: None, operations });
}

#[test]
fn a_notice_its_receipt_and_a_visit_that_gave_it() {
    let notice = NoticeId(uuid(11));
    let fields = |value: serde_json::Value| serde_json::from_value::<Fields>(value).unwrap();
    let begin = |kind, id, value| {
        let action = Action::Create { fields: fields(value), entries: Vec::new() };
        let operation = Operation { kind, id, ..operation(1, action) };
        zoufang_domain::validate::check(&operation).unwrap();
        operation
    };
    let sent = json!({"title": "测试通知", "body": "测试正文", "kind": "safety", "valid_from": "2026-11-01",
        "valid_to": "2026-11-30", "needs_receipt": true});
    let receipt = json!({"notice": notice, "staff": uuid(2), "read_at": "2026-11-23T01:00:00Z"});
    let visit = json!({"household": uuid(12), "staff": [uuid(2)], "started_at": "2026-11-23T01:00:00Z", "mode": "door",
        "outcome": "done"});
    let visit = begin(Kind::Visit, uuid(13), visit);
    let (set, element) = (VISIT_NOTICES.to_owned(), notice.to_string());
    let add = Action::Add { set, element, value: json!(true) };
    let given = Operation { kind: Kind::Visit, id: uuid(13), ..operation(2, add) };
    let receipt = begin(Kind::NoticeReceipt, receipt_id(notice, StaffId(uuid(2))), receipt);
    let records = [vec![begin(Kind::Notice, notice.0, sent)], vec![receipt], vec![visit, given]].map(|operations| {
        operations
            .iter()
            .fold(None, |record, operation| Some(merge::apply(record, operation, version(operation)).unwrap().record))
    });
    same("notices.json", &records);
}

#[test]
fn a_record_with_everything() {
    same("record.json", &record());
    let json = record().to_canonical_json();
    let back: Record = serde_json::from_str(&json).unwrap();
    assert_eq!(back.to_canonical_json(), json);
}

#[test]
fn every_verdict() {
    let verdict = |from, to, outcome| Verdict { from, to, outcome, duplicate: false, record: None };
    let answer = PushAnswer {
        epoch: 1,
        server_time: Stamp::from_ms(1_795_392_000_000),
        acknowledged: 5,
        verdicts: vec![
            verdict(1, 3, Outcome::Applied),
            Verdict {
                record: Some(to_raw_value(&json!({})).unwrap()),
                ..verdict(4, 4, Outcome::Merged { conflicts: vec!["phone".into()], late: false, held: false })
            },
            Verdict {
                duplicate: true,
                ..verdict(5, 5, Outcome::Quarantined { reason: Refusal::FactIsFixed { field: "outcome".into() } })
            },
        ],
    };
    same("push-answer.json", &answer);
}

#[test]
fn a_page_with_a_record_and_a_departure() {
    let answer = PullAnswer {
        epoch: 1,
        server_time: Stamp::from_ms(1_795_392_000_000),
        cursor: "opaque".into(),
        complete: true,
        from_start: false,
        rows: vec![
            Row::Is(to_raw_value(&record()).unwrap()),
            Row::Gone { kind: NamedKind::Known(Kind::Visit), id: uuid(7), area: UnitId(uuid(3)), erased: false },
        ],
        grants: Some(vec![grant()]),
        settled: vec![SettledWork {
            counter: 5,
            how: SettledHow::Refused,
            answer: Some("测试答复".into()),
            at: Moment::parse("2026-11-23T01:00:00Z").unwrap(),
        }],
        digests: Some([(UnitId(uuid(3)), "00".repeat(32))].into()),
    };
    same("pull-answer.json", &answer);
}

fn grant() -> Grant {
    Grant {
        unit: UnitId(uuid(3)),
        level: Level::MicroGrid,
        name: "测试微网格".into(),
        role: Some(Role::MicroGridManager),
    }
}

#[test]
fn enrolment_and_a_problem() {
    let request = EnrolRequest {
        protocol: 1,
        code: "TEST-CODE".into(),
        public_key: "key".into(),
        proof: "proof".into(),
        platform: "cli".into(),
        app_version: "0.1.0".into(),
        returning: None,
    };
    same("enrol-request.json", &request);
    let returning =
        Some(Returning { device: DeviceId(uuid(1)), staff: StaffId(uuid(2)), after: 7, link: Link::START.then(b"7") });
    let again = EnrolRequest { returning, ..request.clone() };
    same("enrol-request-returning.json", &again);
    assert_ne!(
        again.proof_text(),
        request.proof_text(),
        "a server that reads no more than the old fields takes no such proof"
    );
    let answer = EnrolAnswer {
        device: DeviceId(uuid(1)),
        staff: StaffId(uuid(2)),
        staff_name: "测试管理员".into(),
        epoch: 1,
        grants: vec![grant()],
        fingerprint: "012345".into(),
        server_time: Stamp::from_ms(1_795_392_000_000),
    };
    same("enrol-answer.json", &answer);
    let problem = Problem { last_counter: Some(7), ..Problem::new("push.gap", 409, Language::Zh) };
    same("problem.json", &problem);
}
