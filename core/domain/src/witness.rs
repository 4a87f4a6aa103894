//! Witnessed copies: what only colleagues' phones still hold after a server came back from a backup, and their author's phone never does.
//!
//! A phone offers such a copy as an operation of its own holder's ([`Action::Witness`]). The server never takes it by itself: it waits in
//! quarantine until the author's own work brings the record, or a supervisor accepts it under the witness's name.

use crate::operation::{Action, Operation};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::schema::Kind;
use crate::stamp::AHEAD_MAX_MS;

/// How long after its first complete pull of a new epoch a phone waits before it offers copies, milliseconds: by then most authors are back,
/// and what they bring themselves needs no witness.
pub const OFFERED_AFTER_MS: i64 = 24 * 3600 * 1000;
/// Copies offered by one sync, at most. The rest follows with the next.
pub const COPIES_OF_A_SYNC_MAX_COUNT: usize = 500;

/// Whether copies of a kind are offered and taken: what phones begin. Not of care needs, which a supervisor may not be allowed to read and so
/// cannot vouch for.
pub fn can_be_witnessed(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Dwelling
            | Kind::Household
            | Kind::Resident
            | Kind::Residency
            | Kind::Visit
            | Kind::Matter
            | Kind::Appointment
            | Kind::VisitTask
            | Kind::NoticeReceipt
            | Kind::RightsRequest
    )
}

/// The copy that an operation offers, if it offers one.
pub fn copy_of(operation: &Operation) -> Option<&Record> {
    match &operation.action {
        Action::Witness { record } => Some(record),
        _ => None,
    }
}

/// Whether a copy is of what its operation names, and holds no stamp that a server could not have given out by now: one of 2099 would win
/// over every later edit.
///
/// # Errors
/// [`Refusal::Invalid`], [`Refusal::NotAllowed`] for a kind of which there are no copies.
pub fn check(operation: &Operation, record: &Record, now_ms: Option<i64>) -> Result<(), Refusal> {
    if !can_be_witnessed(record.kind) {
        return Err(Refusal::NotAllowed);
    }
    let is_its_own = (record.kind, record.id, record.area) == (operation.kind, operation.id, operation.area);
    let is_past = now_ms.is_none_or(|now_ms| record.latest().wall_ms() <= now_ms + AHEAD_MAX_MS as i64);
    if is_its_own && is_past { Ok(()) } else { Err(Refusal::Invalid { field: "record".into() }) }
}
