//! The real server's program, killed every 0.2 to 3 seconds and started again, under twenty phones that enrol, work and sync over HTTP.
//!
//! `KILLS_SECONDS` in the environment says for how long (30 if not said), `KILLS_SEED` another seed of the moments and the work. The
//! moments are those of a real clock, so a seed repeats the plan and not the run.

use crate::child::{Dead, ServerChild, ask};
use crate::ledgers;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::MatterDraft;
use zoufang_core::ports::{Clock, FileKeyVault, SystemClock, SystemIds};
use zoufang_core::sync::SyncReport;
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport, Timeouts};
use zoufang_core::visits::VisitDraft;
use zoufang_core::{Error, Options};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::store::Store;
use zoufang_sync_server::{App, Config};
use zoufang_tests::checkers::{differences, tally};
use zoufang_tests::dice::Dice;
use zoufang_tests::evidence::{self, ServerEvidence};
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::SetClock;
use zoufang_tests::world::{ROUNDS_MAX_COUNT, Server, all_homes};

const PHONES_COUNT: usize = 20;
const GRIDS_COUNT: usize = 5;
const HOMES_COUNT: usize = 12;
/// How long a server lives.
const LIFE_MS: (usize, usize) = (200, 3_000);
/// Short waits: the server answers at once, or is dead.
const TIMEOUTS: Timeouts = Timeouts { connect_ms: 2_000, read_ms: 5_000, exchange_ms: 10_000 };
/// After a broken exchange a phone waits for the server's next life, at most so long.
const NEXT_LIFE_MS: u64 = 500;

/// How the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Life {
    /// It is killed again and again; this is which life.
    Troubled(u32),
    /// It is left alone from here on.
    Calm,
}

/// A phone with its person.
struct Client {
    phone: Phone,
    protocol: HttpProtocol<ReqwestTransport>,
    key_name: String,
    code: String,
    server_url: String,
    dice: Dice,
    synced_count: u32,
    broken_count: u32,
}

impl Client {
    fn new(folder: &Path, number: usize, code: String, address: SocketAddr, seed: u64) -> Client {
        let key_name = format!("phone-{number:02}");
        let options = Options { path: folder.join(format!("{key_name}.db")), key_name: key_name.clone() };
        let (clock, vault) = (SetClock::at(SystemClock.now_ms()), Arc::new(FileKeyVault::new(folder)));
        let phone = Phone::with_vault(options, clock, Arc::new(SystemIds::new()), vault).unwrap();
        let server_url = format!("http://{address}");
        let protocol = HttpProtocol::new(ReqwestTransport::with_timeouts(&server_url, None, TIMEOUTS).unwrap());
        let dice = Dice::of(seed, number as u64);
        Client { phone, protocol, key_name, code, server_url, dice, synced_count: 0, broken_count: 0 }
    }
    /// Enrols, works and syncs until the server is left alone.
    async fn live(mut self, mut life: watch::Receiver<Life>) -> Client {
        while *life.borrow_and_update() != Life::Calm {
            match self.exchange().await {
                Ok(()) => self.synced_count += 1,
                Err(Error::Exchange(_)) => {
                    self.broken_count += 1;
                    let _ = tokio::time::timeout(Duration::from_millis(NEXT_LIFE_MS), life.changed()).await;
                }
                Err(other) => panic!("{}: {other:?}", self.key_name),
            }
            self.phone.clock.set(SystemClock.now_ms());
            for _ in 0..self.dice.below(4) {
                self.work().unwrap();
            }
        }
        self
    }
    async fn exchange(&mut self) -> Result<(), Error> {
        if self.phone.core().profile()?.is_none() {
            let input = EnrolInput { server_url: self.server_url.clone(), ca_pem: None, code: self.code.clone() };
            self.phone.enrol(&self.protocol, input).await?;
        }
        self.sync().await.map(|_| ())
    }
    async fn sync(&self) -> Result<SyncReport, Error> {
        let report = self.phone.sync_over(&self.protocol).await?;
        assert!(!report.was_repaired && report.quarantined_count == 0, "{}: {report:?}", self.key_name);
        Ok(report)
    }
    fn work(&mut self) -> Result<(), Error> {
        let core = self.phone.core();
        if core.profile()?.is_none() {
            return Ok(());
        }
        let homes = all_homes(core)?;
        if homes.is_empty() {
            return Ok(());
        }
        let (home, number) = (self.dice.pick(&homes), self.dice.below(10_000));
        match self.dice.below(10) {
            0..7 => {
                let note = format!("第 {number} 次{}", "记".repeat(self.dice.below(400)));
                let visit = VisitDraft { note, ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
                core.save_visit(visit).map(|_| ())
            }
            7 | 8 => {
                let phone = Some(Some(format!("1390005{number:04}")));
                core.edit_household(home.household, &HouseholdEdit { phone, ..HouseholdEdit::default() }).map(|_| ())
            }
            _ => {
                let mut matter = MatterDraft::new(MatterKind::Help, Track::Simple, format!("诉求 {number}"));
                matter.household = Some(home.household);
                core.report_matter(matter).map(|_| ())
            }
        }
    }
}

/// A server with micro-grids and their people, in a folder; and a code for each.
fn founded(data_dir: &Path) -> Vec<String> {
    let config = Config::new(data_dir);
    let server = Server::of(App::new(Store::open(&config.database()).unwrap(), config).unwrap());
    let community = server.add_community();
    let grids: Vec<_> = (0..GRIDS_COUNT)
        .map(|number| server.add_micro_grid(community, &format!("测试微网格{number}"), HOMES_COUNT))
        .collect();
    let code = |number: usize| {
        let staff = server.add_staff(&format!("测试网格员{number:02}"));
        server.post(staff, grids[number % GRIDS_COUNT], Role::MicroGridManager);
        server.enrol_code(staff)
    };
    (0..PHONES_COUNT).map(code).collect()
}

#[expect(clippy::disallowed_methods, reason = "a real process is killed at moments of real time")]
fn wait(for_ms: usize) {
    std::thread::sleep(Duration::from_millis(for_ms as u64));
}

/// Kills the server and starts it again until so much time has passed.
fn kill_again_and_again(
    mut server: ServerChild,
    dice: &mut Dice,
    for_ms: usize,
    life: &watch::Sender<Life>,
) -> (ServerChild, u32) {
    let (mut waited_ms, mut kills_count) = (0, 0);
    while waited_ms < for_ms {
        let lives_ms = dice.between(LIFE_MS.0, LIFE_MS.1);
        wait(lives_ms);
        waited_ms += lives_ms;
        server = died(server.kill()).start_again();
        kills_count += 1;
        life.send_replace(Life::Troubled(kills_count));
    }
    life.send_replace(Life::Calm);
    (server, kills_count)
}

/// A server that was killed had nothing to complain of: of its own accord it never ends.
fn died(dead: Dead) -> Dead {
    assert!(dead.complaints.is_empty(), "{:?}", dead.complaints);
    dead
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().unwrap_or_else(|_| panic!("{name}: {text}")))
}

