//! `backup` and `check`.

use super::arguments::{Backup, Check};
use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line};
use zoufang_domain::message::Language;
use zoufang_sync_server::{backup, check};

pub(super) fn backup(console: &Console, asked: &Backup) -> Result<Exit, Failure> {
    let store = console.open()?;
    backup::to_file(&store, console.now_ms, &asked.to)?;
    print_line(&format!("{} {}", console.say("已备份到", "backed up to"), asked.to.display()))?;
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
