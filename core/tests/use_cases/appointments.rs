use crate::phone::{
    DAY_MS, MORNING_MS, Phone, colleague, invalid_field, micro_grid, other_grid, record_elsewhere, staff,
    version_elsewhere,
};
use serde_json::json;
use zoufang_core::Error;
use zoufang_core::appointments::AppointmentDraft;
use zoufang_core::views::{AppointmentView, DueListView, HomeView, Page, SyncState};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::appointment::{AppointmentState, Party, Purpose, Slot, Standing};
use zoufang_domain::calendar::Moment;
use zoufang_domain::due::TaskState;
use zoufang_domain::ids::{AppointmentId, HouseholdId, VisitId, derived};
use zoufang_domain::record::Head;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::validate::TEXT_MAX_CHARS;
use zoufang_domain::visit::{Mode, Outcome};

const HOUR_MS: i64 = 3600 * 1000;

/// An hour that begins so many hours after the morning.
fn in_hours(hours: i64) -> Slot {
    let from = MORNING_MS + hours * HOUR_MS;
    Slot { from: Moment::from_ms(from), to: Moment::from_ms(from + HOUR_MS) }
}

fn asked(home: &HomeView, slots: Vec<Slot>) -> AppointmentDraft {
    AppointmentDraft::new(home.household, Purpose::Visit, Party::Resident, slots)
}

fn agreed(phone: &Phone, home: &HomeView, slot: Slot) -> AppointmentView {
    let draft = AppointmentDraft { agreed: Some(slot), ..asked(home, vec![slot]) };
    phone.core.propose_appointment(&draft).unwrap()
}

fn due(phone: &Phone) -> DueListView {
    phone.core.due_list(None).unwrap()
}

#[test]
fn an_appointment_goes_from_asked_for_to_kept_with_its_visit() {
    let phone = Phone::manager();
    let home = phone.home("3", "101", "测试甲");
    let draft =
        AppointmentDraft { note: "测试：想办证明".into(), ..asked(&home, vec![in_hours(30), in_hours(26)]) };
    let draft = AppointmentDraft { purpose: Purpose::Errand, ..draft };
    let proposed = phone.core.propose_appointment(&draft).unwrap();
    assert_eq!((proposed.state, proposed.slot, proposed.staff), (AppointmentState::Proposed, None, None));
    assert_eq!((proposed.proposed_by, proposed.purpose), (Party::Resident, Purpose::Errand));
    assert_eq!((proposed.note.as_str(), proposed.micro_grid), ("测试：想办证明", micro_grid()));
    assert_eq!((proposed.sync, proposed.title.as_str()), (SyncState::Queued, "3号楼1单元101室 测试甲"));

    let id = proposed.id;
    let taken = phone.core.agree_appointment(id, in_hours(26)).unwrap();
    assert_eq!((taken.slot, taken.staff), (Some(in_hours(26)), Some(staff())));
    assert_eq!(taken.staff_name.as_deref(), Some("测试管理员"));
    let moved = phone.core.change_appointment(id, in_hours(27), "居民上午有事").unwrap();
    assert_eq!((moved.state, moved.slot), (AppointmentState::Changed, Some(in_hours(27))));
    assert_eq!(moved.reason.as_deref(), Some("居民上午有事"));

    let visit = phone.core.save_visit(VisitDraft::new(home.household, Mode::Door, Outcome::Done)).unwrap();
    let kept = phone.core.keep_appointment(id, Some(visit.id)).unwrap();
    assert_eq!((kept.state, kept.visit, &kept.reason), (AppointmentState::Kept, Some(visit.id), &None));
    assert_eq!((kept.slot, kept.staff), (Some(in_hours(27)), Some(staff())), "when and by whom stays known");
    assert_eq!(phone.core.appointment(id).unwrap(), kept);
    assert_eq!(phone.core.upcoming_appointments(Page::FIRST).unwrap(), []);
    assert_eq!(phone.core.appointments_of(home.household, Page::FIRST).unwrap(), [kept]);
}

