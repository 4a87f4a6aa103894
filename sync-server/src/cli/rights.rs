//! `rights …`: what residents ask of their own data, and what is held for review because somebody was erased.

use super::arguments::InUnit;
use super::failure::{Exit, Failure};
use super::{Console, print_line};
use clap::{Args, Subcommand, ValueEnum};
use uuid::Uuid;
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::ids::{ResidentId, RightsRequestId, UnitId};
use zoufang_domain::message::Language;
use zoufang_domain::operation::Fields;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::rights::Right;
use zoufang_sync_server::ledger::{self, LedgerError, Person, Review, Settler};
use zoufang_sync_server::ports::{SystemRandom, random_id};
use zoufang_sync_server::reports::labels::{label, time};
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::reports::{Asked, period, rights as lists};
use zoufang_sync_server::rights::{self, Decision};
use zoufang_sync_server::store::Transaction;

#[derive(Debug, Subcommand)]
pub(crate) enum Rights {
    /// 待办理的申请，和本月已办理的。Requests that wait, and those of this month
    #[command(after_help = "\
例 Example:
  zoufang-server rights list --unit 140303 --data-dir /var/lib/zoufang")]
    List(InUnit),
    /// 登记一项申请。Take a request down
    #[command(after_help = "\
例 Example:
  zoufang-server rights take delete --unit 第1微网格 --person 019a0000-0000-7000-8000-000000000001 --data-dir /var/lib/zoufang")]
    Take {
        /// 申请什么。What for
        #[arg(value_enum)]
        right: Asking,
        /// 微网格：名称或编号。The micro-grid: name or id
        #[arg(long, value_name = "UNIT")]
        unit: String,
        /// 居民编号；联系人没有居民记录时用户的编号。Id of the resident, or of the home whose contact has no resident's record
        #[arg(long, value_name = "ID")]
        person: Uuid,
    },
    /// 导出一个人的全部资料（JSON），并记入导出清单。Write out all that is kept about a person, as JSON; the list of exports keeps it
    #[command(after_help = "\
例 Example:
  zoufang-server rights copy --unit 第1微网格 --person 019a0000-0000-7000-8000-000000000001 --data-dir /var/lib/zoufang > copy.json")]
    Copy {
        /// 微网格：名称或编号。The micro-grid: name or id
        #[arg(long, value_name = "UNIT")]
        unit: String,
        /// 居民或户的编号。Id of the resident, or of the home
        #[arg(long, value_name = "ID")]
        person: Uuid,
    },
    /// 办结：副本已交付，或已解释说明。Done: the copy was handed over, or the explanation given
    #[command(after_help = "\
例 Example:
  zoufang-server rights answer 019a… --unit 第1微网格 --answer 已交本人 --data-dir /var/lib/zoufang")]
    Answer {
        #[command(flatten)]
        which: Which,
        /// 告诉了本人什么。What the person was told
        #[arg(long, value_name = "TEXT")]
        answer: Option<String>,
    },
    /// 更正。Put right what is wrong
    #[command(after_help = "\
例 Example:
  zoufang-server rights correct 019a… --unit 第1微网格 --set phone=13800000001 --set name=测试甲 --data-dir /var/lib/zoufang")]
    Correct {
        #[command(flatten)]
        which: Which,
        /// 项目=内容，空内容为清除：name、phone、birth_year、sex；户为 contact、phone。Field and value; without a value it is cleared
        #[arg(long = "set", required = true, value_name = "FIELD=VALUE")]
        set: Vec<String>,
    },
    /// 删除：从记录、台账、待处理和所有手机上抹去。Erase the person from records, ledger, quarantine and every phone
    #[command(after_help = "\
例 Example:
  zoufang-server rights erase 019a… --unit 第1微网格 --data-dir /var/lib/zoufang")]
    Erase(Which),
    /// 限制处理：保留，不再使用。Restrict: it is kept and not used
    #[command(after_help = "\
例 Example:
  zoufang-server rights restrict 019a… --unit 第1微网格 --data-dir /var/lib/zoufang")]
    Restrict(Which),
    /// 解除限制。Lift a restriction
    #[command(after_help = "\
例 Example:
  zoufang-server rights lift --unit 第1微网格 --resident 019a0000-0000-7000-8000-000000000001 --data-dir /var/lib/zoufang")]
    Lift {
        /// 微网格：名称或编号。The micro-grid: name or id
        #[arg(long, value_name = "UNIT")]
        unit: String,
        /// 居民编号。Id of the resident
        #[arg(long, value_name = "ID")]
        resident: ResidentId,
    },
    /// 不予办理，并说明原因。Do not carry it out, and say why
    #[command(after_help = "\
例 Example:
  zoufang-server rights refuse 019a… --unit 第1微网格 --answer 申请人不是本人 --data-dir /var/lib/zoufang")]
    Refuse {
        #[command(flatten)]
        which: Which,
        /// 告诉了本人什么。What the person was told
        #[arg(long, value_name = "TEXT")]
        answer: String,
    },
    /// 待审的文字：作者写时还不知道有人已被删除。Texts held for review: their authors could not know that somebody was erased
    #[command(after_help = "\
例 Example:
  zoufang-server rights held --data-dir /var/lib/zoufang")]
    Held(InUnit),
    /// 放行一段待审的文字。Let a held text back to its place
    #[command(after_help = "\
例 Example:
  zoufang-server rights release 3 --data-dir /var/lib/zoufang")]
    Release {
        /// 编号，见 rights held。Its number, as `rights held` shows it
        text: i64,
    },
    /// 删去一段待审的文字。Remove a held text for good
    #[command(after_help = "\
例 Example:
  zoufang-server rights remove 3 --data-dir /var/lib/zoufang")]
    Remove {
        /// 编号。Its number
        text: i64,
    },
    /// 导出清单：谁、何时、导出了什么。The list of exports: who, when, what
    #[command(after_help = "\
例 Example:
  zoufang-server rights exports --from 2026-11-01 --to 2026-11-30 --data-dir /var/lib/zoufang")]
    Exports {
        #[command(flatten)]
        within: InUnit,
        /// 起始日，默认本月一日。First day; without it the first of the month
        #[arg(long, value_name = "YYYY-MM-DD")]
        from: Option<String>,
        /// 结束日（含），默认月末。Last day, included; without it the end of the month
        #[arg(long, value_name = "YYYY-MM-DD")]
        to: Option<String>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Which {
    /// 申请编号，见 rights list。The request, as `rights list` shows it
    request: RightsRequestId,
    /// 微网格：名称或编号。The micro-grid: name or id
    #[arg(long, value_name = "UNIT")]
    unit: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Asking {
    /// 查阅复制
    Copy,
    /// 更正
    Correct,
    /// 删除
    Delete,
    /// 限制处理
    Restrict,
    /// 解释说明
    Explain,
}

impl From<Asking> for Right {
    fn from(asked: Asking) -> Self {
        match asked {
            Asking::Copy => Right::Copy,
            Asking::Correct => Right::Correct,
            Asking::Delete => Right::Delete,
            Asking::Restrict => Right::Restrict,
            Asking::Explain => Right::Explain,
        }
    }
}

const CONSOLE: Settler = Settler::Console;

pub(super) fn run(console: &Console, verb: Rights) -> Result<Exit, Failure> {
    match verb {
        Rights::List(within) => list(console, &within),
        Rights::Take { right, unit, person } => take(console, right.into(), &unit, person),
        Rights::Copy { unit, person } => copy(console, &unit, person),
        Rights::Answer { which, answer } => decide(console, &which, &Decision::Answered { answer }),
        Rights::Correct { which, set } => decide(console, &which, &Decision::Correct { fields: fields(&set)? }),
        Rights::Erase(which) => decide(console, &which, &Decision::Erase),
        Rights::Restrict(which) => decide(console, &which, &Decision::Restrict),
        Rights::Lift { unit, resident } => lift(console, &unit, resident),
        Rights::Refuse { which, answer } => decide(console, &which, &Decision::Refuse { answer }),
        Rights::Held(within) => held(console, &within),
        Rights::Release { text } => review(console, text, Review::Release),
        Rights::Remove { text } => review(console, text, Review::Remove),
        Rights::Exports { within, from, to } => exports(console, &within, from.as_deref(), to.as_deref()),
    }
}

fn asked(console: &Console, c: &zoufang_sync_server::store::Connection, within: &InUnit) -> Result<Asked, Failure> {
    let (unit, now) = (console.unit(c, within.unit.as_deref())?.id, Moment::from_ms(console.now_ms));
    Ok(Asked { unit, period: Period::month_of(now.day()), now })
}

fn list(console: &Console, within: &InUnit) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| {
        let asked = asked(console, c, within)?;
        Ok::<_, Failure>(lists::rights(c, &console.scope(c)?, &asked, CONSOLE)?)
    })?;
    let language = console.language;
    let rows = found.requests.iter().map(|row| {
        let overdue = console.say("（超期）", " (overdue)");
        let due = format!("{}{}", row.due, if row.is_overdue { overdue } else { "" });
        let (right, state) = (label(language, "right", row.right.name()), label(language, "request", row.state.name()));
        [&row.id.to_string(), &row.unit, &row.name, right, state, &row.asked_on.to_string(), &due]
            .map(str::to_owned)
            .to_vec()
    });
    let columns = match language {
        Language::Zh => vec!["申请编号", "单位", "姓名", "申请", "情况", "申请日", "期限"],
        Language::En => vec!["request", "unit", "name", "asks for", "state", "asked on", "due"],
    };
    print_line(&Table { columns, rows: rows.collect(), texts_count: 7 }.to_terminal(None))?;
    print_line(&match language {
        Language::Zh => format!("待办理 {}，超期 {}，待审文字 {}", found.open, found.overdue, found.held_total),
        Language::En => {
            format!("{} wait, {} overdue, {} texts held for review", found.open, found.overdue, found.held_total)
        }
    })?;
    Ok(Exit::Done)
}

fn person(tx: &Transaction<'_>, area: UnitId, id: Uuid) -> Result<Person, Failure> {
    rights::person_by_id(tx, area, id)?.ok_or_else(no_person)
}

fn no_person() -> Failure {
    Failure::new(Exit::NotFound, "该微网格没有这个人。请核对编号", "nobody of that id in this micro-grid: check the id")
}

fn take(console: &Console, right: Right, unit: &str, who: Uuid) -> Result<Exit, Failure> {
    let id = RightsRequestId(random_id(&SystemRandom));
    console.open()?.write(|tx| {
        let area = console.unit(tx, Some(unit))?.id;
        let who = person(tx, area, who)?;
        rights::take_down(tx, console.now_ms, CONSOLE, area, id, who, right).map_err(refused)
    })?;
    print_line(&format!("{} {id}", console.say("已登记申请", "request taken down:")))?;
    Ok(Exit::Done)
}

fn copy(console: &Console, unit: &str, who: Uuid) -> Result<Exit, Failure> {
    let made = console.open()?.write(|tx| {
        let area = console.unit(tx, Some(unit))?.id;
        let who = person(tx, area, who)?;
        rights::copy(tx, console.now_ms, CONSOLE, area, who).map_err(refused)
    })?;
    print_line(&serde_json::to_string_pretty(&made).map_err(|e| std::io::Error::other(e.to_string()))?)?;
    Ok(Exit::Done)
}

/// `phone=138…` becomes a field; nothing after the sign clears it.
fn fields(set: &[String]) -> Result<Fields, Failure> {
    let mut fields = Fields::new();
    for text in set {
        let Some((name, value)) = text.split_once('=') else {
            return Err(Failure::owned(
                Exit::Usage,
                format!("“{text}” 写法有误。写 phone=13800000001"),
                format!("{text:?} is not readable: write phone=13800000001"),
            ));
        };
        let value = match value.trim() {
            "" => serde_json::Value::Null,
            year if name.trim() == "birth_year" => year.parse::<i32>().map_or_else(|_| year.into(), Into::into),
            text => text.into(),
        };
        fields.insert(name.trim().to_owned(), value);
    }
    Ok(fields)
}

fn decide(console: &Console, which: &Which, decision: &Decision) -> Result<Exit, Failure> {
    let store = console.open()?;
    let done = store.write(|tx| {
        let area = console.unit(tx, Some(&which.unit))?.id;
        rights::decide(tx, console.now_ms, CONSOLE, area, which.request, decision).map_err(refused)
    })?;
    if *decision != Decision::Erase {
        print_line(console.say("已办理，手机下次同步后可见", "done; phones have it after their next sync"))?;
        return Ok(Exit::Done);
    }
    store.empty_log()?;
    let erased = done.erased;
    print_line(&match console.language {
        Language::Zh => format!(
            "已删除：抹去 {} 条记录，改写 {} 条记录和台账中的 {} 条操作。手机下次同步时删除；备份按保留期到期",
            erased.removed_count, erased.redacted_count, erased.operations_count
        ),
        Language::En => format!(
            "erased: {} records gone, {} records and {} operations in the ledger rewritten. Phones erase it with their next sync, backups when they expire",
            erased.removed_count, erased.redacted_count, erased.operations_count
        ),
    })?;
    if done.elsewhere_count > 0 {
        print_line(console.say(
            "此人在别的辖区也有资料，已在那里登记删除申请",
            "the person is known in other areas, too: a request waits there",
        ))?;
    }
    print_line(console.say(
        "请查看 rights exports：持有导出文件的人也须删除",
        "look at rights exports: whoever holds an export must erase it, too",
    ))?;
    Ok(Exit::Done)
}

fn lift(console: &Console, unit: &str, resident: ResidentId) -> Result<Exit, Failure> {
    let lifted = console.open()?.write(|tx| {
        let area = console.unit(tx, Some(unit))?.id;
        rights::lift(tx, console.now_ms, CONSOLE, area, resident).map_err(refused)
    })?;
    if !lifted {
        return Err(Failure::new(
            Exit::NotFound,
            "此人没有限制处理",
            "nothing of that person is restricted in this micro-grid",
        ));
    }
    print_line(console.say("已解除", "lifted"))?;
    Ok(Exit::Done)
}

fn held(console: &Console, within: &InUnit) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| {
        let asked = asked(console, c, within)?;
        Ok::<_, Failure>(lists::held(c, &console.scope(c)?, &asked, CONSOLE)?)
    })?;
    let rows = found.iter().map(|row| {
        let kind = label(console.language, "kind", row.kind);
        vec![row.id.to_string(), row.unit.clone(), kind.to_owned(), time(row.received), row.text.clone()]
    });
    let columns = match console.language {
        Language::Zh => vec!["编号", "单位", "类型", "收到时间", "文字"],
        Language::En => vec!["number", "unit", "kind", "received", "text"],
    };
    print_line(&Table { columns, rows: rows.collect(), texts_count: 5 }.to_terminal(None))?;
    Ok(Exit::Done)
}

