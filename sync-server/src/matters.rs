//! What desks do with matters: see one, know what may be done with it from which post, and do it. Each move is one transaction: the matter is
//! read, judged and written without anything in between. `terms` says until when, `list` what is open.

mod list;
mod open;
mod terms;

pub use list::{ROWS_MAX_COUNT, Row, Wanted, list, place};
pub use open::{Report, open};
pub use terms::TermsBook;

use crate::audit::{self, Actor};
use crate::grants;
use crate::ledger::{self, LedgerError};
use crate::store::scope::Scope;
use crate::store::{StoreError, id_at};
use crate::units;
use rusqlite::{Connection, OptionalExtension, Transaction};
use serde_json::Value;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{MatterId, StaffId, UnitId, derived};
use zoufang_domain::matter::{self, DESK, EventKind, Fold, Hindrance, Matter, Post};
use zoufang_domain::operation::{Action, Entry, Fields, List};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;

/// Why a move was not made. Nothing was written then.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// No such matter, or one in an area where the person has no post: the two are not told apart.
    #[error("no such matter in this person's area")]
    NotHere,
    /// The matter or the role stands against it.
    #[error("{}", .0.message_id())]
    Hindered(Hindrance),
    /// A text is missing or does not read.
    #[error("{0} is missing or does not read")]
    Field(String),
    /// The ledger refused, or its store failed.
    #[error(transparent)]
    Ledger(LedgerError),
}

impl From<LedgerError> for MoveError {
    fn from(e: LedgerError) -> Self {
        match e {
            LedgerError::Refused(Refusal::NotAssigned) => MoveError::NotHere,
            LedgerError::Refused(Refusal::Invalid { field }) => MoveError::Field(field),
            other => MoveError::Ledger(other),
        }
    }
}

impl From<StoreError> for MoveError {
    fn from(e: StoreError) -> Self {
        MoveError::Ledger(LedgerError::Store(e))
    }
}

impl From<rusqlite::Error> for MoveError {
    fn from(e: rusqlite::Error) -> Self {
        StoreError::from(e).into()
    }
}

/// A matter as it stands.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its record.
    pub record: Record,
    /// What it is about.
    pub matter: Matter,
    /// What its events add up to.
    pub folded: Fold,
}

/// A matter of an area; `None` when there is none. Not for an answer to anyone before it was asked whether they may see it ([`seen`]).
fn standing(c: &Connection, area: UnitId, id: MatterId) -> Result<Option<Standing>, StoreError> {
    let Some(record) = ledger::record(c, area, Kind::Matter, id.0)? else { return Ok(None) };
    let matter = record.read().map_err(|_| StoreError::Damaged { what: "matter" })?;
    let folded = matter::fold(&record);
    Ok(Some(Standing { record, matter, folded }))
}

/// A matter that somebody may see: one of their scope, or one that was given to a department in which they have a post. `None` for any other,
/// as for one that does not exist.
///
/// # Errors
/// What the store says.
pub fn seen(
    c: &Connection,
    scope: &Scope,
    posts: &[Post],
    area: UnitId,
    id: MatterId,
) -> Result<Option<Standing>, StoreError> {
    let Some(standing) = standing(c, area, id)? else { return Ok(None) };
    let given = |post: &Post| post.role == Role::Department && standing.folded.unit == Some(post.unit);
    let may_see = scope.covers(c, area)? || posts.iter().any(given);
    Ok(may_see.then_some(standing))
}

/// The area of a matter inside a scope; `None` when it is not there.
///
/// # Errors
/// What the store says.
pub fn area_of(c: &Connection, scope: &Scope, id: MatterId) -> Result<Option<UnitId>, StoreError> {
    for root in scope.roots() {
        if let Some(area) = area_below(c, *root, id)? {
            return Ok(scope.covers(c, area)?.then_some(area));
        }
    }
    Ok(None)
}

fn area_below(c: &Connection, unit: UnitId, id: MatterId) -> Result<Option<UnitId>, StoreError> {
    let sql = "SELECT record.area FROM unit_within inside CROSS JOIN record
               ON record.area = inside.unit AND record.kind = 9 AND record.id = ?2 WHERE inside.ancestor = ?1";
    let mut statement = c.prepare_cached(sql)?;
    let found = statement.query_row((unit.as_bytes(), id.0.as_bytes()), |row| id_at(row, 0)).optional()?;
    Ok(found.map(UnitId))
}

