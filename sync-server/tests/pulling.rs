//! State down.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use serde_json::json;
use std::collections::BTreeSet;
use support::{Phone, World, ids, set};
use uuid::Uuid;
use zoufang_domain::digest::AreaDigest;
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::pull::{PullAnswer, Row};
use zoufang_sync_server::ledger::{self, CONSOLE, LedgerError};
use zoufang_sync_server::pull::{self, Wanted};
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::{device, units};

/// Every page until complete, with the number of pages.
async fn drain(phone: &mut Phone, world: &World) -> (Vec<PullAnswer>, BTreeSet<Uuid>) {
    let (mut pages, mut visits) = (Vec::new(), BTreeSet::new());
    loop {
        let page = phone.pull(world).await;
        for id in ids(&page, Kind::Visit) {
            assert!(visits.insert(id), "sent twice");
        }
        let complete = page.complete;
        pages.push(page);
        if complete {
            return (pages, visits);
        }
    }
}

fn digest_of(rows: &[Row]) -> String {
    let mut records: Vec<Record> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Is(body) => serde_json::from_str(body.get()).ok(),
            Row::Gone { .. } => None,
        })
        .collect();
    records.sort_by_key(|record| (record.kind.number(), record.id));
    let mut digest = AreaDigest::new();
    records.iter().for_each(|record| digest.take(record.kind, record.id, record.to_canonical_json().as_bytes()));
    digest.finish()
}

#[tokio::test]
async fn a_first_sync_comes_in_pages_resumes_and_holds_everything_once() {
    let world = World::new();
    let mut writer = world.phone(world.a, Role::MicroGridManager).await;
    let mut sent = BTreeSet::new();
    for _ in 0..4 {
        let visits: Vec<Operation> = (0..500).map(|_| writer.visit(&"走访记录".repeat(40))).collect();
        sent.extend(visits.iter().map(|one| one.id));
        writer.push(&world, &visits).await;
    }
    let mut reader = world.phone(world.a, Role::Auxiliary).await;
    let first = reader.pull(&world).await;
    assert!(first.from_start && !first.complete && first.grants.is_some());
    let cut = reader.cursor.clone();
    let second = reader.pull(&world).await;
    assert!(!second.from_start && second.grants.is_none());
    // The answer was lost: the same cursor gives the same page.
    reader.cursor = cut;
    let again = reader.pull(&world).await;
    assert_eq!(ids(&second, Kind::Visit), ids(&again, Kind::Visit));
    // Others write while the phone is on its way.
    let late = writer.visit("中途");
    sent.insert(late.id);
    writer.push(&world, &[late]).await;
    let mut got: BTreeSet<Uuid> = ids(&first, Kind::Visit).into_iter().chain(ids(&again, Kind::Visit)).collect();
    let (rest, visits) = drain(&mut reader, &world).await;
    assert!(rest.len() >= 2, "pages of half a mebibyte");
    got.extend(visits);
    assert_eq!(got, sent);
    // The writer's own first way down holds what it wrote itself.
    assert_eq!(drain(&mut writer, &world).await.1, sent);
}

#[tokio::test]
async fn nothing_new_is_one_small_exchange_and_own_work_is_not_sent_back() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut other = world.phone(world.a, Role::Auxiliary).await;
    drain(&mut phone, &world).await;
    drain(&mut other, &world).await;
    let visit = phone.visit("自己的");
    phone.push(&world, std::slice::from_ref(&visit)).await;
    let page = phone.pull(&world).await;
    assert!(page.complete && page.rows.is_empty() && page.grants.is_none() && !page.from_start);
    let cursor = phone.cursor.clone().unwrap();
    let answer = phone.try_pull(&world, Some(&cursor), false).await;
    let head: usize = answer.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let down = "HTTP/1.1 200 OK\r\n\r\n".len()
        + "content-length: 999\r\ndate: Mon, 23 Nov 2026 00:00:00 GMT\r\n".len()
        + head
        + answer.encoded_bytes;
    let up = format!(
        "GET /api/v1/sync/pull?cursor={cursor} HTTP/1.1\r\nhost: 127.0.0.1:65535\r\nauthorization: Bearer {}\r\naccept: */*\r\n\
         accept-encoding: gzip\r\naccept-language: zh\r\nx-zoufang-waiting: 0\r\nuser-agent: zoufang/0.1.0\r\n\r\n",
        phone.token.as_ref().unwrap()
    );
    assert!(up.len() + down < 1024, "{} up, {down} down", up.len());
    assert_eq!(ids(&other.pull(&world).await, Kind::Visit), [visit.id], "the other phone gets it");
}

