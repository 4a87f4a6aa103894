//! Pages of a SQLCipher 4 file, read by hand.
//!
//! SQLCipher gives up on a connection at the first page that does not verify, and says only "file is not a database".
//! To tell a wrong key from a damaged file one has to try pages one by one. A page of 4,096 bytes is
//!
//! ```text
//! page 1     salt 16 | AES-256-CBC of 4000 bytes | vector 16 | HMAC-SHA-512, 64
//! page 2 …             AES-256-CBC of 4016 bytes | vector 16 | HMAC-SHA-512, 64
//! ```
//!
//! The tag covers ciphertext, vector and the page's number (32 bits, little endian). Its key is PBKDF2-HMAC-SHA-512 (2
//! rounds) of the raw key with the salt, each byte of it XORed with 0x3a. The salt of page 1 stands where SQLite keeps
//! "SQLite format 3\0".

use zeroize::Zeroizing;

use crate::primitive::{self, BLOCK_BYTES, Digest, KEY_BYTES};

/// Size of a page, the default of SQLCipher 4.
pub const PAGE_BYTES: usize = 4096;
/// Size of the salt at the start of the file.
pub const SALT_BYTES: usize = 16;
/// The first bytes of an unencrypted SQLite file.
pub const PLAIN_HEADER: &[u8; SALT_BYTES] = b"SQLite format 3\0";

const TAG_BYTES: usize = 64;
const RESERVE_BYTES: usize = BLOCK_BYTES + TAG_BYTES;
const MAC_ROUNDS_COUNT: u32 = 2;
const MAC_SALT_MASK: u8 = 0x3a;

/// The keys of one file: its raw key, and the tag key that follows from the file's salt.
pub struct PageReader {
    key: Zeroizing<[u8; KEY_BYTES]>,
    mac_key: Zeroizing<[u8; KEY_BYTES]>,
}

impl PageReader {
    /// Keys for a file that starts with `salt`. A damaged salt makes every page fail.
    pub fn new(key: &[u8; KEY_BYTES], salt: &[u8; SALT_BYTES]) -> Self {
        let mac_salt = salt.map(|byte| byte ^ MAC_SALT_MASK);
        let mut mac_key = Zeroizing::new([0; KEY_BYTES]);
        primitive::derive(Digest::Sha512, key, &mac_salt, MAC_ROUNDS_COUNT, mac_key.as_mut_slice())
            .expect("the rounds and the length are constants above zero");
        Self { key: Zeroizing::new(*key), mac_key }
    }

    /// Whether `page` is the page `number` (counted from 1) of a file with these keys, unaltered.
    pub fn verifies(&self, number: u32, page: &[u8]) -> bool {
        let Some((sealed, tag)) = split(number, page) else { return false };
        let mut expected = [0; TAG_BYTES];
        let made =
            primitive::mac(Digest::Sha512, self.mac_key.as_slice(), sealed, &number.to_le_bytes(), &mut expected);
        // Not in constant time: whoever can put pages before this function holds the phone and the file.
        made.is_ok() && expected == tag
    }

    /// The plaintext of page `number`: [`PAGE_BYTES`] bytes as SQLite would hold them, the reserved ones zero. `None`
    /// when the page does not verify.
    pub fn open(&self, number: u32, page: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if !self.verifies(number, page) {
            return None;
        }
        let (sealed, _) = split(number, page)?;
        let (data, vector) = sealed.split_at_checked(sealed.len() - BLOCK_BYTES)?;
        let mut plain = Zeroizing::new(Vec::with_capacity(PAGE_BYTES));
        plain.extend_from_slice(&PLAIN_HEADER[..offset(number)]);
        plain.extend_from_slice(data);
        primitive::decrypt(self.key.as_slice(), vector, plain.get_mut(offset(number)..)?).ok()?;
        plain.resize(PAGE_BYTES, 0);
        Some(plain)
    }
}

/// Where the ciphertext starts.
const fn offset(number: u32) -> usize {
    if number == 1 { SALT_BYTES } else { 0 }
}

/// Ciphertext with its vector, and the tag.
fn split(number: u32, page: &[u8]) -> Option<(&[u8], &[u8])> {
    if number == 0 || page.len() != PAGE_BYTES {
        return None;
    }
    let end = PAGE_BYTES - RESERVE_BYTES + BLOCK_BYTES;
    Some((page.get(offset(number)..end)?, page.get(end..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_page_does_not_verify() {
        let reader = PageReader::new(&[1; KEY_BYTES], &[2; SALT_BYTES]);
        assert!(!reader.verifies(1, &[0; PAGE_BYTES]));
        assert!(!reader.verifies(2, &[0; PAGE_BYTES - 1]));
        assert!(!reader.verifies(2, &[]));
        assert!(!reader.verifies(0, &[0; PAGE_BYTES]));
        assert!(reader.open(2, &[0; PAGE_BYTES]).is_none());
    }
}
