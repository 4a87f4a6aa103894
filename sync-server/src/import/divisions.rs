//! The division tree of a city, in the columns `level,code,name,parent_code` (级别、代码、名称、上级代码).
//!
//! Levels and codes are those of the national statistics: 2 city (4 digits), 3 district or county (6), 4 street or township
//! (9), 5 community or village (12). A tree is imported whole or not at all: one wrong row would leave everything below it
//! without a place.

use std::collections::{HashMap, HashSet};
use std::io::{Read, Seek};
use std::path::Path;

use super::columns::{Field, Layout};
use super::limits::ERRORS_KEPT_MAX_COUNT;
use super::messages::{Message, MessageId};
use super::report::{ImportError, ImportReport, RowError};
use super::table::{self, Cell, Row, TableOptions};

/// The level of the one root.
pub const LEVEL_CITY: u8 = 2;
/// The deepest level.
pub const LEVEL_COMMUNITY: u8 = 5;
/// Longest name.
pub const NAME_MAX_CHARS: usize = 64;

const LEVEL: usize = 0;
const CODE: usize = 1;
const NAME: usize = 2;
const PARENT_CODE: usize = 3;
const FIELDS: [Field; 4] = [
    Field { headers: &["level", "级别", "层级", "行政级别"], required: true },
    Field { headers: &["code", "代码", "编码", "区划代码", "行政区划代码"], required: true },
    Field { headers: &["name", "名称", "区划名称"], required: true },
    Field {
        headers: &["parentcode", "上级代码", "父级代码", "上级编码", "父级编码", "parent"], required: true
    },
];

/// One division.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DivisionRow {
    /// 2 city, 3 district or county, 4 street or township, 5 community or village.
    pub level: u8,
    /// Digits: 4, 6, 9 or 12 of them, by level.
    pub code: String,
    /// The name, as the file has it.
    pub name: String,
    /// The parent's code. For the root whatever the file says: its parent, the province, is not in the file, and may be empty.
    pub parent_code: String,
    /// The row of the file, from 1.
    pub row_number: u32,
}

/// A tree that was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Divisions {
    /// The divisions, parents before children, each level in the order of the file. Empty when the report has an error.
    pub rows: Vec<DivisionRow>,
    /// What was read, and what of it is wrong.
    pub report: ImportReport,
}

/// The number of digits of a code of `level`; none for a level that is not imported.
pub fn code_digits(level: u8) -> Option<usize> {
    match level {
        2 => Some(4),
        3 => Some(6),
        4 => Some(9),
        5 => Some(12),
        _ => None,
    }
}

/// Reads the tree in a file.
///
/// # Errors
///
/// As [`table::read`]; errors in rows are in the report.
pub fn read_file(path: &Path, options: &TableOptions) -> Result<Divisions, ImportError> {
    read(table::open(path)?, options)
}

/// Reads a tree.
///
/// # Errors
///
/// As [`table::read`]; errors in rows are in the report.
pub fn read(reader: impl Read + Seek, options: &TableOptions) -> Result<Divisions, ImportError> {
    let mut rows = Vec::new();
    let mut unreadable = Faults::default();
    let mut bad_codes = HashSet::new();
    let summary = table::read(reader, options, &FIELDS, &mut |layout, row| match parse_row(layout, row) {
        Ok(division) => rows.push(division),
        Err(found) => {
            unreadable.add_row(found);
            bad_codes.insert(row.cells[CODE].text.clone());
        }
    })?;
    let mut report = ImportReport::default();
    let (mut rows, conflicts) = drop_repeated(rows, &summary.layout, &mut report);
    let misplaced = check_tree(&rows, &bad_codes, &summary.layout);
    report.rows_good = summary.rows_read;
    for faults in [unreadable, conflicts, misplaced] {
        report.rows_good -= faults.rows_count;
        report.errors_count += faults.errors_count;
        report.errors.extend(faults.errors);
    }
    report.errors.sort_by_key(|error| error.row);
    report.errors.truncate(ERRORS_KEPT_MAX_COUNT);
    summary.describe(&mut report);
    if report.errors_count > 0 {
        rows.clear();
    }
    rows.sort_by_key(|division| division.level);
    Ok(Divisions { rows, report })
}

/// The errors of one pass over the file, in its order. The first of each pass are kept, and so the first of all are.
#[derive(Default)]
struct Faults {
    errors: Vec<RowError>,
    errors_count: u32,
    rows_count: u32,
}

impl Faults {
    /// All errors that the pass found in a row.
    fn add_row(&mut self, errors: Vec<RowError>) {
        self.rows_count += u32::from(!errors.is_empty());
        errors.into_iter().for_each(|error| self.add(error));
    }

    fn add(&mut self, error: RowError) {
        self.errors_count += 1;
        if self.errors.len() < ERRORS_KEPT_MAX_COUNT {
            self.errors.push(error);
        }
    }
}

