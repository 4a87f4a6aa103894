//! Matters as they cross.

use crate::types::Day;
use crate::words::{
    Duty, MatterEnding, MatterEvent, MatterKind, MatterSource, MatterState, MatterStep, MatterTrack, MatterTurn,
    MatterUrgency, SyncState,
};
use uuid::Uuid;
use zoufang_core::matters::MatterEdit;
use zoufang_core::views::DraftId;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, MatterId, ResidentId, StaffId, UnitId, VisitId};

pub use zoufang_core::matters::{FactFile, MatterDraft};
pub use zoufang_core::views::{
    AnswerLineView as AnswerLine, AnswerView as GivenAnswer, EventView as MatterEventView, MatterView, NamedText,
    StandingView as MatterStanding, WorkClockView as MatterWorkClock,
};

/// A matter with what happened to it.
#[uniffi::remote(Record)]
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
    pub source: MatterSource,
    /// What kind.
    pub kind: MatterKind,
    /// How it is worked on.
    pub track: MatterTrack,
    /// What it is.
    pub summary: String,
    /// How urgent.
    pub urgency: MatterUrgency,
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
    pub events: Vec<MatterEventView>,
    /// Whether values of a field stand against each other.
    pub has_conflict: bool,
    /// How far it has come.
    pub sync: SyncState,
    /// Whose turn it is, and what may be done.
    pub standing: MatterStanding,
}

/// Whose turn it is, until when, and what may be done.
#[uniffi::remote(Record)]
pub struct MatterStanding {
    /// Whose turn it is.
    pub turn: MatterTurn,
    /// Taken to the level above 升级.
    pub escalated: bool,
    /// How it ended, once it is closed.
    pub ending: Option<MatterEnding>,
    /// True for an old matter whose facts nobody has written down: it cannot be closed.
    pub lacks_facts: bool,
    /// The clock of those who work on it, while somebody is to accept or to handle it; `due` of the matter is the resident's.
    pub work: Option<MatterWorkClock>,
    /// What the holder of this phone may record now, in the order of a matter's course.
    pub moves: Vec<MatterEvent>,
}

/// The clock of those who work on a matter. It stands still while the matter is suspended or was sent back for more.
#[uniffi::remote(Record)]
pub struct MatterWorkClock {
    /// What is to be done.
    pub step: MatterStep,
    /// The last working day on which it is in time.
    pub due: Day,
    /// Whether it stands still.
    pub is_stopped: bool,
    /// Whether it has run out, by the phone's clock.
    pub is_overdue: bool,
}

/// A matter in the ledger of answers.
#[uniffi::remote(Record)]
pub struct AnswerLine {
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
    pub answers: Vec<GivenAnswer>,
    /// Whether the resident still waits: also for a matter that was answered and then opened again.
    pub waits: bool,
    /// Whether they have waited longer than was promised, by the phone's clock.
    pub is_overdue: bool,
}

/// An answer, or the attempts to give one.
#[uniffi::remote(Record)]
pub struct GivenAnswer {
    /// When, by its author's clock.
    #[uniffi(name = "at")]
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

/// The facts of an old matter 事实还原.
#[uniffi::remote(Record)]
pub struct FactFile {
    /// What happened.
    pub facts: String,
    /// Since when; may be empty.
    #[uniffi(default = "")]
    pub since: String,
    /// Who is concerned; may be empty.
    #[uniffi(default = "")]
    pub parties: String,
    /// What was tried before; may be empty.
    #[uniffi(default = "")]
    pub tried: String,
}

/// One thing that happened to a matter.
#[uniffi::remote(Record)]
pub struct MatterEventView {
    /// Its id.
    pub id: Uuid,
    /// What kind, if this version knows the word.
    pub kind: Option<MatterEvent>,
    /// The word as it was written.
    pub name: String,
    /// When, by its author's clock.
    #[uniffi(name = "at")]
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
#[uniffi::remote(Record)]
pub struct NamedText {
    /// Its name.
    pub name: String,
    /// The text; a list is joined by a full-width semicolon.
    pub text: String,
}

/// A matter about to be reported.
#[uniffi::remote(Record)]
pub struct MatterDraft {
    /// What kind.
    pub kind: MatterKind,
    /// How it is worked on.
    pub track: MatterTrack,
    /// What it is, in a sentence or two.
    pub summary: String,
    /// Where it comes from. Named always: a default cannot be written for it.
    pub source: MatterSource,
    /// The micro-grid, for a matter of no home. Not needed where the home, resident or visit says it, or the phone has only one.
    #[uniffi(default = None)]
    pub micro_grid: Option<UnitId>,
    /// Whose home.
    #[uniffi(default = None)]
    pub household: Option<HouseholdId>,
    /// Whose matter.
    #[uniffi(default = None)]
    pub resident: Option<ResidentId>,
    /// The visit on which it was taken up.
    #[uniffi(default = None)]
    pub visit: Option<VisitId>,
    /// How urgent; normal if not said.
    #[uniffi(default = None)]
    pub urgency: Option<MatterUrgency>,
    /// Which of the merged grids it belongs to.
    #[uniffi(default = None)]
    pub line: Option<String>,
    /// Which duties it calls for.
    #[uniffi(default = [])]
    pub duties: Vec<Duty>,
    /// What was done about it on the spot 当场办结: simple matters only.
    #[uniffi(default = None)]
    pub done: Option<String>,
    /// The id that it gets; made when it is saved if there is none.
    #[uniffi(default = None)]
    pub id: Option<MatterId>,
    /// The draft that this was written in: removed as the matter is saved.
    #[uniffi(default = None)]
    pub draft: Option<DraftId>,
}

/// What changes in a matter after its report; without a value the field is cleared.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum MatterChange {
    /// How urgent.
    Urgency {
        /// The urgency.
        to: MatterUrgency,
    },
    /// Which of the merged grids.
    Line {
        /// Its configured name.
        to: Option<String>,
    },
}

/// The changes as one edit; the last word on a field counts.
pub(crate) fn matter_edit(changes: Vec<MatterChange>) -> MatterEdit {
    let mut edit = MatterEdit::default();
    for change in changes {
        match change {
            MatterChange::Urgency { to } => edit.urgency = Some(to),
            MatterChange::Line { to } => edit.line = Some(to),
        }
    }
    edit
}
