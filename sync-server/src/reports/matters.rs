//! Matters by the state in which they stand, with those that are overdue: an answer was due before now and has not been given. Counted
//! are matters reported in the period, and, apart from them, older ones that still wait for their end.

use super::units::{self, UnitName};
use super::{Asked, Head, PARTS, ReportError};
use crate::matters::TermsBook;
use crate::store::StoreError;
use crate::store::scope::Scope;
use rusqlite::{Connection, named_params};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use zoufang_domain::ids::UnitId;
use zoufang_domain::matter::{self, Matter, MatterState};
use zoufang_domain::record::Record;

/// States in which nothing more is waited for.
pub const ENDED: [MatterState; 4] =
    [MatterState::Closed, MatterState::ClosedUnreachable, MatterState::Withdrawn, MatterState::Merged];

/// Matters in one state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// How many.
    pub count: u64,
    /// Of these, how many are overdue.
    pub overdue: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.count += other.count;
        self.overdue += other.overdue;
    }
}

/// Counts of a unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Counts {
    /// Reported in the period, by the state in which they stand now.
    pub states: BTreeMap<String, Count>,
    /// Reported before the period and not at their end yet.
    pub open_before: Count,
}

impl Counts {
    /// The states in the order in which a matter passes through them; one that a newer version wrote comes last.
    pub fn in_order(&self) -> Vec<(&str, Count)> {
        let order = |state: &str| MatterState::ALL.iter().position(|known| known.name() == state).unwrap_or(usize::MAX);
        let mut states: Vec<_> = self.states.iter().map(|(state, count)| (state.as_str(), *count)).collect();
        states.sort_by_key(|(state, _)| order(state));
        states
    }
    /// All that were reported in the period.
    pub fn reported(&self) -> Count {
        self.states.values().fold(Count::default(), |mut sum, count| {
            sum.add(*count);
            sum
        })
    }
    /// All that are overdue, whenever they were reported.
    pub fn overdue(&self) -> u64 {
        self.reported().overdue + self.open_before.overdue
    }
}

/// The report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Matters {
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

/// The report with what only a reading of every open matter says.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WithWork {
    /// The counts.
    #[serde(flatten)]
    pub counts: Matters,
    /// See [`work_overdue`].
    pub work_overdue: u64,
}

/// Counts, with the matters whose work has run out of its working days.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn with_work(c: &Connection, scope: &Scope, asked: &Asked) -> Result<WithWork, ReportError> {
    Ok(WithWork { counts: matters(c, scope, asked)?, work_overdue: work_overdue(c, scope, asked)? })
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

/// How many matters of a unit's subtree have run out of the working days to accept or to handle them, whenever they were reported. Every open
/// matter is read for it, since the clock stands still while one is put off: no column says when it runs out.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn work_overdue(c: &Connection, scope: &Scope, asked: &Asked) -> Result<u64, ReportError> {
    super::head(c, scope, asked)?;
    let today = asked.now.day();
    let mut terms = TermsBook::read(c)?;
    let mut statement = c.prepare_cached(
        "SELECT record.area, record.body FROM unit_within inside
         CROSS JOIN record ON record.area = inside.unit AND record.kind = 9
         WHERE inside.ancestor = ?1 AND record.status IN
         ('reported', 'accepted', 'dispatched', 'rejected_back', 'signed', 'in_progress', 'extension_asked', 'verified_not')",
    )?;
    let mut rows = statement.query([asked.unit.as_bytes()])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let damaged = || StoreError::Damaged { what: "matter" };
        let body = row.get_ref(1)?.as_str().map_err(|_| damaged())?;
        let record: Record = serde_json::from_str(body).map_err(|_| damaged())?;
        let matter: Matter = record.read().map_err(|_| damaged())?;
        let clock = terms.work_clock(c, units::id_at(row, 0)?, &matter, &matter::fold(&record), today)?;
        count += u64::from(clock.is_some_and(|clock| clock.is_overdue(today)));
    }
    Ok(count)
}

/// Counts.
///
/// # Errors
/// [`ReportError::NotFound`] for a unit outside the scope.
pub fn matters(c: &Connection, scope: &Scope, asked: &Asked) -> Result<Matters, ReportError> {
    let head = super::head(c, scope, asked)?;
    let (from, after) = asked.bounds();
    let ended = ENDED.map(|state| format!("'{}'", state.name())).join(", ");
    let sql = format!(
        "{PARTS} SELECT part.child, record.status, record.sort < :from, count(*), count(iif(record.due < :now, 1, NULL))
         FROM part CROSS JOIN record ON record.area = part.area AND record.kind = 9
         WHERE record.sort < :after AND (record.sort >= :from OR record.status NOT IN ({ended})) GROUP BY 1, 2, 3"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let now = asked.now.to_string();
    let bound = named_params! { ":unit": asked.unit.as_bytes(), ":from": from, ":after": after, ":now": now };
    let mut rows = statement.query(bound)?;
    let mut total = Counts::default();
    let mut by_unit: HashMap<UnitId, Counts> = HashMap::new();
    while let Some(row) = rows.next()? {
        let (state, before): (String, bool) = (row.get(1)?, row.get(2)?);
        let counted = Count { count: row.get::<_, i64>(3)? as u64, overdue: row.get::<_, i64>(4)? as u64 };
        for counts in [&mut total, by_unit.entry(units::id_at(row, 0)?).or_default()] {
            if before {
                counts.open_before.add(counted);
            } else {
                counts.states.entry(state.clone()).or_default().add(counted);
            }
        }
    }
    let own = by_unit.remove(&asked.unit).unwrap_or_default();
    let children = units::children(c, asked.unit)?;
    let children =
        children.into_iter().map(|unit| UnitCounts { counts: by_unit.remove(&unit.id).unwrap_or_default(), unit });
    Ok(Matters { head, total, own, children: children.collect() })
}
