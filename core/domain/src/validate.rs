//! What an operation must look like to mean something: required fields, shapes and bounds. Asked on the phone before a save, so that
//! people are told at once, and on the server again, since phones may be old or altered.

use crate::appointment::{self, Appointment};
use crate::cadence::CadenceRule;
use crate::matter::{EventKind, Matter, MatterRule, is_filled};
use crate::operation::{Action, Entry, Fields, List, Operation};
use crate::record;
use crate::refusal::Refusal;
use crate::schema::Kind;
use crate::visit_task::{self, VisitTask};
use crate::witness;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Longest name of a person, unit or part of an address, in characters.
pub const NAME_MAX_CHARS: usize = 64;
/// Longest free text (note, summary, answer), in characters.
pub const TEXT_MAX_CHARS: usize = 4000;
/// Most fields of one operation.
pub const FIELDS_MAX_COUNT: usize = 64;
/// Largest operation as JSON, in bytes.
pub const OPERATION_MAX_BYTES: usize = 64 * 1024;

/// Checks an operation by itself, without its record.
///
/// # Errors
/// [`Refusal::Invalid`] naming the first field that is wrong; [`Refusal::NotTheAuthor`] for an entry under another name than the operation's:
/// who handled a matter may not verify it, which only a name that nobody else can write proves.
pub fn check(operation: &Operation) -> Result<(), Refusal> {
    if operation.action.entries().iter().any(|entry| entry.who != operation.staff) {
        return Err(Refusal::NotTheAuthor);
    }
    match &operation.action {
        Action::Create { fields, entries } => {
            let missing = operation.kind.required().iter().find(|name| !fields.contains_key(**name));
            if let Some(name) = missing {
                return invalid(name);
            }
            bounded(fields)?;
            shaped(operation.kind, fields)?;
            // Whoever else plans the same task does so under the same id.
            if operation.kind == Kind::VisitTask && read::<VisitTask>(fields)?.id() != operation.id {
                return invalid("id");
            }
            fields.iter().try_for_each(|(name, value)| field_is_shaped(operation.kind, name, value))?;
            entries.iter().try_for_each(|entry| entry_is_whole(operation.kind, entry))
        }
        Action::Set { fields, .. } => {
            bounded(fields)?;
            fields.iter().try_for_each(|(name, value)| field_is_shaped(operation.kind, name, value))
        }
        Action::Add { set, element, value } => {
            element_is_shaped(operation.kind, set, element)?;
            within("element", element, NAME_MAX_CHARS)?;
            within("set", set, NAME_MAX_CHARS)?;
            texts_within(set, value)
        }
        Action::Remove { set, element } => {
            within("element", element, NAME_MAX_CHARS)?;
            within("set", set, NAME_MAX_CHARS)
        }
        Action::Append { entry } => entry_is_whole(operation.kind, entry),
        Action::Witness { record } => {
            witness::check(operation, record, None)?;
            bounded(&record.f)?;
            shaped(operation.kind, &record.f)?;
            record.lists.values().flatten().try_for_each(|entry| entry_is_whole(operation.kind, entry))
        }
        Action::Void { reason } => {
            if reason.trim().is_empty() {
                return invalid("reason");
            }
            within("reason", reason, TEXT_MAX_CHARS)
        }
    }
}

fn invalid(field: &str) -> Result<(), Refusal> {
    Err(Refusal::Invalid { field: field.to_owned() })
}

fn bounded(fields: &Fields) -> Result<(), Refusal> {
    if fields.len() > FIELDS_MAX_COUNT {
        return invalid("fields");
    }
    fields.iter().try_for_each(|(name, value)| {
        within("fields", name, NAME_MAX_CHARS)?;
        texts_within(name, value)
    })
}

fn within(field: &str, text: &str, chars_max: usize) -> Result<(), Refusal> {
    // The byte length decides nearly always; counting characters is for the rest.
    if text.len() > chars_max && text.chars().count() > chars_max { invalid(field) } else { Ok(()) }
}

/// Every text inside a value stays within bounds. The nesting of a value is bounded where it is parsed.
fn texts_within(field: &str, value: &Value) -> Result<(), Refusal> {
    match value {
        Value::String(text) => within(field, text, TEXT_MAX_CHARS),
        Value::Array(items) => items.iter().try_for_each(|item| texts_within(field, item)),
        Value::Object(map) => map.values().try_for_each(|item| texts_within(field, item)),
        Value::Null | Value::Bool(_) | Value::Number(_) => Ok(()),
    }
}

