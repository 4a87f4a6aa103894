//! All that a database holds, as one number to compare.

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use sha2::{Digest, Sha256};

/// A digest of every row of every table.
pub(crate) type Content = [u8; 32];

/// The content of the database, and whether SQLite finds it whole.
pub(crate) fn of(c: &Connection) -> rusqlite::Result<(Content, bool)> {
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
