//! The numbers of every report against a small world that was counted by hand.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use field::entry;
use serde_json::json;
use support::World;
use zoufang_domain::conflict;
use zoufang_domain::operation::Action;
use zoufang_domain::report::Rate;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::reports::{ReportError, conflicts, coverage, devices, matters, quarantine, visits};
use zoufang_sync_server::store::scope::Scope;

fn rate(numerator: u64, denominator: u64) -> Rate {
    Rate { numerator, denominator }
}

#[test]
fn coverage_counts_homes_and_not_visits() {
    let world = World::new();
    let (a, b) = (world.a, world.b);
    let seen = world.home(a, "101", "2026-01-01", None);
    world.visit(a, seen, "2026-11-05T01:00:00Z", "door", "done");
    world.visit(a, seen, "2026-11-15T01:00:00Z", "phone", "done");
    let unanswered = world.home(a, "102", "2026-01-01", None);
    world.visit(a, unanswered, "2026-11-05T01:00:00Z", "door", "no_answer");
    let too_early = world.home(a, "103", "2026-01-01", None);
    // 23:59:59 on 31 October in China.
    world.visit(a, too_early, "2026-10-31T15:59:59Z", "door", "done");
    let first_moment = world.home(a, "104", "2026-01-01", None);
    world.visit(a, first_moment, "2026-10-31T16:00:00Z", "door", "done");
    let last_moment = world.home(a, "105", "2026-11-30", None);
    world.visit(a, last_moment, "2026-11-30T15:59:59Z", "met", "done");
    let too_late = world.home(a, "106", "2026-01-01", None);
    world.visit(a, too_late, "2026-11-30T16:00:00Z", "door", "done");
    let moved_out = world.home(a, "107", "2026-01-01", Some("2026-11-30"));
    world.visit(a, moved_out, "2026-11-05T01:00:00Z", "door", "done");
    let moves_later = world.home(a, "108", "2026-01-01", Some("2026-12-01"));
    world.visit(a, moves_later, "2026-11-05T01:00:00Z", "door", "done");
    let not_yet = world.home(a, "109", "2026-12-01", None);
    world.visit(a, not_yet, "2026-11-05T01:00:00Z", "door", "done");
    let void = world.home(a, "110", "2026-01-01", None);
    let visit = world.visit(a, void, "2026-11-05T01:00:00Z", "door", "done");
    world.write(a, Kind::Visit, visit, Action::Void { reason: "重复录入".into() });
    world.home(b, "101", "2026-01-01", None);

    let scope = world.console();
    let ask = |unit| world.app.store.read(|c| coverage::coverage(c, &scope, &world.asked(unit))).unwrap();
    // a: homes 101–106, 108, 110; visited 101, 104, 105, 108.
    let grid = ask(world.grid);
    let by_name: Vec<_> = grid.children.iter().map(|child| (child.unit.name.as_str(), child.rate)).collect();
    assert_eq!(by_name, [("乙微网格", rate(0, 1)), ("甲微网格", rate(4, 8))]);
    assert_eq!((grid.total, grid.own), (rate(4, 9), rate(0, 0)));
    for unit in [world.city(), world.community] {
        let above = ask(unit);
        assert_eq!((above.total, above.children.len()), (rate(4, 9), 1));
        assert_eq!(above.children[0].rate, rate(4, 9));
    }
    let leaf = ask(a);
    assert_eq!((leaf.total, leaf.own, leaf.children.len()), (rate(4, 8), rate(4, 8), 0));
}

#[test]
fn a_home_visited_from_another_area_is_not_mixed_up() {
    let world = World::new();
    let home = world.home(world.a, "101", "2026-01-01", None);
    // A visit in b that names a home of a, as a moved record may leave behind: it covers no home of b and none of a.
    world.visit(world.b, home, "2026-11-05T01:00:00Z", "door", "done");
    let scope = world.console();
    let report = world.app.store.read(|c| coverage::coverage(c, &scope, &world.asked(world.grid))).unwrap();
    assert_eq!(report.total, rate(0, 1));
}

