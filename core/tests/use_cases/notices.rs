use crate::phone::{
    DAY_MS, MORNING_MS, Phone, colleague, community, home_draft, invalid_field, micro_grid, other_grid,
};
use serde_json::json;
use std::sync::{Arc, Mutex};
use zoufang_core::Error;
use zoufang_core::views::{Page, SyncState};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::{DeviceId, NoticeId, UnitId, derived};
use zoufang_domain::notice::{GIVEN_MAX_COUNT, NoticeState, receipt_id};
use zoufang_domain::operation::Fields;
use zoufang_domain::record::{Record, Void};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::unit::Level;
use zoufang_domain::visit::{Duty, Mode, Outcome};

fn version(counter: u64) -> Version {
    let by = DeviceId(derived(&["test", "server"]));
    Version { at: Stamp::from_ms(MORNING_MS - DAY_MS), by, counter }
}

fn put(phone: &Phone, kind: Kind, id: uuid::Uuid, area: UnitId, fields: serde_json::Value) -> Record {
    let mut record = Record::empty(kind, id, area, version(1), colleague());
    record.f = serde_json::from_value::<Fields>(fields).unwrap();
    phone.receive(&record);
    record
}

/// A notice of a unit, from and to a day of November 2026.
fn notice(phone: &Phone, unit: UnitId, title: &str, from: u32, to: u32) -> (NoticeId, Record) {
    let id = NoticeId(derived(&["test", title]));
    let fields = json!({"title": title, "body": "测试正文", "kind": "publicity", "needs_receipt": true,
        "valid_from": format!("2026-11-{from:02}"), "valid_to": format!("2026-11-{to:02}")});
    (id, put(phone, Kind::Notice, id.0, unit, fields))
}

/// A phone whose micro-grid is known to lie under its community.
fn phone() -> Phone {
    let phone = Phone::manager();
    place(&phone, micro_grid());
    phone
}

fn place(phone: &Phone, unit: UnitId) {
    let fields = json!({"level": Level::MicroGrid.name(), "name": "测试微网格", "parent": community()});
    put(phone, Kind::OrgUnit, unit.0, unit, fields);
}

fn titles(phone: &Phone) -> Vec<String> {
    phone.core.notices(Page::FIRST).unwrap().into_iter().map(|notice| notice.title).collect()
}

#[test]
fn notices_in_force_are_listed_unread_first_and_read_once() {
    let phone = phone();
    let (old, _) = notice(&phone, community(), "较早", 1, 30);
    let (new, _) = notice(&phone, micro_grid(), "较新", 5, 5);
    notice(&phone, community(), "未到", 6, 30);
    notice(&phone, community(), "已过", 1, 4);
    assert_eq!((titles(&phone), phone.core.unread_notices_count().unwrap()), (vec!["较新".into(), "较早".into()], 2));

    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let _subscription = phone.core.subscribe(move |change| ear.lock().unwrap().push(change.clone()));
    let count = phone.operations_count();
    let read = phone.core.read_notice(new).unwrap();
    assert_eq!((read.read_at.map(|at| at.to_ms()), read.receipt_sync), (Some(MORNING_MS), Some(SyncState::Queued)));
    assert_eq!(heard.lock().unwrap()[0].kinds, [Kind::Notice, Kind::NoticeReceipt].into());
    phone.clock.add(3_600_000);
    assert_eq!(phone.core.read_notice(new).unwrap(), read, "the first time counts");
    assert_eq!((phone.operations_count(), heard.lock().unwrap().len()), (count + 1, 1));
    let receipt = phone.find(Kind::NoticeReceipt, receipt_id(new, crate::phone::staff())).unwrap().record;
    assert_eq!(receipt.area, micro_grid());
    assert_eq!((titles(&phone), phone.core.unread_notices_count().unwrap()), (vec!["较早".into(), "较新".into()], 1));
    assert_eq!(phone.core.notice(old).unwrap().unit_name, "段南沟社区");
    phone.acknowledge_all();
    assert_eq!(phone.core.notice(new).unwrap().receipt_sync, Some(SyncState::Acknowledged));

    phone.clock.add(DAY_MS);
    assert_eq!(titles(&phone), ["未到", "较早"], "one is over, one has begun");
    assert_eq!(phone.core.notice(new).unwrap().state, NoticeState::Expired);
    let second = Page { skip_count: 1, take_count: 1 };
    assert_eq!(phone.core.notices(second).unwrap()[0].title, "较早");
    assert!(matches!(phone.core.notice(NoticeId(derived(&["nothing"]))), Err(Error::NotFound { what: "notice" })));
    assert!(matches!(phone.core.read_notice(NoticeId(derived(&["nothing"]))), Err(Error::NotFound { .. })));
    assert!(matches!(Phone::fresh().core.unread_notices_count(), Err(Error::NotEnrolled)));
}

#[test]
fn a_colleagues_receipt_does_not_mark_mine_and_a_notice_of_elsewhere_gets_none() {
    let phone = phone();
    let (id, _) = notice(&phone, community(), "测试", 1, 30);
    let theirs = json!({"notice": id, "staff": colleague(), "read_at": "2026-11-05T00:00:00Z"});
    put(&phone, Kind::NoticeReceipt, receipt_id(id, colleague()), micro_grid(), theirs);
    assert_eq!(phone.core.unread_notices_count().unwrap(), 1);
    assert_eq!(phone.core.notice(id).unwrap().read_at, None);
    let (far, _) = notice(&phone, UnitId(derived(&["test", "far"])), "别处", 1, 30);
    assert!(matches!(phone.core.read_notice(far), Err(Error::NotAllowed)));
}

