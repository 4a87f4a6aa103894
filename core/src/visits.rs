//! Visits: saved, corrected, declared void, listed. A visit is a fact: a correction is a new version with its reason, and nothing is deleted.

use crate::Core;
use crate::appointments;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::forms;
use crate::input::{distinct, fields_of};
use crate::links;
use crate::matters::{self, MatterDraft};
use crate::names::{self, Place};
use crate::notices;
use crate::store::records::{self, Stored};
use crate::store::{draft, profile};
use crate::views::{AmendmentView, DraftId, GivenNoticeView, Page, SyncState, VisitView, VoidView};
use crate::work::Work;
use rusqlite::{Connection, Params};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zoufang_domain::authority;
use zoufang_domain::calendar::Moment;
use zoufang_domain::form::answers::FilledForm;
use zoufang_domain::ids::{AppointmentId, HouseholdId, MatterId, NoticeId, StaffId, UnitId, VisitId};
use zoufang_domain::notice::VISIT_NOTICES;
use zoufang_domain::operation::{Action, Entry, Fields, List};
use zoufang_domain::order;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::{self, AMENDMENT, Duty, Location, Mode, Outcome, Visit, VisitState};

/// Most colleagues that one visit names.
pub const OTHERS_PRESENT_MAX_COUNT: usize = 20;
/// Most matters that one visit takes up.
pub const MATTERS_MAX_COUNT: usize = 20;

/// A visit about to be saved. The serde names are the field names of a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VisitDraft {
    /// The id that it gets; made when it is saved if there is none. A caller that repeats a save gives the same id.
    #[serde(skip)]
    pub id: Option<VisitId>,
    /// The home.
    pub household: HouseholdId,
    /// How.
    pub mode: Mode,
    /// What came of it.
    pub outcome: Outcome,
    /// Start; now if not said.
    #[serde(default)]
    pub started_at: Option<Moment>,
    /// End.
    #[serde(default)]
    pub ended_at: Option<Moment>,
    /// Which duties it served.
    #[serde(default)]
    pub duties: Vec<Duty>,
    /// What was found, at most [`zoufang_domain::validate::TEXT_MAX_CHARS`] characters.
    #[serde(default)]
    pub note: String,
    /// Whether someone should come again.
    #[serde(default)]
    pub needs_follow_up: bool,
    /// Where, if the worker chose to say.
    #[serde(default)]
    pub location: Option<Location>,
    /// Colleagues who were there.
    #[serde(default)]
    pub others_present: Vec<StaffId>,
    /// Matters taken up, saved with the visit or not at all.
    #[serde(default)]
    pub matters: Vec<MatterDraft>,
    /// Notices given, at most [`zoufang_domain::notice::GIVEN_MAX_COUNT`]. One that is not on this phone is kept as it is. Giving any serves the
    /// duty of publicity, which need not be named as well.
    #[serde(default)]
    pub notices: Vec<NoticeId>,
    /// The agreed appointment that it keeps: with a visit that took place it is kept, with an attempt it is missed by the resident, in the same
    /// transaction.
    #[serde(default)]
    pub appointment: Option<AppointmentId>,
    /// A form that was filled in. Its answers are checked against the version that it names, if that is on this phone.
    #[serde(default)]
    pub form: Option<FilledForm>,
    /// The draft that this was written in: removed in the same transaction.
    #[serde(skip)]
    pub draft: Option<DraftId>,
}

impl VisitDraft {
    /// A visit with nothing but what every visit has.
    pub fn new(household: HouseholdId, mode: Mode, outcome: Outcome) -> Self {
        VisitDraft {
            id: None,
            household,
            mode,
            outcome,
            started_at: None,
            ended_at: None,
            duties: Vec::new(),
            note: String::new(),
            needs_follow_up: false,
            location: None,
            others_present: Vec::new(),
            matters: Vec::new(),
            notices: Vec::new(),
            appointment: None,
            form: None,
            draft: None,
        }
    }
}

