//! Joining and signing in.
#![allow(clippy::unwrap_used, missing_docs)]
mod support;

use serde_json::{Value, json};
use support::{Phone, World};
use uuid::Uuid;
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, OpId};
use zoufang_domain::staff::Role;
use zoufang_domain::wire::enrol::{EnrolAnswer, Returning};
use zoufang_domain::wire::push::Outcome;
use zoufang_domain::wire::route;
use zoufang_domain::wire::session::{ChallengeAnswer, SessionAnswer, SessionRequest, challenge_text};
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::ledger::SERVER_DEVICE;
use zoufang_sync_server::{device, enrol};

#[tokio::test]
async fn a_code_joins_one_phone_and_the_same_phone_may_ask_again() {
    let world = World::new();
    let staff = world.staff("测试甲");
    world.assign(staff, world.a, Role::MicroGridManager);
    let code = world.code(staff);
    let phone = Phone::new(staff, world.a);
    let first: EnrolAnswer = world.post(route::ENROL, &phone.enrol_request(&code)).await.ok();
    assert_eq!((first.staff, first.staff_name.as_str(), first.epoch), (staff, "测试甲", 1));
    let names: Vec<(&str, bool)> = first.grants.iter().map(|one| (one.name.as_str(), one.role.is_some())).collect();
    assert_eq!(names, [("测试市", false), ("测试社区", false), ("第一网格", false), ("甲微网格", true)]);
    assert_eq!(first.fingerprint, zoufang_domain::wire::enrol::fingerprint(&phone.public_key(), &code));

    let again: EnrolAnswer = world.post(route::ENROL, &phone.enrol_request(&code)).await.ok();
    assert_eq!(again.device, first.device, "the answer was lost and asked for again");
    let other = Phone::new(staff, world.a);
    let refused = world.post(route::ENROL, &other.enrol_request(&code)).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (409, "enrol.code_used"));
    assert_eq!(world.count("SELECT count(*) FROM device"), 1);
}

#[tokio::test]
async fn an_expired_code_and_an_unproven_key_join_nobody() {
    let world = World::new();
    let staff = world.staff("测试甲");
    let code = world.code(staff);
    let (phone, other) = (Phone::new(staff, world.a), Phone::new(staff, world.a));
    let mut request = phone.enrol_request(&code);
    request["proof"] = other.enrol_request(&code)["proof"].clone();
    assert_eq!(world.post(route::ENROL, &request).await.problem(), "enrol.key_invalid");
    let mut request = phone.enrol_request(&code);
    request["public_key"] = json!("BAAA");
    assert_eq!(world.post(route::ENROL, &request).await.problem(), "enrol.key_invalid");
    world.pass_ms(enrol::CODE_LASTS_MS);
    let late = world.post(route::ENROL, &phone.enrol_request(&code)).await;
    assert_eq!((late.status.as_u16(), late.problem().as_str()), (410, "enrol.code_expired"));
    assert_eq!(world.count("SELECT count(*) FROM device"), 0);
}

/// The request of a phone that says that it was enrolled before.
fn returning(phone: &Phone, code: &str, who: &Returning) -> Value {
    let mut request = phone.enrol_request(code);
    request["proof"] = json!(phone.sign(who.proof_text(code, &phone.public_key()).as_bytes()));
    request["returning"] = serde_json::to_value(who).unwrap();
    request
}

