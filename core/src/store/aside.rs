//! How long a database that was set aside still lies on the phone.

use crate::error::Error;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// Days for which a file stays once nothing is left in it that can be read: long enough that a worker notices that something is missing and
/// asks, as everywhere else on the phone.
pub const READ_KEPT_DAYS: i64 = 30;
/// Days for which a file stays of which something is left, or nothing reads: a key that is lost does not come back later, and what the file
/// was kept for has lost its purpose by then.
pub const UNREAD_KEPT_DAYS: i64 = 365;
const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// What is known of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aside {
    /// When its work was first taken up as far as it could be, Unix milliseconds.
    pub known_ms: i64,
    /// When it was first read with nothing left in it, Unix milliseconds; 0 once it is to go.
    pub read_ms: Option<i64>,
    /// The last operation of the outbox that was taken out of it.
    pub upto: u64,
}

/// Whether a file's time is over, by what is known of it, or by when it was set aside.
pub fn is_over(known: Option<Aside>, at_ms: i64, now_ms: i64) -> bool {
    let (from_ms, days) = match known {
        Some(Aside { read_ms: Some(read_ms), .. }) => (read_ms, READ_KEPT_DAYS),
        Some(Aside { known_ms, .. }) => (known_ms, UNREAD_KEPT_DAYS),
        None => (at_ms, UNREAD_KEPT_DAYS),
    };
    now_ms.saturating_sub(from_ms) >= days * DAY_MS
}

/// What is known of a file by its name; `None` before its work was taken up.
///
/// # Errors
/// When the store fails.
pub fn find(c: &Connection, name: &str) -> Result<Option<Aside>, Error> {
    let mut found = c.prepare_cached("SELECT known_ms, read_ms, upto FROM aside WHERE name = ?")?;
    let read = |row: &rusqlite::Row<'_>| {
        Ok(Aside { known_ms: row.get(0)?, read_ms: row.get(1)?, upto: row.get::<_, i64>(2)? as u64 })
    };
    Ok(found.query_row([name], read).optional()?)
}

/// The numbers of a file's operations that were taken up or known before, rising.
///
/// # Errors
/// When the store fails.
pub fn done(c: &Connection, name: &str) -> Result<Vec<u64>, Error> {
    let mut found = c.prepare_cached("SELECT done FROM aside WHERE name = ?")?;
    let done: Option<String> = found.query_row([name], |row| row.get(0)).optional()?;
    Ok(done.and_then(|done| serde_json::from_str(&done).ok()).unwrap_or_default())
}

/// Takes note that a file was looked into: whether anything was left, which of its operations are done, rising, and the last operation that
/// was taken out of it this time, 0 for none. The first instants stand.
///
/// # Errors
/// When the store fails.
pub fn note(
    tx: &Transaction<'_>,
    name: &str,
    now_ms: i64,
    is_anything_left: bool,
    done: &[u64],
    upto: u64,
) -> Result<(), Error> {
    let done = serde_json::to_string(done).map_err(|_| Error::Invalid { field: "done".into() })?;
    tx.execute(
        "INSERT INTO aside (name, known_ms, read_ms, upto, done) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (name) DO UPDATE
         SET read_ms = coalesce(read_ms, excluded.read_ms), upto = max(upto, excluded.upto), done = excluded.done",
        params![name, now_ms, (!is_anything_left).then_some(now_ms), upto as i64, done],
    )?;
    Ok(())
}

/// Instants that a clock running ahead wrote become now: nothing stays for ever because of them.
///
/// # Errors
/// When the store fails.
pub fn mend_instants(tx: &Transaction<'_>, now_ms: i64) -> Result<(), Error> {
    let sql =
        "UPDATE aside SET known_ms = min(known_ms, ?1), read_ms = min(read_ms, ?1) WHERE known_ms > ?1 OR read_ms > ?1";
    tx.execute(sql, [now_ms])?;
    Ok(())
}

/// A file is to go: should its removal be cut short, the next sync goes on with it.
///
/// # Errors
/// When the store fails.
pub fn release(tx: &Transaction<'_>, name: &str) -> Result<(), Error> {
    tx.execute("UPDATE aside SET read_ms = 0 WHERE name = ?", [name])?;
    Ok(())
}

/// A file is gone.
///
/// # Errors
/// When the store fails.
pub fn forget(tx: &Transaction<'_>, name: &str) -> Result<(), Error> {
    tx.execute("DELETE FROM aside WHERE name = ?", [name])?;
    Ok(())
}
