//! One operation onto one record: who may, in which order, merged how, under which sequence number.

use super::held::{self, Screened};
use super::own::SERVER_DEVICE;
use super::{care, conflict_log, notices};
use crate::grants;
use crate::projection::{Records, Standing};
use crate::store::{StoreError, id_at};
use rusqlite::{OptionalExtension, Transaction};
use std::borrow::Cow;
use std::collections::HashMap;
use uuid::Uuid;
use zoufang_domain::appointment;
use zoufang_domain::authority;
use zoufang_domain::calendar::Moment;
use zoufang_domain::conflict;
use zoufang_domain::ids::{DeviceId, StaffId, UnitId};
use zoufang_domain::matter;
use zoufang_domain::merge;
use zoufang_domain::operation::{Action, List, Operation};
use zoufang_domain::record::Record;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::{self, HybridClock, Stamp};
use zoufang_domain::wire::push::Outcome;

/// What one transaction knows of areas and clocks, read once and written back at its end.
pub(super) struct Book<'t> {
    pub(super) tx: &'t Transaction<'t>,
    pub(super) now_ms: i64,
    pub(super) clock: HybridClock,
    pub(super) epoch: u32,
    records: Records<'t>,
    areas: HashMap<UnitId, Area>,
    last_stamp: Stamp,
}

/// An area in this transaction.
struct Area {
    seq: i64,
    seq_before: i64,
    /// The author's posts that cover it; filled at the first question.
    posts: Option<Vec<Post>>,
    /// Whether any record ever left it; filled at the first question. Nearly always none did, and then no new record need be looked up.
    anything_left: Option<bool>,
    /// Whether anybody was ever erased from it; filled at the first question.
    anyone_erased: Option<bool>,
}

impl Area {
    fn at(seq: i64) -> Self {
        Area { seq, seq_before: seq, posts: None, anything_left: None, anyone_erased: None }
    }
}

/// A post that covers an area.
struct Post {
    role: Role,
    from_ms: i64,
    to_ms: Option<i64>,
}

impl Post {
    fn covers(&self, at_ms: i64) -> bool {
        self.from_ms <= at_ms && self.to_ms.is_none_or(|to_ms| at_ms < to_ms)
    }
}

/// On whose word an operation is applied.
#[derive(Clone, Copy)]
pub(super) enum Hand {
    /// A phone's: its holder's posts decide.
    Phone { device: DeviceId, holder: StaffId },
    /// That of someone signed in here: the posts held now decide, and what is not legal now is refused instead of kept as late.
    Desk { staff: StaffId },
    /// A phone's, on the word of a supervisor who settles what waited: no post is asked for.
    Vouched { device: DeviceId },
    /// The server's own.
    Server { device: DeviceId },
}

/// What applying did.
pub(super) struct Effect {
    pub(super) outcome: Outcome,
    pub(super) effective: Stamp,
    pub(super) changed: bool,
    pub(super) seq: i64,
    /// Whether the record was not there before.
    pub(super) began: bool,
}

