//! One town: the real server over its real store, real phones over SQLCipher files, and what may happen to any of their files.
//!
//! The divisions, the rosters and an empty phone database are made once a process and copied: making them would cost more than a seed.

use crate::plan::{AREAS_COUNT, Office};
use crate::posts::Posts;
use crate::promises::Promises;
use crate::wire::Wire;
use crate::work::Worker;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use tempfile::TempDir;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::ports::{KeyVault, MemoryKeyVault};
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::{Error, Options};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{DeviceId, UnitId};
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::import::apply::{self, Import, RosterTarget, Source};
use zoufang_sync_server::import::roster::{self, RosterOptions};
use zoufang_sync_server::store::StoreError;
use zoufang_sync_server::{App, backup, device};
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::{MINUTE_MS, MORNING_MS, SeededIds, SetClock};
use zoufang_tests::power_cut::recording::beside;
use zoufang_tests::power_cut::states::Files;
use zoufang_tests::power_cut::trial::folder;
use zoufang_tests::world::Server;

/// The key of every phone's database: they are copies of one.
const KEY_NAME: &str = "database";
const SERVER_FILE: &str = "server.db";

/// What every seed begins with.
struct Beginning {
    folder: TempDir,
    community: UnitId,
    areas: Vec<UnitId>,
    vault: MemoryKeyVault,
}

fn beginning() -> &'static Beginning {
    static BEGINNING: OnceLock<Beginning> = OnceLock::new();
    BEGINNING.get_or_init(|| {
        let folder = folder();
        let clock = SetClock::at(MORNING_MS);
        let server = Server::start(folder.path(), &clock, 0);
        let community = server.add_community();
        let area = |at: usize| server.add_micro_grid(community, &format!("测试微网格{at}"), 3 + at);
        let areas = (0..AREAS_COUNT).map(area).collect();
        drop(server);
        assert!(!beside(&folder.path().join(SERVER_FILE), "-wal").exists(), "the server's file is whole by itself");
        let vault = MemoryKeyVault::new();
        let vault = Arc::new(vault);
        let shared: Arc<dyn KeyVault> = Arc::clone(&vault) as _;
        let path = folder.path().join("phone.db");
        let mut phone =
            Phone::with_vault(Options::new(&path), clock, Arc::new(SeededIds::of(0, 1)), shared).expect("a phone");
        phone.close().expect("it closes");
        drop(phone);
        let vault = Arc::into_inner(vault).expect("nobody else holds the key");
        Beginning { folder, community, areas, vault }
    })
}

/// Where a phone stands with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Active,
    Revoked,
    Wiped,
    /// Two copies of it were seen.
    Forked,
}

/// A phone of the town.
pub(crate) struct Hand {
    pub(crate) number: usize,
    pub(crate) phone: Phone,
    pub(crate) wire: Wire,
    pub(crate) protocol: HttpProtocol<Wire>,
    pub(crate) device: DeviceId,
    pub(crate) standing: Standing,
    /// Whether it has spoken to the server since that was restored: before, the server may know less of it than it was told.
    pub(crate) knows_this_life: bool,
}

impl Hand {
    pub(crate) fn worker(&self, town: &Town) -> Worker {
        Worker {
            core: self.phone.core().clone(),
            phone: self.number,
            posts: town.posts.clone(),
            promises: town.promises.clone(),
        }
    }
}

/// A roster of one home.
struct Imported {
    text: String,
    batch: Option<i64>,
    is_undone: bool,
}

/// A town.
pub(crate) struct Town {
    pub(crate) clock: SetClock,
    pub(crate) server: Server,
    pub(crate) posts: Posts,
    pub(crate) promises: Promises,
    pub(crate) folder: TempDir,
    seed: u64,
    lives_count: u64,
    backup: Option<PathBuf>,
    /// What was imported meanwhile.
    rosters: Vec<Imported>,
}

