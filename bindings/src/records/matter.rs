//! Matters as they cross.

use crate::words::{Duty, MatterEvent, MatterKind, MatterSource, MatterState, MatterTrack, MatterUrgency, SyncState};
use uuid::Uuid;
use zoufang_core::matters::MatterEdit;
use zoufang_core::views::DraftId;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, MatterId, ResidentId, StaffId, UnitId, VisitId};

pub use zoufang_core::matters::MatterDraft;
pub use zoufang_core::views::{EventView as MatterEventView, MatterView, NamedText};

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
