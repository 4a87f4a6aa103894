//! A visit day in small, on real input: the divisions of a real city, made-up homes, a real server, and phones that work offline, are
//! killed, lose their line in mid-sync and come back. `make demo` runs it; a test runs it too.
//!
//! Reading order: [`Demo::run`], then `setup`, `asked`, [`day`], `homecoming` and `evening`; [`outcome`] is what people see at the end.

mod asked;
pub mod day;
mod evening;
mod folder;
mod homecoming;
pub mod outcome;
mod progress;
mod setup;

pub use folder::Folder;
pub use outcome::Figures;
pub use progress::Progress;
pub use setup::{COMMUNITIES, Place};

use crate::checkers::{differences, tally};
use crate::city::CityError;
use crate::desks::MoveRefused;
use crate::dice::Dice;
use crate::fleet::{self, FleetError, Member, Serving};
use crate::ports::HOUR_MS;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use uuid::Uuid;
use zoufang_core::ports::{Clock, SystemClock};
use zoufang_domain::calendar::{Moment, Period};
use zoufang_sync_server::ledger::LedgerError;
use zoufang_sync_server::reports::ReportError;
use zoufang_sync_server::staff::StaffError;
use zoufang_sync_server::store::{Store, StoreError};
use zoufang_sync_server::{App, Config};

/// How long ago the phones' day begins.
const DAY_HOURS: i64 = 9;
/// Phones that work at once.
const WORKERS_COUNT: usize = 8;
/// Every so many phones are killed in the middle of the day.
const KILLED_EVERY_COUNT: usize = 4;
/// The seed of the demo's homes and days.
const SEED: u64 = 20_261_123;

