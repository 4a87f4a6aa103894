//! The phone's database on real files: keys, damage, full disks, kills, several at once.
#![allow(clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use zoufang_core::ports::{Key, KeyVault, MemoryKeyVault, SystemIds, VaultError};
use zoufang_core::store::damage::{self, Reason, Salvaged};
use zoufang_core::store::migrate::Migration;
use zoufang_core::store::open::{APPLICATION_ID, Damage, Database, KEY_NAME, OpenError, OpenOptions, StoreError};

const PAGE_BYTES: usize = 4096;
const NOTE: Migration = Migration {
    version: 1,
    name: "note",
    sql: "CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT NOT NULL CHECK (body <> ''));",
};
const TAG: Migration = Migration { version: 2, name: "tag", sql: "CREATE TABLE tag(id INTEGER PRIMARY KEY);" };
const BROKEN: Migration = Migration { version: 3, name: "broken", sql: "CREATE TABLE half(a); SELECT * FROM nowhere;" };
const MENDED: Migration = Migration { version: 3, name: "mended", sql: "CREATE TABLE whole(a);" };
const CANARY: &str = "测试甲-canary-5d1e";

/// A folder with a database in it, and the phone's vault.
struct Phone {
    folder: tempfile::TempDir,
    vault: MemoryKeyVault,
}

impl Phone {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), vault: MemoryKeyVault::new() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("phone.db")
    }

    fn options(&self, migrations: &'static [Migration]) -> OpenOptions {
        OpenOptions { busy_timeout_ms: 200, ..OpenOptions::new(self.path(), migrations) }
    }

    fn try_open(&self, migrations: &'static [Migration]) -> Result<Database, OpenError> {
        Database::open(&self.options(migrations), &self.vault, &SystemIds::new())
    }

    fn open(&self) -> Database {
        self.try_open(&[NOTE]).unwrap()
    }

    fn refusal(&self) -> OpenError {
        self.try_open(&[NOTE]).expect_err("a database that must not open did")
    }

    fn key(&self) -> Option<Key> {
        self.vault.fetch(KEY_NAME).unwrap()
    }

    /// All files of the folder with what is in them, but for the log's index, which SQLite may make anew.
    fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let paths = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        paths
            .filter(|path| !path.to_str().unwrap().ends_with("-shm"))
            .map(|path| (path.clone(), std::fs::read(path).unwrap()))
            .collect()
    }

    /// A closed database of `count` notes, and its main file's bytes.
    fn filled(count: i64) -> (Self, Vec<u8>) {
        let phone = Self::new();
        let database = phone.open();
        save_all(&database, 1..=count);
        assert!(database.close().unwrap().is_complete);
        drop(database);
        let bytes = std::fs::read(phone.path()).unwrap();
        (phone, bytes)
    }

    /// The files of a phone whose app was killed with its database open: copied while it is.
    fn killed_copy(&self) -> Self {
        let copy = Self::new();
        copy.vault.store(KEY_NAME, &self.key().unwrap()).unwrap();
        for (path, bytes) in self.files() {
            std::fs::write(copy.folder.path().join(path.file_name().unwrap()), bytes).unwrap();
        }
        copy
    }
}

/// About 1 KiB, so that four fill a page.
fn body(id: i64) -> String {
    format!("{CANARY} {id:06} {}", "访".repeat(320))
}

fn insert(transaction: &Transaction<'_>, id: i64) -> Result<(), StoreError> {
    transaction.prepare_cached("INSERT INTO note(id, body) VALUES (?1, ?2)")?.execute(params![id, body(id)])?;
    Ok(())
}

fn save(database: &Database, id: i64) -> Result<(), StoreError> {
    database.write(|transaction| insert(transaction, id))
}

fn save_all(database: &Database, ids: impl IntoIterator<Item = i64>) {
    database
        .write::<_, StoreError, _>(|transaction| ids.into_iter().try_for_each(|id| insert(transaction, id)))
        .unwrap();
}

fn count(database: &Database) -> Result<i64, StoreError> {
    database.read(|connection| Ok(connection.query_row("SELECT count(body) FROM note", [], |row| row.get(0))?))
}

