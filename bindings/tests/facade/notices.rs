use crate::phone::{PAGE, Phone, micro_grid, nobody, wait};
use crate::server::{Answer, Server, json, usual};
use serde_json::json as value;
use zoufang_bindings::error::CoreError;
use zoufang_bindings::records::{DraftFields, SyncOptions, VisitField};
use zoufang_bindings::words::{Duty, NoticeKind, NoticeState, SyncState, VisitMode, VisitOutcome};
use zoufang_domain::ids::{DeviceId, NoticeId, StaffId, derived};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::wire::pull::{PullAnswer, Row};
use zoufang_domain::wire::route;

fn notice() -> NoticeId {
    NoticeId(derived(&["test", "notice"]))
}

/// A server that has one notice.
fn with_notice(path: &str, body: &[u8]) -> Answer {
    if path != route::PULL {
        return usual(path, body);
    }
    let version = Version { at: Stamp::default(), by: DeviceId(derived(&["test", "server"])), counter: 1 };
    let who = StaffId(derived(&["test", "desk"]));
    let mut record = Record::empty(Kind::Notice, notice().0, micro_grid(), version, who);
    let fields = value!({"title": "测试反诈宣传", "body": "测试正文", "kind": "publicity", "valid_from": "2020-01-01",
        "valid_to": "2099-12-31", "needs_receipt": true});
    record.f = serde_json::from_value(fields).unwrap();
    json(&PullAnswer {
        epoch: 1,
        server_time: Stamp::default(),
        cursor: "cursor".into(),
        complete: true,
        from_start: true,
        rows: vec![Row::Is(serde_json::value::RawValue::from_string(record.to_canonical_json()).unwrap())],
        grants: None,
        digests: None,
        settled: Vec::new(),
    })
}

#[test]
fn a_notice_is_read_and_given_on_a_visit() {
    let phone = Phone::enrolled(&Server::answering(with_notice));
    assert_eq!(phone.core.notices().unread_count().unwrap(), 0);
    wait(phone.core.sync().run(SyncOptions { verify: false, is_visit_day: false })).unwrap();
    let notices = phone.core.notices();
    let listed = notices.list(PAGE).unwrap();
    assert_eq!((listed.len(), notices.unread_count().unwrap()), (1, 1));
    assert_eq!(
        (listed[0].kind, listed[0].state, listed[0].read_at),
        (NoticeKind::Publicity, NoticeState::InForce, None)
    );
    let read = notices.mark_read(notice()).unwrap();
    assert_eq!((read.receipt_sync, notices.unread_count().unwrap()), (Some(SyncState::Queued), 0));
    assert_eq!(notices.find(notice()).unwrap(), read);
    assert!(matches!(notices.find(NoticeId(nobody())), Err(CoreError::NotHere { .. })));

    let home = phone.home("301");
    let drafts = phone.core.drafts();
    let draft = drafts.start_visit(home.household).unwrap();
    for field in [
        VisitField::Mode { to: Some(VisitMode::Door) },
        VisitField::Outcome { to: Some(VisitOutcome::Done) },
        VisitField::NoticesGiven { to: vec![notice()] },
    ] {
        drafts.save_visit_field(draft, field).unwrap();
    }
    let DraftFields::OfVisit { fields } = drafts.find(draft).unwrap().fields else { panic!("a visit") };
    assert_eq!(fields.notices, [notice()]);
    let visit = drafts.save_as_visit(draft).unwrap();
    assert_eq!(
        (visit.notices[0].title.as_deref(), visit.duties.as_slice()),
        (Some("测试反诈宣传"), &[Duty::Publicity][..])
    );
    assert!(notices.set_given(visit.id, Vec::new()).unwrap().notices.is_empty());
}
