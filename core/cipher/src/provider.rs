//! The table of functions that SQLCipher calls, in C's terms.
//!
//! Unsafe by nature: it takes raw pointers and lengths from C. Nothing but the conversion happens here; the algorithms
//! are in [`crate::primitive`]. What SQLCipher promises was read in `sqlcipher.c` of 4.19.0 (2026-11-23): buffers live
//! for the call, `in` and `out` of a call are different buffers, the vector and the tag lie beside the data in a page
//! and not in it. All the same, input and output are never borrowed at once here, so an overlap could not be undefined
//! behaviour.
//!
//! Nothing in here may panic: a panic cannot cross into C and would abort the app.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_uchar, c_void};

use crate::primitive::{self, BLOCK_BYTES, Digest, KEY_BYTES, Refused};

/// `SQLITE_OK` of sqlite3.h.
const OK: c_int = 0;
/// `SQLITE_ERROR` of sqlite3.h.
const ERROR: c_int = 1;
/// `SQLCIPHER_DECRYPT` of sqlcipher.c.
const MODE_DECRYPT: c_int = 0;
/// `SQLCIPHER_ENCRYPT` of sqlcipher.c.
const MODE_ENCRYPT: c_int = 1;
/// The longest HMAC (SHA-512).
const MAC_BYTES_MAX: usize = 64;
/// The longest key that SQLCipher derives (`CIPHER_MAX_KEY_SZ`).
const DERIVED_BYTES_MAX: usize = 64;

const NAME: &CStr = c"zoufang";
const CIPHER: &CStr = c"aes-256-cbc";
const VERSION: &CStr = match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
    Ok(version) => version,
    Err(_) => panic!("a package version holds no NUL"), // evaluated by the compiler
};

/// `struct sqlcipher_provider`, field by field in the order of sqlcipher.c 4.19.0.
#[repr(C)]
pub(crate) struct Provider {
    init: Option<extern "C" fn() -> c_int>,
    shutdown: Option<extern "C" fn()>,
    get_provider_name: extern "C" fn(*mut c_void) -> *const c_char,
    add_random: extern "C" fn(*mut c_void, *const c_void, c_int) -> c_int,
    random: unsafe extern "C" fn(*mut c_void, *mut c_void, c_int) -> c_int,
    hmac: HmacFn,
    kdf: KdfFn,
    cipher: CipherFn,
    get_cipher: extern "C" fn(*mut c_void) -> *const c_char,
    get_key_sz: extern "C" fn(*mut c_void) -> c_int,
    get_iv_sz: extern "C" fn(*mut c_void) -> c_int,
    get_block_sz: extern "C" fn(*mut c_void) -> c_int,
    get_hmac_sz: extern "C" fn(*mut c_void, c_int) -> c_int,
    ctx_init: extern "C" fn(*mut *mut c_void) -> c_int,
    ctx_free: extern "C" fn(*mut *mut c_void) -> c_int,
    fips_status: extern "C" fn(*mut c_void) -> c_int,
    get_provider_version: extern "C" fn(*mut c_void) -> *const c_char,
    next: *mut Provider,
}

// 18 pointers and nothing between them. That their order is SQLCipher's, the tests of the file format show.
const _: () = assert!(size_of::<Provider>() == 18 * size_of::<*const ()>());

/// `hmac(ctx, algorithm, key, key_sz, in, in_sz, in2, in2_sz, out)`
type HmacFn = unsafe extern "C" fn(
    *mut c_void,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    *mut c_uchar,
) -> c_int;

/// `kdf(ctx, algorithm, pass, pass_sz, salt, salt_sz, workfactor, key_sz, key)`
type KdfFn = unsafe extern "C" fn(
    *mut c_void,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    c_int,
    c_int,
    c_int,
    *mut c_uchar,
) -> c_int;

/// `cipher(ctx, mode, key, key_sz, iv, in, in_sz, out)`
type CipherFn = unsafe extern "C" fn(
    *mut c_void,
    c_int,
    *const c_uchar,
    c_int,
    *const c_uchar,
    *const c_uchar,
    c_int,
    *mut c_uchar,
) -> c_int;

