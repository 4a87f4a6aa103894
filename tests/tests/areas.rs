//! Areas: nothing of an area that is not the phone's own leaves the server, in any answer, and nothing gets into it either.

#![allow(clippy::unwrap_used)]

use serde_json::json;
use uuid::Uuid;
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::{HouseholdId, NoticeId, UnitId};
use zoufang_domain::notice::{Notice, NoticeKind, receipt_id};
use zoufang_domain::operation::{Action, Entry, Fields, List};
use zoufang_domain::schema::Kind;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::notices::{self, Sender};
use zoufang_tests::world::{World, plain};

/// Stands in the other area alone.
const CANARY: &str = "金丝雀只在乙区";

fn note(phone: &zoufang_tests::world::Handset) -> Action {
    let data = Fields::from([("text".to_owned(), json!("不该写到这里"))]);
    let when = zoufang_domain::calendar::Moment::from_ms(phone.clock.now_ms());
    let who = phone.found().staff;
    Action::Append { entry: Entry { id: Uuid::from_u128(77), list: List::Notes, what: "note".into(), when, who, data } }
}

#[tokio::test]
async fn a_foreign_area_is_as_silent_as_one_that_does_not_exist() {
    let mut world = World::new(800);
    let (own, foreign) = (world.micro_grid("测试微网格甲", 6), world.micro_grid("测试微网格乙", 6));
    let a = world.managers_phone("测试甲", own).await;
    let b = world.managers_phone("测试乙", foreign).await;
    let home = b.first_home().household;
    let draft = VisitDraft { note: CANARY.to_owned(), ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    let visit = b.core().save_visit(draft).unwrap();
    world.settle(&[&a, &b]).await;
    let before = world.server.evidence();

    a.line.keep_answers();
    // A knows the ids, as somebody who once worked there might, and writes to the area and to one that was never there.
    let nowhere = UnitId(Uuid::from_u128(1));
    a.plant(foreign, Kind::Visit, visit.id.0, note(&a));
    a.plant(nowhere, Kind::Visit, Uuid::from_u128(2), note(&a));
    // The same record under A's own area: it is not there, and nothing says that it is elsewhere.
    a.plant(own, Kind::Visit, visit.id.0, note(&a));
    a.plant(own, Kind::Visit, Uuid::from_u128(3), note(&a));
    let report = a.must_sync().await;
    assert_eq!((report.pushed_count, report.quarantined_count), (4, 4));
    let reasons: Vec<String> =
        a.core().quarantined(Page::FIRST).unwrap().into_iter().map(|kept| kept.reason_message_id).collect();
    let count = |id: &str| reasons.iter().filter(|reason| *reason == id).count();
    assert_eq!(count("quarantine.not_assigned"), 2, "{reasons:?}");
    assert_eq!(count("quarantine.record_missing"), 2, "{reasons:?}");

    let answers = a.line.kept_answers();
    assert!(answers.len() >= 2);
    for answer in &answers {
        let text = String::from_utf8(plain(answer)).unwrap();
        assert!(!text.contains(CANARY) && !text.contains(&home.to_string()), "{text}");
    }
    let after = world.server.evidence();
    assert_eq!(after.areas, before.areas, "nothing was written");
    assert!(!a.found().areas.contains_key(&foreign));
    assert!(a.core().home(HouseholdId(home.0)).is_err());
    // On the phone itself the canary is nowhere either, not even in the ciphertext's neighbours.
    for suffix in ["", "-wal"] {
        let path = format!("{}{suffix}", a.path().display());
        if let Ok(bytes) = std::fs::read(path) {
            assert!(!bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes()));
        }
    }
}

#[tokio::test]
async fn the_files_of_a_phone_hold_no_plaintext() {
    let mut world = World::new(801);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let home = a.first_home();
    let draft = VisitDraft { note: CANARY.to_owned(), ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
    a.core().save_visit(draft).unwrap();
    let contact = home.contact.unwrap();
    let folder = a.path().parent().unwrap();
    let mut files_count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            files_count += 1;
            let bytes = std::fs::read(&path).unwrap();
            for text in [CANARY, contact.as_str(), "CREATE TABLE"] {
                let found = bytes.windows(text.len()).any(|window| window == text.as_bytes());
                assert!(!found, "{text} in {}", path.display());
            }
        }
    }
    assert!(files_count >= 2, "the database and its log");
}

#[tokio::test]
async fn a_notice_of_another_area_is_never_sent_and_gets_no_receipt() {
    let mut world = World::new(805);
    let (own, foreign) = (world.micro_grid("测试微网格甲", 2), world.micro_grid("测试微网格乙", 2));
    let a = world.managers_phone("测试甲", own).await;
    let b = world.managers_phone("测试乙", foreign).await;
    a.line.keep_answers();
    let (id, now_ms) = (NoticeId(Uuid::from_u128(9)), world.clock.now_ms());
    let notice = Notice {
        title: CANARY.to_owned(),
        body: CANARY.to_owned(),
        kind: NoticeKind::Task,
        valid_from: "2026-11-01".parse().unwrap(),
        valid_to: "2026-12-31".parse().unwrap(),
        needs_receipt: true,
    };
    let send = |tx: &rusqlite::Transaction<'_>| notices::send(tx, now_ms, Sender::Console, foreign, id, &notice);
    world.server.app.store.write(send).unwrap();
    let receipt = |of: NoticeId| {
        let staff = a.found().staff;
        let fields = json!({"notice": of, "staff": staff, "read_at": "2026-11-23T01:00:00Z"});
        let fields: Fields = serde_json::from_value(fields).unwrap();
        a.plant(own, Kind::NoticeReceipt, receipt_id(of, staff), Action::Create { fields, entries: Vec::new() });
    };
    receipt(id);
    receipt(NoticeId(Uuid::from_u128(10)));
    world.settle(&[&a, &b]).await;
    assert_eq!((a.core().unread_notices_count().unwrap(), b.core().unread_notices_count().unwrap()), (0, 1));
    let kept = a.core().quarantined(Page::FIRST).unwrap();
    let reasons: Vec<&str> = kept.iter().map(|kept| kept.reason_message_id.as_str()).collect();
    assert_eq!(reasons, ["quarantine.record_missing"; 2], "as for a notice that was never sent");
    assert_eq!(world.server.count("SELECT count(*) FROM record WHERE kind = 20"), 0);
    for answer in &a.line.kept_answers() {
        assert!(!String::from_utf8(plain(answer)).unwrap().contains(CANARY));
    }
}
