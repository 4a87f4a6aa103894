use crate::phone::{MORNING_MS, Phone, home_draft, invalid_field, micro_grid, other_grid, record_elsewhere};
use chrono::NaiveDate;
use serde_json::json;
use zoufang_core::Error;
use zoufang_core::households::{DwellingEdit, HomeDraft, HouseholdEdit};
use zoufang_core::matters::MatterDraft;
use zoufang_core::views::{Page, SyncState};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::{Address, Use};
use zoufang_domain::ids::{DwellingId, HouseholdId, derived};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

#[test]
fn homes_come_in_walk_order_with_what_matters_at_the_door() {
    let phone = Phone::manager();
    let far = phone.home("10", "101", "测试丙");
    let near = phone.home("2", "1001", "测试乙");
    let nearest = phone.home("2", "302", "测试甲");
    for (minutes, outcome) in [(0, Outcome::NoAnswer), (90, Outcome::Done), (30, Outcome::Refused)] {
        let started_at = Some(Moment::from_ms(MORNING_MS + minutes * 60_000));
        phone
            .core
            .save_visit(VisitDraft { started_at, ..VisitDraft::new(near.household, Mode::Door, outcome) })
            .unwrap();
    }
    for summary in ["路灯不亮", "水管漏水"] {
        let matter = MatterDraft {
            household: Some(near.household),
            ..MatterDraft::new(MatterKind::Help, Track::Simple, summary)
        };
        phone.core.report_matter(matter).unwrap();
    }
    let withdrawn =
        MatterDraft { household: Some(near.household), ..MatterDraft::new(MatterKind::Help, Track::Simple, "误报") };
    let withdrawn = phone.core.report_matter(withdrawn).unwrap();
    phone.core.withdraw(withdrawn.id, "居民撤回").unwrap();

    let homes = phone.core.homes(Page::FIRST).unwrap();
    let order: Vec<HouseholdId> = homes.iter().map(|home| home.household).collect();
    assert_eq!(order, [nearest.household, near.household, far.household]);
    assert_eq!(homes[1].address_text, "2号楼1单元1001室");
    assert_eq!(homes[1].micro_grid_name, "段南沟第1微网格");
    let last = homes[1].last_visit.unwrap();
    assert_eq!((last.at, last.outcome), (Moment::from_ms(MORNING_MS + 90 * 60_000), Outcome::Done));
    assert_eq!((homes[1].open_matters_count, homes[0].open_matters_count), (2, 0));
    assert!(homes[0].last_visit.is_none() && !homes[0].has_conflict);
    let one = Page { skip_count: 1, take_count: 1 };
    assert_eq!(phone.core.homes(one).unwrap(), homes[1..2]);
}

#[test]
fn only_the_own_and_current_homes_are_listed() {
    let phone = Phone::enrolled(Role::MicroGridManager, &[micro_grid(), other_grid()]);
    let here = phone.home("1", "101", "测试甲");
    let there =
        phone.core.add_home(&HomeDraft { micro_grid: other_grid(), ..home_draft("1", "101", "测试乙") }).unwrap();
    let closed = phone.home("1", "102", "测试丙");
    phone.core.close_household(closed.household, day(5)).unwrap();
    let mut foreign = record_elsewhere(
        Kind::Household,
        "foreign",
        &[("dwelling", json!(derived(&["test", "d"]))), ("from", json!("2026-01-01"))],
    );
    foreign.area = crate::phone::community();
    phone.receive(&foreign);
    let listed: Vec<HouseholdId> = phone.core.homes(Page::FIRST).unwrap().iter().map(|home| home.household).collect();
    assert_eq!(listed, [here.household, there.household]);
    assert_eq!(phone.core.home(closed.household).unwrap().to, Some(day(5)));
}

#[test]
fn a_household_is_edited_field_by_field() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    phone.acknowledge_all();
    let count = phone.operations_count();
    let same = HouseholdEdit { contact: Some(Some("测试甲".into())), phone: Some(None), ..HouseholdEdit::default() };
    assert_eq!(phone.core.edit_household(home.household, &same).unwrap().sync, SyncState::Acknowledged);
    assert_eq!(phone.operations_count(), count, "nothing new, nothing written");
    let edit =
        HouseholdEdit { phone: Some(Some("00000000000".into())), people_count: Some(Some(4)), contact: Some(None) };
    let edited = phone.core.edit_household(home.household, &edit).unwrap();
    assert_eq!((edited.phone.as_deref(), edited.people_count, edited.contact), (Some("00000000000"), Some(4), None));
    assert_eq!((phone.operations_count(), edited.sync, edited.unsent), (count + 1, SyncState::Queued, true));
    for (edit, field) in [
        (HouseholdEdit { people_count: Some(Some(100)), ..HouseholdEdit::default() }, "people_count"),
        (HouseholdEdit { contact: Some(Some(" ".into())), ..HouseholdEdit::default() }, "contact"),
        (HouseholdEdit { phone: Some(Some("0".repeat(65))), ..HouseholdEdit::default() }, "phone"),
    ] {
        assert_eq!(invalid_field(phone.core.edit_household(home.household, &edit)), field);
    }
    let missing = HouseholdId(derived(&["test", "missing"]));
    assert!(matches!(phone.core.edit_household(missing, &edit), Err(Error::NotFound { .. })));
}

