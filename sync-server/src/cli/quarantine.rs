//! `quarantine list|accept|rehome|refuse`: what could not take effect, and what becomes of it.

use super::arguments::InUnit;
use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line};
use clap::Subcommand;
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::message::{self, Language};
use zoufang_domain::refusal::Refusal;
use zoufang_sync_server::ledger::{self, LedgerError, Settler, Way};
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::reports::{Asked, quarantine};

#[derive(Debug, Subcommand)]
pub(crate) enum Quarantine {
    /// 待处理的内容，最新的在前。What waits, the latest first
    #[command(after_help = "\
例 Example:
  zoufang-server quarantine list --unit 140303 --data-dir /var/lib/zoufang")]
    List(InUnit),
    /// 看一条的原文。Show one word for word
    #[command(after_help = "\
例 Example:
  zoufang-server quarantine show 7 --data-dir /var/lib/zoufang")]
    Show {
        /// 编号，见 quarantine list。Its number, as `quarantine list` shows it
        entry: i64,
    },
    /// 采纳：按原文生效。Accept: it takes effect as it was made
    #[command(after_help = "\
例 Example:
  zoufang-server quarantine accept 7 --data-dir /var/lib/zoufang")]
    Accept {
        /// 编号。Its number
        entry: i64,
    },
    /// 转入应属的辖区。Take it for the area that it belongs to
    #[command(after_help = "\
例 Example:
  zoufang-server quarantine rehome 7 --to 第2微网格 --data-dir /var/lib/zoufang")]
    Rehome {
        /// 编号。Its number
        entry: i64,
        /// 单位：代码、名称或编号。Unit: code, name or id
        #[arg(long, value_name = "UNIT")]
        to: String,
    },
    /// 不采纳，并答复作者。Do not take it, and answer its author
    #[command(after_help = "\
例 Example:
  zoufang-server quarantine refuse 7 --answer 该户已由另一位管理员走访 --data-dir /var/lib/zoufang")]
    Refuse {
        /// 编号。Its number
        entry: i64,
        /// 给作者的答复，会显示在作者的手机上。What the author reads on the phone
        #[arg(long, value_name = "TEXT")]
        answer: String,
    },
}

pub(super) fn run(console: &Console, verb: Quarantine) -> Result<Exit, Failure> {
    match verb {
        Quarantine::List(within) => list(console, &within),
        Quarantine::Show { entry } => show(console, entry),
        Quarantine::Accept { entry } => settle(console, entry, &Way::Accept),
        Quarantine::Rehome { entry, to } => {
            let area = console.open()?.read(|c| console.unit(c, Some(&to)))?.id;
            settle(console, entry, &Way::Rehome { area })
        }
        Quarantine::Refuse { entry, answer } => settle(console, entry, &Way::Refuse { answer }),
    }
}

fn list(console: &Console, within: &InUnit) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| {
        let (unit, now) = (console.unit(c, within.unit.as_deref())?.id, Moment::from_ms(console.now_ms));
        let asked = Asked { unit, period: Period::month_of(now.day()), now };
        Ok::<_, Failure>(quarantine::quarantine(c, &console.scope(c)?, &asked)?)
    })?;
    let rows = found.entries.iter().map(|entry| {
        let reason = message::find(entry.reason).title(console.language).to_owned();
        let received = entry.received.to_string();
        vec![entry.id.to_string(), entry.unit.clone(), entry.staff.clone(), received, reason]
    });
    let columns = match console.language {
        Language::Zh => vec!["编号", "单位", "作者", "收到时间", "原因"],
        Language::En => vec!["number", "unit", "author", "received", "reason"],
    };
    print_line(&Table { columns, rows: rows.collect(), texts_count: 5 }.to_terminal(None))?;
    let (shown, total) = (found.entries.len() as u64, found.total());
    if shown < total {
        let more = total - shown;
        note_line(&match console.language {
            Language::Zh => format!("还有 {more} 条未列出"),
            Language::En => format!("{more} more are not listed"),
        });
    }
    Ok(Exit::Done)
}

fn show(console: &Console, entry: i64) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| quarantine::original(c, &console.scope(c)?, entry).map_err(Failure::from))?;
    print_line(&found.ok_or_else(no_such_entry)?)?;
    Ok(Exit::Done)
}

fn settle(console: &Console, entry: i64, way: &Way) -> Result<Exit, Failure> {
    let settled = console
        .open()?
        .write(|tx| ledger::settle(tx, console.now_ms, Settler::Console, entry, way).map_err(refused))?;
    let text = match (settled, way) {
        (false, _) => return Err(no_such_entry()),
        (true, Way::Accept) => console.say("已采纳", "it has taken effect"),
        (true, Way::Rehome { .. }) => console.say("已转入该辖区", "it was taken for that area"),
        (true, Way::Refuse { .. }) => console
            .say("未采纳，作者下次同步时会看到答复", "not taken; its author reads the answer after the next sync"),
    };
    print_line(text)?;
    Ok(Exit::Done)
}

fn no_such_entry() -> Failure {
    Failure::new(
        Exit::NotFound,
        "没有这一条，或已处理。见 quarantine list",
        "no such entry, or it is settled already: see quarantine list",
    )
}

fn refused(error: LedgerError) -> Failure {
    match error {
        LedgerError::Refused(Refusal::NotAssigned) => no_such_entry(),
        LedgerError::Refused(Refusal::Invalid { field }) if field == "answer" => Failure::new(
            Exit::Usage,
            "答复不能为空，最多 4000 字",
            "the answer must not be empty, nor longer than 4000 characters",
        ),
        LedgerError::Refused(refusal) => {
            let why = message::find(refusal.message_id());
            Failure::owned(
                Exit::Input,
                format!("不能采纳：{}。可转入其他辖区或答复作者", why.title(Language::Zh)),
                format!("cannot be taken: {refusal}. Move it to another area, or answer its author"),
            )
        }
        other => other.into(),
    }
}
