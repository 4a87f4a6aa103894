//! A disk that fails at a chosen operation, once or from then on.

use super::vfs::{Disk, Event, Refusal};
use rusqlite::ffi;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// How it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No space is left: writes fail, half of their bytes written; everything else goes on.
    Full,
    /// An error of the device, at any operation.
    Device,
}

/// The disk.
pub struct FailingDisk {
    kind: Kind,
    /// Operations of that kind that still succeed.
    left_count: AtomicU64,
    is_for_ever: bool,
    is_healed: AtomicBool,
    failed_count: AtomicU64,
    failed_to_read: AtomicBool,
}

impl FailingDisk {
    /// A disk on which so many operations succeed before it fails.
    pub fn after(kind: Kind, operations_count: u64, is_for_ever: bool) -> Arc<Self> {
        Arc::new(FailingDisk {
            kind,
            left_count: AtomicU64::new(operations_count),
            is_for_ever,
            is_healed: AtomicBool::new(false),
            failed_count: AtomicU64::new(0),
            failed_to_read: AtomicBool::new(false),
        })
    }
    /// There is space again.
    pub fn heal(&self) {
        self.is_healed.store(true, Ordering::SeqCst);
    }
    /// How many operations it refused.
    pub fn failed_count(&self) -> u64 {
        self.failed_count.load(Ordering::SeqCst)
    }
    /// Whether one of these was a read.
    pub fn failed_to_read(&self) -> bool {
        self.failed_to_read.load(Ordering::SeqCst)
    }
    fn code(&self, event: Event<'_>) -> Option<i32> {
        match (self.kind, event) {
            (Kind::Full, Event::Write { .. }) => Some(ffi::SQLITE_FULL),
            (Kind::Full, _) | (_, Event::Opened) => None,
            (Kind::Device, Event::Open) => Some(ffi::SQLITE_CANTOPEN),
            (Kind::Device, Event::Read) => Some(ffi::SQLITE_IOERR_READ),
            (Kind::Device, Event::Write { .. }) => Some(ffi::SQLITE_IOERR_WRITE),
            (Kind::Device, Event::Truncate { .. }) => Some(ffi::SQLITE_IOERR_TRUNCATE),
            (Kind::Device, Event::Sync { .. }) => Some(ffi::SQLITE_IOERR_FSYNC),
            (Kind::Device, Event::Remove { .. }) => Some(ffi::SQLITE_IOERR_DELETE),
        }
    }
}

impl Disk for FailingDisk {
    fn event(&self, _path: &str, event: Event<'_>) -> Result<(), Refusal> {
        let Some(code) = self.code(event).filter(|_| !self.is_healed.load(Ordering::SeqCst)) else { return Ok(()) };
        let take_one = |left: u64| left.checked_sub(1);
        let still_succeeds = self.left_count.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take_one).is_ok();
        if still_succeeds {
            return Ok(());
        }
        if !self.is_for_ever {
            self.heal();
        }
        if event == Event::Read {
            self.failed_to_read.store(true, Ordering::SeqCst);
        }
        self.failed_count.fetch_add(1, Ordering::SeqCst);
        Err(Refusal { code, is_short: true })
    }
}
