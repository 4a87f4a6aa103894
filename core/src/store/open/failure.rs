//! What can go wrong with the database file, by what somebody can do about it.
//!
//! None of these errors holds a value out of the database: SQLite's own messages may quote one (a search term, a JSON
//! path), so only its code is kept, and the names of table and column for a broken constraint.

use rusqlite::{ErrorCode, ffi};

use crate::ports::VaultError;
use crate::store::migrate::MigrateError;

/// Why a read or a write did not happen. Nothing of a failed write is kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No space left on the phone. Free some and save again.
    #[error("no space left for the database")]
    DiskFull,
    /// The file system refused. `code` is SQLite's extended result code.
    #[error("the database file could not be read or written (code {code})")]
    Io {
        /// SQLite's extended result code.
        code: i32,
    },
    /// A page does not verify or the file's structure is broken. Set the file aside and salvage
    /// ([`crate::store::damage`]).
    #[error("the database file is damaged (code {code})")]
    Damaged {
        /// SQLite's extended result code.
        code: i32,
    },
    /// Somebody else held the database for longer than the waiting time. Try again.
    #[error("the database is busy")]
    Busy,
    /// The database is closed; [`super::Database::resume`] opens it again.
    #[error("the database is closed")]
    Closed,
    /// The database was closed while this was running.
    #[error("the database was closed during the call")]
    Interrupted,
    /// A rule of the schema forbids the row.
    #[error("the database refused a row: {rule}")]
    Constraint {
        /// The rule in the schema's words, as "UNIQUE constraint failed: visit.id".
        rule: String,
    },
    /// A mistake in this program: SQL that does not fit the schema, a column of another type.
    #[error("unexpected answer of the database (code {code}): {what}")]
    Unexpected {
        /// SQLite's extended result code, 0 if the error is not SQLite's.
        code: i32,
        /// What happened, without values.
        what: String,
    },
}

impl StoreError {
    /// The id under which the text for people stands in Chinese and English.
    pub fn id(&self) -> &'static str {
        match self {
            Self::DiskFull => "store.disk_full",
            Self::Io { .. } => "store.io",
            Self::Damaged { .. } => "store.damaged",
            Self::Busy => "store.busy",
            Self::Closed => "store.closed",
            Self::Interrupted => "store.interrupted",
            Self::Constraint { .. } => "store.constraint",
            Self::Unexpected { .. } => "store.unexpected",
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(failure, message) => from_sqlite(failure, message),
            // Also a failure of SQLite: it carries the SQL, which is this program's text, but possibly no message.
            rusqlite::Error::SqlInputError { error, msg, .. } => from_sqlite(error, Some(msg)),
            other => Self::Unexpected { code: 0, what: describe(&other) },
        }
    }
}

fn from_sqlite(failure: ffi::Error, message: Option<String>) -> StoreError {
    let code = failure.extended_code;
    match failure.code {
        ErrorCode::DiskFull => StoreError::DiskFull,
        // Growing the -shm file fails for want of space, but SQLite calls it an I/O error.
        ErrorCode::SystemIoFailure if code == ffi::SQLITE_IOERR_SHMSIZE => StoreError::DiskFull,
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::PermissionDenied
        | ErrorCode::FileLockingProtocolFailed
        | ErrorCode::NoLargeFileSupport => StoreError::Io { code },
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged { code },
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::OperationInterrupted => StoreError::Interrupted,
        ErrorCode::ConstraintViolation => {
            StoreError::Constraint { rule: message.unwrap_or_else(|| format!("constraint {code}")) }
        }
        _ => StoreError::Unexpected { code, what: detail(message, failure.code) },
    }
}

/// SQLite's message in a build for developers; only its kind in one that ships.
fn detail(message: Option<String>, kind: ErrorCode) -> String {
    match message {
        Some(message) if cfg!(debug_assertions) => message,
        _ => format!("{kind:?}"),
    }
}

/// The error without the values that it may quote.
fn describe(error: &rusqlite::Error) -> String {
    use rusqlite::Error;
    match error {
        Error::QueryReturnedNoRows => "no row".to_owned(),
        Error::QueryReturnedMoreThanOneRow => "more than one row".to_owned(),
        Error::InvalidColumnType(index, name, kind) => format!("column {index} ({name}) holds {kind}"),
        Error::FromSqlConversionFailure(index, kind, _) => format!("column {index} holds {kind} that does not convert"),
        Error::IntegralValueOutOfRange(index, _) => format!("column {index} holds an integer out of range"),
        Error::Utf8Error(index, _) => format!("column {index} holds no UTF-8"),
        Error::InvalidColumnIndex(index) => format!("no column {index}"),
        Error::InvalidColumnName(name) => format!("no column {name}"),
        Error::InvalidParameterName(name) => format!("no parameter {name}"),
        Error::InvalidParameterCount(given, wanted) => format!("{given} parameters given, {wanted} wanted"),
        Error::StatementChangedRows(count) => format!("{count} rows changed"),
        Error::ExecuteReturnedResults => "a statement returned rows".to_owned(),
        Error::InvalidQuery => "not a query".to_owned(),
        Error::MultipleStatement => "more than one statement".to_owned(),
        Error::ToSqlConversionFailure(_) => "a value does not convert".to_owned(),
        Error::NulError(_) => "a NUL in a name".to_owned(),
        Error::InvalidPath(_) => "the path is not UTF-8".to_owned(),
        _ => "an error of the database binding".to_owned(),
    }
}

