//! What residents asked of their own data in a unit's subtree, texts that are held for review, and what was exported. Who asked, and the texts,
//! are shown only to those who may decide: [`Rights::requests`] and [`held`] say which those are by `may_decide`.

use super::units::{self, PLACE};
use super::{Asked, Head, ReportError};
use crate::ledger::{self, Person, Settler};
use crate::rights;
use crate::store::StoreError;
use crate::store::scope::Scope;
use rusqlite::{Connection, named_params};
use serde::Serialize;
use serde_json::Value;
use std::collections::HashMap;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Address;
use zoufang_domain::ids::{RightsRequestId, UnitId};
use zoufang_domain::record::Record;
use zoufang_domain::rights::{RequestState, Right, RightsRequest};
use zoufang_domain::schema::Kind;

/// Rows listed at once; the counts above the lists cover all.
pub const ROWS_SHOWN_MAX_COUNT: usize = 200;

/// The lists.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rights {
    /// Unit, period, time. What waits is listed whatever the period.
    #[serde(flatten)]
    pub head: Head,
    /// All requests that wait, and those of the period.
    pub total: u64,
    /// Of these, that wait.
    pub open: u64,
    /// Of these, that wait longer than they may.
    pub overdue: u64,
    /// The first [`ROWS_SHOWN_MAX_COUNT`]: what waits longest first, then the latest.
    pub requests: Vec<RequestRow>,
    /// Texts that are held for review.
    pub held_total: u64,
}

/// One request.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RequestRow {
    /// Which.
    pub id: RightsRequestId,
    /// The micro-grid.
    pub area: UnitId,
    /// Its name.
    pub unit: String,
    /// What for.
    pub right: Right,
    /// When it was asked for.
    pub asked_on: chrono::NaiveDate,
    /// The last day on which it is answered in time.
    pub due: chrono::NaiveDate,
    /// Whether that day is over and it still waits.
    pub is_overdue: bool,
    /// Where it stands.
    pub state: RequestState,
    /// When it was decided.
    pub decided: Option<Moment>,
    /// What the person was told; only where the caller may decide.
    pub answer: Option<String>,
    /// Who asks; empty when they are erased, or the caller may not decide.
    pub name: String,
    /// Their home; empty as the name.
    pub home: String,
    /// Whether the caller may decide here.
    pub may_decide: bool,
    /// Whether it is about a resident, not the contact of a home.
    pub is_resident: bool,
}

/// A text that is held for review.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldRow {
    /// Its number, as it stands in the record.
    pub id: i64,
    /// The micro-grid.
    pub area: UnitId,
    /// Its name.
    pub unit: String,
    /// What kind of record it belongs to.
    pub kind: &'static str,
    /// When it came.
    pub received: Moment,
    /// The text.
    pub text: String,
}

/// An export.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExportRow {
    /// When.
    pub at: Moment,
    /// By whom: `staff:<id>` or `console`.
    pub actor: String,
    /// Which: `rights.copy`, `form.answers`.
    pub what: String,
    /// Within which unit.
    pub unit: String,
    /// What was in it.
    pub columns: String,
    /// What for.
    pub purpose: String,
    /// How many records.
    pub rows_count: u64,
}

/// Whether somebody may decide in areas, asked once each.
struct MayDecide<'c> {
    c: &'c Connection,
    by: Settler,
    now_ms: i64,
    known: HashMap<UnitId, bool>,
}

impl MayDecide<'_> {
    fn here(&mut self, area: UnitId) -> bool {
        let (c, by, now_ms) = (self.c, self.by, self.now_ms);
        *self.known.entry(area).or_insert_with(|| ledger::may_carry_out(c, now_ms, by, area).is_ok())
    }
}

const WANTED: &str = "unit_within inside CROSS JOIN record ON record.area = inside.unit AND record.kind = 22
    AND (record.status = 'open' OR (record.sort >= :from AND record.sort <= :to))";

