//! Notices 通知: what a unit tells everyone who works below it, and the receipts of those who read them. A notice is never edited: a correction
//! is a withdrawal, with its reason, and a new notice. A receipt says that someone read a notice; it is never about a resident.

use crate::calendar::Moment;
use crate::ids::{NoticeId, StaffId, derived};
use crate::operation::{Action, Operation};
use crate::record::Record;
use crate::schema::Kind;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Longest title, in characters.
pub const TITLE_MAX_CHARS: usize = 40;
/// Longest body, in characters.
pub const BODY_MAX_CHARS: usize = 2000;
/// Most notices that one visit gives.
pub const GIVEN_MAX_COUNT: usize = 20;
/// The set of a visit that names the notices given on it, by the notice's id.
pub const VISIT_NOTICES: &str = "notices";

/// What a notice is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// To be passed on to residents 宣传.
    Publicity,
    /// About the work itself 工作.
    Task,
    /// A warning 安全提醒.
    Safety,
}

impl NoticeKind {
    /// All kinds.
    pub const ALL: [NoticeKind; 3] = [NoticeKind::Publicity, NoticeKind::Task, NoticeKind::Safety];
    /// The name on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            NoticeKind::Publicity => "publicity",
            NoticeKind::Task => "task",
            NoticeKind::Safety => "safety",
        }
    }
    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        NoticeKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A notice. The unit that it is for is the record's area, a unit of any level: everyone who works in a micro-grid under it gets it. All of it
/// is fact; a withdrawal is the record's void, with who, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// One line, 1 to [`TITLE_MAX_CHARS`] characters.
    pub title: String,
    /// What it says, 1 to [`BODY_MAX_CHARS`] characters.
    pub body: String,
    /// What it is for.
    pub kind: NoticeKind,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_to: NaiveDate,
    /// Whether whoever sent it waits to hear that everyone has read it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_receipt: bool,
}

impl Notice {
    /// Whether it says something, within bounds, and ends no earlier than it begins; the name of the field that is wrong.
    ///
    /// # Errors
    /// The field.
    pub fn check(&self) -> Result<(), &'static str> {
        let is_line = !self.title.contains(char::is_control);
        if !is_line || !is_said(&self.title, TITLE_MAX_CHARS) {
            return Err("title");
        }
        if !is_said(&self.body, BODY_MAX_CHARS) {
            return Err("body");
        }
        if self.valid_to < self.valid_from {
            return Err("valid_to");
        }
        Ok(())
    }
    /// Whether that day is one of its days.
    pub fn covers(&self, day: NaiveDate) -> bool {
        (self.valid_from..=self.valid_to).contains(&day)
    }
}

fn is_said(text: &str, chars_max: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= chars_max
}

/// How a notice stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Its first day is still to come 未生效.
    Ahead,
    /// It holds 有效.
    InForce,
    /// Its last day is past 已过期.
    Expired,
    /// Taken back 已撤回.
    Withdrawn,
}

impl NoticeState {
    /// All states.
    pub const ALL: [NoticeState; 4] =
        [NoticeState::Ahead, NoticeState::InForce, NoticeState::Expired, NoticeState::Withdrawn];
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            NoticeState::Ahead => "ahead",
            NoticeState::InForce => "in_force",
            NoticeState::Expired => "expired",
            NoticeState::Withdrawn => "withdrawn",
        }
    }
}

/// How the notice of a record stands on a day.
pub fn state(record: &Record, notice: &Notice, day: NaiveDate) -> NoticeState {
    if record.void.is_some() {
        NoticeState::Withdrawn
    } else if day < notice.valid_from {
        NoticeState::Ahead
    } else if notice.covers(day) {
        NoticeState::InForce
    } else {
        NoticeState::Expired
    }
}

/// That someone read a notice. The micro-grid where they work is the record's area. Written once, and the same on every phone of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeReceipt {
    /// Which notice.
    pub notice: NoticeId,
    /// Who read it.
    pub staff: StaffId,
    /// When, by the phone's clock. Never compared between people.
    pub read_at: Moment,
}

/// The receipt of one person for one notice: the same wherever it is written, so that twice is once.
pub fn receipt_id(notice: NoticeId, staff: StaffId) -> Uuid {
    derived(&[Kind::NoticeReceipt.name(), &notice.to_string(), &staff.to_string()])
}

/// The notice whose receipt an operation begins; `None` for any other operation, and for one under another name or id than its author's own.
pub fn own_receipt(operation: &Operation) -> Option<NoticeId> {
    let Action::Create { fields, .. } = &operation.action else { return None };
    let is_own = operation.kind == Kind::NoticeReceipt
        && fields.get("staff").is_some_and(|staff| StaffId::deserialize(staff).is_ok_and(|it| it == operation.staff));
    let notice = NoticeId::deserialize(fields.get("notice")?).ok()?;
    (is_own && operation.id == receipt_id(notice, operation.staff)).then_some(notice)
}

/// The notices given on a visit, in the order of their ids.
pub fn given(visit: &Record) -> Vec<NoticeId> {
    let set = visit.sets.get(VISIT_NOTICES).into_iter().flatten();
    set.filter(|(_, element)| element.value.is_some()).filter_map(|(id, _)| id.parse().ok()).collect()
}

/// Whether somebody may say which notices a visit gave: whoever wrote it or was there, and whoever declares visits void. There is no last day:
/// a phone that saved it in time may come late.
pub fn gives(voids: bool, visit: &Record, staff: StaffId) -> bool {
    let there = visit.f.get("staff").and_then(|there| Vec::<StaffId>::deserialize(there).ok());
    voids || visit.who == staff || there.is_some_and(|there| there.contains(&staff))
}
