//! Rosters as XLSX.

use std::io::Cursor;

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use zoufang_sync_server::import::messages::{Language, MessageId};
use zoufang_sync_server::import::roster::{self, RosterOptions};

use super::{homes, places, read, read_in_community, workbook, write_rows};

const HEADER: &[&str] = &["微网格", "楼栋", "单元", "室", "联系人", "电话", "人数", "居住类型", "身份证号"];

#[test]
fn numbers_become_the_digits_that_were_typed() {
    let bytes = workbook(|sheet| {
        write_rows(sheet, &[&["社区", "微网格", "楼栋", "室", "电话", "人数"], &["", "一"], &["", "一"]]);
        sheet.write_number(1, 0, 140_303_007_006.0).unwrap();
        sheet.write_number(1, 2, 3.0).unwrap();
        sheet.write_number(1, 3, 101.0).unwrap();
        sheet.write_number(1, 4, 13_800_000_001.0).unwrap();
        sheet.write_formula(1, 5, Formula::new("=1+1").set_result("2")).unwrap();
        sheet.write_string(2, 0, "段南沟社区").unwrap();
        sheet.write_string(2, 2, "３").unwrap();
        sheet.write_string(2, 3, " 102\u{A0}").unwrap();
    });
    let roster = read(bytes).unwrap();
    assert_eq!(roster.report.errors, []);
    assert_eq!(homes(&roster), [(2, "一", "3", "", "101"), (3, "一", "3", "", "102")]);
    let first = &roster.rows[0];
    assert_eq!((first.community.as_deref(), first.phone.as_deref()), (Some("140303007006"), Some("13800000001")));
    assert_eq!(first.people_count, Some(2));
    let report = &roster.report;
    assert_eq!((report.encoding, report.separator, report.sheet.as_deref()), (None, None, Some("Sheet1")));
}

#[test]
fn a_value_merged_downwards_holds_for_each_of_its_rows() {
    let bytes = workbook(|sheet| {
        let plain = Format::new();
        sheet.merge_range(0, 0, 0, 8, "段南沟社区住户花名册（样例）", &plain).unwrap();
        for (column, name) in (0..).zip(HEADER) {
            sheet.write_string(1, column, *name).unwrap();
        }
        sheet.merge_range(2, 0, 6, 0, "第一微网格", &plain).unwrap();
        sheet.merge_range(2, 1, 4, 1, "", &plain).unwrap();
        sheet.write_number(2, 1, 3.0).unwrap();
        sheet.merge_range(2, 2, 3, 2, "1单元", &plain).unwrap();
        sheet.write_string(4, 2, "2单元").unwrap();
        for row in 2..7 {
            sheet.write_number(row, 3, f64::from(99 + row)).unwrap();
        }
        sheet.merge_range(2, 6, 3, 6, "5", &plain).unwrap();
    });
    let roster = read_in_community(bytes).unwrap();
    assert_eq!(
        homes(&roster),
        [
            (3, "第一微网格", "3", "1单元", "101"),
            (5, "第一微网格", "3", "2单元", "103"),
            (6, "第一微网格", "", "", "104"),
            (7, "第一微网格", "", "", "105"),
        ]
    );
    assert_eq!(roster.rows[0].people_count, Some(5));
    // Five people in two homes: nobody knows how many in each.
    assert_eq!(places(&roster.report), [(4, "G".to_owned(), "import.merged_count")]);
}

#[test]
fn a_header_of_two_lines() {
    let bytes = workbook(|sheet| {
        let plain = Format::new();
        sheet.merge_range(0, 0, 1, 0, "微网格", &plain).unwrap();
        sheet.merge_range(0, 1, 0, 3, "地址", &plain).unwrap();
        write_rows(sheet, &[]);
        for (column, name) in [(1, "楼栋"), (2, "单元"), (3, "室")] {
            sheet.write_string(1, column, name).unwrap();
        }
        for (column, value) in [(0, "一"), (1, "3"), (2, "1"), (3, "101")] {
            sheet.write_string(2, column, value).unwrap();
        }
    });
    let roster = read_in_community(bytes).unwrap();
    assert_eq!(homes(&roster), [(3, "一", "3", "1", "101")]);
}

#[test]
fn what_is_merged_into_the_header_does_not_reach_the_rows() {
    let bytes = workbook(|sheet| {
        write_rows(sheet, &[&["微网格", "", "室"], &["", "", "（房间号）"], &["一", "", "101"]]);
        sheet.merge_range(0, 0, 1, 0, "微网格", &Format::new()).unwrap();
    });
    let roster = read_in_community(bytes).unwrap();
    assert_eq!(homes(&roster), [(3, "一", "", "", "101")]);
    assert_eq!(places(&roster.report), [(2, "A".to_owned(), "import.value_missing")]);
}

