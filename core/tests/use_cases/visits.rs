use crate::phone::{DAY_MS, MORNING_MS, Phone, colleague, invalid_field, micro_grid, record_elsewhere, staff};
use chrono::NaiveDate;
use serde_json::json;
use zoufang_core::Error;
use zoufang_core::matters::MatterDraft;
use zoufang_core::views::{Page, SyncState};
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::{HouseholdId, StaffId, VisitId, derived};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::schema::Kind;
use zoufang_domain::validate::TEXT_MAX_CHARS;
use zoufang_domain::visit::{Location, Mode, Outcome, VisitState};

fn visit_to(home: HouseholdId) -> VisitDraft {
    VisitDraft::new(home, Mode::Door, Outcome::Done)
}

#[test]
fn a_saved_visit_is_read_back_at_once_and_after_a_restart() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let draft = VisitDraft {
        note: "家中一切平安".into(),
        others_present: vec![colleague(), staff(), colleague()],
        ended_at: Some(Moment::from_ms(MORNING_MS + 600_000)),
        ..visit_to(home.household)
    };
    let saved = phone.core.save_visit(draft).unwrap();
    assert_eq!(saved.staff, [staff(), colleague()]);
    assert_eq!(saved.started_at, Moment::from_ms(MORNING_MS));
    assert_eq!((saved.micro_grid, saved.author, saved.sync), (micro_grid(), staff(), SyncState::Queued));
    assert!(!saved.household_closed && saved.amendments.is_empty() && saved.voided.is_none());
    assert_eq!(phone.core.visits_of(home.household, Page::FIRST).unwrap(), vec![saved.clone()]);
    assert_eq!(phone.reopened().visit(saved.id).unwrap(), saved);
    let listed = phone.core.home(home.household).unwrap();
    assert_eq!(listed.last_visit.unwrap().at, saved.started_at);
    assert!(listed.unsent);
    phone.acknowledge_all();
    assert_eq!(phone.core.visit(saved.id).unwrap().sync, SyncState::Acknowledged);
    assert!(!phone.core.home(home.household).unwrap().unsent);
}

#[test]
fn the_same_save_twice_is_one_visit_and_another_under_its_id_is_refused() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let id = Some(VisitId(derived(&["test", "visit"])));
    let draft = VisitDraft {
        id,
        note: "一次".into(),
        matters: vec![MatterDraft::new(MatterKind::Help, Track::Simple, "水管漏水")],
        ..visit_to(home.household)
    };
    let first = phone.core.save_visit(draft.clone()).unwrap();
    let count = phone.operations_count();
    phone.clock.add(5_000);
    assert_eq!(phone.core.save_visit(draft.clone()).unwrap(), first);
    assert_eq!(phone.operations_count(), count);
    assert_eq!(invalid_field(phone.core.save_visit(VisitDraft { note: "两次".into(), ..draft })), "id");
}

#[test]
fn bad_input_saves_nothing() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    let before = phone.operations_count();
    let long = VisitDraft { note: "长".repeat(TEXT_MAX_CHARS + 1), ..visit_to(home) };
    assert_eq!(invalid_field(phone.core.save_visit(long)), "note");
    let backwards = VisitDraft { ended_at: Some(Moment::from_ms(MORNING_MS - 1_000)), ..visit_to(home) };
    assert_eq!(invalid_field(phone.core.save_visit(backwards)), "ended_at");
    for (lat, lon) in [(91.0, 0.0), (0.0, -181.0), (f64::NAN, 0.0)] {
        let off_earth = VisitDraft { location: Some(Location { lat, lon }), ..visit_to(home) };
        assert_eq!(invalid_field(phone.core.save_visit(off_earth)), "location");
    }
    let crowd = (0..21).map(|at: u8| StaffId(derived(&["test", "crowd", &at.to_string()]))).collect();
    assert_eq!(
        invalid_field(phone.core.save_visit(VisitDraft { others_present: crowd, ..visit_to(home) })),
        "others_present"
    );
    let empty_matter = vec![MatterDraft::new(MatterKind::Help, Track::Simple, "  ")];
    assert_eq!(invalid_field(phone.core.save_visit(VisitDraft { matters: empty_matter, ..visit_to(home) })), "summary");
    let nowhere = HouseholdId(derived(&["test", "nowhere"]));
    assert!(matches!(phone.core.save_visit(visit_to(nowhere)), Err(Error::NotFound { what: "household" })));
    assert_eq!(phone.operations_count(), before);
    assert_eq!(phone.count("SELECT count(*) FROM record WHERE kind IN (8, 9)"), 0);
    assert!(matches!(Phone::fresh().core.save_visit(visit_to(home)), Err(Error::NotEnrolled)));
}

