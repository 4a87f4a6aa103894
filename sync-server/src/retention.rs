//! What has been kept for as long as it may goes: records that are over, answers of forms, signed batches, settled quarantine. Once a day while the
//! server runs, in small transactions; phones get the word by their next pull. The periods are those of [`zoufang_domain::retention`].

use crate::audit::{self, Actor};
use crate::ledger;
use crate::store::{Store, StoreError, id_at};
use rusqlite::{Connection, Transaction};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;
use zoufang_domain::calendar::Moment;
use zoufang_domain::care::CareNeed;
use zoufang_domain::form::FormDefinition;
use zoufang_domain::ids::UnitId;
use zoufang_domain::operation::List;
use zoufang_domain::record::Record;
use zoufang_domain::retention::{self, BATCH_DAYS, CARE_DAYS, EXPORT_DAYS, RIGHTS_DAYS, SETTLED_DAYS};
use zoufang_domain::rights::RightsRequest;
use zoufang_domain::schema::Kind;

/// Records of one transaction: phones that push wait for no more than these.
const CHUNK_COUNT: usize = 200;

/// What has been kept for long enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outlived {
    /// Records, by kind.
    pub records: BTreeMap<&'static str, u64>,
    /// Visits of which answers of a form go.
    pub answers: u64,
    /// Signed batches that are emptied.
    pub batches: u64,
    /// Entries of quarantine.
    pub quarantine: u64,
    /// Numbers of texts that were held for review.
    pub held_texts: u64,
    /// Listed exports.
    pub exports: u64,
}

impl Outlived {
    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        *self == Outlived::default()
    }
}

/// A record that has been kept for long enough.
type Key = (UnitId, Kind, Uuid);

/// What has been kept for long enough by now. Nothing is changed.
///
/// # Errors
/// What the store says.
pub fn outlived(c: &Connection, now_ms: i64) -> Result<Outlived, StoreError> {
    let mut found = Outlived::default();
    for (_, kind, _) in records(c, now_ms)? {
        *found.records.entry(kind.name()).or_default() += 1;
    }
    found.answers = answers(c, now_ms)?.len() as u64;
    let count = |sql: &str, days| -> Result<u64, StoreError> {
        Ok(c.query_row(&format!("SELECT count(*) FROM {sql}"), [before_ms(now_ms, days)], |row| row.get::<_, i64>(0))?
            as u64)
    };
    found.batches = count(&format!("ledger_batch WHERE {BATCHES}"), BATCH_DAYS)?;
    found.quarantine = count("quarantine WHERE settled_ms < ?1", SETTLED_DAYS)?;
    found.held_texts = count("held_text WHERE settled_ms < ?1", SETTLED_DAYS)?;
    found.exports = count("export WHERE at_ms < ?1", EXPORT_DAYS)?;
    Ok(found)
}

/// Batches that stand as they came and are too old for that.
const BATCHES: &str = "received_ms < ?1 AND id > (SELECT emptied_upto FROM server WHERE id = 1)";

