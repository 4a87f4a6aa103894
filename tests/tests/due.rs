//! Visit days, must-visit lists and what is due, from the command that sets a rule to the phone that shows it offline.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use chrono::NaiveDate;
use uuid::Uuid;
use zoufang_core::Error;
use zoufang_core::matters::MatterDraft;
use zoufang_core::views::DueListView;
use zoufang_domain::cadence::{CadenceRule, MustVisitList, OnDayOff, Rhythm, Span};
use zoufang_domain::calendar::Moment;
use zoufang_domain::due::TaskState;
use zoufang_domain::ids::{HouseholdId, UnitId};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_domain::working_day::YearCalendar;
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::{rules, units};
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::{Handset, World};

fn rule(name: &str, rhythm: Rhythm, from: NaiveDate) -> CadenceRule {
    CadenceRule { name: name.into(), rhythm, list: None, window_days: None, on_day_off: OnDayOff::Keep, from, to: None }
}

fn set(world: &World, unit: UnitId, rule: &CadenceRule) {
    let now_ms = world.clock.now_ms();
    world.server.app.store.write(|tx| rules::set_rule(tx, now_ms, CONSOLE, unit, rule)).unwrap();
}

/// The unit at the top of an area's tree.
fn city(world: &World, area: UnitId) -> UnitId {
    world.server.app.store.read(|c| units::ancestors(c, area)).unwrap().first().unwrap().id
}

fn today(world: &World) -> NaiveDate {
    Moment::from_ms(world.clock.now_ms()).day()
}

fn due(phone: &Handset) -> DueListView {
    phone.core().due_list(None).unwrap()
}

fn visit(phone: &Handset, household: HouseholdId, outcome: Outcome) {
    use zoufang_core::visits::VisitDraft;
    phone.core().save_visit(VisitDraft::new(household, Mode::Door, outcome)).unwrap();
}

#[tokio::test]
async fn a_rule_of_the_city_is_due_on_the_phone_and_done_offline() {
    let mut world = World::new(51);
    let area = world.micro_grid("测试微网格", 4);
    let phone = world.managers_phone("测试甲", area).await;
    phone.must_sync().await;
    assert_eq!((due(&phone).homes.len(), due(&phone).progress.len()), (0, 0), "no rule, nothing due");

    set(
        &world,
        city(&world, area),
        &rule("测试每月", Rhythm::Every(Span::Month), today(&world) - chrono::Days::new(40)),
    );
    phone.must_sync().await;
    let list = due(&phone);
    assert_eq!(list.homes.len(), 4);
    let walked: Vec<_> = phone.homes().iter().map(|home| home.household).collect();
    assert_eq!(list.homes.iter().map(|due| due.home.household).collect::<Vec<_>>(), walked, "as they are walked");
    assert_eq!(list.homes[0].tasks[0].rule_name, "测试每月");

    // No connection from here on.
    visit(&phone, walked[1], Outcome::Done);
    visit(&phone, walked[2], Outcome::NoAnswer);
    let list = due(&phone);
    assert_eq!(list.homes.iter().map(|due| due.home.household).collect::<Vec<_>>(), [walked[0], walked[2], walked[3]]);
    assert_eq!(list.homes[1].tasks[0].attempts_count, 1);
    assert_eq!((list.progress[0].homes_count, list.progress[0].visited_count), (4, 1));
    world.settle_and_check(&[&phone]).await;
    assert_eq!(due(&phone).progress[0].visited_count, 1);
}

