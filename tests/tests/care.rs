//! Care needs from the unit that names the roles to the phones that see them, and to no other.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::json;
use uuid::Uuid;
use zoufang_core::care::{CareNeedDraft, CareOf};
use zoufang_domain::calendar::Moment;
use zoufang_domain::care::CareNeedType;
use zoufang_domain::ids::UnitId;
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::{pull, rules, units};
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::{Handset, World, plain};

/// Stands in a need alone.
const CANARY: &str = "金丝雀独居";

fn set_type(world: &World, area: UnitId, name: &str, seen_by: &[Role]) -> Uuid {
    let of =
        CareNeedType { name: name.into(), purpose: "测试".into(), seen_by: seen_by.to_vec(), valid_max_days: 90 };
    let (now_ms, top) = (world.clock.now_ms(), top(world, area));
    world.server.app.store.write(|tx| rules::set_care_type(tx, now_ms, CONSOLE, top, &of)).unwrap();
    rules::id_by_name(Kind::CareNeedType, top, name)
}

fn top(world: &World, area: UnitId) -> UnitId {
    world.server.app.store.read(|c| units::ancestors(c, area)).unwrap().first().unwrap().id
}

fn set_need(phone: &Handset, of: Uuid) -> Uuid {
    let until = Moment::from_ms(phone.clock.now_ms()).day() + chrono::Days::new(60);
    let whose = CareOf::Household(phone.first_home().household);
    let draft = CareNeedDraft { whose, of, basis: CANARY.into(), valid_from: None, valid_until: until };
    phone.core().add_care_need(&draft).unwrap().id
}

fn needs_count(phone: &Handset) -> usize {
    phone.core().care_needs_of_home(phone.first_home().household).unwrap().len()
}

/// Whether the text went over a phone's line since its answers are kept.
fn was_told(phone: &Handset, text: &str) -> bool {
    phone.line.kept_answers().iter().any(|answer| String::from_utf8_lossy(&plain(answer)).contains(text))
}

#[tokio::test]
async fn only_the_roles_of_its_type_are_ever_sent_a_need() {
    let mut world = World::new(81);
    let (area, elsewhere) = (world.micro_grid("测试微网格甲", 2), world.micro_grid("测试微网格乙", 2));
    let manager = world.managers_phone("测试甲", area).await;
    let (leader, auxiliary) =
        (world.staff("测试乙", area, Role::GridLeader), world.staff("测试丙", area, Role::Auxiliary));
    let (leader, auxiliary) = (world.phone(leader).await, world.phone(auxiliary).await);
    let far = world.managers_phone("测试丁", elsewhere).await;
    let of = set_type(&world, area, "测试独居", &[Role::MicroGridManager, Role::GridLeader]);
    let all = [&manager, &leader, &auxiliary, &far];
    world.settle(&all).await;
    for phone in [&auxiliary, &far] {
        phone.line.keep_answers();
    }
    let need = set_need(&manager, of);
    world.settle_and_check(&all).await;
    assert_eq!((needs_count(&manager), needs_count(&leader), needs_count(&auxiliary)), (1, 1, 0));

    for (phone, role) in [(&auxiliary, Role::Auxiliary), (&leader, Role::GridLeader)] {
        let theirs = world.server.app.store.read(|c| pull::digest(c, area, Some(role))).unwrap();
        assert_eq!(phone.core().digest_of_area(area).unwrap(), Some(theirs), "each has all that it may see");
    }
    // The id is guessed: to change what one does not see, or to be told what stands there.
    let fields = |until: &str| Fields::from([("valid_until".to_owned(), json!(until))]);
    let set = Action::Set { fields: fields("2026-01-01"), base: Default::default(), was: Fields::new() };
    auxiliary.plant(area, Kind::CareNeed, need, set.clone());
    far.plant(elsewhere, Kind::CareNeed, need, set);
    assert_eq!(auxiliary.must_sync().await.quarantined_count, 1);
    assert_eq!(far.must_sync().await.quarantined_count, 1);
    assert!(!was_told(&auxiliary, CANARY) && !was_told(&far, CANARY));
    assert!(!was_told(&auxiliary, "\"care_need\""), "not even that there is one");
    manager
        .core()
        .renew_care_need(need, Moment::from_ms(manager.clock.now_ms()).day() + chrono::Days::new(80))
        .unwrap();
    world.settle(&all).await;
    assert_eq!(needs_count(&leader), 1);
    assert!(!was_told(&auxiliary, CANARY));
}

