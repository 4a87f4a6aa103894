//! Case 15, for backups that are older than what phones keep: the server comes back without work that a phone has forgotten, or that waited
//! in quarantine.

use crate::visit;
use serde_json::json;
use uuid::Uuid;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::views::Page;
use zoufang_domain::ids::UnitId;
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::schema::Kind;
use zoufang_domain::wire::ExchangeError;
use zoufang_domain::wire::limits::KEPT_OPERATIONS_DAYS;
use zoufang_sync_server::ledger::{self, Settler, Way};
use zoufang_tests::ports::{DAY_MS, SeededIds};
use zoufang_tests::world::{Handset, World};

const LONG_MS: i64 = (KEPT_OPERATIONS_DAYS + 10) * DAY_MS;
const ANSWER: &str = "测试答复：请重新填写";

/// Puts work into the outbox that the server keeps in quarantine.
fn poison(phone: &Handset, area: UnitId, number: u128) -> Uuid {
    let id = Uuid::from_u128(number);
    let fields = Fields::from([("outcome".to_owned(), json!("flew_away"))]);
    phone.plant(area, Kind::Visit, id, Action::Create { fields, entries: Vec::new() });
    id
}

fn refuse(world: &World) {
    let entry = world.server.count("SELECT id FROM quarantine WHERE settled_ms IS NULL");
    let now_ms = world.server.now_ms();
    let way = Way::Refuse { answer: ANSWER.into() };
    assert!(world.server.app.store.write(|tx| ledger::settle(tx, now_ms, Settler::Console, entry, &way)).unwrap());
}

/// Lets everything that was sent so far become too old to be kept. What is sent on the way stays.
async fn grow_old(world: &World, phone: &Handset) {
    world.forward(&[phone], LONG_MS);
    visit(phone, phone.first_home().household, "最近");
    for _ in 0..2 {
        phone.must_sync().await;
    }
}

/// Where the audit says that something is missing.
fn gaps(world: &World) -> Vec<String> {
    let sql = "SELECT substr(subject, instr(subject, '#') + 1) FROM audit WHERE what = 'device.gap' ORDER BY id";
    let read = world.server.app.store.read(|c| {
        let mut found = c.prepare(sql)?;
        let rows = found.query_map([], |row| row.get(0))?;
        Ok::<_, zoufang_sync_server::store::StoreError>(rows.collect::<Result<Vec<String>, _>>()?)
    });
    read.unwrap()
}

#[tokio::test]
async fn case_15_a_phone_goes_on_behind_what_it_has_forgotten_and_an_old_backup_lacks() {
    let mut world = World::new(415);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let homes = a.homes();
    let first = visit(&a, homes[0].household, "备份里有");
    a.must_sync().await;
    let backup = world.backup();
    let old: Vec<_> = (1..4).map(|at| visit(&a, homes[at].household, "很久以前")).collect();
    a.must_sync().await;
    grow_old(&world, &a).await;
    let unsent = visit(&a, homes[4].household, "未上传");

    world.restore(&backup, &[&a]);
    let report = a.sync().await.unwrap();
    assert_eq!((report.quarantined_count, a.found().unsent_count), (0, 0));
    let server = world.server.evidence();
    assert!(server.visits.contains_key(&first.id.0) && server.visits.contains_key(&unsent.id.0));
    assert!(old.iter().all(|one| !server.visits.contains_key(&one.id.0)));
    assert_eq!(gaps(&world), ["2-4"], "what cannot come again is written down");
    assert_eq!(world.server.count("SELECT count(*) FROM device WHERE status <> 'active'"), 0);
    // And work goes on.
    visit(&a, homes[5].household, "之后");
    assert_eq!(a.sync().await.unwrap().pushed_count, 1);
    // A day later the rest is offered as copies, which a supervisor may take.
    world.forward(&[&a], DAY_MS);
    for _ in 0..2 {
        a.sync().await.unwrap();
    }
    assert_eq!(world.server.evidence().quarantined_count, 3);
    assert!(old.iter().all(|one| a.core().visit(one.id).unwrap().note == "很久以前"));
    let findings = world.server.app.store.read(zoufang_sync_server::check::check).unwrap();
    assert!(findings.is_sound(), "{findings:?}");
}

