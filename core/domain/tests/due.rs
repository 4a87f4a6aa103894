//! Rules, their turns, and the tasks that follow from them.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::NaiveDate;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;
use zoufang_domain::cadence::{CadenceRule, Condition, MustVisitList, OnDayOff, Rhythm, Span};
use zoufang_domain::due::{Cause, Home, TaskState, due_homes, progress, task_id, tasks};
use zoufang_domain::home::Use;
use zoufang_domain::ids::{HouseholdId, UnitId, derived};
use zoufang_domain::visit::Outcome;
use zoufang_domain::visit_task::{Plan, PlanState};
use zoufang_domain::working_day::{WorkingDays, YearCalendar};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn rule(rhythm: Rhythm) -> CadenceRule {
    CadenceRule {
        name: "测试规则".into(),
        rhythm,
        list: None,
        window_days: None,
        on_day_off: OnDayOff::Next,
        from: day("2026-01-01"),
        to: None,
    }
}

fn visit_days() -> CadenceRule {
    rule(Rhythm::DaysOfMonth(vec![5, 15, 25]))
}

fn unit() -> UnitId {
    UnitId(derived(&["city"]))
}

fn cause(rule: CadenceRule) -> Cause {
    Cause { unit: unit(), id: derived(&["rule", &rule.name]), rule }
}

fn home(name: &str) -> Home {
    Home {
        id: HouseholdId(derived(&["home", name])),
        units: vec![UnitId(derived(&["micro-grid"])), unit()],
        from: day("2026-01-01"),
        lists: BTreeSet::new(),
        used_as: Some(Use::Own),
        residencies: Vec::new(),
        care_needs: BTreeSet::new(),
        matters: Vec::new(),
        plans: BTreeMap::new(),
        walk_key: name.into(),
        visits: Vec::new(),
    }
}

fn october() -> WorkingDays {
    let mut days = WorkingDays::default();
    days.take(&YearCalendar {
        year: 2026,
        days_off: (1..=7).map(|at| day(&format!("2026-10-{at:02}"))).collect(),
        make_up_days: BTreeSet::new(),
        notice: String::new(),
    });
    days
}

#[test]
fn a_task_is_moved_called_off_and_done_all_the_same() {
    let causes = [cause(visit_days())];
    let id = task_id(causes[0].id, home("a").id, day("2026-11-25"));
    let on = |today: &str, plan: Option<Plan>, visits: Vec<(NaiveDate, Outcome)>| {
        let homes = [Home { plans: plan.map(|plan| (id, plan)).into_iter().collect(), visits, ..home("a") }];
        let found = tasks(&causes, &BTreeMap::new(), &WorkingDays::default(), &homes, day(today));
        let due = due_homes(&found, &homes).len();
        (found[0].state, due, progress(&causes, &found)[0].clone())
    };
    let moved = Plan { state: PlanState::Rescheduled, to: Some(day("2026-11-28")), reason: None };
    let off = Plan { state: PlanState::Cancelled, to: None, reason: Some("整户外出".into()) };
    assert_eq!(on("2026-11-26", None, vec![]).0, TaskState::Overdue);
    let later = on("2026-11-26", Some(moved.clone()), vec![]);
    assert_eq!((later.0, later.1, later.2.homes_count), (TaskState::Moved, 0, 1), "not today");
    assert_eq!(
        (on("2026-11-28", Some(moved.clone()), vec![]).0, on("2026-11-29", Some(moved.clone()), vec![]).0),
        (TaskState::Due, TaskState::Overdue)
    );
    let visited = vec![(day("2026-11-27"), Outcome::Done)];
    assert_eq!(on("2026-11-28", Some(moved), visited.clone()).0, TaskState::Done, "sooner than planned is done");
    let called_off = on("2026-11-28", Some(off.clone()), vec![]);
    assert_eq!((called_off.0, called_off.1), (TaskState::Cancelled, 0));
    assert_eq!((called_off.2.homes_count, called_off.2.cancelled_count, called_off.2.overdue_count), (0, 1, 0));
    assert_eq!(on("2026-11-28", Some(off.clone()), visited).0, TaskState::Done);
    // The next turn asks anew; its Saturday is moved.
    assert_eq!(on("2026-12-07", Some(off), vec![]).0, TaskState::Due);
}

#[test]
fn a_matter_asks_for_a_visit_within_its_hours() {
    let causes = [cause(rule(Rhythm::WithinHoursOfMatter(24)))];
    let on = |today: &str, matters: &[&str]| {
        let homes = [Home { matters: matters.iter().map(|one| day(one)).collect(), ..home("a") }];
        let found = tasks(&causes, &BTreeMap::new(), &WorkingDays::default(), &homes, day(today));
        found.first().map(|task| (task.turn.key.to_string(), task.turn.due_to.to_string(), task.state))
    };
    assert_eq!(on("2026-11-20", &[]), None);
    let task = |key: &str, to: &str, state| Some((key.to_owned(), to.to_owned(), state));
    assert_eq!(on("2026-11-20", &["2026-11-19"]), task("2026-11-19", "2026-11-20", TaskState::Due));
    assert_eq!(on("2026-11-21", &["2026-11-19"]), task("2026-11-19", "2026-11-20", TaskState::Overdue));
    assert_eq!(on("2026-11-21", &["2026-11-19", "2026-11-21"]), task("2026-11-21", "2026-11-22", TaskState::Due));
    assert_eq!(on("2026-11-18", &["2026-11-19"]), None, "seen from a day before it");
}

