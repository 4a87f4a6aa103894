//! Visits 走访记录. A visit is a fact: once saved it is never overwritten. A correction is a new version with a reason
//! (`done → corrected`), a void keeps it with a reason, and a refused or unanswered visit is an attempt, never a mark against a home.

use crate::calendar::Moment;
use crate::ids::{HouseholdId, MatterId, StaffId};
use crate::operation::{Fields, List};
use crate::record::{Record, Unreadable};
use serde::{Deserialize, Serialize};

/// How the visit was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// At the door 上门.
    Door,
    /// By phone 电话.
    Phone,
    /// Met by chance 偶遇.
    Met,
}

impl Mode {
    /// All modes.
    pub const ALL: [Mode; 3] = [Mode::Door, Mode::Phone, Mode::Met];
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Door => "door",
            Mode::Phone => "phone",
            Mode::Met => "met",
        }
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The visit took place.
    Done,
    /// Nobody answered.
    NoAnswer,
    /// The home did not wish to be visited.
    Refused,
}

impl Outcome {
    /// All outcomes.
    pub const ALL: [Outcome; 3] = [Outcome::Done, Outcome::NoAnswer, Outcome::Refused];
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::NoAnswer => "no_answer",
            Outcome::Refused => "refused",
        }
    }
}

/// Every state a visit can be in. `planned` and `draft` live on the phone alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitState {
    /// Planned 计划.
    Planned,
    /// Moved to another time 改期.
    Rescheduled,
    /// Cancelled before it was made 取消.
    Cancelled,
    /// Being written 草稿.
    Draft,
    /// Made 已走访.
    Done,
    /// Nobody answered 无人应答.
    NoAnswer,
    /// Declined by the home 拒访.
    Refused,
    /// Made, and corrected since 已更正.
    Corrected,
    /// Void 作废.
    Voided,
}

impl VisitState {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            VisitState::Planned => "planned",
            VisitState::Rescheduled => "rescheduled",
            VisitState::Cancelled => "cancelled",
            VisitState::Draft => "draft",
            VisitState::Done => "done",
            VisitState::NoAnswer => "no_answer",
            VisitState::Refused => "refused",
            VisitState::Corrected => "corrected",
            VisitState::Voided => "voided",
        }
    }
    /// Whether a visit in this state may turn into one in the other.
    pub fn may_become(self, next: VisitState) -> bool {
        use VisitState::{Cancelled, Corrected, Done, Draft, NoAnswer, Planned, Refused, Rescheduled, Voided};
        match self {
            Planned => matches!(next, Draft | Rescheduled | Cancelled),
            Rescheduled => matches!(next, Draft | Rescheduled | Cancelled),
            Draft => matches!(next, Done | NoAnswer | Refused),
            Done | NoAnswer | Refused | Corrected => matches!(next, Corrected | Voided),
            Cancelled | Voided => false,
        }
    }
}

/// The five duties 五大员: tags on a visit or matter, never permissions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duty {
    /// 信息员.
    Information,
    /// 代办员.
    Errands,
    /// 调解员.
    Mediation,
    /// 协管员.
    CoManagement,
    /// 宣传员.
    Publicity,
}

/// A point on the map. Never required.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub lat: f64,
    /// Degrees east.
    pub lon: f64,
}

/// A visit as it was made, with corrections laid over it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    /// The home.
    pub household: HouseholdId,
    /// Who was there.
    pub staff: Vec<StaffId>,
    /// Start, by the phone's clock.
    pub started_at: Moment,
    /// End, by the phone's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Moment>,
    /// How.
    pub mode: Mode,
    /// What came of it.
    pub outcome: Outcome,
    /// Which duties it served.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
    /// What was found, in the worker's words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// Whether someone should come again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub needs_follow_up: bool,
    /// Matters taken up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matters: Vec<MatterId>,
    /// Where, if the worker chose to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// Answers of a form: `{form, version, answers}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<Fields>,
}

/// Days after a visit in which its author may still correct it; later a supervisor does.
pub const AUTHOR_CORRECTS_DAYS: i64 = 7;
/// The name of the entry that corrects a visit.
pub const AMENDMENT: &str = "amend";

/// The state of a saved visit.
///
/// # Errors
/// [`Unreadable`] when the record is not a visit's.
pub fn state(record: &Record) -> Result<VisitState, Unreadable> {
    if record.void.is_some() {
        return Ok(VisitState::Voided);
    }
    if !record.list(List::Amendments).is_empty() {
        return Ok(VisitState::Corrected);
    }
    Ok(match record.read::<Visit>()?.outcome {
        Outcome::Done => VisitState::Done,
        Outcome::NoAnswer => VisitState::NoAnswer,
        Outcome::Refused => VisitState::Refused,
    })
}
