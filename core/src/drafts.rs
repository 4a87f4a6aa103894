//! Drafts: what a worker has typed survives a call, a dead battery and a full disk, field by field, and is never sent. A draft becomes a
//! visit or a matter in one transaction, under the draft's own id.

use crate::Core;
use crate::changes::ChangeSet;
use crate::error::Error;
use crate::matters::{self, MatterDraft};
use crate::names;
use crate::ports::{Clock, Ids};
use crate::store::draft::{self, StoredDraft};
use crate::store::profile;
use crate::views::{DraftId, DraftView, MatterView, VisitView};
use crate::visits::{self, VisitDraft};
use rusqlite::Transaction;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{HouseholdId, MatterId, VisitId};
use zoufang_domain::operation::Fields;
use zoufang_domain::order;
use zoufang_domain::schema::Kind;

/// Most drafts at a time: three months of never finishing one.
pub const DRAFTS_MAX_COUNT: usize = 500;
/// Largest draft as JSON, in bytes. Larger than what can be saved, so that a text that grew too long is kept until it is shortened.
pub const DRAFT_MAX_BYTES: usize = 256 * 1024;

impl Core {
    /// Begins to write a visit to a home, starting now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the home is not on this phone; [`Error::Invalid`] with field `drafts` when there are too many.
    pub fn start_visit_draft(&self, household: HouseholdId) -> Result<DraftId, Error> {
        let started_at = Moment::from_ms(self.ports().clock.now_ms());
        let fields =
            Fields::from([("household".to_owned(), json!(household)), ("started_at".to_owned(), json!(started_at))]);
        self.start_draft(Kind::Visit, Some(household), fields)
    }
    /// Begins to write a matter, of a home or of none.
    ///
    /// # Errors
    /// As [`Core::start_visit_draft`].
    pub fn start_matter_draft(&self, household: Option<HouseholdId>) -> Result<DraftId, Error> {
        let fields = order::gather(household.map(|id| ("household".to_owned(), json!(id))));
        self.start_draft(Kind::Matter, household, fields)
    }
    /// Saves one field of a draft, durable when it returns; `null` clears it. The names are those of [`VisitDraft`] or [`MatterDraft`].
    ///
    /// # Errors
    /// [`Error::NotFound`] without the draft; [`Error::Invalid`] for a name that does not exist, a value of another shape, or a draft
    /// that grew over [`DRAFT_MAX_BYTES`].
    pub fn save_draft_field(&self, id: DraftId, field: &str, value: Value) -> Result<(), Error> {
        let now_ms = self.ports().clock.now_ms();
        self.write(|tx| {
            let mut known = draft::find(tx, id.0)?.ok_or(NO_DRAFT)?;
            check_field(known.kind, field, &value)?;
            match value {
                Value::Null => known.fields.remove(field),
                value => known.fields.insert(field.to_owned(), value),
            };
            store(tx, &known, field, now_ms)
        })
    }
    /// All drafts, the latest touched first.
    ///
    /// # Errors
    /// When the store fails.
    pub fn drafts(&self) -> Result<Vec<DraftView>, Error> {
        self.read(|c| Ok(draft::all(c)?.into_iter().map(view).collect()))
    }
    /// One draft.
    ///
    /// # Errors
    /// [`Error::NotFound`] without it.
    pub fn draft(&self, id: DraftId) -> Result<DraftView, Error> {
        self.read(|c| draft::find(c, id.0)?.map(view).ok_or(NO_DRAFT))
    }
    /// Throws a draft away, as its author wishes. Does nothing when it is gone already.
    ///
    /// # Errors
    /// When the store fails.
    pub fn discard_draft(&self, id: DraftId) -> Result<(), Error> {
        self.write(|tx| {
            let was_there = draft::remove(tx, id.0)?;
            Ok(((), ChangeSet { drafts: was_there, ..ChangeSet::default() }))
        })
    }
    /// Saves a draft as the visit that it describes and removes it, in one transaction. A draft that has become that visit already (a disk
    /// that failed after the commit, a second tap) gives the visit.
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field that is missing or wrong, [`Error::Answers`] naming each answer of its form that is, and as
    /// [`Core::save_visit`]; the draft then stays as it is.
    pub fn save_draft_as_visit(&self, id: DraftId) -> Result<VisitView, Error> {
        self.work(|work| {
            let Some(known) = draft::find(work.tx, id.0)? else {
                return Ok((visits::became(work.tx, VisitId(id.0))?.ok_or(NO_DRAFT)?, ChangeSet::default()));
            };
            let written: VisitDraft = filled(&known, Kind::Visit)?;
            visits::save(work, VisitDraft { id: Some(VisitId(id.0)), draft: Some(id), ..written })
        })
    }
    /// Saves a draft as the matter that it describes and removes it, in one transaction; once, as [`Core::save_draft_as_visit`].
    ///
    /// # Errors
    /// [`Error::Invalid`] naming the field that is missing or wrong, and as [`Core::report_matter`]; the draft then stays as it is.
    pub fn save_draft_as_matter(&self, id: DraftId) -> Result<MatterView, Error> {
        self.work(|work| {
            let Some(known) = draft::find(work.tx, id.0)? else {
                return Ok((matters::became(work, MatterId(id.0))?.ok_or(NO_DRAFT)?, ChangeSet::default()));
            };
            let written: MatterDraft = filled(&known, Kind::Matter)?;
            matters::save(work, MatterDraft { id: Some(MatterId(id.0)), draft: Some(id), ..written })
        })
    }

