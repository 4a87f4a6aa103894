//! Lines that break after so many bytes, servers that are gone or silent: nothing that was saved is lost, and nothing arrives twice.

use crate::{Site, TIMEOUTS, exchange_error, homes, visit};
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport};
use zoufang_domain::wire::ExchangeError;
use zoufang_tests::checkers::{differences, tally};
use zoufang_tests::proxy::Proxy;

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_cut_anywhere_goes_on_where_it_was() {
    let site = Site::open(30).await;
    let proxy = Proxy::before(site.serving.address()).await.unwrap();
    let url = format!("https://{}", proxy.address());
    let mut phone = site.phone_at("测试甲", &url).await;
    let mut cuts_count = 0;
    // Fewer bytes than a handshake, within the sign-in, within the push, within its answer, within the pull.
    for (at, bytes) in [200, 1_500, 2_500, 3_500, 5_000, 7_000, 9_000, 12_000].into_iter().enumerate() {
        let protocol = site.protocol_to(&url);
        if let Some(home) = homes(&phone).get(at) {
            visit(&phone, home, "线路中断前保存");
        }
        proxy.break_after(bytes);
        cuts_count += u32::from(phone.sync_over(&protocol).await.is_err());
        proxy.heal();
        if at % 3 == 2 {
            phone.kill().unwrap();
            phone.reopen().unwrap();
        }
    }
    assert!(cuts_count >= 3, "only {cuts_count} syncs were cut");
    let protocol = site.protocol_to(&url);
    phone.sync_over(&protocol).await.unwrap();
    for home in homes(&phone).iter().skip(10) {
        visit(&phone, home, "恢复后");
    }
    let report = phone.sync_over(&protocol).await.unwrap();
    assert!(report.complete && report.digests_equal == Some(true));
    let (found, server) = (phone.evidence().unwrap(), site.serving.evidence().unwrap());
    assert_eq!(found.unsent_count, 0);
    assert_eq!(differences(&found, &server), []);
    let tally = tally(&found.own_visits, &server);
    assert!(tally.saved_count >= 20 && tally.on_server_count == tally.saved_count, "{tally:?}");
    assert!(tally.lost.is_empty() && tally.duplicated.is_empty(), "{tally:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn work_waits_on_the_phone_while_the_server_is_gone_or_silent() {
    let site = Site::open(10).await;
    let proxy = Proxy::before(site.serving.address()).await.unwrap();
    let url = format!("https://{}", proxy.address());
    let phone = site.phone_at("测试甲", &url).await;
    phone.sync_over(&site.protocol_to(&url)).await.unwrap();
    visit(&phone, &homes(&phone)[0], "服务器不在时保存");

    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let nobody = format!("https://{}", listener.local_addr().unwrap());
    drop(listener);
    let gone = exchange_error(phone.sync_over(&site.protocol_to(&nobody)).await);
    assert!(matches!(gone, ExchangeError::Unreachable(_)), "{gone:?}");

    proxy.fall_silent();
    let silent = exchange_error(phone.sync_over(&site.protocol_to(&url)).await);
    assert!(matches!(silent, ExchangeError::Unreachable(_)), "{silent:?}");
    let status = phone.core().sync_status().unwrap();
    assert_eq!(status.unsent_count, 1);
    assert_eq!(status.last_error.unwrap().id, "sync.unreachable");
    assert!(status.oldest_unsent_ms.is_some() && status.next_sync_ms.is_some());

    proxy.heal();
    assert_eq!(phone.sync_over(&site.protocol_to(&url)).await.unwrap().pushed_count, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_slow_but_answers_is_waited_for() {
    let site = Site::open(10).await;
    let phone = site.phone("测试甲").await;
    // Many at once on one server: each waits for its turn at the database and none fails.
    let transport = || ReqwestTransport::with_timeouts(&site.url(), Some(site.authority.pem()), TIMEOUTS).unwrap();
    phone.sync_over(&HttpProtocol::new(transport())).await.unwrap();
    visit(&phone, &homes(&phone)[0], "服务器忙时保存");
    let app = std::sync::Arc::clone(&site.serving.app);
    let (held, release) = (std::sync::mpsc::channel::<()>(), std::sync::mpsc::channel::<()>());
    let (tell_held, wait_held) = held;
    let (tell_release, wait_release) = release;
    let holding = std::thread::spawn(move || {
        app.store.write(|_| {
            tell_held.send(()).unwrap();
            let _ = wait_release.recv();
            Ok::<_, zoufang_sync_server::store::StoreError>(())
        })
    });
    wait_held.recv().unwrap();
    let protocol = HttpProtocol::new(transport());
    let syncing = phone.sync_over(&protocol);
    tokio::pin!(syncing);
    // The database is held by somebody else: the sync has not come to its end however often it is asked.
    for _ in 0..200 {
        tokio::select! {
            biased;
            outcome = &mut syncing => panic!("an answer before the database was free: {outcome:?}"),
            () = tokio::task::yield_now() => {}
        }
    }
    tell_release.send(()).unwrap();
    holding.join().unwrap().unwrap();
    assert_eq!(syncing.await.unwrap().pushed_count, 1);
}
