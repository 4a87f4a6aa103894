//! `rule terms`: working days to accept, to handle and to answer matters.

use super::failure::{Exit, Failure};
use super::rules::refused;
use super::{Console, print_line};
use chrono::NaiveDate;
use clap::Args;
use zoufang_domain::calendar::Moment;
use zoufang_domain::matter::{MatterKind, MatterRule, Track};
use zoufang_domain::message::Language;
use zoufang_domain::schema::Kind;
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::matters;
use zoufang_sync_server::reports::labels::label;
use zoufang_sync_server::reports::text::Table;
use zoufang_sync_server::rules;

#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// 名称。What people call it
    name: String,
    /// 单位：代码、名称或编号，管其下所有诉求。Unit: code, name or id; for all matters below
    #[arg(long, value_name = "UNIT")]
    unit: Option<String>,
    /// 办理方式：simple 即办、professional 转办、hard 督办、old 历史遗留；不给则全部。Track; without it every track
    #[arg(long, value_parser = track, value_name = "TRACK")]
    track: Option<Track>,
    /// 类型：enquiry、help、complaint、suggestion、report、hazard、dispute；不给则全部。Kind; without it every kind
    #[arg(long, value_parser = kind, value_name = "KIND")]
    kind: Option<MatterKind>,
    /// 上报后几个工作日内受理。Working days to accept, from the report
    #[arg(long, value_name = "DAYS")]
    accept: u16,
    /// 受理后几个工作日内处置。Working days to handle, from the acceptance
    #[arg(long, value_name = "DAYS")]
    handle: u16,
    /// 上报后几个工作日内答复居民。Working days to answer the resident, from the report
    #[arg(long, value_name = "DAYS")]
    answer: u16,
    /// 从哪天起，默认今天。First day; without it today
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
}

fn track(text: &str) -> Result<Track, String> {
    Track::from_name(text).ok_or_else(|| names(Track::ALL.iter().map(|it| it.name())))
}

fn kind(text: &str) -> Result<MatterKind, String> {
    MatterKind::from_name(text).ok_or_else(|| names(MatterKind::ALL.iter().map(|it| it.name())))
}

fn names(all: impl Iterator<Item = &'static str>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

pub(super) fn add(console: &Console, asked: &Terms) -> Result<Exit, Failure> {
    let store = console.open()?;
    let unit = store.read(|c| console.unit(c, asked.unit.as_deref()))?.id;
    let rule = MatterRule {
        name: asked.name.trim().to_owned(),
        track: asked.track,
        kind: asked.kind,
        accept_days: asked.accept,
        handle_days: asked.handle,
        answer_days: asked.answer,
        from: asked.from.unwrap_or_else(|| Moment::from_ms(console.now_ms).day()),
        to: None,
    };
    let written =
        store.write(|tx| rules::set_matter_rule(tx, console.now_ms, CONSOLE, unit, &rule).map_err(refused))?;
    let id = rules::id_by_name(Kind::MatterRule, unit, &rule.name);
    print_line(&match written.changed {
        true => format!("{} {id}", console.say("已新增办理时限", "terms added:")),
        false => format!("{} {id}", console.say("已有同样的办理时限", "there are these very terms:")),
    })?;
    Ok(Exit::Done)
}

pub(super) fn list(console: &Console) -> Result<Exit, Failure> {
    let rows = console.open()?.read(|c| {
        let mut rows = Vec::new();
        for set in rules::matter_rules(c)? {
            let rule = set.noun;
            let track = rule.track.map_or("", |it| label(console.language, "track", it.name()));
            let kind = rule.kind.map_or("", |it| label(console.language, "matter_kind", it.name()));
            let to = rule.to.map(|to| to.to_string()).unwrap_or_default();
            let days = [rule.accept_days, rule.handle_days, rule.answer_days].map(|days| days.to_string());
            let texts = [set.id.to_string(), rule.name, matters::place(c, set.unit)?, track.into(), kind.into()];
            rows.push(texts.into_iter().chain([rule.from.to_string(), to]).chain(days).collect());
        }
        Ok::<_, Failure>(rows)
    })?;
    let columns = match console.language {
        Language::Zh => vec!["时限编号", "名称", "单位", "办理方式", "类型", "起", "止", "受理", "处置", "答复"],
        Language::En => vec!["terms", "name", "unit", "track", "kind", "from", "to", "accept", "handle", "answer"],
    };
    print_line(&Table { columns, rows, texts_count: 7 }.to_terminal(None))?;
    Ok(Exit::Done)
}
