//! What residents ask of their own data, at a desk: who may, in which areas, what pages show and to whom, and the command line's list.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use serde_json::json;
use support::World;
use uuid::Uuid;
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::{ResidentId, RightsRequestId, StaffId, UnitId};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::rights::{RequestState, Right};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::ledger::{self, LedgerError, Person, Review, Settler};
use zoufang_sync_server::reports::{Asked, rights as lists};
use zoufang_sync_server::rights::{self, Decision, Done};
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::store::scope::Scope;

/// A made-up resident in a home of an area.
fn resident(world: &World, area: UnitId, name: &str) -> (ResidentId, Uuid) {
    let home = world.home(area, "101", "2026-01-01", None);
    let id = world.create(area, Kind::Resident, json!({"name": name, "phone": "13900007777"}));
    world.create(
        area,
        Kind::Residency,
        json!({"resident": id, "household": home, "kind": "registered", "from": "2026-01-01"}),
    );
    (ResidentId(id), home)
}

fn take(
    world: &World,
    by: Settler,
    area: UnitId,
    person: Person,
    right: Right,
) -> Result<RightsRequestId, LedgerError> {
    let (now_ms, id) = (world.now_ms(), RightsRequestId(world.random.id()));
    world.app.store.write(|tx| rights::take_down(tx, now_ms, by, area, id, person, right)).map(|()| id)
}

fn decide(world: &World, by: Settler, area: UnitId, id: RightsRequestId, way: &Decision) -> Result<Done, LedgerError> {
    let now_ms = world.now_ms();
    world.app.store.write(|tx| rights::decide(tx, now_ms, by, area, id, way))
}

