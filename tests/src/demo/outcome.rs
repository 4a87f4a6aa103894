//! What the demo found in the databases: one line of JSON, or tables.

use crate::demo::Place;
use comfy_table::{CellAlignment, Table, presets};
use serde::Serialize;
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::message::Language;
use zoufang_domain::report::Rate;
use zoufang_sync_server::reports::{Asked, ReportError, coverage, labels, matters};
use zoufang_sync_server::store::Store;
use zoufang_sync_server::store::scope::{Console, Scope};

/// The figures of a demo, each counted from the phones' databases, the server's, or the sockets.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// Phones that were enrolled.
    pub phones: u64,
    /// Visits in the phones' own databases before they synced, each once.
    pub visits_saved: u64,
    /// Of these, on the server at the end.
    pub visits_on_server: u64,
    /// Of these, neither a visit on the server nor in its quarantine.
    pub lost: u64,
    /// Visits that the server has more than once.
    pub duplicated: u64,
    /// Whether every phone and the server hold the same in every area of the phone.
    pub digests_equal: bool,
    /// Conflicts that the server opened.
    pub conflicts_opened: u64,
    /// Operations in the server's quarantine.
    pub quarantined: u64,
    /// Appointments that took place.
    pub appointments_kept: u64,
    /// Appointments that one side missed.
    pub appointments_missed: u64,
    /// Matters that are closed: settled, answered, and the resident asked.
    pub matters_closed: u64,
    /// Matters that were sent back for more and reported again.
    pub matters_returned: u64,
    /// Phones that said that they erased what they handed over.
    pub handovers_receipted: u64,
    /// Homes that the phones' due lists showed in the morning, each phone's counted.
    pub due_in_the_morning: u64,
    /// Of these, overdue: on the must-visit list, whose day had passed.
    pub overdue_in_the_morning: u64,
    /// Homes that they still showed when the day's work was done, before any sync.
    pub due_in_the_evening: u64,
    /// Homes that the visit day is for, as the phones say after the sync.
    pub visit_day_homes: u64,
    /// Of these, visited.
    pub visit_day_visited: u64,
    /// Visits with a filled-in form in the phones' own databases before they synced.
    pub forms_filled: u64,
    /// Rows of the answers that the server exports.
    pub answers_reported: u64,
    /// Care needs that phones show as holding today.
    pub care_needs_held: u64,
    /// The same on the next day: those that somebody renewed.
    pub care_needs_held_next_day: u64,
    /// TCP payload from phones to the server, in bytes.
    pub bytes_up: u64,
    /// TCP payload from the server to phones, in bytes.
    pub bytes_down: u64,
    /// From the empty folder to the last check.
    pub seconds: f64,
}

impl Figures {
    /// Whether every promise was kept.
    pub fn is_good(&self) -> bool {
        let is_whole = self.lost == 0 && self.duplicated == 0 && self.digests_equal;
        let has_all = self.visits_on_server == self.visits_saved && self.answers_reported == self.forms_filled;
        is_whole && has_all && self.care_needs_held_next_day < self.care_needs_held
    }
    /// One line.
    ///
    /// # Panics
    /// Never: numbers always serialise.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("numbers serialise")
    }
}

/// The tables that people read at the end, made by the same reports as the supervisor's page.
///
/// # Errors
/// What the reports say.
pub fn tables(
    store: &Store,
    places: &[Place],
    period: Period,
    now: Moment,
    figures: &Figures,
) -> Result<String, ReportError> {
    let mut homes =
        table(&["社区 community", "微网格 micro-grids", "户 homes", "已走访 visited", "覆盖率 coverage"], 1);
    let mut states = table(&["诉求状态 matters by state", "件 count", "超期 overdue"], 1);
    let mut sum = Rate::default();
    store.read(|c| {
        let scope = Scope::of_console(c, Console::at_the_command_line())?;
        for place in places {
            let asked = Asked { unit: place.community, period, now };
            let found = coverage::coverage(c, &scope, &asked)?;
            let Rate { numerator, denominator } = found.total;
            let grids = found.children.len().to_string();
            homes.add_row([
                place.name.clone(),
                grids,
                denominator.to_string(),
                numerator.to_string(),
                found.total.to_string(),
            ]);
            sum = sum + found.total;
        }
        if let Some(city) = scope.roots().first() {
            let found = matters::matters(c, &scope, &Asked { unit: *city, period, now })?;
            for (state, count) in found.total.states {
                let name = format!("{} {state}", labels::label(Language::Zh, "state", &state));
                states.add_row([name, count.count.to_string(), count.overdue.to_string()]);
            }
        }
        Ok::<_, ReportError>(())
    })?;
    homes.add_row([
        "合计 total".into(),
        String::new(),
        sum.denominator.to_string(),
        sum.numerator.to_string(),
        sum.to_string(),
    ]);
    Ok(format!("{homes}\n\n{states}\n\n{}", figures_table(figures)))
}