#[test]
fn visits_are_counted_by_mode_and_outcome() {
    let world = World::new();
    let (a, b) = (world.a, world.b);
    let home = world.home(a, "101", "2026-01-01", None);
    for (mode, outcome) in [("door", "done"), ("door", "done"), ("door", "refused"), ("phone", "no_answer")] {
        world.visit(a, home, "2026-11-05T01:00:00Z", mode, outcome);
    }
    let void = world.visit(a, home, "2026-11-05T01:00:00Z", "met", "done");
    world.write(a, Kind::Visit, void, Action::Void { reason: "重复录入".into() });
    world.visit(b, world.home(b, "1", "2026-01-01", None), "2026-11-06T01:00:00Z", "met", "done");
    world.visit(a, home, "2026-10-05T01:00:00Z", "door", "done");

    let scope = world.console();
    let report = world.app.store.read(|c| visits::visits(c, &scope, &world.asked(world.community))).unwrap();
    let counted = [
        ("door", "done"),
        ("door", "refused"),
        ("phone", "no_answer"),
        ("met", "done"),
        ("met", "voided"),
        ("phone", "done"),
    ]
    .map(|(mode, outcome)| visits::count(&report.total, mode, outcome));
    assert_eq!(counted, [2, 1, 1, 1, 1, 0]);
    assert_eq!((visits::standing(&report.total), visits::of_outcome(&report.total, "done")), (5, 3));
    let grid = world.app.store.read(|c| visits::visits(c, &scope, &world.asked(world.grid))).unwrap();
    let by_unit: Vec<_> = grid.children.iter().map(|child| visits::standing(&child.counts)).collect();
    assert_eq!(by_unit, [1, 4], "乙 before 甲");
    assert!(grid.own.is_empty());
}

#[test]
fn a_corrected_visit_counts_as_corrected() {
    let world = World::new();
    let home = world.home(world.a, "101", "2026-01-01", None);
    let visit = world.visit(world.a, home, "2026-11-05T01:00:00Z", "door", "done");
    let mut amend =
        entry(&world, "amend", "2026-11-06T01:00:00Z", json!({"reason": "记错了", "fields": {"outcome": "no_answer"}}));
    amend.list = zoufang_domain::operation::List::Amendments;
    world.write(world.a, Kind::Visit, visit, Action::Append { entry: amend });
    let scope = world.console();
    let asked = world.asked(world.a);
    let report = world.app.store.read(|c| visits::visits(c, &scope, &asked)).unwrap();
    assert_eq!(
        (visits::count(&report.total, "door", "done"), visits::count(&report.total, "door", "no_answer")),
        (0, 1)
    );
    let report = world.app.store.read(|c| coverage::coverage(c, &scope, &asked)).unwrap();
    assert_eq!(report.total, rate(0, 1));
}

#[test]
fn matters_stand_where_they_stand_and_overdue_is_judged_now() {
    let world = World::new();
    let report = |when: &str| entry(&world, "report", when, json!({}));
    // Now is 2026-11-23 00:00 UTC.
    world.matter(world.a, "2026-11-22T00:00:00Z", vec![report("2026-11-10T00:00:00Z")]);
    world.matter(world.a, "2026-11-25T00:00:00Z", vec![report("2026-11-20T00:00:00Z")]);
    let handled = entry(&world, "self_handle", "2026-11-11T02:00:00Z", json!({"done": "换了灯泡"}));
    let answered = entry(&world, "answer", "2026-11-11T03:00:00Z", json!({"told": "本人", "how": "当面"}));
    world.matter(world.b, "2026-11-12T00:00:00Z", vec![report("2026-11-11T00:00:00Z"), handled, answered]);
    world.matter(world.b, "2026-10-20T00:00:00Z", vec![report("2026-10-10T00:00:00Z")]);
    let withdrawn = entry(&world, "withdraw", "2026-10-11T00:00:00Z", json!({"reason": "已自行解决"}));
    world.matter(world.b, "2026-10-20T00:00:00Z", vec![report("2026-10-10T00:00:00Z"), withdrawn]);
    world.matter(world.b, "2026-12-20T00:00:00Z", vec![report("2026-12-10T00:00:00Z")]);

    let scope = world.console();
    let found = world.app.store.read(|c| matters::matters(c, &scope, &world.asked(world.grid))).unwrap();
    let count = |count, overdue| matters::Count { count, overdue };
    assert_eq!(found.total.states["reported"], count(2, 1));
    assert_eq!(found.total.states["answered"], count(1, 0));
    assert_eq!(found.total.states.len(), 2, "{:?}", found.total.states);
    assert_eq!(found.total.open_before, count(1, 1));
    assert_eq!((found.total.reported(), found.total.overdue()), (count(3, 1), 2));
    let by_unit: Vec<_> =
        found.children.iter().map(|child| (child.counts.reported().count, child.counts.overdue())).collect();
    assert_eq!(by_unit, [(1, 1), (2, 1)], "乙 before 甲");
}

