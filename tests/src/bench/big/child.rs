//! What a process does that holds one phone and nothing else, so that the memory which it needs is the phone's. One step a process.

use super::figure::{BigFigure, Spread};
use super::{FILE_GOAL_MB, LIST_GOAL_MS, MEMORY_GOAL_MB, OPEN_GOAL_MS, SEARCH_GOAL_MS, lists, make};
use crate::bench::data;
use crate::bench::figures::Stopwatch;
use crate::bench::sync::Failure;
use crate::ports::{HOUR_MS, MINUTE_MS};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zoufang_core::appointments::AppointmentDraft;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::matters::MatterDraft;
use zoufang_core::ports::{Clock, FileKeyVault, Network, SoftwareSigner, SystemClock, SystemIds};
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::outbox;
use zoufang_core::sync::{Cancel, SyncReport};
use zoufang_core::views::Page;
use zoufang_core::{Core, Error, Options, Ports};
use zoufang_domain::appointment::{Party, Purpose, Slot};
use zoufang_domain::calendar::Moment;
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::schema::Kind;
use zoufang_domain::stamp::HybridClock;

/// The hidden first argument that turns the bench program into a process that holds a phone.
pub const HOLD_PHONE: &str = "hold-phone";

/// How often a list is read the first time after its database was opened.
const COLD_COUNT: usize = 5;
/// How often it is read again.
const WARM_COUNT: usize = 9;
/// Visits of a day's work.
const DAY_VISITS_COUNT: usize = 45;
/// Days of work after that one: a phone keeps what it did for thirty days after it was sent.
const MORE_DAYS_COUNT: u64 = 21;
/// Drafts that are open in the evening.
const DRAFTS_COUNT: usize = 20;
/// Tasks that are called off for their turn.
const CALLED_OFF_COUNT: usize = 8;
/// Operations that the server will not take.
const REFUSED_COUNT: usize = 12;

/// Does the step that the arguments name: the step, the phone's file, how many visits were made, and for the first pull an address and a code.
///
/// # Errors
/// What the core says; an argument that is missing.
pub async fn hold(arguments: &[String]) -> Result<Vec<BigFigure>, Failure> {
    let [step, path, visits, rest @ ..] = arguments else { return Err("step, file and visits".into()) };
    let held = Held { path: PathBuf::from(path), visits: visits.parse()? };
    match (step.as_str(), rest) {
        ("pull", [address, code]) => held.pull(address, code).await,
        ("index", []) => held.index(),
        ("refused", []) => held.plant_what_is_refused(),
        ("day", []) => held.day().await,
        ("month", []) => held.month().await,
        ("lists", []) => held.lists(),
        _ => Err(format!("no such step: {step}").into()),
    }
}

struct Held {
    path: PathBuf,
    visits: usize,
}

