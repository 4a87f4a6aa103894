//! What is due: the visit tasks 走访任务 that rules make for homes. A task is not stored: it follows from rules, calendar, homes, visits and what people planned otherwise, so
//! phone and server find the same tasks, with the same ids, without telling each other.

use crate::appointment::Appointment;
use crate::cadence::{CadenceRule, Condition, MustVisitList, Turn};
use crate::calendar::Moment;
use crate::home::Use;
use crate::ids::{AppointmentId, HouseholdId, UnitId, derived};
use crate::order;
use crate::resident::ResidencyKind;
use crate::visit::Outcome;
use crate::visit_task::{Plan, PlanState};
use crate::working_day::WorkingDays;
use chrono::NaiveDate;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// A rule with its record's id and the unit that set it.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The unit: the rule is for the homes below it.
    pub unit: UnitId,
    /// The rule's record.
    pub id: Uuid,
    /// The rule.
    pub rule: CadenceRule,
}

/// What tasks need to know of a home.
#[derive(Clone, Debug)]
pub struct Home {
    /// The household.
    pub id: HouseholdId,
    /// Its micro-grid and the units above that.
    pub units: Vec<UnitId>,
    /// Since when it lives there.
    pub from: NaiveDate,
    /// Lists that name it.
    pub lists: BTreeSet<Uuid>,
    /// What its dwelling is used for.
    pub used_as: Option<Use>,
    /// How the people live there.
    pub residencies: Vec<ResidencyKind>,
    /// Types of the care needs that hold today for it and for those who live there, as far as they are seen.
    pub care_needs: BTreeSet<Uuid>,
    /// Where it stands on the way from door to door ([`crate::home::Address::walk_key`]).
    pub walk_key: String,
    /// Days on which matters of it were reported, those that were not withdrawn.
    pub matters: Vec<NaiveDate>,
    /// What people planned of its tasks, by the task's id.
    pub plans: BTreeMap<Uuid, Plan>,
    /// Its visits: day in China and outcome; voided ones left out.
    pub visits: Vec<(NaiveDate, Outcome)>,
}

/// A visit that is due, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// The same on phone and server for the same rule or appointment, household and turn.
    pub id: Uuid,
    /// The rule, or the appointment.
    pub cause: Uuid,
    /// The household.
    pub household: HouseholdId,
    /// When.
    pub turn: Turn,
    /// How it stands.
    pub state: TaskState,
    /// Why it was moved or called off, if somebody said.
    pub reason: Option<String>,
    /// Times that nobody answered or was willing, in this turn. Never a mark against the home.
    pub attempts_count: u32,
}

/// How a task stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Its last day is past.
    Overdue,
    /// To be done now.
    Due,
    /// Moved to a later day 改期.
    Moved,
    /// Visited in this turn.
    Done,
    /// Called off for this turn 取消.
    Cancelled,
}

/// The id of a task.
pub fn task_id(cause: Uuid, household: HouseholdId, turn: NaiveDate) -> Uuid {
    derived(&["visit_task", &cause.to_string(), &household.to_string(), &turn.to_string()])
}

/// The task that an agreed appointment makes on the day of its slot, and after it until somebody says what came of it. `None` before that
/// day, and once it is kept, missed or cancelled.
///
/// The turn is that day in China; the slot itself decides when it is overdue, which may be on the same day.
pub fn appointment_task(id: AppointmentId, appointment: &Appointment, now: Moment) -> Option<Task> {
    let slot = appointment.standing.slot.filter(|_| appointment.standing.state.has_agreed_slot())?;
    let day = slot.from.day();
    if now.day() < day {
        return None;
    }
    let state = if appointment.is_overdue(now) { TaskState::Overdue } else { TaskState::Due };
    let turn = Turn { key: day, from: day, due_to: slot.to.day(), ends: NaiveDate::MAX };
    let household = appointment.household;
    Some(Task {
        id: task_id(id.0, household, day),
        cause: id.0,
        household,
        turn,
        state,
        reason: None,
        attempts_count: 0,
    })
}

/// How far the homes of one rule are in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The rule.
    pub cause: Uuid,
    /// The turn; that of the earliest home where each home has its own.
    pub turn: Turn,
    /// Homes that it is for.
    pub homes_count: u32,
    /// Homes visited.
    pub visited_count: u32,
    /// Homes whose last day is past.
    pub overdue_count: u32,
    /// Homes for which it was called off; they are not among `homes_count`.
    pub cancelled_count: u32,
}

/// A home with everything that is to be done there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueHome {
    /// The household.
    pub household: HouseholdId,
    /// Its open tasks, the most pressing first; never empty.
    pub tasks: Vec<Task>,
}

