//! The phone's own transport: reqwest, the pinned authority, and a bound on everything that is waited for.

use super::{Transport, TransportError, certificate};
use crate::error::Error;
use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use reqwest::{Client, Url};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use zoufang_domain::wire::limits::ANSWER_MAX_BYTES;
use zoufang_domain::wire::route;

/// How long a connection may take to be made, in milliseconds. A phone at the edge of a cell needs several tries of TCP.
pub const CONNECT_TIMEOUT_MS: u64 = 10_000;
/// How long the server may stay silent, in milliseconds. It answers a full batch within a second.
pub const READ_TIMEOUT_MS: u64 = 30_000;
/// How long one exchange may take in all, in milliseconds: 1 MiB at 10 KiB/s.
pub const EXCHANGE_TIMEOUT_MS: u64 = 120_000;
/// How long an unused connection is kept, in milliseconds: long enough for a save that follows a sync, too short to keep a radio awake.
pub const IDLE_CONNECTION_MS: u64 = 60_000;

/// The name that the phone gives itself.
const USER_AGENT: &str = concat!("zoufang/", env!("CARGO_PKG_VERSION"));

/// What is waited for, at most.
#[derive(Clone, Copy, Debug)]
pub struct Timeouts {
    /// See [`CONNECT_TIMEOUT_MS`].
    pub connect_ms: u64,
    /// See [`READ_TIMEOUT_MS`].
    pub read_ms: u64,
    /// See [`EXCHANGE_TIMEOUT_MS`].
    pub exchange_ms: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Timeouts { connect_ms: CONNECT_TIMEOUT_MS, read_ms: READ_TIMEOUT_MS, exchange_ms: EXCHANGE_TIMEOUT_MS }
    }
}

/// HTTP/1.1 over TLS 1.2 or 1.3 to one server. Keep one for all syncs: its connection stays open between them.
#[derive(Debug)]
pub struct ReqwestTransport {
    client: Client,
    base: Url,
    added_bytes: u64,
    /// Whether the last request was answered, so that its connection may be there for the next.
    has_answered: AtomicBool,
}

impl ReqwestTransport {
    /// For the server at `base_url`, whose certificate must chain to `ca_pem`.
    ///
    /// # Errors
    /// [`Error::Invalid`] with `server_url` (not an address; plain HTTP to anything but this machine; a path or a password in it) or
    /// `server_ca_pem` (missing for HTTPS, or no certificate in it).
    pub fn new(base_url: &str, ca_pem: Option<&str>) -> Result<Self, Error> {
        Self::with_timeouts(base_url, ca_pem, Timeouts::default())
    }

