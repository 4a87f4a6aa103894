use crate::phone::{DAY_MS, MORNING_MS, Phone, colleague, invalid_field, record_elsewhere, version_elsewhere};
use serde_json::{Value, json};
use zoufang_core::Error;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::store::inbox;
use zoufang_core::views::{Page, SyncState};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::record::Head;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_domain::wire::push::{Outcome as Word, PushAnswer, Verdict};

/// A colleague wrote another phone number without having seen ours.
fn contested(phone: &Phone) -> HouseholdId {
    let home = phone.home("3", "301", "测试甲").household;
    let edit = HouseholdEdit { phone: Some(Some("00000000001".into())), ..HouseholdEdit::default() };
    phone.core.edit_household(home, &edit).unwrap();
    let mut record = phone.find(Kind::Household, home.0).unwrap().record;
    let theirs = Head {
        v: version_elsewhere(MORNING_MS + DAY_MS, "phone"),
        who: colleague(),
        value: json!("00000000002"),
        was: Value::Null,
    };
    record.heads.get_mut("phone").unwrap().insert(0, theirs);
    record.f.insert("phone".into(), json!("00000000002"));
    phone.receive(&record);
    let staff = record_elsewhere(Kind::Staff, "colleague", &[("name", json!("测试同事"))]);
    phone.receive(&zoufang_domain::record::Record { id: colleague().0, ..staff });
    home
}

#[test]
fn both_values_are_shown_until_someone_settles_it() {
    let phone = Phone::manager();
    let home = contested(&phone);
    let conflicts = phone.core.conflicts().unwrap();
    assert_eq!(conflicts.len(), 1);
    let one = &conflicts[0];
    assert_eq!((one.kind, one.field.as_str(), one.household), (Kind::Household, "phone", Some(home)));
    assert_eq!(one.title, "3号楼1单元301室 测试甲");
    assert_eq!(one.base.text, "");
    let sides: Vec<_> = one.sides.iter().map(|side| (side.value.text.as_str(), side.who_name.as_deref())).collect();
    assert_eq!(sides, [("00000000002", Some("测试同事")), ("00000000001", Some("测试管理员"))]);
    assert_eq!(one.sides[0].at_ms, MORNING_MS + DAY_MS);
    assert!(phone.core.homes(Page::FIRST).unwrap()[0].has_conflict);

    let chosen = one.sides[1].value.value.clone();
    phone.core.settle_conflict(Kind::Household, home.0, "phone", chosen.clone()).unwrap();
    assert!(phone.core.conflicts().unwrap().is_empty());
    let settled = phone.core.home(home).unwrap();
    assert_eq!((settled.phone.as_deref(), settled.has_conflict), (Some("00000000001"), false));
    let again = phone.core.settle_conflict(Kind::Household, home.0, "phone", chosen);
    assert!(matches!(again, Err(Error::NotFound { what: "conflict" })));
}

#[test]
fn a_field_that_is_not_contested_and_a_value_that_does_not_fit_are_refused() {
    let phone = Phone::manager();
    let home = contested(&phone);
    let settle = |field: &str, value: Value| phone.core.settle_conflict(Kind::Household, home.0, field, value);
    assert!(matches!(settle("contact", json!("测试乙")), Err(Error::NotFound { .. })));
    assert_eq!(invalid_field(settle("phone", json!(12))), "phone");
    assert_eq!(phone.core.conflicts().unwrap().len(), 1);
    settle("phone", Value::Null).unwrap();
    assert_eq!(phone.core.home(home).unwrap().phone, None);
}

#[test]
fn an_ordinary_edit_does_not_settle_by_accident() {
    let phone = Phone::manager();
    let home = contested(&phone);
    let edit = HouseholdEdit { phone: Some(Some("00000000003".into())), ..HouseholdEdit::default() };
    phone.core.edit_household(home, &edit).unwrap();
    let sides: Vec<String> =
        phone.core.conflicts().unwrap()[0].sides.iter().map(|side| side.value.text.clone()).collect();
    assert_eq!(sides, ["00000000003", "00000000001"]);
}

#[test]
fn quarantine_shows_the_work_verbatim_with_its_reason() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    phone
        .core
        .save_visit(VisitDraft { note: "要紧的话".into(), ..VisitDraft::new(home, Mode::Door, Outcome::Done) })
        .unwrap();
    assert!(phone.core.quarantined(Page::FIRST).unwrap().is_empty());
    let answer = PushAnswer {
        epoch: 1,
        server_time: Stamp::from_ms(MORNING_MS + 1_000),
        acknowledged: 3,
        verdicts: vec![
            Verdict { from: 1, to: 1, outcome: Word::Applied, duplicate: false, record: None },
            Verdict {
                from: 2,
                to: 2,
                outcome: Word::Merged { conflicts: vec![], late: false, held: false },
                duplicate: false,
                record: None,
            },
            Verdict {
                from: 3,
                to: 3,
                outcome: Word::Quarantined { reason: Refusal::Invalid { field: "note".into() } },
                duplicate: false,
                record: None,
            },
        ],
    };
    let taken: Result<_, Error> = phone.store.write(|tx| inbox::take_push(tx, &answer, MORNING_MS + 2_000));
    taken.unwrap();
    let held = phone.core.quarantined(Page::FIRST).unwrap();
    assert_eq!(held.len(), 1, "a merged operation is not in quarantine");
    assert_eq!((held[0].counter, held[0].kind, held[0].household), (3, Kind::Visit, Some(home)));
    assert_eq!((held[0].reason_message_id.as_str(), held[0].field.as_deref()), ("quarantine.invalid", Some("note")));
    assert!(held[0].operation_json.contains("要紧的话"));
    assert_eq!((held[0].made_ms, held[0].judged_ms), (MORNING_MS, MORNING_MS + 2_000));
    assert_eq!(held[0].title, "3号楼1单元301室 测试甲");
    let visit = &phone.core.visits_of(home, Page::FIRST).unwrap()[0];
    assert_eq!((visit.sync, visit.note.as_str()), (SyncState::Quarantined, "要紧的话"));
    phone.remove(Kind::Visit, visit.id.0);
    assert_eq!(phone.core.quarantined(Page::FIRST).unwrap()[0].title, "", "shown even without its record");
}
