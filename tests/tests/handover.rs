//! Handover: one person's micro-grid becomes another's, and nothing that either wrote is lost.
#![allow(clippy::unwrap_used, missing_docs)]

use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, StaffId, UnitId};
use zoufang_domain::staff::{Role, Standing};
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::handover::{self, Done, HandoverError, HandoverView, Wish};
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::staff::{self, Post, StaffError};
use zoufang_sync_server::store::StoreError;
use zoufang_tests::world::{Handset, World};

fn make(world: &World, unit: UnitId, from: StaffId, to: StaffId, with_unsent: bool) -> Result<Done, HandoverError> {
    let (app, now_ms) = (&world.server.app, world.server.now_ms());
    let wish = Wish { unit, from, to, with_unsent };
    app.store.write(|tx| handover::make(tx, app.random.as_ref(), now_ms, CONSOLE, wish))
}

fn listed(world: &World, unit: UnitId) -> Vec<HandoverView> {
    world.server.app.store.read(|c| handover::within(c, unit)).unwrap()
}

fn visit(phone: &Handset, note: &str) {
    let home = phone.first_home().household;
    let draft = VisitDraft { note: note.to_owned(), ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    phone.core().save_visit(draft).unwrap();
}

#[tokio::test]
async fn the_one_who_leaves_sends_everything_and_erases_and_the_one_who_comes_has_it_all() {
    let mut world = World::new(81);
    let area = world.micro_grid("测试微网格", 6);
    let leaver = world.manager("测试甲", area);
    let old = world.phone(leaver).await;
    old.must_sync().await;
    let comer = world.server.add_staff("测试乙");
    visit(&old, "交接之前");
    // The server knows what a phone holds back only by its last word: it says so when it syncs.
    old.line.plan("push", zoufang_tests::world::Fault::AnswerLost, 1);
    assert!(old.sync().await.is_err());
    world
        .server
        .app
        .store
        .write::<_, StoreError>(|tx| Ok(tx.execute("UPDATE device SET unsent_count = 2", [])?))
        .unwrap();
    let refused = make(&world, area, leaver, comer, false);
    assert!(matches!(refused, Err(HandoverError::Unsent { unsent_count: 2, phones_count: 1 })), "{refused:?}");
    assert!(matches!(make(&world, area, leaver, leaver, true), Err(HandoverError::Same)));
    assert!(matches!(make(&world, area, comer, leaver, true), Err(HandoverError::NoPost)));

    // One more is written after the last contact, and the handover does not wait for it.
    visit(&old, "没有网的时候");
    world.forward(&[&old], 1_000);
    let done = make(&world, area, leaver, comer, true).unwrap();
    assert_eq!((done.role, done.phones_count), (Role::MicroGridManager, 1));
    world.forward(&[&old], 60_000);
    let new = world.phone(comer).await;
    new.must_sync().await;
    assert_eq!(new.homes().len(), 6);
    assert_eq!(listed(&world, area)[0].erased, None, "the old phone has not been back");

    old.must_sync().await;
    assert!(old.homes().is_empty(), "drained, then erased");
    assert_eq!(listed(&world, area)[0].erased_count, 0, "it has said nothing yet about what it erased");
    world.forward(&[&old, &new], 1_000);
    old.must_sync().await;
    let view = &listed(&world, area)[0];
    assert_eq!(
        (view.from.as_str(), view.to.as_str(), view.phones_count, view.erased_count),
        ("测试甲", "测试乙", 1, 1)
    );
    assert!(view.erased.is_some(), "the receipt");
    new.must_sync().await;
    let home = new.first_home().household;
    let notes: Vec<String> =
        new.core().visits_of(home, Page::FIRST).unwrap().into_iter().map(|visit| visit.note).collect();
    assert!(notes.contains(&"交接之前".to_owned()) && notes.contains(&"没有网的时候".to_owned()), "{notes:?}");
    assert_eq!(world.server.evidence().quarantined_count, 0, "late work is judged by the post that it was made under");
    world.settle_and_check(&[&new]).await;
}

#[tokio::test]
async fn at_most_one_manager_is_responsible_at_a_time() {
    let world = World::new(82);
    let area = world.micro_grid("测试微网格", 1);
    world.manager("测试甲", area);
    let (other, now_ms) = (world.server.add_staff("测试乙"), world.server.now_ms());
    let now = Moment::from_ms(now_ms);
    let try_post = |post: Post| world.server.app.store.write(|tx| staff::assign(tx, now_ms, CONSOLE, post));
    let post = |standing, acting_for, to| Post {
        standing,
        acting_for,
        to,
        ..Post::new(AssignmentId(world.server.new_id()), other, area, Role::MicroGridManager, now)
    };
    let second = try_post(post(Standing::Responsible, None, None));
    assert!(matches!(second, Err(StaffError::Managed { ref name }) if name == "测试甲"), "{second:?}");
    assert!(matches!(try_post(post(Standing::Acting, None, None)), Err(StaffError::Acting)));
    assert!(matches!(try_post(post(Standing::Acting, Some(other), None)), Err(StaffError::Acting)), "without an end");
    try_post(post(Standing::Co, None, None)).unwrap();
    let week = Moment::from_ms(now_ms + 7 * 24 * 3_600_000);
    try_post(post(Standing::Acting, Some(other), Some(week))).unwrap();
    assert_eq!(
        world.server.count("SELECT count(*) FROM assignment WHERE acting_for IS NOT NULL AND to_ms IS NOT NULL"),
        1
    );
}
