//! Moving in, out and from home to home. A period of residence is never overwritten: one ends, another begins.
//!
//! # Who is known in two areas
//! A record belongs to one area for ever, so that nobody outside it ever holds it. When someone moves into a home of another area, the
//! person's record therefore begins there anew, under the same id, with what is known on the phone that both areas are on. The area that they left
//! keeps its own: its staff must still be able to read who lived there, and may not see the other area. From then on the record of the area
//! where the person lives is the one that is edited and shown; who moves back brings what is known by then.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::input::{fields_of, set_in};
use crate::names;
use crate::residents::{by_residency, current_in, end};
use crate::store::{profile, records};
use crate::views::{ResidentView, StayView};
use crate::work::Work;
use chrono::NaiveDate;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use uuid::Uuid;
use zoufang_domain::ids::{HouseholdId, ResidencyId, ResidentId, UnitId};
use zoufang_domain::operation::Action;
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::resident::{Residency, ResidencyKind};
use zoufang_domain::schema::Kind;

/// Where someone moves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextHome {
    /// The home.
    pub household: HouseholdId,
    /// As what.
    pub kind: ResidencyKind,
    /// Whether the person lives where they are registered.
    pub lives_where_registered: Option<bool>,
    /// First day there, today if not said; the last day of the home before is the day before it.
    pub on: Option<NaiveDate>,
}

impl Core {
    /// Begins a period of residence of someone who is known already. In another area of this phone the person's record begins with it, as the
    /// module says.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the resident or the home; [`Error::Invalid`] with field `resident` when the person lives there already,
    /// `household` when the home is closed and the period does not end by then, `to` when it ends before it begins.
    pub fn move_in(&self, residency: &Residency) -> Result<ResidentView, Error> {
        self.work(|work| {
            let id = begin(work, residency)?;
            let touched = [(Kind::Residency, id), (Kind::Resident, residency.resident.0)];
            Ok((by_residency(work.tx, id)?, ChangeSet::of(&touched)))
        })
    }
    /// Ends a period of residence on its last day.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] with field `to` when it has ended already or the day lies before its first.
    pub fn move_out(&self, residency: ResidencyId, to: NaiveDate) -> Result<ResidentView, Error> {
        self.work(|work| {
            let known = records::get(work.tx, Kind::Residency, residency.0)?.record;
            let period: Residency = known.read()?;
            if period.to.is_some() || to < period.from {
                return Err(Error::Invalid { field: "to".into() });
            }
            end(work, &known, to)?;
            Ok((by_residency(work.tx, residency.0)?, ChangeSet::of(&[(Kind::Residency, residency.0)])))
        })
    }
    /// Ends a period of residence and begins another in another home: both or neither.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the period or the home; [`Error::Invalid`] with field `residency` when the period has ended, `on` when the
    /// move lies before its first day, `household` when the home is closed, `resident` when the person lives there already.
    pub fn move_home(&self, residency: ResidencyId, next: &NextHome) -> Result<ResidentView, Error> {
        self.work(|work| {
            let known = records::get(work.tx, Kind::Residency, residency.0)?.record;
            let on = next.on.unwrap_or_else(|| work.now().day());
            let id = move_on(work, &known, next, on)?;
            let resident = by_residency(work.tx, id)?;
            let touched = [(Kind::Residency, residency.0), (Kind::Residency, id), (Kind::Resident, resident.id.0)];
            Ok((resident, ChangeSet::of(&touched)))
        })
    }
    /// Where a resident lives and has lived, as far as this phone's areas know: the home of now first, then the latest.
    ///
    /// # Errors
    /// [`Error::NotFound`] when nothing is known of the resident; otherwise when the store fails.
    pub fn homes_of_resident(&self, resident: ResidentId) -> Result<Vec<StayView>, Error> {
        self.read(|c| {
            profile::get(c)?;
            records::get(c, Kind::Resident, resident.0)?;
            let mut stays = Vec::new();
            for record in periods_of(c, resident)? {
                let period: Residency = record.read()?;
                stays.push(StayView {
                    residency: ResidencyId(record.id),
                    household: period.household,
                    home: names::of_home(c, period.household)?,
                    micro_grid: record.area,
                    kind: period.kind,
                    lives_where_registered: period.lives_where_registered,
                    from: period.from,
                    to: period.to,
                });
            }
            order::sort_by_key(&mut stays, |stay| (stay.to.is_some(), std::cmp::Reverse(stay.from), stay.residency));
            Ok(stays)
        })
    }
}

