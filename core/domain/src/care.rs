//! Care needs 关爱需求: who needs to be looked in on, for how long, and who may know. Types are data of the unit that sets them and go down to the
//! phones below it; needs stay in the home's area.
//!
//! # Who sees a need
//! The roles that its type names when it is set, and nobody else: a phone in another role is never sent the record. The roles are written into
//! the need itself and never change there. So phone and server agree on what a role sees without a second record at hand, and what a
//! resident was told when the need was set cannot be widened later. A type's roles never change either: another circle is another type.

use crate::ids::{HouseholdId, ResidentId};
use crate::operation::{Action, Operation};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::schema::Kind;
use crate::staff::Role;
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a need can be, such as 独居老人.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareNeedType {
    /// What people call it.
    pub name: String,
    /// What it is known for: what is done for these residents.
    pub purpose: String,
    /// The roles that see such needs.
    pub seen_by: Vec<Role>,
    /// Most days from the day on which somebody sets or renews a need to its last.
    pub valid_max_days: u16,
}

/// A need of a resident or of a household. It ends by itself after its last day, unless a person renews it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareNeed {
    /// Whose; either this or `household`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<ResidentId>,
    /// Whose; either this or `resident`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub household: Option<HouseholdId>,
    /// The type's id.
    #[serde(rename = "type")]
    pub of: Uuid,
    /// The roles that see it: those of its type.
    pub seen_by: Vec<Role>,
    /// On what ground: what was seen or said.
    pub basis: String,
    /// First day.
    pub valid_from: NaiveDate,
    /// Last day.
    pub valid_until: NaiveDate,
    /// Last day, when a person ended it before its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
}

/// Longest that a type may let its needs last, in days: two years.
pub const VALID_MAX_DAYS: u16 = 731;
/// Days by which a phone's clock may run ahead before the server doubts a need's last day.
pub const CLOCK_AHEAD_MAX_DAYS: u16 = 31;

impl CareNeedType {
    /// Whether the type can mean anything; the name of the field that is wrong.
    ///
    /// # Errors
    /// The field.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.name.trim().is_empty() {
            return Err("name");
        }
        if self.purpose.trim().is_empty() {
            return Err("purpose");
        }
        if !in_order(&self.seen_by) {
            return Err("seen_by");
        }
        if !(1..=VALID_MAX_DAYS).contains(&self.valid_max_days) {
            return Err("valid_max_days");
        }
        Ok(())
    }
    /// The last day that a need may be given on a day.
    pub fn last_day(&self, set_on: NaiveDate) -> NaiveDate {
        last_day(set_on, self.valid_max_days)
    }
}

impl CareNeed {
    /// Whether the need can mean anything by itself; the name of the field that is wrong.
    ///
    /// # Errors
    /// The field.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.resident.is_some() == self.household.is_some() {
            return Err("resident");
        }
        if !in_order(&self.seen_by) {
            return Err("seen_by");
        }
        if self.basis.trim().is_empty() {
            return Err("basis");
        }
        if self.valid_until < self.valid_from {
            return Err("valid_until");
        }
        Ok(())
    }
    /// Its last day as things are.
    pub fn last(&self) -> NaiveDate {
        self.to.map_or(self.valid_until, |to| to.min(self.valid_until))
    }
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        (self.valid_from..=self.last()).contains(&day)
    }
}

/// Roles once each, in their order, so that the same choice is the same text.
pub fn roles_in_order(roles: &[Role]) -> Vec<Role> {
    Role::ALL.into_iter().filter(|role| roles.contains(role)).collect()
}

fn in_order(roles: &[Role]) -> bool {
    !roles.is_empty() && roles_in_order(roles) == roles
}

/// Whether a role may see a record. Every record but a need is seen by all who work in its area.
pub fn sees(role: Role, record: &Record) -> bool {
    record.kind != Kind::CareNeed || named_in(role, record.f.get("seen_by"))
}

/// As [`sees`], for a record of which only the canonical JSON is at hand. What does not read is seen by nobody.
pub fn sees_json(role: Role, kind: Kind, canonical_json: &str) -> bool {
    #[derive(Deserialize)]
    struct Shown {
        f: Roles,
    }
    #[derive(Deserialize)]
    struct Roles {
        seen_by: Vec<Role>,
    }
    kind != Kind::CareNeed
        || serde_json::from_str::<Shown>(canonical_json).is_ok_and(|shown| shown.f.seen_by.contains(&role))
}

fn named_in(role: Role, roles: Option<&serde_json::Value>) -> bool {
    roles.and_then(|roles| Vec::<Role>::deserialize(roles).ok()).is_some_and(|roles| roles.contains(&role))
}

/// Whether an operation that begins a need says of itself that this role sees it: nobody writes what they may not read.
pub(crate) fn begins_seen(role: Role, action: &Action) -> bool {
    match action {
        Action::Create { fields, .. } => named_in(role, fields.get("seen_by")),
        _ => true,
    }
}

/// Holds an operation on a need against its type: the roles are the type's, and the last day is not later than the type lets it be from the day on
/// which it was set. `slack_days` is what a clock may be ahead.
///
/// # Errors
/// [`Refusal::Invalid`] naming `seen_by` or `valid_until`.
pub fn fits(operation: &Operation, of: &CareNeedType, set_on: NaiveDate, slack_days: u16) -> Result<(), Refusal> {
    let invalid = |field: &str| Err(Refusal::Invalid { field: field.to_owned() });
    let fields = match &operation.action {
        Action::Create { fields, .. } => {
            let roles = fields.get("seen_by").and_then(|roles| Vec::<Role>::deserialize(roles).ok());
            if roles.as_deref() != Some(&of.seen_by[..]) {
                return invalid("seen_by");
            }
            fields
        }
        Action::Set { fields, .. } => fields,
        _ => return Ok(()),
    };
    let Some(until) = fields.get("valid_until") else { return Ok(()) };
    let latest = last_day(of.last_day(set_on), slack_days);
    match NaiveDate::deserialize(until) {
        Ok(until) if until <= latest => Ok(()),
        _ => invalid("valid_until"),
    }
}

fn last_day(from: NaiveDate, days_count: u16) -> NaiveDate {
    from.checked_add_days(Days::new(u64::from(days_count))).unwrap_or(NaiveDate::MAX)
}
