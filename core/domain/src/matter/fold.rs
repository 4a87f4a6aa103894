//! The fold of a matter's events. An event that is illegal where it stands is not dropped and changes nothing: it is a late note, with
//! its text intact and the reason beside it.

use super::{Ending, EventKind, MatterState, Track};
use crate::calendar::Moment;
use crate::ids::{MatterId, StaffId, UnitId};
use crate::operation::{Entry, List};
use crate::planted::{self, Defect};
use crate::record::Record;
use chrono::NaiveDate;
use serde_json::Value;
use uuid::Uuid;

/// So often a unit may send a matter back; then it is supervised, so that no matter goes round for ever.
pub const BOUNCES_MAX_COUNT: u32 = 3;
/// Under this name the server writes into an event from which unit's desk it came.
pub const DESK: &str = "desk";
/// What in an event is an id and no text for people.
pub const ID_FIELDS: [&str; 3] = [DESK, "unit", "into"];

/// What the events of a matter add up to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// Where it stands.
    pub state: MatterState,
    /// How it is worked on, if that reads.
    pub track: Option<Track>,
    /// Under supervision 督办: by a desk, or because units sent it back [`BOUNCES_MAX_COUNT`] times.
    pub supervised: bool,
    /// Taken to the level above 升级.
    pub escalated: bool,
    /// When it was first reported.
    pub reported_at: Option<Moment>,
    /// When it was accepted.
    pub accepted_at: Option<Moment>,
    /// When the resident was answered, or the attempts to reach them were listed.
    pub answered_at: Option<Moment>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// How it ended, once it is closed.
    pub ending: Option<Ending>,
    /// When the facts of an old matter were first written down.
    pub facts_at: Option<Moment>,
    /// The unit that it was given to and that has not sent it back.
    pub unit: Option<UnitId>,
    /// The matter that it was joined to.
    pub merged_into: Option<MatterId>,
    /// Who handled it: cannot verify it.
    pub handled_by: Vec<StaffId>,
    /// From which units' desks it was handled: nobody there can verify it.
    pub handled_at: Vec<UnitId>,
    /// How often a unit sent it back.
    pub bounces_count: u32,
    /// Since when it is worked on in this round: the acceptance, or what opened it again.
    pub working_since: Option<Moment>,
    /// When the clock of those who work on it stood still, in this round ([`Stop`]).
    pub stops: Vec<Stop>,
    /// The day until which more time was given, in this round.
    pub extended_until: Option<NaiveDate>,
    /// When a suspended matter is looked at again.
    pub review: Option<NaiveDate>,
    /// Every event, in order, with what it did.
    pub events: Vec<FoldedEvent>,
}

/// A time in which nothing was to be done: the matter was suspended, or had been sent back for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    /// From.
    pub from: Moment,
    /// Until; `None` while it lasts.
    pub to: Option<Moment>,
}

/// One event and what it did.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedEvent {
    /// The entry's id.
    pub id: Uuid,
    /// True when it was not legal where it stands and is shown as a late note.
    pub late: bool,
    /// The state after it.
    pub state: MatterState,
}

/// Why an event means nothing for a matter as it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// It stands in another state.
    State,
    /// The event is for matters of another track.
    Track,
    /// Who handled it, or sits at the desk that did, cannot say whether it is settled.
    HandledIt,
    /// Nobody was answered, and no attempts are listed.
    NoAnswer,
    /// An old matter without its facts.
    NoFacts,
}

impl Obstacle {
    /// The id of the message that people read.
    pub fn message_id(self) -> &'static str {
        match self {
            Obstacle::State => "matter.state",
            Obstacle::Track => "matter.track",
            Obstacle::HandledIt => "matter.handled_it",
            Obstacle::NoAnswer => "matter.no_answer",
            Obstacle::NoFacts => "matter.no_facts",
        }
    }
}

/// Folds the events of a matter's record. Total: any list of entries has a fold.
pub fn fold(record: &Record) -> Fold {
    let start = Fold {
        state: MatterState::Draft,
        track: record.f.get("track").and_then(Value::as_str).and_then(Track::from_name),
        supervised: false,
        escalated: false,
        reported_at: None,
        accepted_at: None,
        answered_at: None,
        closed_at: None,
        ending: None,
        facts_at: None,
        unit: None,
        merged_into: None,
        handled_by: Vec::new(),
        handled_at: Vec::new(),
        bounces_count: 0,
        working_since: None,
        stops: Vec::new(),
        extended_until: None,
        review: None,
        events: Vec::new(),
    };
    record.list(List::Events).iter().fold(start, step)
}

fn step(mut folded: Fold, entry: &Entry) -> Fold {
    let event = EventKind::from_name(&entry.what);
    let legal = event.is_some_and(|event| folded.obstacle(event, entry.who, id(entry, DESK).map(UnitId)).is_none());
    if let (Some(event), true) = (event, legal) {
        take(&mut folded, event, entry);
    }
    let note = event == Some(EventKind::Note);
    folded.events.push(FoldedEvent { id: entry.id, late: !legal && !note, state: folded.state });
    folded
}

