//! A table out of a file: CSV or XLSX, told apart by content and not by name.
//!
//! Rows are handed out one by one and hold only the columns that were asked for: a column that nobody needs, above all one
//! that must not be collected, never becomes part of a row. A caller keeps what it was handed only when the whole read ends well.

mod assemble;
mod merges;
mod package;
mod separated;
mod text;
mod workbook;

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use self::assemble::Assembler;
use super::columns::{Field, Layout};
use super::limits::{CSV_SIZE_MAX_BYTES, XLSX_SIZE_MAX_BYTES};
use super::messages::{Message, MessageId};
use super::report::{ImportError, ImportReport, TextEncoding};

/// How to read a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableOptions {
    /// The sheet of an XLSX file; without it the first visible one.
    pub sheet: Option<String>,
}

/// One cell of a field.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Cell {
    /// The text, normalised; empty when the cell is empty, missing, or has a problem.
    pub text: String,
    /// Why the cell cannot be used.
    pub problem: Option<Message>,
    /// Whether the value was filled down from a merged cell above.
    pub filled: bool,
}

impl std::fmt::Debug for Cell {
    /// Without the text: it may be personal data, and debug output ends in logs.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut cell = f.debug_struct("Cell");
        cell.field("problem", &self.problem).field("filled", &self.filled).finish_non_exhaustive()
    }
}

/// One row of data that is not empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The row as a spreadsheet numbers it, from 1.
    pub number: u32,
    /// One cell for each field asked for, in that order.
    pub cells: Vec<Cell>,
    /// Why the row as a whole cannot be used.
    pub problem: Option<Message>,
}

/// How a table was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableSummary {
    /// Where the fields stand.
    pub layout: Layout,
    /// Rows handed out.
    pub rows_read: u32,
    /// The encoding and the separator of a CSV file.
    pub text: Option<(TextEncoding, char)>,
    /// The sheet of an XLSX file.
    pub sheet: Option<String>,
}

impl TableSummary {
    /// Enters what was read, and how, into a report.
    pub(super) fn describe(self, report: &mut ImportReport) {
        report.rows_read = self.rows_read;
        report.ignored_columns = self.layout.ignored;
        report.encoding = self.text.map(|(encoding, _)| encoding);
        report.separator = self.text.map(|(_, separator)| separator);
        report.sheet = self.sheet;
    }
}

/// Opens a file for [`read`].
///
/// # Errors
///
/// `import.file_missing`, `import.file_forbidden`, `import.file_not_plain` for a folder or a pipe, `import.file_unreadable`.
pub fn open(path: &Path) -> Result<BufReader<File>, ImportError> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(MessageId::FileNotPlain.into());
    }
    Ok(BufReader::new(File::open(path)?))
}

/// Reads a table, and calls `on_row` for each row of data, from top to bottom.
///
/// The header is the first row that has all required fields, within
/// [`HEADER_SEARCH_ROWS_COUNT`](super::limits::HEADER_SEARCH_ROWS_COUNT) rows.
///
/// # Errors
///
/// Anything because of which the table as a whole cannot be trusted. Rows may have been handed out before.
pub fn read<R: Read + Seek>(
    mut reader: R,
    options: &TableOptions,
    fields: &[Field],
    on_row: &mut dyn FnMut(&Layout, &Row),
) -> Result<TableSummary, ImportError> {
    let size_bytes = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(0))?;
    let mut start = Vec::new();
    reader.by_ref().take(8).read_to_end(&mut start)?;
    reader.seek(SeekFrom::Start(0))?;
    let mut assembler = Assembler::new(fields, on_row);
    match recognise(&start)? {
        Kind::Package => {
            refuse_larger(size_bytes, XLSX_SIZE_MAX_BYTES)?;
            let sheet = workbook::read(&mut reader, options, &mut assembler)?;
            let (layout, rows_read) = assembler.complete()?;
            Ok(TableSummary { layout, rows_read, text: None, sheet: Some(sheet) })
        }
        Kind::Text => {
            refuse_larger(size_bytes, CSV_SIZE_MAX_BYTES)?;
            let text = separated::read(&mut reader, &mut assembler)?;
            let (layout, rows_read) = assembler.complete()?;
            Ok(TableSummary { layout, rows_read, text: Some(text), sheet: None })
        }
    }
}

fn refuse_larger(size_bytes: u64, max_bytes: u64) -> Result<(), ImportError> {
    if size_bytes > max_bytes {
        return Err(Message::new(MessageId::FileTooLarge).with("max_mib", max_bytes / (1024 * 1024)).into());
    }
    Ok(())
}

enum Kind {
    Package,
    Text,
}

/// Tells the kind of a file from its first bytes.
fn recognise(start: &[u8]) -> Result<Kind, ImportError> {
    const PACKAGE: &[u8] = b"PK\x03\x04";
    const COMPOUND: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0];
    // What other systems export under the name of a spreadsheet is often a web page.
    const FOREIGN: [&[u8]; 4] = [b"<", b"{\\rtf", b"%PDF", b"PK"];
    match start {
        [] => Err(MessageId::FileEmpty.into()),
        _ if start.starts_with(PACKAGE) => Ok(Kind::Package),
        _ if start.starts_with(COMPOUND) => Err(MessageId::FormatXls.into()),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => Err(MessageId::EncodingUnknown.into()),
        _ => {
            let bare = start.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(start).trim_ascii_start();
            match FOREIGN.iter().any(|foreign| bare.starts_with(foreign)) {
                true => Err(MessageId::FormatUnknown.into()),
                false => Ok(Kind::Text),
            }
        }
    }
}
