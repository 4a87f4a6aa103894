//! Notices: read offline by one person on two phones, given on a visit by two people, withdrawn meanwhile, and gone after a restore.

use uuid::Uuid;
use zoufang_core::views::{Page, VisitView};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::{NoticeId, StaffId, UnitId};
use zoufang_domain::notice::{Notice, NoticeKind, NoticeState};
use zoufang_domain::report::Rate;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::notices::{self, Sender};
use zoufang_sync_server::reports::notices::{self as lists, Receipts};
use zoufang_sync_server::reports::{Asked, ReportError};
use zoufang_sync_server::store::scope::{Console, Scope};
use zoufang_tests::ports::{DAY_MS, MINUTE_MS};
use zoufang_tests::world::{Handset, World};

fn send(world: &World, unit: UnitId, number: u128) -> NoticeId {
    let (id, now_ms) = (NoticeId(Uuid::from_u128(number)), world.clock.now_ms());
    let today = Moment::from_ms(now_ms).day();
    let notice = Notice {
        title: format!("测试通知{number}"),
        body: "测试正文".into(),
        kind: NoticeKind::Publicity,
        valid_from: today,
        valid_to: today + chrono::Days::new(9),
        needs_receipt: true,
    };
    world.server.app.store.write(|tx| notices::send(tx, now_ms, Sender::Console, unit, id, &notice)).unwrap();
    id
}

fn withdraw(world: &World, unit: UnitId, id: NoticeId) {
    let now_ms = world.clock.now_ms();
    let write = |tx: &rusqlite::Transaction<'_>| notices::withdraw(tx, now_ms, Sender::Console, unit, id, "测试：有误");
    world.server.app.store.write(write).unwrap();
}

fn receipts(world: &World, unit: UnitId, id: NoticeId) -> Receipts {
    let (console, now) = (Console::at_the_command_line(), Moment::from_ms(world.clock.now_ms()));
    let asked = Asked { unit, period: Period::month_of(now.day()), now };
    let read = |c: &rusqlite::Connection| lists::receipts(c, &Scope::of_console(c, console)?, &asked, id);
    world.server.app.store.read::<_, ReportError>(read).unwrap()
}

fn unread(phone: &Handset) -> u32 {
    phone.core().unread_notices_count().unwrap()
}

fn given(visit: &VisitView) -> Vec<NoticeId> {
    visit.notices.iter().map(|notice| notice.id).collect()
}

/// A visit at which a colleague was there, too.
fn visit_with(phone: &Handset, other: StaffId, notices: Vec<NoticeId>) -> VisitView {
    let home = phone.first_home().household;
    let draft = VisitDraft { others_present: vec![other], notices, ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    phone.core().save_visit(draft).unwrap()
}

#[tokio::test]
async fn one_person_reads_a_notice_on_two_phones_offline_and_that_is_one_receipt() {
    let mut world = World::new(71);
    let area = world.micro_grid("测试微网格", 3);
    let person = world.manager("测试甲", area);
    let (a, again) = (world.phone(person).await, world.phone(person).await);
    let other = world.managers_phone("测试乙", area).await;
    let id = send(&world, world.community, 1);
    let all = [&a, &again, &other];
    world.settle_and_check(&all).await;
    assert_eq!((unread(&a), unread(&again), unread(&other)), (1, 1, 1));
    a.core().read_notice(id).unwrap();
    world.forward(&all, MINUTE_MS);
    again.core().read_notice(id).unwrap();
    world.settle_and_check(&all).await;
    assert_eq!((unread(&a), unread(&again), unread(&other)), (0, 0, 1), "a colleague's receipt marks nothing");
    assert_eq!(world.server.count("SELECT count(*) FROM record WHERE kind = 20"), 1);
    assert_eq!(world.server.evidence().conflicts_opened_count, 0);
    let read_at = |phone: &Handset| phone.core().notice(id).unwrap().read_at;
    assert_eq!(read_at(&a), read_at(&again));
    let found = receipts(&world, world.community, id);
    assert_eq!(found.notice.read, Some(Rate { numerator: 1, denominator: 2 }));
}

#[tokio::test]
async fn two_people_say_offline_what_one_visit_gave_and_both_words_stand() {
    let mut world = World::new(72);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let [one, two, three] = [1, 2, 3].map(|number| send(&world, world.community, number));
    world.settle_and_check(&[&a, &b]).await;
    let visit = visit_with(&a, b.found().staff, vec![one]);
    world.settle_and_check(&[&a, &b]).await;

    // No connection: A takes one out and puts another in, B adds a third.
    a.core().set_visit_notices(visit.id, &[two]).unwrap();
    world.forward(&[&a, &b], MINUTE_MS);
    b.core().set_visit_notices(visit.id, &[one, three]).unwrap();
    b.must_sync().await;
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        assert_eq!(given(&phone.core().visit(visit.id).unwrap()), [two, three]);
    }
    assert_eq!(world.server.evidence().conflicts_opened_count, 0);
    let found = receipts(&world, area, two);
    assert_eq!((found.notice.visits_count, found.notice.homes), (1, Rate { numerator: 1, denominator: 3 }));
}

#[tokio::test]
async fn a_notice_that_was_withdrawn_while_a_phone_was_away_stays_on_its_visit() {
    let mut world = World::new(73);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let id = send(&world, world.community, 1);
    world.settle_and_check(&[&a, &b]).await;
    withdraw(&world, world.community, id);
    let visit = visit_with(&a, b.found().staff, vec![id]);
    a.core().read_notice(id).unwrap();
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        assert!(phone.core().notices(Page::FIRST).unwrap().is_empty() && unread(phone) == 0);
        let shown = phone.core().visit(visit.id).unwrap();
        assert_eq!(shown.notices[0].title.as_deref(), Some("测试通知1"));
        let notice = phone.core().notice(id).unwrap();
        assert_eq!((notice.state, notice.withdrawn_because.as_deref()), (NoticeState::Withdrawn, Some("测试：有误")));
    }
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine"), 0, "a late receipt is a receipt");
    world.forward(&[&a, &b], 30 * DAY_MS);
    assert_eq!(a.core().visit(visit.id).unwrap().notices[0].title.as_deref(), Some("测试通知1"));
}

#[tokio::test]
async fn a_visit_outlives_a_notice_that_a_restored_server_never_heard_of() {
    let mut world = World::new(74);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    world.settle_and_check(&[&a, &b]).await;
    let backup = world.backup();
    world.forward(&[&a, &b], MINUTE_MS);
    let id = send(&world, world.community, 1);
    world.settle_and_check(&[&a, &b]).await;
    let visit = visit_with(&a, b.found().staff, vec![id]);
    world.settle_and_check(&[&a, &b]).await;

    world.restore(&backup, &[&a, &b]);
    world.settle(&[&a, &b]).await;
    for phone in [&a, &b] {
        let shown = phone.core().visit(visit.id).unwrap();
        assert_eq!((given(&shown), shown.notices[0].title.clone()), (vec![id], None));
        assert_eq!(unread(phone), 0, "what the server has no longer is forgotten");
    }
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine"), 0);
}
