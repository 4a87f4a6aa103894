//! The one object that an app holds, from which everything else hangs.

use crate::call::call;
use crate::error::CoreError;
use crate::groups::{
    Appointments, Care, Conflicts, Drafts, Enrolment, Forms, Households, Matters, Notices, Quarantine, Residents,
    Rights, Search, Syncing, Tasks, Visits,
};
use crate::listeners::{ChangeListener, Subscription};
use crate::ports::{self, AppSigner, Connectivity, KeyVault, Signer};
use crate::records::{Change, LeftAside, OpenOptions, SetAside, TakenUp, left_aside, merged};
use crate::teller::{Outlet, Teller};
use std::path::Path;
use std::sync::Arc;
use zoufang_core::{Core, Error, Ports, profiles};

/// One profile on this phone: open it once a process and keep it. All groups that it hands out are the same core.
#[derive(uniffi::Object)]
pub struct ZoufangCore {
    core: Core,
    signer: Arc<AppSigner>,
    teller: Teller,
    syncing: Arc<Syncing>,
}

/// Where a profile's database lies in a folder of the app's own, and under which name its key: each profile has its own. Without a name the
/// first profile of the phone.
///
/// Throws MendField for a name other than 1 to 32 of `a-z 0-9 -`.
#[uniffi::export]
pub fn profile_place(folder: String, name: Option<String>) -> Result<OpenOptions, CoreError> {
    call(|| profiles::place(Path::new(&folder), name.as_deref()).map(OpenOptions::from))
}

/// The profiles in a folder: nothing for the first one, then the named ones in the order of their names.
///
/// Throws Retry when the folder cannot be read.
#[uniffi::export]
pub fn profiles_in(folder: String) -> Result<Vec<Option<String>>, CoreError> {
    call(|| profiles::list(Path::new(&folder)))
}

/// Moves a database that does not open, or is damaged further in, out of the way, so that the phone can be enrolled anew. To be called when a
/// person has decided so, after `open` threw AskSupervisor, or after calls did and the core was shut down. Nothing of it is deleted: once the
/// phone is enrolled anew and has synced, `takeUpSetAside` brings the unsent work in it back.
///
/// Throws AskSupervisor when the database opens and is whole; UnlockPhone, FreeSpace or Retry when the failure lies elsewhere and the next
/// attempt to open may succeed.
#[uniffi::export]
pub fn set_aside(
    options: OpenOptions,
    vault: Arc<dyn KeyVault>,
    signer: Arc<dyn Signer>,
    connectivity: Arc<dyn Connectivity>,
) -> Result<SetAside, CoreError> {
    let ports = ports::over(vault, Arc::new(AppSigner::new(signer)), connectivity);
    call(|| Core::set_aside(&options.into(), &ports).map(SetAside::from))
}

impl ZoufangCore {
    fn over(
        vault: Arc<dyn KeyVault>,
        signer: Arc<dyn Signer>,
        connectivity: Arc<dyn Connectivity>,
        open: impl FnOnce(Ports) -> Result<Core, Error>,
    ) -> Result<Arc<Self>, CoreError> {
        let signer = Arc::new(AppSigner::new(signer));
        let core = call(|| open(ports::over(vault, Arc::clone(&signer), connectivity)))?;
        let teller = Teller::start()?;
        let syncing = Arc::new(Syncing::new(core.clone(), teller.clone()));
        Ok(Arc::new(ZoufangCore { core, signer, teller, syncing }))
    }
}

