//! Case 15, for what only colleagues' phones still hold: copies that they offer when the author's phone does not come back.

use crate::visit;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::MatterDraft;
use zoufang_core::residents::ResidentDraft;
use zoufang_core::rights::AskedBy;
use zoufang_core::views::Page;
use zoufang_domain::ids::UnitId;
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::rights::Right;
use zoufang_domain::schema::Kind;
use zoufang_sync_server::ledger::{self, Settler, Way};
use zoufang_sync_server::rights::{self, Decision};
use zoufang_tests::canary;
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::{Handset, World};

/// What waits, without the copies that stand behind another.
fn waiting(world: &World) -> Vec<i64> {
    let read = |c: &zoufang_sync_server::store::Connection| {
        let mut found =
            c.prepare("SELECT id FROM quarantine WHERE settled_ms IS NULL AND copy_of IS NULL ORDER BY id")?;
        let rows = found.query_map([], |row| row.get(0))?;
        rows.collect::<Result<Vec<i64>, _>>().map_err(zoufang_sync_server::store::StoreError::from)
    };
    world.server.app.store.read(read).unwrap()
}

fn settle(world: &World, entry: i64, way: &Way) {
    let now_ms = world.clock.now_ms();
    let settled = world.server.app.store.write(|tx| ledger::settle(tx, now_ms, Settler::Console, entry, way));
    assert!(settled.unwrap());
}

/// Two syncs of each: the first puts copies into the outbox, the second sends them.
async fn offer(phones: &[&Handset]) {
    for phone in phones.iter().chain(phones) {
        phone.sync().await.unwrap();
    }
}

fn body(phone: &Handset, area: UnitId, kind: Kind, id: uuid::Uuid) -> String {
    format!("{:?}", phone.found().areas[&area][&(kind.number(), id)])
}

#[tokio::test]
async fn case_15_what_only_colleagues_phones_hold_stands_again_on_a_supervisors_word() {
    let mut world = World::new(215);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let c = world.managers_phone("测试丙", area).await;
    let backup = world.backup();
    world.forward(&[&a, &b, &c], DAY_MS);
    let homes = a.homes();
    let hers = visit(&a, homes[0].household, "甲的，已上传");
    let matter = a.core().report_matter(MatterDraft::new(MatterKind::Help, Track::Simple, "甲的诉求")).unwrap().id;
    let his = visit(&b, homes[1].household, "乙的，已上传");
    world.settle(&[&a, &b, &c]).await;
    b.core().note(matter, "接着办").unwrap();
    world.settle_and_check(&[&a, &b, &c]).await;
    let (visit_was, matter_was) = (body(&b, area, Kind::Visit, hers.id.0), body(&b, area, Kind::Matter, matter.0));

    // The phone of 测试甲 never comes back.
    world.restore(&backup, &[&b, &c]);
    for _ in 0..2 {
        for phone in [&b, &c] {
            let report = phone.sync().await.unwrap();
            assert_ne!(report.digests_equal, Some(true), "the phone says that it and the server differ");
            assert_eq!(phone.core().visit(hers.id).unwrap().note, "甲的，已上传", "the copy is not taken away");
        }
    }
    assert_eq!(
        waiting(&world).len(),
        1,
        "only the note that waits for its matter: most authors come back by themselves"
    );
    world.forward(&[&b, &c], DAY_MS);
    offer(&[&b, &c]).await;
    let entries = waiting(&world);
    assert_eq!(entries.len(), 1 + 2, "the note, the visit and the matter, each once");
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine WHERE copy_of IS NOT NULL"), 2, "two witnesses");
    assert!(!world.server.evidence().visits.contains_key(&hers.id.0), "no phone's word is enough");
    let shown = c.core().quarantined(Page::FIRST).unwrap();
    assert!(shown.iter().all(|one| one.reason_message_id == "quarantine.witnessed"), "{shown:?}");

    for entry in &entries[1..] {
        settle(&world, *entry, &Way::Accept);
    }
    assert_eq!(waiting(&world), Vec::<i64>::new(), "the note was taken with its matter");
    world.settle_and_check(&[&b, &c]).await;
    for phone in [&b, &c] {
        assert_eq!(body(phone, area, Kind::Visit, hers.id.0), visit_was);
        assert_eq!(body(phone, area, Kind::Matter, matter.0), matter_was);
        let found = phone.found();
        assert!(found.held.is_empty() && found.quarantined_count == 0, "{found:?}");
    }
    assert_eq!(c.core().visit(hers.id).unwrap().author, hers.author, "under its author's name");
    assert_eq!(world.server.evidence().visits.keys().collect::<Vec<_>>().len(), 2);
    assert!(world.server.evidence().visits.contains_key(&his.id.0));

    // And if that phone does come back, what it brings is there already.
    a.line.lead_to(zoufang_sync_server::build_router(std::sync::Arc::clone(&world.server.app)));
    a.clock.set(world.clock.now_ms());
    a.sync().await.unwrap();
    world.settle_and_check(&[&a, &b, &c]).await;
    assert_eq!(body(&a, area, Kind::Visit, hers.id.0), visit_was);
}

