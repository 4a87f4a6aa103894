//! Rosters as CSV.

use encoding_rs::GB18030;
use proptest::prelude::*;
use zoufang_sync_server::import::messages::{Language, MessageId};
use zoufang_sync_server::import::report::TextEncoding;
use zoufang_sync_server::import::roster::DwellingUse;

use super::{homes, places, read, read_in_community};

const ROSTER: &str = "\
社区,微网格,楼栋,单元,室,联系人,电话,人数,居住类型
段南沟社区,第一微网格,3,2,101,测试甲,13800000001,3,自住
140303007006,第一微网格,3,2,102,张三样例,0353-2000001,1,出租
段南沟社区,第一微网格,3,2,103,,,,空置
";

#[test]
fn reads_every_field() {
    let roster = read(ROSTER).unwrap();
    let report = &roster.report;
    assert_eq!((report.rows_read, report.rows_good, report.errors_count), (3, 3, 0));
    assert_eq!(
        (report.encoding, report.separator, report.sheet.as_deref()),
        (Some(TextEncoding::Utf8), Some(','), None)
    );
    let [first, second, third] = &roster.rows[..] else { panic!("{} rows", roster.rows.len()) };
    assert_eq!((first.row_number, first.community.as_deref()), (2, Some("段南沟社区")));
    assert_eq!((&*first.micro_grid, &*first.building, &*first.unit, &*first.room), ("第一微网格", "3", "2", "101"));
    assert_eq!((first.contact_name.as_deref(), first.phone.as_deref()), (Some("测试甲"), Some("13800000001")));
    assert_eq!((first.people_count, first.dwelling_use), (Some(3), DwellingUse::Own));
    assert_eq!((second.community.as_deref(), second.phone.as_deref()), (Some("140303007006"), Some("03532000001")));
    assert_eq!((third.contact_name.as_deref(), third.phone.as_deref(), third.people_count), (None, None, None));
    assert_eq!(third.dwelling_use, DwellingUse::Vacant);
}

#[test]
fn the_same_rows_in_every_encoding_and_with_every_separator() {
    let expected = read(ROSTER).unwrap().rows;
    let bom = format!("\u{FEFF}{ROSTER}");
    for separator in [',', ';', '\t'] {
        let text = ROSTER.replace(',', &separator.to_string());
        for (bytes, encoding) in [
            (text.clone().into_bytes(), TextEncoding::Utf8),
            (bom.replace(',', &separator.to_string()).into_bytes(), TextEncoding::Utf8Bom),
            (GB18030.encode(&text).0.into_owned(), TextEncoding::Gb18030),
            (text.replace('\n', "\r\n").into_bytes(), TextEncoding::Utf8),
        ] {
            let roster = read(bytes).unwrap();
            assert!(roster.rows == expected, "{encoding} {separator:?}");
            assert_eq!((roster.report.encoding, roster.report.separator), (Some(encoding), Some(separator)));
        }
    }
}

