//! What has been kept for as long as it may goes, from records, ledger and lists; nothing goes a day early.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use serde_json::{Value, json};
use support::World;
use uuid::Uuid;
use zoufang_domain::form::definition_id;
use zoufang_domain::ids::NoticeId;
use zoufang_domain::notice::receipt_id;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::pull::Row;
use zoufang_sync_server::retention::{self, Outlived};

const DAY_MS: i64 = 24 * 3600 * 1000;

fn let_go(world: &World) -> Outlived {
    let due = world.app.store.read(|c| retention::outlived(c, world.now_ms())).unwrap();
    let gone = retention::let_go(&world.app.store, world.now_ms()).unwrap();
    assert_eq!(due, gone, "what is said to be due is what goes");
    let check = world.app.store.read(zoufang_sync_server::check::check).unwrap();
    assert!(check.is_sound(), "{:?}", check.problems);
    gone
}

fn exists(world: &World, kind: Kind, id: Uuid) -> bool {
    world.count(&format!(
        "SELECT count(*) FROM record WHERE kind = {} AND hex(id) = '{:X}'",
        kind.number(),
        id.simple()
    )) == 1
}

/// The world's clock stands in November 2026.
#[tokio::test]
async fn work_of_a_year_is_kept_for_two_more_and_then_gone_for_good() {
    let world = World::new();
    let home = world.home(world.a, "101", "2020-01-01", None);
    let visit = |at: &str| world.visit(world.a, home, at, "door", "done");
    // Midnight in China between 2023 and 2024.
    let (old, kept) = (visit("2023-12-31T15:59:59Z"), visit("2023-12-31T16:00:00Z"));
    let report = |when: &str| field::entry(&world, "report", when, json!({}));
    let open = world.matter(world.a, "2023-02-01T00:00:00Z", vec![report("2023-01-01T00:00:00Z")]);
    let close = |when: &str| {
        vec![
            report("2023-01-01T00:00:00Z"),
            field::entry(&world, "answer", when, json!({"told": "试三娘", "how": "当面", "words": "好"})),
            field::entry(&world, "close", when, json!({"ending": "resolved"})),
        ]
    };
    let answered_late = world.matter(world.a, "2023-02-01T00:00:00Z", close("2025-01-01T00:00:00Z"));
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    phone.pull(&world).await;

    let gone = let_go(&world);
    assert_eq!(gone.records.get("visit"), Some(&1));
    assert!(!exists(&world, Kind::Visit, old) && exists(&world, Kind::Visit, kept));
    assert!(exists(&world, Kind::Matter, open), "what is open is never let go of");
    assert!(exists(&world, Kind::Matter, answered_late), "the last word on it counts");
    let rows = phone.pull(&world).await.rows;
    let told = rows.iter().any(|row| matches!(row, Row::Gone { id, erased: true, .. } if *id == old));
    assert!(told, "phones erase it, too");
    assert!(let_go(&world).records.is_empty(), "once");

    // It does not come back from a phone that still has it.
    let fields = json!({"household": home, "staff": [phone.staff], "started_at": "2023-12-31T15:59:59Z",
        "mode": "door", "outcome": "done", "note": "很久以前"});
    let again = phone.op(Kind::Visit, old, support::create(fields));
    phone.push(&world, &[again]).await;
    assert!(!exists(&world, Kind::Visit, old));
    assert_eq!(
        world.count("SELECT count(*) FROM quarantine WHERE operation LIKE '%很久以前%'"),
        0,
        "nor is its text kept there"
    );
}

#[tokio::test]
async fn an_answer_goes_when_its_question_says_and_the_visit_stays() {
    let world = World::new();
    let home = world.home(world.a, "101", "2020-01-01", None);
    let question = |id: &str, days: Value| json!({"id": id, "type": "text", "label": {"zh": "问"}, "purpose": "测试", "retention_days": days});
    let fields = json!({"form": "safety", "version": 1, "name": "安全", "fields": [question("a", json!(30)), question("b", Value::Null)]});
    world.write(world.community, Kind::FormDefinition, definition_id("safety", 1), support::create(fields));
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut visits = Vec::new();
    for started in ["2026-10-01T01:00:00Z", "2026-11-20T01:00:00Z"] {
        let fields = json!({"household": home, "staff": [phone.staff], "started_at": started, "mode": "door", "outcome": "done",
            "form": {"form": "safety", "version": 1, "answers": {"a": "短期保存", "b": "随走访保存"}}});
        let id = world.random.id();
        let operation = phone.op(Kind::Visit, id, support::create(fields));
        phone.push(&world, &[operation]).await;
        visits.push(id);
    }
    let gone = let_go(&world);
    assert_eq!((gone.answers, gone.records.len()), (1, 0));
    let answers = |id| world.record(world.a, Kind::Visit, id).f["form"]["answers"].clone();
    assert_eq!(answers(visits[0]), json!({"b": "随走访保存"}));
    assert_eq!(answers(visits[1]), json!({"a": "短期保存", "b": "随走访保存"}));
    assert_eq!(
        world.count("SELECT count(*) FROM ledger_batch WHERE redacted_ms IS NOT NULL"),
        1,
        "out of the ledger, too"
    );
}

#[tokio::test]
async fn batches_quarantine_and_lists_are_emptied_when_their_time_is_over() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let operation = phone.dwelling("101");
    phone.push(&world, &[operation]).await;
    world.sql("INSERT INTO quarantine (device, staff, area, counter, received_ms, reason, operation, settled_ms) VALUES (x'00', x'00', x'00', 1, 0, '{}', 'x', ?1)", [world.now_ms()]);
    let batches = world.count("SELECT count(*) FROM ledger_batch");
    assert!(let_go(&world).is_empty(), "nothing is old");
    world.pass_ms(2 * 365 * DAY_MS - 1);
    assert_eq!(let_go(&world).batches, 0, "not a moment early");
    world.pass_ms(60_000);
    let gone = let_go(&world);
    assert_eq!((gone.batches, gone.quarantine), (batches as u64, 0));
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 4"), 1, "the home stays");
    assert_eq!(world.count("SELECT count(*) FROM quarantine"), 0);
    // The phone is still known by its chain.
    phone.sign_in(&world).await;
    let next = phone.dwelling("102");
    phone.push(&world, &[next]).await;
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 4"), 2);
}

#[tokio::test]
async fn a_receipt_goes_two_years_after_the_year_in_which_its_notice_ended() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut receipts = Vec::new();
    for (title, from, to) in [("旧", "2023-01-01", "2023-12-31"), ("新", "2023-01-01", "2024-01-01")] {
        let fields = json!({"title": title, "body": "测试", "kind": "task", "valid_from": from, "valid_to": to});
        let id = world.create(world.community, Kind::Notice, fields);
        let receipt = receipt_id(NoticeId(id), phone.staff);
        // A clock that is years slow takes nothing away.
        let fields = json!({"notice": id, "staff": phone.staff, "read_at": "2001-01-01T00:00:00Z"});
        let operation = phone.op(Kind::NoticeReceipt, receipt, support::create(fields));
        phone.push(&world, &[operation]).await;
        receipts.push(receipt);
    }
    assert_eq!(let_go(&world).records.get("notice_receipt"), Some(&1));
    assert!(!exists(&world, Kind::NoticeReceipt, receipts[0]) && exists(&world, Kind::NoticeReceipt, receipts[1]));
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 19"), 2, "the notice stays: visits name it");
}
