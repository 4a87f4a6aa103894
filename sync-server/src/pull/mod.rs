//! Pull: what the records of a phone's areas now are, in the order in which the areas changed, a page at a time.
//!
//! Bodies go from the database into the answer as they are stored; nothing is parsed on the way. A phone is not sent what it made
//! itself and already shows (`by_device`, `foreign_seq` in the schema), except while an area is on its first way down.

mod cursor;
mod settled;

use crate::device::{Device, Status};
use crate::grants;
use crate::problem::Problem;
use crate::store::{StoreError, id_at};
use cursor::{Cursor, Place};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeMap;
use std::io::Write;
use uuid::Uuid;
use zoufang_domain::care;
use zoufang_domain::digest::AreaDigest;
use zoufang_domain::ids::{DeviceId, UnitId};
use zoufang_domain::planted::{self, Defect};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::wire::enrol::Grant;
use zoufang_domain::wire::limits;
use zoufang_domain::wire::pull::SettledWork;

/// What a phone asks for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Its cursor, or nothing at first.
    pub cursor: Option<&'a str>,
    /// Whether a complete answer carries the areas' digests.
    pub digest: bool,
    /// Size at which a page is closed.
    pub page_bytes: usize,
}

impl<'a> Wanted<'a> {
    /// What is new since a cursor.
    pub fn since(cursor: Option<&'a str>) -> Self {
        Wanted { cursor, digest: false, page_bytes: limits::PULL_PAGE_TARGET_BYTES }
    }
}

/// A page: JSON of [`zoufang_domain::wire::pull::PullAnswer`].
#[derive(Debug)]
pub struct Page {
    /// The JSON.
    pub json: Vec<u8>,
    /// Whether this is all there is for now.
    pub complete: bool,
    /// Whether the cursor was made under the areas that the phone has now: it has taken note of those that it lost.
    pub knows_its_areas: bool,
}

/// Makes the next page for a device.
///
/// # Errors
/// `device.forked`, `pull.cursor`, or what the store says.
pub fn page(c: &Connection, now_ms: i64, device: &Device, wanted: Wanted<'_>) -> Result<Page, Problem> {
    if device.status == Status::Forked {
        return Err(Problem::new(409, "device.forked").with_last_counter(device.last_counter));
    }
    let (epoch, last): (u32, i64) = c
        .prepare_cached("SELECT epoch, last_stamp FROM server WHERE id = 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let cursor = match wanted.cursor {
        Some(text) => Some(Cursor::decode(text).ok_or_else(|| Problem::new(400, "pull.cursor"))?),
        None => None,
    };
    let cursor = cursor.filter(|cursor| cursor.epoch == epoch);
    let grants = grants::of_staff(c, device.staff, now_ms)?;
    if grants.len() > grants::AREAS_MAX_COUNT {
        tracing::error!(device = %device.id, areas = grants.len(), "more areas than a cursor holds");
        return Err(Problem::new(500, "unexpected"));
    }
    let hash = cursor::hash_grants(&grants);
    let knows_its_areas = cursor.as_ref().is_some_and(|cursor| cursor.grants == hash);
    let mut rows = Rows::new(wanted.page_bytes);
    let mut areas = Vec::with_capacity(grants.len());
    for grant in &grants {
        let known = cursor.as_ref().and_then(|cursor| cursor.place(grant));
        areas.push(rows.take_area(c, device.id, grant, known)?);
    }
    let complete = !rows.closed;
    let told = cursor.as_ref().map_or(0, |cursor| cursor.settled);
    let (settled, told) = if complete { settled::since(c, device.id, told)? } else { (Vec::new(), told) };
    let digests = if complete && wanted.digest { Some(digests(c, &grants)?) } else { None };
    let tail = Tail {
        epoch,
        server_time: Stamp::from_ms(now_ms).max(Stamp(last as u64)),
        complete,
        from_start: cursor.is_none(),
        grants: match &cursor {
            Some(cursor) if cursor.grants == hash || planted::is(Defect::ForgetGrants) => None,
            _ => Some(&grants[..]),
        },
        cursor: Cursor { epoch, grants: hash, settled: told, areas }.encode(),
        settled,
        digests,
    };
    Ok(Page { json: rows.finish(&tail)?, complete, knows_its_areas })
}

