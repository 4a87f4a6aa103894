//! A server in process, and phones with software keys.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub)]

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use flate2::Compression;
use flate2::write::GzEncoder;
use http_body_util::BodyExt;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tower::ServiceExt;
use uuid::Uuid;
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId};
use zoufang_domain::operation::{Action, Entry, Fields, List, Operation};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::HybridClock;
use zoufang_domain::unit::{Level, OrgUnit};
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, proof_text};
use zoufang_domain::wire::push::PushAnswer;
use zoufang_domain::wire::session::{ChallengeAnswer, SessionAnswer, SessionRequest, challenge_text};
use zoufang_domain::wire::{header as own_header, pull::PullAnswer, route};
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::ports::{Clock, Random};
use zoufang_sync_server::store::{Store, StoreError};
use zoufang_sync_server::{App, Config, build_router, enrol, signature, units};

/// 2026-11-23 08:00 in China.
pub const MORNING_MS: i64 = 1_795_392_000_000;

#[derive(Clone)]
pub struct TestClock(pub Arc<AtomicI64>);
impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Repeats itself from run to run: splitmix64.
pub struct TestRandom(AtomicU64);
impl TestRandom {
    pub fn new(seed: u64) -> Self {
        TestRandom(AtomicU64::new(seed))
    }
    pub fn next(&self) -> u64 {
        let mut z = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    pub fn id(&self) -> Uuid {
        uuid::Builder::from_u128((u128::from(self.next()) << 64) | u128::from(self.next())).into_uuid()
    }
}
impl Random for TestRandom {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.next() as u8);
    }
}

pub struct World {
    pub folder: tempfile::TempDir,
    pub clock: TestClock,
    pub app: Arc<App>,
    pub router: Router,
    pub random: TestRandom,
    pub community: UnitId,
    pub grid: UnitId,
    pub a: UnitId,
    pub b: UnitId,
}

/// The answer to a request.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Bytes of the body as sent.
    pub encoded_bytes: usize,
}
impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
    #[track_caller]
    pub fn problem(&self) -> String {
        assert!(self.status.as_u16() >= 400, "{} {}", self.status, String::from_utf8_lossy(&self.body));
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        let id = json["id"].as_str().unwrap().to_owned();
        assert!(zoufang_domain::message::exists(&id), "{id} has no message");
        id
    }
    #[track_caller]
    pub fn ok<T: serde::de::DeserializeOwned>(&self) -> T {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl World {
    pub fn new() -> World {
        World::open(tempfile::tempdir().unwrap(), 1)
    }
    /// Over the database of a folder, which gets a first tree if it has none.
    pub fn open(folder: tempfile::TempDir, seed: u64) -> World {
        let store = Store::open(&folder.path().join("server.db")).unwrap();
        let clock = TestClock(Arc::new(AtomicI64::new(MORNING_MS)));
        let app = App::with_ports(
            store,
            Config::new(folder.path()),
            Box::new(clock.clone()),
            Box::new(TestRandom::new(seed)),
        )
        .unwrap();
        let unit = |text: &str| UnitId(zoufang_domain::ids::derived(&["test", text]));
        let (city, community, grid, a, b) = (unit("city"), unit("community"), unit("grid"), unit("a"), unit("b"));
        app.store
            .write::<_, zoufang_sync_server::ledger::LedgerError>(|tx| {
                let add = |id, level, name: &str, parent| {
                    let unit = OrgUnit { level, name: name.into(), code: None, parent, from: None, to: None };
                    units::create(tx, MORNING_MS, CONSOLE, id, &unit).map(|_| ())
                };
                add(city, Level::City, "测试市", None)?;
                add(community, Level::Community, "测试社区", Some(city))?;
                add(grid, Level::Grid, "第一网格", Some(community))?;
                add(a, Level::MicroGrid, "甲微网格", Some(grid))?;
                add(b, Level::MicroGrid, "乙微网格", Some(grid))
            })
            .unwrap();
        World {
            router: build_router(Arc::clone(&app)),
            folder,
            clock,
            app,
            random: TestRandom::new(seed + 7),
            community,
            grid,
            a,
            b,
        }
    }
    pub fn pass_ms(&self, ms: i64) {
        self.clock.0.fetch_add(ms, Ordering::SeqCst);
    }
    pub fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }
    pub fn staff(&self, name: &str) -> StaffId {
        let id = StaffId(self.random.id());
        self.sql("INSERT INTO staff (id, name) VALUES (?1, ?2)", (id.as_bytes(), name));
        id
    }
    pub fn assign(&self, staff: StaffId, unit: UnitId, role: Role) -> Uuid {
        let id = self.random.id();
        let sql = "INSERT INTO assignment (id, staff, unit, role, from_ms) VALUES (?1, ?2, ?3, ?4, ?5)";
        self.sql(sql, (id.as_bytes(), staff.as_bytes(), unit.as_bytes(), role.name(), MORNING_MS - 86_400_000));
        id
    }
    pub fn sql(&self, sql: &str, params: impl rusqlite::Params) -> usize {
        self.app.store.write::<_, StoreError>(|tx| Ok(tx.execute(sql, params)?)).unwrap()
    }
    pub fn count(&self, sql: &str) -> i64 {
        self.app.store.read::<_, StoreError>(|c| Ok(c.query_row(sql, [], |row| row.get(0))?)).unwrap()
    }
    pub fn code(&self, staff: StaffId) -> String {
        let (now_ms, random) = (self.now_ms(), &self.random);
        self.app.store.write(|tx| enrol::make_code(tx, random, staff, now_ms, Actor::Console)).unwrap()
    }
    pub async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let mut body = body.collect().await.unwrap().to_bytes().to_vec();
        let encoded_bytes = body.len();
        if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip") {
            let mut plain = Vec::new();
            flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
            body = plain;
        }
        Answer { status: parts.status, headers: parts.headers, body, encoded_bytes }
    }
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Request::post(path).body(Body::from(body.to_string())).unwrap()).await
    }
    /// A new person with a post and an enrolled, signed-in phone.
    pub async fn phone(&self, area: UnitId, role: Role) -> Phone {
        let staff = self.staff("测试甲");
        self.assign(staff, area, role);
        self.phone_of(staff, area).await
    }
    pub async fn phone_of(&self, staff: StaffId, area: UnitId) -> Phone {
        let mut phone = Phone::new(staff, area);
        let answer = self.post(route::ENROL, &phone.enrol_request(&self.code(staff))).await;
        let joined: EnrolAnswer = answer.ok();
        phone.device = joined.device;
        phone.sign_in(self).await;
        phone
    }
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A phone in the shape that the protocol knows: a key, a chain, a cursor.
#[derive(Clone)]
pub struct Phone {
    key: Arc<EcdsaKeyPair>,
    pub device: DeviceId,
    pub staff: StaffId,
    pub area: UnitId,
    pub token: Option<String>,
    pub counter: u64,
    pub link: Link,
    pub clock: HybridClock,
    pub wall_ms: i64,
    pub cursor: Option<String>,
    pub random: Arc<TestRandom>,
}

