//! Division trees: the real one of a city, broken ones, and ones made up by proptest.

use std::collections::HashMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use encoding_rs::GB18030;
use proptest::prelude::*;
use zoufang_sync_server::import::divisions::{self, DivisionRow, Divisions};
use zoufang_sync_server::import::messages::{Language, MessageId};
use zoufang_sync_server::import::report::TextEncoding;
use zoufang_sync_server::import::table::TableOptions;

use super::{places, workbook, write_rows};

const SMALL: &str = "\
level,code,name,parent_code
2,9901,样例市,99
3,990101,样例区,9901
4,990101001,样例街道,990101
5,990101001001,样例社区,990101001
5,990101001002,样例村,990101001
";

fn read(bytes: impl Into<Vec<u8>>) -> Divisions {
    divisions::read(Cursor::new(bytes.into()), &TableOptions::default()).unwrap()
}

fn yangquan() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/data/yangquan-divisions.csv")
}

fn counts(rows: &[DivisionRow]) -> [usize; 4] {
    [2, 3, 4, 5].map(|level| rows.iter().filter(|row| row.level == level).count())
}

#[test]
fn the_tree_of_yangquan() {
    let text = std::fs::read_to_string(yangquan()).unwrap();
    let tree = divisions::read_file(&yangquan(), &TableOptions::default()).unwrap();
    let lines = [2, 3, 4, 5].map(|level| text.lines().filter(|line| line.starts_with(&format!("{level},"))).count());
    assert_eq!(counts(&tree.rows), lines);
    assert_eq!(lines, [1, 5, 43, 777], "the file has changed");
    assert_eq!((tree.report.rows_read, tree.report.rows_good), (826, 826));
    assert_eq!((tree.report.errors_count, tree.report.notes_count), (0, 0));
    let root = &tree.rows[0];
    assert_eq!((root.level, &*root.code, &*root.name, &*root.parent_code), (2, "1403", "阳泉市", "14"));
    // Each row is where the file has it.
    for row in &tree.rows {
        let line = text.lines().nth(row.row_number as usize - 1).unwrap();
        assert_eq!(line, format!("{},{},{},{}", row.level, row.code, row.name, row.parent_code));
    }
    for name in ["段南沟", "水滩", "南台", "阳坡垴", "市政府大院"] {
        assert_eq!(tree.rows.iter().filter(|row| row.level == 5 && row.name.starts_with(name)).count(), 1, "{name}");
    }
}

#[test]
fn the_same_tree_as_gb18030_and_as_xlsx() {
    let text = std::fs::read_to_string(yangquan()).unwrap();
    let expected = read(text.clone()).rows;
    let gbk = read(GB18030.encode(&text).0.into_owned());
    assert_eq!((gbk.rows, gbk.report.encoding), (expected.clone(), Some(TextEncoding::Gb18030)));
    // Codes typed as numbers, as a spreadsheet does when it opens the CSV file.
    let bytes = workbook(|sheet| {
        for (row, line) in (0..).zip(text.lines()) {
            for (column, cell) in (0..).zip(line.split(',')) {
                match cell.parse::<f64>() {
                    Ok(number) => sheet.write_number(row, column, number).unwrap(),
                    Err(_) => sheet.write_string(row, column, cell).unwrap(),
                };
            }
        }
    });
    assert_eq!(read(bytes).rows, expected);
}

#[test]
fn another_city_with_chinese_headers_in_another_order() {
    let text = "名称,上级代码,级别,代码,备注\n样例社区,990101001,5,990101001001,\n样例街道,990101,4,990101001,\n\
        样例区,9901,3,990101,\n样例市,,2,9901,\n";
    let tree = read(text);
    assert_eq!(tree.report.errors, []);
    let order: Vec<_> = tree.rows.iter().map(|row| (row.level, row.row_number)).collect();
    assert_eq!(order, [(2, 5), (3, 4), (4, 3), (5, 2)], "parents before children");
    assert_eq!(tree.rows[0].parent_code, "");
    assert_eq!(tree.report.ignored_columns[0].column.letter, "E");
}

