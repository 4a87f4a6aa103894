use super::*;
use crate::error::Error;
use flate2::Compression;
use flate2::write::GzEncoder;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, mpsc};
use std::thread;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::wire::limits::ANSWER_MAX_BYTES;
use zoufang_domain::wire::push::Waiting;

const QUICK: Timeouts = Timeouts { connect_ms: 2_000, read_ms: 200, exchange_ms: 1_000 };

/// Reads one request whole, as far as its length says.
fn read_request(stream: &mut impl Read) -> Option<Vec<u8>> {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        request.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&request).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    request.extend(body);
    Some(request)
}

/// A server that gives each request the same bytes, and the requests that it got.
fn serve(answer: impl Into<Vec<u8>>) -> (String, mpsc::Receiver<Vec<u8>>) {
    let answer = answer.into();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            while let Some(request) = read_request(&mut stream) {
                let is_heard = tell.send(request).is_ok() && stream.write_all(&answer).is_ok();
                if !is_heard {
                    return;
                }
            }
        }
    });
    (url, told)
}

fn response(status: &str, headers: &str, content: &[u8]) -> Vec<u8> {
    let mut response = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n", content.len()).into_bytes();
    response.extend_from_slice(content);
    response
}

fn json(content: &str) -> Vec<u8> {
    response("200 OK", "content-type: application/json\r\n", content.as_bytes())
}

fn zipped(plain: impl Read) -> Vec<u8> {
    let mut plain = plain;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    std::io::copy(&mut plain, &mut encoder).unwrap();
    encoder.finish().unwrap()
}

fn client(url: &str) -> HttpProtocol<ReqwestTransport> {
    HttpProtocol::new(ReqwestTransport::with_timeouts(url, None, QUICK).unwrap())
}

fn pull_request() -> PullRequest {
    PullRequest {
        token: "dG9rZW4=".into(),
        cursor: None,
        digest: false,
        waiting: Waiting::default(),
        lost_areas_count: Some(0),
    }
}

async fn pull(answer: impl Into<Vec<u8>>) -> Result<PullAnswer, ExchangeError> {
    let (url, _told) = serve(answer);
    client(&url).pull(&pull_request()).await
}

const NOTHING_NEW: &str = r#"{"epoch":1,"server_time":"0000000000000001","cursor":"c","complete":true}"#;

#[tokio::test]
async fn nothing_new_is_one_small_round_trip_over_one_connection() {
    let (url, told) = serve(json(NOTHING_NEW));
    let protocol = client(&url);
    let request = PullRequest { cursor: Some("a+b/c=".into()), digest: true, ..pull_request() };
    let answer = protocol.pull(&request).await.unwrap();
    assert!(answer.complete && answer.rows.is_empty());
    let sent = told.recv().unwrap();
    let text = String::from_utf8(sent.clone()).unwrap();
    assert!(text.starts_with("GET /api/v1/sync/pull?cursor=a%2Bb%2Fc%3D&digest=1 HTTP/1.1\r\n"), "{text}");
    for header in ["authorization: Bearer dG9rZW4=", "x-zoufang-waiting: 0", "accept-encoding: gzip"] {
        assert!(text.contains(&format!("{header}\r\n")), "{text}");
    }
    let traffic = protocol.traffic();
    assert_eq!(traffic.requests_count, 1);
    assert_eq!(traffic.up_bytes, sent.len() as u64, "counted as sent: {text}");
    assert_eq!(traffic.down_bytes, json(NOTHING_NEW).len() as u64);
    assert!(traffic.up_bytes + traffic.down_bytes < 600, "{traffic:?}");
    protocol.pull(&request).await.unwrap();
    assert_eq!(protocol.traffic().requests_count, 2);
}

#[tokio::test]
async fn a_push_is_zipped_when_it_pays_and_counted_as_sent() {
    let answer = r#"{"epoch":1,"server_time":"0000000000000001","acknowledged":3,"verdicts":[]}"#;
    let (url, told) = serve(json(answer));
    let protocol = client(&url);
    let long = format!("{{\"note\":\"{}\"}}", "走访记录".repeat(500));
    let request = |body: &str| PushRequest {
        body: body.into(),
        signature: "c2ln".into(),
        token: Some("dG9rZW4=".into()),
        waiting: Waiting { unsent_count: 2, oldest_ms: Some(5) },
        gzip: None,
    };
    assert_eq!(protocol.push(&request(&long)).await.unwrap().acknowledged, 3);
    let sent = told.recv().unwrap();
    let split = sent.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&sent[..split]).into_owned();
    assert!(head.contains("content-encoding: gzip\r\n") && head.contains("x-zoufang-signature: c2ln\r\n"), "{head}");
    assert!(head.contains("x-zoufang-waiting: 2;5\r\n"), "{head}");
    let mut plain = String::new();
    flate2::read::GzDecoder::new(&sent[split..]).read_to_string(&mut plain).unwrap();
    assert_eq!(plain, long, "the signature covers these bytes");
    assert_eq!(protocol.traffic().up_bytes, sent.len() as u64, "{head}");

    protocol.push(&PushRequest { token: None, ..request("{}") }).await.unwrap();
    let small = String::from_utf8(told.recv().unwrap()).unwrap();
    assert!(small.ends_with("\r\n\r\n{}") && !small.contains("content-encoding"), "{small}");
    assert!(!small.contains("authorization"), "{small}");
}

