//! The database: one SQLite file, one writer, a few readers.
//!
//! Promises to those who use it: a write is one transaction, taken with the write lock from its first statement, so writes happen one
//! after the other and what one has read stays true until it commits; a read sees one committed state from beginning to end; a write
//! that returned is on the disk (WAL, `synchronous=FULL`), except by [`Store::write_lazily`], which says so.

mod error;
mod founding;
mod migrate;
pub mod scope;

pub use error::StoreError;
pub use founding::Unusable;
pub(crate) use founding::{beside, remove_if_there};
pub use migrate::MIGRATIONS;
pub use rusqlite::{Connection, Transaction};

use rusqlite::{OpenFlags, TransactionBehavior};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use uuid::Uuid;

/// How long a statement waits for another process (a backup, the command line) to let go of the file.
const BUSY_TIMEOUT_MS: u64 = 10_000;
/// Prepared statements kept per connection. The server has about 120 different ones.
const STATEMENTS_MAX_COUNT: usize = 256;
/// Page cache of the writer.
const WRITER_CACHE_KIB: i64 = 16 * 1024;
/// Page cache of each reader.
const READER_CACHE_KIB: i64 = 4 * 1024;
/// Readers that are kept open, and reads that run at once.
const READERS_MAX_COUNT: usize = 4;
/// Writes that may stand in line before callers are told that the server is busy.
const WRITES_WAITING_MAX_COUNT: usize = 512;
/// The size of a page of a new database. A visit's record takes 900 bytes, so SQLite's own 4096 hold four with much left over: 2,000 visits
/// are pushed in 34.6 ms instead of 36.9 (2026-11-24), ten in the same time as before.
const PAGE_BYTES: i64 = 8192;
/// WAL pages after which SQLite copies them into the database: 2000 pages are 16 MiB, about 15 pushes of 500 visits.
const WAL_CHECKPOINT_PAGES: i64 = 2000;

/// The database. Cheap to share.
pub struct Store {
    path: PathBuf,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    // Asynchronous callers stand in line here and not in blocked threads.
    write_turn: Semaphore,
    write_line: Semaphore,
    read_turn: Semaphore,
}