#[track_caller]
fn refusal<T: std::fmt::Debug>(outcome: Result<T, LedgerError>) -> Refusal {
    match outcome {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

fn listed(world: &World, staff: StaffId, unit: UnitId) -> lists::Rights {
    let now = Moment::from_ms(world.now_ms());
    let asked = Asked { unit, period: Period::month_of(now.day()), now };
    world
        .app
        .store
        .read(|c| {
            let scope = Scope::of_supervisor(c, staff, now.to_ms())?;
            Ok::<_, StoreError>(lists::rights(c, &scope, &asked, Settler::Staff(staff)).unwrap())
        })
        .unwrap()
}

#[tokio::test]
async fn only_desks_and_the_privacy_officer_decide_and_only_in_their_own_area() {
    let world = World::new();
    let (who, _) = resident(&world, world.a, "试三娘");
    let person = Person::Resident(who);
    let desk = world.supervisor("taizi", world.community, Role::CommunityDesk);
    let officer = world.supervisor("baohu", world.community, Role::PrivacyOfficer);
    let viewer = world.supervisor("kan", world.community, Role::Supervisor);
    let leader = world.supervisor("zhang", world.community, Role::GridLeader);
    let stranger = world.supervisor("linqu", world.b, Role::CommunityDesk);
    let by = Settler::Staff;
    for (staff, why) in [(viewer, Refusal::NotAllowed), (leader, Refusal::NotAllowed), (stranger, Refusal::NotAssigned)]
    {
        assert_eq!(refusal(take(&world, by(staff), world.a, person, Right::Copy)), why);
    }
    let nobody = Person::Resident(ResidentId(world.random.id()));
    assert_eq!(refusal(take(&world, by(desk), world.a, nobody, Right::Copy)), Refusal::NotAssigned);
    let request = take(&world, by(officer), world.a, person, Right::Delete).unwrap();
    for (staff, why) in [(viewer, Refusal::NotAllowed), (stranger, Refusal::NotAssigned)] {
        assert_eq!(refusal(decide(&world, by(staff), world.a, request, &Decision::Erase)), why);
    }
    let wrong = refusal(decide(&world, by(desk), world.a, request, &Decision::Restrict));
    assert_eq!(wrong, Refusal::Invalid { field: "right".into() }, "it is not what was asked for");
    let unsaid = Decision::Refuse { answer: "  ".into() };
    assert!(matches!(refusal(decide(&world, by(desk), world.a, request, &unsaid)), Refusal::Invalid { .. }));
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 6"), 1, "nothing was done");

    // What is shown: that somebody asks, to all who read the area; who, to those who decide.
    let shown = |staff| listed(&world, staff, world.community).requests.remove(0);
    assert_eq!((shown(desk).name.as_str(), shown(desk).may_decide), ("试三娘", true));
    assert_eq!((shown(viewer).name.as_str(), shown(viewer).may_decide), ("", false));
    assert_eq!(listed(&world, stranger, world.b).total, 0, "another area's requests are not there");

    let done = decide(&world, by(desk), world.a, request, &Decision::Erase).unwrap();
    assert_eq!((done.erased.removed_count, done.elsewhere_count), (2, 0));
    assert_eq!(refusal(decide(&world, by(desk), world.a, request, &Decision::Erase)), Refusal::NotNow);
    let after = shown(desk);
    assert_eq!((after.state, after.name.as_str()), (RequestState::Done, ""));
    let audited = world.count("SELECT count(*) FROM audit WHERE what IN ('resident.erased', 'rights.delete.done')");
    assert_eq!(audited, 2);
}

#[tokio::test]
async fn who_is_known_in_an_area_of_another_desk_waits_there_to_be_erased() {
    let world = World::new();
    let (who, _) = resident(&world, world.a, "试三娘");
    world.write(world.b, Kind::Resident, who.0, support::create(json!({"name": "试三娘"})));
    let desk = world.supervisor("jiazhan", world.a, Role::CommunityDesk);
    let other = world.supervisor("yizhan", world.b, Role::CommunityDesk);
    let request = take(&world, Settler::Staff(desk), world.a, Person::Resident(who), Right::Delete).unwrap();
    let done = decide(&world, Settler::Staff(desk), world.a, request, &Decision::Erase).unwrap();
    assert_eq!(done.elsewhere_count, 1);
    assert_eq!(
        world.count("SELECT count(*) FROM record WHERE kind = 6"),
        1,
        "the other area's desk decides on its own"
    );
    let waiting = listed(&world, other, world.b).requests.remove(0);
    assert_eq!((waiting.right, waiting.state), (Right::Delete, RequestState::Open));
    decide(&world, Settler::Staff(other), world.b, waiting.id, &Decision::Erase).unwrap();
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 6"), 0);
}

#[tokio::test]
async fn a_namesake_keeps_the_name() {
    let world = World::new();
    let (who, home) = resident(&world, world.a, "试三娘");
    let other_home = world.home(world.a, "102", "2026-01-01", None);
    world.create(world.a, Kind::Resident, json!({"name": "试三娘", "phone": "13900009999"}));
    let visit = |home: Uuid, note: &str| {
        let fields = json!({"household": home, "staff": [world.random.id()], "started_at": "2026-11-20T01:00:00Z",
            "mode": "door", "outcome": "done", "note": note});
        world.create(world.a, Kind::Visit, fields)
    };
    let (near, far) = (visit(home, "见到试三娘"), visit(other_home, "另一位试三娘，不是 13900007777"));
    let request = take(&world, Settler::Console, world.a, Person::Resident(who), Right::Delete).unwrap();
    decide(&world, Settler::Console, world.a, request, &Decision::Erase).unwrap();
    let note = |id| world.record(world.a, Kind::Visit, id).f["note"].as_str().unwrap().to_owned();
    assert_eq!(note(near), "见到（已删除）");
    assert_eq!(note(far), "另一位试三娘，不是 （已删除）");
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 6"), 1);
    let check = world.app.store.read(zoufang_sync_server::check::check).unwrap();
    assert!(check.is_sound(), "{:?}", check.problems);
}

#[tokio::test]
async fn held_texts_are_read_and_decided_on_by_those_who_may() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let (who, home) = resident(&world, world.a, "试三娘");
    phone.pull(&world).await;
    world.pass_ms(60_000);
    let request = take(&world, Settler::Console, world.a, Person::Resident(who), Right::Delete).unwrap();
    decide(&world, Settler::Console, world.a, request, &Decision::Erase).unwrap();
    let fields = json!({"household": home, "staff": [phone.staff], "started_at": "2026-11-20T01:00:00Z",
        "mode": "door", "outcome": "done", "note": "试三娘在家"});
    let elsewhere = world.home(world.a, "102", "2026-01-01", None);
    let other = json!({"household": elsewhere, "staff": [phone.staff], "started_at": "2026-11-20T02:00:00Z",
        "mode": "door", "outcome": "done", "note": "试三娘在家"});
    let visit = phone.op(Kind::Visit, world.random.id(), support::create(fields));
    let of_another_home = phone.op(Kind::Visit, world.random.id(), support::create(other));
    let answer = phone.push(&world, &[visit, of_another_home]).await;
    assert!(serde_json::to_string(&answer).unwrap().contains("\"held\":true"), "its author is told");
    let id = world.count("SELECT id FROM held_text");
    let now_ms = world.now_ms();
    let review = |by, way| world.app.store.write(|tx| ledger::review(tx, now_ms, by, id, way));
    let viewer = Settler::Staff(world.supervisor("kan", world.community, Role::Supervisor));
    let stranger = Settler::Staff(world.supervisor("linqu", world.b, Role::CommunityDesk));
    let desk = Settler::Staff(world.supervisor("taizi", world.community, Role::CommunityDesk));
    assert_eq!(refusal(review(viewer, Review::Release)), Refusal::NotAllowed);
    assert_eq!(refusal(review(stranger, Review::Release)), Refusal::NotAssigned);
    assert!(review(desk, Review::Remove).unwrap());
    assert!(!review(desk, Review::Remove).unwrap(), "once");
    let body: Vec<u8> = world
        .app
        .store
        .read(|c| {
            let sql = "SELECT body FROM ledger_batch WHERE device = ?1 AND redacted_ms IS NOT NULL";
            Ok::<_, StoreError>(c.query_row(sql, [phone.device.as_bytes()], |row| row.get(0))?)
        })
        .unwrap();
    let kept = String::from_utf8(ledger::inflate(&body, 1 << 20).unwrap()).unwrap();
    assert_eq!(kept.matches("试三娘在家").count(), 1, "the same words of another visit stay as they were sent");
    let check = world.app.store.read(zoufang_sync_server::check::check).unwrap();
    assert!(check.is_sound(), "{:?}", check.problems);
}

#[tokio::test]
async fn pages_carry_out_what_was_asked_for_and_only_for_who_may() {
    let world = World::new();
    let (who, home) = resident(&world, world.a, "试三娘");
    world.visit(world.a, home, "2026-11-20T01:00:00Z", "door", "done");
    let person = Person::Resident(who);
    let [copy, delete] =
        [Right::Copy, Right::Delete].map(|right| take(&world, Settler::Console, world.a, person, right).unwrap());
    world.supervisor("taizi", world.community, Role::CommunityDesk);
    world.supervisor("kan", world.community, Role::Supervisor);
    world.supervisor("linqu", world.b, Role::CommunityDesk);
    let desk = world.sign_in("taizi").await;
    let page = world.get("/rights", &desk).await;
    let text = page.text();
    assert!(text.contains("试三娘") && text.contains("查阅复制") && text.contains("确认删除"), "{text}");
    let form = |csrf: &str, request: RightsRequestId, more: &str| {
        format!("csrf={csrf}&back=%2Frights&area={}&request={request}&{more}", world.a)
    };
    let csrf = page.hidden("csrf");

    let viewer = world.sign_in("kan").await;
    let seen = world.get("/rights", &viewer).await;
    assert!(
        !seen.text().contains("试三娘") && !seen.text().contains("/rights/decide"),
        "sees that somebody asks, not who"
    );
    let theirs = world.get("/overview", &viewer).await.hidden("csrf");
    let answer = world.post_form("/rights/decide", &viewer, &form(&theirs, delete, "way=erase")).await;
    assert_eq!(answer.status, 403);
    assert_eq!(world.post_form("/rights/copy", &viewer, &form(&theirs, copy, "")).await.status, 403);
    let elsewhere = world.sign_in("linqu").await;
    let foreign = world.get("/overview", &elsewhere).await.hidden("csrf");
    let answer = world.post_form("/rights/decide", &elsewhere, &form(&foreign, delete, "way=erase")).await;
    assert_eq!(answer.status, 404, "another's area");
    assert_eq!(world.post_form("/rights/decide", &desk, &form("none", delete, "way=erase")).await.status, 400);

    let printed = world.post_form("/rights/copy", &desk, &form(&csrf, copy, "")).await;
    let text = printed.text();
    assert_eq!(printed.status, 200);
    assert!(text.contains("试三娘") && text.contains("13900007777") && text.contains("走访记录"), "{text}");
    assert!(!text.contains(&who.to_string()), "ids say nothing to a person");
    assert_eq!(world.count("SELECT count(*) FROM export"), 1);
    let told = form(&csrf, copy, "way=answer&answer=%E5%B7%B2%E4%BA%A4");
    assert_eq!(world.post_form("/rights/decide", &desk, &told).await.status, 303);
    assert_eq!(world.post_form("/rights/decide", &desk, &told).await.status, 409, "once");
    assert_eq!(world.post_form("/rights/decide", &desk, &form(&csrf, delete, "way=erase")).await.status, 303);
    let after = world.get("/rights", &desk).await.text();
    assert!(!after.contains("试三娘") && after.contains("已办理"));
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 6"), 0);
}