fn find(database: &Database, id: i64) -> Result<Option<String>, StoreError> {
    let one = |connection: &Connection| {
        connection.query_row("SELECT body FROM note WHERE id = ?1", [id], |row| row.get(0)).optional()
    };
    database.read(|connection| Ok(one(connection)?))
}

fn salvage(path: &Path, key: &Key) -> (Vec<i64>, Salvaged) {
    let mut ids = Vec::new();
    let salvaged = damage::salvage_rows(path, key, "SELECT id, body FROM note WHERE id >= ?1 ORDER BY id", |row| {
        let (id, text): (i64, String) = (row.get(0)?, row.get(1)?);
        assert_eq!(text, body(id), "a salvaged row is whole");
        ids.push(id);
        Ok(())
    });
    (ids, salvaged.unwrap())
}

// ---- Opening --------------------------------------------------------------------------------------------------------

#[test]
fn what_was_saved_is_there_after_reopening() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    drop(database); // not closed: the app was killed, or forgot
    let database = phone.open();
    assert_eq!(find(&database, 1), Ok(Some(body(1))));
    save(&database, 2).unwrap();
    database.close().unwrap();
    assert_eq!(count(&phone.open()), Ok(2));
}

#[test]
fn settings_are_those_that_the_promises_need() {
    let phone = Phone::new();
    let database = phone.open();
    let settings = |connection: &Connection| -> Result<Vec<String>, StoreError> {
        ["synchronous", "journal_mode", "foreign_keys", "secure_delete", "temp_store", "application_id", "user_version"]
            .iter()
            .map(|name| {
                let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
                Ok(connection.query_row(&sql, [], |row| row.get(0))?)
            })
            .collect()
    };
    let ours = APPLICATION_ID.to_string();
    let expected = ["2", "wal", "1", "1", "2", &ours, "1"].map(str::to_owned);
    assert_eq!(database.write(|transaction| settings(transaction)).unwrap(), expected);
    let reader = database.read(settings).unwrap();
    assert_eq!((&reader[1..3], &reader[4..]), (&expected[1..3], &expected[4..]));
    let write = |connection: &Connection| Ok(connection.execute("DELETE FROM note", [])?);
    assert!(matches!(database.read(write), Err(StoreError::Io { .. })), "a reader cannot write");
}

#[cfg(unix)]
#[test]
fn only_the_app_may_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    for suffix in ["", "-wal", "-shm"] {
        let file = phone.folder.path().join(format!("phone.db{suffix}"));
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{suffix}");
    }
    drop(database);
}

#[test]
fn another_key_opens_nothing_and_changes_nothing() {
    let (phone, bytes) = Phone::filled(10);
    let right = phone.key().unwrap();
    phone.vault.store(KEY_NAME, &Key::new([7; 32])).unwrap();
    assert_eq!(phone.refusal(), OpenError::WrongKey);
    phone.vault.store(KEY_NAME, &right).unwrap();
    assert_eq!(std::fs::read(phone.path()).unwrap(), bytes);
    assert_eq!(count(&phone.open()), Ok(10));
}

#[test]
fn a_refused_database_keeps_its_log_as_it_was() {
    let phone = Phone::new();
    let database = phone.open();
    save_all(&database, 1..=20);
    let killed = phone.killed_copy();
    let right = killed.key().unwrap();
    let before = killed.files();
    assert_eq!(before.len(), 2, "a main file and a log");
    killed.vault.store(KEY_NAME, &Key::new([7; 32])).unwrap();
    assert_eq!(killed.refusal(), OpenError::WrongKey);
    assert_eq!(killed.files(), before);
    killed.vault.store(KEY_NAME, &right).unwrap();
    std::fs::write(killed.path(), []).unwrap();
    assert_eq!(killed.refusal(), OpenError::Damaged { what: Damage::Empty });
    assert_eq!(killed.files().len(), 2, "SQLite deletes the log beside an empty file; it was not asked");
    std::fs::write(killed.path(), &before[&killed.path()]).unwrap();
    assert_eq!(count(&killed.open()), Ok(20));
}

