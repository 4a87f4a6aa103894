//! The protocol over HTTP, as a phone speaks it: JSON, gzip where it pays, few headers. [`Transport`] carries requests to the server;
//! [`ReqwestTransport`] is the one that phones use, and a test may put the server's router in its place.
//!
//! What a hostile network answers is sorted here, so that everything behind it deals with four cases only ([`ExchangeError`]).

mod body;
mod certificate;
mod client;

pub(super) use body::deflate;
pub use client::{
    CONNECT_TIMEOUT_MS, EXCHANGE_TIMEOUT_MS, IDLE_CONNECTION_MS, READ_TIMEOUT_MS, ReqwestTransport, Timeouts,
};

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest};
use zoufang_domain::wire::problem::{MEDIA_TYPE, Problem};
use zoufang_domain::wire::pull::{PullAnswer, PullRequest};
use zoufang_domain::wire::push::{PushAnswer, PushRequest};
use zoufang_domain::wire::session::{ChallengeAnswer, ChallengeRequest, SessionAnswer, SessionRequest};
use zoufang_domain::wire::{ExchangeError, SyncProtocol, Traffic, header, route};

/// A problem's JSON is never longer, in bytes.
const PROBLEM_MAX_BYTES: usize = 64 * 1024;
/// A problem's id is never longer, in bytes.
const PROBLEM_ID_MAX_BYTES: usize = 64;

/// Why a request came back without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Nothing listened, the connection broke or it took too long.
    #[error("{0}")]
    Unreachable(String),
    /// The server's certificate does not chain to the pinned authority.
    #[error("wrong certificate")]
    WrongCertificate,
    /// The other end does not speak HTTP, or speaks without end.
    #[error("{0}")]
    NotHttp(String),
}

/// Carries one request to the server and its answer back, both as they are: nothing is inflated, no redirect followed. The request's
/// address is a path; the transport knows the server.
pub trait Transport: Send + Sync {
    /// Sends.
    fn send(&self, request: Request<Bytes>) -> impl Future<Output = Result<Response<Bytes>, TransportError>> + Send;

    /// Bytes of headers that the transport adds to each request (`host`, `user-agent` and the like).
    fn added_bytes(&self) -> u64 {
        0
    }
}

/// The protocol over a transport.
#[derive(Debug)]
pub struct HttpProtocol<T> {
    transport: T,
    requests_count: AtomicU64,
    up_bytes: AtomicU64,
    down_bytes: AtomicU64,
}

impl<T: Transport> HttpProtocol<T> {
    /// Speaks over that transport.
    pub fn new(transport: T) -> Self {
        HttpProtocol {
            transport,
            requests_count: AtomicU64::new(0),
            up_bytes: AtomicU64::new(0),
            down_bytes: AtomicU64::new(0),
        }
    }

    /// The transport.
    pub fn transport(&self) -> &T {
        &self.transport
    }

    async fn exchange<A: DeserializeOwned>(&self, request: Request<Bytes>) -> Result<A, ExchangeError> {
        self.requests_count.fetch_add(1, Ordering::Relaxed);
        let up_bytes = request_bytes(&request) + self.transport.added_bytes();
        self.up_bytes.fetch_add(up_bytes, Ordering::Relaxed);
        let answer = self.transport.send(request).await?;
        self.down_bytes.fetch_add(response_bytes(&answer), Ordering::Relaxed);
        read_answer(answer)
    }

    async fn post<A: DeserializeOwned>(&self, path: &str, content: &impl Serialize) -> Result<A, ExchangeError> {
        let content = serde_json::to_string(content).map_err(|_| not_zoufang("a request that is no JSON"))?;
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, body::JSON)
            .body(Bytes::from(content))
            .map_err(|_| not_zoufang("a request that is no HTTP"))?;
        self.exchange(request).await
    }
}

impl<T: Transport> SyncProtocol for HttpProtocol<T> {
    async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolAnswer, ExchangeError> {
        self.post(route::ENROL, request).await
    }

    async fn challenge(&self, request: &ChallengeRequest) -> Result<ChallengeAnswer, ExchangeError> {
        self.post(route::CHALLENGE, request).await
    }

    async fn sign_in(&self, request: &SessionRequest) -> Result<SessionAnswer, ExchangeError> {
        self.post(route::SESSION, request).await
    }

    async fn push(&self, request: &PushRequest) -> Result<PushAnswer, ExchangeError> {
        let mut builder = Request::builder()
            .method(Method::POST)
            .uri(route::PUSH)
            .header(CONTENT_TYPE, body::JSON)
            .header(ACCEPT_ENCODING, body::GZIP)
            .header(header::SIGNATURE, &request.signature)
            .header(header::WAITING, request.waiting.to_header());
        if let Some(token) = &request.token {
            builder = builder.header(AUTHORIZATION, bearer(token));
        }
        let deflated = request.gzip.clone().or_else(|| body::deflate(request.body.as_bytes()));
        let sent = match deflated {
            Some(deflated) => {
                builder = builder.header(CONTENT_ENCODING, body::GZIP);
                Bytes::from(deflated)
            }
            None => Bytes::copy_from_slice(request.body.as_bytes()),
        };
        self.exchange(builder.body(sent).map_err(|_| not_zoufang("a token that is no header"))?).await
    }

