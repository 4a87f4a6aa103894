use super::double::{AREA, Double, Fault, NOW_MS, OTHER_AREA, Phone, grant, resident, save};
use super::*;
use crate::enrolment::EnrolInput;
use crate::ports::KeyVault;
use crate::sync::{DIGEST_EVERY_PULLS_COUNT, Phase, SyncStatus};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use zoufang_domain::schema::Kind;

fn input() -> EnrolInput {
    EnrolInput { server_url: "http://127.0.0.1:8080".into(), ca_pem: None, code: "TEST-CODE".into() }
}

/// An enrolled phone with a session and a finished first sync of one page.
async fn in_sync() -> (Phone, Double) {
    let (phone, server) = (Phone::new(), Double::new());
    server.state().pages = vec![vec![resident(1, AREA)]];
    phone.core.enrol(&server, input()).await.unwrap();
    let report = sync(&phone, &server).await.unwrap();
    assert!(report.complete);
    server.log();
    (phone, server)
}

async fn sync(phone: &Phone, server: &Double) -> Result<SyncReport, Error> {
    phone.core.sync(server, |_| (), &Cancel::new()).await
}

fn status(phone: &Phone) -> SyncStatus {
    phone.core.sync_status().unwrap()
}

fn residents_count(phone: &Phone) -> i64 {
    let count =
        |c: &rusqlite::Connection| Ok(c.query_row("SELECT count(*) FROM record", [], |row| row.get::<_, i64>(0))?);
    phone.core.read(count).unwrap()
}

fn failed_with<T: std::fmt::Debug>(outcome: Result<T, Error>, id: &str) {
    assert_eq!(outcome.unwrap_err().message_id(), id);
}

#[tokio::test]
async fn a_phone_enrols_syncs_and_then_needs_one_request() {
    let (phone, server) = (Phone::new(), Double::new());
    assert_eq!(status(&phone), SyncStatus::default());
    failed_with(sync(&phone, &server).await, "device.unknown");
    server.state().pages = vec![vec![resident(1, AREA), resident(2, AREA)]];
    let enrolled = phone.core.enrol(&server, input()).await.unwrap();
    assert_eq!((enrolled.staff_name.as_str(), enrolled.areas[0].unit), ("测试甲", AREA));
    assert_eq!(enrolled.fingerprint.len(), 6);
    failed_with(phone.core.enrol(&server, input()).await, "enrol.already");
    phone.save(3);
    assert_eq!((status(&phone).unsent_count, status(&phone).oldest_unsent_ms), (3, Some(NOW_MS)));
    server.log();

    let report = sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["challenge", "sign in", "push 1-3", "pull none"]);
    assert_eq!((report.pushed_count, report.pulled_count, report.requests_count), (3, 2, 4));
    assert!(report.complete && report.next_sync_ms.is_some());
    let stands = status(&phone);
    assert!(stands.complete && stands.enrolled);
    assert_eq!((stands.unsent_count, stands.last_success_ms, stands.last_error), (0, Some(NOW_MS), None));
    assert_eq!(residents_count(&phone), 5);

    assert_eq!(sync(&phone, &server).await.unwrap().requests_count, 1);
    assert_eq!(server.log(), ["pull 1-1"]);
}

#[tokio::test]
async fn many_operations_go_up_in_order_without_gaps_or_doubles() {
    let (phone, server) = in_sync().await;
    phone.save(1_203);
    let told = Mutex::new(Vec::new());
    let report =
        phone.core.sync(&server, |progress| told.lock().unwrap().push(progress), &Cancel::new()).await.unwrap();
    assert_eq!(server.log(), ["push 1-500", "push 501-1000", "push 1001-1203", "pull 1-1"]);
    assert_eq!(report.pushed_count, 1_203);
    assert!(server.state().sent.values().all(|times| *times == 1));
    let pushed: Vec<u64> =
        told.lock().unwrap().iter().filter(|one| one.phase == Phase::Pushing).map(|one| one.done_count).collect();
    assert_eq!(pushed, [0, 500, 1_000]);
    assert_eq!(told.lock().unwrap()[0].total_count, Some(1_203));
}

