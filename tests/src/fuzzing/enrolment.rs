//! What a stranger may send to join: an enrolment with a code, and the picture that a phone reads it from.

use super::desk::{self, Desk};
use super::{Seen, seen};
use std::sync::LazyLock;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::ports::{Signer, SoftwareSigner};
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, fingerprint, proof_text};
use zoufang_domain::wire::limits::{REQUEST_MAX_BYTES, nests_too_deep};
use zoufang_domain::wire::version;
use zoufang_sync_server::http::limits::Limits;
use zoufang_sync_server::problem::Problem;
use zoufang_sync_server::store::Transaction;
use zoufang_sync_server::{enrol, signature};

pub(super) const WORDS: &[&str] = &[
    "protocol",
    "code",
    "public_key",
    "proof",
    "platform",
    "app_version",
    "v",
    "url",
    "ca",
    "https://",
    "http://127.0.0.1:1",
    "-",
    "O",
    "I",
    "L",
    "0",
    "1",
    "BEGIN CERTIFICATE",
];

/// What is seen when a phone joins.
const JOINED: &str = "joined";
/// The key of a phone that joins. Any will do, since a proof holds wherever its key goes with it.
static JOINING: LazyLock<SoftwareSigner> =
    LazyLock::new(|| SoftwareSigner::generate().expect("the machine has randomness"));

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    desk::with(|desk| {
        let (public_key, proof) = proven(&desk.code);
        let request = EnrolRequest {
            protocol: version::CURRENT,
            code: desk.code.clone(),
            public_key,
            proof,
            platform: "android 14".to_owned(),
            app_version: "0.1.0".to_owned(),
            returning: None,
        };
        let joined = serde_json::to_vec(&request).expect("JSON");
        let picture = enrol::qr_payload("http://127.0.0.1:9", None, &desk.code).into_bytes();
        // The phone's own, whose code is used up and whose key is enrolled.
        vec![("joins", joined), ("joined-before", desk.request("enrol").body().to_vec()), ("picture", picture)]
    })
}

pub(super) fn run(input: &[u8]) -> Seen {
    desk::with(|desk| {
        let picture = std::str::from_utf8(input).map(EnrolInput::from_qr);
        if let Ok(Ok(read)) = &picture {
            assert!(
                is_trusted(read),
                "a picture that leads a phone over the network without a certificate: {}",
                read.server_url
            );
        }
        let is_picture = matches!(picture, Ok(Ok(_)));
        if input.len() > REQUEST_MAX_BYTES || nests_too_deep(input) {
            return seen(("too much", is_picture));
        }
        let Ok(request) = serde_json::from_slice::<EnrolRequest>(input) else {
            return seen(("no request", is_picture));
        };
        let as_sent = tried(desk, &request);
        // As a stranger would: whatever the code, with a key and a proof of the stranger's own.
        let (public_key, proof) = proven(&request.code);
        let mut stranger = EnrolRequest { public_key, proof, ..request };
        if stranger.returning.is_some() {
            let proof = JOINING.sign(stranger.proof_text().as_bytes()).expect("the key signs");
            stranger.proof = signature::to_base64(&proof);
        }
        let as_stranger = tried(desk, &stranger);
        seen((as_sent, as_stranger))
    })
}

/// A key with its proof for a code.
fn proven(code: &str) -> (String, String) {
    let public_key = signature::to_base64(&JOINING.public_key());
    let proof = JOINING.sign(proof_text(code, &public_key).as_bytes()).expect("the key signs");
    (public_key, signature::to_base64(&proof))
}

/// What came of it: the refusal's id, or that the phone joined.
fn tried(desk: &Desk, request: &EnrolRequest) -> &'static str {
    desk.undone(|tx| match joined(desk, tx, request) {
        Err(problem) => {
            assert!(problem.status < 500, "{problem}");
            problem.id
        }
        Ok(answer) => {
            hold_to_the_code(desk, request, &answer);
            let again = joined(desk, tx, request).expect("an answer that was lost is given again");
            assert_eq!(again.device, answer.device, "one code, two phones");
            JOINED
        }
    })
}

/// Over the network only with a certificate to trust; without one to this machine alone.
fn is_trusted(read: &EnrolInput) -> bool {
    // What is connected to is what this parser says, and it is lenient: `http:127.1` is this machine.
    let Ok(address) = reqwest::Url::parse(&read.server_url) else { return false };
    let host = address.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    is_loopback || address.scheme() == "https" && read.ca_pem.is_some()
}

fn joined(desk: &Desk, tx: &Transaction<'_>, request: &EnrolRequest) -> Result<EnrolAnswer, Problem> {
    let app = &desk.server.app;
    let limits = Limits::default();
    enrol::enrol(tx, app.random.as_ref(), &limits, desk.server.now_ms(), request).expect("the store does not fail")
}

/// Nobody joins but with a code that was handed out and a key that is their own.
fn hold_to_the_code(desk: &Desk, request: &EnrolRequest, answer: &EnrolAnswer) {
    let handed_out = [desk.code.clone(), used(desk)].map(|code| letters(&code));
    assert!(handed_out.contains(&letters(&request.code)), "a code that nobody made: {:?}", request.code);
    let key = signature::from_base64(&request.public_key).expect("a key");
    let proof = signature::from_base64(&request.proof).expect("a proof");
    assert!(signature::verify(&key, request.proof_text().as_bytes(), &proof), "a key without its proof");
    assert_eq!(answer.fingerprint, fingerprint(&request.public_key, &request.code));
}

fn used(desk: &Desk) -> String {
    let sent: EnrolRequest = serde_json::from_slice(desk.request("enrol").body()).expect("the phone's own request");
    sent.code
}

/// A code as it is meant, however it is typed.
fn letters(code: &str) -> String {
    let kept = code.chars().filter(|letter| !letter.is_whitespace() && *letter != '-');
    kept.map(|letter| match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    })
    .collect()
}
