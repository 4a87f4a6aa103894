//! The file format, against a file that another implementation wrote.
//!
//! `data/openssl-sqlcipher-4.19.bin` was written on 2026-11-23 by SQLCipher 4.19.0 compiled with
//! `SQLCIPHER_CRYPTO_OPENSSL` against OpenSSL 3.0.19, with the raw key 00 01 … 1f:
//! ```sql
//! PRAGMA user_version = 7;
//! CREATE TABLE visit(id INTEGER PRIMARY KEY, note TEXT NOT NULL);
//! INSERT INTO visit(note) VALUES ('测试甲 走访记录'), ('张三样例 无人应答');
//! ```
#![allow(clippy::unwrap_used, missing_docs)]

use rusqlite::Connection;
use zoufang_cipher::page::{PAGE_BYTES, PLAIN_HEADER, PageReader};

const FILE: &[u8] = include_bytes!("data/openssl-sqlcipher-4.19.bin");
const KEY_HEX: &str = "x'000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f'";

fn key() -> [u8; 32] {
    std::array::from_fn(|index| index as u8)
}

fn contains(bytes: &[u8], words: &str) -> bool {
    bytes.windows(words.len()).any(|window| window == words.as_bytes())
}

#[test]
fn a_file_of_the_openssl_build_opens() {
    zoufang_cipher::link();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("openssl.db");
    std::fs::write(&path, FILE).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "key", KEY_HEX).unwrap();
    let mut select = connection.prepare("SELECT note FROM visit ORDER BY id").unwrap();
    let notes: Vec<String> = select.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(notes, ["测试甲 走访记录", "张三样例 无人应答"]);
}

#[test]
fn its_pages_open_by_hand() {
    let salt = FILE.first_chunk().unwrap();
    let reader = PageReader::new(&key(), salt);
    let pages: Vec<&[u8]> = FILE.chunks(PAGE_BYTES).collect();
    assert_eq!(pages.len(), 2);

    let first = reader.open(1, pages[0]).unwrap();
    assert_eq!(first.len(), PAGE_BYTES);
    assert!(first.starts_with(PLAIN_HEADER));
    assert_eq!(first[16..18], [0x10, 0x00], "page size 4096");
    assert_eq!(first[20], 80, "reserved bytes of a page");
    assert_eq!(first[60..64], [0, 0, 0, 7], "user_version");
    assert!(contains(&first, "CREATE TABLE visit"));

    let second = reader.open(2, pages[1]).unwrap();
    assert!(contains(&second, "测试甲 走访记录") && contains(&second, "张三样例 无人应答"));
}

#[test]
fn a_page_of_another_place_key_or_salt_does_not_open() {
    let salt = FILE.first_chunk().unwrap();
    let (first, second) = FILE.split_at(PAGE_BYTES);
    let reader = PageReader::new(&key(), salt);
    assert!(reader.verifies(1, first) && reader.verifies(2, second));
    assert!(!reader.verifies(3, second), "moved to another page number");

    let mut other_key = key();
    other_key[31] ^= 1;
    assert!(!PageReader::new(&other_key, salt).verifies(2, second));

    let mut other_salt = *salt;
    other_salt[0] ^= 1;
    assert!(!PageReader::new(&key(), &other_salt).verifies(2, second));

    // Everything that a page stores is under the tag: its first, a middle, its vector's and its last byte.
    for at in [0, 1000, PAGE_BYTES - 80, PAGE_BYTES - 1] {
        let mut altered = second.to_vec();
        altered[at] ^= 0x80;
        assert!(!reader.verifies(2, &altered), "byte {at}");
    }
}