/// Everything of [`zoufang_domain::wire::pull::PullAnswer`] but the rows.
#[derive(serde::Serialize)]
struct Tail<'a> {
    epoch: u32,
    server_time: Stamp,
    cursor: String,
    complete: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    from_start: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    grants: Option<&'a [Grant]>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settled: Vec<SettledWork>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digests: Option<BTreeMap<UnitId, String>>,
}

/// The rows of a page, written as they are read.
struct Rows {
    json: Vec<u8>,
    count: usize,
    page_bytes: usize,
    /// True once the page is full and something was left over.
    closed: bool,
}

impl Rows {
    fn new(page_bytes: usize) -> Self {
        Rows { json: b"{\"rows\":[".to_vec(), count: 0, page_bytes, closed: false }
    }
    /// Takes what is new in an area until the page is full. Gives where the area then stands.
    fn take_area(
        &mut self,
        c: &Connection,
        device: DeviceId,
        grant: &Grant,
        known: Option<Place>,
    ) -> Result<Place, StoreError> {
        let mut place = known.unwrap_or(Place { area: cursor::key(grant), seq: 0, full: true });
        if self.closed {
            return Ok(place);
        }
        let head: i64 = c
            .prepare_cached("SELECT seq FROM unit WHERE id = ?1")?
            .query_row([grant.unit.as_bytes()], |row| row.get(0))
            .optional()?
            .unwrap_or_default();
        // The grants may have changed while nothing was written: a head that is not past the place has nothing new.
        if head <= place.seq && !place.full {
            return Ok(place);
        }
        match grant.role {
            None => self.take_unit(c, grant.unit, &mut place)?,
            Some(role) => self.take_rows(c, device, (grant.unit, role), &mut place)?,
        }
        if !self.closed || planted::is(Defect::CursorPastPage) {
            place = Place { seq: head.max(place.seq), full: false, ..place };
        }
        Ok(place)
    }
    /// Of a unit above, only the unit's own record and what it sets for everyone below ([`Kind::goes_down`]): rules, lists, calendars.
    fn take_unit(&mut self, c: &Connection, unit: UnitId, place: &mut Place) -> Result<(), StoreError> {
        let down: Vec<String> =
            Kind::ALL.iter().filter(|kind| kind.goes_down()).map(|kind| kind.number().to_string()).collect();
        let sql = format!(
            "SELECT seq, body FROM record WHERE area = ?1 AND seq > ?3 AND (kind = ?2 AND id = ?1 OR kind IN ({}))
             ORDER BY seq",
            down.join(", ")
        );
        let mut statement = c.prepare_cached(&sql)?;
        let mut rows = statement.query((unit.as_bytes(), Kind::OrgUnit.number(), place.seq))?;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            if self.count > 0 && self.json.len() >= self.page_bytes && seq != place.seq {
                self.closed = true;
                return Ok(());
            }
            self.is(row.get_ref(1)?.as_str().map_err(|_| StoreError::Damaged { what: "record" })?);
            place.seq = seq;
        }
        Ok(())
    }
    fn take_rows(
        &mut self,
        c: &Connection,
        device: DeviceId,
        (area, role): (UnitId, Role),
        place: &mut Place,
    ) -> Result<(), StoreError> {
        let any_gone = "SELECT 1 FROM departed WHERE area = ?1 AND seq > ?2 LIMIT 1";
        let gone =
            c.prepare_cached(any_gone)?.query_row((area.as_bytes(), place.seq), |_| Ok(())).optional()?.is_some();
        // Also where an area begins: after a restore, or to mend a difference, a phone begins anew with what it holds.
        let sql = if gone { CHANGED_AND_GONE } else { CHANGED };
        let sql = if planted::is(Defect::NoAreaFilter) { CHANGED_ANYWHERE } else { sql };
        let mut statement = c.prepare_cached(sql)?;
        let asked_from = if place.full { -1 } else { place.seq };
        let asked_from = if planted::is(Defect::OwnWorkHidesOthers) { i64::MAX } else { asked_from };
        let mut rows = statement.query(params![area.as_bytes(), place.seq, device.as_bytes(), asked_from])?;
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            // One operation's rows share a sequence number and are never parted.
            if self.count > 0 && self.json.len() >= self.page_bytes && seq != place.seq {
                self.closed = true;
                // What others wrote below this place may lie hidden under the phone's own later work, which the next page must
                // then not leave out: the place alone no longer says what the phone has seen.
                place.full = !planted::is(Defect::SplitAreaOverPages);
                return Ok(());
            }
            match row.get_ref(1)? {
                rusqlite::types::ValueRef::Text(body) => {
                    let body = std::str::from_utf8(body).map_err(|_| StoreError::Damaged { what: "record" })?;
                    if is_seen(role, row.get(2)?, body)? {
                        self.is(body);
                    }
                }
                _ => self.gone(area, row.get(2)?, id_at(row, 3)?, row.get(4)?)?,
            }
            place.seq = seq;
        }
        Ok(())
    }
    fn comma(&mut self) {
        if self.count > 0 {
            self.json.push(b',');
        }
        self.count += 1;
    }
    fn is(&mut self, body: &str) {
        self.comma();
        self.json.extend_from_slice(b"{\"is\":");
        self.json.extend_from_slice(body.as_bytes());
        self.json.push(b'}');
    }
    fn gone(&mut self, area: UnitId, kind: i64, id: Uuid, erased: bool) -> Result<(), StoreError> {
        let kind = Kind::from_number(kind).ok_or(StoreError::Damaged { what: "kind" })?;
        self.comma();
        write!(
            self.json,
            "{{\"gone\":{{\"kind\":\"{}\",\"id\":\"{id}\",\"area\":\"{area}\",\"erased\":{erased}}}}}",
            kind.name()
        )
        .map_err(|_| StoreError::Damaged { what: "answer" })
    }
    fn finish(mut self, tail: &Tail<'_>) -> Result<Vec<u8>, StoreError> {
        let tail = serde_json::to_vec(tail).map_err(|_| StoreError::Damaged { what: "answer" })?;
        if self.count == 0 {
            return Ok(tail);
        }
        self.json.extend_from_slice(b"],");
        // The tail is an object with fields: its brace is the one that is open already.
        self.json.extend_from_slice(tail.get(1..).unwrap_or_default());
        Ok(self.json)
    }
}