/// What a correction changes; `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VisitChange {
    /// Start.
    pub started_at: Option<Moment>,
    /// End; `Some(None)` clears it.
    pub ended_at: Option<Option<Moment>>,
    /// How.
    pub mode: Option<Mode>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Duties.
    pub duties: Option<Vec<Duty>>,
    /// Note.
    pub note: Option<String>,
    /// Follow-up.
    pub needs_follow_up: Option<bool>,
    /// Where; `Some(None)` clears it.
    pub location: Option<Option<Location>>,
    /// All answers of the form that was filled in, in the place of those before.
    pub answers: Option<Fields>,
}

impl Core {
    /// Saves a visit with the matters taken up on it, durable when it returns. A visit for a home that was closed meanwhile is kept and
    /// flagged. The same visit saved twice under the same id is saved once.
    ///
    /// # Errors
    /// [`Error::NotFound`] without the home, [`Error::Invalid`] naming the field, [`Error::Answers`] naming those of its form, [`Error::NotAllowed`] outside the own areas; nothing is
    /// saved then and the draft stays.
    pub fn save_visit(&self, draft: VisitDraft) -> Result<VisitView, Error> {
        self.work(|work| save(work, draft))
    }
    /// Corrects a visit, with a reason. Its author may for [`AUTHOR_CORRECTS_DAYS`] days after the visit, a supervisor at any time.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] when it is the supervisor's turn, [`Error::Invalid`] without a change or a reason or for a void visit.
    pub fn amend_visit(&self, id: VisitId, change: &VisitChange, reason: &str) -> Result<VisitView, Error> {
        self.work(|work| {
            let known = records::get(work.tx, Kind::Visit, id.0)?.record;
            check_becomes(&known, VisitState::Corrected)?;
            check_may_correct(work, &known)?;
            let fields = corrections(work.tx, &known.read()?, change)?;
            let data = Fields::from([
                ("fields".to_owned(), Value::Object(order::gather(fields))),
                ("reason".to_owned(), Value::from(reason)),
            ]);
            let entry = Entry {
                id: work.new_id(),
                list: List::Amendments,
                what: AMENDMENT.to_owned(),
                when: work.now(),
                who: work.staff(),
                data,
            };
            changed(work, &known, Action::Append { entry })
        })
    }
    /// Declares a visit void, with a reason. It stays readable.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] for roles that do not; [`Error::Invalid`] without a reason or when it is void already.
    pub fn void_visit(&self, id: VisitId, reason: &str) -> Result<VisitView, Error> {
        self.work(|work| {
            let known = records::get(work.tx, Kind::Visit, id.0)?.record;
            check_becomes(&known, VisitState::Voided)?;
            changed(work, &known, Action::Void { reason: reason.to_owned() })
        })
    }
    /// One visit.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not on this phone.
    pub fn visit(&self, id: VisitId) -> Result<VisitView, Error> {
        self.read(|c| one(c, id))
    }
    /// The visits of a home, the latest first, void ones too; with those of households that became part of it, and those of before it split
    /// off another.
    ///
    /// # Errors
    /// When the store fails.
    pub fn visits_of(&self, household: HouseholdId, page: Page) -> Result<Vec<VisitView>, Error> {
        self.read(|c| {
            let (which, mut values) = links::condition(c, household)?;
            let sql = format!(
                "SELECT body, pending_first, pending_last, held FROM record WHERE kind = 8 AND {which}
                 ORDER BY sort DESC, row DESC LIMIT ? OFFSET ?"
            );
            values.extend([page.limit().into(), page.offset().into()]);
            list(c, &sql, rusqlite::params_from_iter(values))
        })
    }
    /// The visits that began at or after the first moment and before the second, the latest first, of all homes on this phone.
    ///
    /// # Errors
    /// When the store fails.
    pub fn visits_between(&self, from: Moment, to: Moment, page: Page) -> Result<Vec<VisitView>, Error> {
        // The inner query reads the list index alone; whole rows are read for one page.
        const SQL: &str =
            "SELECT body, pending_first, pending_last, held FROM record WHERE row IN (SELECT row FROM record
                           WHERE kind = ?1 AND sort >= ?2 AND sort < ?3 ORDER BY sort DESC, row DESC LIMIT ?4 OFFSET ?5)
                           ORDER BY sort DESC, row DESC";
        let values = (Kind::Visit.number(), from.to_string(), to.to_string(), page.limit(), page.offset());
        self.read(|c| list(c, SQL, values))
    }
}

