//! Work that was read out of a damaged database, taken up again: what the server does not have yet is done once more by the new database, under
//! the same record ids and in the same words, and goes up with the next sync. What cannot be is named and stays in the file that was set
//! aside. The file goes when its time is over ([`aside`]), never while work that was taken out of it is unsent, nor before what is left in it
//! was told.

use crate::store::aside::{self, Aside};
use crate::store::damage::{self, Reason, SalvagedOutbox, SetAside};
use crate::store::open::{OpenError, remove_files};
use crate::store::profile::{self, Profile};
use crate::store::records;
use crate::work::Work;
use crate::{ChangeSet, Core, Error};
use rusqlite::Connection;
use serde_json::Value;
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use uuid::Uuid;
use zoufang_domain::ids::{DeviceId, OpId};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;

/// What became of salvaged operations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenUp {
    /// Done once more: they wait to be sent.
    pub taken_count: u64,
    /// The server has them already, or a record says the same by now.
    pub known_count: u64,
    /// What could not be taken up. It stays in the file that was set aside for [`aside::UNREAD_KEPT_DAYS`] days.
    pub left: Vec<LeftAside>,
}

/// One operation that could not be taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftAside {
    /// Its number in the damaged database; 0 for a whole file, of which nothing reads or which a newer app wrote.
    pub counter: u64,
    /// What it was about; `None` when even that does not read.
    pub record: Option<(Kind, Uuid)>,
    /// The id of the message that says why.
    pub reason: String,
}

impl Core {
    /// Takes up the work in every database that was set aside from this one's place. To be called when the phone has been enrolled anew and has
    /// synced to the end: only then is it known what the server has. Twice is once.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] before the first sync is complete, or on a revoked phone; [`Error::Open`] when the key store or the file system
    /// refuses. Nothing is taken up then.
    pub fn take_up_set_aside(&self) -> Result<TakenUp, Error> {
        let mut all = TakenUp::default();
        for aside in damage::list_set_aside(&self.options().path).map_err(OpenError::from)? {
            let one = self.take_up(&aside)?;
            all.taken_count += one.taken_count;
            all.known_count += one.known_count;
            all.left.extend(one.left);
        }
        Ok(all)
    }
    /// Removes every database that was set aside from this one's place, at once, and gives what could not be taken up and goes with them.
    /// To be called when a person has decided so.
    ///
    /// # Errors
    /// [`Error::UnsentAside`] while work that was taken out of one is unsent: nothing is removed before a sync; otherwise as
    /// [`Core::take_up_set_aside`].
    pub fn forget_set_aside(&self) -> Result<Vec<LeftAside>, Error> {
        let left = self.take_up_set_aside()?.left;
        let files = damage::list_set_aside(&self.options().path).map_err(OpenError::from)?;
        files.iter().try_for_each(|file| self.known_of_sent(file).map(|_| ()))?;
        files.iter().try_for_each(|file| self.remove_aside(file))?;
        Ok(left)
    }
    /// At the end of a complete sync: removes the databases that were set aside and whose time is over. Gives what could not be taken up and
    /// went with them. One that cannot be removed now is tried again after the next sync.
    pub(crate) fn let_go_of_set_aside(&self) -> Vec<LeftAside> {
        let mut gone = Vec::new();
        for file in damage::list_set_aside(&self.options().path).unwrap_or_default() {
            if let Err(error) = self.let_go_if_over(&file, &mut gone) {
                tracing::warn!(id = error.message_id(), "a database that was set aside stays for now");
            }
        }
        gone
    }
    fn let_go_if_over(&self, file: &SetAside, gone: &mut Vec<LeftAside>) -> Result<(), Error> {
        let now_ms = self.ports().clock.now_ms();
        let known = self.write(|tx| {
            aside::mend_instants(tx, now_ms)?;
            Ok((aside::find(tx, &name_of(file))?, ChangeSet::default()))
        })?;
        if !aside::is_over(known, file.at_ms, now_ms) {
            return Ok(());
        }
        // The last chance of what was left: by now the app may be newer, or the post another. A file that nobody looked into, or in which
        // nothing is left any more, has its time from here on.
        let is_read = known.is_some_and(|known| known.read_ms.is_some());
        let left = if is_read { Vec::new() } else { self.take_up(file)?.left };
        if !aside::is_over(self.known_of_sent(file)?, file.at_ms, now_ms) {
            return Ok(());
        }
        // Told before anything goes: should the removal be cut short, the next sync goes on with it and reads nothing again.
        gone.extend(left);
        self.remove_aside(file)
    }
    /// What is known of a file of which no work waits to be sent.
    fn known_of_sent(&self, file: &SetAside) -> Result<Option<Aside>, Error> {
        self.read(|c| {
            let known = aside::find(c, &name_of(file))?;
            let upto = known.map_or(0, |known| known.upto);
            if upto > profile::get(c)?.acknowledged { Err(Error::UnsentAside) } else { Ok(known) }
        })
    }
    fn remove_aside(&self, file: &SetAside) -> Result<(), Error> {
        let name = name_of(file);
        // First the note: a removal that is cut short goes on at the next sync, whatever is left of the file.
        self.write(|tx| Ok((aside::release(tx, &name)?, ChangeSet::default())))?;
        remove_files(&file.path).map_err(OpenError::from)?;
        self.write(|tx| Ok((aside::forget(tx, &name)?, ChangeSet::default())))?;
        tracing::info!("a database that was set aside was removed");
        Ok(())
    }
    /// Takes up the work in one database, and takes note of it.
    fn take_up(&self, file: &SetAside) -> Result<TakenUp, Error> {
        let salvaged = Core::salvage(self.options(), self.ports(), file)?;
        self.work(|work| {
            let profile = profile::get(work.tx)?;
            if !profile.complete || profile.practice {
                return Err(Error::NotAllowed);
            }
            let mut taking = Taking::of(work.tx, &profile, &salvaged)?;
            let before = aside::done(work.tx, &name_of(file))?;
            let mut done = Vec::new();
            for (counter, text) in &salvaged.operations {
                let left_count = taking.done.left.len();
                match before.binary_search(counter) {
                    Ok(_) => taking.done.known_count += 1,
                    Err(_) => taking.one(work, *counter, text)?,
                }
                if taking.done.left.len() == left_count {
                    done.push(*counter);
                }
            }
            // Another key may be found again. A page that does not verify under its own key never reads, and is waited for no longer.
            if salvaged.read_pages_count == 0 || file.reason == Reason::NewerThanApp {
                taking.leave(0, None, file.reason.message_id());
            }
            let upto = if taking.done.taken_count > 0 { work.counter() } else { 0 };
            // A clock that was set back, as an empty battery does, must not make the file old at once.
            let now_ms = work.now_ms().max(profile.last_success_ms.unwrap_or(i64::MIN));
            aside::note(work.tx, &name_of(file), now_ms, !taking.done.left.is_empty(), &done, upto)?;
            Ok((taking.done, ChangeSet::of(&taking.touched)))
        })
    }
}

