//! What is due, as a screen shows it.

use super::HomeView;
use chrono::NaiveDate;
use uuid::Uuid;
use zoufang_domain::appointment::{Purpose, Slot};
use zoufang_domain::due::TaskState;
use zoufang_domain::ids::AppointmentId;

/// What is to be visited on a day.
#[derive(Clone, Debug, PartialEq)]
pub struct DueListView {
    /// The day.
    pub day: NaiveDate,
    /// Homes with something to be done: overdue before due, the longest overdue first, equals as they are walked.
    pub homes: Vec<DueHomeView>,
    /// How far the homes of each rule are in its turn.
    pub progress: Vec<ProgressView>,
}

/// A home with what is to be done there.
#[derive(Clone, Debug, PartialEq)]
pub struct DueHomeView {
    /// The home.
    pub home: HomeView,
    /// Why, the most pressing first; never empty.
    pub tasks: Vec<TaskView>,
}

/// A visit that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    /// The same on every phone and on the server.
    pub id: Uuid,
    /// The rule that asks for it, or the appointment.
    pub rule: Uuid,
    /// What people call the rule; empty for an appointment, which its purpose names.
    pub rule_name: String,
    /// The appointment, when one asks for it.
    pub appointment: Option<DueAppointmentView>,
    /// Since when.
    pub from: NaiveDate,
    /// Until when it is in time.
    pub due_to: NaiveDate,
    /// How it stands.
    pub state: TaskState,
    /// Why it was moved or called off, if somebody said.
    pub reason: Option<String>,
    /// Times that nobody answered or was willing, in this turn.
    pub attempts_count: u32,
}

/// An agreed appointment whose day has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DueAppointmentView {
    /// The appointment.
    pub id: AppointmentId,
    /// What for.
    pub purpose: Purpose,
    /// The agreed time.
    pub slot: Slot,
}

/// How far the homes of a rule are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressView {
    /// The rule.
    pub rule: Uuid,
    /// What people call it.
    pub rule_name: String,
    /// First day of its turn.
    pub from: NaiveDate,
    /// Last day on which a visit is in time.
    pub due_to: NaiveDate,
    /// Homes that it is for.
    pub homes_count: u32,
    /// Homes visited.
    pub visited_count: u32,
    /// Homes whose last day is past.
    pub overdue_count: u32,
    /// Homes for which it was called off; they are not among `homes_count`.
    pub cancelled_count: u32,
}

/// A must-visit list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MustVisitListView {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Why its homes must be visited.
    pub reason: String,
}
