//! Files that are damaged, of another kind, or made to do harm.

use std::fmt::Write as _;
use std::io::{Cursor, Read, Write};

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};
use zoufang_sync_server::import::divisions;
use zoufang_sync_server::import::limits::{CSV_SIZE_MAX_BYTES, ROWS_MAX_COUNT, XLSX_SIZE_MAX_BYTES};
use zoufang_sync_server::import::messages::MessageId;
use zoufang_sync_server::import::roster::{self, RosterOptions};
use zoufang_sync_server::import::table::TableOptions;

use super::{read_in_community, workbook, write_rows};

fn id(bytes: impl Into<Vec<u8>>) -> Option<MessageId> {
    read_in_community(bytes).err().map(|error| error.id())
}

fn sample() -> Vec<u8> {
    workbook(|sheet| write_rows(sheet, &[&["微网格", "室"], &["一", "101"], &["一", "102"]]))
}

/// A package with these parts.
fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The sample with some parts replaced or added.
fn sample_with(replaced: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(sample())).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        parts.push((part.name().unwrap().into_owned(), bytes));
    }
    parts.retain(|(name, _)| !replaced.iter().any(|(other, _)| other == name));
    let kept = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    package(&kept.chain(replaced.iter().copied()).collect::<Vec<_>>())
}

fn sheet_with(data: &str, behind: &str) -> Vec<u8> {
    let xml = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{data}</sheetData>{behind}</worksheet>"
    );
    sample_with(&[("xl/worksheets/sheet1.xml", xml.as_bytes())])
}

fn inline(cell: &str, text: &str) -> String {
    format!("<c r=\"{cell}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn files_of_another_kind_say_what_to_do() {
    let rels: (&str, &[u8]) = ("_rels/.rels", b"<Relationships/>");
    for (bytes, expected) in [
        (vec![0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, 0, 0], MessageId::FormatXls),
        (b"<html><table><tr><td>\xE5\xAE\xA4".to_vec(), MessageId::FormatUnknown),
        (b"%PDF-1.7\n".to_vec(), MessageId::FormatUnknown),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), MessageId::FormatUnknown),
        (package(&[("mimetype", b"application/vnd.oasis"), ("content.xml", b"<x/>")]), MessageId::FormatOds),
        (package(&[rels, ("xl/workbook.bin", b"x")]), MessageId::FormatXlsb),
        (package(&[rels, ("word/document.xml", b"<x/>")]), MessageId::FormatUnknown),
        (package(&[]), MessageId::FormatUnknown),
    ] {
        assert_eq!(id(bytes.clone()), Some(expected), "{:?}", &bytes[..bytes.len().min(8)]);
    }
}

#[test]
fn a_file_that_is_not_there_or_not_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let missing = (folder.path().join("none.csv"), MessageId::FileMissing);
    for (path, id) in [missing, (folder.path().to_owned(), MessageId::FileNotPlain)] {
        assert_eq!(roster::read_file(&path, &RosterOptions::default()).unwrap_err().id(), id);
        assert_eq!(divisions::read_file(&path, &TableOptions::default()).unwrap_err().id(), id);
    }
    let path = folder.path().join("名册.xls");
    std::fs::write(&path, sample()).unwrap();
    let options = RosterOptions { community_given: true, ..RosterOptions::default() };
    let roster = roster::read_file(&path, &options).unwrap();
    assert_eq!(roster.rows.len(), 2, "content decides, not the name");
}

#[test]
fn a_truncated_workbook() {
    let whole = sample();
    assert_eq!(id(whole.clone()), None);
    for length in (8..whole.len()).step_by(97).chain([whole.len() - 1, whole.len() - 22]) {
        assert_eq!(id(&whole[..length]), Some(MessageId::XlsxDamaged), "{length} of {} bytes", whole.len());
    }
}

#[test]
fn files_that_are_too_large_are_refused_before_they_are_read() {
    let folder = tempfile::tempdir().unwrap();
    for (name, start, size_bytes) in
        [("a.csv", "微网格,室\n", CSV_SIZE_MAX_BYTES), ("b.xlsx", "PK\u{3}\u{4}", XLSX_SIZE_MAX_BYTES)]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, start).unwrap();
        std::fs::OpenOptions::new().write(true).open(&path).unwrap().set_len(size_bytes + 1).unwrap();
        let error = roster::read_file(&path, &RosterOptions::default()).unwrap_err();
        assert_eq!(error.id(), MessageId::FileTooLarge, "{name}");
    }
}

#[test]
fn too_many_rows() {
    let mut text = "微网格,室\n".to_owned();
    (0..ROWS_MAX_COUNT).for_each(|room| writeln!(text, "一,{room}").unwrap());
    assert_eq!(read_in_community(text.clone()).unwrap().report.rows_good, ROWS_MAX_COUNT);
    text.push_str(",\n,\n");
    assert_eq!(id(text.clone()), None, "empty rows do not count");
    text.push_str("一,一间\n");
    assert_eq!(id(text), Some(MessageId::RowsTooMany));
}

