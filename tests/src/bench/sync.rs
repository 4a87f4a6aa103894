//! W2 to W4 and W8: phones with real databases against a real server in a process of its own, beside the raw server in the same minute.

use super::children::{SERVE, SERVE_RAW, ServerProcess};
use super::data::{Workload, WorkloadVisit, json_lines};
use super::figures::{Figure, Stopwatch, percentile, rounded};
use super::raw;
use crate::proxy::Proxy;
use std::error::Error as StdError;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::ports::{MemoryKeyVault, Network, SoftwareSigner, SystemClock, SystemIds};
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport};
use zoufang_core::sync::{Cancel, SyncReport};
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_core::{Core, Error, Options, Ports};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AssignmentId, HouseholdId, StaffId, UnitId, VisitId, derived};
use zoufang_domain::operation::{Action, Fields};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::unit::{Level, OrgUnit};
use zoufang_domain::visit::{Duty, Location, Mode, Outcome};
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::ledger::{self, CONSOLE};
use zoufang_sync_server::staff::{self, Post, StaffDraft};
use zoufang_sync_server::store::Store;
use zoufang_sync_server::{App, Config, enrol, units};

/// Anything that ends a benchmark.
pub type Failure = Box<dyn StdError + Send + Sync>;

/// Makes a server's database with the workload's micro-grid and homes, and codes for so many phones of its manager.
///
/// # Errors
/// What the server says.
pub fn prepare(folder: &Path, workload: &Workload, phones_count: usize) -> Result<Vec<String>, Failure> {
    std::fs::create_dir_all(folder)?;
    let config = Config::new(folder);
    let app = App::new(Store::open(&config.database())?, config)?;
    let now_ms = app.now_ms();
    let (grid, manager) = (UnitId(workload.micro_grid), StaffId(workload.manager));
    app.store.write(|tx| -> Result<(), ledger::LedgerError> {
        let mut parent = None;
        for level in [Level::City, Level::District, Level::Street, Level::Community, Level::MicroGrid] {
            let id = if level == Level::MicroGrid { grid } else { UnitId(derived(&["bench", level.name()])) };
            let name = format!("测试{}", level.name());
            let unit = OrgUnit { level, name, code: None, parent, from: None, to: None };
            units::create(tx, now_ms, CONSOLE, id, &unit)?;
            parent = Some(id);
        }
        for (at, household) in workload.households.iter().enumerate() {
            home(tx, now_ms, grid, at, *household)?;
        }
        Ok(())
    })?;
    let draft = StaffDraft { name: "测试管理员".into(), phone: None, login: None, password_hash: None };
    let from = Moment::from_ms(now_ms - 400 * 24 * 3600 * 1000);
    let post = Post::new(AssignmentId(derived(&["bench", "post"])), manager, grid, Role::MicroGridManager, from);
    app.store.write(|tx| staff::create(tx, now_ms, manager, &draft))?;
    app.store.write(|tx| staff::assign(tx, now_ms, CONSOLE, post))?;
    let code = || app.store.write(|tx| enrol::make_code(tx, app.random.as_ref(), manager, now_ms, Actor::Console));
    Ok((0..phones_count).map(|_| code()).collect::<Result<_, _>>()?)
}

fn home(
    tx: &zoufang_sync_server::store::Transaction<'_>,
    now_ms: i64,
    grid: UnitId,
    at: usize,
    household: Uuid,
) -> Result<(), ledger::LedgerError> {
    let dwelling = derived(&["bench", "dwelling", &at.to_string()]);
    let address =
        serde_json::json!({"building": "1", "unit": (at / 8 + 1).to_string(), "room": format!("{}01", at % 8 + 1)});
    let fields = Fields::from([("address".to_owned(), address), ("use".to_owned(), "own".into())]);
    let create = |fields| Action::Create { fields, entries: Vec::new() };
    ledger::write_own(tx, now_ms, CONSOLE, grid, Kind::Dwelling, dwelling, create(fields))?;
    let fields = Fields::from([
        ("dwelling".to_owned(), dwelling.to_string().into()),
        ("contact".to_owned(), format!("测试户{at}").into()),
        ("from".to_owned(), "2026-01-01".into()),
    ]);
    ledger::write_own(tx, now_ms, CONSOLE, grid, Kind::Household, household, create(fields))?;
    Ok(())
}

