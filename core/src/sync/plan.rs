//! What a sync does next: a state machine without network, clock or database. The engine does a [`Step`], says what came of it as an
//! [`Event`], and asks again.
//!
//! A usual sync is `Push … Push, Pull … Pull, Done`; with nothing unsent and a live session it is one `Pull`. Everything else here is what
//! happens when a server refuses, forgets, or answers nonsense. Whatever is answered, a sync ends: each detour has a bound of its own and
//! [`STEPS_MAX_COUNT`] bounds the whole.

use super::backoff::Retry;
use zoufang_domain::wire::ExchangeError;

/// Steps of one sync, at most. Pages hold 512 KiB, so this is more than any phone stores; a server that always has more is not believed.
pub const STEPS_MAX_COUNT: u32 = 20_000;
/// Sign-ins of one sync, at most: a session may end while a first sync runs.
pub const SIGN_INS_MAX_COUNT: u32 = 8;
/// How often one sync follows a server back to an earlier counter.
pub const GAPS_MAX_COUNT: u32 = 2;
/// How often one sync begins to pull from the start because the server does not take the cursor.
pub const CURSOR_RESETS_MAX_COUNT: u32 = 1;
/// How often one sync offers its kept operations again to a server that has begun a new life.
pub const EPOCHS_MAX_COUNT: u32 = 2;
/// How often one sync pulls from the start because digests differ.
pub const REPAIRS_MAX_COUNT: u32 = 1;
/// How often one sync pushes what was saved meanwhile, so that a lost area can be erased.
pub const DRAINS_MAX_COUNT: u32 = 1;

/// What the engine does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// Sign the server's challenge and keep the token.
    SignIn,
    /// Send the next batch.
    Push {
        /// The counter after which it begins.
        after: u64,
        /// With the session's token. Without it only a revoked phone pushes, so that its unsent work reaches quarantine.
        with_token: bool,
    },
    /// Ask for the next page.
    Pull {
        /// The cursor; `None` from the start.
        cursor: Option<String>,
        /// Whether digests are wanted.
        digest: bool,
    },
    /// Erase the areas that are no longer this phone's.
    EraseLostAreas,
    /// The phone is revoked and nothing unsent is left: erase everything.
    Wipe,
    /// The sync ran to its end.
    Done,
    /// The sync ends here; everything that was saved stays.
    Fail {
        /// Why.
        error: ExchangeError,
        /// When another makes sense.
        retry: Retry,
    },
}

/// What came of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The sync begins.
    Started,
    /// There is a session now.
    SignedIn,
    /// A batch was answered.
    Pushed {
        /// Durable on the server up to here.
        acknowledged: u64,
        /// Whether operations were waiting beyond the batch.
        more: bool,
    },
    /// There is no operation after the counter.
    NothingToPush,
    /// A page came and more are to come.
    Page {
        /// Its cursor.
        cursor: String,
    },
    /// A page of a server life that this phone does not know was stored; its kept operations count as unsent again.
    NewEpoch {
        /// Its cursor.
        cursor: String,
        /// The counter after which operations are offered again.
        acknowledged: u64,
    },
    /// The last page was stored.
    LastPage(Settled),
    /// Lost areas were erased.
    Erased,
    /// Everything was erased.
    Wiped,
    /// The exchange gave no answer.
    Failed(ExchangeError),
}

/// How the phone stands after the last page.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    /// The cursor now.
    pub cursor: String,
    /// Operations of this phone up to here are durable on the server.
    pub acknowledged: u64,
    /// Whether something is unsent: saved while the sync ran.
    pub has_unsent: bool,
    /// Whether an area was lost that is still on the phone.
    pub has_lost_areas: bool,
    /// Whether the phone's records are the server's; `None` when that was not compared.
    pub digests_equal: Option<bool>,
}

