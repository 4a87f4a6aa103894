//! Residents over two areas: who moves from one micro-grid to another, and what each side's people then see.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use zoufang_core::moves::NextHome;
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::views::Page;
use zoufang_domain::ids::HouseholdId;
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::staff::Role;
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::{Handset, World};

fn person(household: HouseholdId, name: &str) -> ResidentDraft {
    ResidentDraft {
        household,
        name: name.into(),
        sex: None,
        birth_year: None,
        phone: Some("00000000001".into()),
        kind: ResidencyKind::Registered,
        lives_where_registered: None,
        from: None,
    }
}

fn phones_in(phone: &Handset, household: HouseholdId) -> Vec<Option<String>> {
    phone.core().residents_of(household).unwrap().into_iter().map(|one| one.phone).collect()
}

#[tokio::test]
async fn who_moves_between_two_areas_of_a_leader_is_known_to_each_manager_as_far_as_it_is_theirs() {
    let mut world = World::new(71);
    let (a, b) = (world.micro_grid("测试微网格甲", 2), world.micro_grid("测试微网格乙", 2));
    let (of_a, of_b) = (world.managers_phone("测试甲", a).await, world.managers_phone("测试乙", b).await);
    // One person with a post in both micro-grids.
    let staff = world.staff("测试丙", a, Role::GridLeader);
    world.server.post(staff, b, Role::GridLeader);
    let leader = world.phone(staff).await;
    world.settle(&[&of_a, &of_b, &leader]).await;
    let (from, to) = (of_a.first_home().household, of_b.first_home().household);

    let stay = of_a.core().add_resident(&person(from, "测试迁居")).unwrap();
    of_a.core().add_resident(&person(from, "测试金丝雀")).unwrap();
    world.settle(&[&of_a, &of_b, &leader]).await;
    world.forward(&[&of_a, &of_b, &leader], DAY_MS);
    let next = NextHome { household: to, kind: ResidencyKind::Floating, lives_where_registered: None, on: None };
    leader.core().move_home(stay.residency, &next).unwrap();
    world.settle_and_check(&[&of_a, &of_b, &leader]).await;
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine"), 0);

    let there = of_b.core().residents_of(to).unwrap();
    assert_eq!((there.len(), there[0].id, there[0].name.as_str()), (1, stay.id, "测试迁居"));
    let edit = ResidentEdit { phone: Some(Some("00000000009".into())), ..ResidentEdit::default() };
    of_b.core().edit_resident(stay.id, &edit).unwrap();
    world.settle_and_check(&[&of_a, &of_b, &leader]).await;
    assert_eq!(phones_in(&leader, to), [Some("00000000009".into())]);
    assert_eq!(
        phones_in(&of_a, from),
        [Some("00000000001".into()), Some("00000000001".into())],
        "a number given to B's manager stays with B"
    );
    let known_to_a = of_a.core().homes_of_resident(stay.id).unwrap();
    assert_eq!(known_to_a.len(), 1, "where they went is not A's to know");
    assert_eq!(leader.core().homes_of_resident(stay.id).unwrap().len(), 2);
    assert!(of_b.core().search("测试金丝雀", 10).unwrap().hits.is_empty());
}

#[tokio::test]
async fn households_split_and_merged_offline_are_the_same_on_every_phone() {
    use zoufang_core::households::HomeDraft;
    use zoufang_core::splits::SplitDraft;
    let mut world = World::new(72);
    let area = world.micro_grid("测试微网格", 3);
    let phone = world.managers_phone("测试甲", area).await;
    let colleague = world.staff("测试乙", area, Role::Auxiliary);
    let other = world.phone(colleague).await;
    world.settle(&[&phone, &other]).await;
    let homes = phone.homes();
    let (home, gone) = (&homes[0], &homes[1]);
    let stay = phone.core().add_resident(&person(home.household, "测试分户")).unwrap();
    let moves = phone.core().add_resident(&person(gone.household, "测试并户")).unwrap();
    world.forward(&[&phone, &other], DAY_MS);
    let draft = HomeDraft {
        micro_grid: area,
        address: home.address.clone(),
        used_as: zoufang_domain::home::Use::Own,
        contact: Some("测试分户".into()),
        phone: None,
        people_count: None,
        from: None,
        shares_dwelling: true,
    };
    let split = SplitDraft { household: home.household, residencies: vec![stay.residency], home: draft };
    let own = phone.core().split_household(&split).unwrap();
    phone.core().merge_households(gone.household, own.household, None).unwrap();
    world.settle_and_check(&[&phone, &other]).await;
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine"), 0);
    let seen = other.core().home(own.household).unwrap();
    assert_eq!(seen.split_from, Some(home.household));
    assert_eq!(other.core().home(gone.household).unwrap().merged_into, Some(own.household));
    let mut living: Vec<_> = other.core().residents_of(own.household).unwrap().iter().map(|one| one.id).collect();
    living.sort();
    let mut expected = vec![stay.id, moves.id];
    expected.sort();
    assert_eq!(living, expected);
    assert_eq!(other.core().homes(Page::FIRST).unwrap().len(), 3, "one more by the split, one less by the merge");
}

#[tokio::test]
async fn an_own_area_that_becomes_a_unit_above_is_forgotten_and_one_that_becomes_own_comes_whole() {
    let mut world = World::new(73);
    let area = world.micro_grid("测试微网格", 2);
    let community = world.community;
    world.staff("测试同事", community, Role::CommunityDesk);
    let staff = world.server.add_staff("测试甲");
    let first = world.server.post(staff, area, Role::MicroGridManager);
    let phone = world.phone(staff).await;
    world.settle_and_check(&[&phone]).await;
    world.server.end_post(first);
    let second = world.server.post(staff, community, Role::GridLeader);
    world.settle_and_check(&[&phone]).await;
    let held = phone.found().areas[&community].len();
    assert!(held > 1, "the community's colleagues too: {held}");
    world.server.end_post(second);
    world.server.post(staff, area, Role::MicroGridManager);
    world.settle_and_check(&[&phone]).await;
    assert!(!phone.found().areas.contains_key(&community));
}
