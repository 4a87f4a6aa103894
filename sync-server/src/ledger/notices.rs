//! A receipt against its notice: it is taken for a notice that the author's area gets, and for no other.

use crate::store::StoreError;
use rusqlite::{OptionalExtension, Transaction};
use zoufang_domain::notice;
use zoufang_domain::operation::Operation;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

/// Whether the notice of a receipt was sent to the receipt's area or a unit above it. One that was sent elsewhere and one that does not exist
/// are not told apart.
pub(super) fn fits(tx: &Transaction<'_>, operation: &Operation) -> Result<Result<(), Refusal>, StoreError> {
    if operation.kind != Kind::NoticeReceipt {
        return Ok(Ok(()));
    }
    let Some(notice) = notice::own_receipt(operation) else { return Ok(Err(Refusal::NotAllowed)) };
    let sql = "SELECT 1 FROM unit_within w JOIN record r ON r.area = w.ancestor AND r.kind = ?2 AND r.id = ?3
               WHERE w.unit = ?1";
    let key = (operation.area.as_bytes(), Kind::Notice.number(), notice.as_bytes());
    let is_ours = tx.prepare_cached(sql)?.query_row(key, |_| Ok(())).optional()?.is_some();
    Ok(if is_ours { Ok(()) } else { Err(Refusal::RecordMissing) })
}
