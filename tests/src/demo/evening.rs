//! The evening: desks move the matters of the first community on, a resident is answered and asked, and one manager hands over to another.

use super::setup::{self, City};
use super::{DemoError, Folder, Progress};
use crate::desks::{Course, Desks};
use crate::fleet::{Member, Serving};
use crate::ports::SetClock;
use crate::proxy::Proxy;
use serde_json::json;
use std::sync::Arc;
use zoufang_core::matters::MatterFilter;
use zoufang_core::views::Page;
use zoufang_domain::matter::MatterState;
use zoufang_sync_server::App;
use zoufang_sync_server::handover::{self, Wish};
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::store::StoreError;

/// Matters whose course is shown: one settled, one sent back, one that bounces.
const COURSES_COUNT: usize = 3;

/// The evening of the first community. Gives the members with whoever joined them.
pub(super) async fn of_the_first_community(
    serving: &Serving,
    folder: &Folder,
    city: &City,
    mut members: Vec<Member>,
    progress: &Progress,
) -> Result<Vec<Member>, DemoError> {
    let Some(place) = city.places.first() else { return Ok(members) };
    let Some(desks) = Desks::post(&serving.app, place.community)? else { return Ok(members) };
    let bar = progress.step("工作台办理与交接 desks and a handover", COURSES_COUNT + 1);
    let mut first = members.remove(0);
    let reported: Vec<_> = {
        let matters = first.phone.core().matters(MatterFilter::Open, Page::FIRST)?;
        let reported = matters.into_iter().filter(|one| one.state == MatterState::Reported);
        reported.take(COURSES_COUNT).map(|one| (one.micro_grid, one.id)).collect()
    };
    let courses = reported.iter().map(|(area, matter)| Course { app: &serving.app, area: *area, matter: *matter });
    for (number, course) in courses.enumerate() {
        match number {
            0 => {
                course.handled(&desks)?;
                // The manager learns of it, tells the resident, and somebody else asks whether it is so.
                first.sync().await?;
                first.phone.core().answer(course.matter, "测试户本人", "电话", "修好了，谢谢")?;
                first.sync().await?;
                course.closed(&desks)?;
            }
            1 => {
                course.moves(desks.community, "return", json!({ "reason": "请补充具体位置" }))?;
                first.sync().await?;
                first.phone.core().report_again(course.matter, "（补充）在二单元三层")?;
                first.sync().await?;
                course.moves(desks.community, "accept", json!({}))?;
            }
            _ => course.bounced(&desks)?,
        }
        bar.inc(1);
    }
    let newcomer = hand_over(serving, folder, &mut first, members.len() + 1).await?;
    bar.inc(1);
    bar.finish();
    members.insert(0, first);
    members.extend(newcomer);
    Ok(members)
}

/// The first manager's micro-grid goes to somebody new: drained, handed over, pulled by the new phone, erased on the old one, which says so.
async fn hand_over(
    serving: &Serving,
    folder: &Folder,
    leaver: &mut Member,
    number: usize,
) -> Result<Option<Member>, DemoError> {
    let Some(enrolled) = leaver.phone.core().profile()? else { return Ok(None) };
    let Some(area) = enrolled.areas.iter().find(|area| area.role.is_some()).map(|area| area.unit) else {
        return Ok(None);
    };
    leaver.sync().await?;
    let (app, now_ms) = (&serving.app, serving.app.now_ms());
    let comer = app.store.write(|tx| setup::newcomer(tx, now_ms, "测试接任者"))?;
    let wish = Wish { unit: area, from: enrolled.staff, to: comer, with_unsent: false };
    let made = app.store.write(|tx| handover::make(tx, app.random.as_ref(), now_ms, CONSOLE, wish));
    made.map_err(|error| DemoError::Desk { what: "handover".to_owned(), why: error.to_string() })?;
    let proxy = Arc::new(Proxy::before(serving.address()).await?);
    let mut joined = Member::new(&folder.phones(), number, SetClock::at(now_ms), proxy)?;
    joined.enrol(serving.enrol_code(comer)?).await?;
    joined.sync().await?;
    leaver.sync().await?;
    leaver.sync().await?;
    Ok(Some(joined))
}

/// What the evening left in the server's database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Traces {
    pub(super) appointments_kept: u64,
    pub(super) appointments_missed: u64,
    pub(super) matters_closed: u64,
    pub(super) matters_returned: u64,
    pub(super) handovers_receipted: u64,
}

impl Traces {
    pub(super) fn read(app: &App) -> Result<Traces, StoreError> {
        app.store.read(|c| {
            let count = |sql: &str| c.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|count| count.max(0) as u64);
            Ok(Traces {
                appointments_kept: count("SELECT count(*) FROM record WHERE kind = 14 AND status = 'kept'")?,
                appointments_missed: count("SELECT count(*) FROM record WHERE kind = 14 AND status = 'missed'")?,
                matters_closed: count("SELECT count(*) FROM record WHERE kind = 9 AND status = 'closed'")?,
                matters_returned: count(
                    "SELECT count(*) FROM record WHERE kind = 9 AND body LIKE '%\"what\":\"return\"%'",
                )?,
                handovers_receipted: count("SELECT count(*) FROM handover_device WHERE erased_ms IS NOT NULL")?,
            })
        })
    }
}
