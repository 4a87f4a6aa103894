//! Databases as the first version made them, kept in `tests/fixtures`: a phone with a thousand operations of every kind that it has not
//! sent, and the server that they are for. `cargo run -p zoufang-tests --example fixture` makes those of the version at hand.
//!
//! Names, ids, keys and times are always the same; the bytes are not, since each page of a phone's file is encrypted with chance.

use crate::phone::Phone;
use crate::ports::{MINUTE_MS, MORNING_MS, SeededIds, SetClock};
use crate::test_key;
use crate::workday::{ROUND_STEPS_COUNT, Workday};
use crate::world::{Line, Server};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::ports::{Key, KeyVault, MemoryKeyVault};
use zoufang_core::store::open::KEY_NAME;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::visits::VisitDraft;
use zoufang_core::{Error, Options};
use zoufang_domain::calendar::Moment;
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};

/// Operations that the phone has not sent.
pub const UNSENT_COUNT: u64 = 1_000;
/// Most operations of one step of a workday.
const STEP_OPERATIONS_MAX_COUNT: u64 = 6;
const HOMES_COUNT: usize = 12;
const SEED: u64 = 8;
/// The key of the phone's database: no secret.
const DATABASE_KEY: [u8; 32] = *b"a key that everybody may know :)";

/// Where fixtures are kept.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The files of a version: the phone's database and the server's.
pub fn files(folder: &Path, version: u32) -> [PathBuf; 2] {
    [folder.join(format!("v{version}-phone.db")), folder.join(format!("v{version}-server.db"))]
}

/// Makes both databases as this version makes them.
///
/// # Panics
/// When one of them cannot be made or moved.
pub async fn make(folder: &Path, version: u32) {
    let made = tempfile::tempdir().expect("a folder");
    let clock = SetClock::at(MORNING_MS);
    let server = Server::start(made.path(), &clock, SEED);
    let community = server.add_community();
    server.add_micro_grid(community, "测试微网格", HOMES_COUNT);
    let staff = server.add_staff("测试网格长");
    server.post(staff, community, Role::GridLeader);
    let mut phone = phone(&made.path().join("phone.db"), clock.clone()).expect("the phone's database is made");
    let line = Line::to(zoufang_sync_server::build_router(Arc::clone(&server.app)));
    let protocol = HttpProtocol::new(line.clone());
    let input =
        EnrolInput { server_url: "http://127.0.0.1:9".to_owned(), ca_pem: None, code: server.enrol_code(staff) };
    phone.enrol(&protocol, input).await.expect("the phone is enrolled");
    phone.sync_over(&protocol).await.expect("the first sync");
    let core = phone.core().clone();
    let mut workday = Workday::on(&core, Moment::from_ms(MORNING_MS).day());
    let unsent_count = || core.sync_status().expect("the phone knows").unsent_count;
    for number in 0.. {
        // The first round was sent and is kept, as on a phone in use.
        if number == ROUND_STEPS_COUNT {
            phone.sync_over(&protocol).await.expect("a round is sent");
        }
        if number > ROUND_STEPS_COUNT && unsent_count() + STEP_OPERATIONS_MAX_COUNT > UNSENT_COUNT {
            break;
        }
        clock.forward(MINUTE_MS);
        workday.step(number).expect("the work is done");
    }
    let home = core.homes(zoufang_core::views::Page::FIRST).expect("homes")[0].household;
    while unsent_count() < UNSENT_COUNT {
        core.save_visit(VisitDraft::new(home, Mode::Met, Outcome::Done)).expect("a visit is saved");
    }
    phone.close().expect("the phone's log is moved into its file");
    // The last who holds a server's database moves its log into it.
    drop((protocol, line, server));
    let [phone_file, server_file] = files(folder, version);
    std::fs::create_dir_all(folder).expect("a folder for fixtures");
    std::fs::copy(made.path().join("phone.db"), phone_file).expect("the phone's file can be copied");
    std::fs::copy(made.path().join("server.db"), server_file).expect("the server's file can be copied");
}

/// The databases of a version, copied where a test may change them. Neither is open.
pub struct Copies {
    /// The phone's file.
    pub phone: PathBuf,
    /// The server's, `server.db` in a folder of its own.
    pub server: PathBuf,
    folder: TempDir,
}

impl Copies {
    /// Copies of a version's files.
    ///
    /// # Panics
    /// When they are not there.
    pub fn of(version: u32) -> Copies {
        let copies = tempfile::tempdir().expect("a folder");
        let [phone_file, server_file] = files(&folder(), version);
        let (phone, data_dir) = (copies.path().join("phone.db"), copies.path().join("server"));
        std::fs::create_dir(&data_dir).expect("a folder for the server");
        let server = data_dir.join("server.db");
        std::fs::copy(phone_file, &phone).expect("the phone's fixture is there");
        std::fs::copy(server_file, &server).expect("the server's fixture is there");
        Copies { phone, server, folder: copies }
    }
    /// The folder of both.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
    /// Starts the phone on its copy, the morning after.
    ///
    /// # Errors
    /// What the core says of the file.
    pub fn start_phone(&self) -> Result<Phone, Error> {
        phone(&self.phone, morning_after())
    }
    /// Starts the server on its copy.
    ///
    /// # Panics
    /// When the store does not open.
    pub fn start_server(&self) -> Server {
        let data_dir = self.server.parent().expect("the server's file lies in a folder");
        Server::start_again(data_dir, &morning_after(), SEED, 2)
    }
}

fn morning_after() -> SetClock {
    SetClock::at(MORNING_MS + crate::ports::DAY_MS)
}

fn phone(path: &Path, clock: SetClock) -> Result<Phone, Error> {
    let signer = Arc::new(test_key::signer());
    Phone::with_keys(Options::new(path), clock, Arc::new(SeededIds::of(SEED, 1)), Arc::new(vault()), signer)
}

/// A key store with the one key.
///
/// # Panics
/// When it does not take it.
pub fn vault() -> MemoryKeyVault {
    let vault = MemoryKeyVault::new();
    vault.store(KEY_NAME, &Key::new(DATABASE_KEY)).expect("a store in memory takes a key");
    vault
}
