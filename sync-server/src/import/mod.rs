//! Import: what a city brings along, read and checked before anything of it is stored.
//!
//! Reading order: [`roster`] and [`divisions`] are what callers use; [`table`] takes a CSV or XLSX file apart; [`columns`]
//! finds the fields in a header; [`calendar`] and [`form`] read what units set for everyone below; [`report`] and [`messages`] say what is wrong, by row and column; [`limits`] bounds it all.
//! None of these knows the store; [`apply`], which writes what they read, does.

pub mod apply;
pub mod calendar;
pub mod columns;
pub mod divisions;
pub mod form;
pub mod limits;
pub mod messages;
pub mod report;
pub mod roster;
pub mod table;

/// What a text begins with when a spreadsheet would run it as a formula, in half and in full width.
const FORMULA_MARKS: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