fn review(console: &Console, text: i64, way: Review) -> Result<Exit, Failure> {
    let store = console.open()?;
    let done = store.write(|tx| ledger::review(tx, console.now_ms, CONSOLE, text, way).map_err(refused))?;
    if !done {
        return Err(no_text());
    }
    store.empty_log()?;
    print_line(match way {
        Review::Release => console.say("已放行", "it stands in its place again"),
        Review::Remove => console.say("已删去", "it is gone"),
    })?;
    Ok(Exit::Done)
}

fn no_text() -> Failure {
    Failure::new(
        Exit::NotFound,
        "没有这段文字，或已处理。见 rights held",
        "no such text, or it was decided already: see rights held",
    )
}

fn exports(console: &Console, within: &InUnit, from: Option<&str>, to: Option<&str>) -> Result<Exit, Failure> {
    let now = Moment::from_ms(console.now_ms);
    let asked_for = period(from, to, now.day())?;
    let found = console.open()?.read(|c| {
        let asked = Asked { period: asked_for, ..asked(console, c, within)? };
        Ok::<_, Failure>(lists::exports(c, &console.scope(c)?, &asked)?)
    })?;
    let rows = found.iter().map(|row| {
        [&time(row.at), &row.actor, &row.what, &row.unit, &row.columns, &row.purpose, &row.rows_count.to_string()]
            .map(|text| text.to_owned())
            .to_vec()
    });
    let columns = match console.language {
        Language::Zh => vec!["时间", "操作人", "导出", "单位", "内容", "用途", "条数"],
        Language::En => vec!["when", "who", "export", "unit", "columns", "purpose", "records"],
    };
    print_line(&Table { columns, rows: rows.collect(), texts_count: 6 }.to_terminal(None))?;
    Ok(Exit::Done)
}

fn refused(error: LedgerError) -> Failure {
    match &error {
        LedgerError::Refused(Refusal::NotAssigned) => Failure::new(
            Exit::NotFound,
            "该微网格没有这项申请、这个人或这段文字。见 rights list",
            "no such request, person or text in this micro-grid: see rights list",
        ),
        LedgerError::Refused(Refusal::NotNow) => {
            Failure::new(Exit::Input, "这项申请已经办理过", "this request was decided already")
        }
        LedgerError::Refused(Refusal::Invalid { field }) if field == "right" => Failure::new(
            Exit::Input,
            "这样办理与申请不符。见 rights list 中的申请",
            "that is not what was asked for: see what the request asks for in rights list",
        ),
        LedgerError::Refused(Refusal::Invalid { field }) => Failure::owned(
            Exit::Input,
            format!("{field} 的内容不符合要求，没有写入任何内容"),
            format!("{field} is not valid; nothing was written"),
        ),
        _ => error.into(),
    }
}
