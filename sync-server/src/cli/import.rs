//! `import divisions|roster|undo|list`.

use super::arguments::{Import as Verb, ImportFile, ImportRoster};
use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line};
use indicatif::{ProgressBar, ProgressStyle};
use zoufang_domain::calendar::Moment;
use zoufang_domain::message::Language;
use zoufang_domain::unit::Level;
use zoufang_sync_server::import::apply::{self, Applied, Import, RosterTarget, Source};
use zoufang_sync_server::import::messages::Language as In;
use zoufang_sync_server::import::report::ImportReport;
use zoufang_sync_server::import::roster::RosterOptions;
use zoufang_sync_server::import::table::TableOptions;
use zoufang_sync_server::import::{divisions, roster};
use zoufang_sync_server::reports::labels::time;
use zoufang_sync_server::reports::text::Table;

/// Lines of errors and notes that are printed; the rest is only counted.
const LINES_SHOWN_MAX_COUNT: usize = 50;

pub(super) fn run(console: &Console, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::Divisions(file) => import_divisions(console, &file),
        Verb::Roster(asked) => import_roster(console, &asked),
        Verb::Undo { batch } => undo(console, batch),
        Verb::List => list(console),
    }
}

fn import_divisions(console: &Console, asked: &ImportFile) -> Result<Exit, Failure> {
    let tree = divisions::read_file(&asked.file, &TableOptions { sheet: asked.sheet.clone() })?;
    tell(console, &tree.report);
    if tree.report.errors_count > 0 {
        return Err(Failure::new(
            Exit::Input,
            "区划文件有误，没有导入任何内容。请改正后重新导入",
            "the tree has errors, and nothing of it was imported: correct them and import again",
        ));
    }
    let source = Source::of_file(&asked.file)?;
    let store = console.open_or_begin()?;
    let bar = Bar::new(tree.rows.len());
    let import = Import { store: &store, now_ms: console.now_ms, progress: &mut |done, _| bar.at(done) };
    let applied = apply::apply_divisions(import, &source, &tree)?;
    bar.end();
    finish(console, &tree.report, &applied)
}

fn import_roster(console: &Console, asked: &ImportRoster) -> Result<Exit, Failure> {
    let store = console.open()?;
    let community = match &asked.community {
        None => None,
        Some(text) => {
            let unit = store.read(|c| console.unit(c, Some(text)))?;
            if unit.level != Level::Community {
                return Err(apply::ApplyError::NoCommunity.into());
            }
            Some(unit.id)
        }
    };
    let options = RosterOptions { sheet: asked.from.sheet.clone(), community_given: community.is_some() };
    let read = roster::read_file(&asked.from.file, &options)?;
    tell(console, &read.report);
    let source = Source::of_file(&asked.from.file)?;
    let since = asked.since.unwrap_or_else(|| Moment::from_ms(console.now_ms).day());
    let bar = Bar::new(read.rows.len());
    let import = Import { store: &store, now_ms: console.now_ms, progress: &mut |done, _| bar.at(done) };
    let applied = apply::apply_roster(import, &source, &read, RosterTarget { community, since })?;
    bar.end();
    for (row, problem) in applied.problems.iter().take(LINES_SHOWN_MAX_COUNT) {
        note_line(&problem.render(*row, console.language));
    }
    finish(console, &read.report, &applied)
}

/// Says what is wrong with a file, and what was left out.
fn tell(console: &Console, report: &ImportReport) {
    let language = if console.language == Language::Zh { In::Chinese } else { In::English };
    report.ignored_columns.iter().for_each(|column| note_line(&column.render(language)));
    report.errors.iter().take(LINES_SHOWN_MAX_COUNT).for_each(|error| note_line(&error.render(language)));
    report.notes.iter().take(LINES_SHOWN_MAX_COUNT).for_each(|note| note_line(&note.render(language)));
    let more = (report.errors_count as usize).saturating_sub(LINES_SHOWN_MAX_COUNT);
    if more > 0 {
        note_line(&format!("{} {more}", console.say("另有错误", "further errors:")));
    }
}

