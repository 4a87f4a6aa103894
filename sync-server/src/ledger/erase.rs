//! Erasing a person from an area: their records go for good, and what is about something else loses their traces, in the records, in the
//! ledger, in quarantine and in what is held for review. Phones get the word by their next pull.

use super::LedgerError;
use super::book::Book;
use super::erasure_log::{self, Erasure};
use super::own::CONSOLE;
use super::redaction;
use super::settle::{Settler, may_by_post};
use crate::audit::{self, Actor};
use crate::projection::Records;
use crate::store::{StoreError, id_at};
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use std::collections::{BTreeSet, HashSet};
use uuid::Uuid;
use zoufang_domain::authority;
use zoufang_domain::erasure::{self, Extent, Traces};
use zoufang_domain::ids::{HouseholdId, ResidentId, StaffId, UnitId};
use zoufang_domain::operation::Operation;
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

/// Who is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Person {
    /// A resident.
    Resident(ResidentId),
    /// The contact of a household, whom no resident's record names.
    Contact(HouseholdId),
}

impl Person {
    /// The record that stands for them.
    pub fn key(self) -> (Kind, Uuid) {
        match self {
            Person::Resident(id) => (Kind::Resident, id.0),
            Person::Contact(id) => (Kind::Household, id.0),
        }
    }
}

/// What an erasure did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Erased {
    /// Records that went.
    pub removed_count: u64,
    /// Records that lost traces.
    pub redacted_count: u64,
    /// Kept operations that were rewritten.
    pub operations_count: u64,
}

/// Whether someone may decide on what residents of an area ask of their own data.
///
/// # Errors
/// [`Refusal::NotAssigned`] without a post over the area, [`Refusal::NotAllowed`] when none of the posts may; what the store says.
pub fn may_carry_out(c: &Connection, now_ms: i64, by: Settler, area: UnitId) -> Result<(), LedgerError> {
    may_by_post(c, now_ms, by, area, authority::carries_out_rights)
}

/// Erases a person from an area, in the caller's transaction.
///
/// # Errors
/// As [`may_carry_out`]; [`Refusal::NotAssigned`] too when the area has no such person; what the store says.
pub fn erase(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    person: Person,
) -> Result<Erased, LedgerError> {
    may_carry_out(tx, now_ms, by, area)?;
    let (kind, subject) = person.key();
    let Some(known) = Known::find(tx, area, person)? else {
        // Erased before, and asked for once more: after a restore the request may be open again.
        let sql = "SELECT EXISTS (SELECT 1 FROM erasure WHERE area = ?1 AND subject = ?2)";
        let is_done: bool =
            tx.prepare_cached(sql)?.query_row((area.as_bytes(), subject.as_bytes()), |row| row.get(0))?;
        return if is_done { Ok(Erased::default()) } else { Err(Refusal::NotAssigned.into()) };
    };
    let removed = known.removed.clone();
    let erasure = Erasure { at_ms: now_ms, area, kind, subject, removed, homes: known.homes.iter().copied().collect() };
    erasure_log::append(tx, &erasure)?;
    Ok(carry_out(tx, now_ms, by, &erasure, &known)?)
}

/// Carries out what was erased after the backup was taken that has come back. Gives how many.
pub(crate) fn replay(tx: &Transaction<'_>, now_ms: i64) -> Result<u64, StoreError> {
    let mut count = 0;
    for erasure in erasure_log::all(tx)? {
        let sql = "SELECT EXISTS (SELECT 1 FROM erasure WHERE area = ?1 AND subject = ?2 AND at_ms = ?3)";
        let key = (erasure.area.as_bytes(), erasure.subject.as_bytes(), erasure.at_ms);
        let is_done: bool = tx.prepare_cached(sql)?.query_row(key, |row| row.get(0))?;
        if is_done {
            continue;
        }
        let person = match erasure.kind {
            Kind::Resident => Person::Resident(ResidentId(erasure.subject)),
            _ => Person::Contact(HouseholdId(erasure.subject)),
        };
        let known = Known::find(tx, erasure.area, person)?.unwrap_or_default();
        carry_out(tx, now_ms, Settler::Console, &erasure, &known)?;
        count += 1;
    }
    Ok(count)
}

/// What the area knows of a person.
#[derive(Default)]
struct Known {
    /// Records that are about nobody else.
    removed: Vec<(Kind, Uuid)>,
    homes: BTreeSet<Uuid>,
    traces: Traces,
}

