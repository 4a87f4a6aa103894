//! What is due: for each rule how many homes it is for, were visited, are overdue, or had it called off, and in a micro-grid the homes themselves.
//! The tasks are those of the phones, by the same code and the same ids ([`zoufang_domain::due`]), with one exception: homes that are on a list
//! only by a care need are not counted, since a desk is not shown who needs what.

use super::units::{self, UnitName};
use super::{Asked, Head, ReportError};
use crate::store::scope::Scope;
use crate::store::{StoreError, id_at, id_at_opt};
use rusqlite::Connection;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;
use zoufang_domain::cadence::{CadenceRule, Condition, HOUSEHOLD_LISTS, MustVisitList};
use zoufang_domain::calendar::Moment;
use zoufang_domain::due::{self, Cause, Home, Progress, Task, TaskState};
use zoufang_domain::home::Address;
use zoufang_domain::ids::{HouseholdId, UnitId};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::unit::Level;
use zoufang_domain::visit::Outcome;
use zoufang_domain::visit_task::VisitTask;
use zoufang_domain::working_day::{WorkingDays, YearCalendar};

/// Most micro-grids whose tasks are worked out at once: those of a large street. One takes about a millisecond.
pub const MICRO_GRIDS_MAX_COUNT: usize = 400;
/// Days before today whose visits can settle a turn: the longest is half a year.
const VISITS_DAYS: u64 = 200;

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Due {
    /// Unit, period, time. The period has no bearing: what is due is due today.
    #[serde(flatten)]
    pub head: Head,
    /// Set when the unit holds more than [`MICRO_GRIDS_MAX_COUNT`] micro-grids: then nothing is counted, and a smaller unit is to be asked for.
    pub is_too_wide: bool,
    /// By rule.
    pub rules: Vec<RuleRow>,
    /// Tasks by unit directly below.
    pub children: Vec<UnitRow>,
    /// Of a micro-grid: homes with open tasks, as phones list them.
    pub homes: Vec<HomeRow>,
}

/// How far the homes of a rule are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleRow {
    /// The rule.
    pub rule: Uuid,
    /// What people call it.
    pub name: String,
    /// First day of its turn.
    pub from: chrono::NaiveDate,
    /// Last day on which a visit is in time.
    pub due_to: chrono::NaiveDate,
    /// How they stand.
    #[serde(flatten)]
    pub counts: TaskCounts,
}

/// Tasks by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TaskCounts {
    /// Homes that are asked for, without those for which it was called off.
    pub homes: u64,
    /// Visited in the turn.
    pub visited: u64,
    /// Not visited, and the last day is past.
    pub overdue: u64,
    /// Called off.
    pub cancelled: u64,
}

impl TaskCounts {
    fn add(&mut self, state: TaskState) {
        match state {
            TaskState::Cancelled => self.cancelled += 1,
            TaskState::Done => self.visited += 1,
            TaskState::Overdue => self.overdue += 1,
            TaskState::Due | TaskState::Moved => {}
        }
        self.homes += u64::from(state != TaskState::Cancelled);
    }
}

/// A unit below.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitRow {
    /// The unit.
    pub unit: UnitName,
    /// Its tasks of all rules.
    #[serde(flatten)]
    pub counts: TaskCounts,
}

/// A home with open tasks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HomeRow {
    /// The home.
    pub household: HouseholdId,
    /// Its address.
    pub address: String,
    /// Ids of the tasks, the same as on phones, with the rule's name.
    pub tasks: Vec<(Uuid, String)>,
    /// Whether the most pressing is overdue.
    pub is_overdue: bool,
    /// The last day of the most pressing.
    pub due_to: chrono::NaiveDate,
}

/// Works out what is due.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn due(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Due, ReportError> {
    let head = super::head(c, scope, asked)?;
    let mut areas = micro_grids(c, asked.unit)?;
    let mut report = Due { head, is_too_wide: false, rules: Vec::new(), children: Vec::new(), homes: Vec::new() };
    if areas.len() > MICRO_GRIDS_MAX_COUNT {
        report.is_too_wide = true;
        return Ok(report);
    }
    let today = asked.now.day();
    let set = Set::read(c, asked.unit)?;
    areas.retain(|_| !set.causes.is_empty());
    let mut tasks: Vec<Task> = Vec::new();
    let mut by_child: HashMap<UnitId, TaskCounts> = HashMap::new();
    for area in &areas {
        let homes = set.homes(c, *area, today)?;
        let own = due::tasks(&set.causes, &set.lists, &set.days, &homes, today);
        let counts = by_child.entry(child_above(c, asked.unit, *area)?).or_default();
        own.iter().for_each(|task| counts.add(task.state));
        if report.head.unit.level == Level::MicroGrid {
            report.homes = set.home_rows(c, *area, &own, &homes)?;
        }
        tasks.extend(own);
    }
    let row = |told: Progress| {
        let mut counts = TaskCounts::default();
        tasks.iter().filter(|task| task.cause == told.cause).for_each(|task| counts.add(task.state));
        RuleRow { rule: told.cause, name: set.name(told.cause), from: told.turn.from, due_to: told.turn.due_to, counts }
    };
    report.rules = due::progress(&set.causes, &tasks).into_iter().map(row).collect();
    let children = units::children(c, asked.unit)?.into_iter();
    report.children =
        children.map(|unit| UnitRow { counts: by_child.remove(&unit.id).unwrap_or_default(), unit }).collect();
    Ok(report)
}

