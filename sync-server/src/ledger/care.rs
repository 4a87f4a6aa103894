//! A care need against its type: what a phone says of itself is held to what the units above have set.

use crate::store::StoreError;
use rusqlite::{OptionalExtension, Transaction};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::care::{self, CLOCK_AHEAD_MAX_DAYS, CareNeedType};
use zoufang_domain::ids::UnitId;
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::Stamp;

/// Whether an operation fits the type of its need. The day on which it was set is that of its effective stamp, which a phone's clock can move ahead
/// by minutes only; a last day that a clock ahead by more than [`CLOCK_AHEAD_MAX_DAYS`] led to waits for a person.
pub(super) fn fits(
    tx: &Transaction<'_>,
    operation: &Operation,
    known: Option<&Record>,
    effective: Stamp,
) -> Result<Result<(), Refusal>, StoreError> {
    if operation.kind != Kind::CareNeed {
        return Ok(Ok(()));
    }
    let named = match (&operation.action, known) {
        (_, Some(known)) => known.f.get("type"),
        (Action::Create { fields, .. }, None) => fields.get("type"),
        // It says by itself that the record is not there.
        (_, None) => return Ok(Ok(())),
    };
    let id = named.and_then(serde_json::Value::as_str).and_then(|id| Uuid::parse_str(id).ok());
    let of = id.map(|id| of_type(tx, operation.area, id)).transpose()?.flatten();
    let Some(of) = of else { return Ok(Err(Refusal::Invalid { field: "type".into() })) };
    let set_on = Moment::from_ms(effective.wall_ms()).day();
    Ok(care::fits(operation, &of, set_on, CLOCK_AHEAD_MAX_DAYS))
}

/// A type that a unit above the area, or the area itself, has set.
fn of_type(tx: &Transaction<'_>, area: UnitId, id: Uuid) -> Result<Option<CareNeedType>, StoreError> {
    let sql = "SELECT r.body FROM unit_within w JOIN record r ON r.area = w.ancestor AND r.kind = ?2 AND r.id = ?3
               WHERE w.unit = ?1";
    let mut found = tx.prepare_cached(sql)?;
    let key = (area.as_bytes(), Kind::CareNeedType.number(), id.as_bytes());
    let Some(body) = found.query_row(key, |row| row.get::<_, String>(0)).optional()? else { return Ok(None) };
    let record: Record = serde_json::from_str(&body).map_err(|_| StoreError::Damaged { what: "record" })?;
    record.read().map(Some).map_err(|_| StoreError::Damaged { what: "care_need_type" })
}
