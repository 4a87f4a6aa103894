//! Visits by how they were made and what came of them, by direct child unit and in total. A visit that was declared void is
//! counted as such and not by its outcome.

use super::units::{self, UnitName};
use super::{Asked, Head, PARTS, ReportError};
use crate::store::scope::Scope;
use rusqlite::{Connection, named_params};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use zoufang_domain::ids::UnitId;

/// The outcomes that are counted, `voided` last.
pub const OUTCOMES: [&str; 4] = ["done", "no_answer", "refused", "voided"];

/// Counts by mode, then by outcome, as the records name them. Missing means none.
pub type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Visits {
    /// Unit, period, time.
    #[serde(flatten)]
    pub head: Head,
    /// The whole subtree.
    pub total: Counts,
    /// What belongs to the unit itself.
    pub own: Counts,
    /// Each unit directly below.
    pub children: Vec<UnitCounts>,
}

/// One unit's counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitCounts {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitName,
    /// Its counts.
    pub counts: Counts,
}

/// One count.
pub fn count(counts: &Counts, mode: &str, outcome: &str) -> u64 {
    counts.get(mode).and_then(|by| by.get(outcome)).copied().unwrap_or_default()
}

/// The sum over all modes for one outcome.
pub fn of_outcome(counts: &Counts, outcome: &str) -> u64 {
    counts.values().filter_map(|by| by.get(outcome)).sum()
}

/// The sum of everything but void visits.
pub fn standing(counts: &Counts) -> u64 {
    OUTCOMES.iter().filter(|outcome| **outcome != "voided").map(|outcome| of_outcome(counts, outcome)).sum()
}

/// Counts.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn visits(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Visits, ReportError> {
    let head = super::head(c, scope, asked)?;
    let (from, after) = asked.bounds();
    let sql = format!(
        "{PARTS} SELECT part.child, record.class, record.status, count(*)
         FROM part CROSS JOIN record ON record.area = part.area AND record.kind = 8
         WHERE record.sort >= :from AND record.sort < :after GROUP BY 1, 2, 3"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! { ":unit": asked.unit.as_bytes(), ":from": from, ":after": after })?;
    let mut total = Counts::new();
    let mut by_unit: HashMap<UnitId, Counts> = HashMap::new();
    while let Some(row) = rows.next()? {
        let (mode, outcome, count): (String, String, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
        for counts in [&mut total, by_unit.entry(units::id_at(row, 0)?).or_default()] {
            *counts.entry(mode.clone()).or_default().entry(outcome.clone()).or_default() += count as u64;
        }
    }
    let own = by_unit.remove(&asked.unit).unwrap_or_default();
    let children = units::children(c, asked.unit)?;
    let children =
        children.into_iter().map(|unit| UnitCounts { counts: by_unit.remove(&unit.id).unwrap_or_default(), unit });
    Ok(Visits { head, total, own, children: children.collect() })
}