#[test]
fn without_a_key_a_database_is_neither_opened_nor_replaced_nor_given_a_new_key() {
    let (phone, _) = Phone::filled(10);
    let before = phone.files();
    phone.vault.erase(KEY_NAME).unwrap();
    assert_eq!(phone.refusal(), OpenError::MissingKey);
    assert_eq!(phone.key(), None, "no key was made");
    assert_eq!(phone.files(), before, "no file was made or changed");
}

#[test]
fn a_locked_vault_is_not_a_missing_key() {
    struct Locked;
    impl KeyVault for Locked {
        fn fetch(&self, _: &str) -> Result<Option<Key>, VaultError> {
            Err(VaultError::Locked)
        }
        fn store(&self, _: &str, _: &Key) -> Result<(), VaultError> {
            panic!("a key was stored into a locked vault")
        }
        fn erase(&self, _: &str) -> Result<(), VaultError> {
            panic!("a key was erased")
        }
    }
    let phone = Phone::new();
    let locked = || Database::open(&phone.options(&[NOTE]), &Locked, &SystemIds::new()).unwrap_err();
    assert_eq!(locked(), OpenError::Vault(VaultError::Locked));
    assert!(phone.files().is_empty(), "nothing was founded");
    drop(phone.open());
    let error = locked();
    assert_eq!((error.id(), Reason::of(&error)), ("open.key_store", None));
}

#[test]
fn a_newer_database_is_left_alone() {
    let phone = Phone::new();
    drop(phone.try_open(&[NOTE, TAG]).unwrap());
    let before = phone.files();
    assert_eq!(phone.refusal(), OpenError::NewerThanApp { found: 2, known: 1 });
    assert_eq!(phone.files(), before);
    phone.try_open(&[NOTE, TAG]).unwrap();
}

#[test]
fn a_failed_migration_keeps_the_version_before_and_the_next_app_goes_on() {
    let phone = Phone::new();
    save(&phone.open(), 1).unwrap();
    let refused = phone.try_open(&[NOTE, TAG, BROKEN]).unwrap_err();
    assert!(matches!(refused, OpenError::Migration { version: 3, name: "broken", .. }), "{refused:?}");
    let refused = phone.try_open(&[NOTE]).unwrap_err();
    assert_eq!(refused, OpenError::NewerThanApp { found: 2, known: 1 }, "the second migration stayed");
    let database = phone.try_open(&[NOTE, TAG, MENDED]).unwrap();
    assert_eq!(count(&database), Ok(1));
    let tables = |connection: &Connection| {
        let sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('half', 'whole')";
        Ok::<i64, StoreError>(connection.query_row(sql, [], |row| row.get(0))?)
    };
    assert_eq!(database.read(tables), Ok(1), "half is not there, whole is");
}

#[test]
fn a_start_that_was_killed_while_founding_is_repeated() {
    let phone = Phone::new();
    let key = Key::new([3; 32]);
    phone.vault.store(KEY_NAME, &key).unwrap();
    for name in ["phone.db.new", "phone.db.new-journal", "phone.db.new-wal"] {
        std::fs::write(phone.folder.path().join(name), b"half of a first page").unwrap();
    }
    let database = phone.open();
    save(&database, 1).unwrap();
    database.close().unwrap();
    assert_eq!(phone.key(), Some(key), "the key of the killed start is used");
    assert_eq!(phone.files().len(), 1, "and its draft is gone: {:?}", phone.files().keys());
}

#[test]
fn many_who_open_at_once_get_one_database_and_one_key() {
    const OPENERS_COUNT: i64 = 8;
    let phone = Phone::new();
    let options = OpenOptions::new(phone.path(), &[NOTE, TAG]);
    std::thread::scope(|scope| {
        for id in 0..OPENERS_COUNT {
            let (options, vault) = (&options, &phone.vault);
            scope.spawn(move || {
                let database = Database::open(options, vault, &SystemIds::new()).unwrap();
                save(&database, id).unwrap();
                database.close().unwrap();
            });
        }
    });
    assert_eq!(count(&phone.try_open(&[NOTE, TAG]).unwrap()), Ok(OPENERS_COUNT));
}

