//! A database that cannot be used: set aside and read for what it still holds. How long it stays is in [`super::aside`].
//!
//! `x.db` becomes `x.db.set-aside-<reason>-<unix ms>`; its log and the log's index go with it, named as SQLite expects
//! them, so that the pair can still be opened. The key stays in the vault.
//!
//! The main file moves first. A kill before its log has followed leaves a log without a main file, which
//! `finish_set_aside` completes before a new database is made: SQLite must not find the old log beside a new file.

mod scan;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use zoufang_domain::order;

use rusqlite::{Connection, Row};

use super::open::{OpenError, Role, StoreError, beside, check_build, configure, connect, is_healthy, lock_folder};
use crate::ports::Key;
pub use scan::{SalvagedOutbox, salvage_outbox};

const MARK: &str = ".set-aside-";
/// What SQLite keeps beside the main file.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// Why a database was set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// Its key is not in the vault.
    MissingKey,
    /// The vault's key does not open it.
    WrongKey,
    /// A newer app wrote it.
    NewerThanApp,
    /// It is broken.
    Damaged,
}

impl Reason {
    const ALL: [Self; 4] = [Self::MissingKey, Self::WrongKey, Self::NewerThanApp, Self::Damaged];

    /// The word in the file's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingKey => "missing-key",
            Self::WrongKey => "wrong-key",
            Self::NewerThanApp => "newer-than-app",
            Self::Damaged => "damaged",
        }
    }

    /// The id of the message that says so.
    pub const fn message_id(self) -> &'static str {
        match self {
            Self::MissingKey => "open.missing_key",
            Self::WrongKey => "open.wrong_key",
            Self::NewerThanApp => "open.newer_than_app",
            Self::Damaged => "open.damaged",
        }
    }

    /// The reason to set a database aside that failed to open; `None` when it must stay where it is, because the
    /// failure lies elsewhere (a locked key store, a full disk) and a later attempt may succeed.
    pub const fn of(error: &OpenError) -> Option<Self> {
        match error {
            OpenError::MissingKey => Some(Self::MissingKey),
            OpenError::WrongKey => Some(Self::WrongKey),
            OpenError::NewerThanApp { .. } => Some(Self::NewerThanApp),
            OpenError::Damaged { .. } => Some(Self::Damaged),
            _ => None,
        }
    }
}

/// A database that was set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its main file now. It may be absent if only the log was left.
    pub path: PathBuf,
    /// Why.
    pub reason: Reason,
    /// When, by the phone's clock: unix milliseconds.
    pub at_ms: i64,
}

/// Renames the database at `path`, which must be closed, and its companions. Nothing is read or changed in them.
///
/// # Errors
/// Of the file system. What has moved by then stays moved and the next opening completes it. `NotFound` if nothing was
/// there.
pub fn set_aside(path: &Path, reason: Reason, now_ms: i64) -> io::Result<SetAside> {
    let folder = lock_folder(path)?;
    let mut at_ms = now_ms;
    let mut target = aside_path(path, reason, at_ms);
    while is_taken(&target)? {
        at_ms = at_ms.wrapping_add(1); // a clock that stands still must not make one overwrite another
        target = aside_path(path, reason, at_ms);
    }
    let mut moved_count = 0;
    for suffix in [""].iter().chain(&COMPANIONS) {
        moved_count += usize::from(rename_if_there(&beside(path, suffix), &beside(&target, suffix))?);
    }
    folder.sync_all()?;
    if moved_count == 0 {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(SetAside { path: target, reason, at_ms })
}

/// What has been set aside from `path`, the latest last.
///
/// # Errors
/// Of the file system.
pub fn list_set_aside(path: &Path) -> io::Result<Vec<SetAside>> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Ok(Vec::new());
    };
    let folder = if folder == Path::new("") { Path::new(".") } else { folder };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let file_name = entry?.file_name();
        let parsed = file_name.to_str().and_then(|file| file.strip_prefix(name)?.strip_prefix(MARK)).and_then(parse);
        if let Some((reason, at_ms)) = parsed {
            found.push(SetAside { path: aside_path(path, reason, at_ms), reason, at_ms });
        }
    }
    // A log without its main file is listed too, by the name that the main file would have.
    order::sort_by(&mut found, |left, right| (left.at_ms, &left.path).cmp(&(right.at_ms, &right.path)));
    found.dedup();
    Ok(found)
}

