//! Which library this is, for the check when it is loaded.

use sha2::{Digest, Sha256};

/// The surface as it is listed in `bindings/api.txt`.
const SURFACE: &str = include_str!("../api.txt");
/// Hexadecimal digits of the surface's digest that the version carries.
const DIGEST_DIGITS_COUNT: usize = 12;

/// The library's version and the first digits of the SHA-256 of `bindings/api.txt`, as `0.1.0+d41f0a9b3c77`.
///
/// Generated code and library must be of one build. Compare this text with the one that was written down when the code was generated,
/// before any other call; where they differ, build library and generated code anew, together.
#[uniffi::export]
pub fn core_version() -> String {
    let digest: String = Sha256::digest(SURFACE.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}+{}", env!("CARGO_PKG_VERSION"), &digest[..DIGEST_DIGITS_COUNT])
}
