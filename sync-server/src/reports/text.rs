//! Reports as tables: one form for the terminal, for CSV and for tests. Headings come in the reader's language; units keep their codes.

use super::coverage::Coverage;
use super::devices::Devices;
use super::due::{Due, TaskCounts};
use super::labels::{label, time};
use super::matters::{self, Matters};
use super::units::UnitName;
use super::visits::{self, OUTCOMES, Visits};
use zoufang_domain::message::Language;
use zoufang_domain::report::Rate;
use zoufang_domain::visit::Mode;

/// What a CSV file begins with, so that Excel and WPS read it as UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";
/// What a cell must not begin with: a spreadsheet would run it. In half and in full width, with the two blanks that hide one.
const FORMULA_MARKS: [char; 10] = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r'];

/// A table of texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Headings.
    pub columns: Vec<&'static str>,
    /// Rows, as long as the headings.
    pub rows: Vec<Vec<String>>,
    /// How many of the first columns are text; the rest are numbers and stand to the right.
    pub texts_count: usize,
}

impl Table {
    /// As CSV with a byte order mark and CRLF; a cell that a spreadsheet would run as a formula gets an apostrophe before it.
    pub fn to_csv(&self) -> String {
        csv_of(self.columns.iter().map(|it| (*it).to_owned()).collect(), self.rows.clone())
    }

    /// For a terminal; wide characters take two columns. No line is broken when `width` is `None`.
    pub fn to_terminal(&self, width: Option<u16>) -> String {
        use comfy_table::{CellAlignment, ContentArrangement, presets};
        let mut table = comfy_table::Table::new();
        table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(self.columns.clone());
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
        }
        self.rows.iter().for_each(|row| {
            table.add_row(row.iter().map(|cell| printable(cell)));
        });
        for column in table.column_iter_mut().skip(self.texts_count) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table.to_string()
    }
}

/// Rows as CSV under their headings, as [`Table::to_csv`] writes it. All rows are as long as the headings.
pub fn csv_of(columns: Vec<String>, rows: Vec<Vec<String>>) -> String {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in std::iter::once(columns).chain(rows) {
        let cells: Vec<String> = row.into_iter().map(unarmed).collect();
        writer.write_record(&cells).expect("writing to memory does not fail, and all rows are of one length");
    }
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    format!("{BYTE_ORDER_MARK}{}", String::from_utf8(bytes).expect("UTF-8 went in"))
}

fn unarmed(cell: String) -> String {
    if cell.starts_with(FORMULA_MARKS) { format!("'{cell}") } else { cell }
}

/// A name from a file may hold what steers a terminal.
fn printable(cell: &str) -> String {
    cell.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

/// Picks a heading.
pub(super) const fn either(language: Language, zh: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Zh => zh,
        Language::En => en,
    }
}

fn unit_cells(language: Language, unit: &UnitName) -> Vec<String> {
    let level = label(language, "level", unit.level.name());
    vec![level.to_owned(), unit.name.clone(), unit.code.clone().unwrap_or_default()]
}

/// The three cells of a row that stands for no unit below: what belongs to the unit itself, or the sum.
fn sum_cells(text: &str) -> Vec<String> {
    vec![String::new(), text.to_owned(), String::new()]
}

fn own_text(language: Language) -> &'static str {
    either(language, "本级直属", "directly here")
}
fn total_text(language: Language) -> &'static str {
    either(language, "合计", "total")
}
fn unit_columns(language: Language) -> Vec<&'static str> {
    vec![
        either(language, "级别", "level"),
        either(language, "单位", "unit"),
        either(language, "区划代码", "division code"),
    ]
}

/// Coverage: a row a unit, then the sum.
pub fn coverage(language: Language, report: &Coverage) -> Table {
    let mut columns = unit_columns(language);
    columns.extend([
        either(language, "已走访户", "homes visited"),
        either(language, "总户数", "homes"),
        either(language, "覆盖率", "coverage"),
    ]);
    let row = |cells: Vec<String>, rate: Rate| {
        let counts = [rate.numerator.to_string(), rate.denominator.to_string(), rate.to_string()];
        cells.into_iter().chain(counts).collect::<Vec<_>>()
    };
    let mut rows: Vec<_> =
        report.children.iter().map(|child| row(unit_cells(language, &child.unit), child.rate)).collect();
    if report.own != Rate::default() {
        rows.push(row(sum_cells(own_text(language)), report.own));
    }
    rows.push(row(sum_cells(total_text(language)), report.total));
    Table { columns, rows, texts_count: 3 }
}