/// The name of a file that was set aside, without its folder.
fn name_of(file: &SetAside) -> Cow<'_, str> {
    file.path.file_name().map(OsStr::to_string_lossy).unwrap_or_default()
}

/// Salvaged work being taken up.
struct Taking {
    profile: Profile,
    /// The device that the damaged database belonged to, where a record of its making says so.
    device: Option<DeviceId>,
    /// Up to here the server has judged what that device did.
    judged: u64,
    /// Operations of that device and what they have become, so that a later one still names what it replaces.
    became: HashMap<OpId, OpId>,
    touched: Vec<(Kind, Uuid)>,
    done: TakenUp,
}

impl Taking {
    fn of(c: &Connection, profile: &Profile, salvaged: &SalvagedOutbox) -> Result<Self, Error> {
        let device = device_of(c, profile, salvaged)?;
        let judged = match device {
            Some(device) => judged_of(c, device)?,
            None => 0,
        };
        Ok(Taking {
            profile: profile.clone(),
            device,
            judged,
            became: HashMap::new(),
            touched: Vec::new(),
            done: TakenUp::default(),
        })
    }
    fn one(&mut self, work: &mut Work<'_, '_>, counter: u64, text: &str) -> Result<(), Error> {
        let Ok(operation) = serde_json::from_str::<Operation>(text) else {
            self.leave(counter, None, "store.damaged");
            return Ok(());
        };
        let subject = (operation.kind, operation.id);
        if operation.staff != self.profile.staff {
            self.leave(counter, Some(subject), Error::NotAllowed.message_id());
            return Ok(());
        }
        let known = records::find_in(work.tx, operation.kind, operation.id, operation.area)?;
        let Some(action) = self.still_to_do(&operation, known.as_ref().map(|stored| &stored.record)) else {
            self.done.known_count += 1;
            return Ok(());
        };
        match work.perform(operation.area, operation.kind, operation.id, action) {
            Ok(_) => {
                if let Some(device) = self.device {
                    self.became
                        .insert(OpId::of(device, operation.counter), OpId::of(self.profile.device, work.counter()));
                }
                self.done.taken_count += 1;
                self.touched.push(subject);
            }
            // Refused before anything was written: by the rules, or because the record is gone.
            Err(error @ (Error::Invalid { .. } | Error::NotAllowed | Error::NotFound { .. } | Error::Restricted)) => {
                self.leave(counter, Some(subject), error.message_id())
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
    /// What of an operation is neither known to have been judged nor said by the record as it is; `None` for nothing.
    fn still_to_do(&self, operation: &Operation, record: Option<&Record>) -> Option<Action> {
        if operation.counter <= self.judged {
            return None;
        }
        let Some(record) = record else { return Some(operation.action.clone()) };
        match &operation.action {
            Action::Create { .. } => None,
            Action::Set { fields, base, was } => {
                let mut fields = fields.clone();
                fields.retain(|name, value| !is_said(record, name, value));
                let now = |op: &OpId| self.became.get(op).copied().unwrap_or(*op);
                let base =
                    order::gather(base.iter().map(|(name, seen)| (name.clone(), seen.iter().map(now).collect())));
                (!fields.is_empty()).then(|| Action::Set { fields, base, was: was.clone() })
            }
            Action::Add { set, element, value } => {
                let standing = record.sets.get(set).and_then(|elements| elements.get(element));
                let is_said = standing.is_some_and(|standing| standing.value.as_ref() == Some(value));
                (!is_said).then(|| operation.action.clone())
            }
            Action::Remove { set, element } => {
                let standing = record.sets.get(set).and_then(|elements| elements.get(element));
                standing.is_some_and(|standing| standing.value.is_some()).then(|| operation.action.clone())
            }
            Action::Append { entry } => {
                let is_there = record.list(entry.list).iter().any(|standing| standing.id == entry.id);
                (!is_there).then(|| operation.action.clone())
            }
            // The record is here: nobody need offer a copy of it.
            Action::Witness { .. } => None,
            Action::Void { .. } => record.void.is_none().then(|| operation.action.clone()),
        }
    }
    fn leave(&mut self, counter: u64, record: Option<(Kind, Uuid)>, reason: &str) {
        self.done.left.push(LeftAside { counter, record, reason: reason.to_owned() });
    }
}

/// Whether a field shows a value, or whoever wrote over it had it before them.
fn is_said(record: &Record, name: &str, value: &Value) -> bool {
    let was_seen =
        !value.is_null() && record.heads.get(name).is_some_and(|heads| heads.iter().any(|head| head.was == *value));
    was_seen || record.f.get(name).unwrap_or(&Value::Null) == value
}

/// The device whose outbox this was: the author of a record that one of its operations began.
fn device_of(c: &Connection, profile: &Profile, salvaged: &SalvagedOutbox) -> Result<Option<DeviceId>, Error> {
    for (counter, text) in &salvaged.operations {
        let Ok(operation) = serde_json::from_str::<Operation>(text) else { continue };
        if !matches!(operation.action, Action::Create { .. }) {
            continue;
        }
        if let Some(stored) = records::find_in(c, operation.kind, operation.id, operation.area)? {
            let version = stored.record.v;
            if version.counter == *counter && stored.record.who == operation.staff && version.by != profile.device {
                return Ok(Some(version.by));
            }
        }
    }
    Ok(None)
}

/// The last operation of a device that any record here shows. The server takes a device's operations in their order.
fn judged_of(c: &Connection, device: DeviceId) -> Result<u64, Error> {
    let mut found = c.prepare("SELECT body FROM record")?;
    let mut rows = found.query([])?;
    let mut last = 0;
    while let Some(row) = rows.next()? {
        let body = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
        last = records::parse(body)?.last_by(device).max(last);
    }
    Ok(last)
}
