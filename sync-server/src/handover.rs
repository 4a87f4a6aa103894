//! Handover 交接: one person's post ends and the next one's begins in one transaction. What the one who leaves has not sent is judged by the
//! post that it was made under, whenever it comes; the phones erase the area once they have sent everything, and say so.

use crate::audit::{self, Actor};
use crate::ports::{Random, random_id};
use crate::staff::{self, Post, StaffError};
use crate::store::{StoreError, id_at};
use rusqlite::{Connection, OptionalExtension, Transaction};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, DeviceId, StaffId, UnitId};
use zoufang_domain::staff::{Role, Standing};

/// Why nothing was handed over.
#[derive(Debug, thiserror::Error)]
pub enum HandoverError {
    /// The one who leaves has no post there that can be handed over.
    #[error("no post there to hand over")]
    NoPost,
    /// From and to are the same person.
    #[error("from and to are the same person")]
    Same,
    /// Phones of the one who leaves have not sent everything.
    #[error("{unsent_count} operations are not sent yet, on {phones_count} phones")]
    Unsent {
        /// Operations, as the phones last said.
        unsent_count: u64,
        /// On so many phones.
        phones_count: u64,
    },
    /// The posts could not be written.
    #[error(transparent)]
    Staff(#[from] StaffError),
}

impl From<StoreError> for HandoverError {
    fn from(error: StoreError) -> Self {
        HandoverError::Staff(error.into())
    }
}

impl From<rusqlite::Error> for HandoverError {
    fn from(error: rusqlite::Error) -> Self {
        HandoverError::Staff(error.into())
    }
}

/// What is to be handed over.
#[derive(Clone, Copy, Debug)]
pub struct Wish {
    /// Where.
    pub unit: UnitId,
    /// Who leaves.
    pub from: StaffId,
    /// Who comes.
    pub to: StaffId,
    /// Whether to go on although phones of the one who leaves have not sent everything. Nothing of it is lost then either.
    pub with_unsent: bool,
}

/// What was handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// Its id.
    pub id: Uuid,
    /// The role that changed hands.
    pub role: Role,
    /// Phones that will erase the area.
    pub phones_count: u64,
}

/// Hands over: the post ends now, the same post begins now for the successor, whose phone gets the area with its next pull.
///
/// # Errors
/// [`HandoverError`]; nothing is written then.
pub fn make(
    tx: &Transaction<'_>,
    random: &dyn Random,
    now_ms: i64,
    author: StaffId,
    wish: Wish,
) -> Result<Done, HandoverError> {
    if wish.from == wish.to {
        return Err(HandoverError::Same);
    }
    let (ended, role, standing, acting_for) = post_of(tx, now_ms, wish)?.ok_or(HandoverError::NoPost)?;
    let phones = phones_of(tx, wish.from)?;
    let unsent_count = phones.iter().map(|(_, unsent_count)| unsent_count).sum();
    if unsent_count > 0 && !wish.with_unsent {
        let phones_count = phones.iter().filter(|(_, unsent_count)| *unsent_count > 0).count() as u64;
        return Err(HandoverError::Unsent { unsent_count, phones_count });
    }
    let (now, begun) = (Moment::from_ms(now_ms), AssignmentId(random_id(random)));
    staff::end(tx, now_ms, author, ended, now)?;
    let post = Post { standing, acting_for, ..Post::new(begun, wish.to, wish.unit, role, now) };
    staff::assign(tx, now_ms, author, post)?;
    let id = random_id(random);
    let sql = "INSERT INTO handover (id, unit, ended, begun, at_ms, unsent_count) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.prepare_cached(sql)?.execute((
        id.as_bytes(),
        wish.unit.as_bytes(),
        ended.as_bytes(),
        begun.as_bytes(),
        now_ms,
        unsent_count as i64,
    ))?;
    let mut insert = tx.prepare_cached("INSERT INTO handover_device (handover, device, at_ms) VALUES (?1, ?2, ?3)")?;
    for (device, _) in &phones {
        insert.execute((id.as_bytes(), device.as_bytes(), now_ms))?;
    }
    audit::write(tx, now_ms, Actor::Console, "handover.made", &id.to_string())?;
    Ok(Done { id, role, phones_count: phones.len() as u64 })
}

type PostOf = (AssignmentId, Role, Standing, Option<StaffId>);

