//! What is always on screen: whether this phone's work has arrived, and if not, why.

use crate::Core;
use crate::error::Error;
use crate::store::{outbox, profile};
use rusqlite::Connection;

/// How this phone stands towards its server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncStatus {
    /// Whether the phone is enrolled.
    pub enrolled: bool,
    /// Whether a first sync has run to its end; until then what the phone shows is incomplete.
    pub complete: bool,
    /// Operations that the server has not confirmed yet.
    pub unsent_count: u64,
    /// When the oldest of them was made, Unix milliseconds by the phone's clock.
    pub oldest_unsent_ms: Option<i64>,
    /// When a sync last ran to its end, Unix milliseconds.
    pub last_success_ms: Option<i64>,
    /// Why the last sync failed; `None` once one succeeds.
    pub last_error: Option<SyncFailure>,
    /// When the next sync makes sense, Unix milliseconds; `None` before the first.
    pub next_sync_ms: Option<i64>,
    /// Operations that wait for a supervisor.
    pub quarantined_count: u64,
    /// Records with values that stand against each other.
    pub conflicts_count: u64,
    /// The server revoked this phone: nothing more is saved on it.
    pub revoked: bool,
    /// The last operation's number once a revoked phone has been erased.
    pub wiped_counter: Option<u64>,
    /// The practice database: made-up homes that are never sent. Screens mark it, always and visibly.
    pub practice: bool,
}

/// A sync that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncFailure {
    /// The id of the message that people read.
    pub id: String,
    /// When, Unix milliseconds.
    pub at_ms: i64,
}

impl Core {
    /// How this phone stands towards its server.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sync_status(&self) -> Result<SyncStatus, Error> {
        let (next_sync_ms, wiped) = {
            let memory = self.0.sync.memory();
            (memory.next_sync_ms, memory.wiped)
        };
        if let Some(wiped) = wiped {
            return Ok(SyncStatus { revoked: true, wiped_counter: Some(wiped.last_counter), ..SyncStatus::default() });
        }
        let stored = self.read(read)?;
        Ok(SyncStatus { next_sync_ms, ..stored })
    }

    /// The digest of one area as this phone holds it: 64 hexadecimal digits, comparable with the server's when nothing is unsent. `None`
    /// when it holds a record that the server keeps in quarantine.
    ///
    /// # Errors
    /// When the store fails.
    pub fn digest_of_area(&self, area: zoufang_domain::ids::UnitId) -> Result<Option<String>, Error> {
        self.read(|c| super::pull::digest(c, area))
    }
}

fn read(c: &Connection) -> Result<SyncStatus, Error> {
    let Some(profile) = profile::find(c)? else { return Ok(SyncStatus::default()) };
    let waiting = outbox::waiting(c, profile.acknowledged)?;
    let count = |sql: &str| c.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0)).map(|count| count as u64);
    Ok(SyncStatus {
        enrolled: true,
        complete: profile.complete,
        // Nothing of practice waits to be sent.
        unsent_count: if profile.practice { 0 } else { waiting.unsent_count },
        oldest_unsent_ms: waiting.oldest_ms.filter(|_| !profile.practice),
        last_success_ms: profile.last_success_ms,
        last_error: profile.last_error.map(|(at_ms, id)| SyncFailure { id, at_ms }),
        next_sync_ms: None,
        quarantined_count: count(
            "SELECT count(*) FROM verdict WHERE outcome LIKE '{\"quarantined\"%' AND counter NOT IN (SELECT counter FROM settled)",
        )?,
        conflicts_count: count("SELECT count(*) FROM record WHERE conflicts_count > 0")?,
        revoked: profile.revoked,
        practice: profile.practice,
        wiped_counter: None,
    })
}
