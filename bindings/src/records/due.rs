//! What is due, as it crosses.

use crate::records::{HomeView, TimeSlot};
use crate::types::Day;
use crate::words::{AppointmentPurpose, TaskState};
use uuid::Uuid;
use zoufang_core::views;
use zoufang_domain::ids::AppointmentId;

pub use zoufang_core::views::{
    DueAppointmentView as DueAppointment, MustVisitListView as MustVisitList, ProgressView as DueProgress,
    TaskView as VisitTask,
};

/// A visit that a rule or an agreed appointment asks for.
#[uniffi::remote(Record)]
pub struct VisitTask {
    /// The same on every phone and on the server.
    pub id: Uuid,
    /// The rule that asks for it, or the appointment.
    pub rule: Uuid,
    /// What people call the rule; empty for an appointment, which its purpose names.
    pub rule_name: String,
    /// The appointment, when one asks for it.
    pub appointment: Option<DueAppointment>,
    /// Since when.
    pub from: Day,
    /// Until when it is in time.
    pub due_to: Day,
    /// How it stands.
    pub state: TaskState,
    /// Why it was moved or called off, if somebody said.
    pub reason: Option<String>,
    /// Times that nobody answered or was willing, in this turn.
    pub attempts_count: u32,
}

/// An agreed appointment whose day has come.
#[uniffi::remote(Record)]
pub struct DueAppointment {
    /// The appointment.
    pub id: AppointmentId,
    /// What for.
    pub purpose: AppointmentPurpose,
    /// The agreed time.
    pub slot: TimeSlot,
}

/// How far the homes of a rule are in its turn.
#[uniffi::remote(Record)]
pub struct DueProgress {
    /// The rule.
    pub rule: Uuid,
    /// What people call it.
    pub rule_name: String,
    /// First day of its turn.
    pub from: Day,
    /// Last day on which a visit is in time.
    pub due_to: Day,
    /// Homes that it is for.
    pub homes_count: u32,
    /// Homes visited.
    pub visited_count: u32,
    /// Homes whose last day is past.
    pub overdue_count: u32,
    /// Homes for which it was called off; they are not among `homes_count`.
    pub cancelled_count: u32,
}

/// A must-visit list 必访清单.
#[uniffi::remote(Record)]
pub struct MustVisitList {
    /// Its id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// Why its homes must be visited.
    pub reason: String,
}

/// What is to be visited on a day.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct DueList {
    /// The day.
    pub day: Day,
    /// Homes with something to be done: overdue before due, the longest overdue first, equals as they are walked.
    pub homes: Vec<DueHome>,
    /// How far the homes of each rule are.
    pub progress: Vec<DueProgress>,
}

/// A home with what is to be done there.
#[derive(Clone, Debug, PartialEq, uniffi::Record)]
pub struct DueHome {
    /// The home.
    pub home: HomeView,
    /// Why, the most pressing first; never empty.
    pub tasks: Vec<VisitTask>,
}

impl From<views::DueListView> for DueList {
    fn from(list: views::DueListView) -> Self {
        DueList { day: list.day, homes: crate::groups::all(list.homes), progress: list.progress }
    }
}

impl From<views::DueHomeView> for DueHome {
    fn from(due: views::DueHomeView) -> Self {
        DueHome { home: due.home.into(), tasks: due.tasks }
    }
}
