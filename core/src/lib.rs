//! The phone: an encrypted local store, one use case a user intent, and a sync engine that reconciles with the server when it can.
//!
//! Everything that a screen shows comes from the local store and everything that a person does is saved there first; the network is never
//! waited for. Reading order: [`store`], [`work`] (how anything is saved), the nouns ([`households`], [`residents`], [`visits`],
//! [`appointments`], [`matters`], [`notices`], [`rights`], [`drafts`], [`conflicts`], [`quarantine`], [`search`]), [`sync`]; beside them
//! [`profiles`] and [`practice`].

pub mod appointments;
pub mod beside;
pub mod care;
pub mod changes;
pub mod conflicts;
pub mod drafts;
mod due;
pub mod enrolment;
pub mod error;
mod forms;
pub mod households;
mod initials;
mod input;
pub mod likeness;
mod links;
pub mod matters;
pub mod moves;
mod names;
pub mod notices;
pub mod ports;
pub mod practice;
pub mod profiles;
pub mod quarantine;
pub mod residents;
mod returning;
pub mod rights;
pub mod salvage;
pub mod search;
pub mod splits;
pub mod store;
pub mod sync;
pub mod views;
pub mod visits;
pub mod work;

pub use changes::{ChangeSet, Subscription};
pub use error::Error;

use ports::{Clock, Connectivity, Ids, KeyVault, Signer};
use rusqlite::{Connection, Transaction};
use std::path::PathBuf;
use std::sync::Arc;
use store::damage::{self, Reason, SalvagedOutbox, SetAside};
use store::open::{Damage, Database, OpenError, OpenOptions};
use work::Work;

/// Where the database is and under which name its key is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// The database file, in a folder of the app's own that no backup service copies.
    pub path: PathBuf,
    /// The key's name in the vault; two profiles on one phone have two files and two keys.
    pub key_name: String,
}

impl Options {
    /// The database at that path, with the usual key name.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Options { path: path.into(), key_name: store::open::KEY_NAME.to_owned() }
    }
}

/// What the shell provides: time, ids, keys and what is known of the network.
#[derive(Clone)]
pub struct Ports {
    /// Wall clock.
    pub clock: Arc<dyn Clock>,
    /// Ids and randomness.
    pub ids: Arc<dyn Ids>,
    /// Keeps the database key (Keystore, Keychain).
    pub vault: Arc<dyn KeyVault>,
    /// Holds the device's private key.
    pub signer: Arc<dyn Signer>,
    /// What the phone knows of its connection.
    pub connectivity: Arc<dyn Connectivity>,
}

/// One profile's core. Cheap to clone; all clones are the same core.
#[derive(Clone)]
pub struct Core(Arc<Inner>);

struct Inner {
    options: Options,
    ports: Ports,
    database: Database,
    feed: changes::Feed,
    sync: sync::Shared,
}

