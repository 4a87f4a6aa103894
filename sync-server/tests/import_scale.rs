//! A district's roster: 100,000 homes as CSV and as XLSX, and what the process needs in memory for it.
//!
//! Writing the files takes more memory than reading them, so the test writes them and starts itself again for each: the peak
//! of memory is the process's.
#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use rust_xlsxwriter::{Format, Workbook};
use zoufang_sync_server::import::limits::ERRORS_KEPT_MAX_COUNT;
use zoufang_sync_server::import::roster::{self, Roster, RosterOptions};

const HOMES_COUNT: u32 = 100_000;
const MEMORY_MAX_BYTES: u64 = 150 * 1024 * 1024;
const HEADER: [&str; 9] = ["社区", "微网格", "楼栋", "单元", "室", "联系人", "电话", "人数", "居住类型"];
/// The file that a process started by the test is to read.
const FILE_VARIABLE: &str = "ZOUFANG_TEST_ROSTER";
/// Each tenth home has a phone that is none.
const BAD_EVERY: u32 = 10;

/// The cells of a home: 12 rooms a unit, 4 units a building, 1 building a micro-grid.
fn home(number: u32) -> [String; 9] {
    let phone = if number.is_multiple_of(BAD_EVERY) { "无".to_owned() } else { format!("138{number:08}") };
    [
        format!("140303{:06}", number / 2_400),
        format!("第{}微网格", number / 48),
        format!("{}号楼", number / 48),
        format!("{}", number / 12 % 4 + 1),
        format!("{}0{}", number / 2 % 6 + 1, number % 2 + 1),
        format!("测试{number}"),
        phone,
        format!("{}", number % 6),
        ["自住", "出租", "空置"][number as usize % 3].to_owned(),
    ]
}

fn write_csv(path: &Path) {
    let mut text = HEADER.join(",") + "\n";
    (0..HOMES_COUNT).for_each(|number| writeln!(text, "{}", home(number).join(",")).unwrap());
    std::fs::write(path, text).unwrap();
}

/// As a community's clerk leaves it: micro-grid, building and unit merged over their rows.
fn write_xlsx(path: &Path) {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    let plain = Format::new();
    (0..).zip(HEADER).for_each(|(column, name)| {
        sheet.write_string(0, column, name).unwrap();
    });
    for number in 0..HOMES_COUNT {
        for (column, cell) in (0u16..).zip(home(number)) {
            let rows_merged = [1, 48, 48, 12, 1, 1, 1, 1, 1][column as usize];
            let row = number + 1;
            if rows_merged == 1 {
                sheet.write_string(row, column, cell).unwrap();
            } else if number.is_multiple_of(rows_merged) {
                let last = (row + rows_merged - 1).min(HOMES_COUNT);
                sheet.merge_range(row, column, last, column, &cell, &plain).unwrap();
            }
        }
    }
    workbook.save(path).unwrap();
}

/// What was resident at most, where the system tells.
fn memory_peak_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kib| kib * 1024)
}

fn read(path: &Path) {
    let roster = roster::read_file(path, &RosterOptions::default()).unwrap();
    if let Some(peak) = memory_peak_bytes() {
        eprintln!("{}: peak of memory {} MiB", path.display(), peak >> 20);
        assert!(peak < MEMORY_MAX_BYTES, "{} MiB", peak >> 20);
    }
    check(&roster);
}

fn check(roster: &Roster) {
    let bad = HOMES_COUNT / BAD_EVERY;
    let report = &roster.report;
    assert_eq!((report.rows_read, report.rows_good, report.errors_count), (HOMES_COUNT, HOMES_COUNT - bad, bad));
    assert_eq!(report.errors.len(), ERRORS_KEPT_MAX_COUNT);
    assert_eq!(roster.rows.len() as u32, HOMES_COUNT - bad);
    for row in &roster.rows {
        let [community, micro_grid, building, unit, room, name, phone, people, _] = home(row.row_number - 2);
        let parts = [&row.micro_grid, &row.building, &row.unit, &row.room];
        assert_eq!(parts, [&micro_grid, &building, &unit, &room], "row {}", row.row_number);
        assert_eq!((row.community.as_ref(), row.contact_name.as_ref()), (Some(&community), Some(&name)));
        assert_eq!((row.phone.as_ref(), row.people_count), (Some(&phone), people.parse().ok()));
    }
}

#[test]
fn a_hundred_thousand_homes() {
    if let Some(path) = std::env::var_os(FILE_VARIABLE) {
        return read(Path::new(&path));
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, write) in [("roster.csv", write_csv as fn(&Path)), ("roster.xlsx", write_xlsx)] {
        let path = folder.path().join(name);
        write(&path);
        let this = std::env::current_exe().unwrap();
        let arguments = ["--exact", "a_hundred_thousand_homes", "--nocapture"];
        let outcome = Command::new(this).args(arguments).env(FILE_VARIABLE, &path).output().unwrap();
        let said = [outcome.stdout, outcome.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        eprintln!("{said}");
        assert!(outcome.status.success() && said.contains("1 passed"), "{said}");
    }
}
