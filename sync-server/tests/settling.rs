//! What waits in quarantine, and values that stand against each other, as a desk settles them.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use serde_json::json;
use support::{Phone, World, set};
use uuid::Uuid;
use zoufang_domain::ids::UnitId;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::pull::SettledHow;
use zoufang_sync_server::ledger::{self, LedgerError, Settler, Way};

/// The number of the latest entry.
fn latest(world: &World) -> i64 {
    world.count("SELECT max(id) FROM quarantine")
}

fn settle(world: &World, settler: Settler, entry: i64, way: &Way) -> Result<bool, LedgerError> {
    let now_ms = world.now_ms();
    world.app.store.write(|tx| ledger::settle(tx, now_ms, settler, entry, way))
}

fn refusal(outcome: Result<bool, LedgerError>) -> Refusal {
    match outcome {
        Err(LedgerError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

/// Work that was done in an area where its author has no post.
async fn misplaced(world: &World, phone: &mut Phone, area: UnitId) -> (Uuid, i64) {
    let mut operation = phone.dwelling("909");
    operation.area = area;
    phone.push(world, &[operation.clone()]).await;
    (operation.id, latest(world))
}

#[tokio::test]
async fn accepted_work_stands_as_its_author_made_it_and_reaches_the_phone_as_a_record() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let desk = world.supervisor("taizi", world.community, Role::CommunityDesk);
    // The post ended before the work was done, and the phone did not know.
    let post = "UPDATE assignment SET to_ms = ?1 WHERE staff = ?2";
    world.sql(post, (world.now_ms() - 3_600_000, phone.staff.as_bytes()));
    let made = phone.dwelling("101");
    phone.push(&world, std::slice::from_ref(&made)).await;
    let entry = latest(&world);
    assert!(settle(&world, Settler::Staff(desk), entry, &Way::Accept).unwrap());
    let record = world.record(world.a, Kind::Dwelling, made.id);
    assert_eq!((record.who, record.v.by, record.v.counter), (phone.staff, phone.device, made.counter));
    assert!(!settle(&world, Settler::Staff(desk), entry, &Way::Accept).unwrap(), "two people may press at once");
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what = 'quarantine.accepted'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE settled_by IS NULL"), 0);

    world.sql("UPDATE assignment SET to_ms = NULL WHERE staff = ?1", [phone.staff.as_bytes()]);
    let page = phone.pull(&world).await;
    assert_eq!(support::ids(&page, Kind::Dwelling), [made.id]);
    assert!(page.settled.is_empty(), "its record tells");
}

#[tokio::test]
async fn refused_work_is_answered_once() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut other = world.phone(world.a, Role::GridWorker).await;
    let (id, entry) = misplaced(&world, &mut phone, world.b).await;
    let desk = Settler::Staff(world.supervisor("taizi", world.community, Role::CommunityDesk));
    let empty = Way::Refuse { answer: "  ".into() };
    assert_eq!(refusal(settle(&world, desk, entry, &empty)), Refusal::Invalid { field: "answer".into() });
    let way = Way::Refuse { answer: "测试答复：该房屋已登记".into() };
    assert!(settle(&world, desk, entry, &way).unwrap());
    let page = phone.pull(&world).await;
    assert_eq!(page.settled.len(), 1);
    assert_eq!(
        (page.settled[0].how, page.settled[0].answer.as_deref()),
        (SettledHow::Refused, Some("测试答复：该房屋已登记"))
    );
    assert!(phone.pull(&world).await.settled.is_empty(), "told once");
    assert!(other.pull(&world).await.settled.is_empty(), "to its author only");
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 4"), 0, "{id}");
    assert_eq!(
        world.count("SELECT count(*) FROM quarantine WHERE operation LIKE '%909%'"),
        1,
        "word for word for ever"
    );
}

#[tokio::test]
async fn work_is_moved_only_between_areas_that_are_both_ones_own() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let (id, entry) = misplaced(&world, &mut phone, world.b).await;
    let only_b = Settler::Staff(world.supervisor("yizhan", world.b, Role::CommunityDesk));
    let only_a = Settler::Staff(world.supervisor("jiazhan", world.a, Role::CommunityDesk));
    let viewer = Settler::Staff(world.supervisor("kan", world.community, Role::Supervisor));
    let way = Way::Rehome { area: world.a };
    assert_eq!(refusal(settle(&world, only_a, entry, &way)), Refusal::NotAssigned, "as if it were not there");
    assert_eq!(refusal(settle(&world, only_a, 4711, &way)), Refusal::NotAssigned);
    assert_eq!(refusal(settle(&world, only_b, entry, &way)), Refusal::NotAssigned, "not into another's area");
    assert_eq!(refusal(settle(&world, viewer, entry, &Way::Accept)), Refusal::NotAllowed);
    let desk = Settler::Staff(world.supervisor("taizi", world.community, Role::CommunityDesk));
    assert!(settle(&world, desk, entry, &way).unwrap());
    assert_eq!(world.record(world.a, Kind::Dwelling, id).who, phone.staff);
    let page = phone.pull(&world).await;
    assert_eq!(support::ids(&page, Kind::Dwelling), [id]);
    assert_eq!(page.settled[0].how, SettledHow::Rehomed);
}

