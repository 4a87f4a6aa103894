//! Whose phone this is, what it may see and how far it has synced.

use crate::error::Error;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use zoufang_domain::ids::{DeviceId, StaffId, UnitId};
use zoufang_domain::order;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::unit::Level;
use zoufang_domain::wire::enrol::{EnrolAnswer, Grant};

/// The one row of `profile`.
#[derive(Clone, Debug)]
pub struct Profile {
    /// This phone.
    pub device: DeviceId,
    /// Whose it is.
    pub staff: StaffId,
    /// Their name.
    pub staff_name: String,
    /// Where the server is.
    pub server_url: String,
    /// The authority that its certificate must chain to.
    pub server_ca_pem: Option<String>,
    /// Six digits to compare with the server's.
    pub fingerprint: String,
    /// The server life that the cursor belongs to.
    pub epoch: u32,
    /// The server's cursor.
    pub cursor: Option<String>,
    /// Whether a first sync has run to its end.
    pub complete: bool,
    /// Every operation up to this counter is durable on the server.
    pub acknowledged: u64,
    /// The latest stamp seen from the server.
    pub seen_stamp: Stamp,
    /// When a sync last ran to its end, Unix milliseconds.
    pub last_success_ms: Option<i64>,
    /// When a sync last failed, Unix milliseconds, and the message id.
    pub last_error: Option<(i64, String)>,
    /// How many pulls ran to their end.
    pub pulls_count: u64,
    /// The server said that this phone is revoked.
    pub revoked: bool,
    /// The server came back from a backup, and the first complete pull of its new life is not stored yet: what it does not name, it may
    /// have lost.
    pub anew: bool,
    /// How many kinds of records the app knew when it left one out that a newer server sent; 0 when it left none out.
    pub unread_at: u32,
    /// Made-up homes, no server ([`crate::practice`]).
    pub practice: bool,
}

fn read(row: &Row<'_>) -> rusqlite::Result<Profile> {
    let error_ms: Option<i64> = row.get("last_error_ms")?;
    let error_id: Option<String> = row.get("last_error_id")?;
    Ok(Profile {
        device: DeviceId(super::uuid_at(row, "device")?),
        staff: StaffId(super::uuid_at(row, "staff")?),
        staff_name: row.get("staff_name")?,
        server_url: row.get("server_url")?,
        server_ca_pem: row.get("server_ca_pem")?,
        fingerprint: row.get("fingerprint")?,
        epoch: row.get("epoch")?,
        cursor: row.get("cursor")?,
        complete: row.get("complete")?,
        acknowledged: row.get::<_, i64>("acknowledged")? as u64,
        seen_stamp: Stamp(row.get::<_, i64>("seen_stamp")? as u64),
        last_success_ms: row.get("last_success_ms")?,
        last_error: error_ms.zip(error_id),
        pulls_count: row.get::<_, i64>("pulls_count")? as u64,
        revoked: row.get("revoked")?,
        anew: row.get("anew")?,
        unread_at: row.get("unread_at")?,
        practice: row.get("practice")?,
    })
}

/// The profile.
///
/// # Errors
/// [`Error::NotEnrolled`] before enrolment.
pub fn get(c: &Connection) -> Result<Profile, Error> {
    find(c)?.ok_or(Error::NotEnrolled)
}

/// The profile, if the phone is enrolled.
///
/// # Errors
/// When the store fails.
pub fn find(c: &Connection) -> Result<Option<Profile>, Error> {
    Ok(c.prepare_cached("SELECT * FROM profile WHERE id = 1")?.query_row([], read).optional()?)
}

/// Writes the profile of a newly enrolled phone.
///
/// # Errors
/// When the store fails, or the phone is enrolled already.
pub fn begin(tx: &Transaction<'_>, answer: &EnrolAnswer, server_url: &str, ca_pem: Option<&str>) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO profile (id, device, staff, staff_name, server_url, server_ca_pem, fingerprint, epoch, seen_stamp)
         VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            answer.device.as_bytes(),
            answer.staff.as_bytes(),
            answer.staff_name,
            server_url,
            ca_pem,
            answer.fingerprint,
            answer.epoch,
            answer.server_time.0 as i64,
        ],
    )?;
    set_areas(tx, &answer.grants)
}

