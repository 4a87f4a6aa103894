use crate::phone::{Phone, invalid_field};
use chrono::NaiveDate;
use zoufang_core::Error;
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::views::SyncState;
use zoufang_domain::ids::{HouseholdId, ResidencyId, ResidentId, derived};
use zoufang_domain::resident::{Residency, ResidencyKind, Sex};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn person(household: HouseholdId, name: &str) -> ResidentDraft {
    ResidentDraft {
        household,
        name: name.to_owned(),
        sex: Some(Sex::Female),
        birth_year: Some(1948),
        phone: None,
        kind: ResidencyKind::Registered,
        lives_where_registered: Some(true),
        from: Some(day(1)),
    }
}

#[test]
fn a_resident_is_added_edited_and_read_back() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    let added = phone.core.add_resident(&person(home, "测试甲")).unwrap();
    assert_eq!((added.name.as_str(), added.birth_year, added.sync), ("测试甲", Some(1948), SyncState::Queued));
    let edit = ResidentEdit {
        name: Some("测试甲改".into()),
        phone: Some(Some("00000000001".into())),
        sex: Some(None),
        birth_year: None,
    };
    phone.core.edit_resident(added.id, &edit).unwrap();
    let read = phone.core.residents_of(home).unwrap();
    assert_eq!((read[0].name.as_str(), read[0].sex, read[0].phone.as_deref()), ("测试甲改", None, Some("00000000001")));
    let count = phone.operations_count();
    phone.core.edit_resident(added.id, &edit).unwrap();
    assert_eq!(phone.operations_count(), count, "nothing new, nothing written");
}

#[test]
fn someone_who_moves_keeps_one_record_and_both_periods() {
    let phone = Phone::manager();
    let (old, new) = (phone.home("1", "101", "测试甲").household, phone.home("2", "201", "测试乙").household);
    let stay = phone.core.add_resident(&person(old, "测试甲")).unwrap();
    assert_eq!(
        invalid_field(phone.core.move_out(stay.residency, NaiveDate::from_ymd_opt(2026, 10, 31).unwrap())),
        "to"
    );
    assert_eq!(phone.core.move_out(stay.residency, day(10)).unwrap().to, Some(day(10)));
    assert_eq!(invalid_field(phone.core.move_out(stay.residency, day(11))), "to");
    let next = Residency {
        resident: stay.id,
        household: new,
        kind: ResidencyKind::Floating,
        lives_where_registered: Some(false),
        from: day(10),
        to: None,
    };
    let moved = phone.core.move_in(&next).unwrap();
    assert_eq!((moved.id, moved.name.as_str(), moved.kind), (stay.id, "测试甲", ResidencyKind::Floating));
    assert_eq!(invalid_field(phone.core.move_in(&next)), "resident");
    assert_eq!(phone.core.residents_of(old).unwrap()[0].to, Some(day(10)));
    assert_eq!(phone.core.residents_of(new).unwrap(), vec![moved]);
    phone.core.move_in(&Residency { household: old, from: day(20), ..next.clone() }).unwrap();
    let back: Vec<bool> = phone.core.residents_of(old).unwrap().iter().map(|one| one.to.is_none()).collect();
    assert_eq!(back, [true, false], "who lives there comes first");
    let elsewhere = phone.home("3", "301", "测试丙").household;
    let backwards = Residency { household: elsewhere, from: day(20), to: Some(day(19)), ..next };
    assert_eq!(invalid_field(phone.core.move_in(&backwards)), "to");
}

fn person_in(phone: &Phone, home: HouseholdId) -> ResidentId {
    phone.core.add_resident(&person(home, "测试丁")).unwrap().id
}

#[test]
fn closing_a_household_ends_its_periods() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    phone.core.add_resident(&person(home, "测试甲")).unwrap();
    phone.core.add_resident(&ResidentDraft { from: Some(day(20)), ..person(home, "测试乙") }).unwrap();
    phone.core.close_household(home, day(15)).unwrap();
    let ends: Vec<_> = phone.core.residents_of(home).unwrap().iter().map(|one| one.to.unwrap()).collect();
    assert_eq!(ends, [day(15), day(20)], "a period does not end before it began");
}

#[test]
fn bad_input_adds_no_one() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲").household;
    let count = phone.operations_count();
    assert_eq!(invalid_field(phone.core.add_resident(&person(home, ""))), "name");
    assert_eq!(invalid_field(phone.core.add_resident(&person(home, &"长".repeat(65)))), "name");
    for year in [1849, 2028] {
        let draft = ResidentDraft { birth_year: Some(year), ..person(home, "测试甲") };
        assert_eq!(invalid_field(phone.core.add_resident(&draft)), "birth_year");
    }
    let nowhere = HouseholdId(derived(&["test", "nowhere"]));
    assert!(matches!(phone.core.add_resident(&person(nowhere, "测试甲")), Err(Error::NotFound { what: "household" })));
    let edit = ResidentEdit { name: Some(String::new()), ..ResidentEdit::default() };
    let missing = ResidentId(derived(&["test", "missing"]));
    assert!(matches!(phone.core.edit_resident(missing, &edit), Err(Error::NotFound { .. })));
    assert!(matches!(phone.core.move_out(ResidencyId(missing.0), day(9)), Err(Error::NotFound { .. })));
    assert_eq!(phone.operations_count(), count);
    assert_eq!(invalid_field(phone.core.edit_resident(person_in(&phone, home), &edit)), "name");
}