#[uniffi::export]
impl ZoufangCore {
    /// Opens the profile, making its database if there is none. Needs neither network nor enrolment.
    ///
    /// Throws UnlockPhone when the vault does not answer, AskSupervisor when the key is missing or wrong or the file is damaged, UpdateApp
    /// when a newer app wrote it, FreeSpace, Retry. Whatever it is, a database that was there is left as it was.
    #[uniffi::constructor]
    pub fn open(
        options: OpenOptions,
        vault: Arc<dyn KeyVault>,
        signer: Arc<dyn Signer>,
        connectivity: Arc<dyn Connectivity>,
    ) -> Result<Arc<Self>, CoreError> {
        Self::over(vault, signer, connectivity, |ports| Core::open(options.into(), ports))
    }
    /// Opens the practice database in a folder of the app's own, with made-up homes in it if it is new. It is never sent anywhere; the status
    /// says that it is practice, and screens mark it. Beside a real profile it changes nothing of that.
    ///
    /// Throws as `open`; AskSupervisor when a real profile lies under the practice database's name.
    #[uniffi::constructor]
    pub fn open_practice(
        folder: String,
        vault: Arc<dyn KeyVault>,
        signer: Arc<dyn Signer>,
        connectivity: Arc<dyn Connectivity>,
    ) -> Result<Arc<Self>, CoreError> {
        Self::over(vault, signer, connectivity, |ports| Core::open_practice(Path::new(&folder), ports))
    }
    /// Throws away what was tried in the practice database and begins anew. Close the one that is open first.
    ///
    /// Throws as `open_practice`.
    #[uniffi::constructor]
    pub fn restart_practice(
        folder: String,
        vault: Arc<dyn KeyVault>,
        signer: Arc<dyn Signer>,
        connectivity: Arc<dyn Connectivity>,
    ) -> Result<Arc<Self>, CoreError> {
        Self::over(vault, signer, connectivity, |ports| Core::restart_practice(Path::new(&folder), ports))
    }
    /// Gives the database a new key, for a phone whose key may have been seen. Everything is written anew, 20 ms a MB on a desktop; calls that
    /// read meanwhile throw Retry. Nothing is lost whatever stops it. Not while the app goes to the background.
    ///
    /// Throws Retry, UnlockPhone, FreeSpace, AskSupervisor.
    pub fn change_key(&self) -> Result<(), CoreError> {
        call(|| self.core.change_key())
    }
    /// Takes up the work in every database that was set aside from this one's place: what the server does not have is done once more and goes
    /// up with the next sync. To be called after the first sync of a phone that was enrolled anew. Twice is once.
    ///
    /// Throws AskSupervisor before the first sync is complete; Retry, UnlockPhone, FreeSpace.
    pub fn take_up_set_aside(&self) -> Result<TakenUp, CoreError> {
        call(|| self.core.take_up_set_aside().map(TakenUp::from))
    }
    /// Removes every file that was set aside from this one's place, at once, and gives what could not be taken up and goes with them. To be
    /// called when a person has decided so. Without it a file stays for 30 days once nothing is left in it, otherwise for 365 days.
    ///
    /// Throws Retry, `aside.unsent`, while work that was taken out of one is unsent; otherwise as `takeUpSetAside`. Nothing is removed then.
    pub fn forget_set_aside(&self) -> Result<Vec<LeftAside>, CoreError> {
        call(|| self.core.forget_set_aside().map(left_aside))
    }
    /// Closes the database before the app is suspended, within about two seconds; a sync that runs is cancelled first. Twice is once.
    ///
    /// Throws Retry when the last checkpoint failed; the database is closed all the same and nothing is lost.
    pub fn pause(&self) -> Result<(), CoreError> {
        self.syncing.cancel();
        call(|| self.core.pause())
    }
    /// Opens the database again. Does nothing when it is open.
    ///
    /// Throws as `open`.
    pub fn resume(&self) -> Result<(), CoreError> {
        call(|| self.core.resume())
    }
    /// Ends the core: as `pause`, for good.
    ///
    /// Throws as `pause`.
    pub fn shut_down(&self) -> Result<(), CoreError> {
        self.syncing.cancel();
        call(|| self.core.close())
    }
    /// Hears of every change until the subscription is cancelled or let go.
    pub fn subscribe(&self, listener: Arc<dyn ChangeListener>) -> Arc<Subscription> {
        let outlet = Outlet::new(Some("changes"), merged, move |change: Change| listener.changed(change));
        let (fed, teller) = (Arc::clone(&outlet), self.teller.clone());
        let feed = self.core.subscribe(move |change| fed.offer(change.into(), &teller));
        Subscription::new(outlet, feed)
    }
    /// Making this phone one of the server's devices.
    pub fn enrolment(&self) -> Arc<Enrolment> {
        Arc::new(Enrolment::new(self.core.clone(), Arc::clone(&self.signer)))
    }
    /// Homes: households in their dwellings.
    pub fn households(&self) -> Arc<Households> {
        Arc::new(Households::new(self.core.clone()))
    }
    /// Residents and their periods of residence.
    pub fn residents(&self) -> Arc<Residents> {
        Arc::new(Residents::new(self.core.clone()))
    }
    /// Visits.
    pub fn visits(&self) -> Arc<Visits> {
        Arc::new(Visits::new(self.core.clone()))
    }
    /// What is due.
    pub fn tasks(&self) -> Arc<Tasks> {
        Arc::new(Tasks::new(self.core.clone()))
    }
    /// What residents ask of their own data.
    pub fn rights(&self) -> Arc<Rights> {
        Arc::new(Rights::new(self.core.clone()))
    }
    /// Notices of the units above.
    pub fn notices(&self) -> Arc<Notices> {
        Arc::new(Notices::new(self.core.clone()))
    }
    /// Appointments, both ways.
    pub fn appointments(&self) -> Arc<Appointments> {
        Arc::new(Appointments::new(self.core.clone()))
    }
    /// Care needs of residents and households, as far as the holder's role sees them.
    pub fn care(&self) -> Arc<Care> {
        Arc::new(Care::new(self.core.clone()))
    }
    /// Matters that residents ask or report.
    pub fn matters(&self) -> Arc<Matters> {
        Arc::new(Matters::new(self.core.clone()))
    }
    /// What is being written.
    pub fn drafts(&self) -> Arc<Drafts> {
        Arc::new(Drafts::new(self.core.clone()))
    }
    /// What a visit asks beside its own fields.
    pub fn forms(&self) -> Arc<Forms> {
        Arc::new(Forms::new(self.core.clone()))
    }
    /// Values that stand against each other.
    pub fn conflicts(&self) -> Arc<Conflicts> {
        Arc::new(Conflicts::new(self.core.clone()))
    }
    /// Work that waits for a supervisor.
    pub fn quarantine(&self) -> Arc<Quarantine> {
        Arc::new(Quarantine::new(self.core.clone()))
    }
    /// Search.
    pub fn search(&self) -> Arc<Search> {
        Arc::new(Search::new(self.core.clone()))
    }
    /// Sync with the server.
    pub fn sync(&self) -> Arc<Syncing> {
        Arc::clone(&self.syncing)
    }
    /// The library's version, as `core_version` gives it.
    pub fn version(&self) -> String {
        crate::version::core_version()
    }
}
