//! Work on the homes of someone who was erased, from a phone that did not know of it yet: what points to the person is dropped, and texts wait
//! until somebody has read them. In the record stands a word with the text's number meanwhile.

use super::book::Book;
use super::erase::may_carry_out;
use super::own::CONSOLE;
use super::settle::Settler;
use super::{LedgerError, redaction};
use crate::audit::{self, Actor};
use crate::store::{StoreError, id_at};
use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;
use zoufang_domain::erasure::{self, Extent, HELD, REMOVED};
use zoufang_domain::ids::{DeviceId, OpId, UnitId};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

/// What stands in a record in place of a held text.
fn token(id: i64) -> String {
    format!("{HELD}{id}）")
}

/// An operation as it may be applied.
pub(super) enum Screened {
    /// As it was made.
    AsMade,
    /// Without what points to an erased person, and with words in place of texts that are held.
    Changed(Box<Operation>),
    /// It is about an erased person and nothing else.
    Erased,
}

/// Looks at an operation of an area where somebody was erased. `from` is the phone whose holder may not have known; `None` on the word of a
/// supervisor, who has read the texts.
pub(super) fn screen(
    tx: &Transaction<'_>,
    now_ms: i64,
    operation: &Operation,
    known: Option<&Record>,
    from: Option<DeviceId>,
) -> Result<Screened, StoreError> {
    let mut changed = operation.clone();
    let mut is_changed = false;
    if let Action::Witness { record } = &operation.action
        && !matches!(operation.kind, Kind::RightsRequest)
        && let Some(resident) = id_in(record.f.get("resident"))
        && is_erased(tx, operation.area, resident)?
    {
        return Ok(Screened::Erased);
    }
    if let Action::Create { fields, .. } = &mut changed.action
        && let Some(resident) = id_in(fields.get("resident"))
        && is_erased(tx, operation.area, resident)?
    {
        match operation.kind {
            // Whose it was is an id without content by now, and what became of the request stands with it.
            Kind::RightsRequest => return Ok(Screened::AsMade),
            Kind::Matter => is_changed = fields.remove("resident").is_some(),
            _ => return Ok(Screened::Erased),
        }
    }
    if let Some(device) = from {
        let mut is_held = is_changed;
        for place in home_of(operation, known).into_iter().chain([operation.id]) {
            is_held = is_held || could_not_know(tx, operation, device, place)?;
        }
        if is_held {
            is_changed |= hold(tx, now_ms, operation, device, &mut changed)?;
        }
    }
    Ok(if is_changed { Screened::Changed(Box::new(changed)) } else { Screened::AsMade })
}

fn id_in(value: Option<&serde_json::Value>) -> Option<Uuid> {
    value.and_then(serde_json::Value::as_str).and_then(|id| Uuid::parse_str(id).ok())
}

fn is_erased(tx: &Transaction<'_>, area: UnitId, resident: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT erased FROM departed WHERE area = ?1 AND kind = ?2 AND id = ?3";
    let key = (area.as_bytes(), Kind::Resident.number(), resident.as_bytes());
    Ok(tx.prepare_cached(sql)?.query_row(key, |row| row.get(0)).optional()?.unwrap_or(false))
}

/// The home that an operation is about.
fn home_of(operation: &Operation, known: Option<&Record>) -> Option<Uuid> {
    match (&operation.action, known) {
        (_, Some(known)) => id_in(known.f.get("household")),
        (Action::Create { fields, .. }, None) => id_in(fields.get("household")),
        _ => None,
    }
}

/// Whether the operation was made before its phone had the word of an erasure in that home, or of whom that matter was about: before the erasure, or before the phone's first
/// complete pull after it. A pull's time is the server's, and a phone's clock is never behind what it has seen of the server's.
fn could_not_know(
    tx: &Transaction<'_>,
    operation: &Operation,
    device: DeviceId,
    place: Uuid,
) -> Result<bool, StoreError> {
    let sql = "SELECT at_ms FROM erasure_home WHERE area = ?1 AND household = ?2";
    let key = (operation.area.as_bytes(), place.as_bytes());
    let Some(erased_ms) = tx.prepare_cached(sql)?.query_row(key, |row| row.get::<_, i64>(0)).optional()? else {
        return Ok(false);
    };
    let sql = "SELECT last_sync_ms FROM device WHERE id = ?1";
    let pulled_ms: Option<i64> =
        tx.prepare_cached(sql)?.query_row([device.as_bytes()], |row| row.get(0)).optional()?.flatten();
    let made_ms = operation.at.wall_ms();
    Ok(made_ms <= erased_ms || pulled_ms.is_none_or(|pulled_ms| pulled_ms <= erased_ms || made_ms <= pulled_ms))
}

