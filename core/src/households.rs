//! Homes: the list of the day in walk order, and edits of households and their dwellings.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::input::{check_name, fields_of, set};
use crate::links;
use crate::names;
use crate::store::profile::{self, Profile};
use crate::store::records;
use crate::views::{HomeView, LastVisit, Page, SyncState};
use crate::work::Work;
use chrono::NaiveDate;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::home::{Address, Dwelling, Household, Use, dwelling_id};
use zoufang_domain::ids::{DwellingId, HouseholdId, UnitId};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::schema::Kind;
use zoufang_domain::validate::{NAME_MAX_CHARS, PEOPLE_MAX_COUNT};
use zoufang_domain::visit::Outcome;

/// A home about to be added.
#[derive(Clone, Debug, PartialEq)]
pub struct HomeDraft {
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// Where.
    pub address: Address,
    /// What the dwelling is used for.
    pub used_as: Use,
    /// Contact person.
    pub contact: Option<String>,
    /// Phone of the contact person.
    pub phone: Option<String>,
    /// People living there.
    pub people_count: Option<u16>,
    /// Since when; today if not said.
    pub from: Option<NaiveDate>,
    /// Whether it is known that another household lives in the same dwelling. Without it, a second one is taken for a mistake.
    pub shares_dwelling: bool,
}

/// What changes in a household: `None` leaves a field as it is, `Some(None)` clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HouseholdEdit {
    /// Contact person.
    pub contact: Option<Option<String>>,
    /// Phone of the contact person.
    pub phone: Option<Option<String>>,
    /// People living there.
    pub people_count: Option<Option<u16>>,
}

/// What changes in a dwelling; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DwellingEdit {
    /// Where. It moves whole.
    pub address: Option<Address>,
    /// What for.
    pub used_as: Option<Use>,
}

/// One row a home, the page chosen before the columns that cost a look-up are read. The list index holds visits by home and start, and the
/// state of matters, so 50 homes with 2,000 visits are listed without reading more than one visit each.
macro_rules! homes_sql {
    ($which:literal) => {
        concat!(
            "WITH page AS (SELECT h.row AS home, d.row AS dwelling, a.name AS area_name, d.sort AS walk
              FROM record h LEFT JOIN area a ON a.unit = h.area LEFT JOIN record d ON d.kind = 4 AND d.id = h.parent
              WHERE h.kind = 5 AND ",
            $which,
            ") SELECT h.id, h.parent, h.area, page.area_name, h.body, h.conflicts_count, h.pending_last, h.held,
              d.body, page.walk, d.conflicts_count, d.pending_last, v.sort, v.status, v.pending_last,
              (SELECT count(*) FROM record m WHERE m.kind = 9 AND m.parent = h.id
               AND m.status NOT IN ('closed', 'withdrawn', 'merged'))
              FROM page JOIN record h ON h.row = page.home LEFT JOIN record d ON d.row = page.dwelling
              LEFT JOIN record v ON v.row = (SELECT last.row FROM record last WHERE last.kind = 8 AND last.parent = h.id
              AND last.status <> 'voided' ORDER BY last.sort DESC LIMIT 1)
              ORDER BY page.area_name, page.walk, h.row"
        )
    };
}

const OWN_HOMES: &str = homes_sql!(
    "h.status = 'current' AND a.role IS NOT NULL AND a.lost = 0 ORDER BY a.name, d.sort, h.row LIMIT ? OFFSET ?"
);
const ONE_HOME: &str = homes_sql!("h.id = ?");

