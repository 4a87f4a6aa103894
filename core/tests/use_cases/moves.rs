use crate::phone::{Phone, home_draft, invalid_field, micro_grid, other_grid};
use chrono::NaiveDate;
use zoufang_core::Error;
use zoufang_core::households::HomeDraft;
use zoufang_core::moves::NextHome;
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::views::Likeness;
use zoufang_domain::ids::{HouseholdId, ResidencyId, UnitId, derived};
use zoufang_domain::resident::{Residency, ResidencyKind};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;

pub(crate) fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

pub(crate) fn person(household: HouseholdId, name: &str) -> ResidentDraft {
    ResidentDraft {
        household,
        name: name.to_owned(),
        sex: None,
        birth_year: Some(1948),
        phone: Some("00000000001".into()),
        kind: ResidencyKind::Registered,
        lives_where_registered: Some(true),
        from: Some(day(1)),
    }
}

fn next(household: HouseholdId, on: u32) -> NextHome {
    NextHome { household, kind: ResidencyKind::Floating, lives_where_registered: Some(false), on: Some(day(on)) }
}

fn home_in(phone: &Phone, micro_grid: UnitId, room: &str) -> HouseholdId {
    let draft = HomeDraft { micro_grid, ..home_draft("9", room, "测试户") };
    phone.core.add_home(&draft).unwrap().household
}

#[test]
fn a_move_ends_one_period_and_begins_another_or_does_nothing() {
    let phone = Phone::manager();
    let (old, new) = (phone.home("1", "101", "测试甲").household, phone.home("2", "201", "测试乙").household);
    let stay = phone.core.add_resident(&person(old, "测试甲")).unwrap();
    let count = phone.operations_count();
    let closed = phone.home("3", "301", "测试丙").household;
    phone.core.close_household(closed, day(30)).unwrap();
    let before = phone.operations_count();
    assert_eq!(invalid_field(phone.core.move_home(stay.residency, &next(closed, 10))), "household");
    assert_eq!(invalid_field(phone.core.move_home(stay.residency, &next(old, 10))), "resident");
    let early = NextHome { on: NaiveDate::from_ymd_opt(2026, 10, 1), ..next(new, 10) };
    assert_eq!(invalid_field(phone.core.move_home(stay.residency, &early)), "on");
    let unknown = ResidencyId(derived(&["test", "none"]));
    assert!(matches!(phone.core.move_home(unknown, &next(new, 10)), Err(Error::NotFound { .. })));
    assert_eq!(phone.operations_count(), before, "nothing half-done");

    let moved = phone.core.move_home(stay.residency, &next(new, 10)).unwrap();
    assert_eq!((moved.id, moved.household, moved.from, moved.to), (stay.id, new, day(10), None));
    assert_eq!(phone.core.residents_of(old).unwrap()[0].to, Some(day(9)), "the day before is the last");
    assert_eq!(invalid_field(phone.core.move_home(stay.residency, &next(new, 12))), "residency");
    assert!(phone.operations_count() > count);

    let stays = phone.core.homes_of_resident(stay.id).unwrap();
    assert_eq!(stays.iter().map(|one| one.household).collect::<Vec<_>>(), [new, old]);
    assert_eq!((stays[1].kind, stays[1].from, stays[1].to), (ResidencyKind::Registered, day(1), Some(day(9))));
    assert_eq!(stays[0].home, "2号楼1单元201室 测试乙");
}

#[test]
fn a_closed_home_takes_nobody_in() {
    let phone = Phone::manager();
    let (open, closed) = (phone.home("1", "101", "测试甲").household, phone.home("2", "201", "测试乙").household);
    let stay = phone.core.add_resident(&person(open, "测试甲")).unwrap();
    phone.core.close_household(closed, day(20)).unwrap();
    assert_eq!(invalid_field(phone.core.add_resident(&person(closed, "测试乙"))), "household");
    let there = Residency {
        resident: stay.id,
        household: closed,
        kind: ResidencyKind::Floating,
        lives_where_registered: None,
        from: day(2),
        to: None,
    };
    assert_eq!(invalid_field(phone.core.move_in(&there)), "household");
    assert_eq!(invalid_field(phone.core.move_in(&Residency { to: Some(day(21)), ..there.clone() })), "household");
    let past = phone.core.move_in(&Residency { to: Some(day(20)), ..there }).unwrap();
    assert_eq!(past.to, Some(day(20)), "what was over by then may still be written down");
}