/// Fills in SQLCipher's provider. SQLCipher calls it once, while SQLite initialises; the name is given to it by
/// `SQLCIPHER_CRYPTO_CUSTOM`.
///
/// # Safety
/// `provider` points to writable memory for one `struct sqlcipher_provider`.
#[unsafe(no_mangle)]
pub(crate) unsafe extern "C" fn zoufang_cipher_setup(provider: *mut Provider) -> c_int {
    if provider.is_null() {
        return ERROR;
    }
    // SAFETY: not null, and the caller allocated `sizeof(sqlcipher_provider)` aligned bytes for it. `write` does not
    // read what is there.
    unsafe {
        provider.write(Provider {
            init: None,
            shutdown: None,
            get_provider_name,
            add_random,
            random,
            hmac,
            kdf,
            cipher,
            get_cipher,
            get_key_sz,
            get_iv_sz,
            get_block_sz,
            get_hmac_sz,
            ctx_init,
            ctx_free,
            fips_status,
            get_provider_version,
            next: std::ptr::null_mut(),
        });
    }
    OK
}

/// Refers to the exported symbol so that the linker keeps it.
pub(crate) fn keep() {
    std::hint::black_box(zoufang_cipher_setup as unsafe extern "C" fn(*mut Provider) -> c_int);
}

/// Borrows what C describes by pointer and length.
///
/// # Safety
/// If the length is positive, `data` points to that many readable bytes, which nobody writes while the slice is in use.
unsafe fn input<'a>(data: *const c_uchar, length: c_int) -> Result<&'a [u8], Refused> {
    match usize::try_from(length) {
        Ok(0) => Ok(&[]),
        // SAFETY: the caller vouches for the length, and null was ruled out.
        Ok(length) if !data.is_null() => Ok(unsafe { std::slice::from_raw_parts(data, length) }),
        _ => Err(Refused),
    }
}

/// Copies `result` to where C wants it.
///
/// # Safety
/// `out` is null or points to `result.len()` writable bytes.
unsafe fn deliver(result: &[u8], out: *mut c_uchar) -> Result<(), Refused> {
    if out.is_null() {
        return Err(Refused);
    }
    // SAFETY: `result` is memory of this crate, so it cannot overlap `out`; the caller vouches for the length.
    unsafe { std::ptr::copy_nonoverlapping(result.as_ptr(), out, result.len()) };
    Ok(())
}

const fn code(result: Result<(), Refused>) -> c_int {
    match result {
        Ok(()) => OK,
        Err(Refused) => ERROR,
    }
}

/// # Safety
/// `buffer` is null or points to `length` writable bytes.
#[expect(
    clippy::disallowed_methods,
    reason = "salt and vectors of the file decide nothing, and no seed may repeat them"
)]
unsafe extern "C" fn random(_: *mut c_void, buffer: *mut c_void, length: c_int) -> c_int {
    let Ok(length) = usize::try_from(length) else { return ERROR };
    if length == 0 {
        return OK;
    }
    if buffer.is_null() {
        return ERROR;
    }
    // SAFETY: not null, `length` writable bytes by contract; `MaybeUninit` because C need not have written them yet.
    let buffer = unsafe { std::slice::from_raw_parts_mut(buffer.cast::<std::mem::MaybeUninit<u8>>(), length) };
    match getrandom::fill_uninit(buffer) {
        Ok(_) => OK,
        Err(_) => ERROR,
    }
}

/// # Safety
/// Each pointer is null or points to as many bytes as its length says; `out` to as many as the algorithm's HMAC has.
unsafe extern "C" fn hmac(
    _: *mut c_void,
    algorithm: c_int,
    key: *const c_uchar,
    key_length: c_int,
    first: *const c_uchar,
    first_length: c_int,
    second: *const c_uchar,
    second_length: c_int,
    out: *mut c_uchar,
) -> c_int {
    let mut tag = [0; MAC_BYTES_MAX];
    // SAFETY: the slices end before `deliver` writes, and the lengths are the caller's promise.
    let made = unsafe {
        || -> Result<usize, Refused> {
            let digest = Digest::from_code(algorithm).ok_or(Refused)?;
            if first.is_null() {
                return Err(Refused);
            }
            // SQLCipher passes a null second part for "none", whatever its length.
            let second_length = if second.is_null() { 0 } else { second_length };
            let (key, first, second) =
                (input(key, key_length)?, input(first, first_length)?, input(second, second_length)?);
            let tag = tag.get_mut(..digest.mac_bytes()).ok_or(Refused)?;
            primitive::mac(digest, key, first, second, tag)?;
            Ok(tag.len())
        }()
    };
    // SAFETY: `out` holds as many bytes as `get_hmac_sz` named for this algorithm.
    code(made.and_then(|length| tag.get(..length).ok_or(Refused)).and_then(|tag| unsafe { deliver(tag, out) }))
}

