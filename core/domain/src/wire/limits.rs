//! Bounds of the protocol. Both sides know them: the phone cuts its batches by them, the server refuses what passes them.

/// Most operations of one push.
pub const PUSH_OPERATIONS_MAX_COUNT: usize = 500;
/// Largest body of a push as sent, in bytes.
pub const PUSH_ENCODED_MAX_BYTES: usize = 1024 * 1024;
/// Largest body of a push after decompression, in bytes.
pub const PUSH_DECODED_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Where a phone stops filling a batch, in bytes of operation JSON. Well inside what the server takes.
pub const PUSH_BATCH_TARGET_BYTES: usize = 768 * 1024;
/// Largest body of every other request, in bytes.
pub const REQUEST_MAX_BYTES: usize = 16 * 1024;
/// Deepest nesting of a request's JSON.
pub const NESTING_MAX_COUNT: usize = 16;
/// Size at which the server closes a page of a pull, in bytes before compression. One operation's effects never straddle a page, so a
/// page may be larger by one operation.
pub const PULL_PAGE_TARGET_BYTES: usize = 512 * 1024;
/// Largest answer that a phone reads, in bytes after decompression.
pub const ANSWER_MAX_BYTES: usize = 16 * 1024 * 1024;
/// Longest cursor, in bytes.
pub const CURSOR_MAX_BYTES: usize = 4096;
/// Days for which an acknowledged operation stays on the phone, to be offered again when a server comes back from a backup.
pub const KEPT_OPERATIONS_DAYS: i64 = 30;

/// Whether JSON text nests deeper than [`NESTING_MAX_COUNT`]. Counts brackets outside strings, one pass, no parsing.
pub fn nests_too_deep(json: &[u8]) -> bool {
    // What opens so few brackets at all, in texts or out of them, cannot. Following all of them was 4.5 % of the time in which a server takes a
    // push of visits (a profile of 2026-11-26); counting does not show in it.
    let opened_count = json.iter().filter(|byte| matches!(byte, b'{' | b'[')).count();
    if opened_count <= NESTING_MAX_COUNT {
        return false;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => {
                depth += 1;
                if depth > NESTING_MAX_COUNT {
                    return true;
                }
            }
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_inside_texts_do_not_count() {
        let deep = "[".repeat(NESTING_MAX_COUNT + 1);
        assert!(nests_too_deep(deep.as_bytes()));
        assert!(!nests_too_deep(format!("[\"\\\"{deep}\"]").as_bytes()));
        assert!(!nests_too_deep("[".repeat(NESTING_MAX_COUNT).as_bytes()));
    }
}