#[tokio::test]
async fn what_is_not_the_server_is_told_apart() {
    let html = b"<html>Sign in to the Wi-Fi</html>";
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("a portal's page", response("200 OK", "content-type: text/html; charset=utf-8\r\n", html)),
        ("a portal's redirect", response("302 Found", "location: http://127.0.0.1:1/login\r\n", b"")),
        ("a proxy's error page", response("502 Bad Gateway", "content-type: text/html\r\n", html)),
        ("JSON as something else", response("200 OK", "content-type: text/plain\r\n", NOTHING_NEW.as_bytes())),
        ("no type", response("200 OK", "", NOTHING_NEW.as_bytes())),
        ("not JSON", json("hello")),
        ("half of the JSON", json(&NOTHING_NEW[..20])),
        ("other JSON", json(r#"{"ok":true}"#)),
        ("an unknown encoding", response("200 OK", "content-type: application/json\r\ncontent-encoding: br\r\n", b"x")),
        (
            "broken gzip",
            response("200 OK", "content-type: application/json\r\ncontent-encoding: gzip\r\n", b"nonsense"),
        ),
        ("another success", response("204 No Content", "content-type: application/json\r\n", b"")),
        ("not HTTP", b"SSH-2.0-OpenSSH_9.2\r\n\r\n".to_vec()),
        (
            "a problem without an id",
            response("400 Bad Request", "content-type: application/problem+json\r\n", br#"{"title":"no"}"#),
        ),
        (
            "a problem whose id is a text",
            response(
                "400 Bad Request",
                "content-type: application/problem+json\r\n",
                br#"{"type":"x","id":"<b>call me</b>","status":400,"title":"","detail":""}"#,
            ),
        ),
    ];
    for (name, answer) in cases {
        let outcome = pull(answer).await;
        assert!(matches!(outcome, Err(ExchangeError::NotZoufang(_))), "{name}: {outcome:?}");
    }
}

/// A server that answers the first request of each connection and hangs up on the second, as a line does that died unseen.
fn serve_once_a_connection(answer: Vec<u8>) -> (String, mpsc::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            for is_answered in [true, false] {
                let Some(request) = read_request(&mut stream) else { break };
                let is_heard = tell.send(request).is_ok();
                if !is_answered || !is_heard || stream.write_all(&answer).is_err() {
                    break;
                }
            }
        }
    });
    (url, told)
}

#[tokio::test]
async fn a_connection_that_died_while_it_was_kept_costs_no_sync() {
    let (url, told) = serve_once_a_connection(json(NOTHING_NEW));
    let client = client(&url);
    for _ in 0..3 {
        client.pull(&pull_request()).await.unwrap();
    }
    assert_eq!(told.try_iter().count(), 5, "the second and the third broke and were sent again");
    // What must not be repeated is not: a nonce is signed for one sign-in.
    let challenge = client.challenge(&ChallengeRequest { device: DeviceId(uuid::Uuid::from_u128(7)) }).await;
    assert!(matches!(challenge, Err(ExchangeError::Unreachable(_))), "{challenge:?}");
    assert_eq!(told.try_iter().count(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, told) = serve(json(NOTHING_NEW));
    let redirect = response("307 Temporary Redirect", &format!("location: {elsewhere}/api/v1/sync/pull\r\n"), b"");
    assert!(matches!(pull(redirect).await, Err(ExchangeError::NotZoufang(_))));
    assert!(told.try_recv().is_err(), "the token went nowhere else");
}

#[tokio::test]
async fn bombs_and_endless_answers_are_left() {
    let bomb = zipped(std::io::repeat(b' ').take(ANSWER_MAX_BYTES as u64 + 2));
    assert!(bomb.len() < 200_000);
    let zipped_head = "content-type: application/json\r\ncontent-encoding: gzip\r\n";
    let outcome = pull(response("200 OK", zipped_head, &bomb)).await;
    assert_eq!(outcome.unwrap_err(), ExchangeError::NotZoufang("an answer that inflates too far".into()));
    // A trailer that says another length gets no memory and no answer.
    for said in [0, 7, 5_000_000, ANSWER_MAX_BYTES as u32 + 1, u32::MAX] {
        let mut lying = zipped(NOTHING_NEW.as_bytes());
        let end = lying.len() - 4;
        lying[end..].copy_from_slice(&said.to_le_bytes());
        let outcome = pull(response("200 OK", zipped_head, &lying)).await;
        assert!(matches!(outcome, Err(ExchangeError::NotZoufang(_))), "{said}");
    }
    let long = vec![b' '; ANSWER_MAX_BYTES + 1];
    let outcome = pull(response("200 OK", "content-type: application/json\r\n", &long)).await;
    assert_eq!(outcome.unwrap_err(), ExchangeError::NotZoufang("an answer that is too long".into()));
    let largest = zipped(NOTHING_NEW.as_bytes().chain(std::io::repeat(b' ').take(1_000_000)));
    assert!(pull(response("200 OK", zipped_head, &largest)).await.unwrap().complete);
}

#[tokio::test]
async fn problems_keep_their_id_and_the_time_to_wait() {
    let content = r#"{"type":"about:zoufang/server.busy","id":"server.busy","status":503,"title":"t","detail":"d"}"#;
    let head = "content-type: application/problem+json; charset=utf-8\r\nretry-after: 90\r\n";
    match pull(response("503 Service Unavailable", head, content.as_bytes())).await.unwrap_err() {
        ExchangeError::Problem(problem) => {
            assert_eq!((problem.id.as_str(), problem.status, problem.retry_after_s), ("server.busy", 503, Some(90)));
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn silence_a_trickle_and_a_closed_door_are_unreachable() {
    let slow = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n{".to_vec();
    for answer in [slow, Vec::new()] {
        let outcome = pull(answer).await;
        assert_eq!(outcome.unwrap_err(), ExchangeError::Unreachable("no answer in time".into()));
    }
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let outcome = client(&closed).pull(&pull_request()).await;
    assert_eq!(outcome.unwrap_err(), ExchangeError::Unreachable("nothing answers".into()));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            read_request(&mut stream);
            stream.shutdown(Shutdown::Both).unwrap();
        }
    });
    assert!(matches!(client(&url).pull(&pull_request()).await, Err(ExchangeError::Unreachable(_))));
}

/// A certificate authority, and a certificate by it for 127.0.0.1 with these years.
struct Authority {
    ca_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let ca_pem = params.self_signed(&key).unwrap().pem();
        Authority { ca_pem, issuer: Issuer::new(params, key) }
    }

    /// Serves over TLS with a certificate for `name`, valid in those years.
    fn serve(&self, name: &str, years: (i32, i32)) -> String {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
        params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                answer_tls(stream, Arc::clone(&config));
            }
        });
        format!("https://127.0.0.1:{port}")
    }
}