impl Town {
    pub(crate) fn begin(seed: u64) -> Town {
        let begun = beginning();
        let folder = folder();
        let clock = SetClock::at(MORNING_MS + MINUTE_MS);
        let server_folder = folder.path().join("server-1");
        std::fs::create_dir(&server_folder).unwrap();
        std::fs::copy(begun.folder.path().join(SERVER_FILE), server_folder.join(SERVER_FILE)).unwrap();
        let server = Server::start_again(&server_folder, &clock, seed, 1);
        let posts = Posts::of(begun.community, &begun.areas);
        let promises = Promises::default();
        Town { clock, server, posts, promises, folder, seed, lives_count: 1, backup: None, rosters: Vec::new() }
    }
    /// A phone, enrolled and not synced yet.
    pub(crate) async fn phone(&self, number: usize, office: Office) -> Result<Hand, Error> {
        let begun = beginning();
        let path = self.folder.path().join(format!("phone-{number}.db"));
        std::fs::copy(begun.folder.path().join("phone.db"), &path).unwrap();
        let vault = MemoryKeyVault::new();
        vault.store(KEY_NAME, &begun.vault.fetch(KEY_NAME).unwrap().unwrap()).unwrap();
        let ids = Arc::new(SeededIds::of(self.seed, 1 + number as u64));
        let clock = SetClock::at(self.clock.now_ms());
        let phone = Phone::with_vault(Options::new(&path), clock, ids, Arc::new(vault))?;
        let staff = self.posts.begin(&self.server, &format!("测试人员{number}"), office);
        let wire = Wire::to(&self.server.app, number, self.posts.clone());
        let protocol = HttpProtocol::new(wire.clone());
        let code = self.server.enrol_code(staff);
        let input = EnrolInput { server_url: "http://127.0.0.1:9".to_owned(), ca_pem: None, code };
        phone.enrol(&protocol, input).await?;
        let device = phone.evidence()?.device;
        let standing = Standing::Active;
        Ok(Hand { number, phone, wire, protocol, device, standing, knows_this_life: true })
    }
    /// The server as it stands in the database.
    pub(crate) fn device(&self, id: DeviceId) -> Option<device::Device> {
        self.server.app.store.read::<_, StoreError>(|c| device::find(c, id)).expect("the server's database reads")
    }
    pub(crate) fn server_path(&self) -> PathBuf {
        self.server.app.store.path().to_owned()
    }
    /// Starts the server on files that are laid into a new folder.
    fn start_on(&mut self, hands: &[Hand], lay: impl FnOnce(&Path)) {
        self.lives_count += 1;
        let folder = self.folder.path().join(format!("server-{}", self.lives_count));
        std::fs::create_dir(&folder).unwrap();
        lay(&folder.join(SERVER_FILE));
        self.server = Server::start_again(&folder, &self.clock, self.seed, self.lives_count);
        hands.iter().for_each(|hand| hand.wire.lead_to(&self.server.app));
    }
    /// The server is killed and comes back on what lies in its files.
    pub(crate) fn restart(&mut self, hands: &[Hand]) {
        let path = self.server_path();
        self.start_on(hands, |to| {
            for suffix in ["", "-wal"] {
                if beside(&path, suffix).exists() {
                    std::fs::copy(beside(&path, suffix), beside(to, suffix)).unwrap();
                }
            }
        });
    }
    /// The server comes back on what a power cut left.
    pub(crate) fn restart_on(&mut self, hands: &[Hand], files: &Files) {
        self.start_on(hands, |to| {
            files.iter().for_each(|(name, content)| std::fs::write(beside(to, name), content).unwrap())
        });
    }
    /// Takes a backup.
    pub(crate) fn back_up(&mut self) {
        let target = self.folder.path().join(format!("backup-{}.db", self.promises.count()));
        let _ = std::fs::remove_file(&target);
        let now_ms = self.clock.now_ms();
        backup::to_file(&self.server.app.store, now_ms, &target).expect("a backup");
        self.backup = Some(target);
    }
    /// Puts the last backup in the server's place; its administrator does again what the backup does not know: posts, revocations,
    /// rosters. Gives false when there is no backup.
    pub(crate) fn restore(&mut self, hands: &mut [Hand]) -> bool {
        let Some(backup) = self.backup.clone() else { return false };
        self.start_on(hands, |to| {
            std::fs::copy(&backup, to).unwrap();
        });
        self.posts.repeat(&self.server);
        for hand in hands {
            hand.knows_this_life = false;
            match hand.standing {
                Standing::Active => {}
                Standing::Revoked | Standing::Wiped => self.server.revoke(hand.device),
                Standing::Forked => self.suspend(hand.device),
            }
        }
        for at in 0..self.rosters.len() {
            let batch = self.import(&self.rosters[at].text);
            let roster = &mut self.rosters[at];
            roster.batch = batch.or(roster.batch);
            if roster.is_undone {
                self.undo(at);
            }
        }
        true
    }
    fn suspend(&self, device: DeviceId) {
        let now_ms = self.clock.now_ms();
        let done =
            self.server.app.store.write::<_, StoreError>(|tx| device::suspend(tx, now_ms, Actor::Console, device));
        assert!(done.expect("the store writes"), "no such phone");
    }
    /// A home comes into an area by a roster.
    pub(crate) fn home_comes(&mut self, area: usize) {
        let at = self.rosters.len() + 1;
        let text =
            format!("社区代码,微网格,楼栋,单元,室,联系人\n990101001001,测试微网格{area},7,1,{at:03},测试户搬家\n");
        let batch = self.import(&text);
        self.rosters.push(Imported { text, batch, is_undone: false });
    }
    /// The last roster is taken back, as far as nobody has worked on what it brought.
    pub(crate) fn home_goes(&mut self) -> bool {
        let Some(at) = self.rosters.iter().rposition(|roster| !roster.is_undone) else { return false };
        self.rosters[at].is_undone = true;
        self.undo(at)
    }
    fn undo(&self, at: usize) -> bool {
        let batch = self.rosters[at].batch;
        batch.is_some_and(|batch| apply::undo(import_into(&self.server.app, &mut |_, _| {}), batch).is_ok())
    }
    fn import(&self, text: &str) -> Option<i64> {
        let read = roster::read(Cursor::new(text.as_bytes()), &RosterOptions::default()).unwrap();
        let target = RosterTarget { community: None, since: Moment::from_ms(MORNING_MS).day() };
        let source = Source { file_name: "测试花名册.csv".to_owned(), sha256: [self.rosters.len() as u8; 32] };
        let applied = apply::apply_roster(import_into(&self.server.app, &mut |_, _| {}), &source, &read, target);
        applied.expect("the roster is taken").batch
    }
}

fn import_into<'a>(app: &'a App, progress: &'a mut dyn FnMut(u64, u64)) -> Import<'a> {
    Import { store: &app.store, now_ms: app.now_ms(), progress }
}