fn micro_grids(c: &Connection, unit: UnitId) -> Result<Vec<UnitId>, StoreError> {
    let sql = "SELECT unit.id FROM unit_within inside JOIN unit ON unit.id = inside.unit
               WHERE inside.ancestor = ?1 AND unit.level = 'micro_grid' ORDER BY unit.id LIMIT ?2";
    let mut statement = c.prepare_cached(sql)?;
    let found = statement
        .query_map((unit.as_bytes(), MICRO_GRIDS_MAX_COUNT as i64 + 1), |row| id_at(row, 0).map(UnitId))?
        .collect::<Result<_, _>>()?;
    Ok(found)
}

/// The unit directly below one that an area lies in; the area itself for the unit itself.
fn child_above(c: &Connection, unit: UnitId, area: UnitId) -> Result<UnitId, StoreError> {
    let sql = "SELECT unit.id FROM unit JOIN unit_within inside ON inside.ancestor = unit.id
               WHERE unit.parent = ?1 AND inside.unit = ?2";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((unit.as_bytes(), area.as_bytes()))?;
    Ok(rows.next()?.map(|row| id_at(row, 0)).transpose()?.map_or(unit, UnitId))
}

/// What the units above have set, and those inside.
struct Set {
    causes: Vec<Cause>,
    lists: BTreeMap<Uuid, MustVisitList>,
    days: WorkingDays,
}

impl Set {
    fn read(c: &Connection, unit: UnitId) -> Result<Self, StoreError> {
        let mut set = Set { causes: Vec::new(), lists: BTreeMap::new(), days: WorkingDays::default() };
        for record in set_for(c, unit, Kind::Calendar)? {
            record.read::<YearCalendar>().iter().for_each(|year| set.days.take(year));
        }
        for record in set_for(c, unit, Kind::MustVisitList)? {
            let Ok(mut list) = record.read::<MustVisitList>() else { continue };
            list.condition = list.condition.filter(|condition| !matches!(condition, Condition::CareNeed(_)));
            set.lists.insert(record.id, list);
        }
        for record in set_for(c, unit, Kind::CadenceRule)? {
            let Ok(rule) = record.read::<CadenceRule>() else { continue };
            set.causes.push(Cause { unit: record.area, id: record.id, rule });
        }
        Ok(set)
    }
    fn name(&self, cause: Uuid) -> String {
        self.causes.iter().find(|known| known.id == cause).map(|known| known.rule.name.clone()).unwrap_or_default()
    }
    fn homes(&self, c: &Connection, area: UnitId, today: chrono::NaiveDate) -> Result<Vec<Home>, StoreError> {
        let mut homes = homes(c, area)?;
        let since = today.checked_sub_days(chrono::Days::new(VISITS_DAYS)).unwrap_or(today);
        let earliest = homes.iter().map(|home| home.from).filter(|from| *from < since).min();
        let counts_from_home = |cause: &Cause| cause.rule.turn_of_home(today, &[today], today).is_some();
        // A rule that counts from a home's own day looks back as far as homes go.
        let since = match self.causes.iter().any(counts_from_home) {
            true => earliest.unwrap_or(since),
            false => since,
        };
        fill(c, area, &mut homes, since)?;
        Ok(homes)
    }
    fn home_rows(
        &self,
        c: &Connection,
        area: UnitId,
        tasks: &[Task],
        homes: &[Home],
    ) -> Result<Vec<HomeRow>, StoreError> {
        let mut rows = Vec::new();
        for open in due::due_homes(tasks, homes) {
            let Some(first) = open.tasks.first() else { continue };
            rows.push(HomeRow {
                household: open.household,
                address: address(c, area, open.household)?,
                is_overdue: first.state == TaskState::Overdue,
                due_to: first.turn.due_to,
                tasks: open.tasks.iter().map(|task| (task.id, self.name(task.cause))).collect(),
            });
        }
        Ok(rows)
    }
}

fn set_for(c: &Connection, unit: UnitId, kind: Kind) -> Result<Vec<Record>, StoreError> {
    let sql = "SELECT r.body FROM (SELECT ancestor AS area FROM unit_within WHERE unit = ?1
               UNION SELECT unit FROM unit_within WHERE ancestor = ?1) at CROSS JOIN record r
               ON r.area = at.area AND r.kind = ?2 ORDER BY r.sort, r.id";
    read_all(c, sql, (unit.as_bytes(), kind.number()))
}

