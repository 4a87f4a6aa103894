//! The import of rosters and division trees, through the public functions only. Everyone in these files is made up.
#![allow(clippy::unwrap_used)]

mod divisions;
mod forms;
mod hostile;
mod roster_csv;
mod roster_xlsx;

use std::io::Cursor;

use rust_xlsxwriter::{Workbook, Worksheet};
use zoufang_sync_server::import::report::{ImportError, ImportReport, RowError};
use zoufang_sync_server::import::roster::{self, Roster, RosterOptions};

/// Reads a roster whose rows name their community.
fn read(bytes: impl Into<Vec<u8>>) -> Result<Roster, ImportError> {
    roster::read(Cursor::new(bytes.into()), &RosterOptions::default())
}

/// Reads a roster whose community the caller knows.
fn read_in_community(bytes: impl Into<Vec<u8>>) -> Result<Roster, ImportError> {
    roster::read(Cursor::new(bytes.into()), &RosterOptions { community_given: true, ..RosterOptions::default() })
}

/// A workbook with one sheet.
fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet());
    workbook.save_to_buffer().unwrap()
}

/// Writes texts from A1 on.
fn write_rows(sheet: &mut Worksheet, rows: &[&[&str]]) {
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
}

/// Row, column letter and id of every error kept.
fn places(report: &ImportReport) -> Vec<(u32, String, &'static str)> {
    let letter = |error: &RowError| error.column.as_ref().map(|column| column.letter.clone()).unwrap_or_default();
    report.errors.iter().map(|error| (error.row, letter(error), error.message.id.as_str())).collect()
}

/// Row, micro-grid, building, unit and room.
fn homes(roster: &Roster) -> Vec<(u32, &str, &str, &str, &str)> {
    roster
        .rows
        .iter()
        .map(|row| {
            (row.row_number, row.micro_grid.as_str(), row.building.as_str(), row.unit.as_str(), row.room.as_str())
        })
        .collect()
}
