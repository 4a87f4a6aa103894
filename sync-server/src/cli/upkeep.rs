//! `backup`, `restore` and `check`.

use super::arguments::{Backup, Check, Restore};
use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line};
use zoufang_domain::message::Language;
use zoufang_sync_server::{backup, check, restore};

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