/// Saves a visit inside a transaction.
pub(crate) fn save(work: &mut Work<'_, '_>, draft: VisitDraft) -> Result<(VisitView, ChangeSet), Error> {
    let place = names::place(work.tx, draft.household)?;
    let id = draft.id.unwrap_or_else(|| VisitId(work.new_id()));
    let matters: Vec<MatterId> =
        draft.matters.iter().map(|one| one.id.unwrap_or_else(|| MatterId(work.new_id()))).collect();
    let visit = checked(work, &draft, &matters)?;
    if draft.id.is_some()
        && let Some(known) = records::find(work.tx, Kind::Visit, id.0)?
    {
        return saved_before(work, &known, &visit, &draft);
    }
    let action = Action::Create { fields: fields_of(&visit)?, entries: Vec::new() };
    let begun = work.perform(place.area, Kind::Visit, id.0, action)?;
    let record = notices::give(work, &begun, notices::distinct(&draft.notices)?.iter())?.unwrap_or(begun);
    let mut touched = vec![(Kind::Visit, id.0)];
    for (matter, id) in draft.matters.into_iter().zip(matters) {
        let household = matter.household.or(Some(visit.household));
        let matter = MatterDraft { id: Some(id), household, visit: Some(VisitId(record.id)), ..matter };
        touched.push((Kind::Matter, matters::report(work, matter)?.id));
    }
    let mut change = ChangeSet::of(&touched);
    if let Some(appointment) = draft.appointment {
        appointments::settle_by_visit(work, appointment, id, &visit)?;
        change = change.and(&[(Kind::Appointment, appointment.0)]);
    }
    change.drafts = removed(work, draft.draft)?;
    let given = notices::given(work.tx, &record)?;
    Ok((built(&record, visit, given, &place, SyncState::Queued), change))
}

/// A save that is repeated because its answer was lost. Other content under the same id would be a visit lost in silence.
fn saved_before(
    work: &mut Work<'_, '_>,
    known: &Stored,
    visit: &Visit,
    draft: &VisitDraft,
) -> Result<(VisitView, ChangeSet), Error> {
    let before: Visit = known.record.read()?;
    let same_start = draft.started_at.is_none() || before.started_at == visit.started_at;
    let same_matters = before.matters.len() == visit.matters.len();
    // Those that were taken out since count as well: they were said.
    let said = known.record.sets.get(VISIT_NOTICES);
    let same_notices = draft.notices.iter().all(|id| said.is_some_and(|said| said.contains_key(&id.to_string())));
    let compared = Visit { started_at: before.started_at, matters: before.matters.clone(), ..visit.clone() };
    if !same_start || !same_matters || !same_notices || before != compared {
        return Err(Error::Invalid { field: "id".into() });
    }
    let acknowledged = profile::get(work.tx)?.acknowledged;
    let change = ChangeSet { drafts: removed(work, draft.draft)?, ..ChangeSet::default() };
    Ok((view(work.tx, known, acknowledged)?, change))
}

fn removed(work: &Work<'_, '_>, draft: Option<DraftId>) -> Result<bool, Error> {
    draft.map_or(Ok(false), |id| draft::remove(work.tx, id.0))
}