/// Says what was done; exit code 3 when some rows were not.
fn finish(console: &Console, report: &ImportReport, applied: &Applied) -> Result<Exit, Failure> {
    let not_placed = u64::from(report.rows_bad()) + applied.problems_count;
    let text = match console.language {
        Language::Zh => format!(
            "读取 {} 行；新建单位 {}，新建记录 {}，更新 {}，未变 {}，保留工作人员所改 {}，未导入 {not_placed} 行",
            report.rows_read,
            applied.units_created_count,
            applied.records_created_count,
            applied.records_edited_count,
            applied.records_same_count,
            applied.fields_left_count,
        ),
        Language::En => format!(
            "{} rows read; {} units and {} records created, {} updated, {} unchanged, {} values left as workers wrote them, {not_placed} rows not imported",
            report.rows_read,
            applied.units_created_count,
            applied.records_created_count,
            applied.records_edited_count,
            applied.records_same_count,
            applied.fields_left_count,
        ),
    };
    print_line(&text)?;
    match applied.batch {
        Some(batch) => print_line(&format!(
            "{} {batch}",
            console.say("批次号（可用 import undo 撤销）", "import number (import undo takes it back):")
        ))?,
        None => print_line(console.say("没有任何变化", "nothing changed"))?,
    }
    Ok(if not_placed > 0 { Exit::Input } else { Exit::Done })
}

fn undo(console: &Console, batch: i64) -> Result<Exit, Failure> {
    let store = console.open()?;
    let bar = Bar::new(0);
    let mut progress = |done, all| bar.of(done, all);
    let undone = apply::undo(Import { store: &store, now_ms: console.now_ms, progress: &mut progress }, batch)?;
    bar.end();
    print_line(&match console.language {
        Language::Zh => {
            format!("已撤销 {} 条；{} 条已有人使用，保留不动", undone.removed_count, undone.kept_count)
        }
        Language::En => {
            format!("{} records taken back; {} are in use and stay", undone.removed_count, undone.kept_count)
        }
    })?;
    Ok(Exit::Done)
}

fn list(console: &Console) -> Result<Exit, Failure> {
    let batches = console.open()?.read(|c| apply::list(c).map_err(Failure::from))?;
    let columns = vec![
        console.say("批次", "import"),
        console.say("类型", "what"),
        console.say("文件", "file"),
        console.say("时间", "when"),
        console.say("撤销时间", "undone"),
        console.say("行数", "rows"),
        console.say("有效行", "good rows"),
        console.say("新建", "created"),
    ];
    let what = |what: &str| match what {
        "divisions" => console.say("区划", "divisions").to_owned(),
        "roster" => console.say("花名册", "roster").to_owned(),
        other => other.to_owned(),
    };
    let row = |batch: &apply::BatchView| {
        vec![
            batch.id.to_string(),
            what(&batch.what),
            batch.file_name.clone(),
            time(batch.at),
            batch.undone.map(time).unwrap_or_default(),
            batch.rows_read.to_string(),
            batch.rows_good.to_string(),
            batch.records_created.to_string(),
        ]
    };
    print_line(&Table { columns, rows: batches.iter().map(row).collect(), texts_count: 5 }.to_terminal(None))?;
    Ok(Exit::Done)
}

/// A progress bar on stderr; nothing when stderr is no terminal.
struct Bar(ProgressBar);

impl Bar {
    fn new(rows_count: usize) -> Self {
        let bar = ProgressBar::new(rows_count as u64);
        let style = ProgressStyle::with_template("{wide_bar:.cyan/dim} {pos}/{len} {eta}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Bar(bar)
    }
    fn at(&self, done: u64) {
        self.0.set_position(done);
    }
    fn of(&self, done: u64, all: u64) {
        self.0.set_length(all);
        self.0.set_position(done);
    }
    fn end(&self) {
        self.0.finish_and_clear();
    }
}
