//! Backup while the server runs, and what happens when one comes back.
//!
//! A backup's copy carries a mark (`server.copied_ms`). Whoever opens a marked file begins a new *epoch*: phones notice, start their
//! pulls anew and offer the operations of the last 30 days again, so nothing that a phone still holds is lost. The new epoch is the time
//! in seconds (or one more than the old, if that is larger), so two restores of one backup differ. A file that was copied by other means
//! has no mark: `zoufang-server restore` sets it ([`crate::restore`]), and so does `zoufang-server check --restored`, by [`mark_restored`].
//!
//! Who was erased after the backup was taken is erased again before anybody is answered: the list of erasures stands in a file beside the database
//! (`server.db.erasures`, ids alone), which a copy that goes to another machine must take along.
//!
//! Sessions of the file are void: everybody signs in anew. What was revoked after the backup was taken must be revoked again.

use crate::audit::{self, Actor};
use crate::store::{Store, StoreError};
use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, Transaction};
use std::path::Path;

/// Pages copied before others may write: 1024 pages are 4 MiB.
const STEP_PAGES: i32 = 1024;

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// A backup never overwrites.
    #[error("{0} exists already; give another name")]
    Exists(String),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file could not be put in its place.
    #[error("cannot write the backup: {0}")]
    File(#[from] std::io::Error),
}

impl From<rusqlite::Error> for BackupError {
    fn from(e: rusqlite::Error) -> Self {
        BackupError::Store(e.into())
    }
}

/// Copies the database into a new file while the server goes on. The file gets its name when it is whole, checked and on the disk.
///
/// # Errors
/// [`BackupError::Exists`] when the file is there; what the store or the system says.
pub fn to_file(store: &Store, now_ms: i64, target: &Path) -> Result<(), BackupError> {
    if target.exists() {
        return Err(BackupError::Exists(target.display().to_string()));
    }
    let mut partial = target.as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial);
    if partial.exists() {
        std::fs::remove_file(partial)?;
    }
    crate::store::create_private(partial)?;
    {
        let mut copy = Connection::open(partial)?;
        let source = Connection::open_with_flags(store.path(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        source.busy_timeout(std::time::Duration::from_secs(10))?;
        // One read transaction for the whole copy: writers go on in the WAL and the copy does not begin anew at each of their commits.
        source.execute_batch("BEGIN; SELECT epoch FROM server;")?;
        {
            let backup = Backup::new(&source, &mut copy)?;
            loop {
                match backup.step(STEP_PAGES)? {
                    StepResult::Done => break,
                    StepResult::More => {}
                    _ => return Err(StoreError::Busy.into()),
                }
            }
        }
        copy.pragma_update(None, "journal_mode", "DELETE")?;
        copy.pragma_update(None, "synchronous", "FULL")?;
        copy.execute("UPDATE server SET copied_ms = ?1 WHERE id = 1", [now_ms])?;
        let sound: String = copy.pragma_query_value(None, "quick_check", |row| row.get(0))?;
        if sound != "ok" {
            return Err(StoreError::Damaged { what: "database" }.into());
        }
    }
    std::fs::File::open(partial)?.sync_all()?;
    std::fs::rename(partial, target)?;
    if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// Marks the open database as one that came back from a copy made by other means; the next start begins a new epoch.
///
/// # Errors
/// What the store says.
pub fn mark_restored(tx: &Transaction<'_>, now_ms: i64) -> Result<(), StoreError> {
    tx.execute("UPDATE server SET copied_ms = ?1 WHERE id = 1", [now_ms])?;
    Ok(())
}

/// At every start: a marked file begins a new epoch. Gives the epoch.
pub(crate) fn begin_life(tx: &Transaction<'_>, now_ms: i64) -> Result<u32, StoreError> {
    let sql = "SELECT epoch, copied_ms, created_ms FROM server WHERE id = 1";
    let (epoch, copied_ms, created_ms): (u32, Option<i64>, i64) =
        tx.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    if created_ms == 0 {
        tx.execute("UPDATE server SET created_ms = ?1 WHERE id = 1", [now_ms])?;
    }
    if copied_ms.is_none() {
        return Ok(epoch);
    }
    let next = u32::try_from(now_ms / 1000).unwrap_or(0).max(epoch.saturating_add(1));
    tx.execute("UPDATE server SET epoch = ?1, copied_ms = NULL WHERE id = 1", [next])?;
    for table in ["session", "web_session", "challenge"] {
        tx.execute(&format!("DELETE FROM {table}"), [])?;
    }
    let erased_again = crate::ledger::replay(tx, now_ms)?;
    if erased_again > 0 {
        tracing::warn!(erased_again, "people who were erased after the backup was taken are erased again");
    }
    audit::write(tx, now_ms, Actor::Console, "server.restored", &format!("epoch:{epoch}-{next}"))?;
    tracing::warn!(
        epoch = next,
        "this database comes from a backup: a new epoch begins; revoke again what was revoked since"
    );
    Ok(next)
}