#[test]
fn a_package_that_unpacks_to_too_much() {
    // 300 MiB of blanks pack to 300 KiB.
    let blanks = vec![b' '; 300 << 20];
    let mut bomb = sample_with(&[("xl/media/picture.xml", &blanks)]);
    assert!(bomb.len() < 1 << 20);
    assert_eq!(id(bomb.clone()), Some(MessageId::XlsxUnpacked));
    // The sizes that the package announces are not believed.
    let size = (blanks.len() as u32).to_le_bytes();
    let places: Vec<usize> = bomb.windows(4).enumerate().filter(|(_, it)| *it == size).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    places.into_iter().for_each(|at| bomb[at..at + 4].copy_from_slice(&1_000u32.to_le_bytes()));
    assert!(matches!(id(bomb), Some(MessageId::XlsxUnpacked | MessageId::XlsxDamaged)));
}

#[test]
fn too_many_shared_texts() {
    let texts = vec![b' '; 65 << 20];
    assert_eq!(id(sample_with(&[("xl/sharedStrings.xml", &texts)])), Some(MessageId::XlsxUnpacked));
    // A number that calamine would reserve memory for, before it read a single text.
    for count in ["99999999999", "18446744073709551615"] {
        let texts = format!("<!-- <sst> --><sst count=\"1\" uniqueCount='{count}'><si><t>x</t></si></sst>");
        let bytes = sample_with(&[("xl/sharedStrings.xml", texts.as_bytes())]);
        assert_eq!(id(bytes), Some(MessageId::XlsxUnpacked), "{count}");
    }
}

#[test]
fn a_font_name_copied_into_every_format() {
    let mut styles =
        format!("<styleSheet><fonts><font><name val=\"{}\"/></font></fonts><cellXfs>", "字".repeat(100_000));
    (0..1_000).for_each(|_| styles.push_str("<xf fontId=\"0\"/>"));
    styles.push_str("</cellXfs></styleSheet>");
    assert_eq!(id(sample_with(&[("xl/styles.xml", styles.as_bytes())])), Some(MessageId::XlsxUnpacked));
}

#[test]
fn too_many_parts() {
    let names: Vec<String> = (0..5_000).map(|at| format!("xl/media/{at}")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    assert_eq!(id(sample_with(&parts)), Some(MessageId::XlsxParts));
}

#[test]
fn cell_references_that_make_no_sense() {
    let header = format!("<row r=\"1\">{}{}</row>", inline("A1", "微网格"), inline("B1", "室"));
    let data = format!("{header}<row r=\"2\">{}{}</row>", inline("A2", "一"), inline("B2", "101"));
    assert_eq!(read_in_community(sheet_with(&data, "")).unwrap().rows.len(), 1);
    for wild in ["ZZZZZZZZ1", "A99999999999", "A0", "1", "", "XFD1048577"] {
        let data = format!("{data}<row r=\"3\">{}</row>", inline(wild, "x"));
        let outcome = read_in_community(sheet_with(&data, ""));
        assert!(outcome.is_err() || outcome.unwrap().rows.len() == 1, "{wild}");
    }
    // Rows that go back up: what is merged could not be followed.
    let back = format!("{data}<row r=\"9\">{}</row><row r=\"3\">{}</row>", inline("A9", "一"), inline("A3", "一"));
    assert_eq!(id(sheet_with(&back, "")), Some(MessageId::XlsxDamaged));
    for wild in ["A5:A2", "A1:ZZZZZZZZ9", "B2:A1", "", "A1:B2:C3", "C1:XFD1048576"] {
        let merges = format!("<mergeCells><mergeCell ref=\"{wild}\"/></mergeCells>");
        let outcome = read_in_community(sheet_with(&data, &merges));
        assert!(outcome.is_err() || outcome.unwrap().rows.len() <= 1, "{wild}");
    }
}

#[test]
fn too_many_merges() {
    let merges = "<mergeCell ref=\"A2:A3\"/>".repeat(200_001);
    let bytes = sheet_with("", &format!("<mergeCells>{merges}</mergeCells>"));
    assert_eq!(id(bytes), Some(MessageId::MergesTooMany));
}

proptest! {
    // Each case packs and unpacks a workbook: 64 of them take a second.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any bytes behind a header: rows and errors, never a panic, and the counts agree.
    #[test]
    fn any_text_is_counted(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut file = "微网格,室,电话\n".as_bytes().to_vec();
        file.extend(bytes);
        if let Ok(roster) = read_in_community(file) {
            prop_assert_eq!(roster.rows.len(), roster.report.rows_good as usize);
            prop_assert!(roster.report.rows_bad() <= roster.report.errors_count);
        }
    }

    /// A workbook with a few bytes changed is read or refused.
    #[test]
    fn a_damaged_workbook_is_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = sample();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(roster) = read_in_community(bytes) {
            prop_assert!(roster.rows.len() <= 2);
        }
    }

    /// The same for the sheet inside, where no checksum helps.
    #[test]
    fn a_damaged_sheet_is_read_or_refused(changes in proptest::collection::vec((any::<prop::sample::Index>(), 32u8..127), 1..6)) {
        let cells = format!(
            "<row r=\"1\">{}{}</row><row r=\"2\">{}{}</row>",
            inline("A1", "微网格"), inline("B1", "室"), inline("A2", "一"), inline("B2", "101")
        );
        let mut xml = format!("<worksheet><sheetData>{cells}</sheetData><mergeCells><mergeCell ref=\"A2:A3\"/></mergeCells></worksheet>")
            .into_bytes();
        for (at, byte) in changes {
            let at = at.index(xml.len());
            xml[at] = byte;
        }
        if let Ok(roster) = read_in_community(sample_with(&[("xl/worksheets/sheet1.xml", &xml)])) {
            prop_assert!(roster.rows.len() <= 2);
        }
    }
}