/// Why the phone's database is not open. Whatever it is, the file is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There is a database but no key for it. It is neither opened nor replaced; set it aside, or restore the key.
    #[error("the key of the database is missing")]
    MissingKey,
    /// The key opens no page that was tried. Another key is needed, or the file is damaged from its first byte on.
    #[error("the key does not open the database")]
    WrongKey,
    /// The key store cannot answer now. Not a reason to touch the database.
    #[error("the key store gave no answer")]
    Vault(#[from] VaultError),
    /// A newer version of the app wrote the database. Update the app.
    #[error("the database is of version {found}, this app knows versions up to {known}")]
    NewerThanApp {
        /// The version of the file.
        found: u32,
        /// The newest version that this app knows.
        known: u32,
    },
    /// The key fits but the file is broken, cut off, or no database. Set it aside and salvage.
    #[error("the database file is damaged: {what}")]
    Damaged {
        /// What was found.
        what: Damage,
    },
    /// No space left on the phone.
    #[error("no space left to open the database")]
    DiskFull,
    /// The file system refused. `code` is SQLite's extended result code, or 0.
    #[error("the database file could not be opened (code {code}, {kind:?})")]
    Io {
        /// SQLite's extended result code, 0 if the file system was asked directly.
        code: i32,
        /// The kind that the file system named, if it was asked directly.
        kind: Option<std::io::ErrorKind>,
    },
    /// Another process held the database for longer than the waiting time.
    #[error("the database is busy")]
    Busy,
    /// A migration did not go through; the file is at the version before it.
    #[error("migration {version} ({name}) failed")]
    Migration {
        /// The version that was to be reached.
        version: u32,
        /// Its name.
        name: &'static str,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// This build must not open any database: it is not SQLCipher, or its SQLite is too old.
    #[error("this build must not open a database: {what}")]
    Unfit {
        /// What is wrong with it.
        what: &'static str,
    },
    /// A mistake in this program.
    #[error("unexpected answer while opening the database")]
    Unexpected(#[source] StoreError),
}

/// What is wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Damage {
    /// The file is empty. A database is created whole, so it was longer once.
    Empty,
    /// The file ends within a page, or before the pages that it counts.
    CutOff,
    /// The first page does not verify, others do; or its structure is broken.
    Page,
    /// The main file is gone, its write-ahead log is there.
    MainFileGone,
    /// An SQLite file without encryption.
    NotEncrypted,
    /// A readable database, but of another program.
    Foreign,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "it is empty",
            Self::CutOff => "it is cut off",
            Self::Page => "a page does not verify",
            Self::MainFileGone => "only its write-ahead log is there",
            Self::NotEncrypted => "it is not encrypted",
            Self::Foreign => "it belongs to another program",
        })
    }
}

impl OpenError {
    /// The id under which the text for people stands in Chinese and English.
    pub fn id(&self) -> &'static str {
        match self {
            Self::MissingKey => "open.missing_key",
            Self::WrongKey => "open.wrong_key",
            Self::Vault(_) => "open.key_store",
            Self::NewerThanApp { .. } => "open.newer_than_app",
            Self::Damaged { .. } => "open.damaged",
            Self::DiskFull => "open.disk_full",
            Self::Io { .. } => "open.io",
            Self::Busy => "open.busy",
            Self::Migration { .. } => "open.migration",
            Self::Unfit { .. } => "open.unfit",
            Self::Unexpected(_) => "open.unexpected",
        }
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            kind => Self::Io { code: 0, kind: Some(kind) },
        }
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::DiskFull => Self::DiskFull,
            StoreError::Io { code } => Self::Io { code, kind: None },
            StoreError::Damaged { .. } => Self::Damaged { what: Damage::Page },
            StoreError::Busy => Self::Busy,
            other => Self::Unexpected(other),
        }
    }
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        StoreError::from(error).into()
    }
}

impl From<MigrateError> for OpenError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Newer { found, known } => Self::NewerThanApp { found, known },
            MigrateError::Unordered => Self::Unfit { what: "its migrations are not numbered 1, 2, 3 …" },
            // What the phone can do something about is not hidden behind the migration that met it.
            MigrateError::Failed { source, version, name } => match Self::from(source) {
                Self::Unexpected(source) => Self::Migration { version, name, source },
                known => known,
            },
        }
    }
}
