//! Operations up.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};
use support::{Phone, World, batch_text, create, entry, event, gzip, ids, map, set};
use zoufang_domain::chain::Link;
use zoufang_domain::operation::Action;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::push::{Outcome, PushAnswer};
use zoufang_domain::wire::{header as own_header, route};
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::device;
use zoufang_sync_server::store::StoreError;

fn reason(answer: &PushAnswer, counter: u64) -> Option<Refusal> {
    let verdict = answer.verdicts.iter().find(|one| one.from <= counter && counter <= one.to).unwrap();
    match &verdict.outcome {
        Outcome::Quarantined { reason } => Some(reason.clone()),
        _ => None,
    }
}

#[tokio::test]
async fn work_is_applied_once_however_often_and_in_whatever_batches_it_comes() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let texts: Vec<String> =
        (0..6).map(|at| serde_json::to_string(&phone.visit(&format!("第{at}次"))).unwrap()).collect();
    let start = phone.link;
    let first = phone.batch(&texts[..4]);
    let answer: PushAnswer = world.call(phone.push_request(&first)).await.ok();
    assert_eq!((answer.acknowledged, answer.verdicts.len()), (4, 1));
    assert_eq!((answer.verdicts[0].from, answer.verdicts[0].to), (1, 4));
    assert_eq!((&answer.verdicts[0].outcome, answer.verdicts[0].duplicate), (&Outcome::Applied, false));

    // The answer was lost: the same and more, cut elsewhere, ten times.
    for _ in 0..10 {
        let whole = batch_text(phone.device, start, &texts);
        let again: PushAnswer = world.call(phone.push_request(&whole)).await.ok();
        assert_eq!(again.acknowledged, 6);
        assert!(again.verdicts.iter().all(|one| one.outcome == Outcome::Applied));
        assert!(again.verdicts[0].duplicate);
    }
    let prev = zoufang_domain::chain::Link::START.then(texts[0].as_bytes()).then(texts[1].as_bytes());
    let middle = batch_text(phone.device, prev, &texts[2..3]);
    let again: PushAnswer = world.call(phone.push_request(&middle)).await.ok();
    assert_eq!((again.verdicts[0].from, again.verdicts[0].duplicate, again.acknowledged), (3, true, 6));
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 8"), 6);
    assert_eq!(world.count("SELECT count(*) FROM ledger_operation WHERE counter > 0 AND outcome IS NULL"), 6 + 5);
    assert_eq!(world.count("SELECT seq FROM unit WHERE name = '甲微网格'"), 7, "the unit's own record and six visits");
}

#[tokio::test]
async fn the_same_operation_with_other_content_freezes_the_phone_and_is_audited() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut operation = phone.visit("原文");
    phone.push(&world, std::slice::from_ref(&operation)).await;
    let Action::Create { fields, .. } = &mut operation.action else { unreachable!() };
    fields.insert("note".into(), json!("改过"));
    let text = serde_json::to_string(&operation).unwrap();
    let body = batch_text(phone.device, zoufang_domain::chain::Link::START, &[text]);
    let refused = world.call(phone.push_request(&body)).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (409, "device.forked"));
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what = 'device.forked'"), 1);
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 8"), 1, "what stood stays as it was");
    assert_eq!(
        world.count("SELECT count(*) FROM quarantine WHERE operation LIKE '%改过%'"),
        1,
        "and the other is kept"
    );
    let good = phone.visit("好的");
    assert_eq!(phone.try_push(&world, &[good]).await.problem(), "device.forked", "until a supervisor picks a copy");
    let broken = world.app.store.read(zoufang_sync_server::audit::verify).unwrap();
    assert_eq!(broken.1, None);
}

