use crate::phone::{PATIENCE, Phone};
use crate::server::Server;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use zoufang_bindings::listeners::{ChangeListener, ListenerError};
use zoufang_bindings::log::{LogLevel, LogSink, log_to};
use zoufang_bindings::records::Change;
use zoufang_bindings::words::RecordKind;

struct Ear {
    heard: Mutex<Sender<(Change, ThreadId)>>,
    throws: bool,
}

impl ChangeListener for Ear {
    fn changed(&self, change: Change) -> Result<(), ListenerError> {
        self.heard.lock().unwrap().send((change, thread::current().id())).unwrap();
        if self.throws { Err(ListenerError::Failed { what: "an exception".into() }) } else { Ok(()) }
    }
}

fn ear(throws: bool) -> (Arc<Ear>, Receiver<(Change, ThreadId)>) {
    let (heard, hears) = channel();
    (Arc::new(Ear { heard: Mutex::new(heard), throws }), hears)
}

#[test]
fn a_listener_hears_kinds_and_ids_after_the_commit_on_a_thread_of_its_own() {
    let phone = Phone::enrolled(&Server::plain());
    let (listener, hears) = ear(false);
    let _subscription = phone.core.subscribe(listener);
    let home = phone.home("301");
    let (change, thread) = hears.recv_timeout(PATIENCE).unwrap();
    assert_eq!(change.kinds, [RecordKind::Dwelling, RecordKind::Household]);
    assert!(change.ids.contains(&home.household.0) && change.status && !change.drafts);
    assert_ne!(thread, thread::current().id());
    let draft = phone.core.drafts().start_visit(home.household).unwrap();
    let (change, same_thread) = hears.recv_timeout(PATIENCE).unwrap();
    assert!(change.drafts && change.kinds.is_empty());
    assert_eq!(same_thread, thread);
    phone.core.drafts().discard(draft).unwrap();
    assert!(hears.recv_timeout(PATIENCE).unwrap().0.drafts);
}

#[test]
fn a_subscription_that_is_cancelled_or_dropped_hears_nothing_more() {
    let phone = Phone::enrolled(&Server::plain());
    let ((dropped, of_dropped), (cancelled, of_cancelled), (kept, of_kept)) = (ear(false), ear(false), ear(false));
    let dropped_subscription = phone.core.subscribe(dropped);
    let cancelled_subscription = phone.core.subscribe(cancelled);
    let _kept = phone.core.subscribe(kept);
    phone.home("301");
    for hears in [&of_dropped, &of_cancelled, &of_kept] {
        hears.recv_timeout(PATIENCE).unwrap();
    }
    drop(dropped_subscription);
    cancelled_subscription.cancel();
    cancelled_subscription.cancel();
    phone.home("302");
    of_kept.recv_timeout(PATIENCE).unwrap(); // told after the others would have been
    // The listeners themselves are gone, and with them their ends of the channels: no news, and none to come.
    assert!(of_dropped.recv_timeout(PATIENCE).is_err() && of_cancelled.recv_timeout(PATIENCE).is_err());
}

#[test]
fn a_listener_that_throws_is_logged_and_hears_the_next() {
    struct Sink(Mutex<Sender<(LogLevel, String)>>);
    impl LogSink for Sink {
        fn line(&self, level: LogLevel, text: String) -> Result<(), ListenerError> {
            self.0.lock().unwrap().send((level, text)).unwrap_or_default();
            Ok(())
        }
    }
    let (logged, log) = channel();
    log_to(Arc::new(Sink(Mutex::new(logged)))).unwrap();
    let phone = Phone::enrolled(&Server::plain());
    let (listener, hears) = ear(true);
    let _subscription = phone.core.subscribe(listener);
    for room in ["301", "302"] {
        phone.home(room);
        hears.recv_timeout(PATIENCE).unwrap();
    }
    // Other tests of this process log too.
    let line = std::iter::from_fn(|| log.recv_timeout(PATIENCE).ok())
        .find(|(_, text)| text.starts_with("a listener failed"))
        .unwrap();
    assert_eq!(line.0, LogLevel::Warning);
    assert!(line.1.contains("listener=\"changes\"") && !line.1.contains("exception"), "{}", line.1);
}
