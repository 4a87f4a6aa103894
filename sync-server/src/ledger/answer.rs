//! The answer to a push: one verdict an operation, equal neighbours written once, with the record where it is not what the phone shows.

use super::book::Book;
use crate::device::Device;
use crate::store::StoreError;
use rusqlite::OptionalExtension;
use serde_json::value::RawValue;
use uuid::Uuid;
use zoufang_domain::care;
use zoufang_domain::ids::UnitId;
use zoufang_domain::operation::Operation;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::push::{Outcome, Verdict};

/// What became of one operation.
pub(super) struct Judged {
    pub(super) counter: u64,
    pub(super) outcome: Outcome,
    pub(super) duplicate: bool,
    pub(super) record: Option<(UnitId, Kind, Uuid)>,
}

impl Judged {
    pub(super) fn of(counter: u64, outcome: Outcome, duplicate: bool, operation: Option<&Operation>) -> Self {
        let record = operation.filter(|_| outcome != Outcome::Applied).map(|one| (one.area, one.kind, one.id));
        Judged { counter, outcome, duplicate, record }
    }
    /// Whether it is about a record that was erased.
    pub(super) fn is_erased(&self) -> bool {
        matches!(self.outcome, Outcome::Quarantined { reason: Refusal::RecordErased })
    }
}

/// Writes the verdicts. Records are read after the whole batch, so each is what it now is, and only in areas where the holder
/// works, as far as the role sees them.
pub(super) fn verdicts(book: &mut Book<'_>, device: &Device, judged: Vec<Judged>) -> Result<Vec<Verdict>, StoreError> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for one in judged {
        let record = match one.record {
            Some((area, kind, id)) => match book.role_in(area, device.staff)? {
                Some(role) => body(book, role, (area, kind, id))?,
                None => None,
            },
            None => None,
        };
        match verdicts.last_mut() {
            Some(last)
                if record.is_none()
                    && last.record.is_none()
                    && last.outcome == one.outcome
                    && last.duplicate == one.duplicate =>
            {
                last.to = one.counter;
            }
            _ => verdicts.push(Verdict {
                from: one.counter,
                to: one.counter,
                outcome: one.outcome,
                duplicate: one.duplicate,
                record,
            }),
        }
    }
    Ok(verdicts)
}

fn body(
    book: &Book<'_>,
    role: Role,
    (area, kind, id): (UnitId, Kind, Uuid),
) -> Result<Option<Box<RawValue>>, StoreError> {
    let sql = "SELECT body FROM record WHERE area = ?1 AND kind = ?2 AND id = ?3";
    let mut statement = book.tx.prepare_cached(sql)?;
    let key = (area.as_bytes(), kind.number(), id.as_bytes());
    let Some(body) = statement.query_row(key, |row| row.get::<_, String>(0)).optional()? else { return Ok(None) };
    if !care::sees_json(role, kind, &body) {
        return Ok(None);
    }
    RawValue::from_string(body).map(Some).map_err(|_| StoreError::Damaged { what: "record" })
}