/// What changed, without the device's own work that it already shows. `?4` is -1 where nothing may be left out.
const CHANGED: &str = "SELECT seq, body, kind FROM record WHERE area = ?1 AND seq > ?2
    AND NOT (by_device IS NOT NULL AND by_device = ?3 AND foreign_seq <= ?4) ORDER BY seq";
/// For [`Defect::NoAreaFilter`].
const CHANGED_ANYWHERE: &str = "SELECT seq, body, kind FROM record WHERE ?1 = ?1 AND seq > ?2
    AND NOT (by_device IS NOT NULL AND by_device = ?3 AND foreign_seq <= ?4) ORDER BY seq";
/// The same, with what left the area in between.
const CHANGED_AND_GONE: &str = "SELECT seq, body, kind, NULL, NULL FROM record WHERE area = ?1 AND seq > ?2
    AND NOT (by_device IS NOT NULL AND by_device = ?3 AND foreign_seq <= ?4)
    UNION ALL SELECT seq, NULL, kind, id, erased FROM departed WHERE area = ?1 AND seq > ?2 ORDER BY 1";

/// Whether a role is sent a record. Only care needs are read for it, and there are few.
fn is_seen(role: Role, kind: i64, body: &str) -> Result<bool, StoreError> {
    let kind = Kind::from_number(kind).ok_or(StoreError::Damaged { what: "kind" })?;
    Ok(care::sees_json(role, kind, body))
}

/// The digest of one area as it stands: of what a role sees, or of everything.
///
/// # Errors
/// What the store says.
pub fn digest(c: &Connection, area: UnitId, role: Option<Role>) -> Result<String, StoreError> {
    let sql = "SELECT kind, id, body FROM record INDEXED BY record_key WHERE area = ?1 ORDER BY kind, id";
    let mut statement = c.prepare_cached(sql)?;
    let mut rows = statement.query([area.as_bytes()])?;
    let mut digest = AreaDigest::new();
    while let Some(row) = rows.next()? {
        let kind = Kind::from_number(row.get(0)?).ok_or(StoreError::Damaged { what: "kind" })?;
        let body = row.get_ref(2)?.as_str().map_err(|_| StoreError::Damaged { what: "record" })?;
        if role.is_none_or(|role| care::sees_json(role, kind, body)) {
            digest.take(kind, id_at(row, 1)?, body.as_bytes());
        }
    }
    Ok(digest.finish())
}

fn digests(c: &Connection, grants: &[Grant]) -> Result<BTreeMap<UnitId, String>, StoreError> {
    let own = grants.iter().filter(|grant| grant.role.is_some());
    own.map(|grant| Ok((grant.unit, digest(c, grant.unit, grant.role)?))).collect()
}