// ---- Damage ---------------------------------------------------------------------------------------------------------

#[test]
fn a_file_that_was_cut_off_is_refused_at_every_length() {
    let (phone, bytes) = Phone::filled(40);
    let whole = bytes.len();
    assert!(whole > 10 * PAGE_BYTES);
    let lengths = [1, 15, 16, 100, 4095, 4096, 4097, 5000, whole / 2, whole - PAGE_BYTES, whole - 4000, whole - 1];
    std::fs::write(phone.path(), []).unwrap();
    assert_eq!(phone.refusal(), OpenError::Damaged { what: Damage::Empty });
    for length in lengths {
        std::fs::write(phone.path(), &bytes[..length]).unwrap();
        assert_eq!(phone.refusal(), OpenError::Damaged { what: Damage::CutOff }, "{length} of {whole} bytes");
        assert_eq!(std::fs::read(phone.path()).unwrap(), bytes[..length], "and stays as it was");
    }
    std::fs::write(phone.path(), &bytes).unwrap();
    assert_eq!(count(&phone.open()), Ok(40));
}

#[test]
fn a_damaged_first_page_is_told_from_a_wrong_key() {
    let (phone, bytes) = Phone::filled(40);
    let mut altered = bytes.clone();
    altered[2000] ^= 1;
    std::fs::write(phone.path(), &altered).unwrap();
    assert_eq!(phone.refusal(), OpenError::Damaged { what: Damage::Page });
    altered[..PAGE_BYTES].fill(0);
    std::fs::write(phone.path(), &altered).unwrap();
    assert_eq!(phone.refusal(), OpenError::Damaged { what: Damage::Page });
}

#[test]
fn what_is_no_database_of_ours_is_refused_and_kept() {
    let phone = Phone::new();
    drop(phone.open());
    let key = phone.key().unwrap();
    let mut noise = 0x9E37_79B9_7F4A_7C15_u64;
    let garbage: Vec<u8> = std::iter::repeat_with(|| {
        noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (noise >> 56) as u8
    })
    .take(3 * PAGE_BYTES + 17)
    .collect();
    let plain = phone.folder.path().join("plain");
    Connection::open(&plain).unwrap().execute_batch("CREATE TABLE note(id)").unwrap();
    let foreign = phone.folder.path().join("foreign");
    let connection = Connection::open(&foreign).unwrap();
    connection.pragma_update(None, "key", format!("x'{}'", *key.to_hex())).unwrap();
    connection.execute_batch("CREATE TABLE note(id)").unwrap();
    drop(connection);

    let damaged = |what| OpenError::Damaged { what };
    for (content, refusal) in [
        (garbage, OpenError::WrongKey),
        (b"<html>login</html>".to_vec(), damaged(Damage::CutOff)),
        (vec![0; 2 * PAGE_BYTES], damaged(Damage::Page)),
        (std::fs::read(plain).unwrap(), damaged(Damage::NotEncrypted)),
        (std::fs::read(foreign).unwrap(), damaged(Damage::Foreign)),
    ] {
        std::fs::write(phone.path(), &content).unwrap();
        assert_eq!(phone.refusal(), refusal);
        assert_eq!(std::fs::read(phone.path()).unwrap(), content);
    }
    std::fs::remove_file(phone.path()).unwrap();
    std::fs::create_dir(phone.path()).unwrap();
    assert!(matches!(phone.refusal(), OpenError::Io { .. }));
}

