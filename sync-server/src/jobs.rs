//! What the server does by itself: writes what it saw of phones, clears away what has run out, and lets go of what has been kept for long enough.

use crate::App;
use crate::retention;
use crate::store::{StoreError, blocking};
use rusqlite::Transaction;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// Time between two rounds.
const ROUND_MS: u64 = 5_000;
/// Rounds between two clearings: an hour.
const CLEAR_EVERY_ROUNDS: u64 = 720;
/// How long used and expired enrolment codes are kept for questions.
const CODES_KEPT_MS: i64 = 30 * 24 * 3600 * 1000;

/// Runs until `stop` says so or is dropped, then writes what is left.
#[expect(
    clippy::disallowed_methods,
    reason = "the pace of housekeeping decides nothing; its work takes the time from the Clock port"
)]
pub(crate) async fn run(app: Arc<App>, mut stop: oneshot::Receiver<()>) {
    let mut rounds = tokio::time::interval(Duration::from_millis(ROUND_MS));
    let mut count = 0_u64;
    let mut let_go_on = None;
    loop {
        let last = tokio::select! {
            _ = &mut stop => true,
            _ = rounds.tick() => false,
        };
        let today = zoufang_domain::calendar::Moment::from_ms(app.now_ms()).day();
        if !last && let_go_on != Some(today) {
            let_go_on = Some(today);
            let shared = Arc::clone(&app);
            // Beside the rounds: a city's old year takes longer than one of them.
            drop(tokio::task::spawn_blocking(move || let_go(&shared)));
        }
        let shared = Arc::clone(&app);
        let clears = !last && count.is_multiple_of(CLEAR_EVERY_ROUNDS);
        if let Err(e) = blocking(move || round(&shared, clears)).await {
            tracing::warn!(error = %e, "housekeeping failed; it is tried again");
        }
        if last {
            return;
        }
        count += 1;
    }
}

/// Once a day what has been kept for long enough goes.
fn let_go(app: &App) {
    match retention::let_go(&app.store, app.now_ms()) {
        Ok(gone) if gone.is_empty() => {}
        Ok(gone) => tracing::info!(?gone, "what has been kept for long enough is gone"),
        Err(e) => tracing::warn!(error = %e, "retention did not run to its end; it goes on tomorrow"),
    }
}

/// One round.
///
/// # Errors
/// What the store says.
pub fn round(app: &App, clears: bool) -> Result<(), StoreError> {
    let now_ms = app.now_ms();
    if clears {
        app.store.write(|tx| clear(tx, now_ms))?;
    }
    if app.sightings.is_empty() {
        return Ok(());
    }
    app.store.write_lazily(|tx| app.sightings.write(tx))
}

fn clear(tx: &Transaction<'_>, now_ms: i64) -> Result<(), StoreError> {
    tx.execute("DELETE FROM challenge WHERE expires_ms <= ?1", [now_ms])?;
    tx.execute("DELETE FROM session WHERE expires_ms <= ?1", [now_ms])?;
    tx.execute("DELETE FROM web_session WHERE expires_ms <= ?1", [now_ms])?;
    tx.execute("DELETE FROM enrol_code WHERE expires_ms <= ?1", [now_ms - CODES_KEPT_MS])?;
    Ok(())
}