#[tokio::test]
async fn a_server_that_goes_away_half_way_keeps_what_it_acknowledged() {
    let (phone, server) = in_sync().await;
    phone.save(700);
    server.script([Fault::None, Fault::Cut]);
    failed_with(sync(&phone, &server).await, "sync.unreachable");
    let stands = status(&phone);
    assert_eq!(stands.unsent_count, 200);
    assert_eq!(stands.last_error.unwrap().id, "sync.unreachable");
    assert!(stands.next_sync_ms.unwrap() <= NOW_MS + backoff::FIRST_BOUND_MS);
    server.log();
    sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["push 501-700", "pull 1-1"]);
    assert_eq!((status(&phone).unsent_count, status(&phone).last_error), (0, None));
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again_and_applies_once() {
    let (phone, server) = in_sync().await;
    phone.save(2);
    for _ in 0..10 {
        server.script([Fault::AnswerLost]);
        failed_with(sync(&phone, &server).await, "sync.unreachable");
        assert!(status(&phone).unsent_count >= 2);
        phone.save(1);
    }
    sync(&phone, &server).await.unwrap();
    assert_eq!((status(&phone).unsent_count, server.state().held.len()), (0, 12));
    assert_eq!(server.state().sent[&1], 11);
}

#[tokio::test]
async fn a_first_sync_that_is_cut_says_so_and_resumes_page_by_page() {
    let (phone, server) = (Phone::new(), Double::new());
    server.state().pages = (0..5).map(|page| (1..=4).map(|one| resident(page * 10 + one, AREA)).collect()).collect();
    phone.core.enrol(&server, input()).await.unwrap();
    server.script([Fault::None, Fault::None, Fault::None, Fault::None, Fault::Cut]);
    failed_with(sync(&phone, &server).await, "sync.unreachable");
    assert_eq!((residents_count(&phone), status(&phone).complete), (8, false));
    server.log();
    let report = sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["pull 1-2", "pull 1-3", "pull 1-4"]);
    assert_eq!((report.pulled_count, report.complete, residents_count(&phone)), (12, true, 20));
}

#[tokio::test]
async fn a_restored_server_gets_everything_back() {
    let (phone, server) = in_sync().await;
    phone.save(600);
    sync(&phone, &server).await.unwrap();
    {
        let mut state = server.state();
        state.epoch = 2;
        state.held.clear();
    }
    server.log();
    let report = sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["pull 1-1", "push 1-500", "push 501-600", "pull 2-1"]);
    assert_eq!(server.state().held.len(), 600);
    assert!(report.complete);
    assert_eq!((status(&phone).unsent_count, residents_count(&phone)), (0, 601));
}

#[tokio::test]
async fn what_was_forgotten_after_thirty_days_is_not_missed_when_the_rest_is_offered_again() {
    let (phone, server) = in_sync().await;
    phone.save(3);
    sync(&phone, &server).await.unwrap();
    // The server's days count, not the phone's.
    server.state().now_ms += 31 * 24 * 3600 * 1000;
    phone.save(2);
    sync(&phone, &server).await.unwrap();
    {
        let mut state = server.state();
        state.epoch = 2;
        state.held.split_off(&5);
    }
    server.log();
    sync(&phone, &server).await.unwrap();
    // 1 to 3 are gone and with them the link that 4 follows, so the push says where its chain begins. 4 is on the server, as whatever is older
    // than its backup.
    assert_eq!(server.log(), ["pull 1-1", "push 4-5", "pull 2-1"]);
    assert_eq!((server.state().held.len(), status(&phone).unsent_count), (5, 0));
}

#[tokio::test]
async fn the_chain_goes_on_when_all_before_it_is_forgotten() {
    let (phone, server) = in_sync().await;
    phone.save(3);
    sync(&phone, &server).await.unwrap();
    // The server's days count, not the phone's.
    server.state().now_ms += 31 * 24 * 3600 * 1000;
    let core = phone.core.clone();
    server.script([Fault::Meanwhile(Box::new(move || save(&core, 1).unwrap()))]);
    sync(&phone, &server).await.unwrap();
    let kept =
        |c: &rusqlite::Connection| Ok(c.query_row("SELECT count(*) FROM operation", [], |row| row.get::<_, i64>(0))?);
    assert_eq!(phone.core.read(kept).unwrap(), 2, "the last acknowledged one and the new one");
    sync(&phone, &server).await.unwrap();
    assert_eq!((server.state().held.len(), status(&phone).unsent_count), (4, 0));
}