impl Store {
    /// Opens the database, makes it when there is none, and brings it to this version.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] for what is left of a database, which is never made anew; [`StoreError::Newer`] when a newer server wrote
    /// it, [`StoreError::SqliteTooOld`], or what SQLite says.
    pub fn open(path: &Path) -> Result<Arc<Store>, StoreError> {
        Store::open_with(path, MIGRATIONS)
    }
    /// The same with other migrations than [`MIGRATIONS`], as a later version will have them.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with(path: &Path, migrations: &[&str]) -> Result<Arc<Store>, StoreError> {
        zoufang_cipher::link();
        let found = rusqlite::version_number();
        if found < zoufang_cipher::SQLITE_VERSION_MINIMUM {
            return Err(StoreError::SqliteTooOld { found });
        }
        founding::find_or_make(path)?;
        let mut writer = connect(path, WRITER_CACHE_KIB)?;
        writer.pragma_update(None, "journal_mode", "WAL")?;
        writer.pragma_update(None, "wal_autocheckpoint", WAL_CHECKPOINT_PAGES)?;
        writer.pragma_update(None, "synchronous", "FULL")?;
        migrate::to_current(&mut writer, migrations)?;
        Ok(Arc::new(Store {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            readers: Mutex::new(Vec::new()),
            write_turn: Semaphore::new(1),
            write_line: Semaphore::new(WRITES_WAITING_MAX_COUNT),
            read_turn: Semaphore::new(READERS_MAX_COUNT),
        }))
    }
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
    /// Runs `work` in one durable write transaction. An error rolls all of it back.
    ///
    /// # Errors
    /// What `work` says, or what SQLite says at the beginning or the commit.
    pub fn write<T, E: From<StoreError>>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T, E>) -> Result<T, E> {
        run(&mut self.lock_writer(), work)
    }
    /// As [`Store::write`], but the commit does not wait for the disk: for what may be lost in a power cut without harm, such as when a
    /// phone was last seen. The file stays whole in any case.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_lazily<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        lazily(&mut self.lock_writer(), work)
    }
    /// As [`Store::write_lazily`], when nobody is writing at the moment; otherwise `None`, and nothing was done.
    pub fn try_write_lazily<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Option<Result<T, E>> {
        let mut writer = match self.writer.try_lock() {
            Ok(writer) => writer,
            Err(std::sync::TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(std::sync::TryLockError::WouldBlock) => return None,
        };
        Some(lazily(&mut writer, work))
    }
    /// Runs `work` on one committed state.
    ///
    /// # Errors
    /// What `work` says, or what SQLite says at the beginning.
    pub fn read<T, E: From<StoreError>>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let kept = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match kept {
            Some(reader) => reader,
            None => connect_reader(&self.path)?,
        };
        let done = {
            let tx = reader.transaction().map_err(StoreError::from)?;
            work(&tx)
        };
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS_MAX_COUNT {
            readers.push(reader);
        }
        done
    }
    /// Moves what is in the log into the database and empties the log, as far as no reader holds it: what was erased then stands in neither.
    ///
    /// # Errors
    /// What SQLite says.
    pub fn empty_log(&self) -> Result<(), StoreError> {
        self.lock_writer().query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
    /// [`Store::write`] for asynchronous callers.
    ///
    /// # Errors
    /// As [`Store::write`]; [`StoreError::Busy`] when too many stand in line.
    pub async fn write_async<T, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _turn = self.turn_to_write().await?;
        let store = Arc::clone(self);
        blocking(move || store.write(work)).await
    }
    /// [`Store::read`] for asynchronous callers.
    ///
    /// # Errors
    /// As [`Store::read`].
    pub async fn read_async<T, E>(
        self: &Arc<Self>,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let _turn = self.turn_to_read().await?;
        let store = Arc::clone(self);
        blocking(move || store.read(work)).await
    }
    /// Waits for the turn to write. Who holds it may call [`Store::write`] from a blocking thread without a wait.
    pub(crate) async fn turn_to_write(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        let _in_line = self.write_line.try_acquire().map_err(|_| StoreError::Busy)?;
        self.write_turn.acquire().await.map_err(|_| StoreError::Closed)
    }
    /// Waits for the turn to read.
    pub(crate) async fn turn_to_read(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        self.read_turn.acquire().await.map_err(|_| StoreError::Closed)
    }
    fn lock_writer(&self) -> MutexGuard<'_, Connection> {
        // A panic inside a write has rolled its transaction back when it dropped, so the connection is good for the next.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs blocking work on a thread that may block. A panic goes on in the caller, where the router catches it.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let span = tracing::Span::current();
    match tokio::task::spawn_blocking(move || span.in_scope(work)).await {
        Ok(done) => done,
        Err(e) => std::panic::resume_unwind(e.into_panic()),
    }
}

/// The same for work that is not done with its answer: putting away what it worked on is not waited for. Dropping the operations of a push
/// was 6.6 % of what the phone waited for (a profile of 2026-11-26).
pub(crate) async fn blocking_until_told<T: Send + 'static>(
    work: impl FnOnce(oneshot::Sender<T>) + Send + 'static,
) -> T {
    let span = tracing::Span::current();
    let (tell, told) = oneshot::channel();
    let working = tokio::task::spawn_blocking(move || span.in_scope(|| work(tell)));
    match told.await {
        Ok(answer) => answer,
        Err(_) => match working.await {
            Err(e) => std::panic::resume_unwind(e.into_panic()),
            Ok(()) => unreachable!("work that ends without an answer"),
        },
    }
}

fn run<T, E: From<StoreError>>(
    writer: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
    let done = work(&tx)?;
    tx.commit().map_err(StoreError::from)?;
    Ok(done)
}

fn lazily<T, E: From<StoreError>>(
    writer: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
) -> Result<T, E> {
    let lazy = Lazy::begin(writer)?;
    run(lazy.0, work)
}

/// A connection whose commits do not wait for the disk, until it is dropped: also by a panic, or the next verdict would not be durable.
struct Lazy<'c>(&'c mut Connection);

