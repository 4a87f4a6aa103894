//! What the phone forgets when somebody is erased: the records that went, their traces in what it has sent already and still keeps, in drafts and
//! in the search index. What waits to be sent goes up as it was written; the server judges it, and then it goes from here, too.

use crate::error::Error;
use crate::store::outbox;
use rusqlite::{Transaction, params};
use serde_json::Value;
use std::collections::HashSet;
use uuid::Uuid;
use zoufang_domain::chain::Link;
use zoufang_domain::erasure::{self, Extent, Traces};
use zoufang_domain::ids::DeviceId;
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::record::{Head, Record};
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::push::Outcome;

/// What one page of a pull says of people who were erased.
#[derive(Debug, Default)]
pub struct Erasures {
    gone: HashSet<(Kind, Uuid)>,
    traces: Traces,
}

impl Erasures {
    /// Takes note of a record that was erased, and of what it says of the person if the phone still has it.
    pub fn of_record(&mut self, kind: Kind, id: Uuid, known: Option<&Record>) {
        self.gone.insert((kind, id));
        if let Some(record) = known.filter(|record| record.kind == Kind::Resident) {
            self.traces.join(Traces::of(&[record]));
        }
    }
    /// Takes note of a home that lost its contact without anybody having written so: the contact was erased. `own` is this phone's work on
    /// the home that the server's state is without, oldest first: what it wrote was never there to be lost.
    pub fn of_home(&mut self, before: &Record, now: &Record, own: &[Operation], device: DeviceId) {
        // A copy that was offered: the server begins with an older state than this phone's.
        if own.iter().any(|one| matches!(one.action, Action::Witness { .. })) {
            return;
        }
        for field in lost(before, now) {
            for text in known_to_server(before, field, own, device).into_iter().filter_map(Value::as_str) {
                if field == "phone" { self.traces.add_phone(text) } else { self.traces.add_name(text) }
            }
        }
    }
    /// Whether anybody was erased.
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.traces.is_empty()
    }
    /// Forgets them, in the transaction of their page.
    ///
    /// # Errors
    /// When the store fails.
    pub fn carry_out(&self, tx: &Transaction<'_>, acknowledged: u64) -> Result<(), Error> {
        if self.is_empty() {
            return Ok(());
        }
        self.redact_outbox(tx, acknowledged)?;
        self.redact_drafts(tx)?;
        index_anew(tx)
    }
    fn redact_outbox(&self, tx: &Transaction<'_>, acknowledged: u64) -> Result<(), Error> {
        let sent: Vec<(i64, i64, [u8; 16])> = tx
            .prepare_cached("SELECT counter, kind, subject FROM operation WHERE counter <= ? ORDER BY counter")?
            .query_map([acknowledged as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        for (counter, kind, subject) in sent {
            let kind = Kind::from_number(kind);
            let is_gone = kind.is_some_and(|kind| self.gone.contains(&(kind, Uuid::from_bytes(subject))));
            match kind {
                _ if is_gone => redact(tx, counter, Extent::Whole)?,
                // Another resident's own name and number are theirs.
                Some(Kind::Resident) => {}
                _ => redact(tx, counter, Extent::Traces(&self.traces))?,
            }
        }
        Ok(())
    }
    fn redact_drafts(&self, tx: &Transaction<'_>) -> Result<(), Error> {
        let drafts: Vec<([u8; 16], String)> = tx
            .prepare_cached("SELECT id, body FROM draft")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_, _>>()?;
        for (id, body) in drafts {
            let Ok(mut fields) = serde_json::from_str::<Fields>(&body) else { continue };
            let resident = fields.get("resident").and_then(Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
            let named = resident.is_some_and(|id| self.gone.contains(&(Kind::Resident, id)));
            if named {
                fields.remove("resident");
            }
            if self.traces.out_of_fields(&mut fields) || named {
                let clean = serde_json::to_string(&fields).map_err(|_| Error::Invalid { field: "fields".into() })?;
                tx.prepare_cached("UPDATE draft SET body = ?2 WHERE id = ?1")?.execute(params![id, clean])?;
            }
        }
        Ok(())
    }
}

/// Whether a home has lost its contact or number without anybody having written so.
pub fn is_any_lost(before: &Record, now: &Record) -> bool {
    lost(before, now).next().is_some()
}

fn lost(before: &Record, now: &Record) -> impl Iterator<Item = &'static str> {
    let has = |record: &Record, field: &str| record.f.contains_key(field) || record.heads.contains_key(field);
    ["contact", "phone"].into_iter().filter(move |field| has(before, field) && !has(now, field))
}

/// The values of a field as the server had them, when a phone's record has work of its own laid over them.
fn known_to_server<'r>(before: &'r Record, field: &str, own: &'r [Operation], device: DeviceId) -> Vec<&'r Value> {
    let is_own = |head: &&Head| head.v.by == device && own.iter().any(|one| one.counter == head.v.counter);
    let Some(heads) = before.heads.get(field) else { return before.f.get(field).into_iter().collect() };
    let theirs: Vec<&Value> = heads.iter().filter(|head| !is_own(head)).map(|head| &head.value).collect();
    if !theirs.is_empty() {
        return theirs;
    }
    // All that stands is this phone's own: the first edit saw what the server had.
    let first = own.iter().find_map(|one| match &one.action {
        Action::Set { fields, was, .. } if fields.contains_key(field) => Some(was.get(field)),
        _ => None,
    });
    first.flatten().into_iter().collect()
}

/// The index keeps the terms of what left it until its parts are joined; made anew it knows none of them.
///
/// # Errors
/// When the store fails.
pub fn index_anew(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.execute("INSERT INTO search (search) VALUES ('delete-all')", [])?;
    tx.execute("DELETE FROM search_stale", [])?;
    tx.execute("UPDATE search_state SET indexed_row = 0 WHERE id = 1", [])?;
    Ok(())
}

/// Rewrites an operation that was sent. Its link stays: the chain holds.
fn redact(tx: &Transaction<'_>, counter: i64, extent: Extent<'_>) -> Result<(), Error> {
    let (body, link): (String, [u8; 32]) = tx
        .prepare_cached("SELECT body, link FROM operation WHERE counter = ?")?
        .query_row([counter], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if let Some(clean) = erasure::redact(&body, Link(link), extent) {
        tx.prepare_cached("UPDATE operation SET body = ?2 WHERE counter = ?1")?.execute(params![counter, clean])?;
    }
    Ok(())
}

/// Empties an operation that the server did not take because its record was erased.
///
/// # Errors
/// When the store fails.
pub fn empty(tx: &Transaction<'_>, counter: u64) -> Result<(), Error> {
    redact(tx, counter as i64, Extent::Whole)
}

/// Where texts of this phone's were held for review: takes those that were removed out of what the phone keeps, now that the record says so.
/// Those that were released stand in the record.
///
/// # Errors
/// When the store fails.
pub fn after_review(tx: &Transaction<'_>, record: &Record, json: &str) -> Result<(), Error> {
    for (counter, mut operation) in outbox::with_held_texts(tx, record.kind, record.id)? {
        if json.contains(erasure::HELD) {
            continue;
        }
        let mut removed = Traces::none();
        for text in erasure::free_texts(&mut operation) {
            let quoted = serde_json::to_string(text.as_str()).unwrap_or_default();
            if !json.contains(&quoted) {
                removed.add_name(text);
            }
        }
        redact(tx, counter as i64, Extent::Traces(&removed))?;
        let read = Outcome::Merged { conflicts: Vec::new(), late: false, held: false };
        let read = serde_json::to_string(&read).map_err(|_| Error::Invalid { field: "outcome".into() })?;
        tx.prepare_cached("UPDATE verdict SET outcome = ?2 WHERE counter = ?1")?
            .execute(params![counter as i64, read])?;
    }
    Ok(())
}

/// An operation with its counter.
pub(crate) type Counted = (u64, Operation);
