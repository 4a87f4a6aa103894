//! Stories of a phone, each cut at every moment.

use crate::hearing::Hearing;
use crate::phone_states::PhoneJudge;
use crate::story::{Story, Telling, What};
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::views::{DraftId, HomeView};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_domain::wire::limits::PUSH_OPERATIONS_MAX_COUNT;
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::{MINUTE_MS, MORNING_MS, SeededIds, SetClock};
use zoufang_tests::power_cut::recording::{Op, beside};
use zoufang_tests::power_cut::trial::{Tally, Trial};
use zoufang_tests::world::{Fault, Handset, Line, World};

/// What the log holds when SQLite moves it into the database, and a page of it with its header.
const LOG_PAGES_COUNT: u64 = 1_000;
const LOG_PAGE_BYTES: u64 = 4_096 + 24;
/// Pages before that at which a long log is recorded.
const LOG_PAGES_BEFORE_COUNT: u64 = 60;

/// A runtime for the exchanges of a story.
pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

pub(crate) fn report(name: &str, judge: &PhoneJudge<'_>, tally: &Tally) {
    eprintln!(
        "{name}: {} states of {} transactions, {} without the last of them",
        tally.states_count,
        judge.transactions_count(),
        judge.rolled_back_count.get()
    );
}

pub(crate) fn save(telling: &mut Telling, phone: &Phone, home: &HomeView, note: &str) {
    let draft = VisitDraft { note: note.to_owned(), ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
    telling
        .durably(|| phone.core().save_visit(draft).unwrap(), |visit| vec![(visit.id.0, What::Visit(note.to_owned()))]);
    phone.clock.forward(MINUTE_MS);
}

fn edit(telling: &mut Telling, phone: &Phone, home: &HomeView, number: &str) {
    let edit = HouseholdEdit { phone: Some(Some(number.to_owned())), ..HouseholdEdit::default() };
    telling.durably(
        || phone.core().edit_household(home.household, &edit).unwrap(),
        |home| vec![(home.household.0, What::HomePhone(number.to_owned()))],
    );
}

/// A draft field by field, then the visit that it becomes, or nothing.
fn write_draft(telling: &mut Telling, phone: &Phone, home: &HomeView, note: &str, is_saved: bool) {
    let core = phone.core();
    let as_it_stands = |id| vec![(id, What::Draft(Some(core.draft(DraftId(id)).unwrap())))];
    let id = telling.durably(|| core.start_visit_draft(home.household).unwrap(), |id| as_it_stands(id.0));
    let fields: [(&str, Value); 4] =
        [("mode", json!("phone")), ("outcome", json!("done")), ("note", json!(note)), ("duties", json!([]))];
    for (field, value) in fields {
        phone.clock.forward(MINUTE_MS);
        telling.durably(|| core.save_draft_field(id, field, value).unwrap(), |()| as_it_stands(id.0));
    }
    if is_saved {
        // One thing in two shapes: the judge also asks that they are never there together.
        let visit = What::Visit(note.to_owned());
        telling.durably(|| core.save_draft_as_visit(id).unwrap(), |_| vec![(id.0, visit)]);
    } else {
        telling.durably(|| core.discard_draft(id).unwrap(), |()| vec![(id.0, What::Draft(None))]);
    }
}

/// A morning: visits, drafts, edits, the app sent to the background and back, a sync that breaks after its acknowledgement, and one that
/// does not.
pub(crate) fn morning() -> (World, Handset, Story) {
    let (runtime, mut world) = (runtime(), World::new(31));
    let area = world.micro_grid("测试微网格", 6);
    let phone = runtime.block_on(world.managers_phone("测试甲", area));
    let homes = phone.homes();
    let mut telling = Telling::of(phone.path());
    for part in 0..4 {
        for (at, home) in homes.iter().enumerate() {
            save(&mut telling, &phone, home, &format!("第 {part} 轮第 {at} 户，一切正常。{}", "记".repeat(at * 200)));
        }
        edit(&mut telling, &phone, &homes[part], &format!("139000300{part:02}"));
        write_draft(&mut telling, &phone, &homes[part + 1], "门口说了几句，改日再来", part != 1);
        match part {
            1 => {
                phone.line.plan("pull", Fault::RequestLost, 1);
                telling.durably(|| runtime.block_on(phone.sync()).unwrap_err(), |_| Vec::new());
            }
            3 => drop(telling.durably(|| runtime.block_on(phone.must_sync()), |_| Vec::new())),
            _ => {
                telling.durably(|| phone.core().pause().unwrap(), |()| Vec::new());
                phone.core().resume().unwrap();
            }
        }
    }
    (world, phone, telling.end())
}

#[test]
fn what_a_phone_saved_in_a_morning_survives_a_power_cut_at_any_moment() {
    crate::begin();
    let (_world, phone, story) = morning();
    let trial = Trial { name: "morning", recording: &story.recording, share_percent: 25 };
    let judge = PhoneJudge::of(&story, &phone, &trial);
    assert!(judge.transactions_count() >= 30, "{}", judge.transactions_count());
    let tally = trial.run(|cut| judge.judge(cut));
    report("morning", &judge, &tally);
    tally.must_be_clean("morning");
}

#[test]
fn a_log_that_is_moved_and_begun_anew_loses_nothing() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(32));
    let area = world.micro_grid("测试微网格", 3);
    let phone = runtime.block_on(world.managers_phone("测试甲", area));
    let homes = phone.homes();
    let log = beside(phone.path(), "-wal");
    let log_pages = || std::fs::metadata(&log).map_or(0, |about| about.len()) / LOG_PAGE_BYTES;
    let long = "记".repeat(900);
    for at in 0.. {
        if log_pages() >= LOG_PAGES_COUNT - LOG_PAGES_BEFORE_COUNT {
            break;
        }
        let draft = VisitDraft {
            note: format!("{at}{long}"),
            ..VisitDraft::new(homes[0].household, Mode::Door, Outcome::Done)
        };
        phone.core().save_visit(draft).unwrap();
        assert!(at < 1_000, "the log does not grow");
    }
    let mut telling = Telling::of(phone.path());
    let (mut saves_count, mut after_restart_count) = (0, 0);
    while after_restart_count < 4 {
        save(&mut telling, &phone, &homes[saves_count % 3], &format!("第 {saves_count} 次"));
        saves_count += 1;
        after_restart_count += usize::from(telling.recorder.log_restarts_count() > 0);
        assert!(saves_count < 200, "the log was not moved");
    }
    let story = telling.end();
    let trial = Trial { name: "long-log", recording: &story.recording, share_percent: 6 };
    let judge = PhoneJudge::of(&story, &phone, &trial);
    let tally = trial.run(|cut| judge.judge(cut));
    report("long-log", &judge, &tally);
    tally.must_be_clean("long-log");
}

