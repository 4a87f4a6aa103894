//! A matter and what happened to it.

use super::SyncState;
use chrono::NaiveDate;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, MatterId, ResidentId, StaffId, UnitId, VisitId};
use zoufang_domain::matter::{Ending, EventKind, MatterKind, MatterState, Source, Step, Track, Turn, Urgency};
use zoufang_domain::visit::Duty;

/// A matter with its events folded.
#[derive(Clone, Debug, PartialEq)]
pub struct MatterView {
    /// The matter.
    pub id: MatterId,
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// Whose home.
    pub household: Option<HouseholdId>,
    /// Whose matter.
    pub resident: Option<ResidentId>,
    /// The visit on which it was taken up.
    pub visit: Option<VisitId>,
    /// Where it comes from.
    pub source: Source,
    /// What kind.
    pub kind: MatterKind,
    /// How it is worked on.
    pub track: Track,
    /// What it is.
    pub summary: String,
    /// How urgent.
    pub urgency: Urgency,
    /// Which of the merged grids it belongs to.
    pub line: Option<String>,
    /// Which duties it calls for.
    pub duties: Vec<Duty>,
    /// Where it stands.
    pub state: MatterState,
    /// Under supervision 督办.
    pub supervised: bool,
    /// When it was first reported.
    pub reported_at: Option<Moment>,
    /// When an answer is due.
    pub due: Moment,
    /// When it was answered, or the attempts to reach the resident were listed.
    pub answered_at: Option<Moment>,
    /// Whether the answer is late, by the phone's clock.
    pub is_overdue: bool,
    /// How often a unit sent it back.
    pub bounces_count: u32,
    /// Every event in order.
    pub events: Vec<EventView>,
    /// Whether values of a field stand against each other.
    pub has_conflict: bool,
    /// How far it has come.
    pub sync: SyncState,
    /// Whose turn it is, and what may be done.
    pub standing: StandingView,
}

/// Whose turn it is, until when, and what may be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandingView {
    /// Whose turn it is.
    pub turn: Turn,
    /// Taken to the level above 升级.
    pub escalated: bool,
    /// How it ended, once it is closed.
    pub ending: Option<Ending>,
    /// True for an old matter whose facts nobody has written down: it cannot be closed.
    pub lacks_facts: bool,
    /// The clock of those who work on it, while somebody is to accept or to handle it. [`MatterView::due`] is the resident's.
    pub work: Option<WorkClockView>,
    /// What the holder of this phone may record now, in the order of a matter's course.
    pub moves: Vec<EventKind>,
}

/// The clock of those who work on a matter. It stands still while the matter is suspended or was sent back for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkClockView {
    /// What is to be done.
    pub step: Step,
    /// The last working day on which it is in time.
    pub due: NaiveDate,
    /// Whether it stands still.
    pub is_stopped: bool,
    /// Whether it has run out, by the phone's clock.
    pub is_overdue: bool,
}

/// A matter in the ledger of answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerLineView {
    /// The matter.
    pub matter: MatterId,
    /// Whose home.
    pub household: Option<HouseholdId>,
    /// What it is.
    pub summary: String,
    /// Where it stands.
    pub state: MatterState,
    /// When it was first reported.
    pub reported_at: Option<Moment>,
    /// When an answer is due.
    pub due: Moment,
    /// The answers and lists of attempts, in order.
    pub answers: Vec<AnswerView>,
    /// Whether the resident still waits: also a matter that was answered and then opened again.
    pub waits: bool,
    /// Whether they have waited longer than was promised, by the phone's clock.
    pub is_overdue: bool,
}

/// An answer, or the attempts to give one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerView {
    /// When, by its author's clock.
    pub when: Moment,
    /// Who answered.
    pub who: StaffId,
    /// Their name, if the phone knows it.
    pub who_name: Option<String>,
    /// Who was told; empty for attempts.
    pub told: String,
    /// How; empty for attempts.
    pub how: String,
    /// Their words, if any.
    pub words: String,
    /// The attempts, none of which succeeded; empty for an answer.
    pub attempts: Vec<String>,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventView {
    /// Its id.
    pub id: Uuid,
    /// What kind, if this version knows the word.
    pub kind: Option<EventKind>,
    /// The word as it was written.
    pub name: String,
    /// When, by its author's clock.
    pub when: Moment,
    /// Who.
    pub who: StaffId,
    /// Their name, if the phone knows it.
    pub who_name: Option<String>,
    /// What was written with it (`done`, `told`, `how`, `words`, `reason`, `text` …), by name.
    pub texts: Vec<NamedText>,
    /// True when it was not legal where it stands: it changed nothing and is shown as a late note.
    pub late: bool,
    /// The state after it.
    pub state: MatterState,
}

/// A text and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedText {
    /// Its name.
    pub name: String,
    /// The text; a list is joined by a full-width semicolon.
    pub text: String,
}