/// A phone of the workload's manager.
pub struct Phone {
    core: Core,
    protocol: HttpProtocol<ReqwestTransport>,
    ports: Ports,
}

impl Phone {
    /// Enrols a new phone and fetches the homes.
    ///
    /// # Errors
    /// What core or server say.
    pub async fn enrolled(path: &Path, server: SocketAddr, code: String) -> Result<Phone, Failure> {
        let ports = Ports {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds::new()),
            vault: Arc::new(MemoryKeyVault::new()),
            signer: Arc::new(SoftwareSigner::generate()?),
            connectivity: Arc::new(Network::Unmetered),
        };
        let core = Core::open(Options::new(path), ports.clone())?;
        let input = EnrolInput { server_url: format!("http://{server}"), ca_pem: None, code };
        let protocol = input.protocol()?;
        core.enrol(&protocol, input).await?;
        Ok(Phone { core, protocol, ports })
    }
    /// Saves a visit of the workload.
    ///
    /// # Errors
    /// What the core says.
    pub fn save(&self, visit: &WorkloadVisit) -> Result<(), Error> {
        let draft = VisitDraft {
            id: Some(VisitId(visit.id)),
            started_at: Moment::parse(&visit.visited_at),
            ended_at: Moment::parse(&visit.updated_at),
            duties: visit.roles.iter().map(|role| duty(role)).collect(),
            note: visit.note.clone(),
            needs_follow_up: visit.needs_follow_up,
            location: Some(Location { lat: visit.location.lat, lon: visit.location.lon }),
            ..VisitDraft::new(HouseholdId(visit.household_id), mode(&visit.kind), Outcome::Done)
        };
        self.core.save_visit(draft).map(drop)
    }
    /// One sync.
    ///
    /// # Errors
    /// What the core says.
    pub async fn sync(&self) -> Result<SyncReport, Error> {
        self.core.sync(&self.protocol, |_| {}, &Cancel::new()).await
    }
    /// Sends the next syncs to another address.
    fn through(&mut self, address: SocketAddr) -> Result<(), Error> {
        self.protocol = HttpProtocol::new(ReqwestTransport::new(&format!("http://{address}"), None)?);
        Ok(())
    }
    /// Opens the phone's database again and lists the homes; seconds that it took.
    ///
    /// # Errors
    /// What the core says.
    pub fn open_and_list(&self) -> Result<f64, Error> {
        self.core.close()?;
        let start = Stopwatch::start();
        let core = Core::open(self.core.options().clone(), self.ports.clone())?;
        let homes = core.homes(Page::FIRST)?;
        let seconds = start.seconds();
        core.close()?;
        self.core.resume()?;
        if homes.is_empty() {
            return Err(Error::NotFound { what: "home" });
        }
        Ok(seconds)
    }
}

fn duty(role: &str) -> Duty {
    match role {
        "police" => Duty::CoManagement,
        "nurse" | "volunteer" => Duty::Errands,
        "party_member" => Duty::Publicity,
        "lawyer" => Duty::Mediation,
        _ => Duty::Information,
    }
}

fn mode(kind: &str) -> Mode {
    match kind {
        "routine" | "elderly" | "safety" => Mode::Door,
        "dispute" => Mode::Phone,
        _ => Mode::Met,
    }
}

/// What one repetition of the raw limit took.
pub struct RawSeconds {
    push: f64,
    pull: f64,
    no_op: f64,
    ten: f64,
}