#[tokio::test]
async fn a_forgotten_phone_comes_back_as_the_device_that_it_was() {
    let world = World::new();
    let (staff, other) = (world.staff("测试甲"), world.staff("测试乙"));
    world.assign(staff, world.a, Role::MicroGridManager);
    let link = Link::START.then(b"what it has forgotten");
    let mut phone = Phone::new(staff, world.a);
    phone.device = DeviceId(Uuid::from_u128(0x7777));
    let who = Returning { device: phone.device, staff, after: 3, link };

    let others = world.code(other);
    let refused = world.post(route::ENROL, &returning(&phone, &others, &who)).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (403, "enrol.other_person"));
    let code = world.code(staff);
    let mut unproven = returning(&phone, &code, &who);
    unproven["returning"]["after"] = json!(2);
    assert_eq!(
        world.post(route::ENROL, &unproven).await.problem(),
        "enrol.key_invalid",
        "the proof covers where it begins"
    );
    let nowhere = Returning { after: 0, ..who.clone() };
    assert_eq!(world.post(route::ENROL, &returning(&phone, &code, &nowhere)).await.problem(), "request.malformed");
    assert_eq!(world.count("SELECT count(*) FROM device"), 0);
    assert_eq!(world.count("SELECT count(*) FROM enrol_code WHERE used_by IS NOT NULL"), 0, "the codes stay good");

    for code in [code.clone(), code, world.code(staff)] {
        let taken: EnrolAnswer = world.post(route::ENROL, &returning(&phone, &code, &who)).await.ok();
        assert_eq!(
            (taken.device, taken.staff),
            (who.device, staff),
            "also when the answer was lost, or its code has ended by then"
        );
    }
    assert_eq!(world.count("SELECT count(*) FROM audit WHERE what = 'device.returned' AND subject LIKE '%#3'"), 1);
    (phone.counter, phone.link) = (3, link);
    phone.sign_in(&world).await;
    let visit = phone.visit("测试：回来之后");
    let answer = phone.push(&world, &[visit]).await;
    assert_eq!((answer.acknowledged, &answer.verdicts[0].outcome), (4, &Outcome::Applied));
}

#[tokio::test]
async fn nobody_comes_back_under_an_id_that_is_anothers() {
    let world = World::new();
    let known = world.phone(world.a, Role::MicroGridManager).await;
    let staff = world.staff("测试乙");
    let phone = Phone::new(staff, world.a);
    // The same part of the id goes into the ids of operations.
    let (high, low) = known.device.0.as_u64_pair();
    let alike = DeviceId(Uuid::from_u64_pair(high ^ 0xff_0000, low ^ 0xff_0000));
    assert_eq!(OpId::of(alike, 1), OpId::of(known.device, 1));
    for device in [known.device, alike, SERVER_DEVICE] {
        let who = Returning { device, staff, after: 0, link: Link::START };
        let refused = world.post(route::ENROL, &returning(&phone, &world.code(staff), &who)).await;
        assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (409, "enrol.device_known"), "{device}");
    }
    let who = Returning { device: DeviceId(Uuid::from_u128(0x7777)), staff: known.staff, after: 0, link: Link::START };
    let refused = world.post(route::ENROL, &returning(&known, &world.code(known.staff), &who)).await;
    assert_eq!(refused.problem(), "enrol.device_known", "the key is another device's");
    assert_eq!(world.count("SELECT count(*) FROM device"), 1);
}

#[tokio::test]
async fn five_wrong_secrets_void_a_code_and_guessing_ids_is_slowed_down() {
    let world = World::new();
    let staff = world.staff("测试甲");
    let (code, good) = (world.code(staff), world.code(staff));
    let id = code.split_once('-').unwrap().0;
    let phone = Phone::new(staff, world.a);
    let guess = format!("{id}-{}", "7".repeat(26));
    for _ in 0..5 {
        assert_eq!(world.post(route::ENROL, &phone.enrol_request(&guess)).await.problem(), "enrol.code_wrong");
    }
    let void = world.post(route::ENROL, &phone.enrol_request(&code)).await;
    assert_eq!((void.status.as_u16(), void.problem().as_str()), (410, "enrol.code_void"));

    let unknown = format!("ZZZZZZZZ-{}", "7".repeat(26));
    let mut last = String::new();
    for _ in 0..40 {
        last = world.post(route::ENROL, &phone.enrol_request(&unknown)).await.problem();
    }
    assert_eq!(last, "request.too_often");
    let slowed = world.post(route::ENROL, &phone.enrol_request(&unknown)).await;
    assert!(slowed.json()["retry_after_s"].as_u64().unwrap() > 0 && slowed.headers.contains_key("retry-after"));
    let _: EnrolAnswer = world.post(route::ENROL, &phone.enrol_request(&good)).await.ok();
}