fn checked(work: &Work<'_, '_>, draft: &VisitDraft, matters: &[MatterId]) -> Result<Visit, Error> {
    let started_at = draft.started_at.unwrap_or_else(|| work.now());
    check_end(started_at, draft.ended_at)?;
    check_location(draft.location)?;
    let mut staff = vec![work.staff()];
    for other in &draft.others_present {
        if !staff.contains(other) {
            staff.push(*other);
        }
    }
    if staff.len() > OTHERS_PRESENT_MAX_COUNT + 1 {
        return Err(Error::Invalid { field: "others_present".into() });
    }
    if matters.len() > MATTERS_MAX_COUNT {
        return Err(Error::Invalid { field: "matters".into() });
    }
    let mut duties = draft.duties.clone();
    duties.extend((!draft.notices.is_empty()).then_some(Duty::Publicity));
    let form = draft.form.as_ref().map(|form| forms::taken_over(work.tx, form, draft.outcome)).transpose()?;
    Ok(Visit {
        household: draft.household,
        staff,
        started_at,
        ended_at: draft.ended_at,
        mode: draft.mode,
        outcome: draft.outcome,
        duties: distinct(&duties),
        note: draft.note.clone(),
        needs_follow_up: draft.needs_follow_up,
        matters: matters.to_vec(),
        location: draft.location,
        form: form.as_ref().map(fields_of).transpose()?,
    })
}

fn check_end(started_at: Moment, ended_at: Option<Moment>) -> Result<(), Error> {
    if ended_at.is_some_and(|end| end < started_at) { Err(Error::Invalid { field: "ended_at".into() }) } else { Ok(()) }
}

fn check_location(location: Option<Location>) -> Result<(), Error> {
    let on_earth = |at: Location| (-90.0..=90.0).contains(&at.lat) && (-180.0..=180.0).contains(&at.lon);
    if location.is_none_or(on_earth) { Ok(()) } else { Err(Error::Invalid { field: "location".into() }) }
}

/// The fields in which a correction differs from what is shown.
fn corrections(c: &Connection, shown: &Visit, change: &VisitChange) -> Result<Fields, Error> {
    let mut next = shown.clone();
    change.started_at.inspect(|at| next.started_at = *at);
    change.ended_at.inspect(|at| next.ended_at = *at);
    change.mode.inspect(|mode| next.mode = *mode);
    change.outcome.inspect(|outcome| next.outcome = *outcome);
    change.duties.as_ref().inspect(|duties| next.duties = distinct(duties));
    change.note.as_ref().inspect(|note| next.note.clone_from(note));
    change.needs_follow_up.inspect(|needs| next.needs_follow_up = *needs);
    change.location.inspect(|location| next.location = *location);
    check_end(next.started_at, next.ended_at)?;
    check_location(next.location)?;
    if let Some(answers) = &change.answers {
        let filled = filled(shown).ok_or_else(|| Error::Invalid { field: "answers".into() })?;
        let filled = FilledForm { answers: answers.clone(), ..filled };
        next.form = Some(fields_of(&forms::taken_over(c, &filled, next.outcome)?)?);
    }
    let (before, after) = (fields_of(shown)?, fields_of(&next)?);
    // A field that is empty now is left out of its JSON, and an amendment must say so.
    let cleared = before.keys().filter(|name| !after.contains_key(*name)).map(|name| (name.clone(), emptied(name)));
    let written = after.iter().filter(|(name, value)| before.get(*name) != Some(value));
    Ok(order::gather(written.map(|(name, value)| (name.clone(), value.clone())).chain(cleared)))
}

/// The form of a visit as far as this version reads it.
fn filled(visit: &Visit) -> Option<FilledForm> {
    let form = visit.form.clone()?;
    serde_json::from_value(Value::Object(order::gather(form))).ok()
}

fn emptied(name: &str) -> Value {
    match name {
        "note" => Value::from(""),
        "duties" => Value::Array(Vec::new()),
        "needs_follow_up" => Value::Bool(false),
        _ => Value::Null,
    }
}

