//! A server for these tests: holds operations by counter and pages of records, and does what a script says to single exchanges.

use crate::ports::{Clock, MemoryKeyVault, Network, SoftwareSigner, SystemIds};
use crate::{ChangeSet, Core, Options, Ports};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use uuid::Uuid;
use zoufang_domain::chain::Link;
use zoufang_domain::ids::{DeviceId, OpId, StaffId, UnitId};
use zoufang_domain::message::Language;
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::unit::Level;
use zoufang_domain::wire::enrol::{EnrolAnswer, EnrolRequest, Grant, fingerprint};
use zoufang_domain::wire::problem::Problem;
use zoufang_domain::wire::pull::{PullAnswer, PullRequest, Row};
use zoufang_domain::wire::push::{Batch, Outcome, PushAnswer, PushRequest, Verdict};
use zoufang_domain::wire::session::{ChallengeAnswer, ChallengeRequest, SessionAnswer, SessionRequest, challenge_text};
use zoufang_domain::wire::{ExchangeError, SyncProtocol};

pub(super) const NOW_MS: i64 = 1_795_392_000_000; // 2026-11-23
pub(super) const AREA: UnitId = UnitId(Uuid::from_u128(0xa0));
pub(super) const OTHER_AREA: UnitId = UnitId(Uuid::from_u128(0xa1));
const DEVICE: DeviceId = DeviceId(Uuid::from_u128(0xd0));
const STAFF: StaffId = StaffId(Uuid::from_u128(0x50));

/// What happens to one exchange.
pub(super) enum Fault {
    /// It goes well.
    None,
    /// It does not reach the server.
    Cut,
    /// The server does it, and its answer is lost.
    AnswerLost,
    /// The server refuses.
    Refused(&'static str),
    /// It never ends.
    Hang,
    /// What the closure does happens while it is under way.
    Meanwhile(Box<dyn FnOnce() + Send>),
}

#[derive(Default)]
pub(super) struct State {
    pub(super) epoch: u32,
    pub(super) now_ms: i64,
    /// Operations held, by counter.
    pub(super) held: BTreeMap<u64, OpId>,
    /// The chain link after each.
    links: BTreeMap<u64, Link>,
    /// How often each was sent.
    pub(super) sent: BTreeMap<u64, u32>,
    /// Rows that come with the first page, as a newer server writes them.
    pub(super) later: Vec<&'static str>,
    pub(super) pages: Vec<Vec<Record>>,
    pub(super) grants: Option<Vec<Grant>>,
    pub(super) digests: Option<BTreeMap<UnitId, String>>,
    pub(super) is_revoked: bool,
    /// The exchanges so far: `push 1-500`, `pull -`, `pull 2`.
    pub(super) log: Vec<String>,
    faults: VecDeque<Fault>,
    token: Option<String>,
    public_key: Vec<u8>,
}

#[derive(Clone, Default)]
pub(super) struct Double(Arc<Mutex<State>>);

impl Double {
    pub(super) fn new() -> Self {
        let double = Double::default();
        double.state().epoch = 1;
        double.state().now_ms = NOW_MS;
        double
    }
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
    /// The next exchanges meet these.
    pub(super) fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults = faults.into_iter().collect();
    }
    pub(super) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }
    async fn meet<T>(
        &self,
        entry: String,
        act: impl FnOnce(&mut State) -> Result<T, ExchangeError>,
    ) -> Result<T, ExchangeError> {
        let fault = {
            let mut state = self.state();
            state.log.push(entry);
            state.faults.pop_front().unwrap_or(Fault::None)
        };
        match fault {
            Fault::None => act(&mut self.state()),
            Fault::Cut => Err(ExchangeError::Unreachable("cut".into())),
            Fault::AnswerLost => act(&mut self.state()).and(Err(ExchangeError::Unreachable("cut".into()))),
            Fault::Refused(id) => Err(refused(id)),
            Fault::Hang => std::future::pending().await,
            Fault::Meanwhile(happens) => {
                happens();
                act(&mut self.state())
            }
        }
    }
}

fn refused(id: &str) -> ExchangeError {
    ExchangeError::Problem(Box::new(Problem::new(id, 400, Language::En)))
}

