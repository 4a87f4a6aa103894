//! Cases 1 to 5: two people edit one home.

use serde_json::json;
use zoufang_core::households::{DwellingEdit, HouseholdEdit};
use zoufang_core::views::HomeView;
use zoufang_domain::home::Address;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_tests::ports::{DAY_MS, HOUR_MS, MINUTE_MS};
use zoufang_tests::world::{Handset, World};

/// 2099-01-01.
const YEAR_2099_MS: i64 = 4_070_908_800_000;

/// A world with two managers of one micro-grid, both in sync.
async fn two_phones(seed: u64) -> (World, Handset, Handset) {
    let mut world = World::new(seed);
    let area = world.micro_grid("测试微网格", 12);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    world.settle(&[&a, &b]).await;
    (world, a, b)
}

fn set_phone(phone: &Handset, household: HouseholdId, number: &str) {
    let edit = HouseholdEdit { phone: Some(Some(number.to_owned())), ..HouseholdEdit::default() };
    phone.core().edit_household(household, &edit).unwrap();
}

fn home(phone: &Handset, household: HouseholdId) -> HomeView {
    phone.core().home(household).unwrap()
}

/// The household's record in the phone's file.
fn record(phone: &Handset, home: &HomeView) -> Record {
    let found = phone.found();
    serde_json::from_str(&found.areas[&home.micro_grid][&(Kind::Household.number(), home.household.0)]).unwrap()
}

#[tokio::test]
async fn case_01_edits_of_different_fields_are_both_kept_without_a_conflict() {
    let (world, a, b) = two_phones(1).await;
    let home_before = a.first_home();
    let household = home_before.household;
    set_phone(&a, household, "13900001111");
    let moved = Address { building: "9".into(), unit: "1".into(), room: "测试902".into() };
    let edit = DwellingEdit { address: Some(moved.clone()), ..DwellingEdit::default() };
    b.core().edit_dwelling(home_before.dwelling, &edit).unwrap();
    let edit = HouseholdEdit { people_count: Some(Some(7)), ..HouseholdEdit::default() };
    b.core().edit_household(household, &edit).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        let shown = home(phone, household);
        assert_eq!(shown.phone.as_deref(), Some("13900001111"));
        assert_eq!((shown.address, shown.people_count), (moved.clone(), Some(7)));
        assert!(!shown.has_conflict && phone.core().conflicts().unwrap().is_empty());
    }
    assert_eq!(world.server.evidence().conflicts_opened_count, 0);
}

#[tokio::test]
async fn case_02_edits_of_one_field_show_the_later_and_keep_the_other_until_settled() {
    let (world, a, b) = two_phones(2).await;
    let before = a.first_home();
    let household = before.household;
    world.forward(&[&a, &b], MINUTE_MS);
    set_phone(&a, household, "13900001111");
    world.forward(&[&a, &b], MINUTE_MS);
    set_phone(&b, household, "13900002222");
    // The later edit arrives first: order of arrival decides nothing.
    b.must_sync().await;
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        assert_eq!(home(phone, household).phone.as_deref(), Some("13900002222"));
        let conflicts = phone.core().conflicts().unwrap();
        assert_eq!(conflicts.len(), 1);
        let values: Vec<_> = conflicts[0].sides.iter().map(|side| side.value.value.clone()).collect();
        assert_eq!(values, [json!("13900002222"), json!("13900001111")]);
        assert_eq!(conflicts[0].base.value, json!(before.phone));
        let names: Vec<_> = conflicts[0].sides.iter().map(|side| side.who_name.clone().unwrap()).collect();
        assert_eq!(names, ["测试乙", "测试甲"]);
    }
    assert_eq!(world.server.count("SELECT count(*) FROM conflict_log WHERE settled_ms IS NULL"), 1);
    assert_eq!(world.server.count("SELECT sum(conflicts_count) FROM record"), 1, "the dashboard sees it");

    let conflict = a.core().conflicts().unwrap().remove(0);
    a.core().settle_conflict(conflict.kind, conflict.record, &conflict.field, json!("13900001111")).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        assert_eq!(home(phone, household).phone.as_deref(), Some("13900001111"));
        assert!(phone.core().conflicts().unwrap().is_empty());
    }
    assert_eq!(world.server.count("SELECT count(*) FROM conflict_log WHERE settled_ms IS NULL"), 0);
    assert_eq!(world.server.evidence().conflicts_opened_count, 1, "the log keeps it");
}

#[tokio::test]
async fn case_03_equal_clocks_are_decided_by_the_larger_device_everywhere() {
    let (world, a, b) = two_phones(3).await;
    let before = a.first_home();
    world.forward(&[&a, &b], MINUTE_MS);
    set_phone(&a, before.household, "13900001111");
    set_phone(&b, before.household, "13900002222");
    world.settle_and_check(&[&a, &b]).await;
    let heads = record(&a, &before).heads["phone"].clone();
    assert_eq!(heads.len(), 2);
    assert_eq!(heads[0].v.at, heads[1].v.at, "the clocks were equal");
    let larger = if a.found().device > b.found().device { "13900001111" } else { "13900002222" };
    for phone in [&a, &b] {
        assert_eq!(home(phone, before.household).phone.as_deref(), Some(larger));
        assert_eq!(record(phone, &before).heads["phone"], heads);
    }
}

#[tokio::test]
async fn case_04_a_clock_in_2099_is_restamped_and_does_not_win_the_next_day() {
    let (world, a, b) = two_phones(4).await;
    let before = a.first_home();
    b.clock.set(YEAR_2099_MS);
    set_phone(&b, before.household, "13900002099");
    crate::visit(&b, before.household, "2099 年的走访");
    b.must_sync().await;
    let restamped = record(&b, &before).heads["phone"][0].v.at.wall_ms();
    assert!(restamped <= world.clock.now_ms() + 5 * MINUTE_MS, "pulled back to the server's time");

    // A has not seen it and edits the next day.
    world.clock.forward(DAY_MS);
    a.clock.forward(DAY_MS);
    set_phone(&a, before.household, "13900001111");
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        assert_eq!(home(phone, before.household).phone.as_deref(), Some("13900001111"));
    }
    // The clock of 2099 still saves and syncs, and its author's next edit counts.
    set_phone(&b, before.household, "13900003333");
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(home(&a, before.household).phone.as_deref(), Some("13900003333"));
}

#[tokio::test]
async fn case_05_an_edit_made_after_seeing_another_is_later_though_its_clock_is_slow() {
    let (world, a, b) = two_phones(5).await;
    let before = a.first_home();
    world.forward(&[&a, &b], 10 * MINUTE_MS);
    b.clock.forward(-HOUR_MS);
    set_phone(&a, before.household, "13900001111");
    world.settle(&[&a, &b]).await;
    assert_eq!(home(&b, before.household).phone.as_deref(), Some("13900001111"), "B sees it");
    set_phone(&b, before.household, "13900002222");
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        let shown = home(phone, before.household);
        assert_eq!(shown.phone.as_deref(), Some("13900002222"));
        assert!(!shown.has_conflict, "who has seen a value and replaces it contradicts nobody");
    }
    assert_eq!(world.server.evidence().conflicts_opened_count, 0);
}
