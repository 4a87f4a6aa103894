//! One keyed connection and its settings. Every connection of the phone is made here.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;
use zoufang_cipher::SQLITE_VERSION_MINIMUM;
use zoufang_cipher::page::{PAGE_BYTES, PLAIN_HEADER, PageReader, SALT_BYTES};

use super::failure::{Damage, OpenError, StoreError};
use crate::ports::Key;

/// `PRAGMA application_id` of the phone's database: "ZOUF".
pub const APPLICATION_ID: i32 = i32::from_be_bytes(*b"ZOUF");

/// Page cache of a connection, in KiB, taken as it is needed. 2,000 rows of 1 KiB fit, which makes a scan of them 1.2 ms
/// instead of 13 ms (2026-11-23): a page that is not in the cache costs its HMAC and AES again. With
/// [`super::READERS_COUNT_MAX`] readers and the writer the caches end at 16 MiB, which a phone of 2 GiB can spare.
pub const CACHE_KIB: u32 = 4096;

/// The write-ahead log is moved into the database after a commit that finds at least this many pages in it (4 MiB),
/// SQLite's default. The log is read whole when an app that was killed opens its database again: with 128
/// pages in it opening took 0.5 ms, with 512 1.2 ms, with 1,000 2.0 ms (2026-11-23, 2 cores with AES-NI; a cheap phone
/// takes several times that). The rate of saves did not differ between them, but a first sync of 2,000 visits writes some
/// 520 pages, and moving them costs two more waits for the disk (up to 8 ms): so the default it is.
pub const WAL_AUTOCHECKPOINT_PAGES: u32 = 1_000;

/// The log's file is cut back to this size after a first sync or an import made it grow (4 MiB).
pub const WAL_KEPT_BYTES_MAX: u32 = 4 * 1024 * 1024;

/// Prepared statements that a connection keeps: more than a screen or a save repeats. What is beyond is prepared again.
pub const STATEMENTS_COUNT_MAX: usize = 64;

/// Pages that are tried when the first one does not verify, spread over the file.
const DIAGNOSIS_PAGES_COUNT_MAX: u64 = 16;

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Makes the file.
    Founder,
    /// Reads and writes an existing file.
    Writer,
    /// Reads an existing file.
    Reader,
    /// Reads what is left of a damaged file, and changes nothing in it.
    Salvager,
}

/// Refuses a build that must not touch a database: one whose SQLite can lose commits, or one without SQLCipher, where
/// `PRAGMA key` does nothing and everything would be stored in clear. Looked up once in a process.
pub(crate) fn check_build() -> Result<(), OpenError> {
    static FAULT: OnceLock<Option<&'static str>> = OnceLock::new();
    if !zoufang_cipher::link() {
        return Err(OpenError::Unfit { what: "its SQLite was used before the core" });
    }
    FAULT.get_or_init(find_fault).map_or(Ok(()), |what| Err(OpenError::Unfit { what }))
}

fn find_fault() -> Option<&'static str> {
    if rusqlite::version_number() < SQLITE_VERSION_MINIMUM {
        return Some("its SQLite is older than 3.51.3");
    }
    let connection = Connection::open_in_memory().ok()?; // no memory at all: the real opening will say so
    let version = connection.query_row("PRAGMA cipher_version", [], |row| row.get::<_, String>(0));
    // Plain SQLite knows no such pragma and answers no row.
    if version.is_ok_and(|version| !version.is_empty()) { None } else { Some("it is built without SQLCipher") }
}

