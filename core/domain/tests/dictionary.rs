//! `docs/data-dictionary.md` lists every field of every noun, and no noun has a field that the product never stores (P15).

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::{Value, json};
use zoufang_domain::{
    appointment, cadence, care, form, home, matter, notice, resident, rights, staff, unit, visit, visit_task,
    working_day,
};

/// One value of each noun with every field filled, as it stands on the wire.
fn nouns() -> Vec<(&'static str, Value)> {
    let id = zoufang_domain::ids::derived(&["x"]).to_string();
    let (day, moment) = ("2026-01-01", "2026-01-01T00:00:00Z");
    let whole = |name: &'static str, value: Value| (name, value);
    vec![
        whole(
            "org_unit",
            read::<unit::OrgUnit>(
                json!({"level": "city", "name": "n", "code": "1403", "parent": id, "from": day, "to": day}),
            ),
        ),
        whole("staff", read::<staff::Staff>(json!({"name": "n", "phone": "1"}))),
        whole(
            "assignment",
            read::<staff::Assignment>(
                json!({"staff": id, "unit": id, "role": "auxiliary", "from": moment, "to": moment, "standing": "acting", "acting_for": id}),
            ),
        ),
        whole(
            "dwelling",
            read::<home::Dwelling>(json!({"address": {"building": "1", "unit": "1", "room": "1"}, "use": "own"})),
        ),
        whole(
            "household",
            read::<home::Household>(
                json!({"dwelling": id, "contact": "c", "phone": "1", "people_count": 2, "from": day, "to": day,
                "split_from": id, "merged_into": id}),
            ),
        ),
        whole(
            "resident",
            read::<resident::Resident>(json!({"name": "n", "sex": "female", "birth_year": 1960, "phone": "1"})),
        ),
        whole(
            "residency",
            read::<resident::Residency>(json!({"resident": id, "household": id, "kind": "floating",
                "lives_where_registered": true, "from": day, "to": day})),
        ),
        whole(
            "visit",
            read::<visit::Visit>(json!({"household": id, "staff": [id], "started_at": moment, "ended_at": moment,
                "mode": "door", "outcome": "done", "duties": ["errands"], "note": "n", "needs_follow_up": true,
                "matters": [id], "location": {"lat": 1.5, "lon": 2.5}, "form": {"a": 1}})),
        ),
        whole(
            "matter",
            read::<matter::Matter>(json!({"source": "visit", "kind": "help", "track": "simple", "summary": "s",
                "urgency": "urgent", "line": "l", "household": id, "resident": id, "visit": id, "duties": ["errands"],
                "due": moment})),
        ),
        whole(
            "matter_rule",
            read::<matter::MatterRule>(json!({"name": "n", "track": "hard", "kind": "help", "accept_days": 1,
                "handle_days": 2, "answer_days": 3, "from": day, "to": day})),
        ),
        whole(
            "calendar",
            read::<working_day::YearCalendar>(
                json!({"year": 2026, "days_off": [day], "make_up_days": [day], "notice": "n"}),
            ),
        ),
        whole(
            "cadence_rule",
            read::<cadence::CadenceRule>(
                json!({"name": "n", "rhythm": {"every": "month"}, "list": id, "window_days": 3,
                "on_day_off": "next", "from": day, "to": day}),
            ),
        ),
        whole(
            "must_visit_list",
            read::<cadence::MustVisitList>(json!({"name": "n", "reason": "r", "condition": {"use": "rented"}})),
        ),
        whole(
            "appointment",
            read::<appointment::Appointment>(json!({"household": id, "purpose": "errand", "proposed_by": "resident",
                "note": "n", "slots": [{"from": moment, "to": "2026-01-01T01:00:00Z"}],
                "standing": {"state": "proposed"}})),
        ),
        whole(
            "visit_task",
            read::<visit_task::VisitTask>(
                json!({"household": id, "cause": id, "turn": day, "standing": {"state": "planned"}}),
            ),
        ),
        whole(
            "form_definition",
            read::<form::FormDefinition>(json!({"form": "f", "version": 1, "name": "n", "fields": [], "to": day})),
        ),
        whole(
            "care_need_type",
            read::<care::CareNeedType>(
                json!({"name": "n", "purpose": "p", "seen_by": ["grid_leader"], "valid_max_days": 90}),
            ),
        ),
        whole(
            "care_need",
            read::<care::CareNeed>(json!({"resident": id, "household": id, "type": id, "seen_by": ["grid_leader"],
                "basis": "b", "valid_from": day, "valid_until": day, "to": day})),
        ),
        whole(
            "rights_request",
            read::<rights::RightsRequest>(json!({"resident": id, "household": id, "right": "copy", "asked_on": day,
                "standing": {"state": "open"}})),
        ),
        whole("restriction", read::<rights::Restriction>(json!({"resident": id, "from": day, "to": day}))),
        whole(
            "notice",
            read::<notice::Notice>(json!({"title": "t", "body": "b", "kind": "task", "valid_from": day,
                "valid_to": day, "needs_receipt": true})),
        ),
        whole("notice_receipt", read::<notice::NoticeReceipt>(json!({"notice": id, "staff": id, "read_at": moment}))),
    ]
}

/// Reads a noun and writes it again, so that only fields that the noun really has remain.
fn read<T: serde::de::DeserializeOwned + serde::Serialize>(value: Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(value).unwrap()).unwrap()
}

const DICTIONARY: &str = include_str!("../../../docs/data-dictionary.md");

#[test]
fn every_field_has_its_entry_and_every_entry_its_field() {
    let mut named = Vec::new();
    for (noun, value) in nouns() {
        for field in value.as_object().unwrap().keys() {
            let entry = format!("| `{noun}.{field}` |");
            assert!(DICTIONARY.contains(&entry), "{noun}.{field} is not in docs/data-dictionary.md");
            named.push(entry);
        }
    }
    let entries = DICTIONARY.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(entries, named.len(), "the dictionary names a field that no noun has");
}

#[test]
fn no_field_makes_a_profile_of_a_resident() {
    let never = [
        "score",
        "rank",
        "risk",
        "colour",
        "color",
        "grade",
        "religion",
        "politic",
        "party",
        "opinion",
        "income",
        "biometric",
        "citizen",
        "id_card",
        "face",
        "fingerprint",
    ];
    for (noun, value) in nouns() {
        for field in value.as_object().unwrap().keys() {
            assert!(!never.iter().any(|word| field.contains(word)), "{noun}.{field}");
        }
    }
}
