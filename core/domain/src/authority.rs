//! Who may do what: one function, asked by the phone before it saves and by the server before it accepts.

use crate::calendar::Moment;
use crate::care;
use crate::ids::StaffId;
use crate::matter::{EventKind, Who};
use crate::notice;
use crate::operation::{Action, Entry, List, Operation};
use crate::record::Record;
use crate::refusal::Refusal;
use crate::rights::RightsRequest;
use crate::schema::Kind;
use crate::staff::Role;
use crate::visit::AUTHOR_CORRECTS_DAYS;
use crate::witness;

/// Whether a role may do this to a record of its own area from a phone, which may be offline: what decides between people is not among it.
///
/// # Errors
/// [`Refusal::NotAllowed`] when it may not, [`Refusal::Unknown`] for an event that this version does not know.
pub fn may(role: Role, operation: &Operation) -> Result<(), Refusal> {
    if witness::copy_of(operation).is_some() {
        return Err(Refusal::NotAllowed);
    }
    let allowed = match operation.kind {
        // The tree, the people and their posts are set by the server's own staff, never from a phone.
        Kind::OrgUnit | Kind::Staff | Kind::Assignment => false,
        // So are rules, lists, calendars and forms; which homes are on a list stands with the home.
        Kind::Calendar
        | Kind::CadenceRule
        | Kind::MustVisitList
        | Kind::MatterRule
        | Kind::FormDefinition
        | Kind::CareNeedType
        | Kind::Notice => false,
        // Whoever reads a notice says so for themselves, once.
        Kind::NoticeReceipt => role.carries_phone() && notice::own_receipt(operation).is_some(),
        Kind::Dwelling | Kind::Household | Kind::Resident | Kind::Residency => {
            walks(role) && !matches!(operation.action, Action::Void { .. })
        }
        // Taken down, planned and settled by those who walk; one that will not be is cancelled, never void.
        Kind::Appointment | Kind::VisitTask => {
            walks(role) && matches!(operation.action, Action::Create { .. } | Action::Set { .. })
        }
        // Nobody sets what they may not see; whether they see the need that they renew or end is [`may_touch`]'s question.
        Kind::CareNeed => {
            let sets = matches!(operation.action, Action::Create { .. } | Action::Set { .. });
            sets && walks(role) && care::begins_seen(role, &operation.action)
        }
        // Taken down by those who walk; a desk decides.
        Kind::RightsRequest => walks(role) && RightsRequest::begins_open(operation),
        Kind::Restriction => false,
        Kind::Visit => return visit(role, &operation.action),
        Kind::Matter => return matter(role, &operation.action, true),
    };
    if allowed { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// Whether a role may do this at a desk, where the server is at hand: what it may do on a phone, the moves of a matter that decide between
/// people, and for whoever works on matters above the grid also to settle what stands against each other in homes, residents and
/// appointments. An appointment is taken down by the community desk alone: there people call, and walkers have their phones.
///
/// # Errors
/// As [`may`].
pub fn may_at_desk(role: Role, operation: &Operation) -> Result<(), Refusal> {
    if operation.kind == Kind::Appointment && matches!(operation.action, Action::Create { .. }) {
        return if takes_appointments(role) { Ok(()) } else { Err(Refusal::NotAllowed) };
    }
    let is_home = matches!(
        operation.kind,
        Kind::Dwelling | Kind::Household | Kind::Resident | Kind::Residency | Kind::Appointment
    );
    if is_home && settles(role) && matches!(operation.action, Action::Set { .. }) {
        return Ok(());
    }
    match operation.kind {
        Kind::RightsRequest | Kind::Restriction => {
            let sets = matches!(operation.action, Action::Create { .. } | Action::Set { .. });
            if sets && carries_out_rights(role) { Ok(()) } else { Err(Refusal::NotAllowed) }
        }
        // What was wrong is put right at the request of the person.
        Kind::Resident | Kind::Household
            if carries_out_rights(role) && matches!(operation.action, Action::Set { .. }) =>
        {
            Ok(())
        }
        Kind::Matter if opens_matter(role, &operation.action) => Ok(()),
        Kind::Matter => matter(role, &operation.action, false),
        // A desk is not shown who needs what.
        Kind::CareNeed => Err(Refusal::NotAllowed),
        Kind::Notice
            if sends_notices(role) && matches!(operation.action, Action::Create { .. } | Action::Void { .. }) =>
        {
            Ok(())
        }
        // A notice is read on a phone.
        Kind::Notice | Kind::NoticeReceipt => Err(Refusal::NotAllowed),
        _ => may(role, operation),
    }
}

/// Whether anybody who carries a phone may do this. A supervisor's word stands for a post that was missing or had ended, and for nothing that
/// no phone may ever do: posts, rules, the moves of a desk.
///
/// # Errors
/// As [`may`].
pub fn may_from_some_phone(operation: &Operation) -> Result<(), Refusal> {
    // No post makes a copy stand by itself; a supervisor's word does.
    if let Some(record) = witness::copy_of(operation) {
        return witness::check(operation, record, None);
    }
    let mut verdict = Err(Refusal::NotAllowed);
    for role in Role::ALL.into_iter().filter(|role| role.carries_phone()) {
        verdict = may(role, operation);
        if verdict.is_ok() {
            break;
        }
    }
    verdict
}

/// Whether a desk begins a matter that did not come from a visit: the hotline, a department, a call.
fn opens_matter(role: Role, action: &Action) -> bool {
    let Action::Create { fields, entries } = action else { return false };
    let is_report = entries.len() == 1 && entries.iter().all(|entry| entry.what == EventKind::Report.name());
    let from_visit = fields.get("source").and_then(serde_json::Value::as_str) == Some("visit");
    takes_matters(role) && is_report && !from_visit
}

/// Who takes matters down at a desk.
pub fn takes_matters(role: Role) -> bool {
    matches!(role, Role::CommunityDesk | Role::StreetDispatcher)
}

/// Who takes appointments down at a desk.
pub fn takes_appointments(role: Role) -> bool {
    role == Role::CommunityDesk
}

/// Who decides on what residents ask of their own data, and carries it out.
pub fn carries_out_rights(role: Role) -> bool {
    matches!(role, Role::CommunityDesk | Role::StreetDispatcher | Role::PrivacyOfficer)
}

/// Who sends notices to a unit of the own scope and takes them back: the desks of community and above.
pub fn sends_notices(role: Role) -> bool {
    matches!(role, Role::CommunityDesk | Role::StreetDispatcher)
}

/// Who settles conflicts and what waits in quarantine: someone above the grid's field staff whose post covers the area.
pub fn settles(role: Role) -> bool {
    matches!(role, Role::GridLeader | Role::CommunityDesk | Role::StreetDispatcher)
}

/// Whether an operation that corrects a visit comes in time: its author may for [`AUTHOR_CORRECTS_DAYS`], whoever declares visits void at
/// any time. Counted from the start as it was first written to the moment that the correction names, both by the phone's own clock: what
/// a phone with a wrong clock may save must not be refused when it arrives.
///
/// # Errors
/// [`Refusal::NotAllowed`] when it is someone else's turn.
pub fn may_correct(role: Role, visit: &Record, operation: &Operation) -> Result<(), Refusal> {
    match &operation.action {
        Action::Append { entry } if entry.list == List::Amendments && visit.kind == Kind::Visit => {
            if corrects_at(role, visit, operation.staff, entry.when) { Ok(()) } else { Err(Refusal::NotAllowed) }
        }
        _ => Ok(()),
    }
}

/// Whether a role may do anything to a record as it stands: what a role does not see is not there for it, so that nobody finds out by trying.
///
/// # Errors
/// [`Refusal::RecordMissing`].
pub fn may_touch(role: Role, known: &Record) -> Result<(), Refusal> {
    if care::sees(role, known) { Ok(()) } else { Err(Refusal::RecordMissing) }
}

/// Whether an operation that says which notices a visit gave is by one of those who may ([`notice::gives`]). Other operations pass.
///
/// # Errors
/// [`Refusal::NotAllowed`] for who was not there.
pub fn may_give(role: Role, visit: &Record, operation: &Operation) -> Result<(), Refusal> {
    let says = matches!(operation.action, Action::Add { .. } | Action::Remove { .. }) && visit.kind == Kind::Visit;
    if !says || notice::gives(voids(role), visit, operation.staff) { Ok(()) } else { Err(Refusal::NotAllowed) }
}

/// Whether that person, in that role, may correct a visit at that moment.
pub fn corrects_at(role: Role, visit: &Record, staff: StaffId, at: Moment) -> bool {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    let start = visit.f.get("started_at").and_then(serde_json::Value::as_str).and_then(Moment::parse);
    let is_recent =
        start.is_some_and(|start| at.to_ms() <= start.to_ms().saturating_add(AUTHOR_CORRECTS_DAYS * DAY_MS));
    voids(role) || visit.who == staff && is_recent
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
        // Which notices it gave is a set; all else is fact.
        Action::Add { set, .. } | Action::Remove { set, .. } if set == notice::VISIT_NOTICES => {
            walks(role) || role == Role::Instructor || voids(role)
        }
        Action::Set { .. } | Action::Add { .. } | Action::Remove { .. } | Action::Witness { .. } => false,
    };
    if allowed { Ok(()) } else { Err(Refusal::NotAllowed) }
}

fn matter(role: Role, action: &Action, on_phone: bool) -> Result<(), Refusal> {
    match action {
        Action::Create { entries, .. } => entries.iter().try_for_each(|entry| event(role, entry, on_phone)),
        Action::Append { entry } => event(role, entry, on_phone),
        Action::Set { .. } | Action::Add { .. } | Action::Remove { .. } if walks(role) || voids(role) => Ok(()),
        _ => Err(Refusal::NotAllowed),
    }
}

fn event(role: Role, entry: &Entry, on_phone: bool) -> Result<(), Refusal> {
    if entry.list == List::Notes {
        return if Who::Anyone.includes(role) { Ok(()) } else { Err(Refusal::NotAllowed) };
    }
    let kind = EventKind::from_name(&entry.what).ok_or(Refusal::Unknown)?;
    let row = kind.transition();
    if row.who.includes(role) && (row.offline || !on_phone) { Ok(()) } else { Err(Refusal::NotAllowed) }
}