fn figures_table(figures: &Figures) -> Table {
    let mut rows = table(&["数据库里的结果 counted from the databases", ""], 1);
    let kib = |bytes: u64| format!("{:.0} KiB", bytes as f64 / 1024.0);
    let word = |good: bool| if good { "是 yes" } else { "否 NO" }.to_owned();
    rows.add_row(["手机 phones".to_owned(), figures.phones.to_string()]);
    rows.add_row(["手机上已保存的走访 visits saved on phones".to_owned(), figures.visits_saved.to_string()]);
    rows.add_row(["服务器上的走访 of these on the server".to_owned(), figures.visits_on_server.to_string()]);
    rows.add_row(["丢失 lost".to_owned(), figures.lost.to_string()]);
    rows.add_row(["重复 duplicated".to_owned(), figures.duplicated.to_string()]);
    rows.add_row(["手机与服务器逐区一致 digests equal".to_owned(), word(figures.digests_equal)]);
    rows.add_row(["冲突 conflicts opened".to_owned(), figures.conflicts_opened.to_string()]);
    rows.add_row(["待处理 quarantined".to_owned(), figures.quarantined.to_string()]);
    rows.add_row(["预约已赴约 appointments kept".to_owned(), figures.appointments_kept.to_string()]);
    rows.add_row(["预约爽约 appointments missed".to_owned(), figures.appointments_missed.to_string()]);
    rows.add_row(["诉求已结案 matters closed".to_owned(), figures.matters_closed.to_string()]);
    rows.add_row(["诉求退回补充 matters sent back".to_owned(), figures.matters_returned.to_string()]);
    rows.add_row([
        "交接后手机已清除 phones erased after a handover".to_owned(),
        figures.handovers_receipted.to_string(),
    ]);
    rows.add_row(["早上待访户 homes due in the morning".to_owned(), figures.due_in_the_morning.to_string()]);
    rows.add_row(["其中逾期 of these overdue".to_owned(), figures.overdue_in_the_morning.to_string()]);
    rows.add_row(["收工时待访户 homes due after work".to_owned(), figures.due_in_the_evening.to_string()]);
    let visit_day = format!("{} / {}", figures.visit_day_visited, figures.visit_day_homes);
    rows.add_row(["走访日进度 progress of the visit day".to_owned(), visit_day]);
    rows.add_row(["离线填写的表单 forms filled in offline".to_owned(), figures.forms_filled.to_string()]);
    rows.add_row(["导出的答案 answers exported".to_owned(), figures.answers_reported.to_string()]);
    let needs = format!("{} → {}", figures.care_needs_held, figures.care_needs_held_next_day);
    rows.add_row(["有效的关爱需求，今天 → 明天 care needs that hold, today → tomorrow".to_owned(), needs]);
    rows.add_row(["上行 bytes up".to_owned(), kib(figures.bytes_up)]);
    rows.add_row(["下行 bytes down".to_owned(), kib(figures.bytes_down)]);
    rows.add_row(["用时 seconds".to_owned(), format!("{:.1}", figures.seconds)]);
    rows
}

/// An empty table whose first columns are text and whose others are numbers.
fn table(header: &[&str], texts_count: usize) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_header(header.iter().copied());
    for column in table.column_iter_mut().skip(texts_count) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}
