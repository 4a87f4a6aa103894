//! Household rosters: one row a home, with the headers that communities use.
//!
//! Needed are the micro-grid and the room; the community too, unless the caller has it. Building, unit, contact, phone,
//! people and use are taken when they are there. Every other column is named in the report and not read.

mod fields;

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{Read, Seek};
use std::path::Path;

use self::fields::{parse_community, parse_name, parse_people, parse_phone, parse_required, parse_text, parse_use};
use super::columns::{Field, Layout};
use super::messages::{Message, MessageId};
use super::report::{ImportError, ImportReport, RowError};
use super::table::{self, Row, TableOptions};

/// Longest name or code of a community or a micro-grid.
pub const UNIT_NAME_MAX_CHARS: usize = 64;
/// Longest building, unit or room.
pub const PLACE_MAX_CHARS: usize = 32;
/// Longest contact name.
pub const CONTACT_NAME_MAX_CHARS: usize = 64;
/// Most people in a home.
pub const PEOPLE_MAX_COUNT: u16 = 30;

const COMMUNITY: usize = 0;
const MICRO_GRID: usize = 1;
const BUILDING: usize = 2;
const UNIT: usize = 3;
const ROOM: usize = 4;
const CONTACT_NAME: usize = 5;
const PHONE: usize = 6;
const PEOPLE_COUNT: usize = 7;
const DWELLING_USE: usize = 8;

/// The headers of each field. A code names a community better than its name does; a new micro-grid needs its name.
const HEADERS: [&[&str]; 9] = [
    &["社区代码", "社区编码", "社区", "所属社区", "社区名称", "村社区", "社区村", "村居", "community"],
    &["微网格", "所属微网格", "微网格名称", "微网格编码", "微网格代码", "微网格编号", "microgrid"],
    &["楼栋", "楼栋号", "栋", "栋号", "楼号", "幢", "幢号", "楼", "building"],
    &["单元", "单元号", "unit"],
    &["室", "室号", "房号", "房间号", "门牌", "门牌号", "room"],
    &["联系人", "户主", "户主姓名", "联系人姓名", "姓名", "contact", "contactname", "name"],
    &["电话", "联系电话", "手机", "手机号", "手机号码", "电话号码", "联系方式", "phone"],
    &["人数", "家庭人口", "常住人口", "家庭人数", "常住人数", "人口数", "居住人数", "people", "peoplecount"],
    &["居住类型", "房屋性质", "房屋用途", "房屋类型", "房屋状态", "use", "dwellinguse"],
];

/// How to read a roster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RosterOptions {
    /// The sheet of an XLSX file; without it the first visible one.
    pub sheet: Option<String>,
    /// Whether the caller knows the community of rows that do not name one. Without it every row must.
    pub community_given: bool,
}

/// What a dwelling is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DwellingUse {
    /// 自住
    Own,
    /// 出租
    Rented,
    /// 空置
    Vacant,
    /// 商铺
    Shop,
    /// 其他, also when nothing is said
    Other,
}

impl DwellingUse {
    /// `own`, `rented`, `vacant`, `shop` or `other`.
    pub fn as_str(self) -> &'static str {
        match self {
            DwellingUse::Own => "own",
            DwellingUse::Rented => "rented",
            DwellingUse::Vacant => "vacant",
            DwellingUse::Shop => "shop",
            DwellingUse::Other => "other",
        }
    }
}

/// One home.
#[derive(Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// The row of the file, from 1.
    pub row_number: u32,
    /// A community's 12-digit code or its name. None only when [`RosterOptions::community_given`] and the row names none.
    pub community: Option<String>,
    /// A micro-grid's name or external code.
    pub micro_grid: String,
    /// 楼栋; empty where houses stand alone.
    pub building: String,
    /// 单元; empty where a building has one entrance.
    pub unit: String,
    /// 室, or the number on the door; never empty.
    pub room: String,
    /// Whom to ask for.
    pub contact_name: Option<String>,
    /// Bare digits: 11 of a mobile number, or a landline with its area code.
    pub phone: Option<String>,
    /// How many people live there, 0 to [`PEOPLE_MAX_COUNT`].
    pub people_count: Option<u16>,
    /// What the dwelling is used for.
    pub dwelling_use: DwellingUse,
}

impl std::fmt::Debug for RosterRow {
    /// The place of the row only: a roster is personal data, and debug output ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RosterRow").field("row_number", &self.row_number).finish_non_exhaustive()
    }
}

/// A roster that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roster {
    /// The rows without an error, in the order of the file.
    pub rows: Vec<RosterRow>,
    /// What was read, and what of it is wrong.
    pub report: ImportReport,
}

/// Reads the roster in a file.
///
/// # Errors
///
/// As [`table::read`]; errors in rows are in the report.
pub fn read_file(path: &Path, options: &RosterOptions) -> Result<Roster, ImportError> {
    read(table::open(path)?, options)
}

