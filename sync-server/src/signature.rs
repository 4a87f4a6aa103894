//! Signatures of device keys: ECDSA on P-256 with SHA-256, what Android Keystore and the Secure Enclave both make.

use base64::Engine;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

/// Bytes of an uncompressed P-256 point.
pub const PUBLIC_KEY_BYTES: usize = 65;
/// Longest DER form of a P-256 signature.
pub const SIGNATURE_MAX_BYTES: usize = 72;

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// Whether `signature` (ASN.1 DER) is the key's over exactly these bytes. A key that is no point of the curve verifies nothing.
pub fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    public_key.len() == PUBLIC_KEY_BYTES
        && signature.len() <= SIGNATURE_MAX_BYTES
        && UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public_key).verify(message, signature).is_ok()
}

/// Reads base64 in either alphabet, padded or not.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let alphabet = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    GeneralPurpose::new(alphabet, LENIENT).decode(text.trim()).ok()
}

/// Writes base64 in the standard alphabet.
pub fn to_base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Writes base64 for addresses and headers, without padding.
pub fn to_base64_url(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}