#[tokio::test]
async fn what_is_overdue_comes_first_and_a_rule_that_ended_asks_for_nothing() {
    let mut world = World::new(52);
    let area = world.micro_grid("测试微网格", 2);
    let phone = world.managers_phone("测试甲", area).await;
    let from = today(&world) - chrono::Days::new(100);
    let weekly = CadenceRule { window_days: Some(1), ..rule("测试每周", Rhythm::Every(Span::Week), from) };
    set(&world, area, &weekly);
    phone.must_sync().await;
    let monday = Span::Week.around(today(&world)).from;
    let state = |day: NaiveDate| phone.core().due_list(Some(day)).unwrap().homes[0].tasks[0].state;
    assert_eq!(state(monday), TaskState::Due);
    assert_eq!(state(monday + chrono::Days::new(1)), TaskState::Overdue);

    let id = rules::id_by_name(Kind::CadenceRule, area, "测试每周");
    let (now_ms, yesterday) = (world.clock.now_ms(), monday - chrono::Days::new(1));
    assert!(world.server.app.store.write(|tx| rules::end_rule(tx, now_ms, CONSOLE, id, yesterday)).unwrap());
    assert!(!world.server.app.store.write(|tx| rules::end_rule(tx, now_ms, CONSOLE, id, yesterday)).unwrap());
    phone.must_sync().await;
    assert!(due(&phone).homes.is_empty());
    world.check(&[&phone]);
}

#[tokio::test]
async fn homes_on_a_list_are_known_to_colleagues_and_to_nobody_else() {
    let mut world = World::new(53);
    let area = world.micro_grid("测试微网格甲", 3);
    let elsewhere = world.micro_grid("测试微网格乙", 3);
    let a = world.managers_phone("测试甲", area).await;
    let colleague = world.staff("测试乙", area, Role::Auxiliary);
    let b = world.phone(colleague).await;
    let far = world.managers_phone("测试丙", elsewhere).await;
    let top = city(&world, area);
    let list = MustVisitList { name: "测试六必访".into(), reason: "测试".into(), condition: None };
    let now_ms = world.clock.now_ms();
    world.server.app.store.write(|tx| rules::set_list(tx, now_ms, CONSOLE, top, &list)).unwrap();
    let id = rules::id_by_name(Kind::MustVisitList, top, &list.name);
    let rule = CadenceRule {
        list: Some(id),
        ..rule("测试必访", Rhythm::Every(Span::Quarter), today(&world) - chrono::Days::new(100))
    };
    set(&world, top, &rule);
    world.settle(&[&a, &b, &far]).await;
    assert_eq!(a.core().must_visit_lists().unwrap()[0].name, "测试六必访");
    assert!(due(&a).homes.is_empty(), "nobody is on it yet");

    let home = a.homes()[2].household;
    a.core().set_on_list(home, id, true).unwrap();
    a.core().set_on_list(home, id, true).unwrap();
    assert_eq!(due(&a).homes[0].home.household, home, "at once, offline");
    world.settle_and_check(&[&a, &b, &far]).await;
    assert_eq!(due(&b).homes[0].home.household, home);
    assert!(due(&far).homes.is_empty());
    assert_eq!(world.server.count("SELECT count(*) FROM ledger_operation WHERE outcome IS NOT NULL"), 0);

    b.clock.forward(DAY_MS);
    b.core().set_on_list(home, id, false).unwrap();
    world.settle_and_check(&[&a, &b, &far]).await;
    assert!(due(&a).homes.is_empty());
}

#[tokio::test]
async fn a_rule_of_another_street_does_not_come_down_and_a_calendar_moves_a_visit_day() {
    let mut world = World::new(54);
    let area = world.micro_grid("测试微网格甲", 1);
    let elsewhere = world.micro_grid("测试微网格乙", 1);
    let phone = world.managers_phone("测试甲", area).await;
    let from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    set(&world, elsewhere, &rule("别处规则 zebra", Rhythm::Every(Span::Month), from));
    let top = city(&world, area);
    let fifth = CadenceRule { on_day_off: OnDayOff::Next, ..rule("测试五日", Rhythm::DaysOfMonth(vec![5]), from) };
    set(&world, top, &fifth);
    let year = YearCalendar {
        year: 2026,
        days_off: (5..=8).map(|day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap()).collect(),
        make_up_days: Default::default(),
        notice: String::new(),
    };
    let now_ms = world.clock.now_ms();
    let set_calendar = || world.server.app.store.write(|tx| rules::set_calendar(tx, now_ms, CONSOLE, top, &year));
    assert!(set_calendar().unwrap().changed);
    assert!(!set_calendar().unwrap().changed, "the same again changes nothing");
    phone.must_sync().await;
    let list = phone.core().due_list(NaiveDate::from_ymd_opt(2026, 11, 9)).unwrap();
    assert_eq!(list.progress.len(), 1, "{:?}", list.progress);
    assert_eq!(list.progress[0].from, NaiveDate::from_ymd_opt(2026, 11, 9).unwrap());
    assert_eq!(world.server.count("SELECT count(*) FROM record WHERE kind = 11"), 2);
    world.check(&[&phone]);
}

