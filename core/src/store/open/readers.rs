//! A few read-only connections, opened when they are first wanted and lent one at a time.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, InterruptHandle};

use super::connection::is_healthy;
use super::failure::StoreError;

/// Readers at once: a screen, the sync, an export. Each keeps its own page cache.
pub const READERS_COUNT_MAX: usize = 3;

/// The readers of one database.
pub(super) struct Readers {
    state: Mutex<State>,
    /// A reader came back, or the pool was closed.
    changed: Condvar,
}

struct State {
    is_open: bool,
    idle: Vec<Connection>,
    /// Places given out. `None` while the connection is being opened.
    lent: Vec<(u64, Option<InterruptHandle>)>,
    next_ticket: u64,
}

impl Readers {
    pub(super) fn new() -> Self {
        let state = State { is_open: true, idle: Vec::new(), lent: Vec::new(), next_ticket: 0 };
        Self { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Lends a reader, opening one with `connect` if none is idle and fewer than [`READERS_COUNT_MAX`] are out.
    ///
    /// # Errors
    /// [`StoreError::Closed`]; [`StoreError::Busy`] when none came back within `wait`; what `connect` fails with.
    pub(super) fn lend(
        &self,
        wait: Duration,
        connect: impl FnOnce() -> Result<Connection, StoreError>,
    ) -> Result<Lent<'_>, StoreError> {
        let is_full = |state: &mut State| state.is_open && state.lent.len() >= READERS_COUNT_MAX;
        let (mut state, waited) =
            self.changed.wait_timeout_while(self.lock(), wait, is_full).unwrap_or_else(PoisonError::into_inner);
        if !state.is_open {
            return Err(StoreError::Closed);
        }
        if waited.timed_out() && state.lent.len() >= READERS_COUNT_MAX {
            return Err(StoreError::Busy);
        }
        let ticket = state.next_ticket;
        state.next_ticket += 1;
        let idle = state.idle.pop();
        let handle = idle.as_ref().map(Connection::get_interrupt_handle);
        state.lent.push((ticket, handle));
        drop(state);
        let mut lent = Lent { readers: self, ticket, connection: idle, is_suspect: true };
        if lent.connection.is_none() {
            // Outside the lock: opening takes a millisecond, and others may go on meanwhile.
            let connection = connect()?;
            lent.register(&connection)?;
            lent.connection = Some(connection);
        }
        Ok(lent)
    }

    /// Lends no more. Waits up to `wait` for those that are out, then interrupts their queries and waits as long again.
    /// `true` when all came back. Does nothing the second time.
    pub(super) fn close(&self, wait: Duration) -> bool {
        let mut state = self.lock();
        state.is_open = false;
        state.idle.clear();
        self.changed.notify_all(); // whoever waits for a place learns that there is none
        let is_lent = |state: &mut State| !state.lent.is_empty();
        let (state, _) = self.changed.wait_timeout_while(state, wait, is_lent).unwrap_or_else(PoisonError::into_inner);
        for handle in state.lent.iter().filter_map(|(_, handle)| handle.as_ref()) {
            handle.interrupt();
        }
        let (state, _) = self.changed.wait_timeout_while(state, wait, is_lent).unwrap_or_else(PoisonError::into_inner);
        state.lent.is_empty()
    }

    /// Lends again.
    pub(super) fn reopen(&self) {
        self.lock().is_open = true;
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().is_open
    }

    /// A panic of another thread leaves the lists whole: each change to them is one call.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader that goes back to its pool when dropped.
pub(super) struct Lent<'pool> {
    readers: &'pool Readers,
    ticket: u64,
    connection: Option<Connection>,
    /// Unless told otherwise, so that it holds after a panic too.
    is_suspect: bool,
}

impl Lent<'_> {
    /// The connection; [`StoreError::Closed`] cannot come after [`Readers::lend`] returned.
    pub(super) fn connection(&self) -> Result<&Connection, StoreError> {
        self.connection.as_ref().ok_or(StoreError::Closed)
    }

    /// All went well: the connection needs no examination before it is lent again.
    pub(super) fn vouch(&mut self) {
        self.is_suspect = false;
    }

    /// Lets [`Readers::close`] interrupt a connection that was just opened, unless it has been closed meanwhile.
    fn register(&self, connection: &Connection) -> Result<(), StoreError> {
        let mut state = self.readers.lock();
        if !state.is_open {
            return Err(StoreError::Closed);
        }
        if let Some((_, handle)) = state.lent.iter_mut().find(|(ticket, _)| *ticket == self.ticket) {
            *handle = Some(connection.get_interrupt_handle());
        }
        Ok(())
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let sound = self.connection.take().filter(|connection| !self.is_suspect || is_healthy(connection));
        let mut state = self.readers.lock();
        if state.is_open {
            state.idle.extend(sound);
        } else {
            drop(sound); // closed before its place is given back: whoever waits in `close` closes the writer last
        }
        state.lent.retain(|(ticket, _)| *ticket != self.ticket);
        drop(state);
        self.readers.changed.notify_all();
    }
}
