//! Work that came before the record that it is about, taken when the record begins.

use super::book::{Book, Hand};
use super::quarantine;
use crate::audit::{self, Actor};
use crate::store::StoreError;
use zoufang_domain::ids::{DeviceId, OpId};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::wire::push::Outcome;

/// A record that was declared void stands in the audit.
pub(super) fn note_void(book: &Book<'_>, device: DeviceId, operation: &Operation) -> Result<(), StoreError> {
    let Action::Void { .. } = operation.action else { return Ok(()) };
    let what = format!("{}.voided", operation.kind.name());
    audit::write(book.tx, book.now_ms, Actor::Device(device), &what, &operation.id.to_string())
}

/// Takes what came before the record that it is about: after a restore a colleague's phone may be back before the author's. What is
/// refused for another reason goes on waiting for a supervisor.
pub(super) fn rejoin(book: &mut Book<'_>, begun: &Operation) -> Result<(), StoreError> {
    let tx = book.tx;
    for waiting in quarantine::waiting_for(tx, begun)? {
        let hand = Hand::Phone { device: waiting.device, holder: waiting.holder };
        // Posts are read once an area, and those at hand are another holder's.
        book.forget_posts(begun.area);
        let applied = book.apply(&waiting.operation, hand)?;
        book.forget_posts(begun.area);
        let Ok(effect) = applied else { continue };
        quarantine::settle(tx, book.now_ms, &waiting)?;
        note_void(book, waiting.device, &waiting.operation)?;
        // Its author marks the record as held back, and so must be sent it like everybody else.
        let (kind, id) = (begun.kind.number(), begun.id);
        let sql = "UPDATE record SET by_device = NULL, foreign_seq = seq WHERE area = ?1 AND kind = ?2 AND id = ?3";
        tx.prepare_cached(sql)?.execute((begun.area.as_bytes(), kind, id.as_bytes()))?;
        let outcome = match effect.outcome {
            Outcome::Applied => Outcome::Merged { conflicts: Vec::new(), late: false, held: false },
            other => other,
        };
        let outcome = serde_json::to_string(&outcome).map_err(|_| StoreError::Damaged { what: "outcome" })?;
        let sql = "UPDATE ledger_operation SET outcome = ?2, effective = ?3 WHERE op_id = ?1";
        let op_id = OpId::of(waiting.device, waiting.operation.counter);
        tx.prepare_cached(sql)?.execute((op_id.as_bytes(), outcome, effect.effective.0 as i64))?;
    }
    Ok(())
}