#[tokio::test]
async fn what_another_phone_wrote_below_ones_own_work_is_not_hidden_by_it() {
    let world = World::new();
    let mut one = world.phone(world.a, Role::MicroGridManager).await;
    let mut two = world.phone(world.a, Role::Auxiliary).await;
    let home = one.dwelling("101");
    let id = home.id;
    one.push(&world, std::slice::from_ref(&home)).await;
    drain(&mut one, &world).await;
    drain(&mut two, &world).await;
    // Two changes the address, then one, unaware, the use: the record's last change is one's own.
    let base = json!({ "address": [home.op_id(one.device)] });
    let address = json!({ "address": { "building": "9", "unit": "", "room": "9" } });
    let theirs = two.op(Kind::Dwelling, id, set(address, base));
    two.push(&world, &[theirs]).await;
    let mine = one.op(Kind::Dwelling, id, set(json!({ "use": "shop" }), json!({ "use": [home.op_id(one.device)] })));
    one.push(&world, &[mine]).await;
    let page = one.pull(&world).await;
    assert_eq!(ids(&page, Kind::Dwelling), [id], "one lacks the other's address");
    let next = one.op(Kind::Dwelling, id, Action::Append { entry: note(&one) });
    one.push(&world, &[next]).await;
    assert!(one.pull(&world).await.rows.is_empty(), "now it has all of it");
}

fn note(phone: &Phone) -> zoufang_domain::operation::Entry {
    let mut entry = support::entry(phone, "note", json!({ "text": "附记" }));
    entry.list = zoufang_domain::operation::List::Notes;
    entry
}

#[tokio::test]
async fn pages_of_one_row_lose_nothing_that_lies_hidden_across_their_edges() {
    let world = World::new();
    let mut one = world.phone(world.a, Role::MicroGridManager).await;
    let mut two = world.phone(world.a, Role::Auxiliary).await;
    let home = one.dwelling("101");
    let id = home.id;
    one.push(&world, std::slice::from_ref(&home)).await;
    drain(&mut one, &world).await;
    let mut others =
        vec![two.op(Kind::Dwelling, id, set(json!({ "use": "vacant" }), json!({ "use": [home.op_id(one.device)] })))];
    others.extend((0..3).map(|at| two.visit(&format!("{at}"))));
    two.push(&world, &others).await;
    let own = one.op(Kind::Dwelling, id, Action::Append { entry: note(&one) });
    one.push(&world, &[own]).await;
    let (device, now_ms) = (one.device, world.now_ms());
    let mut cursor = one.cursor.clone().unwrap();
    let mut rows = Vec::new();
    loop {
        let page = world
            .app
            .store
            .read(|c| {
                let device = device::find(c, device)?.unwrap();
                let wanted = Wanted { page_bytes: 1, ..Wanted::since(Some(&cursor)) };
                pull::page(c, now_ms, &device, wanted)
            })
            .unwrap();
        let answer: PullAnswer = serde_json::from_slice(&page.json).unwrap();
        cursor = answer.cursor.clone();
        assert!(answer.rows.len() <= 1);
        rows.extend(answer.rows);
        if answer.complete {
            break;
        }
    }
    let seen: Vec<Record> = rows
        .iter()
        .filter_map(|row| match row {
            Row::Is(body) => serde_json::from_str(body.get()).ok(),
            Row::Gone { .. } => None,
        })
        .collect();
    let home = seen.iter().find(|record| record.id == id).expect("the home came down");
    assert_eq!(home.f["use"], "vacant");
    assert_eq!(seen.iter().filter(|record| record.kind == Kind::Visit).count(), 3);
}

