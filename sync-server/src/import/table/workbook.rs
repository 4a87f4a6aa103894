//! XLSX, by calamine, cell after cell: the sheet itself is never held in memory.

use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, Sheet, SheetType, SheetVisible, Xlsx, XlsxError};

use super::super::messages::{Message, MessageId};
use super::super::report::ImportError;
use super::assemble::{Assembler, Raw};
use super::merges::Merges;
use super::text::number_text;
use super::{TableOptions, package};

/// Reads one sheet, and says which.
pub(super) fn read(
    reader: &mut (impl Read + Seek),
    options: &TableOptions,
    assembler: &mut Assembler<'_>,
) -> Result<String, ImportError> {
    package::check(reader)?;
    // calamine 0.38 computes with cell references unchecked: `<c r="ZZZZZZZZ1">` panics where overflow is checked. After a panic
    // the assembler is not used again: the error goes up.
    catch_unwind(AssertUnwindSafe(|| read_sheet(reader, options, assembler)))
        .unwrap_or_else(|_| Err(MessageId::XlsxDamaged.into()))
}

fn read_sheet(
    reader: &mut (impl Read + Seek),
    options: &TableOptions,
    assembler: &mut Assembler<'_>,
) -> Result<String, ImportError> {
    let mut workbook: Xlsx<_> = Xlsx::new(reader).map_err(damaged)?;
    let sheet = choose_sheet(workbook.sheets_metadata(), options.sheet.as_deref())?;
    let mut merges = Merges::new(workbook.merge_cells_by_sheet_name(&sheet).map_err(damaged)?)?;
    let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(damaged)?;
    let mut row = None;
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (number, column) = cell.get_position();
        if row != Some(number) {
            if let Some(before) = row {
                merges.apply(before, assembler)?;
                assembler.finish()?;
            }
            if row.is_some_and(|before| before > number) {
                return Err(MessageId::XlsxDamaged.into());
            }
            row = Some(number);
            assembler.begin(number.saturating_add(1));
        }
        put(assembler, column as usize, cell.get_value())?;
    }
    if let Some(last) = row {
        merges.apply(last, assembler)?;
        assembler.finish()?;
    }
    Ok(sheet)
}

/// The named sheet, or the first that can be seen: office programs keep hidden ones for themselves.
fn choose_sheet(sheets: &[Sheet], wanted: Option<&str>) -> Result<String, ImportError> {
    let mut tables = sheets.iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let Some(wanted) = wanted else {
        let first = tables.find(|sheet| sheet.visible == SheetVisible::Visible);
        return first.map(|sheet| sheet.name.clone()).ok_or_else(|| MessageId::SheetNone.into());
    };
    let names: Vec<&str> = tables.map(|sheet| sheet.name.as_str()).collect();
    match names.contains(&wanted) {
        true => Ok(wanted.to_owned()),
        false => {
            let missing = Message::new(MessageId::SheetMissing).with("sheet", wanted);
            Err(missing.with("sheets", names.join(" / ")).into())
        }
    }
}

fn put(assembler: &mut Assembler<'_>, column: usize, value: &DataRef<'_>) -> Result<(), ImportError> {
    match value {
        DataRef::Empty => Ok(()),
        DataRef::SharedString(text) => assembler.put(column, Raw::Text(text)),
        DataRef::String(text) => assembler.put(column, Raw::Text(text)),
        DataRef::Int(number) => assembler.put(column, Raw::Text(&number.to_string())),
        DataRef::Float(number) => match number_text(*number) {
            Some(text) => assembler.put(column, Raw::Text(&text)),
            None => assembler.put(column, Raw::Unusable(MessageId::CellPrecision)),
        },
        DataRef::Bool(true) => assembler.put(column, Raw::Text("TRUE")),
        DataRef::Bool(false) => assembler.put(column, Raw::Text("FALSE")),
        DataRef::DateTime(_) | DataRef::DateTimeIso(_) | DataRef::DurationIso(_) => {
            assembler.put(column, Raw::Unusable(MessageId::CellDate))
        }
        DataRef::Error(_) => assembler.put(column, Raw::Unusable(MessageId::CellError)),
    }
}

/// What calamine says may hold the content of a cell, so it is not repeated.
fn damaged(error: XlsxError) -> ImportError {
    match error {
        XlsxError::Password => MessageId::FormatXls.into(),
        _ => MessageId::XlsxDamaged.into(),
    }
}