/// Ends a period the day before and begins the next. Gives the new period.
pub(crate) fn move_on(work: &mut Work<'_, '_>, known: &Record, next: &NextHome, on: NaiveDate) -> Result<Uuid, Error> {
    let period: Residency = known.read()?;
    if period.to.is_some() {
        return Err(Error::Invalid { field: "residency".into() });
    }
    if on < period.from {
        return Err(Error::Invalid { field: "on".into() });
    }
    let residency = Residency {
        resident: period.resident,
        household: next.household,
        kind: next.kind,
        lives_where_registered: next.lives_where_registered,
        from: on,
        to: None,
    };
    // First the new one: the person's record is taken over from the area where they still live.
    let id = begin(work, &residency)?;
    end(work, known, on.pred_opt().unwrap_or(on))?;
    Ok(id)
}

/// Begins a period, and the person's record where its area has none yet.
pub(crate) fn begin(work: &mut Work<'_, '_>, residency: &Residency) -> Result<Uuid, Error> {
    if residency.to.is_some_and(|to| to < residency.from) {
        return Err(Error::Invalid { field: "to".into() });
    }
    let place = names::place(work.tx, residency.household)?;
    // A period that was over by then may still be written down.
    if place.to.is_some_and(|closed| residency.to.is_none_or(|to| to > closed)) {
        return Err(Error::Invalid { field: "household".into() });
    }
    let lives_there = current_in(work.tx, residency.household)?
        .iter()
        .any(|period| period.f.get("resident") == Some(&json!(residency.resident)));
    if lives_there && residency.to.is_none() {
        return Err(Error::Invalid { field: "resident".into() });
    }
    follow(work, residency.resident, place.area)?;
    let id = work.new_id();
    let action = Action::Create { fields: fields_of(residency)?, entries: Vec::new() };
    work.perform(place.area, Kind::Residency, id, action)?;
    Ok(id)
}

/// Brings a person's record into the area of a home.
fn follow(work: &mut Work<'_, '_>, resident: ResidentId, area: UnitId) -> Result<(), Error> {
    let known = standing(work.tx, resident)?;
    if known.iter().any(|one| one.area == area) {
        return Ok(());
    }
    let Some(known) = known.into_iter().next() else { return Err(Error::NotFound { what: Kind::Resident.name() }) };
    match records::find_in(work.tx, Kind::Resident, resident.0, area)? {
        None => {
            let fields = order::gather(known.f.into_iter().filter(|(_, value)| !value.is_null()));
            work.perform(area, Kind::Resident, resident.0, Action::Create { fields, entries: Vec::new() })?;
        }
        Some(before) => {
            let gone = before.record.f.keys().filter(|name| !known.f.contains_key(*name));
            let gone: Vec<_> = gone.map(|name| (name.clone(), Value::Null)).collect();
            set_in(work, &before.record, order::gather(known.f.into_iter().chain(gone)))?;
        }
    }
    Ok(())
}

/// The records of a person that count: those of the areas where they live now, the latest home first; without a home that of the last one. The
/// areas are those of this phone in which its holder works.
///
/// # Errors
/// [`Error::NotFound`] when nothing is known of the resident.
pub(crate) fn standing(c: &Connection, resident: ResidentId) -> Result<Vec<Record>, Error> {
    let mut areas: Vec<UnitId> = Vec::new();
    for period in periods_of(c, resident)? {
        let is_over = period.f.get("to").is_some_and(|to| !to.is_null());
        if areas.contains(&period.area) || is_over && !areas.is_empty() || profile::role_in(c, period.area)?.is_none() {
            continue;
        }
        areas.push(period.area);
    }
    let mut found = Vec::new();
    for area in areas {
        found.extend(records::find_in(c, Kind::Resident, resident.0, area)?.map(|stored| stored.record));
    }
    if found.is_empty() {
        found.push(records::get(c, Kind::Resident, resident.0)?.record);
    }
    Ok(found)
}

/// A person's periods of residence on this phone: those that have not ended first, then by when they came here, the latest first. A
/// period's `sort` column holds its resident.
fn periods_of(c: &Connection, resident: ResidentId) -> Result<Vec<Record>, Error> {
    let mut found = c.prepare_cached(
        "SELECT body FROM record WHERE kind = ?1 AND sort = ?2 ORDER BY status <> 'current', body ->> '$.f.from' DESC, row DESC",
    )?;
    let values = params![Kind::Residency.number(), resident.to_string()];
    let bodies = found.query_map(values, |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    bodies.iter().map(|body| Ok(records::parse(body)?)).collect()
}
