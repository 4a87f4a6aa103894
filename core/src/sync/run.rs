//! A sync under way: does the plan's steps, exchanges with the server on the async side, SQLite and signatures on blocking threads.
//!
//! Three things overlap with the network. While a batch is on its way the next one is read and signed; while an answer is being stored
//! the next request has already left; and the rows of a page are read while those before are being stored. Answers are stored in the order in which they came, one at a time.

use super::backoff::Retry;
use super::plan::{Beginning, Event, Plan, Step};
use super::push::Signed;
use super::sign_in::{self, Session};
use super::{Cancel, DIGEST_EVERY_PULLS_COUNT, Phase, Progress, SyncOptions, SyncReport, Wiped, pull, push, wipe};
use crate::beside::Running;
use crate::error::Error;
use crate::store::inbox::PushTaken;
use crate::store::page::Page;
use crate::store::{inbox, outbox, profile, unnamed};
use crate::{ChangeSet, Core};
use rusqlite::Connection;
use std::future::Future;
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::order;
use zoufang_domain::wire::pull::PullRequest;
use zoufang_domain::wire::push::{PushRequest, Waiting};
use zoufang_domain::wire::session::ChallengeRequest;
use zoufang_domain::wire::{ExchangeError, SyncProtocol};

/// Begins it beside the runtime. The turn goes with it: a write that outlives its sync keeps the next one waiting.
pub(super) fn spawn<T: Send + 'static>(
    core: &Core,
    turn: &Arc<OwnedMutexGuard<()>>,
    act: impl FnOnce(&Core) -> Result<T, Error> + Send + 'static,
) -> Running<T> {
    let turn = Arc::clone(turn);
    Running::begin(core, move |core| {
        let outcome = act(core);
        drop(turn);
        outcome
    })
}

/// A sync under way.
pub(super) struct Run<'a, P, F> {
    core: &'a Core,
    protocol: &'a P,
    progress: &'a F,
    cancel: &'a Cancel,
    pub(super) turn: Arc<OwnedMutexGuard<()>>,
    device: DeviceId,
    epoch: u32,
    plan: Plan,
    /// Whether the store knows that the phone is revoked.
    is_revocation_noted: bool,
    /// The batch after that counter, being read and signed.
    preparing: Option<(u64, Running<Option<Signed>>)>,
    /// An answer being stored.
    storing: Option<Running<PushTaken>>,
    /// What waits on the phone, as the next request says.
    waiting: Waiting,
    /// Areas that wait to be erased, until the server says that areas changed.
    lost_areas_count: Option<u32>,
    total_count: u64,
    sent_count: u64,
    /// How a sync that fails is tried again.
    pub(super) retry: Retry,
    /// What it did so far.
    pub(super) report: SyncReport,
}

impl<'a, P: SyncProtocol, F: Fn(Progress) + Send + Sync> Run<'a, P, F> {
    pub(super) async fn begin(
        core: &'a Core,
        protocol: &'a P,
        options: SyncOptions,
        progress: &'a F,
        cancel: &'a Cancel,
        turn: Arc<OwnedMutexGuard<()>>,
    ) -> Result<Self, Error> {
        if core.0.sync.memory().wiped.is_some() {
            return Err(Error::NotEnrolled);
        }
        let read = spawn(core, &turn, |core| {
            let stand = |c: &Connection| {
                let profile = profile::get(c)?;
                if profile.practice {
                    return Err(Error::Practice);
                }
                let lost_count = profile::lost_areas_count(c)?;
                Ok((outbox::waiting(c, profile.acknowledged)?, lost_count, profile))
            };
            let (stands, offers) = core.read(|c| Ok((stand(c)?, unnamed::is_due(c)?)))?;
            if !offers {
                return Ok(stands);
            }
            // Rare: only after a restore does a phone hold what the server has not named.
            core.write(|tx| {
                unnamed::offer(tx)?;
                Ok((stand(tx)?, ChangeSet { status: true, ..ChangeSet::default() }))
            })
        });
        let (waiting, lost_count, mut profile) = read.join().await?;
        // Rare: only an app that was updated under a newer server finds this.
        if profile.unread_at > 0 && (profile.unread_at as usize) < zoufang_domain::schema::Kind::ALL.len() {
            let anew = spawn(core, &turn, |core| {
                core.write(|tx| {
                    profile::take_in_what_was_left_out(tx)?;
                    Ok((profile::get(tx)?, crate::changes::ChangeSet::default()))
                })
            });
            profile = anew.join().await?;
        }
        let now_ms = core.now_ms();
        let plan = Plan::new(Beginning {
            has_session: core.0.sync.memory().session.as_ref().is_some_and(|session| session.is_live(now_ms)),
            acknowledged: profile.acknowledged,
            has_unsent: waiting.unsent_count > 0,
            cursor: profile.cursor,
            // What was left out is in the server's digest and not in this phone's.
            digest: profile.unread_at == 0
                && (options.verify || (profile.pulls_count + 1).is_multiple_of(DIGEST_EVERY_PULLS_COUNT)),
            is_revoked: profile.revoked,
        });
        Ok(Run {
            core,
            protocol,
            progress,
            cancel,
            turn,
            device: profile.device,
            epoch: profile.epoch,
            plan,
            is_revocation_noted: profile.revoked,
            preparing: None,
            storing: None,
            waiting,
            lost_areas_count: Some(lost_count),
            total_count: waiting.unsent_count,
            sent_count: 0,
            retry: Retry::BackOff { at_least_s: None },
            report: SyncReport { complete: profile.complete, ..SyncReport::default() },
        })
    }