/// # Safety
/// Each pointer is null or points to as many bytes as its length says.
unsafe extern "C" fn kdf(
    _: *mut c_void,
    algorithm: c_int,
    pass: *const c_uchar,
    pass_length: c_int,
    salt: *const c_uchar,
    salt_length: c_int,
    rounds: c_int,
    key_length: c_int,
    key: *mut c_uchar,
) -> c_int {
    let mut derived = zeroize::Zeroizing::new([0; DERIVED_BYTES_MAX]);
    // SAFETY: the slices end before `deliver` writes, and the lengths are the caller's promise.
    let made = unsafe {
        || -> Result<usize, Refused> {
            let digest = Digest::from_code(algorithm).ok_or(Refused)?;
            let rounds = u32::try_from(rounds).map_err(|_| Refused)?;
            let key_length = usize::try_from(key_length).map_err(|_| Refused)?;
            let (pass, salt) = (input(pass, pass_length)?, input(salt, salt_length)?);
            let derived = derived.get_mut(..key_length).ok_or(Refused)?;
            primitive::derive(digest, pass, salt, rounds, derived)?;
            Ok(key_length)
        }()
    };
    // SAFETY: `key` holds `key_length` bytes by contract.
    code(
        made.and_then(|length| derived.get(..length).ok_or(Refused))
            .and_then(|derived| unsafe { deliver(derived, key) }),
    )
}

/// # Safety
/// `key`, `iv` (16 bytes), `data` and `out` are null or as long as their lengths say; `out` is as long as `data`.
unsafe extern "C" fn cipher(
    _: *mut c_void,
    mode: c_int,
    key: *const c_uchar,
    key_length: c_int,
    iv: *const c_uchar,
    data: *const c_uchar,
    length: c_int,
    out: *mut c_uchar,
) -> c_int {
    let Ok(length) = usize::try_from(length) else { return ERROR };
    if usize::try_from(key_length) != Ok(KEY_BYTES) || [key, iv, data, out.cast_const()].contains(&std::ptr::null()) {
        return ERROR;
    }
    let mut vector = [0; BLOCK_BYTES];
    // SAFETY: none is null and the lengths are the caller's promise. The vector is copied and the data moved (`copy`
    // allows an overlap) before `out` is borrowed; then `key` and `out` are the only borrows, and SQLCipher keeps its
    // key apart from pages.
    let result = unsafe {
        std::ptr::copy_nonoverlapping(iv, vector.as_mut_ptr(), BLOCK_BYTES);
        std::ptr::copy(data, out, length);
        let key = std::slice::from_raw_parts(key, KEY_BYTES);
        let out = std::slice::from_raw_parts_mut(out, length);
        match mode {
            MODE_ENCRYPT => primitive::encrypt(key, &vector, out),
            MODE_DECRYPT => primitive::decrypt(key, &vector, out),
            _ => Err(Refused),
        }
    };
    code(result)
}

/// `getrandom` reads the operating system's generator, which takes no seed from an app.
extern "C" fn add_random(_: *mut c_void, _: *const c_void, _: c_int) -> c_int {
    OK
}

extern "C" fn get_provider_name(_: *mut c_void) -> *const c_char {
    NAME.as_ptr()
}

extern "C" fn get_provider_version(_: *mut c_void) -> *const c_char {
    VERSION.as_ptr()
}

extern "C" fn get_cipher(_: *mut c_void) -> *const c_char {
    CIPHER.as_ptr()
}

extern "C" fn get_key_sz(_: *mut c_void) -> c_int {
    KEY_BYTES as c_int
}

extern "C" fn get_iv_sz(_: *mut c_void) -> c_int {
    BLOCK_BYTES as c_int
}

extern "C" fn get_block_sz(_: *mut c_void) -> c_int {
    BLOCK_BYTES as c_int
}

