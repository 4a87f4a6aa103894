//! Cases 9, 10, 11 and 20: one matter or visit in several hands.

use crate::visit;
use zoufang_core::matters::MatterDraft;
use zoufang_core::views::MatterView;
use zoufang_domain::ids::MatterId;
use zoufang_domain::matter::{EventKind, Hindrance, MatterKind, MatterState, Obstacle, Track, Turn};
use zoufang_domain::operation::{Action, Entry, List};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::visit::VisitState;
use zoufang_sync_server::matters::{self, Move, MoveError};
use zoufang_sync_server::staff;
use zoufang_sync_server::store::scope::{Console, Scope};
use zoufang_tests::ports::MINUTE_MS;
use zoufang_tests::world::{Handset, World};

/// Two phones of one micro-grid that both know one reported matter.
async fn one_matter(seed: u64) -> (World, Handset, Handset, MatterId) {
    let mut world = World::new(seed);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let mut draft = MatterDraft::new(MatterKind::Help, Track::Simple, "楼道灯不亮");
    draft.household = Some(a.first_home().household);
    let matter = a.core().report_matter(draft).unwrap().id;
    world.settle(&[&a, &b]).await;
    world.forward(&[&a, &b], MINUTE_MS);
    (world, a, b, matter)
}

fn texts_of<'v>(view: &'v MatterView, event: &str) -> Vec<(bool, &'v str)> {
    let events = view.events.iter().filter(|it| it.name == event);
    events.map(|it| (it.late, it.texts[0].text.as_str())).collect()
}

#[tokio::test]
async fn case_09_of_two_who_settle_one_matter_the_first_applies_and_the_second_is_a_note() {
    let (world, a, b, matter) = one_matter(9).await;
    a.core().self_handle(matter, "甲换了灯泡").unwrap();
    b.core().self_handle(matter, "乙请物业换了灯泡").unwrap();
    b.must_sync().await;
    let report = a.must_sync().await;
    assert_eq!((report.merged_count, report.quarantined_count), (1, 0));
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        let view = phone.core().matter(matter).unwrap();
        assert_eq!(view.state, MatterState::SelfHandled);
        let texts = texts_of(&view, "self_handle");
        assert_eq!(texts, [(false, "乙请物业换了灯泡"), (true, "甲换了灯泡")], "the order is the server's");
    }
}

/// A move from a desk of the community, as the pages and the command line make it.
fn at_desk(world: &World, matter: MatterId, event: EventKind, data: &[(&str, &str)]) -> Result<MatterState, MoveError> {
    let store = &world.server.app.store;
    let now_ms = world.clock.now_ms();
    let posts = "SELECT count(*) FROM assignment WHERE role = 'street_dispatcher'";
    if world.server.count(posts) == 0 {
        world.staff("测试工作台", world.community, Role::StreetDispatcher);
    }
    let found = store.read(|c| staff::matching(c, "测试工作台")).unwrap();
    let console = Console::at_the_command_line();
    let area = store.read(|c| matters::area_of(c, &Scope::of_console(c, console)?, matter)).unwrap().unwrap();
    let data = data.iter().map(|(name, text)| ((*name).to_owned(), (*text).into())).collect();
    let asked = Move { staff: found[0].id, area, matter, event, data };
    store.write(|tx| matters::make(tx, now_ms, asked)).map(|standing| standing.folded.state)
}

#[tokio::test]
async fn case_10_of_a_manager_who_settles_and_a_desk_that_takes_it_on_the_first_wins_and_the_other_is_told() {
    let (world, a, b, matter) = one_matter(10).await;
    a.core().self_handle(matter, "甲换了灯泡").unwrap();
    assert_eq!(at_desk(&world, matter, EventKind::Accept, &[]).unwrap(), MatterState::Accepted);
    let report = a.must_sync().await;
    assert_eq!((report.merged_count, report.quarantined_count), (1, 0));
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        let view = phone.core().matter(matter).unwrap();
        assert_eq!((view.state, view.standing.turn), (MatterState::Accepted, Turn::Dispatcher));
        assert_eq!(texts_of(&view, "self_handle"), [(true, "甲换了灯泡")], "kept, as a note");
    }
    // The other way round the desk is refused at once, with the reason, and nothing is written.
    let mut draft = MatterDraft::new(MatterKind::Help, Track::Simple, "门铃不响");
    draft.household = Some(b.first_home().household);
    let second = b.core().report_matter(draft).unwrap().id;
    b.core().handle_and_answer(second, "换了电池", "测试户", "当面", "谢谢").unwrap();
    b.must_sync().await;
    let refused = at_desk(&world, second, EventKind::Accept, &[]);
    assert!(matches!(refused, Err(MoveError::Hindered(Hindrance::Matter(Obstacle::State)))));
    assert_eq!(at_desk(&world, second, EventKind::VerifyOk, &[]).unwrap(), MatterState::VerifiedOk);
    let closed = at_desk(&world, second, EventKind::Close, &[("ending", "resolved")]).unwrap();
    assert_eq!(closed, MatterState::Closed);
    world.settle_and_check(&[&a, &b]).await;
    let view = b.core().matter(second).unwrap();
    assert_eq!((view.state, view.standing.turn, view.events.len()), (MatterState::Closed, Turn::Nobody, 5));
    assert_eq!(b.core().answer_ledger(zoufang_core::views::Page::FIRST).unwrap()[0].answers[0].words, "谢谢");
}

