//! A phone that no longer keeps what a restored server has lost: its chain goes on behind the gap, and the audit says where.
//!
//! Phones keep what they have sent for 30 days, and what waits in quarantine longer. After a backup that is older than that the server has
//! neither what a phone has forgotten, nor can the phone name the link before what it still has. It says so ([`Batch::begins`]).
//!
//! [`Batch::begins`]: zoufang_domain::wire::push::Batch::begins

use crate::audit::{self, Actor};
use crate::device::Device;
use crate::store::StoreError;
use rusqlite::Transaction;

/// The epoch of a server that never came back from a backup.
const FIRST_EPOCH: u32 = 1;
/// No phone counts so far. Beyond it numbers would not fit the database.
const COUNTER_MAX: u64 = 1 << 53;

/// Whether a phone may have forgotten what this server lacks: only where the server came back from a backup, or took the phone back without
/// one. Anywhere else operations that are missing were lost by a defect, and the phone is asked for them.
pub(super) fn may_have(tx: &Transaction<'_>, device: &Device, first: u64) -> Result<bool, StoreError> {
    if first > COUNTER_MAX {
        return Ok(false);
    }
    let epoch: u32 = tx.prepare_cached("SELECT epoch FROM server WHERE id = 1")?.query_row([], |row| row.get(0))?;
    if epoch > FIRST_EPOCH {
        return Ok(true);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM audit WHERE what = 'device.returned' AND actor = ?1)";
    Ok(tx.prepare_cached(sql)?.query_row([Actor::Device(device.id).to_string()], |row| row.get(0))?)
}

/// Goes on behind the gap. What the phone no longer keeps is written down: nobody is to think that all came back.
pub(super) fn follow(tx: &Transaction<'_>, now_ms: i64, device: &mut Device, first: u64) -> Result<(), StoreError> {
    let gap = format!("{}#{}-{}", device.staff, device.last_counter + 1, first - 1);
    audit::write(tx, now_ms, Actor::Device(device.id), "device.gap", &gap)?;
    device.last_counter = first - 1;
    Ok(())
}