/// The raw limit of W2 to W4.
///
/// # Errors
/// What the raw server or store say.
pub fn raw_limit(folder: &Path, workload: &Workload) -> Result<RawSeconds, Failure> {
    std::fs::create_dir_all(folder)?;
    let server = ServerProcess::start(SERVE_RAW, &folder.join("raw-server.db"))?;
    let mut phone = raw::open(&folder.join("raw-a.db"))?;
    raw::put_all(&mut phone, &workload.visits, 0)?;
    let mut client = raw::Client::connect(server.address)?;
    let start = Stopwatch::start();
    client.push(&raw::unsent(&phone)?)?;
    phone.execute("UPDATE visit SET seq = 1", [])?;
    let push = start.seconds();

    let mut second = raw::open(&folder.join("raw-b.db"))?;
    let mut client = raw::Client::connect(server.address)?;
    let grid = workload.micro_grid.to_string();
    let start = Stopwatch::start();
    let (mut since, visits) = client.pull(&grid, 0)?;
    raw::put_all(&mut second, &visits, 1)?;
    let pull = start.seconds();

    let (mut no_ops, mut tens) = (Vec::new(), Vec::new());
    for ten in workload.extra.chunks(10).take(REPEATS_COUNT) {
        let start = Stopwatch::start();
        raw::unsent(&phone)?;
        client.pull(&grid, since)?;
        no_ops.push(start.seconds());
        raw::put_all(&mut phone, ten, 0)?;
        let start = Stopwatch::start();
        client.push(&raw::unsent(&phone)?)?;
        phone.execute("UPDATE visit SET seq = 1 WHERE seq = 0", [])?;
        since = client.pull(&grid, since)?.0;
        tens.push(start.seconds());
    }
    Ok(RawSeconds { push, pull, no_op: percentile(&no_ops, 0.5), ten: percentile(&tens, 0.5) })
}

/// How often the small syncs of W4 and the opening of W8 are repeated.
const REPEATS_COUNT: usize = 20;

/// One repetition of W1 to W4 and W8.
///
/// # Errors
/// What core or server say, or that the bytes of a case were not what they must be.
pub async fn repetition(folder: &Path, workload: &Workload) -> Result<Vec<Figure>, Failure> {
    let limit = raw_limit(&folder.join("raw"), workload)?;
    let data = folder.join("server");
    let mut codes = prepare(&data, workload, 4)?;
    let mut code = || codes.pop().ok_or("a code for each phone");
    let server = ServerProcess::start(SERVE, &data)?;
    let mut figures = Vec::new();

    let mut first = Phone::enrolled(&folder.join("first.db"), server.address, code()?).await?;
    first.sync().await?;
    let w1 = super::local::w1(&first, folder, workload).map_err(|e| e.to_string())?;
    figures.push(w1);

    let cpu = server.cpu_s();
    let start = Stopwatch::start();
    let report = first.sync().await?;
    let seconds = start.seconds();
    let w2 =
        Figure { server_cpu_s: Some(rounded(server.cpu_s() - cpu)), ..Figure::new("W2", 2000, seconds, limit.push) };
    expect(report.pushed_count == 2000 && report.quarantined_count == 0, "2,000 visits pushed, none in quarantine")?;
    figures.push(Figure { requests: Some(report.requests_count), ..w2 });

    let second = Phone::enrolled(&folder.join("second.db"), server.address, code()?).await?;
    let cpu = server.cpu_s();
    let start = Stopwatch::start();
    let report = second.sync().await?;
    let seconds = start.seconds();
    let w3 =
        Figure { server_cpu_s: Some(rounded(server.cpu_s() - cpu)), ..Figure::new("W3", 2000, seconds, limit.pull) };
    expect(report.pulled_count >= 2000 && report.complete, "2,000 visits pulled")?;
    figures.push(Figure { requests: Some(report.requests_count), ..w3 });

    figures.push(w8(&second)?);
    small_syncs(&mut first, &server, workload, &limit, &mut figures).await?;
    bytes(folder, &server, workload, [code()?, code()?], &mut figures).await?;
    figures.iter_mut().for_each(|figure| figure.server_peak_mib = Some(rounded(server.peak_mib())));
    Ok(figures)
}

fn expect(holds: bool, what: &str) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(format!("not so: {what}").into()) }
}

/// W8: opening a phone's database of 40 homes and 2,000 visits and listing the homes. The goal is 30 ms, so the limit is given as that.
fn w8(phone: &Phone) -> Result<Figure, Failure> {
    const GOAL_S: f64 = 0.030;
    let seconds: Vec<f64> = (0..REPEATS_COUNT).map(|_| phone.open_and_list()).collect::<Result<_, _>>()?;
    let p50 = percentile(&seconds, 0.5);
    let p99_ms = Some(rounded(percentile(&seconds, 0.99) * 1e3));
    Ok(Figure {
        store: "sqlcipher",
        p50_ms: Some(rounded(p50 * 1e3)),
        p99_ms,
        ..Figure::new("W8 open and list", 1, p50, GOAL_S)
    })
}

