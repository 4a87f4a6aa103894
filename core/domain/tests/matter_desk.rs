//! The desk's moves, the overlays and the two clocks of a matter, as people meet them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::NaiveDate;
use serde_json::{Value, json};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
use zoufang_domain::matter::{
    BOUNCES_MAX_COUNT, DESK, EventKind as E, Fold, Hindrance, MatterState, Obstacle, Post, Step, Terms, Track, Turn,
    fold, work_clock,
};
use zoufang_domain::message;
use zoufang_domain::operation::{Entry, Fields, List};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::working_day::WorkingDays;

fn unit(name: &str) -> UnitId {
    UnitId(derived(&["unit", name]))
}

fn post(role: Role, at: &str) -> Post {
    Post { staff: StaffId(derived(&[role.name(), at])), role, unit: unit(at) }
}

/// A matter to which things happen, at nine o'clock on days of a November that begins on a Sunday.
struct Told(Record);

impl Told {
    fn new(track: Track) -> Self {
        let v = Version { at: Stamp::from_ms(1), by: DeviceId(derived(&["device"])), counter: 1 };
        let who = StaffId(derived(&["manager"]));
        let mut record = Record::empty(Kind::Matter, derived(&["matter"]), unit("micro"), v, who);
        record.f.insert("track".into(), json!(track.name()));
        Told(record)
    }
    fn then(mut self, day: u32, event: E, by: Post, data: Value) -> Self {
        let list = self.0.lists.entry(List::Events).or_default();
        let mut data: Fields = serde_json::from_value(data).unwrap();
        data.insert(DESK.into(), json!(by.unit));
        let when = Moment::parse(&format!("2026-11-{day:02}T09:00:00+08:00")).unwrap();
        let id = derived(&["event", &list.len().to_string()]);
        list.push(Entry { id, list: List::Events, what: event.name().into(), when, who: by.staff, data });
        self
    }
    fn fold(&self) -> Fold {
        fold(&self.0)
    }
}

fn manager() -> Post {
    post(Role::MicroGridManager, "micro")
}
fn desk() -> Post {
    post(Role::CommunityDesk, "community")
}
fn street() -> Post {
    post(Role::StreetDispatcher, "street")
}
fn department(name: &str) -> Post {
    post(Role::Department, name)
}

fn accepted(track: Track) -> Told {
    Told::new(track).then(2, E::Report, manager(), json!({})).then(2, E::Accept, desk(), json!({}))
}

#[test]
fn a_matter_that_units_keep_sending_back_is_supervised() {
    let mut told = accepted(Track::Professional);
    for bounce in 1..=BOUNCES_MAX_COUNT {
        assert!(!told.fold().supervised, "after {} bounces", bounce - 1);
        told = told.then(3, E::Dispatch, street(), json!({"unit": unit("water")})).then(
            3,
            E::RejectBack,
            department("water"),
            json!({"reason": "不归我们管"}),
        );
    }
    let folded = told.fold();
    assert!(folded.supervised && folded.events.iter().all(|event| !event.late));
    assert_eq!((folded.bounces_count, folded.unit), (BOUNCES_MAX_COUNT, None));
}

#[test]
fn only_the_unit_in_charge_works_on_a_matter() {
    let dispatched = accepted(Track::Professional).then(3, E::Dispatch, street(), json!({"unit": unit("water")}));
    let folded = dispatched.fold();
    assert_eq!((folded.unit, folded.state.turn()), (Some(unit("water")), Turn::Unit));
    assert_eq!(folded.may(department("water"), E::Sign), Ok(()));
    for other in [department("power"), desk(), street()] {
        assert_eq!(folded.may(other, E::Sign), Err(Hindrance::OtherUnit), "{other:?}");
    }
    assert_eq!(folded.may(department("power"), E::Note), Err(Hindrance::OtherUnit), "nor is it theirs to write on");
    assert_eq!(folded.may(department("water"), E::Note), Ok(()));
    assert_eq!(folded.may(post(Role::Supervisor, "city"), E::Note), Err(Hindrance::Role), "sees, and changes nothing");
    assert!(folded.moves(post(Role::Supervisor, "city")).is_empty());
    assert_eq!(folded.moves(department("water")), [E::RejectBack, E::Sign, E::Note]);
    assert_eq!(folded.may(desk(), E::Accept), Err(Hindrance::Matter(Obstacle::State)));
}

#[test]
fn neither_who_handled_it_nor_their_desk_verifies_it() {
    let answered = accepted(Track::Professional)
        .then(3, E::Start, desk(), json!({}))
        .then(4, E::Handle, desk(), json!({"done": "已修好"}))
        .then(4, E::Answer, manager(), json!({"told": "测试甲", "how": "上门"}));
    let folded = answered.fold();
    let colleague = Post { staff: StaffId(derived(&["colleague"])), ..desk() };
    for verifies in [E::VerifyOk, E::VerifyNot] {
        assert_eq!(folded.may(desk(), verifies), Err(Hindrance::Matter(Obstacle::HandledIt)));
        assert_eq!(folded.may(colleague, verifies), Err(Hindrance::Matter(Obstacle::HandledIt)), "of the same desk");
        assert_eq!(folded.may(street(), verifies), Ok(()));
    }
    let forced = answered.then(5, E::VerifyOk, colleague, json!({})).fold();
    assert!(forced.events.last().unwrap().late && forced.state == MatterState::Answered, "and the fold holds to it");
}