#[tokio::test]
async fn a_challenge_works_once_for_its_device_and_only_in_time() {
    let world = World::new();
    let phone = world.phone(world.a, Role::MicroGridManager).await;
    let other = world.phone(world.b, Role::MicroGridManager).await;
    let sign_in = |nonce: &str, by: &Phone| {
        let signature = by.sign(challenge_text(phone.device, nonce).as_bytes());
        let request = SessionRequest {
            device: phone.device,
            nonce: nonce.into(),
            signature,
            protocol: 1,
            app_version: "0.1.0".into(),
        };
        serde_json::to_value(request).unwrap()
    };
    let nonce = phone.challenge(&world).await.ok::<ChallengeAnswer>().nonce;
    assert_eq!(world.post(route::SESSION, &sign_in(&nonce, &other)).await.problem(), "session.signature");
    assert_eq!(world.post(route::SESSION, &sign_in(&nonce, &phone)).await.problem(), "session.signature", "gone");

    let nonce = phone.challenge(&world).await.ok::<ChallengeAnswer>().nonce;
    let _: SessionAnswer = world.post(route::SESSION, &sign_in(&nonce, &phone)).await.ok();
    assert_eq!(world.post(route::SESSION, &sign_in(&nonce, &phone)).await.problem(), "session.signature", "used");

    let nonce = phone.challenge(&world).await.ok::<ChallengeAnswer>().nonce;
    world.pass_ms(zoufang_sync_server::session::CHALLENGE_LASTS_MS);
    assert_eq!(world.post(route::SESSION, &sign_in(&nonce, &phone)).await.problem(), "session.signature", "late");
    for _ in 0..8 {
        assert_eq!(phone.challenge(&world).await.status, 200);
    }
    assert_eq!(phone.challenge(&world).await.problem(), "request.too_often");
}

#[tokio::test]
async fn sessions_end_and_nonsense_is_no_session() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    assert_eq!(phone.try_pull(&world, None, false).await.status, 200);
    world.pass_ms(i64::from(zoufang_sync_server::session::SESSION_LASTS_S) * 1000);
    let ended = phone.try_pull(&world, None, false).await;
    assert_eq!((ended.status.as_u16(), ended.problem().as_str()), (401, "session.expired"));
    phone.token = None;
    assert_eq!(phone.try_pull(&world, None, false).await.problem(), "session.required");
}

#[tokio::test]
async fn a_revoked_phone_is_refused_at_its_next_request_and_its_work_goes_into_quarantine() {
    let world = World::new();
    let mut phone = world.phone(world.a, Role::MicroGridManager).await;
    let first = phone.visit("第一次");
    assert_eq!(phone.push(&world, &[first]).await.acknowledged, 1);
    let (id, now_ms) = (phone.device, world.now_ms());
    world.app.store.write(|tx| device::revoke(tx, now_ms, Actor::Console, id)).unwrap();

    let refused = phone.try_pull(&world, None, false).await;
    assert_eq!((refused.status.as_u16(), refused.problem().as_str()), (403, "device.revoked"));
    assert_eq!(refused.json()["last_counter"], 1);
    assert_eq!(phone.try_sign_in(&world).await.problem(), "device.revoked");
    let operations = [phone.visit("未上传"), phone.visit("也未上传")];
    let mut with_token = phone.clone();
    assert_eq!(with_token.try_push(&world, &operations).await.problem(), "device.revoked");

    phone.token = None;
    let mut stranger = Phone::new(phone.staff, phone.area);
    stranger.device = phone.device;
    (stranger.counter, stranger.link) = (phone.counter, phone.link);
    assert_eq!(stranger.try_push(&world, &operations).await.problem(), "session.signature");
    let answer = phone.push(&world, &operations).await;
    assert_eq!((answer.acknowledged, answer.verdicts.len()), (3, 1));
    assert_eq!(
        serde_json::to_value(&answer.verdicts[0].outcome).unwrap()["quarantined"]["reason"]["id"],
        "device_revoked"
    );
    assert_eq!(world.count("SELECT count(*) FROM quarantine"), 2);
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 8"), 1, "nothing of it was applied");

    let mut active = world.phone(world.a, Role::MicroGridManager).await;
    active.token = None;
    let operation = active.visit("无令牌");
    assert_eq!(active.try_push(&world, &[operation]).await.problem(), "session.required");
}