#[test]
fn a_visit_day_in_a_holiday_moves_as_the_rule_says() {
    let turn = |on_day_off, today| CadenceRule { on_day_off, ..visit_days() }.turn(&october(), day(today)).unwrap();
    let moved = turn(OnDayOff::Next, "2026-10-09");
    assert_eq!((moved.key, moved.from, moved.due_to), (day("2026-10-05"), day("2026-10-08"), day("2026-10-08")));
    assert_eq!(moved.ends, day("2026-10-14"));
    assert_eq!(turn(OnDayOff::Next, "2026-10-07").key, day("2026-09-25"), "not begun yet");
    assert_eq!(turn(OnDayOff::Previous, "2026-10-01").from, day("2026-09-30"));
    assert_eq!(turn(OnDayOff::Keep, "2026-10-05").from, day("2026-10-05"));
    // A turn that began in the month before.
    assert_eq!(visit_days().turn(&october(), day("2026-11-01")).unwrap().key, day("2026-10-25"));
}

#[test]
fn stretches_of_the_calendar_are_whole() {
    let turn = |span, today: &str| rule(Rhythm::Every(span)).turn(&WorkingDays::default(), day(today)).unwrap();
    let of = |span, today| (turn(span, today).from, turn(span, today).ends);
    assert_eq!(of(Span::Week, "2026-11-24"), (day("2026-11-23"), day("2026-11-29")));
    assert_eq!(of(Span::Month, "2028-02-29"), (day("2028-02-01"), day("2028-02-29")));
    assert_eq!(of(Span::Quarter, "2026-11-24"), (day("2026-10-01"), day("2026-12-31")));
    assert_eq!(of(Span::HalfYear, "2026-06-30"), (day("2026-01-01"), day("2026-06-30")));
}

#[test]
fn the_31st_of_a_short_month_is_its_last_day() {
    let rule = CadenceRule { on_day_off: OnDayOff::Keep, ..rule(Rhythm::DaysOfMonth(vec![30, 31])) };
    let turn = rule.turn(&WorkingDays::default(), day("2027-02-28")).unwrap();
    assert_eq!((turn.from, turn.ends), (day("2027-02-28"), day("2027-03-29")));
}

#[test]
fn a_rule_holds_from_its_first_to_its_last_day() {
    let rule = CadenceRule { from: day("2026-11-10"), to: Some(day("2026-11-20")), ..visit_days() };
    let key = |today: &str| rule.turn(&WorkingDays::default(), day(today)).map(|turn| turn.key);
    assert_eq!(key("2026-11-12"), None, "its turn began before the rule");
    assert_eq!(key("2026-11-18"), Some(day("2026-11-15")));
    assert_eq!(key("2026-11-26"), None);
}

#[test]
fn a_home_is_overdue_after_its_window_until_the_next_turn() {
    let causes = [cause(CadenceRule { window_days: Some(3), on_day_off: OnDayOff::Keep, ..visit_days() })];
    let state = |today: &str, visits: &[(&str, Outcome)]| {
        let visits = visits.iter().map(|(at, outcome)| (day(at), *outcome)).collect();
        let homes = [Home { visits, ..home("a") }];
        let found = tasks(&causes, &BTreeMap::new(), &WorkingDays::default(), &homes, day(today));
        (found[0].state, found[0].attempts_count)
    };
    assert_eq!(state("2026-11-17", &[]), (TaskState::Due, 0));
    assert_eq!(state("2026-11-18", &[]), (TaskState::Overdue, 0));
    assert_eq!(state("2026-11-18", &[("2026-11-16", Outcome::NoAnswer)]), (TaskState::Overdue, 1));
    assert_eq!(state("2026-11-18", &[("2026-11-18", Outcome::Done)]), (TaskState::Done, 0), "late, and done");
    assert_eq!(state("2026-11-18", &[("2026-11-14", Outcome::Done)]), (TaskState::Overdue, 0), "the turn before");
    assert_eq!(state("2026-11-25", &[("2026-11-18", Outcome::Done)]), (TaskState::Due, 0), "the next turn");
}

#[test]
fn a_home_that_came_is_due_within_its_hours_and_stays_so_until_it_is_visited() {
    let causes = [cause(rule(Rhythm::WithinHoursOfMoveIn(48)))];
    let state = |today: &str| {
        let homes = [Home { from: day("2026-11-20"), ..home("a") }];
        tasks(&causes, &BTreeMap::new(), &WorkingDays::default(), &homes, day(today)).first().map(|task| task.state)
    };
    assert_eq!(state("2026-11-19"), None);
    assert_eq!(state("2026-11-22"), Some(TaskState::Due));
    assert_eq!(state("2027-11-23"), Some(TaskState::Overdue));
}