impl<'t> Book<'t> {
    pub(super) fn open(tx: &'t Transaction<'t>, now_ms: i64) -> Result<Self, StoreError> {
        let (epoch, last): (u32, i64) = tx
            .prepare_cached("SELECT epoch, last_stamp FROM server WHERE id = 1")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let last_stamp = Stamp(last as u64);
        Ok(Book {
            tx,
            now_ms,
            clock: HybridClock::resume(last_stamp),
            epoch,
            records: Records::prepare(tx)?,
            areas: HashMap::new(),
            last_stamp,
        })
    }
    /// Writes back what was handed out.
    pub(super) fn close(self) -> Result<(), StoreError> {
        for (id, area) in &self.areas {
            if area.seq != area.seq_before {
                let sql = "UPDATE unit SET seq = ?2 WHERE id = ?1";
                self.tx.prepare_cached(sql)?.execute((id.as_bytes(), area.seq))?;
            }
        }
        if self.clock.last() != self.last_stamp {
            let sql = "UPDATE server SET last_stamp = ?1 WHERE id = 1";
            self.tx.prepare_cached(sql)?.execute([self.clock.last().0 as i64])?;
        }
        Ok(())
    }
    /// Applies an operation, or says why not. Whatever is stored takes the area's next sequence number.
    pub(super) fn apply(&mut self, operation: &Operation, hand: Hand) -> Result<Result<Effect, Refusal>, StoreError> {
        let (area, kind, id) = (operation.area, operation.kind, operation.id);
        if self.area(area)?.is_none() {
            return Ok(Err(Refusal::NotAssigned));
        }
        if let Some(effect) = self.begin(operation, hand)? {
            return Ok(Ok(effect));
        }
        let before = self.records.find(area, kind, id)?;
        let superseded = merge::superseded(before.as_ref().map(|standing| &standing.record), operation);
        let effective = stamp::effective(operation.at, self.now_ms, superseded);
        let known = before.as_ref().map(|standing| &standing.record);
        let (device, admitted) = match self.admit(operation, known, hand, effective)? {
            Ok(admitted) => admitted,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let contested = match &before {
            Some(standing) if standing.conflicts_count > 0 => conflict::of(&standing.record),
            _ => Vec::new(),
        };
        let mut held = matches!(admitted, Cow::Owned(_));
        let operation = admitted.as_ref();
        let version = operation.version(device, effective);
        // The standing row is kept for its sequence numbers; its record goes into the merge.
        let (standing, record) = match before {
            Some(mut standing) => {
                let empty = Record::empty(kind, id, area, version, operation.staff);
                let record = std::mem::replace(&mut standing.record, empty);
                (Some(standing), Some(record))
            }
            None => (None, None),
        };
        let began = standing.is_none();
        let met_another = !began && matches!(operation.action, Action::Create { .. });
        let applied = match merge::apply(record, operation, version) {
            Ok(applied) => applied,
            Err(refusal) => {
                if held {
                    held::forget(self.tx, device, operation.counter)?;
                }
                return Ok(Err(refusal));
            }
        };
        if held && !applied.changed {
            // It was there already, as a restored server's own backup had it.
            held::forget(self.tx, device, operation.counter)?;
            held = false;
        }
        let late = applied.changed && is_late(&applied.record, operation);
        if late && matches!(hand, Hand::Desk { .. }) {
            return Ok(Err(Refusal::NotNow));
        }
        self.clock.observe(effective);
        let plain = applied.changed
            && effective == operation.at
            && applied.conflicting.is_empty()
            && !late
            && !met_another
            && !held;
        let mut seq = standing.as_ref().map_or(0, |standing| standing.seq);
        if applied.changed {
            seq = self.next_seq(area);
            let count = self.records.put(standing.as_ref(), &applied.record, seq, plain.then_some(device))?;
            if count > 0 || !contested.is_empty() {
                conflict_log::follow(self.tx, self.now_ms, &contested, &applied.record, operation.staff)?;
            }
        }
        let outcome =
            if plain { Outcome::Applied } else { Outcome::Merged { conflicts: applied.conflicting, late, held } };
        Ok(Ok(Effect { outcome, effective, changed: applied.changed, seq, began }))
    }
    /// Begins a record by one statement, which finds out by itself whether it is there: of 2,000 visits pushed nearly all are new, and
    /// looking each up first was 4 % of the work (2026-11-27). `None` when it is there, or when there is more to ask about the operation
    /// than that: then nothing has been changed.
    fn begin(&mut self, operation: &Operation, hand: Hand) -> Result<Option<Effect>, StoreError> {
        let is_plain = matches!(operation.action, Action::Create { .. }) && matches!(hand, Hand::Phone { .. });
        if !is_plain || self.anyone_erased(operation.area)? {
            return Ok(None);
        }
        let effective = stamp::effective(operation.at, self.now_ms, None);
        let Ok((device, admitted)) = self.admit(operation, None, hand, effective)? else { return Ok(None) };
        let Ok(applied) = merge::apply(None, &admitted, operation.version(device, effective)) else { return Ok(None) };
        let late = is_late(&applied.record, operation);
        let plain = effective == operation.at && !late;
        let Some(area) = self.areas.get_mut(&operation.area) else { return Ok(None) };
        let seq = area.seq + 1;
        if !self.records.begin(&applied.record, seq, plain.then_some(device))? {
            return Ok(None);
        }
        area.seq = seq;
        self.clock.observe(effective);
        let merged = || Outcome::Merged { conflicts: Vec::new(), late, held: false };
        let outcome = if plain { Outcome::Applied } else { merged() };
        Ok(Some(Effect { outcome, effective, changed: true, seq, began: true }))
    }
    /// Whether an operation may be applied, as which device's, and as what: in an area from which somebody was erased not always as it was made.
    fn admit<'o>(
        &mut self,
        operation: &'o Operation,
        known: Option<&Record>,
        hand: Hand,
        effective: Stamp,
    ) -> Result<Result<(DeviceId, Cow<'o, Operation>), Refusal>, StoreError> {
        let (device, judged) = match hand {
            Hand::Phone { device, holder } => (device, self.judge(operation, known, holder, effective)?),
            Hand::Desk { staff } => (SERVER_DEVICE, self.judge_at_desk(operation, staff)?),
            Hand::Vouched { device } | Hand::Server { device } => (device, Ok(())),
        };
        if let Err(refusal) = judged {
            return Ok(Err(refusal));
        }
        // Whoever vouches for an operation cannot widen who sees a need, nor for how long it holds.
        if !matches!(hand, Hand::Server { .. })
            && let Err(refusal) = care::fits(self.tx, operation, known, effective)?
        {
            return Ok(Err(refusal));
        }
        if !matches!(hand, Hand::Server { .. })
            && let Err(refusal) = notices::fits(self.tx, operation)?
        {
            return Ok(Err(refusal));
        }
        if known.is_none()
            && let Some(refusal) = self.left_before(operation, hand)?
        {
            return Ok(Err(refusal));
        }
        if let Some(Err(refusal)) = known.map(|record| appointment::may_follow(record, operation)) {
            return Ok(Err(refusal));
        }
        Ok(self.screened(operation, known, hand)?.map(|screened| (device, screened)))
    }
    /// A record of an area.
    pub(super) fn find(&mut self, area: UnitId, kind: Kind, id: Uuid) -> Result<Option<Standing>, StoreError> {
        self.records.find(area, kind, id)
    }
    /// Puts a record in the place of what stands, without an operation: what must not be kept is taken out of it. Everyone pulls it.
    pub(super) fn replace(&mut self, standing: &Standing, record: &Record, by: StaffId) -> Result<(), StoreError> {
        let contested = conflict::of(&standing.record);
        let seq = self.next_seq(record.area);
        let count = self.records.put(Some(standing), record, seq, None)?;
        if count > 0 || !contested.is_empty() {
            conflict_log::follow(self.tx, self.now_ms, &contested, record, by)?;
        }
        Ok(())
    }
    /// Takes a record out of its area: phones get the word that it is gone. One that is erased stays known as such even if it is not there.
    /// Gives whether it was.
    pub(super) fn depart(&mut self, area: UnitId, kind: Kind, id: Uuid, erased: bool) -> Result<bool, StoreError> {
        let sql = "DELETE FROM record WHERE area = ?1 AND kind = ?2 AND id = ?3";
        let was_there = self.tx.prepare_cached(sql)?.execute((area.as_bytes(), kind.number(), id.as_bytes()))? > 0;
        if was_there || erased {
            let seq = self.next_seq(area);
            let sql = "INSERT INTO departed (area, kind, id, seq, erased) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT DO UPDATE SET seq = excluded.seq, erased = max(erased, excluded.erased)";
            self.tx.prepare_cached(sql)?.execute((area.as_bytes(), kind.number(), id.as_bytes(), seq, erased))?;
        }
        Ok(was_there)
    }
    /// The area's next sequence number.
    pub(super) fn next_seq(&mut self, id: UnitId) -> i64 {
        // Asked only for areas that `area` has loaded; an unknown one would begin at 1 and be refused by the unit's absence.
        let area = self.areas.entry(id).or_insert(Area::at(0));
        area.seq += 1;
        area.seq
    }
    /// Loads an area; `None` when there is no such unit.
    pub(super) fn area(&mut self, id: UnitId) -> Result<Option<()>, StoreError> {
        if self.areas.contains_key(&id) {
            return Ok(Some(()));
        }
        let mut statement = self.tx.prepare_cached("SELECT seq FROM unit WHERE id = ?1")?;
        let Some(seq) = statement.query_row([id.as_bytes()], |row| row.get(0)).optional()? else { return Ok(None) };
        self.areas.insert(id, Area::at(seq));
        Ok(Some(()))
    }
    /// The role in which the holder works in the area now, as [`grants`] names it: only then may an answer carry the area's records.
    pub(super) fn role_in(&mut self, id: UnitId, holder: StaffId) -> Result<Option<Role>, StoreError> {
        if self.area(id)?.is_none() {
            return Ok(None);
        }
        let now_ms = self.now_ms;
        let posts = self.posts(id, holder)?.iter().filter(|post| post.covers(now_ms));
        Ok(posts.map(|post| post.role).max_by_key(|role| grants::precedence(*role)))
    }
    /// Late work is judged by the post that was held when it was done; a phone whose clock is wrong by years is judged by the post
    /// that its holder has now, since no clock may keep work from arriving.
    fn judge(
        &mut self,
        operation: &Operation,
        known: Option<&Record>,
        holder: StaffId,
        effective: Stamp,
    ) -> Result<Result<(), Refusal>, StoreError> {
        let (now_ms, done_ms) = (self.now_ms, Moment::from_ms(effective.wall_ms()).to_ms());
        let posts = self.posts(operation.area, holder)?;
        let mut verdict = Err(Refusal::NotAssigned);
        for post in posts.iter().filter(|post| post.covers(done_ms) || post.covers(now_ms)) {
            let with_known = |known| {
                authority::may_touch(post.role, known)?;
                authority::may_correct(post.role, known, operation)?;
                authority::may_give(post.role, known, operation)
            };
            match authority::may(post.role, operation).and_then(|()| known.map_or(Ok(()), with_known)) {
                Ok(()) => return Ok(Ok(())),
                Err(refusal) => verdict = Err(refusal),
            }
        }
        Ok(verdict)
    }
    /// At a desk the clock is the server's and so is the connection: only a post that is held now counts.
    fn judge_at_desk(&mut self, operation: &Operation, staff: StaffId) -> Result<Result<(), Refusal>, StoreError> {
        let now_ms = self.now_ms;
        self.forget_posts(operation.area);
        let posts = self.posts(operation.area, staff)?;
        let mut verdict = Err(Refusal::NotAssigned);
        for post in posts.iter().filter(|post| post.covers(now_ms)) {
            verdict = authority::may_at_desk(post.role, operation);
            if verdict.is_ok() {
                break;
            }
        }
        self.forget_posts(operation.area);
        Ok(verdict)
    }
    /// Forgets whose posts were read for an area: the next operation may be another holder's.
    pub(super) fn forget_posts(&mut self, id: UnitId) {
        if let Some(area) = self.areas.get_mut(&id) {
            area.posts = None;
        }
    }
    fn posts(&mut self, id: UnitId, holder: StaffId) -> Result<&[Post], StoreError> {
        let area = self.areas.entry(id).or_insert(Area::at(0));
        if area.posts.is_none() {
            area.posts = Some(load_posts(self.tx, id, holder)?);
        }
        Ok(area.posts.as_deref().unwrap_or_default())
    }
    fn anything_left(&mut self, id: UnitId) -> Result<bool, StoreError> {
        if let Some(known) = self.areas.get(&id).and_then(|area| area.anything_left) {
            return Ok(known);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM departed WHERE area = ?1)";
        let found = self.tx.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0))?;
        if let Some(area) = self.areas.get_mut(&id) {
            area.anything_left = Some(found);
        }
        Ok(found)
    }
    fn anyone_erased(&mut self, id: UnitId) -> Result<bool, StoreError> {
        if let Some(known) = self.areas.get(&id).and_then(|area| area.anyone_erased) {
            return Ok(known);
        }
        let sql = "SELECT EXISTS (SELECT 1 FROM erasure WHERE area = ?1)";
        let found = self.tx.prepare_cached(sql)?.query_row([id.as_bytes()], |row| row.get(0))?;
        if let Some(area) = self.areas.get_mut(&id) {
            area.anyone_erased = Some(found);
        }
        Ok(found)
    }
    /// What may be applied of an operation in an area from which somebody was erased.
    fn screened<'o>(
        &mut self,
        operation: &'o Operation,
        known: Option<&Record>,
        hand: Hand,
    ) -> Result<Result<Cow<'o, Operation>, Refusal>, StoreError> {
        let from = match hand {
            Hand::Phone { device, .. } => Some(device),
            Hand::Vouched { .. } | Hand::Desk { .. } => None,
            Hand::Server { .. } => return Ok(Ok(Cow::Borrowed(operation))),
        };
        if !self.anyone_erased(operation.area)? {
            return Ok(Ok(Cow::Borrowed(operation)));
        }
        Ok(match held::screen(self.tx, self.now_ms, operation, known, from)? {
            Screened::AsMade => Ok(Cow::Borrowed(operation)),
            Screened::Changed(changed) => Ok(Cow::Owned(*changed)),
            Screened::Erased => Err(Refusal::RecordErased),
        })
    }
    /// A record that left the area does not come back by an operation. Only the server's own hand may begin one anew that was taken
    /// back without being erased (an import that was undone).
    pub(super) fn left_before(&mut self, operation: &Operation, hand: Hand) -> Result<Option<Refusal>, StoreError> {
        let (area, kind, id) = (operation.area, operation.kind, operation.id);
        if !self.anything_left(area)? {
            return Ok(None);
        }
        let Some(erased) = self.records.departed(area, kind, id)? else { return Ok(None) };
        let anew = matches!((hand, &operation.action), (Hand::Server { .. }, Action::Create { .. }));
        if anew && !erased {
            let sql = "DELETE FROM departed WHERE area = ?1 AND kind = ?2 AND id = ?3";
            self.tx.prepare_cached(sql)?.execute((area.as_bytes(), kind.number(), id.as_bytes()))?;
            return Ok(None);
        }
        Ok(Some(if erased { Refusal::RecordErased } else { Refusal::RecordMoved }))
    }
}