impl State {
    fn verify(&self, text: &str, signature: &str) {
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.public_key);
        key.verify(text.as_bytes(), &STANDARD.decode(signature).unwrap()).expect("a signature by the enrolled key");
    }
    fn push(&mut self, request: &PushRequest) -> Result<PushAnswer, ExchangeError> {
        match &request.token {
            Some(_) if self.is_revoked => return Err(refused("device.revoked")),
            Some(token) if Some(token) != self.token.as_ref() => return Err(refused("session.expired")),
            None if !self.is_revoked => return Err(refused("session.required")),
            _ => {}
        }
        self.verify(&request.body, &request.signature);
        let batch: Batch<'_> = serde_json::from_str(&request.body).unwrap();
        let operations: Vec<Operation> =
            batch.operations.iter().map(|raw| serde_json::from_str(raw.get()).unwrap()).collect();
        let last_held = self.held.keys().next_back().copied().unwrap_or(0);
        if operations[0].counter > last_held + 1 {
            let mut problem = Problem::new("push.gap", 409, Language::En);
            problem.last_counter = Some(last_held);
            return Err(ExchangeError::Problem(Box::new(problem)));
        }
        let before = self.links.get(&(operations[0].counter - 1)).copied().unwrap_or(Link::START);
        if batch.begins.is_none() {
            assert_eq!(batch.prev, before, "the chain goes on");
        }
        let mut link = before;
        for (operation, raw) in operations.iter().zip(&batch.operations) {
            link = match zoufang_domain::erasure::redacted(raw.get()) {
                Some(was) => was.link,
                None => link.then(raw.get().as_bytes()),
            };
            if let Some(begins) = batch.begins.filter(|_| operation.counter == operations[0].counter) {
                assert_eq!(begins, link, "the chain goes on from what the phone no longer keeps");
            }
            self.links.insert(operation.counter, link);
            *self.sent.entry(operation.counter).or_default() += 1;
            let held = self.held.entry(operation.counter).or_insert(operation.op_id(batch.device));
            assert_eq!(*held, operation.op_id(batch.device), "one operation a counter");
        }
        let outcome = match self.is_revoked {
            true => Outcome::Quarantined { reason: Refusal::DeviceRevoked },
            false => Outcome::Applied,
        };
        let (from, to) = (operations[0].counter, operations[operations.len() - 1].counter);
        let acknowledged = self.held.keys().next_back().copied().unwrap_or(0);
        let verdicts = vec![Verdict { from, to, outcome, duplicate: false, record: None }];
        Ok(PushAnswer { epoch: self.epoch, server_time: Stamp::from_ms(self.now_ms), acknowledged, verdicts })
    }
    fn pull(&mut self, request: &PullRequest) -> Result<PullAnswer, ExchangeError> {
        if self.is_revoked {
            return Err(refused("device.revoked"));
        }
        if Some(&request.token) != self.token.as_ref() {
            return Err(refused("session.expired"));
        }
        // A cursor is `epoch-page`.
        let known = request.cursor.as_deref().map(|cursor| cursor.split_once('-').unwrap());
        let page: usize = match known {
            Some((epoch, page)) if epoch == self.epoch.to_string() => page.parse().unwrap(),
            _ => 0,
        };
        let rows = self.pages.get(page).into_iter().flatten();
        let is = |record: &Record| Row::Is(RawValue::from_string(record.to_canonical_json()).unwrap());
        let complete = page + 1 >= self.pages.len();
        Ok(PullAnswer {
            epoch: self.epoch,
            server_time: Stamp::from_ms(self.now_ms),
            cursor: format!("{}-{}", self.epoch, (page + 1).min(self.pages.len())),
            complete,
            from_start: known.is_none(),
            rows: rows
                .map(is)
                .chain(self.later.iter().filter(|_| page == 0).map(|row| serde_json::from_str(row).unwrap()))
                .collect(),
            grants: self.grants.take(),
            settled: Vec::new(),
            digests: self.digests.clone().filter(|_| complete && request.digest),
        })
    }
}