/// W4: a sync with nothing to do, and one with ten visits, twenty times each.
async fn small_syncs(
    phone: &mut Phone,
    server: &ServerProcess,
    workload: &Workload,
    limit: &RawSeconds,
    figures: &mut Vec<Figure>,
) -> Result<(), Failure> {
    phone.sync().await?;
    let (mut no_ops, mut tens) = (Vec::new(), Vec::new());
    for ten in workload.extra.chunks(10).take(REPEATS_COUNT) {
        let start = Stopwatch::start();
        let report = phone.sync().await?;
        no_ops.push(start.seconds());
        expect(report.requests_count == 1, "nothing to sync is one request")?;
        ten.iter().try_for_each(|visit| phone.save(visit))?;
        let start = Stopwatch::start();
        phone.sync().await?;
        tens.push(start.seconds());
    }
    // One more with nothing to do, through a proxy that counts what passes on the wire. A new connection changes no bytes of HTTP.
    let proxy = Proxy::before(server.address).await?;
    phone.through(proxy.address())?;
    phone.sync().await?;
    let ms = |values: &[f64]| Some(rounded(percentile(values, 0.5) * 1e3));
    let (up, down) = (proxy.up_bytes(), proxy.down_bytes());
    expect(up + down < 1024, "nothing to sync is less than 1 KiB both ways")?;
    phone.through(server.address)?;
    let no_op = Figure::new("W4 no-op", REPEATS_COUNT, percentile(&no_ops, 0.5), limit.no_op);
    figures.push(Figure {
        p50_ms: ms(&no_ops),
        bytes_up: Some(up),
        bytes_down: Some(down),
        requests: Some(1),
        ..no_op
    });
    let ten = Figure::new("W4 ten", REPEATS_COUNT, percentile(&tens, 0.5), limit.ten);
    figures.push(Figure { p50_ms: ms(&tens), ..ten });
    Ok(())
}

/// The bytes of W2 and W3, counted on the wire in a run of their own, so that counting does not cost the timed ones.
async fn bytes(
    folder: &Path,
    server: &ServerProcess,
    workload: &Workload,
    [code, other_code]: [String; 2],
    figures: &mut [Figure],
) -> Result<(), Failure> {
    let plain_bytes = json_lines(&workload.extra).len() as f64;
    let proxy = Proxy::before(server.address).await?;
    let mut phone = Phone::enrolled(&folder.join("third.db"), server.address, code).await?;
    phone.sync().await?;
    // The first two hundred are on the server already, by their ids; the rest is new.
    let fresh = &workload.extra[200..];
    fresh.iter().try_for_each(|visit| phone.save(visit))?;
    phone.through(proxy.address())?;
    phone.sync().await?;
    let share = fresh.len() as f64 / workload.extra.len() as f64;
    let (up, down) = (proxy.up_bytes(), proxy.down_bytes());
    set_bytes(figures, "W2", up, down, plain_bytes * share);
    let proxy = Proxy::before(server.address).await?;
    let mut other = Phone::enrolled(&folder.join("fourth.db"), server.address, other_code).await?;
    other.through(proxy.address())?;
    let report = other.sync().await?;
    let visits_count = report.pulled_count as f64 - workload.households.len() as f64 * 2.0;
    let (up, down) = (proxy.up_bytes(), proxy.down_bytes());
    set_bytes(figures, "W3", up, down, plain_bytes * visits_count / workload.extra.len() as f64);
    Ok(())
}

fn set_bytes(figures: &mut [Figure], case: &str, up: u64, down: u64, plain_bytes: f64) {
    for figure in figures.iter_mut().filter(|figure| figure.case == case) {
        figure.bytes_up = Some(up);
        figure.bytes_down = Some(down);
        figure.of_plain_json_percent = Some(rounded((up + down) as f64 / plain_bytes * 100.0));
    }
}