fn answer_tls(stream: TcpStream, config: Arc<rustls::ServerConfig>) {
    let mut stream = rustls::StreamOwned::new(rustls::ServerConnection::new(config).unwrap(), stream);
    while read_request(&mut stream).is_some() {
        if stream.write_all(&json(NOTHING_NEW)).is_err() {
            return;
        }
    }
}

async fn pull_tls(url: &str, ca_pem: &str) -> Result<PullAnswer, ExchangeError> {
    let transport = ReqwestTransport::with_timeouts(url, Some(ca_pem), QUICK).unwrap();
    HttpProtocol::new(transport).pull(&pull_request()).await
}

#[tokio::test]
async fn only_the_pinned_authority_is_believed() {
    let (own, strange) = (Authority::new(), Authority::new());
    let url = own.serve("127.0.0.1", (2026, 2036));
    assert!(pull_tls(&url, &own.ca_pem).await.is_ok());
    assert_eq!(pull_tls(&url, &strange.ca_pem).await.unwrap_err(), ExchangeError::WrongCertificate);
    let another_name = own.serve("127.0.0.2", (2026, 2036));
    assert_eq!(pull_tls(&another_name, &own.ca_pem).await.unwrap_err(), ExchangeError::WrongCertificate);
}

#[tokio::test]
async fn no_clock_keeps_work_on_the_phone() {
    let (own, strange) = (Authority::new(), Authority::new());
    for years in [(1990, 1991), (2090, 2091)] {
        let url = own.serve("127.0.0.1", years);
        assert!(pull_tls(&url, &own.ca_pem).await.is_ok(), "{years:?}");
        assert_eq!(pull_tls(&url, &strange.ca_pem).await.unwrap_err(), ExchangeError::WrongCertificate);
    }
}

#[tokio::test]
async fn plain_http_behind_a_tls_address_is_no_server() {
    let (url, _told) = serve(json(NOTHING_NEW));
    let outcome = pull_tls(&url.replace("http:", "https:"), &Authority::new().ca_pem).await;
    assert!(matches!(outcome, Err(ExchangeError::NotZoufang(_) | ExchangeError::Unreachable(_))), "{outcome:?}");
}

/// A transport without a network, as a test mounts a router.
struct Echo;

impl Transport for Echo {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        assert_eq!(request.uri().path(), route::CHALLENGE);
        let asked: ChallengeRequest = serde_json::from_slice(request.body()).unwrap();
        let content = format!("{{\"nonce\":\"{}\"}}", asked.device);
        let response = Response::builder().header(CONTENT_TYPE, "application/json").body(Bytes::from(content));
        Ok(response.unwrap())
    }
}

#[tokio::test]
async fn any_transport_will_do() {
    let device = DeviceId(uuid::Uuid::from_u128(7));
    let answer = HttpProtocol::new(Echo).challenge(&ChallengeRequest { device }).await.unwrap();
    assert_eq!(answer.nonce, device.to_string());
    assert!(matches!(ReqwestTransport::new("http://example.com", None), Err(Error::Invalid { .. })));
}