#[tokio::test]
async fn what_merge_cannot_do_nobodys_word_makes_possible() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let lost = phone.op(Kind::Household, world.random.id(), set(json!({"phone": "13900000001"}), json!({})));
    phone.push(&world, &[lost]).await;
    let entry = latest(&world);
    assert_eq!(refusal(settle(&world, Settler::Console, entry, &Way::Accept)), Refusal::RecordMissing);
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE settled_ms IS NULL"), 1, "it goes on waiting");
}

#[tokio::test]
async fn the_other_copy_of_a_phone_is_taken_under_an_id_of_its_own() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut copy = phone.clone();
    let first = phone.dwelling("101");
    phone.push(&world, std::slice::from_ref(&first)).await;
    let second = copy.dwelling("102");
    assert_eq!(copy.try_push(&world, std::slice::from_ref(&second)).await.problem(), "device.forked");
    let entry = latest(&world);
    assert!(settle(&world, Settler::Console, entry, &Way::Accept).unwrap());
    let taken = world.record(world.a, Kind::Dwelling, second.id);
    assert_eq!((taken.who, taken.v.by), (phone.staff, ledger::SERVER_DEVICE));
    assert_eq!(world.record(world.a, Kind::Dwelling, first.id).v.by, phone.device);
}

#[tokio::test]
async fn pages_settle_what_they_show_and_only_for_who_may() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let (_, entry) = misplaced(&world, &mut phone, world.b).await;
    world.supervisor("kan", world.community, Role::Supervisor);
    world.supervisor("taizi", world.community, Role::CommunityDesk);
    let seen = world.sign_in("kan").await;
    let page = world.get("/quarantine", &seen).await;
    assert!(
        page.text().contains("当时不负责该辖区") && !page.text().contains("/quarantine/settle"),
        "sees and may not"
    );
    let form = |csrf: &str, rest: &str| format!("csrf={csrf}&back=%2Fquarantine&entry={entry}&{rest}");
    let csrf = page.hidden("csrf");
    assert_eq!(world.post_form("/quarantine/settle", &seen, &form(&csrf, "way=accept")).await.status, 403);

    let cookies = world.sign_in("taizi").await;
    let page = world.get("/quarantine", &cookies).await;
    assert!(page.text().contains("/quarantine/settle"));
    // Enter in a text presses the first button of its form: that of an answer must not be to accept.
    for form in page.text().split("<form").filter(|form| form.contains("/quarantine/settle")) {
        assert_eq!(form.split("</form>").next().unwrap().matches("type=\"submit\"").count(), 1, "{form}");
    }
    let csrf = page.hidden("csrf");
    for (sent, status) in [
        (form("guess", "way=accept"), 400),
        (form(&csrf, "way=accept").replace("%2Fquarantine", "%2F%2Fexample.cn"), 400),
        (form(&csrf, "way=refuse&answer="), 422),
        (form(&csrf, "way=rehome&area=nowhere"), 422),
        (form(&csrf, "way=burn"), 422),
    ] {
        assert_eq!(world.post_form("/quarantine/settle", &cookies, &sent).await.status, status, "{sent}");
    }
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE settled_ms IS NULL"), 1);
    let answered = world.post_form("/quarantine/settle", &cookies, &form(&csrf, "way=refuse&answer=no")).await;
    assert_eq!(answered.status, 303);
    assert!(world.get("/quarantine", &cookies).await.text().contains("没有待处理的内容"));
}

