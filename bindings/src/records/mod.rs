//! What crosses: whole immutable records. Where a view of the core crosses as it is, its definition is repeated with `remote`, which the
//! compiler compares with the view; where a language wants another shape (no 16-bit numbers, no option within an option, no
//! milliseconds), the record is written out with its conversion.

mod appointment;
mod care;
mod change;
mod conflict;
mod draft;
mod due;
mod enrolment;
mod form;
mod home;
mod matter;
mod notice;
mod quarantine;
mod resident;
mod rights;
mod salvage;
mod search;
mod sync;
mod visit;

pub use appointment::{AppointmentDraft, AppointmentView, TimeSlot};
pub(crate) use care::days;
pub use care::{CareNeed, CareNeedDraft, CareType};
pub use change::Change;
pub(crate) use change::merged;
pub use conflict::{ChosenValue, ConflictSide, ConflictValue, ConflictView};
pub use draft::{DraftFields, DraftView, MatterDraftFields, MatterField, VisitDraftFields, VisitField};
pub use due::{DueAppointment, DueHome, DueList, DueProgress, MustVisitList, VisitTask};
pub use enrolment::{AreaView, EnrolInput, Enrolled, OpenOptions};
pub(crate) use form::answers_of;
pub use form::{
    AnswerValue, DraftForm, FormAnswer, FormAnswers, FormChoice, FormFault, FormField, FormProblem, FormView,
};
pub(crate) use home::household_edit;
pub use home::{Address, DwellingEdit, HomeDraft, HomeView, HouseholdChange, LastVisit, SplitDraft};
pub(crate) use matter::matter_edit;
pub use matter::{
    AnswerLine, FactFile, GivenAnswer, MatterChange, MatterDraft, MatterEventView, MatterStanding, MatterView,
    MatterWorkClock, NamedText,
};
pub use notice::{GivenNotice, NoticeView};
pub use quarantine::{DecisionView, QuarantineView};
pub(crate) use resident::resident_edit;
pub use resident::{LikelySame, NextHome, Residency, ResidentChange, ResidentDraft, ResidentView, Stay};
pub use rights::RightsRequestView;
pub(crate) use salvage::left_aside;
pub use salvage::{LeftAside, SetAside, TakenUp};
pub use search::{SearchHit, SearchView};
pub use sync::{SyncFailure, SyncOptions, SyncProgress, SyncReport, SyncStatus, Wiped};
pub(crate) use visit::visit_change;
pub use visit::{MapPoint, VisitAmendment, VisitCorrection, VisitDraft, VisitView, VisitVoid};
pub use zoufang_core::views::Page;

/// Which part of a list is wanted.
#[uniffi::remote(Record)]
pub struct Page {
    /// Rows to leave out at the beginning.
    #[uniffi(default = 0)]
    pub skip_count: u32,
    /// Rows wanted; more than 100 are never given.
    #[uniffi(default = 100)]
    pub take_count: u32,
}