    async fn pull(&self, request: &PullRequest) -> Result<PullAnswer, ExchangeError> {
        let built = Request::builder()
            .method(Method::GET)
            .uri(pull_address(request.cursor.as_deref(), request.digest))
            .header(ACCEPT_ENCODING, body::GZIP)
            .header(AUTHORIZATION, bearer(&request.token))
            .header(header::WAITING, request.waiting.to_header());
        let built = match request.lost_areas_count {
            Some(count) => built.header(header::LOST_AREAS, count),
            None => built,
        };
        let built = built.body(Bytes::new()).map_err(|_| not_zoufang("a token that is no header"))?;
        self.exchange(built).await
    }

    fn traffic(&self) -> Traffic {
        Traffic {
            requests_count: self.requests_count.load(Ordering::Relaxed),
            up_bytes: self.up_bytes.load(Ordering::Relaxed),
            down_bytes: self.down_bytes.load(Ordering::Relaxed),
        }
    }
}

impl From<TransportError> for ExchangeError {
    fn from(error: TransportError) -> Self {
        match error {
            TransportError::Unreachable(why) => ExchangeError::Unreachable(why),
            TransportError::WrongCertificate => ExchangeError::WrongCertificate,
            TransportError::NotHttp(what) => ExchangeError::NotZoufang(what),
        }
    }
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

/// The pull's address. The cursor is the server's own text, so everything but plain characters is percent-encoded.
fn pull_address(cursor: Option<&str>, digest: bool) -> String {
    use std::fmt::Write;
    let mut address = String::from(route::PULL);
    let mut joint = '?';
    if let Some(cursor) = cursor {
        address.push_str("?cursor=");
        joint = '&';
        for byte in cursor.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => address.push(char::from(byte)),
                _ => write!(address, "%{byte:02X}").unwrap_or_default(),
            }
        }
    }
    if digest {
        address.push(joint);
        address.push_str("digest=1");
    }
    address
}

/// Sorts an answer: what was asked for, the server's problem, or something that is neither.
fn read_answer<A: DeserializeOwned>(answer: Response<Bytes>) -> Result<A, ExchangeError> {
    let (head, sent) = answer.into_parts();
    let media_type = media_type(&head.headers);
    if head.status == StatusCode::OK && media_type == body::JSON {
        let content = body::inflate(&head.headers, sent)?;
        return serde_json::from_slice(&content).map_err(|error| not_zoufang(shape_of(&error)));
    }
    if media_type == MEDIA_TYPE && (head.status.is_client_error() || head.status.is_server_error()) {
        return Err(read_problem(&head.headers, sent)?);
    }
    Err(ExchangeError::NotZoufang(format!("status {}, {}", head.status.as_u16(), known_media_type(&media_type))))
}

fn read_problem(headers: &HeaderMap, sent: Bytes) -> Result<ExchangeError, ExchangeError> {
    let content = body::inflate(headers, sent)?;
    if content.len() > PROBLEM_MAX_BYTES {
        return Err(not_zoufang("a problem that is too long"));
    }
    let mut problem: Problem = serde_json::from_slice(&content).map_err(|error| not_zoufang(shape_of(&error)))?;
    let is_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'_';
    if problem.id.is_empty() || problem.id.len() > PROBLEM_ID_MAX_BYTES || !problem.id.bytes().all(is_id) {
        return Err(not_zoufang("a problem without an id"));
    }
    let told = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok()).and_then(|text| text.trim().parse().ok());
    problem.retry_after_s = problem.retry_after_s.max(told);
    Ok(ExchangeError::Problem(Box::new(problem)))
}

/// What serde found amiss, without the values that its own message may quote.
fn shape_of(error: &serde_json::Error) -> &'static str {
    match error.classify() {
        serde_json::error::Category::Data => "JSON of another shape",
        serde_json::error::Category::Eof => "JSON that breaks off",
        serde_json::error::Category::Io | serde_json::error::Category::Syntax => "no JSON",
    }
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The media type, if it is one of those that portals and proxies answer: a stranger's text is not repeated.
fn known_media_type(found: &str) -> &'static str {
    ["text/html", "text/plain", body::JSON, MEDIA_TYPE]
        .into_iter()
        .find(|known| *known == found)
        .unwrap_or("another media type")
}

fn not_zoufang(what: &str) -> ExchangeError {
    ExchangeError::NotZoufang(what.to_owned())
}

/// The request's size as HTTP/1.1.
fn request_bytes(request: &Request<Bytes>) -> u64 {
    let line = request.method().as_str().len() + request.uri().to_string().len() + "  HTTP/1.1\r\n".len();
    let length = match request.body().len() {
        0 => 0,
        bytes => "content-length: \r\n".len() + bytes.to_string().len(),
    };
    (line + length + header_bytes(request.headers()) + "\r\n".len() + request.body().len()) as u64
}

/// The answer's size as HTTP/1.1.
fn response_bytes(answer: &Response<Bytes>) -> u64 {
    let reason = answer.status().canonical_reason().unwrap_or_default();
    let line = "HTTP/1.1 200 \r\n".len() + reason.len();
    (line + header_bytes(answer.headers()) + "\r\n".len() + answer.body().len()) as u64
}

fn header_bytes(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}

#[cfg(test)]
mod tests;
