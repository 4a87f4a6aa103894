//! How many homes were told of a notice on visits.

use super::{ReportError, units};
use crate::store::{StoreError, id_at_opt};
use chrono::{Days, NaiveDate};
use rusqlite::{Connection, named_params};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{NoticeId, UnitId};
use zoufang_domain::notice;
use zoufang_domain::record::Record;
use zoufang_domain::report::Rate;

/// Visits of a subtree that gave notices.
pub(super) struct Told {
    given: HashMap<NoticeId, Vec<Visit>>,
    homes: HashMap<UnitId, Homes>,
}

struct Visit {
    area: UnitId,
    household: Option<Uuid>,
    is_done: bool,
}

/// The current homes of a unit's subtree, each with its area: a visit counts for a home of its own area only.
type Homes = HashSet<(UnitId, Uuid)>;

/// The text decides for nearly all visits that they gave none; only the rest are read.
const GAVE: &str = "SELECT record.area, record.parent, record.status, record.body
    FROM unit_within inside CROSS JOIN record ON record.area = inside.unit AND record.kind = 8
    WHERE inside.ancestor = :unit AND record.sort >= :since AND record.status <> 'voided' AND instr(record.body, '\"notices\":') > 0";
const HOMES: &str = "SELECT record.area, record.id FROM unit_within inside
    CROSS JOIN record ON record.area = inside.unit AND record.kind = 5
    WHERE inside.ancestor = :unit AND record.status = 'current'";

/// Reads the visits of a subtree that gave one of these notices, from the day before the first of them was known on.
pub(super) fn told(
    c: &Connection,
    unit: UnitId,
    since: Option<NaiveDate>,
    wanted: &HashSet<NoticeId>,
) -> Result<Told, ReportError> {
    let mut given: HashMap<NoticeId, Vec<Visit>> = HashMap::new();
    let Some(since) = since.and_then(|day| day.checked_sub_days(Days::new(1))) else {
        return Ok(Told { given, homes: HashMap::new() });
    };
    let since = Moment::start_of(since).to_string();
    let mut statement = c.prepare_cached(GAVE)?;
    let mut rows = statement.query(named_params! { ":unit": unit.as_bytes(), ":since": since })?;
    while let Some(row) = rows.next()? {
        let (area, household) = (units::id_at(row, 0)?, id_at_opt(row, 1)?);
        let is_done = row.get_ref(2)?.as_str().is_ok_and(|status| status == "done");
        let body = row.get_ref(3)?.as_str().map_err(|_| StoreError::Damaged { what: "record" })?;
        let record: Record = serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "record" })?;
        for id in notice::given(&record).into_iter().filter(|id| wanted.contains(id)) {
            given.entry(id).or_default().push(Visit { area, household, is_done });
        }
    }
    Ok(Told { given, homes: HashMap::new() })
}

impl Told {
    /// Visits that gave a notice to homes under a unit, and the homes reached of its homes.
    pub(super) fn of(&mut self, c: &Connection, notice: NoticeId, unit: UnitId) -> Result<(u64, Rate), ReportError> {
        let homes = match self.homes.entry(unit) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => empty.insert(homes(c, unit)?),
        };
        let visits = self.given.get(&notice).map_or(&[][..], Vec::as_slice);
        let reached: HashSet<(UnitId, Uuid)> = visits
            .iter()
            .filter(|visit| visit.is_done)
            .filter_map(|visit| Some((visit.area, visit.household?)))
            .filter(|home| homes.contains(home))
            .collect();
        Ok((visits.len() as u64, Rate { numerator: reached.len() as u64, denominator: homes.len() as u64 }))
    }
}

fn homes(c: &Connection, unit: UnitId) -> Result<Homes, ReportError> {
    let mut statement = c.prepare_cached(HOMES)?;
    let homes = statement.query_map(named_params! { ":unit": unit.as_bytes() }, |row| {
        Ok((units::id_at(row, 0)?, units::id_at(row, 1)?.0))
    })?;
    Ok(homes.collect::<Result<_, _>>()?)
}