impl Known {
    fn find(c: &Connection, area: UnitId, person: Person) -> Result<Option<Known>, StoreError> {
        match person {
            Person::Resident(resident) => Known::resident(c, area, resident),
            Person::Contact(household) => {
                let Some(home) = find(c, area, Kind::Household, household.0)? else { return Ok(None) };
                let traces = Traces::of(&[&home]);
                if traces.is_empty() {
                    return Ok(None);
                }
                Ok(Some(Known { removed: Vec::new(), homes: BTreeSet::from([household.0]), traces }))
            }
        }
    }
    fn resident(c: &Connection, area: UnitId, resident: ResidentId) -> Result<Option<Known>, StoreError> {
        let Some(record) = find(c, area, Kind::Resident, resident.0)? else { return Ok(None) };
        let mut known = Known {
            removed: vec![(Kind::Resident, resident.0)],
            homes: BTreeSet::new(),
            traces: Traces::of(&[&record]),
        };
        let id = resident.to_string();
        for kind in [Kind::Residency, Kind::CareNeed, Kind::Restriction] {
            for record in all(c, area, kind)? {
                if record.f.get("resident").and_then(serde_json::Value::as_str) == Some(&id) {
                    known.removed.push((kind, record.id));
                    known.homes.extend(home_of(&record));
                }
            }
        }
        for record in all(c, area, Kind::Matter)? {
            if record.f.get("resident").and_then(serde_json::Value::as_str) == Some(&id) {
                known.homes.extend(home_of(&record));
                // What comes for it later is looked at like what comes for a home.
                known.homes.insert(record.id);
            }
        }
        // A home that names the person as its contact gives their number.
        let names = known.traces.names().to_vec();
        for home in &known.homes {
            let Some(home) = find(c, area, Kind::Household, *home)? else { continue };
            let contact = home.f.get("contact").and_then(serde_json::Value::as_str).map(str::trim);
            let phone = home.f.get("phone").and_then(serde_json::Value::as_str);
            if let (Some(contact), Some(phone)) = (contact, phone)
                && names.iter().any(|name| name == contact)
            {
                known.traces.add_phone(phone);
            }
        }
        Ok(Some(known))
    }
}

fn home_of(record: &Record) -> Option<Uuid> {
    record.f.get("household").and_then(serde_json::Value::as_str).and_then(|id| Uuid::parse_str(id).ok())
}

fn find(c: &Connection, area: UnitId, kind: Kind, id: Uuid) -> Result<Option<Record>, StoreError> {
    Ok(Records::prepare(c)?.find(area, kind, id)?.map(|standing| standing.record))
}

fn all(c: &Connection, area: UnitId, kind: Kind) -> Result<Vec<Record>, StoreError> {
    let mut statement = c.prepare_cached("SELECT body FROM record WHERE area = ?1 AND kind = ?2")?;
    let mut rows = statement.query((area.as_bytes(), kind.number()))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(|_| StoreError::Damaged { what: "record" })?;
        records.push(serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "record" })?);
    }
    Ok(records)
}

/// Which texts of an area may bear whose traces.
struct Sweep<'k> {
    gone: HashSet<(Kind, Uuid)>,
    /// Records that hang on one of the person's homes, or are about the person.
    near: HashSet<(Kind, Uuid)>,
    traces: &'k Traces,
    /// What is looked for in records that are not near: a namesake's name stays there.
    far: Traces,
}

impl Sweep<'_> {
    fn traces_for(&self, kind: Kind, id: Uuid) -> Option<&Traces> {
        match kind {
            // The tree, staff, rules and forms say nothing about residents, and another resident's own name and number are theirs.
            Kind::OrgUnit | Kind::Staff | Kind::Assignment | Kind::Resident => None,
            kind if kind.goes_down() => None,
            _ if self.near.contains(&(kind, id)) => Some(self.traces),
            _ => Some(&self.far),
        }
    }
    /// A kept operation without what must go; `None` when it may stay.
    fn redact(&self, area: UnitId, text: &str, with: impl Fn(&str, Extent<'_>) -> Option<String>) -> Option<String> {
        #[derive(Deserialize)]
        struct Envelope {
            area: UnitId,
            kind: Kind,
            id: Uuid,
        }
        match serde_json::from_str::<Envelope>(text) {
            Ok(one) if one.area != area => None,
            Ok(one) if self.gone.contains(&(one.kind, one.id)) => with(text, Extent::Whole),
            Ok(one) => with(text, Extent::Traces(self.traces_for(one.kind, one.id)?)),
            Err(_) => with(text, Extent::Traces(&self.far)),
        }
    }
}

