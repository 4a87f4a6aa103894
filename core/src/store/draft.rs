//! Drafts: what is being written, one row each, every field durable as soon as it is saved. No function here reaches the outbox.

use crate::error::Error;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use uuid::Uuid;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::operation::Fields;
use zoufang_domain::schema::Kind;

/// One row of `draft`.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredDraft {
    /// Its id.
    pub id: Uuid,
    /// What it will be.
    pub kind: Kind,
    /// The home.
    pub household: Option<HouseholdId>,
    /// The fields so far.
    pub fields: Fields,
    /// When it was begun, Unix milliseconds.
    pub created_ms: i64,
    /// When it was last changed, Unix milliseconds.
    pub updated_ms: i64,
}

const COLUMNS: &str = "id, kind, household, body, created_ms, updated_ms";

type Columns = (Uuid, i64, Option<[u8; 16]>, String, i64, i64);

fn read(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((super::uuid_at(row, "id")?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
}

fn parsed((id, kind, household, body, created_ms, updated_ms): Columns) -> Result<StoredDraft, Error> {
    let unreadable = |problem: &str| {
        Error::Unreadable(zoufang_domain::record::Unreadable { kind: "draft", problem: problem.to_owned() })
    };
    Ok(StoredDraft {
        id,
        kind: Kind::from_number(kind).ok_or_else(|| unreadable("its kind is not known"))?,
        household: household.map(|bytes| HouseholdId(Uuid::from_bytes(bytes))),
        fields: serde_json::from_str(&body).map_err(|_| unreadable("its fields are not JSON"))?,
        created_ms,
        updated_ms,
    })
}

fn body_of(fields: &Fields) -> Result<String, Error> {
    serde_json::to_string(fields).map_err(|_| Error::Invalid { field: "fields".into() })
}

/// Begins a draft.
///
/// # Errors
/// When the store fails.
pub fn begin(tx: &Transaction<'_>, draft: &StoredDraft) -> Result<(), Error> {
    tx.prepare_cached(
        "INSERT INTO draft (id, kind, household, body, created_ms, updated_ms) VALUES (?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        draft.id.as_bytes(),
        draft.kind.number(),
        draft.household.as_ref().map(HouseholdId::as_bytes),
        body_of(&draft.fields)?,
        draft.created_ms,
        draft.updated_ms
    ])?;
    Ok(())
}

/// One draft.
///
/// # Errors
/// When the store fails.
pub fn find(c: &Connection, id: Uuid) -> Result<Option<StoredDraft>, Error> {
    let row = c
        .prepare_cached(&format!("SELECT {COLUMNS} FROM draft WHERE id = ?"))?
        .query_row([id.as_bytes()], read)
        .optional()?;
    row.map(parsed).transpose()
}

/// All drafts, the latest touched first.
///
/// # Errors
/// When the store fails.
pub fn all(c: &Connection) -> Result<Vec<StoredDraft>, Error> {
    let mut found = c.prepare_cached(&format!("SELECT {COLUMNS} FROM draft ORDER BY updated_ms DESC, id DESC"))?;
    let rows = found.query_map([], read)?;
    rows.map(|row| parsed(row?)).collect()
}

/// How many there are.
///
/// # Errors
/// When the store fails.
pub fn count(c: &Connection) -> Result<usize, Error> {
    let count: i64 = c.prepare_cached("SELECT count(*) FROM draft")?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Replaces the fields of a draft. Gives the size of what is stored, in bytes.
///
/// # Errors
/// [`Error::NotFound`] when there is no such draft; otherwise when the store fails.
pub fn set_fields(
    tx: &Transaction<'_>,
    id: Uuid,
    household: Option<HouseholdId>,
    fields: &Fields,
    now_ms: i64,
) -> Result<usize, Error> {
    let body = body_of(fields)?;
    let changed = tx
        .prepare_cached("UPDATE draft SET body = ?, household = ?, updated_ms = ? WHERE id = ?")?
        .execute(params![body, household.as_ref().map(HouseholdId::as_bytes), now_ms, id.as_bytes()])?;
    if changed == 0 { Err(Error::NotFound { what: "draft" }) } else { Ok(body.len()) }
}

/// Removes a draft: it was discarded, or saved in the same transaction. Says whether it was there.
///
/// # Errors
/// When the store fails.
pub fn remove(tx: &Transaction<'_>, id: Uuid) -> Result<bool, Error> {
    Ok(tx.prepare_cached("DELETE FROM draft WHERE id = ?")?.execute([id.as_bytes()])? > 0)
}