#[tokio::test]
async fn a_server_that_forgot_operations_names_the_last_it_holds() {
    let (phone, server) = in_sync().await;
    phone.save(10);
    sync(&phone, &server).await.unwrap();
    server.state().held.split_off(&5);
    phone.save(1);
    server.log();
    sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["push 11-11", "push 5-11", "pull 1-1"]);
    assert_eq!((server.state().held.len(), status(&phone).unsent_count), (11, 0));
}

#[tokio::test]
async fn an_ended_session_and_a_refused_cursor_mend_themselves() {
    let (phone, server) = in_sync().await;
    server.script([Fault::Refused("session.expired"), Fault::None, Fault::None, Fault::Refused("pull.cursor")]);
    sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["pull 1-1", "challenge", "sign in", "pull 1-1", "pull none"]);
    phone.clock.0.fetch_add(2 * 3600 * 1000, Ordering::SeqCst);
    sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["challenge", "sign in", "pull 1-1"], "a session that has ended is not tried");
}

#[tokio::test]
async fn cancelling_ends_a_wait_at_once_and_is_no_failure() {
    let (phone, server) = in_sync().await;
    phone.save(700);
    let cancel = Cancel::new();
    let during = cancel.clone();
    server.script([Fault::Meanwhile(Box::new(move || during.cancel())), Fault::Hang]);
    failed_with(phone.core.sync(&server, |_| (), &cancel).await, "sync.cancelled");
    // The first batch's answer had arrived or not; either way nothing is lost and the next sync sends the rest.
    assert_eq!(status(&phone).last_error, None);
    failed_with(phone.core.sync(&server, |_| (), &cancel).await, "sync.cancelled");
    server.script([]);
    sync(&phone, &server).await.unwrap();
    assert_eq!((status(&phone).unsent_count, server.state().held.len()), (0, 700));
}

#[tokio::test]
async fn cancelling_while_the_server_hangs() {
    let (phone, server) = in_sync().await;
    server.script([Fault::Hang]);
    let cancel = Cancel::new();
    let running = tokio::spawn({
        let (core, server, cancel) = (phone.core.clone(), server.clone(), cancel.clone());
        async move { core.sync(&server, |_| (), &cancel).await }
    });
    while server.log().is_empty() {
        tokio::task::yield_now().await;
    }
    cancel.cancel();
    failed_with(running.await.unwrap(), "sync.cancelled");
}

#[tokio::test]
async fn a_dropped_sync_leaves_whole_steps_and_the_next_goes_on() {
    let (phone, server) = in_sync().await;
    phone.save(1_200);
    server.script([Fault::None, Fault::Hang]);
    let running = tokio::spawn({
        let (core, server) = (phone.core.clone(), server.clone());
        async move { core.sync(&server, |_| (), &Cancel::new()).await }
    });
    while server.state().log.len() < 2 {
        tokio::task::yield_now().await;
    }
    running.abort();
    assert!(running.await.unwrap_err().is_cancelled());
    let report = sync(&phone, &server).await.unwrap();
    assert_eq!(report.pushed_count, 700, "the dropped sync's last write came first");
    assert_eq!((status(&phone).unsent_count, server.state().held.len()), (0, 1_200));
}

#[tokio::test]
async fn who_asks_while_a_sync_runs_shares_the_next_one() {
    let (phone, server) = in_sync().await;
    phone.save(1);
    let core = phone.core.clone();
    server.script([Fault::Meanwhile(Box::new(move || save(&core, 1).unwrap()))]);
    let (one, two, three) = tokio::join!(sync(&phone, &server), sync(&phone, &server), sync(&phone, &server));
    assert_eq!((one.unwrap().pushed_count, two.as_ref().unwrap().pushed_count), (1, 1));
    assert_eq!(two.unwrap(), three.unwrap());
    assert_eq!(server.log(), ["push 1-1", "pull 1-1", "push 2-2", "pull 1-1"]);
}

