//! The change feed: after each committed write, whoever draws a screen hears which kinds of records changed and reads them again. It carries
//! kinds and ids, never content, and is called after the transaction, never inside it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use uuid::Uuid;
use zoufang_domain::order;
use zoufang_domain::schema::Kind;

/// What changed in one commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeSet {
    /// Kinds of records that changed.
    pub kinds: BTreeSet<Kind>,
    /// The records, unless there were more than [`IDS_MAX_COUNT`]: then read the lists anew.
    pub ids: Vec<Uuid>,
    /// Drafts changed.
    pub drafts: bool,
    /// The sync status changed: something waits or was acknowledged.
    pub status: bool,
}

/// Most ids that one change names.
pub const IDS_MAX_COUNT: usize = 100;

impl ChangeSet {
    /// The change made of these records.
    pub fn of(touched: &[(Kind, Uuid)]) -> Self {
        let kinds = order::gather(touched.iter().map(|(kind, _)| *kind));
        let ids = match touched.len() {
            0..=IDS_MAX_COUNT => touched.iter().map(|(_, id)| *id).collect(),
            _ => Vec::new(),
        };
        ChangeSet { kinds, ids, drafts: false, status: true }
    }
    /// The same with more records.
    #[must_use]
    pub(crate) fn and(mut self, touched: &[(Kind, Uuid)]) -> Self {
        let more = ChangeSet::of(touched);
        self.kinds.extend(more.kinds);
        self.ids.extend(more.ids);
        self
    }
}

type Listener = Arc<dyn Fn(&ChangeSet) + Send + Sync>;

/// Hands changes to listeners.
#[derive(Default)]
pub struct Feed {
    listeners: Arc<Mutex<Vec<(u64, Listener)>>>,
    next: std::sync::atomic::AtomicU64,
}

/// Keeps a listener subscribed; dropping it ends the subscription.
pub struct Subscription {
    id: u64,
    listeners: Weak<Mutex<Vec<(u64, Listener)>>>,
}

impl Feed {
    /// Subscribes. The listener is called on the thread that wrote, so it must hand the news on quickly and must not call back into the core.
    pub fn subscribe(&self, listener: impl Fn(&ChangeSet) + Send + Sync + 'static) -> Subscription {
        let id = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.locked().push((id, Arc::new(listener)));
        Subscription { id, listeners: Arc::downgrade(&self.listeners) }
    }
    /// Tells every listener. The list is copied first, so a listener may end its own subscription.
    pub(crate) fn tell(&self, change: &ChangeSet) {
        let listeners: Vec<Listener> = self.locked().iter().map(|(_, listener)| Arc::clone(listener)).collect();
        listeners.iter().for_each(|listener| listener(change));
    }
    fn locked(&self) -> std::sync::MutexGuard<'_, Vec<(u64, Listener)>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(listeners) = self.listeners.upgrade() {
            listeners.lock().unwrap_or_else(PoisonError::into_inner).retain(|(id, _)| *id != self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn a_dropped_subscription_hears_nothing_more() {
        let (feed, heard) = (Feed::default(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&heard);
        let subscription = feed.subscribe(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        feed.tell(&ChangeSet::default());
        drop(subscription);
        feed.tell(&ChangeSet::default());
        assert_eq!(heard.load(Ordering::SeqCst), 1);
    }
}