#[test]
fn a_truncated_character_is_neither_encoding() {
    let mut bytes = GB18030.encode(ROSTER).0.into_owned();
    bytes.truncate(bytes.len() - 2);
    assert_eq!(read(bytes).unwrap_err().id(), MessageId::EncodingUnknown);
    let utf16: Vec<u8> = [0xFEFF].into_iter().chain(ROSTER.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    assert_eq!(read(utf16).unwrap_err().id(), MessageId::EncodingUnknown);
}

#[test]
fn synonyms_full_width_and_a_title_above_the_header() {
    let text = "段南沟社区住户花名册,,,,,,,\n\n\
        *微网格编码,楼 号,单元号,房号（必填）,户主,联系\u{3000}电话,家庭人口(人),房屋性质\n\
        DNG-01,３号楼,　２　,１０１,  测试　　乙 ,１３８ ００００ ０００２,２人,自有\n";
    let roster = read_in_community(text).unwrap();
    assert_eq!(homes(&roster), [(4, "DNG-01", "3号楼", "2", "101")]);
    let row = &roster.rows[0];
    assert_eq!((row.contact_name.as_deref(), row.phone.as_deref()), (Some("测试 乙"), Some("13800000002")));
    assert_eq!((row.people_count, row.dwelling_use, row.community.as_deref()), (Some(2), DwellingUse::Own, None));
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    // Two empty lines, a quoted line break, a row of separators only: all count as rows on the screen.
    let text = "微网格,室,备注\r\n\r\n\r\n一,101,\"两\r\n行\"\r\n,,\r\n一,102,\r\n\r\n一,,\r\n一,103,\r\n,,\r\n\r\n";
    let roster = read_in_community(text).unwrap();
    let rows: Vec<u32> = roster.rows.iter().map(|row| row.row_number).collect();
    assert_eq!(rows, [4, 6, 9]);
    assert_eq!(places(&roster.report), [(8, "B".to_owned(), "import.value_missing")]);
    assert_eq!(roster.report.rows_read, 4);
}

#[test]
fn bad_rows_by_row_and_column_and_the_good_ones_go_on() {
    let long = "长".repeat(33);
    let text = format!(
        "社区,微网格,楼栋,单元,室,联系人,电话,人数,居住类型\n\
        段南沟,一,1,1,101,测试甲,13800000001,3,自住\n\
        段南沟,,1,1,,测试乙,1380000000,31,仓库\n\
        ,一,1,1,102,测试丙,13800000003,3,自住\n\
        14030300,一,{long},1,103,\"测试\n丁\",13800000004,,自住\n\
        段南沟,一,1,1,104,=HYPERLINK(\"x\"),13800000005,,自住\n\
        段南沟,一,1,1,105,测试戊,999999190001010000,,自住\n\
        段南沟,一,1,1,106,测试己,13800000006,2,自住,多出一格\n\
        段南沟,一,1,1,107,测试庚,13800000007,2,自住\n"
    );
    let roster = read(text).unwrap();
    let at = |row: u32, letter: &str, id: &'static str| (row, letter.to_owned(), id);
    assert_eq!(
        places(&roster.report),
        [
            at(3, "B", "import.value_missing"),
            at(3, "E", "import.value_missing"),
            at(3, "G", "import.phone_shape"),
            at(3, "H", "import.people_shape"),
            at(3, "I", "import.dwelling_use"),
            at(4, "A", "import.value_missing"),
            at(5, "A", "import.community_code"),
            at(5, "C", "import.text_too_long"),
            at(5, "F", "import.cell_control"),
            at(6, "F", "import.cell_formula"),
            at(7, "G", "import.cell_citizen_id"),
            at(8, "", "import.row_wide"),
        ]
    );
    assert_eq!(homes(&roster).iter().map(|home| home.4).collect::<Vec<_>>(), ["101", "107"]);
    assert_eq!((roster.report.rows_read, roster.report.rows_good, roster.report.rows_bad()), (8, 2, 6));
    let phone = &roster.report.errors[2];
    assert_eq!(phone.render(Language::Chinese), "第 3 行 G 列（电话）：应为一个 11 位手机号（1 开头）或带区号的座机号");
    assert!(phone.render(Language::English).starts_with("row 3, column G \"电话\": expected one mobile number"));
}

#[test]
fn no_message_repeats_what_a_cell_holds() {
    let text = "微网格,室,联系人,电话,人数,居住类型\n一,1,=张三样例,1380000,八口,张三样例的\n张三样例,1,甲,,,\n张三样例,1,乙,,,\n";
    let report = read_in_community(text).unwrap().report;
    assert_eq!(report.errors_count, 5);
    for error in &report.errors {
        for language in [Language::Chinese, Language::English] {
            let said = format!("{} {:?}", error.render(language), error);
            assert!(!["张三", "1380000", "八口"].iter().any(|held| said.contains(held)), "{said}");
        }
    }
    // Without a header the first row is a person, and is not repeated either.
    let error = read_in_community("张三样例,13800000001\n").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("张三"), "{error:?}");
}

#[test]
fn a_home_twice_names_the_first_row() {
    let text = "社区,微网格,楼栋,单元,室,电话\n\
        甲社区,一,3,1,101,13800000001\n\
        乙社区,一,3,1,101,13800000002\n\
        甲社区,一,３ ,1,１０１,13800000003\n\
        甲社区,一,3,,101,13800000004\n\
        甲社区,二,3,1,101,坏\n\
        甲社区,二,3,1,101,13800000005\n";
    let roster = read(text).unwrap();
    assert_eq!(homes(&roster).iter().map(|home| home.0).collect::<Vec<_>>(), [2, 3, 5]);
    let errors = &roster.report.errors;
    let firsts: Vec<_> = errors.iter().map(|error| (error.row, error.message.value("first_row"))).collect();
    assert_eq!(firsts, [(4, Some("2")), (6, None), (7, Some("6"))]);
    assert_eq!(errors[0].render(Language::Chinese).matches("第 2 行").count(), 1);
}

