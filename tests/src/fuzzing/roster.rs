//! The files that a city brings: household rosters and division trees, as CSV and as XLSX. A workbook is also taken as the list of its
//! parts, so that what is changed inside still unpacks.

use super::{Seen, roughly, seen};
use std::fmt::Write as _;
use std::io::{Cursor, Write};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;
use zoufang_sync_server::import::divisions;
use zoufang_sync_server::import::limits::{CELL_MAX_CHARS, ERRORS_KEPT_MAX_COUNT, ROWS_MAX_COUNT};
use zoufang_sync_server::import::roster::{
    self, CONTACT_NAME_MAX_CHARS, DwellingUse, PEOPLE_MAX_COUNT, PLACE_MAX_CHARS, Roster, RosterOptions, RosterRow,
    UNIT_NAME_MAX_CHARS,
};
use zoufang_sync_server::import::table::TableOptions;

pub(super) const WORDS: &[&str] = &[
    "微网格",
    "楼栋",
    "单元",
    "室",
    "联系人",
    "电话",
    "人数",
    "居住类型",
    "社区",
    "身份证号",
    "\u{feff}",
    "\t",
    ";",
    "\"",
    "\"\"",
    "\r\n",
    "13900000001",
    "0353-2020202",
    "自住",
    "出租",
    "=HYPERLINK(1)",
    "0",
    "31",
    "99",
    "-1",
    "1.0",
    "１２",
    "测试户",
    "a\u{0}b",
    "<c r=\"A1\" t=\"s\"><v>0</v></c>",
    "<row r=\"1048576\">",
    "<mergeCell ref=\"A1:A9\"/>",
    "t=\"inlineStr\"",
    "<is><t>",
    "&#x10FFFF;",
    "&amp;",
    "<!DOCTYPE x [<!ENTITY a \"b\">]>",
    "1e5",
    "101.0",
    "xml:space=\"preserve\"",
    "xl/sharedStrings.xml",
    "../",
];

/// What an input begins with that holds the parts of a workbook; then each part: its name, a line's end, its content, this mark.
pub(super) const PARTS: &[u8] = b"PARTS\n";
pub(super) const PART_ENDS: &[u8] = b"\n--part--\n";

pub(super) fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let text = "社区,微网格,楼栋,单元,室,联系人,电话,人数,居住类型,备注\n\
                测试社区,测试第1微网格,1,1,101,测试甲,13900000001,3,自住,不读\n\
                测试社区,测试第1微网格,1,1,102,\"测试,乙\",0353-2020202,2,出租,\n\
                测试社区,测试第2微网格,,,十号院,测试丙,,,空置,\n";
    let tabbed = text.replace(',', "\t").replace('\n', "\r\n");
    let divided = "level,code,name,parent_code\n2,9901,测试市,\n3,990101,测试区,9901\n4,990101001,测试街道,990101\n\
                   5,990101001001,测试社区,990101001\n";
    let parts = parts_of_a_workbook();
    vec![
        ("csv", text.into()),
        ("csv-tabs", tabbed.into()),
        ("csv-gb18030", encoding(text)),
        ("divisions", divided.into()),
        ("xlsx", packed(&parts).expect("the parts pack")),
        ("xlsx-parts", parts),
    ]
}

/// The three characters that the columns need, in GB18030; a whole table of it would need a crate.
fn encoding(text: &str) -> Vec<u8> {
    let first = text.lines().next().unwrap_or_default();
    let known = [("微", [0xce, 0xa2]), ("网", [0xcd, 0xf8]), ("格", [0xb8, 0xf1]), ("室", [0xca, 0xd2])];
    let mut bytes = Vec::new();
    for letter in first.chars().filter(|letter| *letter == ',' || known.iter().any(|(one, _)| one.starts_with(*letter)))
    {
        match known.iter().find(|(one, _)| one.starts_with(letter)) {
            Some((_, pair)) => bytes.extend_from_slice(pair),
            None => bytes.push(b','),
        }
    }
    bytes.extend_from_slice(b"\n,\xce\xa2\xcd\xf8\xb8\xf1,,,101,,,,,\n");
    bytes
}

fn parts_of_a_workbook() -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let types = "http://schemas.openxmlformats.org/package/2006/content-types";
    let parts = [
        (
            "[Content_Types].xml",
            format!("<Types xmlns=\"{types}\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"),
        ),
        (
            "_rels/.rels",
            format!(
                "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"名册\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "<Relationships xmlns=\"{RELATIONS}\"><Relationship Id=\"r1\" Type=\"{OFFICE}/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"r2\" Type=\"{OFFICE}/sharedStrings\" Target=\"sharedStrings.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/sharedStrings.xml",
            format!(
                "<sst xmlns=\"{MAIN}\" count=\"4\" uniqueCount=\"4\"><si><t>微网格</t></si><si><t>室</t></si><si><t>测试第1微网格</t></si><si><r><t>1</t></r><r><t>01</t></r></si></sst>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{MAIN}\"><sheetData><row r=\"1\"><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\" t=\"s\"><v>2</v></c><c r=\"B2\" t=\"s\"><v>3</v></c></row><row r=\"3\"><c r=\"B3\"><v>102</v></c></row></sheetData><mergeCells count=\"1\"><mergeCell ref=\"A2:A3\"/></mergeCells></worksheet>"
            ),
        ),
    ];
    let mut bytes = PARTS.to_vec();
    for (name, content) in parts {
        bytes.extend_from_slice(format!("{name}\n{content}").as_bytes());
        bytes.extend_from_slice(PART_ENDS);
    }
    bytes
}