fn load_posts(tx: &Transaction<'_>, area: UnitId, holder: StaffId) -> Result<Vec<Post>, StoreError> {
    let sql = "SELECT a.unit, a.role, a.from_ms, a.to_ms FROM unit_within w JOIN assignment a ON a.unit = w.ancestor
               WHERE w.unit = ?1 AND a.staff = ?2";
    let mut statement = tx.prepare_cached(sql)?;
    let mut rows = statement.query((area.as_bytes(), holder.as_bytes()))?;
    let mut posts = Vec::new();
    while let Some(row) = rows.next()? {
        let role =
            row.get_ref(1)?.as_str().ok().and_then(Role::from_name).ok_or(StoreError::Damaged { what: "role" })?;
        if UnitId(id_at(row, 0)?) == area || grants::reaches_below(role) {
            posts.push(Post { role, from_ms: row.get(2)?, to_ms: row.get(3)? });
        }
    }
    Ok(posts)
}

/// Whether one of the operation's own events is not legal where it came to stand.
fn is_late(record: &Record, operation: &Operation) -> bool {
    if record.kind != Kind::Matter {
        return false;
    }
    let entries = operation.action.entries();
    if !entries.iter().any(|entry| entry.list == List::Events) {
        return false;
    }
    let folded = matter::fold(record);
    folded.events.iter().any(|event| event.late && entries.iter().any(|entry| entry.id == event.id))
}
