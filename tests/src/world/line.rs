//! The line between a phone and the server of a world: requests go through the real router in this process, as bytes and headers, and
//! the line may fail as lines do. What came to pass is counted, so that a test can tell one round trip from two.

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tower::ServiceExt;
use zoufang_core::sync::http::{Transport, TransportError};
use zoufang_domain::message::Language;
use zoufang_domain::wire::problem::{MEDIA_TYPE, Problem};

/// What may happen to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It never reaches the server.
    RequestLost,
    /// The server does it, and the answer never arrives.
    AnswerLost,
    /// The server is overtaken by others: the task yields so many times first.
    Late(u32),
    /// Something before the server answers with this status: 503 as the server's own problem, anything else as a page of HTML.
    Status(u16),
}

/// A fault that waits for its request.
#[derive(Clone, Debug)]
struct Planned {
    /// The part of the address that it waits for; empty for any.
    path: &'static str,
    fault: Fault,
    times: u32,
}

/// A line. Clones are the same line.
#[derive(Clone)]
pub struct Line(Arc<Mutex<State>>);

struct State {
    router: Router,
    planned: VecDeque<Planned>,
    /// Requests that still pass; `None` for a line that does not break.
    passes_left_count: Option<u64>,
    requests: Vec<String>,
    sent: Vec<Request<Bytes>>,
    keeps_requests: bool,
    answers: Vec<Response<Bytes>>,
    keeps_answers: bool,
}

impl Line {
    /// A good line to a router.
    pub fn to(router: Router) -> Self {
        let state = State {
            router,
            planned: VecDeque::new(),
            passes_left_count: None,
            requests: Vec::new(),
            sent: Vec::new(),
            keeps_requests: false,
            answers: Vec::new(),
            keeps_answers: false,
        };
        Line(Arc::new(Mutex::new(state)))
    }
    /// Leads to another server from here on: one that was restarted or restored.
    pub fn lead_to(&self, router: Router) {
        self.state().router = router;
    }
    /// The next so many requests to addresses that contain `path` meet this fault.
    pub fn plan(&self, path: &'static str, fault: Fault, times: u32) {
        self.state().planned.push_back(Planned { path, fault, times });
    }
    /// So many more requests pass, then nothing until [`Line::heal`].
    pub fn cut_after(&self, requests_count: u64) {
        self.state().passes_left_count = Some(requests_count);
    }
    /// All is well again.
    pub fn heal(&self) {
        let mut state = self.state();
        state.planned.clear();
        state.passes_left_count = None;
    }
    /// The addresses that were asked for since the last call, with what was lost on the way.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.state().requests)
    }
    /// Keeps whole requests from here on, so that a test can send one again.
    pub fn keep_requests(&self) {
        self.state().keeps_requests = true;
    }
    /// The requests that were kept.
    pub fn kept_requests(&self) -> Vec<Request<Bytes>> {
        std::mem::take(&mut self.state().sent)
    }
    /// Keeps whole answers from here on, so that a test can look into what a phone was told.
    pub fn keep_answers(&self) {
        self.state().keeps_answers = true;
    }
    /// The answers that were kept.
    pub fn kept_answers(&self) -> Vec<Response<Bytes>> {
        std::mem::take(&mut self.state().answers)
    }
    fn note_answer(&self, outcome: &Result<Response<Bytes>, TransportError>) {
        let mut state = self.state();
        if let (true, Ok(answer)) = (state.keeps_answers, outcome) {
            state.answers.push(answer.clone());
        }
    }
    /// Takes the next fault for an address, and counts the request.
    fn begin(&self, request: &Request<Bytes>) -> (Router, Option<Fault>) {
        let mut state = self.state();
        state.requests.push(format!("{} {}", request.method(), request.uri().path()));
        if state.keeps_requests {
            state.sent.push(request.clone());
        }
        let router = state.router.clone();
        match &mut state.passes_left_count {
            Some(0) => return (router, Some(Fault::RequestLost)),
            Some(left) => *left -= 1,
            None => {}
        }
        let address = request.uri().path();
        let Some(at) = state.planned.iter().position(|planned| address.contains(planned.path)) else {
            return (router, None);
        };
        let planned = &mut state.planned[at];
        planned.times = planned.times.saturating_sub(1);
        let (fault, is_over) = (planned.fault, planned.times == 0);
        if is_over {
            state.planned.remove(at);
        }
        (router, Some(fault))
    }
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Line {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (router, fault) = self.begin(&request);
        let outcome = match fault {
            None => through(router, request).await,
            Some(Fault::RequestLost) => Err(lost()),
            Some(Fault::AnswerLost) => through(router, request).await.and(Err(lost())),
            Some(Fault::Late(yields_count)) => {
                for _ in 0..yields_count {
                    tokio::task::yield_now().await;
                }
                through(router, request).await
            }
            Some(Fault::Status(status)) => Ok(answered(status)),
        };
        self.note_answer(&outcome);
        outcome
    }
}

fn lost() -> TransportError {
    TransportError::Unreachable("the line broke".to_owned())
}

/// An answer's content as it was before it was compressed.
///
/// # Panics
/// When it says that it is gzip and is not.
pub fn plain(answer: &Response<Bytes>) -> Vec<u8> {
    let is_gzip = answer.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value == "gzip");
    if !is_gzip {
        return answer.body().to_vec();
    }
    let mut content = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(&answer.body()[..]);
    std::io::Read::read_to_end(&mut reader, &mut content).expect("gzip");
    content
}

/// One request through the real router, body and all.
async fn through(router: Router, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
    let (mut head, content) = request.into_parts();
    head.headers.insert(header::HOST, http::HeaderValue::from_static("zoufang.test"));
    if !content.is_empty() {
        head.headers.insert(header::CONTENT_LENGTH, content.len().into());
    }
    let request = Request::from_parts(head, Body::from(content));
    let answer = router.oneshot(request).await.map_err(|never| match never {})?;
    let (head, body) = answer.into_parts();
    let content = body.collect().await.map_err(|_| lost())?.to_bytes();
    Ok(Response::from_parts(head, content))
}

fn answered(status: u16) -> Response<Bytes> {
    let (media_type, content) = match status {
        503 => {
            let problem = Problem::new("server.busy", status, Language::Zh);
            (MEDIA_TYPE, serde_json::to_string(&problem).expect("a problem serialises"))
        }
        _ => ("text/html", "<html>502</html>".to_owned()),
    };
    let mut answer = Response::new(Bytes::from(content));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    answer.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static(media_type));
    answer
}
