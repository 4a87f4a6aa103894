//! What the targets work on: a real server with one phone, the same in every run, and the requests that the phone made. Each thread has
//! one of its own; nothing that a target does to its database stays, unless it says so.

use crate::phone::Phone;
use crate::ports::{MORNING_MS, SeededIds, SetClock};
use crate::test_key;
use crate::workday::{ROUND_STEPS_COUNT, Workday};
use crate::world::{Fault, Line, Server};
use bytes::Bytes;
use http::Request;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use zoufang_core::Options;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::ports::{MemoryKeyVault, Signer, SoftwareSigner};
use zoufang_core::sync::http::HttpProtocol;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::staff::Role;
use zoufang_sync_server::device::{self, Device};
use zoufang_sync_server::store::{StoreError, Transaction};

const SEED: u64 = 11;
const HOMES_COUNT: usize = 2;
/// Rounds of work that wait on the phone: a push of some 40 operations of every kind.
const STEPS_COUNT: usize = 2 * ROUND_STEPS_COUNT;

/// The server, with what the phone sent.
pub struct Desk {
    /// The server.
    pub server: Server,
    /// The phone.
    pub device: DeviceId,
    /// Its key.
    pub signer: SoftwareSigner,
    /// A code that nobody has used.
    pub code: String,
    /// What the phone sent: its enrolment, challenge, session, pull and a push that never arrived.
    pub requests: Vec<Request<Bytes>>,
    /// What the server answered to the first pull.
    pub pulled: Vec<u8>,
    /// For requests through the router.
    pub runtime: Runtime,
    _folder: TempDir,
}

thread_local! {
    static DESK: Desk = Desk::new();
}

/// Lets the thread's own desk be worked at.
pub fn with<T>(act: impl FnOnce(&Desk) -> T) -> T {
    DESK.with(act)
}

impl Desk {
    fn new() -> Desk {
        let folder = folder();
        let clock = SetClock::at(MORNING_MS);
        let server = Server::start(folder.path(), &clock, SEED);
        let community = server.add_community();
        server.add_micro_grid(community, "测试微网格", HOMES_COUNT);
        let staff = server.add_staff("测试网格长");
        server.post(staff, community, Role::GridLeader);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let line = Line::to(zoufang_sync_server::build_router(Arc::clone(&server.app)));
        line.keep_requests();
        line.keep_answers();
        let phone = phone(folder.path(), clock);
        let protocol = HttpProtocol::new(line.clone());
        let input =
            EnrolInput { server_url: "http://127.0.0.1:9".to_owned(), ca_pem: None, code: server.enrol_code(staff) };
        runtime.block_on(async {
            phone.enrol(&protocol, input).await.expect("the phone is enrolled");
            phone.sync_over(&protocol).await.expect("the first sync");
            let mut workday = Workday::on(phone.core(), Moment::from_ms(MORNING_MS).day());
            (0..STEPS_COUNT).for_each(|number| workday.step(number).expect("the work is done"));
            line.plan("push", Fault::RequestLost, 1);
            phone.sync_over(&protocol).await.expect_err("the push is lost");
        });
        let device = phone.evidence().expect("the phone's file reads").device;
        let answers = line.kept_answers();
        let pulled =
            answers.iter().map(crate::world::plain).find(|body| body.starts_with(b"{\"rows\"")).unwrap_or_default();
        let code = server.enrol_code(staff);
        let requests = line.kept_requests();
        Desk { server, device, signer: test_key::signer(), code, requests, pulled, runtime, _folder: folder }
    }
    /// The phone as the server knows it.
    ///
    /// # Panics
    /// When it does not: nothing here takes it away.
    pub fn phone(&self) -> Device {
        let found = self.server.app.store.read(|c| device::find(c, self.device));
        found.expect("the store reads").expect("the phone is enrolled")
    }
    /// The phone's signature.
    ///
    /// # Panics
    /// When the key signs nothing.
    pub fn sign(&self, content: &[u8]) -> Vec<u8> {
        self.signer.sign(content).expect("the key signs")
    }
    /// The kept request to addresses that contain this, the last of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn request(&self, path: &str) -> &Request<Bytes> {
        let last = self.requests.iter().rev().find(|request| request.uri().path().contains(path));
        last.expect("the phone sent one")
    }
    /// Does something in a write transaction of the server, and takes it back whole.
    ///
    /// # Panics
    /// When the store fails.
    pub fn undone<T>(&self, act: impl FnOnce(&Transaction<'_>) -> T) -> T {
        let mut done = None;
        let outcome: Result<(), StoreError> = self.server.app.store.write(|tx| {
            done = Some(act(tx));
            // The one error that rolls back and says nothing about the database.
            Err(StoreError::Closed)
        });
        assert!(matches!(outcome, Err(StoreError::Closed)), "{outcome:?}");
        done.expect("it was done")
    }
}

fn phone(folder: &Path, clock: SetClock) -> Phone {
    let ids = Arc::new(SeededIds::of(SEED, 1));
    let options = Options::new(folder.join("phone.db"));
    let signer = Arc::new(test_key::signer());
    Phone::with_keys(options, clock, ids, Arc::new(MemoryKeyVault::new()), signer)
        .expect("the phone's database is made")
}

/// In memory where there is such a place: what is here is made for one run.
fn folder() -> TempDir {
    match tempfile::tempdir_in("/dev/shm") {
        Ok(folder) => folder,
        Err(_) => tempfile::tempdir().expect("a folder"),
    }
}
