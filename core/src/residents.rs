//! Residents and their periods of residence. Someone who moves keeps one record and gets a new period; nothing is overwritten.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::input::{check_name, fields_of, set_in};
use crate::moves;
use crate::names;
use crate::rights;
use crate::store::profile;
use crate::store::records::{self, Stored};
use crate::views::{PAGE_MAX_COUNT, ResidentView, SyncState};
use crate::work::Work;
use chrono::NaiveDate;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use uuid::Uuid;
use zoufang_domain::conflict;
use zoufang_domain::ids::{HouseholdId, ResidencyId, ResidentId};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::resident::{Residency, ResidencyKind, Resident, Sex};
use zoufang_domain::schema::Kind;

/// The first year of birth that is believed.
pub const BIRTH_YEAR_MIN: i32 = 1850;

/// A resident about to be added to a home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResidentDraft {
    /// The home.
    pub household: HouseholdId,
    /// Name.
    pub name: String,
    /// Sex, if stated.
    pub sex: Option<Sex>,
    /// Year of birth.
    pub birth_year: Option<i32>,
    /// Phone.
    pub phone: Option<String>,
    /// As what.
    pub kind: ResidencyKind,
    /// Whether the person lives where they are registered.
    pub lives_where_registered: Option<bool>,
    /// Since when; today if not said.
    pub from: Option<NaiveDate>,
}

/// What changes in a resident: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResidentEdit {
    /// Name.
    pub name: Option<String>,
    /// Sex.
    pub sex: Option<Option<Sex>>,
    /// Year of birth.
    pub birth_year: Option<Option<i32>>,
    /// Phone.
    pub phone: Option<Option<String>>,
}

impl Core {
    /// Adds a resident to a home.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the home; [`Error::Invalid`] naming the field, `household` when the home is closed;
    /// [`Error::NotAllowed`].
    pub fn add_resident(&self, draft: &ResidentDraft) -> Result<ResidentView, Error> {
        check_name("name", Some(&draft.name))?;
        check_name("phone", draft.phone.as_deref())?;
        self.work(|work| {
            let place = names::place(work.tx, draft.household)?;
            let this_year = chrono::Datelike::year(&work.now().day());
            if draft.birth_year.is_some_and(|year| year < BIRTH_YEAR_MIN || year > this_year.max(BIRTH_YEAR_MIN) + 1) {
                return Err(Error::Invalid { field: "birth_year".into() });
            }
            let resident = Resident {
                name: draft.name.clone(),
                sex: draft.sex,
                birth_year: draft.birth_year,
                phone: draft.phone.clone(),
            };
            let id = work.new_id();
            let action = Action::Create { fields: fields_of(&resident)?, entries: Vec::new() };
            work.perform(place.area, Kind::Resident, id, action)?;
            let residency = Residency {
                resident: ResidentId(id),
                household: draft.household,
                kind: draft.kind,
                lives_where_registered: draft.lives_where_registered,
                from: draft.from.unwrap_or_else(|| work.now().day()),
                to: None,
            };
            let residency = moves::begin(work, &residency)?;
            let change = ChangeSet::of(&[(Kind::Resident, id), (Kind::Residency, residency)]);
            Ok((by_residency(work.tx, residency)?, change))
        })
    }
    /// Edits a resident. What is as it was is not written. Who is known in several areas of this phone is edited where they live now;
    /// an area that they left keeps what it knew.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] naming the field, [`Error::Restricted`], [`Error::NotAllowed`].
    pub fn edit_resident(&self, id: ResidentId, edit: &ResidentEdit) -> Result<(), Error> {
        let mut fields = Fields::new();
        edit.name.clone().map(|name| fields.insert("name".into(), name.into()));
        edit.sex.map(|sex| fields.insert("sex".into(), json!(sex)));
        edit.birth_year.map(|year| fields.insert("birth_year".into(), year.into()));
        edit.phone.clone().map(|phone| fields.insert("phone".into(), phone.into()));
        self.work(|work| {
            rights::may_use(work.tx, id)?;
            let mut change = ChangeSet::default();
            for known in moves::standing(work.tx, id)? {
                let edited = set_in(work, &known, fields.clone())?;
                if !edited.ids.is_empty() {
                    change = edited;
                }
            }
            Ok(((), change))
        })
    }
    /// Everyone who lives or lived in a home: those who live there first, then by since when; at most [`PAGE_MAX_COUNT`].
    ///
    /// # Errors
    /// When the store fails.
    pub fn residents_of(&self, household: HouseholdId) -> Result<Vec<ResidentView>, Error> {
        self.read(|c| {
            let acknowledged = profile::get(c)?.acknowledged;
            let mut found = periods(c, household, false)?
                .into_iter()
                .map(|period| view(c, &period, acknowledged))
                .collect::<Result<Vec<_>, Error>>()?;
            order::sort_by_key(&mut found, |one| (one.to.is_some(), one.from, one.residency));
            Ok(found)
        })
    }
}

