//! The matter machine, as people meet it.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use proptest::prelude::*;
use serde_json::json;
use zoufang_domain::authority;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
use zoufang_domain::matter::{EventKind, MatterState, fold};
use zoufang_domain::operation::{Action, Entry, Fields, List, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{Stamp, Version};

fn event(at: usize, kind: EventKind, who: &str) -> Entry {
    Entry {
        id: derived(&["event", &at.to_string()]),
        list: List::Events,
        what: kind.name().into(),
        when: Moment::from_ms(at as i64 * 60_000),
        who: StaffId(derived(&[who])),
        data: Fields::new(),
    }
}

fn matter(track: &str, events: &[(EventKind, &str)]) -> Record {
    let v = Version { at: Stamp::from_ms(1), by: DeviceId(derived(&["device"])), counter: 1 };
    let who = StaffId(derived(&["manager"]));
    let mut record = Record::empty(Kind::Matter, derived(&["matter"]), UnitId(derived(&["area"])), v, who);
    record.f.insert("track".into(), json!(track));
    let entries = events.iter().enumerate().map(|(at, (kind, who))| event(at, *kind, who)).collect();
    record.lists.insert(List::Events, entries);
    record
}

use EventKind as E;

#[test]
fn a_simple_matter_is_handled_on_the_spot_and_answered_offline() {
    let folded = fold(&matter("simple", &[(E::Report, "manager"), (E::SelfHandle, "manager"), (E::Answer, "manager")]));
    assert_eq!(folded.state, MatterState::Answered);
    assert!(folded.answered_at.is_some());
    assert!(folded.events.iter().all(|event| !event.late));
}

#[test]
fn only_simple_matters_are_handled_on_the_spot() {
    let folded = fold(&matter("hard", &[(E::Report, "manager"), (E::SelfHandle, "manager")]));
    assert_eq!(folded.state, MatterState::Reported);
    assert!(folded.events[1].late, "kept as a late note, not dropped");
}

#[test]
fn who_handled_it_cannot_verify_it() {
    let whole = [
        (E::Report, "manager"),
        (E::Accept, "desk"),
        (E::Start, "unit"),
        (E::Handle, "unit"),
        (E::Answer, "unit"),
        (E::VerifyOk, "unit"),
    ];
    let folded = fold(&matter("professional", &whole));
    assert_eq!(folded.state, MatterState::Answered);
    assert!(folded.events[5].late);
    let mut by_another = whole;
    by_another[5].1 = "manager";
    assert_eq!(fold(&matter("professional", &by_another)).state, MatterState::VerifiedOk);
}

#[test]
fn the_second_of_two_settlements_becomes_a_note() {
    let folded = fold(&matter("simple", &[(E::Report, "a"), (E::SelfHandle, "a"), (E::SelfHandle, "b")]));
    assert_eq!(folded.state, MatterState::SelfHandled);
    assert_eq!(folded.events.iter().map(|event| event.late).collect::<Vec<_>>(), [false, false, true]);
}

proptest! {
    /// Whatever events arrive, in whatever order: the fold ends, nothing is closed without an answer, listed attempts or a withdrawal, and
    /// every event is still there to be read.
    #[test]
    fn nothing_is_closed_without_an_answer(picks in prop::collection::vec((0..EventKind::ALL.len(), 0..3_usize), 0..60)) {
        let people = ["manager", "desk", "unit"];
        let events: Vec<(EventKind, &str)> = picks.iter().map(|(kind, who)| (EventKind::ALL[*kind], people[*who])).collect();
        let folded = fold(&matter("simple", &events));
        prop_assert_eq!(folded.events.len(), events.len());
        let withdrawn = events.iter().any(|(kind, _)| *kind == E::Withdraw);
        if folded.state == MatterState::Closed && !withdrawn {
            prop_assert!(folded.answered_at.is_some());
        }
    }
}

fn appended(event: EventKind) -> Operation {
    let entry = self::event(1, event, "leader");
    Operation {
        counter: 1,
        at: Stamp::from_ms(1),
        staff: entry.who,
        area: UnitId(derived(&["area"])),
        kind: Kind::Matter,
        id: derived(&["matter"]),
        action: Action::Append { entry },
    }
}

/// A phone may be offline for days: what decides between people is done where the server sees all of it.
#[test]
fn no_phone_makes_a_move_of_the_desks_whoever_carries_it() {
    for role in Role::ALL {
        for event in EventKind::ALL.iter().filter(|event| !event.transition().offline) {
            let moved = authority::may(role, &appended(*event));
            assert_eq!(moved, Err(Refusal::NotAllowed), "{} {}", role.name(), event.name());
        }
    }
    assert_eq!(authority::may(Role::GridLeader, &appended(E::Answer)), Ok(()));
    assert_eq!(authority::may_at_desk(Role::GridLeader, &appended(E::Accept)), Ok(()));
    assert_eq!(authority::may_at_desk(Role::GridLeader, &appended(E::Dispatch)), Err(Refusal::NotAllowed));
    assert_eq!(authority::may_at_desk(Role::Supervisor, &appended(E::Note)), Err(Refusal::NotAllowed));
}