/// A new phone: its database is founded, it is enrolled, and it syncs.
pub(crate) fn first_minute() -> (TempDir, Phone, Story) {
    let (runtime, world, folder) = (runtime(), World::new(33), tempfile::tempdir().unwrap());
    let area = world.micro_grid("测试微网格", 3);
    let code = world.server.enrol_code(world.manager("测试甲", area));
    let path = folder.path().join("phone.db");
    let mut telling = Telling::of(&path);
    let found = || Phone::new(&path, SetClock::at(MORNING_MS), Arc::new(SeededIds::of(33, 1))).unwrap();
    let phone = telling.durably(found, |_| Vec::new());
    let line = Line::to(zoufang_sync_server::build_router(Arc::clone(&world.server.app)));
    let protocol = HttpProtocol::new(line);
    let input = EnrolInput { server_url: "http://127.0.0.1:9".to_owned(), ca_pem: None, code };
    telling.durably(
        || runtime.block_on(phone.enrol(&protocol, input)).unwrap(),
        |enrolled| vec![(enrolled.staff.0, What::Device)],
    );
    runtime.block_on(phone.sync_over(&protocol)).unwrap();
    telling.all_is_durable();
    (folder, phone, telling.end())
}

#[test]
fn a_new_database_is_founded_and_enrolled_whole_or_not_at_all() {
    crate::begin();
    let (_folder, phone, story) = first_minute();
    let renamed_count = story.recording.ops.iter().filter(|op| matches!(op, Op::Rename(..))).count();
    assert_eq!(renamed_count, 1, "the database is made under another name");
    let trial = Trial { name: "founding", recording: &story.recording, share_percent: 12 };
    let judge = PhoneJudge::of(&story, &phone, &trial);
    let tally = trial.run(|cut| judge.judge(cut));
    report("founding", &judge, &tally);
    tally.must_be_clean("founding");
}

