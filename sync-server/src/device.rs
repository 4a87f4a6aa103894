//! Enrolled phones: what they are allowed, and what is known of them.

use crate::audit::{self, Actor};
use crate::handover;
use crate::store::{StoreError, id_at};
use rusqlite::{Connection, OptionalExtension, Transaction};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, StaffId};
use zoufang_domain::wire::push::Waiting;

/// Where a device stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In use.
    Active,
    /// Refused for now.
    Suspended,
    /// Two copies of it exist; both are frozen until a supervisor picks one.
    Forked,
    /// Refused for good; its unsent work is still taken into quarantine.
    Revoked,
    /// Refused for good, and it has confirmed that it holds nothing any more.
    Erased,
}

impl Status {
    /// The name in the database.
    pub fn name(self) -> &'static str {
        match self {
            Status::Active => "active",
            Status::Suspended => "suspended",
            Status::Forked => "forked",
            Status::Revoked => "revoked",
            Status::Erased => "erased",
        }
    }
    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        use Status::{Active, Erased, Forked, Revoked, Suspended};
        [Active, Suspended, Forked, Revoked, Erased].into_iter().find(|status| status.name() == name)
    }
}

/// A device as the ledger needs it.
#[derive(Clone, Debug)]
pub struct Device {
    /// Which.
    pub id: DeviceId,
    /// Whose.
    pub staff: StaffId,
    /// P-256, uncompressed point.
    pub public_key: Vec<u8>,
    /// Where it stands.
    pub status: Status,
    /// The last operation that the server holds from it.
    pub last_counter: u64,
    /// The chain link after that operation.
    pub last_link: Link,
}

/// Reads `id, staff, public_key, status, last_counter, last_link`, in this order.
pub(crate) fn read(row: &rusqlite::Row<'_>) -> Result<Device, StoreError> {
    let status = row.get_ref(3)?.as_str().ok().and_then(Status::from_name);
    let link = row.get_ref(5)?.as_blob().ok().and_then(Link::from_slice);
    Ok(Device {
        id: DeviceId(id_at(row, 0)?),
        staff: StaffId(id_at(row, 1)?),
        public_key: row.get(2)?,
        status: status.ok_or(StoreError::Damaged { what: "device status" })?,
        last_counter: row.get::<_, i64>(4)?.max(0) as u64,
        last_link: link.ok_or(StoreError::Damaged { what: "device link" })?,
    })
}

/// One device.
///
/// # Errors
/// What the store says.
pub fn find(c: &Connection, id: DeviceId) -> Result<Option<Device>, StoreError> {
    let mut statement = c.prepare_cached(
        "SELECT d.id, d.staff, d.public_key, d.status, d.last_counter, d.last_link FROM device d WHERE d.id = ?1",
    )?;
    statement.query_row([id.as_bytes()], |row| Ok(read(row))).optional()?.transpose()
}

/// Refuses a device for good, from its next request on. Its unsent work is still taken, into quarantine. Gives false when there is no
/// such device.
///
/// # Errors
/// What the store says.
pub fn revoke(tx: &Transaction<'_>, now_ms: i64, actor: Actor, id: DeviceId) -> Result<bool, StoreError> {
    set_status(tx, now_ms, actor, id, Status::Revoked, "device.revoked")
}

/// Refuses a device until [`readmit`].
///
/// # Errors
/// What the store says.
pub fn suspend(tx: &Transaction<'_>, now_ms: i64, actor: Actor, id: DeviceId) -> Result<bool, StoreError> {
    set_status(tx, now_ms, actor, id, Status::Suspended, "device.suspended")
}

/// Lets a suspended or forked device in again. Of two copies, the one that goes on from the server's last counter is the one picked;
/// the other shows as a fork again at its next push.
///
/// # Errors
/// What the store says.
pub fn readmit(tx: &Transaction<'_>, now_ms: i64, actor: Actor, id: DeviceId) -> Result<bool, StoreError> {
    match find(tx, id)?.map(|device| device.status) {
        Some(Status::Suspended | Status::Forked) => {
            set_status(tx, now_ms, actor, id, Status::Active, "device.readmitted")
        }
        _ => Ok(false),
    }
}

pub(crate) fn set_status(
    tx: &Transaction<'_>,
    now_ms: i64,
    actor: Actor,
    id: DeviceId,
    status: Status,
    what: &str,
) -> Result<bool, StoreError> {
    let revoked_ms = (status == Status::Revoked).then_some(now_ms);
    let sql = "UPDATE device SET status = ?2, revoked_ms = coalesce(?3, revoked_ms) WHERE id = ?1 AND status <> ?2";
    let changed = tx.prepare_cached(sql)?.execute((id.as_bytes(), status.name(), revoked_ms))?;
    if changed == 0 {
        return Ok(find(tx, id)?.is_some());
    }
    tx.prepare_cached("DELETE FROM challenge WHERE device = ?1")?.execute([id.as_bytes()])?;
    audit::write(tx, now_ms, actor, what, &id.to_string())?;
    Ok(true)
}

/// What a request told of a phone.
#[derive(Clone, Copy, Debug)]
pub struct Sighting {
    /// When.
    pub at_ms: i64,
    /// Whether it was a complete pull.
    pub synced: bool,
    /// What waits on the phone, if it said so.
    pub waiting: Option<Waiting>,
    /// Whether it said, knowing its areas as they are now, that it holds nothing of those that it lost.
    pub erased: bool,
}

/// Sightings that wait to be written. A pull that finds nothing new must not wait for the disk, so what it tells of the phone is
/// written with the next write, or at once when nobody writes.
#[derive(Default)]
pub struct Sightings(Mutex<HashMap<DeviceId, Sighting>>);

impl Sightings {
    /// Takes one in; a later one of the same phone replaces it.
    pub fn note(&self, device: DeviceId, seen: Sighting) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = waiting.entry(device).or_insert(seen);
        *kept = Sighting {
            at_ms: seen.at_ms,
            synced: kept.synced || seen.synced,
            waiting: seen.waiting.or(kept.waiting),
            erased: seen.erased,
        };
    }
    /// Writes all that wait.
    ///
    /// # Errors
    /// What the store says.
    pub fn write(&self, tx: &Transaction<'_>) -> Result<(), StoreError> {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let sql = "UPDATE device SET last_seen_ms = ?2, last_sync_ms = iif(?3, ?2, last_sync_ms),
                   unsent_count = coalesce(?4, unsent_count), oldest_unsent_ms = iif(?4 IS NULL, oldest_unsent_ms, ?5)
                   WHERE id = ?1";
        for (device, seen) in waiting {
            let count = seen.waiting.map(|waiting| waiting.unsent_count as i64);
            let oldest = seen.waiting.and_then(|waiting| waiting.oldest_ms);
            tx.prepare_cached(sql)?.execute((device.as_bytes(), seen.at_ms, seen.synced, count, oldest))?;
            if seen.erased {
                handover::note_erased(tx, device, seen.at_ms)?;
            }
        }
        Ok(())
    }
    /// Whether none wait.
    pub fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }
}
