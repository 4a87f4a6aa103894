//! The ledger: every operation as it came, judged once, applied once, answered the same way ever after.
//!
//! Reading order: `incoming` (what can be said of a push by itself: bounds, signature, readable or not), `accept` (the push in its
//! transaction: chain, duplicates, verdicts), `rejoin` (what came before its record), `book` (one operation onto one record: authority, order, merge, sequence), `care` (a care need
//! against its type), `notices` (a receipt against its notice), `own` (the server's own hand and that of a desk), `settle` (what people decide
//! of `quarantine`), `erase` (a person goes, with `redaction` of what is kept and `erasure_log` beside the database), `held` (work that did not
//! know of it), `witness` (copies of what a restored server lacks), and beside them `conflict_log` and `answer`.

mod accept;
mod answer;
mod book;
mod care;
mod conflict_log;
mod erase;
mod erasure_log;
mod gap;
mod gzip;
mod held;
mod incoming;
mod notices;
mod own;
mod quarantine;
mod redaction;
mod rejoin;
mod settle;
mod witness;

pub use accept::{Acceptance, accept, receive};
pub(crate) use erase::replay;
pub use erase::{Erased, Person, erase, forget_answers, may_carry_out, retire};
pub use gzip::{InflateError, inflate, is_gzip};
pub use held::{Review, anyone_erased_from, review};
pub use incoming::{Incoming, device_of};
pub use own::{CONSOLE, SERVER_DEVICE, Written, fields_of, record, remove_own, write_at_desk, write_own};
pub use redaction::empty_batch;
pub use settle::{Settler, Way, sends_notices, settle, settles, takes_appointments, takes_matters};

use crate::store::StoreError;
use zoufang_domain::ids::OpId;
use zoufang_domain::refusal::Refusal;

/// Why the ledger wrote nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The operation cannot be applied.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// An operation id is known with other content; nothing of the batch was taken.
    #[error("operation {0} is known with other content")]
    SameIdOtherContent(OpId),
    /// The record was changed by others since, or others hang on it; it stays.
    #[error("the record was changed since, or others hang on it; it stays")]
    InUse,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for LedgerError {
    fn from(e: rusqlite::Error) -> Self {
        LedgerError::Store(e.into())
    }
}

impl From<Refusal> for LedgerError {
    fn from(refusal: Refusal) -> Self {
        LedgerError::Refused(refusal)
    }
}