/// How a sync begins.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Beginning {
    /// Whether a session token is at hand.
    pub has_session: bool,
    /// Every operation up to here is durable on the server.
    pub acknowledged: u64,
    /// Whether there are operations after it.
    pub has_unsent: bool,
    /// The stored cursor.
    pub cursor: Option<String>,
    /// Whether digests are wanted this time.
    pub digest: bool,
    /// The phone knows that it is revoked.
    pub is_revoked: bool,
}

/// The state of a sync.
#[derive(Clone, Debug)]
pub struct Plan {
    has_session: bool,
    /// The session was made in this sync and nothing has been answered with it yet.
    is_session_new: bool,
    /// The counter after which the next push begins.
    after: u64,
    /// Something is to be pushed before anything is pulled.
    is_pushing: bool,
    cursor: Option<String>,
    digest: bool,
    is_revoked: bool,
    is_ended: bool,
    counts: Counts,
}

#[derive(Clone, Debug, Default)]
struct Counts {
    steps: u32,
    sign_ins: u32,
    gaps: u32,
    cursor_resets: u32,
    epochs: u32,
    repairs: u32,
    drains: u32,
}

impl Plan {
    /// A sync that begins.
    pub fn new(beginning: Beginning) -> Self {
        Plan {
            has_session: beginning.has_session,
            is_session_new: false,
            after: beginning.acknowledged,
            is_pushing: beginning.has_unsent,
            cursor: beginning.cursor,
            digest: beginning.digest,
            is_revoked: beginning.is_revoked,
            is_ended: false,
            counts: Counts::default(),
        }
    }

    /// Whether the server revoked this phone.
    pub fn is_revoked(&self) -> bool {
        self.is_revoked
    }

    /// The next step, after what came of the last one.
    pub fn next(&mut self, event: Event) -> Step {
        self.counts.steps += 1;
        let step = if self.counts.steps > STEPS_MAX_COUNT || self.is_ended {
            fail(nonsense("a sync that does not end"))
        } else {
            self.take(event)
        };
        self.is_ended = matches!(step, Step::Done | Step::Fail { .. });
        self.counts.sign_ins += u32::from(step == Step::SignIn);
        step
    }

    fn take(&mut self, event: Event) -> Step {
        if !matches!(event, Event::Started | Event::SignedIn | Event::Failed(_)) {
            self.is_session_new = false;
        }
        match event {
            Event::Started => self.go_on(),
            Event::SignedIn => {
                (self.has_session, self.is_session_new) = (true, true);
                self.go_on()
            }
            Event::Pushed { acknowledged, .. } if acknowledged <= self.after => {
                fail(nonsense("a push that acknowledged nothing"))
            }
            Event::Pushed { acknowledged, more } => {
                (self.after, self.is_pushing) = (acknowledged, more);
                self.go_on()
            }
            Event::NothingToPush => {
                self.is_pushing = false;
                self.go_on()
            }
            Event::Page { cursor } if self.cursor.as_ref() == Some(&cursor) => {
                fail(nonsense("a page that leads to itself"))
            }
            Event::Page { cursor } => {
                self.cursor = Some(cursor);
                self.go_on()
            }
            Event::NewEpoch { cursor, acknowledged } => self.offer_again(cursor, acknowledged),
            Event::LastPage(settled) => self.settle(settled),
            Event::Erased | Event::Wiped => Step::Done,
            Event::Failed(ExchangeError::Problem(problem)) => self.meet(*problem),
            Event::Failed(error) => fail(error),
        }
    }

    /// The way of a sync in which nothing is amiss.
    fn go_on(&mut self) -> Step {
        match (self.is_revoked, self.is_pushing, self.has_session) {
            (true, true, _) => Step::Push { after: self.after, with_token: false },
            (true, false, _) => Step::Wipe,
            (false, _, false) => self.sign_in(),
            (false, true, true) => Step::Push { after: self.after, with_token: true },
            (false, false, true) => Step::Pull { cursor: self.cursor.clone(), digest: self.digest },
        }
    }

