//! What the core asks of the phone: time, ids, keys, signatures, network state.
//!
//! Everything that differs between a phone, a server in a test and the fleet of the demo comes in through these traits,
//! so a test can set the clock, repeat a seed or lose a key. Beside each trait stands the implementation for programs
//! on a desktop or server; Android and iOS bring their own [`KeyVault`] and [`Signer`] (Keystore, Keychain and Secure
//! Enclave).

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use uuid::Uuid;
use zeroize::Zeroizing;

/// Wall-clock time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970-01-01 UTC. Any value may come: phones' clocks stand in 1970 or 2099, and jump back.
    fn now_ms(&self) -> i64;
}

/// Identifiers and random bytes.
pub trait Ids: Send + Sync {
    /// A new UUID version 7. Unique; roughly, but not surely, in order of creation.
    fn uuid_v7(&self) -> Uuid;
    /// Overwrites `bytes` with random ones, fit for keys.
    fn fill(&self, bytes: &mut [u8]);
}

/// Length of a [`Key`].
pub const KEY_BYTES: usize = 32;

/// A secret of 256 bits. Wiped from memory when dropped; never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Zeroizing<[u8; KEY_BYTES]>);

impl Key {
    /// A key of these bytes.
    pub fn new(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key of these bytes; `None` unless there are exactly [`KEY_BYTES`].
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// A new random key.
    pub fn generate(ids: &dyn Ids) -> Self {
        let mut key = Self::new([0; KEY_BYTES]);
        ids.fill(key.0.as_mut_slice());
        key
    }

    /// The secret itself.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// The secret in 64 lower-case hex digits, wiped when dropped.
    pub fn to_hex(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = Zeroizing::new(String::with_capacity(2 * KEY_BYTES));
        for byte in self.0.iter() {
            hex.push(char::from(DIGITS[usize::from(byte >> 4)]));
            hex.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        hex
    }

    /// The reverse of [`Key::to_hex`]; `None` for anything else.
    pub fn from_hex(hex: &str) -> Option<Self> {
        let mut key = Self::new([0; KEY_BYTES]);
        let digits = hex.as_bytes();
        if digits.len() != 2 * KEY_BYTES {
            return None;
        }
        for (byte, pair) in key.0.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high * 16 + low).ok()?;
        }
        Some(key)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key(redacted)")
    }
}

/// Why a key could not be fetched, stored or erased. None of these means that the key is gone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The phone has not been unlocked since it started, or wants its owner's finger first. Try again later.
    #[error("the key store is locked")]
    Locked,
    /// Something is stored under the name, but it is no key of 32 bytes.
    #[error("what the key store holds is not a key")]
    Unreadable,
    /// The name is not one that a vault takes: 1 to 64 of `a-z 0-9 - _`.
    #[error("not a name for a key")]
    BadName,
    /// The key store failed.
    #[error("the key store failed: {0}")]
    Failed(io::ErrorKind),
}

impl From<io::Error> for VaultError {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.kind()) // the kind only: a message may hold a path with somebody's name
    }
}

/// Where secrets rest: Android Keystore, iOS Keychain.
pub trait KeyVault: Send + Sync {
    /// The key of that name, or `None` if there surely is none. A vault that is locked or fails says so with an error:
    /// taking that for a missing key would cost the phone its database.
    fn fetch(&self, name: &str) -> Result<Option<Key>, VaultError>;
    /// Stores or replaces; durable when it returns.
    fn store(&self, name: &str, key: &Key) -> Result<(), VaultError>;
    /// Removes; a name that is not there is no error.
    fn erase(&self, name: &str) -> Result<(), VaultError>;
}

/// Why there is no signature.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The device key cannot be used now: locked, or waiting for its owner.
    #[error("the device key is locked")]
    Locked,
    /// The device key is gone or was never one of P-256; the phone has to be enrolled anew.
    #[error("the device key is unusable")]
    Unusable,
}

