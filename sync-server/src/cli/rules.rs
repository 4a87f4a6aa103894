//! `rule add|end|list|must-visit|terms|calendar`: what a unit sets for everyone below.

use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line, terms};
use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use zoufang_domain::cadence::{CadenceRule, Condition, MustVisitList, OnDayOff, Rhythm, Span};
use zoufang_domain::calendar::Moment;
use zoufang_domain::home::Use;
use zoufang_domain::ids::UnitId;
use zoufang_domain::message::Language;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::schema::Kind;
use zoufang_sync_server::import::calendar;
use zoufang_sync_server::import::messages::Language as In;
use zoufang_sync_server::import::table::TableOptions;
use zoufang_sync_server::ledger::{CONSOLE, LedgerError};
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::rules;
use zoufang_sync_server::units;

#[derive(Debug, Subcommand)]
pub(crate) enum Rule {
    /// 新增走访规则，手机下次同步后生效。Add a rule; phones have it after their next sync
    #[command(after_help = "\
例 Example:
  zoufang-server rule add 民意五来听 --unit 1403 --days 5,15,25 --data-dir /var/lib/zoufang
  zoufang-server rule add 每月必访 --unit 140303 --every month --list 六必访 --window-days 10 --data-dir /var/lib/zoufang
  zoufang-server rule add 新入住48小时 --unit 1403 --within-hours 48 --data-dir /var/lib/zoufang
  zoufang-server rule add 诉求24小时上门 --unit 1403 --within-hours-of-matter 24 --data-dir /var/lib/zoufang")]
    Add(RuleAdd),
    /// 结束一条规则。End a rule
    #[command(after_help = "\
例 Example:
  zoufang-server rule end 0198c0de-0000-7000-8000-000000000003 --to 2026-12-31 --data-dir /var/lib/zoufang")]
    End {
        /// 规则编号，见 rule list。The rule's id, as `rule list` shows it
        rule: uuid::Uuid,
        /// 最后一天，默认今天。Its last day; without it today
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: Option<NaiveDate>,
    },
    /// 规则和清单。Rules and lists
    #[command(after_help = "\
例 Example:
  zoufang-server rule list --data-dir /var/lib/zoufang")]
    List,
    /// 新增或修改必访清单。Add a must-visit list, or change what it says
    #[command(after_help = "\
例 Example:
  zoufang-server rule must-visit 六必访 --unit 1403 --reason 重点关心的住户 --data-dir /var/lib/zoufang
  zoufang-server rule must-visit 出租户 --unit 1403 --reason 消防检查 --use rented --data-dir /var/lib/zoufang")]
    MustVisit(MustVisit),
    /// 新增诉求办理时限（工作日），手机下次同步后生效。Add terms of matters, in working days
    #[command(after_help = "\
例 Example:
  zoufang-server rule terms 投诉时限 --unit 1403 --kind complaint --accept 1 --handle 5 --answer 7 --data-dir /var/lib/zoufang
  zoufang-server rule terms 即办时限 --unit 140303 --track simple --accept 1 --handle 1 --answer 2 --data-dir /var/lib/zoufang")]
    Terms(super::terms::Terms),
    /// 导入工作日历（CSV 或 XLSX，列：日期、安排〔休/班〕）。Import a working-day calendar (date, kind: off or work)
    #[command(after_help = "\
例 Example:
  zoufang-server rule calendar 2026.csv --unit 1403 --data-dir /var/lib/zoufang")]
    Calendar {
        /// CSV（UTF-8 或 GB18030）或 XLSX 文件。A CSV (UTF-8 or GB18030) or XLSX file
        file: PathBuf,
        /// 单位：代码、名称或编号，默认最上级。Unit: code, name or id; without it the top of the tree
        #[arg(long, value_name = "UNIT")]
        unit: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RuleAdd {
    /// 名称。What people call it
    name: String,
    /// 单位：代码、名称或编号，规则管其下所有住户。Unit: code, name or id; the rule is for all homes below
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    #[command(flatten)]
    rhythm: RhythmArguments,
    /// 必访清单的名称，不给则为所有住户。Name of the must-visit list that it is for; without it every home
    #[arg(long, value_name = "LIST")]
    list: Option<String>,
    /// 几天内走访算按时。Days in which a visit is in time
    #[arg(long, value_name = "DAYS")]
    window_days: Option<u16>,
    /// 遇休息日。What becomes of a visit day that is off
    #[arg(long, value_enum, default_value = "next", value_name = "WHAT")]
    on_day_off: DayOff,
    /// 从哪天起，默认今天。First day; without it today
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct RhythmArguments {
    /// 每月的哪几天。Days of each month
    #[arg(long, value_delimiter = ',', value_name = "5,15,25")]
    days: Vec<u8>,
    /// 每周、月、季度、半年一次。Once in each
    #[arg(long, value_enum, value_name = "SPAN")]
    every: Option<Every>,
    /// 住户迁入后多少小时内。Within so many hours after a household moves in
    #[arg(long, value_name = "HOURS")]
    within_hours: Option<u16>,
    /// 住户上报诉求后多少小时内。Within so many hours after a matter of the home was reported
    #[arg(long, value_name = "HOURS")]
    within_hours_of_matter: Option<u16>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Every {
    /// 周
    Week,
    /// 月
    Month,
    /// 季度
    Quarter,
    /// 半年
    HalfYear,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DayOff {
    /// 顺延到下一个工作日
    Next,
    /// 提前到上一个工作日
    Previous,
    /// 不变
    Keep,
}

#[derive(Debug, Args)]
pub(crate) struct MustVisit {
    /// 名称。What people call it
    name: String,
    /// 单位：代码、名称或编号。Unit: code, name or id
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// 为什么必访。Why its homes must be visited
    #[arg(long)]
    reason: String,
    /// 房屋用途符合的住户自动列入。Homes whose dwelling is used so are on it
    #[arg(long, value_enum, conflicts_with = "residency", value_name = "USE")]
    r#use: Option<UsedAs>,
    /// 有人以此居住的住户自动列入。Homes where somebody lives so are on it
    #[arg(long, value_enum, value_name = "RESIDENCY")]
    residency: Option<Lives>,
    /// 有此类关爱需求的住户自动列入（仅对可见的角色）。Homes with such a care need are on it, for the roles that see it
    #[arg(long, conflicts_with_all = ["use", "residency"], value_name = "CARE TYPE")]
    care_need: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum UsedAs {
    /// 自住
    Own,
    /// 出租
    Rented,
    /// 空置
    Vacant,
    /// 商铺
    Shop,
    /// 其他
    Other,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Lives {
    /// 户籍
    Registered,
    /// 流动
    Floating,
    /// 留守
    LeftBehind,
    /// 境外
    FromAbroad,
}

pub(super) fn run(console: &Console, verb: Rule) -> Result<Exit, Failure> {
    match verb {
        Rule::Add(asked) => add(console, &asked),
        Rule::End { rule, to } => end(console, rule, to),
        Rule::List => list(console),
        Rule::MustVisit(asked) => must_visit(console, &asked),
        Rule::Terms(asked) => terms::add(console, &asked),
        Rule::Calendar { file, unit } => import_calendar(console, &file, unit.as_deref()),
    }
}

fn add(console: &Console, asked: &RuleAdd) -> Result<Exit, Failure> {
    let store = console.open()?;
    let unit = store.read(|c| console.unit(c, asked.unit.as_deref()))?.id;
    let list = match &asked.list {
        None => None,
        Some(name) => Some(store.read(|c| list_above(c, unit, name))?),
    };
    let rule = CadenceRule {
        name: asked.name.trim().to_owned(),
        rhythm: asked.rhythm.rhythm(),
        list,
        window_days: asked.window_days,
        on_day_off: asked.on_day_off.into(),
        from: asked.from.unwrap_or_else(|| Moment::from_ms(console.now_ms).day()),
        to: None,
    };
    let written = store.write(|tx| rules::set_rule(tx, console.now_ms, CONSOLE, unit, &rule).map_err(refused))?;
    let id = rules::id_by_name(Kind::CadenceRule, unit, &rule.name);
    print_line(&match written.changed {
        true => format!("{} {id}", console.say("已新增规则", "rule added:")),
        false => format!("{} {id}", console.say("已有同样的规则", "there is this very rule:")),
    })?;
    Ok(Exit::Done)
}

/// What to mend, by the name of the argument.
pub(super) fn refused(error: LedgerError) -> Failure {
    let LedgerError::Refused(Refusal::Invalid { field }) = &error else { return error.into() };
    let (zh, en) = match field.as_str() {
        "name" => (
            "名称为空、过长，或该单位已有同名但内容不同的规则：请换一个名称，或先用 rule end 结束原规则",
            "the name is empty, too long, or that of another rule of this unit: choose another, or end that rule with rule end",
        ),
        "rhythm" => (
            "频次有误：--days 为 1 到 31，--within-hours 为 1 到 2160",
            "how often is not valid: --days are 1 to 31, --within-hours 1 to 2160",
        ),
        "window_days" => ("--window-days 应为 1 到 200", "--window-days is 1 to 200"),
        "to" => ("结束日早于开始日", "the last day lies before the first"),
        "accept_days" | "handle_days" | "answer_days" => (
            "--accept、--handle、--answer 应为 1 到 250 个工作日",
            "--accept, --handle and --answer are 1 to 250 working days",
        ),
        "reason" => ("--reason 不能为空或过长", "--reason is empty or too long"),
        _ => return error.into(),
    };
    Failure::new(Exit::Input, zh, en)
}

/// A list of the unit or of one above it.
fn list_above(c: &zoufang_sync_server::store::Connection, unit: UnitId, name: &str) -> Result<uuid::Uuid, Failure> {
    let above = units::ancestors(c, unit)?;
    let found = rules::lists(c)?
        .into_iter()
        .rev()
        .find(|list| list.noun.name == name.trim() && above.iter().any(|unit| unit.id == list.unit));
    found.map(|list| list.id).ok_or_else(|| {
        Failure::new(
            Exit::NotFound,
            "该单位及其上级没有这个清单。请先用 rule must-visit 新增",
            "no such list in this unit or above: add it with rule must-visit",
        )
    })
}

/// A type of care need of the unit or of one above it.
fn care_type_above(
    c: &zoufang_sync_server::store::Connection,
    unit: UnitId,
    name: &str,
) -> Result<uuid::Uuid, Failure> {
    let above = units::ancestors(c, unit)?;
    let is_above = |of: &UnitId| above.iter().any(|unit| unit.id == *of);
    let found = rules::care_types(c)?.into_iter().rev().find(|of| of.noun.name == name.trim() && is_above(&of.unit));
    found.map(|of| of.id).ok_or_else(|| {
        Failure::new(
            Exit::NotFound,
            "该单位及其上级没有这个关爱需求类型。请先用 care-type add 新增",
            "no such type of care need in this unit or above: add it with care-type add",
        )
    })
}

fn end(console: &Console, rule: uuid::Uuid, to: Option<NaiveDate>) -> Result<Exit, Failure> {
    let to = to.unwrap_or_else(|| Moment::from_ms(console.now_ms).day());
    let ended = console.open()?.write(|tx| rules::end_rule(tx, console.now_ms, CONSOLE, rule, to).map_err(refused))?;
    if !ended {
        return Err(Failure::new(Exit::NotFound, "没有这条规则，或已结束", "no such rule, or it has ended"));
    }
    print_line(console.say("规则已结束", "the rule has ended"))?;
    Ok(Exit::Done)
}

fn list(console: &Console) -> Result<Exit, Failure> {
    let (found, lists, names) = console.open()?.read(|c| {
        let (found, lists) = (rules::rules(c)?, rules::lists(c)?);
        let units = found.iter().map(|rule| rule.unit).chain(lists.iter().map(|list| list.unit));
        let mut names = std::collections::HashMap::new();
        for id in units {
            names.insert(id, units::find(c, id)?.map(|unit| unit.name).unwrap_or_default());
        }
        Ok::<_, Failure>((found, lists, names))
    })?;
    let name = |unit| names.get(unit).cloned().unwrap_or_default();
    let list_name = |id| lists.iter().find(|list| list.id == id).map(|list| list.noun.name.clone());
    let rows = found.iter().map(|set| {
        let rule = &set.noun;
        let of = rule.list.map(|id| list_name(id).unwrap_or_else(|| id.to_string())).unwrap_or_default();
        let to = rule.to.map(|to| to.to_string()).unwrap_or_default();
        let window = rule.window_days.map(|days| days.to_string()).unwrap_or_default();
        let rhythm = rhythm_text(&rule.rhythm, console.language);
        vec![set.id.to_string(), rule.name.clone(), name(&set.unit), rhythm, of, rule.from.to_string(), to, window]
    });
    let columns = match console.language {
        Language::Zh => vec!["规则编号", "名称", "单位", "频次", "必访清单", "起", "止", "几天内"],
        Language::En => vec!["rule id", "name", "unit", "how often", "must-visit list", "from", "to", "days"],
    };
    let rows = Table { columns, rows: rows.collect(), texts_count: 7 };
    print_line(&rows.to_terminal(None))?;
    let columns = match console.language {
        Language::Zh => vec!["清单", "单位", "为什么"],
        Language::En => vec!["list", "unit", "why"],
    };
    let rows = lists.iter().map(|list| vec![list.noun.name.clone(), name(&list.unit), list.noun.reason.clone()]);
    print_line(&Table { columns, rows: rows.collect(), texts_count: 3 }.to_terminal(None))?;
    terms::list(console)
}

fn rhythm_text(rhythm: &Rhythm, language: Language) -> String {
    match (rhythm, language) {
        (Rhythm::DaysOfMonth(days), _) => {
            let days: Vec<String> = days.iter().map(u8::to_string).collect();
            match language {
                Language::Zh => format!("每月 {} 日", days.join("、")),
                Language::En => format!("on day {} of the month", days.join(", ")),
            }
        }
        (Rhythm::Every(span), Language::Zh) => match span {
            Span::Week => "每周".into(),
            Span::Month => "每月".into(),
            Span::Quarter => "每季度".into(),
            Span::HalfYear => "每半年".into(),
        },
        (Rhythm::Every(span), Language::En) => match span {
            Span::Week => "every week".into(),
            Span::Month => "every month".into(),
            Span::Quarter => "every quarter".into(),
            Span::HalfYear => "every half-year".into(),
        },
        (Rhythm::WithinHoursOfMatter(hours), Language::Zh) => format!("诉求上报后 {hours} 小时内"),
        (Rhythm::WithinHoursOfMatter(hours), Language::En) => format!("within {hours} hours of a matter's report"),
        (Rhythm::WithinHoursOfMoveIn(hours), Language::Zh) => format!("迁入后 {hours} 小时内"),
        (Rhythm::WithinHoursOfMoveIn(hours), Language::En) => format!("within {hours} hours of moving in"),
    }
}

fn must_visit(console: &Console, asked: &MustVisit) -> Result<Exit, Failure> {
    let store = console.open()?;
    let unit = store.read(|c| console.unit(c, asked.unit.as_deref()))?.id;
    let condition = match (asked.r#use, asked.residency, &asked.care_need) {
        (Some(used_as), ..) => Some(Condition::Use(used_as.into())),
        (None, Some(residency), _) => Some(Condition::Residency(residency.into())),
        (None, None, Some(name)) => Some(Condition::CareNeed(store.read(|c| care_type_above(c, unit, name))?)),
        (None, None, None) => None,
    };
    let list = MustVisitList { name: asked.name.trim().to_owned(), reason: asked.reason.clone(), condition };
    store.write(|tx| rules::set_list(tx, console.now_ms, CONSOLE, unit, &list).map_err(refused))?;
    let id = rules::id_by_name(Kind::MustVisitList, unit, &list.name);
    print_line(&format!("{} {id}", console.say("清单编号", "list:")))?;
    Ok(Exit::Done)
}

fn import_calendar(console: &Console, file: &std::path::Path, unit: Option<&str>) -> Result<Exit, Failure> {
    let read = calendar::read_file(file, &TableOptions::default())?;
    let language = if console.language == Language::Zh { In::Chinese } else { In::English };
    read.report.errors.iter().for_each(|error| note_line(&error.render(language)));
    if read.report.errors_count > 0 {
        return Err(Failure::new(
            Exit::Input,
            "日历文件有误，没有导入任何内容。请改正后重新导入",
            "the calendar has errors, and nothing of it was imported: correct them and import again",
        ));
    }
    let store = console.open()?;
    let unit = store.read(|c| console.unit(c, unit))?.id;
    for year in &read.years {
        let written =
            store.write(|tx| rules::set_calendar(tx, console.now_ms, CONSOLE, unit, year).map_err(Failure::from))?;
        let (off, worked) = (year.days_off.len(), year.make_up_days.len());
        let same = if written.changed { "" } else { console.say("（未变）", " (unchanged)") };
        print_line(&match console.language {
            Language::Zh => format!("{} 年：休 {off} 天，调休上班 {worked} 天{same}", year.year),
            Language::En => format!("{}: {off} days off, {worked} make-up days{same}", year.year),
        })?;
    }
    Ok(Exit::Done)
}

impl RhythmArguments {
    fn rhythm(&self) -> Rhythm {
        match (self.every, self.within_hours, self.within_hours_of_matter) {
            (Some(every), ..) => Rhythm::Every(every.into()),
            (None, Some(hours), _) => Rhythm::WithinHoursOfMoveIn(hours),
            (None, None, Some(hours)) => Rhythm::WithinHoursOfMatter(hours),
            (None, None, None) => Rhythm::DaysOfMonth(self.days.clone()),
        }
    }
}

impl From<Every> for Span {
    fn from(every: Every) -> Self {
        match every {
            Every::Week => Span::Week,
            Every::Month => Span::Month,
            Every::Quarter => Span::Quarter,
            Every::HalfYear => Span::HalfYear,
        }
    }
}

impl From<DayOff> for OnDayOff {
    fn from(day_off: DayOff) -> Self {
        match day_off {
            DayOff::Next => OnDayOff::Next,
            DayOff::Previous => OnDayOff::Previous,
            DayOff::Keep => OnDayOff::Keep,
        }
    }
}

impl From<UsedAs> for Use {
    fn from(used_as: UsedAs) -> Self {
        match used_as {
            UsedAs::Own => Use::Own,
            UsedAs::Rented => Use::Rented,
            UsedAs::Vacant => Use::Vacant,
            UsedAs::Shop => Use::Shop,
            UsedAs::Other => Use::Other,
        }
    }
}

impl From<Lives> for ResidencyKind {
    fn from(lives: Lives) -> Self {
        match lives {
            Lives::Registered => ResidencyKind::Registered,
            Lives::Floating => ResidencyKind::Floating,
            Lives::LeftBehind => ResidencyKind::LeftBehind,
            Lives::FromAbroad => ResidencyKind::FromAbroad,
        }
    }
}
