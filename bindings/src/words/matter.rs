//! The words of matters.

pub use zoufang_core::matters::MatterFilter;
pub use zoufang_domain::matter::{
    Ending as MatterEnding, EventKind as MatterEvent, MatterKind, MatterState, Source as MatterSource,
    Step as MatterStep, Track as MatterTrack, Turn as MatterTurn, Urgency as MatterUrgency,
};

/// Which matters a list shows.
#[uniffi::remote(Enum)]
pub enum MatterFilter {
    /// Not closed, withdrawn or joined to another; the latest reported first.
    Open,
    /// Still without an answer; the one due first first.
    Waiting,
    /// Waiting for an answer longer than was promised; the longest first.
    Overdue,
    /// All; the latest reported first.
    All,
}

/// Where a matter comes from.
#[uniffi::remote(Enum)]
pub enum MatterSource {
    /// 走访.
    Visit,
    /// 预约.
    Appointment,
    /// 问题直通车.
    DirectLine,
    /// 12345.
    Hotline,
    /// 巡查.
    Patrol,
    /// 部门.
    Department,
}

/// What kind of matter.
#[uniffi::remote(Enum)]
pub enum MatterKind {
    /// 咨询.
    Enquiry,
    /// 求助.
    Help,
    /// 投诉.
    Complaint,
    /// 建议.
    Suggestion,
    /// 举报.
    Report,
    /// 隐患.
    Hazard,
    /// 纠纷.
    Dispute,
}

/// How a matter is worked on.
#[uniffi::remote(Enum)]
pub enum MatterTrack {
    /// 即办.
    Simple,
    /// 转办.
    Professional,
    /// 督办.
    Hard,
    /// 历史遗留.
    Old,
}

/// How urgent a matter is.
#[uniffi::remote(Enum)]
pub enum MatterUrgency {
    /// 一般.
    Normal,
    /// 紧急.
    Urgent,
}

/// The states of a matter.
#[uniffi::remote(Enum)]
pub enum MatterState {
    /// 草稿, on the phone alone.
    Draft,
    /// 已上报.
    Reported,
    /// 当场办结.
    SelfHandled,
    /// 退回补充.
    Returned,
    /// 不予受理.
    Declined,
    /// 已受理.
    Accepted,
    /// 已派单.
    Dispatched,
    /// 退单.
    RejectedBack,
    /// 已签收.
    Signed,
    /// 处置中.
    InProgress,
    /// 申请延期.
    ExtensionAsked,
    /// 挂起.
    Suspended,
    /// 已处置.
    Handled,
    /// 已答复.
    Answered,
    /// 回访满意.
    VerifiedOk,
    /// 回访不满意.
    VerifiedNot,
    /// 无法联系.
    ClosedUnreachable,
    /// 结案.
    Closed,
    /// 撤回.
    Withdrawn,
    /// 并案.
    Merged,
}

/// What can happen to a matter.
#[uniffi::remote(Enum)]
pub enum MatterEvent {
    /// Reported, or reported again after a return.
    Report,
    /// Handled on the spot.
    SelfHandle,
    /// Sent back for more.
    Return,
    /// Not accepted, with a reason.
    Decline,
    /// Accepted.
    Accept,
    /// Given to a unit.
    Dispatch,
    /// The unit sends it back.
    RejectBack,
    /// The unit signs for it.
    Sign,
    /// Work begins, or goes on.
    Start,
    /// More time is asked for.
    AskExtension,
    /// More time is given, until a day.
    GrantExtension,
    /// No more time is given, with a reason.
    RefuseExtension,
    /// Put off until a review date.
    Suspend,
    /// What was done.
    Handle,
    /// Who was told, how, when, and their words.
    Answer,
    /// The resident is satisfied.
    VerifyOk,
    /// The resident is not satisfied.
    VerifyNot,
    /// Could not be reached, with the attempts.
    Unreachable,
    /// Closed, with its ending.
    Close,
    /// Opened again.
    Reopen,
    /// Withdrawn for the resident.
    Withdraw,
    /// Joined to another matter.
    Merge,
    /// Put under supervision.
    Supervise,
    /// Taken to the level above 升级.
    Escalate,
    /// The facts of an old matter 事实还原.
    FactFile,
    /// A note.
    Note,
}

/// Whose turn it is.
#[uniffi::remote(Enum)]
pub enum MatterTurn {
    /// Those who walk: to answer the resident, or to add what is missing.
    Field,
    /// A desk: to accept it, or to ask the resident whether it is settled.
    Desk,
    /// The dispatcher: to give it to a unit, to decide, to close.
    Dispatcher,
    /// The unit that it was given to.
    Unit,
    /// Nobody: it is closed.
    Nobody,
}

/// How a closed matter ended.
#[uniffi::remote(Enum)]
pub enum MatterEnding {
    /// 已解决.
    Resolved,
    /// 已解释.
    Explained,
    /// 部分解决.
    Partly,
    /// 无法解决.
    NotPossible,
}

/// The step that the clock of those who work on a matter counts.
#[uniffi::remote(Enum)]
pub enum MatterStep {
    /// Until it is accepted.
    Accept,
    /// Until it is handled.
    Handle,
}