fn check_becomes(record: &Record, next: VisitState) -> Result<(), Error> {
    if visit::state(record)?.may_become(next) { Ok(()) } else { Err(Error::Invalid { field: "state".into() }) }
}

fn check_may_correct(work: &Work<'_, '_>, record: &Record) -> Result<(), Error> {
    let role = profile::role_in(work.tx, record.area)?.ok_or(Error::NotAllowed)?;
    if authority::corrects_at(role, record, work.staff(), work.now()) { Ok(()) } else { Err(Error::NotAllowed) }
}

fn changed(work: &mut Work<'_, '_>, known: &Record, action: Action) -> Result<(VisitView, ChangeSet), Error> {
    let record = work.perform(known.area, Kind::Visit, known.id, action)?;
    let stored = records::get(work.tx, Kind::Visit, record.id)?;
    let acknowledged = profile::get(work.tx)?.acknowledged;
    Ok((view(work.tx, &stored, acknowledged)?, ChangeSet::of(&[(Kind::Visit, record.id)])))
}

fn list(c: &Connection, sql: &str, values: impl Params) -> Result<Vec<VisitView>, Error> {
    let acknowledged = profile::get(c)?.acknowledged;
    let mut found = c.prepare_cached(sql)?;
    let rows = found.query_map(values, records::read)?;
    rows.map(|row| view(c, &records::parsed(row?)?, acknowledged)).collect()
}

/// The visit that a draft of that id has become, if it has.
pub(crate) fn became(c: &Connection, id: VisitId) -> Result<Option<VisitView>, Error> {
    let acknowledged = profile::get(c)?.acknowledged;
    records::find(c, Kind::Visit, id.0)?.map(|stored| view(c, &stored, acknowledged)).transpose()
}

/// One visit.
pub(crate) fn one(c: &Connection, id: VisitId) -> Result<VisitView, Error> {
    let acknowledged = profile::get(c)?.acknowledged;
    view(c, &records::get(c, Kind::Visit, id.0)?, acknowledged)
}

fn view(c: &Connection, stored: &Stored, acknowledged: u64) -> Result<VisitView, Error> {
    let record = &stored.record;
    let visit: Visit = record.read()?;
    let place = names::find_place(c, visit.household)?;
    let nowhere = Place { area: UnitId(record.area.0), to: Some(chrono::NaiveDate::MIN) };
    let given = notices::given(c, record)?;
    Ok(built(record, visit, given, &place.unwrap_or(nowhere), SyncState::of(stored, acknowledged)))
}

fn built(record: &Record, visit: Visit, notices: Vec<GivenNoticeView>, place: &Place, sync: SyncState) -> VisitView {
    VisitView {
        notices,
        form: filled(&visit),
        id: VisitId(record.id),
        household: visit.household,
        household_closed: place.to.is_some_and(|to| to <= visit.started_at.day()),
        micro_grid: record.area,
        state: visit::state(record).unwrap_or(VisitState::Done),
        author: record.who,
        staff: visit.staff,
        started_at: visit.started_at,
        ended_at: visit.ended_at,
        mode: visit.mode,
        outcome: visit.outcome,
        duties: visit.duties,
        note: visit.note,
        needs_follow_up: visit.needs_follow_up,
        matters: visit.matters,
        location: visit.location,
        amendments: record.list(List::Amendments).iter().map(amendment).collect(),
        voided: record.void.as_ref().map(|void| VoidView { who: void.who, reason: void.reason.clone() }),
        sync,
    }
}

fn amendment(entry: &Entry) -> AmendmentView {
    let fields = entry.data.get("fields").and_then(Value::as_object);
    AmendmentView {
        when: entry.when,
        who: entry.who,
        reason: names::text(&entry.data, "reason").unwrap_or_default(),
        fields: fields.map(|fields| fields.keys().cloned().collect()).unwrap_or_default(),
    }
}
