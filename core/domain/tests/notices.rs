//! Notices: what one must say, how it stands on a day, whose receipt is taken, and the set of notices that a visit gave.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::NaiveDate;
use serde_json::{Value, json};
use zoufang_domain::ids::{DeviceId, NoticeId, StaffId, UnitId, derived};
use zoufang_domain::notice::{
    BODY_MAX_CHARS, Notice, NoticeKind, NoticeState, TITLE_MAX_CHARS, VISIT_NOTICES, given, own_receipt, receipt_id,
    state,
};
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::{authority, index, merge, validate};

fn day(of: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, of).unwrap()
}

fn staff(name: &str) -> StaffId {
    StaffId(derived(&["test", name]))
}

fn notice_id(name: &str) -> NoticeId {
    NoticeId(derived(&["test", "notice", name]))
}

fn notice() -> Notice {
    Notice {
        title: "测试：冬季用火安全".into(),
        body: "测试正文".into(),
        kind: NoticeKind::Safety,
        valid_from: day(5),
        valid_to: day(20),
        needs_receipt: true,
    }
}

fn fields(value: Value) -> Fields {
    serde_json::from_value(value).unwrap()
}

fn operation(counter: u64, who: &str, kind: Kind, id: uuid::Uuid, action: Action) -> Operation {
    let (at, area) = (Stamp::from_ms(1_795_392_000_000 + counter as i64), UnitId(derived(&["test", "unit"])));
    Operation { counter, at, staff: staff(who), area, kind, id, action }
}

fn create(fields: Fields) -> Action {
    Action::Create { fields, entries: Vec::new() }
}

fn sent() -> Operation {
    operation(1, "desk", Kind::Notice, notice_id("fire").0, create(fields(json!(notice()))))
}

fn receipt(who: &str, of: &str, read_at: &str) -> Operation {
    let (notice, staff) = (notice_id(of), staff(who));
    let of = fields(json!({"notice": notice, "staff": staff, "read_at": read_at}));
    operation(2, who, Kind::NoticeReceipt, receipt_id(notice, staff), create(of))
}

fn visit() -> Operation {
    let of = fields(json!({"household": derived(&["test", "home"]), "staff": [staff("author"), staff("beside")],
        "started_at": "2026-11-06T01:00:00Z", "mode": "door", "outcome": "done"}));
    operation(3, "author", Kind::Visit, derived(&["test", "visit"]), create(of))
}

fn add(counter: u64, who: &str, of: &str) -> Operation {
    let (set, element) = (VISIT_NOTICES.to_owned(), notice_id(of).to_string());
    operation(counter, who, Kind::Visit, visit().id, Action::Add { set, element, value: Value::Bool(true) })
}

fn remove(counter: u64, who: &str, of: &str) -> Operation {
    let (set, element) = (VISIT_NOTICES.to_owned(), notice_id(of).to_string());
    operation(counter, who, Kind::Visit, visit().id, Action::Remove { set, element })
}

fn applied(known: Option<Record>, operation: &Operation, device: &str) -> Record {
    let version = operation.version(DeviceId(derived(&["test", device])), operation.at);
    merge::apply(known, operation, version).unwrap().record
}

#[test]
fn a_notice_says_something_within_bounds_and_ends_no_earlier_than_it_begins() {
    assert_eq!(notice().check(), Ok(()));
    assert_eq!(Notice { valid_to: day(5), ..notice() }.check(), Ok(()), "one day is a time");
    let at_most = Notice { title: "字".repeat(TITLE_MAX_CHARS), body: "字".repeat(BODY_MAX_CHARS), ..notice() };
    assert_eq!(at_most.check(), Ok(()));
    let wrong = [
        (Notice { title: " ".into(), ..notice() }, "title"),
        (Notice { title: "字".repeat(TITLE_MAX_CHARS + 1), ..notice() }, "title"),
        (Notice { title: "两\n行".into(), ..notice() }, "title"),
        (Notice { body: "\n".into(), ..notice() }, "body"),
        (Notice { body: "字".repeat(BODY_MAX_CHARS + 1), ..notice() }, "body"),
        (Notice { valid_to: day(4), ..notice() }, "valid_to"),
    ];
    for (wrong, field) in wrong {
        assert_eq!(wrong.check(), Err(field));
        let refused = validate::check(&Operation { action: create(fields(json!(wrong))), ..sent() });
        assert_eq!(refused, Err(Refusal::Invalid { field: field.into() }));
    }
}

