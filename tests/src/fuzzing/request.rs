//! Whole requests through the real router: method, address, headers and body, with or without what makes them genuine.

use super::desk::{self, Desk};
use super::{Seen, seen};
use axum::body::Body;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header};
use http_body_util::BodyExt;
use std::sync::Arc;
use tower::ServiceExt;
use zoufang_domain::message;
use zoufang_domain::wire::limits::PUSH_DECODED_MAX_BYTES;
use zoufang_domain::wire::problem::{MEDIA_TYPE, Problem};
use zoufang_domain::wire::route;
use zoufang_sync_server::device::Status;
use zoufang_sync_server::ledger;

pub(super) const WORDS: &[&str] = &[
    "GET",
    "POST",
    "PUT",
    "HEAD",
    "/api/v1/sync/push",
    "/api/v1/sync/pull",
    "/api/v1/session",
    "/api/v1/enrol",
    "/api/v1/health",
    "?cursor=",
    "&digest=1",
    "authorization: Bearer ",
    "content-encoding: gzip",
    "content-encoding: br",
    "x-zoufang-signature: ",
    "x-zoufang-waiting: 1;2",
    "accept-encoding: gzip;q=0",
    "accept-language: en",
    "%00",
    "\r\n",
    "Basic ",
    "content-length: 0",
];
/// Largest answer to a request of this size, in bytes: a page of the desk's records is far smaller.
const ANSWER_MAX_BYTES: usize = 1024 * 1024;

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    desk::with(|desk| {
        let named = [("push", "push"), ("pull", "pull"), ("enrol", "enrol"), ("challenge", "challenge")];
        let of = |path: &str| written(desk.request(path));
        let mut seeds: Vec<_> = named.iter().map(|(name, path)| (*name, of(path))).collect();
        let session = desk.requests.iter().find(|request| request.uri().path() == route::SESSION);
        // Not packed, so that what is changed in it is still read.
        let push = desk.request("push");
        let text = ledger::inflate(push.body(), PUSH_DECODED_MAX_BYTES).expect("the phone sends gzip");
        let mut plain = push.clone();
        plain.headers_mut().remove(header::CONTENT_ENCODING);
        *plain.body_mut() = Bytes::from(text);
        seeds.push(("push-plain", written(&plain)));
        seeds.extend(session.map(|request| ("session", written(request))));
        seeds
    })
}

/// A request as the inputs hold it: a line with method and address, lines with headers, an empty line, the body.
fn written(request: &Request<Bytes>) -> Vec<u8> {
    let mut bytes = format!("{} {}\n", request.method(), request.uri()).into_bytes();
    for (name, value) in request.headers() {
        bytes.extend_from_slice(name.as_str().as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value.as_bytes());
        bytes.push(b'\n');
    }
    bytes.push(b'\n');
    bytes.extend_from_slice(request.body());
    bytes
}

/// What HTTP itself would let through of an input.
fn read(input: &[u8]) -> Option<Request<Bytes>> {
    let end = input.windows(2).position(|pair| pair == b"\n\n")?;
    let (head, body) = (&input[..end], &input[end + 2..]);
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = std::str::from_utf8(lines.next()?).ok()?;
    let (method, address) = first.split_once(' ')?;
    let mut request = Request::new(Bytes::copy_from_slice(body));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
    *request.uri_mut() = address.parse::<Uri>().ok()?;
    for line in lines {
        let at = line.windows(2).position(|pair| pair == b": ")?;
        let name = HeaderName::from_bytes(&line[..at]).ok()?;
        request.headers_mut().append(name, HeaderValue::from_bytes(&line[at + 2..]).ok()?);
    }
    request.headers_mut().insert(header::HOST, HeaderValue::from_static("zoufang.test"));
    Some(request)
}

pub(super) fn run(input: &[u8]) -> Seen {
    let Some(request) = read(input) else { return seen("no HTTP") };
    // Passwords cost 50 ms each by design, and would be all that this target does.
    if !request.uri().path().starts_with("/api/") {
        return seen("not the phones' routes");
    }
    desk::with(|desk| {
        let (path, method) = (request.uri().path().to_owned(), request.method().clone());
        let sent = request.body().clone();
        let before = ledger_state(desk);
        let (status, media_type, body) = answer(desk, request);
        assert!(body.len() <= ANSWER_MAX_BYTES, "{} bytes", body.len());
        assert!(!status.is_server_error(), "{method} {path}: {status}");
        if ledger_state(desk) != before {
            assert!(is_genuine(desk, &sent), "something that the phone never signed was taken for its word");
        }
        let id = if media_type == MEDIA_TYPE && method != Method::HEAD {
            let problem: Problem = serde_json::from_slice(&body).expect("a problem is JSON");
            assert!(message::exists(&problem.id) && problem.status == status.as_u16(), "{problem:?}");
            problem.id
        } else {
            String::new()
        };
        let known = [route::ENROL, route::CHALLENGE, route::SESSION, route::PUSH, route::PULL]
            .iter()
            .position(|one| *one == path);
        let method = [Method::GET, Method::POST, Method::HEAD].iter().position(|one| *one == method);
        seen((known, method, status.as_u16(), id))
    })
}

fn answer(desk: &Desk, request: Request<Bytes>) -> (StatusCode, String, Vec<u8>) {
    let router = zoufang_sync_server::build_router(Arc::clone(&desk.server.app));
    desk.runtime.block_on(async {
        let answer = router.oneshot(request.map(Body::from)).await.unwrap_or_else(|never| match never {});
        let (head, body) = answer.into_parts();
        let media_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = media_type.unwrap_or_default().to_owned();
        (head.status, media_type, body.collect().await.expect("the body comes").to_bytes().to_vec())
    })
}

/// What a push may change: the batches and the quarantine of the ledger, and where the phone stands. What is genuine stays, and is known
/// from then on.
fn ledger_state(desk: &Desk) -> (i64, i64, Status) {
    let batches_count = desk.server.count("SELECT count(*) FROM ledger_batch WHERE length(signature) > 0");
    (batches_count, desk.server.count("SELECT count(*) FROM quarantine"), desk.phone().status)
}

/// Whether a body is the one text that the phone signed, packed however it may be.
fn is_genuine(desk: &Desk, sent: &[u8]) -> bool {
    let plain = |body: &[u8]| match ledger::is_gzip(body) {
        true => ledger::inflate(body, PUSH_DECODED_MAX_BYTES).ok(),
        false => Some(body.to_vec()),
    };
    plain(sent).is_some_and(|sent| Some(sent) == plain(desk.request("push").body()))
}
