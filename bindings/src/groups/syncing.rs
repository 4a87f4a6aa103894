//! Sync.

use crate::call::{call, spawn};
use crate::error::CoreError;
use crate::listeners::{Subscription, SyncListener};
use crate::records::{SyncOptions, SyncProgress, SyncReport, SyncStatus};
use crate::teller::{Outlet, Teller, lock};
use std::sync::{Arc, Mutex, Weak};
use zoufang_core::beside::beside;
use zoufang_core::store::open::StoreError;
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport};
use zoufang_core::sync::{self, Cancel};
use zoufang_core::{Core, Error};

/// Sync: what was saved goes up, what others saved comes down.
#[derive(uniffi::Object)]
pub struct Syncing {
    core: Core,
    teller: Teller,
    watchers: Mutex<Vec<Weak<Outlet<SyncProgress>>>>,
    /// Of the syncs that were asked for since the last cancellation.
    cancel: Mutex<Cancel>,
    /// Kept between syncs, so that its connection stays open.
    protocol: Mutex<Option<Arc<HttpProtocol<ReqwestTransport>>>>,
}

impl Syncing {
    pub(crate) fn new(core: Core, teller: Teller) -> Self {
        Syncing { core, teller, watchers: Mutex::default(), cancel: Mutex::default(), protocol: Mutex::default() }
    }
    async fn sync(&self, options: SyncOptions, cancel: Cancel) -> Result<sync::SyncReport, Error> {
        match self.exchange(options, &cancel).await {
            // Pausing cancels and then closes: a sync that meets the closed store before the cancellation was cancelled all the same.
            Err(Error::Store(StoreError::Closed)) if cancel.is_cancelled() => Err(Error::Cancelled),
            outcome => outcome,
        }
    }
    async fn exchange(&self, options: SyncOptions, cancel: &Cancel) -> Result<sync::SyncReport, Error> {
        let protocol = self.protocol().await?;
        self.core.sync_with(protocol.as_ref(), options, |progress| self.tell(progress), cancel).await
    }
    async fn protocol(&self) -> Result<Arc<HttpProtocol<ReqwestTransport>>, Error> {
        if let Some(kept) = lock(&self.protocol).clone() {
            return Ok(kept);
        }
        let made = Arc::new(beside(&self.core, Core::protocol).await?);
        Ok(Arc::clone(lock(&self.protocol).get_or_insert(made)))
    }
    fn tell(&self, progress: SyncProgress) {
        let watchers: Vec<_> = lock(&self.watchers).iter().filter_map(Weak::upgrade).collect();
        watchers.iter().for_each(|watcher| watcher.offer(progress, &self.teller));
    }
}

#[uniffi::export]
impl Syncing {
    /// How this phone stands towards its server: what is always on screen.
    ///
    /// Throws Retry.
    pub fn status(&self) -> Result<SyncStatus, CoreError> {
        call(|| self.core.sync_status().map(SyncStatus::from))
    }
    /// Syncs. Who asks while a sync runs waits for it and shares the next one. Runs to its end, or to `cancel`, even if nobody waits for it
    /// any more. What was exchanged by the time of an error is stored, and the status says when to try again.
    ///
    /// Throws Retry, Cancelled, EnrolAgain, UpdateApp, UnlockPhone, SignInToNetwork, WrongServer, AskSupervisor, FreeSpace.
    pub async fn run(self: Arc<Self>, options: SyncOptions) -> Result<SyncReport, CoreError> {
        let cancel = lock(&self.cancel).clone();
        spawn(async move { self.sync(options, cancel).await }).await.map(SyncReport::from)
    }
    /// Cancels the sync that runs and those that wait for it. What is stored stays so; syncs that are asked for later run.
    pub fn cancel(&self) {
        std::mem::take(&mut *lock(&self.cancel)).cancel();
    }
    /// Hears how far each sync is, until the subscription is cancelled or let go.
    pub fn watch(&self, listener: Arc<dyn SyncListener>) -> Arc<Subscription> {
        let last_counts = |_, next| next;
        let outlet = Outlet::new(Some("sync"), last_counts, move |progress| listener.progressed(progress));
        let mut watchers = lock(&self.watchers);
        watchers.retain(|watcher| watcher.strong_count() > 0);
        watchers.push(Arc::downgrade(&outlet));
        Subscription::new(outlet, ())
    }
}
