//! Lists of matters: of a unit, or given to a department. The one due first comes first.

use super::TermsBook;
use crate::store::scope::Scope;
use crate::store::{StoreError, id_at};
use rusqlite::{Connection, OptionalExtension, named_params};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{MatterId, UnitId};
use zoufang_domain::matter::{self, Matter, MatterState, Turn, Urgency, WorkClock};
use zoufang_domain::record::Record;

/// Most rows of one list.
pub const ROWS_MAX_COUNT: usize = 200;

/// Which matters a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Of a unit's subtree, not at their end.
    Open {
        /// The unit. The caller has asked whether it lies inside the scope.
        unit: UnitId,
    },
    /// Given to a unit and not sent back, wherever below it they are, not at their end.
    GivenTo {
        /// The unit.
        unit: UnitId,
    },
}

/// A matter in a list.
#[derive(Clone, Debug)]
pub struct Row {
    /// The matter.
    pub id: MatterId,
    /// Its micro-grid.
    pub area: UnitId,
    /// The micro-grid's name with that of its grid.
    pub place: String,
    /// What it is about.
    pub matter: Matter,
    /// Where it stands.
    pub state: MatterState,
    /// Whose turn it is.
    pub turn: Turn,
    /// When it was reported.
    pub reported_at: Option<Moment>,
    /// Whether the resident's answer is late.
    pub is_overdue: bool,
    /// The clock of those who work on it.
    pub work: Option<WorkClock>,
    /// Under supervision.
    pub supervised: bool,
    /// Taken to the level above.
    pub escalated: bool,
}

impl Row {
    /// Whether it is urgent, as its reporter said.
    pub fn is_urgent(&self) -> bool {
        self.matter.urgency == Some(Urgency::Urgent)
    }
}

const PLACE: &str = "iif(unit.level = 'micro_grid',
    coalesce((SELECT above.name || ' · ' FROM unit above WHERE above.id = unit.parent), ''), '') || unit.name";

/// The name of a place, a micro-grid's with that of its grid; empty when there is no such unit.
///
/// # Errors
/// What the store says.
pub fn place(c: &Connection, unit: UnitId) -> Result<String, StoreError> {
    let sql = format!("SELECT {PLACE} FROM unit WHERE unit.id = ?1");
    let found = c.prepare_cached(&sql)?.query_row([unit.as_bytes()], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// The first [`ROWS_MAX_COUNT`] of a list: what waits for an answer before the rest, the one due first first.
///
/// # Errors
/// What the store says.
pub fn list(c: &Connection, scope: &Scope, wanted: Wanted, now: Moment) -> Result<Vec<Row>, StoreError> {
    // To whom a matter was given stands in its events alone, so there the rows are counted after they were read.
    let (unit, given, rows_max) = match wanted {
        Wanted::Open { unit } if !scope.covers(c, unit)? => return Ok(Vec::new()),
        Wanted::Open { unit } => (unit, None, ROWS_MAX_COUNT as i64),
        Wanted::GivenTo { unit } => (unit, Some(unit), -1),
    };
    let sql = format!(
        "SELECT record.area, {PLACE}, record.body FROM unit_within inside
         CROSS JOIN record ON record.area = inside.unit AND record.kind = 9 JOIN unit ON unit.id = record.area
         WHERE inside.ancestor = :unit AND record.status <> 'closed'
         ORDER BY record.due IS NULL, record.due, record.sort, record.id LIMIT :max"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let mut rows = statement.query(named_params! { ":unit": unit.as_bytes(), ":max": rows_max })?;
    let mut terms = TermsBook::read(c)?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        if list.len() == ROWS_MAX_COUNT {
            break;
        }
        let body = row.get_ref(2)?.as_str().map_err(|_| StoreError::Damaged { what: "matter" })?;
        let record: Record = serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "matter" })?;
        let folded = matter::fold(&record);
        if given.is_some_and(|unit| folded.unit != Some(unit)) {
            continue;
        }
        let area = UnitId(id_at(row, 0)?);
        let about: Matter = record.read().map_err(|_| StoreError::Damaged { what: "matter" })?;
        let work = terms.work_clock(c, area, &about, &folded, now.day())?;
        list.push(Row {
            id: MatterId(record.id),
            area,
            place: row.get(1)?,
            state: folded.state,
            turn: folded.state.turn(),
            reported_at: folded.reported_at,
            is_overdue: folded.is_overdue(about.due, now),
            work,
            supervised: folded.supervised,
            escalated: folded.escalated,
            matter: about,
        });
    }
    Ok(list)
}
