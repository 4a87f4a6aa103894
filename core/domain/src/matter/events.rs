//! What can happen to a matter, from which state, by whom. One table; code only reads it.

use super::MatterState::{self as S};
use super::{Ending, named};
use crate::operation::Fields;
use crate::staff::Role;
use crate::unit::Level;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

named!(
    /// The kinds of events. A name that is not here is kept in the record and shown as a note.
    EventKind {
        /// Reported, or reported again after a return.
        Report = "report",
        /// Handled on the spot (simple matters).
        SelfHandle = "self_handle",
        /// Sent back for more.
        Return = "return",
        /// Not accepted, with a reason.
        Decline = "decline",
        /// Accepted.
        Accept = "accept",
        /// Given to a unit.
        Dispatch = "dispatch",
        /// The unit sends it back.
        RejectBack = "reject_back",
        /// The unit signs for it.
        Sign = "sign",
        /// Work begins, or goes on.
        Start = "start",
        /// More time is asked for.
        AskExtension = "ask_extension",
        /// More time is given, until a day.
        GrantExtension = "grant_extension",
        /// No more time is given, with a reason.
        RefuseExtension = "refuse_extension",
        /// Put off until a review date.
        Suspend = "suspend",
        /// What was done.
        Handle = "handle",
        /// Who was told, how, when, and their words.
        Answer = "answer",
        /// The resident is satisfied.
        VerifyOk = "verify_ok",
        /// The resident is not satisfied.
        VerifyNot = "verify_not",
        /// Could not be reached, with the attempts.
        Unreachable = "unreachable",
        /// Closed, with its ending.
        Close = "close",
        /// Opened again.
        Reopen = "reopen",
        /// Withdrawn for the resident.
        Withdraw = "withdraw",
        /// Joined to another matter.
        Merge = "merge",
        /// Put under supervision: an overlay, no state.
        Supervise = "supervise",
        /// Taken to the level above: an overlay, no state.
        Escalate = "escalate",
        /// The facts of an old matter 事实还原: an overlay, no state.
        FactFile = "fact_file",
        /// A note: changes no state.
        Note = "note",
    }
);

/// Who may cause an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Those who walk: micro-grid manager, grid worker, auxiliary, grid leader. May be done offline.
    Field,
    /// Field staff and departments.
    FieldOrUnit,
    /// Grid leader and everyone above who works on matters.
    Desk,
    /// Community desk and above.
    CommunityAndAbove,
    /// Street dispatcher.
    Dispatcher,
    /// The unit that works on it.
    Unit,
    /// Everyone who may see the matter.
    Anyone,
}

impl Who {
    /// Whether a role belongs to it.
    pub fn includes(self, role: Role) -> bool {
        use Role::{Auxiliary, CommunityDesk, Department, GridLeader, GridWorker, MicroGridManager, StreetDispatcher};
        let field = matches!(role, MicroGridManager | GridWorker | Auxiliary | GridLeader);
        match self {
            Who::Field => field,
            Who::FieldOrUnit => field || matches!(role, Department | CommunityDesk | StreetDispatcher),
            Who::Desk => matches!(role, GridLeader | CommunityDesk | StreetDispatcher),
            Who::CommunityAndAbove => matches!(role, CommunityDesk | StreetDispatcher),
            Who::Dispatcher => matches!(role, StreetDispatcher | CommunityDesk),
            Who::Unit => matches!(role, Department | CommunityDesk | StreetDispatcher | GridLeader),
            Who::Anyone => field || matches!(role, Department | CommunityDesk | StreetDispatcher | Role::Instructor),
        }
    }
}

/// One row of the machine.
#[derive(Clone, Copy, Debug)]
pub struct Transition {
    /// The event.
    pub event: EventKind,
    /// States from which it is legal.
    pub from: &'static [S],
    /// The state that it leads to; `None` for an overlay.
    pub to: Option<S>,
    /// Who.
    pub who: Who,
    /// Whether a phone may record it without a connection.
    pub offline: bool,
    /// Data that the event cannot be without.
    pub needs: &'static [&'static str],
}

const fn row(
    event: EventKind,
    from: &'static [S],
    to: Option<S>,
    who: Who,
    offline: bool,
    needs: &'static [&'static str],
) -> Transition {
    Transition { event, from, to, who, offline, needs }
}