/// The device's private key, which never leaves its chip.
pub trait Signer: Send + Sync {
    /// The public point on P-256, uncompressed SEC1: 65 bytes, the first 0x04.
    fn public_key(&self) -> Vec<u8>;
    /// ECDSA over SHA-256 of `message`, ASN.1 DER.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}

/// How the phone is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Network {
    /// No network, or none that the app may use.
    Offline,
    /// Each byte may cost the worker money: text goes, photos wait.
    Metered,
    /// Free to use.
    Unmetered,
}

/// The phone's view of its network. A hint: only an answer proves a connection.
pub trait Connectivity: Send + Sync {
    /// The state now.
    fn state(&self) -> Network;
}

/// A network that never changes.
impl Connectivity for Network {
    fn state(&self) -> Network {
        *self
    }
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "implements the Clock port")]
    fn now_ms(&self) -> i64 {
        let now = std::time::SystemTime::now();
        // A clock before 1970 gives a negative number instead of an error; ± 292 million years fit.
        match now.duration_since(std::time::UNIX_EPOCH) {
            Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
            Err(before) => i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |ms| -ms),
        }
    }
}

/// UUIDs from the system clock, random bytes from the system's generator.
#[derive(Debug, Default)]
pub struct SystemIds {
    last: Mutex<LastId>,
}

/// The parts of the last UUID: ids rise strictly within a source, also within a millisecond and when the clock jumps
/// back.
#[derive(Debug, Default)]
struct LastId {
    at_ms: u64,
    /// 74 bits.
    tail: u128,
}

impl SystemIds {
    /// A source of its own; ids of two sources do not collide either.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Ids for SystemIds {
    fn uuid_v7(&self) -> Uuid {
        let mut random = [0; 16];
        self.fill(&mut random);
        let random = u128::from_be_bytes(random);
        // The field has 48 bits and no sign: a clock before 1970 counts as 1970.
        let now_ms = SystemClock.now_ms().max(0).unsigned_abs();
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A step of up to 2^32 leaves the next id hard to guess (RFC 9562, 6.2, method 2).
        let next_tail = last.tail + 1 + (random & u128::from(u32::MAX));
        *last = if now_ms > last.at_ms {
            LastId { at_ms: now_ms, tail: random & TAIL_MASK }
        } else if next_tail <= TAIL_MASK {
            LastId { at_ms: last.at_ms, tail: next_tail }
        } else {
            LastId { at_ms: last.at_ms + 1, tail: random & TAIL_MASK }
        };
        join_v7(&last)
    }

    #[expect(clippy::disallowed_methods, reason = "implements the Ids port")]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes)
            .expect("the system's generator does not fail once it is seeded, and without it there must be no keys");
    }
}

/// The bits of a UUID version 7 that are not time, version or variant.
const TAIL_MASK: u128 = (1 << 74) - 1;

/// Time (48 bits), version 7 (4), the tail's upper 12 bits, variant (2), its lower 62.
fn join_v7(parts: &LastId) -> Uuid {
    let time = u128::from(parts.at_ms) << 80;
    let (upper, lower) = (parts.tail >> 62, parts.tail & ((1 << 62) - 1));
    Uuid::from_u128(time | 7 << 76 | upper << 64 | 2 << 62 | lower)
}

/// Keys in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryKeyVault {
    keys: Mutex<HashMap<String, Key>>,
}

impl MemoryKeyVault {
    /// An empty vault.
    pub fn new() -> Self {
        Self::default()
    }
}

impl KeyVault for MemoryKeyVault {
    fn fetch(&self, name: &str) -> Result<Option<Key>, VaultError> {
        check_name(name)?;
        Ok(self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned())
    }

    fn store(&self, name: &str, key: &Key) -> Result<(), VaultError> {
        check_name(name)?;
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), key.clone());
        Ok(())
    }

    fn erase(&self, name: &str) -> Result<(), VaultError> {
        check_name(name)?;
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
        Ok(())
    }
}

/// Keys in files `NAME.key` that only their owner may read (mode 0600), 64 hex digits each.
///
/// For the command-line fleet and the demo. **Not for phones**: whoever can read the database can read the key beside
/// it, so the encryption protects nothing. A phone's key belongs into its Keystore or Keychain.
#[derive(Debug, Clone)]
pub struct FileKeyVault {
    folder: PathBuf,
}

