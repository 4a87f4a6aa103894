//! The stage: the real server for tests in other languages. It stands in a process of its own, behind a line that can fail, and is told
//! what to do a line at a time.

mod command;

pub use command::Command;

use crate::certificates::Authority;
use crate::fleet::Serving;
use crate::proxy::Proxy;
use crate::world::Server;
use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;
use uuid::Uuid;
use zoufang_domain::cadence::{CadenceRule, OnDayOff, Rhythm};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{DeviceId, NoticeId, StaffId, UnitId};
use zoufang_domain::notice::{Notice, NoticeKind};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::audit::Actor;
use zoufang_sync_server::backup::{self, BackupError};
use zoufang_sync_server::ledger::{CONSOLE, LedgerError};
use zoufang_sync_server::notices::{self, Sender};
use zoufang_sync_server::store::{Store, StoreError};
use zoufang_sync_server::{App, Config, device, enrol, rules};

/// The micro-grid that everybody of a stage works in.
pub const MICRO_GRID: &str = "测试微网格";
/// Whose phone it is when nobody is named.
pub const FIRST_STAFF: &str = "测试管理员甲";

/// Days back to which a visit day may be set: every month has that many days before a day of it comes again.
pub const VISIT_DAY_MOST_DAYS: u64 = 28;
/// Days in which a visit day of today is kept in time.
const WINDOW_DAYS: u16 = 3;
/// Days that a notice holds.
const NOTICE_DAYS: u64 = 30;