#[tokio::test]
async fn a_rule_is_never_altered_under_a_name_that_people_know() {
    let world = World::new(55);
    let area = world.micro_grid("测试微网格", 1);
    let first = rule("测试规则", Rhythm::Every(Span::Month), today(&world));
    set(&world, area, &first);
    set(&world, area, &first);
    let other = CadenceRule { rhythm: Rhythm::Every(Span::Week), ..first };
    let now_ms = world.clock.now_ms();
    let refused = world.server.app.store.write(|tx| rules::set_rule(tx, now_ms, CONSOLE, area, &other));
    assert!(refused.unwrap_err().to_string().contains("name"));
    assert_eq!(world.server.count("SELECT count(*) FROM record WHERE kind = 11"), 1);
}

#[tokio::test]
async fn a_task_is_moved_and_called_off_offline_and_colleagues_see_it() {
    let mut world = World::new(56);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    let monthly = rule("测试每月", Rhythm::Every(Span::Month), today(&world) - chrono::Days::new(40));
    set(&world, city(&world, area), &monthly);
    for phone in [&a, &b] {
        phone.must_sync().await;
    }
    let [first, second, third] = [0, 1, 2].map(|at| due(&a).homes[at].tasks[0].id);
    let later = today(&world) + chrono::Days::new(3);
    a.core().reschedule_task(first, later, Some("这周不在家")).unwrap();
    a.core().cancel_task(second, "整户外出").unwrap();
    // B plans the first otherwise at the same time: both words are kept, the later is shown.
    b.core().cancel_task(first, "电话里说不用来").unwrap();
    assert_eq!(due(&a).homes.len(), 1);
    assert_eq!(due(&a).progress[0].cancelled_count, 1);
    let put_off = a.core().tasks_put_off().unwrap();
    assert_eq!(
        put_off.iter().map(|home| home.tasks[0].state).collect::<Vec<_>>(),
        [TaskState::Moved, TaskState::Cancelled]
    );
    assert_eq!((put_off[0].tasks[0].due_to, put_off[0].tasks[0].reason.as_deref()), (later, Some("这周不在家")));
    let wrong = |done: Result<(), Error>, field: &str| {
        assert!(matches!(&done, Err(Error::Invalid { field: named }) if named == field), "{done:?}");
    };
    wrong(a.core().reschedule_task(third, today(&world) - chrono::Days::new(1), None), "to");
    wrong(a.core().reschedule_task(third, today(&world) + chrono::Days::new(40), None), "to");
    wrong(a.core().cancel_task(third, " "), "reason");
    assert!(matches!(a.core().cancel_task(Uuid::nil(), "无"), Err(Error::NotFound { .. })));
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(a.core().conflicts().unwrap().len(), 1, "two plans of one task stand against each other");
    assert_eq!(due(&a).homes, due(&b).homes);

    // A visit settles it whatever was planned; a plan can be taken back.
    a.core().plan_task_again(second).unwrap();
    assert_eq!(due(&a).homes.len(), 2);
    let home = due(&a).homes[0].home.household;
    visit(&a, home, Outcome::Done);
    let done = [second, third].map(|id| a.core().cancel_task(id, "不用")).into_iter().filter(Result::is_err).count();
    assert_eq!(done, 1, "what was visited is not called off");
    world.settle_and_check(&[&a, &b]).await;
}

