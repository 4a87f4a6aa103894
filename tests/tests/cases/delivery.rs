//! Cases 8, 18 and 19: lost answers, an operation that never validates, a first sync that is cut.

use crate::visit;
use serde_json::json;
use uuid::Uuid;
use zoufang_core::sync::http::Transport;
use zoufang_core::views::Page;
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::push::{Outcome, PushAnswer};
use zoufang_sync_server::ledger::{self, Settler, Way};
use zoufang_tests::world::{Fault, Handset, World, plain};

#[tokio::test]
async fn case_08_a_push_whose_answer_is_lost_ten_times_is_applied_once() {
    let mut world = World::new(8);
    let area = world.micro_grid("测试微网格", 12);
    let a = world.managers_phone("测试甲", area).await;
    let homes = a.homes();
    visit(&a, homes[0].household, "第一次");
    a.line.plan("push", Fault::AnswerLost, 10);
    a.line.keep_requests();
    for home in &homes[1..=10] {
        assert!(a.sync().await.is_err(), "the answer is lost");
        // Every retry is another batch: it begins at the same place and holds one more.
        visit(&a, home.household, "又一次");
    }
    assert_eq!(a.found().unsent_count, 11, "nothing leaves the outbox without an answer");
    a.must_sync().await;
    world.settle_and_check(&[&a]).await;
    let ledger = "SELECT count(*) FROM ledger_operation o JOIN device d ON d.id = o.device";
    assert_eq!((world.server.evidence().visits.len(), world.server.count(ledger)), (11, 11));

    // All of these batches once more, as they were: the same answer, and nothing changes.
    let before = world.server.evidence();
    let pushes = a.line.kept_requests().into_iter().filter(|request| request.uri().path().contains("push"));
    let mut resent_count = 0;
    for request in pushes {
        let answer = a.line.send(request).await.unwrap();
        let answer: PushAnswer = serde_json::from_slice(&plain(&answer)).unwrap();
        assert!(answer.verdicts.iter().all(|one| one.duplicate && one.outcome == Outcome::Applied));
        resent_count += 1;
    }
    assert_eq!(resent_count, 11);
    assert_eq!(world.server.evidence().areas, before.areas);
    assert_eq!(world.server.count(ledger), 11);
}

#[tokio::test]
async fn case_18_an_operation_that_never_validates_is_quarantined_and_the_queue_goes_on() {
    let mut world = World::new(18);
    let area = world.micro_grid("测试微网格", 10);
    let a = world.managers_phone("测试甲", area).await;
    let home = a.first_home();
    let before = visit(&a, home.household, "之前");
    let poison = Uuid::from_u128(18);
    let fields = Fields::from([("outcome".to_owned(), json!("flew_away"))]);
    a.plant(area, Kind::Visit, poison, Action::Create { fields, entries: Vec::new() });
    let after = visit(&a, home.household, "之后");
    let report = a.must_sync().await;
    assert_eq!((report.pushed_count, report.quarantined_count), (3, 1));
    let server = world.server.evidence();
    assert!(server.visits.contains_key(&before.id.0) && server.visits.contains_key(&after.id.0));
    assert!(!server.visits.contains_key(&poison));
    assert_eq!(server.quarantined_count, 1);
    let kept = a.core().quarantined(Page::FIRST).unwrap();
    assert_eq!(kept.len(), 1);
    assert_eq!((kept[0].record, kept[0].reason_message_id.as_str()), (poison, "quarantine.invalid"));
    let verbatim = world.server.count("SELECT count(*) FROM quarantine WHERE operation LIKE '%flew_away%'");
    assert_eq!(verbatim, 1, "kept as it was made");
    visit(&a, home.household, "照常工作");
    a.must_sync().await;
    assert_eq!(a.found().unsent_count, 0);
    assert_eq!(world.server.evidence().visits.len(), 3);
}

#[tokio::test]
async fn case_19_a_first_sync_cut_at_forty_percent_says_so_and_goes_on_from_there() {
    const HOMES_COUNT: usize = 4_000;
    let mut world = World::new(19);
    let area = world.micro_grid("测试微网格", HOMES_COUNT);
    let whole = world.managers_phone("测试甲", area).await;
    let pulls = |phone: &Handset| phone.line.requests().iter().filter(|line| line.contains("pull")).count() as u64;
    let pages_count = pulls(&whole);
    assert!(pages_count >= 5, "{pages_count} pages are too few to be cut at 40 %");

    let staff = world.manager("测试乙", area);
    let mut cut = world.phone(staff).await;
    let done_count = pages_count * 2 / 5;
    cut.line.requests();
    cut.line.cut_after(2 + done_count); // the challenge and the sign-in pass too
    assert!(cut.sync().await.is_err());
    let found = cut.found();
    assert!(!found.complete && !cut.core().sync_status().unwrap().complete, "the phone says that it is incomplete");
    let held_count = found.areas[&area].len();
    assert!(held_count > 0 && held_count < 2 * HOMES_COUNT, "{held_count} of {} records", 2 * HOMES_COUNT);

    cut.kill().unwrap();
    cut.reopen().unwrap();
    cut.line.heal();
    cut.line.requests();
    let report = cut.must_sync().await;
    assert_eq!(pulls(&cut), pages_count - done_count, "it goes on where it was");
    assert!(report.complete && report.digests_equal == Some(true));
    world.settle_and_check(&[&whole, &cut]).await;
    assert_eq!(cut.homes().len(), HOMES_COUNT);
}

#[tokio::test]
async fn refused_work_leaves_the_lists_of_its_phone_and_stays_readable_with_its_answer() {
    let mut world = World::new(118);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let home = a.first_home();
    let kept = visit(&a, home.household, "之前");
    let poison = Uuid::from_u128(118);
    let fields = Fields::from([("outcome".to_owned(), json!("flew_away"))]);
    a.plant(area, Kind::Visit, poison, Action::Create { fields, entries: Vec::new() });
    a.must_sync().await;
    let waiting = a.core().quarantined(Page::FIRST).unwrap();
    assert_eq!((waiting.len(), waiting[0].decision.clone()), (1, None));
    assert_eq!(a.core().sync_status().unwrap().quarantined_count, 1);
    // Until it is settled the phone holds a record that the server has not, so the two cannot be compared.
    let entry = world.server.count("SELECT id FROM quarantine");
    let now_ms = world.server.now_ms();
    let way = Way::Refuse { answer: "测试答复：请重新填写".into() };
    assert!(world.server.app.store.write(|tx| ledger::settle(tx, now_ms, Settler::Console, entry, &way)).unwrap());
    a.must_sync().await;
    let told = a.core().quarantined(Page::FIRST).unwrap();
    let decision = told[0].decision.clone().unwrap();
    assert_eq!((decision.is_rehomed, decision.answer.as_deref()), (false, Some("测试答复：请重新填写")));
    assert!(told[0].operation_json.contains("flew_away"), "what was written stays with the answer");
    assert_eq!(a.core().sync_status().unwrap().quarantined_count, 0, "nothing waits");
    let visits = a.core().visits_of(home.household, Page::FIRST).unwrap();
    assert_eq!(visits.iter().map(|one| one.id).collect::<Vec<_>>(), [kept.id]);
    // Now equal again, which a held record kept from being seen.
    world.settle_and_check(&[&a]).await;

    world.forward(&[&a], 31 * 24 * 3_600_000);
    a.must_sync().await;
    a.must_sync().await;
    assert!(a.core().quarantined(Page::FIRST).unwrap().is_empty(), "forgotten after 30 days");
}