    pub(super) async fn run(&mut self) -> Result<(), Error> {
        let mut event = Event::Started;
        loop {
            let step = self.plan.next(event);
            if self.cancel.is_cancelled() {
                return Err(Error::Cancelled);
            }
            if self.plan.is_revoked() && !self.is_revocation_noted {
                self.blocking(wipe::note_revoked).await?;
                self.is_revocation_noted = true;
            }
            event = match step {
                Step::SignIn => self.sign_in().await?,
                Step::Push { after, with_token } => self.push(after, with_token).await?,
                Step::Pull { cursor, digest } => self.pull(cursor, digest).await?,
                Step::EraseLostAreas => self.erase_lost_areas().await?,
                Step::Wipe => self.wipe().await?,
                Step::Done => {
                    if self.report.complete && self.report.wiped.is_none() {
                        self.report.forgotten = self.blocking(|core| Ok(core.let_go_of_set_aside())).await?;
                    }
                    return Ok(());
                }
                Step::Fail { error, retry } => {
                    self.retry = retry;
                    return Err(Error::Exchange(error));
                }
            };
        }
    }

    async fn sign_in(&mut self) -> Result<Event, Error> {
        self.tell(Phase::SigningIn, 0, None);
        self.core.0.sync.memory().session = None;
        let asked = ChallengeRequest { device: self.device };
        let challenge = match self.exchange(self.protocol.challenge(&asked)).await? {
            Ok(challenge) => challenge,
            Err(error) => return Ok(Event::Failed(error)),
        };
        let device = self.device;
        let signed = self.blocking(move |core| sign_in::answer(core, device, &challenge)).await?;
        match self.exchange(self.protocol.sign_in(&signed)).await? {
            Ok(session) => {
                let session = Session::begin(session, self.core.now_ms());
                self.core.0.sync.memory().session = Some(session);
                Ok(Event::SignedIn)
            }
            Err(error) => Ok(Event::Failed(error)),
        }
    }

    async fn push(&mut self, after: u64, with_token: bool) -> Result<Event, Error> {
        self.tell(Phase::Pushing, self.sent_count, Some(self.total_count.max(self.sent_count)));
        let Some(batch) = self.prepared(after).await? else { return Ok(Event::NothingToPush) };
        let Signed { body, signature, gzip, first, last, beyond } = batch;
        if beyond.unsent_count > 0 {
            let device = self.device;
            let next = spawn(self.core, &self.turn, move |core| push::prepare(core, device, last));
            self.preparing = Some((last, next));
        }
        let token = with_token.then(|| self.token());
        let request = PushRequest { body, signature, token, waiting: beyond, gzip };
        let answer = match self.exchange(self.protocol.push(&request)).await? {
            Ok(answer) => push::check(answer, first, last),
            Err(error) => Err(error),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Ok(Event::Failed(error)),
        };
        let acknowledged = answer.acknowledged;
        self.waiting = beyond;
        self.sent_count += (acknowledged + 1).saturating_sub(first);
        self.store(move |core| push::take(core, &answer)).await?;
        Ok(Event::Pushed { acknowledged, more: acknowledged < last || beyond.unsent_count > 0 })
    }

    /// The batch after a counter: the one that was begun while the last was on its way, or read now.
    async fn prepared(&mut self, after: u64) -> Result<Option<Signed>, Error> {
        match self.preparing.take() {
            Some((prepared_after, batch)) if prepared_after == after => batch.join().await,
            _ => {
                let device = self.device;
                self.blocking(move |core| push::prepare(core, device, after)).await
            }
        }
    }

