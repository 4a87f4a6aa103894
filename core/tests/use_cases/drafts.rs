use crate::phone::{Phone, invalid_field};
use serde_json::{Value, json};
use zoufang_core::Error;
use zoufang_core::views::{DraftId, SyncState};
use zoufang_domain::ids::{HouseholdId, VisitId};
use zoufang_domain::matter::MatterState;
use zoufang_domain::schema::Kind;
use zoufang_domain::validate::TEXT_MAX_CHARS;
use zoufang_domain::visit::{Duty, Outcome, VisitState};

#[test]
fn each_field_survives_a_kill_and_is_never_sent() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let sent_before = phone.operations_count();
    let draft = phone.core.start_visit_draft(home.household).unwrap();
    phone.clock.add(60_000);
    phone.core.save_draft_field(draft, "note", json!("厨房漏")).unwrap();
    phone.core.save_draft_field(draft, "note", json!("厨房漏水")).unwrap();
    phone.core.save_draft_field(draft, "outcome", json!("done")).unwrap();

    let shown = phone.reopened().draft(draft).unwrap();
    assert_eq!(shown.fields.get("note"), Some(&json!("厨房漏水")));
    assert_eq!((shown.kind, shown.household), (Kind::Visit, Some(home.household)));
    assert_eq!(shown.updated_ms - shown.created_ms, 60_000);
    assert_eq!(phone.core.drafts().unwrap(), vec![shown]);
    assert_eq!(phone.operations_count(), sent_before, "a draft is no operation");

    phone.core.save_draft_field(draft, "note", Value::Null).unwrap();
    assert!(!phone.core.draft(draft).unwrap().fields.contains_key("note"));
    phone.core.discard_draft(draft).unwrap();
    phone.core.discard_draft(draft).unwrap();
    assert!(phone.core.drafts().unwrap().is_empty());
    assert!(matches!(phone.core.draft(draft), Err(Error::NotFound { what: "draft" })));
}

#[test]
fn a_draft_becomes_a_visit_with_its_matters_in_one_step() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let draft = phone.core.start_visit_draft(home.household).unwrap();
    let fields = [
        ("mode", json!("door")),
        ("outcome", json!("done")),
        ("note", json!("厨房漏水，已记下")),
        ("duties", json!(["errands", "information", "errands"])),
        ("needs_follow_up", json!(true)),
        ("location", json!({"lat": 37.85, "lon": 113.57})),
        ("matters", json!([{"kind": "help", "track": "simple", "summary": "水管漏水", "done": "当场关阀"}])),
    ];
    for (name, value) in fields {
        phone.core.save_draft_field(draft, name, value).unwrap();
    }
    let visit = phone.core.save_draft_as_visit(draft).unwrap();
    assert_eq!(visit.id, VisitId(draft.0), "the draft's id is the visit's");
    assert_eq!((visit.state, visit.outcome, visit.sync), (VisitState::Done, Outcome::Done, SyncState::Queued));
    assert_eq!(visit.duties, [Duty::Information, Duty::Errands]);
    assert!(phone.core.drafts().unwrap().is_empty());
    assert_eq!(phone.core.visit(visit.id).unwrap(), visit);
    let matter = phone.core.matter(visit.matters[0]).unwrap();
    assert_eq!((matter.visit, matter.household), (Some(visit.id), Some(home.household)));
    assert_eq!(matter.state, MatterState::SelfHandled);
    let counted = phone.core.sync_status().unwrap().unsent_count;
    assert_eq!(
        phone.core.save_draft_as_visit(draft).unwrap(),
        visit,
        "a second tap, or a disk that failed after the commit"
    );
    assert_eq!(phone.core.sync_status().unwrap().unsent_count, counted, "saved once");
    let never = DraftId(uuid::Uuid::from_u128(9));
    assert!(matches!(phone.core.save_draft_as_visit(never), Err(Error::NotFound { .. })));
}

#[test]
fn what_cannot_be_saved_leaves_the_draft_whole() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let draft = phone.core.start_visit_draft(home.household).unwrap();
    assert_eq!(invalid_field(phone.core.save_draft_as_visit(draft)), "mode");
    phone.core.save_draft_field(draft, "mode", json!("door")).unwrap();
    assert_eq!(invalid_field(phone.core.save_draft_as_visit(draft)), "outcome");
    phone.core.save_draft_field(draft, "outcome", json!("refused")).unwrap();
    let long = "长".repeat(TEXT_MAX_CHARS + 1);
    phone.core.save_draft_field(draft, "note", json!(long)).unwrap();
    let before = (phone.operations_count(), phone.core.draft(draft).unwrap());
    assert_eq!(invalid_field(phone.core.save_draft_as_visit(draft)), "note");
    assert_eq!((phone.operations_count(), phone.core.draft(draft).unwrap()), before);

    // A matter that is not valid holds back the visit, and the other way round.
    phone.core.save_draft_field(draft, "note", json!("短")).unwrap();
    let matters = json!([{"kind": "help", "track": "hard", "summary": "难题", "done": "不可能当场办结"}]);
    phone.core.save_draft_field(draft, "matters", matters).unwrap();
    assert_eq!(invalid_field(phone.core.save_draft_as_visit(draft)), "track");
    assert_eq!(phone.operations_count(), before.0);
    assert!(matches!(phone.core.visit(VisitId(draft.0)), Err(Error::NotFound { .. })));
}

#[test]
fn fields_that_do_not_exist_or_do_not_fit_are_refused_at_once() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let draft = phone.core.start_visit_draft(home.household).unwrap();
    let wrong = [
        ("mood", json!("good")),
        ("id", json!("x")),
        ("mode", json!("balloon")),
        ("note", json!(7)),
        ("location", json!({"lat": "north"})),
        ("matters", json!([{"kind": "help"}])),
        ("note", json!("长".repeat(200_000))),
    ];
    for (name, value) in wrong {
        assert_eq!(invalid_field(phone.core.save_draft_field(draft, name, value)), name);
    }
    assert_eq!(phone.core.draft(draft).unwrap().fields.len(), 2, "household and start");
    let nowhere = HouseholdId(DraftId(uuid::Uuid::nil()).0);
    assert!(matches!(phone.core.start_visit_draft(nowhere), Err(Error::NotFound { what: "household" })));
    assert!(matches!(Phone::fresh().core.start_matter_draft(None), Err(Error::NotEnrolled)));
}

#[test]
fn a_matter_is_drafted_too() {
    let phone = Phone::manager();
    let draft = phone.core.start_matter_draft(None).unwrap();
    for (name, value) in [("kind", json!("hazard")), ("track", json!("professional")), ("source", json!("patrol"))] {
        phone.core.save_draft_field(draft, name, value).unwrap();
    }
    assert_eq!(invalid_field(phone.core.save_draft_as_matter(draft)), "summary");
    phone.core.save_draft_field(draft, "summary", json!("楼道堆物")).unwrap();
    assert!(matches!(phone.core.save_draft_as_visit(draft), Err(Error::NotFound { .. })), "it is no visit");
    let matter = phone.core.save_draft_as_matter(draft).unwrap();
    assert_eq!((matter.id.0, matter.state), (draft.0, MatterState::Reported));
    assert!(phone.core.drafts().unwrap().is_empty());
}
