use crate::moves::{day, person};
use crate::phone::{MORNING_MS, Phone, colleague, community, home_draft, invalid_field, micro_grid, other_grid};
use chrono::NaiveDate;
use serde_json::json;
use uuid::Uuid;
use zoufang_core::Error;
use zoufang_core::care::{CareNeedDraft, CareOf};
use zoufang_core::households::HomeDraft;
use zoufang_core::moves::NextHome;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{DeviceId, derived};
use zoufang_domain::operation::Fields;
use zoufang_domain::record::Record;
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{Stamp, Version};

fn record(kind: Kind, id: Uuid, area: zoufang_domain::ids::UnitId, fields: serde_json::Value) -> Record {
    let v = Version { at: Stamp::from_ms(MORNING_MS), by: DeviceId(derived(&["test", "server"])), counter: 1 };
    let mut record = Record::empty(kind, id, area, v, colleague());
    record.f = serde_json::from_value::<Fields>(fields).unwrap();
    record
}

/// A type of need that lasts at most 30 days and that managers and leaders see.
fn of(phone: &Phone, name: &str, seen_by: &[Role]) -> Uuid {
    let id = derived(&["test", name]);
    let fields = json!({ "name": name, "purpose": "测试", "seen_by": seen_by, "valid_max_days": 30 });
    phone.receive(&record(Kind::CareNeedType, id, community(), fields));
    id
}

fn draft(whose: CareOf, of: Uuid, until: NaiveDate) -> CareNeedDraft {
    CareNeedDraft { whose, of, basis: "测试：本人说明".into(), valid_from: None, valid_until: until }
}

/// Moves the phone's clock to a day of November 2026.
fn on(phone: &Phone, of: u32) {
    phone.clock.set(Moment::start_of(day(of)).to_ms() + 9 * 3600 * 1000);
}

#[test]
fn a_need_holds_for_its_time_and_ends_by_itself_unless_a_person_renews_it() {
    let phone = Phone::manager();
    let home = phone.home("1", "101", "测试户").household;
    let kind = of(&phone, "测试独居", &[Role::MicroGridManager]);
    let resident = phone.core.add_resident(&person(home, "测试甲")).unwrap().id;
    let whose = CareOf::Resident(resident);
    // It is the 5th: thirty days on is 5 December.
    let too_late = NaiveDate::from_ymd_opt(2026, 12, 6).unwrap();
    assert_eq!(invalid_field(phone.core.add_care_need(&draft(whose, kind, too_late))), "valid_until");
    assert_eq!(invalid_field(phone.core.add_care_need(&draft(whose, kind, day(4)))), "valid_from");
    let silent = CareNeedDraft { basis: "  ".into(), ..draft(whose, kind, day(20)) };
    assert_eq!(invalid_field(phone.core.add_care_need(&silent)), "basis");
    let count = phone.operations_count();
    let need = phone.core.add_care_need(&draft(whose, kind, day(20))).unwrap();
    assert_eq!(phone.operations_count(), count + 1);
    assert_eq!((need.type_name.as_str(), need.resident_name.as_str(), need.holds), ("测试独居", "测试甲", true));
    assert_eq!(need.home, "1号楼1单元101室 测试户");
    assert_eq!(invalid_field(phone.core.add_care_need(&draft(whose, kind, day(21)))), "type");
    assert_eq!(phone.core.care_needs_of_home(home).unwrap(), std::slice::from_ref(&need));

    assert!(phone.core.care_needs_expiring(14).unwrap().is_empty());
    assert_eq!(phone.core.care_needs_expiring(15).unwrap().len(), 1);
    on(&phone, 18);
    let renewed = phone.core.renew_care_need(need.id, day(28)).unwrap();
    assert_eq!((renewed.valid_until, renewed.holds), (day(28), true));
    on(&phone, 29);
    assert!(!phone.core.care_needs_of_resident(resident).unwrap()[0].holds, "nobody looked again");
    assert_eq!(invalid_field(phone.core.renew_care_need(need.id, day(30))), "care_need");
    assert!(phone.core.care_needs_expiring(400).unwrap().is_empty());
    let anew = phone.core.add_care_need(&draft(whose, kind, day(30))).unwrap();
    let ended = phone.core.end_care_need(anew.id, None).unwrap();
    assert_eq!((ended.to, ended.holds), (Some(day(29)), true), "its last day is today");
    on(&phone, 30);
    assert!(phone.core.care_needs_of_home(home).unwrap().iter().all(|need| !need.holds));
    assert_eq!(invalid_field(phone.core.end_care_need(anew.id, None)), "care_need");
}

