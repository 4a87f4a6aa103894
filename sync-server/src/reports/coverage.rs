//! 走访覆盖率: homes visited of homes, by direct child unit and in total. The definition is [`zoufang_domain::report::COVERAGE`].

use super::units::{self, UnitName};
use super::{Asked, Head, PARTS, ReportError};
use crate::store::scope::Scope;
use rusqlite::{Connection, named_params};
use serde::Serialize;
use std::collections::HashMap;
use zoufang_domain::ids::UnitId;
use zoufang_domain::report::Rate;

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Coverage {
    /// Unit, period, time.
    #[serde(flatten)]
    pub head: Head,
    /// The whole subtree: the sum of the parts, never a mean of rates.
    pub total: Rate,
    /// What belongs to the unit itself and not to a unit below it.
    pub own: Rate,
    /// Each unit directly below.
    pub children: Vec<UnitRate>,
}

/// One unit's rate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UnitRate {
    /// The unit.
    #[serde(flatten)]
    pub unit: UnitName,
    /// Homes visited, homes.
    pub rate: Rate,
}

/// A household counts from its first day on and until the day before it closed: on the day of a move it counts once, at the new place.
const HOMES: &str = "home (child, area, id) AS MATERIALIZED (
    SELECT part.child, record.area, record.id FROM part CROSS JOIN record ON record.area = part.area AND record.kind = 5
    WHERE record.body ->> '$.f.from' <= :last_day
        AND (record.status = 'current' OR coalesce(record.body ->> '$.f.to', '9999') > :last_day))";
/// Homes with at least one visit done inside the period. Read from the index `record_list` alone.
const SEEN: &str = "seen (area, id) AS MATERIALIZED (
    SELECT DISTINCT record.area, record.parent FROM part CROSS JOIN record ON record.area = part.area AND record.kind = 8
    WHERE record.sort >= :from AND record.sort < :after AND record.status = 'done')";

/// Counts.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn coverage(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Coverage, ReportError> {
    let head = super::head(c, scope, asked)?;
    let (from, after) = asked.bounds();
    let sql = format!(
        "{PARTS}, {HOMES}, {SEEN}
         SELECT home.child, count(seen.id), count(*) FROM home LEFT JOIN seen ON seen.area = home.area AND seen.id = home.id
         GROUP BY home.child"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let bound = named_params! {
        ":unit": asked.unit.as_bytes(), ":from": from, ":after": after, ":last_day": asked.period.to.to_string(),
    };
    let rates = statement.query_map(bound, |row| {
        let rate = Rate { numerator: row.get::<_, i64>(1)? as u64, denominator: row.get::<_, i64>(2)? as u64 };
        Ok((units::id_at(row, 0)?, rate))
    })?;
    let mut rates = rates.collect::<Result<HashMap<UnitId, Rate>, _>>()?;
    let total = rates.values().copied().fold(Rate::default(), |sum, rate| sum + rate);
    let own = rates.remove(&asked.unit).unwrap_or_default();
    let children = units::children(c, asked.unit)?;
    let children =
        children.into_iter().map(|unit| UnitRate { rate: rates.remove(&unit.id).unwrap_or_default(), unit }).collect();
    Ok(Coverage { head, total, own, children })
}