#[test]
fn what_does_not_follow_is_refused_and_nothing_is_saved() {
    let phone = Phone::manager();
    let (home, other) = (phone.home("3", "101", "测试甲"), phone.home("3", "102", "测试乙"));
    let id = phone.core.propose_appointment(&asked(&home, vec![in_hours(26)])).unwrap().id;
    let visit = phone.core.save_visit(VisitDraft::new(other.household, Mode::Door, Outcome::Done)).unwrap().id;
    let before = phone.operations_count();
    let core = &phone.core;
    assert_eq!(invalid_field(core.keep_appointment(id, None)), "state", "no time is agreed");
    assert_eq!(invalid_field(core.miss_appointment(id, Party::Manager)), "state");
    assert_eq!(invalid_field(core.change_appointment(id, in_hours(1), "测试")), "state");
    let backwards = Slot { from: in_hours(2).to, to: in_hours(2).from };
    assert_eq!(invalid_field(core.agree_appointment(id, backwards)), "standing");
    assert_eq!(invalid_field(core.propose_appointment(&asked(&home, Vec::new()))), "slots");
    assert_eq!(invalid_field(core.propose_appointment(&asked(&home, vec![in_hours(1); 6]))), "slots");
    let long = AppointmentDraft { note: "长".repeat(TEXT_MAX_CHARS + 1), ..asked(&home, vec![in_hours(1)]) };
    assert_eq!(invalid_field(core.propose_appointment(&long)), "note");
    assert_eq!(phone.operations_count(), before);

    core.agree_appointment(id, in_hours(26)).unwrap();
    assert_eq!(invalid_field(core.agree_appointment(id, in_hours(27))), "state", "a new time needs a reason");
    assert_eq!(invalid_field(core.change_appointment(id, in_hours(27), " ")), "reason");
    assert_eq!(invalid_field(core.keep_appointment(id, Some(visit))), "visit", "of another home");
    let unknown = VisitId(derived(&["test", "no visit"]));
    assert!(matches!(core.keep_appointment(id, Some(unknown)), Err(Error::NotFound { what: "visit" })));
    let missed = core.miss_appointment(id, Party::Resident).unwrap();
    assert_eq!((missed.state, missed.missed_by), (AppointmentState::Missed, Some(Party::Resident)));
    for over in [core.keep_appointment(id, None), core.cancel_appointment(id, None)] {
        assert_eq!(invalid_field(over), "state");
    }
    let nowhere = AppointmentId(derived(&["test", "nowhere"]));
    assert!(matches!(core.appointment(nowhere), Err(Error::NotFound { what: "appointment" })));
}

#[test]
fn who_does_not_walk_takes_nothing_down_and_a_closed_home_gets_none() {
    let phone = Phone::enrolled(Role::Instructor, &[micro_grid()]);
    let household = record_elsewhere(
        Kind::Household,
        "home",
        &[("dwelling", json!(derived(&["test", "dwelling"]))), ("from", json!("2026-01-01"))],
    );
    phone.receive(&household);
    let slots = vec![in_hours(1)];
    let draft = AppointmentDraft::new(HouseholdId(household.id), Purpose::Visit, Party::Manager, slots);
    assert!(matches!(phone.core.propose_appointment(&draft), Err(Error::NotAllowed)));

    let phone = Phone::manager();
    let home = phone.home("3", "101", "测试甲");
    let day = Moment::from_ms(MORNING_MS).day();
    phone.core.close_household(home.household, day).unwrap();
    phone.core.propose_appointment(&asked(&home, vec![in_hours(1)])).expect("on its last day");
    phone.clock.add(DAY_MS);
    assert_eq!(invalid_field(phone.core.propose_appointment(&asked(&home, vec![in_hours(30)]))), "household");
}