#[test]
fn a_role_that_the_type_does_not_name_neither_sets_nor_sees() {
    let phone = Phone::enrolled(Role::Auxiliary, &[micro_grid()]);
    let home = phone.home("1", "101", "测试户").household;
    let hidden = of(&phone, "测试不可见", &[Role::MicroGridManager, Role::GridLeader]);
    let open = of(&phone, "测试可见", &[Role::Auxiliary]);
    let types: Vec<Uuid> = phone.core.care_types().unwrap().iter().map(|one| one.id).collect();
    assert_eq!(types, [open]);
    let count = phone.operations_count();
    let refused = phone.core.add_care_need(&draft(CareOf::Household(home), hidden, day(20)));
    assert!(matches!(refused, Err(Error::NotAllowed)));
    assert_eq!(phone.operations_count(), count);
    // Were it there all the same, no list would show it.
    let fields = json!({ "household": home, "type": hidden, "seen_by": ["micro_grid_manager", "grid_leader"], "basis": "b",
        "valid_from": "2026-11-01", "valid_until": "2026-11-20" });
    let strange = derived(&["test", "strange"]);
    phone.receive(&record(Kind::CareNeed, strange, micro_grid(), fields));
    assert!(phone.core.care_needs_of_home(home).unwrap().is_empty());
    assert!(phone.core.care_needs_expiring(30).unwrap().is_empty());
    assert!(matches!(phone.core.renew_care_need(strange, day(25)), Err(Error::NotFound { .. })));
    assert_eq!(phone.core.add_care_need(&draft(CareOf::Household(home), open, day(20))).unwrap().household, Some(home));
}

#[test]
fn a_must_visit_list_follows_the_needs_that_hold() {
    let phone = Phone::manager();
    let home = phone.home("1", "101", "测试户").household;
    phone.home("2", "201", "测试乙");
    let kind = of(&phone, "测试独居", &[Role::MicroGridManager]);
    let (list, rule) = (derived(&["test", "list"]), derived(&["test", "rule"]));
    let above = record(Kind::OrgUnit, community().0, community(), json!({ "level": "community", "name": "测试社区" }));
    phone.receive(&above);
    let parent = json!({ "level": "micro_grid", "name": "测试微网格", "parent": community() });
    phone.receive(&record(Kind::OrgUnit, micro_grid().0, micro_grid(), parent));
    let condition = json!({ "name": "测试清单", "reason": "测试", "condition": { "care_need": kind } });
    phone.receive(&record(Kind::MustVisitList, list, community(), condition));
    let monthly = json!({ "name": "测试每月", "rhythm": { "every": "month" }, "list": list, "from": "2026-01-01" });
    phone.receive(&record(Kind::CadenceRule, rule, community(), monthly));
    assert!(phone.core.due_list(None).unwrap().homes.is_empty());
    let resident = phone.core.add_resident(&person(home, "测试甲")).unwrap();
    phone.core.add_care_need(&draft(CareOf::Resident(resident.id), kind, day(20))).unwrap();
    let due = phone.core.due_list(None).unwrap().homes;
    assert_eq!(due.iter().map(|one| one.home.household).collect::<Vec<_>>(), [home]);
    assert!(phone.core.due_list(Some(day(21))).unwrap().homes.is_empty(), "it ends by itself");
}

#[test]
fn a_need_is_listed_where_its_resident_lives_now() {
    let phone = Phone::enrolled(Role::GridLeader, &[micro_grid(), other_grid()]);
    let here = phone.core.add_home(&home_draft("1", "101", "测试户")).unwrap().household;
    let there = HomeDraft { micro_grid: other_grid(), ..home_draft("2", "201", "测试乙") };
    let there = phone.core.add_home(&there).unwrap().household;
    let kind = of(&phone, "测试独居", &[Role::GridLeader]);
    let stay = phone.core.add_resident(&person(here, "测试甲")).unwrap();
    phone.core.add_care_need(&draft(CareOf::Resident(stay.id), kind, day(20))).unwrap();
    let next =
        NextHome { household: there, kind: ResidencyKind::Floating, lives_where_registered: None, on: Some(day(10)) };
    phone.core.move_home(stay.residency, &next).unwrap();
    assert!(phone.core.care_needs_of_home(here).unwrap().is_empty());
    assert_eq!(phone.core.care_needs_of_home(there).unwrap().len(), 1);
}