impl Core {
    /// The homes of the own micro-grids in walk order, with what a person wants to know before knocking.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn homes(&self, page: Page) -> Result<Vec<HomeView>, Error> {
        self.read(|c| {
            let profile = profile::get(c)?;
            let mut found = c.prepare_cached(OWN_HOMES)?;
            let rows = found.query_map(params![page.limit(), page.offset()], |row| home_at(row, &profile))?;
            let mut homes = rows.collect::<Result<Vec<_>, _>>()?;
            links::add_merged(c, &mut homes)?;
            Ok(homes)
        })
    }
    /// One home, closed or not.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not on this phone.
    pub fn home(&self, id: HouseholdId) -> Result<HomeView, Error> {
        self.read(|c| home(c, id))
    }
    /// Edits a household. What is as it was is not written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] naming the field, [`Error::NotAllowed`].
    pub fn edit_household(&self, id: HouseholdId, edit: &HouseholdEdit) -> Result<HomeView, Error> {
        let mut fields = Fields::new();
        edit.contact.clone().map(|contact| fields.insert("contact".into(), contact.into()));
        edit.phone.clone().map(|phone| fields.insert("phone".into(), phone.into()));
        edit.people_count.map(|count| fields.insert("people_count".into(), count.into()));
        self.work(|work| {
            let change = set(work, Kind::Household, id.0, fields)?;
            Ok((home(work.tx, id)?, change))
        })
    }
    /// Edits a dwelling. What is as it was is not written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`] naming the field, [`Error::NotAllowed`].
    pub fn edit_dwelling(&self, id: DwellingId, edit: &DwellingEdit) -> Result<(), Error> {
        let mut fields = Fields::new();
        if let Some(address) = &edit.address {
            check_address(address)?;
            fields.insert("address".into(), json!(address));
        }
        edit.used_as.map(|used_as| fields.insert("use".into(), json!(used_as)));
        self.work(|work| Ok(((), set(work, Kind::Dwelling, id.0, fields)?)))
    }
    /// Adds a home. The dwelling at an address is one and the same however often it is added.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `address` when a household lives there already and the draft does not say that they share it, or
    /// naming another field; [`Error::NotAllowed`] outside the own micro-grids.
    pub fn add_home(&self, draft: &HomeDraft) -> Result<HomeView, Error> {
        self.work(|work| {
            let (household, touched) = add(work, draft, None)?;
            Ok((home(work.tx, household)?, ChangeSet::of(&touched)))
        })
    }
    /// Closes a household on its last day: it has moved or dissolved. Its periods of residence end with it; nothing is deleted.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `to` when it is closed already or the day lies before its first; [`Error::NotFound`],
    /// [`Error::NotAllowed`].
    pub fn close_household(&self, id: HouseholdId, to: NaiveDate) -> Result<HomeView, Error> {
        self.work(|work| {
            let touched = close(work, id, to, None)?;
            Ok((home(work.tx, id)?, ChangeSet::of(&touched)))
        })
    }
}

/// Closes a household, one that became part of another or one that went. Gives the records that were written.
pub(crate) fn close(
    work: &mut Work<'_, '_>,
    id: HouseholdId,
    to: NaiveDate,
    merged_into: Option<HouseholdId>,
) -> Result<Vec<(Kind, Uuid)>, Error> {
    let known = records::get(work.tx, Kind::Household, id.0)?.record;
    let household: Household = known.read()?;
    if household.to.is_some() || to < household.from {
        return Err(Error::Invalid { field: "to".into() });
    }
    let mut touched = vec![(Kind::Household, id.0)];
    let mut fields = Fields::from([("to".to_owned(), json!(to))]);
    merged_into.map(|into| fields.insert("merged_into".into(), json!(into)));
    work.perform(known.area, Kind::Household, id.0, conflict::edit(&known, fields))?;
    for residency in crate::residents::current_in(work.tx, id)? {
        crate::residents::end(work, &residency, to)?;
        touched.push((Kind::Residency, residency.id));
    }
    Ok(touched)
}

/// Adds a home, one that splits off another or one that came. Gives it with the records that were written.
pub(crate) fn add(
    work: &mut Work<'_, '_>,
    draft: &HomeDraft,
    split_from: Option<HouseholdId>,
) -> Result<(HouseholdId, Vec<(Kind, Uuid)>), Error> {
    check_address(&draft.address)?;
    check_name("contact", draft.contact.as_deref())?;
    check_name("phone", draft.phone.as_deref())?;
    if draft.people_count.is_some_and(|count| u64::from(count) > PEOPLE_MAX_COUNT) {
        return Err(Error::Invalid { field: "people_count".into() });
    }
    let dwelling = dwelling_id(draft.micro_grid, &draft.address);
    let mut touched = Vec::new();
    match records::find(work.tx, Kind::Dwelling, dwelling.0)? {
        Some(_) if !draft.shares_dwelling && is_lived_in(work.tx, dwelling)? => {
            return Err(Error::Invalid { field: "address".into() });
        }
        Some(_) => {}
        None => {
            let fields = fields_of(&Dwelling { address: draft.address.clone(), used_as: draft.used_as })?;
            work.perform(draft.micro_grid, Kind::Dwelling, dwelling.0, Action::Create { fields, entries: Vec::new() })?;
            touched.push((Kind::Dwelling, dwelling.0));
        }
    }
    let household = Household {
        dwelling,
        contact: draft.contact.clone(),
        phone: draft.phone.clone(),
        people_count: draft.people_count,
        from: draft.from.unwrap_or_else(|| work.now().day()),
        to: None,
        split_from,
        merged_into: None,
    };
    let id = work.new_id();
    let action = Action::Create { fields: fields_of(&household)?, entries: Vec::new() };
    work.perform(draft.micro_grid, Kind::Household, id, action)?;
    touched.push((Kind::Household, id));
    Ok((HouseholdId(id), touched))
}

fn is_lived_in(c: &Connection, dwelling: DwellingId) -> Result<bool, Error> {
    let mut found = c.prepare_cached("SELECT 1 FROM record WHERE kind = 5 AND parent = ? AND status = 'current'")?;
    Ok(found.exists([dwelling.as_bytes()])?)
}

