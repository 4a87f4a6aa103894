//! Damage, salvage and setting aside.

use crate::phone::*;
use std::path::Path;
use std::sync::Arc;
use zoufang_core::ports::{KeyVault, MemoryKeyVault, Network, SoftwareSigner, SystemClock, SystemIds};
use zoufang_core::{Core, Error, Options, Ports};

use rusqlite::{Connection, Transaction};
use zoufang_core::ports::Key;
use zoufang_core::store::damage::{self, Reason, Salvaged};
use zoufang_core::store::open::{Damage, KEY_NAME, OpenError, StoreError};

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
    assert!(zoufang_cipher::link());
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

fn ports(vault: &Arc<MemoryKeyVault>) -> Ports {
    Ports {
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds::new()),
        vault: Arc::clone(vault) as Arc<dyn KeyVault>,
        signer: Arc::new(SoftwareSigner::generate().unwrap()),
        connectivity: Arc::new(Network::Offline),
    }
}

#[test]
fn a_core_that_does_not_open_is_set_aside_on_request_and_never_made_anew_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("phone.db"));
    let vault = Arc::new(MemoryKeyVault::new());
    Core::open(options.clone(), ports(&vault)).unwrap().close().unwrap();
    let refused = Core::set_aside(&options, &ports(&vault));
    assert!(matches!(refused, Err(Error::NotAllowed)), "a database that opens stays where it is");

    let key = vault.fetch(KEY_NAME).unwrap().unwrap();
    vault.erase(KEY_NAME).unwrap();
    let before = std::fs::read(&options.path).unwrap();
    for _ in 0..2 {
        let opened = Core::open(options.clone(), ports(&vault));
        assert!(matches!(opened, Err(Error::Open(OpenError::MissingKey))));
        assert!(vault.fetch(KEY_NAME).unwrap().is_none(), "no key is made for it");
    }
    let aside = Core::set_aside(&options, &ports(&vault)).unwrap();
    assert_eq!((aside.reason, std::fs::read(&aside.path).unwrap()), (Reason::MissingKey, before));
    let fresh = Core::open(options.clone(), ports(&vault)).unwrap();
    assert!(matches!(fresh.homes(zoufang_core::views::Page::FIRST), Err(Error::NotEnrolled)), "a phone to be enrolled");
    fresh.close().unwrap();

    let old = Arc::new(MemoryKeyVault::new());
    old.store(KEY_NAME, &key).unwrap();
    assert!(Core::open(Options::new(&aside.path), ports(&old)).is_ok(), "what was set aside opens with its key");
}

#[test]
fn a_core_that_opens_and_is_damaged_further_in_may_be_set_aside_too() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("phone.db"));
    let vault = Arc::new(MemoryKeyVault::new());
    Core::open(options.clone(), ports(&vault)).unwrap().close().unwrap();
    let mut bytes = std::fs::read(&options.path).unwrap();
    let last = bytes.len() - PAGE_BYTES;
    bytes[last + 9] ^= 1;
    std::fs::write(&options.path, &bytes).unwrap();
    Core::open(options.clone(), ports(&vault)).unwrap().close().unwrap();
    let aside = Core::set_aside(&options, &ports(&vault)).unwrap();
    assert_eq!((aside.reason, std::fs::read(&aside.path).unwrap()), (Reason::Damaged, bytes));
    let salvaged = Core::salvage(&options, &ports(&vault), &aside).unwrap();
    assert_eq!((salvaged.operations.len(), salvaged.failed_pages_count), (0, 1), "nothing was saved in it");
    vault.erase(KEY_NAME).unwrap();
    let without_key = Core::salvage(&options, &ports(&vault), &aside);
    assert!(matches!(without_key, Err(Error::Open(OpenError::MissingKey))));
}
