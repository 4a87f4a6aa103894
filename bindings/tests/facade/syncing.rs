use crate::phone::{Mood, PATIENCE, Phone, wait};
use crate::server::{Answer, Server, portal, problem, usual};
use std::future::Future;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::thread;
use zoufang_bindings::error::CoreError;
use zoufang_bindings::listeners::{ChangeListener, ListenerError, SyncListener};
use zoufang_bindings::ports::PortError;
use zoufang_bindings::records::{Change, SyncOptions, SyncProgress};
use zoufang_domain::wire::route;

const USUAL: SyncOptions = SyncOptions { verify: false, is_visit_day: false };

/// Sends on what it hears, of any kind.
struct Ear<T>(Mutex<Sender<T>>);

impl SyncListener for Ear<SyncProgress> {
    fn progressed(&self, progress: SyncProgress) -> Result<(), ListenerError> {
        self.0.lock().unwrap().send(progress).unwrap_or_default();
        Err(ListenerError::Failed { what: "which changes nothing".into() })
    }
}

impl ChangeListener for Ear<Change> {
    fn changed(&self, change: Change) -> Result<(), ListenerError> {
        self.0.lock().unwrap().send(change).unwrap_or_default();
        Ok(())
    }
}

/// A server that says when it is asked for a pull, and answers when it is told to, or when whoever tells it is gone.
fn slow_server() -> (Server, Receiver<()>, Sender<()>) {
    let ((asked, is_asked), (release, is_released)) = (channel(), channel::<()>());
    let (asked, is_released) = (Mutex::new(asked), Mutex::new(is_released));
    let server = Server::answering(move |path, body| {
        if path == route::PULL {
            asked.lock().unwrap().send(()).unwrap_or_default();
            is_released.lock().unwrap().recv().unwrap_or_default();
        }
        usual(path, body)
    });
    (server, is_asked, release)
}

fn enrol_error(handler: impl Fn() -> Answer + Send + Sync + 'static) -> CoreError {
    let server = Server::answering(move |_, _| handler());
    let phone = Phone::fresh();
    let refused = wait(phone.core.enrolment().enrol(server.input())).unwrap_err();
    assert!(!phone.core.sync().status().unwrap().enrolled, "nothing is stored");
    refused
}

