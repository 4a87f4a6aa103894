//! A push in its transaction. The order of questions: is the device in good standing; where in its chain do the operations stand; which
//! of them are known; then each new one is applied or kept in quarantine, and the answer is durable before it is sent.

use super::answer::{self, Judged};
use super::book::{Book, Hand};
use super::incoming::{Incoming, Item};
use super::rejoin::{note_void, rejoin};
use super::{LedgerError, gap, quarantine, redaction, witness};
use crate::audit::{self, Actor};
use crate::device::{self, Device, Sightings, Status};
use crate::problem::Problem;
use crate::store::{Store, StoreError};
use flate2::{Compression, write::GzEncoder};
use rusqlite::{CachedStatement, OptionalExtension, Transaction};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::io::Write;
use uuid::Uuid;
use zoufang_domain::erasure::{self, Extent};
use zoufang_domain::ids::{DeviceId, OpId, UnitId};
use zoufang_domain::operation::Operation;
use zoufang_domain::planted::{self, Defect};
use zoufang_domain::refusal::Refusal;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::wire::push::{Outcome, PushAnswer};
use zoufang_domain::witness::copy_of;

/// How a push ended. Both are expected, and what either wrote stays written.
#[derive(Debug)]
pub enum Acceptance {
    /// Every operation has its verdict.
    Answered(PushAnswer),
    /// The batch as a whole was not taken.
    Refused(Problem),
}

/// From how many operations on a thread reads them while the ledger applies those before: 500 visits take 2.1 ms to read and 4.8 ms to
/// apply (2026-11-24), and a phone waits for both. A thread that also makes the records that they begin is no gain: the ledger catches up
/// with it and waits at every operation (44 became 55 ms for 2,000, 2026-11-26).
const READ_AHEAD_FROM_COUNT: usize = 64;

/// Accepts a push in a transaction of its own, writes what is known of phones with it, and notes a reused operation id in the audit.
///
/// # Errors
/// What the store says.
pub fn receive(
    store: &Store,
    now_ms: i64,
    id: DeviceId,
    incoming: &Incoming<'_>,
    sightings: &Sightings,
) -> Result<Acceptance, StoreError> {
    let accepted = std::thread::scope(|threads| {
        let read_ahead = || incoming.read_ahead();
        if incoming.items.len() < READ_AHEAD_FROM_COUNT {
            read_ahead();
        } else {
            // Where the system gives no thread, the ledger reads for itself.
            let _ = std::thread::Builder::new().name("zoufang-read".into()).spawn_scoped(threads, read_ahead);
        }
        let take = |tx: &Transaction<'_>| {
            sightings.write(tx)?;
            accept(tx, now_ms, id, incoming)
        };
        if planted::is(Defect::AcknowledgeBeforeCommit) { store.write_lazily(take) } else { store.write(take) }
    });
    match accepted {
        Ok(acceptance) => Ok(acceptance),
        Err(LedgerError::SameIdOtherContent(op)) => {
            let what = "push.same_id_other_content";
            store.write(|tx| audit::write(tx, now_ms, Actor::Device(id), what, &op.to_string()))?;
            Ok(Acceptance::Refused(Problem::new(409, what)))
        }
        Err(LedgerError::Store(e)) => Err(e),
        Err(LedgerError::Refused(_) | LedgerError::InUse) => Err(StoreError::Damaged { what: "verdict" }),
    }
}