/// Reads a roster.
///
/// # Errors
///
/// As [`table::read`]; errors in rows are in the report.
pub fn read(reader: impl Read + Seek, options: &RosterOptions) -> Result<Roster, ImportError> {
    let mut rows = Vec::new();
    let report = read_each(reader, options, |row| rows.push(row))?;
    Ok(Roster { rows, report })
}

/// Reads a roster, and hands out each row without an error as soon as it is read. What was handed out must be dropped when
/// this returns an error.
///
/// # Errors
///
/// As [`table::read`]; errors in rows are in the report.
pub fn read_each(
    reader: impl Read + Seek,
    options: &RosterOptions,
    mut on_row: impl FnMut(RosterRow),
) -> Result<ImportReport, ImportError> {
    let required = |field: usize| match field {
        COMMUNITY => !options.community_given,
        MICRO_GRID | ROOM => true,
        _ => false,
    };
    let fields: Vec<Field> =
        HEADERS.iter().enumerate().map(|(at, headers)| Field { headers, required: required(at) }).collect();
    let mut report = ImportReport::default();
    let mut homes = Homes::default();
    let table_options = TableOptions { sheet: options.sheet.clone() };
    let summary = table::read(reader, &table_options, &fields, &mut |layout, row| match parse_row(
        layout, row, options, &mut homes,
    ) {
        Ok(home) => {
            report.rows_good += 1;
            on_row(home);
        }
        Err(errors) => errors.into_iter().for_each(|error| report.add_error(error)),
    })?;
    summary.describe(&mut report);
    Ok(report)
}

/// The homes met so far, and the row of each.
#[derive(Default)]
struct Homes {
    rows: HashMap<Box<str>, u32>,
}

impl Homes {
    /// Remembers a home, or says in which row it stood before. No part can hold the separator: control characters are refused.
    fn add(&mut self, parts: [&str; 5], row: u32) -> Result<(), u32> {
        match self.rows.entry(parts.join("\u{1F}").into_boxed_str()) {
            Entry::Occupied(first) => Err(*first.get()),
            Entry::Vacant(place) => {
                place.insert(row);
                Ok(())
            }
        }
    }
}

/// All errors of a row at once, so that a file is corrected in one go. A home counts as met even when its row has another
/// error: the second row of it is wrong whatever becomes of the first.
fn parse_row(
    layout: &Layout,
    row: &Row,
    options: &RosterOptions,
    homes: &mut Homes,
) -> Result<RosterRow, Vec<RowError>> {
    if let Some(problem) = &row.problem {
        return Err(vec![RowError { row: row.number, column: None, message: problem.clone() }]);
    }
    let mut errors = Vec::new();
    let cells = &row.cells;
    let community = parse_community(&cells[COMMUNITY], UNIT_NAME_MAX_CHARS).and_then(|found| match found {
        None if !options.community_given => Err(MessageId::ValueMissing.into()),
        found => Ok(found),
    });
    let community = take(&mut errors, COMMUNITY, community);
    let micro_grid = take(&mut errors, MICRO_GRID, parse_required(&cells[MICRO_GRID], UNIT_NAME_MAX_CHARS));
    let building = take(&mut errors, BUILDING, parse_text(&cells[BUILDING], PLACE_MAX_CHARS));
    let unit = take(&mut errors, UNIT, parse_text(&cells[UNIT], PLACE_MAX_CHARS));
    let room = take(&mut errors, ROOM, parse_required(&cells[ROOM], PLACE_MAX_CHARS));
    let contact_name = take(&mut errors, CONTACT_NAME, parse_name(&cells[CONTACT_NAME], CONTACT_NAME_MAX_CHARS));
    let phone = take(&mut errors, PHONE, parse_phone(&cells[PHONE]));
    let people_count = take(&mut errors, PEOPLE_COUNT, parse_people(&cells[PEOPLE_COUNT]));
    let dwelling_use = take(&mut errors, DWELLING_USE, parse_use(&cells[DWELLING_USE]));
    if let (Some(community), Some(micro_grid), Some(building), Some(unit), Some(room)) =
        (&community, &micro_grid, &building, &unit, &room)
    {
        let parts = [community.as_deref().unwrap_or_default(), micro_grid, building, unit, room];
        if let Err(first_row) = homes.add(parts, row.number) {
            errors.push((ROOM, Message::new(MessageId::HomeRepeated).with("first_row", first_row)));
        }
    }
    let home = (|| {
        Some(RosterRow {
            row_number: row.number,
            community: community?,
            micro_grid: micro_grid?,
            building: building?,
            unit: unit?,
            room: room?,
            contact_name: contact_name?,
            phone: phone?,
            people_count: people_count?,
            dwelling_use: dwelling_use?,
        })
    })();
    match home {
        Some(home) if errors.is_empty() => Ok(home),
        _ => Err(errors.into_iter().map(|(field, message)| layout.error(row.number, field, message)).collect()),
    }
}

/// The value, or an entry in `errors`.
fn take<T>(errors: &mut Vec<(usize, Message)>, field: usize, value: Result<T, Message>) -> Option<T> {
    value.map_err(|message| errors.push((field, message))).ok()
}
