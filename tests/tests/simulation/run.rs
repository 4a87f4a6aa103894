//! A plan is carried out step by step, and held to the promises after each.

use crate::checks::{self, Checked, Failure, fail};
use crate::plan::{Meanwhile, Plan, Step, Trouble, What};
use crate::town::{Hand, Standing, Town};
use crate::wire::Twist;
use std::sync::{Arc, Mutex, PoisonError};
use zoufang_core::Error;
use zoufang_core::store::open::OpenError;
use zoufang_core::sync::http::Transport;
use zoufang_core::sync::{Cancel, SyncOptions, SyncReport};
use zoufang_domain::wire::ExchangeError;
use zoufang_tests::dice::Dice;
use zoufang_tests::ports::MINUTE_MS;
use zoufang_tests::world::Fault;

/// What happened, line by line; also what the hash of a run is made of. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    pub(crate) fn say(&self, line: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line.into());
    }
    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A run under way.
pub(crate) struct Run {
    pub(crate) town: Town,
    pub(crate) hands: Vec<Hand>,
    pub(crate) trace: Trace,
    /// Whether anything happened after which quarantine is a right answer.
    pub(crate) may_quarantine: bool,
    /// Whether the server was ever restored, and whether all phones have yet given back what it lost.
    pub(crate) was_restored: bool,
    pub(crate) awaits_returns: bool,
    /// What hooks found while requests were on their way.
    pub(crate) found: Arc<Mutex<Vec<Failure>>>,
}

impl Run {
    pub(crate) async fn begin(plan: &Plan, trace: Trace) -> Checked<Run> {
        let town = Town::begin(plan.seed);
        let mut hands = Vec::new();
        for (number, office) in plan.offices.iter().enumerate() {
            hands.push(town.phone(number, *office).await.map_err(|error| fail("enrolment", error.to_string()))?);
            trace.say(format!("phone {number} is {office:?}'s, {}", hands[number].device));
        }
        let found = Arc::default();
        let mut run =
            Run { town, hands, trace, may_quarantine: false, was_restored: false, awaits_returns: false, found };
        for number in (0..plan.offices.len()).filter(|number| !plan.begin_empty.contains(number)) {
            run.sync(number).await?;
        }
        Ok(run)
    }

    pub(crate) async fn step(&mut self, step: &Step) -> Checked {
        let mut dice = Dice::new(step.chance);
        self.town.clock.forward(dice.below(3 * MINUTE_MS as usize) as i64);
        self.hands[step.phone].phone.clock.forward(dice.below(5 * MINUTE_MS as usize) as i64);
        if self.hands[step.phone].standing == Standing::Wiped {
            return Ok(());
        }
        let said = self.act(step, &mut dice).await?;
        self.trace.say(format!("{step}: {said}"));
        self.hands[step.phone].wire.heal();
        if let Some(failure) = self.found.lock().unwrap().pop() {
            return Err(failure);
        }
        checks::after_step(self, step.phone)
    }

