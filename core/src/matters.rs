//! Matters: reported, handled at once, answered, withdrawn, noted, listed; `answers` is the ledger of answers, `shown` what screens read, `terms`
//! until when. Only what may be done without a connection is here; what decides
//! between people happens at the server. An event that would mean nothing where the matter stands is refused while its author is looking.

mod answers;
mod shown;
mod terms;

pub use answers::FactFile;
pub(crate) use shown::said;

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::input::{distinct, fields_of};
use crate::links;
use crate::names;
use crate::store::draft;
use crate::store::profile;
use crate::store::records;
use crate::views::{DraftId, MatterView, Page};
use crate::work::Work;
use rusqlite::{Connection, Params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shown::Shown;
use terms::Known;
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::ids::{HouseholdId, MatterId, ResidentId, UnitId, VisitId};
use zoufang_domain::matter::{self, EventKind, Matter, MatterKind, Source, Track, Urgency, answer_due};
use zoufang_domain::operation::{Action, Entry, Fields, List};
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::Duty;

/// Most attempts that one report of an unreachable resident lists.
pub const ATTEMPTS_MAX_COUNT: usize = 20;

/// A matter about to be reported. The serde names are the field names of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatterDraft {
    /// The id that it gets; made when it is saved if there is none.
    #[serde(skip)]
    pub id: Option<MatterId>,
    /// The micro-grid, for a matter of no home. Not needed where the home, resident or visit says it, or the phone has only one.
    #[serde(default)]
    pub micro_grid: Option<UnitId>,
    /// Whose home.
    #[serde(default)]
    pub household: Option<HouseholdId>,
    /// Whose matter.
    #[serde(default)]
    pub resident: Option<ResidentId>,
    /// The visit on which it was taken up.
    #[serde(default)]
    pub visit: Option<VisitId>,
    /// Where it comes from.
    #[serde(default = "from_a_visit")]
    pub source: Source,
    /// What kind.
    pub kind: MatterKind,
    /// How it is worked on.
    pub track: Track,
    /// What it is, in a sentence or two.
    pub summary: String,
    /// How urgent; normal if not said.
    #[serde(default)]
    pub urgency: Option<Urgency>,
    /// Which of the merged grids it belongs to.
    #[serde(default)]
    pub line: Option<String>,
    /// Which duties it calls for.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// What was done about it on the spot 当场办结: simple matters only.
    #[serde(default)]
    pub done: Option<String>,
    /// The draft that this was written in: removed in the same transaction.
    #[serde(skip)]
    pub draft: Option<DraftId>,
}

fn from_a_visit() -> Source {
    Source::Visit
}

impl MatterDraft {
    /// A matter with nothing but what every matter has.
    pub fn new(kind: MatterKind, track: Track, summary: impl Into<String>) -> Self {
        MatterDraft {
            id: None,
            micro_grid: None,
            household: None,
            resident: None,
            visit: None,
            source: Source::Visit,
            kind,
            track,
            summary: summary.into(),
            urgency: None,
            line: None,
            duties: Vec::new(),
            done: None,
            draft: None,
        }
    }
}

/// The matters that wait for an answer. The index is named: left to itself SQLite reads every matter and sorts them, which cost 4 of 6 ms when
/// read first (1,000 matters, 2026-11-26).
pub const WAITING: &str = "SELECT body, pending_first, pending_last, held FROM record INDEXED BY record_due
     WHERE due IS NOT NULL AND kind = 9 ORDER BY due, row LIMIT ? OFFSET ?";
/// Of these, those that wait longer than was promised; read as they are.
pub const OVERDUE: &str = "SELECT body, pending_first, pending_last, held FROM record INDEXED BY record_due
     WHERE due IS NOT NULL AND kind = 9 AND due < ? ORDER BY due, row LIMIT ? OFFSET ?";

