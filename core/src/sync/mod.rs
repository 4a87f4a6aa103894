//! Sync: what was saved goes up, what others saved comes down, and both sides end with the same.
//!
//! Reading order: [`plan`] decides, [`engine`] begins and ends, `run` does; `push`, `pull`, `sign_in` and `wipe` are its steps; [`backoff`] says when to try
//! again; [`status`] is what screens show; [`http`] speaks to a server, [`cancel`] ends a sync from outside.
//!
//! # What is promised
//! - A sync that is cut anywhere (network, battery, cancelled, its future dropped) leaves whole steps only: a batch's acknowledgement or a
//!   page with its cursor. The next one goes on from there.
//! - No transaction is open while the network is waited for.
//! - One sync runs at a time. Who asks while one runs waits for it and then shares the next one with all others who asked.

pub mod backoff;
pub mod cancel;
pub mod engine;
pub mod http;
pub mod plan;
mod pull;
mod push;
mod run;
pub(crate) mod sign_in;
pub mod status;
mod wipe;

pub use cancel::Cancel;
pub use status::SyncStatus;

use crate::salvage::LeftAside;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Every how many complete pulls the digests of the areas are compared.
pub const DIGEST_EVERY_PULLS_COUNT: u64 = 20;

/// How a sync is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncOptions {
    /// Compare digests this time.
    pub verify: bool,
    /// Today everybody is out and comes back at once: the next periodic sync is spread wider.
    pub is_visit_day: bool,
}

/// What a sync did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncReport {
    /// Operations that the server now holds and did not hold, as far as this phone knew.
    pub pushed_count: u64,
    /// Of these, merged with other people's work.
    pub merged_count: u64,
    /// Of these, in quarantine.
    pub quarantined_count: u64,
    /// Rows that came down.
    pub pulled_count: u64,
    /// Records erased because their area is no longer this phone's.
    pub erased_count: u64,
    /// Bytes sent, headers included; 0 where the protocol does not count them.
    pub bytes_up: u64,
    /// Bytes received, headers included; 0 where the protocol does not count them.
    pub bytes_down: u64,
    /// Exchanges with the server.
    pub requests_count: u64,
    /// Whether phone and server hold the same, compared by digest; `None` when that was not compared.
    pub digests_equal: Option<bool>,
    /// Whether everything was pulled again because digests differed before.
    pub was_repaired: bool,
    /// Whether a first sync has run to its end.
    pub complete: bool,
    /// When the next sync makes sense if nothing asks for one, Unix milliseconds by the phone's clock.
    pub next_sync_ms: Option<i64>,
    /// The phone was revoked: its unsent work went to quarantine and everything on it was erased.
    pub wiped: Option<Wiped>,
    /// What could not be taken up in a year and went with the databases that were set aside; it was told each time when they were taken up.
    pub forgotten: Vec<LeftAside>,
}

/// A phone that was revoked and erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wiped {
    /// The last operation's number, to compare with the last that the server holds.
    pub last_counter: u64,
    /// When, Unix milliseconds by the phone's clock.
    pub at_ms: i64,
}

/// How far a sync is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it does.
    pub phase: Phase,
    /// Operations pushed, or rows pulled, so far.
    pub done_count: u64,
    /// Of how many, where that is known.
    pub total_count: Option<u64>,
}

/// What a sync does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Signing in.
    SigningIn,
    /// Sending.
    Pushing,
    /// Receiving.
    Pulling,
    /// Erasing what is no longer this phone's.
    Erasing,
}

/// What all handles of one core share about its syncs. Nothing here survives the process, and nothing has to.
#[derive(Default)]
pub(crate) struct Shared {
    /// Held by the sync that runs, and by its last write if the sync itself was dropped.
    turn: Arc<tokio::sync::Mutex<()>>,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    session: Option<sign_in::Session>,
    /// How many syncs have begun.
    begun_count: u64,
    /// The number of the last one that ran to its end, and what it did.
    last: Option<(u64, SyncReport)>,
    failures_count: u32,
    next_sync_ms: Option<i64>,
    wiped: Option<Wiped>,
}

impl Shared {
    /// Whether this phone was revoked and erased while the app ran.
    pub(crate) fn is_wiped(&self) -> bool {
        self.memory().wiped.is_some()
    }
    /// Waits until no sync runs; none begins before what this gives is dropped.
    pub(crate) async fn no_sync(&self) -> tokio::sync::OwnedMutexGuard<()> {
        Arc::clone(&self.turn).lock_owned().await
    }
    /// Forgets the session, and that syncs failed.
    pub(crate) fn forget_session(&self) {
        let mut memory = self.memory();
        (memory.session, memory.failures_count, memory.next_sync_ms) = (None, 0, None);
    }
    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
