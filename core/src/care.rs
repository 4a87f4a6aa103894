//! Care needs: set, renewed and ended by a person; ended by themselves after their last day. Everything here shows only what the holder's role
//! in the need's area may see; the phone has nothing else.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::input::fields_of;
use crate::moves;
use crate::names;
use crate::residents::current_in;
use crate::rights;
use crate::store::profile::{self, Profile};
use crate::store::records::{self, Stored};
use crate::views::{CareNeedView, CareTypeView, SyncState};
use crate::work::Work;
use chrono::{Days, NaiveDate};
use rusqlite::{Connection, params};
use serde_json::json;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::care::{self, CareNeed, CareNeedType};
use zoufang_domain::conflict;
use zoufang_domain::ids::{HouseholdId, ResidentId, StaffId, UnitId};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::resident::{Residency, Resident};
use zoufang_domain::schema::Kind;

/// Most needs that one list shows.
pub const NEEDS_SHOWN_MAX_COUNT: usize = 500;

/// Whose need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CareOf {
    /// A resident's.
    Resident(ResidentId),
    /// A household's.
    Household(HouseholdId),
}

/// A need about to be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareNeedDraft {
    /// Whose.
    pub whose: CareOf,
    /// The type's id.
    pub of: Uuid,
    /// On what ground: what was seen or said.
    pub basis: String,
    /// First day; today if not said.
    pub valid_from: Option<NaiveDate>,
    /// Last day.
    pub valid_until: NaiveDate,
}