#[tokio::test]
async fn devices_stand_under_their_holders_posts() {
    let world = World::new();
    let here = world.phone(world.a, Role::MicroGridManager).await;
    let there = world.phone(world.b, Role::MicroGridManager).await;
    let left = world.phone(world.a, Role::MicroGridManager).await;
    world.sql("UPDATE assignment SET to_ms = ?1 WHERE staff = ?2", (world.now_ms() - 1, left.staff.as_bytes()));
    let moved = world.phone(world.a, Role::MicroGridManager).await;
    world.sql("UPDATE assignment SET to_ms = ?1 WHERE staff = ?2", (world.now_ms() - 1, moved.staff.as_bytes()));
    world.assign(moved.staff, world.b, Role::MicroGridManager);
    let eight_days = 8 * 86_400_000;
    let set = "UPDATE device SET last_sync_ms = ?2, unsent_count = ?3, oldest_unsent_ms = ?4 WHERE id = ?1";
    world.sql(set, (here.device.as_bytes(), world.now_ms() - 1000, 3, world.now_ms() - 5000));
    world.sql(set, (left.device.as_bytes(), world.now_ms() - eight_days, 2, world.now_ms() - eight_days));

    let scope = world.console();
    let report = |unit| world.app.store.read(|c| devices::devices(c, &scope, &world.asked(unit))).unwrap();
    let in_a = report(world.a);
    let shown: Vec<_> = in_a.devices.iter().map(|it| (it.id, it.silent, it.unsent_count, it.units.as_str())).collect();
    assert_eq!(shown, [(left.device, true, 2, "第一网格 · 甲微网格"), (here.device, false, 3, "第一网格 · 甲微网格")]);
    assert_eq!((in_a.silent_count(), in_a.unsent_count()), (1, 5));
    let mut in_b: Vec<_> = report(world.b).devices.iter().map(|it| it.id).collect();
    in_b.sort();
    let mut expected = vec![there.device, moved.device];
    expected.sort();
    assert_eq!(in_b, expected);
    assert_eq!(report(world.city()).devices.len(), 4);
}

#[tokio::test]
async fn conflicts_and_quarantine_show_who_said_what() {
    let world = World::new();
    let (mut one, mut two) =
        (world.phone(world.a, Role::MicroGridManager).await, world.phone(world.a, Role::Auxiliary).await);
    let home = world.home(world.a, "101", "2026-01-01", None);
    let before = world.record(world.a, Kind::Household, home);
    two.wall_ms += 1000;
    for (phone, number) in [(&mut one, "13900000001"), (&mut two, "13900000002")] {
        let edit = conflict::edit(&before, field::fields(json!({"phone": number})));
        let operation = phone.op(Kind::Household, home, edit);
        phone.push(&world, &[operation]).await;
    }
    let missing = one.op(
        Kind::Household,
        world.random.id(),
        Action::Set { fields: field::fields(json!({"phone": "13900000003"})), base: [].into(), was: [].into() },
    );
    one.push(&world, &[missing]).await;

    let scope = world.console();
    let found = world.app.store.read(|c| conflicts::conflicts(c, &scope, &world.asked(world.city()))).unwrap();
    assert_eq!((found.total, found.conflicts.len()), (1, 1));
    let row = &found.conflicts[0];
    assert_eq!(
        (row.unit.as_str(), row.field.as_str(), row.about.as_str()),
        ("第一网格 · 甲微网格", "phone", "1号楼2单元101室")
    );
    let sides: Vec<_> = row.sides.iter().map(|side| (side.value.as_str(), side.who.as_str())).collect();
    assert_eq!(sides, [("13900000002", "测试甲"), ("13900000001", "测试甲")]);
    assert_eq!(row.base, "13800000000");
    let waits = world.app.store.read(|c| quarantine::quarantine(c, &scope, &world.asked(world.a))).unwrap();
    assert_eq!((waits.total(), waits.reasons["quarantine.record_missing"]), (1, 1));
    assert!(waits.entries[0].operation.contains("13900000003"));
    let beside = world.app.store.read(|c| quarantine::quarantine(c, &scope, &world.asked(world.b))).unwrap();
    assert_eq!((beside.total(), beside.entries.len()), (0, 0));
}

