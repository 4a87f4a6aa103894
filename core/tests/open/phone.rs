//! A phone's database file, its key, and what the tests put into it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zoufang_core::ports::{Key, KeyVault, MemoryKeyVault, SystemIds};
use zoufang_core::store::damage::{self, Salvaged};
use zoufang_core::store::migrate::Migration;
use zoufang_core::store::open::{Database, KEY_NAME, OpenError, OpenOptions, StoreError};

pub(crate) const PAGE_BYTES: usize = 4096;
pub(crate) const NOTE: Migration = Migration {
    version: 1,
    name: "note",
    sql: "CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT NOT NULL CHECK (body <> ''));",
};
pub(crate) const TAG: Migration =
    Migration { version: 2, name: "tag", sql: "CREATE TABLE tag(id INTEGER PRIMARY KEY);" };
pub(crate) const BROKEN: Migration =
    Migration { version: 3, name: "broken", sql: "CREATE TABLE half(a); SELECT * FROM nowhere;" };
pub(crate) const MENDED: Migration = Migration { version: 3, name: "mended", sql: "CREATE TABLE whole(a);" };
pub(crate) const CANARY: &str = "测试甲-canary-5d1e";

/// A folder with a database in it, and the phone's vault.
pub(crate) struct Phone {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) vault: MemoryKeyVault,
}

impl Phone {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), vault: MemoryKeyVault::new() }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("phone.db")
    }

    pub(crate) fn options(&self, migrations: &'static [Migration]) -> OpenOptions {
        OpenOptions { busy_timeout_ms: 200, ..OpenOptions::new(self.path(), migrations) }
    }

    pub(crate) fn try_open(&self, migrations: &'static [Migration]) -> Result<Database, OpenError> {
        Database::open(&self.options(migrations), &self.vault, &SystemIds::new())
    }

    pub(crate) fn open(&self) -> Database {
        self.try_open(&[NOTE]).unwrap()
    }

    pub(crate) fn refusal(&self) -> OpenError {
        self.try_open(&[NOTE]).expect_err("a database that must not open did")
    }

    pub(crate) fn key(&self) -> Option<Key> {
        self.vault.fetch(KEY_NAME).unwrap()
    }

    /// All files of the folder with what is in them, but for the log's index, which SQLite may make anew.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let paths = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        paths
            .filter(|path| !path.to_str().unwrap().ends_with("-shm"))
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    }

    /// A closed database of `count` notes, and its main file's bytes.
    pub(crate) fn filled(count: i64) -> (Self, Vec<u8>) {
        let phone = Self::new();
        let database = phone.open();
        save_all(&database, 1..=count);
        assert!(database.close().unwrap().is_complete);
        drop(database);
        let bytes = std::fs::read(phone.path()).unwrap();
        (phone, bytes)
    }

    /// The files of a phone whose app was killed with its database open: copied while it is.
    pub(crate) fn killed_copy(&self) -> Self {
        let copy = Self::new();
        copy.vault.store(KEY_NAME, &self.key().unwrap()).unwrap();
        for (path, bytes) in self.files() {
            std::fs::write(copy.folder.path().join(path.file_name().unwrap()), bytes).unwrap();
        }
        copy
    }
}

/// About 1 KiB, so that four fill a page.
pub(crate) fn body(id: i64) -> String {
    format!("{CANARY} {id:06} {}", "访".repeat(320))
}

pub(crate) fn insert(transaction: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    transaction.prepare_cached("INSERT INTO note(id, body) VALUES (?1, ?2)")?.execute(params![id, body(id)])?;
    Ok(())
}

pub(crate) fn save(database: &Database, id: i64) -> Result<(), StoreError> {
    database.write(|transaction| insert(transaction, id))
}

pub(crate) fn save_all(database: &Database, ids: impl IntoIterator<Item = i64>) {
    database
        .write::<_, StoreError, _>(|transaction| ids.into_iter().try_for_each(|id| insert(transaction, id)))
        .unwrap();
}

pub(crate) fn count(database: &Database) -> Result<i64, StoreError> {
    database.read(|connection| Ok(connection.query_row("SELECT count(body) FROM note", [], |row| row.get(0))?))
}

pub(crate) fn find(database: &Database, id: i64) -> Result<Option<String>, StoreError> {
    let one = |connection: &Connection| {
        connection.query_row("SELECT body FROM note WHERE id = ?1", [id], |row| row.get(0)).optional()
    };
    database.read(|connection| Ok(one(connection)?))
}

pub(crate) fn salvage(path: &Path, key: &Key) -> (Vec<i64>, Salvaged) {
    let mut ids = Vec::new();
    let salvaged = damage::salvage_rows(path, key, "SELECT id, body FROM note WHERE id >= ?1 ORDER BY id", |row| {
        let (id, text): (i64, String) = (row.get(0)?, row.get(1)?);
        assert_eq!(text, body(id), "a salvaged row is whole");
        ids.push(id);
        Ok(())
    });
    (ids, salvaged.unwrap())
}
