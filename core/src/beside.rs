//! Work that waits (for SQLite, for the key store, for a person at its lock), beside the runtime, which may have one thread only.

use crate::Core;
use crate::error::Error;
use std::any::Any;
use std::marker::PhantomData;
use tokio::task::{JoinHandle, spawn_blocking};

/// Boxed, so that the library holds one kind of task and not one for each work: some 1.5 KB each with its tables for unwinding (2026-11-27).
type Work = Box<dyn FnOnce() -> Box<dyn Any + Send> + Send>;

/// Work under way on a thread that may block. It runs to its end, also when this is dropped.
pub(crate) struct Running<T> {
    task: JoinHandle<Box<dyn Any + Send>>,
    gives: PhantomData<fn() -> T>,
}

impl<T: Send + 'static> Running<T> {
    /// Must be called on a Tokio runtime.
    pub(crate) fn begin(core: &Core, act: impl FnOnce(&Core) -> Result<T, Error> + Send + 'static) -> Self {
        let core = core.clone();
        let work: Work = Box::new(move || Box::new(act(&core)));
        Running { task: spawn_blocking(work), gives: PhantomData }
    }

    /// What it gave. Its panic goes on here; [`Error::Cancelled`] when the runtime shut down before it could begin.
    pub(crate) async fn join(self) -> Result<T, Error> {
        match self.task.await {
            Ok(outcome) => *outcome.downcast().expect("a task gives what it was made to give"),
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(Error::Cancelled),
            },
        }
    }
}

/// Runs it on a thread that may block, and waits for it. Must be called on a Tokio runtime. A panic goes on in the caller.
///
/// # Errors
/// What `act` says; [`Error::Cancelled`] when the runtime shut down before it could begin.
pub async fn beside<T: Send + 'static>(
    core: &Core,
    act: impl FnOnce(&Core) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    Running::begin(core, act).join().await
}