    fn start_draft(&self, kind: Kind, household: Option<HouseholdId>, fields: Fields) -> Result<DraftId, Error> {
        let (clock, ids) = (self.ports().clock.as_ref(), self.ports().ids.as_ref());
        let (id, now_ms) = (Ids::uuid_v7(ids), Clock::now_ms(clock));
        self.write(|tx| {
            profile::get(tx)?;
            household.map(|home| names::place(tx, home)).transpose()?;
            if draft::count(tx)? >= DRAFTS_MAX_COUNT {
                return Err(Error::Invalid { field: "drafts".into() });
            }
            draft::begin(tx, &StoredDraft { id, kind, household, fields, created_ms: now_ms, updated_ms: now_ms })?;
            Ok((DraftId(id), drafts_changed()))
        })
    }
}

/// Stores the fields of a draft in which one was changed.
pub(crate) fn store(
    tx: &Transaction<'_>,
    known: &StoredDraft,
    changed: &str,
    now_ms: i64,
) -> Result<((), ChangeSet), Error> {
    let household = known.fields.get("household").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let size_bytes = draft::set_fields(tx, known.id, household, &known.fields, now_ms)?;
    if size_bytes > DRAFT_MAX_BYTES {
        return Err(Error::Invalid { field: changed.to_owned() });
    }
    Ok(((), drafts_changed()))
}

pub(crate) const NO_DRAFT: Error = Error::NotFound { what: "draft" };

fn drafts_changed() -> ChangeSet {
    ChangeSet { drafts: true, ..ChangeSet::default() }
}

fn view(stored: StoredDraft) -> DraftView {
    DraftView {
        id: DraftId(stored.id),
        kind: stored.kind,
        household: stored.household,
        fields: stored.fields,
        created_ms: stored.created_ms,
        updated_ms: stored.updated_ms,
    }
}

/// The draft as what it will be.
fn filled<T: DeserializeOwned>(known: &StoredDraft, kind: Kind) -> Result<T, Error> {
    if known.kind != kind {
        return Err(NO_DRAFT);
    }
    read(&known.fields).map_err(|field| Error::Invalid { field })
}

/// Reads fields, or names the field that is missing or wrong. Each field was tried by itself when it was saved.
fn read<T: DeserializeOwned>(fields: &Fields) -> Result<T, String> {
    let borrowed = serde::de::value::MapDeserializer::new(fields.iter().map(|(name, value)| (name.as_str(), value)));
    T::deserialize(borrowed).map_err(|e: serde_json::Error| {
        let message = e.to_string();
        message.split('`').nth(1).unwrap_or("fields").to_owned()
    })
}

/// Whether a field exists and takes this value: it is tried together with the least that makes a whole.
fn check_field(kind: Kind, field: &str, value: &Value) -> Result<(), Error> {
    let least = match kind {
        Kind::Visit => {
            ["household", "mode", "outcome"].into_iter().zip([json!(Uuid::nil()), json!("door"), json!("done")])
        }
        _ => ["kind", "track", "summary"].into_iter().zip([json!("help"), json!("simple"), json!("")]),
    };
    let mut tried: Fields = order::gather(least.map(|(name, value)| (name.to_owned(), value)));
    if !value.is_null() {
        tried.insert(field.to_owned(), value.clone());
    }
    let reads = match kind {
        Kind::Visit => read::<VisitDraft>(&tried).is_ok() && VISIT_FIELDS.contains(&field),
        _ => read::<MatterDraft>(&tried).is_ok() && MATTER_FIELDS.contains(&field),
    };
    if reads { Ok(()) } else { Err(Error::Invalid { field: field.to_owned() }) }
}