#[test]
fn one_bad_page_stops_neither_other_reads_nor_saves() {
    let (phone, mut bytes) = Phone::filled(200);
    let bad = bytes.len() / PAGE_BYTES / 2 * PAGE_BYTES;
    bytes[bad..bad + PAGE_BYTES].fill(0);
    std::fs::write(phone.path(), &bytes).unwrap();
    let database = phone.open();
    let read: Vec<_> = (1..=200).map(|id| find(&database, id)).collect();
    let lost: Vec<_> = read.iter().filter(|one| one.is_err()).collect();
    assert!((1..10).contains(&lost.len()), "{} rows were in that page", lost.len());
    assert!(lost.iter().all(|one| matches!(one, Err(StoreError::Damaged { .. }))), "{lost:?}");
    assert!(read.iter().flatten().all(Option::is_some), "a row was taken for absent");

    // The same through the writer, which SQLCipher makes unusable at the bad page.
    let first_lost = 1 + read.iter().position(Result::is_err).unwrap() as i64;
    let touch = |transaction: &Transaction<'_>| {
        insert(transaction, 900)?;
        Ok(transaction.execute("UPDATE note SET body = body || '改' WHERE id = ?1", [first_lost])?)
    };
    assert!(matches!(database.write(touch), Err(StoreError::Damaged { .. })));
    save(&database, 901).unwrap();
    assert_eq!(find(&database, 900), Ok(None), "rolled back");
    assert_eq!(find(&database, 901), Ok(Some(body(901))));
}

#[test]
fn salvage_reads_all_rows_but_those_of_bad_pages_and_changes_nothing() {
    let (phone, mut bytes) = Phone::filled(300);
    let pages_count = bytes.len() / PAGE_BYTES;
    for page in [pages_count / 3, pages_count / 2, pages_count / 2 + 1, pages_count - 4] {
        bytes[page * PAGE_BYTES + 7] ^= 1;
    }
    std::fs::write(phone.path(), &bytes).unwrap();
    let (ids, salvaged) = salvage(&phone.path(), &phone.key().unwrap());
    assert_eq!(salvaged.read_count, ids.len() as u64);
    assert!(ids.is_sorted_by(|left, right| left < right), "no row twice");
    // Four pages of the table or its index: at most 4 × 4 rows of the table.
    let missing: Vec<_> = (1..=300).filter(|id| !ids.contains(id)).collect();
    assert!((284..300).contains(&ids.len()), "{} rows {missing:?}", ids.len());
    assert!((1..=4).contains(&salvaged.failed_count), "{salvaged:?}");
    assert_eq!(std::fs::read(phone.path()).unwrap(), bytes);
}

#[test]
fn salvage_reads_a_file_that_was_cut_off_and_what_is_only_in_the_log() {
    let (phone, bytes) = Phone::filled(300);
    std::fs::write(phone.path(), &bytes[..bytes.len() / 2]).unwrap();
    let (ids, salvaged) = salvage(&phone.path(), &phone.key().unwrap());
    assert!((60..240).contains(&ids.len()), "{} rows of half a file", ids.len());
    assert!(salvaged.failed_count > 0);

    let phone = Phone::new();
    let database = phone.open();
    save_all(&database, 1..=20);
    let killed = phone.killed_copy();
    assert_eq!(std::fs::metadata(killed.path()).unwrap().len(), PAGE_BYTES as u64, "the rows are in the log only");
    let before = killed.files();
    let (ids, salvaged) = salvage(&killed.path(), &killed.key().unwrap());
    assert_eq!((ids, salvaged.failed_count), ((1..=20).collect(), 0));
    assert_eq!(killed.files(), before);
}

#[test]
fn salvage_with_a_wrong_key_wrong_sql_or_no_file_is_an_error() {
    let (phone, _) = Phone::filled(10);
    let key = phone.key().unwrap();
    let rows = |path: &Path, key: &Key, sql: &str| damage::salvage_rows(path, key, sql, |_| Ok(()));
    let sql = "SELECT id FROM note WHERE id >= ?1 ORDER BY id";
    assert!(matches!(rows(&phone.path(), &Key::new([1; 32]), sql), Err(OpenError::Damaged { .. })));
    let nowhere = "SELECT id FROM nowhere WHERE id >= ?1";
    assert!(matches!(rows(&phone.path(), &key, nowhere), Err(OpenError::Unexpected(_))));
    assert!(matches!(rows(&phone.folder.path().join("none.db"), &key, sql), Err(OpenError::Io { .. })));
    let refused = damage::salvage_rows(&phone.path(), &key, sql, |_| Err(rusqlite::Error::InvalidQuery)).unwrap();
    assert_eq!(refused, Salvaged { read_count: 0, failed_count: 10 }, "rows that the caller cannot use are counted");
}

