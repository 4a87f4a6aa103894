//! What is due, as a screen shows it.

use super::HomeView;
use chrono::NaiveDate;
use uuid::Uuid;
use zoufang_domain::due::TaskState;

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
    /// The rule that asks for it.
    pub rule: Uuid,
    /// What people call the rule.
    pub rule_name: String,
    /// Since when.
    pub from: NaiveDate,
    /// Until when it is in time.
    pub due_to: NaiveDate,
    /// How it stands.
    pub state: TaskState,
    /// Times that nobody answered or was willing, in this turn.
    pub attempts_count: u32,
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
