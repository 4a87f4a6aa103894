//! What the units above ask of a day, and what becomes of it: a visit day, a must-visit list, a form, a type of care need.

use super::setup::City;
use super::{DemoError, Folder, Progress};
use crate::city::CityError;
use crate::fleet::Member;
use crate::phone::Phone;
use crate::ports::DAY_MS;
use crate::workbook;
use crate::world::all_homes;
use chrono::{Datelike, Days, NaiveDate};
use serde_json::json;
use std::collections::BTreeSet;
use uuid::Uuid;
use zoufang_core::Error;
use zoufang_core::care::{CareNeedDraft, CareOf};
use zoufang_core::views::Page;
use zoufang_domain::cadence::{CadenceRule, MustVisitList, OnDayOff, Rhythm};
use zoufang_domain::calendar::{Moment, Period};
use zoufang_domain::care::CareNeedType;
use zoufang_domain::due::TaskState;
use zoufang_domain::ids::UnitId;
use zoufang_domain::message::Language;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_sync_server::import::form::{self, SHEETS};
use zoufang_sync_server::ledger::CONSOLE;
use zoufang_sync_server::reports::{Asked, answers};
use zoufang_sync_server::store::scope::{Console, Scope};
use zoufang_sync_server::{App, forms, rules, units};

/// The form's id.
const FORM: &str = "safety";
/// What the must-visit list is called.
const LIST: &str = "测试六必访";
/// Homes that a phone puts on it.
const LISTED_COUNT: usize = 3;
/// Homes of a phone in which the form is filled in.
const FILLED_COUNT: usize = 2;
/// Days since the visit day of the list, on which nobody went.
const MISSED_DAYS: u64 = 3;
/// Days in which a visit day's homes are visited in time.
const WINDOW_DAYS: u16 = 3;

/// What was set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Set {
    /// The unit that set it: the top of the tree.
    unit: UnitId,
    /// The rule of the visit day.
    visit_day: Uuid,
    /// The last day of the needs that are set.
    until: NaiveDate,
}

/// What the phones and the server's report say of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) due_in_the_morning: u64,
    pub(super) overdue_in_the_morning: u64,
    pub(super) due_in_the_evening: u64,
    pub(super) visit_day_homes: u64,
    pub(super) visit_day_visited: u64,
    pub(super) forms_filled: u64,
    pub(super) answers_reported: u64,
    pub(super) needs_held: u64,
    pub(super) needs_held_next_day: u64,
}

/// The desk sets the visit day of today, a list whose day has passed, a type of need, and imports the form's workbook.
pub(super) fn set(
    app: &App,
    folder: &Folder,
    city: &City,
    (morning_ms, started_ms): (i64, i64),
    progress: &Progress,
) -> Result<Option<Set>, DemoError> {
    let Some(place) = city.places.first() else { return Ok(None) };
    let bar = progress.step("设定走访日、清单和表单 what is asked", 2);
    let unit = app.store.read(|c| units::ancestors(c, place.community))?.first().map_or(place.community, |top| top.id);
    let (now_ms, today) = (app.now_ms(), Moment::from_ms(morning_ms).day());
    let list = rules::id_by_name(Kind::MustVisitList, unit, LIST);
    let must = MustVisitList { name: LIST.into(), reason: "测试".into(), condition: None };
    let of = CareNeedType {
        name: "测试独居老人".into(),
        purpose: "上门探望".into(),
        seen_by: vec![Role::MicroGridManager],
        valid_max_days: 90,
    };
    let visit_day = rule("测试走访日", today, WINDOW_DAYS, None);
    let missed = rule("测试必访", today - Days::new(MISSED_DAYS), 1, Some(list));
    app.store.write(|tx| {
        rules::set_list(tx, now_ms, CONSOLE, unit, &must)?;
        rules::set_rule(tx, now_ms, CONSOLE, unit, &visit_day)?;
        rules::set_rule(tx, now_ms, CONSOLE, unit, &missed)?;
        rules::set_care_type(tx, now_ms, CONSOLE, unit, &of).map(drop)
    })?;
    bar.inc(1);
    std::fs::write(folder.form(), workbook()?)?;
    let read = form::read_file(&folder.form()).map_err(CityError::from)?;
    let Some(wanted) = read.form else { return Err(CityError::Rows(read.errors_count as u64).into()) };
    app.store.write(|tx| forms::publish(tx, now_ms, CONSOLE, unit, wanted.clone()))?;
    bar.inc(1);
    bar.finish();
    let visit_day = rules::id_by_name(Kind::CadenceRule, unit, &visit_day.name);
    Ok(Some(Set { unit, visit_day, until: Moment::from_ms(started_ms).day() }))
}

