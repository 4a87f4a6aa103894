//! A phone for tests: a database in a folder of its own and ports whose mood can be set.

use crate::server::Server;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use uuid::Uuid;
use zoufang_bindings::error::CoreError;
use zoufang_bindings::ports::{Connectivity, KeyVault, NetworkState, PortError, Signer};
use zoufang_bindings::records::{Address, HomeDraft, HomeView, OpenOptions, Page};
use zoufang_bindings::tree::ZoufangCore;
use zoufang_bindings::words::DwellingUse;
use zoufang_core::ports::{Key, KeyVault as _, MemoryKeyVault, Signer as _, SoftwareSigner};
use zoufang_domain::ids::{UnitId, derived};

/// Longest wait for something that must come, in seconds: a busy machine, not a measure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const PAGE: Page = Page { skip_count: 0, take_count: 50 };

/// How a port behaves.
#[derive(Clone)]
pub(crate) enum Mood {
    Well,
    Throws(PortError),
    Panics,
}

impl Mood {
    fn check(mood: &Mutex<Mood>) -> Result<(), PortError> {
        let mood = mood.lock().unwrap().clone(); // let go before it panics
        match mood {
            Mood::Well => Ok(()),
            Mood::Throws(error) => Err(error),
            Mood::Panics => std::panic::resume_unwind(Box::new("a port that panics")),
        }
    }
}

pub(crate) struct Vault {
    pub(crate) mood: Mutex<Mood>,
    keys: MemoryKeyVault,
}

impl Vault {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Vault { mood: Mutex::new(Mood::Well), keys: MemoryKeyVault::new() })
    }
    pub(crate) fn key(&self) -> Vec<u8> {
        self.keys.fetch("database").unwrap().unwrap().expose().to_vec()
    }
}

impl KeyVault for Vault {
    fn fetch(&self, name: String) -> Result<Option<Vec<u8>>, PortError> {
        Mood::check(&self.mood)?;
        let found = self.keys.fetch(&name).map_err(|_| PortError::Unusable)?;
        Ok(found.map(|key| key.expose().to_vec()))
    }
    fn store(&self, name: String, key: Vec<u8>) -> Result<(), PortError> {
        Mood::check(&self.mood)?;
        let key = Key::from_slice(&key).ok_or(PortError::Unusable)?;
        self.keys.store(&name, &key).map_err(|_| PortError::Unusable)
    }
    fn erase(&self, name: String) -> Result<(), PortError> {
        Mood::check(&self.mood)?;
        self.keys.erase(&name).map_err(|_| PortError::Unusable)
    }
}

pub(crate) struct DeviceKey {
    pub(crate) mood: Mutex<Mood>,
    key: SoftwareSigner,
}

impl Signer for DeviceKey {
    fn public_key(&self) -> Result<Vec<u8>, PortError> {
        Mood::check(&self.mood)?;
        Ok(self.key.public_key())
    }
    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, PortError> {
        Mood::check(&self.mood)?;
        self.key.sign(&message).map_err(|_| PortError::Unusable)
    }
}

pub(crate) struct Network;

impl Connectivity for Network {
    fn state(&self) -> Result<NetworkState, PortError> {
        Err(PortError::Failed { what: "nobody knows".into() })
    }
}

pub(crate) struct Phone {
    pub(crate) core: Arc<ZoufangCore>,
    pub(crate) vault: Arc<Vault>,
    pub(crate) signer: Arc<DeviceKey>,
    pub(crate) folder: tempfile::TempDir,
}

impl Phone {
    /// Open, not enrolled.
    pub(crate) fn fresh() -> Phone {
        let folder = tempfile::tempdir().unwrap();
        let (vault, signer) = (Vault::new(), device_key());
        let core = open(&path(&folder), &vault, &signer).unwrap();
        assert_eq!(core.enrolment().profile().unwrap(), None);
        Phone { core, vault, signer, folder }
    }
    /// Enrolled with that server for one micro-grid.
    pub(crate) fn enrolled(server: &Server) -> Phone {
        let phone = Phone::fresh();
        let enrolled = wait(phone.core.enrolment().enrol(server.input())).unwrap();
        assert_eq!(enrolled.areas.last().map(|area| area.unit), Some(micro_grid()));
        assert_eq!(phone.core.enrolment().profile().unwrap(), Some(enrolled));
        phone
    }
    /// The same database, as after the app was killed.
    pub(crate) fn reopened(&self) -> Result<Arc<ZoufangCore>, CoreError> {
        open(&path(&self.folder), &self.vault, &self.signer)
    }
    pub(crate) fn home(&self, room: &str) -> HomeView {
        self.core.households().add(home_draft(room)).unwrap()
    }
}

pub(crate) fn path(folder: &tempfile::TempDir) -> String {
    folder.path().join("phone.db").to_str().unwrap().to_owned()
}

pub(crate) fn open(path: &str, vault: &Arc<Vault>, signer: &Arc<DeviceKey>) -> Result<Arc<ZoufangCore>, CoreError> {
    let options = OpenOptions { path: path.to_owned(), key_name: None };
    ZoufangCore::open(options, Arc::clone(vault) as _, Arc::clone(signer) as _, Arc::new(Network))
}

pub(crate) fn device_key() -> Arc<DeviceKey> {
    Arc::new(DeviceKey { mood: Mutex::new(Mood::Well), key: SoftwareSigner::generate().unwrap() })
}

pub(crate) fn micro_grid() -> UnitId {
    UnitId(derived(&["test", "micro-grid"]))
}

pub(crate) fn nobody() -> Uuid {
    derived(&["test", "nobody"])
}

pub(crate) fn home_draft(room: &str) -> HomeDraft {
    HomeDraft {
        micro_grid: micro_grid(),
        address: Address { building: "3".into(), unit: "1".into(), room: room.into() },
        used_as: DwellingUse::Own,
        contact: Some("测试甲".into()),
        phone: None,
        people_count: Some(3),
        from: None,
        shares_dwelling: false,
    }
}

/// Waits as an app's own executor does: with no runtime of Tokio's around.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(std::thread::Thread);
    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = std::task::Context::from_waker(&waker);
    let mut future = std::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            std::task::Poll::Ready(value) => return value,
            std::task::Poll::Pending => std::thread::park_timeout(PATIENCE),
        }
    }
}