/// A server that never came back from a backup lacks nothing: there a gap is a defect, and is not passed over.
#[tokio::test]
async fn a_gap_is_followed_by_a_server_that_came_back_and_by_no_other() {
    let mut world = World::new(419);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    visit(&a, a.first_home().household, "一");
    a.must_sync().await;
    visit(&a, a.first_home().household, "二");
    visit(&a, a.first_home().household, "三");
    let backup = world.backup();
    let options = OpenOptions::new(a.path(), zoufang_core::store::MIGRATIONS);
    let database = Database::open(&options, a.vault(), &SeededIds::of(419, 0)).unwrap();
    let lost: Result<usize, zoufang_core::Error> =
        database.write(|tx| Ok(tx.execute("DELETE FROM operation WHERE counter = 2", [])?));
    assert_eq!(lost.unwrap(), 1);
    for _ in 0..2 {
        let Err(zoufang_core::Error::Exchange(ExchangeError::Problem(problem))) = a.sync().await else {
            panic!("the server asks for what is missing")
        };
        assert_eq!((problem.id.as_str(), problem.last_counter), ("push.gap", Some(1)));
    }
    assert_eq!((world.server.evidence().visits.len(), gaps(&world)), (1, Vec::new()));
    world.restore(&backup, &[&a]);
    a.sync().await.unwrap();
    assert_eq!((world.server.evidence().visits.len(), gaps(&world)), (2, vec!["2-2".to_owned()]));
}

#[tokio::test]
async fn a_revoked_phone_brings_what_it_has_behind_a_gap() {
    let mut world = World::new(416);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    visit(&a, a.first_home().household, "备份里有");
    a.must_sync().await;
    let backup = world.backup();
    for _ in 0..3 {
        visit(&a, a.first_home().household, "很久以前");
    }
    a.must_sync().await;
    grow_old(&world, &a).await;
    visit(&a, a.first_home().household, "未上传");
    world.restore(&backup, &[&a]);
    world.server.revoke(a.found().device);
    let report = a.sync().await.unwrap();
    assert!(report.wiped.is_some());
    let kept = world.server.count("SELECT count(*) FROM quarantine WHERE operation LIKE '%未上传%'");
    assert_eq!(kept, 1, "nothing unsent goes with the phone");
}

#[tokio::test]
async fn old_work_in_quarantine_is_offered_again_to_a_server_that_has_lost_it() {
    let mut world = World::new(417);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    visit(&a, a.first_home().household, "备份里有");
    a.must_sync().await;
    let before = world.backup();
    visit(&a, a.first_home().household, "很久以前");
    poison(&a, area, 417);
    visit(&a, a.first_home().household, "很久以前");
    visit(&a, a.first_home().household, "很久以前");
    a.must_sync().await;
    grow_old(&world, &a).await;
    let after = world.backup();
    assert_eq!(world.server.evidence().quarantined_count, 1);

    world.restore(&before, &[&a]);
    assert_eq!(world.server.evidence().quarantined_count, 0);
    let report = a.sync().await.unwrap();
    assert_eq!((report.quarantined_count, a.found().unsent_count), (1, 0));
    let verbatim = "SELECT count(*) FROM quarantine WHERE operation LIKE '%flew_away%' AND settled_ms IS NULL";
    assert_eq!(world.server.count(verbatim), 1, "the server has it again, as it was made");
    let held = a.core().quarantined(Page::FIRST).unwrap();
    assert_eq!((held.len(), held[0].record), (1, Uuid::from_u128(417)));
    assert_eq!(gaps(&world), ["2-2", "4-5"]);
    assert_eq!(a.sync().await.unwrap().pushed_count, 0, "once");

    // A server that has it takes it for what it is.
    world.forward(&[&a], DAY_MS);
    world.restore(&after, &[&a]);
    a.sync().await.unwrap();
    assert_eq!(world.server.count(verbatim), 1);
    assert_eq!(a.core().quarantined(Page::FIRST).unwrap().len(), 1);
    assert_eq!((a.found().unsent_count, gaps(&world)), (0, Vec::new()));
    visit(&a, a.first_home().household, "之后");
    assert_eq!(a.sync().await.unwrap().pushed_count, 1);
}

#[tokio::test]
async fn a_decision_that_a_restored_server_has_lost_is_to_be_made_again() {
    let mut world = World::new(418);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    poison(&a, area, 418);
    a.must_sync().await;
    let undecided = world.backup();
    refuse(&world);
    world.forward(&[&a], DAY_MS);
    let untold = world.backup();

    // The decision is in the backup, and the phone hears of it from the server that came back.
    world.restore(&untold, &[&a]);
    a.sync().await.unwrap();
    let told = a.core().quarantined(Page::FIRST).unwrap();
    assert_eq!(told[0].decision.clone().unwrap().answer.as_deref(), Some(ANSWER));
    assert_eq!(a.core().sync_status().unwrap().quarantined_count, 0);

    world.forward(&[&a], DAY_MS);
    world.restore(&undecided, &[&a]);
    a.sync().await.unwrap();
    assert_eq!(world.server.evidence().quarantined_count, 1);
    let waits = a.core().quarantined(Page::FIRST).unwrap();
    assert_eq!((waits.len(), waits[0].decision.clone()), (1, None), "the phone does not say that it was decided");
    assert_eq!(a.core().sync_status().unwrap().quarantined_count, 1);
    refuse(&world);
    a.sync().await.unwrap();
    assert_eq!(a.core().quarantined(Page::FIRST).unwrap()[0].decision.clone().unwrap().answer.as_deref(), Some(ANSWER));
}