/// Which matters a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatterFilter {
    /// Not closed, withdrawn or joined to another; the latest reported first.
    Open,
    /// Still without an answer; the one due first first.
    Waiting,
    /// Waiting for an answer longer than was promised; the longest first.
    Overdue,
    /// All; the latest reported first.
    All,
}

/// Fields of a matter that may change after its report; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MatterEdit {
    /// How urgent.
    pub urgency: Option<Urgency>,
    /// Which of the merged grids; `Some(None)` clears it.
    pub line: Option<Option<String>>,
}

impl Core {
    /// Reports a matter. An answer is due after the working days that the unit's rule gives, or the usual ones.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the home, resident or visit that it names, [`Error::Invalid`] naming the field, [`Error::NotAllowed`]
    /// outside the own areas; nothing is saved then and the draft stays.
    pub fn report_matter(&self, draft: MatterDraft) -> Result<MatterView, Error> {
        self.work(|work| save(work, draft))
    }
    /// Says what was done about a simple matter on the spot.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when the matter is not a simple one that was only reported, or `done` without a text.
    pub fn self_handle(&self, id: MatterId, done: &str) -> Result<MatterView, Error> {
        self.happened(id, EventKind::SelfHandle, texts(&[("done", done)]))
    }
    /// Says who was told, how, and their words.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when there is nothing to answer yet, or `told` or `how` without a text.
    pub fn answer(&self, id: MatterId, told: &str, how: &str, words: &str) -> Result<MatterView, Error> {
        self.happened(id, EventKind::Answer, texts(&[("told", told), ("how", how), ("words", words)]))
    }
    /// Lists the attempts to reach the resident, none of which succeeded.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when there is nothing to answer yet, or `attempts` with none or too many.
    pub fn list_attempts(&self, id: MatterId, attempts: &[String]) -> Result<MatterView, Error> {
        if attempts.len() > ATTEMPTS_MAX_COUNT || attempts.iter().any(|attempt| attempt.trim().is_empty()) {
            return Err(Error::Invalid { field: "attempts".into() });
        }
        self.happened(id, EventKind::Unreachable, Fields::from([("attempts".to_owned(), Value::from(attempts))]))
    }
    /// Withdraws a matter for the resident.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when it has been taken on meanwhile, or `reason` without a text.
    pub fn withdraw(&self, id: MatterId, reason: &str) -> Result<MatterView, Error> {
        self.happened(id, EventKind::Withdraw, texts(&[("reason", reason)]))
    }
    /// Reports a matter again that was returned or not accepted, with what was missing.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `state` when it was not sent back.
    pub fn report_again(&self, id: MatterId, text: &str) -> Result<MatterView, Error> {
        self.happened(id, EventKind::Report, texts(&[("text", text)]))
    }
    /// Adds a note.
    ///
    /// # Errors
    /// [`Error::Invalid`] with field `text` without one.
    pub fn note(&self, id: MatterId, text: &str) -> Result<MatterView, Error> {
        self.happened(id, EventKind::Note, texts(&[("text", text)]))
    }
    /// Changes how urgent a matter is or which line it belongs to. What is as it was is not written.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Invalid`], [`Error::NotAllowed`].
    pub fn edit_matter(&self, id: MatterId, edit: &MatterEdit) -> Result<MatterView, Error> {
        self.work(|work| {
            let known = records::get(work.tx, Kind::Matter, id.0)?.record;
            let mut fields = Fields::new();
            edit.urgency.map(|urgency| fields.insert("urgency".into(), urgency.name().into()));
            edit.line.clone().map(|line| fields.insert("line".into(), line.map_or(Value::Null, Value::from)));
            fields.retain(|name, value| known.f.get(name).unwrap_or(&Value::Null) != value);
            if !fields.is_empty() {
                work.perform(known.area, Kind::Matter, id.0, conflict::edit(&known, fields))?;
            }
            saved(work, id)
        })
    }
    /// One matter.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not on this phone.
    pub fn matter(&self, id: MatterId) -> Result<MatterView, Error> {
        let now = self.moment_now();
        self.read(|c| Shown::begin(c, now)?.view(&records::get(c, Kind::Matter, id.0)?))
    }
    /// The matters on this phone.
    ///
    /// # Errors
    /// When the store fails.
    pub fn matters(&self, filter: MatterFilter, page: Page) -> Result<Vec<MatterView>, Error> {
        // The inner queries read indexes alone; whole rows are read for one page.
        let sql = match filter {
            MatterFilter::Open => {
                "SELECT body, pending_first, pending_last, held FROM record WHERE row IN (SELECT row FROM record
                 WHERE kind = 9 AND status NOT IN ('closed', 'withdrawn', 'merged') ORDER BY sort DESC, row DESC
                 LIMIT ? OFFSET ?) ORDER BY sort DESC, row DESC"
            }
            MatterFilter::Waiting => WAITING,
            MatterFilter::Overdue => OVERDUE,
            MatterFilter::All => {
                "SELECT body, pending_first, pending_last, held FROM record WHERE row IN (SELECT row FROM record
                 WHERE kind = 9 ORDER BY sort DESC, row DESC LIMIT ? OFFSET ?) ORDER BY sort DESC, row DESC"
            }
        };
        let now = self.moment_now();
        match filter {
            MatterFilter::Overdue => self.read(|c| list(c, sql, (now.to_string(), page.limit(), page.offset()), now)),
            _ => self.read(|c| list(c, sql, (page.limit(), page.offset()), now)),
        }
    }
    /// The matters of one home, the latest reported first; with those of households that became part of it, and those of before it split off
    /// another.
    ///
    /// # Errors
    /// When the store fails.
    pub fn matters_of(&self, household: HouseholdId, page: Page) -> Result<Vec<MatterView>, Error> {
        let now = self.moment_now();
        self.read(|c| {
            let (which, mut values) = links::condition(c, household)?;
            let sql = format!(
                "SELECT body, pending_first, pending_last, held FROM record WHERE kind = 9 AND {which}
                 ORDER BY sort DESC, row DESC LIMIT ? OFFSET ?"
            );
            values.extend([page.limit().into(), page.offset().into()]);
            list(c, &sql, rusqlite::params_from_iter(values), now)
        })
    }

    fn moment_now(&self) -> Moment {
        Moment::from_ms(self.ports().clock.now_ms())
    }
    fn happened(&self, id: MatterId, event: EventKind, data: Fields) -> Result<MatterView, Error> {
        self.work(|work| {
            happens(work, id, event, data)?;
            saved(work, id)
        })
    }
}