    async fn act(&mut self, step: &Step, dice: &mut Dice) -> Checked<String> {
        let at = step.phone;
        let town_clock_ms = self.town.clock.now_ms();
        match step.what {
            What::Work => self.work(at, dice).await,
            What::Draft => {
                let worker = self.hands[at].worker(&self.town);
                worker.draft(dice).or_else(|error| self.refused(at, &error))
            }
            What::Sync(None) => self.sync(at).await,
            What::Sync(Some(trouble)) => self.troubled_sync(at, trouble, dice).await,
            What::SideBySide { in_small_pages } => self.side_by_side(at, in_small_pages, dice).await,
            What::TwoSyncsAtOnce => {
                let hand = &self.hands[at];
                let (one, other) = tokio::join!(sync_of(hand), sync_of(hand));
                let said = self.judge(at, one)?;
                Ok(format!("{said}; {}", self.judge(at, other)?))
            }
            What::Kill => self.kill(at).map(|()| "killed".to_owned()),
            What::Background => {
                let core = self.hands[at].phone.core();
                core.pause().and_then(|()| core.resume()).map_err(|error| fail("P1", error.to_string()))?;
                Ok("in the background and back".to_owned())
            }
            What::PowerCut { in_sync } => self.power_cut(at, in_sync, dice).await,
            What::DiskFull { in_sync, after_count } => self.full_disk(at, in_sync, after_count, dice).await,
            What::DiskFails { in_sync, after_count } => self.failing_disk(at, in_sync, after_count, dice).await,
            What::ClockOff(by_ms) => {
                self.hands[at].phone.clock.set(town_clock_ms + by_ms);
                Ok("its clock is off".to_owned())
            }
            What::ClockRight => {
                self.hands[at].phone.clock.set(town_clock_ms);
                Ok("its clock is right".to_owned())
            }
            What::KeyMissing => self.key_missing(at),
            What::Poison => self.poison(at, dice),
            What::OldPushAgain => self.old_push_again(at, dice).await,
            What::Reassigned => Ok(self.reassign(at)),
            What::Revoked => Ok(self.revoke(at)),
            What::Cloned => self.cloned(at, dice).await,
            What::RolledBack => self.rolled_back(at, dice).await,
            What::HomesCome => {
                self.town.home_comes(dice.below(crate::plan::AREAS_COUNT));
                Ok("a home comes".to_owned())
            }
            What::HomesGo => {
                let gone = self.town.home_goes();
                self.may_quarantine |= gone;
                Ok(format!("a home goes: {gone}"))
            }
            What::Backup => {
                self.town.back_up();
                Ok("a backup".to_owned())
            }
            What::Restore => {
                let restored = self.town.restore(&mut self.hands);
                self.was_restored |= restored;
                self.awaits_returns |= restored;
                self.may_quarantine |= restored;
                Ok(format!("the server comes back from its backup: {restored}"))
            }
            What::ServerRestart => {
                self.town.restart(&self.hands);
                Ok("the server is killed and comes back".to_owned())
            }
        }
    }

    /// What another phone's holder did to a home lies below what this one's did, and between them what was done to others.
    async fn side_by_side(&mut self, at: usize, in_small_pages: bool, dice: &mut Dice) -> Checked<String> {
        let own = self.town.posts.areas(at);
        let others: Vec<usize> = (0..self.hands.len())
            .filter(|other| *other != at && self.hands[*other].standing == Standing::Active)
            .filter(|other| !self.town.posts.areas(*other).is_disjoint(&own))
            .collect();
        if others.is_empty() || self.hands[at].standing != Standing::Active {
            return Ok("nobody beside".to_owned());
        }
        let other = *dice.pick(&others);
        self.sync(other).await?;
        let said = self.sync(at).await?;
        let (here, there) = (self.hands[at].worker(&self.town), self.hands[other].worker(&self.town));
        let area = *own.intersection(&self.town.posts.areas(other)).last().unwrap();
        for (worker, homes) in [(&there, [0, 1, 0]), (&here, [0, 0, 2])] {
            for home in homes {
                worker.edit_home(area, home, dice).or_else(|error| self.refused(worker.phone, &error))?;
            }
        }
        self.sync(other).await?;
        if in_small_pages {
            self.hands[at].wire.use_small_pages();
        }
        Ok(format!("beside phone {other}: {said}; {}", self.sync(at).await?))
    }

    pub(crate) async fn work(&mut self, at: usize, dice: &mut Dice) -> Checked<String> {
        let worker = self.hands[at].worker(&self.town);
        worker.work(dice).or_else(|error| self.refused(at, &error))
    }
    /// A save that fails on a disk that is well needs a reason that a person can do something about.
    fn refused(&self, at: usize, error: &Error) -> Checked<String> {
        match error {
            Error::NotEnrolled if self.hands[at].standing == Standing::Wiped => Ok("wiped".to_owned()),
            Error::Invalid { .. } | Error::NotAllowed | Error::NotFound { .. } => Ok(format!("refused: {error}")),
            other => Err(fail("P2", format!("phone {at} could not save: {other:?}"))),
        }
    }

    pub(crate) async fn sync(&mut self, at: usize) -> Checked<String> {
        let outcome = sync_of(&self.hands[at]).await;
        self.judge(at, outcome)
    }

