//! `notice send|list|withdraw|receipts`: what a unit tells everyone who works below it.

use super::arguments::{Format, InUnit};
use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line, staff};
use chrono::{Days, NaiveDate};
use clap::{Args, Subcommand, ValueEnum};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{NoticeId, UnitId};
use zoufang_domain::message::Language;
use zoufang_domain::notice::{BODY_MAX_CHARS, Notice as Content, NoticeKind, TITLE_MAX_CHARS};
use zoufang_domain::refusal::Refusal;
use zoufang_sync_server::ledger::LedgerError;
use zoufang_sync_server::notices::{self, Sender};
use zoufang_sync_server::ports::{SystemRandom, random_id};
use zoufang_sync_server::reports::notices::Receipts;
use zoufang_sync_server::reports::{Asked, notices as lists, period};
use zoufang_sync_server::store::Connection;

/// Days for which a notice holds when no last day is given, the first included.
const USUAL_DAYS: u64 = 30;
/// Largest file of a notice's text, in bytes: four bytes a character.
const BODY_MAX_BYTES: u64 = 4 * BODY_MAX_CHARS as u64;

#[derive(Debug, Subcommand)]
pub(crate) enum Notice {
    /// 发通知，单位以下所有手机下次同步后可见；发出后不能修改。Send a notice; it is never edited
    #[command(after_help = "\
例 Example:
  zoufang-server notice send --unit 140303 --kind safety --title 冬季用火安全 --body 请提醒住户检查烟道 --to 2026-12-31 --needs-receipt \\
    --data-dir /var/lib/zoufang
  zoufang-server notice send --unit 140303007006 --kind publicity --title 反诈宣传 --body-file notice.txt --by taizi --data-dir /var/lib/zoufang")]
    Send(NoticeSend),
    /// 有效的和期间内有效过的通知，含阅读和告知情况。Notices in force now or in the period, with how many have read them
    #[command(after_help = "\
例 Example:
  zoufang-server notice list --unit 140303 --data-dir /var/lib/zoufang
  zoufang-server notice list --from 2026-11-01 --to 2026-11-30 --format csv --data-dir /var/lib/zoufang > notices.csv")]
    List(NoticeList),
    /// 撤回通知，写明原因；更正请撤回后另发。Withdraw a notice, with the reason; to correct one, send another
    #[command(after_help = "\
例 Example:
  zoufang-server notice withdraw 0198c0de-0000-7000-8000-000000000005 --reason 日期有误，另发 --data-dir /var/lib/zoufang")]
    Withdraw(NoticeWithdraw),
    /// 哪些管理员已读、哪些未读（按单位排列），多少户已告知。Which managers have read it, by unit, and how many homes were told
    #[command(after_help = "\
例 Example:
  zoufang-server notice receipts 0198c0de-0000-7000-8000-000000000005 --unit 140303 --data-dir /var/lib/zoufang
  zoufang-server notice receipts 0198c0de-0000-7000-8000-000000000005 --format csv --data-dir /var/lib/zoufang > receipts.csv")]
    Receipts(NoticeReceipts),
}

