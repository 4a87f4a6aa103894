//! Every list and every single thing that a screen of the phone reads: the calls behind the groups of the bindings.

use super::make::FORM;
use crate::bench::sync::Failure;
use crate::ports::DAY_MS;
use uuid::Uuid;
use zoufang_core::matters::MatterFilter;
use zoufang_core::views::{HomeView, Page};
use zoufang_core::{Core, Error};
use zoufang_domain::calendar::Moment;
use zoufang_domain::schema::Kind;

/// What a screen reads, and how many rows come of it.
type Call = Box<dyn Fn(&Core) -> Result<usize, Error>>;

/// One thing that a screen reads.
pub struct Reading {
    /// By the names of the bindings.
    pub what: &'static str,
    /// Whether it is a search, which has a goal of its own.
    pub is_search: bool,
    /// Reads it.
    pub call: Call,
}

fn list(what: &'static str, call: impl Fn(&Core) -> Result<usize, Error> + 'static) -> Reading {
    Reading { what, is_search: false, call: Box::new(call) }
}

fn search(what: &'static str, query: &'static str) -> Reading {
    let call = move |core: &Core| {
        let found = core.search(query, zoufang_core::search::HITS_MAX_COUNT)?;
        if found.is_complete { Ok(found.hits.len()) } else { Err(Error::Invalid { field: "index".into() }) }
    };
    Reading { what, is_search: true, call: Box::new(call) }
}

/// A page as deep as a list of 1,000 goes.
const DEEP: Page = Page { skip_count: 900, take_count: 100 };

/// All of them, for what is on the phone.
///
/// # Errors
/// What the core says; when the phone holds nothing to open.
pub fn all(core: &Core) -> Result<Vec<Reading>, Failure> {
    let home = core.homes(Page::FIRST)?.into_iter().max_by_key(|home| home.open_matters_count).ok_or("a home")?;
    let mut all = homes(core, &home)?;
    all.extend(visits(core, &home)?);
    all.extend(tasks(core, &home));
    all.extend(care(core)?);
    all.extend(matters(core, &home)?);
    all.extend(drafts(core)?);
    all.extend(searches());
    Ok(all)
}

fn homes(core: &Core, home: &HomeView) -> Result<Vec<Reading>, Failure> {
    let id = home.household;
    let resident = core.residents_of(id)?.first().ok_or("a resident")?.id;
    Ok(vec![
        list("households.list", |core| Ok(core.homes(Page::FIRST)?.len())),
        list("households.find", move |core| core.home(id).map(|_| 1)),
        list("residents.of_household", move |core| Ok(core.residents_of(id)?.len())),
        list("residents.homes", move |core| Ok(core.homes_of_resident(resident)?.len())),
        list("rights.list", |core| Ok(core.rights_requests(Page::FIRST)?.len())),
        list("residents.likely_same, by name", |core| Ok(core.likely_same("测试王秀英", None, None)?.len())),
        list("residents.likely_same, by phone", |core| {
            Ok(core.likely_same("测试某人", Some("13800070001"), Some(1970))?.len())
        }),
    ])
}

fn visits(core: &Core, home: &HomeView) -> Result<Vec<Reading>, Failure> {
    let id = home.household;
    let now_ms = core.ports().clock.now_ms();
    let (now, before) = (Moment::from_ms(now_ms + DAY_MS), |days| Moment::from_ms(now_ms - days * DAY_MS));
    let (week, year) = (before(7), before(365));
    let visit = core.visits_of(id, Page::FIRST)?.first().ok_or("a visit")?.id;
    Ok(vec![
        list("visits.of_household", move |core| Ok(core.visits_of(id, Page::FIRST)?.len())),
        list("visits.of_household, second page", move |core| Ok(core.visits_of(id, Page::FIRST.next())?.len())),
        list("visits.between, a week", move |core| Ok(core.visits_between(week, now, Page::FIRST)?.len())),
        list("visits.between, a year", move |core| Ok(core.visits_between(year, now, Page::FIRST)?.len())),
        list("visits.between, a year, tenth page", move |core| Ok(core.visits_between(year, now, DEEP)?.len())),
        list("visits.find", move |core| core.visit(visit).map(|_| 1)),
    ])
}