/// Lists requests, for somebody.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn rights(c: &Connection, scope: &Scope, asked: &Asked, by: Settler) -> Result<Rights, ReportError> {
    let head = super::head(c, scope, asked)?;
    let unit = asked.unit.as_bytes();
    let (from, to) = (asked.period.from.to_string(), asked.period.to.to_string());
    let last = (asked.now.day() - chrono::Days::new(zoufang_domain::rights::ANSWER_DAYS)).to_string();
    let counted = format!(
        "SELECT count(*), coalesce(sum(record.status = 'open'), 0),
         coalesce(sum(record.status = 'open' AND record.sort < :last), 0) FROM {WANTED} WHERE inside.ancestor = :unit"
    );
    let values = named_params! { ":unit": unit, ":from": from, ":to": to, ":last": last };
    let (total, open, overdue): (i64, i64, i64) =
        c.prepare_cached(&counted)?.query_row(values, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let sql = format!(
        "SELECT record.area, {PLACE}, record.body FROM {WANTED} JOIN unit ON unit.id = record.area
         WHERE inside.ancestor = :unit ORDER BY record.status <> 'open', iif(record.status = 'open', record.sort, ''),
         record.sort DESC, record.id LIMIT :max"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let max = ROWS_SHOWN_MAX_COUNT as i64;
    let mut rows = statement.query(named_params! { ":unit": unit, ":from": from, ":to": to, ":max": max })?;
    let mut may = MayDecide { c, by, now_ms: asked.now.to_ms(), known: HashMap::new() };
    let mut requests = Vec::new();
    while let Some(row) = rows.next()? {
        let (area, unit, body) = (units::id_at(row, 0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?);
        let record: Record = serde_json::from_str(&body).map_err(|_| StoreError::Damaged { what: "record" })?;
        // One that does not read (a newer version wrote it) is counted and not shown.
        let Ok(of) = record.read::<RightsRequest>() else { continue };
        let may_decide = may.here(area);
        requests.push(row_of(c, asked, &record, of, (area, unit), may_decide)?);
    }
    let held_total = held_count(c, asked.unit)?;
    let (total, open, overdue) = (total as u64, open as u64, overdue as u64);
    Ok(Rights { head, total, open, overdue, requests, held_total })
}

fn row_of(
    c: &Connection,
    asked: &Asked,
    record: &Record,
    of: RightsRequest,
    (area, unit): (UnitId, String),
    may_decide: bool,
) -> Result<RequestRow, ReportError> {
    let person = rights::person_of(&of).filter(|_| may_decide);
    let (name, home) = person.map_or(Ok(Default::default()), |person| who(c, area, person))?;
    let due = of.due();
    Ok(RequestRow {
        id: RightsRequestId(record.id),
        area,
        unit,
        right: of.right,
        asked_on: of.asked_on,
        due,
        is_overdue: of.standing.state == RequestState::Open && asked.now.day() > due,
        state: of.standing.state,
        decided: of.standing.at,
        answer: of.standing.answer.filter(|_| may_decide),
        name,
        home,
        may_decide,
        is_resident: of.resident.is_some(),
    })
}

/// Name and home of a person.
fn who(c: &Connection, area: UnitId, person: Person) -> Result<(String, String), StoreError> {
    let text = |record: &Record, field: &str| {
        record.f.get(field).and_then(Value::as_str).map(str::to_owned).unwrap_or_default()
    };
    let (kind, subject) = person.key();
    let Some(record) = ledger::record(c, area, kind, subject)? else { return Ok(Default::default()) };
    let (name, household) = match person {
        Person::Contact(household) => (text(&record, "contact"), Some(household.0)),
        Person::Resident(resident) => {
            let sql = "SELECT parent FROM record WHERE area = ?1 AND kind = 7 AND sort = ?2
                       ORDER BY status <> 'current' LIMIT 1";
            let mut found = c.prepare_cached(sql)?;
            let mut rows = found.query((area.as_bytes(), resident.to_string()))?;
            let home = rows.next()?.map(|row| crate::store::id_at_opt(row, 0)).transpose()?.flatten();
            (text(&record, "name"), home)
        }
    };
    Ok((name, household.map_or(Ok(String::new()), |home| address(c, area, home))?))
}

fn address(c: &Connection, area: UnitId, household: Uuid) -> Result<String, StoreError> {
    let home = ledger::record(c, area, Kind::Household, household)?;
    let dwelling = home.and_then(|home| home.f.get("dwelling")?.as_str().and_then(|id| Uuid::parse_str(id).ok()));
    let dwelling = dwelling.map(|id| ledger::record(c, area, Kind::Dwelling, id)).transpose()?.flatten();
    let address = dwelling.and_then(|one| serde_json::from_value::<Address>(one.f.get("address")?.clone()).ok());
    Ok(address.map(|address| address.to_string()).unwrap_or_default())
}

fn held_count(c: &Connection, unit: UnitId) -> Result<u64, StoreError> {
    let sql = "SELECT count(*) FROM unit_within inside CROSS JOIN held_text held
               ON held.area = inside.unit AND held.settled_ms IS NULL WHERE inside.ancestor = ?1";
    Ok(c.prepare_cached(sql)?.query_row([unit.as_bytes()], |row| row.get::<_, i64>(0))? as u64)
}

/// Requests and texts that wait in a subtree that the caller has found inside its scope.
pub(crate) fn waiting_count(c: &Connection, unit: UnitId) -> Result<u64, ReportError> {
    let sql = "SELECT count(*) FROM unit_within inside CROSS JOIN record
               ON record.area = inside.unit AND record.kind = 22 AND record.status = 'open' WHERE inside.ancestor = ?1";
    let open = c.prepare_cached(sql)?.query_row([unit.as_bytes()], |row| row.get::<_, i64>(0))? as u64;
    Ok(open + held_count(c, unit)?)
}

/// The texts that are held for review in a subtree, the oldest first, in areas where somebody may decide.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn held(c: &Connection, scope: &Scope, asked: &Asked, by: Settler) -> Result<Vec<HeldRow>, ReportError> {
    units::named(c, scope, asked.unit)?;
    let sql = format!(
        "SELECT held.id, held.area, {PLACE}, held.kind, held.received_ms, held.text FROM unit_within inside
         CROSS JOIN held_text held ON held.area = inside.unit AND held.settled_ms IS NULL
         JOIN unit ON unit.id = held.area WHERE inside.ancestor = ?1 ORDER BY held.id LIMIT ?2"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let mut rows = statement.query((asked.unit.as_bytes(), ROWS_SHOWN_MAX_COUNT as i64))?;
    let mut may = MayDecide { c, by, now_ms: asked.now.to_ms(), known: HashMap::new() };
    let mut held = Vec::new();
    while let Some(row) = rows.next()? {
        let area = units::id_at(row, 1)?;
        if !may.here(area) {
            continue;
        }
        held.push(HeldRow {
            id: row.get(0)?,
            area,
            unit: row.get(2)?,
            kind: Kind::from_number(row.get(3)?).map_or("", Kind::name),
            received: Moment::from_ms(row.get(4)?),
            text: row.get(5)?,
        });
    }
    Ok(held)
}

/// What was exported from a subtree in the period, the latest first.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn exports(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Vec<ExportRow>, ReportError> {
    units::named(c, scope, asked.unit)?;
    let (from, after) = asked.period.bounds();
    let (from, after) = (from.to_ms(), after.to_ms());
    let sql = format!(
        "SELECT export.at_ms, export.actor, export.what, {PLACE}, export.columns, export.purpose, export.rows_count
         FROM unit_within inside CROSS JOIN export ON export.unit = inside.unit AND export.at_ms >= ?2 AND export.at_ms < ?3
         JOIN unit ON unit.id = export.unit WHERE inside.ancestor = ?1 ORDER BY export.id DESC LIMIT ?4"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let rows = statement.query_map((asked.unit.as_bytes(), from, after, ROWS_SHOWN_MAX_COUNT as i64), |row| {
        Ok(ExportRow {
            at: Moment::from_ms(row.get(0)?),
            actor: row.get(1)?,
            what: row.get(2)?,
            unit: row.get(3)?,
            columns: row.get(4)?,
            purpose: row.get(5)?,
            rows_count: row.get::<_, i64>(6)? as u64,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
