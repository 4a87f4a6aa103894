//! What is due today: the rules that came down, the homes, visits and appointments on this phone, put together by the domain.

use crate::Core;
use crate::appointments;
use crate::care;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::households;
use crate::input::fields_of;
use crate::links;
use crate::names;
use crate::store::{profile, records};
use crate::views::{DueAppointmentView, DueHomeView, DueListView, HomeView, MustVisitListView, ProgressView, TaskView};
use chrono::NaiveDate;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;
use zoufang_domain::appointment::Appointment;
use zoufang_domain::cadence::{CadenceRule, HOUSEHOLD_LISTS, MustVisitList, Rhythm};
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::due::{self, Cause, Home, Task, TaskState};
use zoufang_domain::ids::{AppointmentId, HouseholdId, UnitId};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::order;
use zoufang_domain::record::{Element, Record};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::Outcome;
use zoufang_domain::visit_task::{Plan, PlanState, STANDING, VisitTask};
use zoufang_domain::working_day::{WorkingDays, YearCalendar};

impl Core {
    /// What is to be visited on a day (today if none is given), by a rule or by an agreed appointment, and how far the homes of each rule are.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn due_list(&self, day: Option<NaiveDate>) -> Result<DueListView, Error> {
        let now = Moment::from_ms(self.ports().clock.now_ms());
        // Another day is seen as it is in its first moment: none of its appointments is over yet.
        let at = day.filter(|day| *day != now.day()).map_or(now, Moment::start_of);
        self.read(|c| due_list(c, at))
    }
    /// The must-visit lists that came down from the units above, by name.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn must_visit_lists(&self) -> Result<Vec<MustVisitListView>, Error> {
        self.read(|c| {
            profile::get(c)?;
            let view = |record: &Record| {
                let list: MustVisitList = records::readable(record)?;
                Some(MustVisitListView { id: record.id, name: list.name, reason: list.reason })
            };
            Ok(records::of_kind(c, Kind::MustVisitList)?.iter().filter_map(view).collect())
        })
    }
    /// Moves a task to a later day of its turn.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing of that id is to be done today; [`Error::Invalid`] with field `to` for a day that is past or lies after
    /// the turn, `state` when the visit was made, `appointment` for a task of an appointment, which is changed itself; [`Error::NotAllowed`].
    pub fn reschedule_task(&self, task: Uuid, to: NaiveDate, reason: Option<&str>) -> Result<(), Error> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty()).map(str::to_owned);
        self.plan(task, Plan { state: PlanState::Rescheduled, to: Some(to), reason })
    }
    /// Calls a task off for this turn. It is no mark against the home, and the next turn asks anew.
    ///
    /// # Errors
    /// As [`Core::reschedule_task`]; [`Error::Invalid`] with field `reason` without one.
    pub fn cancel_task(&self, task: Uuid, reason: &str) -> Result<(), Error> {
        if reason.trim().is_empty() {
            return Err(Error::Invalid { field: "reason".into() });
        }
        self.plan(task, Plan { state: PlanState::Cancelled, to: None, reason: Some(reason.trim().to_owned()) })
    }
    /// Plans a task as its rule says again.
    ///
    /// # Errors
    /// As [`Core::reschedule_task`].
    pub fn plan_task_again(&self, task: Uuid) -> Result<(), Error> {
        self.plan(task, Plan { state: PlanState::Planned, to: None, reason: None })
    }
    /// Tasks of a day that were moved to a later one or called off, with their homes; what the due list leaves out.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn tasks_put_off(&self) -> Result<Vec<DueHomeView>, Error> {
        let today = Moment::from_ms(self.ports().clock.now_ms()).day();
        self.read(|c| put_off(c, today))
    }

    fn plan(&self, task: Uuid, plan: Plan) -> Result<(), Error> {
        self.work(|work| {
            let (today, rules) = (work.now().day(), Rules::read(work.tx)?);
            let homes = whole_homes(work.tx, &rules, today)?;
            let tasks = due::tasks(&rules.causes, &rules.lists, &rules.days, &homes, today);
            let Some(found) = tasks.into_iter().find(|one| one.id == task) else {
                let of_appointment = appointments::agreed_ones(work.tx)?
                    .into_iter()
                    .any(|(id, of)| due::appointment_task(id, &of, work.now()).is_some_and(|one| one.id == task));
                return Err(match of_appointment {
                    true => Error::Invalid { field: "appointment".into() },
                    false => Error::NotFound { what: Kind::VisitTask.name() },
                });
            };
            if found.state == TaskState::Done {
                return Err(Error::Invalid { field: "state".into() });
            }
            if plan.to.is_some_and(|to| to < today || to > found.turn.ends) {
                return Err(Error::Invalid { field: "to".into() });
            }
            let area = names::place(work.tx, found.household)?.area;
            let action = match records::find_in(work.tx, Kind::VisitTask, task, area)? {
                Some(known) => conflict::edit(&known.record, Fields::from([(STANDING.to_owned(), json!(plan))])),
                None => {
                    let planned = VisitTask {
                        household: found.household,
                        cause: found.cause,
                        turn: found.turn.key,
                        standing: plan,
                    };
                    Action::Create { fields: fields_of(&planned)?, entries: Vec::new() }
                }
            };
            work.perform(area, Kind::VisitTask, task, action)?;
            Ok(((), ChangeSet::of(&[(Kind::VisitTask, task)])))
        })
    }
    /// Puts a home on a must-visit list, or takes it off.
    ///
    /// # Errors
    /// [`Error::NotFound`] when home or list is not on this phone, [`Error::NotAllowed`].
    pub fn set_on_list(&self, household: HouseholdId, list: Uuid, is_on: bool) -> Result<(), Error> {
        self.work(|work| {
            records::get(work.tx, Kind::MustVisitList, list)?;
            let known = records::get(work.tx, Kind::Household, household.0)?.record;
            let element = list.to_string();
            let was_on = known.sets.get(HOUSEHOLD_LISTS).and_then(|set| set.get(&element)).is_some_and(is_there);
            if was_on == is_on {
                return Ok(((), ChangeSet::default()));
            }
            let set = HOUSEHOLD_LISTS.to_owned();
            let action = match is_on {
                true => Action::Add { set, element, value: Value::Bool(true) },
                false => Action::Remove { set, element },
            };
            work.perform(known.area, Kind::Household, household.0, action)?;
            Ok(((), ChangeSet::of(&[(Kind::Household, household.0)])))
        })
    }
}

