//! A world: one server and some phones in one process, joined through the server's real router, with faults on every line and clocks in
//! the test's hand. What a world promises is checked against the databases.

mod line;
mod server;

pub use line::{Fault, Line, plain};
pub use server::{Server, beside};

use crate::checkers::{differences, tally};
use crate::evidence::PhoneEvidence;
use crate::phone::Phone;
use crate::ports::{MORNING_MS, SeededIds, SetClock};
use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;
use zoufang_core::enrolment::{EnrolInput, Enrolled};
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::outbox;
use zoufang_core::sync::SyncReport;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::views::{HomeView, Page};
use zoufang_core::{Core, Error};
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::HybridClock;
use zoufang_sync_server::backup;

/// The address that phones are told; nothing listens there.
const ADDRESS: &str = "http://127.0.0.1:9";
/// Syncs after which phones that are not disturbed must agree (assurance.md, P4).
pub const ROUNDS_MAX_COUNT: usize = 5;

/// A world.
pub struct World {
    /// The server's clock.
    pub clock: SetClock,
    /// The server.
    pub server: Server,
    /// The community that micro-grids are made in.
    pub community: UnitId,
    folder: TempDir,
    seed: u64,
    phones_count: u64,
    lives_count: u64,
}

impl World {
    /// A world with a server and a tree of divisions, at nine in the morning of 2026-11-23.
    ///
    /// # Panics
    /// When it cannot be made: there is no test without it.
    pub fn new(seed: u64) -> World {
        let folder = tempfile::tempdir().expect("a folder");
        let data_dir = folder.path().join("server");
        std::fs::create_dir(&data_dir).expect("a folder for the server");
        let clock = SetClock::at(MORNING_MS);
        let server = Server::start(&data_dir, &clock, seed);
        let community = server.add_community();
        World { clock, server, community, folder, seed, phones_count: 0, lives_count: 1 }
    }
    /// Adds a micro-grid with so many made-up homes, by its roster.
    ///
    /// # Panics
    /// When the server does not take the roster.
    pub fn micro_grid(&self, name: &str, homes_count: usize) -> UnitId {
        self.server.add_micro_grid(self.community, name, homes_count)
    }
    /// Adds a member of staff with a post.
    pub fn staff(&self, name: &str, unit: UnitId, role: Role) -> StaffId {
        let staff = self.server.add_staff(name);
        self.server.post(staff, unit, role);
        staff
    }
    /// Adds a manager of a micro-grid.
    pub fn manager(&self, name: &str, area: UnitId) -> StaffId {
        self.staff(name, area, Role::MicroGridManager)
    }
    /// Gives a member of staff a phone: enrolled by a one-time code, not synced yet.
    ///
    /// # Panics
    /// When it cannot be enrolled.
    pub async fn phone(&mut self, staff: StaffId) -> Handset {
        let handset = self.blank_phone();
        let code = self.server.enrol_code(staff);
        handset.phone.enrol(&handset.protocol, enrol_input(code)).await.expect("the phone is enrolled");
        handset
    }
    /// Enrols a phone whose database was made anew.
    ///
    /// # Panics
    /// When it cannot be enrolled.
    pub async fn enrol_again(&self, phone: &Handset, staff: StaffId) {
        let code = self.server.enrol_code(staff);
        phone.phone.enrol(&phone.protocol, enrol_input(code)).await.expect("the phone is enrolled");
    }
    /// A phone that is not enrolled.
    ///
    /// # Panics
    /// When its database cannot be made.
    pub fn blank_phone(&mut self) -> Handset {
        self.phones_count += 1;
        let path = self.folder.path().join(format!("phone-{}.db", self.phones_count));
        let ids = Arc::new(SeededIds::of(self.seed, self.phones_count));
        let phone = Phone::new(&path, SetClock::at(self.clock.now_ms()), ids).expect("the phone's database is made");
        self.joined(phone)
    }
    /// A manager's phone after its first sync.
    ///
    /// # Panics
    /// When it does not get there.
    pub async fn managers_phone(&mut self, name: &str, area: UnitId) -> Handset {
        let staff = self.manager(name, area);
        let phone = self.phone(staff).await;
        phone.must_sync().await;
        phone
    }
    /// A copy of a phone, as a restored backup of it makes one.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn clone_of(&mut self, phone: &Handset) -> Handset {
        self.phones_count += 1;
        let path = self.folder.path().join(format!("phone-{}.db", self.phones_count));
        let copy = phone.clone_to(&path).expect("the copy opens");
        self.joined(copy)
    }
    fn joined(&self, phone: Phone) -> Handset {
        let line = Line::to(zoufang_sync_server::build_router(Arc::clone(&self.server.app)));
        Handset { phone, protocol: HttpProtocol::new(line.clone()), line }
    }
    /// Moves every clock by so much.
    pub fn forward(&self, phones: &[&Handset], by_ms: i64) {
        self.clock.forward(by_ms);
        phones.iter().for_each(|phone| phone.clock.forward(by_ms));
    }
    /// Takes a backup of the server while it runs.
    ///
    /// # Panics
    /// When there is none.
    pub fn backup(&self) -> PathBuf {
        let target = self.folder.path().join(format!("backup-{}.db", self.clock.now_ms()));
        backup::to_file(&self.server.app.store, self.clock.now_ms(), &target).expect("a backup");
        target
    }
    /// Puts a backup in the server's place; every phone's line leads there from now on.
    ///
    /// # Panics
    /// When the server does not start on it.
    pub fn restore(&mut self, backup: &Path, phones: &[&Handset]) {
        self.lives_count += 1;
        let data_dir = self.folder.path().join(format!("server-{}", self.lives_count));
        std::fs::create_dir(&data_dir).expect("a folder for the server");
        std::fs::copy(backup, data_dir.join("server.db")).expect("the backup can be copied");
        // The list of erasures goes along, as it stands by then.
        let erasures = self.server.app.store.path().with_extension("db.erasures");
        if erasures.exists() {
            std::fs::copy(erasures, data_dir.join("server.db.erasures")).expect("the list can be copied");
        }
        self.server = Server::start_again(&data_dir, &self.clock, self.seed, self.lives_count);
        for phone in phones {
            phone.line.lead_to(zoufang_sync_server::build_router(Arc::clone(&self.server.app)));
        }
    }
    /// Syncs all phones in turn until nothing moves any more.
    ///
    /// # Panics
    /// When a sync fails, or they are not at rest after [`ROUNDS_MAX_COUNT`] rounds.
    pub async fn settle(&self, phones: &[&Handset]) {
        for _ in 0..ROUNDS_MAX_COUNT {
            let mut moved_count = 0;
            for phone in phones {
                let report = phone.must_sync().await;
                moved_count += report.pushed_count + report.pulled_count + report.erased_count;
            }
            if moved_count == 0 {
                return;
            }
        }
        panic!("phones that are not disturbed still move after {ROUNDS_MAX_COUNT} rounds");
    }
    /// Holds the databases to the promises: nothing waits, every saved visit is on the server exactly once, and phones and server hold
    /// the same in every area, by digest and byte by byte.
    ///
    /// # Panics
    /// When a promise is broken.
    pub fn check(&self, phones: &[&Handset]) {
        let server = self.server.evidence();
        let mut saved = BTreeSet::new();
        for phone in phones {
            let found = phone.found();
            assert_eq!(found.unsent_count, 0, "work waits on a phone");
            assert!(found.complete, "a first sync that has not run to its end");
            assert_eq!(differences(&found, &server), [], "a phone and the server differ");
            assert!(found.strange.is_empty(), "records of areas that are not the phone's: {:?}", found.strange);
            saved.extend(found.own_visits);
        }
        let tally = tally(&saved, &server);
        assert!(tally.lost.is_empty(), "lost visits: {:?}", tally.lost);
        assert!(tally.duplicated.is_empty(), "doubled visits: {:?}", tally.duplicated);
    }
    /// [`World::settle`], then [`World::check`].
    ///
    /// # Panics
    /// As those.
    pub async fn settle_and_check(&self, phones: &[&Handset]) {
        self.settle(phones).await;
        self.check(phones);
    }
}

