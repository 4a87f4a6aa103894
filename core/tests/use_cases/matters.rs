use crate::phone::{DAY_MS, MORNING_MS, Phone, colleague, community, invalid_field, micro_grid, other_grid};
use serde_json::json;
use uuid::Uuid;
use zoufang_core::Error;
use zoufang_core::matters::{MatterDraft, MatterEdit, MatterFilter};
use zoufang_core::views::{MatterView, Page};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, MatterId, ResidentId, VisitId, derived};
use zoufang_domain::matter::{MatterKind, MatterState, Source, Track, Urgency};
use zoufang_domain::operation::{Entry, List};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::working_day::WorkingDays;

pub(crate) fn matter(track: Track, summary: &str) -> MatterDraft {
    MatterDraft::new(MatterKind::Help, track, summary)
}

/// What other people did to a matter, as the server sends it.
pub(crate) fn events_arrive(phone: &Phone, id: MatterId, events: &[(&str, serde_json::Value)]) {
    let mut record = phone.find(Kind::Matter, id.0).unwrap().record;
    for (what, data) in events {
        let list = record.lists.entry(List::Events).or_default();
        let id = Uuid::from_u128(0x7000 + list.len() as u128);
        let data = serde_json::from_value(data.clone()).unwrap();
        let when = Moment::from_ms(MORNING_MS + 1_000);
        list.push(Entry { id, list: List::Events, what: (*what).to_owned(), when, who: colleague(), data });
    }
    phone.receive(&record);
}

fn names(view: &MatterView) -> Vec<&str> {
    view.events.iter().map(|event| event.name.as_str()).collect()
}

#[test]
fn a_simple_matter_is_reported_handled_and_answered_offline() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    let draft = MatterDraft {
        household: Some(home),
        urgency: Some(Urgency::Urgent),
        line: Some("民政".into()),
        ..matter(Track::Simple, "水管漏水")
    };
    let reported = phone.core.report_matter(draft).unwrap();
    assert_eq!(
        (reported.state, reported.urgency, reported.source),
        (MatterState::Reported, Urgency::Urgent, Source::Visit)
    );
    let today = Moment::from_ms(MORNING_MS).day();
    let last = WorkingDays::default().after(today, 3);
    assert_eq!(
        reported.due.to_ms(),
        Moment::start_of(last).to_ms() + DAY_MS - 1_000,
        "three working days, to the last second"
    );
    assert_eq!(reported.reported_at, Some(Moment::from_ms(MORNING_MS)));
    assert_eq!(phone.core.self_handle(reported.id, "关阀后报修").unwrap().state, MatterState::SelfHandled);
    let answered = phone.core.answer(reported.id, "测试甲", "当面", "满意").unwrap();
    assert_eq!(names(&answered), ["report", "self_handle", "answer"]);
    assert_eq!(answered.events[2].who_name.as_deref(), Some("测试管理员"));
    let texts: Vec<_> = answered.events[2].texts.iter().map(|one| (one.name.as_str(), one.text.as_str())).collect();
    assert_eq!(texts, [("how", "当面"), ("told", "测试甲"), ("words", "满意")]);
    assert_eq!(phone.core.note(reported.id, "下周再看").unwrap().state, MatterState::Answered);
    let read = phone.core.matter(reported.id).unwrap();
    assert!(read.events.iter().all(|event| !event.late) && !read.is_overdue);
    assert_eq!(phone.core.matters_of(home, Page::FIRST).unwrap(), vec![read]);
}

#[test]
fn what_makes_no_sense_here_is_refused_while_its_author_looks() {
    let phone = Phone::manager();
    let hard = phone.core.report_matter(matter(Track::Hard, "积水多年")).unwrap();
    assert_eq!(invalid_field(phone.core.self_handle(hard.id, "当场办不了")), "state");
    assert_eq!(invalid_field(phone.core.answer(hard.id, "测试甲", "电话", "")), "state");
    assert_eq!(invalid_field(phone.core.report_again(hard.id, "没有退回")), "state");
    assert_eq!(invalid_field(phone.core.withdraw(hard.id, " ")), "reason");
    assert_eq!(invalid_field(phone.core.note(hard.id, "")), "text");
    assert_eq!(invalid_field(phone.core.list_attempts(hard.id, &[" ".to_owned()])), "attempts");
    assert_eq!(phone.core.withdraw(hard.id, "居民撤回").unwrap().state, MatterState::Withdrawn);
    assert_eq!(invalid_field(phone.core.withdraw(hard.id, "再撤")), "state");
    let missing = MatterId(derived(&["test", "missing"]));
    assert!(matches!(phone.core.note(missing, "无"), Err(Error::NotFound { .. })));
    assert!(matches!(phone.core.matter(missing), Err(Error::NotFound { .. })));
    assert_eq!(names(&phone.core.matter(hard.id).unwrap()), ["report", "withdraw"]);
}