/// Why the stage could not do what it was told.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// Files or sockets.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// The server's store.
    #[error("the server's database: {0}")]
    Store(#[from] StoreError),
    /// A line that is no command.
    #[error(
        "unknown command {0:?}; known are: code [NAME], visits, matters, receipts, devices, visit_day DAYS_AGO NAME, notice TITLE, revoke DEVICE_ID, back_up, restore, silence, heal, break_after BYTES, stop"
    )]
    Unknown(String),
    /// The server did not take it.
    #[error(transparent)]
    Refused(#[from] LedgerError),
    /// No copy of the server's database was made.
    #[error(transparent)]
    BackUp(#[from] BackupError),
    /// Nothing was kept.
    #[error("there is no backup; `back_up` makes one")]
    NoBackup,
    /// No such phone.
    #[error("no device {0}; `devices` lists them")]
    NoDevice(DeviceId),
}

/// A server with a made-up micro-grid, on this machine.
pub struct Stage {
    server: Server,
    serving: Serving,
    proxy: Proxy,
    authority: Option<Authority>,
    area: UnitId,
    staff: HashMap<String, StaffId>,
    backups: Vec<PathBuf>,
    folder: TempDir,
}

impl Stage {
    /// Sets it up in a folder of its own: a tree, one micro-grid with so many homes, a line to it.
    ///
    /// # Errors
    /// [`StageError`].
    pub async fn open(homes_count: usize, with_tls: bool) -> Result<Stage, StageError> {
        let folder = tempfile::tempdir()?;
        let authority = with_tls.then(Authority::new);
        let tls = authority.as_ref().map(|authority| authority.issue(folder.path())).transpose()?;
        let config = Config { tls, ..Config::new(folder.path()) };
        let app = App::new(Store::open(&config.database())?, config)?;
        let server = Server::of(Arc::clone(&app));
        let area = server.add_community_with_homes(MICRO_GRID, homes_count);
        let serving = Serving::start(app).await?;
        let proxy = Proxy::before(serving.address()).await?;
        Ok(Stage { server, serving, proxy, authority, area, staff: HashMap::new(), backups: Vec::new(), folder })
    }
    /// Where phones find it: the line, not the server behind it.
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.proxy.address())
    }
    /// What is said when it is ready.
    pub fn ready(&self) -> Value {
        json!({ "server_url": self.url(), "ca_pem": self.authority.as_ref().map(Authority::pem) })
    }
    /// Does what it is told.
    ///
    /// # Errors
    /// [`StageError`].
    pub async fn obey(&mut self, command: Command) -> Result<Value, StageError> {
        Ok(match command {
            Command::Code { name } => self.code(&name)?,
            Command::Visits => json!({ "count": self.count(Kind::Visit)? }),
            Command::Matters => json!({ "count": self.count(Kind::Matter)? }),
            Command::Receipts => json!({ "count": self.count(Kind::NoticeReceipt)? }),
            Command::VisitDay { days_ago, name } => {
                let (now_ms, rule) = (self.server.now_ms(), self.visit_day(days_ago, name));
                self.server.app.store.write(|tx| rules::set_rule(tx, now_ms, CONSOLE, self.area, &rule))?;
                json!({ "set": rule.name })
            }
            Command::Notice { title } => {
                let (now_ms, id, notice) = (self.server.now_ms(), NoticeId(self.server.new_id()), self.notice(title));
                self.server.app.store.write(|tx| notices::send(tx, now_ms, Sender::Console, self.area, id, &notice))?;
                json!({ "notice": id.to_string() })
            }
            Command::Devices => json!({ "devices": self.devices()? }),
            Command::Revoke { device } => {
                let (now_ms, store) = (self.server.now_ms(), &self.server.app.store);
                match store.write(|tx| device::revoke(tx, now_ms, Actor::Console, device))? {
                    true => json!({ "revoked": true }),
                    false => return Err(StageError::NoDevice(device)),
                }
            }
            Command::BackUp => {
                let backup = self.folder.path().join(format!("backup-{}.db", self.backups.len()));
                backup::to_file(&self.server.app.store, self.server.now_ms(), &backup)?;
                self.backups.push(backup);
                json!({ "backed_up": true })
            }
            Command::Restore => {
                self.restore().await?;
                json!({ "restored": true })
            }
            Command::Silence => {
                self.proxy.fall_silent();
                json!({ "silent": true })
            }
            Command::Heal => {
                self.proxy.heal();
                json!({ "silent": false })
            }
            Command::BreakAfter { bytes } => {
                self.proxy.break_after(bytes);
                json!({ "break_after": bytes })
            }
        })
    }
    /// Ends the line, the server and the folder.
    pub async fn end(self) {
        drop(self.proxy);
        self.serving.stop().await;
        drop(self.folder);
    }
    /// The server ends, and another begins with what was kept, behind the same line. What was done since is lost to it.
    async fn restore(&mut self) -> Result<(), StageError> {
        let backup = self.backups.last().ok_or(StageError::NoBackup)?;
        let data_dir = tempfile::tempdir_in(self.folder.path())?.keep();
        let config = Config { data_dir: data_dir.clone(), ..self.server.app.config.clone() };
        std::fs::copy(backup, config.database())?;
        let app = App::new(Store::open(&config.database())?, config)?;
        self.server.app = Arc::clone(&app);
        let before = std::mem::replace(&mut self.serving, Serving::start(app).await?);
        self.proxy.lead_to(self.serving.address());
        before.stop().await;
        Ok(())
    }
    fn code(&mut self, name: &str) -> Result<Value, StageError> {
        let staff = match self.staff.get(name) {
            Some(known) => *known,
            None => self.add_staff(name),
        };
        let code = self.serving.enrol_code(staff)?;
        let qr = enrol::qr_payload(&self.url(), self.authority.as_ref().map(Authority::pem), &code);
        Ok(json!({ "qr": qr, "code": code }))
    }
    /// The first who comes is responsible for the micro-grid; a micro-grid has one such, so everybody else helps.
    fn add_staff(&mut self, name: &str) -> StaffId {
        let role = if self.staff.is_empty() { Role::MicroGridManager } else { Role::Auxiliary };
        let staff = self.server.add_staff(name);
        self.server.post(staff, self.area, role);
        self.staff.insert(name.to_owned(), staff);
        staff
    }
    fn today(&self) -> NaiveDate {
        Moment::from_ms(self.server.now_ms()).day()
    }
    fn visit_day(&self, days_ago: u64, name: String) -> CadenceRule {
        let day = self.today() - Days::new(days_ago);
        CadenceRule {
            name,
            rhythm: Rhythm::DaysOfMonth(vec![day.day() as u8]),
            list: None,
            window_days: Some(if days_ago == 0 { WINDOW_DAYS } else { 1 }),
            on_day_off: OnDayOff::Keep,
            from: day - Days::new(1),
            to: None,
        }
    }
    fn notice(&self, title: String) -> Notice {
        let today = self.today();
        Notice {
            body: format!("{title}：测试正文"),
            title,
            kind: NoticeKind::Publicity,
            valid_from: today,
            valid_to: today + Days::new(NOTICE_DAYS),
            needs_receipt: true,
        }
    }
    fn count(&self, kind: Kind) -> Result<i64, StoreError> {
        let sql = "SELECT count(*) FROM record WHERE kind = ?1";
        self.server.app.store.read(|c| Ok(c.query_row(sql, [kind.number()], |row| row.get(0))?))
    }
    fn devices(&self) -> Result<Vec<Value>, StoreError> {
        let app = &self.server.app;
        // What phones told in passing is written with the next write otherwise.
        app.store.write(|tx| app.sightings.write(tx))?;
        let sql = "SELECT d.id, s.name, d.status, d.unsent_count FROM device d JOIN staff s ON s.id = d.staff
                   ORDER BY d.enrolled_ms, d.id";
        app.store.read(|c| {
            let mut devices = c.prepare(sql)?;
            let told = devices.query_map([], |row| {
                let id = Uuid::from_bytes(row.get(0)?);
                let (name, status, unsent): (String, String, i64) = (row.get(1)?, row.get(2)?, row.get(3)?);
                Ok(json!({ "id": id.to_string(), "staff_name": name, "status": status, "unsent_count": unsent }))
            })?;
            Ok(told.collect::<Result<Vec<_>, _>>()?)
        })
    }
}
