//! Practice mode 练习模式: made-up homes to try everything on, in a database and under a key of its own. Its profile belongs to no server and
//! says so: nothing of it is ever offered to one, and no real home is ever in it.

use crate::households::{self, HomeDraft};
use crate::matters::{self, MatterDraft};
use crate::store::open::{erase_keys, remove_files};
use crate::store::profile;
use crate::store::records;
use crate::visits::{self, VisitDraft};
use crate::work::Work;
use crate::{ChangeSet, Core, Error, Options, Ports};
use rusqlite::Transaction;
use serde_json::json;
use std::path::Path;
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::{Address, Use};
use zoufang_domain::ids::{DeviceId, StaffId, UnitId, derived};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::operation::{Action, Fields, Operation};
use zoufang_domain::order;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::stamp::Stamp;
use zoufang_domain::unit::Level;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_domain::wire::enrol::{EnrolAnswer, Grant};
use zoufang_domain::{merge, record};

/// The practice database beside the real one.
pub const FILE: &str = "practice.db";
/// The name of its key in the vault.
pub const KEY_NAME: &str = "practice";
/// What stands where a real profile has its server's address. No address begins so, which keeps even an older app from calling anyone.
pub const NO_SERVER: &str = "practice:";
/// Made-up homes.
pub const HOMES_COUNT: u16 = 12;

impl Core {
    /// Opens the practice database in a folder, with made-up homes in it if it is new. Needs neither a network nor enrolment; beside a real
    /// profile it changes nothing of that.
    ///
    /// # Errors
    /// As [`Core::open`]; [`Error::NotAllowed`] when a real profile lies under the practice database's name.
    pub fn open_practice(folder: &Path, ports: Ports) -> Result<Core, Error> {
        let core = Core::open(options(folder), ports)?;
        let begun = core.write(|tx| match profile::find(tx)? {
            Some(known) if known.practice => Ok(((), ChangeSet::default())),
            Some(_) => Err(Error::NotAllowed),
            None => Ok((begin(tx, core.ports())?, ChangeSet::default())),
        });
        match begun {
            Ok(()) => Ok(core),
            Err(error) => {
                // Nothing was written; the error that counts is the first.
                let _ = core.close();
                Err(error)
            }
        }
    }
    /// Throws away what was tried and begins anew: only a practice database is ever erased so.
    ///
    /// # Errors
    /// As [`Core::open_practice`]; [`Error::Port`] when the key store or the file system refuses.
    pub fn restart_practice(folder: &Path, ports: Ports) -> Result<Core, Error> {
        let core = Core::open_practice(folder, ports.clone())?;
        core.close()?;
        let options = options(folder);
        erase_keys(ports.vault.as_ref(), &options.key_name).map_err(|error| Error::Port(error.to_string()))?;
        remove_files(&options.path).map_err(|error| Error::Port(error.kind().to_string()))?;
        Core::open_practice(folder, ports)
    }
    /// Whether this is the practice database: screens mark it, always and visibly.
    ///
    /// # Errors
    /// When the store fails.
    pub fn is_practice(&self) -> Result<bool, Error> {
        self.read(|c| Ok(profile::find(c)?.is_some_and(|profile| profile.practice)))
    }
}

fn options(folder: &Path) -> Options {
    Options { path: folder.join(FILE), key_name: KEY_NAME.to_owned() }
}

fn unit(name: &str) -> UnitId {
    UnitId(derived(&["practice", name]))
}

/// The profile and the homes, in the caller's transaction: a phone that is killed in between begins anew next time.
fn begin(tx: &Transaction<'_>, ports: &Ports) -> Result<(), Error> {
    let now_ms = ports.clock.now_ms();
    let grant = |name, level, title: &str, role| Grant { unit: unit(name), level, name: title.to_owned(), role };
    let answer = EnrolAnswer {
        device: DeviceId(derived(&["practice", "device"])),
        staff: StaffId(derived(&["practice", "staff"])),
        staff_name: "练习管理员".to_owned(),
        epoch: 1,
        grants: vec![
            grant("community", Level::Community, "练习社区", None),
            grant("micro-grid", Level::MicroGrid, "练习微网格", Some(Role::MicroGridManager)),
        ],
        fingerprint: "000000".to_owned(),
        server_time: Stamp::from_ms(now_ms),
    };
    profile::begin(tx, &answer, NO_SERVER, None)?;
    tx.execute("UPDATE profile SET practice = 1, complete = 1 WHERE id = 1", [])?;
    rule(tx, now_ms, answer.staff, answer.device)?;
    let mut work = Work::begin(tx, ports.clock.as_ref(), ports.ids.as_ref())?;
    let mut homes = Vec::new();
    for number in 0..HOMES_COUNT {
        homes.push(households::add(&mut work, &home(number), None)?.0);
    }
    if let [first, second, ..] = homes[..] {
        let note = "（练习）家中一切正常。".to_owned();
        visits::save(&mut work, VisitDraft { note, ..VisitDraft::new(first, Mode::Door, Outcome::Done) })?;
        let leak = MatterDraft::new(MatterKind::Help, Track::Professional, "（练习）楼道水管漏水，请派人看看。");
        matters::save(&mut work, MatterDraft { household: Some(second), ..leak })?;
    }
    Ok(())
}

/// Two buildings with two entrances each, three rooms an entrance.
fn home(number: u16) -> HomeDraft {
    const SURNAMES: [&str; 12] = ["张", "王", "李", "赵", "刘", "陈", "杨", "黄", "周", "吴", "徐", "孙"];
    let (building, entrance, room) = (number / 6 + 1, number % 6 / 3 + 1, (number % 3 + 1) * 100 + 1);
    let surname = SURNAMES.get(usize::from(number)).copied().unwrap_or("练");
    HomeDraft {
        micro_grid: unit("micro-grid"),
        address: Address { building: building.to_string(), unit: entrance.to_string(), room: room.to_string() },
        used_as: if number % 4 == 3 { Use::Rented } else { Use::Own },
        contact: Some(format!("{surname}练习")),
        phone: Some(format!("100000000{number:02}")),
        people_count: Some(number % 4 + 1),
        from: None,
        shares_dwelling: false,
    }
}

/// A rule, so that there is a list of the day: every home once a week.
fn rule(tx: &Transaction<'_>, now_ms: i64, staff: StaffId, device: DeviceId) -> Result<(), Error> {
    // A rule takes hold with the first week that begins under it: this week's shall count.
    let today = Moment::from_ms(now_ms).day();
    let from = today.checked_sub_days(chrono::Days::new(7)).unwrap_or(today);
    let fields = json!({ "name": "（练习）每周走访", "rhythm": {"every": "week"}, "from": from });
    let fields: Fields = order::gather(fields.as_object().cloned().unwrap_or_default());
    let operation = Operation {
        counter: 0,
        at: Stamp::from_ms(now_ms),
        staff,
        area: unit("micro-grid"),
        kind: Kind::CadenceRule,
        id: derived(&["practice", "rule"]),
        action: Action::Create { fields, entries: Vec::new() },
    };
    let record: record::Record = merge::apply(None, &operation, operation.version(device, operation.at))?.record;
    records::insert_if_new(tx, &records::Columns::of(&record), &record.to_canonical_json())?;
    Ok(())
}