#[test]
fn headers_that_are_missing() {
    let error = divisions::read(Cursor::new("级别,代码,名称\n2,9901,样例市\n"), &TableOptions::default()).unwrap_err();
    assert_eq!(error.id(), MessageId::HeadersMissing);
    assert!(error.message.value("missing").unwrap().contains("上级代码"));
    assert!(error.message.value("needed").unwrap().contains("level / 级别"));
}

#[test]
fn broken_trees_by_row_and_column() {
    let root = "2,9901,样例市,99\n";
    for (rows, row, letter, id) in [
        ("3,990101,样例区,9902\n", 3, "D", "import.parent_missing"),
        ("3,990101,样例区,\n", 3, "D", "import.value_missing"),
        ("4,990101001,样例街道,9901\n", 3, "D", "import.parent_level"),
        ("3,990101,样例区,990101\n", 3, "D", "import.parent_level"),
        ("3,9901010,样例区,9901\n", 3, "B", "import.code_length"),
        ("3,99010X,样例区,9901\n", 3, "B", "import.code_digits"),
        ("3,990101,样例区,99-1\n", 3, "D", "import.code_digits"),
        ("3,,样例区,9901\n", 3, "B", "import.value_missing"),
        ("3,990101,,9901\n", 3, "C", "import.value_missing"),
        ("3,990101,=样例区,9901\n", 3, "C", "import.cell_formula"),
        ("3,990101,\"样例\n区\",9901\n", 3, "C", "import.cell_control"),
        ("1,99,样例省,\n", 3, "A", "import.level_shape"),
        ("6,990101,样例,9901\n", 3, "A", "import.level_shape"),
        ("区,990101,样例,9901\n", 3, "A", "import.level_shape"),
        (",990101,样例,9901\n", 3, "A", "import.value_missing"),
        ("2,9902,样例二市,99\n", 3, "A", "import.root_repeated"),
        ("3,990101,样例区,9901\n3,990101,样例县,9901\n", 4, "B", "import.code_conflict"),
        ("3,990101,样例区,9901,\n3,990102,样例,县,9901\n", 4, "", "import.row_wide"),
    ] {
        let tree = read(format!("level,code,name,parent_code\n{root}{rows}"));
        assert_eq!(places(&tree.report), [(row, letter.to_owned(), id)], "{rows}");
        assert_eq!(tree.rows, [], "whole or not at all");
    }
    let headless = read("level,code,name,parent_code\n3,990101,样例区,9901\n");
    let at = |row: u32, letter: &str, id: &'static str| (row, letter.to_owned(), id);
    assert_eq!(places(&headless.report), [at(1, "A", "import.root_missing"), at(2, "D", "import.parent_missing")]);
    assert_eq!(headless.report.rows_good, 0);
}

#[test]
fn one_wrong_row_is_reported_once_and_not_again_by_its_children() {
    let broken = SMALL.replace("3,990101,样例区", "3,990101,");
    assert_eq!(places(&read(broken).report), [(3, "C".to_owned(), "import.value_missing")]);
    let broken = SMALL.replace("2,9901,样例市", "2,9901,");
    assert_eq!(places(&read(broken).report), [(2, "C".to_owned(), "import.value_missing")]);
}

#[test]
fn the_first_errors_are_kept_and_all_are_counted() {
    // Every second row has no name, every other one no parent: two passes find them.
    let mut text = "level,code,name,parent_code\n2,9901,样例市,\n".to_owned();
    for at in 0..3_000 {
        let name = if at % 2 == 0 { "" } else { "样例街道" };
        text.push_str(&format!("4,99{at:07},{name},990199\n"));
    }
    let report = read(text).report;
    assert_eq!((report.errors_count, report.rows_read, report.rows_good), (3_000, 3_001, 1));
    let rows: Vec<u32> = report.errors.iter().map(|error| error.row).collect();
    assert_eq!(rows, (3..1_003).collect::<Vec<u32>>());
}

#[test]
fn a_row_said_twice_is_a_note() {
    let tree = read(format!("{SMALL}3,990101,样例区,9901\n"));
    assert_eq!((tree.rows.len(), tree.report.errors_count, tree.report.notes_count), (5, 0, 1));
    assert_eq!(tree.report.notes[0].render(Language::Chinese), "第 7 行：与第 3 行完全相同，已忽略");
}