fn carry_out(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    erasure: &Erasure,
    known: &Known,
) -> Result<Erased, StoreError> {
    let (author, actor) = match by {
        Settler::Staff(staff) => (staff, Actor::Staff(staff)),
        Settler::Console => (CONSOLE, Actor::Console),
    };
    let gone: HashSet<_> = erasure.removed.iter().chain(&known.removed).copied().collect();
    let homes: BTreeSet<Uuid> = erasure.homes.iter().chain(&known.homes).copied().collect();
    let mut sweep = Sweep { gone, near: HashSet::new(), traces: &known.traces, far: known.traces.clone() };
    let mut erased = Erased::default();
    let mut book = Book::open(tx, now_ms)?;
    book.area(erasure.area)?.ok_or(StoreError::Damaged { what: "unit of an erasure" })?;
    redact_records(&mut book, author, erasure, &homes, &mut sweep, &mut erased)?;
    let mut gone: Vec<_> = sweep.gone.iter().copied().collect();
    gone.sort();
    for (kind, id) in gone {
        if book.depart(erasure.area, kind, id, true)? {
            erased.removed_count += 1;
        }
    }
    book.close()?;
    erased.operations_count = redact_ledger(tx, now_ms, erasure.area, &sweep)?;
    redact_waiting(tx, erasure.area, &sweep)?;
    note(tx, now_ms, actor, erasure, &homes)?;
    Ok(erased)
}

/// Takes the traces out of the area's records that stay.
fn redact_records(
    book: &mut Book<'_>,
    author: StaffId,
    erasure: &Erasure,
    homes: &BTreeSet<Uuid>,
    sweep: &mut Sweep<'_>,
    erased: &mut Erased,
) -> Result<(), StoreError> {
    let mut keys = Vec::new();
    {
        let mut statement = book.tx.prepare_cached("SELECT kind, id, parent, body FROM record WHERE area = ?1")?;
        let mut rows = statement.query([erasure.area.as_bytes()])?;
        while let Some(row) = rows.next()? {
            let Some(kind) = Kind::from_number(row.get(0)?) else { continue };
            let id = id_at(row, 1)?;
            let body = row.get_ref(3)?.as_str().map_err(|_| StoreError::Damaged { what: "record" })?;
            let parent = crate::store::id_at_opt(row, 2)?;
            let is_theirs = erasure.kind == Kind::Resident && body.contains(&erasure.subject.to_string());
            let is_near = is_theirs
                || (kind == Kind::Household && homes.contains(&id))
                || (kind != Kind::Household && parent.is_some_and(|parent| homes.contains(&parent)));
            if is_near {
                sweep.near.insert((kind, id));
            } else if matches!(kind, Kind::Resident | Kind::Household) && !sweep.gone.contains(&(kind, id)) {
                let record: Record = serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "record" })?;
                let of = Traces::of(&[&record]);
                // A namesake lives in the area: in what does not hang on the person's homes the name may be theirs.
                if of.names().iter().any(|name| sweep.traces.names().contains(name)) {
                    sweep.far = sweep.traces.numbers_only();
                }
            }
            keys.push((kind, id));
        }
    }
    for (kind, id) in keys {
        if sweep.gone.contains(&(kind, id)) {
            continue;
        }
        let Some(standing) = book.find(erasure.area, kind, id)? else { continue };
        let mut record = standing.record.clone();
        let forgot = erasure.kind == Kind::Resident && erasure::forget_resident(&mut record, erasure.subject);
        let found = match sweep.traces_for(kind, id) {
            Some(traces) => traces.out_of_record(&mut record),
            None => false,
        };
        if forgot || found {
            book.replace(&standing, &record, author)?;
            erased.redacted_count += 1;
        }
    }
    Ok(())
}