#[test]
fn what_others_did_shows_and_a_late_event_is_marked() {
    let phone = Phone::manager();
    let id = phone.core.report_matter(matter(Track::Professional, "下水道堵塞")).unwrap().id;
    events_arrive(
        &phone,
        id,
        &[
            ("accept", json!({})),
            ("self_handle", json!({"done": "另一人也办了"})),
            ("a_newer_word", json!({"text": "新"})),
        ],
    );
    let shown = phone.core.matter(id).unwrap();
    assert_eq!(shown.state, MatterState::Accepted);
    let late: Vec<bool> = shown.events.iter().map(|event| event.late).collect();
    assert_eq!(late, [false, false, true, true]);
    assert_eq!((shown.events[2].texts[0].text.as_str(), shown.events[2].who_name.as_deref()), ("另一人也办了", None));
    assert!(shown.events[3].kind.is_none());
    events_arrive(&phone, id, &[("start", json!({})), ("handle", json!({"done": "已疏通"}))]);
    let attempts = ["上门两次".to_owned(), "电话一次".to_owned()];
    let listed = phone.core.list_attempts(id, &attempts).unwrap();
    assert_eq!(listed.state, MatterState::ClosedUnreachable);
    assert_eq!(listed.events.last().unwrap().texts[0].text, "上门两次；电话一次");
}

#[test]
fn a_returned_matter_is_reported_again() {
    let phone = Phone::manager();
    let id = phone.core.report_matter(matter(Track::Professional, "路灯不亮")).unwrap().id;
    events_arrive(&phone, id, &[("return", json!({"reason": "请写明位置"}))]);
    assert_eq!(phone.core.matter(id).unwrap().state, MatterState::Returned);
    let again = phone.core.report_again(id, "三号楼东侧").unwrap();
    assert_eq!((again.state, again.reported_at), (MatterState::Reported, Some(Moment::from_ms(MORNING_MS))));
}

#[test]
fn lists_show_what_is_open_and_what_waits() {
    let phone = Phone::manager();
    let old = phone.core.report_matter(matter(Track::Old, "历史遗留")).unwrap();
    phone.clock.add(60_000);
    let quick = phone.core.report_matter(matter(Track::Simple, "换灯泡")).unwrap();
    phone.clock.add(60_000);
    let answered =
        phone.core.report_matter(MatterDraft { done: Some("已换".into()), ..matter(Track::Simple, "换锁") }).unwrap();
    phone.core.answer(answered.id, "测试乙", "当面", "好").unwrap();
    let withdrawn = phone.core.report_matter(matter(Track::Hard, "误报")).unwrap();
    phone.core.withdraw(withdrawn.id, "撤回").unwrap();
    let ids = |filter| phone.core.matters(filter, Page::FIRST).unwrap().iter().map(|one| one.id).collect::<Vec<_>>();
    assert_eq!(ids(MatterFilter::Open), [answered.id, quick.id, old.id]);
    assert_eq!(ids(MatterFilter::Waiting), [quick.id, old.id], "the one due first first");
    assert_eq!(ids(MatterFilter::All).len(), 4);
    let second = Page { skip_count: 1, take_count: 1 };
    assert_eq!(phone.core.matters(MatterFilter::Open, second).unwrap()[0].id, quick.id);
    assert_eq!(ids(MatterFilter::Overdue), []);
    phone.clock.set(MORNING_MS + 6 * DAY_MS);
    assert_eq!(ids(MatterFilter::Overdue), [quick.id]);
    let overdue: Vec<bool> =
        phone.core.matters(MatterFilter::Waiting, Page::FIRST).unwrap().iter().map(|one| one.is_overdue).collect();
    assert_eq!(overdue, [true, false]);
}

#[test]
fn a_matter_belongs_to_the_area_of_what_it_names() {
    let phone = Phone::enrolled(Role::MicroGridManager, &[micro_grid(), other_grid()]);
    let home = phone.home("3", "301", "测试甲").household;
    assert_eq!(invalid_field(phone.core.report_matter(matter(Track::Simple, "哪里"))), "micro_grid");
    let there = MatterDraft { micro_grid: Some(other_grid()), ..matter(Track::Simple, "那里") };
    assert_eq!(phone.core.report_matter(there).unwrap().micro_grid, other_grid());
    let here = MatterDraft { household: Some(home), micro_grid: Some(other_grid()), ..matter(Track::Simple, "这里") };
    assert_eq!(phone.core.report_matter(here).unwrap().micro_grid, micro_grid());
    let above = MatterDraft { micro_grid: Some(community()), ..matter(Track::Simple, "上面") };
    assert!(matches!(phone.core.report_matter(above), Err(Error::NotAllowed)));
    let missing = derived(&["test", "missing"]);
    for draft in [
        MatterDraft { household: Some(HouseholdId(missing)), ..matter(Track::Simple, "无") },
        MatterDraft { resident: Some(ResidentId(missing)), ..matter(Track::Simple, "无") },
        MatterDraft { visit: Some(VisitId(missing)), ..matter(Track::Simple, "无") },
    ] {
        assert!(matches!(phone.core.report_matter(draft), Err(Error::NotFound { .. })));
    }
}

#[test]
fn urgency_and_line_may_change_and_the_rest_may_not() {
    let phone = Phone::manager();
    let id =
        phone.core.report_matter(MatterDraft { line: Some("民政".into()), ..matter(Track::Hard, "积水") }).unwrap().id;
    let edit = MatterEdit { urgency: Some(Urgency::Urgent), line: Some(None) };
    let edited = phone.core.edit_matter(id, &edit).unwrap();
    assert_eq!((edited.urgency, edited.line), (Urgency::Urgent, None));
    let count = phone.operations_count();
    phone.core.edit_matter(id, &edit).unwrap();
    assert_eq!(phone.operations_count(), count);
    let twice = MatterDraft { id: Some(id), ..matter(Track::Hard, "另一件") };
    assert_eq!(invalid_field(phone.core.report_matter(twice)), "id");
}