#[tokio::test]
async fn a_phone_forgets_with_a_role_and_learns_with_a_role() {
    let mut world = World::new(82);
    let area = world.micro_grid("测试微网格", 2);
    let manager = world.managers_phone("测试甲", area).await;
    let staff = world.server.add_staff("测试乙");
    let first = world.server.post(staff, area, Role::Auxiliary);
    let phone = world.phone(staff).await;
    let of = set_type(&world, area, "测试独居", &[Role::MicroGridManager, Role::GridWorker]);
    world.settle(&[&manager, &phone]).await;
    set_need(&manager, of);
    world.settle_and_check(&[&manager, &phone]).await;
    assert_eq!(needs_count(&phone), 0);

    world.server.end_post(first);
    let second = world.server.post(staff, area, Role::GridWorker);
    world.forward(&[&manager, &phone], DAY_MS);
    world.settle_and_check(&[&manager, &phone]).await;
    assert_eq!(needs_count(&phone), 1, "what was set long before is sent too");
    let own = set_type(&world, area, "测试其他", &[Role::GridWorker]);
    world.settle(&[&manager, &phone]).await;
    set_need(&phone, own);
    world.settle_and_check(&[&manager, &phone]).await;
    assert_eq!((needs_count(&phone), needs_count(&manager)), (2, 1));

    world.server.end_post(second);
    world.server.post(staff, area, Role::Auxiliary);
    world.forward(&[&manager, &phone], DAY_MS);
    world.settle_and_check(&[&manager, &phone]).await;
    assert_eq!((needs_count(&phone), needs_count(&manager)), (0, 1));
    assert!(phone.found().areas[&area].keys().all(|(kind, _)| *kind != Kind::CareNeed.number()), "nor in its file");
}

#[tokio::test]
async fn the_server_holds_a_need_to_its_type() {
    let mut world = World::new(83);
    let (area, elsewhere) = (world.micro_grid("测试微网格甲", 2), world.micro_grid("测试微网格乙", 1));
    let phone = world.managers_phone("测试甲", area).await;
    let of = set_type(&world, area, "测试独居", &[Role::MicroGridManager]);
    let foreign = CareNeedType {
        name: "别处的类型".into(),
        purpose: "测试".into(),
        seen_by: vec![Role::MicroGridManager],
        valid_max_days: 90,
    };
    let now_ms = world.clock.now_ms();
    world.server.app.store.write(|tx| rules::set_care_type(tx, now_ms, CONSOLE, elsewhere, &foreign)).unwrap();
    world.settle(&[&phone]).await;
    let home = phone.first_home().household;
    let today = Moment::from_ms(now_ms).day();
    let fields = |of: Uuid, seen_by: serde_json::Value, days: u64| {
        let until = today + chrono::Days::new(days);
        let fields = json!({ "household": home, "type": of, "seen_by": seen_by, "basis": "测试", "valid_from": today,
            "valid_until": until });
        Action::Create { fields: serde_json::from_value(fields).unwrap(), entries: Vec::new() }
    };
    let mine = json!(["micro_grid_manager"]);
    let strange = rules::id_by_name(Kind::CareNeedType, elsewhere, "别处的类型");
    let altered = [
        (fields(of, json!(["micro_grid_manager", "auxiliary"]), 60), "seen_by"),
        (fields(of, mine.clone(), 400), "valid_until"),
        (fields(strange, mine.clone(), 60), "type"),
        (fields(Uuid::from_u128(9), mine, 60), "type"),
    ];
    for (at, (action, _)) in altered.iter().enumerate() {
        phone.plant(area, Kind::CareNeed, Uuid::from_u128(100 + at as u128), action.clone());
    }
    phone.must_sync().await;
    let kept = phone.core().quarantined(zoufang_core::views::Page::FIRST).unwrap();
    let mut found: Vec<String> = kept.into_iter().filter_map(|one| one.field).collect();
    found.reverse();
    assert_eq!(found, altered.map(|(_, field)| field));
    assert_eq!(world.server.count("SELECT count(*) FROM record WHERE kind = 18"), 0);
}

#[tokio::test]
async fn a_type_that_a_restored_server_does_not_know_is_offered_no_more() {
    let mut world = World::new(84);
    let area = world.micro_grid("测试微网格", 1);
    let phone = world.managers_phone("测试甲", area).await;
    world.settle(&[&phone]).await;
    let backup = world.backup();
    set_type(&world, area, "测试独居", &[Role::MicroGridManager]);
    world.settle(&[&phone]).await;
    assert_eq!(phone.core().care_types().unwrap().len(), 1);
    world.restore(&backup, &[&phone]);
    world.settle_and_check(&[&phone]).await;
    assert!(phone.core().care_types().unwrap().is_empty(), "a need of it would wait in quarantine");
}
