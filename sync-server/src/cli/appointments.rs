//! `appointment add|list`: what a community desk takes down for residents.

use super::arguments::InUnit;
use super::failure::{Exit, Failure};
use super::{Console, note_line, print_line, staff};
use chrono::{NaiveDate, NaiveTime};
use clap::{Args, Subcommand, ValueEnum};
use zoufang_domain::appointment::{Purpose, SLOTS_MAX_COUNT, Slot};
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{AppointmentId, HouseholdId, UnitId};
use zoufang_domain::message::Language;
use zoufang_domain::refusal::Refusal;
use zoufang_sync_server::appointments::{self, Wish};
use zoufang_sync_server::ledger::LedgerError;
use zoufang_sync_server::ports::{SystemRandom, random_id};
use zoufang_sync_server::reports::labels::label;
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::reports::{self, Asked, appointments as lists};
use zoufang_sync_server::store::Connection;

#[derive(Debug, Subcommand)]
pub(crate) enum Appointment {
    /// 为居民登记预约，手机下次同步后可见。Take an appointment down for a resident; phones have it after their next sync
    #[command(after_help = "\
例 Example:
  zoufang-server appointment add --unit 第1微网格 --home 1-1-101 --slot \"2026-12-01 09:00-10:00\" --by taizi --data-dir /var/lib/zoufang
  zoufang-server appointment add --unit 第1微网格 --home 1-1-102 --purpose errand --note 代办老年证 \\
    --slot \"2026-12-01 09:00-10:00\" --slot \"2026-12-02 15:00-16:00\" --by taizi --data-dir /var/lib/zoufang")]
    Add(AppointmentAdd),
    /// 未了结的预约，和期间内已了结的。Appointments that are not over, and those of the period that are
    #[command(after_help = "\
例 Example:
  zoufang-server appointment list --unit 140303 --data-dir /var/lib/zoufang
  zoufang-server appointment list --from 2026-11-01 --to 2026-11-30 --data-dir /var/lib/zoufang")]
    List(AppointmentList),
}

#[derive(Debug, Args)]
pub(crate) struct AppointmentAdd {
    /// 微网格：名称或编号。The micro-grid: name or id
    #[arg(long, value_name = "UNIT")]
    unit: String,
    /// 住户：楼-单元-室、地址、联系人或编号。The home: building-unit-room, address, contact or id
    #[arg(long, value_name = "HOME")]
    home: String,
    /// 预约什么。What for
    #[arg(long, value_enum, default_value = "visit", value_name = "WHAT")]
    purpose: For,
    /// 方便的时间，可给多个。A time that would suit; up to five
    #[arg(long = "slot", required = true, value_parser = slot, value_name = "YYYY-MM-DD HH:MM-HH:MM")]
    slots: Vec<Slot>,
    /// 事由。What about
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
    /// 登记人：社区工作台的姓名、用户名或编号。Who takes it down: name, login or id of someone at the community desk
    #[arg(long, value_name = "STAFF")]
    by: String,
}