#[test]
fn columns_that_are_not_needed_are_named_and_not_read() {
    let text = "微网格,室,身份证号码,政治面貌,宗教信仰,备注,手机,电话\n\
        一,101,999999190001010000,群众,无,=1+1,13800000001,坏\n";
    let roster = read_in_community(text).unwrap();
    let ignored: Vec<_> =
        roster.report.ignored_columns.iter().map(|it| (it.column.letter.as_str(), it.message.id.as_str())).collect();
    assert_eq!(
        ignored,
        [
            ("C", "import.column_citizen_id"),
            ("D", "import.column_politics"),
            ("E", "import.column_religion"),
            ("F", "import.column_unknown"),
            ("G", "import.column_repeated"),
        ]
    );
    assert_eq!(roster.report.ignored_columns.iter().filter(|it| it.is_refused()).count(), 3);
    assert!(roster.report.ignored_columns[0].render(Language::Chinese).starts_with("C 列（身份证号码）："));
    // The better name for a phone is used, and its bad value reported.
    assert_eq!(places(&roster.report), [(2, "H".to_owned(), "import.phone_shape")]);
}

#[test]
fn content_without_a_header_is_named_too() {
    let report = read_in_community("微网格,,室,,\n一,x,101,,\n一,,102,,\n一,,103,,,y\n").unwrap().report;
    let ignored: Vec<_> =
        report.ignored_columns.iter().map(|it| (it.column.letter.as_str(), it.message.id.as_str())).collect();
    assert_eq!(ignored, [("B", "import.column_unnamed")]);
    assert_eq!(places(&report), [(4, String::new(), "import.row_wide")]);
}

#[test]
fn a_wrong_header_says_which_columns_are_needed() {
    let error = read("楼栋,室,电话\n3,101,13800000001\n").unwrap_err();
    assert_eq!(error.id(), MessageId::HeadersMissing);
    let said = error.render(Language::Chinese);
    for name in ["社区", "微网格", "室", "房号"] {
        assert!(said.contains(name), "{said}");
    }
    let missing = error.message.value("missing").unwrap();
    assert!(missing.contains("微网格") && missing.contains("社区") && !missing.contains("房号"), "{missing}");
    // The header may not hide behind more than ten rows either.
    let late = format!("{}微网格,室\n一,101\n", "说明\n".repeat(10));
    assert_eq!(read_in_community(late).unwrap_err().id(), MessageId::HeadersMissing);
    let early = format!("{}微网格,室\n一,101\n", "说明\n".repeat(9));
    assert_eq!(read_in_community(early).unwrap().report.rows_good, 1);
}

#[test]
fn the_community_is_needed_once() {
    assert_eq!(read("微网格,室\n一,101\n").unwrap_err().id(), MessageId::HeadersMissing);
    assert_eq!(read_in_community("微网格,室\n一,101\n").unwrap().rows[0].community, None);
    let mixed = read_in_community("社区,微网格,室\n甲社区,一,101\n,一,101\n").unwrap();
    let communities: Vec<_> = mixed.rows.iter().map(|row| row.community.as_deref()).collect();
    assert_eq!(communities, [Some("甲社区"), None]);
}

#[test]
fn nothing_to_read() {
    for text in ["", "\n\n\r\n", "\u{FEFF}", " , ,\n"] {
        assert_eq!(read(text).unwrap_err().id(), MessageId::FileEmpty, "{text:?}");
    }
    let header_only = read_in_community("微网格,室\n,\n").unwrap();
    assert_eq!((header_only.report.rows_read, header_only.rows.len()), (0, 0));
}

#[test]
fn a_quote_that_is_never_closed_does_not_swallow_the_rest() {
    for end in ["\n", "\r\n", ""] {
        let text = format!("微网格,室,联系人\n一,101,测试甲\n一,102,\"测试乙\n一,103,测试丙{end}");
        let error = read_in_community(text).unwrap_err();
        assert_eq!((error.id(), error.message.value("row")), (MessageId::QuoteOpen, Some("3")));
    }
    // An inch mark in the last row opens nothing.
    assert_eq!(read_in_community("微网格,室,联系人\n一,101,测试\"甲\n").unwrap().report.rows_good, 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a spreadsheet quotes comes back, with any separator.
    #[test]
    fn quoted_cells_come_back(names in proptest::collection::vec("[a-z\u{4e00}-\u{4eff},;\t\"' ]{0,12}", 1..20), at in 0usize..3) {
        let separator = [b',', b';', b'\t'][at];
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        writer.write_record(["微网格", "室", "楼栋", "单元", "联系人"]).unwrap();
        for (room, name) in names.iter().enumerate() {
            writer.write_record(["一", &room.to_string(), "1", "1", name]).unwrap();
        }
        let roster = read_in_community(writer.into_inner().unwrap()).unwrap();
        prop_assert_eq!(roster.report.rows_read as usize, names.len());
        for (row, name) in (2..).zip(&names) {
            let tidy = name.trim();
            let found = roster.rows.iter().find(|home| home.row_number == row);
            if tidy.contains('\t') {
                prop_assert!(found.is_none());
            } else {
                let words = tidy.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
                prop_assert_eq!(found.unwrap().contact_name.clone().unwrap_or_default(), words);
            }
        }
    }
}