#[test]
fn rules_are_for_the_homes_below_their_unit_and_on_their_list() {
    let list = derived(&["list"]);
    let elsewhere = Cause { unit: UnitId(derived(&["another street"])), ..cause(visit_days()) };
    let listed = cause(CadenceRule { name: "必访".into(), list: Some(list), ..visit_days() });
    let rented =
        MustVisitList { name: "出租".into(), reason: "r".into(), condition: Some(Condition::Use(Use::Rented)) };
    let homes =
        [home("a"), Home { lists: [list].into(), ..home("b") }, Home { used_as: Some(Use::Rented), ..home("c") }];
    let found =
        tasks(&[elsewhere, listed], &[(list, rented)].into(), &WorkingDays::default(), &homes, day("2026-11-16"));
    assert_eq!(found.iter().map(|task| task.household).collect::<Vec<_>>(), [homes[1].id, homes[2].id]);
}

#[test]
fn the_list_begins_with_what_is_longest_overdue_and_then_goes_from_door_to_door() {
    let every_month = CadenceRule { name: "每月".into(), window_days: Some(10), ..rule(Rhythm::Every(Span::Month)) };
    let weekly =
        CadenceRule { name: "每周".into(), list: Some(derived(&["list"])), ..rule(Rhythm::Every(Span::Week)) };
    let causes = [cause(weekly), cause(every_month)];
    let on_list = |name| Home {
        lists: [derived(&["list"])].into(),
        visits: vec![(day("2026-11-03"), Outcome::Done)],
        ..home(name)
    };
    let homes = [on_list("d"), on_list("c"), home("b"), home("a")];
    let found = tasks(&causes, &BTreeMap::new(), &WorkingDays::default(), &homes, day("2026-11-24"));
    let due = due_homes(&found, &homes);
    let names: Vec<_> = due.iter().map(|due| due.household).collect();
    assert_eq!(names, [homes[3].id, homes[2].id, homes[1].id, homes[0].id]);
    let told = progress(&causes, &found);
    assert_eq!((told[0].homes_count, told[0].visited_count, told[0].overdue_count), (2, 0, 0));
    assert_eq!((told[1].homes_count, told[1].visited_count, told[1].overdue_count), (4, 2, 2));
}

#[test]
fn a_task_has_one_id_even_where_the_calendar_is_not_known_yet() {
    let homes = [home("a")];
    let id =
        |days: &WorkingDays| tasks(&[cause(visit_days())], &BTreeMap::new(), days, &homes, day("2026-10-09"))[0].id;
    assert_eq!(id(&october()), id(&WorkingDays::default()));
    assert_eq!(id(&october()), task_id(derived(&["rule", "测试规则"]), homes[0].id, day("2026-10-05")));
}

#[test]
fn what_no_rule_can_mean_is_named() {
    let check = |rule: CadenceRule| rule.check().err();
    assert_eq!(check(rule(Rhythm::DaysOfMonth(vec![]))), Some("rhythm"));
    assert_eq!(check(rule(Rhythm::DaysOfMonth(vec![0]))), Some("rhythm"));
    assert_eq!(check(rule(Rhythm::WithinHoursOfMoveIn(0))), Some("rhythm"));
    assert_eq!(check(CadenceRule { window_days: Some(0), ..visit_days() }), Some("window_days"));
    assert_eq!(check(CadenceRule { to: Some(day("2025-01-01")), ..visit_days() }), Some("to"));
    assert_eq!(check(visit_days()), None);
}

proptest! {
    /// On any day, with any visit days and any holidays, a rule has exactly one turn, and turns follow each other without a gap.
    #[test]
    fn turns_cover_every_day_once(
        wanted in prop::collection::vec(1u8..=31, 1..6),
        off in prop::collection::btree_set(0u64..800, 0..120),
        policy in prop::sample::select(vec![OnDayOff::Next, OnDayOff::Previous, OnDayOff::Keep]),
        window in prop::option::of(1u16..40),
    ) {
        let start = day("2026-01-01");
        let mut days = WorkingDays::default();
        let days_off = off.iter().map(|at| start + chrono::Days::new(*at)).collect();
        days.take(&YearCalendar { year: 2026, days_off, make_up_days: BTreeSet::new(), notice: String::new() });
        let rule = CadenceRule { window_days: window, on_day_off: policy, from: day("2025-01-01"), ..rule(Rhythm::DaysOfMonth(wanted)) };
        let mut today = day("2026-03-01");
        let mut turn = rule.turn(&days, today).unwrap();
        let mut keys: BTreeSet<Uuid> = BTreeSet::new();
        while today < day("2027-03-01") {
            prop_assert!(turn.from <= today && today <= turn.ends && turn.from <= turn.due_to && turn.due_to <= turn.ends);
            prop_assert!(keys.insert(derived(&[&turn.key.to_string()])));
            for day in turn.from.iter_days().take_while(|day| *day <= turn.ends) {
                prop_assert_eq!(rule.turn(&days, day), Some(turn));
            }
            today = turn.ends.succ_opt().unwrap();
            let next = rule.turn(&days, today).unwrap();
            prop_assert_eq!(next.from, today);
            turn = next;
        }
    }
}