#[test]
fn who_moves_to_another_area_is_known_there_and_the_old_area_keeps_what_it_knew() {
    let phone = Phone::enrolled(Role::GridLeader, &[micro_grid(), other_grid()]);
    let (here, there) = (home_in(&phone, micro_grid(), "1"), home_in(&phone, other_grid(), "2"));
    let stay = phone.core.add_resident(&person(here, "测试甲")).unwrap();
    let moved = phone.core.move_home(stay.residency, &next(there, 10)).unwrap();
    let area_of = |record: &zoufang_domain::record::Record| record.area;
    let copies = |phone: &Phone| phone.copies(Kind::Resident, stay.id.0);
    assert_eq!(copies(&phone).iter().map(area_of).collect::<Vec<_>>(), [micro_grid(), other_grid()]);
    assert_eq!((moved.id, moved.name.as_str(), moved.birth_year), (stay.id, "测试甲", Some(1948)));

    let edit = ResidentEdit { phone: Some(Some("00000000009".into())), ..ResidentEdit::default() };
    phone.core.edit_resident(stay.id, &edit).unwrap();
    let phone_in = |household| phone.core.residents_of(household).unwrap()[0].phone.clone();
    assert_eq!(phone_in(there).as_deref(), Some("00000000009"));
    assert_eq!(phone_in(here).as_deref(), Some("00000000001"), "what the area that they left knew");
    assert_eq!(
        phone.core.search("测试甲", 10).unwrap().hits.iter().filter(|hit| hit.kind == Kind::Resident).count(),
        1
    );

    let back = phone.core.move_home(moved.residency, &next(here, 20)).unwrap();
    assert_eq!(back.phone.as_deref(), Some("00000000009"), "who moves back brings what is known by then");
    assert_eq!(copies(&phone).len(), 2);
    assert_eq!(phone.core.homes_of_resident(stay.id).unwrap().len(), 3);
}

#[test]
fn hints_say_who_may_be_known_already_and_why() {
    let phone = Phone::manager();
    let home = phone.home("1", "101", "测试户").household;
    let add = |name: &str, year: Option<i32>, number: Option<&str>| {
        let phone_number = number.map(str::to_owned);
        let draft = ResidentDraft { birth_year: year, phone: phone_number, ..person(home, name) };
        phone.core.add_resident(&draft).unwrap().id
    };
    let zhang = add("测试张三", Some(1950), Some("000-0000 1234"));
    let other_year = add("测试张三", Some(1990), None);
    let alike = add("测试章山", Some(1950), None);
    add("王五测试", None, Some("00000000777"));

    let hints = phone.core.likely_same("测试张三", Some("+86 00000001234"), Some(1950)).unwrap();
    assert_eq!(hints.iter().map(|hint| hint.resident).collect::<Vec<_>>(), [zhang, alike]);
    assert_eq!(hints[0].why, [Likeness::Phone, Likeness::Name, Likeness::BirthYear], "however the number is written");
    assert_eq!(hints[1].why, [Likeness::Pinyin, Likeness::BirthYear]);
    assert_eq!(hints[0].home, "1号楼1单元101室 测试户");

    let by_phone = phone.core.likely_same("别人", Some("00000001234"), None).unwrap();
    assert_eq!((by_phone[0].resident, by_phone[0].why.as_slice()), (zhang, &[Likeness::Phone][..]));
    let by_name = phone.core.likely_same(" 测试张三", None, None).unwrap();
    assert_eq!(by_name.len(), 3, "without a year both of that name, and who sounds alike");
    assert!(by_name.iter().any(|hint| hint.resident == other_year));
    assert!(phone.core.likely_same("李四", None, None).unwrap().is_empty());
    assert_eq!(invalid_field(phone.core.likely_same(" ", None, None)), "name");
    let count = phone.operations_count();
    phone.core.add_resident(&person(home, "测试张三")).unwrap();
    assert_eq!(phone.operations_count(), count + 2, "a hint blocks nothing");
}
