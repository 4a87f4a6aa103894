//! Members of staff: who they are, where they are posted, and (in [`login`]) how supervisors prove who they are on the web.
//!
//! Posts are rows of `assignment`, which every right is read from, and at the same time records of the unit's area, so that phones there
//! know their colleagues. Both are written in one transaction. A post ends, it is never deleted.

pub mod login;

use crate::audit::{self, Actor};
use crate::ledger::{self, LedgerError};
use crate::store::{StoreError, id_at};
use crate::units;
use rusqlite::{Connection, OptionalExtension, Transaction};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, StaffId, UnitId};
use zoufang_domain::operation::Action;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::{Assignment, Role, Staff, Standing};
use zoufang_domain::validate::NAME_MAX_CHARS;

/// Why a member of staff or a post could not be written.
#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    /// The name is empty or too long.
    #[error("a name has 1 to {NAME_MAX_CHARS} characters")]
    Name,
    /// The login is taken, or has characters other than `a-z 0-9 . _ -`.
    #[error("the login is taken, or is not 3 to 32 of a-z 0-9 . _ -")]
    Login,
    /// The password is too short or too long.
    #[error("a password has {} to {} characters", login::PASSWORD_MIN_CHARS, login::PASSWORD_MAX_CHARS)]
    Password,
    /// No such member of staff.
    #[error("no such member of staff")]
    NoStaff,
    /// No such unit.
    #[error("no such unit")]
    NoUnit,
    /// No such post, or it has ended.
    #[error("no such post, or it has ended")]
    NoPost,
    /// The micro-grid has a responsible manager at that time.
    #[error("the micro-grid has a responsible manager already: {name}")]
    Managed {
        /// Their name.
        name: String,
    },
    /// An acting post says for whom, and until when; no other does.
    #[error("an acting post names whom it stands in for and when it ends")]
    Acting,
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for StaffError {
    fn from(error: rusqlite::Error) -> Self {
        StaffError::Store(error.into())
    }
}

/// A new member of staff.
#[derive(Clone, Debug)]
pub struct StaffDraft {
    /// Name.
    pub name: String,
    /// Work phone.
    pub phone: Option<String>,
    /// What they sign in with on the web, if they do.
    pub login: Option<String>,
    /// Their password as [`login::hash`] made it.
    pub password_hash: Option<String>,
}

/// Adds a member of staff. They may do nothing until they are posted ([`assign`]).
///
/// # Errors
/// [`StaffError::Name`], [`StaffError::Login`], what the store says.
pub fn create(tx: &Transaction<'_>, now_ms: i64, id: StaffId, draft: &StaffDraft) -> Result<(), StaffError> {
    let name = draft.name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX_CHARS {
        return Err(StaffError::Name);
    }
    let login = draft.login.as_deref().map(login::normal);
    if let Some(login) = &login
        && (!login::is_well_formed(login) || by_login(tx, login)?.is_some())
    {
        return Err(StaffError::Login);
    }
    let sql = "INSERT INTO staff (id, name, phone, login, password_hash) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.prepare_cached(sql)?.execute((id.as_bytes(), name, &draft.phone, login, &draft.password_hash))?;
    audit::write(tx, now_ms, Actor::Console, "staff.created", &id.to_string())?;
    Ok(())
}

/// A new post.
#[derive(Clone, Copy, Debug)]
pub struct Post {
    /// Its id.
    pub id: AssignmentId,
    /// Who.
    pub staff: StaffId,
    /// Where.
    pub unit: UnitId,
    /// As what.
    pub role: Role,
    /// From when on.
    pub from: Moment,
    /// The first moment that it no longer covers, if that is known.
    pub to: Option<Moment>,
    /// Responsible, beside the responsible one, or in their place.
    pub standing: Standing,
    /// Whom an acting manager stands in for.
    pub acting_for: Option<StaffId>,
}

impl Post {
    /// A responsible post without an end.
    pub fn new(id: AssignmentId, staff: StaffId, unit: UnitId, role: Role, from: Moment) -> Self {
        Post { id, staff, unit, role, from, to: None, standing: Standing::Responsible, acting_for: None }
    }
}

/// The responsible manager of a unit within a time, if it has one.
///
/// # Errors
/// What the store says.
pub fn responsible_manager(
    c: &Connection,
    unit: UnitId,
    from: Moment,
    to: Option<Moment>,
) -> Result<Option<StaffView>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM assignment post JOIN staff ON staff.id = post.staff
         WHERE post.unit = ?1 AND post.role = ?2 AND post.standing = 'responsible'
         AND (post.to_ms IS NULL OR ?3 < post.to_ms) AND (?4 IS NULL OR post.from_ms < ?4)
         AND (post.to_ms IS NULL OR post.from_ms < post.to_ms) LIMIT 1"
    );
    let values = (unit.as_bytes(), Role::MicroGridManager.name(), from.to_ms(), to.map(Moment::to_ms));
    Ok(c.prepare_cached(&sql)?.query_row(values, view).optional()?)
}