#[tokio::test]
async fn bounds_are_kept() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let operations: Vec<_> = (0..501).map(|_| phone.visit("一")).collect();
    let refused = phone.clone().try_push(&world, &operations).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (413, "request.too_many_operations"));
    assert_eq!(phone.clone().push(&world, &operations[..500]).await.acknowledged, 500);

    let push = |body: Vec<u8>, encoding: &str| {
        let request = Request::post(route::PUSH)
            .header(header::AUTHORIZATION, format!("Bearer {}", phone.token.as_ref().unwrap()))
            .header(own_header::SIGNATURE, "AA==")
            .header(header::CONTENT_ENCODING, encoding);
        world.call(request.body(Body::from(body)).unwrap())
    };
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let refused = push(bomb, "gzip").await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (413, "request.too_large"));
    let refused = push(vec![b' '; (1 << 20) + 1], "identity").await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (413, "request.too_large"));
    assert_eq!(push(b"abc".to_vec(), "br").await.problem(), "request.encoding");
    assert_eq!(push(b"abc".to_vec(), "gzip").await.problem(), "request.malformed");
    assert_eq!(push(b"{\"a\":".to_vec(), "identity").await.problem(), "request.malformed");
    assert_eq!(push("[".repeat(100_000).into_bytes(), "identity").await.problem(), "request.malformed");
    assert_eq!(push(vec![0xff, 0xfe], "identity").await.problem(), "request.malformed");
    let empty = batch_text(phone.device, phone.link, &[]);
    assert_eq!(world.call(phone.push_request(&empty)).await.problem(), "request.malformed");
    assert_eq!(world.post("/api/v1/nothing", &json!({})).await.problem(), "not_found");
    assert_eq!(world.post(route::PULL, &json!({})).await.problem(), "request.method");
    let english = Request::get("/nothing").header(header::ACCEPT_LANGUAGE, "en").body(Body::empty()).unwrap();
    assert_eq!(world.call(english).await.json()["title"], "Not found");
    let big = world.post(route::ENROL, &json!({ "code": "x".repeat(20_000) })).await;
    assert_eq!(big.problem(), "request.too_large");
}

#[tokio::test]
async fn what_cannot_be_read_or_applied_is_kept_verbatim_and_the_queue_goes_on() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let mut texts = Vec::new();
    let text = |one| serde_json::to_string(&one).unwrap();
    texts.push(text(phone.visit("好")));
    phone.counter += 1;
    texts.push("\"nothing like an operation\"".to_owned());
    let newer = text(phone.visit("新")).replace("\"visit\"", "\"photo\"");
    texts.push(newer.clone());
    let deep = format!("{}{}", "[".repeat(20), "]".repeat(20));
    texts.push(text(phone.visit("深")).replace("\"note\":\"深\"", &format!("\"note\":\"深\",\"x\":{deep}")));
    let id = phone.random.id();
    texts.push(text(phone.op(Kind::Visit, id, create(json!({ "mode": "door" })))));
    let id = phone.random.id();
    texts.push(text(phone.op(Kind::Dwelling, id, set(json!({ "use": "rented" }), json!({})))));
    let id = phone.random.id();
    texts.push(text(phone.op(Kind::OrgUnit, id, create(json!({ "level": "grid", "name": "自建" })))));
    let mut foreign = phone.visit("别人");
    foreign.staff = world.staff("测试乙");
    texts.push(text(foreign));
    let mut elsewhere = phone.visit("别处");
    elsewhere.area = world.b;
    texts.push(text(elsewhere));
    let mut nowhere = phone.visit("无处");
    nowhere.area = zoufang_domain::ids::UnitId(phone.random.id());
    texts.push(text(nowhere));
    texts.push(text(phone.visit("又好")));
    let start = phone.link;
    let body = phone.batch(&texts);
    let answer: PushAnswer = world.call(phone.push_request(&body)).await.ok();
    assert_eq!(answer.acknowledged, 11);
    let reasons: Vec<_> = (1..=11).map(|counter| reason(&answer, counter)).collect();
    let missing = |field: &str| Some(Refusal::Invalid { field: field.into() });
    let expected = [
        None,
        Some(Refusal::Malformed),
        Some(Refusal::Unknown),
        Some(Refusal::Malformed),
        missing("household"),
        Some(Refusal::RecordMissing),
        Some(Refusal::NotAllowed),
        Some(Refusal::NotTheAuthor),
        Some(Refusal::NotAssigned),
        Some(Refusal::NotAssigned),
        None,
    ];
    assert_eq!(reasons, expected);
    let kept: Vec<String> = world
        .app
        .store
        .read::<_, StoreError>(|c| {
            let mut statement = c.prepare("SELECT operation FROM quarantine ORDER BY counter")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
        .unwrap();
    assert_eq!(kept, texts[1..10], "byte for byte");
    // The same again, in one and in two pieces, gives the same verdicts and no second copy.
    for cut in [11, 1, 2, 5] {
        let (front, back) = texts.split_at(cut);
        let mut prev = start;
        for part in [front, back].into_iter().filter(|part| !part.is_empty()) {
            let again: PushAnswer = world.call(phone.push_request(&batch_text(phone.device, prev, part))).await.ok();
            assert!(again.verdicts.iter().all(|one| one.duplicate), "{cut}");
            part.iter().for_each(|text| prev = prev.then(text.as_bytes()));
        }
    }
    assert_eq!(world.count("SELECT count(*) FROM quarantine"), 9);
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 8"), 2);
}

#[tokio::test]
async fn a_batch_of_nothing_readable_is_known_again() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let texts = ["17".to_owned()];
    let start = phone.link;
    let body = phone.batch(&texts);
    let first: PushAnswer = world.call(phone.push_request(&body)).await.ok();
    let again: PushAnswer = world.call(phone.push_request(&batch_text(phone.device, start, &texts))).await.ok();
    assert_eq!((first.acknowledged, again.acknowledged, again.verdicts[0].duplicate), (1, 1, true));
    phone.counter = 1;
    let next = phone.visit("之后");
    assert_eq!(phone.push(&world, &[next]).await.acknowledged, 2);
}