/// Accepts a push.
///
/// # Errors
/// [`LedgerError::SameIdOtherContent`]: the transaction is to be rolled back. Otherwise what the store says.
pub fn accept(
    tx: &Transaction<'_>,
    now_ms: i64,
    id: DeviceId,
    incoming: &Incoming<'_>,
) -> Result<Acceptance, LedgerError> {
    let Some(mut device) = device::find(tx, id)? else {
        return Ok(Acceptance::Refused(Problem::new(404, "device.unknown")));
    };
    let forced = match device.status {
        Status::Active => None,
        Status::Revoked | Status::Erased => Some(Refusal::DeviceRevoked),
        Status::Suspended => {
            let problem = Problem::new(403, "device.suspended").with_last_counter(device.last_counter);
            return Ok(Acceptance::Refused(problem));
        }
        Status::Forked => return freeze(tx, now_ms, &device, incoming, None),
    };
    let Some(first) = place(tx, &device, incoming)? else {
        return freeze(tx, now_ms, &device, incoming, None);
    };
    let held = device.last_counter;
    if first > held + 1 && incoming.is_after_a_gap() && gap::may_have(tx, &device, first)? {
        gap::follow(tx, now_ms, &mut device, first)?;
    } else if first > held + 1 {
        let problem = Problem::new(409, "push.gap").with_last_counter(held);
        return Ok(Acceptance::Refused(problem));
    }
    let known_count = usize::try_from(device.last_counter + 1 - first).unwrap_or(usize::MAX).min(incoming.items.len());
    let known_count = if planted::is(Defect::SkipDedup) { 0 } else { known_count };
    let (known, fresh) = incoming.items.split_at(known_count);
    let mut judged = Vec::with_capacity(incoming.items.len());
    for (item, counter) in known.iter().zip(first..) {
        match seen_before(tx, &device, item, counter)? {
            Some(outcome) => judged.push(Judged::of(counter, outcome, true, item.operation())),
            None => return freeze(tx, now_ms, &device, incoming, Some(first)),
        }
    }
    // Over a gap there is nothing to compare.
    let is_over_a_gap = device.last_counter != held;
    let fits = match known_count.checked_sub(1) {
        Some(last) => incoming.links().get(last) == Some(&device.last_link),
        None => incoming.follows(device.last_link),
    };
    if first + known_count as u64 == device.last_counter + 1 && !fits && !is_over_a_gap {
        return freeze(tx, now_ms, &device, incoming, Some(first));
    }
    let mut book = Book::open(tx, now_ms)?;
    if !fresh.is_empty() {
        let from = device.last_counter + 1;
        let to = device.last_counter + fresh.len() as u64;
        let batch = keep_batch(tx, now_ms, &device, incoming, from, to)?;
        let insert = tx.prepare_cached(INSERT)?;
        let mut taker = Taker {
            book: &mut book,
            device: &device,
            incoming,
            batch,
            forced,
            insert,
            waits: HashMap::new(),
            erased: false,
            witnessed: None,
        };
        let already = judged.len();
        for (at, counter) in (known_count..incoming.items.len()).zip(from..) {
            judged.push(taker.take(at, counter)?);
        }
        if taker.erased {
            let erased: HashSet<u64> =
                judged[already..].iter().filter(|one| one.is_erased()).map(|one| one.counter).collect();
            empty(tx, now_ms, batch, &erased, first)?;
        }
        quarantine::release(tx, now_ms, &device, fresh, from)?;
        let sql = "UPDATE device SET last_counter = ?2, last_link = ?3 WHERE id = ?1";
        let last_link = incoming.links().last().unwrap_or(&device.last_link);
        tx.prepare_cached(sql)?.execute((id.as_bytes(), to as i64, last_link.0))?;
    }
    let verdicts = answer::verdicts(&mut book, &device, judged)?;
    let answer = PushAnswer {
        epoch: book.epoch,
        server_time: Stamp::from_ms(now_ms).max(book.clock.last()),
        acknowledged: device.last_counter + fresh.len() as u64,
        verdicts,
    };
    book.close()?;
    Ok(Acceptance::Answered(answer))
}

/// The counter of the first operation. Where no counter can be read at all, the place is that of the same text in quarantine, or the
/// next when the chain says so; `None` when neither holds.
fn place(tx: &Transaction<'_>, device: &Device, incoming: &Incoming<'_>) -> Result<Option<u64>, LedgerError> {
    if let Some(first) = incoming.first() {
        return Ok(Some(first));
    }
    if incoming.follows(device.last_link) {
        return Ok(Some(device.last_counter + 1));
    }
    let Some(item) = incoming.items.first() else { return Ok(None) };
    Ok(quarantine::find(tx, device, item, None)?.map(|(counter, _)| counter))
}