fn read_all(c: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Vec<Record>, StoreError> {
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map(values, |row| row.get::<_, String>(0))?;
    rows.map(|body| serde_json::from_str(&body?).map_err(|_| StoreError::Damaged { what: "record" })).collect()
}

fn value<T: DeserializeOwned>(record: &Record, field: &str) -> Option<T> {
    serde_json::from_value(record.f.get(field)?.clone()).ok()
}

/// The current homes of a micro-grid, without their visits.
fn homes(c: &Connection, area: UnitId) -> Result<Vec<Home>, StoreError> {
    let mut above = c.prepare_cached("SELECT ancestor FROM unit_within WHERE unit = ?1")?;
    let units: Vec<UnitId> =
        above.query_map([area.as_bytes()], |row| id_at(row, 0).map(UnitId))?.collect::<Result<_, _>>()?;
    let mut residencies: HashMap<Uuid, Vec<_>> = HashMap::new();
    let sql = "SELECT body FROM record WHERE area = ?1 AND kind = 7 AND status = 'current'";
    for record in read_all(c, sql, [area.as_bytes()])? {
        if let (Some(home), Some(kind)) = (value::<Uuid>(&record, "household"), value(&record, "kind")) {
            residencies.entry(home).or_default().push(kind);
        }
    }
    let mut statement = c.prepare_cached(
        "SELECT home.body, dwelling.body, dwelling.sort FROM record home
         LEFT JOIN record dwelling ON dwelling.area = home.area AND dwelling.kind = 4 AND dwelling.id = home.parent
         WHERE home.area = ?1 AND home.kind = 5 AND home.status = 'current'",
    )?;
    let mut rows = statement.query([area.as_bytes()])?;
    let mut homes = Vec::new();
    let damaged = |_| StoreError::Damaged { what: "record" };
    while let Some(row) = rows.next()? {
        let home: Record = serde_json::from_str(&row.get::<_, String>(0)?).map_err(damaged)?;
        let dwelling: Option<String> = row.get(1)?;
        let dwelling: Option<Record> = dwelling.map(|body| serde_json::from_str(&body)).transpose().map_err(damaged)?;
        let on = home.sets.get(HOUSEHOLD_LISTS).into_iter().flatten().filter(|(_, element)| element.value.is_some());
        homes.push(Home {
            id: HouseholdId(home.id),
            units: units.clone(),
            from: value(&home, "from").unwrap_or(chrono::NaiveDate::MIN),
            lists: on.filter_map(|(list, _)| Uuid::parse_str(list).ok()).collect(),
            used_as: dwelling.as_ref().and_then(|dwelling| value(dwelling, "use")),
            residencies: residencies.remove(&home.id).unwrap_or_default(),
            care_needs: Default::default(),
            matters: Vec::new(),
            plans: BTreeMap::new(),
            walk_key: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
            visits: Vec::new(),
        });
    }
    Ok(homes)
}

/// Visits, matters and plans of homes.
fn fill(c: &Connection, area: UnitId, homes: &mut [Home], since: chrono::NaiveDate) -> Result<(), StoreError> {
    let at: HashMap<Uuid, usize> = homes.iter().enumerate().map(|(at, home)| (home.id.0, at)).collect();
    // Answered from the list index alone.
    let sql = "SELECT kind, parent, sort, status FROM record WHERE area = ?1 AND kind IN (8, 9) AND sort >= ?2";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((area.as_bytes(), Moment::start_of(since).to_string()))?;
    while let Some(row) = rows.next()? {
        let Some(home) = id_at_opt(row, 1)?.and_then(|id| at.get(&id)).and_then(|at| homes.get_mut(*at)) else {
            continue;
        };
        let (sort, status): (String, String) = (row.get(2)?, row.get(3)?);
        let Some(day) = Moment::parse(&sort).map(Moment::day) else { continue };
        if row.get::<_, i64>(0)? == Kind::Visit.number() {
            home.visits.extend(Outcome::ALL.into_iter().find(|one| one.name() == status).map(|outcome| (day, outcome)));
        } else if !matches!(status.as_str(), "withdrawn" | "declined" | "merged") {
            home.matters.push(day);
        }
    }
    let sql = "SELECT body FROM record WHERE area = ?1 AND kind = 13";
    for record in read_all(c, sql, [area.as_bytes()])? {
        let Ok(planned) = record.read::<VisitTask>() else { continue };
        if let Some(home) = at.get(&planned.household.0).and_then(|at| homes.get_mut(*at)) {
            home.plans.insert(record.id, planned.standing);
        }
    }
    Ok(())
}

fn address(c: &Connection, area: UnitId, household: HouseholdId) -> Result<String, StoreError> {
    let sql = "SELECT dwelling.body ->> '$.f.address' FROM record home
               JOIN record dwelling ON dwelling.area = home.area AND dwelling.kind = 4 AND dwelling.id = home.parent
               WHERE home.area = ?1 AND home.kind = 5 AND home.id = ?2";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query((area.as_bytes(), household.as_bytes()))?;
    let json: Option<String> = rows.next()?.map(|row| row.get(0)).transpose()?.flatten();
    let address = json.and_then(|json| serde_json::from_str::<Address>(&json).ok());
    Ok(address.map(|address| address.to_string()).unwrap_or_default())
}