/// Syncs all phones until nothing moves any more.
async fn settle(clients: &[Client]) {
    for _ in 0..ROUNDS_MAX_COUNT {
        let mut moved_count = 0;
        for client in clients {
            let report = client.sync().await.unwrap_or_else(|error| panic!("{}: {error:?}", client.key_name));
            assert!(report.complete, "{}", client.key_name);
            moved_count += report.pushed_count + report.pulled_count;
        }
        if moved_count == 0 {
            return;
        }
    }
    panic!("phones that are not disturbed still move after {ROUNDS_MAX_COUNT} rounds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing() {
    let (for_ms, seed) = (number("KILLS_SECONDS", 30) as usize * 1_000, number("KILLS_SEED", 20_261_124));
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("server");
    let codes = founded(&data_dir);
    let server = ServerChild::start(&data_dir, SocketAddr::from(([127, 0, 0, 1], 0)));
    let address = server.address;
    let (tell, life) = watch::channel(Life::Troubled(0));
    let lives = codes
        .into_iter()
        .enumerate()
        .map(|(number, code)| tokio::spawn(Client::new(folder.path(), number, code, address, seed).live(life.clone())));
    let lives: Vec<_> = lives.collect();
    let mut dice = Dice::new(seed);
    let killing = tokio::task::spawn_blocking(move || kill_again_and_again(server, &mut dice, for_ms, &tell));
    let (server, kills_count) = killing.await.unwrap();
    let mut clients = Vec::new();
    for living in lives {
        clients.push(living.await.unwrap());
    }
    for client in &mut clients {
        // The last kill may have left one behind.
        client.exchange().await.unwrap();
    }
    settle(&clients).await;
    died(server.kill());

    let broken_count: u32 = clients.iter().map(|client| client.broken_count).sum();
    let synced_count: u32 = clients.iter().map(|client| client.synced_count).sum();
    let operations_count = check(&data_dir, &clients);
    eprintln!(
        "{kills_count} kills in {for_ms} ms: {synced_count} syncs, {broken_count} broken; {operations_count} operations"
    );
    assert!(broken_count >= kills_count, "kills that nobody noticed: {broken_count} of {kills_count}");
    assert!(operations_count > 10 * PHONES_COUNT, "nobody worked: {operations_count}");
}

/// Holds the server's database to every promise. Gives how many operations the phones made.
fn check(data_dir: &Path, clients: &[Client]) -> usize {
    let checked = ask(data_dir, &["check", "--json"]);
    let findings: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!((checked.status.code(), &findings["problems_count"]), (Some(0), &0.into()), "{findings}");
    let store = Store::open(&Config::new(data_dir).database()).unwrap();
    let server = ServerEvidence::read(&store).unwrap();
    assert_eq!(server.quarantined_count, 0);
    let (mut saved, mut operations_count) = (BTreeSet::new(), 0);
    for client in clients {
        let found = client.phone.evidence().unwrap();
        assert_eq!((found.unsent_count, found.complete), (0, true), "{}", client.key_name);
        assert_eq!(differences(&found, &server), [], "{}", client.key_name);
        for (area, dump) in &found.areas {
            assert_eq!(findings["digests"][area.to_string()], evidence::digest(dump), "{}", client.key_name);
        }
        let made = ledgers::of_phone(&client.phone, &client.key_name);
        let apart = ledgers::apart(&made, &ledgers::of_server(&store, found.device));
        assert_eq!(apart, None, "{}", client.key_name);
        operations_count += made.len();
        saved.extend(found.own_visits);
    }
    let tally = tally(&saved, &server);
    assert!(tally.lost.is_empty() && tally.duplicated.is_empty(), "{tally:?}");
    operations_count
}