/// The periods of residence that have not ended.
pub(crate) fn current_in(c: &Connection, household: HouseholdId) -> Result<Vec<Record>, Error> {
    Ok(periods(c, household, true)?.into_iter().map(|stored| stored.record).collect())
}

/// Ends a period. The caller has checked the day, or closes the whole household: a period that began later ends the day it began.
pub(crate) fn end(work: &mut Work<'_, '_>, period: &Record, to: NaiveDate) -> Result<(), Error> {
    let from = period.f.get("from").and_then(Value::as_str).and_then(|day| day.parse::<NaiveDate>().ok());
    let to = from.map_or(to, |from| from.max(to));
    let action = conflict::edit(period, Fields::from([("to".to_owned(), json!(to))]));
    work.perform(period.area, Kind::Residency, period.id, action)?;
    Ok(())
}

fn periods(c: &Connection, household: HouseholdId, only_current: bool) -> Result<Vec<Stored>, Error> {
    let mut found = c.prepare_cached(
        "SELECT body, pending_first, pending_last, held FROM record
         WHERE kind = ?1 AND parent = ?2 AND (status = 'current' OR NOT ?3) ORDER BY status <> 'current', row LIMIT ?4",
    )?;
    let values = params![Kind::Residency.number(), household.as_bytes(), only_current, PAGE_MAX_COUNT];
    let rows = found.query_map(values, records::read)?;
    rows.map(|row| records::parsed(row?)).collect()
}

pub(crate) fn by_residency(c: &Connection, residency: Uuid) -> Result<ResidentView, Error> {
    let acknowledged = profile::get(c)?.acknowledged;
    view(c, &records::get(c, Kind::Residency, residency)?, acknowledged)
}

pub(crate) fn view(c: &Connection, period: &Stored, acknowledged: u64) -> Result<ResidentView, Error> {
    let residency: Residency = period.record.read()?;
    // Where the person is known in several areas, the one of the period: what another area knows is not this home's.
    let person = match records::find_in(c, Kind::Resident, residency.resident.0, period.record.area)? {
        Some(person) => Some(person),
        None => records::find(c, Kind::Resident, residency.resident.0)?,
    };
    let resident: Option<Resident> = person.as_ref().map(|stored| stored.record.read()).transpose()?;
    let conflicts_count =
        conflict::count(&period.record) + person.as_ref().map_or(0, |stored| conflict::count(&stored.record));
    let resident = resident.unwrap_or(Resident { name: String::new(), sex: None, birth_year: None, phone: None });
    let is_restricted = rights::is_restricted(c, residency.resident)?;
    let resident = match is_restricted {
        true => Resident { sex: None, birth_year: None, phone: None, ..resident },
        false => resident,
    };
    Ok(ResidentView {
        id: residency.resident,
        is_restricted,
        residency: ResidencyId(period.record.id),
        household: residency.household,
        name: resident.name,
        sex: resident.sex,
        birth_year: resident.birth_year,
        phone: resident.phone,
        kind: residency.kind,
        lives_where_registered: residency.lives_where_registered,
        from: residency.from,
        to: residency.to,
        has_conflict: conflicts_count > 0,
        sync: SyncState::of(person.as_ref().unwrap_or(period), acknowledged),
    })
}
