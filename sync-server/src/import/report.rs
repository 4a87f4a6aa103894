//! What an import tells its caller: errors by row and column, columns left out, and how the file was read.

use std::fmt;
use std::io;

use super::limits::{ERRORS_KEPT_MAX_COUNT, NOTES_KEPT_MAX_COUNT};
use super::messages::{Language, Message, MessageId};

/// Why a file could not be imported at all. Nothing of it was handed out, or what was must be dropped.
#[derive(Debug)]
pub struct ImportError {
    /// What is wrong, and what to do.
    pub message: Message,
    source: Option<io::Error>,
}

impl ImportError {
    /// The message's id.
    pub fn id(&self) -> MessageId {
        self.message.id
    }

    /// The text in one language.
    pub fn render(&self, language: Language) -> String {
        self.message.render(language)
    }
}

impl From<Message> for ImportError {
    fn from(message: Message) -> Self {
        ImportError { message, source: None }
    }
}

impl From<MessageId> for ImportError {
    fn from(id: MessageId) -> Self {
        Message::new(id).into()
    }
}

impl From<io::Error> for ImportError {
    /// The reason is the kind of error: its text could hold a path with a person's name in it.
    fn from(error: io::Error) -> Self {
        let message = match error.kind() {
            io::ErrorKind::NotFound => MessageId::FileMissing.into(),
            io::ErrorKind::PermissionDenied => MessageId::FileForbidden.into(),
            kind => Message::new(MessageId::FileUnreadable).with("reason", kind),
        };
        ImportError { message, source: Some(error) }
    }
}

impl fmt::Display for ImportError {
    /// In English, for logs; people read [`ImportError::render`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.message.id, self.message.render(Language::English))
    }
}

impl std::error::Error for ImportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|error| error as _)
    }
}

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The letter above it in a spreadsheet, such as `C`.
    pub letter: String,
    /// The header, shortened to [`super::limits::HEADER_MAX_CHARS`]; `—` when it has none.
    pub name: String,
}

/// What is wrong with one row, or worth a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowError {
    /// The row as a spreadsheet numbers it, from 1.
    pub row: u32,
    /// The column; none when the row as a whole is meant.
    pub column: Option<Column>,
    /// Id and detail.
    pub message: Message,
}

impl RowError {
    /// The text with its place, such as `第 7 行 E 列（电话）：…`.
    pub fn render(&self, language: Language) -> String {
        let text = self.message.render(language);
        match (language, &self.column) {
            (Language::Chinese, Some(at)) => format!("第 {} 行 {} 列（{}）：{text}", self.row, at.letter, at.name),
            (Language::Chinese, None) => format!("第 {} 行：{text}", self.row),
            (Language::English, Some(at)) => format!("row {}, column {} \"{}\": {text}", self.row, at.letter, at.name),
            (Language::English, None) => format!("row {}: {text}", self.row),
        }
    }
}

/// A column that was not imported. Its cells were never made part of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IgnoredColumn {
    /// Which column.
    pub column: Column,
    /// Why: one of the `import.column_…` messages.
    pub message: Message,
}

impl IgnoredColumn {
    /// Whether the column was refused because such data must not be collected.
    pub fn is_refused(&self) -> bool {
        use MessageId::{ColumnBiometrics, ColumnCitizenId, ColumnPolitics, ColumnReligion};
        matches!(self.message.id, ColumnBiometrics | ColumnCitizenId | ColumnPolitics | ColumnReligion)
    }

    /// The text with its place, such as `H 列（备注）：…`.
    pub fn render(&self, language: Language) -> String {
        let Column { letter, name } = &self.column;
        let text = self.message.render(language);
        match language {
            Language::Chinese => format!("{letter} 列（{name}）：{text}"),
            Language::English => format!("column {letter} \"{name}\": {text}"),
        }
    }
}

/// How the text of a CSV file was encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextEncoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with a byte order mark, as Excel and WPS write it.
    Utf8Bom,
    /// GB18030, of which GBK and GB2312 are parts.
    Gb18030,
}

impl fmt::Display for TextEncoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TextEncoding::Utf8 => "UTF-8",
            TextEncoding::Utf8Bom => "UTF-8 (BOM)",
            TextEncoding::Gb18030 => "GB18030",
        })
    }
}

/// What was read, and what of it is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportReport {
    /// Rows of data, without the header and without empty rows.
    pub rows_read: u32,
    /// Rows without an error.
    pub rows_good: u32,
    /// The first [`ERRORS_KEPT_MAX_COUNT`] errors, in the order of the file.
    pub errors: Vec<RowError>,
    /// All errors, kept or not. One row may have several.
    pub errors_count: u32,
    /// The first [`NOTES_KEPT_MAX_COUNT`] things that were settled without an error.
    pub notes: Vec<RowError>,
    /// All notes, kept or not.
    pub notes_count: u32,
    /// Columns that were left out.
    pub ignored_columns: Vec<IgnoredColumn>,
    /// The encoding of a CSV file; none for XLSX.
    pub encoding: Option<TextEncoding>,
    /// The separator of a CSV file; none for XLSX.
    pub separator: Option<char>,
    /// The sheet that was read of an XLSX file; none for CSV.
    pub sheet: Option<String>,
}

impl ImportReport {
    /// Counts `error`, and keeps it while there is room.
    pub fn add_error(&mut self, error: RowError) {
        self.errors_count = self.errors_count.saturating_add(1);
        if self.errors.len() < ERRORS_KEPT_MAX_COUNT {
            self.errors.push(error);
        }
    }

    /// Counts `note`, and keeps it while there is room.
    pub fn add_note(&mut self, note: RowError) {
        self.notes_count = self.notes_count.saturating_add(1);
        if self.notes.len() < NOTES_KEPT_MAX_COUNT {
            self.notes.push(note);
        }
    }

    /// Rows of which nothing was imported.
    pub fn rows_bad(&self) -> u32 {
        self.rows_read.saturating_sub(self.rows_good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(row: u32) -> RowError {
        RowError { row, column: None, message: MessageId::ValueMissing.into() }
    }

    #[test]
    fn keeps_the_first_errors_and_counts_all() {
        let mut report = ImportReport::default();
        (1..=1_500).for_each(|row| report.add_error(error(row)));
        assert_eq!((report.errors.len(), report.errors_count), (1_000, 1_500));
        assert_eq!(report.errors.last().unwrap().row, 1_000);
    }

    #[test]
    fn names_row_and_column_in_both_languages() {
        let column = Some(Column { letter: "E".to_owned(), name: "电话".to_owned() });
        let error = RowError { column, ..error(7) };
        assert_eq!(error.render(Language::Chinese), "第 7 行 E 列（电话）：没有填写");
        assert_eq!(error.render(Language::English), "row 7, column E \"电话\": is empty");
    }

    #[test]
    fn an_io_error_does_not_repeat_a_path() {
        let error = ImportError::from(io::Error::new(io::ErrorKind::NotFound, "/tmp/张三样例.csv"));
        assert_eq!(error.to_string().matches("张三").count(), 0, "{error}");
        assert_eq!(error.id(), MessageId::FileMissing);
        assert_eq!(ImportError::from(io::Error::other("x")).message.value("reason"), Some("other error"));
    }
}
