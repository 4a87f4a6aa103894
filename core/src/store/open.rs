//! The phone's database: one encrypted SQLite file, one writer, a few readers.
//!
//! # What is promised
//! - **Write**: [`Database::write`] runs its closure in one IMMEDIATE transaction. When it returns `Ok` everything in
//!   it is on the disk (WAL, `synchronous=FULL`); when it returns `Err`, or panics, or the app is killed, nothing of it
//!   is. Writes happen one after the other.
//! - **Read**: [`Database::read`] sees one state of the database, that of its first query, whatever is written
//!   meanwhile. It sees every write that returned before it began. Readers never wait for the writer, nor the writer
//!   for them.
//! - **Opening** makes a database whole or not at all: it is prepared under another name and then renamed. So an empty
//!   file is always a damaged one. A file that is there is never replaced, whatever is wrong with it.
//! - **A key is made only where no database is.** A file without its key is [`OpenError::MissingKey`].
//!
//! `&Transaction` in a signature writes, `&Connection` reads. Neither may wait for a network.
//!
//! # Files
//! `x.db`, its log `x.db-wal` and the log's index `x.db-shm`; `x.db.new*` while the database is made; what
//! [`crate::store::damage`] set aside.

mod connection;
mod failure;
mod key;
mod readers;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use connection::{APPLICATION_ID, CACHE_KIB, STATEMENTS_COUNT_MAX, WAL_AUTOCHECKPOINT_PAGES, WAL_KEPT_BYTES_MAX};
pub(crate) use connection::{Role, beside, check_build, configure, connect, is_healthy};
pub use failure::{Damage, OpenError, StoreError};
pub(crate) use key::{erase_keys, next_name};
pub use readers::READERS_COUNT_MAX;
use readers::Readers;

use crate::ports::{Ids, Key, KeyVault};
use crate::store::damage;
use crate::store::migrate::{self, Migration};
use zoufang_domain::planted::{self, Defect};

/// How long a call waits for another process, or for a free reader, before it is [`StoreError::Busy`].
pub const BUSY_TIMEOUT_MS: u32 = 2_000;

/// How long [`Database::close`] waits for readers before it interrupts them, and again for them to stop. iOS gives an
/// app about five seconds when it goes to the background.
pub const DRAIN_TIMEOUT_MS: u32 = 1_000;

/// The name of the database's key in the [`KeyVault`].
pub const KEY_NAME: &str = "database";

/// What to open.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The main file, in an existing folder that is the app's own.
    pub path: PathBuf,
    /// The schema.
    pub migrations: &'static [Migration],
    /// The key's name in the vault; [`KEY_NAME`] unless one vault serves several databases.
    pub key_name: String,
    /// See [`BUSY_TIMEOUT_MS`].
    pub busy_timeout_ms: u32,
}

impl OpenOptions {
    /// The database at `path`, everything else as usual.
    pub fn new(path: impl Into<PathBuf>, migrations: &'static [Migration]) -> Self {
        Self { path: path.into(), migrations, key_name: KEY_NAME.to_owned(), busy_timeout_ms: BUSY_TIMEOUT_MS }
    }
}

/// How much of the write-ahead log a checkpoint moved into the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log is empty now. `false` when a reader or another process still uses it: nothing is lost, the next one
    /// moves it.
    pub is_complete: bool,
}

/// The open database. Shared between threads; see the module for what it promises.
pub struct Database {
    path: PathBuf,
    key: RwLock<Key>,
    busy_timeout_ms: u32,
    /// `None` after [`Database::close`], and between a page that did not verify and the next write.
    writer: Mutex<Option<Connection>>,
    readers: Readers,
}

