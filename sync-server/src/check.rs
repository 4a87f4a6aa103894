//! Whether the database holds what it should: SQLite's own checks, every batch and its signature, every operation accounted for, every
//! record canonical with its columns, the audit's chain. Reads only; ids in its findings, never values.

use crate::ledger::{self, SERVER_DEVICE};
use crate::store::{StoreError, id_at};
use crate::{audit, device, pull, signature};
use rusqlite::Connection;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use zoufang_domain::ids::{DeviceId, UnitId};
use zoufang_domain::index::index;
use zoufang_domain::record::Record;
use zoufang_domain::wire::limits::PUSH_DECODED_MAX_BYTES;
use zoufang_domain::wire::push::Batch;

/// Findings that are listed by name; more are only counted.
const FINDINGS_MAX_COUNT: usize = 100;

/// What was found.
#[derive(Debug, Default, Serialize)]
pub struct Findings {
    /// Which life of the server this is.
    pub epoch: u32,
    /// Records, all read and written again.
    pub records_count: u64,
    /// Batches, all unpacked and their signatures checked.
    pub batches_count: u64,
    /// Operations inside the batches.
    pub operations_count: u64,
    /// Operations in quarantine.
    pub quarantined_count: u64,
    /// Rows of the audit.
    pub audit_count: u64,
    /// Digest of each area that holds records.
    pub digests: BTreeMap<UnitId, String>,
    /// What is wrong, the first hundred.
    pub problems: Vec<String>,
    /// How much is wrong.
    pub problems_count: u64,
}

impl Findings {
    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.problems_count == 0
    }
    fn wrong(&mut self, what: String) {
        self.problems_count += 1;
        if self.problems.len() < FINDINGS_MAX_COUNT {
            self.problems.push(what);
        }
    }
}

/// Checks everything. Takes a while on a large database: about 30 µs a record (2026-11-23).
///
/// # Errors
/// What the store says when it cannot even be read.
pub fn check(c: &Connection) -> Result<Findings, StoreError> {
    let epoch = c.query_row("SELECT epoch FROM server WHERE id = 1", [], |row| row.get(0))?;
    let mut findings = Findings { epoch, ..Findings::default() };
    for (what, part) in PARTS {
        // What a damaged page keeps from one part is a finding, and the other parts are looked at all the same.
        match part(c, &mut findings) {
            Err(error @ (StoreError::Busy | StoreError::Closed | StoreError::Full)) => return Err(error),
            Err(error) => findings.wrong(format!("{what}: not read to the end: {error}")),
            Ok(()) => {}
        }
    }
    Ok(findings)
}

type Part = fn(&Connection, &mut Findings) -> Result<(), StoreError>;

const PARTS: [(&str, Part); 4] =
    [("integrity", sqlite), ("records", records), ("batches", batches), ("audit", audited)];

fn audited(c: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let (rows, broken) = audit::verify(c)?;
    findings.audit_count = rows;
    if let Some(id) = broken {
        findings.wrong(format!("audit row {id} does not follow from the row before"));
    }
    Ok(())
}

fn sqlite(c: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let mut statement = c.prepare("PRAGMA integrity_check(100)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            findings.wrong(format!("integrity: {said}"));
        }
    }
    let mut statement = c.prepare("PRAGMA foreign_key_check")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        findings.wrong(format!("a row of {} refers to nothing", row.get::<_, String>(0)?));
    }
    Ok(())
}

fn records(c: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let sql = "SELECT r.area, r.kind, r.id, r.seq, r.status, r.class, r.sort, r.due, r.conflicts_count, r.body, u.seq
               FROM record r LEFT JOIN unit u ON u.id = r.area ORDER BY r.area";
    let mut statement = c.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        findings.records_count += 1;
        let (area, id) = (UnitId(id_at(row, 0)?), id_at(row, 2)?);
        let body: String = row.get(9)?;
        let Ok(record) = serde_json::from_str::<Record>(&body) else {
            findings.wrong(format!("record {id} does not read"));
            continue;
        };
        let named = (record.area, record.kind.number(), record.id) == (area, row.get(1)?, id);
        if !named || record.to_canonical_json() != body {
            findings.wrong(format!("record {id} is not canonical"));
        }
        let columns = index(&record);
        let stored: (String, String, String, Option<String>, i64) =
            (row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?, row.get(8)?);
        if (columns.status, columns.class, columns.sort, columns.due, columns.conflicts_count) != stored {
            findings.wrong(format!("record {id} has columns of another state"));
        }
        if row.get::<_, i64>(3)? > row.get::<_, Option<i64>>(10)?.unwrap_or(-1) {
            findings.wrong(format!("record {id} has a sequence number that its area never gave out"));
        }
    }
    let mut statement = c.prepare("SELECT DISTINCT area FROM record")?;
    let areas: Vec<UnitId> = statement.query_map([], |row| id_at(row, 0).map(UnitId))?.collect::<Result<_, _>>()?;
    for area in areas {
        findings.digests.insert(area, pull::digest(c, area, None)?);
    }
    Ok(())
}

fn batches(c: &Connection, findings: &mut Findings) -> Result<(), StoreError> {
    let mut keys: HashMap<DeviceId, Option<Vec<u8>>> = HashMap::new();
    // One pass over the operations. Asking for each batch by itself reads the whole ledger as often as there are batches: 200,000
    // batches were not done after nine minutes (2026-11-23).
    let mut listed: HashMap<i64, i64> = c
        .prepare("SELECT batch, count(*) FROM ledger_operation GROUP BY batch")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    // A database that an earlier version wrote, and that no start has brought to this one yet, is checked as it is.
    let is_redacted = match c.column_exists(None, "ledger_batch", "redacted_ms")? {
        true => "redacted_ms IS NOT NULL",
        false => "0",
    };
    let mut statement = c.prepare(&format!(
        "SELECT id, device, first_counter, last_counter, body, signature, {is_redacted} FROM ledger_batch ORDER BY id"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        findings.batches_count += 1;
        let (id, by): (i64, _) = (row.get(0)?, DeviceId(id_at(row, 1)?));
        let taken_count = row.get::<_, i64>(3)? - row.get::<_, i64>(2)? + 1;
        let (body, signed): (Vec<u8>, Vec<u8>) = (row.get(4)?, row.get(5)?);
        let Ok(text) = ledger::inflate(&body, PUSH_DECODED_MAX_BYTES) else {
            findings.wrong(format!("batch {id} does not unpack"));
            continue;
        };
        let Ok(batch) = serde_json::from_slice::<Batch<'_>>(&text) else {
            findings.wrong(format!("batch {id} does not read"));
            continue;
        };
        // The signature of one that lost an erased person's traces covers what is gone.
        let is_redacted: bool = row.get(6)?;
        if by != SERVER_DEVICE && !is_redacted {
            let key = match keys.entry(by) {
                std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::hash_map::Entry::Vacant(new) => {
                    new.insert(device::find(c, by)?.map(|device| device.public_key))
                }
            };
            if !key.as_ref().is_some_and(|key| signature::verify(key, &text, &signed)) {
                findings.wrong(format!("batch {id} is not signed by device {by}"));
            }
        }
        let held = listed.remove(&id).unwrap_or_default();
        if batch.device != by || held != taken_count || (batch.operations.len() as i64) < taken_count {
            findings.wrong(format!("batch {id} holds other operations than the ledger lists"));
        }
        findings.operations_count += taken_count.max(0) as u64;
    }
    findings.quarantined_count = c.query_row("SELECT count(*) FROM quarantine", [], |row| row.get::<_, i64>(0))? as u64;
    Ok(())
}
