//! What may happen to files: power cuts, full and failing disks, copies, operations that nobody should have made.

use crate::checks::{Checked, fail};
use crate::run::{Run, sync_of};
use crate::town::Standing;
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use zoufang_core::Error;
use zoufang_core::ports::{Ids, KeyVault};
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::{MIGRATIONS, outbox, profile};
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::HybridClock;
use zoufang_tests::dice::Dice;
use zoufang_tests::phone::Phone;
use zoufang_tests::power_cut::faults::{FailingDisk, Kind as DiskFault};
use zoufang_tests::power_cut::recording::{Recorder, Recording, beside};
use zoufang_tests::power_cut::states::{Files, Platter};
use zoufang_tests::power_cut::vfs;
use zoufang_tests::world::Fault;

/// Tries after which something has been saved.
const WORKS_MAX_COUNT: usize = 12;
/// What a database consists of, after its name.
const FILES: [&str; 3] = ["", "-wal", "-shm"];

fn cut(recording: &Recording, at: usize, dice: &mut Dice) -> Files {
    let mut platter = Platter::of(recording);
    recording.ops[..at].iter().for_each(|op| platter.take(op));
    platter.cut_by_chance(dice).1
}

impl Run {
    /// The power of a phone goes while its holder works, or while it syncs. What had returned before is there.
    pub(crate) async fn power_cut(&mut self, at: usize, in_sync: bool, dice: &mut Dice) -> Checked<String> {
        let path = self.hands[at].phone.path().to_owned();
        let recorder = Recorder::start(&path);
        let (before, mut returned) = (self.town.promises.count(), 0);
        let said = match in_sync {
            true => self.sync(at).await?,
            false => {
                let first = self.work(at, dice).await?;
                returned = recorder.position();
                format!("{first}; {}", self.work(at, dice).await?)
            }
        };
        if self.hands[at].standing == Standing::Wiped {
            return Ok(format!("{said}; wiped before the power goes"));
        }
        let end = recorder.position();
        let moment = if dice.percent(30) { end } else { dice.between(returned, end) };
        let recording = recorder.finish();
        drop(recorder);
        if moment < end && !in_sync {
            // Of the two that were saved the first had returned.
            let sure_count = (before + 1).min(self.town.promises.count());
            self.town.promises.doubt_from(if first_counts(&said) { sure_count } else { before });
        }
        let files = cut(&recording, moment, dice);
        let phone = &mut self.hands[at].phone;
        phone.kill().map_err(|error| fail("simulation", error.to_string()))?;
        FILES.iter().for_each(|suffix| drop(std::fs::remove_file(beside(&path, suffix))));
        files.iter().for_each(|(name, content)| std::fs::write(beside(&path, name), content).unwrap());
        phone.reopen().map_err(|error| fail("P1", format!("phone {at} does not open after a power cut: {error:?}")))?;
        Ok(format!("{said}; the power goes after {moment} of {end}"))
    }

    /// A disk without space, while a phone works or syncs: a save that fails leaves nothing, and says so.
    pub(crate) async fn full_disk(&mut self, at: usize, in_sync: bool, after: u64, dice: &mut Dice) -> Checked<String> {
        let disk = FailingDisk::after(DiskFault::Full, after, true);
        self.on_disk(at, in_sync, disk, dice).await
    }
    /// A disk that fails once at any operation.
    pub(crate) async fn failing_disk(
        &mut self,
        at: usize,
        in_sync: bool,
        after: u64,
        dice: &mut Dice,
    ) -> Checked<String> {
        let disk = FailingDisk::after(DiskFault::Device, after, false);
        self.on_disk(at, in_sync, disk, dice).await
    }
    async fn on_disk(&mut self, at: usize, in_sync: bool, disk: Arc<FailingDisk>, dice: &mut Dice) -> Checked<String> {
        let watch = vfs::watch(self.hands[at].phone.path(), Arc::clone(&disk) as _);
        let said = match in_sync {
            true => match sync_of(&self.hands[at]).await {
                Err(Error::Store(_) | Error::Open(_)) => "no sync on this disk".to_owned(),
                other => self.judge(at, other)?,
            },
            false => match self.hands[at].worker(&self.town).work(dice) {
                Ok(said) => said,
                Err(Error::Store(_) | Error::Open(_)) => "nothing is saved on this disk".to_owned(),
                Err(other) => return Err(fail("P2", format!("phone {at}, a bad disk: {other:?}"))),
            },
        };
        disk.heal();
        drop(watch);
        if self.hands[at].standing != Standing::Wiped {
            self.kill(at)?;
        }
        Ok(format!("{said}; the disk refused {}", disk.failed_count().min(1)))
    }