    /// What a sync said: it may fail, but never find that phone and server have come apart.
    pub(crate) fn judge(&mut self, at: usize, outcome: Result<SyncReport, Error>) -> Checked<String> {
        let hand = &mut self.hands[at];
        match outcome {
            Ok(report) => {
                hand.knows_this_life = true;
                if report.wiped.is_some() {
                    if hand.standing != Standing::Revoked {
                        return Err(fail("P13", format!("phone {at} was wiped and is not revoked")));
                    }
                    hand.standing = Standing::Wiped;
                } else if hand.standing == Standing::Revoked {
                    return Err(fail("P13", format!("phone {at} is revoked and could sync")));
                } else if hand.standing == Standing::Forked {
                    return Err(fail("clones", format!("phone {at} is a copy and could sync")));
                }
                let is_apart = report.was_repaired || report.digests_equal == Some(false);
                if is_apart && !self.awaits_returns {
                    return Err(fail("P5", format!("phone {at} and the server had come apart")));
                }
                let SyncReport { pushed_count, merged_count, quarantined_count, pulled_count, erased_count, .. } =
                    report;
                if quarantined_count > 0 && !self.may_quarantine {
                    return Err(fail("P4", format!("phone {at}: {quarantined_count} in quarantine for no reason")));
                }
                Ok(format!(
                    "pushed {pushed_count} (merged {merged_count}, held {quarantined_count}), pulled {pulled_count}, erased {erased_count}"
                ))
            }
            Err(Error::Exchange(error)) => Ok(match error {
                ExchangeError::Problem(problem) => format!("failed: {}", problem.id),
                ExchangeError::Unreachable(_) => "failed: unreachable".to_owned(),
                ExchangeError::NotZoufang(_) => "failed: nonsense".to_owned(),
                other => format!("failed: {other}"),
            }),
            Err(Error::NotEnrolled) if hand.standing == Standing::Wiped => Ok("wiped before".to_owned()),
            Err(error) => Err(fail("P4", format!("phone {at} could not sync: {error:?}"))),
        }
    }

    async fn troubled_sync(&mut self, at: usize, trouble: Trouble, dice: &mut Dice) -> Checked<String> {
        let wire = self.hands[at].wire.clone();
        match trouble {
            Trouble::RequestLost(path) => wire.line.plan(path, Fault::RequestLost, 1),
            Trouble::AnswerLost(path, times) => wire.line.plan(path, Fault::AnswerLost, times),
            Trouble::Status(path, status) => wire.line.plan(path, Fault::Status(status), 1),
            Trouble::HalfAnswer(path) => wire.twist(path, Twist::Half),
            Trouble::Twice(path) => wire.twist(path, Twist::Twice),
            Trouble::StatusAfter(path, status) => wire.twist(path, Twist::StatusAfter(status)),
            Trouble::Cut(count) => wire.line.cut_after(count),
            Trouble::SmallPages => wire.use_small_pages(),
            Trouble::SmallPagesCut(count) => {
                wire.use_small_pages();
                wire.line.cut_after(count);
            }
            Trouble::ServerDiskFull(count) => return self.server_disk_full(at, count).await,
            Trouble::ServerPowerCut(number) => return self.server_power_cut(at, number, dice).await,
            Trouble::Meanwhile(number, what) => self.plan_meanwhile(at, number, what, dice),
        }
        self.sync(at).await
    }

