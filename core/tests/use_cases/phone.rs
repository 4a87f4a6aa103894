//! A phone for tests: an encrypted database in a folder of its own, enrolled for one micro-grid or two.

use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use uuid::Uuid;
use zoufang_core::households::HomeDraft;
use zoufang_core::ports::{Clock, Ids, MemoryKeyVault, Network, SoftwareSigner};
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::records::{self, Stored};
use zoufang_core::store::{MIGRATIONS, StoreError, outbox, profile};
use zoufang_core::views::HomeView;
use zoufang_core::{Core, Error, Options, Ports};
use zoufang_domain::home::{Address, Use};
use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
use zoufang_domain::operation::Fields;
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{Stamp, Version};
use zoufang_domain::unit::Level;
use zoufang_domain::wire::enrol::{EnrolAnswer, Grant};

/// 2026-11-05, a Thursday, 09:12 in China.
pub(crate) const MORNING_MS: i64 = 1_793_841_120_000;
pub(crate) const DAY_MS: i64 = 24 * 3600 * 1000;

pub(crate) struct SetClock(AtomicI64);

impl SetClock {
    pub(crate) fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
    pub(crate) fn add(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for SetClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Ids that count upwards, so that a failing test fails alike each time.
struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn uuid_v7(&self) -> Uuid {
        let number = u128::from(self.0.fetch_add(1, Ordering::SeqCst));
        Uuid::from_u128((MORNING_MS as u128) << 80 | 7 << 76 | 2 << 62 | number)
    }
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().enumerate().for_each(|(at, byte)| *byte = at as u8 ^ 0x5a);
    }
}

pub(crate) struct Phone {
    pub(crate) core: Core,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) store: Database,
    ports: Ports,
    path: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

pub(crate) fn staff() -> StaffId {
    StaffId(derived(&["test", "staff"]))
}
pub(crate) fn colleague() -> StaffId {
    StaffId(derived(&["test", "colleague"]))
}
pub(crate) fn micro_grid() -> UnitId {
    UnitId(derived(&["test", "micro-grid"]))
}
pub(crate) fn other_grid() -> UnitId {
    UnitId(derived(&["test", "other"]))
}
/// A unit above: known by name, not one's own.
pub(crate) fn community() -> UnitId {
    UnitId(derived(&["test", "community"]))
}

fn grant(unit: UnitId, level: Level, name: &str, role: Option<Role>) -> Grant {
    Grant { unit, level, name: name.to_owned(), role }
}

