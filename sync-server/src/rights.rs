//! What residents ask of their own data, carried out: a copy, a correction, erasure, restriction, an explanation. Every request is a record of the
//! person's area, so the manager who took it down sees on the phone what became of it.

use crate::audit::{self, Actor};
use crate::ledger::{self, CONSOLE, Erased, LedgerError, Person, Settler};
use crate::store::{StoreError, id_at};
use rusqlite::{Connection, Transaction};
use serde_json::{Value, json};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::ids::{HouseholdId, ResidentId, RightsRequestId, UnitId, derived};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::rights::{RequestStanding, RequestState, Restriction, Right, RightsRequest, STANDING};
use zoufang_domain::schema::Kind;

/// How a request is decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// The copy was handed over, or the explanation given.
    Answered {
        /// What the person was told, if more than the copy.
        answer: Option<String>,
    },
    /// What was wrong is put right: `name`, `phone`, `birth_year`, `sex` of a resident; `contact`, `phone` of a home. `null` clears.
    Correct {
        /// The fields.
        fields: Fields,
    },
    /// The person is erased.
    Erase,
    /// The person's data is kept and not used from today.
    Restrict,
    /// It is not carried out.
    Refuse {
        /// Why, as the person was told.
        answer: String,
    },
}

/// What a decision did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Done {
    /// Of an erasure.
    pub erased: Erased,
    /// Areas outside the caller's in which the person is known, too: a request waits there now.
    pub elsewhere_count: u64,
}

fn actor(by: Settler) -> Actor {
    match by {
        Settler::Staff(staff) => Actor::Staff(staff),
        Settler::Console => Actor::Console,
    }
}

/// Writes in the name of whoever decides.
fn write(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    (kind, id): (Kind, Uuid),
    action: Action,
) -> Result<(), LedgerError> {
    match by {
        Settler::Staff(staff) => ledger::write_at_desk(tx, now_ms, staff, area, kind, id, action)?,
        Settler::Console => ledger::write_own(tx, now_ms, CONSOLE, area, kind, id, action)?,
    };
    Ok(())
}

/// Takes a request down. The same request sent twice under one id is taken down once.
///
/// # Errors
/// [`Refusal::NotAssigned`] when the area is not the caller's or has no such person, [`Refusal::NotAllowed`], [`Refusal::NotNow`] when another
/// request has that id; what the store says.
pub fn take_down(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    id: RightsRequestId,
    person: Person,
    right: Right,
) -> Result<(), LedgerError> {
    ledger::may_carry_out(tx, now_ms, by, area)?;
    let (kind, subject) = person.key();
    ledger::record(tx, area, kind, subject)?.ok_or(Refusal::NotAssigned)?;
    let (resident, household) = match person {
        Person::Resident(id) => (Some(id), None),
        Person::Contact(id) => (None, Some(id)),
    };
    let asked_on = Moment::from_ms(now_ms).day();
    let request = RightsRequest { resident, household, right, asked_on, standing: RequestStanding::open() };
    if let Some(known) = ledger::record(tx, area, Kind::RightsRequest, id.0)? {
        let is_same = known
            .read::<RightsRequest>()
            .is_ok_and(|known| (known.resident, known.household, known.right) == (resident, household, right));
        return if is_same { Ok(()) } else { Err(Refusal::NotNow.into()) };
    }
    let action = Action::Create { fields: ledger::fields_of(&request), entries: Vec::new() };
    write(tx, now_ms, by, area, (Kind::RightsRequest, id.0), action)
}