/// Takes what must go out of every batch that holds work on the area.
fn redact_ledger(tx: &Transaction<'_>, now_ms: i64, area: UnitId, sweep: &Sweep<'_>) -> Result<u64, StoreError> {
    let batches: Vec<i64> = tx
        .prepare_cached("SELECT DISTINCT batch FROM ledger_operation WHERE area = ?1 ORDER BY batch")?
        .query_map([area.as_bytes()], |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    let mut count = 0;
    for batch in batches {
        count += redaction::rewrite_batch(tx, now_ms, batch, |text, link| {
            sweep.redact(area, text, |text, extent| erasure::redact(text, link, extent))
        })?;
    }
    Ok(count)
}

/// Takes what must go out of quarantine and out of the texts that are held for review.
fn redact_waiting(tx: &Transaction<'_>, area: UnitId, sweep: &Sweep<'_>) -> Result<(), StoreError> {
    let rows: Vec<(i64, String, Option<String>)> = tx
        .prepare_cached("SELECT id, operation, answer FROM quarantine WHERE area = ?1")?
        .query_map([area.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<Result<_, _>>()?;
    for (id, operation, answer) in rows {
        if let Some(clean) = sweep.redact(area, &operation, redaction::of_quarantined) {
            tx.prepare_cached("UPDATE quarantine SET operation = ?2 WHERE id = ?1")?.execute((id, clean))?;
        }
        if let Some(clean) = answer.as_deref().and_then(|answer| sweep.traces.out_of(answer)) {
            tx.prepare_cached("UPDATE quarantine SET answer = ?2 WHERE id = ?1")?.execute((id, clean))?;
        }
    }
    let held: Vec<(i64, String)> = tx
        .prepare_cached("SELECT id, text FROM held_text WHERE area = ?1 AND settled_ms IS NULL")?
        .query_map([area.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (id, text) in held {
        if let Some(clean) = sweep.traces.out_of(&text) {
            tx.prepare_cached("UPDATE held_text SET text = ?2 WHERE id = ?1")?.execute((id, clean))?;
        }
    }
    Ok(())
}

fn note(
    tx: &Transaction<'_>,
    now_ms: i64,
    actor: Actor,
    erasure: &Erasure,
    homes: &BTreeSet<Uuid>,
) -> Result<(), StoreError> {
    let area = erasure.area.as_bytes();
    let sql = "INSERT INTO erasure (area, kind, subject, at_ms, actor) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute((
        area,
        erasure.kind.number(),
        erasure.subject.as_bytes(),
        erasure.at_ms,
        actor.to_string(),
    ))?;
    for home in homes {
        let sql = "INSERT INTO erasure_home (area, household, at_ms) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)";
        tx.prepare_cached(sql)?.execute((area, home.as_bytes(), erasure.at_ms))?;
    }
    let what = format!("{}.erased", erasure.kind.name());
    audit::write(tx, now_ms, actor, &what, &erasure.subject.to_string())
}

/// Lets go of a record that has been kept for as long as it may: it leaves its area for good. Gives whether it was there.
///
/// # Errors
/// What the store says.
pub fn retire(tx: &Transaction<'_>, now_ms: i64, area: UnitId, kind: Kind, id: Uuid) -> Result<bool, StoreError> {
    let mut book = Book::open(tx, now_ms)?;
    book.area(area)?.ok_or(StoreError::Damaged { what: "unit of a record" })?;
    let was_there = book.depart(area, kind, id, true)?;
    book.close()?;
    Ok(was_there)
}

/// Takes answers of a form out of a visit, and out of the operation that brought them. Gives whether there were any.
///
/// # Errors
/// What the store says.
pub fn forget_answers(
    tx: &Transaction<'_>,
    now_ms: i64,
    area: UnitId,
    visit: Uuid,
    fields: &[String],
) -> Result<bool, StoreError> {
    let mut book = Book::open(tx, now_ms)?;
    book.area(area)?.ok_or(StoreError::Damaged { what: "unit of a record" })?;
    let Some(standing) = book.find(area, Kind::Visit, visit)? else { return Ok(false) };
    let mut record = standing.record.clone();
    if !erasure::forget_answers(&mut record, fields) {
        return Ok(false);
    }
    book.replace(&standing, &record, CONSOLE)?;
    book.close()?;
    if let Some(batch) = redaction::batch_of(tx, record.v.op())? {
        redaction::rewrite_batch(tx, now_ms, batch, |text, link| {
            let is_it =
                serde_json::from_str::<Operation>(text).is_ok_and(|one| (one.kind, one.id) == (Kind::Visit, visit));
            is_it.then(|| erasure::redact(text, link, Extent::Answers(fields))).flatten()
        })?;
    }
    Ok(true)
}