impl Core {
    /// Opens the profile, making its database if there is none.
    ///
    /// # Errors
    /// [`Error::Open`]: whatever it is, a database that was there is left as it was. [`store::damage`] sets a damaged one aside.
    pub fn open(options: Options, ports: Ports) -> Result<Core, Error> {
        let database = open_database(&options, &ports)?;
        Ok(Core(Arc::new(Inner {
            options,
            ports,
            database,
            feed: changes::Feed::default(),
            sync: sync::Shared::default(),
        })))
    }
    /// Moves a database that does not open, or is damaged further in, out of the way, so that the phone can be enrolled anew; nothing of it is
    /// deleted, and it opens again with its key. To be called when a person has decided so, after [`Core::open`] failed, or after calls failed
    /// with `store.damaged` and the core was closed; its unsent work can be read out of it by [`Core::salvage`].
    ///
    /// # Errors
    /// [`Error::NotAllowed`] when the database opens and is whole; [`Error::Open`] when the failure lies elsewhere (a locked key store, a full disk) and the
    /// next attempt may succeed.
    pub fn set_aside(options: &Options, ports: &Ports) -> Result<SetAside, Error> {
        let error = match open_database(options, ports) {
            Err(Error::Open(error)) => error,
            Err(error) => return Err(error),
            Ok(database) => {
                // Twice, as when opening: SQLCipher takes a page that could not be read for one that does not verify.
                let is_whole = database.is_whole().and_then(|is_whole| Ok(is_whole || database.is_whole()?));
                let closed = database.close();
                if is_whole? {
                    closed?;
                    return Err(Error::NotAllowed);
                }
                OpenError::Damaged { what: Damage::Page }
            }
        };
        let Some(reason) = Reason::of(&error) else { return Err(error.into()) };
        Ok(damage::set_aside(&options.path, reason, ports.clock.now_ms()).map_err(OpenError::from)?)
    }
    /// The operations that can still be read out of a database that was set aside, whatever is damaged in it. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Open`] when its key is not in the vault, or the file system refuses.
    pub fn salvage(options: &Options, ports: &Ports, aside: &SetAside) -> Result<SalvagedOutbox, Error> {
        let key = ports.vault.fetch(&options.key_name).map_err(OpenError::from)?.ok_or(OpenError::MissingKey)?;
        let salvaged = damage::salvage_outbox(&aside.path, &key).map_err(OpenError::from)?;
        // A change of the key may have been stopped before the damage came.
        let next = ports.vault.fetch(&store::open::next_name(&options.key_name)).map_err(OpenError::from)?;
        match next.filter(|_| salvaged.operations.is_empty()) {
            Some(next) => Ok(damage::salvage_outbox(&aside.path, &next).map_err(OpenError::from)?),
            None => Ok(salvaged),
        }
    }
    /// Gives the database a new key, for a phone whose key may have been seen: [`Database::change_key`]. Not while the app goes to the background.
    ///
    /// # Errors
    /// [`Error::Open`]; nothing is lost, and the database opens with whichever key it has.
    pub fn change_key(&self) -> Result<(), Error> {
        let ports = self.ports();
        Ok(self.0.database.change_key(&self.options().key_name, ports.vault.as_ref(), ports.ids.as_ref())?)
    }
    /// Closes the database before the app is suspended: iOS ends an app that holds a lock in the background. Bounded in time, safe to call
    /// twice. A running sync stops at its next step and resumes later where it was.
    ///
    /// # Errors
    /// When the last checkpoint failed; the database is closed all the same and nothing is lost.
    pub fn pause(&self) -> Result<(), Error> {
        self.0.database.close()?;
        Ok(())
    }
    /// Opens the database again after [`Core::pause`]. Does nothing when it is open.
    ///
    /// # Errors
    /// As [`Core::open`].
    pub fn resume(&self) -> Result<(), Error> {
        Ok(self.0.database.resume()?)
    }
    /// Ends the core: as [`Core::pause`], for good.
    ///
    /// # Errors
    /// As [`Core::pause`].
    pub fn close(&self) -> Result<(), Error> {
        self.pause()
    }
    /// Hears of every change, on the thread that made it; see [`changes::Feed::subscribe`].
    pub fn subscribe(&self, listener: impl Fn(&ChangeSet) + Send + Sync + 'static) -> Subscription {
        self.0.feed.subscribe(listener)
    }
    /// What the shell provided.
    pub fn ports(&self) -> &Ports {
        &self.0.ports
    }
    /// Where the database is.
    pub fn options(&self) -> &Options {
        &self.0.options
    }
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Connection) -> Result<T, Error>) -> Result<T, Error> {
        let mut look = Once::new(look);
        self.read_in(&mut |c| look.run(|look| look(c)))?;
        Ok(look.outcome())
    }
    /// One write transaction; its change is told after the commit.
    pub(crate) fn write<T>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<(T, ChangeSet), Error>,
    ) -> Result<T, Error> {
        let mut act = Once::new(act);
        self.write_in(&mut |tx| act.run_for_change(|act| act(tx)))?;
        Ok(act.outcome())
    }
    /// As [`Core::write`], for what the server still has: a power cut may take it back whole ([`Database::write_lazily`]).
    pub(crate) fn write_lazily<T>(
        &self,
        act: impl FnOnce(&Transaction<'_>) -> Result<(T, ChangeSet), Error>,
    ) -> Result<T, Error> {
        let (value, change) = self.0.database.write_lazily(act)?;
        self.tell(&change);
        Ok(value)
    }
    /// One user intent: work in one transaction.
    pub(crate) fn work<T>(
        &self,
        act: impl FnOnce(&mut Work<'_, '_>) -> Result<(T, ChangeSet), Error>,
    ) -> Result<T, Error> {
        let mut act = Once::new(act);
        self.work_in(&mut |work| act.run_for_change(|act| act(work)))?;
        Ok(act.outcome())
    }
    // The three below know no types of the use cases, so that the library holds the pool, the transactions and their errors once and not once
    // for each use case.
    #[inline(never)]
    fn read_in(&self, look: &mut dyn FnMut(&Connection) -> Result<(), Error>) -> Result<(), Error> {
        self.0.database.read(look)
    }
    #[inline(never)]
    fn write_in(&self, act: &mut dyn FnMut(&Transaction<'_>) -> Result<ChangeSet, Error>) -> Result<(), Error> {
        let change = self.0.database.write(act)?;
        self.tell(&change);
        Ok(())
    }
    #[inline(never)]
    fn work_in(&self, act: &mut dyn FnMut(&mut Work<'_, '_>) -> Result<ChangeSet, Error>) -> Result<(), Error> {
        let ports = self.ports();
        self.write_in(&mut |tx| act(&mut Work::begin(tx, ports.clock.as_ref(), ports.ids.as_ref())?))
    }
    fn tell(&self, change: &ChangeSet) {
        if *change != ChangeSet::default() {
            self.0.feed.tell(change);
        }
    }
}

/// A step that runs once, and what it came to: what passes through `dyn FnMut` can neither be consumed by its call nor return a type of its
/// own.
struct Once<F, T> {
    step: Option<F>,
    outcome: Option<T>,
}

impl<F, T> Once<F, T> {
    fn new(step: F) -> Self {
        Once { step: Some(step), outcome: None }
    }
    fn run(&mut self, run: impl FnOnce(F) -> Result<T, Error>) -> Result<(), Error> {
        if let Some(step) = self.step.take() {
            self.outcome = Some(run(step)?);
        }
        Ok(())
    }
    fn run_for_change(&mut self, run: impl FnOnce(F) -> Result<(T, ChangeSet), Error>) -> Result<ChangeSet, Error> {
        let Some(step) = self.step.take() else { return Ok(ChangeSet::default()) };
        let (outcome, change) = run(step)?;
        self.outcome = Some(outcome);
        Ok(change)
    }
    fn outcome(self) -> T {
        self.outcome.expect("a step that went through has an outcome")
    }
}

fn open_database(options: &Options, ports: &Ports) -> Result<Database, Error> {
    let open = OpenOptions { key_name: options.key_name.clone(), ..OpenOptions::new(&options.path, store::MIGRATIONS) };
    Ok(Database::open(&open, ports.vault.as_ref(), ports.ids.as_ref())?)
}
