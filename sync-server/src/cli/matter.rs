//! `matter list|show|open|move`: what residents ask, where it stands, and the desk's moves on behalf of a named member of staff.

use super::failure::{Exit, Failure};
use super::{Console, appointments, print_line};
use clap::{Args, Subcommand};
use serde_json::Value;
use zoufang_domain::calendar::Moment;
use zoufang_domain::ids::{MatterId, StaffId, UnitId};
use zoufang_domain::matter::{DESK, EventKind, ID_FIELDS, MatterKind, Source, Track, Urgency};
use zoufang_domain::message::Language;
use zoufang_domain::operation::{Fields, List};
use zoufang_sync_server::matters::{self, Move, MoveError, Report, Standing, Wanted};
use zoufang_sync_server::ports::{SystemRandom, random_id};
use zoufang_sync_server::reports::labels::{label, time};
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::staff;
use zoufang_sync_server::store::Connection;

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// 未办结的诉求，期限近的在前。Matters that are open, the one due first first
    #[command(after_help = "\
例 Example:
  zoufang-server matter list --unit 140303 --data-dir /var/lib/zoufang")]
    List(super::arguments::InUnit),
    /// 一件诉求的状态和经过。One matter: where it stands and what happened
    #[command(after_help = "\
例 Example:
  zoufang-server matter show 0198c0de-0000-7000-8000-000000000004 --data-dir /var/lib/zoufang")]
    Show {
        /// 诉求编号，见 matter list。The matter, as `matter list` shows it
        matter: MatterId,
    },
    /// 工作台登记一件诉求（热线、部门、直通车等）。Take a matter down at a desk: from the hotline, a department, a call
    #[command(after_help = "\
例 Example:
  zoufang-server matter open 楼道灯不亮 --unit 第1微网格 --home 1-1-101 --source hotline --kind help --track professional --by taizi --data-dir /var/lib/zoufang")]
    Open(OpenArguments),
    /// 办理一步：按该工作人员现在的岗位判断，不合则不写入。Make a move, judged by the person's present posts
    #[command(after_help = "\
例 Example:
  zoufang-server matter move 0198c0de-0000-7000-8000-000000000004 accept --staff ceshi --data-dir /var/lib/zoufang
  zoufang-server matter move 0198c0de-0000-7000-8000-000000000004 dispatch --staff ceshi --with unit=段南沟社区 --data-dir /var/lib/zoufang
  zoufang-server matter move 0198c0de-0000-7000-8000-000000000004 suspend --staff ceshi --with reason=等材料 --with review=2026-12-01 --data-dir /var/lib/zoufang
  zoufang-server matter move 0198c0de-0000-7000-8000-000000000004 close --staff ceshi --with ending=resolved --data-dir /var/lib/zoufang")]
    Move(MoveArguments),
}

#[derive(Debug, Args)]
pub(crate) struct OpenArguments {
    /// 内容。What it is
    summary: String,
    /// 微网格：名称或编号。The micro-grid: name or id
    #[arg(long, value_name = "UNIT")]
    unit: String,
    /// 住户：楼-单元-室、地址、联系人或编号。The home: building-unit-room, address, contact or id
    #[arg(long, value_name = "HOME")]
    home: Option<String>,
    /// 来源：hotline、direct_line、department、patrol、appointment。Where it comes from
    #[arg(long, value_parser = named(Source::from_name, Source::ALL, Source::name), default_value = "hotline", value_name = "SOURCE")]
    source: Source,
    /// 类型：enquiry、help、complaint、suggestion、report、hazard、dispute。What kind
    #[arg(long, value_parser = named(MatterKind::from_name, MatterKind::ALL, MatterKind::name), value_name = "KIND")]
    kind: MatterKind,
    /// 办理方式：simple、professional、hard、old。How it is worked on
    #[arg(long, value_parser = named(Track::from_name, Track::ALL, Track::name), default_value = "professional", value_name = "TRACK")]
    track: Track,
    /// 紧急。It is urgent
    #[arg(long)]
    urgent: bool,
    /// 登记人：姓名、用户名或编号。Who takes it down: name, login or id
    #[arg(long, value_name = "STAFF")]
    by: String,
}

/// Reads a word of the domain by its name, and lists them all for any other.
fn named<T: Copy + Send + Sync + 'static>(
    from_name: fn(&str) -> Option<T>,
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| from_name(text).ok_or_else(|| all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", "))
}

