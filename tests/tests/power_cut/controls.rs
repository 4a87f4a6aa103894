//! Whether the trials see anything: the same stories with a wait for the disk left out must lose what was promised.

use crate::phone::{first_minute, is_replay, morning, runtime};
use crate::phone_states::{PhoneJudge, syncs_to_its_end};
use crate::story::Story;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::{MIGRATIONS, StoreError};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_tests::content::check_file;
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::SeededIds;
use zoufang_tests::power_cut::recording::Recording;
use zoufang_tests::power_cut::trial::{Tally, Trial};
use zoufang_tests::world::World;

/// Tries a story whose recording lacks something.
fn tried(name: &'static str, story: &Story, phone: &Phone, less: &Recording, share_percent: usize) -> Tally {
    let left_out_count = less.ops.iter().zip(&story.recording.ops).filter(|(left, right)| left != right).count();
    assert!(left_out_count > 0, "nothing is left out");
    let whole = Trial { name, recording: &story.recording, share_percent };
    let judge = PhoneJudge::of(story, phone, &whole);
    let tally = Trial { name, recording: less, share_percent }.run(|cut| judge.judge(cut));
    let (states, lost, broken) = (tally.states_count, tally.lost_count, tally.broken_count);
    let percent = 100.0 * lost as f64 / states.max(1) as f64;
    eprintln!(
        "{name}: of {states} states {lost} lost a promise ({percent:.0} %), {broken} were broken; {left_out_count} syncs less"
    );
    eprintln!("  for example {}", tally.examples.first().map_or("none", String::as_str));
    tally
}

#[test]
fn without_a_sync_at_each_commit_saves_that_returned_are_lost() {
    crate::begin();
    let (_world, phone, story) = morning();
    let tally = tried("control-normal", &story, &phone, &story.recording.as_if_normal(), 6);
    assert!(is_replay() || tally.lost_count > 0, "a lost save is not seen");
    assert_eq!(tally.broken_count, 0, "NORMAL loses the last saves and nothing else\n{}", tally.examples.join("\n"));
}

#[test]
fn without_a_sync_of_the_database_before_its_log_is_emptied_it_breaks() {
    crate::begin();
    let (_world, phone, story) = morning();
    let tally = tried("control-pages", &story, &phone, &story.recording.without_database_syncs(), 4);
    assert!(is_replay() || tally.lost_count + tally.broken_count > 0, "a broken database is not seen");
}

#[test]
fn without_a_sync_of_the_folder_a_new_database_is_gone() {
    crate::begin();
    let (_folder, phone, story) = first_minute();
    let tally = tried("control-folder", &story, &phone, &story.recording.without_folder_syncs(), 2);
    assert!(is_replay() || tally.lost_count > 0, "a lost file is not seen");
}

/// What a defect of the core could leave, each in a copy of the phone's file.
const HALVES: [(&str, &str); 5] = [
    ("", "UPDATE profile SET pulls_count = pulls_count"),
    (
        "unsent records without their operation",
        "DELETE FROM operation WHERE counter = (SELECT max(counter) FROM operation)",
    ),
    ("operations without their record", "DELETE FROM record WHERE kind = 8"),
    ("acknowledged 99 of 1", "UPDATE profile SET acknowledged = 99"),
    (
        "visits whose draft is still there",
        "INSERT INTO draft SELECT id, kind, NULL, '{}', 0, 0 FROM record WHERE kind = 8",
    ),
];

#[test]
fn what_is_saved_by_halves_or_missed_by_a_sync_is_seen() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(71));
    let area = world.micro_grid("测试微网格", 3);
    let phone = runtime.block_on(world.managers_phone("测试甲", area));
    let home = phone.first_home().household;
    phone.core().save_visit(VisitDraft::new(home, Mode::Door, Outcome::Done)).unwrap();
    phone.core().pause().unwrap();
    let altered = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.db");
        std::fs::copy(phone.path(), &path).unwrap();
        let options = OpenOptions::new(&path, MIGRATIONS);
        let database = Database::open(&options, phone.vault(), &SeededIds::of(71, 0)).unwrap();
        database.write::<_, StoreError, _>(|tx| Ok(tx.execute(sql, [])?)).unwrap();
        database.close().unwrap();
        (folder, path)
    };
    for (expected, sql) in HALVES {
        let (_folder, path) = altered(sql);
        let found = check_file(&phone, &path);
        assert_eq!(found.is_ok(), expected.is_empty(), "{sql}: {found:?}");
        assert!(format!("{found:?}").contains(expected), "{sql}: {found:?}");
    }
    for (is_sound, sql) in [
        (true, HALVES[0].1),
        (false, "DELETE FROM record WHERE row IN (SELECT row FROM record WHERE kind = 5 LIMIT 1)"),
    ] {
        let (_folder, path) = altered(sql);
        let synced = syncs_to_its_end(&phone.start_at(&path).unwrap(), &runtime, &phone.line);
        assert_eq!(synced.is_ok(), is_sound, "{sql}: {synced:?}");
    }
}