fn is_there(element: &Element) -> bool {
    element.value.is_some()
}

fn due_list(c: &Connection, now: Moment) -> Result<DueListView, Error> {
    profile::get(c)?;
    let (today, rules) = (now.day(), Rules::read(c)?);
    let appointments: BTreeMap<Uuid, (AppointmentId, Appointment)> =
        order::gather(appointments::agreed_ones(c)?.into_iter().map(|one| (one.0.0, one)));
    let agreed = appointments.values().filter_map(|(id, of)| due::appointment_task(*id, of, now));
    // What was agreed with a household stays agreed when it becomes part of another.
    let whole = links::Whole::read(c)?;
    let agreed: Vec<Task> = agreed.map(|task| Task { household: whole.of(task.household), ..task }).collect();
    if rules.causes.is_empty() && agreed.is_empty() {
        return Ok(DueListView { day: today, homes: Vec::new(), progress: Vec::new() });
    }
    let homes = whole_homes(c, &rules, today)?;
    let mut tasks = due::tasks(&rules.causes, &rules.lists, &rules.days, &homes, today);
    tasks.extend(agreed);
    let mut views: HashMap<HouseholdId, HomeView> =
        households::own_homes(c)?.into_iter().map(|home| (home.household, home)).collect();
    let due = due::due_homes(&tasks, &homes).into_iter().filter_map(|due| {
        let view = |task: &Task| TaskView {
            appointment: appointments.get(&task.cause).and_then(|(id, of)| due_appointment(*id, of)),
            ..rules.view(task)
        };
        let tasks = due.tasks.iter().map(view).collect();
        Some(DueHomeView { home: views.remove(&due.household)?, tasks })
    });
    let progress = due::progress(&rules.causes, &tasks).into_iter().map(|told| ProgressView {
        rule: told.cause,
        rule_name: rules.name(told.cause),
        from: told.turn.from,
        due_to: told.turn.due_to,
        homes_count: told.homes_count,
        visited_count: told.visited_count,
        overdue_count: told.overdue_count,
        cancelled_count: told.cancelled_count,
    });
    Ok(DueListView { day: today, homes: due.collect(), progress: progress.collect() })
}

fn put_off(c: &Connection, today: NaiveDate) -> Result<Vec<DueHomeView>, Error> {
    profile::get(c)?;
    let rules = Rules::read(c)?;
    let homes = whole_homes(c, &rules, today)?;
    let tasks = due::tasks(&rules.causes, &rules.lists, &rules.days, &homes, today);
    let mut of_home: BTreeMap<HouseholdId, Vec<TaskView>> = BTreeMap::new();
    for task in tasks.iter().filter(|task| matches!(task.state, TaskState::Moved | TaskState::Cancelled)) {
        of_home.entry(task.household).or_default().push(rules.view(task));
    }
    let own = households::own_homes(c)?.into_iter();
    Ok(own.filter_map(|home| Some(DueHomeView { tasks: of_home.remove(&home.household)?, home })).collect())
}

