//! 走访覆盖率: homes visited of homes, by direct child unit and in total. The definition is [`zoufang_domain::report::COVERAGE`].

use super::units::{self, UnitName};
use super::{Asked, Head, PARTS, ReportError};
use crate::store::scope::Scope;
use rusqlite::{Connection, named_params};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
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
const HOMES: &str = "SELECT part.child, record.area, record.id
    FROM part CROSS JOIN record ON record.area = part.area AND record.kind = 5
    WHERE record.body ->> '$.f.from' <= :last_day
        AND (record.body ->> '$.f.to' IS NULL OR record.body ->> '$.f.to' > :last_day)";
/// The homes of visits done inside the period, as often as they were visited. Read from the index `record_list` alone.
const SEEN: &str = "SELECT record.area, record.parent
    FROM part CROSS JOIN record ON record.area = part.area AND record.kind = 8
    WHERE record.sort >= :from AND record.sort < :after AND record.status = 'done' AND record.parent IS NOT NULL";

/// Counts.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn coverage(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Coverage, ReportError> {
    let head = super::head(c, scope, asked)?;
    let seen = seen(c, asked)?;
    // Joined here and not in SQL: an index that SQLite builds for 60,000 homes takes as long as reading them (2026-11-23).
    let mut rates: HashMap<UnitId, Rate> = HashMap::new();
    let mut statement = c.prepare_cached(&format!("{PARTS} {HOMES}"))?;
    let last_day = asked.period.to.to_string();
    let mut rows = statement.query(named_params! { ":unit": asked.unit.as_bytes(), ":last_day": last_day })?;
    while let Some(row) = rows.next()? {
        let home: Home = (row.get(1)?, row.get(2)?);
        let rate = rates.entry(units::id_at(row, 0)?).or_default();
        rate.denominator += 1;
        rate.numerator += u64::from(seen.contains(&home));
    }
    let total = rates.values().copied().fold(Rate::default(), |sum, rate| sum + rate);
    let own = rates.remove(&asked.unit).unwrap_or_default();
    let children = units::children(c, asked.unit)?;
    let children =
        children.into_iter().map(|unit| UnitRate { rate: rates.remove(&unit.id).unwrap_or_default(), unit }).collect();
    Ok(Coverage { head, total, own, children })
}

/// A household with its area: a visit counts for a home of its own area only.
type Home = ([u8; 16], [u8; 16]);

fn seen(c: &Connection, asked: &Asked) -> Result<HashSet<Home>, ReportError> {
    let (from, after) = asked.bounds();
    let mut statement = c.prepare_cached(&format!("{PARTS} {SEEN}"))?;
    let bound = named_params! { ":unit": asked.unit.as_bytes(), ":from": from, ":after": after };
    let homes = statement.query_map(bound, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(homes.collect::<Result<_, _>>()?)
}