    /// As [`ReqwestTransport::new`], waiting otherwise.
    ///
    /// # Errors
    /// As [`ReqwestTransport::new`].
    pub fn with_timeouts(base_url: &str, ca_pem: Option<&str>, timeouts: Timeouts) -> Result<Self, Error> {
        let base = check_address(base_url)?;
        let tls = match (base.scheme(), ca_pem) {
            ("https", Some(pem)) => certificate::pinned(pem),
            ("https", None) => None,
            _ => certificate::without_authority(),
        };
        let invalid_ca = || Error::Invalid { field: "server_ca_pem".into() };
        let client = build_client(tls.ok_or_else(invalid_ca)?, timeouts).map_err(|_| invalid_ca())?;
        let host_bytes = base.host_str().unwrap_or_default().len()
            + base.port().map_or(0, |port| 1 + port.to_string().len())
            + "host: \r\n".len();
        let own_bytes = "user-agent: \r\naccept: */*\r\n".len() + USER_AGENT.len();
        Ok(ReqwestTransport {
            client,
            base,
            added_bytes: (host_bytes + own_bytes) as u64,
            has_answered: AtomicBool::new(false),
        })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, reqwest::Error> {
        let (head, content) = request.into_parts();
        let mut address = self.base.clone();
        address.set_path(head.uri.path());
        address.set_query(head.uri.query());
        let mut sent = self.client.request(head.method, address).headers(head.headers);
        if !content.is_empty() {
            sent = sent.body(content);
        }
        let mut answer = sent.send().await?;
        let mut received = BytesMut::new();
        while received.len() <= ANSWER_MAX_BYTES {
            let Some(chunk) = answer.chunk().await? else { break };
            received.extend_from_slice(&chunk);
        }
        // One that is too long is cut where it became so; `super::body` refuses it by its length.
        let mut response = Response::new(received.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl Transport for ReqwestTransport {
    /// A connection that was kept may have died unseen (a tunnel, an address that changed): the first request on it breaks, and one that
    /// changes nothing when it is sent twice is sent once more, over a new connection.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let again = self.has_answered.load(Ordering::Relaxed).then(|| repeated(&request)).flatten();
        let mut answer = self.exchange(request).await.map_err(|error| sort(&error));
        let broke = matches!(&answer, Err(TransportError::Unreachable(why)) if why == BROKE);
        if let Some(again) = again.filter(|_| broke) {
            answer = self.exchange(again).await.map_err(|error| sort(&error));
        }
        self.has_answered.store(answer.is_ok(), Ordering::Relaxed);
        answer
    }

    fn added_bytes(&self) -> u64 {
        self.added_bytes
    }
}

/// A request that may be sent twice, for the second time: a pull changes nothing, and a push is known by its counters.
fn repeated(request: &Request<Bytes>) -> Option<Request<Bytes>> {
    matches!(request.uri().path(), route::PULL | route::PUSH).then(|| request.clone())
}

/// The one place where a client is built. No proxy from the environment or the system is used: a phone talks to its server or not at all,
/// and what a proxy sees is nobody's business. No redirect is followed: the server has none, so whoever redirects is somebody else.
#[expect(clippy::disallowed_methods, reason = "the one function that pins the authority and sets the timeouts")]
fn build_client(tls: rustls::ClientConfig, timeouts: Timeouts) -> reqwest::Result<Client> {
    Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .referer(false)
        .http1_only()
        .user_agent(USER_AGENT)
        .connect_timeout(Duration::from_millis(timeouts.connect_ms))
        .read_timeout(Duration::from_millis(timeouts.read_ms))
        .timeout(Duration::from_millis(timeouts.exchange_ms))
        .pool_idle_timeout(Duration::from_millis(IDLE_CONNECTION_MS))
        .pool_max_idle_per_host(1)
        .build()
}

/// HTTPS anywhere; plain HTTP on this machine only. A name in Chinese stands in its ASCII form (`xn--…`), as the certificate has it: the table that would make
/// one of the other is 60 KB (2026-11-27).
fn check_address(base_url: &str) -> Result<Url, Error> {
    let invalid = || Error::Invalid { field: "server_url".into() };
    let base = Url::parse(base_url).map_err(|_| invalid())?;
    let is_plain_address = base.path() == "/"
        && base.query().is_none()
        && base.fragment().is_none()
        && base.username().is_empty()
        && base.password().is_none();
    let is_safe = match base.scheme() {
        "https" => base.host_str().is_some(),
        "http" => base.host_str().is_some_and(is_loopback),
        _ => false,
    };
    if is_plain_address && is_safe { Ok(base) } else { Err(invalid()) }
}

fn is_loopback(host: &str) -> bool {
    let number = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || number.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The connection ended in the midst of an exchange.
const BROKE: &str = "the connection broke";

/// What went wrong, by what the person can do about it. Addresses are left out: an error may be shown and logged.
fn sort(error: &reqwest::Error) -> TransportError {
    if let Some(tls) = find_tls(error) {
        return match tls {
            rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                TransportError::WrongCertificate
            }
            _ => TransportError::NotHttp("TLS that fails".into()),
        };
    }
    let unreachable = |why: &str| TransportError::Unreachable(why.to_owned());
    match error {
        _ if error.is_timeout() => unreachable("no answer in time"),
        _ if error.is_connect() => unreachable("nothing answers"),
        _ if is_not_http(error) => TransportError::NotHttp("no HTTP".into()),
        _ => unreachable(BROKE),
    }
}

/// The TLS error in a chain of causes. `io::Error` hides what it wraps from `source()`, so it is asked by itself.
fn find_tls<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls);
    }
    let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    match inner {
        Some(inner) => find_tls(inner),
        None => error.source().and_then(find_tls),
    }
}

/// Whether the bytes that came were no HTTP. hyper is not a dependency of this crate, so its error is known by its words only.
fn is_not_http(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(one) = cause {
        if one.to_string().starts_with("invalid HTTP") || one.to_string().contains("message head is too large") {
            return true;
        }
        cause = one.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine_and_https_needs_its_authority() {
        for local in ["http://127.0.0.1:8080", "http://localhost", "http://[::1]:9", "http://127.9.9.9/"] {
            assert!(ReqwestTransport::new(local, None).is_ok(), "{local}");
        }
        let refused = |url: &str, ca: Option<&str>| match ReqwestTransport::new(url, ca) {
            Err(Error::Invalid { field }) => field,
            other => panic!("{url}: {:?}", other.map(|_| ())),
        };
        for url in [
            "http://192.168.1.5",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "ftp://127.0.0.1",
            "nonsense",
            "",
            "https://user:secret@example.com",
            "https://example.com/path",
            "https://example.com/?q",
            "file:///etc",
            "https://走访.example.com",
        ] {
            assert_eq!(refused(url, None), "server_url", "{url}");
        }
        assert_eq!(refused("https://xn--rd3a76a.example.com", None), "server_ca_pem", "the address itself is sound");
        for ca in [None, Some(""), Some("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")] {
            assert_eq!(refused("https://example.com", ca), "server_ca_pem");
        }
    }
}