#[test]
fn nothing_is_closed_without_an_answer_and_nothing_old_without_its_facts() {
    let handled = accepted(Track::Old).then(3, E::Start, desk(), json!({})).then(
        4,
        E::Handle,
        desk(),
        json!({"done": "补办了手续"}),
    );
    assert_eq!(handled.fold().may(street(), E::Close), Err(Hindrance::Matter(Obstacle::State)));
    let answered = handled.then(5, E::Answer, manager(), json!({"told": "测试甲", "how": "上门"}));
    assert_eq!(answered.fold().may(street(), E::Close), Err(Hindrance::Matter(Obstacle::NoFacts)));
    let with_facts = answered.then(6, E::FactFile, manager(), json!({"facts": "十年前分房时漏登"}));
    assert_eq!(with_facts.fold().may(street(), E::Close), Ok(()));
    let closed = with_facts.then(6, E::Close, street(), json!({"ending": "resolved"}));
    assert_eq!((closed.fold().state, closed.fold().ending.unwrap().name()), (MatterState::Closed, "resolved"));
    let simple = Told::new(Track::Simple).then(2, E::Report, manager(), json!({}));
    assert_eq!(simple.fold().may(manager(), E::FactFile), Err(Hindrance::Matter(Obstacle::Track)));
}

#[test]
fn the_clock_of_those_who_work_stands_still_while_a_matter_is_put_off() {
    let days = WorkingDays::default();
    let terms = Terms { accept_days: 1, handle_days: 3, answer_days: 7 };
    let day = |day: u32| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let clock = |told: &Told, today: u32| work_clock(&told.fold(), terms, &days, day(today));
    let reported = Told::new(Track::Professional).then(2, E::Report, manager(), json!({}));
    let first = clock(&reported, 3).unwrap();
    assert_eq!((first.step, first.due, first.is_stopped), (Step::Accept, day(3), false));
    assert!(clock(&reported, 4).unwrap().is_overdue(day(4)));
    // Returned on Tuesday, reported again on Friday: three working days that were not the desk's.
    let returned = reported.then(3, E::Return, desk(), json!({"reason": "写明位置"}));
    assert!(clock(&returned, 30).unwrap().is_stopped && !clock(&returned, 30).unwrap().is_overdue(day(30)));
    let again = returned.then(6, E::Report, manager(), json!({}));
    assert_eq!(clock(&again, 6).unwrap().due, day(6));
    let begun = again.then(6, E::Accept, desk(), json!({})).then(6, E::Start, desk(), json!({}));
    let working = clock(&begun, 6).unwrap();
    assert_eq!((working.step, working.due), (Step::Handle, day(11)), "Monday, Tuesday, Wednesday");
    let suspended = begun.then(10, E::Suspend, street(), json!({"reason": "等材料", "review": "2026-11-16"}));
    assert_eq!(suspended.fold().review, Some(day(16)));
    assert_eq!(clock(&suspended, 12).unwrap().due, day(13), "two days further already");
    let resumed = suspended.then(16, E::Start, street(), json!({}));
    assert_eq!(clock(&resumed, 16).unwrap().due, day(17), "four working days were put off");
    let asked = resumed.then(17, E::AskExtension, desk(), json!({"reason": "零件未到", "until": "2026-11-25"}));
    assert!(clock(&asked, 18).unwrap().is_overdue(day(18)), "asking gives no time");
    let granted = asked.then(18, E::GrantExtension, street(), json!({"until": "2026-11-24"}));
    assert_eq!(clock(&granted, 18).unwrap().due, day(24));
    let handled = granted.then(24, E::Handle, desk(), json!({"done": "已修好"}));
    assert_eq!(clock(&handled, 30), None, "the rest is the resident's clock");
}

#[test]
fn every_hindrance_has_its_message_and_every_state_its_turn() {
    let obstacles = [Obstacle::State, Obstacle::Track, Obstacle::HandledIt, Obstacle::NoAnswer, Obstacle::NoFacts];
    let all = obstacles.map(Hindrance::Matter).into_iter().chain([Hindrance::Role, Hindrance::OtherUnit]);
    all.for_each(|one| assert!(message::exists(one.message_id()), "{one:?}"));
    // Whose turn it is has a move: nobody waits for someone who can do nothing.
    for state in MatterState::ALL.iter().filter(|state| **state != MatterState::Closed) {
        let turn = state.turn();
        let can = E::ALL.iter().map(|event| event.transition()).any(|row| {
            let role = match turn {
                Turn::Field => Role::MicroGridManager,
                Turn::Desk => Role::CommunityDesk,
                Turn::Dispatcher => Role::StreetDispatcher,
                Turn::Unit => Role::Department,
                Turn::Nobody => return false,
            };
            row.from.contains(state) && row.to.is_some() && row.who.includes(role)
        });
        assert!(can, "{} waits for {}", state.name(), turn.name());
    }
}

#[test]
fn what_a_move_needs_is_read_as_what_it_is() {
    let check = |event: E, data: Value| event.check(&serde_json::from_value(data).unwrap());
    assert_eq!(check(E::Suspend, json!({"reason": "等", "review": "下周"})), Err("review"));
    assert_eq!(check(E::Dispatch, json!({"unit": "水务"})), Err("unit"));
    assert_eq!(check(E::Close, json!({"ending": "done"})), Err("ending"));
    assert_eq!(check(E::Supervise, json!({"level": "planet"})), Err("level"));
    assert_eq!(check(E::Supervise, json!({"level": "street"})), Ok(()));
    assert_eq!(check(E::FactFile, json!({"facts": " "})), Err("facts"));
    assert_eq!(check(E::GrantExtension, json!({"until": "2026-12-01"})), Ok(()));
}