// ---- Setting aside --------------------------------------------------------------------------------------------------

#[test]
fn what_is_set_aside_stays_readable_and_makes_room_for_a_new_database() {
    let phone = Phone::new();
    let database = phone.open();
    save_all(&database, 1..=20);
    let killed = phone.killed_copy();
    let key = killed.key().unwrap();
    let aside = damage::set_aside(&killed.path(), Reason::Damaged, 1_795_000_000_000).unwrap();
    assert_eq!(aside.path, killed.folder.path().join("phone.db.set-aside-damaged-1795000000000"));
    assert!(killed.files().keys().all(|path| path.to_str().unwrap().contains(".set-aside-")));

    let fresh = killed.open();
    assert_eq!(count(&fresh), Ok(0));
    assert_eq!(killed.key(), Some(key.clone()), "the key stays, the file set aside needs it");
    assert_eq!(salvage(&aside.path, &key), ((1..=20).collect(), Salvaged { read_count: 20, failed_count: 0 }));

    drop(fresh);
    let earlier = damage::set_aside(&killed.path(), Reason::WrongKey, -5).unwrap();
    drop(killed.open());
    let same_time = damage::set_aside(&killed.path(), Reason::WrongKey, -5).unwrap();
    assert_eq!(same_time.at_ms, -4, "nothing is overwritten");
    assert_eq!(damage::list_set_aside(&killed.path()).unwrap(), [earlier, same_time, aside]);
    let nothing = damage::set_aside(&killed.path(), Reason::Damaged, 0).unwrap_err();
    assert_eq!(nothing.kind(), std::io::ErrorKind::NotFound);
}

#[test]
fn a_kill_between_setting_aside_the_file_and_its_log_loses_neither() {
    let phone = Phone::new();
    let database = phone.open();
    save_all(&database, 1..=20);
    let killed = phone.killed_copy();
    let key = killed.key().unwrap();
    let aside = killed.folder.path().join("phone.db.set-aside-damaged-77");
    std::fs::rename(killed.path(), &aside).unwrap();

    let fresh = killed.open();
    assert_eq!(count(&fresh), Ok(0), "the old log was not applied to the new file");
    assert_eq!(salvage(&aside, &key).0, (1..=20).collect::<Vec<_>>());
}

#[test]
fn a_log_whose_main_file_is_gone_is_not_overwritten() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let killed = phone.killed_copy();
    std::fs::remove_file(killed.path()).unwrap();
    let before = killed.files();
    let refused = killed.refusal();
    assert_eq!(refused, OpenError::Damaged { what: Damage::MainFileGone });
    assert_eq!(killed.files(), before);
    let aside = damage::set_aside(&killed.path(), Reason::of(&refused).unwrap(), 5).unwrap();
    assert_eq!(damage::list_set_aside(&killed.path()).unwrap(), [aside]);
    assert_eq!(count(&killed.open()), Ok(0));
}

// ---- Writing and reading --------------------------------------------------------------------------------------------

#[test]
fn a_full_disk_is_said_keeps_nothing_half_and_passes() {
    let phone = Phone::new();
    let database = phone.open();
    let limit = |pages_count: i64| {
        let sql = format!("PRAGMA max_page_count = {pages_count}");
        database.write::<i64, StoreError, _>(|transaction| Ok(transaction.query_row(&sql, [], |row| row.get(0))?))
    };
    limit(30).unwrap();
    let mut saved_count = 0;
    let full = loop {
        match save(&database, saved_count + 1) {
            Ok(()) => saved_count += 1,
            Err(error) => break error,
        }
        assert!(saved_count < 1_000, "the disk never fills");
    };
    assert_eq!(full, StoreError::DiskFull);
    let batch = |transaction: &Transaction<'_>| (500..600).try_for_each(|id| insert(transaction, id));
    assert_eq!(database.write(batch), Err(StoreError::DiskFull));
    assert!(saved_count > 20, "{saved_count}");
    assert_eq!(count(&database), Ok(saved_count));
    limit(10_000).unwrap();
    database.write(batch).unwrap();
    assert_eq!(count(&database), Ok(saved_count + 100));
}