/// The homes with all that tasks need to know of them.
fn whole_homes(c: &Connection, rules: &Rules, today: NaiveDate) -> Result<Vec<Home>, Error> {
    let mut homes = homes(c, today)?;
    plans(c, &mut homes)?;
    if rules.causes.iter().any(|cause| matches!(cause.rule.rhythm, Rhythm::WithinHoursOfMatter(_))) {
        matters(c, &mut homes)?;
    }
    visits(c, rules, &mut homes, today)?;
    Ok(homes)
}

/// What people planned of the tasks of homes.
fn plans(c: &Connection, homes: &mut [Home]) -> Result<(), Error> {
    let mut plans: HashMap<HouseholdId, BTreeMap<Uuid, Plan>> = HashMap::new();
    for record in records::of_kind(c, Kind::VisitTask)? {
        let Some(task) = records::readable::<VisitTask>(&record) else { continue };
        plans.entry(task.household).or_default().insert(record.id, task.standing);
    }
    for home in homes {
        home.plans = plans.remove(&home.id).unwrap_or_default();
    }
    Ok(())
}

/// The days on which matters of homes were reported, without those that were withdrawn or not accepted.
fn matters(c: &Connection, homes: &mut [Home]) -> Result<(), Error> {
    let mut found = c.prepare_cached(
        "SELECT max(sort) FROM record WHERE kind = 9 AND parent = ? AND status NOT IN ('withdrawn', 'declined', 'merged')",
    )?;
    for home in homes {
        let latest: Option<String> = found.query_row([home.id.as_bytes()], |row| row.get(0))?;
        home.matters = latest.and_then(|at| Moment::parse(&at)).map(Moment::day).into_iter().collect();
    }
    Ok(())
}

fn due_appointment(id: AppointmentId, appointment: &Appointment) -> Option<DueAppointmentView> {
    let slot = appointment.standing.slot?;
    Some(DueAppointmentView { id, purpose: appointment.purpose, slot })
}

/// What came down from the units above. A record that does not read (a newer server wrote it) is left out and logged: the others still hold.
struct Rules {
    causes: Vec<Cause>,
    lists: BTreeMap<Uuid, MustVisitList>,
    days: WorkingDays,
}

impl Rules {
    fn read(c: &Connection) -> Result<Self, Error> {
        let mut days = WorkingDays::default();
        records::of_kind(c, Kind::Calendar)?
            .iter()
            .filter_map(records::readable::<YearCalendar>)
            .for_each(|year| days.take(&year));
        let lists = records::of_kind(c, Kind::MustVisitList)?;
        let causes = records::of_kind(c, Kind::CadenceRule)?;
        Ok(Rules {
            causes: causes
                .iter()
                .filter_map(|record| {
                    Some(Cause { unit: record.area, id: record.id, rule: records::readable::<CadenceRule>(record)? })
                })
                .collect(),
            lists: order::gather(lists.iter().filter_map(|record| Some((record.id, records::readable(record)?)))),
            days,
        })
    }
    fn name(&self, cause: Uuid) -> String {
        self.causes.iter().find(|known| known.id == cause).map(|cause| cause.rule.name.clone()).unwrap_or_default()
    }
    fn view(&self, task: &Task) -> TaskView {
        TaskView {
            id: task.id,
            rule: task.cause,
            rule_name: self.name(task.cause),
            appointment: None,
            from: task.turn.from,
            due_to: task.turn.due_to,
            state: task.state,
            reason: task.reason.clone(),
            attempts_count: task.attempts_count,
        }
    }
    /// The first day whose visits can matter.
    fn earliest(&self, homes: &[Home], today: NaiveDate) -> NaiveDate {
        let counts_from = |of: fn(&Rhythm) -> bool| self.causes.iter().any(|cause| of(&cause.rule.rhythm));
        let turns = self.causes.iter().filter_map(|cause| cause.rule.turn(&self.days, today)).map(|turn| turn.from);
        let came = match counts_from(|it| matches!(it, Rhythm::WithinHoursOfMoveIn(_))) {
            true => homes.iter().map(|home| home.from).min(),
            false => None,
        };
        // Only the latest matter of each home asks for a visit.
        let reported = match counts_from(|it| matches!(it, Rhythm::WithinHoursOfMatter(_))) {
            true => homes.iter().filter_map(|home| home.matters.iter().max().copied()).min(),
            false => None,
        };
        turns.chain(came).chain(reported).min().unwrap_or(today)
    }
}