/// Decides on a request and carries it out, in the caller's transaction.
///
/// # Errors
/// [`Refusal::NotAssigned`] when the area is not the caller's or has no such request, [`Refusal::NotAllowed`]; [`Refusal::NotNow`] when it is
/// decided already; [`Refusal::Invalid`] with `right` for a decision that does not fit what was asked for, or naming the field; what the
/// store says.
pub fn decide(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    id: RightsRequestId,
    decision: &Decision,
) -> Result<Done, LedgerError> {
    ledger::may_carry_out(tx, now_ms, by, area)?;
    let (_, request) = find(tx, area, id)?.ok_or(Refusal::NotAssigned)?;
    if request.standing.state != RequestState::Open {
        return Err(Refusal::NotNow.into());
    }
    let person = person_of(&request).ok_or(Refusal::Malformed)?;
    let fits = match decision {
        Decision::Answered { .. } => matches!(request.right, Right::Copy | Right::Explain),
        Decision::Correct { .. } => request.right == Right::Correct,
        Decision::Erase => request.right == Right::Delete,
        Decision::Restrict => request.right == Right::Restrict,
        Decision::Refuse { .. } => true,
    };
    if !fits {
        return Err(Refusal::Invalid { field: "right".into() }.into());
    }
    let mut done = Done::default();
    let (mut state, mut answer) = (RequestState::Done, None);
    match decision {
        Decision::Answered { answer: said } => answer = said.clone(),
        Decision::Correct { fields } => correct(tx, now_ms, by, area, person, fields)?,
        Decision::Erase => done = erase(tx, now_ms, by, area, person, &request)?,
        Decision::Restrict => restrict(tx, now_ms, by, area, person)?,
        Decision::Refuse { answer: said } => (state, answer) = (RequestState::Refused, Some(said.clone())),
    }
    let answer = answer.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let standing = RequestStanding { state, at: Some(Moment::from_ms(now_ms)), answer };
    standing.check().map_err(|field| Refusal::Invalid { field: field.to_owned() })?;
    // Read again: an erasure may have changed it.
    let record = ledger::record(tx, area, Kind::RightsRequest, id.0)?.ok_or(Refusal::NotAssigned)?;
    let action = conflict::edit(&record, Fields::from([(STANDING.to_owned(), json!(standing))]));
    write(tx, now_ms, by, area, (Kind::RightsRequest, id.0), action)?;
    let what = format!("rights.{}.{}", request.right.name(), state.name());
    audit::write(tx, now_ms, actor(by), &what, &id.to_string())?;
    Ok(done)
}

fn correct(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    person: Person,
    fields: &Fields,
) -> Result<(), LedgerError> {
    let (kind, subject) = person.key();
    let known: &[&str] = match person {
        Person::Resident(_) => &["name", "phone", "birth_year", "sex"],
        Person::Contact(_) => &["contact", "phone"],
    };
    let wrong = fields.keys().find(|name| !known.contains(&name.as_str()));
    if let Some(name) = wrong.cloned().or_else(|| fields.is_empty().then(|| "fields".to_owned())) {
        return Err(Refusal::Invalid { field: name }.into());
    }
    let record = ledger::record(tx, area, kind, subject)?.ok_or(Refusal::NotAssigned)?;
    write(tx, now_ms, by, area, (kind, subject), conflict::edit(&record, fields.clone()))
}

/// Erases the person here and in every other area of the caller's where they are known; where the caller has no say a request waits.
fn erase(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    person: Person,
    request: &RightsRequest,
) -> Result<Done, LedgerError> {
    let mut done = Done { erased: ledger::erase(tx, now_ms, by, area, person)?, elsewhere_count: 0 };
    for other in areas_of(tx, person)?.into_iter().filter(|other| *other != area) {
        let may = match ledger::may_carry_out(tx, now_ms, by, other) {
            Ok(()) => true,
            Err(LedgerError::Refused(_)) => false,
            Err(failed) => return Err(failed),
        };
        if may {
            let more = ledger::erase(tx, now_ms, by, other, person)?;
            done.erased.removed_count += more.removed_count;
            done.erased.redacted_count += more.redacted_count;
            done.erased.operations_count += more.operations_count;
            continue;
        }
        let (_, subject) = person.key();
        let id = derived(&["rights", &subject.to_string(), &other.to_string(), &request.asked_on.to_string()]);
        let waiting = RightsRequest { standing: RequestStanding::open(), ..request.clone() };
        let action = Action::Create { fields: ledger::fields_of(&waiting), entries: Vec::new() };
        ledger::write_own(tx, now_ms, CONSOLE, other, Kind::RightsRequest, id, action)?;
        done.elsewhere_count += 1;
    }
    Ok(done)
}

