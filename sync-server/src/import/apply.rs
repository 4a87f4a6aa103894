//! From rows that were read to what the server holds: units, dwellings and households, written by the server's own hand with ids that
//! follow from what the rows say. Reading the same file again therefore finds everything in its place and changes nothing.
//!
//! Every import is a batch that knows what it created ([`undo`] takes it back). A batch that changed nothing leaves no trace.

mod divisions;
mod roster;
mod undo;

pub use divisions::apply_divisions;
pub use roster::{RosterTarget, apply_roster};
pub use undo::{Undone, undo};

use super::report::ImportReport;
use crate::ledger::LedgerError;
use crate::store::{Store, StoreError, id_at};
use rusqlite::{Connection, OptionalExtension, Transaction};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::UnitId;
use zoufang_domain::message::Language;
use zoufang_domain::schema::Kind;

/// Rows that are written in one transaction: large enough that waiting for the disk does not count, small enough that phones get
/// their turn (2,000 rows take about 0.3 s, 2026-11-23).
pub const CHUNK_ROWS_COUNT: usize = 2_000;
/// Rows that could not be placed and are kept to be shown; the rest is only counted.
pub const PROBLEMS_KEPT_MAX_COUNT: usize = 1_000;

/// Why an import or an undo stopped. What earlier chunks wrote stays, and the same file brings the rest.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The community given for the whole file is not one, or not known.
    #[error("no such community")]
    NoCommunity,
    /// No batch of that number.
    #[error("no such import")]
    NoBatch,
    /// The batch was undone before.
    #[error("this import was undone before")]
    UndoneBefore,
    /// The ledger refused.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for ApplyError {
    fn from(error: rusqlite::Error) -> Self {
        ApplyError::Store(error.into())
    }
}

/// The file that an import came from, as the list of imports names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name without folders.
    pub file_name: String,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

impl Source {
    /// Reads a file's bytes through.
    ///
    /// # Errors
    /// What the system says.
    pub fn of_file(path: &std::path::Path) -> std::io::Result<Self> {
        use std::io::Read;
        const BUFFER_BYTES: usize = 64 * 1024;
        let mut file = std::fs::File::open(path)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                count => hasher.update(&buffer[..count]),
            }
        }
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Source { file_name, sha256: hasher.finalize().into() })
    }
}

/// Why a row that reads well could not be placed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowProblem {
    /// No community of that name or code.
    CommunityUnknown,
    /// Several communities have that name.
    CommunityAmbiguous,
    /// The home was erased at a resident's request and does not come back by an import.
    Erased,
    /// The ledger refused a value.
    Refused,
}

impl RowProblem {
    /// The text with the row, such as `第 7 行：…`.
    pub fn render(self, row: u32, language: Language) -> String {
        let (zh, en) = match self {
            RowProblem::CommunityUnknown => (
                "没有这个社区。请核对名称或 12 位代码，或先导入区划",
                "no such community: check its name or 12-digit code, or import the divisions first",
            ),
            RowProblem::CommunityAmbiguous => {
                ("有多个社区用这个名称。请改填 12 位代码", "several communities have this name: give the 12-digit code")
            }
            RowProblem::Erased => (
                "这一户已依居民申请删除，不再导入",
                "this home was erased at the resident's request and is not imported again",
            ),
            RowProblem::Refused => ("有一项内容不符合要求，没有导入", "a value is not valid; the row was not imported"),
        };
        match language {
            Language::Zh => format!("第 {row} 行：{zh}"),
            Language::En => format!("row {row}: {en}"),
        }
    }
}

/// What an import did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The batch's number; none when nothing was changed.
    pub batch: Option<i64>,
    /// Units that are new.
    pub units_created_count: u64,
    /// Dwellings and households that are new.
    pub records_created_count: u64,
    /// Records in which fields were given a new value.
    pub records_edited_count: u64,
    /// Records that were as the file says.
    pub records_same_count: u64,
    /// Fields whose value in the file differs from what a worker wrote since: the worker's stands.
    pub fields_left_count: u64,
    /// The first [`PROBLEMS_KEPT_MAX_COUNT`] rows that could not be placed.
    pub problems: Vec<(u32, RowProblem)>,
    /// All of them.
    pub problems_count: u64,
}

