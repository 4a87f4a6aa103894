//! A phone that starts on what a power cut left.

use crate::story::{History, Promise, Story, What};
use std::cell::Cell;
use std::collections::BTreeSet;
use tokio::runtime::Runtime;
use zoufang_core::Error;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::views::DraftId;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::{HouseholdId, VisitId};
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_tests::content::look;
use zoufang_tests::phone::Phone;
use zoufang_tests::power_cut::trial::{Cut, Fault, Trial};
use zoufang_tests::world::{Line, all_homes};

/// Judges what is left of a phone's database.
pub(crate) struct PhoneJudge<'s> {
    story: &'s Story,
    phone: &'s Phone,
    history: History,
    /// Counters that the server had said to hold, by moment.
    pub(crate) held: Vec<(usize, u64)>,
    /// The line to the server, where states are to be synced to their end, and of how many states one is.
    pub(crate) line: Option<(&'s Runtime, Line, usize)>,
    judged_count: Cell<usize>,
    /// States that had lost a transaction that was not promised to stay.
    pub(crate) rolled_back_count: Cell<usize>,
}

impl<'s> PhoneJudge<'s> {
    pub(crate) fn of(story: &'s Story, phone: &'s Phone, trial: &Trial<'_>) -> Self {
        let history = History::of(&story.recording, |at| {
            trial.whole(at, |cut| {
                drop(phone.start_at(cut.path).expect("it opens after a kill"));
                look(phone, cut.path).expect("it reads after a kill").content
            })
        });
        PhoneJudge {
            story,
            phone,
            history,
            held: Vec::new(),
            line: None,
            judged_count: Cell::new(0),
            rolled_back_count: Cell::new(0),
        }
    }
    pub(crate) fn transactions_count(&self) -> usize {
        self.history.commits_count()
    }
    /// The real core opens the state; then promises, wholeness, and whether work goes on.
    pub(crate) fn judge(&self, cut: &Cut<'_>) -> Result<(), Fault> {
        if !cut.has_database && self.story.has_promised(cut.at) {
            return Err(Fault::Lost("the database file".to_owned()));
        }
        let broken = |what: &str, error: Error| Fault::Broken(format!("{what}: {error:?}"));
        let phone = self.phone.start_at(cut.path).map_err(|error| broken("it does not open", error))?;
        self.story.keeps(cut.at, |promise| keeps(&phone, promise))?;
        let found = look(&phone, cut.path).map_err(|error| broken("it does not read", error))?;
        let has_all = self.history.holds(self.story, cut.at, &found.content)?;
        self.rolled_back_count.set(self.rolled_back_count.get() + usize::from(!has_all));
        if let Some(problem) = found.problem {
            return Err(Fault::Broken(problem));
        }
        let held = self.held.iter().filter(|(moment, _)| *moment <= cut.at).map(|(_, counter)| *counter).max();
        if found.acknowledged > held.unwrap_or(found.acknowledged) {
            return Err(Fault::Broken(format!("acknowledged {} and the server holds {held:?}", found.acknowledged)));
        }
        self.judged_count.set(self.judged_count.get() + 1);
        self.sync_some(&phone)?;
        if found.is_enrolled {
            works_on(&phone)?;
        }
        only_known_files(cut)
    }
    fn sync_some(&self, phone: &Phone) -> Result<(), Fault> {
        let Some((runtime, line, every_count)) = &self.line else { return Ok(()) };
        if !self.judged_count.get().is_multiple_of(*every_count) && !crate::phone::is_replay() {
            return Ok(());
        }
        syncs_to_its_end(phone, runtime, line)
    }
}

/// A sync from where the state stands: phone and server must turn out to hold the same, without a repair.
pub(crate) fn syncs_to_its_end(phone: &Phone, runtime: &Runtime, line: &Line) -> Result<(), Fault> {
    let report = runtime
        .block_on(phone.sync_over(&HttpProtocol::new(line.clone())))
        .map_err(|error| Fault::Broken(format!("it does not sync: {error:?}")))?;
    if report.was_repaired || report.digests_equal != Some(true) || !report.complete {
        return Err(Fault::Broken(format!("phone and server had come apart: {report:?}")));
    }
    Ok(())
}

fn keeps(phone: &Phone, promise: &Promise) -> bool {
    let core = phone.core();
    match &promise.what {
        What::Visit(note) => core.visit(VisitId(promise.thing)).is_ok_and(|visit| visit.note == *note),
        What::Draft(Some(view)) => core.draft(DraftId(promise.thing)).is_ok_and(|draft| draft == *view),
        What::Draft(None) => matches!(core.draft(DraftId(promise.thing)), Err(Error::NotFound { .. })),
        What::HomePhone(number) => {
            core.home(HouseholdId(promise.thing)).is_ok_and(|home| home.phone.as_ref() == Some(number))
        }
        What::Device => core.profile().is_ok_and(|profile| profile.is_some()),
        What::Operations(_) | What::Homes(_) => false,
    }
}

fn works_on(phone: &Phone) -> Result<(), Fault> {
    let broken = |error: Error| Fault::Broken(format!("work does not go on: {error:?}"));
    let homes = all_homes(phone.core()).map_err(broken)?;
    let Some(home) = homes.first() else { return Ok(()) };
    let draft =
        VisitDraft { note: "停电之后".to_owned(), ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
    let saved = phone.core().save_visit(draft).map_err(broken)?;
    phone.core().visit(saved.id).map_err(broken).map(|_| ())
}

/// Nothing was set aside: a power cut is no damage.
fn only_known_files(cut: &Cut<'_>) -> Result<(), Fault> {
    let folder = cut.path.parent().unwrap();
    let names: BTreeSet<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    match names.iter().find(|name| name.contains("set-aside")) {
        Some(name) => Err(Fault::Broken(format!("{name} was set aside"))),
        None => Ok(()),
    }
}
