//! The answers to a form, within a supervisor's own part of the city.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use field::entry;
use serde_json::{Value, json};
use support::World;
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::message::Language;
use zoufang_domain::operation::{Action, Entry, List};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::forms::{self, Wanted};
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::reports::{ReportError, answers};
use zoufang_sync_server::store::scope::Scope;

fn publish(world: &World, fields: Value) {
    let wanted =
        Wanted {
            form: "safety".into(), name: "测试安全检查".into(), fields: serde_json::from_value(fields).unwrap()
        };
    let now_ms = world.now_ms();
    world.app.store.write(|tx| forms::publish(tx, now_ms, CONSOLE, world.city(), wanted.clone())).unwrap();
}

fn question(id: &str, kind: &str) -> Value {
    json!({"id": id, "type": kind, "label": {"zh": "测试"}, "purpose": "测试"})
}

fn visit(world: &World, area: UnitId, at: &str, form: Value) -> Uuid {
    let home = world.home(area, "101", "2026-01-01", None);
    let staff = zoufang_domain::ids::derived(&["test", "staff"]);
    let whole =
        json!({"household": home, "staff": [staff], "started_at": at, "mode": "door", "outcome": "done", "form": form});
    world.create(area, Kind::Visit, whole)
}

#[test]
fn answers_stay_within_the_scope_and_corrections_count() {
    let world = World::new();
    publish(&world, json!([question("old", "text")]));
    publish(&world, json!([question("gas", "yes_no"), question("seen", "text")]));
    let of = |version: u32, answers: Value| json!({"form": "safety", "version": version, "answers": answers});
    let first = visit(&world, world.a, "2026-11-05T01:00:00Z", of(2, json!({"gas": true, "seen": ["x", "y"]})));
    visit(&world, world.a, "2026-11-06T01:00:00Z", of(1, json!({"old": "=1+1", "newer": 3})));
    visit(&world, world.b, "2026-11-07T01:00:00Z", of(2, json!({"seen": "别处 zebra"})));
    visit(&world, world.a, "2026-11-08T01:00:00Z", json!({"form": "other", "version": 1, "answers": {"gas": false}}));
    visit(&world, world.a, "2026-10-08T01:00:00Z", of(2, json!({"gas": false})));
    let void = visit(&world, world.a, "2026-11-09T01:00:00Z", of(2, json!({"gas": false})));
    world.write(world.a, Kind::Visit, void, Action::Void { reason: "测试".into() });
    let corrected = visit(&world, world.a, "2026-11-10T01:00:00Z", of(2, json!({"gas": true})));
    let data = json!({"fields": {"form": of(2, json!({"gas": false}))}, "reason": "测试"});
    let amendment = Entry { list: List::Amendments, ..entry(&world, "amend", "2026-11-10T02:00:00Z", data) };
    world.write(world.a, Kind::Visit, corrected, Action::Append { entry: amendment });

    let staff = world.supervisor("ceshi", world.a, Role::Supervisor);
    let (scope, asked) = world
        .app
        .store
        .read(|c| Scope::of_supervisor(c, staff, world.now_ms()).map(|scope| (scope, world.asked(world.a))))
        .unwrap();
    let found = world.app.store.read(|c| answers::answers(c, &scope, &asked, "safety")).unwrap();
    assert_eq!(found.fields, ["gas", "seen", "old", "newer"], "the latest version first");
    assert_eq!(found.rows.len(), 3);
    assert_eq!(
        (found.rows[0].visit.0, found.rows[0].micro_grid.as_str(), found.rows[0].version),
        (first, "甲微网格", 2)
    );
    assert_eq!((found.rows[2].visit.0, &found.rows[2].answers["gas"]), (corrected, &json!(false)));
    let csv = found.to_csv(Language::En);
    assert!(
        csv.starts_with("\u{feff}visit,micro-grid,household,started at,outcome,form version,gas,seen,old,newer\r\n")
    );
    assert!(csv.contains(",2,yes,x y,,\r\n") && csv.contains(",1,,,'=1+1,3\r\n"), "{csv}");
    assert!(!csv.contains("zebra"), "another area's answers");
    for outside in [world.b, world.grid, world.city()] {
        let refused = world.app.store.read(|c| answers::answers(c, &scope, &world.asked(outside), "safety"));
        assert!(matches!(refused, Err(ReportError::NotFound)), "{outside}");
    }
    let all = world.app.store.read(|c| answers::answers(c, &world.console(), &world.asked(world.city()), "safety"));
    assert_eq!(all.unwrap().rows.len(), 4);
}
