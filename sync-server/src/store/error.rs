//! What can go wrong with the database.

use super::Unusable;
use std::path::PathBuf;

/// An error of the store. Texts name what to do and never hold what a record says.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Too many writes stand in line, or another process holds the file.
    #[error("the database is busy; try again in a moment")]
    Busy,
    /// The disk is full.
    #[error("the disk of the database is full; free some space")]
    Full,
    /// The server is stopping.
    #[error("the database is closed")]
    Closed,
    /// A newer server wrote this database.
    #[error("the database is of version {found}, this server knows up to {known}; use the newer server")]
    Newer {
        /// The file's version.
        found: u32,
        /// The newest version known here.
        known: u32,
    },
    /// The SQLite that was linked has the WAL-reset race.
    #[error("SQLite {found} is too old; 3.51.3 or newer is needed")]
    SqliteTooOld {
        /// As `sqlite3_libversion_number` counts.
        found: i32,
    },
    /// The file or its folder cannot be made or opened.
    #[error("cannot open {}: {why}; check that the folder exists and may be written", path.display())]
    Folder {
        /// Which path.
        path: PathBuf,
        /// What the system says.
        why: std::io::ErrorKind,
    },
    /// The file is not one to open. It was left as it was.
    #[error("{} cannot be used: {what}", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why, and what to do.
        what: Unusable,
    },
    /// SQLite finds the file damaged.
    #[error(
        "the database file is damaged ({0}); stop the server, keep its files aside and put the latest backup in their place"
    )]
    Corrupt(#[source] rusqlite::Error),
    /// A stored value is not what the server writes.
    #[error("the database holds an unreadable {what}; run `zoufang-server check`")]
    Damaged {
        /// What could not be read.
        what: &'static str,
    },
    /// Anything else that SQLite says.
    #[error("database: {0}")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) => StoreError::Busy,
            Some(rusqlite::ErrorCode::DiskFull) => StoreError::Full,
            Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase) => StoreError::Corrupt(e),
            _ => StoreError::Sqlite(e),
        }
    }
}
