//! Every bound of the import, with its unit.
//!
//! Measured on 2026-11-23: a roster of 100,000 homes in nine columns is 7.4 MiB as CSV and 3 MiB as XLSX, which unpacks to
//! 29 MiB, 5 of them shared texts. Reading it takes 0.2 s and 55 MiB of memory as CSV, 0.6 s and 59 MiB as XLSX. The bounds leave
//! twice as many homes room for columns that are not imported.

/// Largest CSV file.
pub const CSV_SIZE_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Largest XLSX file, packed.
pub const XLSX_SIZE_MAX_BYTES: u64 = 32 * 1024 * 1024;
/// What all parts of an XLSX file together may unpack to.
pub const XLSX_UNPACKED_MAX_BYTES: u64 = 256 * 1024 * 1024;
/// What the part with the shared texts may unpack to: it is the one part that is held in memory whole.
pub const XLSX_TEXTS_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Most shared texts that a workbook may announce: memory is reserved for as many before the first is read.
pub const XLSX_TEXTS_MAX_COUNT: u64 = 4_000_000;
/// What the cell formats may take in memory. Each format holds its own copy of a font name and of a number format, so a
/// small part can grow a thousandfold.
pub const XLSX_STYLES_MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Most parts of an XLSX file.
pub const XLSX_PARTS_MAX_COUNT: usize = 4_096;
/// Most merged ranges of a sheet.
pub const XLSX_MERGES_MAX_COUNT: usize = 200_000;
/// Most rows of data, without the header and without empty rows.
pub const ROWS_MAX_COUNT: u32 = 200_000;
/// Most columns.
pub const COLUMNS_MAX_COUNT: usize = 256;
/// Longest cell that is read at all; the fields have narrower bounds of their own.
pub const CELL_MAX_CHARS: usize = 1_000;
/// Longest header name that is repeated in a report.
pub const HEADER_MAX_CHARS: usize = 40;
/// The header is looked for in so many rows from the top: rosters often begin with a title.
pub const HEADER_SEARCH_ROWS_COUNT: u32 = 10;
/// Errors that a report keeps; the rest is only counted.
pub const ERRORS_KEPT_MAX_COUNT: usize = 1_000;
/// Notes that a report keeps; the rest is only counted.
pub const NOTES_KEPT_MAX_COUNT: usize = 1_000;
