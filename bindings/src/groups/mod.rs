//! The calls, one file a group. Each method is one intent of a person and one call of the core.

mod appointments;
mod care;
mod conflicts;
mod drafts;
mod enrolment;
mod forms;
mod households;
mod matters;
mod notices;
mod quarantine;
mod residents;
mod rights;
mod search;
mod syncing;
mod tasks;
mod visits;

pub use appointments::Appointments;
pub use care::Care;
pub use conflicts::Conflicts;
pub use drafts::Drafts;
pub use enrolment::Enrolment;
pub use forms::Forms;
pub use households::Households;
pub use matters::Matters;
pub use notices::Notices;
pub use quarantine::Quarantine;
pub use residents::Residents;
pub use rights::Rights;
pub use search::Search;
pub use syncing::Syncing;
pub use tasks::Tasks;
pub use visits::Visits;

/// A list as it crosses.
pub(crate) fn all<V, R: From<V>>(views: Vec<V>) -> Vec<R> {
    views.into_iter().map(R::from).collect()
}
