//! Cases 15 and 17: a server that comes back from a backup, a phone that comes back after 200 days.

use crate::visit;
use zoufang_core::Error;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::MatterDraft;
use zoufang_core::views::Page;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::matter::{MatterKind, MatterState, Track};
use zoufang_domain::wire::session::SessionRequest;
use zoufang_domain::wire::{ExchangeError, SyncProtocol, version};
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::World;

#[tokio::test]
async fn case_15_a_server_restored_to_yesterday_gets_back_all_that_phones_hold() {
    let mut world = World::new(15);
    let area = world.micro_grid("测试微网格", 12);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let homes = a.homes();
    visit(&a, homes[0].household, "备份前");
    world.settle(&[&a, &b]).await;
    let backup = world.backup();
    world.forward(&[&a, &b], DAY_MS);
    for (at, home) in homes.iter().enumerate() {
        visit(if at % 2 == 0 { &a } else { &b }, home.household, "备份后，已上传");
    }
    let edit = HouseholdEdit { phone: Some(Some("13900001111".into())), ..HouseholdEdit::default() };
    a.core().edit_household(homes[3].household, &edit).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    let unsent = visit(&b, homes[1].household, "备份后，未上传");
    assert_eq!(world.server.evidence().visits.len(), 13);

    world.restore(&backup, &[&a, &b]);
    assert_eq!(world.server.evidence().visits.len(), 1, "the server has forgotten a day");
    // Until both have come back, each phone still shows what the other's visits were before the restore, so digests differ meanwhile.
    for phone in [&a, &b] {
        phone.sync().await.unwrap();
    }
    world.settle_and_check(&[&a, &b]).await;
    let server = world.server.evidence();
    assert_eq!(server.visits.len(), 14);
    assert!(server.visits.contains_key(&unsent.id.0));
    assert_eq!(server.quarantined_count, 0);
    assert_eq!(b.core().home(homes[3].household).unwrap().phone.as_deref(), Some("13900001111"));
    assert!(world.server.count("SELECT epoch FROM server") > 1);
}

#[tokio::test]
async fn case_15_work_on_what_a_colleague_began_comes_back_even_before_the_colleague() {
    let mut world = World::new(115);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let backup = world.backup();
    world.forward(&[&a, &b], DAY_MS);
    let mut draft = MatterDraft::new(MatterKind::Help, Track::Simple, "备份后的诉求");
    draft.household = Some(a.first_home().household);
    let matter = a.core().report_matter(draft).unwrap().id;
    world.settle(&[&a, &b]).await;
    b.core().note(matter, "接着办").unwrap();
    b.core().self_handle(matter, "已处理").unwrap();
    world.settle_and_check(&[&a, &b]).await;

    world.restore(&backup, &[&a, &b]);
    let first = b.sync().await.unwrap();
    assert_eq!(first.quarantined_count, 2, "the matter is not there yet: what was done on it waits for it");
    assert_eq!(b.core().quarantined(Page::FIRST).unwrap().len(), 2);
    a.sync().await.unwrap();
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(world.server.evidence().quarantined_count, 0);
    for phone in [&a, &b] {
        assert!(phone.core().quarantined(Page::FIRST).unwrap().is_empty());
        let shown = phone.core().matter(matter).unwrap();
        assert_eq!((shown.state, shown.events.len()), (MatterState::SelfHandled, 3));
    }
}

#[tokio::test]
async fn a_phone_whose_clock_ran_ten_years_ahead_gives_back_what_a_restored_server_lost() {
    let mut world = World::new(151);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let backup = world.backup();
    for home in a.homes() {
        visit(&a, home.household, "备份后，已上传");
    }
    a.must_sync().await;
    a.clock.forward(3_650 * DAY_MS);
    a.must_sync().await;
    a.clock.set(world.clock.now_ms());
    world.restore(&backup, &[&a]);
    visit(&a, a.first_home().household, "恢复后");
    a.sync().await.unwrap();
    world.settle_and_check(&[&a]).await;
    assert_eq!(world.server.evidence().visits.len(), 7);
}

#[tokio::test]
async fn a_post_that_a_restored_server_does_not_know_leaves_phones() {
    let mut world = World::new(153);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let backup = world.backup();
    world.manager("测试乙", area);
    a.must_sync().await;
    world.restore(&backup, &[&a]);
    world.settle_and_check(&[&a]).await;
}

#[tokio::test]
async fn a_phone_shows_all_that_it_gives_back_to_a_restored_server() {
    let mut world = World::new(154);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let home = a.first_home().household;
    let backup = world.backup();
    let edit = HouseholdEdit { phone: Some(Some("13900001111".into())), ..HouseholdEdit::default() };
    a.core().edit_household(home, &edit).unwrap();
    a.must_sync().await;
    let edit = HouseholdEdit { people_count: Some(Some(7)), ..HouseholdEdit::default() };
    a.core().edit_household(home, &edit).unwrap();
    a.must_sync().await;
    world.restore(&backup, &[&a]);
    a.must_sync().await;
    let shown = a.core().home(home).unwrap();
    assert_eq!((shown.phone.as_deref(), shown.people_count), (Some("13900001111"), Some(7)));
    world.settle_and_check(&[&a]).await;
}

#[tokio::test]
async fn a_revoked_phone_hands_over_what_a_restored_server_lost_before_it_is_wiped() {
    let mut world = World::new(152);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    visit(&a, a.first_home().household, "备份前");
    a.must_sync().await;
    let backup = world.backup();
    let saved = visit(&a, a.first_home().household, "备份后，已上传");
    a.must_sync().await;
    let device = a.found().device;
    world.restore(&backup, &[&a]);
    world.server.revoke(device);
    assert!(a.sync().await.unwrap().wiped.is_some());
    assert!(world.server.evidence().quarantined_visits.contains(&saved.id.0), "nothing else holds it any more");
}

/// There is one protocol version so far, so the old protocol and the advice to update wait for a second one. What stands: 200 days
/// without contact cost nothing, and a phone that is newer than the server is told so and keeps everything.
#[tokio::test]
async fn case_17_after_200_days_offline_the_outbox_is_accepted() {
    let mut world = World::new(17);
    let area = world.micro_grid("测试微网格", 20);
    let a = world.managers_phone("测试甲", area).await;
    let homes = a.homes();
    for day in 0..200 {
        world.forward(&[&a], DAY_MS);
        visit(&a, homes[day % homes.len()].household, "离线期间的走访");
    }
    let report = a.must_sync().await;
    assert_eq!((report.pushed_count, report.quarantined_count), (200, 0));
    world.settle_and_check(&[&a]).await;
    assert_eq!(world.server.evidence().visits.len(), 200);

    let request = SessionRequest {
        device: DeviceId(a.found().device.0),
        nonce: String::new(),
        signature: String::new(),
        protocol: version::CURRENT + 1,
        app_version: "999".to_owned(),
    };
    match a.protocol.sign_in(&request).await.map_err(Error::Exchange) {
        Err(Error::Exchange(ExchangeError::Problem(problem))) => assert_eq!(problem.id, "protocol.too_new"),
        other => panic!("{other:?}"),
    }
}
