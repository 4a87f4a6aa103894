//! The outbox: operations in counter order, chained, kept until the server's word that they are durable, and 30 days longer.
//!
//! There is no function here that removes an unacknowledged operation. [`forget_old`] takes rows that an acknowledgement older than
//! [`KEPT_OPERATIONS_DAYS`] covers, and nothing else deletes from the table.

use crate::error::Error;
use crate::store::erasure::Counted;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::value::RawValue;
use std::collections::HashSet;
use uuid::Uuid;
use zoufang_domain::chain::Link;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::operation::Operation;
use zoufang_domain::planted::{self, Defect};
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::wire::limits::{KEPT_OPERATIONS_DAYS, PUSH_BATCH_TARGET_BYTES, PUSH_OPERATIONS_MAX_COUNT};
use zoufang_domain::wire::push::{Batch, Outcome, Waiting};

/// Where the chain stands.
#[derive(Clone, Copy, Debug)]
pub struct Tail {
    /// The last counter given out; 0 before the first operation.
    pub counter: u64,
    /// The last stamp given out.
    pub at: Stamp,
    /// The chain link after it.
    pub link: Link,
}

/// The end of the chain. The newest operation is never forgotten, so it always tells.
///
/// # Errors
/// When the store fails.
pub fn tail(c: &Connection) -> Result<Tail, Error> {
    let found = c
        .prepare_cached("SELECT counter, at, link FROM operation ORDER BY counter DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, link_at(row, 2)?)))
        .optional()?;
    Ok(match found {
        Some((counter, at, link)) => Tail { counter: counter as u64, at: Stamp(at as u64), link },
        None => Tail { counter: 0, at: Stamp(0), link: Link::START },
    })
}

fn link_at(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Link> {
    let bytes: [u8; 32] = row.get(column)?;
    Ok(Link(bytes))
}

/// Puts the next operation at the end of the chain and gives the new end. Its JSON is made here, once and for all.
///
/// # Errors
/// [`Error::Invalid`] when it is larger than one operation may be; otherwise when the store fails.
pub fn append(tx: &Transaction<'_>, tail: &Tail, operation: &Operation) -> Result<Tail, Error> {
    let body = serde_json::to_string(operation).map_err(|_| Error::Invalid { field: "action".into() })?;
    if body.len() > zoufang_domain::validate::OPERATION_MAX_BYTES {
        return Err(Error::Invalid { field: "note".into() });
    }
    let link = tail.link.then(body.as_bytes());
    tx.prepare_cached("INSERT INTO operation (counter, at, kind, subject, link, body) VALUES (?, ?, ?, ?, ?, ?)")?
        .execute(params![
            operation.counter as i64,
            operation.at.0 as i64,
            operation.kind.number(),
            operation.id.as_bytes(),
            link.0,
            body
        ])?;
    Ok(Tail { counter: operation.counter, at: operation.at, link })
}

/// A batch, ready to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// JSON of [`Batch`], the bytes that are signed.
    pub body: String,
    /// First counter.
    pub first: u64,
    /// Last counter.
    pub last: u64,
}

/// The next operations after a counter, cut to what one push may hold; `None` when there are none. Where the one before the first is no longer
/// kept, the batch says where its chain begins ([`Batch::begins`]): never by a made-up link, which a server would take for a second copy
/// of this phone and freeze both.
///
/// # Errors
/// When the store fails.
pub fn batch_after(c: &Connection, device: DeviceId, after: u64) -> Result<Option<Outgoing>, Error> {
    let mut found =
        c.prepare_cached("SELECT counter, body FROM operation WHERE counter > ? ORDER BY counter LIMIT ?")?;
    let mut rows = found.query(params![after as i64, PUSH_OPERATIONS_MAX_COUNT as i64])?;
    let (mut bodies, mut size_bytes, mut last) = (Vec::<Box<RawValue>>::new(), 0, after);
    while let Some(row) = rows.next()? {
        let (counter, body) = (row.get::<_, i64>(0)? as u64, row.get::<_, String>(1)?);
        // A batch has no gaps. The outbox may: old operations that wait in quarantine outlive their neighbours.
        if counter != last + 1 && !bodies.is_empty() {
            break;
        }
        size_bytes += body.len();
        if size_bytes > PUSH_BATCH_TARGET_BYTES && !bodies.is_empty() {
            break;
        }
        last = counter;
        bodies.push(RawValue::from_string(body).map_err(|_| unreadable())?);
    }
    if bodies.is_empty() {
        return Ok(None);
    }
    let operations = bodies.iter().map(AsRef::as_ref).collect();
    let first = last + 1 - bodies.len() as u64;
    let (prev, begins) = match (first, link_of(c, first - 1)?) {
        (1, _) => (Link::START, None),
        (_, Some(link)) => (link, None),
        (_, None) => (Link::START, link_of(c, first)?),
    };
    let batch = Batch { protocol: zoufang_domain::wire::version::CURRENT, device, prev, begins, operations };
    let body = serde_json::to_string(&batch).map_err(|_| Error::Invalid { field: "operations".into() })?;
    Ok(Some(Outgoing { body, first, last }))
}

/// The chain link after an operation, if it is still kept.
fn link_of(c: &Connection, counter: u64) -> Result<Option<Link>, Error> {
    let mut found = c.prepare_cached("SELECT link FROM operation WHERE counter = ?")?;
    Ok(found.query_row([counter as i64], |row| link_at(row, 0)).optional()?)
}

/// The text was made by [`append`] and every page is authenticated, so this takes a defect of the program, not of the disk.
fn unreadable() -> Error {
    let problem = "an operation in the outbox is not JSON".to_owned();
    Error::Unreadable(zoufang_domain::record::Unreadable { kind: "operation", problem })
}

/// The operations on one record between two counters, oldest first, without those that the server keeps in quarantine.
///
/// # Errors
/// When the store fails.
pub fn on_record(c: &Connection, kind: Kind, id: Uuid, first: u64, last: u64) -> Result<Vec<Operation>, Error> {
    let quarantined = quarantined_counters(c)?;
    let mut found = c.prepare_cached(
        "SELECT counter, body FROM operation WHERE counter BETWEEN ? AND ? AND kind = ? AND subject = ? ORDER BY counter",
    )?;
    let mut rows = found.query(params![first as i64, last as i64, kind.number(), id.as_bytes()])?;
    let mut operations = Vec::new();
    while let Some(row) = rows.next()? {
        let (counter, body): (i64, String) = (row.get(0)?, row.get(1)?);
        if quarantined.contains(&(counter as u64)) {
            continue;
        }
        if let Ok(operation) = serde_json::from_str(&body) {
            operations.push(operation);
        }
    }
    Ok(operations)
}

/// The records that operations between two counters are on: at most so many and one more, so that a caller sees that there are more.
///
/// # Errors
/// When the store fails.
pub fn subjects(c: &Connection, first: u64, last: u64, most_count: usize) -> Result<Vec<(Kind, Uuid)>, Error> {
    let mut found =
        c.prepare_cached("SELECT kind, subject FROM operation WHERE counter BETWEEN ? AND ? ORDER BY counter LIMIT ?")?;
    let mut rows = found.query(params![first as i64, last as i64, most_count as i64 + 1])?;
    let mut subjects = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(kind) = Kind::from_number(row.get(0)?) {
            subjects.push((kind, Uuid::from_bytes(row.get(1)?)));
        }
    }
    Ok(subjects)
}