#[tokio::test]
async fn no_report_says_who_has_a_care_need() {
    const CANARY: &str = "金丝雀独居";
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let home = world.home(world.a, "101", "2026-01-01", None);
    let fields = |of: uuid::Uuid| {
        json!({ "household": home, "type": of, "seen_by": ["micro_grid_manager"], "basis": CANARY,
        "valid_from": "2026-11-01", "valid_until": "2026-11-30" })
    };
    // Of a type that nobody has set: it waits, word for word, but not for these eyes.
    let id = world.random.id();
    let begin = Action::Create { fields: field::fields(fields(world.random.id())), entries: Vec::new() };
    let begin = phone.op(Kind::CareNeed, id, begin);
    phone.push(&world, &[begin]).await;
    // One of the server's own hand, with two last days that stand against each other.
    let of = world.random.id();
    let action = Action::Create { fields: field::fields(fields(of)), entries: Vec::new() };
    world.write(world.a, Kind::CareNeed, of, action);
    for day in ["2026-11-28", "2026-11-29"] {
        let set = Action::Set { fields: field::fields(json!({"valid_until": day})), base: [].into(), was: [].into() };
        world.write(world.a, Kind::CareNeed, of, set);
    }
    assert!(conflict::count(&world.record(world.a, Kind::CareNeed, of)) > 0);

    let scope = world.console();
    let found = world.app.store.read(|c| conflicts::conflicts(c, &scope, &world.asked(world.city()))).unwrap();
    assert_eq!((found.total, found.conflicts.len()), (0, 0));
    let waits = world.app.store.read(|c| quarantine::quarantine(c, &scope, &world.asked(world.a))).unwrap();
    assert_eq!((waits.total(), waits.entries[0].field.as_deref()), (1, Some("type")));
    let shown = &waits.entries[0].operation;
    assert!(
        shown.contains(&id.to_string()) && !shown.contains(CANARY) && !shown.contains(&home.to_string()),
        "{shown}"
    );
    let original = world.app.store.read(|c| quarantine::original(c, &scope, waits.entries[0].id)).unwrap().unwrap();
    assert!(!original.contains(CANARY), "{original}");
    assert_eq!(
        world.count("SELECT count(*) FROM quarantine WHERE operation LIKE '%金丝雀独居%'"),
        1,
        "kept word for word"
    );
}

#[test]
fn outside_the_own_subtree_is_like_nowhere() {
    let world = World::new();
    let staff = world.supervisor("jia", world.a, Role::Supervisor);
    let now_ms = world.now_ms();
    let scope = world.app.store.read(|c| Scope::of_supervisor(c, staff, now_ms)).unwrap();
    let nowhere = zoufang_domain::ids::UnitId(world.random.id());
    world
        .app
        .store
        .read(|c| {
            for unit in [world.b, world.grid, world.community, world.city(), nowhere] {
                let asked = world.asked(unit);
                assert!(matches!(coverage::coverage(c, &scope, &asked), Err(ReportError::NotFound)));
                assert!(matches!(visits::visits(c, &scope, &asked), Err(ReportError::NotFound)));
                assert!(matches!(matters::matters(c, &scope, &asked), Err(ReportError::NotFound)));
                assert!(matches!(devices::devices(c, &scope, &asked), Err(ReportError::NotFound)));
                assert!(matches!(conflicts::conflicts(c, &scope, &asked), Err(ReportError::NotFound)));
                assert!(matches!(quarantine::quarantine(c, &scope, &asked), Err(ReportError::NotFound)));
            }
            coverage::coverage(c, &scope, &world.asked(world.a)).map(drop)
        })
        .unwrap();
}