/// Completes a [`set_aside`] that was killed half-way. The caller holds the folder's lock.
pub(crate) fn finish_set_aside(path: &Path) -> io::Result<()> {
    if path.try_exists()? || !is_taken(path)? {
        return Ok(());
    }
    let Some(latest) = list_set_aside(path)?.pop() else { return Ok(()) };
    for suffix in COMPANIONS {
        let target = beside(&latest.path, suffix);
        if !target.try_exists()? {
            rename_if_there(&beside(path, suffix), &target)?;
        }
    }
    Ok(())
}

fn aside_path(path: &Path, reason: Reason, at_ms: i64) -> PathBuf {
    beside(path, &format!("{MARK}{}-{at_ms}", reason.as_str()))
}

/// The reverse of [`aside_path`]: "damaged-1700000000000", "damaged-1700000000000-wal", "damaged--5" (a clock before
/// 1970).
fn parse(text: &str) -> Option<(Reason, i64)> {
    let text = COMPANIONS.iter().find_map(|suffix| text.strip_suffix(suffix)).unwrap_or(text);
    let (reason, at_ms) = Reason::ALL
        .into_iter()
        .find_map(|reason| Some((reason, text.strip_prefix(reason.as_str())?.strip_prefix('-')?)))?;
    Some((reason, at_ms.parse().ok()?))
}

