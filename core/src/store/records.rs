//! Records on the phone: stored as their canonical JSON, with the columns that lists need beside it.

use crate::error::Error;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::index::{Index, index};
use zoufang_domain::record::{Record, Unreadable};
use zoufang_domain::schema::Kind;

/// A record with what the phone knows about its way to the server.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The record.
    pub record: Record,
    /// First counter that may be unacknowledged.
    pub pending_first: u64,
    /// Last counter that may be unacknowledged; 0 for none ever.
    pub pending_last: u64,
    /// In quarantine on the server, so that it exists here only.
    pub held: bool,
}

/// What the phone stores of a record beside its JSON.
#[derive(Clone, Debug)]
pub struct Columns {
    /// What kind.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
    /// The area that it belongs to.
    pub area: UnitId,
    index: Index,
}

impl Columns {
    /// Of a record.
    pub fn of(record: &Record) -> Self {
        Columns { kind: record.kind, id: record.id, area: record.area, index: index(record) }
    }
}

/// Reads the columns `body, pending_first, pending_last, held`.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<(String, u64, u64, bool)> {
    Ok((row.get(0)?, row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u64, row.get(3)?))
}

/// Turns those columns into a record.
pub(crate) fn parsed((body, pending_first, pending_last, held): (String, u64, u64, bool)) -> Result<Stored, Error> {
    Ok(Stored { record: parse(&body)?, pending_first, pending_last, held })
}

/// Reads a record's JSON.
///
/// # Errors
/// [`Unreadable`] naming no value.
pub fn parse(body: &str) -> Result<Record, Unreadable> {
    serde_json::from_str(body).map_err(|e| {
        let problem = format!("{:?} at column {}", e.classify(), e.column());
        Unreadable { kind: "record", problem }
    })
}

/// One record. Of a person with posts in several areas, any of theirs: they say the same.
///
/// # Errors
/// When the store fails.
pub fn find(c: &Connection, kind: Kind, id: Uuid) -> Result<Option<Stored>, Error> {
    let row = c
        .prepare_cached("SELECT body, pending_first, pending_last, held FROM record WHERE kind = ? AND id = ?")?
        .query_row(params![kind.number(), id.as_bytes()], read)
        .optional()?;
    row.map(parsed).transpose()
}

/// One area's record. A person who is known in several areas has one in each, under the same id.
///
/// # Errors
/// When the store fails.
pub fn find_in(c: &Connection, kind: Kind, id: Uuid, area: UnitId) -> Result<Option<Stored>, Error> {
    let row = c
        .prepare_cached(
            "SELECT body, pending_first, pending_last, held FROM record WHERE kind = ? AND id = ? AND area = ?",
        )?
        .query_row(params![kind.number(), id.as_bytes(), area.as_bytes()], read)
        .optional()?;
    row.map(parsed).transpose()
}

/// A record in every area of this phone that has it.
///
/// # Errors
/// When the store fails.
pub fn copies(c: &Connection, kind: Kind, id: Uuid) -> Result<Vec<Record>, Error> {
    let mut found = c.prepare_cached("SELECT body FROM record WHERE kind = ? AND id = ? ORDER BY row")?;
    let bodies = found.query_map(params![kind.number(), id.as_bytes()], |row| row.get::<_, String>(0))?;
    let bodies = bodies.collect::<Result<Vec<_>, _>>()?;
    bodies.iter().map(|body| Ok(parse(body)?)).collect()
}

/// One record that must be there.
///
/// # Errors
/// [`Error::NotFound`] when it is not.
pub fn get(c: &Connection, kind: Kind, id: Uuid) -> Result<Stored, Error> {
    find(c, kind, id)?.ok_or(Error::NotFound { what: kind.name() })
}

