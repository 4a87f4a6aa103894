//! Forms that units set for everyone below. A version is never altered: what changes is a new version, so that drafts and visits that were
//! begun with the one before stay as they were asked.

use crate::ledger::{self, LedgerError};
use crate::rules::{self, Set};
use crate::store::StoreError;
use chrono::NaiveDate;
use rusqlite::{Connection, Transaction};
use serde_json::json;
use zoufang_domain::conflict;
use zoufang_domain::form::{FormDefinition, FormField, definition_id};
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::operation::Fields;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

/// What a form asks, before it has a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The form's id.
    pub form: String,
    /// What people call it.
    pub name: String,
    /// What it asks, in order.
    pub fields: Vec<FormField>,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Published {
    /// The version that is offered now.
    pub version: u32,
    /// False when that version asked the very same before.
    pub changed: bool,
}

impl Wanted {
    /// As that version.
    pub fn as_version(self, version: u32) -> FormDefinition {
        let Wanted { form, name, fields } = self;
        FormDefinition { form, version, name, fields, to: None }
    }
}

/// Publishes a form of a unit: as its first version, or as its next one when it differs from the one that is offered.
///
/// # Errors
/// [`Refusal::Invalid`] of `form` when the id belongs to another unit, otherwise naming the first part that is wrong
/// ([`zoufang_domain::form::check`]); what the store says.
pub fn publish(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    unit: UnitId,
    wanted: Wanted,
) -> Result<Published, LedgerError> {
    let latest = latest(tx, &wanted.form)?;
    if latest.as_ref().is_some_and(|known| known.unit != unit) {
        return Err(LedgerError::Refused(Refusal::Invalid { field: "form".into() }));
    }
    let version = latest.as_ref().map_or(0, |known| known.noun.version);
    let definition = wanted.as_version(version.saturating_add(1));
    if latest.is_some_and(|known| FormDefinition { version: definition.version, ..known.noun } == definition) {
        return Ok(Published { version, changed: false });
    }
    let id = definition_id(&definition.form, definition.version);
    rules::create(tx, now_ms, author, unit, Kind::FormDefinition, id, ledger::fields_of(&definition))?;
    Ok(Published { version: definition.version, changed: true })
}

/// Offers a form no longer after a day; `false` when there is no such form or it was withdrawn before.
///
/// # Errors
/// What the store says.
pub fn withdraw(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    form: &str,
    to: NaiveDate,
) -> Result<bool, LedgerError> {
    let Some(known) = latest(tx, form)?.filter(|known| known.noun.to.is_none()) else { return Ok(false) };
    let record = ledger::record(tx, known.unit, Kind::FormDefinition, known.id)?;
    let record = record.ok_or(StoreError::Damaged { what: "form_definition" })?;
    let action = conflict::edit(&record, Fields::from([("to".to_owned(), json!(to))]));
    ledger::write_own(tx, now_ms, author, known.unit, Kind::FormDefinition, known.id, action)?;
    Ok(true)
}

/// Every version of every form, by name.
///
/// # Errors
/// What the store says.
pub fn definitions(c: &Connection) -> Result<Vec<Set<FormDefinition>>, StoreError> {
    rules::read(c, Kind::FormDefinition)
}

/// The latest version of a form.
///
/// # Errors
/// What the store says.
pub fn latest(c: &Connection, form: &str) -> Result<Option<Set<FormDefinition>>, StoreError> {
    let known = definitions(c)?.into_iter().filter(|known| known.noun.form == form);
    Ok(known.max_by_key(|known| known.noun.version))
}