/// 0 for an algorithm that is refused, as the OpenSSL provider answers for one that it does not know.
extern "C" fn get_hmac_sz(_: *mut c_void, algorithm: c_int) -> c_int {
    Digest::from_code(algorithm).map_or(0, |digest| digest.mac_bytes() as c_int)
}

/// The provider keeps no state, so the context stays the null that SQLCipher put there.
extern "C" fn ctx_init(_: *mut *mut c_void) -> c_int {
    OK
}

extern "C" fn ctx_free(_: *mut *mut c_void) -> c_int {
    OK
}

/// Not a FIPS-validated module.
extern "C" fn fips_status(_: *mut c_void) -> c_int {
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ptr::{null, null_mut};

    #[test]
    fn null_pointers_and_wrong_sizes_are_refused_and_do_not_crash() {
        let bytes = [7u8; 64];
        let mut out = [0u8; 64];
        let (data, target) = (bytes.as_ptr(), out.as_mut_ptr());
        // SAFETY: every non-null pointer has 64 bytes behind it, and no length below exceeds that.
        unsafe {
            assert_eq!(zoufang_cipher_setup(null_mut()), ERROR);
            assert_eq!(random(null_mut(), null_mut(), 16), ERROR);
            assert_eq!(random(null_mut(), target.cast(), -1), ERROR);
            assert_eq!(random(null_mut(), null_mut(), 0), OK);
            assert_eq!(hmac(null_mut(), 2, data, 32, null(), 0, null(), 0, target), ERROR, "no input");
            assert_eq!(hmac(null_mut(), 2, data, 32, data, 64, null(), 4, null_mut()), ERROR, "no output");
            assert_eq!(hmac(null_mut(), 0, data, 32, data, 64, null(), 0, target), ERROR, "SHA-1");
            assert_eq!(hmac(null_mut(), 2, data, 32, data, -64, null(), 0, target), ERROR, "negative");
            assert_eq!(hmac(null_mut(), 2, data, 32, data, 64, null(), 4, target), OK, "null second part");
            assert_eq!(kdf(null_mut(), 0, data, 8, data, 16, 2, 32, target), ERROR, "SHA-1");
            assert_eq!(kdf(null_mut(), 2, data, 8, data, 16, 0, 32, target), ERROR, "no rounds");
            assert_eq!(kdf(null_mut(), 2, data, 8, data, 16, 2, 65, target), ERROR, "too long");
            assert_eq!(kdf(null_mut(), 2, data, 8, data, 16, 2, 32, target), OK);
            assert_eq!(cipher(null_mut(), 1, data, 16, data, data, 32, target), ERROR, "AES-128 key");
            assert_eq!(cipher(null_mut(), 1, data, 32, data, data, 31, target), ERROR, "half a block");
            assert_eq!(cipher(null_mut(), 2, data, 32, data, data, 32, target), ERROR, "no such mode");
            assert_eq!(cipher(null_mut(), 1, data, 32, null(), data, 32, target), ERROR, "no vector");
            assert_eq!(cipher(null_mut(), 1, data, 32, data, data, 32, target), OK);
        }
    }

    #[test]
    fn a_refused_algorithm_has_no_size() {
        assert_eq!(get_hmac_sz(null_mut(), 0), 0);
        assert_eq!(get_hmac_sz(null_mut(), 1), 32);
        assert_eq!(get_hmac_sz(null_mut(), 2), 64);
    }

    #[test]
    fn a_buffer_may_be_ciphered_onto_itself() {
        let key = [3u8; 32];
        let vector = [5u8; 16];
        let plain = [9u8; 48];
        let mut apart = [0u8; 48];
        let mut same = plain;
        // SAFETY: all lengths are those of the arrays.
        unsafe {
            let (key, vector) = (key.as_ptr(), vector.as_ptr());
            assert_eq!(cipher(null_mut(), 1, key, 32, vector, plain.as_ptr(), 48, apart.as_mut_ptr()), OK);
            let pointer = same.as_mut_ptr();
            assert_eq!(cipher(null_mut(), 1, key, 32, vector, pointer, 48, pointer), OK);
            assert_eq!(apart, same);
            assert_eq!(cipher(null_mut(), 0, key, 32, vector, pointer, 48, pointer), OK);
        }
        assert_eq!(same, plain);
    }
}
