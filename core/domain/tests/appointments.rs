//! Appointments: which states follow which, what a standing must say, whose change is taken, and the task that an agreed time makes.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use zoufang_domain::appointment::AppointmentState::{Agreed, Cancelled, Changed, Kept, Missed, Proposed};
use zoufang_domain::appointment::{
    Appointment, AppointmentState, Party, Purpose, SLOTS_MAX_COUNT, STANDING, Slot, Standing, may_follow, may_stand,
};
use zoufang_domain::calendar::Moment;
use zoufang_domain::due::{TaskState, appointment_task, task_id};
use zoufang_domain::ids::{AppointmentId, DeviceId, HouseholdId, StaffId, UnitId, VisitId, derived};
use zoufang_domain::message::Language;
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::{authority, conflict, index, merge, validate};

fn at(text: &str) -> Moment {
    Moment::parse(text).unwrap()
}

fn slot(from: &str, to: &str) -> Slot {
    Slot { from: at(&format!("2026-11-{from}:00+08:00")), to: at(&format!("2026-11-{to}:00+08:00")) }
}

fn nine() -> Slot {
    slot("05T09:00", "05T10:00")
}

fn manager() -> StaffId {
    StaffId(derived(&["test", "manager"]))
}

/// A sound value in each state.
fn standing(state: AppointmentState) -> Standing {
    let plain = Standing { slot: Some(nine()), staff: Some(manager()), ..Standing::proposed() };
    match state {
        Proposed => Standing::proposed(),
        Agreed | Kept | Cancelled => Standing { state, ..plain },
        Changed => Standing { state, reason: Some("测试改期".into()), ..plain },
        Missed => Standing { state, missed_by: Some(Party::Resident), ..plain },
    }
}

fn appointment(standing: Standing) -> Appointment {
    Appointment {
        household: HouseholdId(derived(&["test", "home"])),
        purpose: Purpose::Visit,
        proposed_by: Party::Resident,
        note: "测试预约".into(),
        slots: vec![slot("06T09:00", "06T10:00"), nine()],
        standing,
    }
}

fn operation(device: &str, counter: u64, action: Action) -> (Operation, DeviceId) {
    let operation = Operation {
        counter,
        at: Stamp::from_ms(1_793_841_120_000 + counter as i64),
        staff: StaffId(derived(&["test", device])),
        area: UnitId(derived(&["test", "area"])),
        kind: Kind::Appointment,
        id: derived(&["test", "appointment"]),
        action,
    };
    (operation, DeviceId(derived(&["device", device])))
}

fn begun(state: AppointmentState) -> Record {
    let Value::Object(fields) = json!(appointment(standing(state))) else { unreachable!() };
    let action = Action::Create { fields: fields.into_iter().collect(), entries: Vec::new() };
    apply(None, &operation("a", 1, action)).unwrap()
}

/// As both sides do it: judged, then merged.
fn apply(record: Option<Record>, (operation, device): &(Operation, DeviceId)) -> Result<Record, Refusal> {
    if let Some(known) = &record {
        may_follow(known, operation)?;
    }
    merge::apply(record, operation, operation.version(*device, operation.at)).map(|applied| applied.record)
}

fn edit(record: &Record, to: &Standing) -> Action {
    conflict::edit(record, Fields::from([(STANDING.to_owned(), json!(to))]))
}

