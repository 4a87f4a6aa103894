//! Whether a text stands anywhere in a database: in any column of any table, in packed batches too.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use zoufang_core::ports::{Ids, KeyVault};
use zoufang_core::store;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_sync_server::ledger::{inflate, is_gzip};

/// Largest batch that is unpacked.
const UNPACKED_MAX_BYTES: usize = 64 * 1024 * 1024;

/// The tables and columns of an open database in which a text stands, each once.
///
/// # Errors
/// What SQLite says.
pub fn places(c: &Connection, text: &str) -> Result<Vec<String>, rusqlite::Error> {
    let mut tables =
        c.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql IS NOT NULL ORDER BY name")?;
    let tables: Vec<String> = tables.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut found = Vec::new();
    for table in tables {
        let mut statement = c.prepare(&format!("SELECT * FROM \"{table}\""))?;
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for (at, column) in columns.iter().enumerate() {
                let place = format!("{table}.{column}");
                if !found.contains(&place) && holds(row.get_ref(at)?, text) {
                    found.push(place);
                }
            }
        }
    }
    Ok(found)
}

fn holds(value: ValueRef<'_>, text: &str) -> bool {
    match value {
        ValueRef::Text(bytes) => contains(bytes, text),
        ValueRef::Blob(bytes) => {
            let packed = is_gzip(bytes).then(|| inflate(bytes, UNPACKED_MAX_BYTES).ok()).flatten();
            contains(bytes, text) || packed.is_some_and(|plain| contains(&plain, text))
        }
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => false,
    }
}

/// Whether bytes hold a text.
pub fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// The same of a server's database file.
///
/// # Errors
/// What SQLite says.
pub fn in_server(path: &Path, text: &str) -> Result<Vec<String>, rusqlite::Error> {
    places(&Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?, text)
}

/// The same of a phone's database file, beside the core that may have it open.
///
/// # Errors
/// What the core says about the file.
pub fn in_phone(
    path: &Path,
    key_name: &str,
    vault: &dyn KeyVault,
    ids: &dyn Ids,
    text: &str,
) -> Result<Vec<String>, zoufang_core::Error> {
    let options = OpenOptions { key_name: key_name.to_owned(), ..OpenOptions::new(path, store::MIGRATIONS) };
    Database::open(&options, vault, ids)?.read(|c| Ok(places(c, text)?))
}