/// The workbook that a list of parts makes.
pub(super) fn packed(input: &[u8]) -> Option<Vec<u8>> {
    let mut rest = input.strip_prefix(PARTS)?;
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    while !rest.is_empty() {
        let end = rest.windows(PART_ENDS.len()).position(|mark| mark == PART_ENDS).unwrap_or(rest.len());
        let (part, after) = rest.split_at(end);
        rest = after.get(PART_ENDS.len()..).unwrap_or_default();
        let at = part.iter().position(|byte| *byte == b'\n')?;
        let name = String::from_utf8_lossy(&part[..at]).into_owned();
        writer.start_file(name, SimpleFileOptions::default()).ok()?;
        writer.write_all(&part[at + 1..]).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

pub(super) fn run(input: &[u8]) -> Seen {
    let workbook = packed(input);
    let file = workbook.as_deref().unwrap_or(input);
    let mut shown = Vec::new();
    for community_given in [false, true] {
        let options = RosterOptions { community_given, ..RosterOptions::default() };
        match roster::read(Cursor::new(file), &options) {
            Ok(read) => {
                hold_to_bounds(&read, community_given);
                hold_to_what_was_read(&read, &options);
                let encoding = read.report.encoding.map(|encoding| format!("{encoding:?}"));
                shown.push((
                    roughly(read.rows.len()),
                    roughly(read.report.errors_count as usize),
                    format!("{encoding:?}"),
                ));
            }
            Err(error) => shown.push((0, 0, error.id().to_string())),
        }
    }
    let tree = match divisions::read(Cursor::new(file), &TableOptions::default()) {
        Ok(tree) => format!("{} {}", roughly(tree.rows.len()), roughly(tree.report.errors_count as usize)),
        Err(error) => error.id().to_string(),
    };
    seen((shown, tree))
}

fn hold_to_bounds(read: &Roster, community_given: bool) {
    let report = &read.report;
    assert!(report.rows_good as usize == read.rows.len() && report.rows_read <= ROWS_MAX_COUNT, "{report:?}");
    assert!(
        report.errors.len() <= ERRORS_KEPT_MAX_COUNT && report.errors.len() as u64 <= u64::from(report.errors_count)
    );
    for row in &read.rows {
        let texts = [
            (row.community.as_deref().unwrap_or("无"), UNIT_NAME_MAX_CHARS),
            (row.micro_grid.as_str(), UNIT_NAME_MAX_CHARS),
            (row.room.as_str(), PLACE_MAX_CHARS),
            (row.contact_name.as_deref().unwrap_or("无"), CONTACT_NAME_MAX_CHARS),
            (row.phone.as_deref().unwrap_or("0"), CELL_MAX_CHARS),
        ];
        for (text, most) in texts {
            assert!(!text.trim().is_empty() && text.chars().count() <= most, "row {}: {text:?}", row.row_number);
            assert!(!text.chars().any(char::is_control), "row {}: {text:?}", row.row_number);
        }
        assert!(row.building.chars().count() <= PLACE_MAX_CHARS && row.unit.chars().count() <= PLACE_MAX_CHARS);
        assert!(row.people_count.is_none_or(|count| count <= PEOPLE_MAX_COUNT));
        assert!(row.phone.as_ref().is_none_or(|phone| phone.bytes().all(|byte| byte.is_ascii_digit())));
        assert!(row.community.is_some() || community_given, "row {}", row.row_number);
    }
}

/// Written as a plain CSV and read again, the same homes come out.
fn hold_to_what_was_read(read: &Roster, options: &RosterOptions) {
    let mut text = "社区,微网格,楼栋,单元,室,联系人,电话,人数,居住类型\n".to_owned();
    for row in &read.rows {
        let people = row.people_count.map(|count| count.to_string()).unwrap_or_default();
        let cells = [
            row.community.as_deref().unwrap_or_default(),
            &row.micro_grid,
            &row.building,
            &row.unit,
            &row.room,
            row.contact_name.as_deref().unwrap_or_default(),
            row.phone.as_deref().unwrap_or_default(),
            &people,
            used_as(row.dwelling_use),
        ];
        let quoted = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
        let _ = writeln!(text, "{}", quoted.join(","));
    }
    let again = roster::read(Cursor::new(text.as_bytes()), options);
    let again = again.unwrap_or_else(|error| panic!("what was read does not read again: {error}\n{text}"));
    let bare =
        |rows: &[RosterRow]| rows.iter().map(|row| RosterRow { row_number: 0, ..row.clone() }).collect::<Vec<_>>();
    assert!(bare(&again.rows) == bare(&read.rows), "read again, another roster: {:?}\n{text}", again.report.errors);
}

fn used_as(dwelling_use: DwellingUse) -> &'static str {
    match dwelling_use {
        DwellingUse::Own => "自住",
        DwellingUse::Rented => "出租",
        DwellingUse::Vacant => "空置",
        DwellingUse::Shop => "商铺",
        DwellingUse::Other => "其他",
    }
}
