//! Matters 诉求: what residents ask or report, and what became of it. The state of a matter is the fold of its events in the order in
//! which the server took them ([`fold`]); the table of what may follow what is data ([`TRANSITIONS`]); [`terms`] says until when.

mod deadline;
mod events;
mod fold;
mod moves;

pub use deadline::{MatterRule, RuleOfUnit, Step, TERM_MAX_DAYS, Terms, WorkClock, answer_due, terms, work_clock};
pub(crate) use events::is_filled;
pub use events::{EventKind, TRANSITIONS, Transition, Who};
pub use fold::{BOUNCES_MAX_COUNT, DESK, Fold, FoldedEvent, ID_FIELDS, Obstacle, Stop, fold};
pub use moves::{Hindrance, Post, Turn};

use crate::calendar::Moment;
use crate::ids::{HouseholdId, ResidentId, VisitId};
use crate::visit::Duty;
use serde::{Deserialize, Serialize};

/// Declares an enum whose variants have wire names.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }
        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant),*];
            /// The name on the wire.
            pub fn name(self) -> &'static str { match self { $($name::$variant => $text),* } }
            /// From its name.
            pub fn from_name(name: &str) -> Option<Self> { Self::ALL.iter().copied().find(|one| one.name() == name) }
        }
    };
}
pub(crate) use named;

named!(
    /// Where a matter comes from.
    Source {
        /// 走访.
        Visit = "visit",
        /// 预约.
        Appointment = "appointment",
        /// 问题直通车.
        DirectLine = "direct_line",
        /// 12345.
        Hotline = "hotline",
        /// 巡查.
        Patrol = "patrol",
        /// 部门.
        Department = "department",
    }
);
named!(
    /// What kind of matter.
    MatterKind {
        /// 咨询.
        Enquiry = "enquiry",
        /// 求助.
        Help = "help",
        /// 投诉.
        Complaint = "complaint",
        /// 建议.
        Suggestion = "suggestion",
        /// 举报.
        Report = "report",
        /// 隐患.
        Hazard = "hazard",
        /// 纠纷.
        Dispute = "dispute",
    }
);
named!(
    /// How a matter is worked on.
    Track {
        /// 即办.
        Simple = "simple",
        /// 转办.
        Professional = "professional",
        /// 督办.
        Hard = "hard",
        /// 历史遗留.
        Old = "old",
    }
);
named!(
    /// How urgent.
    Urgency {
        /// 一般.
        Normal = "normal",
        /// 紧急.
        Urgent = "urgent",
    }
);
named!(
    /// The states of a matter.
    MatterState {
        /// 草稿, on the phone alone.
        Draft = "draft",
        /// 已上报.
        Reported = "reported",
        /// 当场办结.
        SelfHandled = "self_handled",
        /// 退回补充.
        Returned = "returned",
        /// 不予受理.
        Declined = "declined",
        /// 已受理.
        Accepted = "accepted",
        /// 已派单.
        Dispatched = "dispatched",
        /// 退单.
        RejectedBack = "rejected_back",
        /// 已签收.
        Signed = "signed",
        /// 处置中.
        InProgress = "in_progress",
        /// 申请延期.
        ExtensionAsked = "extension_asked",
        /// 挂起.
        Suspended = "suspended",
        /// 已处置.
        Handled = "handled",
        /// 已答复.
        Answered = "answered",
        /// 回访满意.
        VerifiedOk = "verified_ok",
        /// 回访不满意.
        VerifiedNot = "verified_not",
        /// 无法联系.
        ClosedUnreachable = "closed_unreachable",
        /// 结案.
        Closed = "closed",
        /// 撤回.
        Withdrawn = "withdrawn",
        /// 并案.
        Merged = "merged",
    }
);
named!(
    /// How a closed matter ended.
    Ending {
        /// 已解决.
        Resolved = "resolved",
        /// 已解释.
        Explained = "explained",
        /// 部分解决.
        Partly = "partly",
        /// 无法解决.
        NotPossible = "not_possible",
    }
);

/// What a matter is about. Its course is in its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Matter {
    /// Where it comes from.
    pub source: Source,
    /// What kind.
    pub kind: MatterKind,
    /// How it is worked on.
    pub track: Track,
    /// What it is, in a sentence or two.
    pub summary: String,
    /// How urgent; normal if not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// Which of the merged grids it belongs to (党建, 综治, 民政 …): a configured name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Whose home.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
    /// Whose matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<ResidentId>,
    /// The visit on which it was taken up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit: Option<VisitId>,
    /// Which duties it calls for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
    /// When an answer is due.
    pub due: Moment,
}
