//! Digests the surface, so that the library carries the digest and not the 17 KB of text.

use sha2::{Digest, Sha256};

/// Hexadecimal digits of the digest that the version carries.
const DIGITS_COUNT: usize = 12;

fn main() {
    println!("cargo::rerun-if-changed=api.txt");
    let surface = std::fs::read("api.txt").expect("api.txt lists the surface");
    let digest: String = Sha256::digest(surface).iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=SURFACE_DIGEST={}", &digest[..DIGITS_COUNT]);
}