impl Held {
    fn ports(&self) -> Result<Ports, Failure> {
        let key = self.path.with_extension("pkcs8");
        let signer = match key.exists() {
            true => SoftwareSigner::from_pkcs8(&std::fs::read(key)?)?,
            false => {
                let made = SoftwareSigner::generate()?;
                std::fs::write(key, made.to_pkcs8())?;
                made
            }
        };
        Ok(Ports {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds::new()),
            vault: Arc::new(FileKeyVault::new(self.path.parent().unwrap_or(Path::new(".")))),
            signer: Arc::new(signer),
            connectivity: Arc::new(Network::Unmetered),
        })
    }
    fn options(&self) -> Options {
        let name = self.path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        Options { path: self.path.clone(), key_name: name.to_owned() }
    }
    fn open(&self) -> Result<Core, Failure> {
        Ok(Core::open(self.options(), self.ports()?)?)
    }
    fn figure(&self, case: &str, what: &str, unit: &str, value: f64) -> BigFigure {
        BigFigure::new(case, self.visits, what, unit, &[value])
    }
    fn file(&self, what: &str) -> BigFigure {
        self.figure("W8 file", what, "MB", file_mb(&self.path)).against(FILE_GOAL_MB)
    }
    fn memory(&self, what: &str) -> Result<BigFigure, Failure> {
        Ok(self.figure("W8 memory", what, "MB", memory_mb("VmHWM:")?).against(MEMORY_GOAL_MB))
    }

    /// Everything, from nothing, over a real connection.
    async fn pull(&self, address: &str, code: &str) -> Result<Vec<BigFigure>, Failure> {
        let baseline_mb = memory_mb("VmRSS:")?;
        let core = self.open()?;
        let input = EnrolInput { server_url: format!("http://{address}"), ca_pem: None, code: code.to_owned() };
        let protocol = input.protocol()?;
        core.enrol(&protocol, input).await?;
        let start = Stopwatch::start();
        let report = core.sync(&protocol, |_| {}, &Cancel::new()).await?;
        let seconds = start.seconds();
        if !report.complete {
            return Err("the first sync came to no end".into());
        }
        let pulled = self.figure("W8 time", "the first pull of all", "s", seconds);
        let mut figures = vec![
            BigFigure { rows: Some(usize::try_from(report.pulled_count)?), ..pulled },
            self.figure("W8 memory", "the process before it holds a phone", "MB", baseline_mb),
            self.memory("peak of the first pull of all")?,
            self.file("database and log after the first pull, open"),
        ];
        core.close()?;
        figures.push(self.file("database after the first pull, closed"));
        Ok(figures)
    }

    /// What a shell does after a first sync: until nothing is left.
    fn index(&self) -> Result<Vec<BigFigure>, Failure> {
        let core = self.open()?;
        let mut seconds = Vec::new();
        loop {
            let start = Stopwatch::start();
            let is_complete = core.index_for_search()?;
            seconds.push(start.seconds() * 1e3);
            if is_complete {
                break;
            }
        }
        let calls =
            BigFigure::new("W8 time", self.visits, "one call of search.catch_up after the first pull", "ms", &seconds);
        let memory = self.memory("peak while all is indexed for search")?;
        core.close()?;
        Ok(vec![
            BigFigure { rows: Some(seconds.len()), ..calls },
            memory,
            self.file("database with search index, closed"),
        ])
    }

    /// Edits that no server takes: a number of people that cannot be.
    fn plant_what_is_refused(&self) -> Result<Vec<BigFigure>, Failure> {
        let core = self.open()?;
        let (homes, profile) = (core.homes(Page::FIRST)?, core.profile()?.ok_or("a profile")?);
        core.close()?;
        let (options, ports) = (self.options(), self.ports()?);
        let open =
            OpenOptions { key_name: options.key_name, ..OpenOptions::new(&self.path, zoufang_core::store::MIGRATIONS) };
        let database = Database::open(&open, ports.vault.as_ref(), ports.ids.as_ref())?;
        database.write(|tx| -> Result<(), Error> {
            for home in homes.iter().take(REFUSED_COUNT) {
                let tail = outbox::tail(tx)?;
                let fields = Fields::from([("people_count".to_owned(), json!(1_000_000))]);
                let action = Action::Set { fields, base: Default::default(), was: Fields::new() };
                let at = HybridClock::resume(tail.at).tick(SystemClock.now_ms());
                let (counter, staff, area) = (tail.counter + 1, profile.staff, home.micro_grid);
                let kind = Kind::Household;
                outbox::append(tx, &tail, &Operation { counter, at, staff, area, kind, id: home.household.0, action })?;
            }
            Ok(())
        })?;
        database.close()?;
        Ok(Vec::new())
    }

    /// A day of work, then its sync.
    async fn day(&self) -> Result<Vec<BigFigure>, Failure> {
        let core = self.open()?;
        let start = Stopwatch::start();
        work(&core, 0)?;
        let worked = start.seconds();
        let start = Stopwatch::start();
        let report: SyncReport = core.sync(&core.protocol()?, |_| {}, &Cancel::new()).await?;
        let seconds = start.seconds();
        if report.quarantined_count as usize != REFUSED_COUNT {
            return Err(format!("{} in quarantine", report.quarantined_count).into());
        }
        let synced = self.figure("W8 time", "a day's work sent", "s", seconds);
        let mut figures = vec![
            self.figure("W8 time", "a day's work saved", "s", worked),
            BigFigure { rows: Some(usize::try_from(report.pushed_count)?), ..synced },
            self.memory("peak of a day's work and its sync")?,
            self.file("database and log after a day's work and its sync, open"),
        ];
        core.close()?;
        figures.push(self.file("database after a day's work and its sync, closed"));
        Ok(figures)
    }

    /// The rest of a month, each day sent in its evening.
    async fn month(&self) -> Result<Vec<BigFigure>, Failure> {
        let core = self.open()?;
        let protocol = core.protocol()?;
        for day in 1..=MORE_DAYS_COUNT {
            work(&core, day)?;
            core.sync(&protocol, |_| {}, &Cancel::new()).await?;
        }
        while !core.index_for_search()? {}
        core.close()?;
        Ok(vec![self.file("database after a month of such days, what was sent still kept, closed")])
    }

    /// Every list, the first time after the database was opened and again.
    fn lists(&self) -> Result<Vec<BigFigure>, Failure> {
        let mut core = self.open()?;
        while !core.index_for_search()? {}
        let readings = lists::all(&core)?;
        let mut figures = vec![self.opened("open and list the homes", |core| Ok(core.homes(Page::FIRST)?.len()))?];
        figures.push(self.opened("open and list what is due today", |core| Ok(core.due_list(None)?.homes.len()))?);
        for reading in &readings {
            let (mut first, mut again, mut rows) = (Vec::new(), Vec::new(), 0);
            for _ in 0..COLD_COUNT {
                core.close()?;
                core = self.open()?;
                let (count, ms) = timed(&core, &reading.call)?;
                first.push(ms);
                rows = count;
            }
            for _ in 0..WARM_COUNT {
                again.push(timed(&core, &reading.call)?.1);
            }
            let (case, goal) =
                if reading.is_search { ("W8 search", SEARCH_GOAL_MS) } else { ("W8 list", LIST_GOAL_MS) };
            let figure = BigFigure::new(case, self.visits, reading.what, "ms", &first);
            figures.push(BigFigure { rows: Some(rows), again: Some(Spread::of(&again)), ..figure }.against(goal));
        }
        figures.push(self.memory("peak of a process that read every list")?);
        core.close()?;
        Ok(figures)
    }
    fn opened(&self, what: &str, call: impl Fn(&Core) -> Result<usize, Error>) -> Result<BigFigure, Failure> {
        let ports = self.ports()?;
        let (mut took, mut rows) = (Vec::new(), 0);
        for _ in 0..WARM_COUNT {
            let start = Stopwatch::start();
            let core = Core::open(self.options(), ports.clone())?;
            rows = call(&core)?;
            took.push(start.seconds() * 1e3);
            core.close()?;
        }
        Ok(BigFigure { rows: Some(rows), ..BigFigure::new("W8 open", self.visits, what, "ms", &took) }
            .against(OPEN_GOAL_MS))
    }
}

