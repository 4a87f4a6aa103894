//! `report`.

use super::arguments::{Format, Report, ReportName};
use super::failure::{Exit, Failure};
use super::{Console, print_line};
use std::io::Write;
use zoufang_domain::calendar::Moment;
use zoufang_sync_server::reports::http::{Made, make};
use zoufang_sync_server::reports::labels::day;
use zoufang_sync_server::reports::{
    Asked, ReportError, coverage, devices, due, matters, notices, period, text, visits,
};
use zoufang_sync_server::store::Connection;

pub(super) fn run(console: &Console, asked: &Report) -> Result<Exit, Failure> {
    let now = Moment::from_ms(console.now_ms);
    let period = period(asked.from.as_deref(), asked.to.as_deref(), now.day())?;
    let text = console.open()?.read(|c| {
        let unit = console.unit(c, asked.within.unit.as_deref())?;
        let about = Asked { unit: unit.id, period, now };
        if asked.format == Format::Table {
            let span = format!("{} – {}", day(console.language, period.from), day(console.language, period.to));
            let table = table(console, c, asked.report, &about)?.to_terminal(None);
            return Ok(format!("{} · {span}\n{table}\n", unit.name));
        }
        let csv = asked.format == Format::Csv;
        let made = make(c, &console.scope(c)?, &about, asked.report.name(), csv, console.language)?;
        match made.ok_or(ReportError::NotFound)? {
            Made::Json(json) => Ok(json + "\n"),
            Made::Csv(csv) => Ok::<_, Failure>(csv),
        }
    })?;
    if asked.format == Format::Csv {
        std::io::stdout().lock().write_all(text.as_bytes())?;
    } else {
        print_line(text.trim_end_matches('\n'))?;
    }
    Ok(Exit::Done)
}

fn table(console: &Console, c: &Connection, report: ReportName, asked: &Asked) -> Result<text::Table, Failure> {
    let (scope, language) = (console.scope(c)?, console.language);
    Ok(match report {
        ReportName::Coverage => text::coverage(language, &coverage::coverage(c, &scope, asked)?),
        ReportName::Visits => text::visits(language, &visits::visits(c, &scope, asked)?),
        ReportName::Matters => text::matters(language, &matters::matters(c, &scope, asked)?),
        ReportName::Due => {
            let report = due::due(c, &scope, asked)?;
            if report.is_too_wide {
                return Err(too_wide());
            }
            text::due(language, &report)
        }
        ReportName::Notices => notices::notices(c, &scope, asked)?.to_table(language),
        ReportName::Devices => text::devices(language, &devices::devices(c, &scope, asked)?),
    })
}

fn too_wide() -> Failure {
    Failure::owned(
        Exit::Input,
        format!("该单位下的微网格超过 {} 个。请按街道或社区查看", due::MICRO_GRIDS_MAX_COUNT),
        format!("more than {} micro-grids: ask for a street or a community", due::MICRO_GRIDS_MAX_COUNT),
    )
}