#[derive(Debug, Args)]
pub(crate) struct MoveArguments {
    /// 诉求编号。The matter
    matter: MatterId,
    /// 哪一步：accept、return、decline、dispatch、sign、reject_back、start、handle、answer、ask_extension、grant_extension、
    /// refuse_extension、suspend、supervise、escalate、fact_file、verify_ok、verify_not、merge、close、reopen、note。Which move
    #[arg(value_parser = event, value_name = "MOVE")]
    event: EventKind,
    /// 谁：编号、用户名或姓名。Who: id, login or name
    #[arg(long, value_name = "WHO")]
    staff: String,
    /// 要写明的内容，如 reason=…、unit=…、until=2026-12-01、told=…、how=…；可重复。What is written with it; may be repeated
    #[arg(long = "with", value_parser = pair, value_name = "NAME=TEXT")]
    with: Vec<(String, String)>,
}

fn event(text: &str) -> Result<EventKind, String> {
    let all = || EventKind::ALL.iter().map(|it| it.name()).collect::<Vec<_>>().join(", ");
    EventKind::from_name(text).ok_or_else(all)
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=TEXT")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

pub(super) fn run(console: &Console, verb: Verb) -> Result<Exit, Failure> {
    match verb {
        Verb::List(within) => list(console, within.unit.as_deref()),
        Verb::Show { matter } => show(console, matter),
        Verb::Open(asked) => open(console, &asked),
        Verb::Move(asked) => make(console, asked),
    }
}

fn list(console: &Console, unit: Option<&str>) -> Result<Exit, Failure> {
    let now = Moment::from_ms(console.now_ms);
    let rows = console.open()?.read(|c| {
        let (scope, unit) = (console.scope(c)?, console.unit(c, unit)?.id);
        Ok::<_, Failure>(matters::list(c, &scope, Wanted::Open { unit }, now)?)
    })?;
    let say = |group: &str, name: &'static str| label(console.language, group, name).to_owned();
    let rows = rows.into_iter().map(|row| {
        let late = row.work.filter(|clock| clock.is_overdue(now.day()));
        let marks = [
            row.is_overdue.then(|| console.say("答复超期", "answer overdue").to_owned()),
            late.map(|clock| format!("{}{}", say("step", clock.step.name()), console.say("超期", " overdue"))),
            row.supervised.then(|| say("event", "supervise")),
            row.escalated.then(|| say("event", "escalate")),
        ];
        let marks = marks.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (state, turn) = (say("state", row.state.name()), say("turn", row.turn.name()));
        vec![row.id.to_string(), row.matter.summary, row.place, state, turn, row.matter.due.day().to_string(), marks]
    });
    let columns = match console.language {
        Language::Zh => vec!["诉求编号", "内容", "单位", "状态", "轮到谁", "答复期限", "提醒"],
        Language::En => vec!["matter", "what", "unit", "state", "whose turn", "answer due", "marks"],
    };
    print_line(&Table { columns, rows: rows.collect(), texts_count: 7 }.to_terminal(None))?;
    Ok(Exit::Done)
}

fn show(console: &Console, id: MatterId) -> Result<Exit, Failure> {
    console.open()?.read(|c| {
        let area = area_of(console, c, id)?;
        let standing = matters::seen(c, &console.scope(c)?, &[], area, id)?.ok_or_else(nowhere)?;
        told(console, c, &standing)
    })?;
    Ok(Exit::Done)
}

fn told(console: &Console, c: &Connection, standing: &Standing) -> Result<(), Failure> {
    let say = |group: &str, name: &str| label(console.language, group, name).to_owned();
    let (matter, folded) = (&standing.matter, &standing.folded);
    print_line(&matter.summary)?;
    print_line(&format!(
        "{} · {} · {} · {}",
        matters::place(c, standing.record.area)?,
        say("track", matter.track.name()),
        say("state", folded.state.name()),
        say("turn", folded.state.turn().name()),
    ))?;
    print_line(&format!("{} {}", console.say("答复期限", "answer due"), time(matter.due)))?;
    for (entry, did) in standing.record.list(List::Events).iter().zip(&folded.events) {
        let who = staff::find(c, entry.who)?.map_or_else(|| entry.who.to_string(), |person| person.name);
        let late = if did.late { console.say("（迟到，仅作备注）", " (late: a note only)") } else { "" };
        let mut line = format!("{}  {}{late}  {who}", time(entry.when), say("event", &entry.what));
        for (name, value) in &entry.data {
            let unit = value.as_str().and_then(|text| text.parse::<UnitId>().ok());
            let is_unit = name != "into" && ID_FIELDS.contains(&name.as_str());
            let text = match (unit, value) {
                (Some(unit), _) if is_unit => matters::place(c, unit)?,
                (_, Value::String(text)) if name == "ending" || name == "level" => say(name, text),
                (_, Value::String(text)) => text.clone(),
                (_, other) => other.to_string(),
            };
            line.push_str(&match name == DESK {
                true => format!(" · {text}"),
                false => format!("  {}: {text}", say("told", name)),
            });
        }
        print_line(&line)?;
    }
    Ok(())
}

fn open(console: &Console, asked: &OpenArguments) -> Result<Exit, Failure> {
    let id = MatterId(random_id(&SystemRandom));
    let standing = console.open()?.write(|tx| {
        let area = console.unit(tx, Some(&asked.unit))?.id;
        let by = one(&staff::matching(tx, &asked.by)?)?;
        let household = asked.home.as_deref().map(|home| appointments::home(console, tx, area, home)).transpose()?;
        let report = Report {
            id,
            area,
            household,
            source: asked.source,
            kind: asked.kind,
            track: asked.track,
            urgency: asked.urgent.then_some(Urgency::Urgent),
            summary: asked.summary.clone(),
        };
        Ok::<_, Failure>(matters::open(tx, console.now_ms, by, &report)?)
    })?;
    print_line(&format!("{} {id}", console.say("已登记诉求", "matter taken down:")))?;
    print_line(&format!("{} {}", console.say("答复期限", "answer due"), time(standing.matter.due)))?;
    Ok(Exit::Done)
}

fn make(console: &Console, asked: MoveArguments) -> Result<Exit, Failure> {
    let standing = console.open()?.write(|tx| {
        let area = area_of(console, tx, asked.matter)?;
        let person = one(&staff::matching(tx, &asked.staff)?)?;
        let mut data = Fields::new();
        for (name, text) in &asked.with {
            let value = match name.as_str() {
                "unit" => Value::from(console.unit(tx, Some(text))?.id.to_string()),
                "attempts" => text.split(['；', ';']).map(|one| Value::from(one.trim())).collect(),
                _ => Value::from(text.as_str()),
            };
            data.insert(name.clone(), value);
        }
        data.remove(DESK);
        let asked = Move { staff: person, area, matter: asked.matter, event: asked.event, data };
        Ok::<_, Failure>(matters::make(tx, console.now_ms, asked)?)
    })?;
    let state = label(console.language, "state", standing.folded.state.name());
    let turn = label(console.language, "turn", standing.folded.state.turn().name());
    print_line(&format!("{} {state} · {} {turn}", console.say("状态", "state:"), console.say("轮到", "next:")))?;
    Ok(Exit::Done)
}

fn area_of(console: &Console, c: &Connection, id: MatterId) -> Result<UnitId, Failure> {
    matters::area_of(c, &console.scope(c)?, id)?.ok_or_else(nowhere)
}

fn nowhere() -> Failure {
    Failure::new(Exit::NotFound, "没有这件诉求", "there is no such matter")
}

fn one(found: &[staff::StaffView]) -> Result<StaffId, Failure> {
    match found {
        [only] => Ok(only.id),
        [] => Err(Failure::new(Exit::NotFound, "没有这个工作人员", "there is no such member of staff")),
        _ => Err(Failure::new(
            Exit::Usage,
            "有多人同名，请用编号或用户名",
            "several people have that name: give an id or a login",
        )),
    }
}

impl From<MoveError> for Failure {
    fn from(error: MoveError) -> Self {
        match error {
            MoveError::NotHere => Failure::new(
                Exit::NotFound,
                "该工作人员在这件诉求的辖区没有岗位",
                "this person has no post where the matter is",
            ),
            MoveError::Hindered(hindrance) => Failure::of_message(Exit::Input, hindrance.message_id()),
            MoveError::Field(field) => Failure::owned(
                Exit::Input,
                format!("缺少或不符合要求：--with {field}=…（{}）", label(Language::Zh, "told", &field)),
                format!("missing or not valid: --with {field}=… ({})", label(Language::En, "told", &field)),
            ),
            MoveError::Ledger(e) => e.into(),
        }
    }
}
