//! Merged cells. A range of one column holds its value for each of its rows; a range over several columns is refused in rows
//! of data, because nobody can tell which column the value belongs to.

use calamine::Dimensions;

use super::super::columns::column_letter;
use super::super::limits::{COLUMNS_MAX_COUNT, XLSX_MERGES_MAX_COUNT};
use super::super::messages::{Message, MessageId};
use super::super::report::ImportError;
use super::Cell;
use super::assemble::Assembler;

/// A merged range of one column.
struct Down {
    first_row: u32,
    last_row: u32,
    value: Cell,
}

/// The merged ranges of a sheet, walked from top to bottom. Rows and columns count from 0.
pub(super) struct Merges {
    ranges: Vec<Dimensions>,
    next: usize,
    down: Vec<Option<Down>>,
    /// For each column the last row of the range over several columns that covers it, and that range's index.
    across: Vec<Option<(u32, usize)>>,
}

impl Merges {
    pub(super) fn new(mut ranges: Vec<Dimensions>) -> Result<Self, ImportError> {
        if ranges.len() > XLSX_MERGES_MAX_COUNT {
            return Err(Message::new(MessageId::MergesTooMany).with("max", XLSX_MERGES_MAX_COUNT).into());
        }
        ranges.retain(|range| range.start.0 <= range.end.0 && range.start.1 <= range.end.1);
        ranges.retain(|range| (range.start.1 as usize) < COLUMNS_MAX_COUNT);
        ranges.sort_unstable_by_key(|range| (range.start, range.end));
        let width = ranges.iter().map(|range| (range.end.1 as usize + 1).min(COLUMNS_MAX_COUNT)).max().unwrap_or(0);
        let down = (0..width).map(|_| None).collect();
        Ok(Merges { ranges, next: 0, down, across: vec![None; width] })
    }

    /// Applies the ranges to `row`, whose own cells the assembler has. Rows come in rising order; some may be left out.
    pub(super) fn apply(&mut self, row: u32, assembler: &mut Assembler<'_>) -> Result<(), ImportError> {
        while let Some(range) = self.ranges.get(self.next).filter(|range| range.start.0 <= row) {
            let (first, last) = (range.start.1 as usize, range.end.1 as usize);
            if first == last {
                let value = Cell::default();
                self.down[first] = Some(Down { first_row: range.start.0, last_row: range.end.0, value });
            } else {
                self.across[first..=last.min(COLUMNS_MAX_COUNT - 1)].fill(Some((range.end.0, self.next)));
            }
            self.next += 1;
        }
        // A header of two lines may be merged down or across; what begins in it says nothing about the rows below.
        let header_row = assembler.header_row();
        let is_data = |first_row: u32| header_row.is_none_or(|header| first_row >= header);
        for (column, down) in self.down.iter_mut().enumerate() {
            match down {
                Some(range) if range.last_row < row => *down = None,
                Some(range) if range.first_row == row => range.value = assembler.cell(column),
                Some(range) if is_data(range.first_row) => assembler.fill(column, &range.value)?,
                _ => {}
            }
        }
        self.refuse_across(row, assembler);
        Ok(())
    }

    fn refuse_across(&mut self, row: u32, assembler: &mut Assembler<'_>) {
        let Some(header_row) = assembler.header_row() else { return };
        let mut told = None;
        for (column, across) in self.across.iter().enumerate() {
            let Some((last_row, at)) = *across else { continue };
            let range = &self.ranges[at];
            if last_row >= row && range.start.0 >= header_row && told != Some(at) {
                let message = || Message::new(MessageId::MergedAcross).with("range", range_name(range));
                if assembler.refuse(column, message) {
                    told = Some(at);
                }
            }
        }
    }
}

/// A range as a spreadsheet writes it, such as `C5:D5`.
fn range_name(range: &Dimensions) -> String {
    let name = |(row, column): (u32, u32)| format!("{}{}", column_letter(column as usize), u64::from(row) + 1);
    format!("{}:{}", name(range.start), name(range.end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_range() {
        assert_eq!(range_name(&Dimensions::new((4, 2), (4, 3))), "C5:D5");
    }

    #[test]
    fn bounds_and_drops_what_makes_no_sense() {
        let odd = [((5, 0), (2, 0)), ((0, 5), (0, 2)), ((0, 20_000), (0, 20_001)), ((1, 250), (1, 16_000))];
        let merges = Merges::new(odd.map(|(start, end)| Dimensions { start, end }).to_vec()).unwrap();
        assert_eq!((merges.ranges.len(), merges.across.len()), (1, COLUMNS_MAX_COUNT));
        let many = vec![Dimensions::new((0, 0), (1, 0)); XLSX_MERGES_MAX_COUNT + 1];
        assert_eq!(Merges::new(many).err().unwrap().id(), MessageId::MergesTooMany);
    }
}