impl Phone {
    pub(crate) fn manager() -> Phone {
        Phone::enrolled(Role::MicroGridManager, &[micro_grid()])
    }
    pub(crate) fn leader() -> Phone {
        Phone::enrolled(Role::GridLeader, &[micro_grid()])
    }
    pub(crate) fn enrolled(role: Role, areas: &[UnitId]) -> Phone {
        let phone = Phone::fresh();
        begin(&phone.store, role, areas);
        phone
    }
    pub(crate) fn fresh() -> Phone {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.db");
        let clock = Arc::new(SetClock(AtomicI64::new(MORNING_MS)));
        let ports = Ports {
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            ids: Arc::new(CountedIds(AtomicU64::new(1))),
            vault: Arc::new(MemoryKeyVault::new()),
            signer: Arc::new(SoftwareSigner::generate().unwrap()),
            connectivity: Arc::new(Network::Offline),
        };
        let core = Core::open(Options::new(&path), ports.clone()).unwrap();
        let options = OpenOptions::new(&path, MIGRATIONS);
        let store = Database::open(&options, ports.vault.as_ref(), ports.ids.as_ref()).unwrap();
        Phone { core, clock, store, ports, path, _folder: folder }
    }
    /// The same file, opened by a core that starts anew, as after the app was killed.
    pub(crate) fn reopened(&self) -> Core {
        Core::open(Options::new(&self.path), self.ports.clone()).unwrap()
    }
    pub(crate) fn home(&self, building: &str, room: &str, contact: &str) -> HomeView {
        self.core.add_home(&home_draft(building, room, contact)).unwrap()
    }
    /// Puts a record on the phone as a pull does.
    pub(crate) fn receive(&self, record: &Record) {
        let known = self.find(record.kind, record.id).is_some();
        let stored = Stored { record: record.clone(), pending_first: 0, pending_last: 0, held: false };
        let put: Result<(), Error> = self.store.write(|tx| records::put(tx, &stored, known));
        put.unwrap();
    }
    pub(crate) fn find(&self, kind: Kind, id: Uuid) -> Option<Stored> {
        let found: Result<_, Error> = self.store.read(|c| records::find(c, kind, id));
        found.unwrap()
    }
    /// A record in every area that has it.
    pub(crate) fn copies(&self, kind: Kind, id: Uuid) -> Vec<Record> {
        let found: Result<_, Error> = self.store.read(|c| records::copies(c, kind, id));
        found.unwrap()
    }
    pub(crate) fn remove(&self, kind: Kind, id: Uuid) {
        let area = self.find(kind, id).unwrap().record.area;
        let gone: Result<bool, Error> = self.store.write(|tx| records::remove(tx, kind, id, area));
        assert!(gone.unwrap());
    }
    pub(crate) fn acknowledge_all(&self) {
        let now_ms = self.ports.clock.now_ms();
        let done: Result<(), Error> = self.store.write(|tx| {
            let last = outbox::tail(tx)?.counter;
            outbox::acknowledge(tx, last, now_ms)
        });
        done.unwrap();
    }
    pub(crate) fn operations_count(&self) -> i64 {
        self.count("SELECT count(*) FROM operation")
    }
    pub(crate) fn count(&self, sql: &str) -> i64 {
        let counted: Result<i64, StoreError> =
            self.store.read(|c| c.query_row(sql, [], |row| row.get(0)).map_err(StoreError::from));
        counted.unwrap()
    }
    pub(crate) fn execute(&self, sql: &str) {
        let done: Result<(), StoreError> = self.store.write(|tx| {
            tx.execute_batch(sql)?;
            Ok(())
        });
        done.unwrap();
    }
}

/// Makes a database that of an enrolled phone.
pub(crate) fn begin(store: &Database, role: Role, areas: &[UnitId]) {
    let own = areas.iter().enumerate();
    let own = own.map(|(at, unit)| grant(*unit, Level::MicroGrid, &format!("段南沟第{}微网格", at + 1), Some(role)));
    let above = grant(community(), Level::Community, "段南沟社区", None);
    let answer = EnrolAnswer {
        device: DeviceId(derived(&["test", "device"])),
        staff: staff(),
        staff_name: "测试管理员".to_owned(),
        epoch: 1,
        grants: own.chain([above]).collect(),
        fingerprint: "123456".to_owned(),
        server_time: Stamp::from_ms(MORNING_MS - DAY_MS),
    };
    let begun: Result<(), Error> = store.write(|tx| profile::begin(tx, &answer, "http://127.0.0.1:1", None));
    begun.unwrap();
}

pub(crate) fn home_draft(building: &str, room: &str, contact: &str) -> HomeDraft {
    HomeDraft {
        micro_grid: micro_grid(),
        address: Address { building: building.to_owned(), unit: "1".to_owned(), room: room.to_owned() },
        used_as: Use::Own,
        contact: (!contact.is_empty()).then(|| contact.to_owned()),
        phone: None,
        people_count: None,
        from: None,
        shares_dwelling: false,
    }
}

/// A version by another device.
pub(crate) fn version_elsewhere(at_ms: i64, name: &str) -> Version {
    Version {
        at: Stamp::from_ms(at_ms),
        by: DeviceId(derived(&["test", "other device"])),
        counter: u64::from_be_bytes(derived(&["test", "operation", name]).into_bytes()[..8].try_into().unwrap()),
    }
}

/// A record that another person made elsewhere.
pub(crate) fn record_elsewhere(kind: Kind, name: &str, fields: &[(&str, Value)]) -> Record {
    let id = derived(&["test", "record", name]);
    let mut record = Record::empty(kind, id, micro_grid(), version_elsewhere(MORNING_MS - DAY_MS, name), colleague());
    record.f = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect::<Fields>();
    record
}

/// The field that an error names.
pub(crate) fn invalid_field<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Invalid { field }) => field,
        other => panic!("expected an invalid field, got {other:?}"),
    }
}