/// Begins anew with a server that had forgotten this phone and has taken it back. What the phone holds stays.
///
/// # Errors
/// When the store fails.
pub fn begin_anew(tx: &Transaction<'_>, answer: &EnrolAnswer) -> Result<(), Error> {
    tx.execute(
        "UPDATE profile SET staff_name = ?, fingerprint = ?, epoch = ?, seen_stamp = max(seen_stamp, ?), cursor = NULL, anew = 1,
         last_error_ms = NULL, last_error_id = NULL WHERE id = 1",
        params![answer.staff_name, answer.fingerprint, answer.epoch, answer.server_time.0 as i64],
    )?;
    set_areas(tx, &answer.grants)
}

/// Takes note that a record was left out, because its kind came after this version.
///
/// # Errors
/// When the store fails.
pub fn leave_out(tx: &Transaction<'_>) -> Result<(), Error> {
    tx.prepare_cached("UPDATE profile SET unread_at = ? WHERE id = 1")?.execute([Kind::ALL.len() as i64])?;
    Ok(())
}

/// Begins anew with all records when an app that knows more kinds finds that an earlier one left some out.
///
/// # Errors
/// When the store fails.
pub fn take_in_what_was_left_out(tx: &Transaction<'_>) -> Result<(), Error> {
    let sql = "UPDATE profile SET cursor = NULL, unread_at = 0 WHERE id = 1 AND unread_at > 0 AND unread_at < ?";
    tx.execute(sql, [Kind::ALL.len() as i64])?;
    Ok(())
}

/// Takes over the areas that the server grants. One that is missing is marked as lost; it is erased once its unsent work has gone up.
///
/// # Errors
/// When the store fails.
pub fn set_areas(tx: &Transaction<'_>, grants: &[Grant]) -> Result<(), Error> {
    tx.execute("UPDATE area SET lost = 1", [])?;
    let mut put = tx.prepare_cached(
        "INSERT INTO area (unit, level, name, role, lost) VALUES (?, ?, ?, ?, 0) ON CONFLICT (unit) DO UPDATE
         SET level = excluded.level, name = excluded.name, role = excluded.role, lost = 0",
    )?;
    for grant in grants {
        put.execute(params![grant.unit.as_bytes(), grant.level.name(), grant.name, grant.role.map(Role::name)])?;
    }
    Ok(())
}

/// Areas that are no longer this phone's and not erased yet.
///
/// # Errors
/// When the store fails.
pub fn lost_areas_count(c: &Connection) -> Result<u32, Error> {
    Ok(c.prepare_cached("SELECT count(*) FROM area WHERE lost = 1")?.query_row([], |row| row.get(0))?)
}

/// The role held in an area, if it is one of this phone's own.
///
/// # Errors
/// When the store fails.
pub fn role_in(c: &Connection, area: UnitId) -> Result<Option<Role>, Error> {
    let role: Option<Option<String>> = c
        .prepare_cached("SELECT role FROM area WHERE unit = ? AND lost = 0")?
        .query_row([area.as_bytes()], |row| row.get(0))
        .optional()?;
    Ok(role.flatten().as_deref().and_then(Role::from_name))
}

/// One area that the phone knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// The unit.
    pub unit: UnitId,
    /// Its level.
    pub level: Level,
    /// Its name.
    pub name: String,
    /// The role held there; `None` for a unit above.
    pub role: Option<Role>,
}

/// What a unit is called, if it is one of this phone's or above one.
///
/// # Errors
/// When the store fails.
pub fn area_name(c: &Connection, unit: UnitId) -> Result<Option<String>, Error> {
    let mut found = c.prepare_cached("SELECT name FROM area WHERE unit = ?")?;
    Ok(found.query_row([unit.as_bytes()], |row| row.get(0)).optional()?)
}

/// All areas, the widest first.
///
/// # Errors
/// When the store fails.
pub fn areas(c: &Connection) -> Result<Vec<Area>, Error> {
    let mut found = c.prepare_cached("SELECT unit, level, name, role FROM area WHERE lost = 0")?;
    let rows = found.query_map([], |row| {
        let (level, role): (String, Option<String>) = (row.get(1)?, row.get(3)?);
        Ok(Area {
            unit: UnitId(super::uuid_at(row, "unit")?),
            level: Level::ALL.into_iter().find(|one| one.name() == level).unwrap_or(Level::MicroGrid),
            name: row.get(2)?,
            role: role.as_deref().and_then(Role::from_name),
        })
    })?;
    let mut areas = rows.collect::<Result<Vec<_>, _>>()?;
    order::sort_by(&mut areas, |a, b| (a.level, &a.name).cmp(&(b.level, &b.name)));
    Ok(areas)
}