impl<'c> Lazy<'c> {
    fn begin(writer: &'c mut Connection) -> Result<Self, StoreError> {
        writer.pragma_update(None, "synchronous", "NORMAL")?;
        Ok(Lazy(writer))
    }
}

impl Drop for Lazy<'_> {
    fn drop(&mut self) {
        // Changes a number in memory, outside a transaction: it cannot fail, and if it did no write could be promised any more.
        let restored = self.0.pragma_update(None, "synchronous", "FULL");
        assert!(restored.is_ok(), "the writer is not durable again");
    }
}

/// Makes the file readable by its owner alone; SQLite gives the same mode to the files beside it.
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| StoreError::Folder { path: folder.to_owned(), why: e.kind() })?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|e| StoreError::Folder { path: path.to_owned(), why: e.kind() })?;
    Ok(())
}

fn connect(path: &Path, cache_kib: i64) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX_COUNT);
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.pragma_update(None, "trusted_schema", "OFF")?;
    // What is erased or rewritten is overwritten in its page, so that no tool finds it in the file.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "cache_size", -cache_kib)?;
    Ok(connection)
}

fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let reader = connect(path, READER_CACHE_KIB)?;
    reader.pragma_update(None, "query_only", "ON")?;
    Ok(reader)
}

/// Reads a 16-byte id column.
///
/// # Errors
/// What rusqlite says when the column is not sixteen bytes.
pub fn id_at(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

/// Reads a 16-byte id column that may be NULL.
///
/// # Errors
/// What rusqlite says when the column is neither.
pub fn id_at_opt(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<Option<Uuid>> {
    Ok(row.get::<_, Option<[u8; 16]>>(column)?.map(Uuid::from_bytes))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fresh() -> (tempfile::TempDir, Arc<Store>) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("server.db")).unwrap();
        (folder, store)
    }

    #[test]
    fn a_failed_write_leaves_nothing_and_a_panic_leaves_the_store_usable() {
        let (_folder, store) = fresh();
        let insert = "INSERT INTO audit (at_ms, actor, what, subject, hash) VALUES (1, 'a', 'b', 'c', x'00')";
        let failed: Result<(), StoreError> = store.write(|tx| {
            tx.execute(insert, [])?;
            Err(StoreError::Busy)
        });
        assert!(failed.is_err());
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), StoreError> = store.write(|tx| {
                tx.execute(insert, []).unwrap();
                panic!("in the middle")
            });
        }));
        assert!(panicked.is_err());
        let count: i64 =
            store.read::<_, StoreError>(|c| Ok(c.query_row("SELECT count(*) FROM audit", [], |r| r.get(0))?)).unwrap();
        assert_eq!(count, 0);
    }

    #[test]
    fn a_newer_database_is_refused_and_left_alone() {
        let (folder, store) = fresh();
        store.write::<_, StoreError>(|tx| Ok(tx.pragma_update(None, "user_version", 999)?)).unwrap();
        drop(store);
        let again = Store::open(&folder.path().join("server.db"));
        assert!(matches!(again, Err(StoreError::Newer { found: 999, .. })));
    }

    #[test]
    fn readers_cannot_write_and_writers_are_durable() {
        let (_folder, store) = fresh();
        let refused = store.read::<_, StoreError>(|c| Ok(c.execute("DELETE FROM audit", [])?));
        assert!(refused.is_err());
        let level: i64 =
            store.write::<_, StoreError>(|tx| Ok(tx.pragma_query_value(None, "synchronous", |r| r.get(0))?)).unwrap();
        assert_eq!(level, 2, "FULL");
        store.write_lazily::<_, StoreError>(|_| Ok(())).unwrap();
        let level: i64 =
            store.write::<_, StoreError>(|tx| Ok(tx.pragma_query_value(None, "synchronous", |r| r.get(0))?)).unwrap();
        assert_eq!(level, 2, "FULL again after a lazy write");
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            store.write_lazily::<(), StoreError>(|_| panic!("in a lazy write"))
        }));
        assert!(panicked.is_err());
        let level: i64 =
            store.write::<_, StoreError>(|tx| Ok(tx.pragma_query_value(None, "synchronous", |r| r.get(0))?)).unwrap();
        assert_eq!(level, 2, "FULL again after a panic in a lazy write");
    }
}