#[tokio::test]
async fn digests_are_compared_and_a_difference_pulls_everything_again() {
    let (phone, server) = in_sync().await;
    let verify = SyncOptions { verify: true, ..SyncOptions::default() };
    let own = phone.core.digest_of_area(AREA).unwrap().unwrap();
    server.state().digests = Some(BTreeMap::from([(AREA, own)]));
    let cancel = Cancel::new();
    let run = || phone.core.sync_with(&server, verify, |_| (), &cancel);
    assert_eq!(run().await.unwrap().digests_equal, Some(true));

    // The phone lost a record; the server's page from the start brings it back.
    phone.core.write(|tx| Ok((tx.execute("DELETE FROM record", [])?, ChangeSet::default()))).unwrap();
    server.log();
    let report = run().await.unwrap();
    assert_eq!(server.log(), ["pull 1-1 digest", "pull none digest"]);
    assert_eq!((report.digests_equal, report.was_repaired, residents_count(&phone)), (Some(true), true, 1));

    server.state().digests = Some(BTreeMap::from([(AREA, "0".repeat(64))]));
    let report = run().await.unwrap();
    assert_eq!((report.digests_equal, report.complete), (Some(false), true), "one repair a sync, and it ends");
}

#[tokio::test]
async fn a_digest_is_wanted_every_so_many_pulls_and_not_compared_over_unsent_work() {
    let (phone, server) = in_sync().await;
    for _ in 2..DIGEST_EVERY_PULLS_COUNT {
        sync(&phone, &server).await.unwrap();
    }
    assert!(server.log().iter().all(|one| one == "pull 1-1"));
    server.state().digests = Some(BTreeMap::from([(AREA, "0".repeat(64))]));
    let core = phone.core.clone();
    server.script([Fault::Meanwhile(Box::new(move || save(&core, 1).unwrap()))]);
    assert_eq!(sync(&phone, &server).await.unwrap().digests_equal, None);
    assert_eq!(server.log(), ["pull 1-1 digest"]);
}

#[tokio::test]
async fn a_lost_area_is_erased_after_its_last_work_has_gone_up() {
    let (phone, server) = in_sync().await;
    server.state().grants = Some(vec![grant(OTHER_AREA)]);
    let core = phone.core.clone();
    server.script([Fault::Meanwhile(Box::new(move || save(&core, 2).unwrap()))]);
    let report = sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["pull 1-1", "push 1-2", "pull 1-1"]);
    assert_eq!((report.pushed_count, report.erased_count), (2, 3));
    assert_eq!((residents_count(&phone), status(&phone).last_success_ms), (0, Some(NOW_MS)));
    assert!(save(&phone.core, 1).is_err(), "the area is not this phone's any more");
}

#[tokio::test]
async fn a_revoked_phone_hands_in_its_work_and_is_erased() {
    let (phone, server) = in_sync().await;
    phone.save(501);
    server.state().is_revoked = true;
    server.script([Fault::None, Fault::None, Fault::Cut]);
    failed_with(sync(&phone, &server).await, "sync.unreachable");
    let stands = status(&phone);
    assert!(stands.revoked && stands.unsent_count == 1, "nothing is erased while work is unsent");
    failed_with(save(&phone.core, 1), "input.not_allowed");
    server.log();

    let report = sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["push 501-501 without token"]);
    assert_eq!(report.wiped.unwrap().last_counter, 501);
    assert_eq!(status(&phone).wiped_counter, Some(501));
    assert_eq!(phone.vault.fetch("database").unwrap(), None);
    assert_eq!(std::fs::read_dir(phone.folder.path()).unwrap().count(), 0, "no file is left");
    assert!(save(&phone.core, 1).is_err());
    failed_with(sync(&phone, &server).await, "device.unknown");
}