/// The post that is handed over: of several there, the one that began last.
fn post_of(tx: &Transaction<'_>, now_ms: i64, wish: Wish) -> Result<Option<PostOf>, StoreError> {
    let sql = "SELECT id, role, standing, acting_for FROM assignment
               WHERE unit = ?1 AND staff = ?2 AND from_ms <= ?3 AND (to_ms IS NULL OR ?3 < to_ms) ORDER BY from_ms DESC, id LIMIT 1";
    let found = tx.prepare_cached(sql)?.query_row((wish.unit.as_bytes(), wish.from.as_bytes(), now_ms), |row| {
        let acting_for: Option<[u8; 16]> = row.get(3)?;
        Ok((AssignmentId(id_at(row, 0)?), row.get::<_, String>(1)?, row.get::<_, String>(2)?, acting_for))
    });
    let Some((id, role, standing, acting_for)) = found.optional()? else { return Ok(None) };
    let role = Role::from_name(&role).ok_or(StoreError::Damaged { what: "role" })?;
    let standing = Standing::from_name(&standing).ok_or(StoreError::Damaged { what: "standing" })?;
    Ok(Some((id, role, standing, acting_for.map(|id| StaffId(Uuid::from_bytes(id))))))
}

/// The phones in use of a member of staff, with what each last said that it had not sent.
fn phones_of(c: &Connection, staff: StaffId) -> Result<Vec<(DeviceId, u64)>, StoreError> {
    let sql = "SELECT id, coalesce(unsent_count, 0) FROM device WHERE staff = ?1 AND status IN ('active', 'suspended') ORDER BY id";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement
        .query_map([staff.as_bytes()], |row| Ok((DeviceId(id_at(row, 0)?), row.get::<_, i64>(1)?.max(0) as u64)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A handover as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandoverView {
    /// The unit's name.
    pub unit: String,
    /// As what, as the table names it.
    pub role: String,
    /// Who left.
    pub from: String,
    /// Who came.
    pub to: String,
    /// When.
    pub at: Moment,
    /// What the phones of the one who left had not sent by then.
    pub unsent_count: u64,
    /// Phones that held the area.
    pub phones_count: u64,
    /// Of these, that have erased it.
    pub erased_count: u64,
    /// When the last of them did, once all have.
    pub erased: Option<Moment>,
}

/// The handovers within a unit's subtree, the latest first.
///
/// # Errors
/// What the store says.
pub fn within(c: &Connection, unit: UnitId) -> Result<Vec<HandoverView>, StoreError> {
    let sql = "SELECT unit.name, old.role, giver.name, taker.name, h.at_ms, h.unsent_count,
            (SELECT count(*) FROM handover_device d WHERE d.handover = h.id),
            (SELECT count(d.erased_ms) FROM handover_device d WHERE d.handover = h.id),
            (SELECT max(d.erased_ms) FROM handover_device d WHERE d.handover = h.id)
        FROM unit_within inside JOIN handover h ON h.unit = inside.unit JOIN unit ON unit.id = h.unit
        JOIN assignment old ON old.id = h.ended JOIN staff giver ON giver.id = old.staff
        JOIN assignment new ON new.id = h.begun JOIN staff taker ON taker.id = new.staff
        WHERE inside.ancestor = ?1 ORDER BY h.at_ms DESC, h.id";
    let mut statement = c.prepare_cached(sql)?;
    let rows = statement.query_map([unit.as_bytes()], |row| {
        let count = |at: usize| row.get::<_, i64>(at).map(|count| count.max(0) as u64);
        let (phones_count, erased_count) = (count(6)?, count(7)?);
        let last: Option<i64> = row.get(8)?;
        Ok(HandoverView {
            unit: row.get(0)?,
            role: row.get(1)?,
            from: row.get(2)?,
            to: row.get(3)?,
            at: Moment::from_ms(row.get(4)?),
            unsent_count: count(5)?,
            phones_count,
            erased_count,
            erased: last.filter(|_| phones_count == erased_count).map(Moment::from_ms),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A phone said that it holds nothing of the areas that were taken from it before a moment.
///
/// # Errors
/// What the store says.
pub fn note_erased(tx: &Transaction<'_>, device: DeviceId, at_ms: i64) -> Result<(), StoreError> {
    let sql = "UPDATE handover_device SET erased_ms = ?2 WHERE device = ?1 AND erased_ms IS NULL AND at_ms < ?2";
    tx.prepare_cached(sql)?.execute((device.as_bytes(), at_ms))?;
    Ok(())
}