fn take(folded: &mut Fold, event: EventKind, entry: &Entry) {
    if let Some(next) = event.transition().to {
        folded.state = next;
    }
    match event {
        EventKind::Report => {
            folded.reported_at.get_or_insert(entry.when);
            folded.goes_on(entry.when);
        }
        EventKind::Accept => {
            folded.accepted_at.get_or_insert(entry.when);
            folded.begin_round(entry.when);
        }
        EventKind::SelfHandle => {
            folded.accepted_at.get_or_insert(entry.when);
            folded.handled(entry);
        }
        EventKind::Return => folded.stops.push(Stop { from: entry.when, to: None }),
        EventKind::Dispatch => folded.unit = id(entry, "unit").map(UnitId),
        EventKind::RejectBack => {
            folded.unit = None;
            folded.bounces_count += 1;
            folded.supervised |= folded.bounces_count >= BOUNCES_MAX_COUNT;
        }
        EventKind::Suspend => {
            folded.stops.push(Stop { from: entry.when, to: None });
            folded.review = day(entry, "review");
        }
        EventKind::Start => {
            folded.goes_on(entry.when);
            folded.review = None;
        }
        EventKind::GrantExtension => folded.extended_until = day(entry, "until"),
        EventKind::Handle => folded.handled(entry),
        EventKind::Answer | EventKind::Unreachable => {
            folded.answered_at.get_or_insert(entry.when);
        }
        EventKind::VerifyNot => folded.begin_round(entry.when),
        EventKind::Close => {
            folded.closed_at = Some(entry.when);
            folded.ending = entry.data.get("ending").and_then(Value::as_str).and_then(Ending::from_name);
        }
        EventKind::Reopen => {
            (folded.closed_at, folded.ending, folded.answered_at) = (None, None, None);
            folded.begin_round(entry.when);
        }
        EventKind::Merge => folded.merged_into = id(entry, "into").map(MatterId),
        EventKind::Supervise => folded.supervised = true,
        EventKind::Escalate => folded.escalated = true,
        EventKind::FactFile => {
            folded.facts_at.get_or_insert(entry.when);
        }
        _ => {}
    }
}

fn id(entry: &Entry, name: &str) -> Option<Uuid> {
    entry.data.get(name).and_then(Value::as_str).and_then(|text| Uuid::parse_str(text).ok())
}

fn day(entry: &Entry, name: &str) -> Option<NaiveDate> {
    entry.data.get(name).and_then(Value::as_str).and_then(|text| text.parse().ok())
}

impl Fold {
    /// What stands against an event of this kind by this person, from that unit's desk if it is done at one; `None` when it is legal.
    pub fn obstacle(&self, event: EventKind, who: StaffId, desk: Option<UnitId>) -> Option<Obstacle> {
        let stands = event.transition().from.contains(&self.state) || planted::is(Defect::LateEventMoves);
        if !stands && event != EventKind::Note {
            return Some(Obstacle::State);
        }
        let handled_it = || self.handled_by.contains(&who) || desk.is_some_and(|desk| self.handled_at.contains(&desk));
        match event {
            EventKind::SelfHandle if self.track != Some(Track::Simple) => Some(Obstacle::Track),
            EventKind::FactFile if self.track != Some(Track::Old) => Some(Obstacle::Track),
            EventKind::VerifyOk | EventKind::VerifyNot if handled_it() => Some(Obstacle::HandledIt),
            EventKind::Close => self.obstacle_to_closing(),
            _ => None,
        }
    }
    /// Nothing is closed without an answer or listed attempts. A withdrawn matter was ended by the resident; a merged one keeps its own
    /// right to an answer, and its facts are those of the matter that it was joined to.
    fn obstacle_to_closing(&self) -> Option<Obstacle> {
        if self.state == MatterState::Withdrawn {
            return None;
        }
        let lacks_facts = self.track == Some(Track::Old) && self.facts_at.is_none() && self.merged_into.is_none();
        match self.answered_at {
            None => Some(Obstacle::NoAnswer),
            Some(_) => lacks_facts.then_some(Obstacle::NoFacts),
        }
    }
    /// Whether an answer was due before that moment and has not been given.
    pub fn is_overdue(&self, due: Moment, now: Moment) -> bool {
        self.waits_for_answer() && due < now
    }
    /// Whether the resident still waits for an answer.
    pub fn waits_for_answer(&self) -> bool {
        self.answered_at.is_none() && !matches!(self.state, MatterState::Withdrawn | MatterState::Closed)
    }
    fn handled(&mut self, entry: &Entry) {
        self.handled_by.push(entry.who);
        self.handled_at.extend(id(entry, DESK).map(UnitId));
    }
    fn begin_round(&mut self, at: Moment) {
        self.working_since = Some(at);
        self.stops.clear();
        (self.extended_until, self.review) = (None, None);
    }
    fn goes_on(&mut self, at: Moment) {
        if let Some(stop) = self.stops.last_mut().filter(|stop| stop.to.is_none()) {
            stop.to = Some(at);
        }
    }
}