/// The posts from which a person acts in an area now: those of the area and of the units above it that reach below.
///
/// # Errors
/// What the store says.
pub fn posts(c: &Connection, now_ms: i64, staff: StaffId, area: UnitId) -> Result<Vec<Post>, StoreError> {
    let over = grants::posts_over(c, now_ms, staff, area)?;
    Ok(over.into_iter().map(|(unit, role)| Post { staff, role, unit }).collect())
}

/// Every move that may be made now from any of the posts, in the order of a matter's course.
pub fn moves(folded: &Fold, posts: &[Post]) -> Vec<EventKind> {
    let may = |event: &EventKind| posts.iter().any(|post| folded.may(*post, *event).is_ok());
    EventKind::ALL.iter().copied().filter(may).collect()
}

/// A move that somebody asks for.
#[derive(Clone, Debug)]
pub struct Move {
    /// Who.
    pub staff: StaffId,
    /// The matter's area.
    pub area: UnitId,
    /// The matter.
    pub matter: MatterId,
    /// What.
    pub event: EventKind,
    /// What is written with it.
    pub data: Fields,
}

/// Makes a move, judged by the posts that are held now and by the matter as it stands in this transaction. Gives where it stands then.
///
/// # Errors
/// [`MoveError`]; the transaction is then to be rolled back.
pub fn make(tx: &Transaction<'_>, now_ms: i64, asked: Move) -> Result<Standing, MoveError> {
    let Move { staff, area, matter: id, event, mut data } = asked;
    let posts = posts(tx, now_ms, staff, area)?;
    let stands = standing(tx, area, id)?.filter(|_| !posts.is_empty()).ok_or(MoveError::NotHere)?;
    let post = choose(&stands.folded, &posts, event)?;
    event.check(&data).map_err(|field| MoveError::Field(field.to_owned()))?;
    check_places(tx, now_ms, &stands, post, event, &data)?;
    data.insert(DESK.to_owned(), Value::from(post.unit.to_string()));
    // The same move sent twice is one: its id follows from where the matter stood.
    let at = stands.folded.events.len().to_string();
    let entry = Entry {
        id: derived(&["move", &id.to_string(), &at, event.name(), &staff.to_string()]),
        list: List::Events,
        what: event.name().to_owned(),
        when: Moment::from_ms(now_ms),
        who: staff,
        data,
    };
    ledger::write_at_desk(tx, now_ms, staff, area, Kind::Matter, id.0, Action::Append { entry })?;
    audit::write(tx, now_ms, Actor::Staff(staff), &format!("matter.{}", event.name()), &id.to_string())?;
    standing(tx, area, id)?.ok_or(MoveError::NotHere)
}

/// The first post from which the move may be made; without one, what stands against it for the post that comes nearest.
fn choose(folded: &Fold, posts: &[Post], event: EventKind) -> Result<Post, MoveError> {
    let mut hindrance = Hindrance::Role;
    for post in posts {
        match folded.may(*post, event) {
            Ok(()) => return Ok(*post),
            Err(Hindrance::Role) => {}
            Err(nearer) => hindrance = nearer,
        }
    }
    // A department learns nothing of a matter that is not its own.
    match hindrance {
        Hindrance::OtherUnit if posts.iter().all(|post| post.role == Role::Department) => Err(MoveError::NotHere),
        other => Err(MoveError::Hindered(other)),
    }
}

/// What a move names must be there: a unit that the matter's area belongs to, another matter of the same desk, a day that is still to come.
fn check_places(
    tx: &Transaction<'_>,
    now_ms: i64,
    stands: &Standing,
    post: Post,
    event: EventKind,
    data: &Fields,
) -> Result<(), MoveError> {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let wrong = |name: &str| Err(MoveError::Field(name.to_owned()));
    let id = |name: &str| Uuid::parse_str(text(name)).unwrap_or_default();
    match event {
        EventKind::Dispatch => {
            let above = units::ancestors(tx, stands.record.area)?;
            if above.iter().any(|unit| unit.id.0 == id("unit")) { Ok(()) } else { wrong("unit") }
        }
        EventKind::Merge => {
            let into = MatterId(id("into"));
            let is_there = into.0 != stands.record.id && area_below(tx, post.unit, into)?.is_some();
            if is_there { Ok(()) } else { wrong("into") }
        }
        EventKind::AskExtension | EventKind::GrantExtension | EventKind::Suspend => {
            let name = if event == EventKind::Suspend { "review" } else { "until" };
            let is_to_come =
                text(name).parse().is_ok_and(|day: chrono::NaiveDate| day >= Moment::from_ms(now_ms).day());
            if is_to_come { Ok(()) } else { wrong(name) }
        }
        _ => Ok(()),
    }
}
