//! Quarantine: work that could not be applied and is kept word for word until a supervisor settles it.

use super::conflicts::staff_name;
use super::units::{self, PLACE};
use super::{Asked, Head, ReportError};
use crate::store::scope::Scope;
use rusqlite::{Connection, OptionalExtension, named_params};
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

/// Entries listed at once; the counts above the list cover all.
pub const ENTRIES_SHOWN_MAX_COUNT: usize = 200;

/// The list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quarantine {
    /// Unit, period, time. The period has no bearing: an entry waits until it is settled.
    #[serde(flatten)]
    pub head: Head,
    /// What waits, by the message id of the reason.
    pub reasons: BTreeMap<&'static str, u64>,
    /// The latest [`ENTRIES_SHOWN_MAX_COUNT`].
    pub entries: Vec<Entry>,
}

impl Quarantine {
    /// All that waits.
    pub fn total(&self) -> u64 {
        self.reasons.values().sum()
    }
}

/// One operation that waits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Entry {
    /// Number of the entry.
    pub id: i64,
    /// The area that it was meant for.
    pub area: UnitId,
    /// The area's name.
    pub unit: String,
    /// Who did it; empty when that person is not known here.
    pub staff: String,
    /// When it came.
    pub received: Moment,
    /// Message id of the reason.
    pub reason: &'static str,
    /// The field that the reason names, if it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Word for word; of a care need without its content, which only the roles of its type may see.
    pub operation: String,
}

/// What waits in a subtree that the caller has found inside its scope.
pub(crate) fn count(c: &Connection, unit: UnitId) -> Result<u64, ReportError> {
    let mut counted = c.prepare_cached(
        "SELECT count(*) FROM unit_within inside CROSS JOIN quarantine waiting
         ON waiting.area = inside.unit AND waiting.settled_ms IS NULL AND waiting.copy_of IS NULL WHERE inside.ancestor = ?1",
    )?;
    Ok(counted.query_row([unit.as_bytes()], |row| row.get::<_, i64>(0))? as u64)
}

/// The original of an entry, word for word, if it lies in the scope; also of one that is settled. Of a care need without its content.
///
/// # Errors
/// What the store says.
pub fn original(c: &Connection, scope: &Scope, entry: i64) -> Result<Option<String>, ReportError> {
    let sql = "SELECT area, operation FROM quarantine WHERE id = ?1";
    let found = c.prepare_cached(sql)?.query_row([entry], |row| Ok((units::id_at(row, 0)?, row.get(1)?)));
    let Some((area, text)) = found.optional()? else { return Ok(None) };
    Ok(scope.covers(c, area)?.then(|| shown(text)))
}

fn refusal(json: &str) -> Refusal {
    serde_json::from_str(json).unwrap_or(Refusal::Unknown)
}

/// An operation as the list shows it.
fn shown(operation: String) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(&operation) else { return operation };
    if value.get("kind") != Some(&Value::from(Kind::CareNeed.name())) {
        return operation;
    }
    if let Some(fields) = value.as_object_mut() {
        fields.remove("action");
    }
    value.to_string()
}

/// Lists.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn quarantine(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Quarantine, ReportError> {
    let head = super::head(c, scope, asked)?;
    let mut counted = c.prepare_cached(
        "SELECT waiting.reason, count(*) FROM unit_within inside
         CROSS JOIN quarantine waiting ON waiting.area = inside.unit AND waiting.settled_ms IS NULL AND waiting.copy_of IS NULL
         WHERE inside.ancestor = :unit GROUP BY 1",
    )?;
    let mut reasons = BTreeMap::new();
    let mut rows = counted.query(named_params! { ":unit": asked.unit.as_bytes() })?;
    while let Some(row) = rows.next()? {
        let (reason, count): (String, i64) = (row.get(0)?, row.get(1)?);
        *reasons.entry(refusal(&reason).message_id()).or_default() += count as u64;
    }
    let sql = format!(
        "SELECT waiting.id, waiting.area, {PLACE}, waiting.staff, waiting.received_ms, waiting.reason, waiting.operation
         FROM unit_within inside CROSS JOIN quarantine waiting ON waiting.area = inside.unit AND waiting.settled_ms IS NULL AND waiting.copy_of IS NULL
         JOIN unit ON unit.id = waiting.area WHERE inside.ancestor = :unit
         ORDER BY waiting.received_ms DESC, waiting.id DESC LIMIT :max"
    );
    let mut listed = c.prepare_cached(&sql)?;
    let max = ENTRIES_SHOWN_MAX_COUNT as i64;
    let mut rows = listed.query(named_params! { ":unit": asked.unit.as_bytes(), ":max": max })?;
    let mut entries = Vec::new();
    while let Some(row) = rows.next()? {
        let refusal = refusal(&row.get::<_, String>(5)?);
        let staff = StaffId(uuid::Uuid::from_bytes(row.get(3)?));
        entries.push(Entry {
            id: row.get(0)?,
            area: units::id_at(row, 1)?,
            unit: row.get(2)?,
            staff: staff_name(c, staff)?,
            received: Moment::from_ms(row.get(4)?),
            reason: refusal.message_id(),
            field: match refusal {
                Refusal::FactIsFixed { field } | Refusal::Invalid { field } => Some(field),
                _ => None,
            },
            operation: shown(row.get(6)?),
        });
    }
    Ok(Quarantine { head, reasons, entries })
}