impl FileKeyVault {
    /// A vault in an existing folder.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    fn path(&self, name: &str) -> Result<PathBuf, VaultError> {
        check_name(name)?;
        Ok(self.folder.join(format!("{name}.key")))
    }
}

impl KeyVault for FileKeyVault {
    fn fetch(&self, name: &str) -> Result<Option<Key>, VaultError> {
        match fs::read_to_string(self.path(name)?).map(Zeroizing::new) {
            Ok(hex) => Key::from_hex(hex.trim_end()).map(Some).ok_or(VaultError::Unreadable),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(VaultError::Unreadable),
            Err(error) => Err(error.into()),
        }
    }

    fn store(&self, name: &str, key: &Key) -> Result<(), VaultError> {
        let path = self.path(name)?;
        let draft = path.with_extension("key.new");
        let mut file = create_private(&draft)?;
        file.write_all(key.to_hex().as_bytes())?;
        file.sync_all()?;
        fs::rename(&draft, &path)?;
        File::open(&self.folder)?.sync_all()?;
        Ok(())
    }

    fn erase(&self, name: &str) -> Result<(), VaultError> {
        match fs::remove_file(self.path(name)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Creates or empties a file that only its owner may read.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Names become file names and Keychain labels, so they are kept plain.
fn check_name(name: &str) -> Result<(), VaultError> {
    const NAME_BYTES_MAX: usize = 64;
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    if (1..=NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_plain) {
        Ok(())
    } else {
        Err(VaultError::BadName)
    }
}

/// A device key in memory, for tests and the fleet. A phone signs in its chip instead.
pub struct SoftwareSigner {
    pair: EcdsaKeyPair,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl SoftwareSigner {
    /// A new random key.
    ///
    /// # Errors
    /// [`SignError::Unusable`] if the system has no randomness.
    #[expect(clippy::disallowed_methods, reason = "implements the Signer port")]
    pub fn generate() -> Result<Self, SignError> {
        let random = ring::rand::SystemRandom::new();
        let pkcs8 =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).map_err(|_| SignError::Unusable)?;
        Self::from_pkcs8(pkcs8.as_ref())
    }

    /// The key that [`SoftwareSigner::to_pkcs8`] gave.
    ///
    /// # Errors
    /// [`SignError::Unusable`] for anything but a P-256 key in PKCS#8.
    #[expect(clippy::disallowed_methods, reason = "implements the Signer port")]
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, SignError> {
        let random = ring::rand::SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &random)
            .map_err(|_| SignError::Unusable)?;
        Ok(Self { pair, pkcs8: Zeroizing::new(pkcs8.to_vec()) })
    }

    /// The private key as PKCS#8 DER, to be stored by the caller.
    pub fn to_pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }
}

impl Signer for SoftwareSigner {
    fn public_key(&self) -> Vec<u8> {
        self.pair.public_key().as_ref().to_vec()
    }

    #[expect(clippy::disallowed_methods, reason = "implements the Signer port")]
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = ring::rand::SystemRandom::new();
        self.pair.sign(&random, message).map(|signature| signature.as_ref().to_vec()).map_err(|_| SignError::Unusable)
    }
}

