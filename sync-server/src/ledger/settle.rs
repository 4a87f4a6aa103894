//! How people settle what waits in quarantine: taken after all, taken for another area, or refused with an answer to its author. The
//! original stays word for word whatever comes of it.

use super::book::{Book, Hand};
use super::rejoin::rejoin;
use super::witness;
use super::{LedgerError, own};
use crate::audit::{self, Actor};
use crate::grants;
use crate::store::{StoreError, id_at};
use crate::units;
use rusqlite::{Connection, OptionalExtension, Transaction};
use zoufang_domain::authority;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::staff::Role;
use zoufang_domain::unit::Level;
use zoufang_domain::validate;
use zoufang_domain::witness as copies;

/// What is to become of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// It is taken as it was made.
    Accept,
    /// It is taken for another area.
    Rehome {
        /// Which.
        area: UnitId,
    },
    /// It is not taken.
    Refuse {
        /// What its author is told; not empty, at most [`validate::TEXT_MAX_CHARS`] characters.
        answer: String,
    },
}

impl Way {
    /// The name in the database and on the wire.
    pub fn name(&self) -> &'static str {
        match self {
            Way::Accept => "accepted",
            Way::Rehome { .. } => "rehomed",
            Way::Refuse { .. } => "refused",
        }
    }
}

/// Who settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settler {
    /// Someone with a post over the area that settles ([`authority::settles`]).
    Staff(StaffId),
    /// The server's own command line.
    Console,
}

/// An entry as it stands in the database.
struct Entry {
    row: i64,
    device: DeviceId,
    holder: StaffId,
    area: UnitId,
    counter: u64,
    reason: Refusal,
    text: String,
}

/// Settles one entry in the caller's transaction. Gives false when it is settled already: two people may press at once.
///
/// # Errors
/// [`Refusal::NotAssigned`] when there is no such entry in the settler's area, or the new area is not theirs; [`Refusal::Invalid`] for an
/// empty answer or a new area that is no micro-grid; [`Refusal::NotAllowed`] for what no phone may do whoever holds it; for an entry that cannot be taken, the reason why: it goes on waiting, to be re-homed or refused.
pub fn settle(tx: &Transaction<'_>, now_ms: i64, settler: Settler, entry: i64, way: &Way) -> Result<bool, LedgerError> {
    let Some((entry, is_settled)) = find(tx, entry)? else { return Err(Refusal::NotAssigned.into()) };
    may_settle(tx, now_ms, settler, entry.area)?;
    if is_settled {
        return Ok(false);
    }
    match way {
        Way::Accept => take(tx, now_ms, &entry, None)?,
        Way::Rehome { area } => {
            may_settle(tx, now_ms, settler, *area)?;
            // What phones make lies in micro-grids; the units above hold only what is set for all below.
            if units::find(tx, *area)?.is_none_or(|unit| unit.level != Level::MicroGrid) {
                return Err(Refusal::Invalid { field: "area".into() }.into());
            }
            take(tx, now_ms, &entry, Some(*area))?;
        }
        Way::Refuse { answer } => {
            let is_too_long = answer.chars().count() > validate::TEXT_MAX_CHARS;
            if answer.trim().is_empty() || is_too_long {
                return Err(Refusal::Invalid { field: "answer".into() }.into());
            }
        }
    }
    note(tx, now_ms, settler, &entry, way)?;
    Ok(true)
}

fn find(tx: &Transaction<'_>, row: i64) -> Result<Option<(Entry, bool)>, StoreError> {
    let sql =
        "SELECT device, staff, area, counter, reason, operation, settled_ms IS NOT NULL FROM quarantine WHERE id = ?1";
    let found = tx.prepare_cached(sql)?.query_row([row], |it| {
        let (device, holder, area) = (DeviceId(id_at(it, 0)?), StaffId(id_at(it, 1)?), UnitId(id_at(it, 2)?));
        let (counter, reason): (i64, String) = (it.get(3)?, it.get(4)?);
        Ok(((device, holder, area, counter.max(0) as u64), reason, it.get::<_, String>(5)?, it.get::<_, bool>(6)?))
    });
    let Some(((device, holder, area, counter), reason, text, is_settled)) = found.optional()? else {
        return Ok(None);
    };
    let reason = serde_json::from_str(&reason).map_err(|_| StoreError::Damaged { what: "reason" })?;
    Ok(Some((Entry { row, device, holder, area, counter, reason, text }, is_settled)))
}

/// Whether the settler has a post of this moment over an area in a role that settles.
fn may_settle(tx: &Transaction<'_>, now_ms: i64, settler: Settler, area: UnitId) -> Result<(), LedgerError> {
    may_by_post(tx, now_ms, settler, area, authority::settles)
}