#[tokio::test]
async fn a_matter_asks_for_a_visit_within_a_day() {
    let mut world = World::new(57);
    let area = world.micro_grid("测试微网格", 3);
    let a = world.managers_phone("测试甲", area).await;
    let rule = rule("诉求24小时上门", Rhythm::WithinHoursOfMatter(24), today(&world) - chrono::Days::new(1));
    set(&world, city(&world, area), &rule);
    a.must_sync().await;
    assert!(due(&a).homes.is_empty());
    let home = a.homes()[1].household;
    let mut draft = MatterDraft::new(MatterKind::Dispute, Track::Professional, "邻里漏水纠纷");
    draft.household = Some(home);
    a.core().report_matter(draft).unwrap();
    let list = due(&a);
    assert_eq!((list.homes.len(), list.homes[0].home.household), (1, home));
    assert_eq!(
        (list.homes[0].tasks[0].state, list.homes[0].tasks[0].due_to),
        (TaskState::Due, today(&world) + chrono::Days::new(1))
    );
    visit(&a, home, Outcome::Done);
    assert!(due(&a).homes.is_empty());
    world.settle_and_check(&[&a]).await;
}

#[tokio::test]
async fn supervisors_read_the_same_tasks_as_phones() {
    use zoufang_sync_server::reports::{Asked, due as report};
    use zoufang_sync_server::store::scope::{Console, Scope};
    let mut world = World::new(58);
    let area = world.micro_grid("测试微网格", 5);
    let a = world.managers_phone("测试甲", area).await;
    let monthly = rule("测试每月", Rhythm::Every(Span::Month), today(&world) - chrono::Days::new(40));
    set(&world, city(&world, area), &monthly);
    let of_matters = rule("诉求48小时上门", Rhythm::WithinHoursOfMatter(48), today(&world) - chrono::Days::new(40));
    set(&world, city(&world, area), &of_matters);
    a.must_sync().await;
    let homes: Vec<_> = a.homes().iter().map(|home| home.household).collect();
    visit(&a, homes[0], Outcome::Done);
    a.core().cancel_task(due(&a).homes[0].tasks[0].id, "整户外出").unwrap();
    let mut draft = MatterDraft::new(MatterKind::Help, Track::Simple, "要修灯");
    draft.household = Some(homes[3]);
    a.core().report_matter(draft).unwrap();
    world.settle_and_check(&[&a]).await;

    let read = |unit| {
        let now = Moment::from_ms(world.server.now_ms());
        let asked = Asked { unit, period: zoufang_domain::calendar::Period::month_of(now.day()), now };
        let made = world.server.app.store.read(|c| {
            let scope = Scope::of_console(c, Console::at_the_command_line())?;
            Ok::<_, zoufang_sync_server::store::StoreError>(report::due(c, &scope, &asked).unwrap())
        });
        made.unwrap()
    };
    let (on_server, on_phone) = (read(area), due(&a));
    let server: Vec<_> = on_server
        .homes
        .iter()
        .map(|home| (home.household, home.tasks.iter().map(|task| task.0).collect::<Vec<_>>()))
        .collect();
    let phone: Vec<_> = on_phone
        .homes
        .iter()
        .map(|home| (home.home.household, home.tasks.iter().map(|task| task.id).collect()))
        .collect();
    assert_eq!(server, phone, "the same homes in the same order, the same tasks under the same ids");
    assert_eq!(server.len(), 3);
    let monthly = on_server.rules.iter().find(|row| row.name == "测试每月").unwrap();
    let progress = on_phone.progress.iter().find(|row| row.rule_name == "测试每月").unwrap();
    assert_eq!((monthly.counts.homes, monthly.counts.visited, monthly.counts.cancelled), (4, 1, 1));
    assert_eq!((progress.homes_count, progress.visited_count, progress.cancelled_count), (4, 1, 1));
    let above = read(world.community);
    assert!(above.homes.is_empty() && !above.is_too_wide);
    assert_eq!(above.children[0].counts.homes, 5, "four of the month and one of the matter");
}
