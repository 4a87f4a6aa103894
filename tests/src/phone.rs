//! A phone: the real core on a real SQLCipher file, with a clock that can be set, a key of its own, and a way to be killed.

use crate::evidence::PhoneEvidence;
use crate::ports::SetClock;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zoufang_core::enrolment::{EnrolInput, Enrolled};
use zoufang_core::ports::{Connectivity, Ids, KeyVault, MemoryKeyVault, Network, Signer, SoftwareSigner};
use zoufang_core::sync::{Cancel, SyncOptions, SyncReport};
use zoufang_core::{Core, Error, Options, Ports};
use zoufang_domain::wire::SyncProtocol;

/// What a database consists of, after its name.
const FILES: [&str; 3] = ["", "-wal", "-shm"];

/// A phone.
pub struct Phone {
    /// Its clock.
    pub clock: SetClock,
    core: Option<Core>,
    options: Options,
    ports: Ports,
}

impl Phone {
    /// A new phone with its database in that file and its keys in memory.
    ///
    /// # Errors
    /// What the core says of the file.
    pub fn new(path: &Path, clock: SetClock, ids: Arc<dyn Ids>) -> Result<Phone, Error> {
        Self::with_vault(Options::new(path), clock, ids, Arc::new(MemoryKeyVault::new()))
    }
    /// A new phone whose keys are in that vault.
    ///
    /// # Errors
    /// What the core says of the file; that the machine has no randomness.
    pub fn with_vault(
        options: Options,
        clock: SetClock,
        ids: Arc<dyn Ids>,
        vault: Arc<dyn KeyVault>,
    ) -> Result<Phone, Error> {
        let signer = SoftwareSigner::generate().map_err(|error| Error::Port(error.to_string()))?;
        Self::with_keys(options, clock, ids, vault, Arc::new(signer))
    }
    /// A phone with all of its keys given, on whatever is in its file.
    ///
    /// # Errors
    /// What the core says of the file.
    pub fn with_keys(
        options: Options,
        clock: SetClock,
        ids: Arc<dyn Ids>,
        vault: Arc<dyn KeyVault>,
        signer: Arc<dyn Signer>,
    ) -> Result<Phone, Error> {
        let connectivity: Arc<dyn Connectivity> = Arc::new(Network::Unmetered);
        let ports = Ports { clock: Arc::new(clock.clone()), ids, vault, signer, connectivity };
        let core = Core::open(options.clone(), ports.clone())?;
        Ok(Phone { clock, core: Some(core), options, ports })
    }
    /// The core.
    ///
    /// # Panics
    /// While the phone is off.
    pub fn core(&self) -> &Core {
        self.core.as_ref().expect("the phone is on")
    }
    /// The database file.
    pub fn path(&self) -> &Path {
        &self.options.path
    }
    /// Where the keys are.
    pub fn vault(&self) -> &dyn KeyVault {
        self.ports.vault.as_ref()
    }
    /// Joins the server with a one-time code.
    ///
    /// # Errors
    /// As [`Core::enrol`].
    pub async fn enrol<P: SyncProtocol>(&self, protocol: &P, input: EnrolInput) -> Result<Enrolled, Error> {
        self.core().enrol(protocol, input).await
    }
    /// Syncs and compares digests.
    ///
    /// # Errors
    /// As [`Core::sync_with`].
    pub async fn sync_over<P: SyncProtocol>(&self, protocol: &P) -> Result<SyncReport, Error> {
        let options = SyncOptions { verify: true, ..SyncOptions::default() };
        self.core().sync_with(protocol, options, |_| {}, &Cancel::new()).await
    }
    /// Ends the app in order: the log is moved into the database. The phone is off.
    ///
    /// # Errors
    /// What the core says.
    pub fn close(&mut self) -> Result<(), Error> {
        self.core.take().map_or(Ok(()), |core| core.close())
    }
    /// Kills the app: what lies in its files at this moment is all that remains, with the log neither closed nor moved. The phone is off.
    ///
    /// # Errors
    /// When the files cannot be copied.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(core) = self.core.take() else { return Ok(()) };
        let path = self.options.path.clone();
        // The log's index is rebuilt from the log: after a power cut there is none.
        for suffix in ["", "-wal"] {
            copy_if_there(&beside(&path, suffix), &beside(&path, &format!(".killed{suffix}")))?;
        }
        drop(core);
        for suffix in FILES {
            remove_if_there(&beside(&path, suffix))?;
        }
        for suffix in ["", "-wal"] {
            let kept = beside(&path, &format!(".killed{suffix}"));
            if kept.exists() {
                std::fs::rename(kept, beside(&path, suffix))?;
            }
        }
        Ok(())
    }
    /// Turns the phone on again.
    ///
    /// # Errors
    /// As [`Core::open`].
    pub fn reopen(&mut self) -> Result<(), Error> {
        if self.core.is_none() {
            self.core = Some(Core::open(self.options.clone(), self.ports.clone())?);
        }
        Ok(())
    }
    /// The same phone, with the same keys, as it starts on files at another place.
    ///
    /// # Errors
    /// What the core says of the files.
    pub fn start_at(&self, path: &Path) -> Result<Phone, Error> {
        let options = Options { path: path.to_owned(), ..self.options.clone() };
        let core = Core::open(options.clone(), self.ports.clone())?;
        Ok(Phone { clock: self.clock.clone(), core: Some(core), options, ports: self.ports.clone() })
    }
    /// Where its database is and what its core was given: for what is done while no core is open.
    pub fn place(&self) -> (Options, Ports) {
        (self.options.clone(), self.ports.clone())
    }
    /// Gives it a new device key, as an app does whose database is not enrolled: the server takes each key once.
    ///
    /// # Panics
    /// While it is on, and when the machine has no randomness.
    pub fn renew_device_key(&mut self) {
        assert!(self.core.is_none(), "the phone is on");
        self.ports.signer = Arc::new(SoftwareSigner::generate().expect("randomness"));
    }
    /// The same phone, turned off, with another vault.
    pub fn holding(&self, vault: Arc<dyn KeyVault>) -> Phone {
        let ports = Ports { vault, ..self.ports.clone() };
        Phone { clock: self.clock.clone(), core: None, options: self.options.clone(), ports }
    }
    /// A copy of this phone as a restored backup makes one: the same file, the same keys, at another place.
    ///
    /// # Errors
    /// What the core says of the copied file.
    ///
    /// # Panics
    /// When the file cannot be copied.
    pub fn clone_to(&self, path: &Path) -> Result<Phone, Error> {
        self.core().pause()?;
        std::fs::copy(&self.options.path, path).expect("the file can be copied");
        self.core().resume()?;
        self.start_at(path)
    }
    /// What the phone's file says, read beside the core.
    ///
    /// # Errors
    /// As [`PhoneEvidence::read`].
    pub fn evidence(&self) -> Result<PhoneEvidence, Error> {
        PhoneEvidence::read(&self.options.path, &self.options.key_name, self.vault(), self.ports.ids.as_ref())
    }
    /// The tables and columns of this phone's database in which a text stands.
    ///
    /// # Errors
    /// What the core says about the file.
    pub fn places_of(&self, text: &str) -> Result<Vec<String>, Error> {
        let (options, ids) = (&self.options, self.ports.ids.as_ref());
        crate::canary::in_phone(&options.path, &options.key_name, self.vault(), ids, text)
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn copy_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::copy(from, to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