#[derive(Debug, Args)]
pub(crate) struct AppointmentList {
    #[command(flatten)]
    within: InUnit,
    /// 起始日，默认本月一日。First day; without it the first of the month
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<String>,
    /// 结束日（含），默认月末。Last day, included; without it the end of the month
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum For {
    /// 走访
    Visit,
    /// 办事
    Errand,
}

impl From<For> for Purpose {
    fn from(purpose: For) -> Self {
        match purpose {
            For::Visit => Purpose::Visit,
            For::Errand => Purpose::Errand,
        }
    }
}

/// `2026-12-01 09:00-10:00`, by the clock in China.
fn slot(text: &str) -> Result<Slot, String> {
    let read = || {
        let (day, times) = text.trim().split_once(' ')?;
        let (from, to) = times.trim().split_once('-')?;
        let time = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").ok();
        Some(Slot::in_china(day.parse::<NaiveDate>().ok()?, time(from)?, time(to)?))
    };
    let found = read().filter(|slot| slot.is_sound());
    found.ok_or_else(|| {
        "写法 2026-12-01 09:00-10:00，先起后止。Write 2026-12-01 09:00-10:00, begin before end".to_owned()
    })
}

pub(super) fn run(console: &Console, verb: Appointment) -> Result<Exit, Failure> {
    match verb {
        Appointment::Add(asked) => add(console, asked),
        Appointment::List(asked) => list(console, &asked),
    }
}

fn add(console: &Console, asked: AppointmentAdd) -> Result<Exit, Failure> {
    let id = AppointmentId(random_id(&SystemRandom));
    console.open()?.write(|tx| {
        let area = console.unit(tx, Some(&asked.unit))?.id;
        let by = staff::find(tx, &asked.by)?.id;
        let household = home(console, tx, area, &asked.home)?;
        let (purpose, note, slots) = (asked.purpose.into(), asked.note.clone(), asked.slots.clone());
        let wish = Wish { id, area, household, purpose, note, slots };
        appointments::take_down(tx, console.now_ms, by, &wish).map_err(refused)
    })?;
    print_line(&format!("{} {id}", console.say("已登记预约", "appointment taken down:")))?;
    Ok(Exit::Done)
}

/// The one home that a text means.
/// The home of a micro-grid that a text means.
pub(super) fn home(console: &Console, c: &Connection, area: UnitId, text: &str) -> Result<HouseholdId, Failure> {
    let text = text.trim();
    let id = text.parse::<HouseholdId>().ok();
    let means = |home: &lists::Home| {
        Some(home.id) == id || home.short == text || home.address == text || (home.contact == text && !text.is_empty())
    };
    let found: Vec<lists::Home> = lists::homes(c, &console.scope(c)?, area)?.into_iter().filter(means).collect();
    match found.as_slice() {
        [only] => Ok(only.id),
        [] => Err(Failure::new(
            Exit::NotFound,
            "该微网格没有这一户。写法如 1-1-101",
            "no such home in this micro-grid; write 1-1-101",
        )),
        several => {
            let homes = several.iter().map(|home| format!("{} {}", home.id, home.address)).collect::<Vec<_>>();
            let homes = homes.join("\n  ");
            Err(Failure::owned(
                Exit::NotFound,
                format!("有多户符合，请改用编号：\n  {homes}"),
                format!("several homes are meant; give an id:\n  {homes}"),
            ))
        }
    }
}

fn refused(error: LedgerError) -> Failure {
    let LedgerError::Refused(refusal) = &error else { return error.into() };
    match refusal {
        Refusal::NotAssigned => Failure::new(
            Exit::Input,
            "登记人在该微网格没有任职",
            "who takes it down has no post that covers this micro-grid",
        ),
        Refusal::NotAllowed => Failure::new(
            Exit::Input,
            "登记人的岗位不能登记预约，应为社区工作台或网格人员",
            "the role of who takes it down does not allow it: a community desk or field staff do",
        ),
        Refusal::Invalid { field } if field == "household" => {
            Failure::new(Exit::Input, "该户已销户", "this home is closed")
        }
        Refusal::Invalid { field } if field == "slots" => Failure::owned(
            Exit::Usage,
            format!("时间有误：1 到 {SLOTS_MAX_COUNT} 个，每个不超过 24 小时"),
            format!("the times are not valid: 1 to {SLOTS_MAX_COUNT}, each at most 24 hours"),
        ),
        Refusal::Invalid { field } if field == "note" => {
            Failure::new(Exit::Usage, "事由最多 4000 字", "the note has at most 4000 characters")
        }
        _ => error.into(),
    }
}

fn list(console: &Console, asked: &AppointmentList) -> Result<Exit, Failure> {
    let found = console.open()?.read(|c| {
        let (unit, now) = (console.unit(c, asked.within.unit.as_deref())?.id, Moment::from_ms(console.now_ms));
        let period = reports::period(asked.from.as_deref(), asked.to.as_deref(), now.day())?;
        Ok::<_, Failure>(lists::appointments(c, &console.scope(c)?, &Asked { unit, period, now })?)
    })?;
    let word = |group, name| label(console.language, group, name).to_owned();
    let rows = found.appointments.iter().map(|one| {
        let state = word("appointment", one.state.name());
        let past = if one.is_overdue { console.say("（已过时间）", " (time is over)") } else { "" };
        vec![
            one.slot.map(|slot| slot.to_string()).unwrap_or_default(),
            state + past,
            word("purpose", one.purpose.name()),
            word("party", one.proposed_by.name()),
            one.unit.clone(),
            one.home.clone(),
            one.who.clone(),
            one.id.to_string(),
        ]
    });
    let columns = match console.language {
        Language::Zh => vec!["时间", "状态", "预约", "提出", "单位", "住户", "何人前往", "预约编号"],
        Language::En => vec!["time", "state", "what for", "asked by", "unit", "home", "who comes", "appointment id"],
    };
    print_line(&Table { columns, rows: rows.collect(), texts_count: 8 }.to_terminal(None))?;
    let (shown, total) = (found.appointments.len() as u64, found.total);
    if shown < total {
        let more = total - shown;
        note_line(&match console.language {
            Language::Zh => format!("还有 {more} 条未列出"),
            Language::En => format!("{more} more are not listed"),
        });
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_read_by_the_clock_in_china() {
        let read = slot("2026-12-01 09:00-10:30").unwrap();
        assert_eq!(
            (read.from.to_string(), read.to.to_string()),
            ("2026-12-01T01:00:00Z".into(), "2026-12-01T02:30:00Z".into())
        );
        for wrong in [
            "",
            "2026-12-01",
            "2026-12-01 10:00-09:00",
            "2026-12-01 09:00-09:00",
            "tomorrow 09:00-10:00",
            "2026-12-01 9-10",
        ] {
            assert!(slot(wrong).is_err(), "{wrong}");
        }
    }
}