/// Whether somebody has a post of this moment over an area in a role that may.
pub(super) fn may_by_post(
    c: &Connection,
    now_ms: i64,
    by: Settler,
    area: UnitId,
    may: fn(Role) -> bool,
) -> Result<(), LedgerError> {
    let Settler::Staff(staff) = by else { return Ok(()) };
    let posts = grants::posts_over(c, now_ms, staff, area)?;
    match posts.iter().any(|(_, role)| may(*role)) {
        true => Ok(()),
        false if posts.is_empty() => Err(Refusal::NotAssigned.into()),
        false => Err(Refusal::NotAllowed.into()),
    }
}

/// Whether someone may settle what waits in an area, and what stands against each other there.
///
/// # Errors
/// What the store says.
pub fn settles(c: &Connection, now_ms: i64, staff: StaffId, area: UnitId) -> Result<bool, StoreError> {
    Ok(grants::posts_over(c, now_ms, staff, area)?.into_iter().any(|(_, role)| authority::settles(role)))
}

/// Whether someone may send notices to a unit, and withdraw them.
///
/// # Errors
/// What the store says.
pub fn sends_notices(c: &Connection, now_ms: i64, staff: StaffId, unit: UnitId) -> Result<bool, StoreError> {
    Ok(grants::posts_over(c, now_ms, staff, unit)?.into_iter().any(|(_, role)| authority::sends_notices(role)))
}

/// Whether someone may take appointments down for the homes of an area, or of any below it.
///
/// # Errors
/// What the store says.
pub fn takes_appointments(c: &Connection, now_ms: i64, staff: StaffId, area: UnitId) -> Result<bool, StoreError> {
    Ok(grants::posts_over(c, now_ms, staff, area)?.into_iter().any(|(_, role)| authority::takes_appointments(role)))
}

/// Whether someone may take matters down for an area, or for any below it.
///
/// # Errors
/// What the store says.
pub fn takes_matters(c: &Connection, now_ms: i64, staff: StaffId, area: UnitId) -> Result<bool, StoreError> {
    Ok(grants::posts_over(c, now_ms, staff, area)?.into_iter().any(|(_, role)| authority::takes_matters(role)))
}

/// Applies an entry on the word of whoever settles it. What merge itself cannot do, such as to change a record that is not there, nobody's
/// word makes possible.
fn take(tx: &Transaction<'_>, now_ms: i64, entry: &Entry, rehomed: Option<UnitId>) -> Result<(), LedgerError> {
    let read: Result<Operation, _> = serde_json::from_str(&entry.text);
    let mut operation = read.map_err(|_| Refusal::Malformed)?;
    operation.area = rehomed.unwrap_or(operation.area);
    // The author is who held the phone: a name that the text gives to someone else is not proven by anything.
    operation.staff = entry.holder;
    operation.action = operation.action.by(entry.holder);
    operation.counter = entry.counter;
    validate::check(&operation)?;
    authority::may_from_some_phone(&operation)?;
    if let Some(record) = copies::copy_of(&operation) {
        copies::check(&operation, record, Some(now_ms))?;
    }
    // The other copy of a phone of which two exist has its own work under the same number, or will have.
    if entry.reason == Refusal::DeviceForked {
        own::write_vouched(tx, now_ms, operation.clone())?;
    } else {
        let mut book = Book::open(tx, now_ms)?;
        let effect = book.apply(&operation, Hand::Vouched { device: entry.device })??;
        if effect.began {
            rejoin(&mut book, &operation)?;
            witness::settle(tx, now_ms, &operation)?;
        }
        book.close()?;
    }
    if let Action::Void { .. } = operation.action {
        let what = format!("{}.voided", operation.kind.name());
        audit::write(tx, now_ms, Actor::Device(entry.device), &what, &operation.id.to_string())?;
    }
    // Its author marks the record as held back, and so must be sent it like everybody else.
    let sql = "UPDATE record SET by_device = NULL, foreign_seq = seq WHERE area = ?1 AND kind = ?2 AND id = ?3";
    tx.prepare_cached(sql)?.execute((operation.area.as_bytes(), operation.kind.number(), operation.id.as_bytes()))?;
    Ok(())
}

fn note(tx: &Transaction<'_>, now_ms: i64, settler: Settler, entry: &Entry, way: &Way) -> Result<(), StoreError> {
    let (by, actor) = match settler {
        Settler::Staff(staff) => (Some(*staff.as_bytes()), Actor::Staff(staff)),
        Settler::Console => (None, Actor::Console),
    };
    let (rehomed, answer) = match way {
        Way::Rehome { area } => (Some(*area.as_bytes()), None),
        Way::Refuse { answer } => (None, Some(answer.trim())),
        Way::Accept => (None, None),
    };
    let sql = "UPDATE quarantine SET settled_ms = ?2, settled_by = ?3, settled_how = ?4, answer = ?5, rehomed_to = ?6,
               settle_seq = (SELECT coalesce(max(settle_seq), 0) + 1 FROM quarantine) WHERE id = ?1 OR copy_of = ?1";
    tx.prepare_cached(sql)?.execute((entry.row, now_ms, by, way.name(), answer, rehomed))?;
    let what = format!("quarantine.{}", way.name());
    audit::write(tx, now_ms, actor, &what, &format!("{}#{}", entry.device, entry.counter))
}
