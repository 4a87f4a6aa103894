//! Before the day: the city's tree, the homes, the people, their phones.

use super::homecoming::Lines;
use super::{DemoError, DemoOptions, Folder, Progress, SEED, WORKERS_COUNT};
use crate::city;
use crate::desks::hire;
use crate::dice::Dice;
use crate::fleet::{self, Member, Serving};
use crate::ports::{DAY_MS, SetClock};
use crate::roster::Roster;
use std::fs::File;
use std::io::Cursor;
use uuid::Uuid;
use zoufang_core::ports::{Ids, SystemIds};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{StaffId, UnitId};
use zoufang_domain::staff::Role;
use zoufang_domain::unit::id_of_micro_grid;
use zoufang_sync_server::App;
use zoufang_sync_server::staff::{self, StaffDraft, StaffError, login};
use zoufang_sync_server::store::{StoreError, Transaction};

/// The communities of the demo: three of the mining district 矿区, two of the city district 城区.
pub const COMMUNITIES: [&str; 5] = ["段南沟", "水滩", "南台", "阳坡垴", "市政府大院"];
/// Managers of a community's first micro-grid; every other one has one.
const FIRST_GRID_MANAGERS_COUNT: usize = 2;
/// What the supervisor signs in as.
const SUPERVISOR_LOGIN: &str = "supervisor";

/// A community of the demo.
#[derive(Clone, Debug)]
pub struct Place {
    /// The unit.
    pub community: UnitId,
    /// Its name.
    pub name: String,
}

/// The demo's part of a city.
#[derive(Debug)]
pub(super) struct City {
    /// Its communities.
    pub(super) places: Vec<Place>,
    /// Who gets a phone.
    managers: Vec<StaffId>,
}

/// Imports the tree and a roster, and posts the managers.
pub(super) fn city(app: &App, folder: &Folder, options: &DemoOptions, progress: &Progress) -> Result<City, DemoError> {
    let bar = progress.step("导入区划和花名册 the city's files", 3);
    let now_ms = app.now_ms();
    let rows = match &options.divisions {
        Some(path) => city::import_divisions(&app.store, now_ms, &path.display().to_string(), File::open(path)?)?,
        None => {
            let file = Cursor::new(city::YANGQUAN_CSV.as_bytes());
            city::import_divisions(&app.store, now_ms, "yangquan-divisions.csv", file)?
        }
    };
    bar.inc(1);
    let chosen = city::communities(&rows, &COMMUNITIES);
    if chosen.is_empty() {
        return Err(DemoError::NoCommunity);
    }
    let (mut roster, mut dice) = (Roster::default(), Dice::new(SEED));
    let mut grids = Vec::new();
    for community in &chosen {
        for number in 1..=options.grids_count {
            let name = format!("测试微网格{number:02}");
            roster.add_usual_micro_grid(&community.code, &name, &mut dice);
            grids.push((id_of_micro_grid(city::unit_of(community), &name), number == 1));
        }
    }
    std::fs::write(folder.roster(), roster.csv())?;
    let since = Moment::from_ms(now_ms - 30 * DAY_MS).day();
    city::import_roster_file(&app.store, now_ms, since, &folder.roster())?;
    bar.inc(1);
    let managers = app.store.write(|tx| managers(tx, now_ms, &grids))?;
    bar.inc(1);
    bar.finish();
    let places = chosen.iter().map(|row| Place { community: city::unit_of(row), name: row.name.clone() }).collect();
    Ok(City { places, managers })
}

fn managers(tx: &Transaction<'_>, now_ms: i64, grids: &[(UnitId, bool)]) -> Result<Vec<StaffId>, StaffError> {
    let ids = SystemIds::new();
    let mut managers = Vec::new();
    for (grid, is_first) in grids {
        for _ in 0..if *is_first { FIRST_GRID_MANAGERS_COUNT } else { 1 } {
            let name = format!("测试网格员{:03}", managers.len() + 1);
            managers.push(hire(tx, now_ms, &ids, &name, (*grid, Role::MicroGridManager), None)?);
        }
    }
    Ok(managers)
}

/// Adds someone without a post.
pub(super) fn newcomer(tx: &Transaction<'_>, now_ms: i64, name: &str) -> Result<StaffId, StaffError> {
    let id = StaffId(SystemIds::new().uuid_v7());
    let draft = StaffDraft { name: name.to_owned(), phone: None, login: None, password_hash: None };
    staff::create(tx, now_ms, id, &draft)?;
    Ok(id)
}

/// Adds a supervisor of the whole city and gives login and password.
pub(super) fn supervisor(app: &App) -> Result<(&'static str, String), DemoError> {
    let password = login::generate(app.random.as_ref());
    let hash = login::hash(app.random.as_ref(), &password);
    let now_ms = app.now_ms();
    app.store.write(|tx| {
        let sql = "SELECT id FROM unit WHERE parent IS NULL ORDER BY id LIMIT 1";
        let root: [u8; 16] = tx.query_row(sql, [], |row| row.get(0)).map_err(StoreError::from)?;
        let post = (UnitId(Uuid::from_bytes(root)), Role::Supervisor);
        hire(tx, now_ms, &SystemIds::new(), "测试督导", post, Some((SUPERVISOR_LOGIN, hash)))
    })?;
    Ok((SUPERVISOR_LOGIN, password))
}

/// Gives every manager a phone that has run its first sync.
pub(super) async fn enrol(
    serving: &Serving,
    folder: &Folder,
    city: &City,
    lines: &Lines,
    morning_ms: i64,
    progress: &Progress,
) -> Result<Vec<Member>, DemoError> {
    let bar = progress.step("手机登记并首次同步 phones enrol", city.managers.len());
    let mut members = Vec::with_capacity(city.managers.len());
    let mut codes = Vec::with_capacity(city.managers.len());
    for (number, staff) in city.managers.iter().enumerate() {
        let proxy = lines.of(number);
        members.push(Member::new(&folder.phones(), number, SetClock::at(morning_ms), proxy)?);
        codes.push(serving.enrol_code(*staff)?);
    }
    let members = fleet::each(members, WORKERS_COUNT, |mut member| {
        let (bar, code) = (bar.clone(), codes[member.number].clone());
        async move {
            member.enrol(code).await?;
            member.sync().await?;
            bar.inc(1);
            Ok(member)
        }
    })
    .await?;
    bar.finish();
    Ok(members)
}