/// Visits: a row a unit and mode, then the sum.
pub fn visits(language: Language, report: &Visits) -> Table {
    let mut columns = unit_columns(language);
    columns.push(either(language, "方式", "mode"));
    columns.extend(OUTCOMES.map(|outcome| label(language, "outcome", outcome)));
    let mut rows = Vec::new();
    let mut add = |cells: Vec<String>, counts: &visits::Counts| {
        for mode in Mode::ALL.map(Mode::name) {
            let numbers = OUTCOMES.map(|outcome| visits::count(counts, mode, outcome).to_string());
            rows.push(cells.iter().cloned().chain([label(language, "mode", mode).to_owned()]).chain(numbers).collect());
        }
    };
    report.children.iter().for_each(|child| add(unit_cells(language, &child.unit), &child.counts));
    if !report.own.is_empty() {
        add(sum_cells(own_text(language)), &report.own);
    }
    add(sum_cells(total_text(language)), &report.total);
    Table { columns, rows, texts_count: 4 }
}

/// Matters: a row a unit and state, then the sum.
pub fn matters(language: Language, report: &Matters) -> Table {
    let mut columns = unit_columns(language);
    columns.extend([
        either(language, "状态", "state"),
        either(language, "件数", "matters"),
        either(language, "其中超期", "of these overdue"),
    ]);
    let mut rows = Vec::new();
    let mut add = |cells: Vec<String>, counts: &matters::Counts| {
        let states = counts.in_order().into_iter().map(|(state, count)| (label(language, "state", state), count));
        let before = (counts.open_before.count > 0)
            .then(|| (either(language, "往期未办结", "still open from before"), counts.open_before));
        for (state, count) in states.chain(before) {
            let numbers = [state.to_owned(), count.count.to_string(), count.overdue.to_string()];
            rows.push(cells.iter().cloned().chain(numbers).collect());
        }
    };
    report.children.iter().for_each(|child| add(unit_cells(language, &child.unit), &child.counts));
    add(sum_cells(own_text(language)), &report.own);
    add(sum_cells(total_text(language)), &report.total);
    Table { columns, rows, texts_count: 4 }
}

/// What is due: a row a rule, then a row a unit below, over all rules.
pub fn due(language: Language, report: &Due) -> Table {
    let mut columns = vec![either(language, "规则", "rule"), either(language, "按时截至", "in time until")];
    columns.extend(unit_columns(language));
    columns.extend([
        either(language, "应走访户", "homes asked for"),
        either(language, "已走访", "visited"),
        either(language, "超期", "overdue"),
        either(language, "取消", "called off"),
    ]);
    let numbers = |counts: &TaskCounts| {
        [counts.homes, counts.visited, counts.overdue, counts.cancelled].map(|count| count.to_string())
    };
    let rules = report.rules.iter().map(|row| {
        let first = [row.name.clone(), row.due_to.to_string()];
        first.into_iter().chain(sum_cells(total_text(language))).chain(numbers(&row.counts)).collect()
    });
    let units = report.children.iter().map(|row| {
        let first = [either(language, "全部规则", "all rules").to_owned(), String::new()];
        first.into_iter().chain(unit_cells(language, &row.unit)).chain(numbers(&row.counts)).collect()
    });
    Table { columns, rows: rules.chain(units).collect(), texts_count: 5 }
}

/// Devices: a row a phone.
pub fn devices(language: Language, report: &Devices) -> Table {
    let columns = vec![
        either(language, "单位", "unit"),
        either(language, "持有人", "holder"),
        either(language, "手机系统", "platform"),
        either(language, "应用版本", "app version"),
        either(language, "状态", "status"),
        either(language, "最近同步", "last sync"),
        either(language, "最早未上传", "oldest unsent"),
        either(language, "未上传", "unsent"),
    ];
    let never = either(language, "从未", "never");
    let rows = report.devices.iter().map(|device| {
        vec![
            device.units.clone(),
            device.staff.clone(),
            device.platform.clone(),
            device.app_version.clone(),
            label(language, "device", &device.status).to_owned(),
            device.last_sync.map_or_else(|| never.to_owned(), time),
            device.oldest_unsent.map(time).unwrap_or_default(),
            device.unsent_count.to_string(),
        ]
    });
    Table { columns, rows: rows.collect(), texts_count: 7 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(cell: &str) -> Table {
        Table { columns: vec!["单位", "户"], rows: vec![vec![cell.to_owned(), "3".to_owned()]], texts_count: 1 }
    }

    #[test]
    fn csv_is_read_by_spreadsheets_and_runs_nothing() {
        assert_eq!(table("城区").to_csv(), "\u{feff}单位,户\r\n城区,3\r\n");
        for armed in ["=1+1", "+1", "-1", "@A1", "＝1", "\t=1", "\r=1"] {
            let csv = table(armed).to_csv();
            assert!(csv.contains(&format!("'{armed}")), "{csv:?}");
        }
        assert!(table("一,\"二\"").to_csv().contains("\"一,\"\"二\"\"\""));
    }

    #[test]
    fn a_terminal_table_lines_up_and_carries_no_control_characters() {
        let shown = table("城\u{1b}[31m区").to_terminal(Some(60));
        assert!(!shown.contains('\u{1b}') && shown.contains("城"), "{shown}");
    }
}
