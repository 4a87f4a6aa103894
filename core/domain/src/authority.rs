//! Who may do what: one function, asked by the phone before it saves and by the server before it accepts.

use crate::matter::{EventKind, Who};
use crate::operation::{Action, Entry, List, Operation};
use crate::refusal::Refusal;
use crate::schema::Kind;
use crate::staff::Role;

/// Whether a role may do this to a record of its own area.
///
/// # Errors
/// [`Refusal::NotAllowed`] when it may not, [`Refusal::Unknown`] for an event that this version does not know.
pub fn may(role: Role, operation: &Operation) -> Result<(), Refusal> {
    let allowed = match operation.kind {
        // The tree, the people and their posts are set by the server's own staff, never from a phone.
        Kind::OrgUnit | Kind::Staff | Kind::Assignment => false,
        Kind::Dwelling | Kind::Household | Kind::Resident | Kind::Residency => {
            walks(role) && !matches!(operation.action, Action::Void { .. })
        }
        Kind::Visit => return visit(role, &operation.action),
        Kind::Matter => return matter(role, &operation.action),
    };
    if allowed { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn walks(role: Role) -> bool {
    matches!(role, Role::MicroGridManager | Role::GridWorker | Role::Auxiliary | Role::GridLeader)
}

/// Who voids a visit: never its author alone, always someone above.
pub fn voids(role: Role) -> bool {
    matches!(role, Role::GridLeader | Role::CommunityDesk | Role::StreetDispatcher)
}

fn visit(role: Role, action: &Action) -> Result<(), Refusal> {
    let allowed = match action {
        Action::Create { .. } => walks(role) || role == Role::Instructor,
        Action::Append { entry } => {
            matches!(entry.list, List::Amendments | List::Notes) && (walks(role) || voids(role))
        }
        Action::Void { .. } => voids(role),
        Action::Set { .. } | Action::Add { .. } | Action::Remove { .. } => false,
    };
    if allowed { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn matter(role: Role, action: &Action) -> Result<(), Refusal> {
    match action {
        Action::Create { entries, .. } => entries.iter().try_for_each(|entry| event(role, entry)),
        Action::Append { entry } => event(role, entry),
        Action::Set { .. } | Action::Add { .. } | Action::Remove { .. } if walks(role) || voids(role) => Ok(()),
        _ => Err(Refusal::NotAllowed),
    }
}

fn event(role: Role, entry: &Entry) -> Result<(), Refusal> {
    if entry.list == List::Notes {
        return if Who::Anyone.includes(role) { Ok(()) } else { Err(Refusal::NotAllowed) };
    }
    let kind = EventKind::from_name(&entry.what).ok_or(Refusal::Unknown)?;
    if kind.transition().who.includes(role) { Ok(()) } else { Err(Refusal::NotAllowed) }
}