impl Database {
    /// Opens the database, makes it if there is none, and brings its schema to the newest version.
    ///
    /// # Errors
    /// [`OpenError`]. Whatever it is, a file that was there is as it was, but for migrations that went through.
    pub fn open(options: &OpenOptions, vault: &dyn KeyVault, ids: &dyn Ids) -> Result<Self, OpenError> {
        check_build()?;
        let key = match (options.path.try_exists()?, vault.fetch(&options.key_name)?) {
            (true, Some(key)) => key,
            (true, None) if planted::is(Defect::RegenerateMissingKey) => {
                fs::remove_file(&options.path)?;
                found(options, vault, ids)?
            }
            (true, None) => return Err(OpenError::MissingKey),
            (false, _) => found(options, vault, ids)?,
        };
        let (mut writer, key) =
            key::open_with_either(&options.path, key, &options.key_name, vault, options.busy_timeout_ms)?;
        migrate::migrate(&mut writer, options.migrations)?;
        Ok(Self {
            path: options.path.clone(),
            key: RwLock::new(key),
            busy_timeout_ms: options.busy_timeout_ms,
            writer: Mutex::new(Some(writer)),
            readers: Readers::new(),
        })
    }

    /// Runs `act` in a write transaction and commits what it did if it returns `Ok`. Not to be called from within
    /// itself: it would wait for itself. A [`Database::read`] within it sees the state before it.
    ///
    /// # Errors
    /// What `act` fails with; [`StoreError`] of the beginning or the commit. Nothing is kept then.
    pub fn write<T, E, F>(&self, act: F) -> Result<T, E>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut slot = self.lock_writer();
        let writer = self.writer_in(&mut slot)?;
        if planted::is(Defect::NormalSync) {
            writer.pragma_update(None, "synchronous", "NORMAL").map_err(StoreError::from)?;
        }
        let outcome = transact(writer, act);
        if outcome.is_err() && !is_healthy(writer) {
            *slot = None; // opened anew by the next write: one bad page must not stop all saving
        }
        outcome
    }

    /// As [`Database::write`], but a power cut may take it back whole, with everything written lazily since the last [`Database::write`];
    /// never a part of it, and never anything of a write that returned. For what the server still has: pages of a pull and
    /// acknowledgements, which are simply fetched again. Saves 0.4 to 4 ms of fsync each (measured 2026-11-23).
    ///
    /// # Errors
    /// As [`Database::write`].
    pub fn write_lazily<T, E, F>(&self, act: F) -> Result<T, E>
    where
        F: FnOnce(&Transaction<'_>) -> Result<T, E>,
        E: From<StoreError>,
    {
        let mut slot = self.lock_writer();
        self.writer_in(&mut slot)?;
        // Out of its place until it is FULL again: if `act` panics the connection is dropped, and no save ever meets it as it is.
        let mut writer = slot.take().ok_or(StoreError::Closed)?;
        writer.pragma_update(None, "synchronous", "NORMAL").map_err(StoreError::from)?;
        let outcome = transact(&mut writer, act);
        let is_full = writer.pragma_update(None, "synchronous", "FULL").is_ok();
        if is_full && (outcome.is_ok() || is_healthy(&writer)) {
            *slot = Some(writer);
        }
        outcome
    }

    /// Runs `look` on one unchanging state of the database.
    ///
    /// # Errors
    /// What `look` fails with; [`StoreError`] of the beginning, [`StoreError::Busy`] when all readers stayed out.
    pub fn read<T, E, F>(&self, look: F) -> Result<T, E>
    where
        F: FnOnce(&Connection) -> Result<T, E>,
        E: From<StoreError>,
    {
        let wait = Duration::from_millis(u64::from(self.busy_timeout_ms));
        let mut lent = self.readers.lend(wait, || self.connect_again(Role::Reader))?;
        let outcome = snapshot(lent.connection()?, look);
        if outcome.is_ok() {
            lent.vouch();
        }
        outcome
    }

    /// Whether every page that is in use reads and the structure is whole. Reads everything: for a database that gives trouble.
    ///
    /// # Errors
    /// [`StoreError`] other than damage.
    pub fn is_whole(&self) -> Result<bool, StoreError> {
        let reader = self.connect_again(Role::Reader)?;
        let said = reader.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0));
        match said.map_err(StoreError::from) {
            Ok(said) => Ok(said == "ok"),
            Err(StoreError::Damaged { .. }) => Ok(false),
            // After a page that does not verify a connection answers with anything, up to "out of memory".
            Err(_) if !is_healthy(&reader) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Moves the write-ahead log into the database and empties it. Called after a first sync and by
    /// [`Database::close`].
    ///
    /// # Errors
    /// [`StoreError`]; what was saved stays saved in the log.
    pub fn checkpoint(&self) -> Result<Checkpoint, StoreError> {
        let mut slot = self.lock_writer();
        truncate_log(self.writer_in(&mut slot)?)
    }

    /// Waits for calls that are running, empties the log and closes all files, so that a phone may stop the app: iOS
    /// kills one that holds a database open in the background. Calls fail with [`StoreError::Closed`] from here to
    /// [`Database::resume`]. Ends within the current write plus twice [`DRAIN_TIMEOUT_MS`] plus the busy timeout. Does
    /// nothing the second time.
    ///
    /// # Errors
    /// [`StoreError`] of the checkpoint. The database is closed all the same and nothing is lost.
    pub fn close(&self) -> Result<Checkpoint, StoreError> {
        let are_readers_back = self.readers.close(Duration::from_millis(u64::from(DRAIN_TIMEOUT_MS)));
        let Some(writer) = self.lock_writer().take() else {
            return Ok(Checkpoint { is_complete: are_readers_back });
        };
        let moved = truncate_log(&writer);
        drop(writer);
        moved
    }

    /// Opens what [`Database::close`] closed. Does nothing if it is open.
    ///
    /// # Errors
    /// [`OpenError`]; the database then stays closed.
    pub fn resume(&self) -> Result<(), OpenError> {
        let mut slot = self.lock_writer();
        if !self.readers.is_open() {
            if !self.path.try_exists()? {
                return Err(OpenError::Damaged { what: Damage::MainFileGone });
            }
            *slot = Some(open_writer(&self.path, &self.key(), self.busy_timeout_ms)?);
            self.readers.reopen();
        }
        Ok(())
    }

    /// The main file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn key(&self) -> Key {
        self.key.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_key(&self, key: Key) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
    }

    /// A panic inside a write has rolled it back while unwinding, so the connection is as good as before.
    fn lock_writer(&self) -> MutexGuard<'_, Option<Connection>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The writer; opened again if a damaged page took it.
    fn writer_in<'slot>(&self, slot: &'slot mut Option<Connection>) -> Result<&'slot mut Connection, StoreError> {
        if !self.readers.is_open() {
            return Err(StoreError::Closed);
        }
        if slot.is_none() {
            *slot = Some(self.connect_again(Role::Writer)?);
        }
        slot.as_mut().ok_or(StoreError::Closed)
    }

    /// Another connection to a file that has been verified once.
    fn connect_again(&self, role: Role) -> Result<Connection, StoreError> {
        let connection = connect(&self.path, &self.key(), role, self.busy_timeout_ms)?;
        configure(&connection, role)?;
        Ok(connection)
    }
}

