//! How a call reaches the core: panics become errors, and what waits for the network runs on a runtime of the library's own.

use crate::error::CoreError;
use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::thread;
use tokio::runtime::{Builder, Handle};

/// One call. The core's transactions roll back when they unwind, so after a panic it is as it was before the call.
pub(crate) fn call<T, E: Into<CoreError>>(act: impl FnOnce() -> Result<T, E>) -> Result<T, CoreError> {
    let (mut act, mut outcome) = (Some(act), None);
    catch(&mut || outcome = act.take().map(|act| act()));
    match outcome {
        Some(outcome) => outcome.map_err(Into::into),
        None => Err(panicked()),
    }
}

/// Runs it; a panic ends here. Apart from [`call`], so that the library holds it once and not once for each call.
#[inline(never)]
fn catch(act: &mut dyn FnMut()) {
    // What a panic carried is dropped: the hook has written it to the log of the process.
    drop(catch_unwind(AssertUnwindSafe(act)));
}

/// One long call. It runs to its end whatever becomes of the future that waits for it: an app's own executor may drop that at any moment.
/// Boxed, so that the library holds one kind of task and not one for each call.
pub(crate) async fn spawn<T, E>(act: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, CoreError>
where
    T: Send + 'static,
    E: Into<CoreError> + Send + 'static,
{
    let act: Pin<Box<dyn Future<Output = Box<dyn Any + Send>> + Send>> = Box::pin(async { Box::new(act.await) as _ });
    let outcome = runtime()?.spawn(act).await.ok().and_then(|outcome| outcome.downcast::<Result<T, E>>().ok());
    match outcome {
        Some(outcome) => outcome.map_err(Into::into),
        None => Err(panicked()),
    }
}

/// The runtime, made at the first long call and kept. It has one thread: what takes time (SQLite, the key store's signature, packing) has the
/// blocking threads beside it, and a runtime of several threads would weigh 41 KB more (2026-11-27).
fn runtime() -> Result<Handle, CoreError> {
    static RUNTIME: Mutex<Option<Handle>> = Mutex::new(None);
    let mut kept = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*kept {
        return Ok(handle.clone());
    }
    let no_threads = |_| CoreError::unexpected("the system gives no threads");
    let runtime = Builder::new_current_thread().enable_all().build().map_err(no_threads)?;
    let handle = runtime.handle().clone();
    let forever = move || runtime.block_on(std::future::pending::<()>());
    thread::Builder::new().name("zoufang-sync".into()).spawn(forever).map_err(no_threads)?;
    Ok(kept.insert(handle).clone())
}

/// The panic's own words stay in the log of the process: they may quote a value.
fn panicked() -> CoreError {
    tracing::error!("a call panicked");
    CoreError::unexpected("a panic")
}