/// Opens `path` with `key`. Nothing is read or changed yet, a wrong key shows at the first read, and closing the
/// connection leaves the log alone: whoever tries a damaged file must not move its log into it. [`configure`] comes
/// next.
///
/// # Errors
/// [`StoreError`] of the file system. A file of less than a page is [`StoreError::Damaged`]: SQLite would take it for a
/// new database, and delete the log beside it if it is empty.
pub(crate) fn connect(path: &Path, key: &Key, role: Role, busy_timeout_ms: u32) -> Result<Connection, StoreError> {
    let access = match role {
        Role::Founder => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        Role::Writer => OpenFlags::SQLITE_OPEN_READ_WRITE,
        Role::Reader | Role::Salvager => OpenFlags::SQLITE_OPEN_READ_ONLY,
    };
    let is_stump = std::fs::metadata(path).is_ok_and(|data| data.len() < PAGE_BYTES as u64);
    if is_stump && role != Role::Founder {
        return Err(StoreError::Damaged { code: rusqlite::ffi::SQLITE_NOTADB });
    }
    // NO_MUTEX: a connection is used by one thread at a time, which the types enforce (`Connection` is not `Sync`).
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(Duration::from_millis(u64::from(busy_timeout_ms)))?;
    connection.execute_batch(&keying(key))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_COUNT_MAX);
    Ok(connection)
}

/// Gives a connection the settings of its role. Reads the schema, so it fails where a first read would.
pub(crate) fn configure(connection: &Connection, role: Role) -> Result<(), StoreError> {
    connection.execute_batch(&settings(role))?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, role == Role::Salvager)?;
    Ok(())
}

/// The first statements of a connection. The key is given raw (`x'…'`): a passphrase would cost 256,000 rounds of
/// PBKDF2, 136 ms here and seconds on a cheap phone, and a random key of 256 bits gains nothing by them.
///
/// SQLCipher's own log goes to standard error or the phone's device log and is switched off first: what it has to say
/// comes back as an error anyway.
fn keying(key: &Key) -> Zeroizing<String> {
    const BATCH_BYTES: usize = 128; // enough that the text with the key is not copied while it grows
    let mut batch = Zeroizing::new(String::with_capacity(BATCH_BYTES));
    batch.push_str("PRAGMA cipher_log_level = NONE; PRAGMA key = \"x'");
    batch.push_str(&key.to_hex());
    batch.push_str("'\";");
    batch
}

/// The settings of a connection.
///
/// - `synchronous = FULL`: a save that returned survives a power cut. With NORMAL 39 % of the crash states of 200
///   commits lost one, with FULL none of 27,744 (2026-11-21). `fullfsync` does the same on iOS, where a plain fsync
///   stops short of the disk.
/// - `secure_delete = ON`: what is erased is overwritten in its page. SQLCipher switches it on; it is said here so that
///   it stays.
/// - `cipher_memory_security` stays off. It locks and overwrites all memory of SQLite, not only keys, which SQLCipher
///   locks and wipes in any case; Android lets an app lock 64 KiB, so the lock would mostly fail; it made saves 10 to
///   15 % slower (2026-11-23); and it holds for the whole process and cannot be switched off again.
/// - `temp_store = MEMORY`: a sorter's temporary file would hold rows in clear.
/// - `trusted_schema = OFF`: a tampered schema cannot call functions with side effects.
fn settings(role: Role) -> String {
    let mut batch = String::with_capacity(512);
    if role == Role::Salvager {
        // A file that was cut off counts more pages than it has; SQLite reads it only with this, said first.
        batch.push_str("PRAGMA writable_schema = ON;");
    }
    // Writing to a String does not fail.
    let _ = write!(batch, "PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -{CACHE_KIB};");
    batch.push_str(match role {
        Role::Salvager => "",
        Role::Reader => "PRAGMA foreign_keys = ON;",
        Role::Founder | Role::Writer => {
            "PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA synchronous = FULL;
             PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON;"
        }
    });
    if role == Role::Writer {
        let _ = write!(
            batch,
            "PRAGMA wal_autocheckpoint = {WAL_AUTOCHECKPOINT_PAGES}; PRAGMA journal_size_limit = {WAL_KEPT_BYTES_MAX};"
        );
    }
    batch
}