impl Core {
    /// The types of need that came down from the units above and that the holder's role sees in one of the own areas, by name.
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn care_types(&self) -> Result<Vec<CareTypeView>, Error> {
        self.read(|c| {
            profile::get(c)?;
            let roles: Vec<_> = profile::areas(c)?.into_iter().filter_map(|area| area.role).collect();
            let seen = types(c)?.into_iter().filter(|(_, of)| roles.iter().any(|role| of.seen_by.contains(role)));
            let view = |(id, of): (Uuid, CareNeedType)| CareTypeView {
                id,
                name: of.name,
                purpose: of.purpose,
                valid_max_days: of.valid_max_days,
            };
            Ok(seen.map(view).collect())
        })
    }
    /// Sets a need.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the resident, the home or the type; [`Error::Invalid`] with field `basis`, `valid_from` when it lies after
    /// the last day, `valid_until` when it is past or later than the type lets it be from today, `type` when such a need holds already (renew
    /// it), `household` when the home is closed; [`Error::Restricted`]; [`Error::NotAllowed`] for a role that the type does not name.
    pub fn add_care_need(&self, draft: &CareNeedDraft) -> Result<CareNeedView, Error> {
        self.work(|work| {
            if let CareOf::Resident(id) = draft.whose {
                rights::may_use(work.tx, id)?;
            }
            let today = work.now().day();
            let of: CareNeedType = records::get(work.tx, Kind::CareNeedType, draft.of)?.record.read()?;
            let area = area_of(work.tx, draft.whose)?;
            let role = profile::role_in(work.tx, area)?.ok_or(Error::NotAllowed)?;
            if !of.seen_by.contains(&role) {
                return Err(Error::NotAllowed);
            }
            let valid_from = draft.valid_from.unwrap_or(today);
            if valid_from > draft.valid_until {
                return Err(Error::Invalid { field: "valid_from".into() });
            }
            check_until(&of, draft.valid_until, today)?;
            let (resident, household) = match draft.whose {
                CareOf::Resident(id) => (Some(id), None),
                CareOf::Household(id) => (None, Some(id)),
            };
            let (to, basis, seen_by) = (None, draft.basis.trim().to_owned(), of.seen_by.clone());
            let valid_until = draft.valid_until;
            let need = CareNeed { resident, household, of: draft.of, seen_by, basis, valid_from, valid_until, to };
            need.check().map_err(|field| Error::Invalid { field: field.into() })?;
            let of_same = of_subject(work.tx, subject(draft.whose))?;
            let of_same = of_same.iter().filter_map(|stored| stored.record.read::<CareNeed>().ok());
            if of_same.into_iter().any(|known| known.of == need.of && known.last() >= today) {
                return Err(Error::Invalid { field: "type".into() });
            }
            let id = work.new_id();
            work.perform(area, Kind::CareNeed, id, Action::Create { fields: fields_of(&need)?, entries: Vec::new() })?;
            saved(work, id)
        })
    }
    /// Renews a need: a person has looked and says until when. One that has ended is not renewed but set anew, so that the time between stays
    /// visible.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] with field `care_need` when it has ended, `valid_until` when it is past or later than the type
    /// lets it be from today; [`Error::Restricted`], [`Error::NotAllowed`].
    pub fn renew_care_need(&self, id: Uuid, valid_until: NaiveDate) -> Result<CareNeedView, Error> {
        self.work(|work| {
            let today = work.now().day();
            let (known, need) = standing(work.tx, id, today)?;
            if let Some(resident) = need.resident {
                rights::may_use(work.tx, resident)?;
            }
            let of: CareNeedType = records::get(work.tx, Kind::CareNeedType, need.of)?.record.read()?;
            if valid_until < need.valid_from {
                return Err(Error::Invalid { field: "valid_until".into() });
            }
            check_until(&of, valid_until, today)?;
            // The same day again is said again: that somebody looked today is what counts.
            let fields = Fields::from([("valid_until".to_owned(), json!(valid_until))]);
            work.perform(known.area, Kind::CareNeed, id, conflict::edit(&known, fields))?;
            saved(work, id)
        })
    }
    /// Ends a need before its time, on its last day: today if none is said.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] with field `care_need` when it has ended, `to` when the day lies outside its time;
    /// [`Error::NotAllowed`].
    pub fn end_care_need(&self, id: Uuid, to: Option<NaiveDate>) -> Result<CareNeedView, Error> {
        self.work(|work| {
            let today = work.now().day();
            let (known, need) = standing(work.tx, id, today)?;
            let to = to.unwrap_or_else(|| today.max(need.valid_from));
            if !(need.valid_from..=need.valid_until).contains(&to) {
                return Err(Error::Invalid { field: "to".into() });
            }
            let fields = Fields::from([("to".to_owned(), json!(to))]);
            work.perform(known.area, Kind::CareNeed, id, conflict::edit(&known, fields))?;
            saved(work, id)
        })
    }
    /// The needs of a resident, those that hold first, then the latest.
    ///
    /// # Errors
    /// When the store fails.
    pub fn care_needs_of_resident(&self, resident: ResidentId) -> Result<Vec<CareNeedView>, Error> {
        self.care_needs(|c| of_subject(c, resident.0))
    }
    /// The needs of a household and of everyone who lives in it now, those that hold first, then the latest.
    ///
    /// # Errors
    /// When the store fails.
    pub fn care_needs_of_home(&self, household: HouseholdId) -> Result<Vec<CareNeedView>, Error> {
        self.care_needs(|c| {
            let mut found = of_subject(c, household.0)?;
            for period in current_in(c, household)? {
                found.extend(of_subject(c, period.read::<Residency>()?.resident.0)?);
            }
            Ok(found)
        })
    }
    /// The needs that hold and end within so many days from today unless somebody renews them; the soonest first, at most
    /// [`NEEDS_SHOWN_MAX_COUNT`].
    ///
    /// # Errors
    /// [`Error::NotEnrolled`] before enrolment; otherwise when the store fails.
    pub fn care_needs_expiring(&self, within_days: u16) -> Result<Vec<CareNeedView>, Error> {
        let today = self.today();
        let last = today.checked_add_days(Days::new(u64::from(within_days))).unwrap_or(NaiveDate::MAX);
        let found = self.care_needs(|c| {
            let mut found = c.prepare_cached(
                "SELECT body, pending_first, pending_last, held FROM record
                 WHERE kind = 18 AND status = 'current' AND sort >= ?1 AND sort <= ?2 ORDER BY sort, id LIMIT ?3",
            )?;
            let values = params![today.to_string(), last.to_string(), NEEDS_SHOWN_MAX_COUNT as i64];
            let rows = found.query_map(values, records::read)?;
            rows.map(|row| records::parsed(row?)).collect()
        })?;
        let mut found: Vec<CareNeedView> = found.into_iter().filter(|need| need.holds).collect();
        order::sort_by_key(&mut found, |need| (need.valid_until, need.id));
        Ok(found)
    }