#[tokio::test]
async fn only_the_devices_own_signature_over_exactly_this_body_counts() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let other = world.phone(world.a, Role::MicroGridManager).await;
    let text = serde_json::to_string(&phone.visit("签名")).unwrap();
    let body = phone.batch(&[text]);
    let wrong = [
        other.sign(body.as_bytes()),
        phone.sign(format!("{body} ").as_bytes()),
        "AA==".to_owned(),
        String::new(),
        "不是".to_owned(),
    ];
    for signature in wrong {
        let refused = world.call(phone.push_signed(&body, &signature)).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (401, "session.signature"));
    }
    // Another phone's session with this phone's batch.
    let mut mixed = phone.clone();
    mixed.token = other.token.clone();
    assert_eq!(world.call(mixed.push_request(&body)).await.problem(), "session.signature");
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 8"), 0);
    let _: PushAnswer = world.call(phone.push_request(&body)).await.ok();
}

#[tokio::test]
async fn a_gap_names_the_last_counter() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let first = phone.visit("一");
    phone.push(&world, &[first]).await;
    let _lost = phone.visit("二");
    let third = phone.visit("三");
    let refused = phone.clone().try_push(&world, &[third]).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (409, "push.gap"));
    assert_eq!(refused.json()["last_counter"], 1);
}