fn check_address(address: &Address) -> Result<(), Error> {
    let parts = [&address.building, &address.unit, &address.room];
    let too_long = parts.iter().any(|part| part.chars().count() > NAME_MAX_CHARS);
    if too_long || address.room.trim().is_empty() { Err(Error::Invalid { field: "address".into() }) } else { Ok(()) }
}

/// All homes of the own micro-grids in walk order.
pub(crate) fn own_homes(c: &Connection) -> Result<Vec<HomeView>, Error> {
    let profile = profile::get(c)?;
    let mut found = c.prepare_cached(OWN_HOMES)?;
    // In SQLite a negative limit is none.
    let rows = found.query_map(params![-1, 0], |row| home_at(row, &profile))?;
    let mut homes = rows.collect::<Result<Vec<_>, _>>()?;
    links::add_merged(c, &mut homes)?;
    Ok(homes)
}

pub(crate) fn home(c: &Connection, id: HouseholdId) -> Result<HomeView, Error> {
    let profile = profile::get(c)?;
    let found = c.prepare_cached(ONE_HOME)?.query_row([id.as_bytes()], |row| home_at(row, &profile)).optional()?;
    let mut home = found.ok_or(Error::NotFound { what: "household" })?;
    links::add_merged(c, std::slice::from_mut(&mut home))?;
    Ok(home)
}

/// The part of a record that a list shows. A field of a shape that this version does not know is shown as missing, never as an error: one
/// odd home must not hide the others.
#[derive(Default, Deserialize)]
struct Shown {
    f: Fields,
}

impl Shown {
    fn at(row: &Row<'_>, column: usize) -> rusqlite::Result<Fields> {
        let body = row.get_ref(column)?.as_str_or_null()?;
        Ok(body.and_then(|body| serde_json::from_str::<Shown>(body).ok()).unwrap_or_default().f)
    }
}

fn typed<T: for<'de> Deserialize<'de>>(fields: &Fields, name: &str) -> Option<T> {
    fields.get(name).and_then(|value| T::deserialize(value).ok())
}

fn home_at(row: &Row<'_>, profile: &Profile) -> rusqlite::Result<HomeView> {
    let household = Shown::at(row, 4)?;
    let dwelling = Shown::at(row, 8)?;
    let address: Address = names::address(&dwelling).unwrap_or_default();
    let pending = |column: usize| row.get::<_, Option<i64>>(column).map(|last| last.unwrap_or(0) as u64);
    let (own, dwelling_last, visit_last) = (pending(6)?, pending(11)?, pending(14)?);
    let conflicts_count = row.get::<_, i64>(5)? + row.get::<_, Option<i64>>(10)?.unwrap_or(0);
    Ok(HomeView {
        household: HouseholdId(Uuid::from_bytes(row.get(0)?)),
        dwelling: DwellingId(row.get::<_, Option<[u8; 16]>>(1)?.map(Uuid::from_bytes).unwrap_or_default()),
        micro_grid: UnitId(Uuid::from_bytes(row.get(2)?)),
        micro_grid_name: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        address_text: address.to_string(),
        walk_key: row.get::<_, Option<String>>(9)?.unwrap_or_default(),
        address,
        used_as: typed(&dwelling, "use"),
        contact: names::text(&household, "contact"),
        phone: names::text(&household, "phone"),
        people_count: typed(&household, "people_count"),
        from: typed(&household, "from"),
        to: typed(&household, "to"),
        split_from: typed(&household, "split_from"),
        merged_into: typed(&household, "merged_into"),
        last_visit: last_visit(row, 12)?,
        open_matters_count: row.get(15)?,
        has_conflict: conflicts_count > 0,
        unsent: own.max(dwelling_last).max(visit_last) > profile.acknowledged,
        sync: SyncState::from_columns(own, row.get(7)?, profile.acknowledged),
    })
}

/// The latest visit of a household that is not void.
pub(crate) fn last_visit_of(c: &Connection, household: HouseholdId) -> Result<Option<LastVisit>, Error> {
    let mut found = c.prepare_cached(
        "SELECT sort, status FROM record WHERE kind = 8 AND parent = ? AND status <> 'voided' ORDER BY sort DESC LIMIT 1",
    )?;
    Ok(found.query_row([household.as_bytes()], |row| last_visit(row, 0)).optional()?.flatten())
}

fn last_visit(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<LastVisit>> {
    let (at, outcome): (Option<String>, Option<String>) = (row.get(column)?, row.get(column + 1)?);
    let at = at.as_deref().and_then(Moment::parse);
    let outcome = outcome.and_then(|name| Outcome::ALL.into_iter().find(|one| one.name() == name));
    Ok(at.zip(outcome).map(|(at, outcome)| LastVisit { at, outcome }))
}
