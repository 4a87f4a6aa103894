//! A matter and what happened to it.

use super::SyncState;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, MatterId, ResidentId, StaffId, UnitId, VisitId};
use zoufang_domain::matter::{EventKind, MatterKind, MatterState, Source, Track, Urgency};
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