impl std::fmt::Debug for SoftwareSigner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("SoftwareSigner(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

    #[test]
    fn keys_go_through_hex_and_are_not_printed() {
        let key = Key::new(std::array::from_fn(|index| index as u8 * 7));
        assert_eq!(key.to_hex().len(), 64);
        assert_eq!(Key::from_hex(&key.to_hex()), Some(key.clone()));
        assert_eq!(Key::from_slice(key.expose()), Some(key.clone()));
        assert_eq!(format!("{key:?}"), "Key(redacted)");
        for wrong in ["", "00", &"0".repeat(63), &"g".repeat(64), &"数".repeat(22)] {
            assert_eq!(Key::from_hex(wrong), None);
        }
        assert_eq!(Key::from_slice(&[0; 31]), None);
    }

    #[test]
    fn the_system_gives_time_ids_and_randomness() {
        let year_2020_ms = 1_577_836_800_000;
        assert!(SystemClock.now_ms() > year_2020_ms);
        let ids = SystemIds::new();
        let made: Vec<Uuid> = (0..1_000).map(|_| ids.uuid_v7()).collect();
        assert!(made.is_sorted_by(|earlier, later| earlier < later), "strictly rising within one source");
        assert!(made.iter().all(|id| id.get_version_num() == 7 && id.get_variant() == uuid::Variant::RFC4122));
        let at_ms = (made[0].as_u128() >> 80) as i64;
        assert!((SystemClock.now_ms() - at_ms).abs() < 60_000, "the first 48 bits are the time");
        assert_ne!(Key::generate(&ids), Key::generate(&ids));
    }

    #[test]
    fn ids_rise_when_the_clock_jumps_back_and_when_the_tail_is_used_up() {
        let ids = SystemIds::new();
        let year_2099_ms = 4_070_908_800_000;
        *ids.last.lock().unwrap() = LastId { at_ms: year_2099_ms, tail: TAIL_MASK - 1 };
        let (first, second) = (ids.uuid_v7(), ids.uuid_v7());
        assert!(first < second);
        assert_eq!((first.as_u128() >> 80) as u64, year_2099_ms + 1);
    }

    fn keeps_keys(vault: &dyn KeyVault) {
        let (first, second) = (Key::new([1; KEY_BYTES]), Key::new([2; KEY_BYTES]));
        assert_eq!(vault.fetch("database"), Ok(None));
        vault.store("database", &first).unwrap();
        vault.store("other", &second).unwrap();
        assert_eq!(vault.fetch("database"), Ok(Some(first)));
        vault.store("database", &second).unwrap();
        assert_eq!(vault.fetch("database"), Ok(Some(second.clone())));
        vault.erase("database").unwrap();
        vault.erase("database").unwrap();
        assert_eq!(vault.fetch("database"), Ok(None));
        assert_eq!(vault.fetch("other"), Ok(Some(second)));
        for name in ["", "../database", "Database", "a/b", "数据库", &"a".repeat(65)] {
            assert_eq!(vault.fetch(name), Err(VaultError::BadName), "{name}");
            assert_eq!(vault.store(name, &Key::new([0; KEY_BYTES])), Err(VaultError::BadName));
            assert_eq!(vault.erase(name), Err(VaultError::BadName));
        }
    }

    #[test]
    fn both_vaults_keep_keys() {
        keeps_keys(&MemoryKeyVault::new());
        let folder = tempfile::tempdir().unwrap();
        keeps_keys(&FileKeyVault::new(folder.path()));
    }

    #[test]
    fn a_key_file_is_private_and_a_spoilt_one_is_not_taken_for_a_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        let vault = FileKeyVault::new(folder.path());
        vault.store("database", &Key::new([9; KEY_BYTES])).unwrap();
        let path = folder.path().join("database.key");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        for spoilt in [&b""[..], b"0909", &[0xff; 64]] {
            fs::write(&path, spoilt).unwrap();
            assert_eq!(vault.fetch("database"), Err(VaultError::Unreadable));
        }
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(vault.fetch("database"), Err(VaultError::Failed(_))));
    }

    #[test]
    fn a_software_signature_verifies_and_survives_storage() {
        let signer = SoftwareSigner::generate().unwrap();
        let public = signer.public_key();
        assert_eq!((public.len(), public[0]), (65, 4));
        let stored = SoftwareSigner::from_pkcs8(signer.to_pkcs8()).unwrap();
        assert_eq!(stored.public_key(), public);
        let message = "测试甲的一批操作".as_bytes();
        let signature = stored.sign(message).unwrap();
        let verifier = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, public);
        assert!(verifier.verify(message, &signature).is_ok());
        assert!(verifier.verify(b"another batch", &signature).is_err());
        assert!(matches!(SoftwareSigner::from_pkcs8(b"no key"), Err(SignError::Unusable)));
        assert_eq!(format!("{signer:?}"), "SoftwareSigner(redacted)");
    }
}