#[tokio::test]
async fn copies_go_when_their_author_comes_back_first() {
    let mut world = World::new(216);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let backup = world.backup();
    let hers = visit(&a, a.first_home().household, "甲的");
    world.settle_and_check(&[&a, &b]).await;
    world.restore(&backup, &[&a, &b]);
    b.sync().await.unwrap();
    world.forward(&[&a, &b], DAY_MS);
    offer(&[&b]).await;
    assert_eq!((waiting(&world).len(), b.found().held.len()), (1, 1));
    a.sync().await.unwrap();
    assert_eq!(waiting(&world), Vec::<i64>::new());
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!((b.found().held.len(), b.found().quarantined_count), (0, 0));
    assert_eq!(world.server.evidence().visits[&hers.id.0], 1);
    // A second restore: what waited before is known, and nothing is offered twice.
    world.restore(&backup, &[&a, &b]);
    world.forward(&[&a, &b], 2 * DAY_MS);
    for phone in [&a, &b, &a, &b] {
        phone.sync().await.unwrap();
    }
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(world.server.evidence().quarantined_count, 0);
}

#[tokio::test]
async fn a_refused_copy_leaves_every_phone_that_offered_it() {
    let mut world = World::new(217);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let c = world.managers_phone("测试丙", area).await;
    let backup = world.backup();
    visit(&a, a.first_home().household, "甲的");
    world.settle_and_check(&[&a, &b, &c]).await;
    world.restore(&backup, &[&b, &c]);
    for phone in [&b, &c] {
        phone.sync().await.unwrap();
    }
    world.forward(&[&b, &c], DAY_MS);
    offer(&[&b, &c]).await;
    let entries = waiting(&world);
    assert_eq!(entries.len(), 1);
    settle(&world, entries[0], &Way::Refuse { answer: "重复登记，不恢复".into() });
    world.settle_and_check(&[&b, &c]).await;
    assert_eq!(world.server.evidence().visits.len(), 0);
    for phone in [&b, &c] {
        let told = phone.core().quarantined(Page::FIRST).unwrap();
        assert_eq!(told[0].decision.as_ref().unwrap().answer.as_deref(), Some("重复登记，不恢复"));
    }
}

#[tokio::test]
async fn who_was_erased_does_not_come_back_by_a_witness() {
    let mut world = World::new(218);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = a.first_home().household;
    let backup = world.backup();
    let draft = ResidentDraft {
        household: home,
        name: "试三娘".to_owned(),
        sex: None,
        birth_year: None,
        phone: Some("13900007777".to_owned()),
        kind: ResidencyKind::Floating,
        lives_where_registered: None,
        from: None,
    };
    let resident = a.core().add_resident(&draft).unwrap();
    visit(&a, home, "见到试三娘");
    world.settle_and_check(&[&a, &b]).await;
    let request = a.core().ask_right(AskedBy::Resident(resident.id), Right::Delete).unwrap();
    a.must_sync().await;
    let now_ms = world.clock.now_ms();
    let decided = world
        .server
        .app
        .store
        .write(|tx| rights::decide(tx, now_ms, Settler::Console, area, request.id, &Decision::Erase));
    decided.unwrap();
    // b never had the word, and a never comes back.
    world.restore(&backup, &[&b]);
    b.sync().await.unwrap();
    world.forward(&[&b], DAY_MS);
    offer(&[&b]).await;
    world.server.app.store.empty_log().unwrap();
    assert_eq!(canary::in_server(world.server.app.store.path(), "试三娘").unwrap(), Vec::<String>::new());
    for entry in waiting(&world) {
        let now_ms = world.clock.now_ms();
        let taken =
            world.server.app.store.write(|tx| ledger::settle(tx, now_ms, Settler::Console, entry, &Way::Accept));
        assert!(taken.is_err(), "nothing is left to take");
    }
    world.server.app.store.empty_log().unwrap();
    assert_eq!(canary::in_server(world.server.app.store.path(), "试三娘").unwrap(), Vec::<String>::new());
    assert_eq!(b.places_of("试三娘").unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn an_edit_that_hangs_on_a_lost_home_goes_with_its_copy() {
    let mut world = World::new(219);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let backup = world.backup();
    let hers = visit(&a, a.first_home().household, "甲的");
    let contact = Some(Some("测试联系人".to_owned()));
    let edit = HouseholdEdit { contact, ..HouseholdEdit::default() };
    a.core().edit_household(a.first_home().household, &edit).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    world.restore(&backup, &[&b]);
    b.sync().await.unwrap();
    world.forward(&[&b], DAY_MS);
    offer(&[&b]).await;
    assert_eq!(
        waiting(&world).len(),
        1,
        "the home is there, as the backup has it; only what is missing whole is offered"
    );
    settle(&world, waiting(&world)[0], &Way::Accept);
    world.settle_and_check(&[&b]).await;
    assert!(world.server.evidence().visits.contains_key(&hers.id.0));
}
