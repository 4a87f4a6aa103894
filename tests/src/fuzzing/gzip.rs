//! Gzip, as the server inflates a push and the phone an answer: never past the bound, whatever the bytes claim.

use super::{Seen, desk, roughly, seen};
use bytes::Bytes;
use http::{Request, Response, header};
use std::io::{Read, Write};
use zoufang_core::sync::http::{HttpProtocol, Transport, TransportError};
use zoufang_domain::wire::SyncProtocol;
use zoufang_domain::wire::limits::{ANSWER_MAX_BYTES, PUSH_DECODED_MAX_BYTES};
use zoufang_domain::wire::pull::PullRequest;
use zoufang_domain::wire::push::Waiting;
use zoufang_sync_server::ledger::{InflateError, inflate};

pub(super) const WORDS: &[&str] =
    &["\u{1f}", "\u{8}", "\0\0\0\0", "rows", "is", "gone", "cursor", "epoch", "server_time", "complete"];
/// Bounds to inflate to, the smallest first.
const BOUNDS_BYTES: [usize; 5] = [0, 1, 1_000, 65_536, PUSH_DECODED_MAX_BYTES];

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let (push, pulled) = desk::with(|desk| (desk.request("push").body().to_vec(), desk.pulled.clone()));
    let bomb = packed(&vec![b' '; PUSH_DECODED_MAX_BYTES + 1]);
    let two = [packed(b"one "), packed(b"and another")].concat();
    vec![("push", push), ("pull", packed(&pulled)), ("bomb", bomb), ("two-members", two), ("empty", packed(b""))]
}

pub(super) fn run(input: &[u8]) -> Seen {
    let mut before: Option<Vec<u8>> = None;
    let mut shown = Vec::new();
    for bound in BOUNDS_BYTES {
        match inflate(input, bound) {
            Ok(decoded) => {
                assert!(decoded.len() <= bound, "{} bytes where {bound} are allowed", decoded.len());
                assert!(before.as_ref().is_none_or(|smaller| *smaller == decoded), "another content by another bound");
                shown.push(("whole", roughly(decoded.len())));
                before = Some(decoded);
            }
            Err(InflateError::TooLarge) => {
                assert!(before.is_none(), "too large for the larger bound");
                shown.push(("too large", 0));
            }
            Err(InflateError::Damaged) => {
                assert!(before.is_none(), "damaged by the larger bound");
                shown.push(("damaged", 0));
            }
        }
    }
    if let Some(decoded) = &before {
        let mut reference = Vec::new();
        flate2::read::GzDecoder::new(input).read_to_end(&mut reference).expect("the reference reads it too");
        assert_eq!(*decoded, reference);
        assert_eq!(inflate(&packed(decoded), decoded.len()).as_ref(), Ok(decoded), "packed again it is another");
    }
    let answered = as_answer(input);
    seen((shown, answered))
}

/// The same bytes as the answer to a phone's pull.
fn as_answer(input: &[u8]) -> String {
    let protocol = HttpProtocol::new(Canned(Bytes::copy_from_slice(input)));
    let request = PullRequest {
        token: "t".to_owned(),
        cursor: None,
        digest: true,
        waiting: Waiting::default(),
        lost_areas_count: None,
    };
    let outcome = desk::with(|desk| desk.runtime.block_on(protocol.pull(&request)));
    match outcome {
        Ok(answer) => {
            let bytes_count: usize = answer
                .rows
                .iter()
                .map(|row| match row {
                    zoufang_domain::wire::pull::Row::Is(raw) => raw.get().len(),
                    zoufang_domain::wire::pull::Row::Gone { .. } => 0,
                })
                .sum();
            assert!(bytes_count <= ANSWER_MAX_BYTES, "an answer past its bound");
            format!("answer {} {}", roughly(answer.rows.len()), answer.complete)
        }
        Err(error) => error.to_string(),
    }
}

/// A server that says one thing.
struct Canned(Bytes);

impl Transport for Canned {
    async fn send(&self, _request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let mut answer = Response::new(self.0.clone());
        answer.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
        if self.0.starts_with(&[0x1f, 0x8b]) {
            answer.headers_mut().insert(header::CONTENT_ENCODING, http::HeaderValue::from_static("gzip"));
        }
        Ok(answer)
    }
}

fn packed(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}