#[test]
fn what_is_not_over_is_listed_by_time_and_clashes_are_shown_not_refused() {
    let phone = Phone::manager();
    let (one, two) = (phone.home("3", "101", "测试甲"), phone.home("3", "102", "测试乙"));
    let late = agreed(&phone, &one, in_hours(50));
    let open = phone.core.propose_appointment(&asked(&two, vec![in_hours(60), in_hours(40)])).unwrap();
    let early = agreed(&phone, &one, in_hours(30));
    let half_past = Slot {
        from: Moment::from_ms(in_hours(30).from.to_ms() + HOUR_MS / 2),
        to: Moment::from_ms(in_hours(31).from.to_ms() + HOUR_MS / 2),
    };
    let over_it = agreed(&phone, &two, half_past);
    let after = agreed(&phone, &two, Slot { from: half_past.to, to: in_hours(32).to });
    assert_eq!((early.clashes.len(), over_it.clashes.as_slice()), (0, &[early.id][..]));

    let listed = phone.core.upcoming_appointments(Page::FIRST).unwrap();
    let ids: Vec<_> = listed.iter().map(|one| one.id).collect();
    assert_eq!(ids, [early.id, over_it.id, after.id, open.id, late.id]);
    assert_eq!(listed[0].clashes, [over_it.id]);
    assert_eq!((listed[2].clashes.len(), listed[3].clashes.len()), (0, 0));
    let second = phone.core.upcoming_appointments(Page { skip_count: 1, take_count: 2 }).unwrap();
    assert_eq!(second.iter().map(|one| one.id).collect::<Vec<_>>(), ids[1..3]);

    phone.core.cancel_appointment(over_it.id, Some("测试取消")).unwrap();
    assert_eq!(phone.core.appointment(early.id).unwrap().clashes, []);
    let of_two = phone.core.appointments_of(two.household, Page::FIRST).unwrap();
    assert_eq!(of_two.iter().map(|one| one.id).collect::<Vec<_>>(), [open.id, after.id, over_it.id]);
}

#[test]
fn an_agreed_day_is_due_without_any_rule_and_overdue_until_it_is_settled() {
    let phone = Phone::manager();
    let home = phone.home("3", "101", "测试甲");
    let one = agreed(&phone, &home, in_hours(26));
    phone.core.propose_appointment(&asked(&home, vec![in_hours(1)])).unwrap();
    assert!(due(&phone).homes.is_empty(), "tomorrow, and nothing agreed today");

    phone.clock.add(DAY_MS);
    let list = due(&phone);
    assert_eq!((list.homes.len(), list.homes[0].home.household), (1, home.household));
    let task = &list.homes[0].tasks[0];
    assert_eq!((task.state, task.rule, task.rule_name.as_str()), (TaskState::Due, one.id.0, ""));
    let named = task.appointment.unwrap();
    assert_eq!((named.id, named.purpose, named.slot), (one.id, Purpose::Visit, in_hours(26)));
    let day = in_hours(26).from.day();
    assert_eq!(task.id, zoufang_domain::due::task_id(one.id.0, home.household, day), "as the server finds it");

    phone.clock.add(3 * HOUR_MS);
    assert_eq!(due(&phone).homes[0].tasks[0].state, TaskState::Overdue);
    assert!(phone.core.appointment(one.id).unwrap().is_overdue);
    let seen_from = |day| phone.core.due_list(Some(day)).unwrap().homes.len();
    assert_eq!((seen_from(day.pred_opt().unwrap()), seen_from(day), seen_from(day.succ_opt().unwrap())), (0, 1, 1));
    phone.core.keep_appointment(one.id, None).unwrap();
    assert!(due(&phone).homes.is_empty());
}

#[test]
fn a_contested_appointment_is_shown_with_both_values_and_settled_by_one_of_them() {
    let phone = Phone::manager();
    let home = phone.home("3", "101", "测试甲");
    let one = agreed(&phone, &home, in_hours(26));
    phone.core.cancel_appointment(one.id, Some("测试取消")).unwrap();
    // A colleague kept it, without having seen that it was called off.
    let mut record = phone.find(Kind::Appointment, one.id.0).unwrap().record;
    let was = json!(Standing { slot: one.slot, staff: one.staff, ..turned(AppointmentState::Agreed) });
    let kept = json!(Standing { slot: one.slot, staff: one.staff, ..turned(AppointmentState::Kept) });
    let head = Head { v: version_elsewhere(MORNING_MS, "kept"), who: colleague(), value: kept.clone(), was };
    record.heads.get_mut("standing").unwrap().push(head);
    phone.receive(&record);

    assert!(phone.core.appointment(one.id).unwrap().has_conflict);
    let open = phone.core.conflicts().unwrap();
    assert_eq!((open.len(), open[0].household, open[0].field.as_str()), (1, Some(home.household), "standing"));
    assert!(open[0].sides[0].value.text.starts_with("已取消 · 2026-11-06 11:12–12:12 · 测试取消"), "{open:?}");
    let dreamt = json!(Standing { slot: Some(in_hours(99)), ..turned(AppointmentState::Agreed) });
    let refused = phone.core.settle_conflict(Kind::Appointment, one.id.0, "standing", dreamt);
    assert_eq!(invalid_field(refused), "standing");
    phone.core.settle_conflict(Kind::Appointment, one.id.0, "standing", kept).unwrap();
    let settled = phone.core.appointment(one.id).unwrap();
    assert_eq!((settled.state, settled.has_conflict), (AppointmentState::Kept, false));
}

