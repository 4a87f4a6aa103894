//! What the server keeps: backup, restore, checks, the listener.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use std::sync::Arc;
use support::World;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::audit::{self, Actor};
use zoufang_sync_server::backup::{self, BackupError};
use zoufang_sync_server::config::TlsFiles;
use zoufang_sync_server::store::{Store, StoreError};
use zoufang_sync_server::{App, Config, check, run, tls::ServeError};

#[tokio::test]
async fn a_server_that_comes_back_from_a_backup_loses_nothing_that_a_phone_holds() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let before = phone.visit("备份之前");
    phone.push(&world, std::slice::from_ref(&before)).await;
    phone.pull(&world).await;
    let file = world.folder.path().join("backup.db");
    backup::to_file(&world.app.store, world.now_ms(), &file).unwrap();
    assert!(matches!(backup::to_file(&world.app.store, world.now_ms(), &file), Err(BackupError::Exists(_))));
    let link = phone.link;
    let after = [phone.visit("备份之后"), phone.visit("还有")];
    phone.push(&world, &after).await;
    phone.pull(&world).await;
    assert_eq!(world.count("SELECT epoch FROM server"), 1, "the running server has no new life");

    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(&file, folder.path().join("server.db")).unwrap();
    let back = World::open(folder, 99);
    let epoch = back.count("SELECT epoch FROM server");
    assert_eq!(epoch, support::MORNING_MS / 1000);
    assert_eq!(back.count("SELECT count(*) FROM record WHERE kind = 8"), 1);
    assert_eq!(phone.try_pull(&back, phone.cursor.as_deref(), false).await.problem(), "session.expired");
    phone.sign_in(&back).await;
    let page = phone.pull(&back).await;
    assert!(page.from_start && i64::from(page.epoch) == epoch && page.complete);
    assert_eq!(support::ids(&page, Kind::Visit), [before.id], "its own work as well");
    // The phone offers what it kept, from where it likes.
    phone.counter = 3;
    let next = phone.visit("恢复之后");
    let gap = phone.clone().try_push(&back, std::slice::from_ref(&next)).await;
    assert_eq!(gap.json()["last_counter"], 1);
    phone.link = link;
    let answer = phone.push(&back, &[after[0].clone(), after[1].clone(), next]).await;
    assert_eq!((answer.acknowledged, i64::from(answer.epoch)), (4, epoch));
    assert_eq!(back.count("SELECT count(*) FROM record WHERE kind = 8"), 4);

    // Opened again, the life goes on; marked by hand, the next begins.
    let (path, clock) = (back.folder.path().to_owned(), back.clock.clone());
    let reopen = || {
        let store = Store::open(&path.join("server.db")).unwrap();
        let app =
            App::with_ports(store, Config::new(&path), Box::new(clock.clone()), Box::new(support::TestRandom::new(5)));
        let store = Arc::clone(&app.unwrap().store);
        store.read::<i64, StoreError>(|c| Ok(c.query_row("SELECT epoch FROM server", [], |row| row.get(0))?)).unwrap()
    };
    assert_eq!(reopen(), epoch);
    back.app.store.write(|tx| backup::mark_restored(tx, 1)).unwrap();
    assert_eq!(reopen(), epoch + 1);
}