#[test]
fn an_error_or_a_panic_inside_a_write_undoes_it() {
    let phone = Phone::new();
    let database = phone.open();
    let failed: Result<(), StoreError> = database.write(|transaction| {
        insert(transaction, 1)?;
        insert(transaction, 1)
    });
    let Err(StoreError::Constraint { rule }) = failed else { panic!("{failed:?}") };
    assert_eq!(rule, "UNIQUE constraint failed: note.id", "names of the schema, no value");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        database.write::<(), StoreError, _>(|transaction| {
            insert(transaction, 2)?;
            panic!("a mistake in a use case")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(count(&database), Ok(0));
    save(&database, 3).unwrap();
    assert_eq!(count(&database), Ok(1));
}

#[test]
fn errors_hold_no_values() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let insert_again = "INSERT INTO note(id, body) VALUES (1, ?1)";
    let double: Result<usize, StoreError> =
        database.write(|transaction| Ok(transaction.execute(insert_again, [body(1)])?));
    let wrong_type: Result<i64, StoreError> =
        database.read(|connection| Ok(connection.query_row("SELECT body FROM note", [], |row| row.get(0))?));
    for text in [format!("{double:?}"), format!("{wrong_type:?}"), double.unwrap_err().to_string()] {
        assert!(!text.contains(CANARY) && text.len() < 200, "{text}");
    }
    assert!(matches!(wrong_type, Err(StoreError::Unexpected { code: 0, .. })));
}

#[test]
fn a_read_sees_one_state_while_writes_go_on() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let counts = database.read::<_, StoreError, _>(|connection| {
        let ids = || connection.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, i64>(0));
        let before = ids()?;
        std::thread::scope(|scope| scope.spawn(|| save(&database, 2)).join()).unwrap()?;
        Ok((before, ids()?))
    });
    assert_eq!(counts, Ok((1, 1)));
    assert_eq!(count(&database), Ok(2));
}

#[test]
fn readers_are_few_and_who_finds_none_is_told() {
    let phone = Phone::new();
    let database = phone.open();
    let nested = database.read(|_| database.read(|_| database.read(|_| database.read(|_| Ok::<_, StoreError>(())))));
    assert_eq!(nested, Err(StoreError::Busy));
    assert_eq!(database.read(|_| database.read(|_| database.read(|_| Ok::<_, StoreError>(())))), Ok(()));
}

#[test]
fn another_process_that_writes_makes_this_one_busy() {
    let phone = Phone::new();
    let (ours, other) = (phone.open(), phone.open());
    let busy = other.write::<_, StoreError, _>(|transaction| {
        insert(transaction, 1)?;
        Ok(save(&ours, 2))
    });
    assert_eq!(busy, Ok(Err(StoreError::Busy)));
    save(&ours, 2).unwrap();
    assert_eq!(count(&other), Ok(2));
}

// ---- Closing --------------------------------------------------------------------------------------------------------

#[test]
fn close_and_resume_can_be_repeated() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    assert!(database.close().unwrap().is_complete);
    assert!(database.close().unwrap().is_complete);
    assert_eq!(phone.files().len(), 1, "no log is left: {:?}", phone.files().keys());
    assert_eq!(save(&database, 2), Err(StoreError::Closed));
    assert_eq!(count(&database), Err(StoreError::Closed));
    assert_eq!(database.checkpoint(), Err(StoreError::Closed));
    database.resume().unwrap();
    database.resume().unwrap();
    save(&database, 2).unwrap();
    assert_eq!(count(&database), Ok(2));
    database.close().unwrap();
    std::fs::remove_file(phone.path()).unwrap();
    assert_eq!(database.resume(), Err(OpenError::Damaged { what: Damage::MainFileGone }));
    assert!(phone.files().is_empty(), "resuming never founds a database");
    assert_eq!(count(&database), Err(StoreError::Closed));
}