/// Lets go of all that has been kept for long enough. Each step is a small transaction, so phones are served meanwhile.
///
/// # Errors
/// What the store says; what was done by then stays done.
pub fn let_go(store: &Store, now_ms: i64) -> Result<Outlived, StoreError> {
    let mut gone = Outlived::default();
    let due = store.read(|c| records(c, now_ms))?;
    for chunk in due.chunks(CHUNK_COUNT) {
        store.write(|tx| {
            for (area, kind, id) in chunk {
                if ledger::retire(tx, now_ms, *area, *kind, *id)? {
                    *gone.records.entry(kind.name()).or_default() += 1;
                }
            }
            Ok::<_, StoreError>(())
        })?;
    }
    let due = store.read(|c| answers(c, now_ms))?;
    for chunk in due.chunks(CHUNK_COUNT) {
        store.write(|tx| {
            for (area, visit, fields) in chunk {
                gone.answers += u64::from(ledger::forget_answers(tx, now_ms, *area, *visit, fields)?);
            }
            Ok::<_, StoreError>(())
        })?;
    }
    loop {
        let emptied = store.write(|tx| empty_batches(tx, now_ms))?;
        if emptied == 0 {
            break;
        }
        gone.batches += emptied;
    }
    store.write(|tx| {
        let delete = |table: &str, column: &str, days| -> Result<u64, StoreError> {
            let sql = format!("DELETE FROM {table} WHERE {column} < ?1");
            Ok(tx.execute(&sql, [before_ms(now_ms, days)])? as u64)
        };
        gone.quarantine = delete("quarantine", "settled_ms", SETTLED_DAYS)?;
        gone.held_texts = delete("held_text", "settled_ms", SETTLED_DAYS)?;
        gone.exports = delete("export", "at_ms", EXPORT_DAYS)?;
        if !gone.is_empty() {
            let counts = serde_json::to_string(&gone).map_err(|_| StoreError::Damaged { what: "counts" })?;
            audit::write(tx, now_ms, Actor::Console, "retention.let_go", &counts)?;
        }
        Ok::<_, StoreError>(())
    })?;
    if !gone.is_empty() {
        store.empty_log()?;
    }
    Ok(gone)
}

fn before_ms(now_ms: i64, days: u64) -> i64 {
    const DAY_MS: i64 = 24 * 3600 * 1000;
    now_ms.saturating_sub((days as i64).saturating_mul(DAY_MS))
}

fn records(c: &Connection, now_ms: i64) -> Result<Vec<Key>, StoreError> {
    let today = Moment::from_ms(now_ms).day();
    let work = Moment::start_of(retention::first_day_of_work_kept(today)).to_string();
    let (care, rights) = (retention::ended_before(today, CARE_DAYS), retention::ended_before(today, RIGHTS_DAYS));
    let mut found = Vec::new();
    let kinds = [
        Kind::Visit,
        Kind::Matter,
        Kind::Appointment,
        Kind::VisitTask,
        Kind::NoticeReceipt,
        Kind::CareNeed,
        Kind::RightsRequest,
        Kind::Restriction,
    ];
    for kind in kinds {
        // From area to area, so that the list index answers: a city's visits are not read for it.
        let over = match kind {
            Kind::Matter => " AND r.status = 'closed'",
            // Whatever a phone's clock said, a receipt stays as long as its notice, and two years more.
            Kind::NoticeReceipt => {
                " AND NOT EXISTS (SELECT 1 FROM unit_within w JOIN record n ON n.area = w.ancestor AND n.kind = 19
                  AND n.id = r.parent WHERE w.unit = u.id AND n.due >= ?2)"
            }
            Kind::RightsRequest => " AND r.status <> 'open'",
            Kind::Restriction => " AND r.status = 'closed'",
            _ => "",
        };
        let before = match kind {
            Kind::CareNeed => care.to_string(),
            Kind::RightsRequest | Kind::Restriction => rights.to_string(),
            _ => work.clone(),
        };
        let sql = format!(
            "SELECT r.area, r.id, r.body FROM unit u CROSS JOIN record r
             ON r.area = u.id AND r.kind = ?1 AND r.sort < ?2{over}"
        );
        let mut statement = c.prepare_cached(&sql)?;
        let mut rows = statement.query((kind.number(), &before))?;
        while let Some(row) = rows.next()? {
            let body = row.get_ref(2)?.as_str().map_err(|_| StoreError::Damaged { what: "record" })?;
            // What a later word on it keeps (an answer of last week, a request decided last year) stays.
            let record: Record = serde_json::from_str(body).map_err(|_| StoreError::Damaged { what: "record" })?;
            if is_over(&record, &work, care, rights) {
                found.push((UnitId(id_at(row, 0)?), kind, id_at(row, 1)?));
            }
        }
    }
    Ok(found)
}

