//! What was done while a database was recorded, and what was promised meanwhile.

use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use zoufang_core::views::DraftView;
use zoufang_tests::content::Content;
use zoufang_tests::power_cut::recording::{Recorder, Recording};
use zoufang_tests::power_cut::trial::Fault;

/// Something that holds from the moment at which a call returned.
#[derive(Clone, Debug)]
pub(crate) enum What {
    /// A visit with this note.
    Visit(String),
    /// A draft as it stands, or none.
    Draft(Option<DraftView>),
    /// A home with this phone number.
    HomePhone(String),
    /// The server holds a device's operations up to this.
    Operations(u64),
    /// The server knows a device.
    Device,
    /// The server has so many homes.
    Homes(i64),
}

/// A promise about one thing.
#[derive(Clone, Debug)]
pub(crate) struct Promise {
    /// Which.
    pub(crate) thing: Uuid,
    /// When it was begun to be written: it may hold from here on.
    begun: usize,
    /// When its call returned: it must hold from here on.
    returned: usize,
    /// What.
    pub(crate) what: What,
}

/// A story that ended.
pub(crate) struct Story {
    pub(crate) recording: Recording,
    promises: Vec<Promise>,
    /// Moments at which all that was written was promised to stay.
    durable: Vec<usize>,
}

/// A story under way.
pub(crate) struct Telling {
    pub(crate) recorder: Arc<Recorder>,
    promises: Vec<Promise>,
    durable: Vec<usize>,
}

impl Telling {
    pub(crate) fn of(database: &Path) -> Telling {
        Telling { recorder: Arc::new(Recorder::start(database)), promises: Vec::new(), durable: Vec::new() }
    }
    /// Does something whose return promises that all that was written so far stays.
    pub(crate) fn durably<T>(&mut self, act: impl FnOnce() -> T, promised: impl FnOnce(&T) -> Vec<(Uuid, What)>) -> T {
        let begun = self.recorder.position();
        let done = act();
        self.all_is_durable();
        self.promise(begun, promised(&done));
        done
    }
    fn promise(&mut self, begun: usize, promised: Vec<(Uuid, What)>) {
        let returned = self.recorder.position();
        self.promises.extend(promised.into_iter().map(|(thing, what)| Promise { thing, begun, returned, what }));
    }
    /// Something was promised at a moment that has passed.
    pub(crate) fn promised_at(&mut self, returned: usize, thing: Uuid, what: What) {
        self.promises.push(Promise { thing, begun: returned, returned, what });
    }
    pub(crate) fn all_is_durable(&mut self) {
        self.durable.push(self.recorder.position());
    }
    pub(crate) fn end(self) -> Story {
        Story { recording: self.recorder.finish(), promises: self.promises, durable: self.durable }
    }
}

impl Story {
    /// What must hold at a moment: of each thing the last that was promised, and what was being written instead of it.
    fn due_at(&self, at: usize) -> Vec<Vec<&Promise>> {
        let mut things: Vec<Uuid> = Vec::new();
        let held = self.promises.iter().filter(|promise| promise.returned <= at);
        held.for_each(|promise| {
            if !things.contains(&promise.thing) {
                things.push(promise.thing)
            }
        });
        let alternatives = |thing: &Uuid| {
            let of_thing: Vec<_> = self.promises.iter().filter(|promise| promise.thing == *thing).collect();
            let last = of_thing.iter().rposition(|promise| promise.returned <= at).unwrap_or_default();
            of_thing[last..].iter().filter(|promise| promise.begun <= at).copied().collect()
        };
        things.iter().map(alternatives).collect()
    }
    /// Holds each thing to its promises: `holds` looks into the database.
    pub(crate) fn keeps(&self, at: usize, holds: impl Fn(&Promise) -> bool) -> Result<(), Fault> {
        for alternatives in self.due_at(at) {
            if !alternatives.iter().any(|promise| holds(promise)) {
                return Err(Fault::Lost(format!("{:?}", alternatives[0])));
            }
        }
        Ok(())
    }
    /// The last moment before that one at which everything was promised to stay.
    fn durable_at(&self, at: usize) -> usize {
        self.durable.iter().copied().filter(|moment| *moment <= at).max().unwrap_or_default()
    }
    /// Whether anything was promised by then.
    pub(crate) fn has_promised(&self, at: usize) -> bool {
        self.durable_at(at) > 0 || self.promises.iter().any(|promise| promise.returned <= at)
    }
}

/// What the database held after each of its transactions.
pub(crate) struct History {
    commits: Vec<usize>,
    /// From before the first transaction on.
    contents: Vec<Content>,
}

impl History {
    /// Looks at the database after each transaction, as a killed process leaves it.
    pub(crate) fn of(recording: &Recording, look: impl Fn(usize) -> Content) -> History {
        let commits = recording.commits();
        let contents = std::iter::once(0).chain(commits.iter().copied()).map(look).collect();
        History { commits, contents }
    }
    pub(crate) fn commits_count(&self) -> usize {
        self.commits.len()
    }
    /// Holds a state to one of the contents that the database had: none from before what was promised to stay, and none from after the
    /// cut. A transaction that is there in part makes a content that never was. Says whether all that was written by then is there.
    pub(crate) fn holds(&self, story: &Story, at: usize, content: &Content) -> Result<bool, Fault> {
        let written_by = |moment: usize| self.commits.iter().filter(|commit| **commit <= moment).count();
        let (durable, written) = (written_by(story.durable_at(at)), written_by(at));
        match self.contents.iter().take(written + 1).rposition(|known| known == content) {
            Some(found) if found >= durable => Ok(found == written),
            Some(found) => Err(Fault::Lost(format!("transactions {} to {durable} of {written}", found + 1))),
            None => Err(Fault::Broken("a content that never was: a transaction is there in part".to_owned())),
        }
    }
}