#[test]
fn close_interrupts_a_reader_that_does_not_end() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let (started, wait_for_start) = mpsc::channel();
    std::thread::scope(|scope| {
        let endless = scope.spawn(|| {
            database.read::<i64, StoreError, _>(|connection| {
                started.send(()).unwrap();
                let sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
                Ok(connection.query_row(sql, [], |row| row.get(0))?)
            })
        });
        wait_for_start.recv().unwrap();
        assert!(database.close().unwrap().is_complete);
        assert_eq!(endless.join().unwrap(), Err(StoreError::Interrupted));
    });
}

#[test]
fn a_checkpoint_empties_the_log() {
    let phone = Phone::new();
    let database = phone.open();
    save_all(&database, 1..=50);
    let log = phone.folder.path().join("phone.db-wal");
    assert!(std::fs::metadata(&log).unwrap().len() > 0);
    assert!(database.checkpoint().unwrap().is_complete);
    assert_eq!(std::fs::metadata(&log).unwrap().len(), 0);
    assert_eq!(count(&database), Ok(50));
}

// ---- On disk --------------------------------------------------------------------------------------------------------

#[test]
fn nothing_that_was_saved_or_searched_lies_in_clear_on_disk() {
    let phone = Phone::new();
    let database = phone.open();
    save_all(&database, 1..=300);
    let sorted: Vec<String> = database
        .read::<_, StoreError, _>(|connection| {
            let mut select = connection.prepare("SELECT body || id FROM note ORDER BY 1 DESC")?;
            Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        })
        .unwrap();
    assert_eq!(sorted.len(), 300);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(phone.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for words in [CANARY.as_bytes(), b"canary", b"CREATE TABLE", b"SQLite format", phone.key().unwrap().expose()] {
            assert!(!bytes.windows(words.len()).any(|window| window == words), "plaintext in {path:?}");
        }
        names.push(path.file_name().unwrap().to_owned());
    }
    names.sort();
    assert_eq!(names, ["phone.db", "phone.db-shm", "phone.db-wal"], "all files were looked at");
    drop(database);
}

#[test]
fn a_killed_process_loses_what_it_had_not_saved_and_nothing_else() {
    const FOLDER: &str = "ZOUFANG_TEST_KILLED_IN";
    let key = Key::new([8; 32]);
    // The same test runs again in a child process, which saves and then hangs in the middle of a write.
    if let Some(folder) = std::env::var_os(FOLDER) {
        let vault = MemoryKeyVault::new();
        vault.store(KEY_NAME, &key).unwrap();
        let options = OpenOptions::new(Path::new(&folder).join("phone.db"), &[NOTE]);
        let database = Database::open(&options, &vault, &SystemIds::new()).unwrap();
        (1..=30).for_each(|id| save(&database, id).unwrap());
        let _ = database.write::<(), StoreError, _>(|transaction| {
            // More than the cache holds, so it spills into the log.
            (1_000..9_000).try_for_each(|id| insert(transaction, id))?;
            println!("saved");
            std::io::stdin().read_line(&mut String::new()).unwrap();
            unreachable!("the parent kills this process")
        });
    }
    let phone = Phone::new();
    phone.vault.store(KEY_NAME, &key).unwrap();
    let mut child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_killed_process_loses_what_it_had_not_saved_and_nothing_else", "--nocapture"])
        .env(FOLDER, phone.folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    assert!(lines.any(|line| line.unwrap().contains("saved")), "the child died early");
    child.kill().unwrap();
    child.wait().unwrap();
    let log_bytes = std::fs::metadata(phone.folder.path().join("phone.db-wal")).unwrap().len();
    assert!(log_bytes > 1_000_000, "the unfinished write was in the log: {log_bytes} bytes");
    let database = phone.open();
    assert_eq!(count(&database), Ok(30));
    save(&database, 31).unwrap();
    let check = |connection: &Connection| {
        Ok::<String, StoreError>(connection.query_row("PRAGMA integrity_check", [], |row| row.get(0))?)
    };
    assert_eq!(database.read(check), Ok("ok".to_owned()));
}