#[tokio::test]
async fn a_cloned_phone_freezes_both_copies_and_loses_nothing() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let first = phone.visit("共同");
    phone.push(&world, &[first]).await;
    let mut copy = phone.clone();
    let mine = phone.visit("正本");
    assert_eq!(phone.push(&world, &[mine]).await.acknowledged, 2);
    let (theirs, more) = (copy.visit("副本"), copy.visit("副本又"));
    for _ in 0..3 {
        let refused = copy.clone().try_push(&world, &[theirs.clone(), more.clone()]).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (409, "device.forked"));
        assert_eq!(refused.json()["last_counter"], 2);
    }
    assert_eq!(world.count("SELECT count(*) FROM quarantine"), 2, "both of the copy's, once");
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what = 'device.forked'"), 1);
    assert_eq!(phone.try_pull(&world, None, false).await.problem(), "device.forked");
    let late = phone.visit("冻结之后");
    assert_eq!(phone.clone().try_push(&world, std::slice::from_ref(&late)).await.problem(), "device.forked");
    assert_eq!(world.count("SELECT count(*) FROM quarantine"), 3, "and what the other still brings");

    let (id, now_ms) = (phone.device, world.now_ms());
    world.app.store.write(|tx| device::readmit(tx, now_ms, Actor::Console, id)).unwrap();
    assert_eq!(phone.push(&world, &[late]).await.acknowledged, 3, "the copy that was picked goes on");
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE settled_ms IS NULL"), 2, "its own waits no more");
    // The same counter with another prev is a fork as well.
    let mut forged = phone.clone();
    forged.link = zoufang_domain::chain::Link::START;
    let next = forged.visit("另一条链");
    assert_eq!(forged.try_push(&world, &[next]).await.problem(), "device.forked");
}

#[tokio::test]
async fn two_values_open_one_conflict_and_naming_both_settles_it() {
    let world = World::new();
    let mut one = world.phone(world.a, Role::MicroGridManager).await;
    let mut two = world.phone(world.a, Role::Auxiliary).await;
    let begun = one.dwelling("301");
    let id = begun.id;
    one.push(&world, std::slice::from_ref(&begun)).await;
    let base = json!({ "use": [begun.op_id(one.device)] });
    let mine = one.op(Kind::Dwelling, id, set(json!({ "use": "rented" }), base.clone()));
    assert_eq!(one.push(&world, std::slice::from_ref(&mine)).await.verdicts[0].outcome, Outcome::Applied);
    two.wall_ms += 1000;
    let theirs = two.op(Kind::Dwelling, id, set(json!({ "use": "vacant" }), base.clone()));
    let answer = two.push(&world, std::slice::from_ref(&theirs)).await;
    let opened = Outcome::Merged { conflicts: vec!["use".into()], late: false, held: false };
    assert_eq!(answer.verdicts[0].outcome, opened);
    let record: Value = serde_json::from_str(answer.verdicts[0].record.as_ref().unwrap().get()).unwrap();
    assert_eq!(record["f"]["use"], "vacant", "the later is shown");
    assert_eq!(record["heads"]["use"].as_array().unwrap().len(), 2, "and both are kept");
    assert_eq!(world.count("SELECT count(*) FROM conflict_log WHERE settled_ms IS NULL"), 1);
    assert_eq!(world.count("SELECT count(*) FROM record WHERE conflicts_count = 1"), 1);

    // A third value joins the same conflict.
    let mut three = world.phone(world.a, Role::GridWorker).await;
    three.wall_ms += 2000;
    let third = three.op(Kind::Dwelling, id, set(json!({ "use": "shop" }), base));
    three.push(&world, std::slice::from_ref(&third)).await;
    assert_eq!(world.count("SELECT count(*) FROM conflict_log"), 1);

    let seen = json!({ "use": [mine.op_id(one.device), theirs.op_id(two.device), third.op_id(three.device)] });
    let settled = one.op(Kind::Dwelling, id, set(json!({ "use": "rented" }), seen));
    let answer = one.push(&world, &[settled]).await;
    assert!(
        matches!(&answer.verdicts[0].outcome, Outcome::Merged { conflicts, .. } if conflicts.is_empty()),
        "restamped"
    );
    assert_eq!(
        world.count("SELECT count(*) FROM conflict_log WHERE settled_ms IS NOT NULL AND settled_by IS NOT NULL"),
        1
    );
    assert_eq!(world.count("SELECT count(*) FROM record WHERE conflicts_count > 0"), 0);
}

