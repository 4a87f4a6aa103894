//! Opening: keys, versions, settings, closing.

use crate::phone::*;
use std::path::Path;
use std::sync::mpsc;

use rusqlite::Connection;
use zoufang_core::ports::{Key, KeyVault, MemoryKeyVault, SystemIds, VaultError};
use zoufang_core::store::damage::Reason;
use zoufang_core::store::open::{APPLICATION_ID, Damage, Database, KEY_NAME, OpenError, OpenOptions, StoreError};

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
        .args(["--exact", "opening::a_killed_process_loses_what_it_had_not_saved_and_nothing_else", "--nocapture"])
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
