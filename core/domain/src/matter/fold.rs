//! The fold of a matter's events. An event that is illegal where it stands is not dropped and changes nothing: it is a late note, with
//! its text intact and the reason beside it.

use super::{EventKind, MatterState, Track};
use crate::calendar::Moment;
use crate::ids::StaffId;
use crate::operation::{Entry, List};
use crate::planted::{self, Defect};
use crate::record::Record;
use serde_json::Value;
use uuid::Uuid;

/// What the events of a matter add up to.
#[derive(Clone, Debug, PartialEq)]
pub struct Fold {
    /// Where it stands.
    pub state: MatterState,
    /// Under supervision 督办.
    pub supervised: bool,
    /// When it was first reported.
    pub reported_at: Option<Moment>,
    /// When it was accepted.
    pub accepted_at: Option<Moment>,
    /// When the resident was answered, or the attempts to reach them were listed.
    pub answered_at: Option<Moment>,
    /// When it was closed.
    pub closed_at: Option<Moment>,
    /// Who handled it: cannot verify it.
    pub handled_by: Vec<StaffId>,
    /// How often a unit sent it back.
    pub bounces_count: u32,
    /// Every event, in order, with what it did.
    pub events: Vec<FoldedEvent>,
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

/// Folds the events of a matter's record. Total: any list of entries has a fold.
pub fn fold(record: &Record) -> Fold {
    let track = record.f.get("track").and_then(Value::as_str).and_then(Track::from_name);
    let start = Fold {
        state: MatterState::Draft,
        supervised: false,
        reported_at: None,
        accepted_at: None,
        answered_at: None,
        closed_at: None,
        handled_by: Vec::new(),
        bounces_count: 0,
        events: Vec::new(),
    };
    record.list(List::Events).iter().fold(start, |folded, entry| step(folded, entry, track))
}

fn step(mut folded: Fold, entry: &Entry, track: Option<Track>) -> Fold {
    let event = EventKind::from_name(&entry.what);
    let legal = event.is_some_and(|event| legal(&folded, event, entry, track));
    if let (Some(event), true) = (event, legal) {
        take(&mut folded, event, entry);
    }
    let note = event == Some(EventKind::Note);
    folded.events.push(FoldedEvent { id: entry.id, late: !legal && !note, state: folded.state });
    folded
}

fn legal(folded: &Fold, event: EventKind, entry: &Entry, track: Option<Track>) -> bool {
    let row = event.transition();
    if !row.from.contains(&folded.state) && !planted::is(Defect::LateEventMoves) {
        return false;
    }
    match event {
        EventKind::SelfHandle => track == Some(Track::Simple),
        EventKind::VerifyOk | EventKind::VerifyNot => !folded.handled_by.contains(&entry.who),
        // Nothing is closed without an answer or listed attempts. A withdrawn matter was ended by the resident; a merged one keeps
        // its own right to an answer.
        EventKind::Close => folded.answered_at.is_some() || folded.state == MatterState::Withdrawn,
        _ => true,
    }
}

fn take(folded: &mut Fold, event: EventKind, entry: &Entry) {
    if let Some(next) = event.transition().to {
        folded.state = next;
    }
    match event {
        EventKind::Report => {
            folded.reported_at.get_or_insert(entry.when);
        }
        EventKind::Accept => {
            folded.accepted_at.get_or_insert(entry.when);
        }
        EventKind::SelfHandle => {
            folded.accepted_at.get_or_insert(entry.when);
            folded.handled_by.push(entry.who);
        }
        EventKind::Handle => folded.handled_by.push(entry.who),
        EventKind::Answer | EventKind::Unreachable => {
            folded.answered_at.get_or_insert(entry.when);
        }
        EventKind::Close => folded.closed_at = Some(entry.when),
        EventKind::Reopen => {
            folded.closed_at = None;
            folded.answered_at = None;
        }
        EventKind::RejectBack => folded.bounces_count += 1,
        EventKind::Supervise => folded.supervised = true,
        _ => {}
    }
}

impl Fold {
    /// Whether an answer was due before that moment and has not been given.
    pub fn is_overdue(&self, due: Moment, now: Moment) -> bool {
        self.answered_at.is_none() && due < now && !matches!(self.state, MatterState::Withdrawn | MatterState::Closed)
    }
}