fn parse_row(layout: &Layout, row: &Row) -> Result<DivisionRow, Vec<RowError>> {
    if let Some(problem) = &row.problem {
        return Err(vec![RowError { row: row.number, column: None, message: problem.clone() }]);
    }
    let mut errors = Vec::new();
    let mut check = |field: usize, result: Result<(), Message>| {
        if let Err(message) = result {
            errors.push(layout.error(row.number, field, message));
        }
    };
    let text = |field: usize| row.cells[field].text.as_str();
    let parsed = parse_level(&row.cells[LEVEL]);
    let level = parsed.as_ref().ok().copied();
    check(LEVEL, parsed.map(drop));
    check(CODE, check_code(&row.cells[CODE], level));
    check(NAME, check_name(&row.cells[NAME]));
    check(PARENT_CODE, check_parent_code(&row.cells[PARENT_CODE], level));
    let Some(level) = level.filter(|_| errors.is_empty()) else { return Err(errors) };
    Ok(DivisionRow {
        level,
        code: text(CODE).to_owned(),
        name: text(NAME).to_owned(),
        parent_code: text(PARENT_CODE).to_owned(),
        row_number: row.number,
    })
}

fn usable(cell: &Cell) -> Result<(), Message> {
    cell.problem.clone().map_or(Ok(()), Err)
}

fn filled(cell: &Cell) -> Result<(), Message> {
    usable(cell)?;
    if cell.text.is_empty() { Err(MessageId::ValueMissing.into()) } else { Ok(()) }
}

fn parse_level(cell: &Cell) -> Result<u8, Message> {
    filled(cell)?;
    let level = cell.text.parse().ok().filter(|level| (LEVEL_CITY..=LEVEL_COMMUNITY).contains(level));
    level.ok_or_else(|| MessageId::LevelShape.into())
}

fn check_digits(cell: &Cell) -> Result<(), Message> {
    usable(cell)?;
    let digits = cell.text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { Ok(()) } else { Err(MessageId::CodeDigits.into()) }
}

fn check_code(cell: &Cell, level: Option<u8>) -> Result<(), Message> {
    filled(cell)?;
    check_digits(cell)?;
    let found = cell.text.len();
    match level.and_then(|level| Some((level, code_digits(level)?))) {
        Some((level, expected)) if found != expected => {
            let message = Message::new(MessageId::CodeLength).with("level", level);
            Err(message.with("expected", expected).with("found", found))
        }
        _ => Ok(()),
    }
}

fn check_name(cell: &Cell) -> Result<(), Message> {
    filled(cell)?;
    if cell.text.chars().count() > NAME_MAX_CHARS {
        return Err(Message::new(MessageId::TextTooLong).with("max", NAME_MAX_CHARS));
    }
    if cell.text.starts_with(super::FORMULA_MARKS) { Err(MessageId::CellFormula.into()) } else { Ok(()) }
}

/// Only the root may have none.
fn check_parent_code(cell: &Cell, level: Option<u8>) -> Result<(), Message> {
    if level.is_some_and(|level| level != LEVEL_CITY) {
        filled(cell)?;
    }
    check_digits(cell)
}

/// Drops rows that say again what an earlier one said, with a note; a code with other content is an error.
fn drop_repeated(rows: Vec<DivisionRow>, layout: &Layout, report: &mut ImportReport) -> (Vec<DivisionRow>, Faults) {
    let mut kept: Vec<DivisionRow> = Vec::with_capacity(rows.len());
    let mut by_code: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    let mut faults = Faults::default();
    for row in rows {
        let Some(first) = by_code.get(&row.code).map(|at| &kept[*at]) else {
            by_code.insert(row.code.clone(), kept.len());
            kept.push(row);
            continue;
        };
        let same = (first.level, &first.name, &first.parent_code) == (row.level, &row.name, &row.parent_code);
        let id = if same { MessageId::CodeRepeated } else { MessageId::CodeConflict };
        let message = Message::new(id).with("first_row", first.row_number);
        if same {
            report.add_note(RowError { row: row.row_number, column: None, message });
        } else {
            faults.add_row(vec![layout.error(row.row_number, CODE, message.with("code", &row.code))]);
        }
    }
    (kept, faults)
}

/// One root whose parent is not in the file, and for every other row a parent one level above. With that no row can be its own
/// ancestor.
///
/// `bad_codes` are those of rows with an error of their own: what refers to them is not reported a second time.
fn check_tree(rows: &[DivisionRow], bad_codes: &HashSet<String>, layout: &Layout) -> Faults {
    let level_of: HashMap<&str, u8> = rows.iter().map(|row| (row.code.as_str(), row.level)).collect();
    let mut faults = Faults::default();
    let mut root_row = None;
    for row in rows {
        let mut errors = Vec::new();
        let is_root = row.level == LEVEL_CITY;
        if is_root && let Some(first) = root_row {
            let message = Message::new(MessageId::RootRepeated).with("first_row", first);
            errors.push(layout.error(row.row_number, LEVEL, message));
        }
        root_row = root_row.or(is_root.then_some(row.row_number));
        let parent = row.parent_code.as_str();
        let expected = row.level - 1;
        let message = match level_of.get(parent) {
            Some(found) if *found == expected => None,
            Some(found) => Some(Message::new(MessageId::ParentLevel).with("found", found).with("expected", expected)),
            None if is_root || bad_codes.contains(parent) => None,
            None => Some(Message::new(MessageId::ParentMissing)),
        };
        errors.extend(message.map(|it| layout.error(row.row_number, PARENT_CODE, it.with("parent", parent))));
        faults.add_row(errors);
    }
    if root_row.is_none() && bad_codes.is_empty() {
        faults.add(layout.error(layout.header_row, LEVEL, MessageId::RootMissing));
    }
    faults
}
