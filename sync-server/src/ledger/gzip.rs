//! Gzip with bounds: a body is inflated only as far as it may become.

use flate2::Crc;
use std::io::Read;

/// The body was larger than it may be, or not gzip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InflateError {
    /// More bytes than allowed; inflating stopped there.
    TooLarge,
    /// Not readable as gzip.
    Damaged,
}

/// Whether bytes begin as gzip does.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Inflates a gzip body to at most `max_bytes`.
///
/// # Errors
/// [`InflateError::TooLarge`] as soon as the bound is passed, [`InflateError::Damaged`] for anything that is not gzip.
pub fn inflate(encoded: &[u8], max_bytes: usize) -> Result<Vec<u8>, InflateError> {
    // The last four bytes of gzip say how long the content is, modulo 2³²: a hint for the first allocation, never trusted beyond it.
    let hint = encoded.last_chunk::<4>().map_or(0, |tail| u32::from_le_bytes(*tail) as usize);
    let mut decoded = Vec::with_capacity(hint.min(max_bytes).min(encoded.len().saturating_mul(32)) + 1);
    let decoder = flate2::bufread::GzDecoder::new(encoded);
    decoder.take(max_bytes as u64 + 1).read_to_end(&mut decoded).map_err(|_| InflateError::Damaged)?;
    if decoded.len() > max_bytes { Err(InflateError::TooLarge) } else { Ok(decoded) }
}

/// Gzip without compression, in one allocation: for the server's own operations, a few hundred bytes each, where setting up a
/// compressor would cost more than all else.
pub(super) fn stored(content: &[u8]) -> Vec<u8> {
    const BLOCK_MAX_BYTES: usize = 65_535;
    let mut out = Vec::with_capacity(content.len() + 5 * (content.len() / BLOCK_MAX_BYTES + 1) + 18);
    out.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    let mut rest = content;
    loop {
        let (block, after) = rest.split_at(rest.len().min(BLOCK_MAX_BYTES));
        let length = block.len() as u16;
        out.push(u8::from(after.is_empty()));
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(&(!length).to_le_bytes());
        out.extend_from_slice(block);
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
    let mut crc = Crc::new();
    crc.update(content);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&(content.len() as u32).to_le_bytes());
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::io::Write;

    #[test]
    fn a_stored_body_inflates_to_itself() {
        for length in [0, 1, 65_535, 65_536, 200_000] {
            let content: Vec<u8> = (0..length).map(|at| (at % 251) as u8).collect();
            assert_eq!(inflate(&stored(&content), length).unwrap(), content, "{length}");
        }
    }

    #[test]
    fn a_bomb_is_stopped_while_it_inflates() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        (0..64).for_each(|_| encoder.write_all(&vec![b' '; 1 << 20]).unwrap());
        let bomb = encoder.finish().unwrap();
        assert!(bomb.len() < 100_000);
        assert_eq!(inflate(&bomb, 8 << 20), Err(InflateError::TooLarge));
        assert_eq!(inflate(b"not gzip at all", 100), Err(InflateError::Damaged));
        assert_eq!(inflate(&bomb[..bomb.len() / 2], 128 << 20), Err(InflateError::Damaged));
    }
}