#[tokio::test]
async fn a_new_area_comes_whole_and_a_lost_one_is_named_no_more() {
    let world = World::new();
    let mut neighbour = world.phone(world.b, Role::MicroGridManager).await;
    let there = neighbour.visit("乙的走访");
    neighbour.push(&world, std::slice::from_ref(&there)).await;
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    drain(&mut phone, &world).await;
    let post = world.assign(phone.staff, world.b, Role::MicroGridManager);
    let page = phone.pull(&world).await;
    let own: Vec<_> =
        page.grants.as_ref().unwrap().iter().filter(|one| one.role.is_some()).map(|one| one.unit).collect();
    assert_eq!(own.iter().collect::<BTreeSet<_>>(), [world.a, world.b].iter().collect());
    assert_eq!(ids(&page, Kind::Visit), [there.id]);
    assert!(!page.from_start);
    assert!(phone.pull(&world).await.grants.is_none());
    world.sql("UPDATE assignment SET to_ms = ?2 WHERE id = ?1", (post.as_bytes(), world.now_ms()));
    let more = neighbour.visit("之后的走访");
    neighbour.push(&world, &[more]).await;
    let page = phone.pull(&world).await;
    assert!(page.grants.unwrap().iter().all(|one| one.unit != world.b));
    assert!(page.rows.is_empty());
}

#[tokio::test]
async fn a_grid_leader_has_the_micro_grids_below_and_the_names_above() {
    let world = World::new();
    let mut manager = world.phone(world.b, Role::MicroGridManager).await;
    let visit = manager.visit("乙");
    manager.push(&world, std::slice::from_ref(&visit)).await;
    let mut leader = world.phone(world.grid, Role::GridLeader).await;
    let (pages, visits) = drain(&mut leader, &world).await;
    assert!(visits.contains(&visit.id));
    let units: BTreeSet<Uuid> = pages.iter().flat_map(|page| ids(page, Kind::OrgUnit)).collect();
    assert_eq!(units.len(), 5, "city, community, grid and both micro-grids");
    let voided = leader.op(Kind::Visit, visit.id, Action::Void { reason: "误录".into() });
    leader.area = world.b;
    let answer = leader.push(&world, &[Operation { area: world.b, ..voided }]).await;
    assert_eq!(answer.verdicts.len(), 1);
    assert_eq!(world.count("SELECT count(*) FROM visit WHERE outcome = 'voided'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what = 'visit.voided'"), 1);
}

#[tokio::test]
async fn no_word_of_another_area_leaves_in_any_answer() {
    const CANARY: &str = "金丝雀九八七";
    let world = World::new();
    let mut theirs = world.phone(world.b, Role::MicroGridManager).await;
    let secret = theirs.visit(CANARY);
    let home = theirs.dwelling(CANARY);
    theirs.push(&world, &[secret.clone(), home.clone()]).await;
    let mut mine = world.phone(world.a, Role::MicroGridManager).await;
    let mut answers = vec![mine.try_pull(&world, None, true).await.body];
    // Guessing the ids, in the other's area and in one's own.
    let mut guesses = Vec::new();
    for area in [world.b, world.a] {
        mine.area = area;
        let append = Action::Append { entry: note(&mine) };
        guesses.push(mine.op(Kind::Visit, secret.id, append));
        guesses.push(mine.op(Kind::Dwelling, home.id, set(json!({ "use": "shop" }), json!({}))));
        let fields = match &home.action {
            Action::Create { .. } => json!({ "address": { "building": "1", "unit": "", "room": "1" }, "use": "own" }),
            _ => unreachable!(),
        };
        guesses.push(mine.op(Kind::Dwelling, home.id, support::create(fields)));
    }
    answers.push(mine.try_push(&world, &guesses).await.body);
    answers.push(mine.try_pull(&world, None, true).await.body);
    // The other's cursor says nothing to this phone.
    theirs.pull(&world).await;
    answers.push(mine.try_pull(&world, theirs.cursor.as_deref(), true).await.body);
    for answer in answers {
        let text = String::from_utf8(answer).unwrap();
        assert!(!text.contains(CANARY), "{text}");
        assert!(!text.contains(&secret.id.to_string()));
    }
    let digest = |area| world.app.store.read(|c| pull::digest(c, area, None)).unwrap();
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 8"), 1, "and nothing there was changed");
    assert_ne!(digest(world.a), digest(world.b));
}

