//! Bodies in and out: bounded as they come, bounded again while they inflate, compressed where that is smaller.

use crate::ledger::is_gzip;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use libdeflater::{CompressionLvl, Compressor};
use serde::de::DeserializeOwned;
use zoufang_domain::wire::limits::{REQUEST_MAX_BYTES, nests_too_deep};

/// Answers below this stay as they are: gzip's own 18 bytes and tables eat what little there is to gain.
const COMPRESS_FROM_BYTES: usize = 512;
/// libdeflate level for answers. 614,798 bytes of visits (2026-11-26, medians of 15 with priority): level 1 leaves 20.1 % in 1.3 ms, 2 leaves
/// 20.4 % in 2.1 ms, 6 leaves 19.6 % in 4.4 ms; zlib-rs leaves 20.2 % in 2.6 ms at level 3 and 27.4 % in 1.2 ms at level 1.
const ANSWER_LEVEL: i32 = 1;

/// Reads a body of at most so many bytes as sent.
///
/// # Errors
/// `request.too_large`; `request.malformed` when the connection ends early.
pub(super) async fn read(body: Body, max_bytes: usize) -> Result<Bytes, Problem> {
    match axum::body::to_bytes(body, max_bytes).await {
        Ok(bytes) => Ok(bytes),
        Err(e) => {
            let too_large =
                std::error::Error::source(&e).is_some_and(|cause| cause.is::<http_body_util::LengthLimitError>());
            Err(if too_large { Problem::new(413, "request.too_large") } else { Problem::malformed() })
        }
    }
}

/// Reads a small JSON request.
///
/// # Errors
/// `request.too_large`, `request.malformed`.
pub(super) async fn json<T: DeserializeOwned>(body: Body) -> Result<T, Problem> {
    let bytes = read(body, REQUEST_MAX_BYTES).await?;
    if nests_too_deep(&bytes) {
        return Err(Problem::malformed());
    }
    serde_json::from_slice(&bytes).map_err(|_| Problem::malformed())
}

/// How a body is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As it is.
    Plain,
    /// gzip.
    Gzip,
}

/// The encoding that a request names.
///
/// # Errors
/// `request.encoding` for any other than gzip.
pub(super) fn encoding(headers: &HeaderMap) -> Result<Encoding, Problem> {
    match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => Ok(Encoding::Plain),
        Some(b"gzip" | b"x-gzip") => Ok(Encoding::Gzip),
        Some(_) => Err(Problem::new(415, "request.encoding")),
    }
}

/// Whether the caller takes gzip.
pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|one| {
        let (name, quality) = one.split_once(';').unwrap_or((one, ""));
        let refused = quality.split('=').nth(1).is_some_and(|q| q.trim().parse::<f32>().is_ok_and(|q| q == 0.0));
        matches!(name.trim(), "gzip" | "*") && !refused
    })
}

/// Compresses an answer where that pays.
pub(super) fn compress(json: Vec<u8>, gzip: bool) -> (Vec<u8>, Encoding) {
    if !gzip || json.len() < COMPRESS_FROM_BYTES || is_gzip(&json) {
        return (json, Encoding::Plain);
    }
    let Ok(level) = CompressionLvl::new(ANSWER_LEVEL) else { return (json, Encoding::Plain) };
    let mut compressor = Compressor::new(level);
    let mut encoded = vec![0; compressor.gzip_compress_bound(json.len())];
    match compressor.gzip_compress(&json, &mut encoded) {
        Ok(bytes) if bytes < json.len() => {
            encoded.truncate(bytes);
            (encoded, Encoding::Gzip)
        }
        _ => (json, Encoding::Plain),
    }
}

/// A JSON answer.
pub(super) fn answer((bytes, encoding): (Vec<u8>, Encoding)) -> Response {
    let mut response = Body::from(bytes).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if encoding == Encoding::Gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}