    async fn pull(&mut self, cursor: Option<String>, digest: bool) -> Result<Event, Error> {
        self.tell(Phase::Pulling, self.report.pulled_count, None);
        self.report.was_repaired |= self.report.digests_equal == Some(false);
        let (waiting, lost_areas_count) = (self.waiting, self.lost_areas_count);
        let request = PullRequest { token: self.token(), cursor, digest, waiting, lost_areas_count };
        let answer = match self.exchange(self.protocol.pull(&request)).await? {
            Ok(answer) => pull::check(answer),
            Err(error) => Err(error),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => return Ok(Event::Failed(error)),
        };
        self.report.pulled_count += answer.rows.len() as u64;
        if answer.grants.is_some() {
            self.lost_areas_count = None;
        }
        let is_last = answer.complete || answer.epoch != self.epoch;
        let cursor = answer.cursor.clone();
        let page = pull::read_ahead(self.core, answer);
        if is_last {
            return self.close(page).await;
        }
        self.store(move |core| pull::take(core, &page).map(|()| PushTaken::default())).await?;
        Ok(Event::Page { cursor })
    }

    /// The last page, or the first of another server life: the plan needs to know how the phone then stands, so this one is waited for.
    async fn close(&mut self, page: Arc<Page>) -> Result<Event, Error> {
        self.join_storing().await?;
        let (plan, known_epoch, epoch) = (self.plan.clone(), self.epoch, page.answer.epoch);
        let closed = self.blocking(move |core| pull::close(core, &page, known_epoch, &plan)).await?;
        self.epoch = epoch;
        self.report.complete = closed.complete;
        if let Event::LastPage(settled) = &closed.event {
            self.report.digests_equal = settled.digests_equal;
        }
        Ok(closed.event)
    }

    async fn erase_lost_areas(&mut self) -> Result<Event, Error> {
        self.tell(Phase::Erasing, 0, None);
        let erased = self.blocking(|core| {
            core.write(|tx| {
                let erased_count = inbox::erase_lost_areas(tx)?;
                pull::note_success(tx, core.ports().clock.now_ms())?;
                let kinds = order::gather(zoufang_domain::schema::Kind::ALL.iter().copied());
                Ok((erased_count, ChangeSet { kinds, drafts: true, status: true, ..ChangeSet::default() }))
            })
        });
        self.report.erased_count += erased.await?;
        Ok(Event::Erased)
    }

    async fn wipe(&mut self) -> Result<Event, Error> {
        self.tell(Phase::Erasing, 0, None);
        self.join_storing().await?;
        let wiped: Wiped = self.blocking(wipe::wipe).await?;
        self.core.0.sync.memory().session = None;
        self.report.wiped = Some(wiped);
        Ok(Event::Wiped)
    }

    /// Begins to store an answer, when the one before it is stored.
    async fn store(
        &mut self,
        act: impl FnOnce(&Core) -> Result<PushTaken, Error> + Send + 'static,
    ) -> Result<(), Error> {
        self.join_storing().await?;
        self.storing = Some(spawn(self.core, &self.turn, act));
        Ok(())
    }

    /// Waits until what came is stored.
    pub(super) async fn join_storing(&mut self) -> Result<(), Error> {
        if let Some(storing) = self.storing.take() {
            let taken = storing.join().await?;
            self.report.pushed_count += taken.acknowledged_count;
            self.report.merged_count += taken.merged_count;
            self.report.quarantined_count += taken.quarantined_count;
        }
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        act: impl FnOnce(&Core) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        spawn(self.core, &self.turn, act).join().await
    }

    /// An exchange, left at once when somebody cancels.
    async fn exchange<T>(
        &mut self,
        answer: impl Future<Output = Result<T, ExchangeError>>,
    ) -> Result<Result<T, ExchangeError>, Error> {
        self.report.requests_count += 1;
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Error::Cancelled),
            answer = answer => Ok(answer),
        }
    }

    /// The token. One that has ended, or none, is still offered: the server says so and the plan signs in again.
    fn token(&self) -> String {
        let memory = self.core.0.sync.memory();
        memory.session.as_ref().map(|session| session.token().to_owned()).unwrap_or_default()
    }

    fn tell(&self, phase: Phase, done_count: u64, total_count: Option<u64>) {
        (self.progress)(Progress { phase, done_count, total_count });
    }
}