impl Applied {
    fn add_problem(&mut self, row: u32, problem: RowProblem) {
        self.problems_count += 1;
        if self.problems.len() < PROBLEMS_KEPT_MAX_COUNT {
            self.problems.push((row, problem));
        }
    }

    fn changed_anything(&self) -> bool {
        self.units_created_count + self.records_created_count + self.records_edited_count > 0
    }
}

/// The batch that is being written.
struct Batch {
    id: i64,
}

impl Batch {
    fn begin(
        tx: &Transaction<'_>,
        now_ms: i64,
        what: &str,
        source: &Source,
        report: &ImportReport,
    ) -> Result<Self, StoreError> {
        let sql =
            "INSERT INTO import_batch (what, file_name, file_sha256, at_ms, rows_read, rows_good, records_created)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)";
        let (read, good) = (report.rows_read, report.rows_good);
        tx.prepare_cached(sql)?.execute((what, &source.file_name, source.sha256, now_ms, read, good))?;
        Ok(Batch { id: tx.last_insert_rowid() })
    }

    /// Notes that the batch created a record.
    fn created(&self, tx: &Transaction<'_>, area: UnitId, kind: Kind, id: Uuid) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO import_record (batch, area, kind, id) VALUES (?1, ?2, ?3, ?4)";
        tx.prepare_cached(sql)?.execute((self.id, area.as_bytes(), kind.number(), id.as_bytes()))?;
        let sql = "UPDATE import_batch SET records_created = records_created + ?2 WHERE id = ?1";
        tx.prepare_cached(sql)?.execute((self.id, tx.changes() as i64))?;
        Ok(())
    }

    /// Ends the batch: kept when it changed anything, else forgotten.
    fn end(self, tx: &Transaction<'_>, applied: &mut Applied) -> Result<(), StoreError> {
        if applied.changed_anything() {
            applied.batch = Some(self.id);
        } else {
            tx.prepare_cached("DELETE FROM import_batch WHERE id = ?1")?.execute([self.id])?;
        }
        Ok(())
    }
}

/// A batch as listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchView {
    /// Its number.
    pub id: i64,
    /// divisions or roster.
    pub what: String,
    /// The file.
    pub file_name: String,
    /// When.
    pub at: Moment,
    /// Rows of data.
    pub rows_read: u64,
    /// Rows without an error.
    pub rows_good: u64,
    /// What it created.
    pub records_created: u64,
    /// When it was undone.
    pub undone: Option<Moment>,
}

const LISTED: &str =
    "SELECT id, what, file_name, at_ms, rows_read, rows_good, records_created, undone_ms FROM import_batch";

fn listed(row: &rusqlite::Row<'_>) -> rusqlite::Result<BatchView> {
    let count = |at: usize| row.get::<_, i64>(at).map(|count| count.max(0) as u64);
    Ok(BatchView {
        id: row.get(0)?,
        what: row.get(1)?,
        file_name: row.get(2)?,
        at: Moment::from_ms(row.get(3)?),
        rows_read: count(4)?,
        rows_good: count(5)?,
        records_created: count(6)?,
        undone: row.get::<_, Option<i64>>(7)?.map(Moment::from_ms),
    })
}

/// All batches, the latest first.
///
/// # Errors
/// What the store says.
pub fn list(c: &Connection) -> Result<Vec<BatchView>, StoreError> {
    let mut statement = c.prepare_cached(&format!("{LISTED} ORDER BY id DESC"))?;
    let batches = statement.query_map([], listed)?.collect::<Result<_, _>>()?;
    Ok(batches)
}

fn find(c: &Connection, id: i64) -> Result<Option<BatchView>, StoreError> {
    Ok(c.prepare_cached(&format!("{LISTED} WHERE id = ?1"))?.query_row([id], listed).optional()?)
}

/// Whether a unit is there.
fn has_unit(c: &Connection, id: UnitId) -> Result<bool, StoreError> {
    let mut statement = c.prepare_cached("SELECT id FROM unit WHERE id = ?1")?;
    Ok(statement.query_row([id.as_bytes()], |row| id_at(row, 0)).optional()?.is_some())
}

/// One import at the command line: the store, the time, and who is told how far it is.
pub struct Import<'a> {
    /// Where to.
    pub store: &'a Store,
    /// Now, Unix milliseconds.
    pub now_ms: i64,
    /// Called after each chunk with the rows done and all rows.
    pub progress: &'a mut dyn FnMut(u64, u64),
}