#[tokio::test]
async fn a_clock_in_2099_is_pulled_back_and_one_in_1970_still_works() {
    let world = World::new();
    let mut ahead = world.phone(world.a, Role::MicroGridManager).await;
    ahead.wall_ms = 4_070_908_800_000;
    let begun = ahead.dwelling("101");
    let id = begun.id;
    let answer = ahead.push(&world, std::slice::from_ref(&begun)).await;
    assert!(matches!(answer.verdicts[0].outcome, Outcome::Merged { .. }), "its stamp was changed");
    let mut behind = world.phone(world.a, Role::MicroGridManager).await;
    behind.wall_ms = 86_400_000;
    let edit =
        behind.op(Kind::Dwelling, id, set(json!({ "use": "shop" }), json!({ "use": [begun.op_id(ahead.device)] })));
    let answer = behind.push(&world, &[edit]).await;
    let record: Value = serde_json::from_str(answer.verdicts[0].record.as_ref().unwrap().get()).unwrap();
    assert_eq!(record["f"]["use"], "shop", "it saw the other and is later");
    let visit = behind.visit("七十年代");
    assert_eq!(behind.push(&world, &[visit]).await.verdicts[0].outcome, Outcome::Applied);
}

#[tokio::test]
async fn late_work_is_judged_by_the_post_that_was_held_when_it_was_done() {
    let world = World::new();
    let staff = world.staff("测试甲");
    let post = world.assign(staff, world.a, Role::MicroGridManager);
    let mut phone = world.phone_of(staff, world.a).await;
    let before = phone.visit("交接之前");
    world.pass_ms(3_600_000);
    let handed_over_ms = world.now_ms();
    world.sql("UPDATE assignment SET to_ms = ?2 WHERE id = ?1", (post.as_bytes(), handed_over_ms));
    phone.wall_ms = handed_over_ms + 1000;
    let after = phone.visit("交接之后");
    world.pass_ms(86_400_000);
    phone.sign_in(&world).await;
    let answer = phone.push(&world, &[before, after]).await;
    assert_eq!(reason(&answer, 1), None);
    assert_eq!(reason(&answer, 2), Some(Refusal::NotAssigned));
    assert_eq!(
        world.count("SELECT count(*) FROM quarantine q JOIN unit u ON u.id = q.area WHERE u.name = '甲微网格'"),
        1
    );
    assert!(answer.verdicts.iter().all(|one| one.record.is_none()), "the area is no longer the caller's");
}

#[tokio::test]
async fn an_event_that_is_not_legal_any_more_becomes_a_late_note() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let matter = json!({ "source": "visit", "kind": "help", "track": "simple", "summary": "测试诉求", "due": "2026-11-30T00:00:00Z" });
    let report = entry(&phone, "report", json!({}));
    let id = phone.random.id();
    let begun = phone.op(Kind::Matter, id, Action::Create { fields: map(matter), entries: vec![report] });
    let withdraw = event(&phone, "withdraw", json!({ "reason": "居民撤回" }));
    let withdrawn = phone.op(Kind::Matter, id, withdraw);
    let answer = phone.push(&world, &[begun, withdrawn]).await;
    assert_eq!(answer.verdicts.len(), 1, "both applied");
    let handle = event(&phone, "self_handle", json!({ "done": "已处理" }));
    let late = phone.op(Kind::Matter, id, handle);
    let answer = phone.push(&world, &[late]).await;
    assert_eq!(answer.verdicts[0].outcome, Outcome::Merged { conflicts: vec![], late: true, held: false });
    assert!(answer.verdicts[0].record.as_ref().unwrap().get().contains("已处理"), "with its text");
    let desk = event(&phone, "dispatch", json!({ "unit": world.b }));
    let not_theirs = phone.op(Kind::Matter, id, desk);
    assert_eq!(reason(&phone.push(&world, &[not_theirs]).await, 4), Some(Refusal::NotAllowed));
}