/// Whether the last word on a record is old enough, too.
fn is_over(record: &Record, work: &str, care: chrono::NaiveDate, rights: chrono::NaiveDate) -> bool {
    let text = |field: &str| record.f.get(field).and_then(serde_json::Value::as_str).unwrap_or_default();
    let last_entry = record.lists.values().flatten().map(|entry| entry.when.to_string()).max();
    match record.kind {
        Kind::Matter => last_entry.is_none_or(|when| when.as_str() < work),
        Kind::Visit | Kind::Appointment | Kind::VisitTask => {
            let list = record.list(List::Amendments).len() + record.list(List::Notes).len();
            list == 0 || last_entry.is_none_or(|when| when.as_str() < work)
        }
        Kind::NoticeReceipt => true,
        Kind::CareNeed => record.read::<CareNeed>().is_ok_and(|need| need.last() < care),
        Kind::RightsRequest => {
            record.read::<RightsRequest>().is_ok_and(|one| one.standing.at.is_some_and(|at| at.day() < rights))
        }
        Kind::Restriction => text("to").parse::<chrono::NaiveDate>().is_ok_and(|to| to < rights),
        _ => false,
    }
}

/// Visits with answers that have been kept for long enough: which answers.
type Answered = (UnitId, Uuid, Vec<String>);

fn answers(c: &Connection, now_ms: i64) -> Result<Vec<Answered>, StoreError> {
    let mut forms = BTreeMap::new();
    let mut statement =
        c.prepare_cached("SELECT r.body FROM unit u CROSS JOIN record r ON r.area = u.id AND r.kind = 16")?;
    for body in statement.query_map([], |row| row.get::<_, String>(0))? {
        let record: Record = serde_json::from_str(&body?).map_err(|_| StoreError::Damaged { what: "record" })?;
        let Ok(of) = record.read::<FormDefinition>() else { continue };
        let days = of.fields.into_iter().filter_map(|field| Some((field.id, field.retention_days?)));
        let days: Vec<_> = days.collect();
        if !days.is_empty() {
            forms.insert((of.form, u64::from(of.version)), days);
        }
    }
    if forms.is_empty() {
        return Ok(Vec::new());
    }
    let shortest = forms.values().flatten().map(|(_, days)| *days).min().unwrap_or_default();
    let before = Moment::from_ms(before_ms(now_ms, u64::from(shortest))).to_string();
    let mut statement = c.prepare_cached(
        "SELECT r.area, r.id, r.sort, r.body ->> '$.f.form' FROM unit u CROSS JOIN record r
         ON r.area = u.id AND r.kind = 8 AND r.sort < ?1 AND r.body ->> '$.f.form.answers' IS NOT NULL",
    )?;
    let mut rows = statement.query([before])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let form: serde_json::Value = serde_json::from_str(&row.get::<_, String>(3)?).unwrap_or_default();
        let key = (form["form"].as_str().unwrap_or_default().to_owned(), form["version"].as_u64().unwrap_or_default());
        let started = Moment::parse(&row.get::<_, String>(2)?).map_or(i64::MAX, Moment::to_ms);
        let is_over = |days: u16| started < before_ms(now_ms, u64::from(days));
        let fields = forms
            .get(&key)
            .into_iter()
            .flatten()
            .filter(|(id, days)| is_over(*days) && form["answers"].get(id).is_some());
        let fields: Vec<String> = fields.map(|(id, _)| id.clone()).collect();
        if !fields.is_empty() {
            found.push((UnitId(id_at(row, 0)?), id_at(row, 1)?, fields));
        }
    }
    Ok(found)
}

/// Empties the next batches that are too old to stand as they came. Gives how many.
fn empty_batches(tx: &Transaction<'_>, now_ms: i64) -> Result<u64, StoreError> {
    let sql = format!("SELECT id FROM ledger_batch WHERE {BATCHES} ORDER BY id LIMIT ?2");
    let batches: Vec<i64> = tx
        .prepare_cached(&sql)?
        .query_map((before_ms(now_ms, BATCH_DAYS), CHUNK_COUNT as i64), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for batch in &batches {
        ledger::empty_batch(tx, now_ms, *batch)?;
    }
    if let Some(last) = batches.last() {
        tx.execute("UPDATE server SET emptied_upto = ?1 WHERE id = 1", [last])?;
    }
    Ok(batches.len() as u64)
}
