//! What the server says, taken in: verdicts on pushed operations and the state of records. Every function here works inside the caller's
//! transaction, so that rows and the cursor that covers them are stored together or not at all.

use crate::care;
use crate::error::Error;
use crate::store::erasure::{self, Erasures};
use crate::store::page::{Page, PageRow, Reading};
use crate::store::records::{self, Columns, Stored};
use crate::store::{outbox, profile, settled, unnamed};
use rusqlite::{Transaction, params};
use uuid::Uuid;
use zoufang_domain::ids::{DeviceId, UnitId};
use zoufang_domain::merge;
use zoufang_domain::operation::Operation;
use zoufang_domain::order;
use zoufang_domain::planted::{self, Defect};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::pull::PullAnswer;
use zoufang_domain::wire::push::{Outcome, PushAnswer};

/// Which records changed, for the change feed.
pub type Touched = Vec<(Kind, Uuid)>;

/// What a push brought back, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PushTaken {
    /// Operations that the server holds now and did not hold, as far as this phone knew.
    pub acknowledged_count: u64,
    /// Of these, merged with other people's work.
    pub merged_count: u64,
    /// Of these, in quarantine.
    pub quarantined_count: u64,
}

/// Stores the acknowledgement of a batch and lays the server's word over the records that it concerns.
///
/// # Errors
/// When the store fails.
pub fn take_push(tx: &Transaction<'_>, answer: &PushAnswer, now_ms: i64) -> Result<(PushTaken, Touched), Error> {
    let before = profile::get(tx)?;
    let unsent_count = |acknowledged| outbox::waiting(tx, acknowledged).map(|waiting| waiting.unsent_count);
    let mut taken = PushTaken {
        acknowledged_count: unsent_count(before.acknowledged)?.saturating_sub(unsent_count(answer.acknowledged)?),
        ..PushTaken::default()
    };
    // The acknowledgement comes first: replaying over a record below must not count these operations as unsent.
    // By the server's clock: one phone's clock in 2036 must not make it forget what a restored server may ask for again.
    outbox::acknowledge(tx, answer.acknowledged, answer.server_time.wall_ms())?;
    tx.execute("UPDATE profile SET seen_stamp = max(seen_stamp, ?) WHERE id = 1", [answer.server_time.0 as i64])?;
    let mut touched = Touched::new();
    for verdict in &answer.verdicts {
        if verdict.outcome == Outcome::Applied && verdict.record.is_none() {
            continue;
        }
        let count = verdict.to.saturating_sub(verdict.from) + 1;
        match verdict.outcome {
            Outcome::Applied => {}
            Outcome::Merged { .. } => taken.merged_count += count,
            Outcome::Quarantined { .. } => taken.quarantined_count += count,
        }
        for counter in verdict.from..=verdict.to {
            note_verdict(tx, counter, &verdict.outcome, now_ms)?;
            if let Outcome::Quarantined { reason: Refusal::RecordErased } = verdict.outcome {
                touched.extend(unnamed::forget_copy(tx, counter)?);
                erasure::empty(tx, counter)?;
            }
            if matches!(verdict.outcome, Outcome::Quarantined { .. }) && verdict.record.is_none() {
                hold(tx, counter, &mut touched)?;
            }
        }
        if let Some(raw) = &verdict.record {
            let record = records::parse(raw.get())?;
            touched.push((record.kind, record.id));
            lay(tx, &Columns::of(&record), raw.get(), acknowledged(tx)?)?;
        }
    }
    Ok((taken, touched))
}

fn note_verdict(tx: &Transaction<'_>, counter: u64, outcome: &Outcome, now_ms: i64) -> Result<(), Error> {
    if *outcome == Outcome::Applied {
        return Ok(());
    }
    let outcome = serde_json::to_string(outcome).map_err(|_| Error::Invalid { field: "outcome".into() })?;
    tx.prepare_cached("INSERT OR REPLACE INTO verdict (counter, at_ms, outcome) VALUES (?, ?, ?)")?
        .execute(params![counter as i64, now_ms, outcome])?;
    Ok(())
}