#[test]
fn a_visit_outside_the_own_area_is_refused() {
    let phone = Phone::manager();
    let mut elsewhere = record_elsewhere(
        Kind::Household,
        "elsewhere",
        &[("dwelling", json!(derived(&["test", "d"]))), ("from", json!("2026-01-01"))],
    );
    elsewhere.area = crate::phone::other_grid();
    phone.receive(&elsewhere);
    let outcome = phone.core.save_visit(visit_to(HouseholdId(elsewhere.id)));
    assert!(matches!(outcome, Err(Error::NotAllowed)), "{outcome:?}");
}

#[test]
fn the_author_corrects_for_seven_days_and_a_leader_later() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let draft = VisitDraft { note: "原话".into(), needs_follow_up: true, ..visit_to(home.household) };
    let visit = phone.core.save_visit(draft).unwrap();
    let change = VisitChange {
        note: Some("更正后的话".into()),
        outcome: Some(Outcome::Refused),
        needs_follow_up: Some(false),
        mode: Some(Mode::Door),
        ..VisitChange::default()
    };
    assert_eq!(invalid_field(phone.core.amend_visit(visit.id, &change, " ")), "reason");
    assert_eq!(invalid_field(phone.core.amend_visit(visit.id, &VisitChange::default(), "没有改动")), "fields");
    phone.clock.add(7 * DAY_MS);
    let amended = phone.core.amend_visit(visit.id, &change, "写错了").unwrap();
    assert_eq!(
        (amended.state, amended.outcome, amended.note.as_str()),
        (VisitState::Corrected, Outcome::Refused, "更正后的话")
    );
    assert!(!amended.needs_follow_up);
    assert_eq!(amended.amendments[0].fields, ["needs_follow_up", "note", "outcome"]);
    assert_eq!(amended.amendments[0].reason, "写错了");
    assert_eq!(phone.core.home(home.household).unwrap().last_visit.unwrap().outcome, Outcome::Refused);
    let undo = VisitChange { note: Some(String::new()), ..VisitChange::default() };
    assert_eq!(phone.core.amend_visit(visit.id, &undo, "清空").unwrap().note, "");
    phone.clock.add(1_000);
    assert!(matches!(phone.core.amend_visit(visit.id, &change, "太晚"), Err(Error::NotAllowed)));

    let leader = Phone::leader();
    let home = leader.home("3", "301", "测试甲");
    let visit = leader.core.save_visit(visit_to(home.household)).unwrap();
    leader.clock.add(30 * DAY_MS);
    assert_eq!(leader.core.amend_visit(visit.id, &change, "核实后更正").unwrap().state, VisitState::Corrected);
}

#[test]
fn another_persons_visit_is_not_the_authors_to_correct() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let theirs = record_elsewhere(
        Kind::Visit,
        "theirs",
        &[
            ("household", json!(home.household)),
            ("staff", json!([colleague()])),
            ("started_at", json!("2026-11-05T00:30:00Z")),
            ("mode", json!("phone")),
            ("outcome", json!("no_answer")),
        ],
    );
    phone.receive(&theirs);
    let change = VisitChange { outcome: Some(Outcome::Done), ..VisitChange::default() };
    assert!(matches!(phone.core.amend_visit(VisitId(theirs.id), &change, "不是我的"), Err(Error::NotAllowed)));
    assert!(matches!(phone.core.void_visit(VisitId(theirs.id), "不是我的"), Err(Error::NotAllowed)));
    assert_eq!(phone.core.visit(VisitId(theirs.id)).unwrap().state, VisitState::NoAnswer);
}

