//! A notice, as a screen shows it.

use super::SyncState;
use chrono::NaiveDate;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{NoticeId, UnitId};
use zoufang_domain::notice::{NoticeKind, NoticeState};

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeView {
    /// The notice.
    pub id: NoticeId,
    /// The unit that it is for: everyone who works under it gets it.
    pub unit: UnitId,
    /// Its name; empty when the phone does not know it.
    pub unit_name: String,
    /// One line.
    pub title: String,
    /// What it says.
    pub body: String,
    /// What it is for.
    pub kind: NoticeKind,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Whether whoever sent it waits to hear that everyone has read it.
    pub needs_receipt: bool,
    /// How it stands today.
    pub state: NoticeState,
    /// Why it was taken back.
    pub withdrawn_because: Option<String>,
    /// When it was sent.
    pub sent_at: Moment,
    /// When the holder of this phone read it; nothing while it is unread.
    pub read_at: Option<Moment>,
    /// How far the receipt has come, once there is one.
    pub receipt_sync: Option<SyncState>,
}

/// A notice that a visit gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenNoticeView {
    /// The notice.
    pub id: NoticeId,
    /// Its title, also when it is over or was taken back; nothing when it is not on this phone.
    pub title: Option<String>,
}