/// The machine. Offline are report, self-handle, answer and note, with withdrawing, unreachable attempts and the facts of an old matter as
/// forms of them; everything that decides between people needs the server, so the machine never forks offline.
pub const TRANSITIONS: &[Transition] = {
    use EventKind as E;
    const WORKING: &[S] = &[S::Accepted, S::Signed, S::Suspended, S::Handled, S::VerifiedNot];
    const TOLD: &[S] = &[S::SelfHandled, S::Handled, S::Declined, S::Merged];
    &[
        row(E::Report, &[S::Draft, S::Returned, S::Declined], Some(S::Reported), Who::Field, true, &[]),
        row(E::SelfHandle, &[S::Reported], Some(S::SelfHandled), Who::Field, true, &["done"]),
        row(E::Return, &[S::Reported], Some(S::Returned), Who::Desk, false, &["reason"]),
        row(E::Decline, &[S::Reported], Some(S::Declined), Who::CommunityAndAbove, false, &["reason"]),
        row(E::Accept, &[S::Reported], Some(S::Accepted), Who::Desk, false, &[]),
        row(
            E::Dispatch,
            &[S::Accepted, S::RejectedBack, S::Signed],
            Some(S::Dispatched),
            Who::Dispatcher,
            false,
            &["unit"],
        ),
        row(E::RejectBack, &[S::Dispatched], Some(S::RejectedBack), Who::Unit, false, &["reason"]),
        row(E::Sign, &[S::Dispatched], Some(S::Signed), Who::Unit, false, &[]),
        row(E::Start, WORKING, Some(S::InProgress), Who::Unit, false, &[]),
        row(E::AskExtension, &[S::InProgress], Some(S::ExtensionAsked), Who::Unit, false, &["reason", "until"]),
        row(E::GrantExtension, &[S::ExtensionAsked], Some(S::InProgress), Who::Dispatcher, false, &["until"]),
        row(E::RefuseExtension, &[S::ExtensionAsked], Some(S::InProgress), Who::Dispatcher, false, &["reason"]),
        row(E::Suspend, &[S::InProgress], Some(S::Suspended), Who::Dispatcher, false, &["reason", "review"]),
        row(E::Handle, &[S::InProgress], Some(S::Handled), Who::Unit, false, &["done"]),
        row(E::Answer, TOLD, Some(S::Answered), Who::FieldOrUnit, true, &["told", "how"]),
        row(E::VerifyOk, &[S::Answered], Some(S::VerifiedOk), Who::FieldOrUnit, false, &[]),
        row(E::VerifyNot, &[S::Answered], Some(S::VerifiedNot), Who::FieldOrUnit, false, &["words"]),
        // Whoever waits for an answer may be impossible to reach, however the matter came to that point.
        row(
            E::Unreachable,
            &[S::SelfHandled, S::Handled, S::Declined, S::Merged, S::Answered],
            Some(S::ClosedUnreachable),
            Who::Field,
            true,
            &["attempts"],
        ),
        row(
            E::Close,
            &[S::Answered, S::VerifiedOk, S::ClosedUnreachable, S::Withdrawn, S::Merged],
            Some(S::Closed),
            Who::Dispatcher,
            false,
            &["ending"],
        ),
        row(E::Reopen, &[S::Closed], Some(S::InProgress), Who::Dispatcher, false, &["reason"]),
        row(E::Withdraw, &[S::Reported, S::Returned], Some(S::Withdrawn), Who::Field, true, &["reason"]),
        row(
            E::Merge,
            &[S::Reported, S::Accepted, S::Dispatched, S::InProgress],
            Some(S::Merged),
            Who::Dispatcher,
            false,
            &["into"],
        ),
        row(E::Supervise, ALL_OPEN, None, Who::CommunityAndAbove, false, &["level"]),
        row(E::Escalate, ALL_OPEN, None, Who::Desk, false, &["reason"]),
        row(E::FactFile, BEFORE_CLOSE, None, Who::FieldOrUnit, true, &["facts"]),
        row(E::Note, &[], None, Who::Anyone, true, &["text"]),
    ]
};

const ALL_OPEN: &[S] = &[
    S::Reported,
    S::Returned,
    S::Accepted,
    S::Dispatched,
    S::RejectedBack,
    S::Signed,
    S::InProgress,
    S::ExtensionAsked,
    S::Suspended,
    S::Handled,
    S::Answered,
    S::VerifiedNot,
];

/// Where the facts of an old matter may still be added.
const BEFORE_CLOSE: &[S] = &[
    S::Reported,
    S::Returned,
    S::Declined,
    S::Accepted,
    S::Dispatched,
    S::RejectedBack,
    S::Signed,
    S::InProgress,
    S::ExtensionAsked,
    S::Suspended,
    S::Handled,
    S::Answered,
    S::VerifiedOk,
    S::VerifiedNot,
    S::ClosedUnreachable,
];

impl EventKind {
    /// The row of this event.
    pub fn transition(self) -> &'static Transition {
        TRANSITIONS.iter().find(|row| row.event == self).expect("every event has a row: tried by a test")
    }
    /// Whether the data that the event needs are there and read as what they are: days, ids, names of a list.
    ///
    /// # Errors
    /// The name of the first that is missing or does not read.
    pub fn check(self, data: &Fields) -> Result<(), &'static str> {
        if let Some(name) = self.transition().needs.iter().find(|name| !is_filled(data.get(**name))) {
            return Err(name);
        }
        let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
        let is_day = |name: &str| text(name).parse::<NaiveDate>().is_ok();
        let is_id = |name: &str| Uuid::parse_str(text(name)).is_ok();
        let (name, reads) = match self {
            EventKind::AskExtension | EventKind::GrantExtension => ("until", is_day("until")),
            EventKind::Suspend => ("review", is_day("review")),
            EventKind::Dispatch => ("unit", is_id("unit")),
            EventKind::Merge => ("into", is_id("into")),
            EventKind::Close => ("ending", Ending::from_name(text("ending")).is_some()),
            EventKind::Supervise => ("level", Level::ALL.into_iter().any(|level| level.name() == text("level"))),
            _ => return Ok(()),
        };
        if reads { Ok(()) } else { Err(name) }
    }
}

/// Whether a value says anything.
pub(crate) fn is_filled(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Array(items)) => !items.is_empty(),
        Some(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_has_one_row_and_every_state_can_be_left_or_is_an_end() {
        for event in EventKind::ALL {
            assert_eq!(TRANSITIONS.iter().filter(|row| row.event == *event).count(), 1, "{}", event.name());
        }
        for state in S::ALL {
            assert!(TRANSITIONS.iter().any(|row| row.from.contains(state)), "{} has no way out", state.name());
        }
    }

    #[test]
    fn nothing_offline_decides_between_people() {
        use EventKind as E;
        let offline: Vec<&str> = TRANSITIONS.iter().filter(|row| row.offline).map(|row| row.event.name()).collect();
        let expected = [E::Report, E::SelfHandle, E::Answer, E::Unreachable, E::Withdraw, E::FactFile, E::Note]
            .map(EventKind::name);
        assert_eq!(offline, expected);
    }
}