#[test]
fn every_pair_of_states_is_decided() {
    let legal = |from: AppointmentState| -> &[AppointmentState] {
        match from {
            Proposed => &[Agreed, Cancelled],
            Agreed | Changed => &[Changed, Kept, Missed, Cancelled],
            Kept | Missed | Cancelled => &[],
        }
    };
    for from in AppointmentState::ALL {
        assert_eq!(from.is_final(), legal(from).is_empty());
        assert_eq!(AppointmentState::from_name(from.name()), Some(from));
        for to in AppointmentState::ALL {
            assert_eq!(may_stand(from, to), legal(from).contains(&to), "{from:?} to {to:?}");
            // The same through an operation on a record.
            let mut record = begun(Proposed);
            record.f.insert(STANDING.into(), json!(standing(from)));
            let mut next = standing(to);
            // Another slot, so that no state is simply said again.
            next.slot = next.slot.map(|_| slot("07T09:00", "07T10:00"));
            let taken = apply(Some(record.clone()), &operation("b", 1, edit(&record, &next)));
            let said_again = (from, to) == (Proposed, Proposed);
            assert_eq!(taken.is_ok(), legal(from).contains(&to) || said_again, "{from:?} to {to:?}");
        }
    }
}

#[test]
fn a_standing_says_what_its_state_needs_and_nothing_else() {
    AppointmentState::ALL.into_iter().for_each(|state| assert_eq!(standing(state).check(), Ok(()), "{state:?}"));
    let wrong = |state: AppointmentState, spoil: fn(&mut Standing)| {
        let mut spoilt = standing(state);
        spoil(&mut spoilt);
        spoilt.check().unwrap_err()
    };
    assert_eq!(wrong(Proposed, |it| it.slot = Some(nine())), "slot");
    assert_eq!(wrong(Agreed, |it| it.slot = None), "slot");
    assert_eq!(wrong(Agreed, |it| it.slot = Some(slot("05T10:00", "05T10:00"))), "slot");
    assert_eq!(wrong(Agreed, |it| it.slot = Some(slot("05T10:00", "06T10:01"))), "slot", "longer than a day");
    assert_eq!(wrong(Changed, |it| it.reason = None), "reason");
    assert_eq!(wrong(Cancelled, |it| it.reason = Some(" ".into())), "reason");
    assert_eq!(wrong(Missed, |it| it.missed_by = None), "missed_by");
    assert_eq!(wrong(Kept, |it| it.missed_by = Some(Party::Manager)), "missed_by");
    assert_eq!(wrong(Agreed, |it| it.visit = Some(VisitId(derived(&["v"])))), "visit");
    let turned = standing(Changed).turned(Kept);
    assert_eq!((turned.slot, turned.staff, turned.reason), (Some(nine()), Some(manager()), None));
}

#[test]
fn an_appointment_begins_proposed_or_agreed_with_one_to_five_slots() {
    for state in AppointmentState::ALL {
        let begins = appointment(standing(state)).check();
        assert_eq!(begins, if matches!(state, Proposed | Agreed) { Ok(()) } else { Err("standing") }, "{state:?}");
    }
    let with = |slots: Vec<Slot>| Appointment { slots, ..appointment(standing(Proposed)) }.check();
    assert_eq!(with(Vec::new()), Err("slots"));
    assert_eq!(with(vec![nine(); SLOTS_MAX_COUNT]), Ok(()));
    assert_eq!(with(vec![nine(); SLOTS_MAX_COUNT + 1]), Err("slots"));
    assert_eq!(with(vec![nine(), slot("05T10:00", "05T09:00")]), Err("slots"));
}

#[test]
fn an_operation_of_another_shape_is_refused_by_the_field() {
    let field_of = |action: Action| match validate::check(&operation("a", 1, action).0) {
        Err(Refusal::Invalid { field }) => field,
        other => panic!("{other:?}"),
    };
    let create = |spoil: Value| {
        let Value::Object(mut fields) = json!(appointment(standing(Proposed))) else { unreachable!() };
        let Value::Object(spoilt) = spoil else { unreachable!() };
        fields.extend(spoilt);
        Action::Create { fields: fields.into_iter().collect(), entries: Vec::new() }
    };
    assert_eq!(field_of(create(json!({"slots": []}))), "slots");
    assert_eq!(field_of(create(json!({"standing": standing(Kept)}))), "standing");
    assert_eq!(field_of(create(json!({"standing": null}))), "fields");
    assert!(validate::check(&operation("a", 1, create(json!({}))).0).is_ok());
    let record = begun(Proposed);
    let set = |value: Value| conflict::edit(&record, Fields::from([(STANDING.to_owned(), value)]));
    assert_eq!(field_of(set(json!({"state": "agreed"}))), "standing");
    assert_eq!(field_of(set(json!({"state": "dreamt"}))), "standing");
    assert_eq!(field_of(set(Value::Null)), "standing");
    // Everything else is a fact.
    let action = conflict::edit(&record, Fields::from([("note".to_owned(), json!("测试"))]));
    let refused = apply(Some(record.clone()), &operation("a", 2, action));
    assert_eq!(refused, Err(Refusal::FactIsFixed { field: "note".into() }));
}