    fn plan_meanwhile(&mut self, at: usize, number: u64, what: Meanwhile, dice: &mut Dice) {
        let (wire, found) = (self.hands[at].wire.clone(), Arc::clone(&self.found));
        match what {
            Meanwhile::ItsHolderWorks => {
                let (worker, mut dice) = (self.hands[at].worker(&self.town), Dice::new(dice.bits()));
                let trace = self.trace.clone();
                wire.at_request(
                    number,
                    Box::new(move || {
                        Box::pin(async move {
                            // On the thread that all of SQLite's work is done on, so that its turn is the same each time.
                            let done = tokio::task::spawn_blocking(move || worker.work(&mut dice)).await.unwrap();
                            match done {
                                Ok(said) => trace.say(format!("     meanwhile {said}")),
                                Err(error) => {
                                    found.lock().unwrap().push(fail("P2", format!("while syncing: {error:?}")))
                                }
                            }
                        })
                    }),
                );
            }
            Meanwhile::AnotherSyncs => {
                let others: Vec<&Hand> =
                    self.hands.iter().filter(|hand| hand.number != at && hand.standing == Standing::Active).collect();
                if others.is_empty() {
                    return;
                }
                let other = *dice.pick(&others);
                let (core, wire_of_other, trace) = (other.phone.core().clone(), other.wire.clone(), self.trace.clone());
                let (name, tolerates) = (other.number, self.awaits_returns);
                wire.at_request(
                    number,
                    Box::new(move || {
                        Box::pin(async move {
                            let protocol = zoufang_core::sync::http::HttpProtocol::new(wire_of_other);
                            match core.sync_with(&protocol, verifying(), |_| {}, &Cancel::new()).await {
                                Ok(report) if report.was_repaired && !tolerates => {
                                    found.lock().unwrap().push(fail("P5", format!("phone {name} had come apart")));
                                }
                                Ok(report) => {
                                    trace.say(format!("     meanwhile phone {name} pushed {}", report.pushed_count))
                                }
                                Err(error) => trace.say(format!("     meanwhile phone {name}: {}", error.message_id())),
                            }
                        })
                    }),
                );
            }
            Meanwhile::ItIsReassigned => {
                let (posts, server, trace) = (self.town.posts.clone(), self.town.server.clone(), self.trace.clone());
                self.may_quarantine = true;
                wire.at_request(
                    number,
                    Box::new(move || {
                        Box::pin(async move {
                            let moved = tokio::task::spawn_blocking(move || posts.reassign(&server, at)).await.unwrap();
                            trace.say(format!("     meanwhile reassigned: {moved}"));
                        })
                    }),
                );
            }
        }
    }

    fn reassign(&mut self, at: usize) -> String {
        let moved = self.town.posts.reassign(&self.town.server, at);
        self.may_quarantine |= moved;
        format!("reassigned: {moved}")
    }

    fn revoke(&mut self, at: usize) -> String {
        let active = self.hands.iter().filter(|hand| hand.standing == Standing::Active).count();
        if self.hands[at].standing != Standing::Active || active < 2 {
            return "not revoked".to_owned();
        }
        self.town.server.revoke(self.hands[at].device);
        self.hands[at].standing = Standing::Revoked;
        self.may_quarantine = true;
        "revoked".to_owned()
    }

    pub(crate) fn kill(&mut self, at: usize) -> Checked {
        let phone = &mut self.hands[at].phone;
        phone.kill().map_err(|error| fail("simulation", error.to_string()))?;
        phone.reopen().map_err(|error| fail("P1", format!("phone {at} does not open after a kill: {error:?}")))
    }

    /// Without its key a database is neither opened, nor touched, nor made anew.
    fn key_missing(&mut self, at: usize) -> Checked<String> {
        const KEY_NAME: &str = "database";
        let phone = &mut self.hands[at].phone;
        phone.close().map_err(|error| fail("P1", format!("phone {at} does not close: {error:?}")))?;
        let before = std::fs::read(phone.path()).unwrap();
        let key = phone.vault().fetch(KEY_NAME).unwrap().unwrap();
        phone.vault().erase(KEY_NAME).unwrap();
        let outcome = phone.reopen();
        if !matches!(outcome, Err(Error::Open(OpenError::MissingKey))) {
            return Err(fail("P12", format!("phone {at} without its key: {outcome:?}")));
        }
        if std::fs::read(phone.path()).unwrap() != before {
            return Err(fail("P12", format!("phone {at} without its key: the file is another")));
        }
        phone.vault().store(KEY_NAME, &key).unwrap();
        phone.reopen().map_err(|error| fail("P12", format!("phone {at} with its key again: {error:?}")))?;
        Ok("its key was missing and is back".to_owned())
    }

    async fn old_push_again(&mut self, at: usize, dice: &mut Dice) -> Checked<String> {
        let wire = self.hands[at].wire.clone();
        let Some(request) = wire.old_push(dice.below(6)) else { return Ok("no old push".to_owned()) };
        match wire.send(request).await {
            Ok(answer) => Ok(format!("an old push again: {}", answer.status())),
            Err(_) => Ok("an old push again, unanswered".to_owned()),
        }
    }
}

pub(crate) fn verifying() -> SyncOptions {
    SyncOptions { verify: true, ..SyncOptions::default() }
}

pub(crate) async fn sync_of(hand: &Hand) -> Result<SyncReport, Error> {
    hand.phone.sync_over(&hand.protocol).await
}