    pub(crate) async fn server_disk_full(&mut self, at: usize, after: u64) -> Checked<String> {
        let disk = FailingDisk::after(DiskFault::Full, after, true);
        let watch = vfs::watch(&self.town.server_path(), Arc::clone(&disk) as _);
        let said = self.sync(at).await;
        disk.heal();
        drop(watch);
        Ok(format!("{}; the server's disk was full: {}", said?, disk.failed_count() > 0))
    }

    /// The server loses its power during a request, whose answer is lost with it. What it had answered before is there.
    pub(crate) async fn server_power_cut(&mut self, at: usize, number: u64, dice: &mut Dice) -> Checked<String> {
        let recorder = Arc::new(Recorder::start(&self.town.server_path()));
        let begun = Arc::new(AtomicUsize::new(usize::MAX));
        let wire = self.hands[at].wire.clone();
        let (moment, tape, line) = (Arc::clone(&begun), Arc::clone(&recorder), wire.line.clone());
        wire.at_request(
            number,
            Box::new(move || {
                Box::pin(async move {
                    moment.store(tape.position(), Ordering::SeqCst);
                    line.plan("", Fault::AnswerLost, 1);
                    line.cut_after(1);
                })
            }),
        );
        let said = self.sync(at).await?;
        let end = recorder.position();
        let moment = dice.between(begun.load(Ordering::SeqCst).min(end), end);
        let files = cut(&recorder.finish(), moment, dice);
        self.hands[at].wire.heal();
        drop(recorder);
        self.town.restart_on(&self.hands, &files);
        Ok(format!("{said}; the server's power went after {moment} of {end}"))
    }

    /// An operation that the core itself would not have made.
    pub(crate) fn poison(&mut self, at: usize, dice: &mut Dice) -> Checked<String> {
        if self.hands[at].standing != Standing::Active {
            return Ok("no poison".to_owned());
        }
        let Some(home) =
            self.hands[at].phone.core().homes(zoufang_core::views::Page::FIRST).unwrap().into_iter().next()
        else {
            return Ok("no home".to_owned());
        };
        self.may_quarantine = true;
        let (database, phone) = (open(&self.hands[at].phone), &self.hands[at].phone);
        let fields = Fields::from([("outcome".to_owned(), json!("flew_away"))]);
        let id = uuid::Uuid::from_u128(u128::from(dice.bits()));
        let planted = database.write::<_, Error, _>(|tx| {
            let (tail, own) = (outbox::tail(tx)?, profile::get(tx)?);
            let at = HybridClock::resume(tail.at).tick(phone.clock.now_ms());
            let action = Action::Create { fields, entries: Vec::new() };
            let (counter, area, kind) = (tail.counter + 1, home.micro_grid, Kind::Visit);
            let operation = Operation { counter, at, staff: own.staff, area, kind, id, action };
            outbox::append(tx, &tail, &operation)
        });
        planted.map_err(|error| fail("simulation", format!("no poison: {error:?}")))?;
        Ok("an operation that never validates".to_owned())
    }

    /// Two copies of one phone work and sync: both are frozen.
    pub(crate) async fn cloned(&mut self, at: usize, dice: &mut Dice) -> Checked<String> {
        if !self.is_ready_to_fork(at).await? {
            return Ok("not copied".to_owned());
        }
        let path = beside(self.hands[at].phone.path(), ".copy");
        FILES.iter().for_each(|suffix| drop(std::fs::remove_file(beside(&path, suffix))));
        let copy = self.hands[at].phone.clone_to(&path).map_err(|error| fail("P1", format!("{error:?}")))?;
        let worker = crate::work::Worker { core: copy.core().clone(), ..self.hands[at].worker(&self.town) };
        let (outbox_before, promised_before) = (tail_of(&self.hands[at].phone), self.town.promises.count());
        self.work(at, dice).await?;
        let theirs = worker.work(dice).map_err(|error| fail("P1", format!("the copy: {error:?}")))?;
        let said = self.sync(at).await?;
        if tail_of(&copy) == outbox_before || tail_of(&self.hands[at].phone) == outbox_before {
            self.town.promises.doubt_from(promised_before);
            return Ok(format!("{said}; a copy that did nothing"));
        }
        let first = tail_of(&copy).min(tail_of(&self.hands[at].phone));
        if link_of(&copy, first) == link_of(&self.hands[at].phone, first) {
            self.town.promises.doubt_from(promised_before);
            return Ok(format!("{said}; a copy that did the same, to the byte"));
        }
        let outcome = copy.sync_over(&self.hands[at].protocol).await;
        self.is_frozen(at, &outcome)?;
        self.hands[at].standing = Standing::Forked;
        self.may_quarantine = true;
        Ok(format!("{said}; the copy: {theirs}, frozen"))
    }

