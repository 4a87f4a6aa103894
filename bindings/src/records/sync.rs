//! Sync as it crosses.

use super::salvage::{LeftAside, left_aside};
use crate::message::Message;
use crate::words::SyncPhase;
use zoufang_core::sync;
use zoufang_domain::calendar::Moment;

pub use zoufang_core::sync::{Progress as SyncProgress, SyncOptions};

/// How a sync is wanted.
#[uniffi::remote(Record)]
pub struct SyncOptions {
    /// Compare what phone and server hold this time.
    #[uniffi(default = false)]
    pub verify: bool,
    /// Today everybody is out and comes back at once: the next periodic sync is spread wider.
    #[uniffi(default = false)]
    pub is_visit_day: bool,
}

/// How far a sync is.
#[uniffi::remote(Record)]
pub struct SyncProgress {
    /// What it does.
    pub phase: SyncPhase,
    /// Operations sent, or rows received, so far.
    pub done_count: u64,
    /// Of how many, where that is known.
    pub total_count: Option<u64>,
}

/// What a sync did.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
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
    /// Bytes sent, headers included.
    pub bytes_up: u64,
    /// Bytes received, headers included.
    pub bytes_down: u64,
    /// Exchanges with the server.
    pub requests_count: u64,
    /// Whether phone and server hold the same; nothing when that was not compared.
    pub digests_equal: Option<bool>,
    /// Whether everything was received again because it differed before.
    pub was_repaired: bool,
    /// Whether a first sync has run to its end.
    pub complete: bool,
    /// When the next sync makes sense if nothing asks for one, by the phone's clock.
    pub next_sync_at: Option<Moment>,
    /// The phone was revoked: its unsent work went to quarantine and everything on it was erased.
    pub wiped: Option<Wiped>,
    /// What could not be taken up in a year and went with the files that were set aside; `takeUpSetAside` told it each time. A file of which
    /// nothing reads is one of these.
    #[uniffi(default = [])]
    pub forgotten: Vec<LeftAside>,
}

/// A phone that was revoked and erased.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Wiped {
    /// The last operation's number, to compare with the last that the server holds.
    pub last_counter: u64,
    /// When, by the phone's clock.
    pub at: Moment,
}

/// How this phone stands towards its server.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncStatus {
    /// Whether the phone is enrolled.
    pub enrolled: bool,
    /// Whether a first sync has run to its end; until then what the phone shows is incomplete.
    pub complete: bool,
    /// Operations that the server has not confirmed yet.
    pub unsent_count: u64,
    /// When the oldest of them was made, by the phone's clock.
    pub oldest_unsent_at: Option<Moment>,
    /// When a sync last ran to its end.
    pub last_success_at: Option<Moment>,
    /// Why the last sync failed; nothing once one succeeds.
    pub last_error: Option<SyncFailure>,
    /// When the next sync makes sense; nothing before the first.
    pub next_sync_at: Option<Moment>,
    /// Operations that wait for a supervisor.
    pub quarantined_count: u64,
    /// Records with values that stand against each other.
    pub conflicts_count: u64,
    /// The server revoked this phone: nothing more is saved on it.
    pub revoked: bool,
    /// The last operation's number once a revoked phone has been erased.
    pub wiped_counter: Option<u64>,
    /// The practice database: made-up homes that are never sent. Screens mark it, always and visibly.
    #[uniffi(default = false)]
    pub practice: bool,
}

/// A sync that failed.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SyncFailure {
    /// What to say.
    pub text: Message,
    /// When.
    pub at: Moment,
}

impl From<sync::SyncReport> for SyncReport {
    fn from(report: sync::SyncReport) -> Self {
        SyncReport {
            pushed_count: report.pushed_count,
            merged_count: report.merged_count,
            quarantined_count: report.quarantined_count,
            pulled_count: report.pulled_count,
            erased_count: report.erased_count,
            bytes_up: report.bytes_up,
            bytes_down: report.bytes_down,
            requests_count: report.requests_count,
            digests_equal: report.digests_equal,
            was_repaired: report.was_repaired,
            complete: report.complete,
            next_sync_at: report.next_sync_ms.map(Moment::from_ms),
            wiped: report
                .wiped
                .map(|wiped| Wiped { last_counter: wiped.last_counter, at: Moment::from_ms(wiped.at_ms) }),
            forgotten: left_aside(report.forgotten),
        }
    }
}

impl From<sync::SyncStatus> for SyncStatus {
    fn from(status: sync::SyncStatus) -> Self {
        let failure =
            |one: sync::status::SyncFailure| SyncFailure { text: Message::of(&one.id), at: Moment::from_ms(one.at_ms) };
        SyncStatus {
            enrolled: status.enrolled,
            complete: status.complete,
            unsent_count: status.unsent_count,
            oldest_unsent_at: status.oldest_unsent_ms.map(Moment::from_ms),
            last_success_at: status.last_success_ms.map(Moment::from_ms),
            last_error: status.last_error.map(failure),
            next_sync_at: status.next_sync_ms.map(Moment::from_ms),
            quarantined_count: status.quarantined_count,
            conflicts_count: status.conflicts_count,
            revoked: status.revoked,
            wiped_counter: status.wiped_counter,
            practice: status.practice,
        }
    }
}
