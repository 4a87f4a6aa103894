//! What units set for everyone below: visit rules, must-visit lists, working-day calendars. Records of the unit's own area, so that phones
//! below get them by the pull that they make anyway.

use crate::ledger::{self, LedgerError, Written};
use crate::store::{StoreError, id_at};
use rusqlite::{Connection, Transaction, params};
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::cadence::{CadenceRule, MustVisitList};
use zoufang_domain::care::CareNeedType;
use zoufang_domain::conflict;
use zoufang_domain::ids::{StaffId, UnitId, derived};
use zoufang_domain::matter::MatterRule;
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::working_day::{YearCalendar, calendar_id};

/// The record of a unit's rule or list: one of each kind by that name. Setting the same again changes nothing.
pub fn id_by_name(kind: Kind, unit: UnitId, name: &str) -> Uuid {
    derived(&[kind.name(), &unit.to_string(), name.trim()])
}

/// Sets a rule. A rule that holds is never altered, so that what was due stays explained: end it and set another.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; of `name` when the unit has another rule of that name; what the store says.
pub fn set_rule(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    rule: &CadenceRule,
) -> Result<Written, LedgerError> {
    if let Err(field) = rule.check() {
        return Err(invalid(field));
    }
    let id = id_by_name(Kind::CadenceRule, unit, &rule.name);
    if let Some(known) = ledger::record(tx, unit, Kind::CadenceRule, id)? {
        let same = known.read::<CadenceRule>().is_ok_and(|known| known == *rule);
        return if same { Ok(Written { changed: false, seq: 0 }) } else { Err(invalid("name")) };
    }
    create(tx, now_ms, author, unit, Kind::CadenceRule, id, ledger::fields_of(rule))
}

/// Sets terms of matters. Terms that hold are never altered, so that what was due stays explained: end them and set others.
///
/// # Errors
/// As [`set_rule`].
pub fn set_matter_rule(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    rule: &MatterRule,
) -> Result<Written, LedgerError> {
    if let Err(field) = rule.check() {
        return Err(invalid(field));
    }
    let id = id_by_name(Kind::MatterRule, unit, &rule.name);
    if let Some(known) = ledger::record(tx, unit, Kind::MatterRule, id)? {
        let same = known.read::<MatterRule>().is_ok_and(|known| known == *rule);
        return if same { Ok(Written { changed: false, seq: 0 }) } else { Err(invalid("name")) };
    }
    create(tx, now_ms, author, unit, Kind::MatterRule, id, ledger::fields_of(rule))
}

/// Ends a visit rule or terms of matters with a day; `false` when there is no such rule or it has ended.
///
/// # Errors
/// [`Refusal::Invalid`] of `to` for a day before its first; what the store says.
pub fn end_rule(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    id: Uuid,
    to: chrono::NaiveDate,
) -> Result<bool, LedgerError> {
    let mut set = of_kind(tx, Kind::CadenceRule)?;
    set.extend(of_kind(tx, Kind::MatterRule)?);
    let Some(known) = set.into_iter().find(|record| record.id == id) else { return Ok(false) };
    let day = |name: &str| known.f.get(name).and_then(Value::as_str).and_then(|day| day.parse().ok());
    let from: Option<chrono::NaiveDate> = day("from");
    if known.f.get("to").is_some_and(|to| !to.is_null()) {
        return Ok(false);
    }
    if from.is_none_or(|from| to < from) {
        return Err(invalid("to"));
    }
    let action = conflict::edit(&known, Fields::from([("to".to_owned(), serde_json::json!(to))]));
    ledger::write_own(tx, now_ms, author, known.area, known.kind, id, action)?;
    Ok(true)
}

/// Sets a must-visit list, or says anew what it is.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; what the store says.
pub fn set_list(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    list: &MustVisitList,
) -> Result<Written, LedgerError> {
    let id = id_by_name(Kind::MustVisitList, unit, &list.name);
    put(tx, now_ms, author, unit, Kind::MustVisitList, id, ledger::fields_of(list))
}

/// Sets a unit's calendar of a year, in the place of the one before.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; what the store says.
pub fn set_calendar(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    year: &YearCalendar,
) -> Result<Written, LedgerError> {
    put(tx, now_ms, author, unit, Kind::Calendar, calendar_id(unit, year.year), ledger::fields_of(year))
}