/// All tasks whose turn a day lies in, in the order of homes given.
pub fn tasks(
    causes: &[Cause],
    lists: &BTreeMap<Uuid, MustVisitList>,
    days: &WorkingDays,
    homes: &[Home],
    today: NaiveDate,
) -> Vec<Task> {
    let turns: Vec<(&Cause, Option<Turn>)> = causes.iter().map(|cause| (cause, cause.rule.turn(days, today))).collect();
    let mut tasks = Vec::new();
    for home in homes {
        for (cause, turn) in &turns {
            let turn = turn.or_else(|| cause.rule.turn_of_home(home.from, &home.matters, today));
            let Some(turn) = turn.filter(|turn| home.from <= turn.ends && is_meant(cause, lists, home)) else {
                continue;
            };
            tasks.push(task(cause.id, home, turn, today));
        }
    }
    tasks
}

fn is_meant(cause: &Cause, lists: &BTreeMap<Uuid, MustVisitList>, home: &Home) -> bool {
    if !home.units.contains(&cause.unit) {
        return false;
    }
    let Some(list) = cause.rule.list else { return true };
    let holds = |condition: Condition| match condition {
        Condition::Use(used_as) => home.used_as == Some(used_as),
        Condition::Residency(kind) => home.residencies.contains(&kind),
        Condition::CareNeed(of) => home.care_needs.contains(&of),
    };
    home.lists.contains(&list) || lists.get(&list).and_then(|list| list.condition).is_some_and(holds)
}

fn task(cause: Uuid, home: &Home, turn: Turn, today: NaiveDate) -> Task {
    let in_turn = home.visits.iter().filter(|(day, _)| (turn.from..=turn.ends.min(today)).contains(day));
    let (mut is_done, mut attempts_count) = (false, 0);
    for (_, outcome) in in_turn {
        match outcome {
            Outcome::Done => is_done = true,
            Outcome::NoAnswer | Outcome::Refused => attempts_count += 1,
        }
    }
    let id = task_id(cause, home.id, turn.key);
    let plan = home.plans.get(&id);
    let reason = plan.and_then(|plan| plan.reason.clone());
    let moved_to = plan.filter(|plan| plan.state == PlanState::Rescheduled).and_then(|plan| plan.to);
    let turn = Turn { due_to: moved_to.unwrap_or(turn.due_to), ..turn };
    let state = match plan.map(|plan| plan.state) {
        _ if is_done => TaskState::Done,
        Some(PlanState::Cancelled) => TaskState::Cancelled,
        _ if moved_to.is_some_and(|to| today < to) => TaskState::Moved,
        _ if today > turn.due_to => TaskState::Overdue,
        _ => TaskState::Due,
    };
    Task { id, cause, household: home.id, turn, state, reason, attempts_count }
}

/// Homes with open tasks: overdue ones first, the longest overdue before; then what is due, the soonest before; equals as they are walked.
pub fn due_homes(tasks: &[Task], homes: &[Home]) -> Vec<DueHome> {
    let mut open: BTreeMap<HouseholdId, Vec<Task>> = BTreeMap::new();
    for task in tasks.iter().filter(|task| matches!(task.state, TaskState::Overdue | TaskState::Due)) {
        open.entry(task.household).or_default().push(task.clone());
    }
    let mut found: Vec<((TaskState, NaiveDate), &str, DueHome)> = Vec::new();
    for home in homes {
        let Some(mut tasks) = open.remove(&home.id) else { continue };
        order::sort_by_key(&mut tasks, |task| (task.state, task.turn.due_to, task.cause));
        let Some(first) = tasks.first() else { continue };
        found.push(((first.state, first.turn.due_to), &home.walk_key, DueHome { household: home.id, tasks }));
    }
    order::sort_by(&mut found, |(one, one_walk, a), (other, other_walk, b)| {
        (one, one_walk, a.household).cmp(&(other, other_walk, b.household))
    });
    found.into_iter().map(|(.., due)| due).collect()
}

/// How far each rule's homes are, in the order of the rules.
pub fn progress(causes: &[Cause], tasks: &[Task]) -> Vec<Progress> {
    let of = |cause: &Cause| {
        let own: Vec<&Task> = tasks.iter().filter(|task| task.cause == cause.id).collect();
        let turn = own.iter().map(|task| task.turn).min_by_key(|turn| turn.from)?;
        let count = |state: TaskState| own.iter().filter(|task| task.state == state).count() as u32;
        Some(Progress {
            cause: cause.id,
            turn,
            homes_count: own.len() as u32 - count(TaskState::Cancelled),
            cancelled_count: count(TaskState::Cancelled),
            visited_count: count(TaskState::Done),
            overdue_count: count(TaskState::Overdue),
        })
    };
    causes.iter().filter_map(of).collect()
}
