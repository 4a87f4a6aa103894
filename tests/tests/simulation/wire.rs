//! The line of one phone: the world's own, and on it what a simulation needs more. It keeps what was sent, looks into every answer for
//! what this phone may not see, answers in small pages, and lets something else happen while a request is on its way.

use crate::posts::Posts;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use zoufang_core::sync::http::{Transport, TransportError};
use zoufang_sync_server::pull::{self, Wanted};
use zoufang_sync_server::{App, build_router, session};
use zoufang_tests::world::{Line, plain};

/// Pushes that are kept to be sent again.
const KEPT_MAX_COUNT: usize = 6;

/// Something that happens while a request is on its way.
pub(crate) type Hook = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;

/// What the world's line does not do by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Twist {
    Half,
    Twice,
    StatusAfter(u16),
}

#[derive(Clone)]
pub(crate) struct Wire {
    pub(crate) line: Line,
    state: Arc<Mutex<State>>,
}

struct State {
    app: Arc<App>,
    phone: usize,
    posts: Posts,
    requests_count: u64,
    twist: Option<(&'static str, Twist)>,
    hook: Option<(u64, Hook)>,
    has_small_pages: bool,
    sent: VecDeque<Request<Bytes>>,
    leak: Option<String>,
}

impl Wire {
    pub(crate) fn to(app: &Arc<App>, phone: usize, posts: Posts) -> Wire {
        let state = State {
            app: Arc::clone(app),
            phone,
            posts,
            requests_count: 0,
            twist: None,
            hook: None,
            has_small_pages: false,
            sent: VecDeque::new(),
            leak: None,
        };
        Wire { line: Line::to(build_router(Arc::clone(app))), state: Arc::new(Mutex::new(state)) }
    }
    pub(crate) fn lead_to(&self, app: &Arc<App>) {
        self.line.lead_to(build_router(Arc::clone(app)));
        self.state().app = Arc::clone(app);
    }
    pub(crate) fn twist(&self, path: &'static str, twist: Twist) {
        self.state().twist = Some((path, twist));
    }
    /// Runs the hook when this many more requests have begun, the last one not yet sent.
    pub(crate) fn at_request(&self, number: u64, hook: Hook) {
        let mut state = self.state();
        state.requests_count = 0;
        state.hook = Some((number, hook));
    }
    pub(crate) fn use_small_pages(&self) {
        self.state().has_small_pages = true;
    }
    /// All is well again.
    pub(crate) fn heal(&self) {
        self.line.heal();
        let mut state = self.state();
        (state.twist, state.hook, state.has_small_pages) = (None, None, false);
    }
    /// A push of some time ago.
    pub(crate) fn old_push(&self, at: usize) -> Option<Request<Bytes>> {
        let state = self.state();
        state.sent.get(at % state.sent.len().max(1)).cloned()
    }
    /// The first thing that this phone was told and may not know.
    pub(crate) fn leak(&self) -> Option<String> {
        self.state().leak.take()
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
    fn begin(&self, request: &Request<Bytes>) -> Option<Hook> {
        let mut state = self.state();
        state.requests_count += 1;
        if request.uri().path().contains("push") {
            state.sent.push_back(request.clone());
            if state.sent.len() > KEPT_MAX_COUNT {
                state.sent.pop_front();
            }
        }
        let is_due = state.hook.as_ref().is_some_and(|(number, _)| *number == state.requests_count);
        is_due.then(|| state.hook.take().map(|(_, hook)| hook)).flatten()
    }
    fn take_twist(&self, path: &str) -> Option<Twist> {
        let mut state = self.state();
        let is_meant = state.twist.is_some_and(|(wanted, _)| path.contains(wanted));
        is_meant.then(|| state.twist.take().map(|(_, twist)| twist)).flatten()
    }
    /// A pull answered by the server's own page, of one record.
    async fn small_page(&self, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        let app = {
            let state = self.state();
            (state.has_small_pages && request.uri().path().contains("pull")).then(|| Arc::clone(&state.app))?
        };
        let asked = |name: &str| {
            let pairs = request.uri().query().unwrap_or_default().split('&');
            pairs
                .filter_map(|pair| pair.split_once('='))
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        let (cursor, wants_digest, headers) = (asked("cursor"), asked("digest").is_some(), request.headers().clone());
        let page = tokio::task::spawn_blocking(move || {
            let now_ms = app.now_ms();
            let token = session::token_of(&headers).map(str::to_owned);
            app.store.read(|c| {
                let device = session::authenticate(c, now_ms, token.as_deref())?;
                let wanted = Wanted { digest: wants_digest, page_bytes: 1, ..Wanted::since(cursor.as_deref()) };
                pull::page(c, now_ms, &device, wanted)
            })
        });
        // Whatever the server refuses, it refuses by its own route.
        let page = page.await.expect("the page is made").ok()?;
        let mut answer = Response::new(Bytes::from(page.json));
        answer.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        Some(answer)
    }
    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        // A line that is cut is cut for small pages too: the real line is asked, and its answer replaced.
        let small = self.small_page(&request).await;
        let answer = self.line.send(request).await?;
        Ok(match small {
            Some(page) if answer.status().is_success() => page,
            _ => answer,
        })
    }
    /// No answer names an area that its holder has no post in, or says what was written there.
    fn look_into(&self, answer: &Response<Bytes>) {
        let text = String::from_utf8_lossy(&plain(answer)).into_owned();
        let mut state = self.state();
        let found = state.posts.forbidden(state.phone).into_iter().find(|word| text.contains(word.as_str()));
        if let Some(word) = found {
            let phone = state.phone;
            state.leak.get_or_insert(format!("phone {phone} was told of '{word}'"));
        }
    }
}

impl Transport for Wire {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        if let Some(hook) = self.begin(&request) {
            hook().await;
        }
        let path = request.uri().path().to_owned();
        let twist = self.take_twist(&path);
        let is_repeated = matches!(twist, Some(Twist::Twice));
        let again = is_repeated.then(|| request.clone());
        let mut answer = self.exchange(request).await?;
        self.look_into(&answer);
        if let Some(again) = again {
            let second = self.exchange(again).await?;
            self.look_into(&second);
            // A challenge can be answered once; what may be asked again is believed again.
            if path.contains("sync") {
                answer = second;
            }
        }
        match twist {
            Some(Twist::Half) => {
                let body = answer.body().slice(..answer.body().len() / 2);
                *answer.body_mut() = body;
            }
            Some(Twist::StatusAfter(status)) => {
                answer = Response::new(Bytes::from_static(b"<html>gateway</html>"));
                *answer.status_mut() = StatusCode::from_u16(status).unwrap();
            }
            Some(Twist::Twice) | None => {}
        }
        Ok(answer)
    }
}
