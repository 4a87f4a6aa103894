//! Visits as they cross.

use crate::error::CoreError;
use crate::records::{FormAnswer, GivenNotice, MatterDraft, answers_of};
use crate::words::{Duty, SyncState, VisitMode, VisitOutcome, VisitState};
use zoufang_core::views::DraftId;
use zoufang_core::visits::VisitChange;
use zoufang_domain::calendar::Moment;
use zoufang_domain::form::answers::FilledForm;
use zoufang_domain::ids::{AppointmentId, HouseholdId, MatterId, NoticeId, StaffId, UnitId, VisitId};

pub use zoufang_core::views::{AmendmentView as VisitAmendment, VisitView, VoidView as VisitVoid};
pub use zoufang_core::visits::VisitDraft;
pub use zoufang_domain::visit::Location as MapPoint;

/// A point on the map. Never required.
#[uniffi::remote(Record)]
pub struct MapPoint {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// A visit with its corrections laid over it.
#[uniffi::remote(Record)]
pub struct VisitView {
    /// The visit.
    pub id: VisitId,
    /// The home.
    pub household: HouseholdId,
    /// True when the home was closed on or before the day of the visit, or is not on this phone: kept all the same.
    pub household_closed: bool,
    /// The micro-grid.
    pub micro_grid: UnitId,
    /// Its state.
    pub state: VisitState,
    /// Who wrote it.
    pub author: StaffId,
    /// Who was there.
    pub staff: Vec<StaffId>,
    /// Start, by the phone's clock.
    pub started_at: Moment,
    /// End, by the phone's clock.
    pub ended_at: Option<Moment>,
    /// How.
    pub mode: VisitMode,
    /// What came of it.
    pub outcome: VisitOutcome,
    /// Which duties it served.
    pub duties: Vec<Duty>,
    /// What was found.
    pub note: String,
    /// Whether someone should come again.
    pub needs_follow_up: bool,
    /// Matters taken up.
    pub matters: Vec<MatterId>,
    /// Notices given.
    pub notices: Vec<GivenNotice>,
    /// Where, if said.
    pub location: Option<MapPoint>,
    /// The form that was filled in, with its answers.
    pub form: Option<FilledForm>,
    /// Corrections, oldest first.
    pub amendments: Vec<VisitAmendment>,
    /// Set once the visit is void.
    pub voided: Option<VisitVoid>,
    /// How far it has come.
    pub sync: SyncState,
}

/// One correction of a visit.
#[uniffi::remote(Record)]
pub struct VisitAmendment {
    /// When, by its author's clock.
    #[uniffi(name = "at")]
    pub when: Moment,
    /// Who.
    pub who: StaffId,
    /// Why.
    pub reason: String,
    /// Names of the fields that it corrects.
    pub fields: Vec<String>,
}

/// By whom and why a visit is void.
#[uniffi::remote(Record)]
pub struct VisitVoid {
    /// Who.
    pub who: StaffId,
    /// Why.
    pub reason: String,
}

/// A visit about to be saved.
#[uniffi::remote(Record)]
pub struct VisitDraft {
    /// The home.
    pub household: HouseholdId,
    /// How.
    pub mode: VisitMode,
    /// What came of it.
    pub outcome: VisitOutcome,
    /// What was found, at most 4,000 characters.
    #[uniffi(default = "")]
    pub note: String,
    /// Start; now if not said.
    #[uniffi(default = None)]
    pub started_at: Option<Moment>,
    /// End.
    #[uniffi(default = None)]
    pub ended_at: Option<Moment>,
    /// Which duties it served.
    #[uniffi(default = [])]
    pub duties: Vec<Duty>,
    /// Whether someone should come again.
    #[uniffi(default = false)]
    pub needs_follow_up: bool,
    /// Where, if the worker chose to say.
    #[uniffi(default = None)]
    pub location: Option<MapPoint>,
    /// Colleagues who were there, at most 20.
    #[uniffi(default = [])]
    pub others_present: Vec<StaffId>,
    /// Matters taken up, at most 20, saved with the visit or not at all.
    #[uniffi(default = [])]
    pub matters: Vec<MatterDraft>,
    /// Notices given, at most 20. Giving any serves the duty of publicity, which need not be named as well.
    #[uniffi(default = [])]
    pub notices: Vec<NoticeId>,
    /// The agreed appointment that it keeps: kept with a visit that took place, missed by the resident with an attempt.
    #[uniffi(default = None)]
    pub appointment: Option<AppointmentId>,
    /// A form that was filled in; its answers are checked against the version that it names.
    #[uniffi(default = None)]
    pub form: Option<FilledForm>,
    /// The id that it gets; made when it is saved if there is none. A caller that repeats a save gives the same id.
    #[uniffi(default = None)]
    pub id: Option<VisitId>,
    /// The draft that this was written in: removed as the visit is saved.
    #[uniffi(default = None)]
    pub draft: Option<DraftId>,
}

/// What a correction changes; without a value the field is cleared.
#[derive(Clone, Debug, PartialEq, uniffi::Enum)]
pub enum VisitCorrection {
    /// Start.
    StartedAt {
        /// The moment.
        to: Moment,
    },
    /// End.
    EndedAt {
        /// The moment.
        to: Option<Moment>,
    },
    /// How.
    Mode {
        /// The mode.
        to: VisitMode,
    },
    /// What came of it.
    Outcome {
        /// The outcome.
        to: VisitOutcome,
    },
    /// Which duties it served.
    Duties {
        /// All of them.
        to: Vec<Duty>,
    },
    /// What was found.
    Note {
        /// The whole text.
        to: String,
    },
    /// Whether someone should come again.
    NeedsFollowUp {
        /// Whether.
        to: bool,
    },
    /// Where.
    Location {
        /// The point.
        to: Option<MapPoint>,
    },
    /// The answers of its form.
    Answers {
        /// All of them.
        to: Vec<FormAnswer>,
    },
}

/// The corrections as one change; the last word on a field counts.
pub(crate) fn visit_change(corrections: Vec<VisitCorrection>) -> Result<VisitChange, CoreError> {
    let mut change = VisitChange::default();
    for correction in corrections {
        match correction {
            VisitCorrection::StartedAt { to } => change.started_at = Some(to),
            VisitCorrection::EndedAt { to } => change.ended_at = Some(to),
            VisitCorrection::Mode { to } => change.mode = Some(to),
            VisitCorrection::Outcome { to } => change.outcome = Some(to),
            VisitCorrection::Duties { to } => change.duties = Some(to),
            VisitCorrection::Note { to } => change.note = Some(to),
            VisitCorrection::NeedsFollowUp { to } => change.needs_follow_up = Some(to),
            VisitCorrection::Location { to } => change.location = Some(to),
            VisitCorrection::Answers { to } => change.answers = Some(answers_of(to)?),
        }
    }
    Ok(change)
}
