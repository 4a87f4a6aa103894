//! Tells listeners what happened, from one thread of its own: never inside a transaction, never on the thread that saved. What a slow
//! listener has not heard yet is merged, so nothing piles up. A listener that throws or panics is logged and told again next time.

use crate::error::CoreError;
use crate::listeners::ListenerError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The thread, by its queue. It ends when the last clone is gone.
#[derive(Clone)]
pub(crate) struct Teller(Sender<Arc<dyn Deliver>>);

trait Deliver: Send + Sync {
    fn deliver(&self);
}

impl Teller {
    /// Starts the thread.
    pub(crate) fn start() -> Result<Self, CoreError> {
        let (queue, outlets) = channel::<Arc<dyn Deliver>>();
        let tell = move || outlets.into_iter().for_each(|outlet| outlet.deliver());
        let started = thread::Builder::new().name("zoufang-teller".to_owned()).spawn(tell);
        started.map(|_| Teller(queue)).map_err(|_| CoreError::unexpected("the system gives no threads"))
    }
}

/// What one listener is told with.
type Tell<T> = Arc<dyn Fn(T) -> Result<(), ListenerError> + Send + Sync>;

/// One listener and what it has not heard yet.
pub(crate) struct Outlet<T> {
    /// For the log; the log's own outlet has no name, since its failures must not be logged.
    name: Option<&'static str>,
    merge: fn(T, T) -> T,
    pending: Mutex<Option<T>>,
    tell: Mutex<Option<Tell<T>>>,
    failures_count: AtomicU64,
}

impl<T: Send + 'static> Outlet<T> {
    /// An outlet that merges what waits.
    pub(crate) fn new(
        name: Option<&'static str>,
        merge: fn(T, T) -> T,
        tell: impl Fn(T) -> Result<(), ListenerError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        let tell: Tell<T> = Arc::new(tell);
        Arc::new(Outlet {
            name,
            merge,
            pending: Mutex::new(None),
            tell: Mutex::new(Some(tell)),
            failures_count: AtomicU64::new(0),
        })
    }
    /// Has the listener told, soon. It stands in the queue at most once.
    pub(crate) fn offer(self: &Arc<Self>, value: T, teller: &Teller) {
        let mut pending = lock(&self.pending);
        let waiting = pending.take();
        let is_queued = waiting.is_some();
        *pending = Some(match waiting {
            Some(waiting) => (self.merge)(waiting, value),
            None => value,
        });
        drop(pending);
        if !is_queued {
            let outlet: Arc<dyn Deliver> = Arc::clone(self) as _;
            // The thread lives as long as there is a sender, and this is one.
            teller.0.send(outlet).unwrap_or_default();
        }
    }
    /// Ends it: no call begins after this, and the listener is let go.
    pub(crate) fn close(&self) {
        let tell = lock(&self.tell).take();
        drop(tell); // outside the lock: it may run the shell's code
    }
    fn note_failure(&self) {
        let failures_count = self.failures_count.fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(listener) = self.name.filter(|_| failures_count.is_power_of_two()) {
            tracing::warn!(listener, failures_count, "a listener failed");
        }
    }
}

impl<T: Send + 'static> Deliver for Outlet<T> {
    fn deliver(&self) {
        let value = lock(&self.pending).take();
        let tell = lock(&self.tell).clone();
        if let (Some(value), Some(tell)) = (value, tell) {
            let told = catch_unwind(AssertUnwindSafe(|| tell(value)));
            if !matches!(told, Ok(Ok(()))) {
                self.note_failure();
            }
        }
    }
}

/// The lock, also after a panic: what it guards is whole between any two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_merged_in_order_and_told_once() {
        let teller = Teller::start().unwrap();
        let (entered, has_entered) = channel();
        let (open, is_open) = channel::<()>();
        let (heard, hears) = channel();
        let gate = Mutex::new(is_open);
        let outlet = Outlet::new(
            None,
            |before: Vec<u8>, next| [before, next].concat(),
            move |value| {
                entered.send(()).unwrap();
                gate.lock().unwrap().recv().unwrap();
                heard.send(value).unwrap();
                Ok(())
            },
        );
        outlet.offer(vec![1], &teller);
        has_entered.recv().unwrap();
        (2..=4).for_each(|one| outlet.offer(vec![one], &teller)); // the listener is still busy with the first
        open.send(()).unwrap();
        open.send(()).unwrap();
        assert_eq!((hears.recv().unwrap(), hears.recv().unwrap()), (vec![1], vec![2, 3, 4]));
    }

    #[test]
    fn a_listener_that_fails_or_panics_hears_the_next() {
        let teller = Teller::start().unwrap();
        let (heard, hears) = channel();
        let outlet = Outlet::new(
            Some("test"),
            |_, next| next,
            move |value: u8| {
                heard.send(value).unwrap();
                match value {
                    1 => panic!("a listener's panic"),
                    2 => Err(ListenerError::Failed { what: "no".into() }),
                    _ => Ok(()),
                }
            },
        );
        for value in 1..=3 {
            outlet.offer(value, &teller);
            assert_eq!(hears.recv().unwrap(), value);
        }
        // What follows a call on its own thread is seen from here only once the next outlet was served.
        let (served, is_served) = channel();
        Outlet::new(
            None,
            |(), ()| (),
            move |()| served.send(()).map_err(|_| ListenerError::Failed { what: "gone".into() }),
        )
        .offer((), &teller);
        is_served.recv().unwrap();
        assert_eq!(outlet.failures_count.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn the_thread_ends_with_its_last_sender() {
        let teller = Teller::start().unwrap();
        let (held, is_dropped) = channel::<()>();
        let outlet = Outlet::new(
            None,
            |(), ()| (),
            move |()| {
                let _ = &held;
                Ok(())
            },
        );
        outlet.offer((), &teller);
        drop((outlet, teller));
        assert!(is_dropped.recv().is_err(), "the queue and what stood in it are gone");
    }
}