#[tokio::test]
async fn the_check_finds_nothing_in_a_sound_database_and_what_was_tampered_with() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let visits = [phone.visit("一"), phone.visit("二")];
    phone.push(&world, &visits).await;
    phone.counter += 1;
    let body = phone.batch(&["[]".to_owned()]);
    world.call(phone.push_request(&body)).await;
    let sound = world.app.store.read(check::check).unwrap();
    assert!(sound.is_sound(), "{:?}", sound.problems);
    assert_eq!((sound.records_count, sound.batches_count, sound.operations_count), (7, 7, 8));
    assert_eq!((sound.quarantined_count, sound.digests.len()), (1, 5));

    let tampered = [
        ("UPDATE record SET body = replace(body, '一', '改') WHERE kind = 8", 0),
        ("UPDATE record SET body = body || ' ' WHERE kind = 8", 2),
        ("UPDATE record SET body = trim(body), status = 'refused' WHERE kind = 8", 2),
        ("UPDATE record SET status = 'done', seq = seq + 100 WHERE kind = 8", 2),
        ("UPDATE record SET seq = seq - 100 WHERE kind = 8", 0),
        ("DELETE FROM ledger_operation WHERE device IN (SELECT id FROM device) AND counter = 1", 1),
        ("UPDATE ledger_batch SET signature = x'00' WHERE signature <> x''", 3),
        ("UPDATE audit SET subject = 'x' WHERE id = 2", 4),
    ];
    for (sql, wrong_count) in tampered {
        assert!(world.sql(sql, []) > 0, "{sql}");
        let found = world.app.store.read(check::check).unwrap();
        assert_eq!(found.problems_count, wrong_count, "{sql}: {:?}", found.problems);
    }
}

#[tokio::test]
async fn the_audit_notices_a_row_that_was_taken_out() {
    let world = World::new();
    let write = |what: &str| world.app.store.write(|tx| audit::write(tx, 1, Actor::Console, what, "id")).unwrap();
    ["a", "b", "c"].into_iter().for_each(write);
    assert_eq!(world.app.store.read(audit::verify).unwrap(), (3, None));
    world.sql("DELETE FROM audit WHERE what = 'b'", []);
    assert_eq!(world.app.store.read(audit::verify).unwrap(), (1, Some(3)));
}

#[tokio::test]
async fn plain_http_stays_on_this_machine_and_bad_certificates_say_so() {
    let world = World::new();
    let listen = || tokio::net::TcpListener::bind("0.0.0.0:0");
    let refused = run(listen().await.unwrap(), Arc::clone(&world.app), async {}).await;
    let said = refused.unwrap_err();
    assert!(matches!(said, ServeError::PlainOnNetwork(_)) && said.to_string().contains("--tls-certificate"), "{said}");
    let mut config = Config::new(world.folder.path());
    let file = world.folder.path().join("not.pem");
    std::fs::write(&file, "nothing").unwrap();
    config.tls = Some(TlsFiles { certificate: file.clone(), key: file });
    let app = App::new(Arc::clone(&world.app.store), config).unwrap();
    assert!(matches!(run(listen().await.unwrap(), app, async {}).await, Err(ServeError::Pem { .. })));
}

#[tokio::test]
async fn a_real_socket_answers_and_stops_when_told() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(run(listener, Arc::clone(&world.app), async {
        let _ = stopped.await;
    }));
    let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
    socket.write_all(b"GET /api/v1/health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("{\"ok\":true}"), "{answer}");
    world.app.sightings.note(
        zoufang_domain::ids::DeviceId(uuid::Uuid::nil()),
        zoufang_sync_server::device::Sighting { at_ms: 1, synced: false, waiting: None, erased: false },
    );
    stop.send(()).unwrap();
    server.await.unwrap().unwrap();
    assert!(world.app.sightings.is_empty(), "what waited was written before the end");
}

#[tokio::test]
async fn every_problem_has_its_message() {
    let text = include_str!("../src/http/push.rs").to_owned()
        + include_str!("../src/http/pull.rs")
        + include_str!("../src/http/enrol.rs")
        + include_str!("../src/http/sign_in.rs")
        + include_str!("../src/http/challenge.rs");
    let named = text.split('`').filter(|word| {
        let parts: Vec<&str> = word.split('.').collect();
        parts.len() == 2
            && parts.iter().all(|part| !part.is_empty() && part.chars().all(|c| c == '_' || c.is_ascii_lowercase()))
    });
    let ids: Vec<&str> = named.collect();
    assert!(ids.len() > 20);
    for id in ids {
        assert!(zoufang_domain::message::exists(id), "{id} stands in a route's documentation and has no message");
    }
}