impl std::fmt::Debug for Database {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Database").field("is_open", &self.readers.is_open()).finish_non_exhaustive()
    }
}

fn transact<T, E, F>(writer: &mut Connection, act: F) -> Result<T, E>
where
    F: FnOnce(&Transaction<'_>) -> Result<T, E>,
    E: From<StoreError>,
{
    let transaction = writer.transaction_with_behavior(TransactionBehavior::Immediate).map_err(StoreError::from)?;
    let value = act(&transaction)?; // an error drops the transaction, which rolls back
    transaction.commit().map_err(StoreError::from)?;
    Ok(value)
}

fn snapshot<T, E, F>(reader: &Connection, look: F) -> Result<T, E>
where
    F: FnOnce(&Connection) -> Result<T, E>,
    E: From<StoreError>,
{
    // Ended by a rollback when dropped, which is all that a read needs.
    let transaction = reader.unchecked_transaction().map_err(StoreError::from)?;
    look(&transaction)
}

fn truncate_log(writer: &Connection) -> Result<Checkpoint, StoreError> {
    let blocked: i64 = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(Checkpoint { is_complete: blocked == 0 })
}

/// Opens the writer; a second time when it looks damaged: SQLCipher takes a page that could not be read for one that does not verify, and
/// a passing error of the disk must not be called damage.
fn open_writer(path: &Path, key: &Key, busy_timeout_ms: u32) -> Result<Connection, OpenError> {
    match open_writer_once(path, key, busy_timeout_ms) {
        Err(OpenError::Damaged { .. }) => open_writer_once(path, key, busy_timeout_ms),
        outcome => outcome,
    }
}

fn open_writer_once(path: &Path, key: &Key, busy_timeout_ms: u32) -> Result<Connection, OpenError> {
    let writer = match connect(path, key, Role::Writer, busy_timeout_ms) {
        Err(StoreError::Damaged { .. }) => return Err(connection::diagnose(path, key)?),
        connected => connected?,
    };
    connection::verify(&writer, path, key)?;
    configure(&writer, Role::Writer)?;
    Ok(writer)
}

/// Founds the database where none is, and returns its key.
///
/// The folder is locked meanwhile, so that two who open at once do not make two keys. The key is stored before the file
/// appears: a kill in between leaves a key without a database, which the next start uses, and never the reverse.
fn found(options: &OpenOptions, vault: &dyn KeyVault, ids: &dyn Ids) -> Result<Key, OpenError> {
    let folder = lock_folder(&options.path)?;
    damage::finish_set_aside(&options.path)?;
    let key = match (options.path.try_exists()?, vault.fetch(&options.key_name)?) {
        (true, Some(key)) => return Ok(key), // another thread or process was faster
        (true, None) => return Err(OpenError::MissingKey),
        (false, _) if beside(&options.path, "-wal").try_exists()? => {
            return Err(OpenError::Damaged { what: Damage::MainFileGone });
        }
        (false, Some(key)) => key,
        (false, None) => {
            let key = Key::generate(ids);
            vault.store(&options.key_name, &key)?;
            key
        }
    };
    let draft = beside(&options.path, ".new");
    for suffix in ["", "-journal", "-wal", "-shm"] {
        remove_if_there(&beside(&draft, suffix))?; // of a start that was killed; nothing was ever saved in it
    }
    write_first_page(&draft, &key, options.busy_timeout_ms)?;
    fs::rename(&draft, &options.path)?;
    folder.sync_all()?;
    Ok(key)
}

fn write_first_page(draft: &Path, key: &Key, busy_timeout_ms: u32) -> Result<(), OpenError> {
    let connection = connect(draft, key, Role::Founder, busy_timeout_ms)?;
    configure(&connection, Role::Founder)?;
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // The log and its index take their permissions from the main file.
    #[cfg(unix)]
    fs::set_permissions(draft, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    connection.close().map_err(|(_, error)| StoreError::from(error))?;
    Ok(())
}

/// Locks the folder of `path` against other processes and threads that found or set aside a database, until dropped.
/// The lock is on the folder itself, so that no lock file stays behind.
pub(crate) fn lock_folder(path: &Path) -> std::io::Result<File> {
    let folder = match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(folder)
}

/// Removes a database that nobody has open, with what SQLite keeps beside it. What is not there is no error.
pub(crate) fn remove_files(path: &Path) -> std::io::Result<()> {
    let folder = lock_folder(path)?;
    for suffix in ["", "-wal", "-shm"] {
        remove_if_there(&beside(path, suffix))?;
    }
    folder.sync_all()
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