    fn today(&self) -> NaiveDate {
        Moment::from_ms(self.ports().clock.now_ms()).day()
    }
    fn care_needs(
        &self,
        which: impl Fn(&Connection) -> Result<Vec<Stored>, Error>,
    ) -> Result<Vec<CareNeedView>, Error> {
        let today = self.today();
        self.read(|c| {
            let profile = profile::get(c)?;
            let mut views = Vec::new();
            for stored in which(c)? {
                if is_seen(c, &stored.record)? && !is_restricted(c, &stored.record)? {
                    views.push(view(c, &profile, &stored, today)?);
                }
            }
            order::sort_by_key(&mut views, |need| (!need.holds, std::cmp::Reverse(need.valid_until), need.id));
            views.dedup_by_key(|need| need.id);
            Ok(views)
        })
    }
}

/// The types of need that hold for homes on a day: those of the household and of everyone who lives there.
pub(crate) fn holding(c: &Connection, day: NaiveDate) -> Result<HashMap<HouseholdId, HashSet<Uuid>>, Error> {
    let mut found = c.prepare_cached("SELECT body FROM record WHERE kind = 18")?;
    let bodies = found.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut holding: HashMap<HouseholdId, HashSet<Uuid>> = HashMap::new();
    for body in bodies {
        let record = records::parse(&body)?;
        let Ok(need) = record.read::<CareNeed>() else { continue };
        if !need.holds_on(day) || !is_seen(c, &record)? || is_restricted(c, &record)? {
            continue;
        }
        let homes = match (need.household, need.resident) {
            (Some(household), _) => vec![household],
            (None, Some(resident)) => homes_of(c, resident)?,
            (None, None) => Vec::new(),
        };
        homes.into_iter().for_each(|home| {
            holding.entry(home).or_default().insert(need.of);
        });
    }
    Ok(holding)
}

/// Forgets what the holder's role may not see (any more), unless it waits to be sent.
///
/// # Errors
/// When the store fails.
pub(crate) fn forget_unseen(tx: &rusqlite::Transaction<'_>, acknowledged: u64) -> Result<Vec<(Kind, Uuid)>, Error> {
    let mut found = tx.prepare_cached("SELECT body, pending_last FROM record WHERE kind = 18")?;
    let rows = found.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)? as u64)))?;
    let mut gone = Vec::new();
    for row in rows.collect::<Result<Vec<_>, _>>()? {
        let record = records::parse(&row.0)?;
        // An area that is lost is drained and erased as a whole.
        let Some(role) = profile::role_in(tx, record.area)? else { continue };
        if row.1 <= acknowledged && !care::sees(role, &record) {
            records::remove(tx, record.kind, record.id, record.area)?;
            gone.push((record.kind, record.id));
        }
    }
    Ok(gone)
}

fn is_seen(c: &Connection, need: &Record) -> Result<bool, Error> {
    Ok(profile::role_in(c, need.area)?.is_some_and(|role| care::sees(role, need)))
}

/// Whether the need is that of a resident whose data is not used.
fn is_restricted(c: &Connection, need: &Record) -> Result<bool, Error> {
    let resident = names::text(&need.f, "resident").and_then(|id| id.parse().ok());
    resident.map_or(Ok(false), |resident| rights::is_restricted(c, resident))
}

fn subject(whose: CareOf) -> Uuid {
    match whose {
        CareOf::Resident(id) => id.0,
        CareOf::Household(id) => id.0,
    }
}

/// The area that a need is kept in: that of the home.
fn area_of(c: &Connection, whose: CareOf) -> Result<UnitId, Error> {
    match whose {
        CareOf::Resident(id) => {
            let known = moves::standing(c, id)?.into_iter().next();
            Ok(known.ok_or(Error::NotFound { what: Kind::Resident.name() })?.area)
        }
        CareOf::Household(id) => {
            let place = names::place(c, id)?;
            match place.to {
                None => Ok(place.area),
                Some(_) => Err(Error::Invalid { field: "household".into() }),
            }
        }
    }
}