#[test]
fn a_receipt_lies_in_one_of_the_own_micro_grids_under_the_unit() {
    let phone = Phone::enrolled(Role::GridWorker, &[micro_grid(), other_grid()]);
    place(&phone, other_grid());
    let (all, _) = notice(&phone, community(), "全社区", 1, 30);
    let (here, _) = notice(&phone, micro_grid(), "本微网格", 1, 30);
    let area = |id| {
        phone.core.read_notice(id).unwrap();
        phone.find(Kind::NoticeReceipt, receipt_id(id, crate::phone::staff())).unwrap().record.area
    };
    assert_eq!((area(all), area(here)), (other_grid(), micro_grid()), "the other is the only one known to lie there");
}

#[test]
fn a_visit_shows_the_titles_of_the_notices_that_it_gave_also_when_they_are_over_or_withdrawn() {
    let phone = phone();
    let home = phone.home("1", "101", "测试户").household;
    let (one, mut record) = notice(&phone, community(), "反诈宣传", 1, 5);
    let (two, _) = notice(&phone, community(), "用火安全", 1, 30);
    let unknown = NoticeId(derived(&["test", "unknown"]));
    let count = phone.operations_count();
    let draft = phone.core.start_visit_draft(home).unwrap();
    phone.core.save_draft_field(draft, "mode", json!("door")).unwrap();
    phone.core.save_draft_field(draft, "outcome", json!("done")).unwrap();
    phone.core.save_draft_field(draft, "notices", json!([one, two, one, unknown])).unwrap();
    assert_eq!(invalid_field(phone.core.save_draft_field(draft, "notices", json!(["x"]))), "notices");
    assert_eq!(phone.core.draft(draft).unwrap().fields["notices"], json!([one, two, one, unknown]));
    let visit = phone.core.save_draft_as_visit(draft).unwrap();
    assert_eq!(phone.operations_count(), count + 4, "the visit and each notice once");
    let title = |id: NoticeId| visit.notices.iter().find(|given| given.id == id).unwrap().title.clone();
    assert_eq!(
        (title(one).as_deref(), title(two).as_deref(), title(unknown)),
        (Some("反诈宣传"), Some("用火安全"), None)
    );
    assert_eq!(visit.duties, [Duty::Publicity], "giving a notice is publicity");
    assert_eq!(phone.core.save_draft_as_visit(draft).unwrap(), visit, "a second tap saves nothing");

    record.void = Some(Void { v: version(2), who: colleague(), reason: "测试：有误".into() });
    phone.receive(&record);
    phone.clock.add(DAY_MS);
    assert_eq!(titles(&phone), ["用火安全"]);
    assert_eq!(phone.core.visit(visit.id).unwrap().notices, visit.notices);
    let gone = phone.core.notice(one).unwrap();
    assert_eq!((gone.state, gone.withdrawn_because.as_deref()), (NoticeState::Withdrawn, Some("测试：有误")));
}

#[test]
fn what_a_visit_gave_is_said_anew_by_whoever_was_there() {
    let phone = phone();
    let home = phone.core.add_home(&home_draft("1", "101", "测试户")).unwrap().household;
    let [one, two] = ["甲通知", "乙通知"].map(|title| notice(&phone, community(), title, 1, 30).0);
    let draft = VisitDraft { notices: vec![one], ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    let visit = phone.core.save_visit(draft).unwrap();
    let ids = |view: zoufang_core::views::VisitView| view.notices.into_iter().map(|given| given.id).collect::<Vec<_>>();
    assert_eq!(ids(phone.core.set_visit_notices(visit.id, &[two]).unwrap()), [two]);
    let count = phone.operations_count();
    assert_eq!(ids(phone.core.set_visit_notices(visit.id, &[two, two]).unwrap()), [two]);
    assert_eq!(phone.operations_count(), count, "nothing new, nothing sent");
    let crowd: Vec<NoticeId> = (0..=GIVEN_MAX_COUNT as u128).map(|at| NoticeId(uuid::Uuid::from_u128(at))).collect();
    assert_eq!(invalid_field(phone.core.set_visit_notices(visit.id, &crowd)), "notices");
    let crowded = VisitDraft { notices: crowd, ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    assert_eq!(invalid_field(phone.core.save_visit(crowded)), "notices");
    assert_eq!(phone.operations_count(), count);

    let theirs = json!({"household": home, "staff": [colleague()], "started_at": "2026-11-05T01:00:00Z",
        "mode": "door", "outcome": "done"});
    let theirs = put(&phone, Kind::Visit, derived(&["test", "their visit"]), micro_grid(), theirs);
    let refused = phone.core.set_visit_notices(zoufang_domain::ids::VisitId(theirs.id), &[one]);
    assert!(matches!(refused, Err(Error::NotAllowed)));
}

#[test]
fn a_save_that_is_repeated_with_a_notice_that_was_not_said_is_no_repetition() {
    let phone = phone();
    let home = phone.home("1", "101", "测试户").household;
    let (one, _) = notice(&phone, community(), "测试", 1, 30);
    let id = Some(zoufang_domain::ids::VisitId(derived(&["test", "visit"])));
    let plain = VisitDraft { id, duties: vec![Duty::Publicity], ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    phone.core.save_visit(plain.clone()).unwrap();
    assert_eq!(invalid_field(phone.core.save_visit(VisitDraft { notices: vec![one], ..plain })), "id");
}