/// Sets a type of care need. A type is never altered: the needs of those who see it were set under what it says.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; of `name` when the unit has another type of that name; what the store says.
pub fn set_care_type(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    of: &CareNeedType,
) -> Result<Written, LedgerError> {
    if let Err(field) = of.check() {
        return Err(invalid(field));
    }
    let id = id_by_name(Kind::CareNeedType, unit, &of.name);
    if let Some(known) = ledger::record(tx, unit, Kind::CareNeedType, id)? {
        let same = known.read::<CareNeedType>().is_ok_and(|known| known == *of);
        return if same { Ok(Written { changed: false, seq: 0 }) } else { Err(invalid("name")) };
    }
    create(tx, now_ms, author, unit, Kind::CareNeedType, id, ledger::fields_of(of))
}

/// Every type of care need.
///
/// # Errors
/// What the store says.
pub fn care_types(c: &Connection) -> Result<Vec<Set<CareNeedType>>, StoreError> {
    read(c, Kind::CareNeedType)
}

/// A rule, list or calendar with its unit.
#[derive(Clone, Debug)]
pub struct Set<T> {
    /// The record.
    pub id: Uuid,
    /// The unit that set it.
    pub unit: UnitId,
    /// What it says.
    pub noun: T,
}

/// Every rule.
///
/// # Errors
/// What the store says.
pub fn rules(c: &Connection) -> Result<Vec<Set<CadenceRule>>, StoreError> {
    read(c, Kind::CadenceRule)
}

/// Every unit's terms of matters.
///
/// # Errors
/// What the store says.
pub fn matter_rules(c: &Connection) -> Result<Vec<Set<MatterRule>>, StoreError> {
    read(c, Kind::MatterRule)
}

/// Every unit's calendars.
///
/// # Errors
/// What the store says.
pub fn calendars(c: &Connection) -> Result<Vec<Set<YearCalendar>>, StoreError> {
    read(c, Kind::Calendar)
}

/// Every must-visit list.
///
/// # Errors
/// What the store says.
pub fn lists(c: &Connection) -> Result<Vec<Set<MustVisitList>>, StoreError> {
    read(c, Kind::MustVisitList)
}

pub(crate) fn read<T: serde::de::DeserializeOwned>(c: &Connection, kind: Kind) -> Result<Vec<Set<T>>, StoreError> {
    let read = |record: Record| {
        let noun = record.read().map_err(|_| StoreError::Damaged { what: kind.name() })?;
        Ok(Set { id: record.id, unit: record.area, noun })
    };
    of_kind(c, kind)?.into_iter().map(read).collect()
}

/// The records of a kind that goes down, of all units. Few: the units above the micro-grids set them.
fn of_kind(c: &Connection, kind: Kind) -> Result<Vec<Record>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT r.body, u.id FROM unit u JOIN record r ON r.area = u.id AND r.kind = ?1 ORDER BY r.sort, r.id",
    )?;
    let mut rows = statement.query(params![kind.number()])?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(|_| StoreError::Damaged { what: kind.name() })?;
        let record: Record = serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: kind.name() })?;
        debug_assert_eq!(record.area.0, id_at(row, 1)?);
        records.push(record);
    }
    Ok(records)
}

/// Creates a record, or edits the fields that differ.
fn put(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    kind: Kind,
    id: Uuid,
    wanted: Fields,
) -> Result<Written, LedgerError> {
    let Some(known) = ledger::record(tx, unit, kind, id)? else {
        return create(tx, now_ms, author, unit, kind, id, wanted);
    };
    let gone = known.f.keys().filter(|name| !wanted.contains_key(*name)).map(|name| (name.clone(), Value::Null));
    let mut changed: Fields = gone.filter(|(name, _)| known.f.get(name) != Some(&Value::Null)).collect();
    changed.extend(wanted.into_iter().filter(|(name, value)| known.f.get(name) != Some(value)));
    if changed.is_empty() {
        return Ok(Written { changed: false, seq: 0 });
    }
    ledger::write_own(tx, now_ms, author, unit, kind, id, conflict::edit(&known, changed))
}

pub(crate) fn create(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    kind: Kind,
    id: Uuid,
    fields: Fields,
) -> Result<Written, LedgerError> {
    ledger::write_own(tx, now_ms, author, unit, kind, id, Action::Create { fields, entries: Vec::new() })
}

fn invalid(field: &str) -> LedgerError {
    LedgerError::Refused(Refusal::Invalid { field: field.to_owned() })
}
