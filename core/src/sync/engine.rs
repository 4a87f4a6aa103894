//! The way into a sync: one at a time, its success or failure noted, and when to come back.

use super::backoff::{self, Retry};
use super::run::{Run, spawn};
use super::{Cancel, Progress, Shared, SyncOptions, SyncReport};
use crate::error::Error;
use crate::{ChangeSet, Core};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use zoufang_domain::message;
use zoufang_domain::wire::SyncProtocol;

impl Core {
    /// Syncs: [`Core::sync_with`] with the usual options.
    ///
    /// # Errors
    /// As [`Core::sync_with`].
    pub async fn sync<P: SyncProtocol>(
        &self,
        protocol: &P,
        progress: impl Fn(Progress) + Send + Sync,
        cancel: &Cancel,
    ) -> Result<SyncReport, Error> {
        self.sync_with(protocol, SyncOptions::default(), progress, cancel).await
    }

    /// Sends what was saved and fetches what is new. Must run on a Tokio runtime. Dropping the future is safe at any moment.
    ///
    /// If a sync is running, this waits for its end and then runs one more, which everybody who waited shares: it sends what was saved
    /// before this was called.
    ///
    /// # Errors
    /// [`Error::Exchange`] when the server cannot be reached or refuses, [`Error::Cancelled`], [`Error::NotEnrolled`], [`Error::Port`]
    /// when the device key gives no signature, or what the store says. What was exchanged by then is stored, and
    /// [`Core::sync_status`] says when to try again.
    pub async fn sync_with<P: SyncProtocol>(
        &self,
        protocol: &P,
        options: SyncOptions,
        progress: impl Fn(Progress) + Send + Sync,
        cancel: &Cancel,
    ) -> Result<SyncReport, Error> {
        let shared = &self.0.sync;
        let begun_before = shared.memory().begun_count;
        let turn = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Error::Cancelled),
            turn = Arc::clone(&shared.turn).lock_owned() => turn,
        };
        if let Some(report) = shared.since(begun_before, options) {
            return Ok(report);
        }
        let number = shared.begin();
        let mut run = Run::begin(self, protocol, options, &progress, cancel, Arc::new(turn)).await?;
        let traffic = protocol.traffic();
        let outcome = run.run().await;
        let stored = run.join_storing().await;
        let after = protocol.traffic();
        run.report.bytes_up = after.up_bytes.saturating_sub(traffic.up_bytes);
        run.report.bytes_down = after.down_bytes.saturating_sub(traffic.down_bytes);
        match outcome.and(stored) {
            Ok(()) => Ok(self.finish(run.report, number, options)),
            Err(error) => {
                let (turn, retry) = (Arc::clone(&run.turn), run.retry);
                drop(run);
                self.fail(error, retry, turn).await
            }
        }
    }

    fn finish(&self, mut report: SyncReport, number: u64, options: SyncOptions) -> SyncReport {
        if report.wiped.is_none() {
            report.next_sync_ms = Some(self.now_ms() + backoff::period_ms(options.is_visit_day, self.random()));
        }
        let mut memory = self.0.sync.memory();
        memory.failures_count = 0;
        memory.next_sync_ms = report.next_sync_ms;
        memory.last = Some((number, report.clone()));
        drop(memory);
        // The last page told of itself, before it was known when the next sync makes sense.
        self.0.feed.tell(&ChangeSet { status: true, ..ChangeSet::default() });
        report
    }

    /// Takes note of a failure, so that screens show it and the shell knows when to come back. Who cancels knows that without a note.
    async fn fail(&self, error: Error, retry: Retry, turn: Arc<OwnedMutexGuard<()>>) -> Result<SyncReport, Error> {
        if matches!(error, Error::Cancelled | Error::NotEnrolled) {
            return Err(error);
        }
        let (now_ms, random) = (self.now_ms(), self.random());
        {
            let mut memory = self.0.sync.memory();
            memory.failures_count = memory.failures_count.saturating_add(1);
            memory.next_sync_ms = Some(now_ms + backoff::delay_ms(retry, memory.failures_count, random));
        }
        let id = Some(error.message_id()).filter(|id| message::exists(id)).unwrap_or("unexpected").to_owned();
        let noted = spawn(self, &turn, move |core| {
            core.write(|tx| {
                tx.execute("UPDATE profile SET last_error_ms = ?, last_error_id = ?", (now_ms, &id))?;
                Ok(((), ChangeSet { status: true, ..ChangeSet::default() }))
            })
        });
        // A store that cannot take the note is the failure itself, or closed; the caller has the error all the same.
        if let Err(unnoted) = noted.join().await {
            tracing::debug!(id = unnoted.message_id(), "a failed sync could not be noted");
        }
        Err(error)
    }

    pub(super) fn now_ms(&self) -> i64 {
        self.ports().clock.now_ms()
    }

    fn random(&self) -> u64 {
        let mut bytes = [0; 8];
        self.ports().ids.fill(&mut bytes);
        u64::from_be_bytes(bytes)
    }
}

impl Shared {
    /// What a sync did that began after that many had begun.
    fn since(&self, begun_count: u64, options: SyncOptions) -> Option<SyncReport> {
        let memory = self.memory();
        let (number, report) = memory.last.as_ref()?;
        let is_enough = !options.verify || report.digests_equal.is_some();
        (*number > begun_count && is_enough).then(|| report.clone())
    }
    fn begin(&self) -> u64 {
        let mut memory = self.memory();
        memory.begun_count += 1;
        memory.begun_count
    }
}

#[cfg(test)]
mod double;
#[cfg(test)]
mod tests;
