//! Erasures outside the database: a file beside it, so that a backup that comes back does not bring back who was erased after it was taken.
//!
//! One line of JSON an erasure, with ids alone. The line is on the disk before the erasure commits; one that did not commit is carried out
//! when a backup comes back, which is what was asked for.

use crate::store::{StoreError, beside};
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::schema::Kind;

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Erasure {
    pub(super) at_ms: i64,
    pub(super) area: UnitId,
    /// A resident, or a household whose contact it was.
    pub(super) kind: Kind,
    pub(super) subject: Uuid,
    /// The records that went.
    pub(super) removed: Vec<(Kind, Uuid)>,
    /// The person's homes.
    pub(super) homes: Vec<Uuid>,
}

/// The file; `None` for a database in memory.
fn file(tx: &Transaction<'_>) -> Option<PathBuf> {
    tx.path().filter(|path| !path.is_empty()).map(|path| beside(path.as_ref(), ".erasures"))
}

/// Adds a line and waits for the disk.
pub(super) fn append(tx: &Transaction<'_>, erasure: &Erasure) -> Result<(), StoreError> {
    let Some(path) = file(tx) else { return Ok(()) };
    let failed = |e: std::io::Error| StoreError::Folder { path: path.clone(), why: e.kind() };
    crate::store::create_private(&path)?;
    let mut line = serde_json::to_vec(erasure).map_err(|_| StoreError::Damaged { what: "erasure" })?;
    line.push(b'\n');
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).map_err(failed)?;
    file.write_all(&line).map_err(failed)?;
    file.sync_all().map_err(failed)
}

/// All lines that read. The last one may be cut by a power failure; then its erasure did not commit either, and whoever asked was told so.
pub(super) fn all(tx: &Transaction<'_>) -> Result<Vec<Erasure>, StoreError> {
    let Some(path) = file(tx) else { return Ok(Vec::new()) };
    let file = match std::fs::File::open(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(StoreError::Folder { path, why: e.kind() }),
    };
    let mut found = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|e| StoreError::Folder { path: path.clone(), why: e.kind() })?;
        found.extend(serde_json::from_str::<Erasure>(&line).ok());
    }
    Ok(found)
}