/// What a phone is told when it enrols.
pub fn enrol_input(code: String) -> EnrolInput {
    EnrolInput { server_url: ADDRESS.to_owned(), ca_pem: None, code }
}

/// A phone with its line to the server of its world.
pub struct Handset {
    /// The line.
    pub line: Line,
    /// The protocol over it.
    pub protocol: HttpProtocol<Line>,
    phone: Phone,
}

impl Handset {
    /// Syncs over the line.
    ///
    /// # Errors
    /// As [`Phone::sync_over`].
    pub async fn sync(&self) -> Result<SyncReport, Error> {
        self.phone.sync_over(&self.protocol).await
    }
    /// Syncs over a line that is good.
    ///
    /// # Panics
    /// When the sync fails, or finds that phone and server had come apart: the repair that follows hides no defect here.
    pub async fn must_sync(&self) -> SyncReport {
        let report = self.sync().await.expect("the sync runs to its end");
        assert!(!report.was_repaired, "phone and server had come apart");
        report
    }
    /// Comes back to a server that has forgotten it, with a new code.
    ///
    /// # Errors
    /// As [`zoufang_core::Core::rejoin`].
    pub async fn rejoin(&self, code: String) -> Result<Enrolled, Error> {
        self.core().rejoin(&self.protocol, enrol_input(code)).await
    }
    /// Puts an operation into the outbox that the core itself would not have made: what a defect of some version, or an altered app,
    /// may leave there.
    ///
    /// # Panics
    /// When the store fails.
    pub fn plant(&self, area: UnitId, kind: Kind, id: Uuid, action: Action) {
        let ids = SeededIds::of(id.as_u128() as u64, 0);
        let options = OpenOptions::new(self.path(), zoufang_core::store::MIGRATIONS);
        let database = Database::open(&options, self.vault(), &ids).expect("the phone's database opens");
        let (staff, now_ms) = (self.found().staff, self.clock.now_ms());
        let planted = database.write(|tx| {
            let tail = outbox::tail(tx)?;
            let counter = tail.counter + 1;
            let at = HybridClock::resume(tail.at).tick(now_ms);
            let operation = Operation { counter, at, staff, area, kind, id, action };
            outbox::append(tx, &tail, &operation)
        });
        planted.map(|_| ()).expect("the operation is stored");
    }
    /// The homes on the phone, as they are walked.
    ///
    /// # Panics
    /// When the store fails.
    pub fn homes(&self) -> Vec<HomeView> {
        all_homes(self.core()).expect("the homes are listed")
    }
    /// The first home of the walk.
    ///
    /// # Panics
    /// When there is none.
    pub fn first_home(&self) -> HomeView {
        self.homes().into_iter().next().expect("a home")
    }
    /// What the phone's file says.
    ///
    /// # Panics
    /// When it does not read.
    pub fn found(&self) -> PhoneEvidence {
        self.phone.evidence().expect("the phone's database reads")
    }
}

/// Every home on a phone, page by page.
///
/// # Errors
/// What the store says.
pub fn all_homes(core: &Core) -> Result<Vec<HomeView>, Error> {
    let (mut homes, mut page) = (Vec::new(), Page::FIRST);
    loop {
        let found = core.homes(page)?;
        if found.is_empty() {
            return Ok(homes);
        }
        homes.extend(found);
        page = page.next();
    }
}

impl Deref for Handset {
    type Target = Phone;
    fn deref(&self) -> &Phone {
        &self.phone
    }
}

impl DerefMut for Handset {
    fn deref_mut(&mut self) -> &mut Phone {
        &mut self.phone
    }
}