fn timed(core: &Core, call: &dyn Fn(&Core) -> Result<usize, Error>) -> Result<(usize, f64), Error> {
    let start = Stopwatch::start();
    let rows = call(core)?;
    Ok((rows, start.seconds() * 1e3))
}

/// Visits, matters and appointments of a day, and on the first one drafts that stay open and tasks that are called off.
fn work(core: &Core, day: u64) -> Result<(), Error> {
    let homes = core.homes(Page::FIRST)?;
    let now_ms = core.ports().clock.now_ms();
    for (at, note) in data::notes(20_261_127 + day, DAY_VISITS_COUNT).iter().enumerate() {
        let home = homes[at % homes.len()].household;
        let mut visit = make::visit(home, at, note);
        if at % 8 == 0 {
            visit.matters.push(MatterDraft::new(MatterKind::Help, Track::Professional, note.as_str()));
        }
        core.save_visit(visit)?;
        if at % 12 == 0 {
            let from_ms = now_ms + at as i64 * HOUR_MS;
            let slot = Slot { from: Moment::from_ms(from_ms), to: Moment::from_ms(from_ms + 30 * MINUTE_MS) };
            core.propose_appointment(&AppointmentDraft::new(home, Purpose::Visit, Party::Manager, vec![slot]))?;
        }
        if day == 0 && at < DRAFTS_COUNT {
            let draft = core.start_visit_draft(home)?;
            core.save_draft_field(draft, "note", json!(note))?;
            core.set_draft_form(draft, Some(make::FORM))?;
            core.save_draft_answer(draft, "people", json!(3))?;
        }
    }
    if day == 0 {
        let due = core.due_list(None)?.homes;
        let asked = due.iter().flat_map(|home| &home.tasks).filter(|task| task.appointment.is_none());
        for task in asked.take(CALLED_OFF_COUNT) {
            core.cancel_task(task.id, "住户外出返乡")?;
        }
    }
    Ok(())
}

/// A line of this process's status, in MB of 1,000,000 bytes.
fn memory_mb(line: &str) -> Result<f64, Failure> {
    const KIB_A_MB: f64 = 1e6 / 1024.0;
    let status = std::fs::read_to_string("/proc/self/status")?;
    let found = status.lines().find_map(|text| text.strip_prefix(line)?.split_whitespace().next()?.parse::<f64>().ok());
    Ok(found.ok_or("the process's memory")? / KIB_A_MB)
}

/// The database and its log, in MB of 1,000,000 bytes. The log's index is shared memory and is not counted.
fn file_mb(path: &Path) -> f64 {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |data| data.len());
    (bytes(path) + bytes(Path::new(&log))) as f64 / 1e6
}