#[test]
fn a_notice_is_ahead_in_force_over_or_taken_back_and_never_edited() {
    let record = applied(None, &sent(), "server");
    let on = |record: &Record, of: u32| state(record, &notice(), day(of));
    assert_eq!([4, 5, 20, 21].map(|of| on(&record, of)), {
        use NoticeState::{Ahead, Expired, InForce};
        [Ahead, InForce, InForce, Expired]
    });
    let columns = index::index(&record);
    assert_eq!(
        (columns.status.as_str(), columns.class.as_str(), columns.sort.as_str(), columns.due.as_deref()),
        ("current", "safety", "2026-11-05", Some("2026-11-20"))
    );
    for name in ["title", "body", "valid_to", "needs_receipt"] {
        let edit = zoufang_domain::conflict::edit(&record, Fields::from([(name.to_owned(), json!(true))]));
        let edit = operation(9, "desk", Kind::Notice, record.id, edit);
        let version = edit.version(DeviceId(derived(&["test", "server"])), edit.at);
        let refused = merge::apply(Some(record.clone()), &edit, version);
        assert_eq!(refused.unwrap_err(), Refusal::FactIsFixed { field: name.into() });
    }
    let gone = applied(
        Some(record),
        &operation(4, "desk", Kind::Notice, notice_id("fire").0, Action::Void { reason: "测试：日期有误".into() }),
        "server",
    );
    assert_eq!((on(&gone, 6), index::index(&gone).status.as_str()), (NoticeState::Withdrawn, "withdrawn"));
    assert_eq!(gone.read::<Notice>().unwrap(), notice(), "it stays readable");
}

#[test]
fn a_receipt_is_ones_own_and_two_of_one_person_are_one() {
    let first = receipt("reader", "fire", "2026-11-06T01:00:00Z");
    assert_eq!(own_receipt(&first), Some(notice_id("fire")));
    for role in Role::ALL {
        assert_eq!(authority::may(role, &first).is_ok(), role.carries_phone(), "{}", role.name());
        assert_eq!(authority::may_at_desk(role, &first), Err(Refusal::NotAllowed), "{}", role.name());
    }
    let under_another_name = Operation { staff: staff("other"), ..first.clone() };
    let under_another_id = Operation { id: receipt_id(notice_id("flood"), staff("reader")), ..first.clone() };
    let void = Operation { action: Action::Void { reason: "测试".into() }, ..first.clone() };
    for wrong in [under_another_name, under_another_id, void] {
        assert_eq!(authority::may(Role::MicroGridManager, &wrong), Err(Refusal::NotAllowed));
    }
    let record = applied(None, &first, "one phone");
    let second = receipt("reader", "fire", "2026-11-07T01:00:00Z");
    let version = second.version(DeviceId(derived(&["test", "other phone"])), second.at);
    let again = merge::apply(Some(record.clone()), &second, version).unwrap();
    assert_eq!((again.changed, again.conflicting.is_empty(), &again.record), (false, true, &record));
    assert_eq!(index::index(&record).parent, Some(notice_id("fire").0));
}

#[test]
fn desks_of_community_and_above_send_and_withdraw_and_no_phone_does() {
    let withdraw = operation(4, "desk", Kind::Notice, sent().id, Action::Void { reason: "测试".into() });
    for role in Role::ALL {
        let is_desk = matches!(role, Role::CommunityDesk | Role::StreetDispatcher);
        for one in [sent(), withdraw.clone()] {
            assert_eq!(authority::may_at_desk(role, &one).is_ok(), is_desk, "{}", role.name());
            assert_eq!(authority::may(role, &one), Err(Refusal::NotAllowed), "{}", role.name());
        }
    }
    assert_eq!(authority::may_from_some_phone(&sent()), Err(Refusal::NotAllowed));
}

#[test]
fn a_visit_keeps_a_set_of_notices_that_merges_by_element_in_any_order() {
    let begun = applied(None, &visit(), "a");
    assert!(given(&begun).is_empty(), "a visit that an older phone wrote gave none");
    let words = [(add(4, "author", "fire"), "a"), (add(5, "beside", "flood"), "b"), (remove(6, "author", "fire"), "a")];
    let mut orders = Vec::new();
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
        let folded = order.into_iter().fold(begun.clone(), |known, at| applied(Some(known), &words[at].0, words[at].1));
        orders.push(folded);
    }
    assert!(orders.windows(2).all(|two| two[0] == two[1]));
    assert_eq!(given(&orders[0]), [notice_id("flood")]);
    let twice = applied(Some(orders[0].clone()), &words[1].0, "b");
    assert_eq!(twice, orders[0], "twice is once");
}

#[test]
fn whoever_was_there_says_which_notices_a_visit_gave_and_nothing_else_of_it_is_a_set() {
    let begun = applied(None, &visit(), "a");
    for (who, role, may) in [
        ("author", Role::MicroGridManager, true),
        ("beside", Role::Auxiliary, true),
        ("author", Role::Instructor, true),
        ("stranger", Role::MicroGridManager, false),
        ("stranger", Role::GridLeader, true),
    ] {
        let said = authority::may_give(role, &begun, &add(4, who, "fire"));
        assert_eq!(said.is_ok(), may, "{who} {}", role.name());
        assert!(authority::may(role, &add(4, who, "fire")).is_ok());
    }
    let other = Action::Add { set: "lists".into(), element: "x".into(), value: Value::Bool(true) };
    let other = Operation { action: other, ..add(4, "author", "fire") };
    assert_eq!(authority::may(Role::MicroGridManager, &other), Err(Refusal::NotAllowed));
    let no_id = Action::Add { set: VISIT_NOTICES.into(), element: "x".into(), value: Value::Bool(true) };
    let refused = validate::check(&Operation { action: no_id, ..add(4, "author", "fire") });
    assert_eq!(refused, Err(Refusal::Invalid { field: "notices".into() }));
    assert_eq!(validate::check(&add(4, "author", "unheard of")), Ok(()), "an unknown notice is no reason to refuse");
}