#[test]
fn a_first_sync_that_is_cut_goes_on_and_misses_nothing() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(34));
    let area = world.micro_grid("测试微网格", 20);
    let first = runtime.block_on(world.managers_phone("测试甲", area));
    let long = "记".repeat(1_000);
    for (at, home) in first.homes().iter().cycle().take(330).enumerate() {
        let draft =
            VisitDraft { note: format!("{at}{long}"), ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
        first.core().save_visit(draft).unwrap();
    }
    runtime.block_on(first.must_sync());
    let second = world.manager("测试乙", area);
    let phone = runtime.block_on(world.phone(second));
    let mut telling = Telling::of(phone.path());
    phone.line.requests();
    runtime.block_on(phone.must_sync());
    telling.all_is_durable();
    let pages_count = phone.line.requests().iter().filter(|request| request.contains("pull")).count();
    assert!(pages_count >= 3, "{pages_count} pages");
    let story = telling.end();
    let trial = Trial { name: "first-sync", recording: &story.recording, share_percent: 8 };
    let mut judge = PhoneJudge::of(&story, &phone, &trial);
    judge.line = Some((&runtime, phone.line.clone(), 5));
    let tally = trial.run(|cut| judge.judge(cut));
    report("first-sync", &judge, &tally);
    tally.must_be_clean("first-sync");
    assert!(is_replay() || judge.rolled_back_count.get() > 0, "a page that does not wait for the disk was never lost");
}

#[test]
fn acknowledgements_come_back_or_are_given_again() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(35));
    let area = world.micro_grid("测试微网格", 8);
    let phone = runtime.block_on(world.managers_phone("测试甲", area));
    // More than one push takes.
    for (at, home) in phone.homes().iter().cycle().take(PUSH_OPERATIONS_MAX_COUNT + 10).enumerate() {
        let draft =
            VisitDraft { note: format!("第 {at} 次"), ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
        phone.core().save_visit(draft).unwrap();
    }
    let mut telling = Telling::of(phone.path());
    let heard = Hearing::of(&phone.line, &telling.recorder);
    let synced = runtime.block_on(phone.sync_over(&heard.protocol())).unwrap();
    assert_eq!(synced.digests_equal, Some(true));
    telling.all_is_durable();
    let story = telling.end();
    let trial = Trial { name: "push", recording: &story.recording, share_percent: 6 };
    let mut judge = PhoneJudge::of(&story, &phone, &trial);
    judge.held =
        heard.answers("push").iter().map(|(at, answer)| (*at, answer["acknowledged"].as_u64().unwrap())).collect();
    assert!(judge.held.len() >= 2, "{:?}", judge.held);
    judge.line = Some((&runtime, phone.line.clone(), 10));
    let tally = trial.run(|cut| judge.judge(cut));
    report("push", &judge, &tally);
    tally.must_be_clean("push");
    assert!(is_replay() || judge.rolled_back_count.get() > 0, "an acknowledgement that does not wait was never lost");
}

/// Whether one state is made again.
pub(crate) fn is_replay() -> bool {
    std::env::var("POWER_CUT_REPLAY").is_ok()
}