/// Posts a member of staff to a unit: the row that rights are read from, and the two records that phones of that unit get.
///
/// # Errors
/// [`StaffError::NoStaff`], [`StaffError::NoUnit`], [`StaffError::Managed`], [`StaffError::Acting`], what the ledger or the store says.
pub fn assign(tx: &Transaction<'_>, now_ms: i64, author: StaffId, post: Post) -> Result<(), StaffError> {
    let person = find(tx, post.staff)?.ok_or(StaffError::NoStaff)?;
    units::find(tx, post.unit)?.ok_or(StaffError::NoUnit)?;
    if (post.standing == Standing::Acting) != post.acting_for.is_some()
        || post.standing == Standing::Acting && post.to.is_none()
    {
        return Err(StaffError::Acting);
    }
    if post.role == Role::MicroGridManager
        && post.standing == Standing::Responsible
        && let Some(other) = responsible_manager(tx, post.unit, post.from, post.to)?
    {
        return Err(StaffError::Managed { name: other.name });
    }
    let sql = "INSERT INTO assignment (id, staff, unit, role, from_ms, to_ms, standing, acting_for)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    tx.prepare_cached(sql)?.execute((
        post.id.as_bytes(),
        post.staff.as_bytes(),
        post.unit.as_bytes(),
        post.role.name(),
        post.from.to_ms(),
        post.to.map(Moment::to_ms),
        post.standing.name(),
        post.acting_for.map(|staff| *staff.as_bytes()),
    ))?;
    let staff = Staff { name: person.name, phone: person.phone };
    let known = ledger::record(tx, post.unit, Kind::Staff, post.staff.0)?;
    if known.is_none() {
        let action = Action::Create { fields: ledger::fields_of(&staff), entries: Vec::new() };
        ledger::write_own(tx, now_ms, author, post.unit, Kind::Staff, post.staff.0, action)?;
    }
    let Post { id, staff, unit, role, from, to, standing, acting_for } = post;
    write_record(tx, now_ms, author, id, &Assignment { staff, unit, role, from, to, standing, acting_for })?;
    units::raise_grants_version(tx, unit)?;
    audit::write(tx, now_ms, Actor::Console, "assignment.begun", &id.to_string())?;
    Ok(())
}

/// Ends a post. `to` is the first moment that it no longer covers.
///
/// # Errors
/// [`StaffError::NoPost`], what the ledger or the store says.
pub fn end(tx: &Transaction<'_>, now_ms: i64, author: StaffId, id: AssignmentId, to: Moment) -> Result<(), StaffError> {
    let sql = "SELECT staff, unit, role, from_ms, standing, acting_for FROM assignment
               WHERE id = ?1 AND (to_ms IS NULL OR to_ms > ?2)";
    let found = tx.prepare_cached(sql)?.query_row((id.as_bytes(), now_ms), |row| {
        let (role, standing, acting_for): (String, String, Option<[u8; 16]>) = (row.get(2)?, row.get(4)?, row.get(5)?);
        let where_and_when = (StaffId(id_at(row, 0)?), UnitId(id_at(row, 1)?), Moment::from_ms(row.get(3)?));
        Ok((where_and_when, role, standing, acting_for))
    });
    let ((staff, unit, from), role, standing, acting_for) = found.optional()?.ok_or(StaffError::NoPost)?;
    let role = Role::from_name(&role).ok_or(StoreError::Damaged { what: "role" })?;
    let standing = Standing::from_name(&standing).ok_or(StoreError::Damaged { what: "standing" })?;
    let acting_for = acting_for.map(|id| StaffId(uuid::Uuid::from_bytes(id)));
    let to = to.max(from);
    tx.prepare_cached("UPDATE assignment SET to_ms = ?2 WHERE id = ?1")?.execute((id.as_bytes(), to.to_ms()))?;
    let ended = Assignment { staff, unit, role, from, to: Some(to), standing, acting_for };
    write_record(tx, now_ms, author, id, &ended)?;
    units::raise_grants_version(tx, unit)?;
    audit::write(tx, now_ms, Actor::Console, "assignment.ended", &id.to_string())?;
    Ok(())
}

/// The record of a post. Its fields are facts; the end, which comes later, joins by a second creation with the same id.
fn write_record(
    tx: &Transaction<'_>,
    now_ms: i64,
    author: StaffId,
    id: AssignmentId,
    post: &Assignment,
) -> Result<(), StaffError> {
    let action = Action::Create { fields: ledger::fields_of(post), entries: Vec::new() };
    ledger::write_own(tx, now_ms, author, post.unit, Kind::Assignment, id.0, action)?;
    Ok(())
}