/// Adds an event to a matter inside a transaction, if it means something where the matter stands.
fn happens(work: &mut Work<'_, '_>, id: MatterId, event: EventKind, data: Fields) -> Result<(), Error> {
    let known = records::get(work.tx, Kind::Matter, id.0)?.record;
    let entry = entry(work, event, data);
    check_means_something(&known, &entry)?;
    work.perform(known.area, Kind::Matter, id.0, Action::Append { entry })?;
    Ok(())
}

/// Reports a matter in a transaction of its own and gives its view.
pub(crate) fn save(work: &mut Work<'_, '_>, draft: MatterDraft) -> Result<(MatterView, ChangeSet), Error> {
    let written_in = draft.draft;
    let record = report(work, draft)?;
    let was_draft = written_in.map_or(Ok(false), |id| draft::remove(work.tx, id.0))?;
    let (view, change) = saved(work, MatterId(record.id))?;
    Ok((view, ChangeSet { drafts: was_draft, ..change }))
}

/// Reports a matter inside a transaction.
pub(crate) fn report(work: &mut Work<'_, '_>, draft: MatterDraft) -> Result<Record, Error> {
    let area = area_of(work.tx, &draft)?;
    if draft.summary.trim().is_empty() {
        return Err(Error::Invalid { field: "summary".into() });
    }
    let mut entries = vec![entry(work, EventKind::Report, Fields::new())];
    if let Some(done) = &draft.done {
        if draft.track != Track::Simple {
            return Err(Error::Invalid { field: "track".into() });
        }
        entries.push(entry(work, EventKind::SelfHandle, texts(&[("done", done)])));
    }
    let known = Known::read(work.tx)?;
    let terms = known.of(area, draft.track, draft.kind, work.now().day());
    let matter = Matter {
        source: draft.source,
        kind: draft.kind,
        track: draft.track,
        summary: draft.summary,
        urgency: draft.urgency,
        line: draft.line,
        household: draft.household,
        resident: draft.resident,
        visit: draft.visit,
        duties: distinct(&draft.duties),
        due: answer_due(known.days(), terms, work.now()),
    };
    let id = draft.id.map_or_else(|| work.new_id(), |id| id.0);
    if draft.id.is_some() && records::find(work.tx, Kind::Matter, id)?.is_some() {
        return Err(Error::Invalid { field: "id".into() });
    }
    work.perform(area, Kind::Matter, id, Action::Create { fields: fields_of(&matter)?, entries })
}