#[tokio::test]
async fn frozen_suspended_and_outdated_phones_keep_their_work() {
    let (phone, server) = in_sync().await;
    phone.save(1);
    for id in ["device.forked", "device.suspended", "protocol.too_old", "server.busy"] {
        server.script([Fault::Refused(id)]);
        failed_with(sync(&phone, &server).await, id);
        assert_eq!((status(&phone).unsent_count, status(&phone).last_error.unwrap().id.as_str()), (1, id));
    }
    // An id that this app does not know is not shown as it came.
    server.script([Fault::Refused("some.new.problem")]);
    assert!(sync(&phone, &server).await.is_err());
    assert_eq!(status(&phone).last_error.unwrap().id, "unexpected");
}

#[tokio::test]
async fn a_paused_core_stops_a_sync_without_harm() {
    let (phone, server) = in_sync().await;
    phone.save(3);
    let core = phone.core.clone();
    server.script([Fault::Meanwhile(Box::new(move || core.pause().unwrap()))]);
    failed_with(sync(&phone, &server).await, "store.closed");
    phone.core.resume().unwrap();
    sync(&phone, &server).await.unwrap();
    assert_eq!((status(&phone).unsent_count, server.state().held.len()), (0, 3));
}

#[tokio::test]
async fn the_feed_hears_of_what_came() {
    let (phone, server) = in_sync().await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&heard);
    let _subscription = phone.core.subscribe(move |change| listener.lock().unwrap().push(change.clone()));
    server.state().pages.push(vec![resident(9, AREA)]);
    sync(&phone, &server).await.unwrap();
    let heard = heard.lock().unwrap();
    assert!(heard.iter().any(|change| change.status && change.kinds.contains(&Kind::Resident)), "{heard:?}");
}

#[tokio::test]
async fn what_has_arrived_is_named_so_that_screens_take_its_mark_off() {
    let (phone, server) = in_sync().await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let _subscription = phone.core.subscribe(move |change| ear.lock().unwrap().push(change.clone()));
    let named = || std::mem::take(&mut *heard.lock().unwrap());
    phone.save(2);
    let saved: BTreeSet<_> = named().into_iter().flat_map(|change| change.ids).collect();
    sync(&phone, &server).await.unwrap();
    let arrived = named().into_iter().find(|change| !change.ids.is_empty()).unwrap();
    assert_eq!(arrived.ids.into_iter().collect::<BTreeSet<_>>(), saved);
    assert!(arrived.kinds.contains(&Kind::Resident) && arrived.status);

    phone.save(200);
    named();
    sync(&phone, &server).await.unwrap();
    assert!(
        named().iter().any(|change| change.kinds.contains(&Kind::Resident) && change.ids.is_empty()),
        "too many to name"
    );
}

#[tokio::test]
async fn what_a_newer_server_sends_is_left_out_and_taken_in_by_an_app_that_knows_it() {
    let (phone, server) = in_sync().await;
    server.state().later = vec![
        r#"{"is":{"kind":"drone_flight","id":"00000000-0000-0000-0000-000000000001","f":{"height":3}}}"#,
        r#"{"gone":{"kind":"drone_flight","id":"00000000-0000-0000-0000-000000000002","area":"00000000-0000-0000-0000-0000000000aa","erased":true}}"#,
    ];
    server.state().pages = vec![vec![resident(1, AREA), resident(2, AREA)]];
    server.state().epoch += 1;
    let report = sync(&phone, &server).await.unwrap();
    assert!(report.complete, "the rest arrives");
    assert_eq!(residents_count(&phone), 2);
    server.log();
    let known = Kind::ALL.len() as u32;
    let unread_at = |phone: &Phone| phone.core.read(crate::store::profile::get).unwrap().unread_at;
    assert_eq!(unread_at(&phone), known);
    sync(&phone, &server).await.unwrap();
    assert_eq!(server.log().len(), 1, "the same app asks for what is new alone");

    // An app of a later version, which knows one kind more than the one that left it out.
    let earlier = |tx: &rusqlite::Transaction<'_>| {
        tx.execute("UPDATE profile SET unread_at = unread_at - 1", [])?;
        Ok(((), ChangeSet::default()))
    };
    phone.core.write(earlier).unwrap();
    server.state().later.clear();
    sync(&phone, &server).await.unwrap();
    assert_eq!(server.log(), ["pull none"], "all once more");
    assert_eq!(unread_at(&phone), 0);
}
