//! Appointments that a desk takes down: who may, for which homes, what pages show of them, and how they reach a phone.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use serde_json::json;
use support::World;
use uuid::Uuid;
use zoufang_domain::appointment::{Appointment, AppointmentState, Party, Purpose, Slot};
use zoufang_domain::due;
use zoufang_domain::ids::{AppointmentId, HouseholdId, StaffId, UnitId};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::appointments::{self, Wish};
use zoufang_sync_server::ledger::{LedgerError, SERVER_DEVICE};
use zoufang_sync_server::reports::{ReportError, appointments as lists};
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::store::scope::Scope;

fn nine() -> Slot {
    Slot { from: field::moment("2026-11-25T01:00:00Z"), to: field::moment("2026-11-25T02:00:00Z") }
}

fn wish(world: &World, area: UnitId, home: Uuid) -> Wish {
    Wish {
        id: AppointmentId(world.random.id()),
        area,
        household: HouseholdId(home),
        purpose: Purpose::Errand,
        note: "测试：代办老年证".into(),
        slots: vec![nine()],
    }
}

fn take_down(world: &World, staff: StaffId, wish: &Wish) -> Result<(), LedgerError> {
    let now_ms = world.now_ms();
    world.app.store.write(|tx| appointments::take_down(tx, now_ms, staff, wish))
}

