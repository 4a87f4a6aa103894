//! Whose turn it is, and what a person at a desk may do with a matter as it stands. The pages show exactly these moves and the server asks
//! again before it writes.

use super::{EventKind, Fold, MatterState, Obstacle, Who, named};
use crate::ids::{StaffId, UnitId};
use crate::staff::Role;
use serde::{Deserialize, Serialize};

named!(
    /// Whose turn it is.
    Turn {
        /// Those who walk: to answer the resident, or to add what is missing.
        Field = "field",
        /// A desk: to accept it, or to ask the resident whether it is settled.
        Desk = "desk",
        /// The dispatcher: to give it to a unit, to decide, to close.
        Dispatcher = "dispatcher",
        /// The unit that it was given to.
        Unit = "unit",
        /// Nobody: it is closed.
        Nobody = "nobody",
    }
);

impl MatterState {
    /// Whose turn it is in this state.
    pub fn turn(self) -> Turn {
        use MatterState as S;
        match self {
            S::Draft | S::Returned | S::Declined | S::SelfHandled | S::Handled | S::Merged => Turn::Field,
            S::Reported | S::Answered => Turn::Desk,
            S::Accepted
            | S::RejectedBack
            | S::ExtensionAsked
            | S::Suspended
            | S::VerifiedOk
            | S::ClosedUnreachable
            | S::Withdrawn => Turn::Dispatcher,
            S::Dispatched | S::Signed | S::InProgress | S::VerifiedNot => Turn::Unit,
            S::Closed => Turn::Nobody,
        }
    }
}

/// A post from which somebody acts at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
    /// Who.
    pub staff: StaffId,
    /// As what.
    pub role: Role,
    /// Where. The matter's micro-grid is this unit or lies below it.
    pub unit: UnitId,
}

/// Why a move cannot be made from a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// The role does not make such moves.
    Role,
    /// The matter was given to another unit.
    OtherUnit,
    /// The matter stands elsewhere.
    Matter(Obstacle),
}

impl Hindrance {
    /// The id of the message that people read.
    pub fn message_id(self) -> &'static str {
        match self {
            Hindrance::Role => "matter.role",
            Hindrance::OtherUnit => "matter.other_unit",
            Hindrance::Matter(obstacle) => obstacle.message_id(),
        }
    }
}

impl Fold {
    /// Whether a move may be made from a post, now.
    ///
    /// # Errors
    /// The first [`Hindrance`].
    pub fn may(&self, post: Post, event: EventKind) -> Result<(), Hindrance> {
        let who = event.transition().who;
        if !who.includes(post.role) {
            return Err(Hindrance::Role);
        }
        // A matter given to a unit is that unit's; a department has to do with no other matter at all. Who dispatches may take one up again
        // that was put off.
        let is_theirs = self.unit == Some(post.unit);
        let takes_up_again = self.state == MatterState::Suspended && Who::Dispatcher.includes(post.role);
        let is_given_away = who == Who::Unit && self.unit.is_some() && !takes_up_again;
        if !is_theirs && (is_given_away || post.role == Role::Department) {
            return Err(Hindrance::OtherUnit);
        }
        match self.obstacle(event, post.staff, Some(post.unit)) {
            None => Ok(()),
            Some(obstacle) => Err(Hindrance::Matter(obstacle)),
        }
    }
    /// Every move that may be made from a post, in the order of a matter's course.
    pub fn moves(&self, post: Post) -> Vec<EventKind> {
        EventKind::ALL.iter().copied().filter(|event| self.may(post, *event).is_ok()).collect()
    }
}
