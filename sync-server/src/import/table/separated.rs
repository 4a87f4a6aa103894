//! CSV: the encoding, the separator, and row numbers as a spreadsheet shows them.

use std::io::Read;

use csv::{ReaderBuilder, StringRecord};
use encoding_rs::GB18030;

use super::super::limits::{COLUMNS_MAX_COUNT, CSV_SIZE_MAX_BYTES};
use super::super::messages::{Message, MessageId};
use super::super::report::{ImportError, TextEncoding};
use super::assemble::{Assembler, Raw};

const BOM: &[u8] = &[0xEF, 0xBB, 0xBF];
/// The separators that are looked for, the most usual first.
const SEPARATORS: [char; 3] = [',', '\t', ';'];
/// The separator is decided from so many lines.
const SAMPLE_LINES_COUNT: usize = 10;

/// Reads a CSV file.
pub(super) fn read(reader: &mut impl Read, assembler: &mut Assembler<'_>) -> Result<(TextEncoding, char), ImportError> {
    let mut bytes = Vec::new();
    reader.take(CSV_SIZE_MAX_BYTES).read_to_end(&mut bytes)?;
    if bytes.contains(&0) {
        return Err(MessageId::FormatUnknown.into());
    }
    let (text, encoding) = decode(bytes)?;
    let separator = find_separator(&text);
    read_records(&text, separator, assembler)?;
    Ok((encoding, separator))
}

/// UTF-8 when every byte of it is, which text in a Chinese encoding practically never is; else GB18030, just as strictly.
fn decode(bytes: Vec<u8>) -> Result<(String, TextEncoding), ImportError> {
    match String::from_utf8(bytes) {
        Ok(mut text) if text.as_bytes().starts_with(BOM) => {
            text.drain(..BOM.len());
            Ok((text, TextEncoding::Utf8Bom))
        }
        Ok(text) => Ok((text, TextEncoding::Utf8)),
        Err(error) => {
            let text = GB18030.decode_without_bom_handling_and_without_replacement(error.as_bytes());
            text.map(|text| (text.into_owned(), TextEncoding::Gb18030)).ok_or_else(|| MessageId::EncodingUnknown.into())
        }
    }
}

/// The separator that stands in most of the first lines, outside quotes; of two such the more frequent.
fn find_separator(text: &str) -> char {
    let mut scores = [(0, 0); SEPARATORS.len()];
    for line in text.lines().filter(|line| !line.trim().is_empty()).take(SAMPLE_LINES_COUNT) {
        let bare = line.split('"').step_by(2);
        let counts: [usize; 3] =
            SEPARATORS.map(|separator| bare.clone().map(|part| part.matches(separator).count()).sum());
        for ((lines_count, all_count), count) in scores.iter_mut().zip(counts) {
            *lines_count += usize::from(count > 0);
            *all_count += count;
        }
    }
    let mut best = 0;
    for at in 1..SEPARATORS.len() {
        if scores[at] > scores[best] {
            best = at;
        }
    }
    SEPARATORS[best]
}

fn read_records(text: &str, separator: char, assembler: &mut Assembler<'_>) -> Result<(), ImportError> {
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator as u8).from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut number = 0;
    let mut start = 0;
    while reader.read_record(&mut record).map_err(|_| MessageId::FormatUnknown)? {
        let begin = start;
        start = usize::try_from(reader.position().byte()).unwrap_or(text.len()).min(text.len());
        number += 1 + empty_lines_count(text.as_bytes(), begin);
        assembler.begin(number);
        let width = assembler.header_row().map_or(record.len(), |_| assembler.width());
        for (column, cell) in record.iter().enumerate().take(width) {
            assembler.put(column, Raw::Text(cell))?;
        }
        refuse_wide(&record, assembler);
        if start == text.len() && leaves_quote_open(&text[begin..], &record, separator) {
            return Err(Message::new(MessageId::QuoteOpen).with("row", number).into());
        }
        assembler.finish()?;
    }
    Ok(())
}

/// Lines without a character at `start`. The parser skips them, a spreadsheet counts them.
fn empty_lines_count(text: &[u8], start: usize) -> u32 {
    let mut at = start;
    // The parser ends a record between the two halves of a line end.
    if at > 0 && text[at - 1] == b'\r' && text.get(at) == Some(&b'\n') {
        at += 1;
    }
    let mut count = 0;
    loop {
        at += match &text[at..] {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return count,
        };
        count += 1;
    }
}

/// A cell too many means that a value holds the separator, and that all behind it stand in the wrong column.
fn refuse_wide(record: &StringRecord, assembler: &mut Assembler<'_>) {
    let width = assembler.width();
    if assembler.header_row().is_some() && record.iter().skip(width).any(|cell| !cell.trim().is_empty()) {
        let cells = record.len().min(COLUMNS_MAX_COUNT);
        assembler.refuse_row(Message::new(MessageId::RowWide).with("cells", cells).with("columns", width));
    }
}

/// Whether the last record is one cell opened by a quote that swallowed the rest of the file. The parser says nothing then.
fn leaves_quote_open(raw: &str, record: &StringRecord, separator: char) -> bool {
    let odd = raw.matches('"').count() % 2 == 1;
    odd && record.iter().next_back().is_some_and(|cell| cell.contains(['\n', '\r', separator]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_separator_outside_quotes() {
        assert_eq!(find_separator("名册\n\na;b;c\n\"1,2,3,4,5\";2;3\n"), ';');
        assert_eq!(find_separator("a\tb\n1,5\t2\n"), '\t');
        assert_eq!(find_separator("a,b;c,d\n"), ',');
        assert_eq!(find_separator("a\n"), ',');
    }

    #[test]
    fn counts_empty_lines_in_every_style() {
        assert_eq!(empty_lines_count(b"\n\nx", 0), 2);
        assert_eq!(empty_lines_count(b"a\r\n\r\nx", 2), 1);
        assert_eq!(empty_lines_count(b"a\r\rx", 2), 1);
        assert_eq!(empty_lines_count(b"a\n", 2), 0);
    }

    #[test]
    fn tells_encodings_apart() {
        let (text, encoding) = decode("楼栋,室".into()).unwrap();
        assert_eq!((text.as_str(), encoding), ("楼栋,室", TextEncoding::Utf8));
        let (text, encoding) = decode(GB18030.encode("楼栋,室㐀").0.into_owned()).unwrap();
        assert_eq!((text.as_str(), encoding), ("楼栋,室㐀", TextEncoding::Gb18030));
        assert_eq!(decode(vec![b'a', 0xFF, 0xFF]).unwrap_err().id(), MessageId::EncodingUnknown);
    }
}
