//! What people plan of a visit task 走访任务: another day, or not this time. The task itself follows from its rule ([`crate::due`]) and is not
//! stored; a record begins when somebody moves it or calls it off, under the task's own id, so that two who do are one record.

use crate::due::task_id;
use crate::ids::HouseholdId;
use crate::validate;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The field that changes.
pub const STANDING: &str = "standing";

/// A task that somebody planned otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitTask {
    /// The home.
    pub household: HouseholdId,
    /// The rule that asks for the visit.
    pub cause: Uuid,
    /// The turn of the rule, by the day that names it.
    pub turn: NaiveDate,
    /// What is planned; moves whole.
    pub standing: Plan,
}

/// What is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Where it stands.
    pub state: PlanState,
    /// The day to which it was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// States of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanState {
    /// As the rule says 已计划.
    Planned,
    /// On another day 改期.
    Rescheduled,
    /// Not in this turn 取消.
    Cancelled,
}

impl PlanState {
    /// All states.
    pub const ALL: [PlanState; 3] = [PlanState::Planned, PlanState::Rescheduled, PlanState::Cancelled];
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            PlanState::Planned => "planned",
            PlanState::Rescheduled => "rescheduled",
            PlanState::Cancelled => "cancelled",
        }
    }
}

impl Plan {
    /// Whether it is whole: a day when it was moved, a reason when it was called off.
    ///
    /// # Errors
    /// The name of the field that is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        let reason = self.reason.as_deref().map_or("", str::trim);
        match self.state {
            _ if reason.chars().count() > validate::TEXT_MAX_CHARS => Err("reason"),
            PlanState::Planned => Ok(()),
            PlanState::Rescheduled if self.to.is_none() => Err("to"),
            PlanState::Cancelled if reason.is_empty() => Err("reason"),
            PlanState::Rescheduled | PlanState::Cancelled => Ok(()),
        }
    }
}

impl VisitTask {
    /// The id of its record: that of the task.
    pub fn id(&self) -> Uuid {
        task_id(self.cause, self.household, self.turn)
    }
    /// Whether it is whole.
    ///
    /// # Errors
    /// The name of the field that is wrong.
    pub fn check(&self) -> Result<(), &'static str> {
        self.standing.check().map_err(|_| STANDING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::derived;

    #[test]
    fn a_plan_says_its_day_or_its_reason() {
        let plan = |state, to: Option<&str>, reason: Option<&str>| {
            Plan { state, to: to.map(|day| day.parse().unwrap()), reason: reason.map(str::to_owned) }.check()
        };
        assert_eq!(plan(PlanState::Planned, None, None), Ok(()));
        assert_eq!(plan(PlanState::Rescheduled, Some("2026-11-27"), None), Ok(()));
        assert_eq!(plan(PlanState::Rescheduled, None, Some("出门")), Err("to"));
        assert_eq!(plan(PlanState::Cancelled, None, Some(" ")), Err("reason"));
        assert_eq!(plan(PlanState::Cancelled, None, Some("整户外出")), Ok(()));
        for state in PlanState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }

    #[test]
    fn its_record_has_the_tasks_id() {
        let (cause, household) = (derived(&["rule"]), HouseholdId(derived(&["home"])));
        let turn = "2026-11-25".parse().unwrap();
        let standing = Plan { state: PlanState::Planned, to: None, reason: None };
        assert_eq!(VisitTask { household, cause, turn, standing }.id(), task_id(cause, household, turn));
    }
}