#[tokio::test]
async fn a_leaders_phone_that_makes_a_desks_move_is_held_back_and_its_words_are_kept() {
    let (mut world, a, _b, matter) = one_matter(12).await;
    let area = a.core().matter(matter).unwrap().micro_grid;
    let leader = world.staff("测试网格长", area, Role::GridLeader);
    let leader = world.phone(leader).await;
    leader.must_sync().await;
    // An altered phone: its own core refuses what is a desk's.
    let entry = Entry {
        id: world.server.new_id(),
        list: List::Events,
        what: EventKind::Accept.name().into(),
        when: zoufang_domain::calendar::Moment::from_ms(world.clock.now_ms()),
        who: leader.found().staff,
        data: [("text".to_owned(), "网格长受理".into())].into(),
    };
    leader.plant(area, Kind::Matter, matter.0, Action::Append { entry });
    let report = leader.must_sync().await;
    assert_eq!(report.quarantined_count, 1);
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine WHERE operation LIKE '%网格长受理%'"), 1);
    a.must_sync().await;
    assert_eq!(a.core().matter(matter).unwrap().state, MatterState::Reported);
}

#[tokio::test]
async fn case_11_work_on_a_matter_withdrawn_meanwhile_keeps_its_text_for_attention() {
    let (world, a, b, matter) = one_matter(11).await;
    a.core().withdraw(matter, "住户说已自行解决").unwrap();
    a.must_sync().await;
    b.core().self_handle(matter, "乙已更换灯泡并试亮").unwrap();
    b.core().answer(matter, "测试户", "当面", "满意").unwrap();
    world.settle_and_check(&[&a, &b]).await;
    for phone in [&a, &b] {
        let view = phone.core().matter(matter).unwrap();
        assert_eq!(view.state, MatterState::Withdrawn);
        assert_eq!(texts_of(&view, "self_handle"), [(true, "乙已更换灯泡并试亮")]);
        assert!(view.events.iter().any(|event| event.name == "answer" && event.late));
    }
    assert_eq!(world.server.evidence().quarantined_count, 0);
}

#[tokio::test]
async fn case_20_two_voids_of_one_visit_are_one_void_and_two_entries_in_the_ledger() {
    let mut world = World::new(20);
    let area = world.micro_grid("测试微网格", 6);
    let manager = world.managers_phone("测试甲", area).await;
    let saved = visit(&manager, manager.first_home().household, "登记错了门牌");
    manager.must_sync().await;
    let mut leaders = Vec::new();
    for name in ["测试网格长甲", "测试网格长乙"] {
        let staff = world.staff(name, area, Role::GridLeader);
        let leader = world.phone(staff).await;
        leader.must_sync().await;
        leaders.push(leader);
    }
    let phones = [&manager, &leaders[0], &leaders[1]];
    world.settle(&phones).await;
    world.forward(&phones, MINUTE_MS);
    leaders[0].core().void_visit(saved.id, "甲：重复登记").unwrap();
    world.forward(&phones, MINUTE_MS);
    leaders[1].core().void_visit(saved.id, "乙：门牌有误").unwrap();
    // The later void arrives first: the earlier one stands all the same.
    leaders[1].must_sync().await;
    world.settle_and_check(&phones).await;
    for phone in phones {
        let view = phone.core().visit(saved.id).unwrap();
        assert_eq!(view.state, VisitState::Voided);
        assert_eq!(view.voided.unwrap().reason, "甲：重复登记");
    }
    let voids = world.server.count(
        "SELECT count(*) FROM ledger_operation o JOIN device d ON d.id = o.device JOIN staff s ON s.id = d.staff
         WHERE s.name LIKE '测试网格长%'",
    );
    assert_eq!(voids, 2, "who voided what stays on record, twice");
}