/// Whether the server keeps any of this phone's operations in quarantine.
///
/// # Errors
/// When the store fails.
pub fn any_quarantined(c: &Connection) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM verdict WHERE outcome ->> '$.quarantined' IS NOT NULL)";
    Ok(c.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The operations on one record that the server keeps in quarantine, oldest first.
///
/// # Errors
/// When the store fails.
pub fn quarantined_on(c: &Connection, kind: Kind, id: Uuid) -> Result<Vec<Operation>, Error> {
    let mut found = c.prepare_cached(
        "SELECT o.body FROM verdict v JOIN operation o ON o.counter = v.counter
         WHERE v.outcome ->> '$.quarantined' IS NOT NULL AND o.kind = ? AND o.subject = ? ORDER BY o.counter",
    )?;
    let mut rows = found.query(params![kind.number(), id.as_bytes()])?;
    let mut operations = Vec::new();
    while let Some(row) = rows.next()? {
        operations.extend(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?).ok());
    }
    Ok(operations)
}

/// Whether texts of any of this phone's operations are held for review.
///
/// # Errors
/// When the store fails.
pub fn any_held_texts(c: &Connection) -> Result<bool, Error> {
    let sql = "SELECT EXISTS (SELECT 1 FROM verdict WHERE outcome ->> '$.merged.held' = 1)";
    Ok(c.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

/// The operations on one record of which texts are held for review.
///
/// # Errors
/// When the store fails.
pub fn with_held_texts(c: &Connection, kind: Kind, id: Uuid) -> Result<Vec<Counted>, Error> {
    let mut found = c.prepare_cached(
        "SELECT o.counter, o.body FROM verdict v JOIN operation o ON o.counter = v.counter
         WHERE v.outcome ->> '$.merged.held' = 1 AND o.kind = ? AND o.subject = ? ORDER BY o.counter",
    )?;
    let rows = found.query_map(params![kind.number(), id.as_bytes()], |row| {
        Ok((row.get::<_, i64>(0)? as u64, row.get::<_, String>(1)?))
    })?;
    let mut operations = Vec::new();
    for row in rows {
        let (counter, body) = row?;
        operations.extend(serde_json::from_str(&body).ok().map(|operation| (counter, operation)));
    }
    Ok(operations)
}

fn quarantined_counters(c: &Connection) -> Result<HashSet<u64>, Error> {
    let mut found = c.prepare_cached("SELECT counter, outcome FROM verdict")?;
    let rows = found.query_map([], |row| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, String>(1)?)))?;
    let mut counters = HashSet::new();
    for row in rows {
        let (counter, outcome) = row?;
        if matches!(serde_json::from_str(&outcome), Ok(Outcome::Quarantined { .. })) {
            counters.insert(counter);
        }
    }
    Ok(counters)
}