#[track_caller]
fn refusal(outcome: Result<(), LedgerError>) -> Refusal {
    match outcome {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_a_desk_takes_down_reaches_the_phone_that_goes_there() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let home = world.home(world.a, "101", "2026-01-01", None);
    phone.pull(&world).await;
    let desk = world.supervisor("taizi", world.community, Role::CommunityDesk);
    let wish = wish(&world, world.a, home);
    take_down(&world, desk, &wish).unwrap();
    take_down(&world, desk, &wish).unwrap();
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 14"), 1, "sent twice is taken down once");
    let record = world.record(world.a, Kind::Appointment, wish.id.0);
    assert_eq!((record.who, record.v.by), (desk, SERVER_DEVICE));
    let read: Appointment = record.read().unwrap();
    assert_eq!((read.proposed_by, read.standing.state), (Party::Resident, AppointmentState::Proposed));
    assert_eq!(support::ids(&phone.pull(&world).await, Kind::Appointment), [wish.id.0]);

    // Another wish under an id that is taken is not lost in silence.
    let other = Wish { note: "别的事".into(), ..wish };
    assert_eq!(refusal(take_down(&world, desk, &other)), Refusal::NotNow);
}

#[tokio::test]
async fn a_desk_takes_nothing_down_for_anothers_area() {
    let world = World::new();
    let (own, foreign) =
        (world.home(world.a, "101", "2026-01-01", None), world.home(world.b, "201", "2026-01-01", None));
    let gone = world.home(world.a, "102", "2026-01-01", Some("2026-02-01"));
    let desk = world.supervisor("jiazhan", world.a, Role::CommunityDesk);
    let viewer = world.supervisor("kan", world.community, Role::Supervisor);
    let ended = world.supervisor("qian", world.a, Role::CommunityDesk);
    world.sql("UPDATE assignment SET to_ms = ?1 WHERE staff = ?2", (world.now_ms(), ended.as_bytes()));
    let asked = |staff, area, home| refusal(take_down(&world, staff, &wish(&world, area, home)));
    assert_eq!(asked(desk, world.b, foreign), Refusal::NotAssigned);
    assert_eq!(asked(desk, world.a, foreign), Refusal::NotAssigned, "a home of another area under the own one");
    assert_eq!(asked(desk, world.b, world.random.id()), Refusal::NotAssigned, "as for a home that is not there");
    assert_eq!(asked(ended, world.a, own), Refusal::NotAssigned);
    assert_eq!(asked(viewer, world.a, own), Refusal::NotAllowed, "sees a subtree, changes nothing");
    assert_eq!(asked(desk, world.a, gone), Refusal::Invalid { field: "household".into() });
    let none = Wish { slots: Vec::new(), ..wish(&world, world.a, own) };
    assert_eq!(refusal(take_down(&world, desk, &none)), Refusal::Invalid { field: "slots".into() });
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 14"), 0);
    take_down(&world, desk, &wish(&world, world.a, own)).unwrap();
}

/// An appointment as it stands after somebody's hand.
fn standing(world: &World, area: UnitId, home: Uuid, standing: serde_json::Value, slot: Slot) -> Uuid {
    world.create(
        area,
        Kind::Appointment,
        json!({"household": home, "purpose": "visit", "proposed_by": "manager", "note": "只给去的人看",
               "slots": [slot], "standing": standing}),
    )
}

#[tokio::test]
async fn the_list_has_what_is_not_over_and_what_was_over_in_the_period() {
    let world = World::new();
    let home = world.home(world.a, "101", "2026-01-01", None);
    let who = world.staff("测试甲");
    let slot = |from: &str, to: &str| Slot { from: field::moment(from), to: field::moment(to) };
    let (october, yesterday) =
        (slot("2026-10-05T01:00:00Z", "2026-10-05T02:00:00Z"), slot("2026-11-22T01:00:00Z", "2026-11-22T02:00:00Z"));
    let agreed = |slot: Slot| json!({"state": "agreed", "slot": slot, "staff": who});
    let past = standing(&world, world.a, home, agreed(yesterday), yesterday);
    let open = standing(&world, world.a, home, json!({"state": "proposed"}), october);
    let next_year = slot("2027-01-05T01:00:00Z", "2027-01-05T02:00:00Z");
    let far = standing(&world, world.b, home, agreed(next_year), next_year);
    let over = standing(&world, world.a, home, agreed(october), october);
    let record = world.record(world.a, Kind::Appointment, over);
    let kept = json!({"state": "kept", "slot": october, "staff": who});
    let action = zoufang_domain::conflict::edit(&record, field::fields(json!({"standing": kept})));
    world.write(world.a, Kind::Appointment, over, action);

    let scope = world.console();
    let asked = world.asked(world.community);
    let list = |asked| {
        let read = |c: &rusqlite::Connection| lists::appointments(c, &scope, &asked);
        world.app.store.read::<_, ReportError>(read).unwrap()
    };
    let november = list(asked);
    let ids: Vec<Uuid> = november.appointments.iter().map(|one| one.id.0).collect();
    assert_eq!(
        (november.total, ids),
        (3, vec![open, past, far]),
        "by time; what was over in October is not November's"
    );
    let row = &november.appointments[1];
    assert_eq!((row.home.as_str(), row.who.as_str(), row.is_overdue), ("1号楼2单元101室", "测试甲", true));
    assert_eq!(row.unit, "第一网格 · 甲微网格");
    let task = due::task_id(past, HouseholdId(home), yesterday.from.day());
    assert_eq!(row.task, Some(task), "the task that phones have");
    let whole_year = zoufang_sync_server::reports::Asked {
        period: zoufang_domain::calendar::Period {
            from: "2026-02-01".parse().unwrap(),
            to: "2026-11-30".parse().unwrap(),
        },
        ..asked
    };
    assert_eq!(list(whole_year).total, 4);

    let b = world.supervisor("yizhan", world.b, Role::CommunityDesk);
    let narrow = world.app.store.read::<_, StoreError>(|c| Scope::of_supervisor(c, b, world.now_ms())).unwrap();
    let outside = |c: &rusqlite::Connection| lists::appointments(c, &narrow, &world.asked(world.a));
    assert!(matches!(world.app.store.read(outside), Err(ReportError::NotFound)));
    let homes = |c: &rusqlite::Connection| lists::homes(c, &narrow, world.a);
    assert!(matches!(world.app.store.read(homes), Err(ReportError::NotFound)));
    let own =
        world.app.store.read::<_, ReportError>(|c| lists::appointments(c, &narrow, &world.asked(world.b))).unwrap();
    assert_eq!(own.appointments.iter().map(|one| one.id.0).collect::<Vec<_>>(), [far]);
}

/// The form as a browser sends it.
fn form(page: &support::Answer, household: Uuid, times: &str) -> String {
    let hidden = ["csrf", "appointment", "area"].map(|name| format!("{name}={}", page.hidden(name)));
    format!("{}&back=%2Fappointments&household={household}&purpose=errand&note=%3Cb%3E{times}", hidden.join("&"))
}

const TIMES: &str =
    "&day1=2026-11-25&from1=09%3A00&to1=10%3A00&day2=&from2=&to2=&day3=2026-11-26&from3=15%3A00&to3=16%3A00";

#[tokio::test]
async fn a_desk_takes_one_down_on_its_page_and_nobody_else_does() {
    let world = World::new();
    let (home, foreign) =
        (world.home(world.a, "101", "2026-01-01", None), world.home(world.b, "201", "2026-01-01", None));
    world.supervisor("taizi", world.a, Role::CommunityDesk);
    world.supervisor("quanqu", world.community, Role::CommunityDesk);
    world.supervisor("kan", world.community, Role::Supervisor);
    let cookies = world.sign_in("taizi").await;
    let path = format!("/appointments?unit={}", world.a);
    let page = world.get(&path, &cookies).await;
    assert!(page.text().contains("1号楼2单元101室 测试甲") && !page.text().contains("201室"), "{}", page.text());
    let sent = form(&page, home, TIMES);
    for (sent, status) in [
        (sent.replace(&page.hidden("csrf"), "guess"), 400),
        (sent.replace("%2Fappointments", "%2F%2Fexample.cn"), 400),
        (form(&page, home, "&day1=2026-11-25&from1=10%3A00&to1=09%3A00"), 422),
        (form(&page, home, "&day1=2026-11-25&from1=&to1="), 422),
        (form(&page, home, "&day1=&from1=&to1="), 422),
        (sent.replace("purpose=errand", "purpose=party"), 422),
        (form(&page, foreign, TIMES), 404),
        (sent.replace(&page.hidden("area"), &world.b.to_string()), 404),
    ] {
        assert_eq!(world.post_form("/appointments/take-down", &cookies, &sent).await.status, status, "{sent}");
    }
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 14"), 0);
    for _ in 0..2 {
        assert_eq!(world.post_form("/appointments/take-down", &cookies, &sent).await.status, 303);
    }
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 14"), 1, "pressed twice is one");
    let shown = world.get("/appointments", &cookies).await.text();
    assert!(
        shown.contains("2026-11-25 09:00–10:00") && shown.contains("待约定") && shown.contains("预约办事"),
        "{shown}"
    );
    assert!(!shown.contains("&#60;b&#62;") && !shown.contains("<b>"), "what it is about is not on the page");

    // Above a micro-grid there is nothing to choose from; who only looks has no form at all.
    let above = world.sign_in("quanqu").await;
    let page = world.get("/appointments", &above).await.text();
    assert!(page.contains("请先选择一个微网格") && !page.contains("/appointments/take-down"));
    let viewer = world.sign_in("kan").await;
    let page = world.get(&path, &viewer).await;
    assert!(page.text().contains("待约定") && !page.text().contains("/appointments/take-down"));
    let csrf = page.hidden("csrf");
    let sent = format!(
        "csrf={csrf}&back=%2F&appointment={}&area={}&household={home}&purpose=visit{TIMES}",
        world.random.id(),
        world.a
    );
    assert_eq!(world.post_form("/appointments/take-down", &viewer, &sent).await.status, 403);
    assert_eq!(world.post_form("/appointments/take-down", "", &sent).await.status, 303, "to the door");
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 14"), 1);
}

#[tokio::test]
async fn two_words_on_one_appointment_are_read_and_settled_at_the_desk() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut other = world.phone(world.a, Role::GridWorker).await;
    let home = world.home(world.a, "101", "2026-01-01", None);
    let agreed = json!({"state": "agreed", "slot": nine(), "staff": phone.staff});
    let id = standing(&world, world.a, home, agreed, nine());
    let record = world.record(world.a, Kind::Appointment, id);
    let word =
        |state: serde_json::Value| zoufang_domain::conflict::edit(&record, field::fields(json!({"standing": state})));
    let kept = word(json!({"state": "kept", "slot": nine(), "staff": phone.staff}));
    let called_off = word(json!({"state": "cancelled", "slot": nine(), "staff": phone.staff, "reason": "测试取消"}));
    let (first, second) = (phone.op(Kind::Appointment, id, kept), other.op(Kind::Appointment, id, called_off));
    phone.push(&world, &[first]).await;
    other.push(&world, &[second]).await;
    world.supervisor("taizi", world.community, Role::CommunityDesk);
    let cookies = world.sign_in("taizi").await;
    let page = world.get("/conflicts", &cookies).await;
    let text = page.text();
    assert!(text.contains("1号楼2单元101室") && text.contains("已履约 · 2026-11-25 09:00–10:00"), "{text}");
    assert!(text.contains("已取消 · 2026-11-25 09:00–10:00 · 测试取消"), "{text}");
    let english = world.get("/conflicts", &format!("{cookies}; zoufang-language=en")).await.text();
    assert!(english.contains("Kept · 2026-11-25"), "{english}");
    let fields = ["csrf", "back", "conflict", "area", "kind", "record", "field", "operation"];
    let sent = fields.map(|name| format!("{name}={}", page.hidden(name).replace("&#38;", "%26"))).join("&");
    assert_eq!(world.post_form("/conflicts/settle", &cookies, &sent).await.status, 303);
    let record = world.record(world.a, Kind::Appointment, id);
    assert_eq!((zoufang_domain::conflict::count(&record), record.heads["standing"].len()), (0, 1));
}
