//! The audit: who did what to which id, each row's hash covering the row before, so that a row that was changed or taken out shows.

use crate::store::StoreError;
use rusqlite::{Connection, OptionalExtension, Transaction};
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, StaffId};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A phone.
    Device(DeviceId),
    /// A member of staff, signed in on the web.
    Staff(StaffId),
    /// The command line, or the server by itself.
    Console,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::Device(id) => write!(f, "device:{id}"),
            Actor::Staff(id) => write!(f, "staff:{id}"),
            Actor::Console => f.write_str("console"),
        }
    }
}

/// Adds a row. `what` is a name like `device.revoked`; `subject` holds ids only, never a value.
///
/// # Errors
/// What the store says.
pub fn write(tx: &Transaction<'_>, now_ms: i64, actor: Actor, what: &str, subject: &str) -> Result<(), StoreError> {
    let before: Option<[u8; 32]> = tx
        .prepare_cached("SELECT hash FROM audit ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let actor = actor.to_string();
    let hash = link(before.map_or(Link::START, Link), now_ms, &actor, what, subject);
    tx.prepare_cached("INSERT INTO audit (at_ms, actor, what, subject, hash) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute((now_ms, actor, what, subject, hash.0))?;
    Ok(())
}

fn link(before: Link, at_ms: i64, actor: &str, what: &str, subject: &str) -> Link {
    before.then(format!("{at_ms}\u{1f}{actor}\u{1f}{what}\u{1f}{subject}").as_bytes())
}

/// Walks the chain. Gives the number of rows, and the id of the first row that does not follow from the row before.
///
/// # Errors
/// What the store says.
pub fn verify(c: &Connection) -> Result<(u64, Option<i64>), StoreError> {
    let mut statement = c.prepare_cached("SELECT id, at_ms, actor, what, subject, hash FROM audit ORDER BY id")?;
    let mut rows = statement.query([])?;
    let (mut count, mut before) = (0, Link::START);
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        let (actor, what, subject): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
        let expected = link(before, row.get(1)?, &actor, &what, &subject);
        // Ids count up by one, so a row taken out of the end's neighbourhood shows as well.
        if row.get_ref(5)?.as_blob().ok() != Some(&expected.0[..]) || id != count as i64 + 1 {
            return Ok((count, Some(id)));
        }
        before = expected;
        count += 1;
    }
    Ok((count, None))
}
