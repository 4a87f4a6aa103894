//! Conflicts: values that people wrote without having seen each other's. They are read off the records and last until a person settles them.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::matters::said;
use crate::names;
use crate::store::profile::{self, Profile};
use crate::store::records;
use crate::views::{ConflictView, PAGE_MAX_COUNT, SideView, ValueView};
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::appointment::{STANDING, Standing};
use zoufang_domain::conflict::{self, Conflict};
use zoufang_domain::home::Address;
use zoufang_domain::message::Language;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;

/// The contested records. The index is named: left to itself SQLite goes through all rows in their order, 17 ms on a phone with 8,000 visits
/// and 12 conflicts (2026-11-26).
pub const CONTESTED: &str = "SELECT body, pending_first, pending_last, held FROM record INDEXED BY record_conflicts
     WHERE conflicts_count > 0 ORDER BY row LIMIT ?";

impl Core {
    /// What stands against each other on this phone, of at most [`PAGE_MAX_COUNT`] records.
    ///
    /// # Errors
    /// When the store fails.
    pub fn conflicts(&self) -> Result<Vec<ConflictView>, Error> {
        self.read(|c| {
            let profile = profile::get(c)?;
            let mut found = c.prepare_cached(CONTESTED)?;
            let mut views = Vec::new();
            for row in found.query_map([PAGE_MAX_COUNT], records::read)? {
                views.extend(of_record(c, &profile, &records::parsed(row?)?.record)?);
            }
            Ok(views)
        })
    }
    /// Settles a contested field: the chosen value, one of those that stand or a new one, replaces all that this phone has seen.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the field is not contested (any more), [`Error::Invalid`] for a value that the field cannot have,
    /// [`Error::NotAllowed`].
    pub fn settle_conflict(&self, kind: Kind, id: Uuid, field: &str, chosen: Value) -> Result<(), Error> {
        self.work(|work| {
            // Who is known in two areas has a record in each, and either may be contested.
            let stands = |known: &Record| known.heads.get(field).is_some_and(|heads| conflict::contested(heads));
            let known = records::copies(work.tx, kind, id)?.into_iter().find(stands);
            let known = known.ok_or(Error::NotFound { what: "conflict" })?;
            work.perform(known.area, kind, id, conflict::settle(&known, field, chosen))?;
            Ok(((), ChangeSet::of(&[(kind, id)])))
        })
    }
}

fn of_record(c: &Connection, profile: &Profile, record: &Record) -> Result<Vec<ConflictView>, Error> {
    let (title, household) = names::of_record(c, record)?;
    let conflicts = conflict::of(record).into_iter();
    conflicts
        .map(|one| {
            Ok(ConflictView {
                id: one.id(),
                kind: one.kind,
                record: one.id,
                household,
                title: title.clone(),
                base: value(&one, &one.base),
                sides: sides(c, profile, &one)?,
                field: one.field,
            })
        })
        .collect()
}

fn sides(c: &Connection, profile: &Profile, conflict: &Conflict) -> Result<Vec<SideView>, Error> {
    let sides = conflict.sides.iter();
    sides
        .map(|side| {
            Ok(SideView {
                value: value(conflict, &side.value),
                who: side.who,
                who_name: names::of_staff(c, profile, side.who)?,
                at_ms: side.version.at.wall_ms(),
                operation: side.version.op(),
            })
        })
        .collect()
}

fn value(conflict: &Conflict, value: &Value) -> ValueView {
    let text = match (conflict.kind, conflict.field.as_str()) {
        (Kind::Dwelling, "address") => {
            Address::deserialize(value).map_or_else(|_| said(value), |address| address.to_string())
        }
        (Kind::Appointment, STANDING) => {
            Standing::deserialize(value).map_or_else(|_| said(value), |standing| standing.said(Language::Zh))
        }
        _ => said(value),
    };
    ValueView { text, value: value.clone() }
}
