//! What the databases say, counted from their own rows: never from what a test or the demo meant to do.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use uuid::Uuid;
use zoufang_core::ports::{Ids, KeyVault};
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::{self, outbox, profile};
use zoufang_domain::digest::AreaDigest;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId};
use zoufang_domain::operation::{Action, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::push::{Batch, Outcome};
use zoufang_sync_server::store::{Store, StoreError};

/// The records of one area: canonical JSON by kind number and id, so that two of them can be compared byte by byte.
pub type Dump = BTreeMap<(i64, Uuid), String>;

/// The digest of a dump, as phone and server compute it.
pub fn digest(dump: &Dump) -> String {
    let mut digest = AreaDigest::new();
    for ((kind, id), body) in dump {
        if let Some(kind) = Kind::from_number(*kind) {
            digest.take(kind, *id, body.as_bytes());
        }
    }
    digest.finish()
}

/// What one phone's database file says.
#[derive(Clone, Debug)]
pub struct PhoneEvidence {
    /// Which phone.
    pub device: DeviceId,
    /// Whose.
    pub staff: StaffId,
    /// Whether a first sync has run to its end.
    pub complete: bool,
    /// Whether the server has said that this phone is revoked.
    pub revoked: bool,
    /// Operations that the server has not acknowledged.
    pub unsent_count: u64,
    /// The visits that were saved on this phone: those that its outbox creates and those whose record it made.
    pub own_visits: BTreeSet<Uuid>,
    /// Operations that the server keeps in quarantine.
    pub quarantined_count: u64,
    /// The role in each own area.
    pub roles: BTreeMap<UnitId, Role>,
    /// Records of each own area, as the phone shows them.
    pub areas: BTreeMap<UnitId, Dump>,
    /// Records of areas that are not its own, but for units and what they set for everyone below: there must be none.
    pub strange: BTreeSet<(UnitId, i64, Uuid)>,
    /// Records that exist on this phone alone because the server holds them back.
    pub held: BTreeSet<(i64, Uuid)>,
}

impl PhoneEvidence {
    /// Reads a phone's file, beside the core that may have it open.
    ///
    /// # Errors
    /// What the core says about the file; that it is not enrolled.
    pub fn read(path: &Path, key_name: &str, vault: &dyn KeyVault, ids: &dyn Ids) -> Result<Self, zoufang_core::Error> {
        let options = OpenOptions { key_name: key_name.to_owned(), ..OpenOptions::new(path, store::MIGRATIONS) };
        let database = Database::open(&options, vault, ids)?;
        database.read(Self::look)
    }

    fn look(c: &rusqlite::Connection) -> Result<Self, zoufang_core::Error> {
        let own = profile::get(c)?;
        let mut evidence = PhoneEvidence {
            device: own.device,
            staff: own.staff,
            complete: own.complete,
            revoked: own.revoked,
            unsent_count: outbox::waiting(c, own.acknowledged)?.unsent_count,
            own_visits: created_visits(c)?,
            quarantined_count: 0,
            roles: BTreeMap::new(),
            areas: BTreeMap::new(),
            strange: BTreeSet::new(),
            held: BTreeSet::new(),
        };
        for area in profile::areas(c)? {
            let Some(role) = area.role else { continue };
            evidence.roles.insert(area.unit, role);
            evidence.areas.insert(area.unit, Dump::new());
        }
        let mut records = c.prepare("SELECT kind, id, area, held, body FROM record")?;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            let (kind, id): (i64, Uuid) = (row.get(0)?, Uuid::from_bytes(row.get(1)?));
            let (area, held, body): (_, bool, String) =
                (UnitId(Uuid::from_bytes(row.get(2)?)), row.get(3)?, row.get(4)?);
            if kind == Kind::Visit.number() && made_by(&body, own.device) {
                evidence.own_visits.insert(id);
            }
            if held {
                evidence.held.insert((kind, id));
            } else if let Some(dump) = evidence.areas.get_mut(&area) {
                dump.insert((kind, id), body);
            } else if !Kind::from_number(kind).is_some_and(|kind| kind == Kind::OrgUnit || kind.goes_down()) {
                evidence.strange.insert((area, kind, id));
            }
        }
        let mut verdicts = c.prepare("SELECT outcome FROM verdict")?;
        let mut rows = verdicts.query([])?;
        while let Some(row) = rows.next()? {
            let outcome: String = row.get(0)?;
            let quarantined = matches!(serde_json::from_str(&outcome), Ok(Outcome::Quarantined { .. }));
            evidence.quarantined_count += u64::from(quarantined);
        }
        Ok(evidence)
    }
}