/// Puts a word in the place of every text. Gives whether there was any.
fn hold(
    tx: &Transaction<'_>,
    now_ms: i64,
    operation: &Operation,
    device: DeviceId,
    changed: &mut Operation,
) -> Result<bool, StoreError> {
    // What the author saw before may be the person, too; people are shown it beside two values that stand against each other.
    if let Action::Set { was, .. } = &mut changed.action {
        was.clear();
    }
    let mut texts = erasure::free_texts(changed);
    let is_any = !texts.is_empty();
    let sql = "INSERT INTO held_text (area, kind, record, device, counter, received_ms, text) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    for text in &mut texts {
        tx.prepare_cached(sql)?.execute((
            operation.area.as_bytes(),
            operation.kind.number(),
            operation.id.as_bytes(),
            device.as_bytes(),
            operation.counter as i64,
            now_ms,
            text.as_str(),
        ))?;
        **text = token(tx.last_insert_rowid());
    }
    Ok(is_any)
}

/// Forgets what was held of an operation that was not applied: it waits word for word in quarantine.
pub(super) fn forget(tx: &Transaction<'_>, device: DeviceId, counter: u64) -> Result<(), StoreError> {
    let sql = "DELETE FROM held_text WHERE device = ?1 AND counter = ?2";
    tx.prepare_cached(sql)?.execute((device.as_bytes(), counter as i64))?;
    Ok(())
}

/// Whether somebody of a home was erased: a roster that was made before would bring its contact back.
///
/// # Errors
/// What the store says.
pub fn anyone_erased_from(c: &Connection, area: UnitId, home: Uuid) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM erasure_home WHERE area = ?1 AND household = ?2)";
    Ok(c.prepare_cached(sql)?.query_row((area.as_bytes(), home.as_bytes()), |row| row.get(0))?)
}

/// What becomes of a held text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Review {
    /// It names nobody who was erased, and goes back to its place.
    Release,
    /// It does, and goes for good.
    Remove,
}

/// Decides on a held text. Gives false when that was done already.
///
/// # Errors
/// [`Refusal::NotAssigned`] when there is no such text in the caller's area, [`Refusal::NotAllowed`] when the role does not decide; what
/// the store says.
pub fn review(tx: &Transaction<'_>, now_ms: i64, by: Settler, id: i64, way: Review) -> Result<bool, LedgerError> {
    let sql = "SELECT area, kind, record, device, counter, text, settled_ms IS NOT NULL FROM held_text WHERE id = ?1";
    let found = tx.prepare_cached(sql)?.query_row([id], |row| {
        let (area, record, device) = (UnitId(id_at(row, 0)?), id_at(row, 2)?, DeviceId(id_at(row, 3)?));
        let (kind, counter): (i64, i64) = (row.get(1)?, row.get(4)?);
        Ok((
            area,
            kind,
            record,
            (OpId::of(device, counter.max(0) as u64), counter.max(0) as u64),
            row.get::<_, String>(5)?,
            row.get::<_, bool>(6)?,
        ))
    });
    let Some((area, kind, record, (op, counter), text, is_settled)) = found.optional()? else {
        return Err(Refusal::NotAssigned.into());
    };
    may_carry_out(tx, now_ms, by, area)?;
    if is_settled {
        return Ok(false);
    }
    let (author, actor, staff) = match by {
        Settler::Staff(staff) => (staff, Actor::Staff(staff), Some(*staff.as_bytes())),
        Settler::Console => (CONSOLE, Actor::Console, None),
    };
    let kind = Kind::from_number(kind).ok_or(StoreError::Damaged { what: "held_text" })?;
    let word = match way {
        Review::Release => text.as_str(),
        Review::Remove => REMOVED,
    };
    let mut book = Book::open(tx, now_ms)?;
    book.area(area)?;
    if let Some(standing) = book.find(area, kind, record)? {
        let json = standing.record.to_canonical_json();
        let quoted = serde_json::to_string(word).map_err(|_| StoreError::Damaged { what: "held_text" })?;
        // The word stands alone in its place, so its quotes are those of a text.
        let clean = json.replace(&format!("\"{}\"", token(id)), &quoted);
        let clean: Record = serde_json::from_str(&clean).map_err(|_| StoreError::Damaged { what: "record" })?;
        book.replace(&standing, &clean, author)?;
    }
    book.close()?;
    if way == Review::Remove
        && let Some(batch) = redaction::batch_of(tx, op)?
    {
        let traces = redaction::traces_of(&text);
        redaction::rewrite_batch(tx, now_ms, batch, |one, link| {
            let is_it = serde_json::from_str::<Operation>(one).is_ok_and(|one| one.counter == counter);
            is_it.then(|| erasure::redact(one, link, Extent::Traces(&traces))).flatten()
        })?;
    }
    let how = match way {
        Review::Release => "released",
        Review::Remove => "removed",
    };
    let sql = "UPDATE held_text SET text = '', settled_ms = ?2, settled_by = ?3, settled_how = ?4 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((id, now_ms, staff, how))?;
    audit::write(tx, now_ms, actor, &format!("held_text.{how}"), &format!("{op}#{id}"))?;
    Ok(true)
}