impl Phone {
    #[allow(clippy::disallowed_methods)]
    pub fn new(staff: StaffId, area: UnitId) -> Phone {
        let rng = ring::rand::SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &rng).unwrap();
        let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &rng).unwrap();
        let mut seed = [0; 8];
        seed.copy_from_slice(&key.public_key().as_ref()[1..9]);
        Phone {
            key: Arc::new(key),
            device: DeviceId(Uuid::nil()),
            staff,
            area,
            token: None,
            counter: 0,
            link: Link::START,
            clock: HybridClock::default(),
            wall_ms: MORNING_MS,
            cursor: None,
            random: Arc::new(TestRandom::new(u64::from_be_bytes(seed))),
        }
    }
    #[allow(clippy::disallowed_methods)]
    pub fn sign(&self, message: &[u8]) -> String {
        let signed = self.key.sign(&ring::rand::SystemRandom::new(), message).unwrap();
        signature::to_base64(signed.as_ref())
    }
    pub fn public_key(&self) -> String {
        signature::to_base64(self.key.public_key().as_ref())
    }
    pub fn enrol_request(&self, code: &str) -> Value {
        let public_key = self.public_key();
        let proof = self.sign(proof_text(code, &public_key).as_bytes());
        let request = EnrolRequest {
            protocol: 1,
            code: code.into(),
            public_key,
            proof,
            platform: "cli".into(),
            app_version: "0.1.0".into(),
            returning: None,
        };
        serde_json::to_value(request).unwrap()
    }
    pub async fn challenge(&self, world: &World) -> Answer {
        world.post(route::CHALLENGE, &json!({ "device": self.device })).await
    }
    pub async fn try_sign_in(&self, world: &World) -> Answer {
        let challenge = self.challenge(world).await;
        if challenge.status != 200 {
            return challenge;
        }
        let nonce = challenge.ok::<ChallengeAnswer>().nonce;
        let signature = self.sign(challenge_text(self.device, &nonce).as_bytes());
        let request =
            SessionRequest { device: self.device, nonce, signature, protocol: 1, app_version: "0.1.0".into() };
        world.post(route::SESSION, &serde_json::to_value(request).unwrap()).await
    }
    pub async fn sign_in(&mut self, world: &World) {
        let answer: SessionAnswer = self.try_sign_in(world).await.ok();
        self.token = Some(answer.token);
    }
    pub fn op(&mut self, kind: Kind, id: Uuid, action: Action) -> Operation {
        self.counter += 1;
        Operation {
            counter: self.counter,
            at: self.clock.tick(self.wall_ms),
            staff: self.staff,
            area: self.area,
            kind,
            id,
            action,
        }
    }
    pub fn visit(&mut self, note: &str) -> Operation {
        let fields = json!({
            "household": Uuid::from_u128(77), "staff": [self.staff], "started_at": "2026-11-23T00:05:00Z",
            "mode": "door", "outcome": "done", "duties": ["information"], "note": note
        });
        let id = self.random.id();
        self.op(Kind::Visit, id, create(fields))
    }
    pub fn dwelling(&mut self, room: &str) -> Operation {
        let fields = json!({ "address": { "building": "1", "unit": "2", "room": room }, "use": "own" });
        let id = self.random.id();
        self.op(Kind::Dwelling, id, create(fields))
    }
    /// The batch's text after the phone's link, which moves on.
    pub fn batch(&mut self, operations: &[String]) -> String {
        let prev = self.link;
        for text in operations {
            self.link = self.link.then(text.as_bytes());
        }
        batch_text(self.device, prev, operations)
    }
    pub fn push_request(&self, body: &str) -> Request<Body> {
        self.push_signed(body, &self.sign(body.as_bytes()))
    }
    pub fn push_signed(&self, body: &str, signature: &str) -> Request<Body> {
        let mut request = Request::post(route::PUSH)
            .header(own_header::SIGNATURE, signature)
            .header(own_header::WAITING, "3;1795391000000")
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(header::CONTENT_ENCODING, "gzip");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        request.body(Body::from(gzip(body.as_bytes()))).unwrap()
    }
    pub async fn try_push(&mut self, world: &World, operations: &[Operation]) -> Answer {
        let texts: Vec<String> = operations.iter().map(|one| serde_json::to_string(one).unwrap()).collect();
        let body = self.batch(&texts);
        world.call(self.push_request(&body)).await
    }
    pub async fn push(&mut self, world: &World, operations: &[Operation]) -> PushAnswer {
        self.try_push(world, operations).await.ok()
    }
    pub async fn try_pull(&self, world: &World, cursor: Option<&str>, digest: bool) -> Answer {
        let mut address = format!("{}?", route::PULL);
        if let Some(cursor) = cursor {
            address += &format!("cursor={cursor}");
        }
        if digest {
            address += "&digest=1";
        }
        let mut request = Request::get(address)
            .header(header::ACCEPT_ENCODING, "gzip")
            .header(own_header::WAITING, "2;1795391000000");
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        world.call(request.body(Body::empty()).unwrap()).await
    }
    /// One page from where the phone stands.
    pub async fn pull(&mut self, world: &World) -> PullAnswer {
        let cursor = self.cursor.clone();
        let answer: PullAnswer = self.try_pull(world, cursor.as_deref(), false).await.ok();
        self.cursor = Some(answer.cursor.clone());
        self.clock.observe(answer.server_time);
        answer
    }
}

