//! Which library this is, for the check when it is loaded.

/// The library's version and the first 12 hexadecimal digits of the SHA-256 of `bindings/api.txt`, as `0.1.0+d41f0a9b3c77`.
///
/// Generated code and library must be of one build. Compare this text with the one that was written down when the code was generated,
/// before any other call; where they differ, build library and generated code anew, together.
#[uniffi::export]
pub fn core_version() -> String {
    concat!(env!("CARGO_PKG_VERSION"), "+", env!("SURFACE_DIGEST")).to_owned()
}
