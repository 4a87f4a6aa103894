//! Cases 13, 14 and 16: a new post, a lost phone, a copied phone.

use crate::visit;
use http::StatusCode;
use zoufang_core::Error;
use zoufang_core::sync::http::Transport;
use zoufang_core::views::Page;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::ExchangeError;
use zoufang_domain::wire::problem::Problem;
use zoufang_tests::ports::{HOUR_MS, MINUTE_MS};
use zoufang_tests::world::World;

fn problem_of(error: &Error) -> &str {
    match error {
        Error::Exchange(ExchangeError::Problem(problem)) => &problem.id,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn case_13_a_manager_reassigned_with_unsent_work_keeps_it_and_late_work_waits_for_the_supervisor() {
    let mut world = World::new(13);
    let (old, new) = (world.micro_grid("测试微网格旧", 10), world.micro_grid("测试微网格新", 10));
    let staff = world.server.add_staff("测试甲");
    let post = world.server.post(staff, old, Role::MicroGridManager);
    let a = world.phone(staff).await;
    a.must_sync().await;
    let home = a.first_home();
    let in_office = visit(&a, home.household, "调岗前的走访");
    world.forward(&[&a], HOUR_MS);
    world.server.end_post(post);
    world.server.post(staff, new, Role::MicroGridManager);
    let successor = world.managers_phone("测试乙", old).await;
    world.forward(&[&a, &successor], HOUR_MS);
    let afterwards = visit(&a, home.household, "调岗后仍去了一次");

    let report = a.must_sync().await;
    assert_eq!(report.quarantined_count, 1);
    assert!(report.erased_count > 0, "the old area left the phone");
    world.settle_and_check(&[&a, &successor]).await;
    let server = world.server.evidence();
    assert!(server.visits.contains_key(&in_office.id.0), "a visit belongs to the post that was held when it was made");
    assert!(server.quarantined_visits.contains(&afterwards.id.0) && !server.visits.contains_key(&afterwards.id.0));
    let kept = a.core().quarantined(Page::FIRST).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].reason_message_id, "quarantine.not_assigned");
    assert!(kept[0].operation_json.contains("调岗后仍去了一次"), "its author can still read it");
    assert!(a.homes().iter().all(|one| one.micro_grid == new) && a.homes().len() == 10, "the new area is whole");
    assert_eq!(successor.core().visits_of(home.household, Page::FIRST).unwrap().len(), 1);
}

#[tokio::test]
async fn a_person_with_posts_in_two_areas_stands_in_both_on_the_phone_of_whoever_leads_them() {
    let mut world = World::new(131);
    let areas = [world.micro_grid("测试微网格东", 5), world.micro_grid("测试微网格西", 5)];
    let leader = world.staff("测试网格长", world.community, Role::GridLeader);
    let leader = world.phone(leader).await;
    let staff = world.server.add_staff("测试甲");
    for area in areas {
        world.server.post(staff, area, Role::MicroGridManager);
    }
    leader.must_sync().await;
    world.settle_and_check(&[&leader]).await;
}

#[tokio::test]
async fn case_14_a_revoked_phone_is_refused_at_once_hands_over_its_work_and_is_wiped() {
    let mut world = World::new(14);
    let area = world.micro_grid("测试微网格", 10);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = a.first_home();
    visit(&a, home.household, "丢失前已上传");
    a.line.keep_requests();
    a.must_sync().await;
    let unsent = [visit(&a, home.household, "未上传之一"), visit(&a, home.household, "未上传之二")];
    let device = a.found().device;
    world.server.revoke(device);

    // Whoever holds its token is refused at the next request.
    for request in a.line.kept_requests().into_iter().filter(|it| it.uri().path().contains("/sync/")) {
        let answer = a.line.send(request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN);
        let problem: Problem = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!((problem.id.as_str(), problem.last_counter), ("device.revoked", Some(1)));
    }
    let report = a.sync().await.unwrap();
    let wiped = report.wiped.expect("wiped at contact");
    assert_eq!(wiped.last_counter, 3, "the last counter is shown, to be compared with the server's");
    let last =
        format!("SELECT last_counter FROM device WHERE hex(id) = '{}'", device.0.simple().to_string().to_uppercase());
    assert_eq!(world.server.count(&last), 3);
    let server = world.server.evidence();
    assert!(unsent.iter().all(|one| server.quarantined_visits.contains(&one.id.0)), "its last work is not lost");
    assert!(!a.path().exists(), "the file is gone");
    assert_eq!(a.vault().fetch("database"), Ok(None), "and so is its key");
    assert!(a.core().homes(Page::FIRST).is_err() && a.sync().await.is_err());
    world.settle_and_check(&[&b]).await;
}

#[tokio::test]
async fn case_16_two_copies_of_one_phone_are_both_frozen_and_nothing_of_either_is_lost() {
    let mut world = World::new(16);
    let area = world.micro_grid("测试微网格", 10);
    let a = world.managers_phone("测试甲", area).await;
    let home = a.first_home();
    visit(&a, home.household, "复制之前");
    a.must_sync().await;
    let copy = world.clone_of(&a);
    world.forward(&[&a], MINUTE_MS);
    let (mine, theirs) = (visit(&a, home.household, "原机"), visit(&copy, home.household, "副本"));
    a.must_sync().await;
    let refused = copy.sync().await.unwrap_err();
    assert_eq!(problem_of(&refused), "device.forked");
    let last = visit(&a, home.household, "冻结之后原机又记了一次");
    assert_eq!(problem_of(&a.sync().await.unwrap_err()), "device.forked", "both copies are frozen");
    assert_eq!(world.server.count("SELECT count(*) FROM device WHERE status = 'forked'"), 1);
    let server = world.server.evidence();
    assert!(server.visits.contains_key(&mine.id.0));
    for kept in [theirs.id.0, last.id.0] {
        let is_on_phone = a.found().own_visits.contains(&kept) || copy.found().own_visits.contains(&kept);
        assert!(is_on_phone && !server.visits.contains_key(&kept));
    }
    assert!(server.quarantined_visits.contains(&theirs.id.0), "what only the copy had is kept for the supervisor");
}