/// Whether the fields of a new record read as their noun.
fn shaped(kind: Kind, fields: &Fields) -> Result<(), Refusal> {
    match kind {
        Kind::OrgUnit => reads::<crate::unit::OrgUnit>(fields),
        Kind::Staff => reads::<crate::staff::Staff>(fields),
        Kind::Assignment => reads::<crate::staff::Assignment>(fields),
        Kind::Dwelling => reads::<crate::home::Dwelling>(fields),
        Kind::Household => reads::<crate::home::Household>(fields),
        Kind::Resident => reads::<crate::resident::Resident>(fields),
        Kind::Residency => reads::<crate::resident::Residency>(fields),
        Kind::Visit => reads::<crate::visit::Visit>(fields),
        Kind::Matter => reads::<Matter>(fields),
        Kind::Calendar => reads::<crate::working_day::YearCalendar>(fields),
        Kind::CadenceRule => rule_is_sound(fields),
        Kind::MustVisitList => reads::<crate::cadence::MustVisitList>(fields),
        Kind::Appointment => appointment_is_sound(fields),
        Kind::VisitTask => read::<VisitTask>(fields)?.check().or_else(invalid),
        Kind::MatterRule => read::<MatterRule>(fields)?.check().or_else(invalid),
        Kind::FormDefinition => form_is_sound(fields),
        Kind::CareNeedType => read::<crate::care::CareNeedType>(fields)?.check().or_else(invalid),
        Kind::CareNeed => read::<crate::care::CareNeed>(fields)?.check().or_else(invalid),
        Kind::RightsRequest => read::<crate::rights::RightsRequest>(fields)?.check().or_else(invalid),
        Kind::Restriction => reads::<crate::rights::Restriction>(fields),
        Kind::Notice => read::<crate::notice::Notice>(fields)?.check().or_else(invalid),
        Kind::NoticeReceipt => reads::<crate::notice::NoticeReceipt>(fields),
    }
}

fn rule_is_sound(fields: &Fields) -> Result<(), Refusal> {
    let rule: CadenceRule = read(fields)?;
    rule.check().or_else(invalid)
}

fn appointment_is_sound(fields: &Fields) -> Result<(), Refusal> {
    let appointment: Appointment = read(fields)?;
    appointment.check().or_else(invalid)
}

fn form_is_sound(fields: &Fields) -> Result<(), Refusal> {
    let definition: crate::form::FormDefinition = read(fields)?;
    match crate::form::check::problems(&definition).first() {
        Some(problem) => invalid(problem.part.name()),
        None => Ok(()),
    }
}

fn reads<T: DeserializeOwned>(fields: &Fields) -> Result<(), Refusal> {
    read::<T>(fields).map(drop)
}

fn read<T: DeserializeOwned>(fields: &Fields) -> Result<T, Refusal> {
    record::read_fields(record::borrowed(fields).collect())
        .map_err(|e| Refusal::Invalid { field: field_in(&e.to_string(), fields) })
}

/// The field that a serde message speaks of, if it names one; values are never passed on.
fn field_in(message: &str, fields: &Fields) -> String {
    let quoted = message.split('`').nth(1).unwrap_or_default();
    if fields.contains_key(quoted) || message.starts_with("missing field") {
        quoted.to_owned()
    } else {
        "fields".into()
    }
}

