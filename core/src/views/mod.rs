//! What screens read: plain values with public fields, made by the use cases from the local store. Nothing here knows a database, and
//! nothing is filled in later: a screen that hears of a change asks again.

pub mod appointment;
pub mod care;
pub mod conflict;
pub mod draft;
pub mod due;
pub mod form;
pub mod home;
pub mod likeness;
pub mod matter;
pub mod notice;
pub mod quarantine;
pub mod resident;
pub mod rights;
pub mod search;
pub mod visit;

pub use appointment::AppointmentView;
pub use care::{CareNeedView, CareTypeView};
pub use conflict::{ConflictView, SideView, ValueView};
pub use draft::{DraftId, DraftView};
pub use due::{DueAppointmentView, DueHomeView, DueListView, MustVisitListView, ProgressView, TaskView};
pub use form::DraftFormView;
pub use home::{HomeView, LastVisit};
pub use likeness::{LikelySameView, Likeness};
pub use matter::{AnswerLineView, AnswerView, EventView, MatterView, NamedText, StandingView, WorkClockView};
pub use notice::{GivenNoticeView, NoticeView};
pub use quarantine::{DecisionView, QuarantineView};
pub use resident::{ResidentView, StayView};
pub use rights::RightsRequestView;
pub use search::{SearchHit, SearchView};
pub use visit::{AmendmentView, VisitView, VoidView};

use crate::store::records::Stored;

/// Most rows of one page of any list.
pub const PAGE_MAX_COUNT: u32 = 100;

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Rows to leave out at the beginning.
    pub skip_count: u32,
    /// Rows wanted; more than [`PAGE_MAX_COUNT`] are never given.
    pub take_count: u32,
}

impl Page {
    /// The first page, as long as pages get.
    pub const FIRST: Page = Page { skip_count: 0, take_count: PAGE_MAX_COUNT };

    /// The page after this one.
    pub fn next(self) -> Page {
        let take_count = self.take_count.min(PAGE_MAX_COUNT);
        Page { skip_count: self.skip_count.saturating_add(take_count), take_count }
    }
    pub(crate) fn limit(self) -> i64 {
        i64::from(self.take_count.min(PAGE_MAX_COUNT))
    }
    pub(crate) fn offset(self) -> i64 {
        i64::from(self.skip_count)
    }
}

impl Default for Page {
    fn default() -> Self {
        Page::FIRST
    }
}

/// How far what is shown has come on its way to the server. A thing apart from the state of the visit or matter itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SyncState {
    /// Saved on the phone, not yet known to be on the server.
    Queued,
    /// On the server.
    Acknowledged,
    /// The server keeps it apart until a person decides; it is shown on this phone only.
    Quarantined,
}

impl SyncState {
    /// Of a record, given the last counter that the server has acknowledged.
    pub(crate) fn of(stored: &Stored, acknowledged: u64) -> Self {
        Self::from_columns(stored.pending_last, stored.held, acknowledged)
    }
    pub(crate) fn from_columns(pending_last: u64, held: bool, acknowledged: u64) -> Self {
        match (held, pending_last > acknowledged) {
            (true, _) => SyncState::Quarantined,
            (false, true) => SyncState::Queued,
            (false, false) => SyncState::Acknowledged,
        }
    }
}