#[test]
fn a_leader_voids_and_the_visit_stays_readable() {
    let phone = Phone::leader();
    let home = phone.home("3", "301", "测试甲");
    let visit = phone.core.save_visit(visit_to(home.household)).unwrap();
    assert_eq!(invalid_field(phone.core.void_visit(visit.id, "")), "reason");
    let void = phone.core.void_visit(visit.id, "录入错误").unwrap();
    assert_eq!((void.state, void.voided.as_ref().unwrap().reason.as_str()), (VisitState::Voided, "录入错误"));
    assert_eq!(phone.core.visits_of(home.household, Page::FIRST).unwrap(), vec![void]);
    assert!(phone.core.home(home.household).unwrap().last_visit.is_none(), "a void visit is no visit");
    assert_eq!(invalid_field(phone.core.void_visit(visit.id, "再一次")), "state");
    let change = VisitChange { note: Some("改".into()), ..VisitChange::default() };
    assert_eq!(invalid_field(phone.core.amend_visit(visit.id, &change, "改")), "state");
    let missing = VisitId(derived(&["test", "missing"]));
    assert!(matches!(phone.core.void_visit(missing, "无"), Err(Error::NotFound { .. })));
}

#[test]
fn a_visit_to_a_home_that_was_closed_is_kept_and_flagged() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let before = phone.core.save_visit(VisitDraft {
        started_at: Some(Moment::from_ms(MORNING_MS - 3 * DAY_MS)),
        ..visit_to(home.household)
    });
    phone.core.close_household(home.household, NaiveDate::from_ymd_opt(2026, 11, 5).unwrap()).unwrap();
    let after = phone.core.save_visit(visit_to(home.household)).unwrap();
    assert!(after.household_closed);
    assert!(!phone.core.visit(before.unwrap().id).unwrap().household_closed);
    assert!(phone.core.visit(after.id).unwrap().household_closed);
}

#[test]
fn visits_are_listed_by_home_and_by_time_in_pages() {
    let phone = Phone::manager();
    let (one, two) = (phone.home("1", "101", "测试甲").household, phone.home("1", "102", "测试乙").household);
    for at in 0..130_i64 {
        let home = if at % 2 == 0 { one } else { two };
        let started_at = Some(Moment::from_ms(MORNING_MS + at * 60_000));
        phone.core.save_visit(VisitDraft { started_at, ..visit_to(home) }).unwrap();
    }
    let day = Moment::from_ms(MORNING_MS).day();
    let (from, to) = Period { from: day, to: day }.bounds();
    let first = phone.core.visits_between(from, to, Page::FIRST).unwrap();
    let rest = phone.core.visits_between(from, to, Page::FIRST.next()).unwrap();
    assert_eq!((first.len(), rest.len()), (100, 30));
    let all: Vec<Moment> = first.iter().chain(&rest).map(|visit| visit.started_at).collect();
    assert!(all.is_sorted_by(|a, b| a > b), "the latest first, each once");
    assert_eq!(phone.core.visits_of(one, Page::FIRST).unwrap().len(), 65);
    let last = Page { skip_count: 64, take_count: 10_000 };
    assert_eq!(phone.core.visits_of(one, last).unwrap()[0].started_at, Moment::from_ms(MORNING_MS));
    let minute =
        phone.core.visits_between(Moment::from_ms(MORNING_MS), Moment::from_ms(MORNING_MS + 60_000), Page::FIRST);
    assert_eq!(minute.unwrap().len(), 1, "the first moment is inside and the second is not");
}

#[test]
fn the_feed_names_what_changed() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    let heard = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let ear = std::sync::Arc::clone(&heard);
    let _subscription = phone.core.subscribe(move |change| ear.lock().unwrap().push(change.clone()));
    let draft = phone.core.start_visit_draft(home.household).unwrap();
    for (name, value) in [("mode", json!("door")), ("outcome", json!("done"))] {
        phone.core.save_draft_field(draft, name, value).unwrap();
    }
    phone.core.save_draft_as_visit(draft).unwrap();
    phone.core.search("测试", 10).unwrap();
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 4, "three of the draft, one of the visit, none of the search");
    assert!(heard.iter().all(|change| change.drafts));
    assert_eq!(heard[3].ids, [draft.0]);
    assert!(heard[3].status && !heard[0].status);
}