/// The shape of one edited field: it must read inside its noun, so it is tried with the other required fields left out.
fn field_is_shaped(kind: Kind, name: &str, value: &Value) -> Result<(), Refusal> {
    if value.is_null() {
        return if kind.required().contains(&name) { invalid(name) } else { Ok(()) };
    }
    let fits = match (kind, name) {
        (Kind::Dwelling, "address") => {
            crate::home::Address::deserialize(value).is_ok_and(|at| !at.room.trim().is_empty())
        }
        (Kind::Dwelling, "use") => crate::home::Use::deserialize(value).is_ok(),
        (Kind::Household, "people_count") => value.as_u64().is_some_and(|count| count <= PEOPLE_MAX_COUNT),
        (
            Kind::Household | Kind::Residency | Kind::CadenceRule | Kind::MatterRule | Kind::FormDefinition,
            "from" | "to",
        ) => chrono::NaiveDate::deserialize(value).is_ok(),
        (Kind::Household, "merged_into") => crate::ids::HouseholdId::deserialize(value).is_ok(),
        (Kind::Household, "contact" | "phone") | (Kind::Resident, "name" | "phone") => {
            value.as_str().is_some_and(|text| !text.trim().is_empty() && within(name, text, NAME_MAX_CHARS).is_ok())
        }
        (Kind::Resident, "birth_year") => value.as_i64().is_some_and(|year| (1850..=2200).contains(&year)),
        (Kind::Resident, "sex") => crate::resident::Sex::deserialize(value).is_ok(),
        (Kind::Calendar, "year") => value.as_i64().is_some_and(|year| (2000..=2200).contains(&year)),
        (Kind::Calendar, "days_off" | "make_up_days") => {
            Vec::<chrono::NaiveDate>::deserialize(value).is_ok_and(|days| days.len() <= 366)
        }
        (Kind::CadenceRule | Kind::MustVisitList | Kind::MatterRule, "name") => {
            value.as_str().is_some_and(|text| !text.trim().is_empty() && within(name, text, NAME_MAX_CHARS).is_ok())
        }
        (Kind::CareNeed, "valid_from" | "valid_until" | "to") => chrono::NaiveDate::deserialize(value).is_ok(),
        (Kind::CareNeedType, "name") => value.as_str().is_some_and(|text| within(name, text, NAME_MAX_CHARS).is_ok()),
        (Kind::Residency, "kind") => crate::resident::ResidencyKind::deserialize(value).is_ok(),
        (Kind::Appointment, appointment::STANDING) => {
            appointment::Standing::deserialize(value).is_ok_and(|standing| standing.check().is_ok())
        }
        (Kind::VisitTask, visit_task::STANDING) => {
            visit_task::Plan::deserialize(value).is_ok_and(|plan| plan.check().is_ok())
        }
        (Kind::RightsRequest, crate::rights::STANDING) => {
            crate::rights::RequestStanding::deserialize(value).is_ok_and(|standing| standing.check().is_ok())
        }
        (Kind::Restriction, "to") => chrono::NaiveDate::deserialize(value).is_ok(),
        // A field that a newer version brought: kept as it is.
        _ => true,
    };
    if fits { Ok(()) } else { invalid(name) }
}

/// The notices of a visit are named by their ids. Whether one is known is not asked: a visit is kept whatever became of its notices.
fn element_is_shaped(kind: Kind, set: &str, element: &str) -> Result<(), Refusal> {
    let is_notice = kind == Kind::Visit && set == crate::notice::VISIT_NOTICES;
    if is_notice && element.parse::<crate::ids::NoticeId>().is_err() { invalid("notices") } else { Ok(()) }
}

/// Most people that one home can be said to hold.
pub const PEOPLE_MAX_COUNT: u64 = 99;

use serde::Deserialize;

fn entry_is_whole(kind: Kind, entry: &Entry) -> Result<(), Refusal> {
    within("what", &entry.what, NAME_MAX_CHARS)?;
    bounded(&entry.data)?;
    match (kind, entry.list) {
        (Kind::Matter, List::Events) => {
            let Some(event) = EventKind::from_name(&entry.what) else { return Err(Refusal::Unknown) };
            event.check(&entry.data).or_else(invalid)
        }
        (Kind::Visit, List::Amendments) => {
            if !is_filled(entry.data.get("reason")) {
                return invalid("reason");
            }
            match entry.data.get("fields") {
                Some(Value::Object(changed)) if !changed.is_empty() && !changed.contains_key("household") => Ok(()),
                _ => invalid("fields"),
            }
        }
        // What is noted about a need would outlast it.
        (Kind::CareNeed | Kind::CareNeedType, _) => invalid("list"),
        // What is answered stands in the standing, and nothing else is written about who asks.
        (Kind::RightsRequest | Kind::Restriction, _) => invalid("list"),
        // A notice is never edited, and a receipt says one thing.
        (Kind::Notice | Kind::NoticeReceipt, _) => invalid("list"),
        (_, List::Notes) if is_filled(entry.data.get("text")) => Ok(()),
        _ => invalid("list"),
    }
}