#[test]
fn a_loop_cannot_pass() {
    // Two districts that are each other's parent, and a street below itself.
    let text = "level,code,name,parent_code\n2,9901,样例市,\n3,990101,甲区,990102\n3,990102,乙区,990101\n4,990101001,丙街道,990101001\n";
    let tree = read(text);
    let ids: Vec<_> = tree.report.errors.iter().map(|error| (error.row, error.message.id)).collect();
    assert_eq!(ids, [(3, MessageId::ParentLevel), (4, MessageId::ParentLevel), (5, MessageId::ParentLevel)]);
    // The root below its own district: found by the property below.
    let tree = read(SMALL.replace("样例市,99", "样例市,990101"));
    assert_eq!(places(&tree.report), [(2, "D".to_owned(), "import.parent_level")]);
}

/// A tree of some districts, streets and communities.
fn tree() -> impl Strategy<Value = Vec<[String; 4]>> {
    proptest::collection::vec(proptest::collection::vec(0usize..4, 0..4), 0..4).prop_map(|districts| {
        let mut rows = vec![["2".to_owned(), "9901".to_owned(), "样例市".to_owned(), "99".to_owned()]];
        let mut add = |level: u8, parent: &str, at: usize, width: usize| -> String {
            let code = format!("{parent}{:0width$}", at + 1);
            rows.push([level.to_string(), code.clone(), format!("样例{code}"), parent.to_owned()]);
            code
        };
        for (d, streets) in districts.iter().enumerate() {
            let district = add(3, "9901", d, 2);
            for (s, communities) in streets.iter().enumerate() {
                let street = add(4, &district, s, 3);
                (0..*communities).for_each(|c| drop(add(5, &street, c, 3)));
            }
        }
        rows
    })
}

fn as_csv(rows: &[[String; 4]]) -> String {
    let lines = rows.iter().map(|row| format!("{}\n", row.join(",")));
    std::iter::once("level,code,name,parent_code\n".to_owned()).chain(lines).collect()
}

proptest! {
    #[test]
    fn a_tree_in_any_order_passes(rows in tree().prop_shuffle()) {
        let read = read(as_csv(&rows));
        prop_assert_eq!(&read.report.errors, &vec![]);
        prop_assert_eq!(read.rows.len(), rows.len());
    }

    /// Whatever is done to a tree: it is refused with an error, or it still is a tree.
    #[test]
    fn what_passes_is_a_tree(
        mut rows in tree(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), 0usize..4, any::<prop::sample::Index>(), 0u8..4), 1..4),
    ) {
        for (row, column, other, change) in changes {
            let (row, other) = (row.index(rows.len()), other.index(rows.len()));
            match change {
                0 => rows[row][column] = rows[other][column].clone(),
                1 => rows[row][column].clear(),
                2 => rows[row][column].push('1'),
                _ if rows.len() > 1 => drop(rows.remove(row)),
                _ => {}
            }
        }
        let read = read(as_csv(&rows));
        prop_assert_eq!(read.rows.is_empty(), read.report.errors_count > 0);
        let by_code: HashMap<&str, &DivisionRow> = read.rows.iter().map(|row| (row.code.as_str(), row)).collect();
        prop_assert_eq!(by_code.len(), read.rows.len());
        for row in &read.rows {
            prop_assert_eq!(divisions::code_digits(row.level), Some(row.code.len()));
            let parent = by_code.get(row.parent_code.as_str());
            prop_assert_eq!(parent.map(|parent| parent.level + 1), Some(row.level).filter(|level| *level > 2));
        }
        prop_assert!(counts(&read.rows)[0] <= 1);
        let said_twice = read.report.notes_count as usize;
        prop_assert!(read.report.errors_count > 0 || read.rows.len() + said_twice == rows.len());
    }
}

#[test]
fn a_workbook_of_divisions() {
    let rows: Vec<Vec<&str>> = SMALL.lines().map(|line| line.split(',').collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let tree = read(workbook(|sheet| write_rows(sheet, &rows)));
    assert_eq!(counts(&tree.rows), [1, 1, 1, 2]);
}
