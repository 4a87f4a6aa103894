//! The server of a world: the real one over a real database, in a folder that goes with it.

use crate::city;
use crate::dice::Dice;
use crate::evidence::ServerEvidence;
use crate::ports::{SeededIds, SetClock};
use crate::roster::Roster;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use zoufang_core::ports::Ids;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, DeviceId, StaffId, UnitId};
use zoufang_domain::staff::{Role, Standing};
use zoufang_domain::unit::id_of_micro_grid;
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::staff::{self, Post, StaffDraft, StaffError};
use zoufang_sync_server::store::{Store, Transaction};
use zoufang_sync_server::{App, Config, device, enrol};

/// The division tree of a world, with one community.
const DIVISIONS: &str = "level,code,name,parent_code\n2,9901,测试市,\n3,990101,测试区,9901\n4,990101001,测试街道,990101\n\
                         5,990101001001,测试社区,990101001\n";
/// The code of that community.
const COMMUNITY_CODE: &str = "990101001001";
/// Which of a world's sources of chance is the server's.
const SERVER_DICE: u64 = 0x5e47;

/// The server.
#[derive(Clone)]
pub struct Server {
    /// The application.
    pub app: Arc<App>,
    ids: Arc<SeededIds>,
}

impl Server {
    /// Starts a server on the database in a folder, making it if there is none.
    ///
    /// # Panics
    /// When the store does not open: there is no test without it.
    pub fn start(folder: &Path, clock: &SetClock, seed: u64) -> Self {
        Self::started(folder, clock, SeededIds::of(seed, SERVER_DICE))
    }
    /// The same once more, with other chance: a server that comes back must not hand out what it handed out before.
    ///
    /// # Panics
    /// As [`Server::start`].
    pub fn start_again(folder: &Path, clock: &SetClock, seed: u64, life: u64) -> Self {
        Self::started(folder, clock, SeededIds::of(seed, SERVER_DICE ^ (life << 32)))
    }
    fn started(folder: &Path, clock: &SetClock, ids: SeededIds) -> Self {
        let config = Config::new(folder);
        let store = Store::open(&config.database()).expect("the server's store opens");
        let ids = Arc::new(ids);
        let random = Box::new(SharedRandom(Arc::clone(&ids)));
        let app = App::with_ports(store, config, Box::new(clock.clone()), random).expect("the server starts");
        Server { app, ids }
    }
    /// The hand of a test on an application that runs already.
    pub fn of(app: Arc<App>) -> Self {
        let ids = Arc::new(SeededIds::of(u64::from_le_bytes(*b"existing"), SERVER_DICE));
        Server { app, ids }
    }
    /// Adds a tree with one community, and in it a micro-grid with so many made-up homes.
    ///
    /// # Panics
    /// When the server does not take them.
    pub fn add_community_with_homes(&self, micro_grid: &str, homes_count: usize) -> UnitId {
        let community = self.add_community();
        self.add_micro_grid(community, micro_grid, homes_count)
    }
    /// Adds a tree with one community.
    ///
    /// # Panics
    /// When the server does not take it.
    pub fn add_community(&self) -> UnitId {
        let file = std::io::Cursor::new(DIVISIONS.as_bytes());
        let rows =
            city::import_divisions(&self.app.store, self.now_ms(), "测试区划.csv", file).expect("the tree is taken");
        city::unit_of(rows.last().expect("the tree has a community"))
    }
    /// Adds a micro-grid with so many made-up homes to the one community, by its roster.
    ///
    /// # Panics
    /// When the server does not take the roster.
    pub fn add_micro_grid(&self, community: UnitId, name: &str, homes_count: usize) -> UnitId {
        let mut roster = Roster::default();
        roster.add_micro_grid(COMMUNITY_CODE, name, homes_count, &mut Dice::new(homes_count as u64));
        let now_ms = self.now_ms();
        let since = Moment::from_ms(now_ms).day();
        city::import_roster(&self.app.store, now_ms, since, &roster).expect("the roster is taken");
        id_of_micro_grid(community, name)
    }
    /// The server's clock.
    pub fn now_ms(&self) -> i64 {
        self.app.now_ms()
    }
    /// A new id.
    pub fn new_id(&self) -> Uuid {
        self.ids.uuid_v7()
    }
    /// Adds a member of staff; without a post they may do nothing.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn add_staff(&self, name: &str) -> StaffId {
        let id = StaffId(self.new_id());
        self.add_staff_as(id, name);
        id
    }
    /// Adds a member of staff under an id that they had before.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn add_staff_as(&self, id: StaffId, name: &str) {
        let draft = StaffDraft { name: name.to_owned(), phone: None, login: None, password_hash: None };
        let now_ms = self.now_ms();
        self.app.store.write(|tx| staff::create(tx, now_ms, id, &draft)).expect("the member of staff is taken");
    }
    /// Posts a member of staff to a unit, from a day ago on: phones whose clocks are an hour slow work within it.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn post(&self, staff: StaffId, unit: UnitId, role: Role) -> AssignmentId {
        let (id, now_ms) = (AssignmentId(self.new_id()), self.now_ms());
        let from = Moment::from_ms(now_ms - crate::ports::DAY_MS);
        self.write_staff(|tx| staff::assign(tx, now_ms, CONSOLE, beside(tx, Post::new(id, staff, unit, role, from))?));
        id
    }
    /// Ends a post now.
    ///
    /// # Panics
    /// When there is no such post.
    pub fn end_post(&self, id: AssignmentId) {
        let now_ms = self.now_ms();
        self.write_staff(|tx| staff::end(tx, now_ms, CONSOLE, id, Moment::from_ms(now_ms)));
    }
    /// A one-time code for a member of staff's phone.
    ///
    /// # Panics
    /// When there is no such member of staff.
    pub fn enrol_code(&self, staff: StaffId) -> String {
        let now_ms = self.now_ms();
        let made =
            self.app.store.write(|tx| enrol::make_code(tx, self.app.random.as_ref(), staff, now_ms, Actor::Console));
        made.expect("a code is made")
    }
    /// Revokes a phone.
    ///
    /// # Panics
    /// When there is no such phone.
    pub fn revoke(&self, device: DeviceId) {
        let now_ms = self.now_ms();
        let known = self.app.store.write(|tx| device::revoke(tx, now_ms, Actor::Console, device));
        assert!(known.expect("the store writes"), "no such phone");
    }
    fn write_staff(&self, act: impl FnOnce(&zoufang_sync_server::store::Transaction<'_>) -> Result<(), StaffError>) {
        self.app.store.write(act).expect("the post is taken");
    }
    /// What the database says.
    ///
    /// # Panics
    /// When it does not read.
    pub fn evidence(&self) -> ServerEvidence {
        ServerEvidence::read(&self.app.store).expect("the server's database reads")
    }
    /// How many rows a query counts.
    ///
    /// # Panics
    /// When the query fails.
    pub fn count(&self, sql: &str) -> i64 {
        let counted = self
            .app
            .store
            .read(|c| c.query_row(sql, [], |row| row.get(0)).map_err(zoufang_sync_server::store::StoreError::from));
        counted.expect("the query counts")
    }
}

/// One source of chance for the application and for the test's own ids.
struct SharedRandom(Arc<SeededIds>);

impl zoufang_sync_server::ports::Random for SharedRandom {
    fn fill(&self, bytes: &mut [u8]) {
        Ids::fill(self.0.as_ref(), bytes);
    }
}

/// A post as people fill it: the first manager of a micro-grid is the responsible one, and every other a co-manager.
///
/// # Errors
/// What the store says.
pub fn beside(tx: &Transaction<'_>, post: Post) -> Result<Post, StaffError> {
    let is_second =
        post.role == Role::MicroGridManager && staff::responsible_manager(tx, post.unit, post.from, None)?.is_some();
    Ok(Post { standing: if is_second { Standing::Co } else { post.standing }, ..post })
}
