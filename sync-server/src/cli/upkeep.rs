//! `backup`, `restore`, `check` and `retention`.

use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line};
use clap::Args;
use std::path::PathBuf;
use zoufang_domain::message::Language;
use zoufang_sync_server::reports::labels::label;
use zoufang_sync_server::{backup, check, restore, retention};

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// 新文件，不能已存在。A new file; an existing one is never overwritten
    pub(crate) to: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// 备份文件。须先停止服务。The backup; stop the server first
    pub(crate) from: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// 输出 JSON。Print JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// 此数据库由其他方式的副本恢复而来：做标记，下次启动时手机重新核对。The file came back from a copy made by other means: mark it
    #[arg(long)]
    pub(crate) restored: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Retention {
    /// 立即删除。Let it go now
    #[arg(long)]
    pub(crate) now: bool,
}

pub(super) fn backup(console: &Console, asked: &Backup) -> Result<Exit, Failure> {
    let store = console.open()?;
    backup::to_file(&store, console.now_ms, &asked.to)?;
    print_line(&format!("{} {}", console.say("已备份到", "backed up to"), asked.to.display()))?;
    Ok(Exit::Done)
}

pub(super) fn restore(console: &Console, asked: &Restore) -> Result<Exit, Failure> {
    console.make_folder()?;
    let kept = restore::from_file(&asked.from, &console.config.database(), console.now_ms)?;
    print_line(&format!("{} {}", console.say("已从备份恢复", "restored from"), asked.from.display()))?;
    if let Some(kept) = kept {
        note_line(&format!(
            "{} {}",
            console.say("原数据库保留为", "the database that was there is kept as"),
            kept.display()
        ));
    }
    note_line(console.say(
        "启动服务后，手机会重新上传近 30 天的内容。备份之后停用的手机、新增的人员和任职、导入的花名册需要重新办理",
        "once the server runs, phones send again what they hold of the last 30 days; what was done at the desk since the backup \
         (phones revoked, staff and posts added, rosters imported) must be done again",
    ));
    Ok(Exit::Done)
}

pub(super) fn check(console: &Console, asked: &Check) -> Result<Exit, Failure> {
    let store = console.open()?;
    if asked.restored {
        store.write(|tx| backup::mark_restored(tx, console.now_ms).map_err(Failure::from))?;
        note_line(
            console.say("已标记为恢复的副本，下次启动生效", "marked as restored; this takes effect at the next start"),
        );
    }
    let findings = store.read(|c| check::check(c).map_err(Failure::from))?;
    if asked.json {
        let json = serde_json::to_string(&findings).expect("findings serialise: their keys are texts");
        print_line(&json)?;
    } else {
        findings.problems.iter().for_each(|problem| note_line(problem));
        let found =
            (findings.records_count, findings.operations_count, findings.quarantined_count, findings.problems_count);
        print_line(&match console.language {
            Language::Zh => format!("记录 {}，操作 {}，待处理 {}，问题 {}", found.0, found.1, found.2, found.3),
            Language::En => {
                format!("{} records, {} operations, {} in quarantine, {} problems", found.0, found.1, found.2, found.3)
            }
        })?;
    }
    Ok(if findings.is_sound() { Exit::Done } else { Exit::Unsound })
}

pub(super) fn retention(console: &Console, asked: &Retention) -> Result<Exit, Failure> {
    let store = console.open()?;
    let found = match asked.now {
        true => retention::let_go(&store, console.now_ms)?,
        false => store.read(|c| retention::outlived(c, console.now_ms).map_err(Failure::from))?,
    };
    for (kind, count) in &found.records {
        print_line(&format!("{} {count}", label(console.language, "kind", kind)))?;
    }
    let rest = [
        ("表单回答（走访次数）", "visits with answers of forms", found.answers),
        ("签名批次", "signed batches", found.batches),
        ("已处理的待处理内容", "settled entries of quarantine", found.quarantine),
        ("已审的文字", "held texts that were read", found.held_texts),
        ("导出清单", "listed exports", found.exports),
    ];
    for (zh, en, count) in rest.into_iter().filter(|(.., count)| *count > 0) {
        print_line(&format!("{} {count}", console.say(zh, en)))?;
    }
    print_line(match (asked.now, found.is_empty()) {
        (_, true) => console.say("没有到期的内容", "nothing has been kept for longer than it may"),
        (true, false) => {
            console.say("以上已删除，手机下次同步时删除", "all of this is gone; phones erase it with their next sync")
        }
        (false, false) => console.say("以上已到期，加 --now 立即删除", "all of this is due; --now lets it go"),
    })?;
    Ok(Exit::Done)
}