fn turned(state: AppointmentState) -> Standing {
    Standing { state, ..Standing::proposed() }
}

#[test]
fn two_micro_grids_of_one_manager_are_one_list() {
    let phone = Phone::enrolled(Role::MicroGridManager, &[micro_grid(), other_grid()]);
    let home = phone.home("3", "101", "测试甲");
    let draft = zoufang_core::households::HomeDraft {
        micro_grid: other_grid(),
        ..crate::phone::home_draft("4", "101", "测试乙")
    };
    let far = phone.core.add_home(&draft).unwrap();
    let one = agreed(&phone, &home, in_hours(26));
    let two = agreed(&phone, &far, in_hours(26));
    assert_eq!((two.micro_grid, two.clashes), (other_grid(), vec![one.id]));
    assert_eq!(phone.core.upcoming_appointments(Page::FIRST).unwrap().len(), 2);
}

#[test]
fn what_was_agreed_with_a_household_that_became_part_of_another_stays_due_there() {
    let phone = Phone::manager();
    let (gone, into) = (phone.home("3", "101", "测试甲"), phone.home("3", "102", "测试乙"));
    let appointment = agreed(&phone, &gone, in_hours(3));
    phone.core.merge_households(gone.household, into.household, None).unwrap();
    let homes = due(&phone).homes;
    assert_eq!(homes.iter().map(|one| one.home.household).collect::<Vec<_>>(), [into.household]);
    let listed = phone.core.appointments_of(into.household, Page::FIRST).unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [appointment.id]);
}

#[test]
fn a_visit_says_what_came_of_the_appointment_that_it_was_made_for() {
    let phone = Phone::manager();
    let (home, other) = (phone.home("3", "101", "测试甲"), phone.home("3", "102", "测试乙"));
    let core = &phone.core;
    let agreed = |of: &HomeView| {
        core.propose_appointment(&AppointmentDraft { agreed: Some(in_hours(1)), ..asked(of, vec![in_hours(1)]) })
            .unwrap()
            .id
    };
    let (kept, missed) = (agreed(&home), agreed(&home));
    let visit = |of: &HomeView, outcome, appointment| {
        core.save_visit(VisitDraft {
            appointment: Some(appointment),
            ..VisitDraft::new(of.household, Mode::Door, outcome)
        })
    };
    let before = phone.operations_count();
    assert_eq!(invalid_field(visit(&other, Outcome::Done, kept)), "appointment", "of another home");
    assert_eq!(phone.operations_count(), before, "then the visit is not saved either");
    let made = visit(&home, Outcome::Done, kept).unwrap();
    let after = core.appointment(kept).unwrap();
    assert_eq!((after.state, after.visit), (AppointmentState::Kept, Some(made.id)));
    visit(&home, Outcome::NoAnswer, missed).unwrap();
    let after = core.appointment(missed).unwrap();
    assert_eq!((after.state, after.missed_by), (AppointmentState::Missed, Some(Party::Resident)));
    assert_eq!(invalid_field(visit(&home, Outcome::Done, kept)), "appointment", "it is over");
}

#[test]
fn an_appointment_that_is_proposed_twice_under_one_id_is_one() {
    let phone = Phone::manager();
    let home = phone.home("3", "101", "测试甲");
    let id = AppointmentId(derived(&["test", "appointment"]));
    let draft = AppointmentDraft { id: Some(id), ..asked(&home, vec![in_hours(26)]) };
    assert_eq!(phone.core.propose_appointment(&draft).unwrap().id, id);
    let before = phone.operations_count();
    phone.core.agree_appointment(id, in_hours(26)).unwrap();
    assert_eq!(phone.core.propose_appointment(&draft).unwrap().state, AppointmentState::Agreed);
    assert_eq!(phone.operations_count(), before + 1, "taken down once");
    let other = AppointmentDraft { note: "别的事".into(), ..draft };
    assert_eq!(invalid_field(phone.core.propose_appointment(&other)), "id");
}