fn created_visits(c: &rusqlite::Connection) -> Result<BTreeSet<Uuid>, zoufang_core::Error> {
    let mut operations = c.prepare("SELECT subject, body FROM operation WHERE kind = ?")?;
    let mut rows = operations.query([Kind::Visit.number()])?;
    let mut created = BTreeSet::new();
    while let Some(row) = rows.next()? {
        let body: String = row.get(1)?;
        if creates(&body) {
            created.insert(Uuid::from_bytes(row.get(0)?));
        }
    }
    Ok(created)
}

fn creates(operation: &str) -> bool {
    matches!(serde_json::from_str::<Operation>(operation), Ok(Operation { action: Action::Create { .. }, .. }))
}

fn made_by(record: &str, device: DeviceId) -> bool {
    serde_json::from_str::<Record>(record).is_ok_and(|record| record.v.by == device)
}

/// What the server's database says.
#[derive(Clone, Debug, Default)]
pub struct ServerEvidence {
    /// How many records each visit has: one, unless something went wrong.
    pub visits: BTreeMap<Uuid, u64>,
    /// Visits whose creation stands in quarantine.
    pub quarantined_visits: BTreeSet<Uuid>,
    /// How many operations in the stored pushes create each visit, each operation counted once. Two would be two visits in one record.
    pub creations: BTreeMap<Uuid, u64>,
    /// Operations in quarantine that nobody has settled.
    pub quarantined_count: u64,
    /// Conflicts that were ever opened.
    pub conflicts_opened_count: u64,
    /// Records of each area.
    pub areas: BTreeMap<UnitId, Dump>,
}

impl ServerEvidence {
    /// Reads a server's database.
    ///
    /// # Errors
    /// What the store says.
    pub fn read(store: &Store) -> Result<Self, StoreError> {
        store.read(Self::look)
    }

    fn look(c: &rusqlite::Connection) -> Result<Self, StoreError> {
        let mut evidence = ServerEvidence {
            quarantined_count: count(
                c,
                "SELECT count(*) FROM quarantine WHERE settled_ms IS NULL AND copy_of IS NULL",
            )?,
            conflicts_opened_count: count(c, "SELECT count(*) FROM conflict_log")?,
            creations: creations(c)?,
            ..ServerEvidence::default()
        };
        let mut records = c.prepare("SELECT area, kind, id, body FROM record")?;
        let mut rows = records.query([])?;
        while let Some(row) = rows.next()? {
            let (area, kind) = (UnitId(Uuid::from_bytes(row.get(0)?)), row.get(1)?);
            let (id, body) = (Uuid::from_bytes(row.get(2)?), row.get(3)?);
            if kind == Kind::Visit.number() {
                *evidence.visits.entry(id).or_default() += 1;
            }
            evidence.areas.entry(area).or_default().insert((kind, id), body);
        }
        let mut quarantine = c.prepare("SELECT operation FROM quarantine")?;
        let mut rows = quarantine.query([])?;
        while let Some(row) = rows.next()? {
            let operation: String = row.get(0)?;
            if let Ok(Operation { kind: Kind::Visit, id, action: Action::Create { .. }, .. }) =
                serde_json::from_str(&operation)
            {
                evidence.quarantined_visits.insert(id);
            }
        }
        Ok(evidence)
    }
    /// The records of an area; none when the server has none.
    pub fn area(&self, area: UnitId) -> Dump {
        self.areas.get(&area).cloned().unwrap_or_default()
    }
}

fn count(c: &rusqlite::Connection, sql: &str) -> Result<u64, StoreError> {
    Ok(c.query_row(sql, [], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Reads the pushes as they were stored, so that what the ledger says of them is not taken on trust.
fn creations(c: &rusqlite::Connection) -> Result<BTreeMap<Uuid, u64>, StoreError> {
    let mut batches = c.prepare("SELECT body FROM ledger_batch WHERE length(signature) > 0")?;
    let mut rows = batches.query([])?;
    let (mut seen, mut created) = (BTreeSet::new(), BTreeMap::new());
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(0)?;
        let mut body = String::new();
        std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(packed.as_slice()), &mut body)
            .map_err(|_| StoreError::Damaged { what: "stored push" })?;
        let batch: Batch<'_> = serde_json::from_str(&body).map_err(|_| StoreError::Damaged { what: "stored push" })?;
        for raw in batch.operations {
            let Ok(operation) = serde_json::from_str::<Operation>(raw.get()) else { continue };
            let creates = operation.kind == Kind::Visit && matches!(operation.action, Action::Create { .. });
            if creates && seen.insert(operation.op_id(batch.device)) {
                *created.entry(operation.id).or_default() += 1;
            }
        }
    }
    Ok(created)
}
