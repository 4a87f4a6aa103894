//! A day of work over TLS, a second phone, a phone that is killed, a phone that is revoked.

use crate::{Site, homes, sync, visit};
use zoufang_core::views::{Page, SyncState};
use zoufang_tests::checkers::{differences, tally};

#[tokio::test(flavor = "multi_thread")]
async fn a_day_of_work_reaches_the_server_and_a_second_phone() {
    let site = Site::open(35).await;
    let first = site.phone("测试甲").await;
    assert!(sync(&first).await.unwrap().complete);
    let known = homes(&first);
    assert_eq!(known.len(), 35);
    for home in &known {
        visit(&first, home, "家中平安");
    }
    assert_eq!(first.core().sync_status().unwrap().unsent_count, 35);
    let report = sync(&first).await.unwrap();
    assert_eq!((report.pushed_count, report.quarantined_count, report.digests_equal), (35, 0, Some(true)));

    let second = site.phone("测试乙").await;
    let report = sync(&second).await.unwrap();
    assert!(report.complete && report.digests_equal == Some(true));
    let seen = second.core().visits_of(known[0].household, Page::FIRST).unwrap();
    assert_eq!((seen.len(), seen[0].note.as_str()), (1, "家中平安"));
    sync(&first).await.unwrap();
    let server = site.serving.evidence().unwrap();
    for phone in [&first, &second] {
        assert_eq!(differences(&phone.evidence().unwrap(), &server), []);
    }
    let tally = tally(&first.evidence().unwrap().own_visits, &server);
    assert_eq!((tally.saved_count, tally.on_server_count, tally.lost.len(), tally.duplicated.len()), (35, 35, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_with_nothing_new_is_one_round_trip_under_one_kibibyte() {
    let site = Site::open(35).await;
    let phone = site.phone("测试甲").await;
    let protocol = phone.core().protocol().unwrap();
    phone.sync_over(&protocol).await.unwrap();
    let nothing = |_| {};
    let report = phone.core().sync(&protocol, nothing, &zoufang_core::sync::Cancel::new()).await.unwrap();
    assert_eq!(report.requests_count, 1);
    assert!(report.bytes_up + report.bytes_down < 1024, "{} up, {} down", report.bytes_up, report.bytes_down);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_phone_has_every_visit_whose_save_returned() {
    let site = Site::open(20).await;
    let mut phone = site.phone("测试甲").await;
    sync(&phone).await.unwrap();
    let known = homes(&phone);
    let mut saved = Vec::new();
    for home in &known {
        saved.push(visit(&phone, home, "保存后即断电").id);
        if saved.len() % 5 == 0 {
            phone.kill().unwrap();
            phone.reopen().unwrap();
        }
    }
    for id in &saved {
        assert_eq!(phone.core().visit(*id).unwrap().sync, SyncState::Queued);
    }
    assert_eq!(sync(&phone).await.unwrap().pushed_count, 20);
    let server = site.serving.evidence().unwrap();
    assert!(saved.iter().all(|id| server.visits.get(&id.0) == Some(&1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_phone_hands_over_its_last_work_and_is_wiped() {
    let site = Site::open(10).await;
    let phone = site.phone("测试甲").await;
    sync(&phone).await.unwrap();
    let last = visit(&phone, &homes(&phone)[0], "停用前未上传").id;
    site.server.revoke(phone.evidence().unwrap().device);
    let report = sync(&phone).await.unwrap();
    assert_eq!(report.wiped.map(|wiped| wiped.last_counter), Some(1));
    assert!(!phone.path().exists());
    let server = site.serving.evidence().unwrap();
    assert!(server.quarantined_visits.contains(&last.0) && !server.visits.contains_key(&last.0));
}
