//! What an app implements to hear of something, and the handle that ends the hearing.
//!
//! Listeners are called one after the other on one thread of the library's own. They should hand the news on and return; they may call
//! the core. What they throw is logged and changes nothing. A listener that holds the core keeps both alive until its subscription is
//! cancelled.

use crate::records::{Change, SyncProgress};
use crate::teller::{Outlet, lock};
use std::sync::{Arc, Mutex};
use uniffi::UnexpectedUniFFICallbackError;

/// A listener failed. It is logged, and the next news comes all the same.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum ListenerError {
    /// It threw.
    #[error("a listener failed")]
    Failed {
        /// What it threw; not logged.
        what: String,
    },
}

impl From<UnexpectedUniFFICallbackError> for ListenerError {
    fn from(error: UnexpectedUniFFICallbackError) -> Self {
        ListenerError::Failed { what: error.reason }
    }
}

/// Hears of changes on the phone, after they are saved. Read again what is shown.
#[uniffi::export(rust, foreign)]
pub trait ChangeListener: Send + Sync {
    /// Something changed. Several changes may be told as one.
    fn changed(&self, change: Change) -> Result<(), ListenerError>;
}

/// Hears how far a sync is.
#[uniffi::export(rust, foreign)]
pub trait SyncListener: Send + Sync {
    /// It is this far. Steps that follow each other quickly are told as the last of them.
    fn progressed(&self, progress: SyncProgress) -> Result<(), ListenerError>;
}

/// A subscription. Cancelling it, or letting go of it, ends the calls: a call that has begun may still run, no other begins.
#[derive(uniffi::Object)]
pub struct Subscription(Mutex<Option<Box<dyn Send>>>);

impl Subscription {
    /// Keeps the outlet open, and what feeds it alive, until it is cancelled.
    pub(crate) fn new<T: Send + 'static>(outlet: Arc<Outlet<T>>, feed: impl Send + 'static) -> Arc<Self> {
        Arc::new(Subscription(Mutex::new(Some(Box::new((Open(outlet), feed))))))
    }
}

#[uniffi::export]
impl Subscription {
    /// Ends the calls. Twice is once.
    pub fn cancel(&self) {
        let held = lock(&self.0).take();
        drop(held); // outside the lock: it may run the app's code
    }
}

/// Closes its outlet when dropped.
struct Open<T: Send + 'static>(Arc<Outlet<T>>);

impl<T: Send + 'static> Drop for Open<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}
