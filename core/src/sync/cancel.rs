//! Ends a sync from outside, at once while it waits and otherwise before its next step.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// A handle that cancels. Cheap to clone; all clones are the same. Once cancelled it stays so: take a new one for the next sync.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_cancelled: AtomicBool,
    told: Notify,
}

impl Cancel {
    /// Not cancelled yet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Cancels. What is durable stays so, and the next sync goes on from there.
    pub fn cancel(&self) {
        self.0.is_cancelled.store(true, Ordering::Release);
        self.0.told.notify_waiters();
    }
    /// Whether somebody cancelled.
    pub fn is_cancelled(&self) -> bool {
        self.0.is_cancelled.load(Ordering::Acquire)
    }
    /// Waits until somebody does.
    pub async fn cancelled(&self) {
        loop {
            // Made before the flag is read: it hears of every cancellation from here on.
            let told = self.0.told.notified();
            if self.is_cancelled() {
                return;
            }
            told.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_ends_whether_it_began_before_or_after() {
        let cancel = Cancel::new();
        let waiting = tokio::spawn({
            let cancel = cancel.clone();
            async move { cancel.cancelled().await }
        });
        tokio::task::yield_now().await;
        assert!(!cancel.is_cancelled() && !waiting.is_finished());
        cancel.cancel();
        waiting.await.unwrap();
        cancel.cancelled().await;
    }
}