/// What a known operation was answered; `None` when it is not known, or known with other content: then there are two copies of the phone.
fn seen_before(
    tx: &Transaction<'_>,
    device: &Device,
    item: &Item<'_>,
    counter: u64,
) -> Result<Option<Outcome>, StoreError> {
    let found: Option<([u8; 16], Option<String>)> = tx
        .prepare_cached("SELECT hash, outcome FROM ledger_operation WHERE op_id = ?1 AND device = ?2")?
        .query_row((OpId::of(device.id, counter).as_bytes(), device.id.as_bytes()), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .optional()?;
    match found {
        Some((hash, None)) if hash == item.said().hash => Ok(Some(Outcome::Applied)),
        Some((hash, Some(outcome))) if hash == item.said().hash => {
            let outcome = serde_json::from_str(&outcome).map_err(|_| StoreError::Damaged { what: "outcome" })?;
            Ok(Some(outcome))
        }
        _ => Ok(None),
    }
}

/// Two copies of a phone exist: what the server does not have yet is kept, both copies are refused until a supervisor picks one.
fn freeze(
    tx: &Transaction<'_>,
    now_ms: i64,
    device: &Device,
    incoming: &Incoming<'_>,
    first: Option<u64>,
) -> Result<Acceptance, LedgerError> {
    let first = first.or_else(|| incoming.first()).unwrap_or(device.last_counter + 1);
    for (item, counter) in incoming.items.iter().zip(first..) {
        let known = seen_before(tx, device, item, counter)?.is_some()
            || quarantine::find(tx, device, item, Some(counter))?.is_some();
        if !known {
            quarantine::keep(tx, now_ms, device, item, item.text, counter, &Refusal::DeviceForked)?;
        }
    }
    let actor = Actor::Device(device.id);
    device::set_status(tx, now_ms, actor, device.id, Status::Forked, "device.forked")?;
    Ok(Acceptance::Refused(Problem::new(409, "device.forked").with_last_counter(device.last_counter)))
}

/// Stores the batch once, as it was signed: in the gzip that it came in, or compressed here.
fn keep_batch(
    tx: &Transaction<'_>,
    now_ms: i64,
    device: &Device,
    incoming: &Incoming<'_>,
    from: u64,
    to: u64,
) -> Result<i64, StoreError> {
    let body = match incoming.encoded {
        Some(encoded) => Cow::Borrowed(encoded),
        None => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            let written = encoder.write_all(incoming.text.as_bytes()).and_then(|()| encoder.finish());
            // Writing into memory cannot fail.
            Cow::Owned(written.map_err(|_| StoreError::Damaged { what: "batch" })?)
        }
    };
    let sql = "INSERT INTO ledger_batch (device, received_ms, first_counter, last_counter, body, signature)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    tx.prepare_cached(sql)?.execute((
        device.id.as_bytes(),
        now_ms,
        from as i64,
        to as i64,
        body.as_ref(),
        &incoming.signature,
    ))?;
    Ok(tx.last_insert_rowid())
}

/// Empties the operations of a batch that are about erased records. `first` is the counter of its first operation.
fn empty(tx: &Transaction<'_>, now_ms: i64, batch: i64, erased: &HashSet<u64>, first: u64) -> Result<(), StoreError> {
    let mut counter = first;
    redaction::rewrite_batch(tx, now_ms, batch, |text, link| {
        let is_erased = erased.contains(&counter);
        counter += 1;
        is_erased.then(|| erasure::redact(text, link, Extent::Whole)).flatten()
    })?;
    Ok(())
}

const INSERT: &str = "INSERT INTO ledger_operation (op_id, device, counter, batch, hash, area, effective, outcome)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";

/// The area of an operation that names none.
const NOWHERE: UnitId = UnitId(Uuid::nil());

/// Takes the new operations of one batch.
struct Taker<'b, 't> {
    book: &'b mut Book<'t>,
    device: &'b Device,
    incoming: &'b Incoming<'b>,
    batch: i64,
    forced: Option<Refusal>,
    insert: CachedStatement<'t>,
    /// Whether anything in an area waits for a record that is not there.
    waits: HashMap<UnitId, bool>,
    /// Whether anything is about a record that was erased, and must not be kept.
    erased: bool,
    /// Whether copies of any record wait; asked when a record begins.
    witnessed: Option<bool>,
}