#[test]
fn a_dwelling_is_edited_and_the_home_moves_in_the_walk() {
    let phone = Phone::manager();
    let (first, second) = (phone.home("1", "101", "测试甲"), phone.home("2", "101", "测试乙"));
    let address = Address { building: "9".into(), unit: String::new(), room: "901".into() };
    let edit = DwellingEdit { address: Some(address.clone()), used_as: Some(Use::Rented) };
    phone.core.edit_dwelling(first.dwelling, &edit).unwrap();
    let homes = phone.core.homes(Page::FIRST).unwrap();
    assert_eq!(homes[0].household, second.household);
    assert_eq!((homes[1].address_text.as_str(), homes[1].used_as), ("9号楼901室", Some(Use::Rented)));
    let roomless = DwellingEdit { address: Some(Address { room: " ".into(), ..address }), used_as: None };
    assert_eq!(invalid_field(phone.core.edit_dwelling(first.dwelling, &roomless)), "address");
    let missing = DwellingId(derived(&["test", "missing"]));
    assert!(matches!(phone.core.edit_dwelling(missing, &edit), Err(Error::NotFound { .. })));
}

#[test]
fn a_home_is_added_once() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    assert_eq!(invalid_field(phone.core.add_home(&home_draft("3", "301", "测试乙"))), "address");
    let shared = phone.core.add_home(&HomeDraft { shares_dwelling: true, ..home_draft("3", "301", "测试乙") }).unwrap();
    assert_eq!(shared.dwelling, home.dwelling);
    for household in [home.household, shared.household] {
        phone.core.close_household(household, day(5)).unwrap();
    }
    assert_eq!(phone.home("3", "301", "测试丙").dwelling, home.dwelling, "the same walls");
    assert_eq!(invalid_field(phone.core.add_home(&home_draft("3", "", "测试丁"))), "address");
    assert_eq!(invalid_field(phone.core.add_home(&home_draft("3", "302", " "))), "contact");
    let crowd = HomeDraft { people_count: Some(100), ..home_draft("3", "302", "测试丁") };
    assert_eq!(invalid_field(phone.core.add_home(&crowd)), "people_count");
    let abroad = HomeDraft { micro_grid: other_grid(), ..home_draft("3", "302", "测试丁") };
    assert!(matches!(phone.core.add_home(&abroad), Err(Error::NotAllowed)));
    assert_eq!(phone.count("SELECT count(*) FROM record WHERE kind = 4"), 1, "no dwelling without its household");
}

#[test]
fn a_household_closes_once_and_not_before_it_began() {
    let phone = Phone::manager();
    let home = phone.home("3", "301", "测试甲");
    assert_eq!(invalid_field(phone.core.close_household(home.household, day(4))), "to");
    assert_eq!(phone.core.close_household(home.household, day(6)).unwrap().to, Some(day(6)));
    assert_eq!(invalid_field(phone.core.close_household(home.household, day(7))), "to");
    assert!(phone.core.homes(Page::FIRST).unwrap().is_empty());
}

#[test]
fn an_odd_field_or_a_missing_dwelling_does_not_hide_the_home() {
    let phone = Phone::manager();
    let odd = record_elsewhere(
        Kind::Household,
        "odd",
        &[
            ("dwelling", json!(derived(&["test", "not here yet"]))),
            ("from", json!("2026-01-01")),
            ("people_count", json!({"of": "a newer version"})),
            ("contact", json!("测试甲")),
        ],
    );
    phone.receive(&odd);
    let homes = phone.core.homes(Page::FIRST).unwrap();
    assert_eq!((homes.len(), homes[0].people_count, homes[0].contact.as_deref()), (1, None, Some("测试甲")));
    assert_eq!((homes[0].address_text.as_str(), homes[0].sync), ("", SyncState::Acknowledged));
}