/// The current homes of the own areas, without their visits.
fn homes(c: &Connection, today: NaiveDate) -> Result<Vec<Home>, Error> {
    let above = units_above(c)?;
    let mut residencies = residencies(c)?;
    let mut care_needs = care::holding(c, today)?;
    let mut found = c.prepare_cached(
        "SELECT h.id, h.area, h.body, d.body, d.sort FROM record h JOIN area a ON a.unit = h.area
         LEFT JOIN record d ON d.kind = 4 AND d.id = h.parent
         WHERE h.kind = 5 AND h.status = 'current' AND a.role IS NOT NULL AND a.lost = 0",
    )?;
    let mut rows = found.query([])?;
    let mut homes = Vec::new();
    while let Some(row) = rows.next()? {
        let id = HouseholdId(Uuid::from_bytes(row.get(0)?));
        let area = UnitId(Uuid::from_bytes(row.get(1)?));
        let household = records::parse(row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?)?;
        let dwelling = match row.get_ref(3)?.as_str_or_null().map_err(rusqlite::Error::from)? {
            Some(body) => Some(records::parse(body)?),
            None => None,
        };
        let on = household.sets.get(HOUSEHOLD_LISTS).into_iter().flatten().filter(|(_, element)| is_there(element));
        homes.push(Home {
            id,
            units: std::iter::successors(Some(area), |unit| above.get(unit).copied()).take(UNITS_MAX_COUNT).collect(),
            from: names::text(&household.f, "from").and_then(|day| day.parse().ok()).unwrap_or(NaiveDate::MIN),
            lists: order::gather(on.filter_map(|(list, _)| Uuid::parse_str(list).ok())),
            used_as: dwelling.and_then(|dwelling| Deserialize::deserialize(dwelling.f.get("use")?).ok()),
            residencies: residencies.remove(&id).unwrap_or_default(),
            care_needs: order::gather(care_needs.remove(&id).unwrap_or_default()),
            walk_key: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
            matters: Vec::new(),
            plans: BTreeMap::new(),
            visits: Vec::new(),
        });
    }
    Ok(homes)
}

/// Levels of the tree; a parent that leads in a circle ends there.
pub(crate) const UNITS_MAX_COUNT: usize = 8;

pub(crate) fn units_above(c: &Connection) -> Result<HashMap<UnitId, UnitId>, Error> {
    let mut found = c.prepare_cached("SELECT id, parent FROM record WHERE kind = 1 AND parent IS NOT NULL")?;
    let unit = |bytes: [u8; 16]| UnitId(Uuid::from_bytes(bytes));
    let rows = found.query_map([], |row| Ok((unit(row.get(0)?), unit(row.get(1)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn residencies(c: &Connection) -> Result<HashMap<HouseholdId, Vec<ResidencyKind>>, Error> {
    let mut found = c.prepare_cached(
        "SELECT parent, class FROM record WHERE kind = 7 AND status = 'current' AND parent IS NOT NULL",
    )?;
    let mut rows = found.query([])?;
    let mut kinds: HashMap<HouseholdId, Vec<ResidencyKind>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let name = Value::String(row.get(1)?);
        if let Ok(kind) = ResidencyKind::deserialize(name) {
            kinds.entry(HouseholdId(Uuid::from_bytes(row.get(0)?))).or_default().push(kind);
        }
    }
    Ok(kinds)
}

fn visits(c: &Connection, rules: &Rules, homes: &mut [Home], today: NaiveDate) -> Result<(), Error> {
    let earliest = Moment::start_of(rules.earliest(homes, today)).to_string();
    // Answered from the list index alone: 8,000 visits without reading one.
    let mut found = c.prepare_cached(
        "SELECT sort, status FROM record WHERE kind = 8 AND parent = ?1 AND sort >= ?2 AND status <> 'voided'",
    )?;
    for home in homes {
        let mut rows = found.query(params![home.id.as_bytes(), earliest])?;
        while let Some(row) = rows.next()? {
            let (start, status) = (row.get_ref(0)?.as_str(), row.get_ref(1)?.as_str());
            let start = start.ok().and_then(Moment::parse);
            let outcome = status.ok().and_then(|name| Outcome::ALL.into_iter().find(|one| one.name() == name));
            home.visits.extend(start.map(Moment::day).zip(outcome));
        }
    }
    Ok(())
}
