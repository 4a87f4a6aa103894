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

/// SQLite makes the log's index, a file in clear, out of memory that it has not written: it must hold nothing of what the process freed.
#[test]
fn the_index_of_a_log_without_a_valid_frame_holds_nothing_of_the_memory() {
    const LOG_HEADER_BYTES: usize = 32;
    const INDEX_HEADER_BYTES: usize = 136;
    const FREED_BYTES: usize = 24 + 4096 + 32 * 1024; // what SQLite asks for: a frame and a page of the index
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let connection = open(&path, KEY);
    fill(&connection);
    let killed = folder.path().join("killed.db");
    std::fs::copy(&path, &killed).unwrap();
    let mut log = std::fs::read(folder.path().join("a.db-wal")).unwrap();
    log[LOG_HEADER_BYTES + 8] ^= 1; // the first frame's salt: none is valid
    std::fs::write(folder.path().join("killed.db-wal"), log).unwrap();

    let again = open(&killed, KEY);
    let freed: Vec<Vec<u8>> =
        (0..8).map(|_| CANARY.as_bytes().iter().copied().cycle().take(FREED_BYTES).collect()).collect();
    drop(freed);
    let _ = notes(&again);
    let index = std::fs::read(folder.path().join("killed.db-shm")).unwrap();
    assert!(index.len() >= 32 * 1024, "the index was made");
    assert!(index[INDEX_HEADER_BYTES..].iter().all(|byte| *byte == 0), "the index holds what the process freed");
}
