//! What an app implements: where the database's key rests, what signs, and what is known of the network. Time and ids are the system's.
//!
//! Calls come on any thread, from inside calls to the core: a port must not call the core. Whatever a port throws becomes an error of the
//! call that needed it.

use std::io::ErrorKind;
use std::sync::{Arc, OnceLock};
use uniffi::UnexpectedUniFFICallbackError;
use zeroize::Zeroizing;
use zoufang_core::ports::{self, Key, Network, SignError, SystemClock, SystemIds, VaultError};
use zoufang_core::{Error, Ports};

/// Why a port could not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// Not now: the phone has not been unlocked since it started, or wants its owner's finger. Nothing is lost.
    #[error("the key store is locked")]
    Locked,
    /// The key is there but is not one, or is gone for good (as after a change of fingers). A missing key of the vault is no error.
    #[error("the key is unusable")]
    Unusable,
    /// The port failed, or threw something else.
    #[error("the port failed")]
    Failed {
        /// What it threw; neither shown nor logged.
        what: String,
    },
}

impl From<UnexpectedUniFFICallbackError> for PortError {
    fn from(error: UnexpectedUniFFICallbackError) -> Self {
        PortError::Failed { what: error.reason }
    }
}

/// Where secrets rest: wrapped by a Keystore key on Android, in the Keychain (this device only) on iOS. Keys are 32 bytes.
#[uniffi::export(rust, foreign)]
pub trait KeyVault: Send + Sync {
    /// The key of that name, or nothing if there surely is none. A vault that cannot say throws: taking that for a missing key would
    /// cost the phone its database.
    fn fetch(&self, name: String) -> Result<Option<Vec<u8>>, PortError>;
    /// Stores or replaces; durable when it returns.
    fn store(&self, name: String, key: Vec<u8>) -> Result<(), PortError>;
    /// Removes; a name that is not there is no error.
    fn erase(&self, name: String) -> Result<(), PortError>;
}

/// The device's private key, on P-256, which never leaves its chip.
#[uniffi::export(rust, foreign)]
pub trait Signer: Send + Sync {
    /// The public point, uncompressed: 65 bytes, the first 0x04. Makes the key pair if there is none.
    fn public_key(&self) -> Result<Vec<u8>, PortError>;
    /// ECDSA over SHA-256 of the message, ASN.1 DER.
    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, PortError>;
}

/// The phone's view of its network: a hint, only an answer proves a connection.
#[uniffi::export(rust, foreign)]
pub trait Connectivity: Send + Sync {
    /// The state now.
    fn state(&self) -> Result<NetworkState, PortError>;
}

/// How the phone is connected.
pub type NetworkState = Network;

/// How the phone is connected.
#[uniffi::remote(Enum)]
pub enum NetworkState {
    /// No network, or none that the app may use.
    Offline,
    /// Each byte may cost money.
    Metered,
    /// Free to use.
    Unmetered,
}

/// The core's ports over the app's.
pub(crate) fn over(vault: Arc<dyn KeyVault>, signer: Arc<AppSigner>, connectivity: Arc<dyn Connectivity>) -> Ports {
    Ports {
        clock: Arc::new(SystemClock),
        ids: Arc::new(SystemIds::new()),
        vault: Arc::new(AppVault(vault)),
        signer,
        connectivity: Arc::new(AppConnectivity(connectivity)),
    }
}

/// Notes a failure by its kind. What was thrown may hold anything, so it is not written down.
fn note(port: &'static str, error: &PortError) {
    tracing::warn!(port, %error, "a port of the app failed");
}

struct AppVault(Arc<dyn KeyVault>);

impl ports::KeyVault for AppVault {
    fn fetch(&self, name: &str) -> Result<Option<Key>, VaultError> {
        let found = self.0.fetch(name.to_owned()).map_err(vault_error)?.map(Zeroizing::new);
        found.map(|bytes| Key::from_slice(&bytes).ok_or(VaultError::Unreadable)).transpose()
    }
    fn store(&self, name: &str, key: &Key) -> Result<(), VaultError> {
        self.0.store(name.to_owned(), key.expose().to_vec()).map_err(vault_error)
    }
    fn erase(&self, name: &str) -> Result<(), VaultError> {
        self.0.erase(name.to_owned()).map_err(vault_error)
    }
}

fn vault_error(error: PortError) -> VaultError {
    note("key vault", &error);
    match error {
        PortError::Locked => VaultError::Locked,
        PortError::Unusable => VaultError::Unreadable,
        PortError::Failed { .. } => VaultError::Failed(ErrorKind::Other),
    }
}

/// The app's signer. The core asks for the public key without room for an error, so it is fetched first, by [`AppSigner::load`].
pub(crate) struct AppSigner {
    signer: Arc<dyn Signer>,
    public_key: OnceLock<Vec<u8>>,
}

impl AppSigner {
    pub(crate) fn new(signer: Arc<dyn Signer>) -> Self {
        AppSigner { signer, public_key: OnceLock::new() }
    }
    /// Fetches the public key, so that a key store that gives none is an error before anything is sent.
    pub(crate) fn load(&self) -> Result<(), Error> {
        if self.public_key.get().is_none() {
            let key = self.signer.public_key().map_err(|error| Error::Port(sign_error(error).to_string()))?;
            self.public_key.get_or_init(|| key);
        }
        Ok(())
    }
}

impl ports::Signer for AppSigner {
    fn public_key(&self) -> Vec<u8> {
        self.public_key.get().cloned().unwrap_or_default()
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signer.sign(message.to_vec()).map_err(sign_error)
    }
}

/// Only a key that is surely gone asks for a new enrolment; anything else may pass.
fn sign_error(error: PortError) -> SignError {
    note("signer", &error);
    match error {
        PortError::Unusable => SignError::Unusable,
        PortError::Locked | PortError::Failed { .. } => SignError::Locked,
    }
}

struct AppConnectivity(Arc<dyn Connectivity>);

impl ports::Connectivity for AppConnectivity {
    fn state(&self) -> Network {
        // Not knowing costs nobody money and keeps no text on the phone.
        self.0.state().inspect_err(|error| note("connectivity", error)).unwrap_or(Network::Metered)
    }
}
