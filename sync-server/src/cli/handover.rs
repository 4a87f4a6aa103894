//! `handover make|list`: a post changes hands.

use super::arguments::InUnit;
use super::failure::{Exit, Failure};
use super::{Console, print_line, staff};
use clap::Subcommand;
use zoufang_domain::message::Language;
use zoufang_sync_server::handover::{self, HandoverError, Wish};
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::ports::SystemRandom;
use zoufang_sync_server::reports::labels::{label, time};
use zoufang_sync_server::reports::text::Table;

#[derive(Debug, Subcommand)]
pub(crate) enum Handover {
    /// 交接：一人离任、一人接任，一次完成。Hand over: one leaves and one comes, at once
    #[command(after_help = "\
例 Example:
  zoufang-server handover make --unit 第1微网格 --from 测试甲 --to 测试乙 --data-dir /var/lib/zoufang")]
    Make {
        /// 单位：代码、名称或编号。Unit: code, name or id
        #[arg(long, value_name = "UNIT")]
        unit: String,
        /// 离任者：用户名、姓名或编号。Who leaves: login, name or id
        #[arg(long, value_name = "STAFF")]
        from: String,
        /// 接任者。Who comes
        #[arg(long, value_name = "STAFF")]
        to: String,
        /// 离任者手机上还有未上传的内容也交接；之后上传仍按当时的任职处理。Go on although something is not sent; it still counts when it comes
        #[arg(long)]
        with_unsent: bool,
    },
    /// 交接记录，以及离任者手机是否已清除。Handovers, and whether the phones have erased the area
    #[command(after_help = "\
例 Example:
  zoufang-server handover list --unit 140303 --data-dir /var/lib/zoufang")]
    List(InUnit),
}

pub(super) fn run(console: &Console, verb: Handover) -> Result<Exit, Failure> {
    match verb {
        Handover::Make { unit, from, to, with_unsent } => make(console, &unit, &from, &to, with_unsent),
        Handover::List(within) => list(console, &within),
    }
}

fn make(console: &Console, unit: &str, from: &str, to: &str, with_unsent: bool) -> Result<Exit, Failure> {
    let done = console.open()?.write(|tx| {
        let unit = console.unit(tx, Some(unit))?.id;
        let wish = Wish { unit, from: staff::find(tx, from)?.id, to: staff::find(tx, to)?.id, with_unsent };
        handover::make(tx, &SystemRandom, console.now_ms, CONSOLE, wish).map_err(refused)
    })?;
    let role = label(console.language, "role", done.role.name());
    print_line(&match console.language {
        Language::Zh => format!("已交接（{role}）。离任者的 {} 部手机上传完毕后会自行清除该辖区", done.phones_count),
        Language::En => format!(
            "handed over ({role}). {} phones of the one who left erase the area once they have sent everything",
            done.phones_count
        ),
    })?;
    Ok(Exit::Done)
}

fn refused(error: HandoverError) -> Failure {
    match error {
        HandoverError::NoPost => Failure::new(
            Exit::NotFound,
            "离任者在该单位没有可交接的任职，见 staff list",
            "the one who leaves has no post there: see staff list",
        ),
        HandoverError::Same => Failure::new(Exit::Usage, "离任者和接任者是同一人", "from and to are the same person"),
        HandoverError::Unsent { unsent_count, phones_count } => Failure::owned(
            Exit::Input,
            format!("离任者的 {phones_count} 部手机上还有 {unsent_count} 条未上传。请先同步，或加 --with-unsent"),
            format!(
                "{unsent_count} operations on {phones_count} phones are not sent yet: sync them first, or give --with-unsent"
            ),
        ),
        HandoverError::Staff(error) => error.into(),
    }
}

fn list(console: &Console, within: &InUnit) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| {
        let unit = console.unit(c, within.unit.as_deref())?;
        Ok::<_, Failure>(handover::within(c, unit.id)?)
    })?;
    let columns = match console.language {
        Language::Zh => vec!["时间", "单位", "角色", "离任", "接任", "清除时间", "当时未上传", "手机", "已清除"],
        Language::En => vec!["when", "unit", "role", "left", "came", "erased at", "unsent then", "phones", "erased"],
    };
    let row = |one: &handover::HandoverView| {
        vec![
            time(one.at),
            one.unit.clone(),
            label(console.language, "role", &one.role).to_owned(),
            one.from.clone(),
            one.to.clone(),
            one.erased.map(time).unwrap_or_default(),
            one.unsent_count.to_string(),
            one.phones_count.to_string(),
            one.erased_count.to_string(),
        ]
    };
    print_line(&Table { columns, rows: found.iter().map(row).collect(), texts_count: 6 }.to_terminal(None))?;
    Ok(Exit::Done)
}
