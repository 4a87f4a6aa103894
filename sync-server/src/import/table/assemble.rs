//! From cells to rows, the same for CSV and XLSX: finds the header, keeps the columns asked for, bounds what is kept.

use std::collections::BTreeSet;

use super::super::columns::{Field, Layout, column_letter, describe_fields, header_key, match_header};
use super::super::limits::{CELL_MAX_CHARS, COLUMNS_MAX_COUNT, HEADER_SEARCH_ROWS_COUNT, ROWS_MAX_COUNT};
use super::super::messages::{Message, MessageId};
use super::super::report::{Column, IgnoredColumn, ImportError};
use super::text::{holds_control, normalise};
use super::{Cell, Row};

/// A cell as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Raw<'a> {
    /// A text, or a number written as one.
    Text(&'a str),
    /// Something that has no text.
    Unusable(MessageId),
}

/// Takes the cells of a file row by row: [`begin`](Self::begin), any number of cells, [`finish`](Self::finish).
pub(super) struct Assembler<'a> {
    fields: &'a [Field],
    on_row: &'a mut dyn FnMut(&Layout, &Row),
    layout: Option<Layout>,
    /// For each column of the header the field it holds.
    field_of_column: Vec<Option<usize>>,
    /// For each column of the header whether it has a name.
    named: Vec<bool>,
    /// Columns without a name in which something stood.
    unnamed: BTreeSet<usize>,
    /// The row under way while the header is looked for.
    header: Vec<String>,
    rows_searched_count: u32,
    /// What the best of the rows searched lacks.
    missing: Option<Vec<usize>>,
    /// The row under way once the header is found. Its cells are used again for the next one.
    row: Row,
    has_content: bool,
    rows_count: u32,
}

impl<'a> Assembler<'a> {
    pub(super) fn new(fields: &'a [Field], on_row: &'a mut dyn FnMut(&Layout, &Row)) -> Self {
        let row = Row { cells: vec![Cell::default(); fields.len()], ..Row::default() };
        Assembler {
            fields,
            on_row,
            layout: None,
            field_of_column: Vec::new(),
            named: Vec::new(),
            unnamed: BTreeSet::new(),
            header: Vec::new(),
            rows_searched_count: 0,
            missing: None,
            row,
            has_content: false,
            rows_count: 0,
        }
    }

    /// The row of the header once it is found, from 1.
    pub(super) fn header_row(&self) -> Option<u32> {
        self.layout.as_ref().map(|layout| layout.header_row)
    }

    /// Columns of the header, those without a name included; 0 until it is found.
    pub(super) fn width(&self) -> usize {
        self.field_of_column.len()
    }

    /// Begins the row that a spreadsheet numbers `number`.
    pub(super) fn begin(&mut self, number: u32) {
        self.header.clear();
        self.has_content = false;
        self.row.number = number;
        self.row.problem = None;
        for cell in &mut self.row.cells {
            cell.text.clear();
            cell.problem = None;
            cell.filled = false;
        }
    }

    /// Takes the cell in `column`, from 0.
    pub(super) fn put(&mut self, column: usize, raw: Raw<'_>) -> Result<(), ImportError> {
        let blank = matches!(raw, Raw::Text(text) if text.trim().is_empty());
        self.has_content |= !blank;
        if self.layout.is_none() {
            return self.put_header(column, if blank { Raw::Text("") } else { raw });
        }
        let Some(field) = self.field_of_column.get(column).copied().flatten() else {
            if !blank && column < COLUMNS_MAX_COUNT && !self.named.get(column).is_some_and(|named| *named) {
                self.unnamed.insert(column);
            }
            return Ok(());
        };
        let cell = &mut self.row.cells[field];
        match raw {
            _ if blank => {}
            Raw::Unusable(id) => cell.problem = Some(id.into()),
            Raw::Text(text) if is_too_long(text) => {
                cell.problem = Some(Message::new(MessageId::CellTooLong).with("max", CELL_MAX_CHARS));
            }
            Raw::Text(text) => {
                normalise(text, &mut cell.text);
                if holds_control(&cell.text) {
                    cell.text.clear();
                    cell.problem = Some(MessageId::CellControl.into());
                }
            }
        }
        Ok(())
    }

