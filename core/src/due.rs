//! What is due today: the rules that came down, the homes, visits and appointments on this phone, put together by the domain.

use crate::Core;
use crate::appointments;
use crate::care;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::households;
use crate::links;
use crate::names;
use crate::store::{profile, records};
use crate::views::{DueAppointmentView, DueHomeView, DueListView, HomeView, MustVisitListView, ProgressView, TaskView};
use chrono::NaiveDate;
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;
use zoufang_domain::appointment::Appointment;
use zoufang_domain::cadence::{CadenceRule, HOUSEHOLD_LISTS, MustVisitList, Rhythm};
use zoufang_domain::calendar::Moment;
use zoufang_domain::due::{self, Cause, Home, Task};
use zoufang_domain::ids::{AppointmentId, HouseholdId, UnitId};
use zoufang_domain::operation::Action;
use zoufang_domain::record::{Element, Record};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::Outcome;
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
        appointments::agreed_ones(c)?.into_iter().map(|one| (one.0.0, one)).collect();
    let agreed = appointments.values().filter_map(|(id, of)| due::appointment_task(*id, of, now));
    // What was agreed with a household stays agreed when it becomes part of another.
    let whole = links::Whole::read(c)?;
    let agreed: Vec<Task> = agreed.map(|task| Task { household: whole.of(task.household), ..task }).collect();
    if rules.causes.is_empty() && agreed.is_empty() {
        return Ok(DueListView { day: today, homes: Vec::new(), progress: Vec::new() });
    }
    let mut homes = homes(c, today)?;
    visits(c, &rules, &mut homes, today)?;
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
    });
    Ok(DueListView { day: today, homes: due.collect(), progress: progress.collect() })
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
            lists: lists.iter().filter_map(|record| Some((record.id, records::readable(record)?))).collect(),
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
            attempts_count: task.attempts_count,
        }
    }
    /// The first day whose visits can matter.
    fn earliest(&self, homes: &[Home], today: NaiveDate) -> NaiveDate {
        let counts_from_move_in = |cause: &Cause| matches!(cause.rule.rhythm, Rhythm::WithinHoursOfMoveIn(_));
        let turns = self.causes.iter().filter_map(|cause| cause.rule.turn(&self.days, today)).map(|turn| turn.from);
        let came = match self.causes.iter().any(counts_from_move_in) {
            true => homes.iter().map(|home| home.from).min(),
            false => None,
        };
        turns.chain(came).min().unwrap_or(today)
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
            lists: on.filter_map(|(list, _)| Uuid::parse_str(list).ok()).collect(),
            used_as: dwelling.and_then(|dwelling| Deserialize::deserialize(dwelling.f.get("use")?).ok()),
            residencies: residencies.remove(&id).unwrap_or_default(),
            care_needs: care_needs.remove(&id).unwrap_or_default().into_iter().collect(),
            walk_key: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
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
