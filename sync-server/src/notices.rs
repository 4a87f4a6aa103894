//! Notices that units send to everyone who works below them. A record of the unit's own area, so that phones below get it by the pull that
//! they make anyway. One that was sent is never altered: a correction is a withdrawal and a new one.

use crate::audit::{self, Actor};
use crate::ledger::{self, CONSOLE, LedgerError};
use crate::store::StoreError;
use crate::store::scope::Scope;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zoufang_domain::ids::{NoticeId, StaffId, UnitId};
use zoufang_domain::notice::Notice;
use zoufang_domain::operation::Action;
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;

/// On whose word a notice is sent or withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    /// Someone at a desk, here or named at the command line: their posts decide.
    Desk(StaffId),
    /// The server's own command line, where nobody has signed in.
    Console,
}

impl Sender {
    fn staff(self) -> StaffId {
        match self {
            Sender::Desk(staff) => staff,
            Sender::Console => CONSOLE,
        }
    }
    fn actor(self) -> Actor {
        match self {
            Sender::Desk(staff) => Actor::Staff(staff),
            Sender::Console => Actor::Console,
        }
    }
}

/// Sends a notice to a unit: every phone under it gets it. The same notice sent twice under one id by the same person is sent once.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field; [`Refusal::NotAssigned`] when the unit is not theirs or does not exist; [`Refusal::NotAllowed`] when
/// their role sends none; [`Refusal::NotNow`] when another notice has that id; what the store says.
pub fn send(
    tx: &Transaction<'_>,
    now_ms: i64,
    sender: Sender,
    unit: UnitId,
    id: NoticeId,
    notice: &Notice,
) -> Result<(), LedgerError> {
    if let Some(known) = anywhere(tx, id)? {
        let is_same = known.area == unit
            && known.who == sender.staff()
            && known.void.is_none()
            && known.read::<Notice>().is_ok_and(|known| known == *notice);
        return if is_same { Ok(()) } else { Err(Refusal::NotNow.into()) };
    }
    let action = Action::Create { fields: ledger::fields_of(notice), entries: Vec::new() };
    write(tx, now_ms, sender, unit, id, action)?;
    Ok(audit::write(tx, now_ms, sender.actor(), "notice.sent", &format!("{id} unit {unit}"))?)
}

/// Takes a notice back, with the reason that everyone reads. It leaves the lists of phones and stays readable where a visit gave it.
///
/// # Errors
/// [`Refusal::RecordMissing`] when the unit has no such notice, [`Refusal::NotNow`] when it was withdrawn before, [`Refusal::Invalid`] of `reason`
/// without one; [`Refusal::NotAssigned`], [`Refusal::NotAllowed`] as [`send`]; what the store says.
pub fn withdraw(
    tx: &Transaction<'_>,
    now_ms: i64,
    sender: Sender,
    unit: UnitId,
    id: NoticeId,
    reason: &str,
) -> Result<(), LedgerError> {
    let known = ledger::record(tx, unit, Kind::Notice, id.0)?.ok_or(Refusal::RecordMissing)?;
    write(tx, now_ms, sender, unit, id, Action::Void { reason: reason.trim().to_owned() })?;
    // Said last: to whom the unit does not belong nothing is told of its notices. The caller's transaction is rolled back.
    if known.void.is_some() {
        return Err(Refusal::NotNow.into());
    }
    Ok(audit::write(tx, now_ms, sender.actor(), "notice.withdrawn", &format!("{id} unit {unit}"))?)
}

fn write(
    tx: &Transaction<'_>,
    now_ms: i64,
    sender: Sender,
    unit: UnitId,
    id: NoticeId,
    action: Action,
) -> Result<(), LedgerError> {
    match sender {
        Sender::Desk(staff) => ledger::write_at_desk(tx, now_ms, staff, unit, Kind::Notice, id.0, action)?,
        Sender::Console => ledger::write_own(tx, now_ms, CONSOLE, unit, Kind::Notice, id.0, action)?,
    };
    Ok(())
}

/// One notice, if it was sent to a unit of the scope or to one above it: what people there are told.
///
/// # Errors
/// What the store says.
pub fn find(c: &Connection, scope: &Scope, id: NoticeId) -> Result<Option<Record>, StoreError> {
    let Some(record) = anywhere(c, id)? else { return Ok(None) };
    let is_seen = scope.covers(c, record.area)? || is_above(c, record.area, scope.roots())?;
    Ok(is_seen.then_some(record))
}

fn is_above(c: &Connection, unit: UnitId, roots: &[UnitId]) -> Result<bool, StoreError> {
    let mut found = c.prepare_cached("SELECT 1 FROM unit_within WHERE ancestor = ?1 AND unit = ?2")?;
    for root in roots {
        if found.query_row((unit.as_bytes(), root.as_bytes()), |_| Ok(())).optional()?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A notice of whichever unit, found through each unit's key: ids are one for the whole server, since receipts and visits name them alone.
fn anywhere(c: &Connection, id: NoticeId) -> Result<Option<Record>, StoreError> {
    let sql = "SELECT r.body FROM unit u CROSS JOIN record r ON r.area = u.id AND r.kind = ?1 AND r.id = ?2";
    let mut found = c.prepare_cached(sql)?;
    let body: Option<String> =
        found.query_row(params![Kind::Notice.number(), id.as_bytes()], |row| row.get(0)).optional()?;
    body.map(|body| serde_json::from_str(&body).map_err(|_| StoreError::Damaged { what: "notice" })).transpose()
}