#[test]
fn a_value_merged_across_columns_is_refused_in_its_rows_only() {
    let bytes = workbook(|sheet| {
        let plain = Format::new();
        write_rows(
            sheet,
            &[HEADER, &["一", "1", "1", "101"], &["一"], &["一"], &["一", "1", "1", "104"], &["一", "1", "1", "105"]],
        );
        sheet.merge_range(2, 1, 3, 3, "平房", &plain).unwrap();
        sheet.merge_range(4, 7, 4, 8, "自住", &plain).unwrap();
        // Beside the fields, nobody minds.
        sheet.merge_range(5, 9, 5, 11, "说明", &plain).unwrap();
    });
    let roster = read_in_community(bytes).unwrap();
    assert_eq!(homes(&roster).iter().map(|home| home.0).collect::<Vec<_>>(), [2, 6]);
    let across: Vec<_> = roster
        .report
        .errors
        .iter()
        .filter(|error| error.message.id == MessageId::MergedAcross)
        .map(|error| (error.row, error.column.as_ref().unwrap().letter.as_str(), error.message.value("range").unwrap()))
        .collect();
    assert_eq!(across, [(3, "B", "B3:D4"), (4, "B", "B3:D4"), (5, "H", "H5:I5")]);
    assert!(roster.report.errors[0].render(Language::Chinese).contains("B3:D4 跨列合并"));
}

#[test]
fn a_merge_to_the_bottom_makes_no_homes() {
    let bytes = workbook(|sheet| {
        write_rows(sheet, &[&["微网格", "室"], &["", "101"]]);
        sheet.merge_range(1, 0, 1_048_575, 0, "一", &Format::new()).unwrap();
    });
    let roster = read_in_community(bytes).unwrap();
    assert_eq!((homes(&roster), roster.report.rows_read), (vec![(2, "一", "", "", "101")], 1));
}

#[test]
fn what_a_spreadsheet_made_of_a_cell() {
    let bytes = workbook(|sheet| {
        write_rows(sheet, &[HEADER]);
        for row in 1..6 {
            sheet.write_string(row, 0, "一").unwrap();
            sheet.write_number(row, 3, f64::from(100 + row)).unwrap();
        }
        let date = ExcelDateTime::from_ymd(2026, 3, 2).unwrap();
        sheet.write_datetime_with_format(1, 3, date, &Format::new().set_num_format("m-d")).unwrap();
        sheet.write_formula(2, 4, Formula::new("=A1/0").set_result("#DIV/0!")).unwrap();
        sheet.write_number(3, 0, 140_303_007_006_001_001.0).unwrap();
        sheet.write_boolean(4, 6, true).unwrap();
        sheet.write_string(5, 4, "甲".repeat(1_001)).unwrap();
    });
    let roster = read_in_community(bytes).unwrap();
    let at = |row: u32, letter: &str, id: &'static str| (row, letter.to_owned(), id);
    assert_eq!(
        places(&roster.report),
        [
            at(2, "D", "import.cell_date"),
            at(3, "E", "import.cell_error"),
            at(4, "A", "import.cell_precision"),
            at(5, "G", "import.people_shape"),
            at(6, "E", "import.cell_too_long"),
        ]
    );
    assert_eq!(roster.report.rows_good, 0);
}

#[test]
fn empty_rows_and_formats_below_the_data_do_not_count() {
    let bytes = workbook(|sheet| {
        write_rows(sheet, &[HEADER, &["一", "", "", "101"], &[], &["一", "", "", "102"], &["", " ", ""]]);
        for row in 5..500 {
            sheet.write_blank(row, 3, &Format::new().set_bold()).unwrap();
        }
        sheet.write_blank(0, 16_000, &Format::new().set_bold()).unwrap();
    });
    let roster = read_in_community(bytes).unwrap();
    assert_eq!((roster.report.rows_read, roster.report.errors_count), (2, 0));
    assert_eq!(homes(&roster).iter().map(|home| home.0).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(roster.report.ignored_columns[0].message.id, MessageId::ColumnCitizenId);
}

#[test]
fn the_first_sheet_that_can_be_seen_or_the_named_one() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("程序保留").unwrap().set_hidden(true);
    for (name, room) in [("南台", "1"), ("水滩", "2")] {
        let sheet = workbook.add_worksheet();
        sheet.set_name(name).unwrap();
        write_rows(sheet, &[&["微网格", "室"], &["一", room]]);
    }
    workbook.worksheet_from_index(1).unwrap().set_active(true).set_first_tab(true);
    let bytes = workbook.save_to_buffer().unwrap();
    let read = |sheet: Option<&str>| {
        let options = RosterOptions { sheet: sheet.map(str::to_owned), community_given: true };
        roster::read(Cursor::new(&bytes), &options)
    };
    for (sheet, name, room) in [(None, "南台", "1"), (Some("水滩"), "水滩", "2"), (Some("南台"), "南台", "1")]
    {
        let roster = read(sheet).unwrap();
        assert_eq!((roster.report.sheet.as_deref(), &*roster.rows[0].room), (Some(name), room));
    }
    let error = read(Some("段南沟")).unwrap_err();
    assert_eq!((error.id(), error.message.value("sheets")), (MessageId::SheetMissing, Some("程序保留 / 南台 / 水滩")));
}

#[test]
fn an_empty_sheet() {
    assert_eq!(read(workbook(|_| {})).unwrap_err().id(), MessageId::FileEmpty);
    let error = read(workbook(|sheet| write_rows(sheet, &[&["室"]]))).unwrap_err();
    assert_eq!(error.id(), MessageId::HeadersMissing);
}

#[test]
fn too_many_columns() {
    let bytes = workbook(|sheet| {
        write_rows(sheet, &[HEADER]);
        sheet.write_string(0, 256, "备注").unwrap();
    });
    assert_eq!(read_in_community(bytes).unwrap_err().id(), MessageId::ColumnsTooMany);
}
