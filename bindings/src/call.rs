//! How a call reaches the core: panics become errors, and what waits for the network runs on a runtime of the library's own.

use crate::error::CoreError;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

/// Threads of the runtime: one for the sync, one so that a slow step of it delays no other. SQLite has threads beside them.
const WORKERS_COUNT: usize = 2;

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
pub(crate) async fn spawn<T, E>(act: impl Future<Output = Result<T, E>> + Send + 'static) -> Result<T, CoreError>
where
    T: Send + 'static,
    E: Into<CoreError> + Send + 'static,
{
    match runtime()?.spawn(act).await {
        Ok(outcome) => outcome.map_err(Into::into),
        Err(_) => Err(panicked()),
    }
}

/// The runtime, made at the first long call and kept: dropping one inside one of its own threads would panic.
fn runtime() -> Result<&'static Runtime, CoreError> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made =
        Builder::new_multi_thread().worker_threads(WORKERS_COUNT).thread_name("zoufang-sync").enable_all().build();
    let made = made.map_err(|_| CoreError::unexpected("the system gives no threads"))?;
    Ok(RUNTIME.get_or_init(|| made))
}

/// The panic's own words stay in the log of the process: they may quote a value.
fn panicked() -> CoreError {
    tracing::error!("a call panicked");
    CoreError::unexpected("a panic")
}