/// A rule for the day of the month that a day is.
fn rule(name: &str, day: NaiveDate, window_days: u16, list: Option<Uuid>) -> CadenceRule {
    CadenceRule {
        name: name.into(),
        rhythm: Rhythm::DaysOfMonth(vec![day.day() as u8]),
        list,
        window_days: Some(window_days),
        on_day_off: OnDayOff::Keep,
        from: day - Days::new(1),
        to: None,
    }
}

/// The form as a desk writes it.
fn workbook() -> Result<Vec<u8>, DemoError> {
    let settings: &[&[&str]] = &[&["form_id", "form_title"], &[FORM, "测试入户安全检查"]];
    let survey: &[&[&str]] = &[
        &["type", "name", "label", "label::English (en)", "required", "relevant", "constraint", "purpose"],
        &["yes_no", "gas", "家中使用燃气吗", "Is there gas?", "yes", "", "", "消防检查"],
        &["select_one kinds", "which", "哪一种", "Which kind?", "yes", "${gas} = true()", "", "消防检查"],
        &["integer", "people", "常住几人", "People", "", "", ". &gt;= 0 and . &lt;= 20", "消防检查"],
    ];
    let choices: &[&[&str]] =
        &[&["list_name", "name", "label"], &["kinds", "bottle", "瓶装"], &["kinds", "pipe", "管道"]];
    let [first, second, third] = SHEETS;
    let packed = workbook::packed(&[(first, settings), (second, survey), (third, choices)]);
    Ok(packed.map_err(std::io::Error::from)?)
}

/// The morning on every phone, without a line: homes are put on the list, a need is set, and the due list is read.
pub(super) fn in_the_morning(members: &[Member], set: &Set, found: &mut Found) -> Result<(), Error> {
    for member in members {
        let core = member.phone.core();
        let homes = all_homes(core)?;
        let list = core.must_visit_lists()?.first().ok_or(Error::NotFound { what: "must_visit_list" })?.id;
        for home in homes.iter().take(LISTED_COUNT) {
            core.set_on_list(home.household, list, true)?;
        }
        let of = core.care_types()?.first().ok_or(Error::NotFound { what: "care_need_type" })?.id;
        let whose = CareOf::Household(homes[member.number % homes.len()].household);
        let basis = "测试：独自居住，本人同意登记".to_owned();
        let need = CareNeedDraft { whose, of, basis, valid_from: None, valid_until: set.until };
        let need = core.add_care_need(&need)?;
        if member.number == 0 {
            core.renew_care_need(need.id, set.until + Days::new(30))?;
        }
        let due = core.due_list(None)?;
        found.due_in_the_morning += due.homes.len() as u64;
        let is_overdue = |state: Option<TaskState>| state == Some(TaskState::Overdue);
        let overdue = due.homes.iter().filter(|home| is_overdue(home.tasks.first().map(|task| task.state)));
        found.overdue_in_the_morning += overdue.count() as u64;
    }
    Ok(())
}

/// The form is begun in some homes, answer by answer: what is written stays when the phone is killed.
pub(super) fn begin_forms(phone: &Phone) -> Result<(), Error> {
    let core = phone.core();
    for (at, home) in all_homes(core)?.iter().rev().take(FILLED_COUNT).enumerate() {
        let draft = core.start_visit_draft(home.household)?;
        core.save_draft_field(draft, "mode", json!("door"))?;
        core.save_draft_field(draft, "outcome", json!("done"))?;
        core.set_draft_form(draft, Some(FORM))?;
        core.save_draft_answer(draft, "gas", json!(at == 0))?;
        core.save_draft_answer(draft, "people", json!(at + 2))?;
    }
    Ok(())
}

/// What was begun is filled in to its end and saved as visits. Where there is gas, the form asks for its kind and is not taken without.
pub(super) fn finish_forms(phone: &Phone) -> Result<(), Error> {
    let core = phone.core();
    for draft in core.drafts()? {
        let Some(form) = core.draft_form(draft.id)? else { continue };
        if form.shown.iter().any(|field| field == "which") {
            match core.save_draft_as_visit(draft.id) {
                Err(Error::Answers { .. }) => {}
                Err(error) => return Err(error),
                Ok(_) => return Err(Error::Invalid { field: "which".into() }),
            }
            core.save_draft_answer(draft.id, "which", json!("bottle"))?;
        }
        core.save_draft_as_visit(draft.id)?;
    }
    Ok(())
}

