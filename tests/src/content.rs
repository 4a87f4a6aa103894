//! All that a database holds, as one number to compare, and whether a phone's holds anything by halves.

use crate::phone::Phone;
use crate::ports::SeededIds;
use crate::power_cut::trial::Fault;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};
use std::path::Path;
use zoufang_core::Error;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::{self, outbox, profile};

/// A digest of every row of every table.
pub type Content = [u8; 32];

/// The content of the database, and whether SQLite finds it whole.
///
/// # Errors
/// What SQLite says.
pub fn of(c: &Connection) -> rusqlite::Result<(Content, bool)> {
    let whole: String = c.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    // A virtual table's own tables hold what it holds.
    let mut found = c.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
    )?;
    let tables = found.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut digest = Sha256::new();
    for table in tables {
        digest.update(table.as_bytes());
        let mut statement = c.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns_count = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns_count {
                take(&mut digest, row.get_ref(column)?);
            }
        }
    }
    Ok((digest.finalize().into(), whole == "ok"))
}

fn take(digest: &mut Sha256, value: ValueRef<'_>) {
    let (tag, bytes): (u8, &[u8]) = match value {
        ValueRef::Null => (0, &[]),
        ValueRef::Integer(number) => return digest.update([&[1][..], &number.to_be_bytes()].concat()),
        ValueRef::Real(number) => return digest.update([&[2][..], &number.to_be_bytes()].concat()),
        ValueRef::Text(bytes) => (3, bytes),
        ValueRef::Blob(bytes) => (4, bytes),
    };
    digest.update([tag]);
    digest.update((bytes.len() as u64).to_be_bytes());
    digest.update(bytes);
}

/// What the file says beside the core.
pub struct Found {
    /// Every row.
    pub content: Content,
    /// Whether the phone is enrolled.
    pub is_enrolled: bool,
    /// The counter up to which the server has acknowledged.
    pub acknowledged: u64,
    /// What is not whole, or saved by halves.
    pub problem: Option<String>,
}

/// Looks into a phone's file, which may be open in a core.
///
/// # Errors
/// What the core says of the file.
pub fn look(phone: &Phone, path: &Path) -> Result<Found, Error> {
    let options = OpenOptions::new(path, store::MIGRATIONS);
    Database::open(&options, phone.vault(), &SeededIds::of(0, 0))?.read(|c| {
        let (content, is_whole) = of(c)?;
        let profile = profile::find(c)?;
        let acknowledged = profile.as_ref().map(|profile| profile.acknowledged).unwrap_or_default();
        let problem = match is_whole {
            true => half_saved(c, acknowledged)?,
            false => Some("SQLite's integrity check".to_owned()),
        };
        Ok(Found { content, is_enrolled: profile.is_some(), acknowledged, problem })
    })
}

/// All that a phone's file holds.
///
/// # Errors
/// What the core says of the file.
pub fn content_of(phone: &Phone, path: &Path) -> Result<Content, Error> {
    Ok(look(phone, path)?.content)
}

/// Whether a phone's file is whole and nothing in it is saved by halves.
///
/// # Errors
/// What is wrong.
pub fn check_file(phone: &Phone, path: &Path) -> Result<(), Fault> {
    let found = look(phone, path).map_err(|error| Fault::Broken(format!("it does not read: {error:?}")))?;
    found.problem.map_or(Ok(()), |problem| Err(Fault::Broken(problem)))
}

/// A record without its operation, an operation without its record, a gap in the chain, an acknowledgement of what was never made.
fn half_saved(c: &Connection, acknowledged: u64) -> Result<Option<String>, Error> {
    const QUESTIONS: [(&str, &str); 4] = [
        (
            "operations without their record",
            "SELECT count(*) FROM operation o WHERE NOT EXISTS (SELECT 1 FROM record r WHERE r.kind = o.kind AND r.id = o.subject)",
        ),
        (
            "unsent records without their operation",
            "SELECT count(*) FROM record r, profile p WHERE r.pending_last > p.acknowledged AND NOT EXISTS
             (SELECT 1 FROM operation o WHERE o.counter = r.pending_last AND o.kind = r.kind AND o.subject = r.id)",
        ),
        ("gaps in the outbox", "SELECT coalesce(max(counter), 0) - count(*) FROM operation"),
        ("visits whose draft is still there", "SELECT count(*) FROM draft d JOIN record r ON r.id = d.id"),
    ];
    for (what, sql) in QUESTIONS {
        let count: i64 = c.query_row(sql, [], |row| row.get(0))?;
        if count != 0 {
            return Ok(Some(format!("{count} {what}")));
        }
    }
    let tail = outbox::tail(c)?.counter;
    Ok((acknowledged > tail).then(|| format!("acknowledged {acknowledged} of {tail} operations")))
}