fn check_until(of: &CareNeedType, until: NaiveDate, today: NaiveDate) -> Result<(), Error> {
    let fits = (today..=of.last_day(today)).contains(&until);
    if fits { Ok(()) } else { Err(Error::Invalid { field: "valid_until".into() }) }
}

/// A need that has not ended.
fn standing(c: &Connection, id: Uuid, today: NaiveDate) -> Result<(Record, CareNeed), Error> {
    let known = records::get(c, Kind::CareNeed, id)?.record;
    let need: CareNeed = known.read()?;
    if !is_seen(c, &known)? {
        return Err(Error::NotFound { what: Kind::CareNeed.name() });
    }
    if need.last() < today {
        return Err(Error::Invalid { field: "care_need".into() });
    }
    Ok((known, need))
}

fn saved(work: &Work<'_, '_>, id: Uuid) -> Result<(CareNeedView, ChangeSet), Error> {
    let view = view(work.tx, &profile::get(work.tx)?, &records::get(work.tx, Kind::CareNeed, id)?, work.now().day())?;
    Ok((view, ChangeSet::of(&[(Kind::CareNeed, id)])))
}

fn types(c: &Connection) -> Result<Vec<(Uuid, CareNeedType)>, Error> {
    let mut found = c.prepare_cached("SELECT body FROM record WHERE kind = 17 ORDER BY sort, id")?;
    let bodies = found.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut types = Vec::new();
    for body in bodies {
        let record = records::parse(&body)?;
        match record.read() {
            Ok(of) => types.push((record.id, of)),
            Err(e) => tracing::warn!(id = %record.id, error = %e, "a type of need that does not read"),
        }
    }
    Ok(types)
}

/// The needs of a resident or household: their `parent` column.
fn of_subject(c: &Connection, subject: Uuid) -> Result<Vec<Stored>, Error> {
    let mut found = c.prepare_cached(
        "SELECT body, pending_first, pending_last, held FROM record WHERE kind = 18 AND parent = ?1
         ORDER BY sort DESC, id LIMIT ?2",
    )?;
    let rows = found.query_map(params![subject.as_bytes(), NEEDS_SHOWN_MAX_COUNT as i64], records::read)?;
    rows.map(|row| records::parsed(row?)).collect()
}

/// Where a resident lives now.
fn homes_of(c: &Connection, resident: ResidentId) -> Result<Vec<HouseholdId>, Error> {
    let mut found = c.prepare_cached(
        "SELECT parent FROM record WHERE kind = 7 AND sort = ? AND status = 'current' AND parent IS NOT NULL",
    )?;
    let rows = found.query_map([resident.to_string()], |row| row.get::<_, [u8; 16]>(0))?;
    Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().map(|id| HouseholdId(Uuid::from_bytes(id))).collect())
}

fn view(c: &Connection, profile: &Profile, stored: &Stored, today: NaiveDate) -> Result<CareNeedView, Error> {
    let record = &stored.record;
    let need: CareNeed = record.read()?;
    let of = records::find(c, Kind::CareNeedType, need.of)?;
    let of = of.and_then(|stored| stored.record.read::<CareNeedType>().ok());
    let resident_name = match need.resident {
        Some(id) => match records::find_in(c, Kind::Resident, id.0, record.area)? {
            Some(known) => known.record.read::<Resident>()?.name,
            None => String::new(),
        },
        None => String::new(),
    };
    let household = match (need.household, need.resident) {
        (Some(household), _) => Some(household),
        (None, Some(resident)) => names::home_of_resident(c, resident.0)?,
        (None, None) => None,
    };
    let set_by: StaffId =
        record.heads.get("valid_until").and_then(|heads| heads.first()).map_or(record.who, |one| one.who);
    Ok(CareNeedView {
        id: record.id,
        of: need.of,
        type_name: of.map(|of| of.name).unwrap_or_default(),
        resident: need.resident,
        resident_name,
        household,
        home: household.map(|id| names::of_home(c, id)).transpose()?.unwrap_or_default(),
        holds: need.holds_on(today),
        basis: need.basis,
        valid_from: need.valid_from,
        valid_until: need.valid_until,
        to: need.to,
        set_by,
        set_by_name: names::of_staff(c, profile, set_by)?,
        has_conflict: conflict::count(record) > 0,
        sync: SyncState::of(stored, profile.acknowledged),
    })
}
