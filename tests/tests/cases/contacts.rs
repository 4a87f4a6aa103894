//! A home that comes without its contact: somebody was erased, or the server has not heard of the contact yet. The second takes nothing away.

use crate::visit;
use std::sync::atomic::{AtomicBool, Ordering};
use zoufang_core::households::{HomeDraft, HouseholdEdit};
use zoufang_core::rights::AskedBy;
use zoufang_core::sync::{Cancel, Phase, SyncOptions};
use zoufang_domain::home::{Address, Use};
use zoufang_domain::ids::{HouseholdId, UnitId};
use zoufang_domain::rights::Right;
use zoufang_sync_server::ledger::Settler;
use zoufang_sync_server::rights::{self, Decision};
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::{Handset, World};

const NEW: &str = "测试新联系人";
const OLD: &str = "试旧人";

fn home(phone: &Handset, area: UnitId, contact: Option<&str>) -> HouseholdId {
    let home = phone.core().add_home(&HomeDraft {
        micro_grid: area,
        address: Address { building: "99".into(), unit: "1".into(), room: "101".into() },
        used_as: Use::Own,
        contact: contact.map(str::to_owned),
        phone: None,
        people_count: None,
        from: None,
        shares_dwelling: false,
    });
    home.unwrap().household
}

fn name_contact(phone: &Handset, home: HouseholdId) {
    let edit = HouseholdEdit { contact: Some(Some(NEW.to_owned())), ..HouseholdEdit::default() };
    phone.core().edit_household(home, &edit).unwrap();
}

fn count_people(phone: &Handset, home: HouseholdId) {
    let edit = HouseholdEdit { people_count: Some(Some(3)), ..HouseholdEdit::default() };
    phone.core().edit_household(home, &edit).unwrap();
}

/// Syncs, and names the contact while the pull is on its way.
async fn sync_and_name_meanwhile(phone: &Handset, home: HouseholdId) {
    let is_done = AtomicBool::new(false);
    let meanwhile = |progress: zoufang_core::sync::Progress| {
        if progress.phase == Phase::Pulling && !is_done.swap(true, Ordering::Relaxed) {
            name_contact(phone, home);
        }
    };
    let options = SyncOptions::default();
    phone.core().sync_with(&phone.protocol, options, meanwhile, &Cancel::new()).await.unwrap();
    assert!(is_done.into_inner());
    assert_eq!(phone.found().unsent_count, 1, "saved after what was unsent had gone up");
}

#[tokio::test]
async fn a_contact_that_is_not_sent_yet_is_not_taken_for_one_that_was_erased() {
    let mut world = World::new(501);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = home(&a, area, None);
    world.settle(&[&a, &b]).await;
    let backup = world.backup();
    let note = format!("见到{NEW}");
    let sent = visit(&b, home, &note);
    b.must_sync().await;
    let draft = b.core().start_visit_draft(home).unwrap();
    b.core().save_draft_field(draft, "note", note.clone().into()).unwrap();
    count_people(&a, home);
    a.must_sync().await;

    sync_and_name_meanwhile(&b, home).await;
    assert_eq!(b.core().home(home).unwrap().contact.as_deref(), Some(NEW));
    assert_eq!(b.core().home(home).unwrap().people_count, Some(3));
    assert_eq!(b.core().draft(draft).unwrap().fields["note"], note, "a draft keeps its words");
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(a.core().home(home).unwrap().contact.as_deref(), Some(NEW));
    // What was sent is kept word for word, too: a restored server gets it as it was written.
    world.forward(&[&a, &b], DAY_MS);
    world.restore(&backup, &[&a, &b]);
    for phone in [&a, &b] {
        phone.sync().await.unwrap();
    }
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(a.core().visit(sent.id).unwrap().note, note);
}

#[tokio::test]
async fn a_contact_that_was_erased_goes_even_where_another_was_just_named() {
    let mut world = World::new(502);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let home = home(&a, area, Some(OLD));
    world.settle(&[&a, &b]).await;
    let draft = b.core().start_visit_draft(home).unwrap();
    b.core().save_draft_field(draft, "note", format!("{OLD}搬走了，现在是{NEW}").into()).unwrap();
    let request = a.core().ask_right(AskedBy::Contact(home), Right::Delete).unwrap();
    a.must_sync().await;
    let now_ms = world.server.now_ms();
    let erase = Decision::Erase;
    let store = &world.server.app.store;
    store.write(|tx| rights::decide(tx, now_ms, Settler::Console, area, request.id, &erase)).unwrap();

    sync_and_name_meanwhile(&b, home).await;
    let kept = b.core().draft(draft).unwrap().fields["note"].to_string();
    assert!(!kept.contains(OLD), "the person who was erased is gone: {kept}");
    assert!(kept.contains(NEW), "and nobody else: {kept}");
    assert_eq!(b.core().home(home).unwrap().contact.as_deref(), Some(NEW));
}

/// After a restore a home comes back before the contact that a colleague gave it.
#[tokio::test]
async fn a_home_that_comes_back_before_its_contact_takes_nothing_away() {
    for waits_ms in [0, DAY_MS + 1] {
        let mut world = World::new(503);
        let area = world.micro_grid("测试微网格", 4);
        let a = world.managers_phone("测试甲", area).await;
        let b = world.managers_phone("测试乙", area).await;
        let c = world.managers_phone("测试丙", area).await;
        let backup = world.backup();
        let home = home(&a, area, None);
        world.settle(&[&a, &c]).await;
        name_contact(&c, home);
        world.settle(&[&a, &b, &c]).await;
        let draft = b.core().start_visit_draft(home).unwrap();
        let note = format!("见到{NEW}");
        b.core().save_draft_field(draft, "note", note.clone().into()).unwrap();
        world.forward(&[&a, &b, &c], DAY_MS);

        world.restore(&backup, &[&a, &b, &c]);
        b.sync().await.unwrap();
        // A day later it is offered as a copy, which waits for a supervisor.
        world.forward(&[&a, &b, &c], waits_ms);
        for _ in 0..2 {
            b.sync().await.unwrap();
        }
        a.sync().await.unwrap();
        b.sync().await.unwrap();
        assert_eq!(b.core().home(home).unwrap().contact, None, "the home is back, without its contact");
        assert_eq!(b.core().draft(draft).unwrap().fields["note"], note);
        c.sync().await.unwrap();
        world.settle(&[&a, &b, &c]).await;
        assert_eq!(b.core().home(home).unwrap().contact.as_deref(), Some(NEW));
    }
}
