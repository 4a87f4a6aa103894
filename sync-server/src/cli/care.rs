//! `care-type add|list`: what care needs can be, and which roles see them.

use super::arguments::{role, role_help};
use super::failure::{Exit, Failure};
use super::{Console, print_line};
use clap::Subcommand;
use zoufang_domain::care::{CareNeedType, roles_in_order};
use zoufang_domain::message::Language;
use zoufang_domain::refusal::Refusal;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::ledger::{CONSOLE, LedgerError};
use zoufang_sync_server::reports::labels::label;
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::rules;
use zoufang_sync_server::units;

#[derive(Debug, Subcommand)]
pub(crate) enum CareType {
    /// 新增关爱需求类型，手机下次同步后可用。Add a type of care need; phones have it after their next sync
    #[command(after_help = "\
例 Example:
  zoufang-server care-type add 独居老人 --unit 1403 --purpose 每周问候 --seen-by micro_grid_manager,grid_leader --valid-max-days 180 \\
    --data-dir /var/lib/zoufang")]
    Add {
        /// 名称。What people call it
        name: String,
        /// 单位：代码、名称或编号，其下均可使用。Unit: code, name or id; all below may use it
        #[arg(long, value_name = "UNIT")]
        unit: Option<String>,
        /// 用途：为这些居民做什么。What is done for these residents
        #[arg(long)]
        purpose: String,
        /// 可见的角色，之后不能更改。The roles that see it; they cannot be changed later
        #[arg(long, required = true, value_delimiter = ',', value_parser = role, value_name = "ROLES", help = role_help())]
        seen_by: Vec<Role>,
        /// 最长有效天数，到期须有人续期。Most days that it holds before somebody must renew it
        #[arg(long, value_name = "DAYS")]
        valid_max_days: u16,
    },
    /// 关爱需求类型。The types
    #[command(after_help = "\
例 Example:
  zoufang-server care-type list --data-dir /var/lib/zoufang")]
    List,
}

pub(super) fn run(console: &Console, verb: CareType) -> Result<Exit, Failure> {
    match verb {
        CareType::Add { name, unit, purpose, seen_by, valid_max_days } => {
            let (name, seen_by) = (name.trim().to_owned(), roles_in_order(&seen_by));
            let of = CareNeedType { name, purpose: purpose.trim().to_owned(), seen_by, valid_max_days };
            add(console, unit.as_deref(), &of)
        }
        CareType::List => list(console),
    }
}

fn add(console: &Console, unit: Option<&str>, of: &CareNeedType) -> Result<Exit, Failure> {
    let store = console.open()?;
    let unit = store.read(|c| console.unit(c, unit))?.id;
    let written = store.write(|tx| rules::set_care_type(tx, console.now_ms, CONSOLE, unit, of).map_err(refused))?;
    let id = rules::id_by_name(Kind::CareNeedType, unit, &of.name);
    print_line(&match written.changed {
        true => format!("{} {id}", console.say("已新增关爱需求类型", "type of care need added:")),
        false => format!("{} {id}", console.say("已有同样的类型", "there is this very type:")),
    })?;
    Ok(Exit::Done)
}

/// What to mend, by the name of the argument.
fn refused(error: LedgerError) -> Failure {
    let LedgerError::Refused(Refusal::Invalid { field }) = &error else { return error.into() };
    let (zh, en) = match field.as_str() {
        "name" => (
            "名称为空、过长，或该单位已有同名但内容不同的类型：请换一个名称",
            "the name is empty, too long, or that of another type of this unit: choose another",
        ),
        "purpose" => ("--purpose 不能为空或过长", "--purpose is empty or too long"),
        "valid_max_days" => ("--valid-max-days 应为 1 到 731", "--valid-max-days is 1 to 731"),
        _ => return error.into(),
    };
    Failure::new(Exit::Input, zh, en)
}

fn list(console: &Console) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| {
        let mut named = Vec::new();
        for set in rules::care_types(c)? {
            let unit = units::find(c, set.unit)?.map(|unit| unit.name).unwrap_or_default();
            named.push((set, unit));
        }
        Ok::<_, Failure>(named)
    })?;
    let columns = match console.language {
        Language::Zh => vec!["类型编号", "名称", "单位", "用途", "可见角色", "最长有效天数"],
        Language::En => vec!["type id", "name", "unit", "purpose", "seen by", "most days"],
    };
    let rows = found.into_iter().map(|(set, unit)| {
        let of = set.noun;
        let roles: Vec<&str> = of.seen_by.iter().map(|role| label(console.language, "role", role.name())).collect();
        let roles = roles.join(console.say("、", ", "));
        vec![set.id.to_string(), of.name, unit, of.purpose, roles, of.valid_max_days.to_string()]
    });
    print_line(&Table { columns, rows: rows.collect(), texts_count: 5 }.to_terminal(None))?;
    Ok(Exit::Done)
}