impl Taker<'_, '_> {
    /// The operation at a place of the batch: applied, or kept verbatim with its reason.
    fn take(&mut self, at: usize, counter: u64) -> Result<Judged, LedgerError> {
        let incoming = self.incoming;
        let item = &incoming.items[at];
        let (outcome, effective) = match self.apply(item, counter)? {
            Ok(applied) => applied,
            Err(reason) => {
                let emptied = match reason {
                    Refusal::RecordErased => erasure::redact(item.text, incoming.links()[at], Extent::Whole),
                    _ => None,
                };
                self.erased |= emptied.is_some();
                let text = emptied.as_deref().unwrap_or(item.text);
                quarantine::keep(self.book.tx, self.book.now_ms, self.device, item, text, counter, &reason)?;
                if let (Refusal::RecordMissing, Some(area)) = (&reason, item.area()) {
                    self.waits.insert(area, true);
                }
                (Outcome::Quarantined { reason }, Stamp::default())
            }
        };
        let op_id = OpId::of(self.device.id, counter);
        let stored = match &outcome {
            Outcome::Applied => None,
            other => Some(serde_json::to_string(other).map_err(|_| StoreError::Damaged { what: "outcome" })?),
        };
        let inserted = self.insert.execute((
            op_id.as_bytes(),
            self.device.id.as_bytes(),
            counter as i64,
            self.batch,
            item.said().hash,
            item.area().unwrap_or(NOWHERE).as_bytes(),
            effective.0 as i64,
            stored,
        ))?;
        if inserted == 0 {
            return Err(LedgerError::SameIdOtherContent(op_id));
        }
        Ok(Judged::of(counter, outcome, false, item.operation()))
    }
    fn apply(&mut self, item: &Item<'_>, counter: u64) -> Result<Result<(Outcome, Stamp), Refusal>, StoreError> {
        let said = item.said();
        // Nothing is left to apply; its place in the chain is taken.
        if said.emptied {
            let is_in_place = item.counter() == Some(counter);
            return Ok(if is_in_place { Ok((Outcome::Applied, Stamp::default())) } else { Err(Refusal::Malformed) });
        }
        let operation = match &said.read {
            Ok(operation) => operation,
            Err(unread) if unread.unknown => return Ok(Err(Refusal::Unknown)),
            Err(_) => return Ok(Err(Refusal::Malformed)),
        };
        if let Some(forced) = &self.forced {
            return Ok(Err(forced.clone()));
        }
        // An operation whose counter is not that of its place is not readable: its place counts.
        if operation.counter != counter {
            return Ok(Err(Refusal::Malformed));
        }
        if let Some(refusal) = &said.refused {
            return Ok(Err(refusal.clone()));
        }
        if operation.staff != self.device.staff {
            return Ok(Err(Refusal::NotTheAuthor));
        }
        if let Some(record) = copy_of(operation) {
            return witness::judge(self.book, self.device, operation, record);
        }
        let hand = Hand::Phone { device: self.device.id, holder: self.device.staff };
        let effect = match self.book.apply(operation, hand)? {
            Ok(effect) => effect,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if effect.began {
            self.rejoin(operation)?;
            if self.any_witnessed()? {
                witness::settle(self.book.tx, self.book.now_ms, operation)?;
            }
        }
        note_void(self.book, self.device.id, operation)?;
        Ok(Ok((effect.outcome, effect.effective)))
    }
    /// Whether copies of any record wait, asked once a batch.
    fn any_witnessed(&mut self) -> Result<bool, StoreError> {
        if let Some(known) = self.witnessed {
            return Ok(known);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM quarantine WHERE record IS NOT NULL AND settled_ms IS NULL)";
        let found = self.book.tx.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        self.witnessed = Some(found);
        Ok(found)
    }
    fn rejoin(&mut self, begun: &Operation) -> Result<(), StoreError> {
        let waits = match self.waits.get(&begun.area) {
            Some(known) => *known,
            None => quarantine::any_waits(self.book.tx, begun.area)?,
        };
        self.waits.insert(begun.area, waits);
        if waits { rejoin(self.book, begun) } else { Ok(()) }
    }
}