#[test]
fn two_changes_that_did_not_see_each_other_are_a_conflict_until_one_is_chosen() {
    let agreed = begun(Agreed);
    let (kept, cancelled) = (standing(Kept), standing(Cancelled));
    let a = operation("a", 2, edit(&agreed, &kept));
    let b = operation("b", 5, edit(&agreed, &cancelled));
    let both = apply(Some(apply(Some(agreed.clone()), &a).unwrap()), &b).unwrap();
    let other = apply(Some(apply(Some(agreed), &b).unwrap()), &a).unwrap();
    assert_eq!(both, other, "in any order");
    let open = conflict::of(&both);
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].base, json!(standing(Agreed)));
    assert_eq!(both.f[STANDING], json!(cancelled), "the later is shown");

    // A third value does not settle what is final, one of the two does.
    let third = Standing { slot: Some(slot("09T09:00", "09T10:00")), ..standing(Changed) };
    let refused = apply(Some(both.clone()), &operation("a", 3, conflict::settle(&both, STANDING, json!(third))));
    assert_eq!(refused, Err(Refusal::NotNow));
    let settled =
        apply(Some(both.clone()), &operation("a", 3, conflict::settle(&both, STANDING, json!(kept)))).unwrap();
    assert_eq!((conflict::of(&settled).len(), &settled.f[STANDING]), (0, &json!(kept)));
}

#[test]
fn nothing_final_is_overwritten_by_who_has_not_seen_it() {
    let agreed = begun(Agreed);
    let kept = apply(Some(agreed.clone()), &operation("a", 2, edit(&agreed, &standing(Kept)))).unwrap();
    // An altered phone that names the final value and says to have seen another.
    let Action::Set { fields, base, .. } = edit(&kept, &standing(Cancelled)) else { unreachable!() };
    let was = Fields::from([(STANDING.to_owned(), json!(standing(Agreed)))]);
    let lie = Action::Set { fields, base, was };
    assert!(apply(Some(kept.clone()), &operation("b", 1, lie)).is_err());
    // One that names a value that is not there stands against the final one; a person decides.
    let Action::Set { fields, was, .. } = edit(&agreed, &standing(Cancelled)) else { unreachable!() };
    let stale = Action::Set { fields, base: BTreeMap::new(), was };
    let contested = apply(Some(kept), &operation("b", 1, stale)).unwrap();
    assert_eq!(conflict::of(&contested).len(), 1);
}

#[test]
fn the_columns_say_where_it_stands_and_when() {
    let columns = index::index(&begun(Proposed));
    assert_eq!((columns.status.as_str(), columns.class.as_str(), columns.due), ("proposed", "visit", None));
    assert_eq!(columns.parent, Some(derived(&["test", "home"])));
    assert_eq!(columns.sort, "2026-11-05T01:00:00Z", "the first slot that would suit");
    let columns = index::index(&begun(Agreed));
    assert_eq!(columns.due.as_deref(), Some("2026-11-05T02:00:00Z"));
    let agreed = begun(Agreed);
    let kept = apply(Some(agreed.clone()), &operation("a", 2, edit(&agreed, &standing(Kept)))).unwrap();
    assert_eq!((index::index(&kept).status.as_str(), index::index(&kept).due), ("kept", None));
}