fn is_taken(path: &Path) -> io::Result<bool> {
    for suffix in [""].iter().chain(&COMPANIONS) {
        if beside(path, suffix).try_exists()? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<bool> {
    match fs::rename(from, to) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// What [`salvage_rows`] got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Salvaged {
    /// Rows that were read and taken.
    pub read_count: u64,
    /// Stretches of unreadable rows, and rows that the caller's closure refused. How many rows such a stretch held
    /// nobody can say; 0 means that everything was read.
    pub failed_count: u64,
}

/// Keys that are tried one by one after an unreadable row before the steps double. A leaf page of 4 KiB holds 4 to 60
/// rows.
const STEPS_ONE_BY_ONE_COUNT: u32 = 32;
/// How long the salvage waits for a lock on the file.
const BUSY_TIMEOUT_MS: u32 = 2_000;

/// Reads a table of a damaged database row by row and gives each row to `take`, jumping over what does not verify.
///
/// `sql` selects the table in the order of an integer key from a parameter on, with the key as the first column:
/// `SELECT counter, payload FROM outbox WHERE counter >= ?1 ORDER BY counter`. It should follow the table's own tree
/// (`INTEGER PRIMARY KEY` or `rowid`); through an index it fails with the index. Keys are taken to be 0 or more once a
/// row does not read.
///
/// The file is opened for reading only and not changed; SQLite may leave a new `-shm` beside it. Rows that are only in
/// the log are read too. A file whose first page or schema does not read gives nothing; [`salvage_outbox`] reads
/// its operations all the same.
///
/// # Errors
/// [`OpenError::Damaged`] when not even the schema reads or the key is another; [`OpenError::Unexpected`] when `sql`
/// does not fit the schema; other errors of opening.
pub fn salvage_rows<F>(path: &Path, key: &Key, sql: &str, mut take: F) -> Result<Salvaged, OpenError>
where
    F: FnMut(&Row<'_>) -> rusqlite::Result<()>,
{
    check_build()?;
    // Keeps the log's index alive, so that not each new connection reads the whole log again. It reads the schema only.
    let _anchor = open_damaged(path, key)?;
    let mut salvage = Salvage { path, key, sql, connection: open_damaged(path, key)? };
    salvage.connection.prepare(sql).map_err(StoreError::from)?;
    let mut salvaged = Salvaged::default();
    let mut from = i64::MIN;
    while let Some(unread) = salvage.read_run(from, &mut take, &mut salvaged)? {
        salvaged.failed_count += 1;
        let Some(readable) = salvage.find_readable(unread)? else { break };
        from = readable;
    }
    Ok(salvaged)
}

fn open_damaged(path: &Path, key: &Key) -> Result<Connection, StoreError> {
    let connection = connect(path, key, Role::Salvager, BUSY_TIMEOUT_MS)?;
    configure(&connection, Role::Salvager)?;
    Ok(connection)
}

/// A salvage under way.
struct Salvage<'run> {
    path: &'run Path,
    key: &'run Key,
    sql: &'run str,
    connection: Connection,
}

impl Salvage<'_> {
    /// Reads rows with keys of `from` and above until the end (`None`) or until one does not read: the least key that
    /// it can have.
    fn read_run<F>(&mut self, from: i64, take: &mut F, salvaged: &mut Salvaged) -> Result<Option<i64>, StoreError>
    where
        F: FnMut(&Row<'_>) -> rusqlite::Result<()>,
    {
        let mut unread = from;
        let outcome = run(&self.connection, self.sql, from, |row| {
            unread = row.get::<_, i64>(0)?.saturating_add(1);
            match take(row) {
                Ok(()) => salvaged.read_count += 1,
                Err(_) => salvaged.failed_count += 1,
            }
            Ok(true)
        });
        match outcome {
            Ok(()) => Ok(None),
            Err(error) => self.renew(error).map(|()| Some(unread)),
        }
    }

    /// The least key above `unread` from which on rows read again; `None` if there is none.
    fn find_readable(&mut self, unread: i64) -> Result<Option<i64>, StoreError> {
        let (mut unreadable, mut step) = (unread.max(-1), 1_i64);
        let mut tried_count = 0_u32;
        let mut readable = loop {
            let Some(candidate) = unreadable.checked_add(step) else { return Ok(None) };
            if self.reads_from(candidate)? {
                break candidate;
            }
            unreadable = candidate;
            tried_count += 1;
            if tried_count >= STEPS_ONE_BY_ONE_COUNT {
                step = step.saturating_mul(2);
            }
        };
        while readable - unreadable > 1 {
            let middle = unreadable + (readable - unreadable) / 2;
            if self.reads_from(middle)? {
                readable = middle;
            } else {
                unreadable = middle;
            }
        }
        Ok(Some(readable))
    }

    /// Whether the first row of key `from` or above reads, or there is none.
    fn reads_from(&mut self, from: i64) -> Result<bool, StoreError> {
        match run(&self.connection, self.sql, from, |_| Ok(false)) {
            Ok(()) => Ok(true),
            Err(error) => self.renew(error).map(|()| false),
        }
    }

    /// After damage the connection reads nothing any more and is replaced. Any other error ends the salvage.
    fn renew(&mut self, error: StoreError) -> Result<(), StoreError> {
        // A connection that gave up answers with anything from "not a database" to "out of memory".
        if !matches!(error, StoreError::Damaged { .. }) && is_healthy(&self.connection) {
            return Err(error);
        }
        self.connection = open_damaged(self.path, self.key)?;
        Ok(())
    }
}

/// Gives the rows with keys of `from` and above to `each` until it answers `false`.
fn run(
    connection: &Connection,
    sql: &str,
    from: i64,
    mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<bool>,
) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([from])?;
    while let Some(row) = rows.next()? {
        if !each(row)? {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_set_aside_read_back() {
        for reason in Reason::ALL {
            for at_ms in [0, -5, 1_795_000_000_000, i64::MIN, i64::MAX] {
                for suffix in ["", "-wal", "-shm"] {
                    assert_eq!(parse(&format!("{}-{at_ms}{suffix}", reason.as_str())), Some((reason, at_ms)));
                }
            }
        }
        for foreign in ["", "damaged", "damaged-", "damaged-today", "-5", "other-5", "damaged-5-old"] {
            assert_eq!(parse(foreign), None, "{foreign}");
        }
    }
}