    fn put_header(&mut self, column: usize, raw: Raw<'_>) -> Result<(), ImportError> {
        let text = match raw {
            Raw::Text(text) if !is_too_long(text) => text,
            _ => "",
        };
        if column >= COLUMNS_MAX_COUNT {
            // Sheets often reach far to the right with formats only.
            let full = Message::new(MessageId::ColumnsTooMany).with("max", COLUMNS_MAX_COUNT);
            return if text.is_empty() { Ok(()) } else { Err(full.into()) };
        }
        if self.header.len() <= column {
            self.header.resize(column + 1, String::new());
        }
        normalise(text, &mut self.header[column]);
        Ok(())
    }

    /// A copy of the cell in `column` of the row under way, as far as it is kept.
    pub(super) fn cell(&self, column: usize) -> Cell {
        if self.layout.is_none() {
            return Cell { text: self.header.get(column).cloned().unwrap_or_default(), ..Cell::default() };
        }
        let field = self.field_of_column.get(column).copied().flatten();
        field.map(|field| self.row.cells[field].clone()).unwrap_or_default()
    }

    /// Gives the cell in `column` the value of a merged cell above, which hides its own.
    pub(super) fn fill(&mut self, column: usize, above: &Cell) -> Result<(), ImportError> {
        if self.layout.is_none() {
            return self.put_header(column, Raw::Text(&above.text));
        }
        if let Some(field) = self.field_of_column.get(column).copied().flatten() {
            let cell = &mut self.row.cells[field];
            cell.text.clone_from(&above.text);
            cell.problem.clone_from(&above.problem);
            cell.filled = true;
        }
        Ok(())
    }

    /// Marks the cell in `column` as unusable; false when no field stands there.
    pub(super) fn refuse(&mut self, column: usize, message: impl FnOnce() -> Message) -> bool {
        let Some(field) = self.field_of_column.get(column).copied().flatten() else { return false };
        self.row.cells[field].problem = Some(message());
        true
    }

    /// Marks the row under way as unusable.
    pub(super) fn refuse_row(&mut self, message: Message) {
        self.has_content = true;
        self.row.problem = Some(message);
    }

    /// Ends the row: hands it out, or tries it as a header.
    pub(super) fn finish(&mut self) -> Result<(), ImportError> {
        if !self.has_content {
            return Ok(());
        }
        match &self.layout {
            None => self.search_header(),
            Some(layout) => {
                self.rows_count += 1;
                if self.rows_count > ROWS_MAX_COUNT {
                    return Err(Message::new(MessageId::RowsTooMany).with("max", ROWS_MAX_COUNT).into());
                }
                (self.on_row)(layout, &self.row);
                Ok(())
            }
        }
    }

    fn search_header(&mut self) -> Result<(), ImportError> {
        match match_header(self.row.number, &self.header, self.fields) {
            Ok(layout) => {
                self.field_of_column = layout.field_of_column(self.header.len());
                self.named = self.header.iter().map(|name| !header_key(name).is_empty()).collect();
                self.layout = Some(layout);
                return Ok(());
            }
            Err(missing) if self.missing.as_ref().is_none_or(|best| missing.len() < best.len()) => {
                self.missing = Some(missing);
            }
            Err(_) => {}
        }
        self.rows_searched_count += 1;
        if self.rows_searched_count == HEADER_SEARCH_ROWS_COUNT { Err(self.headers_missing()) } else { Ok(()) }
    }

    /// What the header lacks. What was found is not repeated: without a header the first rows are people.
    fn headers_missing(&self) -> ImportError {
        let Some(missing) = &self.missing else { return MessageId::FileEmpty.into() };
        Message::new(MessageId::HeadersMissing)
            .with("rows", HEADER_SEARCH_ROWS_COUNT)
            .with("needed", describe_fields(self.fields.iter().filter(|field| field.required)))
            .with("missing", describe_fields(missing.iter().map(|at| &self.fields[*at])))
            .into()
    }

    /// Ends the table.
    pub(super) fn complete(self) -> Result<(Layout, u32), ImportError> {
        let error = self.headers_missing();
        let mut layout = self.layout.ok_or(error)?;
        layout.ignored.extend(self.unnamed.into_iter().map(|column| IgnoredColumn {
            column: Column { letter: column_letter(column), name: "—".to_owned() },
            message: MessageId::ColumnUnnamed.into(),
        }));
        Ok((layout, self.rows_count))
    }
}

/// Counted in bytes first: no character has more than four.
fn is_too_long(text: &str) -> bool {
    text.len() > CELL_MAX_CHARS && text.chars().count() > CELL_MAX_CHARS
}