fn tasks(core: &Core, home: &HomeView) -> Vec<Reading> {
    let first = core.upcoming_appointments(Page::FIRST).ok().and_then(|all| all.into_iter().next());
    let id = first.as_ref().map_or(home.household, |one| one.household);
    let later = Moment::from_ms(core.ports().clock.now_ms() + 20 * DAY_MS).day();
    let mut readings = vec![
        list("tasks.due, today", |core| Ok(core.due_list(None)?.homes.len())),
        list("tasks.due, in twenty days", move |core| Ok(core.due_list(Some(later))?.homes.len())),
        list("tasks.put_off", |core| Ok(core.tasks_put_off()?.len())),
        list("tasks.must_visit_lists", |core| Ok(core.must_visit_lists()?.len())),
        list("appointments.upcoming", |core| Ok(core.upcoming_appointments(Page::FIRST)?.len())),
        list("appointments.of_household", move |core| Ok(core.appointments_of(id, Page::FIRST)?.len())),
    ];
    readings.extend(
        first.map(|one| one.id).map(|id| list("appointments.find", move |core| core.appointment(id).map(|_| 1))),
    );
    readings
}

fn care(core: &Core) -> Result<Vec<Reading>, Failure> {
    let needs = core.care_needs_expiring(90)?;
    let id = needs.iter().find_map(|need| need.household).ok_or("a home's need")?;
    let resident = needs.iter().find_map(|need| need.resident).ok_or("a resident's need")?;
    Ok(vec![
        list("care.types", |core| Ok(core.care_types()?.len())),
        list("care.of_home", move |core| Ok(core.care_needs_of_home(id)?.len())),
        list("care.of_resident", move |core| Ok(core.care_needs_of_resident(resident)?.len())),
        list("care.expiring, 30 days", |core| Ok(core.care_needs_expiring(30)?.len())),
        list("care.expiring, 90 days", |core| Ok(core.care_needs_expiring(90)?.len())),
    ])
}

fn matters(core: &Core, home: &HomeView) -> Result<Vec<Reading>, Failure> {
    let id = home.household;
    let by = |what, filter, page| list(what, move |core: &Core| Ok(core.matters(filter, page)?.len()));
    let matter = core.matters(MatterFilter::All, Page::FIRST)?.first().ok_or("a matter")?.id;
    Ok(vec![
        by("matters.list, open", MatterFilter::Open, Page::FIRST),
        by("matters.list, waiting for an answer", MatterFilter::Waiting, Page::FIRST),
        by("matters.list, overdue", MatterFilter::Overdue, Page::FIRST),
        by("matters.list, all", MatterFilter::All, Page::FIRST),
        by("matters.list, all, tenth page", MatterFilter::All, DEEP),
        list("matters.of_household", move |core| Ok(core.matters_of(id, Page::FIRST)?.len())),
        list("matters.answer_ledger", |core| Ok(core.answer_ledger(Page::FIRST)?.len())),
        list("matters.answer_ledger, tenth page", |core| Ok(core.answer_ledger(DEEP)?.len())),
        list("matters.find", move |core| core.matter(matter).map(|_| 1)),
    ])
}

fn drafts(core: &Core) -> Result<Vec<Reading>, Failure> {
    let draft = core.drafts()?.into_iter().find(|draft| draft.kind == Kind::Visit).ok_or("a draft")?.id;
    let areas: Vec<Uuid> = core.profile()?.ok_or("a profile")?.areas.iter().map(|area| area.unit.0).collect();
    Ok(vec![
        list("drafts.list", |core| Ok(core.drafts()?.len())),
        list("drafts.find", move |core| core.draft(draft).map(|_| 1)),
        list("forms.list", |core| Ok(core.forms()?.len())),
        list("forms.find", |core| core.form(FORM, 1).map(|_| 1)),
        list("forms.of_draft", move |core| Ok(core.draft_form(draft)?.map_or(0, |form| form.shown.len()))),
        list("conflicts.list", |core| Ok(core.conflicts()?.len())),
        list("quarantine.list", |core| Ok(core.quarantined(Page::FIRST)?.len())),
        list("sync.status", |core| core.sync_status().map(|_| 1)),
        list("enrolment.profile", move |core| Ok(core.profile()?.map_or(0, |_| areas.len()))),
    ])
}

fn searches() -> Vec<Reading> {
    vec![
        search("search, two characters, one note in a hundred (漏水)", "漏水"),
        search("search, two characters, one note in three (老人)", "老人"),
        search("search, two characters in no record (龙舟)", "龙舟"),
        search("search, two words (老人 漏水)", "老人 漏水"),
        search("search, a name by its initials (wxy)", "wxy"),
        search("search, a name (王秀英)", "王秀英"),
        search("search, digits of a phone number (1380007)", "1380007"),
        // Without a pair the index does not help, and no more was promised of it than of a list.
        Reading { is_search: false, ..search("search, one character (漏)", "漏") },
    ]
}