/// The records of a kind, by name: of kinds of which there are few, such as those that come down from the units above.
///
/// # Errors
/// When the store fails.
pub fn of_kind(c: &Connection, kind: Kind) -> Result<Vec<Record>, Error> {
    let mut found = c.prepare_cached("SELECT body FROM record WHERE kind = ? ORDER BY sort, id")?;
    let bodies = found.query_map([kind.number()], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    bodies.iter().map(|body| Ok(parse(body)?)).collect()
}

/// What a record that came down says. One that does not read (a newer server wrote it) is left out and logged: the others still hold.
pub(crate) fn readable<T: serde::de::DeserializeOwned>(record: &Record) -> Option<T> {
    match record.read() {
        Ok(noun) => Some(noun),
        Err(e) => {
            tracing::warn!(kind = record.kind.name(), id = %record.id, error = %e, "left out");
            None
        }
    }
}

/// Stores a record. A record that is new to the phone gets a new row; the search index notices new rows by itself and is told of changed
/// ones.
///
/// # Errors
/// When the store fails.
pub fn put(tx: &Transaction<'_>, stored: &Stored, known: bool) -> Result<(), Error> {
    let Stored { record, pending_first, pending_last, held } = stored;
    put_json(tx, &Columns::of(record), &record.to_canonical_json(), (*pending_first, *pending_last), *held, known)
}

/// As [`put`], for a record whose canonical JSON is at hand (a pull brings it).
///
/// # Errors
/// When the store fails.
pub fn put_json(
    tx: &Transaction<'_>,
    record: &Columns,
    json: &str,
    (pending_first, pending_last): (u64, u64),
    held: bool,
    known: bool,
) -> Result<(), Error> {
    let columns = &record.index;
    let values = params![
        record.kind.number(),
        record.id.as_bytes(),
        record.area.as_bytes(),
        columns.parent.as_ref().map(Uuid::as_bytes),
        columns.status,
        columns.class,
        columns.sort,
        columns.due,
        columns.conflicts_count,
        pending_first as i64,
        pending_last as i64,
        held,
        json,
    ];
    if known {
        let row: i64 = tx
            .prepare_cached(
                "UPDATE record SET parent = ?4, status = ?5, class = ?6, sort = ?7, due = ?8,
                 conflicts_count = ?9, pending_first = ?10, pending_last = ?11, held = ?12, body = ?13
                 WHERE kind = ?1 AND id = ?2 AND area = ?3 RETURNING row",
            )?
            .query_row(values, |row| row.get(0))?;
        tx.prepare_cached("INSERT OR IGNORE INTO search_stale (row) VALUES (?)")?.execute([row])?;
    } else {
        tx.prepare_cached(
            "INSERT INTO record (kind, id, area, parent, status, class, sort, due, conflicts_count, pending_first,
             pending_last, held, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(values)?;
    }
    Ok(())
}

/// Stores a record that a pull brings if the phone does not have it yet, and says whether it did: one statement instead of a question and
/// an answer.
///
/// # Errors
/// When the store fails.
pub fn insert_if_new(tx: &Transaction<'_>, record: &Columns, json: &str) -> Result<bool, Error> {
    let columns = &record.index;
    let inserted = tx
        .prepare_cached(
            "INSERT INTO record (kind, id, area, parent, status, class, sort, due, conflicts_count, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (kind, id, area) DO NOTHING",
        )?
        .execute(params![
            record.kind.number(),
            record.id.as_bytes(),
            record.area.as_bytes(),
            columns.parent.as_ref().map(Uuid::as_bytes),
            columns.status,
            columns.class,
            columns.sort,
            columns.due,
            columns.conflicts_count,
            json,
        ])?;
    Ok(inserted > 0)
}

/// Forgets the kinds that no phone writes ([`zoufang_domain::authority`]), when all records come once more from the start: what the server
/// has no longer, because it came back from a backup, would stay for ever.
///
/// # Errors
/// When the store fails.
pub fn forget_the_servers_own(tx: &Transaction<'_>) -> Result<(), Error> {
    let set_by_units = Kind::ALL.iter().copied().filter(|kind| kind.goes_down());
    for kind in [Kind::OrgUnit, Kind::Staff, Kind::Assignment].into_iter().chain(set_by_units) {
        let stale = "INSERT OR IGNORE INTO search_stale (row) SELECT row FROM record WHERE kind = ?";
        tx.prepare_cached(stale)?.execute([kind.number()])?;
        tx.prepare_cached("DELETE FROM record WHERE kind = ?")?.execute([kind.number()])?;
    }
    Ok(())
}

/// Removes a record of an area from the phone: it left the area, or was erased. Gives false when it was not there.
///
/// # Errors
/// When the store fails.
pub fn remove(tx: &Transaction<'_>, kind: Kind, id: Uuid, area: UnitId) -> Result<bool, Error> {
    let row: Option<i64> = tx
        .prepare_cached("DELETE FROM record WHERE kind = ? AND id = ? AND area = ? RETURNING row")?
        .query_row(params![kind.number(), id.as_bytes(), area.as_bytes()], |row| row.get(0))
        .optional()?;
    if let Some(row) = row {
        tx.prepare_cached("INSERT OR IGNORE INTO search_stale (row) VALUES (?)")?.execute([row])?;
    }
    Ok(row.is_some())
}