/// Why a demo did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DemoError {
    /// The folder holds a server's data that no demo made.
    #[error("{} holds a server's data that is not a demo's; give another folder with --dir", .0.display())]
    NotOurs(PathBuf),
    /// Another demo runs in the folder.
    #[error("another demo runs in {}; end it or give another folder with --dir", .0.display())]
    InUse(PathBuf),
    /// The division tree has no community.
    #[error("the divisions hold no community")]
    NoCommunity,
    /// A file cannot be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The city's files were not taken.
    #[error(transparent)]
    City(#[from] CityError),
    /// The staff were not taken.
    #[error(transparent)]
    Staff(#[from] StaffError),
    /// A desk was not let do what belongs to its day.
    #[error("at a desk, {what}: {why}")]
    Desk {
        /// Which move.
        what: String,
        /// Why not.
        why: String,
    },
    /// A desk was not let make a move that belongs to its day.
    #[error(transparent)]
    Move(#[from] MoveRefused),
    /// The server did not take what a desk set for all.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The phones.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// A phone's core.
    #[error("a phone: {0}")]
    Phone(#[from] zoufang_core::Error),
    /// The server's store.
    #[error("the server's database: {0}")]
    Store(#[from] StoreError),
    /// A report.
    #[error(transparent)]
    Report(#[from] ReportError),
}

/// What a demo is asked to be.
#[derive(Clone, Debug)]
pub struct DemoOptions {
    /// Micro-grids of each of the five communities.
    pub grids_count: usize,
    /// Where its files go.
    pub dir: PathBuf,
    /// A division tree in the columns of `yangquan-divisions.csv`; that of Yangquan if none.
    pub divisions: Option<PathBuf>,
}

/// A demo at its end, with its server still running.
pub struct Demo {
    /// What was found in the databases.
    pub figures: Figures,
    /// The same as tables, with the supervisor's reports.
    pub tables: String,
    /// How many lines broke in mid-sync.
    pub breaks_count: u64,
    /// What the supervisor signs in as.
    pub login: &'static str,
    /// The supervisor's password.
    pub password: String,
    serving: Serving,
    _folder: Folder,
}

impl Demo {
    /// Runs the whole day.
    ///
    /// # Errors
    /// [`DemoError`]. A broken promise is no error: it shows in the figures.
    pub async fn run(options: &DemoOptions, progress: Progress) -> Result<Demo, DemoError> {
        let started_ms = SystemClock.now_ms();
        let folder = Folder::take(&options.dir)?;
        let config = Config::new(folder.path());
        let app = App::new(Store::open(&config.database())?, config)?;
        let city = setup::city(&app, &folder, options, &progress)?;
        let (login, password) = setup::supervisor(&app)?;
        let serving = Serving::start(Arc::clone(&app)).await?;
        let morning_ms = started_ms - DAY_HOURS * HOUR_MS;
        let set = asked::set(&app, &folder, &city, (morning_ms, started_ms), &progress)?;
        let set = set.ok_or(DemoError::NoCommunity)?;
        let mut asked = asked::Found::default();
        let lines = homecoming::Lines::before(serving.address()).await?;
        let members = setup::enrol(&serving, &folder, &city, &lines, morning_ms, &progress).await?;
        asked::in_the_morning(&members, &set, &mut asked)?;
        let members = work(members, &progress).await?;
        asked::after_work(&members, &mut asked)?;
        // Read from the phones' own files before anything has left them.
        let saved = saved_on_phones(&members)?;
        let members = homecoming::come_back(members, started_ms, &progress).await?;
        let members = evening::of_the_first_community(&serving, &folder, &city, members, &progress).await?;
        let mut members = homecoming::until_all_agree(members, &progress).await?;
        asked::in_the_end(&members, &set, &mut asked)?;
        let now = Moment::from_ms(SystemClock.now_ms());
        let period = Period { from: Moment::from_ms(morning_ms).day(), to: now.day() };
        asked.answers_reported = asked::export(&app, &folder, &set, period, now)?;
        let mut figures = find(&serving, &members, &saved, &asked)?;
        (figures.bytes_up, figures.bytes_down) = lines.bytes();
        figures.seconds = (SystemClock.now_ms() - started_ms) as f64 / 1000.0;
        let tables = outcome::tables(&app.store, &city.places, period, now, &figures)?;
        let tables = format!("{}\n\n{tables}", asked::told(&asked));
        for member in &mut members {
            member.phone.close()?;
        }
        let breaks_count = lines.breaks_count();
        Ok(Demo { figures, tables, breaks_count, login, password, serving, _folder: folder })
    }
    /// Where the supervisor's page is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.serving.address())
    }
    /// Stops the server.
    pub async fn end(self) {
        self.serving.stop().await;
    }
}

/// The day itself: no phone has a line, so nobody waits for one.
async fn work(members: Vec<Member>, progress: &Progress) -> Result<Vec<Member>, DemoError> {
    let bar = progress.step("手机离线走访 a day offline", members.len());
    let done = fleet::each(members, WORKERS_COUNT, |member| {
        let bar = bar.clone();
        async move {
            let member = fleet::at_work(member, |member| {
                let mut dice = Dice::of(SEED, member.number as u64);
                day::record_half(&member.phone, 0, &mut dice)?;
                day::edit_the_same(&member.phone, member.number)?;
                day::appointments(&member.phone)?;
                asked::begin_forms(&member.phone)?;
                if member.number % KILLED_EVERY_COUNT == 1 {
                    member.phone.kill()?;
                    member.phone.reopen()?;
                }
                asked::finish_forms(&member.phone)?;
                day::record_half(&member.phone, 1, &mut dice)?;
                Ok(())
            })
            .await;
            bar.inc(1);
            member
        }
    })
    .await?;
    bar.finish();
    Ok(done)
}

fn saved_on_phones(members: &[Member]) -> Result<BTreeSet<Uuid>, DemoError> {
    let mut saved = BTreeSet::new();
    for member in members {
        saved.extend(member.evidence()?.own_visits);
    }
    Ok(saved)
}

/// What the databases say at the end.
fn find(
    serving: &Serving,
    members: &[Member],
    saved: &BTreeSet<Uuid>,
    asked: &asked::Found,
) -> Result<Figures, DemoError> {
    let server = serving.evidence()?;
    let mut digests_equal = true;
    for member in members {
        let phone = member.evidence()?;
        // A repair ends with equal digests too, and would hide that they had come apart.
        let is_at_rest = phone.unsent_count == 0 && phone.complete && member.repairs_count == 0;
        digests_equal &= is_at_rest && differences(&phone, &server).is_empty();
    }
    let tally = tally(saved, &server);
    let traces = evening::Traces::read(&serving.app)?;
    Ok(Figures {
        phones: members.len() as u64,
        visits_saved: tally.saved_count,
        visits_on_server: tally.on_server_count,
        lost: tally.lost.len() as u64,
        duplicated: tally.duplicated.len() as u64,
        digests_equal,
        conflicts_opened: server.conflicts_opened_count,
        quarantined: server.quarantined_count,
        appointments_kept: traces.appointments_kept,
        appointments_missed: traces.appointments_missed,
        matters_closed: traces.matters_closed,
        matters_returned: traces.matters_returned,
        handovers_receipted: traces.handovers_receipted,
        due_in_the_morning: asked.due_in_the_morning,
        overdue_in_the_morning: asked.overdue_in_the_morning,
        due_in_the_evening: asked.due_in_the_evening,
        visit_day_homes: asked.visit_day_homes,
        visit_day_visited: asked.visit_day_visited,
        forms_filled: asked.forms_filled,
        answers_reported: asked.answers_reported,
        care_needs_held: asked.needs_held,
        care_needs_held_next_day: asked.needs_held_next_day,
        bytes_up: 0,
        bytes_down: 0,
        seconds: 0.0,
    })
}