/// A quarantined operation whose record the server does not have: what it made stays on the phone, marked as held.
fn hold(tx: &Transaction<'_>, counter: u64, touched: &mut Touched) -> Result<(), Error> {
    let (kind, id, area): (i64, [u8; 16], String) = tx
        .prepare_cached("SELECT kind, subject, body ->> '$.area' FROM operation WHERE counter = ?")?
        .query_row([counter as i64], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    // The same id may stand in another area of this phone, where nothing is held back.
    let area: UnitId = area.parse().map_err(|_| Error::Invalid { field: "area".into() })?;
    tx.prepare_cached("UPDATE record SET held = 1 WHERE kind = ? AND id = ? AND area = ?")?.execute(params![
        kind,
        id,
        area.as_bytes()
    ])?;
    if let Some(kind) = Kind::from_number(kind) {
        touched.push((kind, Uuid::from_bytes(id)));
    }
    Ok(())
}

/// Stores one page of a pull together with its cursor.
///
/// # Errors
/// When the store fails, or a row does not read as a record.
pub fn take_pull(tx: &Transaction<'_>, page: &Page) -> Result<Touched, Error> {
    let Page { answer, rows } = page;
    let before = profile::get(tx)?;
    let is_anew = before.anew || answer.epoch != before.epoch;
    if answer.epoch != before.epoch && !planted::is(Defect::IgnoreEpoch) {
        let decided: Vec<u64> = answer.settled.iter().map(|one| one.counter).collect();
        outbox::offer_again(tx, &decided)?;
        unnamed::begin(tx)?;
    }
    let is_any_unnamed = unnamed::any(tx)?;
    if answer.from_start {
        records::forget_the_servers_own(tx)?;
    }
    if let Some(grants) = &answer.grants {
        profile::set_areas(tx, grants)?;
    }
    let acknowledged = acknowledged(tx)?;
    let is_any_held = outbox::any_quarantined(tx)?;
    let is_any_text_held = outbox::any_held_texts(tx)?;
    let mut erased = Erasures::default();
    let mut touched = Touched::with_capacity(rows.len());
    for row in rows {
        match row {
            PageRow::Is(arrived) => {
                let columns = match arrived.read() {
                    Reading::Record(columns) => columns,
                    // An app that knows the kind pulls all once more.
                    Reading::OfLaterKind => {
                        profile::leave_out(tx)?;
                        continue;
                    }
                    Reading::Unreadable(unreadable) => return Err(unreadable.clone().into()),
                };
                touched.push((columns.kind, columns.id));
                let is_new_to_server = is_any_unnamed && unnamed::named(tx, columns.kind, columns.id, columns.area)?;
                // A server that came back from a backup lost the contact, and nobody was erased.
                if columns.kind == Kind::Household
                    && !is_anew
                    && !is_new_to_server
                    && let Some(known) = records::find_in(tx, columns.kind, columns.id, columns.area)?
                {
                    let now = arrived.record()?;
                    if erasure::is_any_lost(&known.record, &now) {
                        let own = own_beyond_server(tx, &known, acknowledged)?;
                        erased.of_home(&known.record, &now, &own, before.device);
                    }
                }
                lay(tx, columns, arrived.json(), acknowledged)?;
                if is_any_text_held {
                    erasure::after_review(tx, &arrived.record()?, arrived.json())?;
                }
                if is_any_held {
                    release(tx, &arrived.record()?, before.device)?;
                }
            }
            PageRow::Gone { kind, id, area, erased: is_erased } => {
                let Some(kind) = &kind.known() else { continue };
                if is_any_unnamed {
                    unnamed::named(tx, *kind, *id, *area)?;
                }
                if *is_erased {
                    let known = records::find_in(tx, *kind, *id, *area)?;
                    erased.of_record(*kind, *id, known.as_ref().map(|stored| &stored.record));
                }
                if !planted::is(Defect::DropTombstone) && records::remove(tx, *kind, *id, *area)? {
                    touched.push((*kind, *id));
                }
            }
        }
    }
    erased.carry_out(tx, acknowledged)?;
    for one in &answer.settled {
        touched.extend(settled::take(tx, one, acknowledged)?);
    }
    if answer.grants.is_some() {
        touched.extend(forget_areas_above(tx, acknowledged)?);
    }
    // Reads every need on the phone, so once a sync and not once a page.
    if answer.complete {
        touched.extend(care::forget_unseen(tx, acknowledged)?);
        if is_any_unnamed {
            unnamed::note_complete(tx, answer.server_time.wall_ms())?;
        }
    }
    note_page(tx, answer, is_anew)?;
    Ok(touched)
}

/// Stores how far the phone has come with a page.
fn note_page(tx: &Transaction<'_>, answer: &PullAnswer, is_anew: bool) -> Result<(), Error> {
    let is_still_anew = is_anew && !answer.complete;
    tx.prepare_cached(
        "UPDATE profile SET epoch = ?, cursor = ?, complete = max(complete, ?), seen_stamp = max(seen_stamp, ?), anew = ? WHERE id = 1",
    )?
    .execute(params![
        answer.epoch,
        answer.cursor,
        answer.complete,
        answer.server_time.0 as i64,
        is_still_anew
    ])?;
    Ok(())
}

/// Forgets what an area holds that was the phone's own and is only a unit above its areas now: of such a unit a phone keeps the unit and what
/// it sets for everyone below. What waits to be sent stays.
fn forget_areas_above(tx: &Transaction<'_>, acknowledged: u64) -> Result<Touched, Error> {
    let mut found = tx.prepare_cached(
        "SELECT kind, id, area FROM record WHERE area IN (SELECT unit FROM area WHERE role IS NULL AND lost = 0)
         AND kind <> ?1 AND pending_last <= ?2",
    )?;
    let rows = found.query_map(params![Kind::OrgUnit.number(), acknowledged as i64], |row| {
        Ok((row.get::<_, i64>(0)?, Uuid::from_bytes(row.get(1)?), UnitId(Uuid::from_bytes(row.get(2)?))))
    })?;
    let mut gone = Touched::new();
    for (kind, id, area) in rows.collect::<Result<Vec<_>, _>>()? {
        let Some(kind) = Kind::from_number(kind).filter(|kind| !kind.goes_down()) else { continue };
        records::remove(tx, kind, id, area)?;
        gone.push((kind, id));
    }
    Ok(gone)
}

/// This phone's work on a record that the server's state is without, oldest first: what is not sent, and what waits in quarantine.
fn own_beyond_server(tx: &Transaction<'_>, known: &Stored, acknowledged: u64) -> Result<Vec<Operation>, Error> {
    let record = &known.record;
    let mut own = outbox::quarantined_on(tx, record.kind, record.id)?;
    if known.pending_last > acknowledged {
        own.extend(outbox::on_record(tx, record.kind, record.id, acknowledged + 1, known.pending_last)?);
    }
    order::sort_by_key(&mut own, |one| one.counter);
    Ok(own)
}

/// Lays the server's state of a record under this phone's unsent work on it.
fn lay(tx: &Transaction<'_>, server: &Columns, json: &str, acknowledged: u64) -> Result<(), Error> {
    // Nearly every row of a first sync is new here, and one statement then does.
    if records::insert_if_new(tx, server, json)? {
        return Ok(());
    }
    let (first, last): (i64, i64) = tx
        .prepare_cached("SELECT pending_first, pending_last FROM record WHERE kind = ? AND id = ? AND area = ?")?
        .query_row(params![server.kind.number(), server.id.as_bytes(), server.area.as_bytes()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if last as u64 <= acknowledged {
        return records::put_json(tx, server, json, (0, 0), false, true);
    }
    let first = (first as u64).max(acknowledged + 1);
    let unsent = outbox::on_record(tx, server.kind, server.id, first, last as u64)?;
    let device = profile::get(tx)?.device;
    let record = replay(records::parse(json)?, &unsent, device);
    records::put(tx, &Stored { record, pending_first: first, pending_last: last as u64, held: false }, true)
}

/// What the server's record holds by now is no longer in quarantine: it was taken after all, such as when its author's phone came back later
/// than a colleague's after a restore.
fn release(tx: &Transaction<'_>, server: &Record, device: DeviceId) -> Result<(), Error> {
    for operation in outbox::quarantined_on(tx, server.kind, server.id)? {
        let version = operation.version(device, operation.at);
        // Merge tells: what a record holds changes nothing a second time.
        let is_there = merge::apply(Some(server.clone()), &operation, version).is_ok_and(|applied| !applied.changed);
        if is_there {
            let taken = serde_json::to_string(&Outcome::Merged { conflicts: Vec::new(), late: false, held: false });
            let taken = taken.map_err(|_| Error::Invalid { field: "outcome".into() })?;
            tx.prepare_cached("UPDATE verdict SET outcome = ? WHERE counter = ?")?
                .execute(params![taken, operation.counter as i64])?;
        }
    }
    Ok(())
}

fn acknowledged(tx: &Transaction<'_>) -> Result<u64, Error> {
    let counter: i64 =
        tx.prepare_cached("SELECT acknowledged FROM profile WHERE id = 1")?.query_row([], |row| row.get(0))?;
    Ok(counter as u64)
}

/// Applies unsent operations on top of the server's state, as the server will. What can no longer be applied here (the record moved on)
/// still goes up as it was made; the server's verdict then decides, with its reason. After a restore operations are offered again that the
/// server may have taken a moment ago: what its record shows to be judged is not applied a second time, since an edit that another has
/// replaced would stand beside it for ever (seed 1409 of the simulation).
fn replay(server: Record, unsent: &[Operation], device: DeviceId) -> Record {
    let judged = server.last_by(device);
    unsent.iter().filter(|operation| operation.counter > judged).fold(server, |record, operation| {
        let version = operation.version(device, operation.at);
        match merge::apply(Some(record.clone()), operation, version) {
            Ok(applied) => applied.record,
            Err(_) => record,
        }
    })
}

/// Erases an area that is no longer this phone's. Its unsent work must have gone up: with any left, nothing is erased.
///
/// # Errors
/// When the store fails.
pub fn erase_lost_areas(tx: &Transaction<'_>) -> Result<u64, Error> {
    let acknowledged = acknowledged(tx)?;
    let unsent = outbox::waiting(tx, acknowledged)?.unsent_count;
    if unsent > 0 {
        return Ok(0);
    }
    tx.execute(
        "INSERT OR IGNORE INTO search_stale (row) SELECT row FROM record WHERE area IN (SELECT unit FROM area WHERE lost = 1)",
        [],
    )?;
    let gone = tx.execute("DELETE FROM record WHERE area IN (SELECT unit FROM area WHERE lost = 1)", [])?;
    tx.execute(
        "DELETE FROM draft WHERE household IS NOT NULL AND household NOT IN (SELECT id FROM record WHERE kind = 5)
         AND EXISTS (SELECT 1 FROM area WHERE lost = 1)",
        [],
    )?;
    tx.execute("DELETE FROM area WHERE lost = 1", [])?;
    Ok(gone as u64)
}