    /// A phone gets the database of some time ago back, and works on.
    pub(crate) async fn rolled_back(&mut self, at: usize, dice: &mut Dice) -> Checked<String> {
        if !self.is_ready_to_fork(at).await? {
            return Ok("not rolled back".to_owned());
        }
        let path = self.hands[at].phone.path().to_owned();
        let core = self.hands[at].phone.core();
        core.pause().map_err(|error| fail("P1", format!("{error:?}")))?;
        let before = std::fs::read(&path).unwrap();
        self.hands[at].phone.core().resume().map_err(|error| fail("P1", format!("{error:?}")))?;
        let first = tail_of(&self.hands[at].phone);
        self.work(at, dice).await?;
        self.sync(at).await?;
        if tail_of(&self.hands[at].phone) == first {
            return Ok("nothing to roll back".to_owned());
        }
        let done = tail_of(&self.hands[at].phone);
        let link = link_of(&self.hands[at].phone, done);
        let phone = &mut self.hands[at].phone;
        phone.close().map_err(|error| fail("P1", format!("{error:?}")))?;
        FILES.iter().for_each(|suffix| drop(std::fs::remove_file(beside(&path, suffix))));
        std::fs::write(&path, before).unwrap();
        phone.reopen().map_err(|error| fail("P1", format!("{error:?}")))?;
        for _ in 0..WORKS_MAX_COUNT {
            self.work(at, dice).await?;
        }
        if tail_of(&self.hands[at].phone) == first {
            return Err(fail("simulation", "nothing could be saved after a roll-back"));
        }
        let phone = &self.hands[at].phone;
        if tail_of(phone) >= done && link_of(phone, done) == link {
            return Ok("rolled back, and the same done once more, to the byte".to_owned());
        }
        let outcome = sync_of(&self.hands[at]).await;
        self.is_frozen(at, &outcome)?;
        self.hands[at].standing = Standing::Forked;
        self.may_quarantine = true;
        Ok("rolled back, frozen".to_owned())
    }

    async fn is_ready_to_fork(&mut self, at: usize) -> Checked<bool> {
        let is_alone = self.hands.iter().filter(|hand| hand.standing == Standing::Active).count() < 2;
        if self.hands[at].standing != Standing::Active || is_alone || self.awaits_returns {
            return Ok(false);
        }
        self.sync(at).await?;
        Ok(self.hands[at].standing == Standing::Active)
    }
    fn is_frozen(&self, at: usize, outcome: &Result<zoufang_core::sync::SyncReport, Error>) -> Checked {
        match outcome {
            Err(error) if error.message_id() == "device.forked" => Ok(()),
            other => Err(fail("clones", format!("phone {at}, a second copy: {other:?}"))),
        }
    }
}

/// Whether the first of two tries bore a promise: its words name it.
fn first_counts(said: &str) -> bool {
    said.split("; ").next().is_some_and(|first| first.contains(crate::promises::MARK))
}

struct NoIds;

impl Ids for NoIds {
    fn uuid_v7(&self) -> uuid::Uuid {
        uuid::Uuid::nil()
    }
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A phone's database, beside the core that has it open.
pub(crate) fn open(phone: &Phone) -> Database {
    let vault: &dyn KeyVault = phone.vault();
    Database::open(&OpenOptions::new(phone.path(), MIGRATIONS), vault, &NoIds).expect("the phone's database opens")
}

/// The link of the chain after an operation: equal where everything up to it is. Two copies of a phone that do the same at the same moment of
/// a clock that stands still have made one operation, and no server could tell.
fn link_of(phone: &Phone, counter: u64) -> Vec<u8> {
    let sql = "SELECT link FROM operation WHERE counter = ?";
    open(phone)
        .read::<_, Error, _>(|c| Ok(c.query_row(sql, [counter as i64], |row| row.get(0))?))
        .expect("the outbox reads")
}

fn tail_of(phone: &Phone) -> u64 {
    open(phone).read::<_, Error, _>(|c| Ok(outbox::tail(c)?.counter)).expect("the outbox reads")
}