#[tokio::test]
async fn phone_and_server_agree_digest_by_digest() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let visits: Vec<_> = (0..20).map(|at| phone.visit(&format!("{at}\"\\\u{1f600}"))).collect();
    phone.push(&world, &visits).await;
    let answer: PullAnswer = phone.try_pull(&world, None, true).await.ok();
    let digests = answer.digests.unwrap();
    assert_eq!(digests.keys().collect::<Vec<_>>(), [&world.a]);
    let rows: Vec<Row> = answer
        .rows
        .into_iter()
        .filter(|row| match row {
            Row::Is(body) => body.get().contains(&format!("\"area\":\"{}\"", world.a)),
            Row::Gone { .. } => false,
        })
        .collect();
    assert_eq!(digests[&world.a], digest_of(&rows));
}

#[tokio::test]
async fn a_record_that_was_taken_back_is_gone_from_the_phone_too() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let home = |tx: &rusqlite::Transaction<'_>, id: Uuid, room: &str| {
        let fields = json!({ "address": { "building": "1", "unit": "", "room": room }, "use": "own" });
        ledger::write_own(tx, support::MORNING_MS, CONSOLE, world.a, Kind::Dwelling, id, support::create(fields))
    };
    let (kept, gone) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let written = world.app.store.write(|tx| home(tx, kept, "1").and(home(tx, gone, "2"))).unwrap();
    assert!(written.changed);
    let again = world.app.store.write(|tx| home(tx, gone, "2")).unwrap();
    assert!(!again.changed, "the same again changes nothing");
    drain(&mut phone, &world).await;
    let edit = phone.op(Kind::Dwelling, kept, set(json!({ "use": "rented" }), json!({})));
    phone.push(&world, &[edit]).await;
    let remove = |id| world.app.store.write(|tx| ledger::remove_own(tx, world.now_ms(), world.a, Kind::Dwelling, id));
    assert!(matches!(remove(kept), Err(LedgerError::InUse)), "somebody worked on it");
    assert!(remove(gone).unwrap());
    assert!(!remove(gone).unwrap());
    let page = phone.pull(&world).await;
    let left: Vec<_> = page
        .rows
        .iter()
        .filter_map(|row| match row {
            Row::Gone { id, area, erased, kind } => Some((*id, *area, *erased, kind.known().unwrap())),
            Row::Is(_) => None,
        })
        .collect();
    assert_eq!(left, [(gone, world.a, false, Kind::Dwelling)]);
    let edit = phone.op(Kind::Dwelling, gone, set(json!({ "use": "rented" }), json!({})));
    let answer = phone.push(&world, &[edit]).await;
    assert_eq!(
        serde_json::to_value(&answer.verdicts[0].outcome).unwrap()["quarantined"]["reason"]["id"],
        "record_moved"
    );
    let anew = world.app.store.write(|tx| home(tx, gone, "2")).unwrap();
    assert!(anew.changed, "an import after its undo begins it anew");
    assert!(ids(&phone.pull(&world).await, Kind::Dwelling).contains(&gone));
}

#[tokio::test]
async fn a_cursor_that_is_none_of_ours_is_refused() {
    let world = World::new();
    let phone = world.phone(world.a, Role::MicroGridManager).await;
    for wrong in ["x", "AQ", "Ag", &"A".repeat(5000)] {
        let refused = phone.try_pull(&world, Some(wrong), false).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (400, "pull.cursor"), "{wrong:.10}");
    }
    assert_eq!(phone.try_pull(&world, Some(""), false).await.status, 200, "an empty one counts as none");
}