#[test]
fn the_same_person_at_the_same_time_is_a_clash_and_the_end_is_not_part_of_a_slot() {
    let with =
        |slot: Slot, staff: StaffId| appointment(Standing { slot: Some(slot), staff: Some(staff), ..standing(Agreed) });
    let one = with(nine(), manager());
    let other = StaffId(derived(&["test", "colleague"]));
    assert!(one.clashes(&with(slot("05T09:59", "05T11:00"), manager())));
    assert!(one.clashes(&with(slot("05T08:00", "05T12:00"), manager())));
    assert!(!one.clashes(&with(slot("05T10:00", "05T11:00"), manager())));
    assert!(!one.clashes(&with(nine(), other)));
    assert!(!one.clashes(&appointment(standing(Kept))) && !one.clashes(&appointment(standing(Proposed))));
}

#[test]
fn an_agreed_day_is_a_task_and_its_past_slot_is_overdue_until_someone_says_what_came_of_it() {
    let id = AppointmentId(derived(&["test", "appointment"]));
    let task = |state: AppointmentState, now: &str| appointment_task(id, &appointment(standing(state)), at(now));
    let state_at = |now: &str| task(Agreed, now).map(|task| task.state);
    assert_eq!(state_at("2026-11-04T23:59:59+08:00"), None, "not before its day in China");
    assert_eq!(state_at("2026-11-05T00:00:00+08:00"), Some(TaskState::Due));
    assert_eq!(state_at("2026-11-05T09:59:59+08:00"), Some(TaskState::Due));
    assert_eq!(state_at("2026-11-05T10:00:00+08:00"), Some(TaskState::Overdue));
    assert_eq!(state_at("2026-12-05T10:00:00+08:00"), Some(TaskState::Overdue));
    for done in [Proposed, Kept, Missed, Cancelled] {
        assert_eq!(task(done, "2026-11-06T09:00:00+08:00"), None, "{done:?}");
    }
    let found = task(Changed, "2026-11-05T09:00:00+08:00").unwrap();
    let (home, day) = (HouseholdId(derived(&["test", "home"])), nine().from.day());
    assert_eq!((found.id, found.household, found.turn.from), (task_id(id.0, home, day), home, day));
}

#[test]
fn who_walks_has_the_phone_and_the_community_desk_takes_down_at_the_desk() {
    let record = begun(Agreed);
    let Value::Object(fields) = json!(appointment(standing(Proposed))) else { unreachable!() };
    let create = operation("a", 1, Action::Create { fields: fields.into_iter().collect(), entries: Vec::new() }).0;
    let set = operation("a", 2, edit(&record, &standing(Kept))).0;
    let void = operation("a", 3, Action::Void { reason: "测试".into() }).0;
    for role in Role::ALL {
        let walks = matches!(role, Role::MicroGridManager | Role::GridWorker | Role::Auxiliary | Role::GridLeader);
        let settles = matches!(role, Role::GridLeader | Role::CommunityDesk | Role::StreetDispatcher);
        let on_phone = [&create, &set, &void].map(|one| authority::may(role, one).is_ok());
        assert_eq!(on_phone, [walks, walks, false], "{role:?}");
        let at_desk = [&create, &set, &void].map(|one| authority::may_at_desk(role, one).is_ok());
        assert_eq!(at_desk, [role == Role::CommunityDesk, walks || settles, false], "{role:?}");
        assert_eq!(authority::takes_appointments(role), at_desk[0]);
    }
}

#[test]
fn people_read_a_standing_in_one_line() {
    assert_eq!(standing(Changed).said(Language::Zh), "已改约 · 2026-11-05 09:00–10:00 · 测试改期");
    let night = Standing { slot: Some(slot("05T22:00", "06T01:00")), ..standing(Missed) };
    assert_eq!(night.said(Language::En), "Missed · 2026-11-05 22:00–2026-11-06 01:00 · Resident");
}
