//! The algorithms that a SQLCipher 4 file is made of, as safe functions over slices.
//!
//! SQLCipher 4 uses AES-256-CBC, HMAC-SHA-512 and PBKDF2-HMAC-SHA-512. SHA-256 is a setting that SQLCipher offers, so
//! it is kept. SHA-1 (files of SQLCipher 1 to 3) is refused: no phone of ours ever wrote such a file.
//!
//! HMAC-SHA-512 of a page: 5.4 µs here (x86_64, 2026-11-27), and 4.9 µs by RustCrypto, which uses AVX2. ring's is written in assembly
//! for phones of 32 bits too, and costs the library no code that TLS has not brought.

use aes::Aes256;
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use ring::{hmac, pbkdf2};
use std::num::NonZeroU32;

/// Length of an AES-256 key.
pub const KEY_BYTES: usize = 32;
/// Length of an AES block, and so of the initialisation vector.
pub const BLOCK_BYTES: usize = 16;

/// The call was outside what the format allows: a wrong key length, a length that is no multiple of the block, no
/// rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("not an operation of a SQLCipher 4 file")
    }
}

impl std::error::Error for Refused {}

/// A hash function that SQLCipher may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    /// SHA-256.
    Sha256,
    /// SHA-512, the default of SQLCipher 4.
    Sha512,
}

impl Digest {
    /// The digest behind SQLCipher's numbers: `SQLCIPHER_HMAC_*` and `SQLCIPHER_PBKDF2_HMAC_*` agree, 0 is SHA-1.
    pub const fn from_code(code: i32) -> Option<Self> {
        match code {
            1 => Some(Self::Sha256),
            2 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Length of this digest's HMAC in bytes.
    pub const fn mac_bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }
}

/// HMAC over `first` followed by `second`, written to `out`.
///
/// # Errors
/// [`Refused`] unless `out` is exactly [`Digest::mac_bytes`] long.
pub fn mac(digest: Digest, key: &[u8], first: &[u8], second: &[u8], out: &mut [u8]) -> Result<(), Refused> {
    if out.len() != digest.mac_bytes() {
        return Err(Refused);
    }
    let algorithm = match digest {
        Digest::Sha256 => hmac::HMAC_SHA256,
        Digest::Sha512 => hmac::HMAC_SHA512,
    };
    let mut mac = hmac::Context::with_key(&hmac::Key::new(algorithm, key));
    mac.update(first);
    mac.update(second);
    out.copy_from_slice(mac.sign().as_ref());
    Ok(())
}

/// PBKDF2 with HMAC of `digest`; fills `out`.
///
/// # Errors
/// [`Refused`] for zero rounds or an empty `out`.
pub fn derive(digest: Digest, secret: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]) -> Result<(), Refused> {
    let rounds = NonZeroU32::new(rounds).filter(|_| !out.is_empty()).ok_or(Refused)?;
    let algorithm = match digest {
        Digest::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        Digest::Sha512 => pbkdf2::PBKDF2_HMAC_SHA512,
    };
    pbkdf2::derive(algorithm, rounds, salt, secret, out);
    Ok(())
}

/// AES-256-CBC without padding, in place.
///
/// # Errors
/// [`Refused`] unless the key has 32 bytes, the vector 16, and `data` is a multiple of 16.
pub fn encrypt(key: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), Refused> {
    let cipher = cbc::Encryptor::<Aes256>::new_from_slices(key, iv).map_err(|_| Refused)?;
    let data_bytes = data.len();
    cipher.encrypt_padded::<NoPadding>(data, data_bytes).map_err(|_| Refused)?;
    Ok(())
}

/// The reverse of [`encrypt`], in place.
///
/// # Errors
/// As [`encrypt`].
pub fn decrypt(key: &[u8], iv: &[u8], data: &mut [u8]) -> Result<(), Refused> {
    let cipher = cbc::Decryptor::<Aes256>::new_from_slices(key, iv).map_err(|_| Refused)?;
    cipher.decrypt_padded::<NoPadding>(data).map_err(|_| Refused)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
    }

    #[test]
    fn hmac_of_rfc_4231_test_case_2() {
        let mut tag = [0; 64];
        mac(Digest::Sha512, b"Jefe", b"what do ya want ", b"for nothing?", &mut tag).unwrap();
        let expected = "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554
                        9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737";
        assert_eq!(tag.to_vec(), bytes(expected));

        let mut tag = [0; 32];
        mac(Digest::Sha256, b"Jefe", b"what do ya want for nothing?", b"", &mut tag).unwrap();
        assert_eq!(tag.to_vec(), bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
    }

    #[test]
    fn pbkdf2_of_rfc_7914_section_11() {
        let mut key = [0; 64];
        derive(Digest::Sha256, b"passwd", b"salt", 1, &mut key).unwrap();
        let expected = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc
                        49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783";
        assert_eq!(key.to_vec(), bytes(expected));
    }

    #[test]
    fn cbc_of_nist_sp_800_38a_f_2_5() {
        let key = bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let iv = bytes("000102030405060708090a0b0c0d0e0f");
        let plain = bytes("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let mut data = plain.clone();
        encrypt(&key, &iv, &mut data).unwrap();
        assert_eq!(data, bytes("f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"));
        decrypt(&key, &iv, &mut data).unwrap();
        assert_eq!(data, plain);
    }

    #[test]
    fn what_the_format_does_not_have_is_refused() {
        assert_eq!(Digest::from_code(0), None, "SHA-1");
        assert_eq!(Digest::from_code(3), None);
        assert_eq!(mac(Digest::Sha512, b"k", b"", b"", &mut [0; 32]), Err(Refused), "short tag");
        assert_eq!(derive(Digest::Sha512, b"k", b"s", 0, &mut [0; 32]), Err(Refused), "no rounds");
        assert_eq!(derive(Digest::Sha512, b"k", b"s", 1, &mut []), Err(Refused), "no key wanted");
        assert_eq!(encrypt(&[0; 16], &[0; 16], &mut [0; 16]), Err(Refused), "AES-128 key");
        assert_eq!(encrypt(&[0; 32], &[0; 12], &mut [0; 16]), Err(Refused), "short vector");
        assert_eq!(encrypt(&[0; 32], &[0; 16], &mut [0; 15]), Err(Refused), "half a block");
        assert_eq!(decrypt(&[0; 32], &[0; 16], &mut [0; 17]), Err(Refused), "half a block");
    }
}