#[tokio::test]
async fn work_that_comes_before_its_record_is_taken_when_the_record_comes() {
    let world = World::new();
    let mut author = world.phone(world.a, Role::MicroGridManager).await;
    let mut colleague = world.phone(world.a, Role::MicroGridManager).await;
    let mut elsewhere = world.phone(world.b, Role::MicroGridManager).await;
    let mut lost = world.phone(world.a, Role::MicroGridManager).await;
    let begun = author.dwelling("101");
    let edit = |phone: &mut Phone, used_as: &str| {
        phone.op(
            Kind::Dwelling,
            begun.id,
            set(json!({ "use": used_as }), json!({ "use": [begun.op_id(author.device)] })),
        )
    };
    let early = [edit(&mut colleague, "shop"), edit(&mut elsewhere, "vacant"), edit(&mut lost, "rented")];
    assert_eq!(reason(&colleague.push(&world, &early[..1]).await, 1), Some(Refusal::RecordMissing));
    let mut foreign = early[1].clone();
    foreign.area = world.a;
    assert_eq!(reason(&elsewhere.push(&world, &[foreign]).await, 1), Some(Refusal::NotAssigned));
    assert_eq!(reason(&lost.push(&world, &early[2..]).await, 1), Some(Refusal::RecordMissing));
    world.sql("UPDATE device SET status = 'revoked' WHERE id = ?1", [lost.device.as_bytes()]);
    colleague.pull(&world).await;

    assert_eq!(author.push(&world, std::slice::from_ref(&begun)).await.verdicts[0].outcome, Outcome::Applied);
    let record = world.app.store.read(|c| zoufang_sync_server::ledger::record(c, world.a, Kind::Dwelling, begun.id));
    let record = record.unwrap().unwrap();
    assert_eq!(
        (record.f["use"].as_str(), record.heads["use"].len()),
        (Some("shop"), 1),
        "the colleague had seen what it replaced"
    );
    assert_eq!(world.count("SELECT count(*) FROM quarantine WHERE settled_how = 'accepted'"), 1);
    assert_eq!(
        world.count("SELECT count(*) FROM quarantine WHERE settled_ms IS NULL"),
        2,
        "others wait for a supervisor"
    );
    for phone in [&mut author, &mut colleague] {
        assert_eq!(ids(&phone.pull(&world).await, Kind::Dwelling), [begun.id], "both hear of it");
    }
    let again = batch_text(colleague.device, Link::START, &[serde_json::to_string(&early[0]).unwrap()]);
    let again: PushAnswer = world.call(colleague.push_request(&again)).await.ok();
    assert_eq!(again.verdicts[0].outcome, Outcome::Merged { conflicts: vec![], late: false, held: false });
    assert!(again.verdicts[0].duplicate);
    let findings = world.app.store.read::<_, StoreError>(zoufang_sync_server::check::check).unwrap();
    assert!(findings.is_sound(), "{:?}", findings.problems);
}

#[tokio::test]
async fn waiting_work_is_known_to_the_server() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let visit = phone.visit("一");
    phone.push(&world, &[visit]).await;
    assert_eq!(world.count("SELECT unsent_count FROM device"), 3);
    assert_eq!(world.count("SELECT last_sync_ms IS NULL FROM device"), 1);
    phone.pull(&world).await;
    assert_eq!(world.count("SELECT unsent_count FROM device"), 2);
    assert_eq!(world.count("SELECT oldest_unsent_ms FROM device"), 1_795_391_000_000);
    assert_eq!(world.count("SELECT last_sync_ms FROM device"), world.now_ms());
}

#[tokio::test]
async fn nobody_writes_an_event_under_another_name() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let other = world.staff("测试他人");
    let mut report = support::entry(&phone, "report", json!({}));
    report.who = other;
    let whole = map(json!({"source": "visit", "kind": "help", "track": "simple", "summary": "测试",
        "due": "2026-12-01T00:00:00Z"}));
    let matter = phone.op(Kind::Matter, world.random.id(), Action::Create { fields: whole, entries: vec![report] });
    let answer = phone.push(&world, &[matter]).await;
    assert_eq!(answer.verdicts[0].outcome, Outcome::Quarantined { reason: Refusal::NotTheAuthor });
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 9"), 0);
}
