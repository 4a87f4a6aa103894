//! Every matter gets an answer: whose turn it is, what waits, the ledger of answers, the facts of old matters, terms that came down.

use crate::matters::{events_arrive, matter};
use crate::phone::{DAY_MS, MORNING_MS, Phone, community, invalid_field, micro_grid, record_elsewhere};
use serde_json::{Value, json};
use zoufang_core::matters::{FactFile, MatterDraft, MatterFilter};
use zoufang_core::views::Page;
use zoufang_domain::calendar::Moment;
use zoufang_domain::matter::{EventKind as E, MatterState, Step, Track, Turn};
use zoufang_domain::schema::Kind;

#[test]
fn a_simple_matter_is_handled_and_answered_in_one_step_or_not_at_all() {
    let phone = Phone::manager();
    let id = phone.core.report_matter(matter(Track::Simple, "灯泡坏了")).unwrap().id;
    assert_eq!(invalid_field(phone.core.handle_and_answer(id, "已换", "", "当面", "")), "told");
    assert_eq!(phone.core.matter(id).unwrap().state, MatterState::Reported, "neither of the two was kept");
    let answered = phone.core.handle_and_answer(id, "已换", "测试甲", "当面", "谢谢").unwrap();
    assert_eq!((answered.state, answered.standing.turn), (MatterState::Answered, Turn::Desk));
    assert_eq!(invalid_field(phone.core.handle_and_answer(id, "再换", "测试甲", "当面", "")), "state");
    let hard = phone.core.report_matter(matter(Track::Hard, "积水")).unwrap().id;
    assert_eq!(invalid_field(phone.core.handle_and_answer(hard, "已办", "测试甲", "当面", "")), "state");
}

#[test]
fn the_ledger_says_of_each_matter_who_was_told_or_what_was_tried() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    let of_home = |summary: &str| MatterDraft { household: Some(home), ..matter(Track::Simple, summary) };
    let waits = phone.core.report_matter(of_home("换锁")).unwrap().id;
    phone.clock.add(60_000);
    let tried = phone.core.report_matter(MatterDraft { done: Some("已修".into()), ..of_home("修门") }).unwrap().id;
    phone.core.list_attempts(tried, &["上门两次".into(), "电话一次".into()]).unwrap();
    phone.clock.add(60_000);
    let told = phone.core.report_matter(of_home("换灯泡")).unwrap().id;
    phone.core.handle_and_answer(told, "已换", "测试甲", "当面", "满意").unwrap();
    let ledger = phone.core.answer_ledger(Page::FIRST).unwrap();
    assert_eq!(
        ledger.iter().map(|line| (line.matter, line.waits)).collect::<Vec<_>>(),
        [(told, false), (tried, false), (waits, true)]
    );
    let answer = &ledger[0].answers[0];
    assert_eq!((answer.told.as_str(), answer.how.as_str(), answer.words.as_str()), ("测试甲", "当面", "满意"));
    assert_eq!(answer.who_name.as_deref(), Some("测试管理员"));
    assert_eq!(ledger[1].answers[0].attempts, ["上门两次", "电话一次"]);
    assert!(ledger[2].answers.is_empty() && !ledger[2].is_overdue);
    phone.clock.add(10 * DAY_MS);
    assert!(phone.core.answer_ledger(Page { skip_count: 2, take_count: 1 }).unwrap()[0].is_overdue);
    assert_eq!(phone.core.matters(MatterFilter::Overdue, Page::FIRST).unwrap()[0].id, waits);
    // An answer to a matter that was opened again is still in the ledger, and a new one is waited for.
    let again = [("close", json!({"ending": "resolved"})), ("reopen", json!({"reason": "又坏了"}))];
    events_arrive(&phone, told, &again);
    let reopened = &phone.core.answer_ledger(Page::FIRST).unwrap()[0];
    assert!(reopened.waits && reopened.answers.len() == 1);
}

#[test]
fn an_old_matter_lacks_its_facts_until_somebody_writes_them_down() {
    let phone = Phone::manager();
    let old = phone.core.report_matter(matter(Track::Old, "房产证历史遗留")).unwrap();
    assert!(old.standing.lacks_facts && old.standing.moves.contains(&E::FactFile));
    let empty = FactFile { since: "2008 年".into(), ..FactFile::default() };
    assert_eq!(invalid_field(phone.core.add_fact_file(old.id, &empty)), "facts");
    let file = FactFile { facts: "分房时漏登".into(), tried: "去过两次".into(), ..empty };
    let with_facts = phone.core.add_fact_file(old.id, &file).unwrap();
    assert!(!with_facts.standing.lacks_facts);
    let texts: Vec<&str> = with_facts.events[1].texts.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(texts, ["facts", "since", "tried"], "what was left empty is not written");
    let simple = phone.core.report_matter(matter(Track::Simple, "灯泡")).unwrap().id;
    assert_eq!(invalid_field(phone.core.add_fact_file(simple, &file)), "state");
}

#[test]
fn each_matter_says_whose_turn_it_is_and_what_this_phone_may_do() {
    let phone = Phone::manager();
    let reported = phone.core.report_matter(matter(Track::Simple, "漏水")).unwrap();
    assert_eq!(reported.standing.turn, Turn::Desk);
    assert_eq!(reported.standing.moves, [E::SelfHandle, E::Withdraw, E::Note], "no move of a desk among them");
    let data = json!({"unit": community(), "desk": community()});
    events_arrive(&phone, reported.id, &[("accept", json!({"desk": community()})), ("dispatch", data)]);
    let dispatched = phone.core.matter(reported.id).unwrap();
    assert_eq!(dispatched.standing.turn, Turn::Unit);
    assert_eq!(dispatched.standing.moves, [E::Note]);
    assert!(dispatched.events[1].texts.is_empty(), "from whose desk is no text");
    let work = dispatched.standing.work.unwrap();
    assert_eq!((work.step, work.is_stopped, work.is_overdue), (Step::Handle, false, false));
    events_arrive(
        &phone,
        reported.id,
        &[("sign", json!({})), ("start", json!({})), ("suspend", json!({"reason": "等材料", "review": "2026-12-01"}))],
    );
    phone.clock.set(MORNING_MS + 30 * DAY_MS);
    let suspended = phone.core.matter(reported.id).unwrap();
    assert!(suspended.standing.work.unwrap().is_stopped && suspended.is_overdue, "the resident's clock runs on");
}

#[test]
fn terms_that_came_down_decide_when_an_answer_is_due() {
    let phone = Phone::manager();
    let today = Moment::from_ms(MORNING_MS).day();
    let rule = json!({"name": "求助五日", "kind": "help", "accept_days": 1, "handle_days": 2, "answer_days": 5, "from": today});
    let off = today.succ_opt().unwrap();
    let year = json!({"year": 2026, "days_off": [off], "make_up_days": []});
    for (kind, fields) in [(Kind::MatterRule, rule), (Kind::Calendar, year.clone())] {
        let fields: Vec<(String, Value)> = fields.as_object().unwrap().clone().into_iter().collect();
        let fields: Vec<(&str, Value)> = fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let mut record = record_elsewhere(kind, kind.name(), &fields);
        // A unit's own rule; how units above are found is tried in the whole world.
        record.area = micro_grid();
        phone.receive(&record);
    }
    let mut days = zoufang_domain::working_day::WorkingDays::default();
    days.take(&serde_json::from_value(year).unwrap());
    let reported = phone.core.report_matter(matter(Track::Hard, "积水")).unwrap();
    assert_eq!(reported.due.day(), days.after(today, 5));
    assert_eq!(reported.standing.work.unwrap().due, days.after(today, 1));
}
