//! What a stage can be told, a line each.

use super::{FIRST_STAFF, StageError, VISIT_DAY_MOST_DAYS};
use std::str::FromStr;
use uuid::Uuid;
use zoufang_domain::ids::DeviceId;

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// A one-time code for the phone of somebody who works in the micro-grid.
    Code {
        /// Who. At their first code they are made.
        name: String,
    },
    /// How many visits stand on the server.
    Visits,
    /// How many matters stand on the server.
    Matters,
    /// How many receipts of notices stand on the server.
    Receipts,
    /// Set a visit day of all homes: today's, in time for two days more, or that of some days ago, in time on that day alone.
    VisitDay {
        /// Days since, below [`super::VISIT_DAY_MOST_DAYS`].
        days_ago: u64,
        /// What the rule is called.
        name: String,
    },
    /// Send a notice that holds from today on.
    Notice {
        /// What it is called.
        title: String,
    },
    /// The enrolled phones.
    Devices,
    /// Refuse a phone for good.
    Revoke {
        /// Which.
        device: DeviceId,
    },
    /// Keep the server's database as it is now.
    BackUp,
    /// Put what was kept last in the server's place.
    Restore,
    /// From now on nothing comes back.
    Silence,
    /// The line is good again.
    Heal,
    /// The line breaks once so much has passed.
    BreakAfter {
        /// Both ways together.
        bytes: u64,
    },
}

impl FromStr for Command {
    type Err = StageError;
    fn from_str(line: &str) -> Result<Self, StageError> {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).map_or((line, ""), |(word, rest)| (word, rest.trim()));
        let unknown = || StageError::Unknown(line.to_owned());
        let command = match word {
            "code" if rest.is_empty() => Command::Code { name: FIRST_STAFF.to_owned() },
            "code" => return Ok(Command::Code { name: rest.to_owned() }),
            "revoke" => {
                let device = Uuid::parse_str(rest).map_err(|_| unknown())?;
                return Ok(Command::Revoke { device: DeviceId(device) });
            }
            "visit_day" => {
                let (days_ago, name) = rest.split_once(char::is_whitespace).ok_or_else(unknown)?;
                let days_ago = days_ago.parse().ok().filter(|days| *days < VISIT_DAY_MOST_DAYS).ok_or_else(unknown)?;
                return Ok(Command::VisitDay { days_ago, name: name.trim().to_owned() });
            }
            "notice" if !rest.is_empty() => return Ok(Command::Notice { title: rest.to_owned() }),
            "break_after" => return Ok(Command::BreakAfter { bytes: rest.parse().map_err(|_| unknown())? }),
            "visits" => Command::Visits,
            "matters" => Command::Matters,
            "receipts" => Command::Receipts,
            "devices" => Command::Devices,
            "back_up" => Command::BackUp,
            "restore" => Command::Restore,
            "silence" => Command::Silence,
            "heal" => Command::Heal,
            _ => return Err(unknown()),
        };
        if rest.is_empty() { Ok(command) } else { Err(unknown()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_read_as_commands_or_are_named() {
        let read = |line: &str| line.parse::<Command>();
        assert_eq!(read(" code \n").unwrap(), Command::Code { name: FIRST_STAFF.to_owned() });
        assert_eq!(read("code 测试管理员 乙").unwrap(), Command::Code { name: "测试管理员 乙".to_owned() });
        assert_eq!(read("break_after 900").unwrap(), Command::BreakAfter { bytes: 900 });
        assert_eq!(
            read("visit_day 3 测试 必访").unwrap(),
            Command::VisitDay { days_ago: 3, name: "测试 必访".to_owned() }
        );
        assert_eq!(read("notice 测试通知").unwrap(), Command::Notice { title: "测试通知".to_owned() });
        for line in [
            "",
            "visit",
            "visit_day 3",
            "visit_day 28 测试",
            "notice",
            "receipts all",
            "visits all",
            "revoke",
            "revoke 7",
            "restore it",
            "break_after",
            "break_after -1",
        ] {
            let refused = read(line).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("unknown command {line:?}")), "{refused}");
        }
    }
}
