//! SQLCipher's cryptography without OpenSSL.
//!
//! SQLCipher asks a *provider* for its random bytes, HMAC, PBKDF2 and AES. The usual provider is OpenSSL: 4.5 MB per
//! ABI, 230 s more for a cold build and a cross-compiled C library per phone architecture (measured 2026-11-21). This
//! crate is a provider on what is there already: ring, which TLS brings, for HMAC and PBKDF2, and RustCrypto for AES-CBC, which ring does
//! not have. Same speed, same file format, 0.1 MB. `tests/format.rs` reads a file that an OpenSSL build wrote.
//!
//! How it is hooked in, all in `.cargo/config.toml` of the workspace:
//! - `LIBSQLITE3_FLAGS` compiles SQLCipher with `SQLCIPHER_CRYPTO_CUSTOM=zoufang_cipher_setup`, so that it calls
//!   `provider::zoufang_cipher_setup` when SQLite initialises;
//! - `OPENSSL_LIB_DIR` names `no-openssl/`, an empty `libcrypto.a`, because libsqlite3-sys asks for `-lcrypto` all the
//!   same.
//!
//! Reading order: [`primitive`] (the algorithms), `provider` (the C table), [`page`] (the file format by hand, for
//! looking at a damaged file without SQLite), `memory` (what SQLite allocates holds nothing of what was freed). Unsafe
//! code is in `provider` and `memory` alone.

mod memory;
pub mod page;
pub mod primitive;
mod provider;

/// What `PRAGMA cipher_provider` answers on a keyed connection when this provider is the one in use.
pub const PROVIDER_NAME: &str = "zoufang";

/// The oldest SQLite that may open a database, as `sqlite3_libversion_number` counts: 3.51.3.
/// Older ones can lose commits when a WAL reset races with a reader.
pub const SQLITE_VERSION_MINIMUM: i32 = 3_051_003;

/// Keeps the provider in the binary, and has SQLite zero its large blocks (`memory`). Call it before the first database
/// of the process is opened.
///
/// SQLCipher refers to the provider by symbol name only, which rustc does not see: without a reference from Rust the
/// linker may drop this crate and the build ends with an undefined `zoufang_cipher_setup`. Costs one load of an
/// address after the first call.
///
/// `false` when SQLite was in use before the first call: an encrypted database must not be opened then, for what the
/// process freed could reach the disk in clear.
pub fn link() -> bool {
    provider::keep();
    memory::zero_large_blocks()
}