/// Reads page 1 and the schema of an existing database, before [`configure`]: does the key fit, is it ours, is it all
/// there? No scan: that would take a second of the morning for what each page's HMAC says when it is read.
pub(crate) fn verify(connection: &Connection, path: &Path, key: &Key) -> Result<(), OpenError> {
    let schema = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
    match schema.map_err(StoreError::from) {
        Ok(_) => {}
        Err(StoreError::Damaged { .. }) => return Err(diagnose(path, key)?),
        Err(other) => return Err(other.into()),
    }
    let application_id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application_id != APPLICATION_ID {
        return Err(OpenError::Damaged { what: Damage::Foreign });
    }
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    if mode != "wal" {
        return Err(OpenError::Damaged { what: Damage::Foreign });
    }
    let pages_count: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    check_length(path, pages_count)
}

/// While the log is empty the file must hold exactly what it counts. (With pages in the log it may be shorter.)
fn check_length(path: &Path, pages_count: i64) -> Result<(), OpenError> {
    let log_bytes = std::fs::metadata(beside(path, "-wal")).map_or(0, |data| data.len());
    let file_bytes = std::fs::metadata(path)?.len();
    if log_bytes == 0 && file_bytes < pages_count.unsigned_abs().saturating_mul(PAGE_BYTES as u64) {
        return Err(OpenError::Damaged { what: Damage::CutOff });
    }
    Ok(())
}

/// Whether SQLCipher still reads on this connection. After a page that does not verify it reads nothing any more, and a
/// write reports a want of memory: the connection has to be replaced. A transaction that could not be rolled back is as
/// bad.
pub(crate) fn is_healthy(connection: &Connection) -> bool {
    let status = connection.pragma_query_value(None, "cipher_status", |row| row.get::<_, String>(0));
    connection.is_autocommit() && status.is_ok_and(|status| status == "1")
}

/// Why the first page of the file does not open: SQLite says "not a database" for all of it.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn diagnose(path: &Path, key: &Key) -> Result<OpenError, std::io::Error> {
    let damaged = |what| Ok(OpenError::Damaged { what });
    let mut file = File::open(path)?;
    let file_bytes = file.metadata()?.len();
    let mut page = vec![0; PAGE_BYTES];
    if file_bytes == 0 {
        return damaged(Damage::Empty);
    }
    if file_bytes < PAGE_BYTES as u64 {
        return damaged(Damage::CutOff);
    }
    file.read_exact(&mut page)?;
    if page.starts_with(PLAIN_HEADER) {
        return damaged(Damage::NotEncrypted);
    }
    if page.iter().all(|byte| *byte == 0) {
        return damaged(Damage::Page);
    }
    let Some(salt) = page.first_chunk::<SALT_BYTES>() else { return damaged(Damage::CutOff) };
    let reader = PageReader::new(key.expose(), salt);
    let pages_count = file_bytes / PAGE_BYTES as u64;
    if reader.verifies(1, &page) {
        // The key is right and page 1 is whole: then it is the structure, which a missing end explains.
        return damaged(if promises_more(&reader, &page, pages_count) { Damage::CutOff } else { Damage::Page });
    }
    let step = pages_count.div_ceil(DIAGNOSIS_PAGES_COUNT_MAX).max(1);
    for index in (1..pages_count).step_by(usize::try_from(step).unwrap_or(usize::MAX)) {
        file.seek(SeekFrom::Start(index * PAGE_BYTES as u64))?;
        file.read_exact(&mut page)?;
        if u32::try_from(index + 1).is_ok_and(|number| reader.verifies(number, &page)) {
            return damaged(Damage::Page);
        }
    }
    Ok(OpenError::WrongKey)
}

/// Whether page 1 counts more pages than the file has. SQLite keeps the count at byte 28, big endian.
fn promises_more(reader: &PageReader, first_page: &[u8], pages_count: u64) -> bool {
    let counted =
        reader.open(1, first_page).and_then(|plain| plain.get(28..32)?.try_into().ok().map(u32::from_be_bytes));
    counted.is_some_and(|counted| u64::from(counted) > pages_count)
}

/// The path with `suffix` appended to its file name, as SQLite names its companions.
pub(crate) fn beside(path: &Path, suffix: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