#[derive(Debug, Args)]
pub(crate) struct NoticeSend {
    /// 发往单位：代码、名称或编号。To which unit: code, name or id
    #[arg(long, value_name = "UNIT")]
    unit: String,
    /// 类别。What it is for
    #[arg(long, value_enum, value_name = "KIND")]
    kind: For,
    /// 标题，最多 40 字。One line, at most 40 characters
    #[arg(long, value_name = "TEXT")]
    title: String,
    /// 正文，最多 2000 字。What it says, at most 2,000 characters
    #[arg(long, value_name = "TEXT", required_unless_present = "body_file", conflicts_with = "body_file")]
    body: Option<String>,
    /// 正文所在文件（UTF-8），- 为标准输入。A file with what it says, UTF-8; - for stdin
    #[arg(long, value_name = "FILE")]
    body_file: Option<PathBuf>,
    /// 起始日，默认今天。First day; without it today
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// 最后一天，默认共 30 天。Last day; without it 30 days in all
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// 需要回执。Wait to hear that every manager has read it
    #[arg(long)]
    needs_receipt: bool,
    /// 发出人：社区以上工作台的姓名、用户名或编号；不写则以服务器名义。Who sends it; without it the server itself
    #[arg(long, value_name = "STAFF")]
    by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NoticeList {
    #[command(flatten)]
    within: InUnit,
    /// 起始日，默认本月一日。First day; without it the first of the month
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<String>,
    /// 结束日（含），默认月末。Last day, included; without it the end of the month
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<String>,
    /// 输出格式。Output format
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,
}

#[derive(Debug, Args)]
pub(crate) struct NoticeWithdraw {
    /// 通知编号，见 notice list。The notice's id, as `notice list` shows it
    notice: NoticeId,
    /// 原因，收到通知的人都看得到。Why; everyone who got it reads this
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// 撤回人；不写则以服务器名义。Who withdraws it; without it the server itself
    #[arg(long, value_name = "STAFF")]
    by: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NoticeReceipts {
    /// 通知编号，见 notice list。The notice's id, as `notice list` shows it
    notice: NoticeId,
    #[command(flatten)]
    within: InUnit,
    /// 输出格式。Output format
    #[arg(long, value_enum, default_value = "table", value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum For {
    /// 宣传，可在走访时告知住户
    Publicity,
    /// 工作
    Task,
    /// 安全提醒
    Safety,
}

impl From<For> for NoticeKind {
    fn from(kind: For) -> Self {
        match kind {
            For::Publicity => NoticeKind::Publicity,
            For::Task => NoticeKind::Task,
            For::Safety => NoticeKind::Safety,
        }
    }
}

pub(super) fn run(console: &Console, verb: Notice) -> Result<Exit, Failure> {
    match verb {
        Notice::Send(asked) => send(console, asked),
        Notice::List(asked) => list(console, &asked),
        Notice::Withdraw(asked) => withdraw(console, &asked),
        Notice::Receipts(asked) => receipts(console, &asked),
    }
}

fn sender(c: &Connection, by: Option<&str>) -> Result<Sender, Failure> {
    by.map_or(Ok(Sender::Console), |by| Ok(Sender::Desk(staff::find(c, by)?.id)))
}

fn send(console: &Console, asked: NoticeSend) -> Result<Exit, Failure> {
    let body = match (asked.body, &asked.body_file) {
        (Some(body), _) => body,
        (None, Some(file)) => read(file)?,
        (None, None) => String::new(),
    };
    let valid_from = asked.from.unwrap_or_else(|| Moment::from_ms(console.now_ms).day());
    let usual = || valid_from.checked_add_days(Days::new(USUAL_DAYS - 1)).unwrap_or(valid_from);
    let notice = Content {
        title: asked.title.trim().to_owned(),
        body: body.trim().to_owned(),
        kind: asked.kind.into(),
        valid_from,
        valid_to: asked.to.unwrap_or_else(usual),
        needs_receipt: asked.needs_receipt,
    };
    let id = NoticeId(random_id(&SystemRandom));
    console.open()?.write(|tx| {
        let unit = console.unit(tx, Some(&asked.unit))?.id;
        let sender = sender(tx, asked.by.as_deref())?;
        notices::send(tx, console.now_ms, sender, unit, id, &notice).map_err(refused)
    })?;
    print_line(&format!("{} {id}", console.say("已发出通知", "notice sent:")))?;
    Ok(Exit::Done)
}

/// The text of a file, or as much of it as shows that it is too long.
fn read(file: &Path) -> Result<String, Failure> {
    let mut text = Vec::new();
    match file.as_os_str() == "-" {
        true => std::io::stdin().lock().take(BODY_MAX_BYTES + 1).read_to_end(&mut text)?,
        false => std::fs::File::open(file)?.take(BODY_MAX_BYTES + 1).read_to_end(&mut text)?,
    };
    if text.len() as u64 > BODY_MAX_BYTES {
        return Err(refused(Refusal::Invalid { field: "body".into() }.into()));
    }
    let text = String::from_utf8(text)
        .map_err(|_| Failure::new(Exit::Input, "正文文件不是 UTF-8 编码", "the file with the text is not UTF-8"))?;
    Ok(text.trim_start_matches('\u{feff}').replace("\r\n", "\n"))
}

fn refused(error: LedgerError) -> Failure {
    let LedgerError::Refused(refusal) = &error else { return error.into() };
    match refusal {
        Refusal::NotAssigned => {
            Failure::new(Exit::Input, "发出人在该单位没有任职", "who sends it has no post that covers this unit")
        }
        Refusal::NotAllowed => Failure::new(
            Exit::Input,
            "发出人的岗位不能发通知，应为社区以上的工作台",
            "the role of who sends it does not allow it: desks of community and above do",
        ),
        Refusal::NotNow => Failure::new(Exit::Input, "该通知已经撤回", "this notice was withdrawn before"),
        Refusal::Invalid { field } if field == "title" => Failure::owned(
            Exit::Usage,
            format!("标题应为一行，1 到 {TITLE_MAX_CHARS} 字"),
            format!("a title is one line of 1 to {TITLE_MAX_CHARS} characters"),
        ),
        Refusal::Invalid { field } if field == "body" => Failure::owned(
            Exit::Usage,
            format!("正文应为 1 到 {BODY_MAX_CHARS} 字"),
            format!("a text has 1 to {BODY_MAX_CHARS} characters"),
        ),
        Refusal::Invalid { field } if field == "valid_to" => {
            Failure::new(Exit::Usage, "最后一天早于起始日", "the last day lies before the first")
        }
        Refusal::Invalid { field } if field == "reason" => {
            Failure::new(Exit::Usage, "请写明撤回原因", "say why it is withdrawn")
        }
        _ => error.into(),
    }
}

fn no_notice() -> Failure {
    Failure::new(Exit::NotFound, "没有这个通知。请用 notice list 查看编号", "no such notice: notice list shows the ids")
}

fn withdraw(console: &Console, asked: &NoticeWithdraw) -> Result<Exit, Failure> {
    console.open()?.write(|tx| {
        let unit = unit_of(console, tx, asked.notice)?;
        let sender = sender(tx, asked.by.as_deref())?;
        notices::withdraw(tx, console.now_ms, sender, unit, asked.notice, &asked.reason).map_err(refused)
    })?;
    print_line(console.say("通知已撤回", "the notice is withdrawn"))?;
    Ok(Exit::Done)
}

fn unit_of(console: &Console, c: &Connection, notice: NoticeId) -> Result<UnitId, Failure> {
    let record = notices::find(c, &console.scope(c)?, notice)?.ok_or_else(no_notice)?;
    Ok(record.area)
}

fn list(console: &Console, asked: &NoticeList) -> Result<Exit, Failure> {
    let now = Moment::from_ms(console.now_ms);
    let period = period(asked.from.as_deref(), asked.to.as_deref(), now.day())?;
    let found = console.open()?.read(|c| {
        let unit = console.unit(c, asked.within.unit.as_deref())?.id;
        Ok::<_, Failure>(lists::notices(c, &console.scope(c)?, &Asked { unit, period, now })?)
    })?;
    match asked.format {
        Format::Table => print_line(&found.to_table(console.language).to_terminal(None))?,
        Format::Csv => std::io::stdout().lock().write_all(found.to_table(console.language).to_csv().as_bytes())?,
        Format::Json => print_line(&json(&found))?,
    }
    let more = found.total.saturating_sub(found.notices.len() as u64);
    if more > 0 {
        note_line(&match console.language {
            Language::Zh => format!("还有 {more} 条未列出"),
            Language::En => format!("{more} more are not listed"),
        });
    }
    Ok(Exit::Done)
}

fn receipts(console: &Console, asked: &NoticeReceipts) -> Result<Exit, Failure> {
    let now = Moment::from_ms(console.now_ms);
    let period = period(None, None, now.day())?;
    let found = console.open()?.read(|c| {
        let sent_to = unit_of(console, c, asked.notice)?;
        let unit = match asked.within.unit.as_deref() {
            Some(unit) => console.unit(c, Some(unit))?.id,
            None => sent_to,
        };
        Ok::<_, Failure>(lists::receipts(c, &console.scope(c)?, &Asked { unit, period, now }, asked.notice)?)
    })?;
    match asked.format {
        Format::Table => {
            print_line(&summary(console.language, &found))?;
            print_line(&found.to_table(console.language).to_terminal(None))?;
        }
        Format::Csv => std::io::stdout().lock().write_all(found.to_table(console.language).to_csv().as_bytes())?,
        Format::Json => print_line(&json(&found))?,
    }
    Ok(Exit::Done)
}

/// The counts above the list.
fn summary(language: Language, found: &Receipts) -> String {
    let (notice, homes) = (&found.notice, found.notice.homes);
    let read = match (notice.read, language) {
        (Some(rate), Language::Zh) => format!("已读 {} / {} 人", rate.numerator, rate.denominator),
        (Some(rate), Language::En) => format!("read by {} of {}", rate.numerator, rate.denominator),
        (None, Language::Zh) => "不需要回执".to_owned(),
        (None, Language::En) => "no receipt is asked for".to_owned(),
    };
    let visits = notice.visits_count;
    let told = match language {
        Language::Zh => format!("走访告知 {visits} 次，{} / {} 户", homes.numerator, homes.denominator),
        Language::En => format!("given on {visits} visits to {} of {} homes", homes.numerator, homes.denominator),
    };
    format!("{} · {}\n{read} · {told}", notice.title, found.head.unit.name)
}

fn json(report: &impl serde::Serialize) -> String {
    serde_json::to_string(report).expect("a report serialises: its keys are texts")
}