/// Sets who someone signs in as, and with what. Ends a lock, and every session of theirs.
///
/// # Errors
/// [`StaffError::Login`], [`StaffError::NoStaff`], what the store says.
pub fn set_password(
    tx: &Transaction<'_>,
    now_ms: i64,
    staff: StaffId,
    login: Option<&str>,
    password_hash: &str,
) -> Result<(), StaffError> {
    let login = login.map(login::normal);
    if let Some(login) = &login {
        let taken = by_login(tx, login)?.is_some_and(|other| other.id != staff);
        if taken || !login::is_well_formed(login) {
            return Err(StaffError::Login);
        }
    }
    let sql =
        "UPDATE staff SET login = coalesce(?2, login), password_hash = ?3, failed_count = 0, locked_until_ms = NULL
               WHERE id = ?1 AND closed_ms IS NULL";
    let changed = tx.prepare_cached(sql)?.execute((staff.as_bytes(), login, password_hash))?;
    if changed == 0 {
        return Err(StaffError::NoStaff);
    }
    tx.prepare_cached("DELETE FROM web_session WHERE staff = ?1")?.execute([staff.as_bytes()])?;
    audit::write(tx, now_ms, Actor::Console, "staff.password_set", &staff.to_string())?;
    Ok(())
}

/// A member of staff as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffView {
    /// Id.
    pub id: StaffId,
    /// Name.
    pub name: String,
    /// Work phone.
    pub phone: Option<String>,
    /// Web login.
    pub login: Option<String>,
}

/// A post as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostView {
    /// Id.
    pub id: AssignmentId,
    /// Who.
    pub staff: StaffView,
    /// Where.
    pub unit: UnitId,
    /// The unit's name.
    pub unit_name: String,
    /// As what, as the table names it.
    pub role: String,
    /// Responsible, beside the responsible one, or in their place, as the table names it.
    pub standing: String,
    /// From.
    pub from: Moment,
    /// Until.
    pub to: Option<Moment>,
}

/// The columns that [`view`] reads.
const COLUMNS: &str = "staff.id, staff.name, staff.phone, staff.login";

fn view(row: &rusqlite::Row<'_>) -> rusqlite::Result<StaffView> {
    Ok(StaffView { id: StaffId(id_at(row, 0)?), name: row.get(1)?, phone: row.get(2)?, login: row.get(3)? })
}

/// One member of staff.
///
/// # Errors
/// What the store says.
pub fn find(c: &Connection, id: StaffId) -> Result<Option<StaffView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE id = ?1 AND closed_ms IS NULL");
    Ok(c.prepare_cached(&sql)?.query_row([id.as_bytes()], view).optional()?)
}

/// Whether anybody has or had that id.
///
/// # Errors
/// What the store says.
pub fn is_known(c: &Connection, id: StaffId) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM staff WHERE id = ?1)";
    Ok(c.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0))?)
}

/// The member of staff with that login.
///
/// # Errors
/// What the store says.
pub fn by_login(c: &Connection, login: &str) -> Result<Option<StaffView>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE login = ?1 AND closed_ms IS NULL");
    Ok(c.prepare_cached(&sql)?.query_row([login::normal(login)], view).optional()?)
}

/// Members of staff by what a person types: an id, a login, or a name; several when a name is not unique.
///
/// # Errors
/// What the store says.
pub fn matching(c: &Connection, text: &str) -> Result<Vec<StaffView>, StoreError> {
    let text = text.trim();
    if let Ok(id) = text.parse::<StaffId>() {
        return Ok(find(c, id)?.into_iter().collect());
    }
    if let Some(found) = by_login(c, text)? {
        return Ok(vec![found]);
    }
    let sql = format!("SELECT {COLUMNS} FROM staff WHERE name = ?1 AND closed_ms IS NULL ORDER BY id");
    let found = c.prepare_cached(&sql)?.query_map([text], view)?.collect::<Result<_, _>>()?;
    Ok(found)
}

/// All posts within a unit's subtree, those that stand first.
///
/// # Errors
/// What the store says.
pub fn posts_within(c: &Connection, unit: UnitId) -> Result<Vec<PostView>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS}, post.id, post.unit, unit.name, post.role, post.from_ms, post.to_ms, post.standing
         FROM unit_within inside JOIN assignment post ON post.unit = inside.unit
         JOIN staff ON staff.id = post.staff JOIN unit ON unit.id = post.unit
         WHERE inside.ancestor = ?1 ORDER BY post.to_ms IS NOT NULL, unit.code, unit.name, post.role, staff.name, post.id"
    );
    let mut statement = c.prepare_cached(&sql)?;
    let posts = statement.query_map([unit.as_bytes()], |row| {
        Ok(PostView {
            staff: view(row)?,
            id: AssignmentId(id_at(row, 4)?),
            unit: UnitId(id_at(row, 5)?),
            unit_name: row.get(6)?,
            role: row.get(7)?,
            from: Moment::from_ms(row.get(8)?),
            to: row.get::<_, Option<i64>>(9)?.map(Moment::from_ms),
            standing: row.get(10)?,
        })
    })?;
    Ok(posts.collect::<Result<_, _>>()?)
}
