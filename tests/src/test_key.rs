//! A device key that everybody knows: the P-256 key of RFC 6979, A.2.5. What is kept in the repository (corpora, fixtures) is signed with
//! it, so that it can be signed and checked again in every run.

use zoufang_core::ports::SoftwareSigner;

/// What PKCS#8 puts before the private number, between it and the public point, of a P-256 key.
const BEFORE_NUMBER: &str = "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420";
const NUMBER: &str = "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721";
const BEFORE_POINT: &str = "a14403420004";
const POINT_X: &str = "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6";
const POINT_Y: &str = "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

/// The key.
///
/// # Panics
/// When the numbers above are no key.
pub fn signer() -> SoftwareSigner {
    let hex = [BEFORE_NUMBER, NUMBER, BEFORE_POINT, POINT_X, POINT_Y].concat();
    let bytes: Vec<u8> = (0..hex.len()).step_by(2).map(|at| byte(&hex[at..at + 2])).collect();
    SoftwareSigner::from_pkcs8(&bytes).expect("the published key")
}

fn byte(digits: &str) -> u8 {
    u8::from_str_radix(digits, 16).expect("hexadecimal digits")
}

#[cfg(test)]
mod tests {
    use super::*;
    use zoufang_core::ports::Signer;
    use zoufang_sync_server::signature;

    #[test]
    fn the_server_takes_what_it_signs() {
        let signer = signer();
        let signed = signer.sign(b"zoufang").unwrap();
        assert!(signature::verify(&signer.public_key(), b"zoufang", &signed));
        assert!(!signature::verify(&signer.public_key(), b"zoufanh", &signed));
    }
}
