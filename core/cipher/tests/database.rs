//! SQLCipher with this provider, on real files.
#![allow(clippy::unwrap_used, missing_docs)]

use std::path::Path;

use rusqlite::Connection;
use zoufang_cipher::{PROVIDER_NAME, SQLITE_VERSION_MINIMUM};

const KEY: &str = "x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'";
const OTHER_KEY: &str = "x'ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'";
const CANARY: &str = "测试甲的走访记录-canary-7f3a";

fn open(path: &Path, key: &str) -> Connection {
    zoufang_cipher::link();
    let connection = Connection::open(path).unwrap();
    connection.pragma_update(None, "cipher_log_level", "NONE").unwrap();
    connection.pragma_update(None, "key", key).unwrap();
    connection
}

fn pragma(connection: &Connection, name: &str) -> String {
    connection.pragma_query_value(None, name, |row| row.get(0)).unwrap()
}

fn fill(connection: &Connection) {
    connection
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE visit(id INTEGER PRIMARY KEY, note TEXT)")
        .unwrap();
    let mut insert = connection.prepare("INSERT INTO visit(note) VALUES (?1)").unwrap();
    for number in 0..200 {
        insert.execute([format!("{CANARY} {number}")]).unwrap();
    }
}

fn notes(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM visit WHERE note LIKE ?1", [format!("{CANARY}%")], |row| row.get(0))
}

#[test]
fn the_provider_is_ours_and_sqlite_is_new_enough() {
    let folder = tempfile::tempdir().unwrap();
    let connection = open(&folder.path().join("a.db"), KEY);
    assert_eq!(pragma(&connection, "cipher_provider"), PROVIDER_NAME);
    assert_eq!(pragma(&connection, "cipher_provider_version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(pragma(&connection, "cipher"), "aes-256-cbc");
    assert!(pragma(&connection, "cipher_version").starts_with("4."));
    assert!(rusqlite::version_number() >= SQLITE_VERSION_MINIMUM, "{}", rusqlite::version());
}

#[test]
fn what_was_written_reads_back_after_reopening() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    fill(&open(&path, KEY));
    let connection = open(&path, KEY);
    assert_eq!(notes(&connection), Ok(200));
    let mut check = connection.prepare("PRAGMA cipher_integrity_check").unwrap();
    assert!(check.query([]).unwrap().next().unwrap().is_none(), "a page failed its HMAC");
    let intact: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(intact, "ok");
}

#[test]
fn another_key_or_none_reads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    fill(&open(&path, KEY));
    let refused = notes(&open(&path, OTHER_KEY)).unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::NotADatabase));
    let refused = notes(&Connection::open(&path).unwrap()).unwrap_err();
    assert_eq!(refused.sqlite_error_code(), Some(rusqlite::ErrorCode::NotADatabase));
    assert_eq!(notes(&open(&path, KEY)), Ok(200), "and the attempts did no harm");
}

#[test]
fn nothing_lies_in_clear_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let connection = open(&path, KEY);
    fill(&connection);
    let mut seen_bytes = 0;
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        seen_bytes += bytes.len();
        for words in [CANARY.as_bytes(), b"canary", b"CREATE TABLE", b"SQLite format"] {
            assert!(!bytes.windows(words.len()).any(|window| window == words), "plaintext on disk");
        }
    }
    assert!(seen_bytes > 200 * CANARY.len(), "the database and its WAL were looked at: {seen_bytes} bytes");
    drop(connection);
}

#[test]
fn sha_256_works_and_sha_1_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (algorithm, works) in [("SHA512", true), ("SHA256", true), ("SHA1", false)] {
        let connection = open(&folder.path().join(algorithm), "a passphrase, so that the KDF runs");
        connection.pragma_update(None, "kdf_iter", 4).unwrap();
        connection.pragma_update(None, "cipher_hmac_algorithm", format!("HMAC_{algorithm}")).unwrap();
        connection.pragma_update(None, "cipher_kdf_algorithm", format!("PBKDF2_HMAC_{algorithm}")).unwrap();
        let created = connection.execute_batch("CREATE TABLE visit(id INTEGER PRIMARY KEY)");
        assert_eq!(created.is_ok(), works, "{algorithm}");
    }
}

#[test]
fn one_flipped_bit_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    fill(&open(&path, KEY));
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    notes(&open(&path, KEY)).unwrap_err();
}

#[cfg(target_os = "linux")]
#[test]
fn no_openssl_is_loaded() {
    zoufang_cipher::link();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    assert!(maps.contains("/database-"), "the map of this very program");
    assert!(!maps.contains("libcrypto") && !maps.contains("libssl"), "OpenSSL slipped in");
}