    fn sign_in(&mut self) -> Step {
        match self.counts.sign_ins {
            SIGN_INS_MAX_COUNT.. => fail(nonsense("sessions that end at once")),
            _ => Step::SignIn,
        }
    }

    /// A server that came back from a backup: what it may have lost goes up again, then the pull goes on where it was.
    fn offer_again(&mut self, cursor: String, acknowledged: u64) -> Step {
        self.counts.epochs += 1;
        if self.counts.epochs > EPOCHS_MAX_COUNT {
            return fail(nonsense("another server life each time"));
        }
        (self.cursor, self.after, self.is_pushing) = (Some(cursor), acknowledged, true);
        self.go_on()
    }

    fn settle(&mut self, settled: Settled) -> Step {
        self.cursor = Some(settled.cursor);
        if settled.digests_equal == Some(false) && self.counts.repairs < REPAIRS_MAX_COUNT {
            self.counts.repairs += 1;
            (self.cursor, self.digest) = (None, true);
            return self.go_on();
        }
        if !settled.has_lost_areas {
            return Step::Done;
        }
        if !settled.has_unsent {
            return Step::EraseLostAreas;
        }
        // The lost area's last work goes up first. What is saved while that runs keeps the area until the next sync.
        if self.counts.drains == DRAINS_MAX_COUNT {
            return Step::Done;
        }
        self.counts.drains += 1;
        (self.after, self.is_pushing) = (settled.acknowledged, true);
        self.go_on()
    }

    /// A problem that the server named.
    fn meet(&mut self, problem: zoufang_domain::wire::problem::Problem) -> Step {
        match problem.id.as_str() {
            "session.expired" | "session.required" if !self.is_revoked && !self.is_session_new => {
                self.has_session = false;
                self.sign_in()
            }
            "device.revoked" if !self.is_revoked => {
                self.is_revoked = true;
                // The counter may have been sent ahead of what is stored as acknowledged; pushing without an operation is harmless.
                self.is_pushing = true;
                // A server that came back from a backup holds less than it acknowledged: what is kept of that goes up before the wipe.
                self.after = problem.last_counter.map_or(self.after, |last_counter| last_counter.min(self.after));
                self.go_on()
            }
            "push.gap" if self.counts.gaps < GAPS_MAX_COUNT => match problem.last_counter {
                Some(last_counter) if last_counter < self.after => {
                    self.counts.gaps += 1;
                    (self.after, self.is_pushing) = (last_counter, true);
                    self.go_on()
                }
                _ => fail(ExchangeError::Problem(Box::new(problem))),
            },
            "pull.cursor" if self.cursor.is_some() && self.counts.cursor_resets < CURSOR_RESETS_MAX_COUNT => {
                self.counts.cursor_resets += 1;
                self.cursor = None;
                self.go_on()
            }
            _ => fail(ExchangeError::Problem(Box::new(problem))),
        }
    }
}

/// An answer that no server of this protocol gives.
fn nonsense(what: &str) -> ExchangeError {
    ExchangeError::NotZoufang(what.to_owned())
}

fn fail(error: ExchangeError) -> Step {
    let retry = retry_of(&error);
    Step::Fail { error, retry }
}

/// When a failed sync is worth another try.
fn retry_of(error: &ExchangeError) -> Retry {
    match error {
        ExchangeError::Problem(problem) => match problem.id.as_str() {
            "device.forked"
            | "device.suspended"
            | "device.unknown"
            | "device.revoked"
            | "protocol.too_old"
            | "protocol.too_new"
            | "session.signature"
            | "push.gap"
            | "push.same_id_other_content" => Retry::Periodic,
            _ => Retry::BackOff { at_least_s: problem.retry_after_s },
        },
        ExchangeError::Unreachable(_) | ExchangeError::WrongCertificate | ExchangeError::NotZoufang(_) => {
            Retry::BackOff { at_least_s: None }
        }
    }
}

#[cfg(test)]
mod tests;