#[tokio::test]
async fn a_desk_picks_one_of_two_values_that_it_has_seen() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut other = world.phone(world.a, Role::GridWorker).await;
    let home = world.home(world.a, "101", "2026-01-01", None);
    let number = |text: &str| set(json!({"phone": text}), json!({}));
    let first = phone.op(Kind::Household, home, number("13900000001"));
    phone.push(&world, &[first]).await;
    let second = other.op(Kind::Household, home, number("13900000002"));
    other.push(&world, &[second]).await;
    world.supervisor("taizi", world.community, Role::CommunityDesk);
    world.supervisor("yizhan", world.b, Role::CommunityDesk);
    let cookies = world.sign_in("taizi").await;
    let page = world.get("/conflicts", &cookies).await;
    let fields = ["csrf", "back", "conflict", "area", "kind", "record", "field", "operation"];
    let form = |page: &support::Answer| {
        let sent = fields.map(|name| format!("{name}={}", page.hidden(name).replace("&#38;", "%26")));
        sent.join("&")
    };
    let sent = form(&page);

    let elsewhere = world.sign_in("yizhan").await;
    let csrf = world.get("/overview", &elsewhere).await.hidden("csrf");
    let theirs = sent.replace(&format!("csrf={}", page.hidden("csrf")), &format!("csrf={csrf}"));
    assert_eq!(world.post_form("/conflicts/settle", &elsewhere, &theirs).await.status, 404, "another's area");

    // A third value comes while the page is read: the choice was made without it.
    let third = phone.op(Kind::Household, home, number("13900000003"));
    phone.push(&world, &[third]).await;
    assert_eq!(world.post_form("/conflicts/settle", &cookies, &sent).await.status, 409);
    let shown = world.record(world.a, Kind::Household, home).f["phone"].clone();
    let page = world.get("/conflicts", &cookies).await;
    assert_eq!(world.post_form("/conflicts/settle", &cookies, &form(&page)).await.status, 303);
    let record = world.record(world.a, Kind::Household, home);
    assert_eq!(zoufang_domain::conflict::count(&record), 0);
    assert_eq!(record.f["phone"], shown, "the one shown first was picked");
    assert_eq!(record.heads.get("phone").map(Vec::len), Some(1), "and stands alone");
}

#[tokio::test]
async fn a_supervisors_word_makes_no_posts_and_puts_nothing_outside_a_micro_grid() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let desk = Settler::Staff(world.supervisor("taizi", world.community, Role::CommunityDesk));
    let whole =
        json!({"staff": phone.staff, "unit": world.a, "role": "street_dispatcher", "from": "2026-01-01T00:00:00Z"});
    let post = phone.op(Kind::Assignment, world.random.id(), support::create(whole));
    phone.push(&world, &[post]).await;
    let entry = latest(&world);
    for settler in [desk, Settler::Console] {
        assert_eq!(refusal(settle(&world, settler, entry, &Way::Accept)), Refusal::NotAllowed);
        let moved = Way::Rehome { area: world.b };
        assert_eq!(refusal(settle(&world, settler, entry, &moved)), Refusal::NotAllowed);
    }
    let (_, entry) = misplaced(&world, &mut phone, world.b).await;
    let above = Way::Rehome { area: world.community };
    assert_eq!(refusal(settle(&world, desk, entry, &above)), Refusal::Invalid { field: "area".into() });
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE settled_ms IS NULL"), 2, "both go on waiting");
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 3 AND class = 'street_dispatcher'"), 0);
}