/// What waits: how many operations and since when. Unacknowledged counters have no gaps but those of work that is offered again, up to
/// `profile.gaps_upto`, so the first and the last tell; counting the rows would read the whole outbox for every batch and every screen.
///
/// # Errors
/// When the store fails.
pub fn waiting(c: &Connection, acknowledged: u64) -> Result<Waiting, Error> {
    let (unsent, oldest): (i64, Option<i64>) = c
        .prepare_cached(
            "WITH gaps AS (SELECT coalesce((SELECT gaps_upto FROM profile WHERE id = 1), 0) AS upto)
             SELECT max(0, coalesce((SELECT max(counter) FROM operation), 0) - max(?1, (SELECT upto FROM gaps)))
             + (SELECT count(*) FROM operation WHERE counter > ?1 AND counter <= (SELECT upto FROM gaps)),
             (SELECT at FROM operation WHERE counter > ?1 ORDER BY counter LIMIT 1)",
        )?
        .query_row([acknowledged as i64], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(Waiting { unsent_count: unsent as u64, oldest_ms: oldest.map(|at| Stamp(at as u64).wall_ms()) })
}

/// Takes note that every operation up to `upto` is durable on the server.
///
/// # Errors
/// When the store fails.
pub fn acknowledge(tx: &Transaction<'_>, upto: u64, now_ms: i64) -> Result<(), Error> {
    tx.prepare_cached("UPDATE profile SET acknowledged = max(acknowledged, ?) WHERE id = 1")?.execute([upto as i64])?;
    tx.prepare_cached("INSERT OR IGNORE INTO acknowledgement (upto, at_ms) VALUES (?, ?)")?
        .execute(params![upto as i64, now_ms])?;
    Ok(())
}

/// The counter after which the outbox has no gap.
fn whole_after(c: &Connection) -> Result<u64, Error> {
    let sql = "SELECT counter - 1 FROM operation AS one
               WHERE NOT EXISTS (SELECT 1 FROM operation WHERE counter = one.counter - 1) ORDER BY counter DESC LIMIT 1";
    let found: Option<i64> = c.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0) as u64)
}