#[tokio::test]
async fn a_renamed_unit_comes_down_with_its_new_name() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    drain(&mut phone, &world).await;
    let known = world.app.store.read(|c| units::find(c, world.community)).unwrap().unwrap();
    let unit = zoufang_domain::unit::OrgUnit {
        level: known.level,
        name: "改名社区".into(),
        code: None,
        parent: known.parent,
        from: None,
        to: None,
    };
    let rename = || world.app.store.write(|tx| units::create(tx, world.now_ms(), CONSOLE, known.id, &unit));
    assert!(rename().unwrap().changed);
    assert!(!rename().unwrap().changed);
    let page = phone.pull(&world).await;
    assert_eq!(ids(&page, Kind::OrgUnit), [world.community.0]);
    assert!(page.grants.unwrap().iter().any(|one| one.name == "改名社区"));
    let count: i64 = world
        .app
        .store
        .read::<_, StoreError>(|c| Ok(c.query_row("SELECT count(*) FROM conflict_log", [], |row| row.get(0))?))
        .unwrap();
    assert_eq!(count, 0);
}

/// Fields with which a record of a kind that goes down can begin.
fn set_for_all(kind: Kind) -> Fields {
    let fields = match kind {
        Kind::Calendar => json!({"year": 2026, "days_off": [], "make_up_days": []}),
        Kind::CadenceRule => json!({"name": "测试规则", "rhythm": {"every": "month"}, "from": "2026-01-01"}),
        Kind::MustVisitList => json!({"name": "测试清单", "reason": "测试"}),
        Kind::MatterRule => json!({"name": "测试时限", "accept_days": 1, "handle_days": 5, "answer_days": 10,
            "from": "2026-01-01"}),
        Kind::FormDefinition => json!({"form": "f", "version": 1, "name": "测试表单",
            "fields": [{"id": "a", "type": "text", "label": {"zh": "测试"}, "purpose": "测试"}]}),
        Kind::CareNeedType => {
            json!({"name": "测试类型", "purpose": "测试", "seen_by": ["grid_leader"], "valid_max_days": 90})
        }
        Kind::Notice => json!({"title": "测试通知", "body": "测试", "kind": "task", "valid_from": "2026-01-01",
            "valid_to": "2026-12-31"}),
        _ => panic!("{} goes down: say here how one begins", kind.name()),
    };
    serde_json::from_value(fields).unwrap()
}

#[tokio::test]
async fn every_kind_that_goes_down_comes_from_the_units_above_page_by_page() {
    let world = World::new();
    let down: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| kind.goes_down()).collect();
    for (at, kind) in down.iter().enumerate() {
        let id = Uuid::from_u128(at as u128 + 1);
        let action = Action::Create { fields: set_for_all(*kind), entries: Vec::new() };
        let now_ms = world.now_ms();
        world
            .app
            .store
            .write(|tx| ledger::write_own(tx, now_ms, CONSOLE, world.community, *kind, id, action.clone()))
            .unwrap();
    }
    let phone = world.phone(world.a, Role::MicroGridManager).await;
    let device = world.app.store.read(|c| device::find(c, phone.device)).unwrap().unwrap();
    let (mut cursor, mut found, mut pages_count) = (None::<String>, Vec::new(), 0);
    loop {
        let wanted = Wanted { page_bytes: 1, ..Wanted::since(cursor.as_deref()) };
        let page = world
            .app
            .store
            .read(|c| Ok::<_, StoreError>(pull::page(c, world.now_ms(), &device, wanted)))
            .unwrap()
            .unwrap();
        let answer: PullAnswer = serde_json::from_slice(&page.json).unwrap();
        down.iter().for_each(|kind| found.extend(ids(&answer, *kind).into_iter().map(|id| (*kind, id))));
        pages_count += 1;
        assert!(pages_count < 40, "the pages come to an end");
        cursor = Some(answer.cursor);
        if page.complete {
            break;
        }
    }
    let sent: Vec<(Kind, Uuid)> = down.iter().zip(1..).map(|(kind, at)| (*kind, Uuid::from_u128(at))).collect();
    assert_eq!(found, sent, "each once");
    assert!(pages_count > down.len(), "{pages_count} pages: what a unit above sets is bounded like everything else");
}
