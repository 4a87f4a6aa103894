//! Residents' rights over what is kept about them 个人信息权利 (个人信息保护法, articles 44 to 50): a request is taken down where it is made, and
//! carried out and answered at a desk.

use crate::calendar::Moment;
use crate::ids::{HouseholdId, ResidentId};
use crate::operation::{Action, Operation};
use crate::schema::Kind;
use crate::validate;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// Days in which a request must be answered: those of GB/T 35273-2020, 8.7.
pub const ANSWER_DAYS: u64 = 30;
/// The field of a request that changes.
pub const STANDING: &str = "standing";

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// A copy of all that is kept about the person 查阅复制.
    Copy,
    /// Something is put right 更正补充.
    Correct,
    /// What is kept about the person is erased 删除.
    Delete,
    /// It is kept, and not used any further 限制处理.
    Restrict,
    /// How it is used is explained 解释说明.
    Explain,
}

impl Right {
    /// All rights.
    pub const ALL: [Right; 5] = [Right::Copy, Right::Correct, Right::Delete, Right::Restrict, Right::Explain];
    /// The name on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Right::Copy => "copy",
            Right::Correct => "correct",
            Right::Delete => "delete",
            Right::Restrict => "restrict",
            Right::Explain => "explain",
        }
    }
    /// From that name.
    pub fn from_name(name: &str) -> Option<Right> {
        Right::ALL.into_iter().find(|right| right.name() == name)
    }
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestState {
    /// It waits for a desk.
    Open,
    /// It was carried out.
    Done,
    /// It was not, with an answer that says why.
    Refused,
}

impl RequestState {
    /// All states.
    pub const ALL: [RequestState; 3] = [RequestState::Open, RequestState::Done, RequestState::Refused];
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            RequestState::Open => "open",
            RequestState::Done => "done",
            RequestState::Refused => "refused",
        }
    }
}

/// A request 个人信息权利申请, about one resident, or about the contact of a household whom no resident's record names.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RightsRequest {
    /// Who asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<ResidentId>,
    /// The home whose contact asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
    /// What for.
    pub right: Right,
    /// The day on which it was asked for.
    pub asked_on: NaiveDate,
    /// Where it stands; moves whole.
    pub standing: RequestStanding,
}

/// Where a request stands, with what was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestStanding {
    /// The state.
    pub state: RequestState,
    /// When it was carried out or refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// What the person was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
}

impl RequestStanding {
    /// A request that waits.
    pub fn open() -> Self {
        RequestStanding { state: RequestState::Open, at: None, answer: None }
    }
    /// Whether it is whole.
    ///
    /// # Errors
    /// The name of the field that is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        let has_answer = self.answer.as_deref().is_some_and(|answer| !answer.trim().is_empty());
        let is_too_long = self.answer.as_deref().is_some_and(|text| text.chars().count() > validate::TEXT_MAX_CHARS);
        match self.state {
            _ if is_too_long => Err("answer"),
            RequestState::Open => Ok(()),
            _ if self.at.is_none() => Err("at"),
            RequestState::Refused if !has_answer => Err("answer"),
            _ => Ok(()),
        }
    }
}

impl RightsRequest {
    /// Whether it is whole: about a resident or a home, never both.
    ///
    /// # Errors
    /// The name of the field that is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.resident.is_some() == self.household.is_some() {
            return Err("resident");
        }
        self.standing.check().map_err(|_| STANDING)
    }
    /// The last day on which it can be answered in time.
    pub fn due(&self) -> NaiveDate {
        self.asked_on.checked_add_days(Days::new(ANSWER_DAYS)).unwrap_or(self.asked_on)
    }
    /// Whether a phone may begin it so: whoever takes a request down does not decide on it.
    pub fn begins_open(operation: &Operation) -> bool {
        let Action::Create { fields, .. } = &operation.action else { return false };
        let state = fields.get(STANDING).and_then(|standing| standing.get("state"));
        operation.kind == Kind::RightsRequest && state.and_then(serde_json::Value::as_str) == Some("open")
    }
}

/// A resident's data is kept and not used any further 限制处理, from a day until it is lifted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restriction {
    /// Whose.
    pub resident: ResidentId,
    /// Since when.
    pub from: NaiveDate,
    /// Since when no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived;

    fn request() -> RightsRequest {
        RightsRequest {
            resident: Some(ResidentId(derived(&["r"]))),
            household: None,
            right: Right::Delete,
            asked_on: NaiveDate::from_ymd_opt(2026, 11, 2).unwrap(),
            standing: RequestStanding::open(),
        }
    }

    #[test]
    fn a_request_is_about_one_person_and_is_refused_with_an_answer() {
        assert_eq!(request().check(), Ok(()));
        assert_eq!(RightsRequest { resident: None, ..request() }.check(), Err("resident"));
        let home = Some(HouseholdId(derived(&["h"])));
        assert_eq!(RightsRequest { household: home, ..request() }.check(), Err("resident"));
        let refused = RequestStanding { state: RequestState::Refused, at: Some(Moment::from_ms(0)), answer: None };
        assert_eq!(RightsRequest { standing: refused.clone(), ..request() }.check(), Err(STANDING));
        let answered = RequestStanding { answer: Some("材料不全".into()), ..refused };
        assert_eq!(answered.check(), Ok(()));
        assert_eq!(RequestStanding { state: RequestState::Done, at: None, answer: None }.check(), Err("at"));
    }

    #[test]
    fn it_is_due_thirty_days_after_it_was_asked_for() {
        assert_eq!(request().due().to_string(), "2026-12-02");
    }

    #[test]
    fn names_are_those_of_the_wire() {
        for right in Right::ALL {
            assert_eq!(serde_json::to_value(right).unwrap(), right.name());
            assert_eq!(Right::from_name(right.name()), Some(right));
        }
        for state in RequestState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }
}