/// Areas that have a record of the person. Used to erase, never for an answer.
fn areas_of(c: &Connection, person: Person) -> Result<Vec<UnitId>, StoreError> {
    let (kind, subject) = person.key();
    let sql = "SELECT r.area FROM unit u JOIN record r ON r.area = u.id AND r.kind = ?1 AND r.id = ?2 ORDER BY r.area";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map((kind.number(), subject.as_bytes()), |row| id_at(row, 0).map(UnitId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn restrict(tx: &Transaction<'_>, now_ms: i64, by: Settler, area: UnitId, person: Person) -> Result<(), LedgerError> {
    // A home's contact is no record of a person: the home would be out of use with it.
    let Person::Resident(resident) = person else { return Err(Refusal::Invalid { field: "resident".into() }.into()) };
    ledger::record(tx, area, Kind::Resident, resident.0)?.ok_or(Refusal::NotAssigned)?;
    if restriction_of(tx, area, resident)?.is_some() {
        return Ok(());
    }
    let from = Moment::from_ms(now_ms).day();
    let restriction = Restriction { resident, from, to: None };
    let id = derived(&["restriction", &resident.to_string(), &now_ms.to_string()]);
    let action = Action::Create { fields: ledger::fields_of(&restriction), entries: Vec::new() };
    write(tx, now_ms, by, area, (Kind::Restriction, id), action)
}

/// The restriction that holds for a resident.
fn restriction_of(c: &Connection, area: UnitId, resident: ResidentId) -> Result<Option<Record>, StoreError> {
    let sql = "SELECT id FROM record WHERE area = ?1 AND kind = ?2 AND parent = ?3 AND status = 'current'";
    let key = (area.as_bytes(), Kind::Restriction.number(), resident.as_bytes());
    let ids: Vec<Uuid> = c.prepare_cached(sql)?.query_map(key, |row| id_at(row, 0))?.collect::<Result<_, _>>()?;
    let Some(id) = ids.first() else { return Ok(None) };
    ledger::record(c, area, Kind::Restriction, *id)
}

/// Lifts the restriction of a resident, who may ask for that at any time. Gives false when there is none.
///
/// # Errors
/// As [`ledger::may_carry_out`]; what the store says.
pub fn lift(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    resident: ResidentId,
) -> Result<bool, LedgerError> {
    ledger::may_carry_out(tx, now_ms, by, area)?;
    let Some(record) = restriction_of(tx, area, resident)? else { return Ok(false) };
    let to = Moment::from_ms(now_ms).day();
    let action = conflict::edit(&record, Fields::from([("to".to_owned(), json!(to))]));
    write(tx, now_ms, by, area, (Kind::Restriction, record.id), action)?;
    audit::write(tx, now_ms, actor(by), "restriction.lifted", &record.id.to_string())?;
    Ok(true)
}

/// A request of an area.
///
/// # Errors
/// What the store says.
pub fn find(c: &Connection, area: UnitId, id: RightsRequestId) -> Result<Option<(Record, RightsRequest)>, StoreError> {
    let Some(record) = ledger::record(c, area, Kind::RightsRequest, id.0)? else { return Ok(None) };
    let request = record.read().map_err(|_| StoreError::Damaged { what: "rights_request" })?;
    Ok(Some((record, request)))
}

/// Whom a request is about.
pub fn person_of(request: &RightsRequest) -> Option<Person> {
    match (request.resident, request.household) {
        (Some(resident), _) => Some(Person::Resident(resident)),
        (None, Some(household)) => Some(Person::Contact(household)),
        (None, None) => None,
    }
}

/// The kinds of records of which a copy is made.
const COPIED: [Kind; 6] =
    [Kind::Residency, Kind::CareNeed, Kind::Matter, Kind::Restriction, Kind::RightsRequest, Kind::Appointment];

/// Everything that is kept about a person in an area, as it is: for the copy that they asked for. The household is in it only when it
/// names the person as its contact, and visits to the homes where they lived, without what others of the home said is marked: whoever
/// hands the copy over reads it first. Noted in the list of exports.
///
/// # Errors
/// As [`ledger::may_carry_out`]; [`Refusal::NotAssigned`] without the person; what the store says.
pub fn copy(
    tx: &Transaction<'_>,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    person: Person,
) -> Result<Value, LedgerError> {
    ledger::may_carry_out(tx, now_ms, by, area)?;
    let (kind, subject) = person.key();
    let record = ledger::record(tx, area, kind, subject)?.ok_or(Refusal::NotAssigned)?;
    let mut groups = serde_json::Map::new();
    let mut rows_count = 1;
    groups.insert(kind.name().into(), json!([plain(&record)]));
    let mut homes: Vec<Uuid> = match person {
        Person::Contact(home) => vec![home.0],
        Person::Resident(_) => Vec::new(),
    };
    for kind in COPIED {
        let found = about(tx, area, kind, subject)?;
        if kind == Kind::Residency {
            homes.extend(found.iter().filter_map(|one| id_in(one, "household")));
        }
        rows_count += found.len();
        if !found.is_empty() {
            groups.insert(kind.name().into(), found.iter().map(plain).collect());
        }
    }
    homes.sort();
    homes.dedup();
    let mut visits = Vec::new();
    for home in &homes {
        visits.extend(hanging_on(tx, area, Kind::Visit, *home)?);
        if let Some(dwelling) = dwelling_of(tx, area, *home)? {
            rows_count += 1;
            let dwellings = groups.entry(Kind::Dwelling.name()).or_insert_with(|| json!([]));
            dwellings.as_array_mut().into_iter().for_each(|all| all.push(plain(&dwelling)));
        }
        if kind == Kind::Resident
            && let Some(home) = ledger::record(tx, area, Kind::Household, *home)?
            && names_contact(&home, &record)
        {
            rows_count += 1;
            let homes = groups.entry(Kind::Household.name()).or_insert_with(|| json!([]));
            homes.as_array_mut().into_iter().for_each(|all| all.push(plain(&home)));
        }
    }
    rows_count += visits.len();
    if !visits.is_empty() {
        groups.insert(Kind::Visit.name().into(), visits.iter().map(plain).collect());
    }
    note_export(
        tx,
        now_ms,
        by,
        &Export {
            what: "rights.copy",
            unit: area,
            subject: Some(subject),
            columns: &groups.keys().cloned().collect::<Vec<_>>().join(","),
            purpose: "copy for the person",
            rows_count,
        },
    )?;
    Ok(Value::Object(groups))
}

/// Where a home is.
fn dwelling_of(c: &Connection, area: UnitId, home: Uuid) -> Result<Option<Record>, StoreError> {
    let home = ledger::record(c, area, Kind::Household, home)?;
    let dwelling = home.and_then(|home| id_in(&home, "dwelling"));
    dwelling.map_or(Ok(None), |id| ledger::record(c, area, Kind::Dwelling, id))
}

fn id_in(record: &Record, field: &str) -> Option<Uuid> {
    record.f.get(field).and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok())
}

fn names_contact(home: &Record, resident: &Record) -> bool {
    home.f.get("contact").is_some_and(|contact| resident.f.get("name") == Some(contact))
}

/// A record as people read it: its fields and its lists, without versions.
fn plain(record: &Record) -> Value {
    let lists: serde_json::Map<String, Value> = record
        .lists
        .iter()
        .map(|(list, entries)| {
            let name = serde_json::to_value(list).ok().and_then(|name| name.as_str().map(str::to_owned));
            let entries = entries.iter().map(|one| json!({"what": one.what, "when": one.when, "data": one.data}));
            (name.unwrap_or_default(), entries.collect())
        })
        .collect();
    json!({"id": record.id, "fields": record.f, "lists": lists})
}

fn about(c: &Connection, area: UnitId, kind: Kind, subject: Uuid) -> Result<Vec<Record>, StoreError> {
    let text = subject.to_string();
    let is_about = |record: &Record| {
        ["resident", "household"].iter().any(|field| record.f.get(*field).and_then(Value::as_str) == Some(&text))
    };
    let mut statement = c.prepare_cached("SELECT body FROM record WHERE area = ?1 AND kind = ?2 ORDER BY sort")?;
    let rows = statement.query_map((area.as_bytes(), kind.number()), |row| row.get::<_, String>(0))?;
    read(rows).map(|found| found.into_iter().filter(is_about).collect())
}

fn hanging_on(c: &Connection, area: UnitId, kind: Kind, parent: Uuid) -> Result<Vec<Record>, StoreError> {
    let sql = "SELECT body FROM record WHERE area = ?1 AND kind = ?2 AND parent = ?3 ORDER BY sort";
    let mut statement = c.prepare_cached(sql)?;
    let key = (area.as_bytes(), kind.number(), parent.as_bytes());
    read(statement.query_map(key, |row| row.get::<_, String>(0))?)
}

fn read(rows: impl Iterator<Item = rusqlite::Result<String>>) -> Result<Vec<Record>, StoreError> {
    rows.map(|body| serde_json::from_str(&body?).map_err(|_| StoreError::Damaged { what: "record" })).collect()
}

/// Residents' data that was handed to somebody.
pub struct Export<'e> {
    /// Which: `rights.copy`, `form.answers`.
    pub what: &'e str,
    /// Within which unit.
    pub unit: UnitId,
    /// The person, when it is about one.
    pub subject: Option<Uuid>,
    /// Names of the fields, with commas.
    pub columns: &'e str,
    /// What for.
    pub purpose: &'e str,
    /// How many records.
    pub rows_count: usize,
}

/// Notes an export, in its list and in the audit.
///
/// # Errors
/// What the store says.
pub fn note_export(tx: &Transaction<'_>, now_ms: i64, by: Settler, export: &Export<'_>) -> Result<(), StoreError> {
    let sql = "INSERT INTO export (at_ms, actor, what, unit, subject, columns, purpose, rows_count)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.prepare_cached(sql)?.execute((
        now_ms,
        actor(by).to_string(),
        export.what,
        export.unit.as_bytes(),
        export.subject.as_ref().map(Uuid::as_bytes),
        export.columns,
        export.purpose,
        export.rows_count as i64,
    ))?;
    audit::write(tx, now_ms, actor(by), &format!("export.{}", export.what), &tx.last_insert_rowid().to_string())
}

/// The home whose contact, or the resident whom, a text names: an id.
pub fn person_by_id(c: &Connection, area: UnitId, id: Uuid) -> Result<Option<Person>, StoreError> {
    if ledger::record(c, area, Kind::Resident, id)?.is_some() {
        return Ok(Some(Person::Resident(ResidentId(id))));
    }
    let home = ledger::record(c, area, Kind::Household, id)?;
    Ok(home.map(|_| Person::Contact(HouseholdId(id))))
}