/// The server came back from a backup: everything kept is offered again. That is the work of 30 days, and what is older and waited in
/// quarantine: the server may have lost both the work and its word on it. `decided` are the counters of which it still knows what a person
/// decided; what else was decided waits again.
///
/// # Errors
/// When the store fails.
pub fn offer_again(tx: &Transaction<'_>, decided: &[u64]) -> Result<(), Error> {
    tx.execute(
        "UPDATE profile SET acknowledged = min(acknowledged, coalesce((SELECT min(counter) - 1 FROM operation), 0)), gaps_upto = ?",
        [whole_after(tx)? as i64],
    )?;
    tx.execute("DELETE FROM acknowledgement", [])?;
    // The server judges them anew, and until then what it sends is shown with all of them laid over it.
    let decided = serde_json::to_string(decided).map_err(|_| Error::Invalid { field: "settled".into() })?;
    for table in ["verdict", "settled"] {
        let sql = format!("DELETE FROM {table} WHERE counter NOT IN (SELECT value FROM json_each(?))");
        tx.execute(&sql, [&decided])?;
    }
    tx.execute(
        "UPDATE record SET pending_first = offered.first, pending_last = offered.last FROM (
             SELECT kind, subject, min(counter) AS first, max(counter) AS last FROM operation
             WHERE counter > (SELECT acknowledged FROM profile WHERE id = 1) GROUP BY kind, subject
         ) AS offered WHERE record.kind = offered.kind AND record.id = offered.subject",
        [],
    )?;
    Ok(())
}

/// Forgets operations whose acknowledgement is older than the time for which they are kept. The last acknowledged one stays: the chain
/// hangs on it.
///
/// # Errors
/// When the store fails.
pub fn forget_old(tx: &Transaction<'_>, now_ms: i64) -> Result<usize, Error> {
    let before_ms = now_ms - KEPT_OPERATIONS_DAYS * 24 * 3600 * 1000;
    let before_ms = if planted::is(Defect::ForgetAcknowledged) { i64::MAX } else { before_ms };
    super::settled::forget_old(tx, before_ms)?;
    let upto: Option<i64> =
        tx.query_row("SELECT max(upto) FROM acknowledgement WHERE at_ms < ?", [before_ms], |row| row.get(0))?;
    let Some(upto) = upto else { return Ok(0) };
    // What was merged waits for nobody, unless texts of it are held for review.
    tx.execute(
        "DELETE FROM verdict WHERE counter <= ? AND counter < (SELECT acknowledged FROM profile WHERE id = 1)
         AND outcome ->> '$.quarantined' IS NULL AND outcome ->> '$.merged.held' IS NOT 1",
        [upto],
    )?;
    let gone = tx.execute(
        "DELETE FROM operation WHERE counter <= ? AND counter < (SELECT acknowledged FROM profile WHERE id = 1)
         AND counter NOT IN (SELECT counter FROM verdict)",
        [upto],
    )?;
    tx.execute("DELETE FROM acknowledgement WHERE at_ms < ? AND upto < ?", params![before_ms, upto])?;
    Ok(gone)
}