/// The micro-grid of a matter: that of what it names, so that it is seen by those who see its home.
fn area_of(c: &Connection, draft: &MatterDraft) -> Result<UnitId, Error> {
    let resident = draft.resident.map(|id| records::get(c, Kind::Resident, id.0)).transpose()?;
    let visit = draft.visit.map(|id| records::get(c, Kind::Visit, id.0)).transpose()?;
    if let Some(household) = draft.household {
        return Ok(names::place(c, household)?.area);
    }
    let named = resident.or(visit).map(|stored| stored.record.area).or(draft.micro_grid);
    if let Some(area) = named {
        return Ok(area);
    }
    let own = profile::areas(c)?.into_iter().filter(|area| area.role.is_some()).collect::<Vec<_>>();
    match own.as_slice() {
        [only] => Ok(only.unit),
        _ => Err(Error::Invalid { field: "micro_grid".into() }),
    }
}

fn entry(work: &Work<'_, '_>, event: EventKind, data: Fields) -> Entry {
    Entry {
        id: work.new_id(),
        list: List::Events,
        what: event.name().to_owned(),
        when: work.now(),
        who: work.staff(),
        data,
    }
}

fn texts(named: &[(&str, &str)]) -> Fields {
    let filled = named.iter().filter(|(_, text)| !text.trim().is_empty());
    order::gather(filled.map(|(name, text)| ((*name).to_owned(), Value::from(*text))))
}

/// Whether an event would change the matter, or be a note. The machine itself is asked, by trying the event on a copy.
fn check_means_something(record: &Record, entry: &Entry) -> Result<(), Error> {
    let mut tried = record.clone();
    tried.lists.entry(List::Events).or_default().push(entry.clone());
    let is_late = matter::fold(&tried).events.last().is_some_and(|event| event.late);
    if is_late { Err(Error::Invalid { field: "state".into() }) } else { Ok(()) }
}

fn saved(work: &Work<'_, '_>, id: MatterId) -> Result<(MatterView, ChangeSet), Error> {
    let view = Shown::begin(work.tx, work.now())?.view(&records::get(work.tx, Kind::Matter, id.0)?)?;
    Ok((view, ChangeSet::of(&[(Kind::Matter, id.0)])))
}

fn list(c: &Connection, sql: &str, values: impl Params, now: Moment) -> Result<Vec<MatterView>, Error> {
    let shown = Shown::begin(c, now)?;
    let mut found = c.prepare_cached(sql)?;
    let rows = found.query_map(values, records::read)?;
    rows.map(|row| shown.view(&records::parsed(row?)?)).collect()
}

/// The matter that a draft of that id has become, if it has.
pub(crate) fn became(work: &Work<'_, '_>, id: MatterId) -> Result<Option<MatterView>, Error> {
    let stored = records::find(work.tx, Kind::Matter, id.0)?;
    stored.map(|stored| Shown::begin(work.tx, work.now())?.view(&stored)).transpose()
}
