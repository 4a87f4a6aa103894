//! What people decided of this phone's work in quarantine: kept with the original, so that its author reads both.

use crate::error::Error;
use crate::store::records;
use rusqlite::{OptionalExtension, Transaction, params};
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::pull::SettledWork;

/// Takes in one decision, in the transaction of its page. A record that only this phone held leaves the lists when nothing on it waits any
/// more; what was written stays with the decision ([`crate::Core::quarantined`]). Gives the record that it is about.
///
/// # Errors
/// When the store fails.
pub fn take(tx: &Transaction<'_>, decided: &SettledWork, acknowledged: u64) -> Result<Option<(Kind, Uuid)>, Error> {
    let sql = "SELECT o.kind, o.subject FROM operation o JOIN verdict v ON v.counter = o.counter
               WHERE o.counter = ? AND v.outcome ->> '$.quarantined' IS NOT NULL";
    let about: Option<(i64, [u8; 16])> =
        tx.prepare_cached(sql)?.query_row([decided.counter as i64], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    // Nothing waits under that number: a phone that was set up anew counts from the beginning.
    let Some((number, id)) = about else { return Ok(None) };
    tx.prepare_cached("INSERT OR REPLACE INTO settled (counter, at_ms, how, answer) VALUES (?, ?, ?, ?)")?
        .execute(params![decided.counter as i64, decided.at.to_ms(), decided.how.name(), decided.answer])?;
    let Some(kind) = Kind::from_number(number) else { return Ok(None) };
    let waits = "SELECT EXISTS (SELECT 1 FROM operation o JOIN verdict v ON v.counter = o.counter
                 WHERE o.kind = ? AND o.subject = ? AND v.outcome ->> '$.quarantined' IS NOT NULL
                 AND o.counter NOT IN (SELECT counter FROM settled))";
    let any_waits: bool = tx.prepare_cached(waits)?.query_row(params![number, id], |row| row.get(0))?;
    if !any_waits {
        let sql = "SELECT area FROM record WHERE kind = ? AND id = ? AND held = 1 AND pending_last <= ?";
        let areas = tx
            .prepare_cached(sql)?
            .query_map(params![number, id, acknowledged as i64], |row| row.get::<_, [u8; 16]>(0))?
            .collect::<Result<Vec<_>, _>>()?;
        for area in areas {
            records::remove(tx, kind, Uuid::from_bytes(id), UnitId(Uuid::from_bytes(area)))?;
        }
    }
    Ok(Some((kind, Uuid::from_bytes(id))))
}

/// Forgets decisions made before a moment, and the verdicts that they answer: the originals may then go, too.
///
/// # Errors
/// When the store fails.
pub fn forget_old(tx: &Transaction<'_>, before_ms: i64) -> Result<(), Error> {
    tx.prepare_cached("DELETE FROM verdict WHERE counter IN (SELECT counter FROM settled WHERE at_ms < ?)")?
        .execute([before_ms])?;
    tx.prepare_cached("DELETE FROM settled WHERE at_ms < ?")?.execute([before_ms])?;
    Ok(())
}