#[test]
fn enrolment_says_what_to_do_next() {
    let wrong = enrol_error(|| problem("enrol.code_wrong", 403, None));
    assert!(matches!(&wrong, CoreError::MendField { field, .. } if field == "code"), "{wrong:?}");
    let used = enrol_error(|| problem("enrol.code_used", 410, None));
    assert!(matches!(&used, CoreError::AskSupervisor { text } if text.title_zh == "登记码已被使用"), "{used:?}");
    let café = enrol_error(portal);
    assert!(matches!(café, CoreError::SignInToNetwork { .. }), "{café:?}");
    let garbled = Phone::fresh().core.enrolment().read_qr("https://example.com/wifi".into());
    assert!(matches!(&garbled, Err(CoreError::MendField { field, .. }) if field == "qr"), "{garbled:?}");
    let read = Phone::fresh().core.enrolment().read_qr(r#"{"v":1,"url":"http://127.0.0.1:9","code":"A"}"#.into());
    assert_eq!(read.unwrap().server_url, "http://127.0.0.1:9");
}

#[test]
fn a_signer_that_throws_or_panics_is_an_error_before_anything_is_sent() {
    let (asked, is_asked) = channel();
    let asked = Mutex::new(asked);
    let server = Server::answering(move |path, body| {
        asked.lock().unwrap().send(()).unwrap();
        usual(path, body)
    });
    let phone = Phone::fresh();
    let enrol = |mood| {
        *phone.signer.mood.lock().unwrap() = mood;
        wait(phone.core.enrolment().enrol(server.input()))
    };
    let locked = enrol(Mood::Throws(PortError::Failed { what: "an exception".into() }));
    assert!(matches!(&locked, Err(CoreError::UnlockPhone { text }) if text.id == "open.key_store"), "{locked:?}");
    let gone = enrol(Mood::Throws(PortError::Unusable));
    assert!(matches!(&gone, Err(CoreError::EnrolAgain { text }) if text.id == "session.signature"), "{gone:?}");
    let panicked = enrol(Mood::Panics);
    assert!(matches!(panicked, Err(CoreError::Unexpected { .. })), "{panicked:?}");
    assert!(is_asked.try_recv().is_err(), "the server was asked");
    assert_eq!(enrol(Mood::Well).unwrap().staff_name, "测试管理员");
}

#[test]
fn a_sync_runs_and_tells_how_far_it_is() {
    let phone = Phone::enrolled(&Server::plain());
    let (heard, hears) = channel();
    let _subscription = phone.core.sync().watch(Arc::new(Ear(Mutex::new(heard))));
    let report = wait(phone.core.sync().run(USUAL)).unwrap();
    assert!(report.complete && report.next_sync_at.is_some() && report.bytes_up > 0);
    assert_eq!((report.requests_count, report.pushed_count, report.wiped), (3, 0, None));
    assert_eq!(hears.recv_timeout(PATIENCE).unwrap().done_count, 0);
    let status = phone.core.sync().status().unwrap();
    assert!(status.complete && status.last_success_at.is_some() && status.last_error.is_none());
}

#[test]
fn a_sync_that_fails_says_why_and_when_to_come_back() {
    let phone = Phone::enrolled(&Server::plain());
    phone.home("301");
    let busy = wait(phone.core.sync().run(USUAL)).unwrap_err();
    assert!(matches!(&busy, CoreError::Retry { after_s: Some(7), text } if text.id == "server.busy"), "{busy:?}");
    let status = phone.core.sync().status().unwrap();
    assert_eq!(status.last_error.map(|failure| failure.text.title_en), Some("The server is busy".to_owned()));
    assert!(status.next_sync_at.is_some() && status.unsent_count > 0 && status.oldest_unsent_at.is_some());

    let old = Server::answering(|path, body| match path {
        route::PUSH => problem("protocol.too_old", 426, None),
        _ => usual(path, body),
    });
    let phone = Phone::enrolled(&old);
    phone.home("301");
    let refused = wait(phone.core.sync().run(USUAL)).unwrap_err();
    assert!(matches!(refused, CoreError::UpdateApp { .. }), "{refused:?}");
}

#[test]
fn cancelling_ends_a_sync_that_waits_and_the_next_one_runs() {
    let (server, is_asked, release) = slow_server();
    let phone = Phone::enrolled(&server);
    let running = phone.core.sync().run(USUAL);
    let waiting = thread::spawn(move || wait(running));
    is_asked.recv_timeout(PATIENCE).unwrap();
    phone.core.sync().cancel();
    let cancelled = waiting.join().unwrap();
    assert!(matches!(cancelled, Err(CoreError::Cancelled { .. })), "{cancelled:?}");
    drop(release);
    assert!(wait(phone.core.sync().run(USUAL)).unwrap().complete);
}

#[test]
fn pausing_cancels_a_sync_at_once() {
    let (server, is_asked, release) = slow_server();
    let phone = Phone::enrolled(&server);
    let running = phone.core.sync().run(USUAL);
    let waiting = thread::spawn(move || wait(running));
    is_asked.recv_timeout(PATIENCE).unwrap();
    phone.core.pause().unwrap();
    let cancelled = waiting.join().unwrap();
    assert!(matches!(cancelled, Err(CoreError::Cancelled { .. })), "{cancelled:?}");
    drop(release);
    phone.core.resume().unwrap();
    assert!(phone.core.sync().status().unwrap().last_error.is_none());
    assert!(wait(phone.core.sync().run(USUAL)).unwrap().complete);
}

#[test]
fn a_future_that_is_dropped_changes_nothing() {
    let (server, is_asked, release) = slow_server();
    let phone = Phone::enrolled(&server);
    let (heard, hears) = channel();
    let _subscription = phone.core.subscribe(Arc::new(Ear(Mutex::new(heard))));
    {
        let mut running = std::pin::pin!(phone.core.sync().run(USUAL));
        assert!(running.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        is_asked.recv_timeout(PATIENCE).unwrap();
    }
    drop(release);
    while phone.core.sync().status().unwrap().last_success_at.is_none() {
        hears.recv_timeout(PATIENCE).unwrap();
    }
}