const VISIT_FIELDS: &[&str] = &[
    "household",
    "mode",
    "outcome",
    "started_at",
    "ended_at",
    "duties",
    "note",
    "needs_follow_up",
    "location",
    "others_present",
    "matters",
    "notices",
    "appointment",
];
const MATTER_FIELDS: &[&str] = &[
    "micro_grid",
    "household",
    "resident",
    "visit",
    "source",
    "kind",
    "track",
    "summary",
    "urgency",
    "line",
    "duties",
    "done",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::households::HomeDraft;
    use crate::ports::{MemoryKeyVault, Network, SoftwareSigner, SystemClock, SystemIds};
    use crate::store::{StoreError, outbox};
    use crate::{Options, Ports};
    use std::sync::Arc;
    use zoufang_domain::home::{Address, Use};
    use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
    use zoufang_domain::staff::Role;
    use zoufang_domain::stamp::Stamp;
    use zoufang_domain::unit::Level;
    use zoufang_domain::wire::enrol::{EnrolAnswer, Grant};

    fn enrolled(folder: &std::path::Path) -> (Core, UnitId) {
        let ports = Ports {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds::new()),
            vault: Arc::new(MemoryKeyVault::new()),
            signer: Arc::new(SoftwareSigner::generate().unwrap()),
            connectivity: Arc::new(Network::Offline),
        };
        let core = Core::open(Options::new(folder.join("phone.db")), ports).unwrap();
        let unit = UnitId(derived(&["test", "unit"]));
        let role = Some(Role::MicroGridManager);
        let answer = EnrolAnswer {
            device: DeviceId(derived(&["test", "device"])),
            staff: StaffId(derived(&["test", "staff"])),
            staff_name: "测试管理员".into(),
            epoch: 1,
            grants: vec![Grant { unit, level: Level::MicroGrid, name: "测试微网格".into(), role }],
            fingerprint: "123456".into(),
            server_time: Stamp::default(),
        };
        core.write(|tx| Ok((profile::begin(tx, &answer, "http://127.0.0.1:1", None)?, ChangeSet::default()))).unwrap();
        (core, unit)
    }

    fn waiting(core: &Core) -> (u64, i64) {
        core.read(|c| {
            let records: i64 = c.query_row("SELECT count(*) FROM record WHERE kind IN (8, 9)", [], |row| row.get(0))?;
            Ok((outbox::waiting(c, 0)?.unsent_count, records))
        })
        .unwrap()
    }

    #[test]
    fn a_full_disk_saves_nothing_by_halves_and_keeps_the_draft() {
        let folder = tempfile::tempdir().unwrap();
        let (core, micro_grid) = enrolled(folder.path());
        let home = HomeDraft {
            micro_grid,
            address: Address { building: "3".into(), unit: "1".into(), room: "301".into() },
            used_as: Use::Own,
            contact: Some("测试甲".into()),
            phone: None,
            people_count: None,
            from: None,
            shares_dwelling: false,
        };
        let home = core.add_home(&home).unwrap().household;
        let draft = core.start_visit_draft(home).unwrap();
        let matters: Vec<Value> =
            (0..6).map(|_| json!({"kind": "help", "track": "simple", "summary": "水管漏水".repeat(200)})).collect();
        for (name, value) in [("mode", json!("door")), ("outcome", json!("done")), ("note", json!("话".repeat(2_000)))]
        {
            core.save_draft_field(draft, name, value).unwrap();
        }
        core.save_draft_field(draft, "matters", json!(matters)).unwrap();
        let before = (core.draft(draft).unwrap(), waiting(&core));

        // The disk is full at every page from none to enough, so that each statement of the save fails once.
        let pages_count = |core: &Core| -> i64 {
            core.read(|c| Ok(c.pragma_query_value(None, "page_count", |row| row.get(0))?)).unwrap()
        };
        let (first, mut failed_count) = (pages_count(&core), 0);
        for extra in 0..200 {
            core.write(|tx| {
                tx.pragma_update(None, "max_page_count", first + extra)?;
                Ok(((), ChangeSet::default()))
            })
            .unwrap();
            match core.save_draft_as_visit(draft) {
                Err(Error::Store(StoreError::DiskFull)) => {
                    failed_count += 1;
                    assert_eq!((core.draft(draft).unwrap(), waiting(&core)), before, "with {extra} pages");
                }
                Ok(visit) => {
                    assert_eq!(waiting(&core), (before.1.0 + 7, 7));
                    assert_eq!(visit.matters.len(), 6);
                    assert!(core.drafts().unwrap().is_empty());
                    assert!(failed_count > 5, "the disk was full {failed_count} times");
                    return;
                }
                Err(other) => panic!("{other:?}"),
            }
        }
        panic!("never enough room");
    }
}
