//! Operations that are kept already, without what must go: batches in the ledger and entries in quarantine.
//!
//! A batch that was rewritten is marked: its signature covers the text that it had. Each rewritten operation keeps the hash and the link of
//! what it was ([`zoufang_domain::erasure::Redacted`]), so it is known when its phone sends it again, and the chain holds.

use super::gzip;
use crate::store::StoreError;
use flate2::{Compression, write::GzEncoder};
use rusqlite::Transaction;
use std::io::Write;
use zoufang_domain::chain::Link;
use zoufang_domain::erasure::{self, Extent, Traces};
use zoufang_domain::wire::limits::PUSH_DECODED_MAX_BYTES;
use zoufang_domain::wire::push::Batch;

/// The chain link after an operation's text.
pub(super) fn link_after(prev: Link, text: &str) -> Link {
    match erasure::redacted(text) {
        Some(was) => was.link,
        None => prev.then(text.as_bytes()),
    }
}

/// The chain link after each operation of a batch, given its [`Batch::prev`], its [`Batch::begins`] and the texts.
pub(super) fn links<'a>(prev: Link, mut begins: Option<Link>, texts: impl Iterator<Item = &'a str>) -> Vec<Link> {
    let mut link = prev;
    let after = |text| {
        link = begins.take().unwrap_or_else(|| link_after(link, text));
        link
    };
    texts.map(after).collect()
}

/// Rewrites the operations of a kept batch that `redact` gives another text for. Gives how many.
pub(super) fn rewrite_batch(
    tx: &Transaction<'_>,
    now_ms: i64,
    batch: i64,
    mut redact: impl FnMut(&str, Link) -> Option<String>,
) -> Result<u64, StoreError> {
    const DAMAGED: StoreError = StoreError::Damaged { what: "batch" };
    let sql = "SELECT body FROM ledger_batch WHERE id = ?1";
    let body: Vec<u8> = tx.prepare_cached(sql)?.query_row([batch], |row| row.get(0))?;
    let text = gzip::inflate(&body, PUSH_DECODED_MAX_BYTES).map_err(|_| DAMAGED)?;
    let kept: Batch<'_> = serde_json::from_slice(&text).map_err(|_| DAMAGED)?;
    let mut count = 0;
    let mut texts = Vec::with_capacity(kept.operations.len());
    for (raw, link) in
        kept.operations.iter().zip(links(kept.prev, kept.begins, kept.operations.iter().map(|raw| raw.get())))
    {
        match redact(raw.get(), link) {
            Some(clean) => {
                count += 1;
                texts.push(serde_json::value::RawValue::from_string(clean).map_err(|_| DAMAGED)?);
            }
            None => texts.push((*raw).to_owned()),
        }
    }
    if count == 0 {
        return Ok(0);
    }
    let operations = texts.iter().map(AsRef::as_ref).collect();
    let clean =
        Batch { protocol: kept.protocol, device: kept.device, prev: kept.prev, begins: kept.begins, operations };
    let clean = serde_json::to_vec(&clean).map_err(|_| DAMAGED)?;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let encoded = encoder.write_all(&clean).and_then(|()| encoder.finish()).map_err(|_| DAMAGED)?;
    let sql = "UPDATE ledger_batch SET body = ?2, redacted_ms = ?3 WHERE id = ?1";
    tx.prepare_cached(sql)?.execute((batch, encoded, now_ms))?;
    Ok(count)
}

/// The batch of an operation, when it is there.
pub(super) fn batch_of(tx: &Transaction<'_>, op: zoufang_domain::ids::OpId) -> Result<Option<i64>, StoreError> {
    use rusqlite::OptionalExtension;
    let sql = "SELECT batch FROM ledger_operation WHERE op_id = ?1";
    Ok(tx.prepare_cached(sql)?.query_row([op.as_bytes()], |row| row.get(0)).optional()?)
}

/// Text in quarantine without what must go; `None` when it may stay. Text that does not read as JSON loses the traces all the same.
pub(super) fn of_quarantined(text: &str, extent: Extent<'_>) -> Option<String> {
    // Its link is not known here, and its place in the batch has it.
    match erasure::redact(text, Link::START, extent) {
        Some(clean) => Some(clean),
        None => match extent {
            Extent::Traces(traces) => traces.out_of(text),
            Extent::Whole | Extent::Answers(_) => None,
        },
    }
}

/// A text's traces by itself: for a text that was held and is not to stay.
pub(super) fn traces_of(text: &str) -> Traces {
    let mut traces = Traces::none();
    traces.add_name(text);
    traces
}

/// Empties every operation of a batch: it is older than signed batches are kept for.
///
/// # Errors
/// What the store says.
pub fn empty_batch(tx: &Transaction<'_>, now_ms: i64, batch: i64) -> Result<(), StoreError> {
    rewrite_batch(tx, now_ms, batch, |text, link| erasure::redact(text, link, Extent::Whole))?;
    Ok(())
}
