//! Bodies: JSON, gzip in both directions, never inflated past a bound.

use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use libdeflater::{CompressionLvl, Compressor, Decompressor};
use zoufang_domain::wire::ExchangeError;
use zoufang_domain::wire::limits::ANSWER_MAX_BYTES;

/// The media type of every body but a problem's.
pub(super) const JSON: &str = "application/json";
/// The one encoding.
pub(super) const GZIP: &str = "gzip";
/// Bodies below this are sent plain, in bytes: the header and the frame of gzip cost 40.
pub(super) const DEFLATE_FROM_BYTES: usize = 512;
/// Measured 2026-11-26 on 614,798 bytes of visits, medians of 15 with priority: libdeflate's level 1 leaves 20.1 % in 1.3 ms, 2 leaves 20.4 % in
/// 2.1 ms, 6 leaves 19.6 % in 4.4 ms; zlib-rs leaves 20.2 % in 2.6 ms at level 3 and 27.4 % in 1.2 ms at level 1. A phone is five times slower.
const LEVEL: i32 = 1;
/// gzip's header and trailer. The trailer's last four bytes say how long the content is, modulo 2³².
const GZIP_FRAME_BYTES: usize = 18;

/// The body as gzip; `None` when it is better sent plain.
pub(in crate::sync) fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    if plain.len() < DEFLATE_FROM_BYTES {
        return None;
    }
    let mut compressor = Compressor::new(CompressionLvl::new(LEVEL).ok()?);
    let mut encoded = vec![0; compressor.gzip_compress_bound(plain.len())];
    let bytes = compressor.gzip_compress(plain, &mut encoded).ok()?;
    encoded.truncate(bytes);
    Some(encoded)
}

/// The plain body of an answer.
pub(super) fn inflate(headers: &HeaderMap, sent: Bytes) -> Result<Bytes, ExchangeError> {
    let refuse = |what: &str| Err(ExchangeError::NotZoufang(what.to_owned()));
    match headers.get(CONTENT_ENCODING).map(|value| value.as_bytes()) {
        None | Some(b"identity") if sent.len() > ANSWER_MAX_BYTES => refuse("an answer that is too long"),
        None | Some(b"identity") => Ok(sent),
        Some(b"gzip") => {
            let said = sent.last_chunk::<4>().map_or(0, |tail| u32::from_le_bytes(*tail) as usize);
            if sent.len() < GZIP_FRAME_BYTES {
                return refuse("gzip that does not inflate");
            }
            if said > ANSWER_MAX_BYTES {
                return refuse("an answer that inflates too far");
            }
            // Deflate makes a byte of at most 1,032: what promises more lies, and gets no memory for it.
            if said / 1_032 > sent.len() {
                return refuse("gzip that does not inflate");
            }
            let mut plain = vec![0; said];
            match Decompressor::new().gzip_decompress(&sent, &mut plain) {
                Ok(bytes) if bytes == said => Ok(plain.into()),
                _ => refuse("gzip that does not inflate"),
            }
        }
        Some(_) => refuse("an encoding that was not asked for"),
    }
}
