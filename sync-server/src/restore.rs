//! A backup in the database's place.
//!
//! The server must be stopped. The backup is copied beside the database, checked there and marked, so that the next start begins a new
//! epoch ([`crate::backup`]), whatever made the copy. Only then does it take the database's name; what stood there is kept beside it.

use crate::backup;
use crate::store::{self, MIGRATIONS, StoreError, beside, remove_if_there};
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};

/// Why nothing was restored. The database is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// There is no such backup.
    #[error("{0} is not there")]
    Missing(PathBuf),
    /// The file is no database of this server, or not a whole one.
    #[error("{0} is not a sound copy of a server's database")]
    NotSound(PathBuf),
    /// Somebody has the database open.
    #[error("the database is in use; stop the server first")]
    InUse,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Files could not be put in their places.
    #[error("cannot restore: {0}")]
    File(#[from] std::io::Error),
}

impl From<rusqlite::Error> for RestoreError {
    fn from(error: rusqlite::Error) -> Self {
        RestoreError::Store(error.into())
    }
}

/// Puts a backup in the place of the database of that name. Gives where the database that was there is now.
///
/// # Errors
/// [`RestoreError`]; the database is then as it was.
pub fn from_file(backup: &Path, database: &Path, now_ms: i64) -> Result<Option<PathBuf>, RestoreError> {
    zoufang_cipher::link();
    if !backup.is_file() {
        return Err(RestoreError::Missing(backup.to_owned()));
    }
    let draft = beside(database, ".restoring");
    remove(&draft)?;
    let prepared = prepare(backup, &draft, now_ms);
    let placed = prepared.and_then(|()| place(&draft, database, now_ms));
    if placed.is_err() {
        remove(&draft)?;
    }
    placed
}

/// Copies the backup, with its log if it was copied from a running server by other means, and marks the copy.
fn prepare(backup: &Path, draft: &Path, now_ms: i64) -> Result<(), RestoreError> {
    store::create_private(draft)?;
    std::fs::copy(backup, draft)?;
    let log = beside(backup, "-wal");
    if log.is_file() {
        std::fs::copy(log, beside(draft, "-wal"))?;
    }
    let not_sound = || RestoreError::NotSound(backup.to_owned());
    // Whatever SQLite says of a file that is none of ours, it says in one of its first two sentences.
    let mut copy =
        Connection::open_with_flags(draft, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    let found: u32 = copy.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(|_| not_sound())?;
    let known = MIGRATIONS.len() as u32;
    if found > known {
        return Err(StoreError::Newer { found, known }.into());
    }
    let checked: String = copy.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(|_| not_sound())?;
    let is_ours = found > 0 && copy.table_exists(None, "ledger_batch")? && copy.table_exists(None, "server")?;
    if checked != "ok" || !is_ours {
        return Err(not_sound());
    }
    to_one_file(&copy)?;
    copy.pragma_update(None, "synchronous", "FULL")?;
    let tx = copy.transaction_with_behavior(TransactionBehavior::Immediate)?;
    backup::mark_restored(&tx, now_ms)?;
    tx.commit()?;
    drop(copy);
    std::fs::File::open(draft)?.sync_all()?;
    Ok(())
}

/// Moves the log into the database; false when somebody else has it open.
fn to_one_file(c: &Connection) -> Result<bool, StoreError> {
    let mode = c.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
    match mode.map_err(StoreError::from) {
        Ok(mode) => Ok(mode.eq_ignore_ascii_case("delete")),
        Err(StoreError::Busy) => Ok(false),
        Err(error) => Err(error),
    }
}

fn place(draft: &Path, database: &Path, now_ms: i64) -> Result<Option<PathBuf>, RestoreError> {
    let kept = match database.is_file() {
        true => Some(set_aside(database, now_ms)?),
        false => None,
    };
    std::fs::rename(draft, database)?;
    if let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(kept)
}

/// Gives the database that is there a second name. It keeps its own until the other takes it, so that there is one at any moment.
fn set_aside(database: &Path, now_ms: i64) -> Result<PathBuf, RestoreError> {
    let old =
        Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    match to_one_file(&old) {
        Ok(true) => {}
        Ok(false) => return Err(RestoreError::InUse),
        // Damaged: a reason to restore. It is kept as it is, with its log.
        Err(_) => {}
    }
    drop(old);
    let kept = (0..).map(|more| beside(database, &format!(".before-{}", now_ms + more))).find(|name| !name.exists());
    let kept = kept.unwrap_or_else(|| beside(database, ".before"));
    let log = beside(database, "-wal");
    if log.exists() {
        std::fs::rename(log, beside(&kept, "-wal"))?;
    }
    remove_if_there(&beside(database, "-shm"))?;
    if std::fs::hard_link(database, &kept).is_err() {
        // A file system without second names: then there is none for a moment.
        std::fs::rename(database, &kept)?;
    }
    Ok(kept)
}

fn remove(database: &Path) -> std::io::Result<()> {
    ["", "-wal", "-shm", "-journal"].iter().try_for_each(|suffix| remove_if_there(&beside(database, suffix)))
}