/// The end of the day on every phone, still without a line.
pub(super) fn after_work(members: &[Member], found: &mut Found) -> Result<(), Error> {
    for member in members {
        let core = member.phone.core();
        found.due_in_the_evening += core.due_list(None)?.homes.len() as u64;
        let now_ms = member.phone.clock.now_ms();
        let (from, to) = (Moment::from_ms(now_ms - DAY_MS), Moment::from_ms(now_ms + DAY_MS));
        let mut page = Page::FIRST;
        loop {
            let visits = core.visits_between(from, to, page)?;
            found.forms_filled += visits.iter().filter(|visit| visit.form.is_some()).count() as u64;
            if visits.len() < page.take_count as usize {
                break;
            }
            page = page.next();
        }
    }
    Ok(())
}

/// When all agree: how far the visit day is, area by area, and the needs that hold now and on the next day.
pub(super) fn in_the_end(members: &[Member], set: &Set, found: &mut Found) -> Result<(), Error> {
    let mut areas = BTreeSet::new();
    for member in members {
        let profile = member.phone.core().profile()?;
        let own = profile.into_iter().flat_map(|profile| profile.areas).filter(|area| area.role.is_some());
        // Co-managers' phones say the same.
        let is_first = own.map(|area| areas.insert(area.unit)).fold(false, |any, new| any | new);
        let told = member.phone.core().due_list(None)?.progress;
        if let Some(told) = told.iter().find(|told| is_first && told.rule == set.visit_day) {
            found.visit_day_homes += u64::from(told.homes_count);
            found.visit_day_visited += u64::from(told.visited_count);
        }
    }
    found.needs_held = needs_held(members)?;
    members.iter().for_each(|member| member.phone.clock.forward(DAY_MS));
    found.needs_held_next_day = needs_held(members)?;
    members.iter().for_each(|member| member.phone.clock.forward(-DAY_MS));
    Ok(())
}

fn needs_held(members: &[Member]) -> Result<u64, Error> {
    let mut held = BTreeSet::new();
    for member in members {
        let core = member.phone.core();
        for home in all_homes(core)? {
            let needs = core.care_needs_of_home(home.household)?;
            held.extend(needs.into_iter().filter(|need| need.holds).map(|need| need.id));
        }
    }
    Ok(held.len() as u64)
}

/// The answers as the desk exports them. Gives how many rows the file has.
pub(super) fn export(app: &App, folder: &Folder, set: &Set, period: Period, now: Moment) -> Result<u64, DemoError> {
    let asked = Asked { unit: set.unit, period, now };
    let answers = app.store.read(|c| {
        let scope = Scope::of_console(c, Console::at_the_command_line())?;
        answers::answers(c, &scope, &asked, FORM)
    })?;
    std::fs::write(folder.answers(), answers.to_csv(Language::Zh))?;
    let written = std::fs::read_to_string(folder.answers())?;
    Ok(written.lines().count().saturating_sub(1) as u64)
}

/// What happened, in plain words.
pub(super) fn told(found: &Found) -> String {
    let Found { due_in_the_morning: due, overdue_in_the_morning: overdue, due_in_the_evening: left, .. } = found;
    let (homes, visited) = (found.visit_day_homes, found.visit_day_visited);
    let (filled, rows, needs, next) =
        (found.forms_filled, found.answers_reported, found.needs_held, found.needs_held_next_day);
    format!(
        "今天是走访日：早上各手机共有 {due} 户待访，其中必访清单上 {overdue} 户已逾期；收工时还剩 {left} 户。同步后 {homes} 户中已走访 {visited} 户。\n\
         A visit day: {due} homes due on the phones in the morning, {overdue} of them overdue (must-visit list); {left} left at the end. \
         After the sync {visited} of {homes} homes are visited.\n\
         入户安全检查表离线填了 {filled} 份，导出的 safety.csv 有 {rows} 行。\n\
         The imported form was filled in {filled} times without a network; the export safety.csv has {rows} rows.\n\
         关爱需求 {needs} 项今天有效；明天只剩续期的 {next} 项，其余到期不再显示为有效。\n\
         {needs} care needs hold today; tomorrow {next}, the one that was renewed. The others have ended by themselves."
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use zoufang_domain::working_day::WorkingDays;

    #[test]
    fn on_any_day_of_any_month_the_visit_day_has_begun_and_the_lists_day_has_passed() {
        let first = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap();
        let days = WorkingDays::default();
        // Two years, one of them with a 29 February.
        for day in first.iter_days().take(731) {
            for later in [day, day + Days::new(1)] {
                let turn = rule("测试走访日", day, WINDOW_DAYS, None).turn(&days, later).unwrap();
                assert!(turn.from == day && later <= turn.due_to && later <= turn.ends, "{day}: {turn:?}");
                let missed = day - Days::new(MISSED_DAYS);
                let turn = rule("测试必访", missed, 1, None).turn(&days, later).unwrap();
                assert!(turn.from == missed && turn.due_to < day && later <= turn.ends, "{day}: {turn:?}");
            }
        }
    }
}