pub fn batch_text(device: DeviceId, prev: Link, operations: &[String]) -> String {
    format!("{{\"protocol\":1,\"device\":\"{device}\",\"prev\":\"{prev}\",\"operations\":[{}]}}", operations.join(","))
}

pub fn create(fields: Value) -> Action {
    Action::Create { fields: map(fields), entries: vec![] }
}

pub fn set(fields: Value, base: Value) -> Action {
    Action::Set { fields: map(fields), base: serde_json::from_value(base).unwrap(), was: Fields::new() }
}

pub fn event(phone: &Phone, what: &str, data: Value) -> Action {
    Action::Append { entry: entry(phone, what, data) }
}

pub fn entry(phone: &Phone, what: &str, data: Value) -> Entry {
    Entry {
        id: phone.random.id(),
        list: List::Events,
        what: what.into(),
        when: zoufang_domain::calendar::Moment::from_ms(phone.wall_ms),
        who: phone.staff,
        data: map(data),
    }
}

pub fn map(value: Value) -> Fields {
    match value {
        Value::Object(map) => map.into_iter().collect(),
        _ => Fields::new(),
    }
}

/// The record ids of a page.
pub fn ids(answer: &PullAnswer, kind: Kind) -> Vec<Uuid> {
    use zoufang_domain::wire::pull::Row;
    let records = answer.rows.iter().filter_map(|row| match row {
        Row::Is(body) => serde_json::from_str::<zoufang_domain::record::Record>(body.get()).ok(),
        Row::Gone { .. } => None,
    });
    records.filter(|record| record.kind == kind).map(|record| record.id).collect()
}