impl SyncProtocol for Double {
    async fn enrol(&self, request: &EnrolRequest) -> Result<EnrolAnswer, ExchangeError> {
        let act = |state: &mut State| {
            state.public_key = STANDARD.decode(&request.public_key).unwrap();
            state.verify(&request.proof_text(), &request.proof);
            Ok(EnrolAnswer {
                device: DEVICE,
                staff: STAFF,
                staff_name: "测试甲".into(),
                epoch: state.epoch,
                grants: vec![grant(AREA)],
                fingerprint: fingerprint(&request.public_key, &request.code),
                server_time: Stamp::from_ms(state.now_ms),
            })
        };
        self.meet("enrol".into(), act).await
    }
    async fn challenge(&self, _: &ChallengeRequest) -> Result<ChallengeAnswer, ExchangeError> {
        self.meet("challenge".into(), |_| Ok(ChallengeAnswer { nonce: "nonce".into() })).await
    }
    async fn sign_in(&self, request: &SessionRequest) -> Result<SessionAnswer, ExchangeError> {
        let act = |state: &mut State| {
            state.verify(&challenge_text(request.device, &request.nonce), &request.signature);
            let token = format!("token {}", state.log.len());
            state.token = Some(token.clone());
            Ok(SessionAnswer { token, lasts_s: 3600 })
        };
        self.meet("sign in".into(), act).await
    }
    async fn push(&self, request: &PushRequest) -> Result<PushAnswer, ExchangeError> {
        let batch: Batch<'_> = serde_json::from_str(&request.body).unwrap();
        let first: Operation = serde_json::from_str(batch.operations[0].get()).unwrap();
        let last = first.counter + batch.operations.len() as u64 - 1;
        let without = if request.token.is_none() { " without token" } else { "" };
        self.meet(format!("push {}-{last}{without}", first.counter), |state| state.push(request)).await
    }
    async fn pull(&self, request: &PullRequest) -> Result<PullAnswer, ExchangeError> {
        let cursor = request.cursor.as_deref().unwrap_or("none");
        let digest = if request.digest { " digest" } else { "" };
        self.meet(format!("pull {cursor}{digest}"), |state| state.pull(request)).await
    }
}

pub(super) fn grant(unit: UnitId) -> Grant {
    Grant { unit, level: Level::MicroGrid, name: "测试微网格".into(), role: Some(Role::MicroGridManager) }
}

/// A made-up resident as another phone wrote it.
pub(super) fn resident(number: u128, area: UnitId) -> Record {
    let v = Version { at: Stamp::from_ms(NOW_MS - 1000), by: DeviceId(Uuid::from_u128(0xd1)), counter: number as u64 };
    let mut record = Record::empty(Kind::Resident, Uuid::from_u128(number), area, v, StaffId(Uuid::from_u128(0x51)));
    record.f.insert("name".into(), json!(format!("张三样例{number}")));
    record
}

pub(super) struct TestClock(pub(super) AtomicI64);

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

pub(super) struct Phone {
    pub(super) core: Core,
    pub(super) clock: Arc<TestClock>,
    pub(super) vault: Arc<MemoryKeyVault>,
    pub(super) folder: tempfile::TempDir,
}

impl Phone {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW_MS)));
        let vault = Arc::new(MemoryKeyVault::new());
        let ports = Ports {
            clock: clock.clone(),
            ids: Arc::new(SystemIds::new()),
            vault: vault.clone(),
            signer: Arc::new(SoftwareSigner::generate().unwrap()),
            connectivity: Arc::new(Network::Unmetered),
        };
        let core = Core::open(Options::new(folder.path().join("phone.db")), ports).unwrap();
        Phone { core, clock, vault, folder }
    }
    /// Saves that many residents.
    pub(super) fn save(&self, count: usize) {
        save(&self.core, count).unwrap();
    }
}

pub(super) fn save(core: &Core, count: usize) -> Result<(), crate::Error> {
    core.work(|work| {
        let mut touched = Vec::with_capacity(count);
        for _ in 0..count {
            let fields: Fields = [("name".to_owned(), json!("测试乙"))].into();
            let id = work.new_id();
            work.perform(AREA, Kind::Resident, id, Action::Create { fields, entries: Vec::new() })?;
            touched.push((Kind::Resident, id));
        }
        Ok(((), ChangeSet::of(&touched)))
    })
}
