//! What both databases put into columns beside a record's JSON, so that screens and reports find records without reading them all.
//! One function, so a phone's lists and a supervisor's report cannot disagree.

use crate::appointment::Appointment;
use crate::matter;
use crate::operation::List;
use crate::record::Record;
use crate::schema::Kind;
use serde_json::Value;
use uuid::Uuid;

/// The columns. What each means depends on the kind and is listed in `docs/data-dictionary.md`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// The record that this one hangs on: a unit's parent, a household's dwelling, a visit's, matter's or appointment's household, a
    /// receipt's notice.
    pub parent: Option<Uuid>,
    /// Where it stands: a visit's outcome (or `voided`), a matter's or appointment's state, a unit's level, a dwelling's use, a household `current` or
    /// `closed`.
    pub status: String,
    /// What sort it is: a visit's mode, a matter's track, an appointment's purpose, an assignment's role.
    pub class: String,
    /// What lists sort by: a visit's start, a matter's report, an appointment's time, a dwelling's walk key, a name.
    pub sort: String,
    /// When an answer is due (matters that wait for one), or an agreed time is over (appointments), RFC 3339 UTC; the last
    /// day of a notice.
    pub due: Option<String>,
    /// How many fields are contested.
    pub conflicts_count: i64,
}

/// The columns of a record. Total: a field of another shape leaves its column empty.
pub fn index(record: &Record) -> Index {
    let text = |name: &str| shown(record, name).and_then(Value::as_str).unwrap_or_default();
    let id = |name: &str| Uuid::parse_str(text(name)).ok();
    let owned = |name: &str| text(name).to_owned();
    let open = |name: &str| if record.f.contains_key(name) { "closed" } else { "current" }.to_owned();
    let conflicts_count = crate::conflict::count(record) as i64;
    let columns = match record.kind {
        Kind::OrgUnit => {
            Index { parent: id("parent"), status: owned("level"), sort: owned("name"), ..Index::default() }
        }
        Kind::Staff => Index { sort: owned("name"), ..Index::default() },
        Kind::Assignment => Index {
            parent: id("staff"),
            status: open("to"),
            class: owned("role"),
            sort: owned("from"),
            ..Index::default()
        },
        Kind::Dwelling => Index { status: owned("use"), sort: walk_key(record), ..Index::default() },
        Kind::Household => Index {
            parent: id("dwelling"),
            status: open("to"),
            class: owned("merged_into"),
            sort: owned("contact"),
            ..Index::default()
        },
        Kind::Resident => Index { sort: owned("name"), ..Index::default() },
        Kind::Residency => Index {
            parent: id("household"),
            status: open("to"),
            class: owned("kind"),
            sort: owned("resident"),
            ..Index::default()
        },
        Kind::Visit => Index {
            parent: id("household"),
            status: if record.void.is_some() { "voided".into() } else { owned("outcome") },
            class: owned("mode"),
            sort: owned("started_at"),
            ..Index::default()
        },
        Kind::Calendar => {
            let year = shown(record, "year").and_then(Value::as_i64).unwrap_or_default();
            Index { sort: year.to_string(), ..Index::default() }
        }
        Kind::CadenceRule => Index { status: open("to"), sort: owned("name"), ..Index::default() },
        Kind::MatterRule => {
            Index { status: open("to"), class: owned("track"), sort: owned("name"), ..Index::default() }
        }
        Kind::CareNeedType => Index { sort: owned("name"), ..Index::default() },
        Kind::CareNeed => Index {
            parent: id("resident").or_else(|| id("household")),
            status: open("to"),
            class: owned("type"),
            sort: owned("valid_until"),
            ..Index::default()
        },
        Kind::RightsRequest => rights_columns(record, id("resident").or_else(|| id("household")), owned),
        Kind::Restriction => {
            Index { parent: id("resident"), status: open("to"), sort: owned("from"), ..Index::default() }
        }
        Kind::Notice => notice_columns(record, owned),
        Kind::NoticeReceipt => {
            Index { parent: id("notice"), class: owned("staff"), sort: owned("read_at"), ..Index::default() }
        }
        Kind::MustVisitList => Index { sort: owned("name"), ..Index::default() },
        Kind::Appointment => appointment_columns(record, id("household"), owned("purpose")),
        Kind::VisitTask => {
            let state = shown(record, crate::visit_task::STANDING).and_then(|standing| standing.get("state"));
            Index {
                parent: id("household"),
                status: state.and_then(Value::as_str).unwrap_or_default().to_owned(),
                class: owned("cause"),
                sort: owned("turn"),
                ..Index::default()
            }
        }
        Kind::FormDefinition => {
            Index { status: open("to"), class: owned("form"), sort: owned("name"), ..Index::default() }
        }
        Kind::Matter => matter_columns(record, id("household"), owned("track"), text("due")),
    };
    Index { conflicts_count, ..columns }
}

fn matter_columns(record: &Record, household: Option<Uuid>, track: String, due: &str) -> Index {
    let folded = matter::fold(record);
    let waits = folded.waits_for_answer();
    Index {
        parent: household,
        status: folded.state.name().to_owned(),
        class: track,
        sort: folded.reported_at.map(|at| at.to_string()).unwrap_or_default(),
        due: (waits && !due.is_empty()).then(|| due.to_owned()),
        ..Index::default()
    }
}

fn rights_columns(record: &Record, parent: Option<Uuid>, text: impl Fn(&str) -> String) -> Index {
    let state = shown(record, crate::rights::STANDING).and_then(|standing| standing.get("state"));
    Index {
        parent,
        status: state.and_then(Value::as_str).unwrap_or_default().to_owned(),
        class: text("right"),
        sort: text("asked_on"),
        ..Index::default()
    }
}

fn notice_columns(record: &Record, text: impl Fn(&str) -> String) -> Index {
    Index {
        status: if record.void.is_some() { "withdrawn" } else { "current" }.into(),
        class: text("kind"),
        sort: text("valid_from"),
        due: Some(text("valid_to")),
        ..Index::default()
    }
}

fn appointment_columns(record: &Record, household: Option<Uuid>, purpose: String) -> Index {
    let Ok(appointment) = record.read::<Appointment>() else {
        return Index { parent: household, class: purpose, ..Index::default() };
    };
    let slot = appointment.slot();
    let waits = appointment.standing.state.has_agreed_slot();
    Index {
        parent: household,
        status: appointment.standing.state.name().to_owned(),
        class: purpose,
        sort: slot.map(|slot| slot.from.to_string()).unwrap_or_default(),
        due: slot.filter(|_| waits).map(|slot| slot.to.to_string()),
        ..Index::default()
    }
}

/// The value shown, with the latest amendment over it.
fn shown<'a>(record: &'a Record, name: &str) -> Option<&'a Value> {
    let amended = record.list(List::Amendments).iter().rev();
    amended.filter_map(|entry| entry.data.get("fields")?.get(name)).next().or_else(|| record.f.get(name))
}

fn walk_key(record: &Record) -> String {
    use serde::Deserialize;
    let address = record.f.get("address").and_then(|value| crate::home::Address::deserialize(value).ok());
    address.map(|address| address.walk_key()).unwrap_or_default()
}
