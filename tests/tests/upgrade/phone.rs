//! A phone's migrations, stopped at each statement, and killed or without power at the moments of their writing.

use crate::arrival::unsent;
use crate::later::{self, statements, stopped_after};
use std::path::Path;
use zoufang_core::store::migrate::{self, Migration};
use zoufang_core::store::open::{Database, OpenError, OpenOptions};
use zoufang_tests::fixture::{self, Copies, UNSENT_COUNT};
use zoufang_tests::ports::SeededIds;
use zoufang_tests::power_cut::recording::{Recorder, Recording};
use zoufang_tests::power_cut::trial::{Cut, Fault, Trial};

/// This trial's part of the states that POWER_CUT_STATES asks for.
const SHARE_PERCENT: usize = 4;

fn open(path: &Path, migrations: &'static [Migration]) -> Result<Database, OpenError> {
    Database::open(&OpenOptions::new(path, migrations), &fixture::vault(), &SeededIds::of(2, 2))
}

fn all() -> &'static [Migration] {
    later::PHONE.as_slice()
}

/// The database is of the newest version, whole, and holds every operation word for word.
fn is_whole(database: &Database, expected: &[(u64, String)]) -> Result<(), String> {
    let looked = database.read::<_, zoufang_core::Error, _>(|c| {
        let version = migrate::found_version(c)?;
        let integrity: String = c.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
        let hints: i64 = c.query_row("SELECT count(*) FROM hint", [], |row| row.get(0))?;
        Ok((version, integrity, hints))
    });
    let looked = looked.map_err(|error| format!("it does not read: {error:?}"))?;
    let newest = migrate::known_version(all());
    if looked != (newest, "ok".to_owned(), 2) {
        return Err(format!("version, integrity and hints are {looked:?}"));
    }
    if unsent(database) != expected {
        return Err("the outbox is another".to_owned());
    }
    Ok(())
}

#[test]
fn a_migration_that_is_stopped_at_any_statement_leaves_nothing_and_the_next_start_finishes_it() {
    crate::begin();
    let copies = Copies::of(1);
    let expected = unsent(&open(&copies.phone, &all()[..1]).unwrap());
    let mut stops_count = 0;
    for stopped in all() {
        for done_count in 0..=statements(stopped.sql).len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("phone.db");
            // The first migration makes a database, so it begins from none; the others go on from the fixture.
            let is_first = stopped.version == 1;
            if !is_first {
                std::fs::copy(&copies.phone, &path).unwrap();
            }
            let sql: &'static str = stopped_after(stopped.sql, done_count).leak();
            let mut until = all()[..stopped.version as usize].to_vec();
            until[stopped.version as usize - 1].sql = sql;
            let words = format!("migration {} stopped after {done_count} statements", stopped.version);
            match open(&path, until.leak()) {
                Err(OpenError::Migration { version, .. }) => assert_eq!(version, stopped.version, "{words}"),
                other => panic!("{words}: {other:?}"),
            }
            let again = open(&path, all()).unwrap_or_else(|error| panic!("{words}: {error:?}"));
            if !is_first {
                is_whole(&again, &expected).unwrap_or_else(|wrong| panic!("{words}: {wrong}"));
            }
            stops_count += 1;
        }
    }
    eprintln!("phone: stopped at {stops_count} statements");
    assert!(stops_count > 25, "{stops_count}");
}

#[test]
fn a_phone_that_dies_at_any_moment_of_an_upgrade_finishes_it_at_the_next_start() {
    crate::begin();
    let copies = Copies::of(1);
    let expected = unsent(&open(&copies.phone, &all()[..1]).unwrap());
    assert_eq!(expected.len() as u64, UNSENT_COUNT);
    let recording = recorded(&copies.phone);
    let trial = Trial { name: "upgrade-phone", recording: &recording, share_percent: SHARE_PERCENT };
    let judge = |cut: &Cut<'_>| {
        let database = open(cut.path, all()).map_err(|error| Fault::Broken(format!("it does not open: {error:?}")))?;
        is_whole(&database, &expected).map_err(Fault::Broken)
    };
    assert_eq!(recording.commits().len(), all().len() - 1, "a commit for each migration");
    // Killed: all that was written by then is there. Between two of these operations the files do not change, whatever statement runs.
    for moment in 0..=recording.ops.len() {
        trial.whole(moment, judge).unwrap_or_else(|fault| panic!("killed after {moment} operations: {fault:?}"));
    }
    let tally = trial.run(judge);
    tally.must_be_clean("upgrade-phone");
    eprintln!(
        "phone: killed at each of {} operations, power cut in {} states",
        recording.ops.len(),
        tally.states_count
    );
    assert!(recording.ops.len() > 300 && tally.states_count > 0);
}

/// All that the upgrade does with the file.
fn recorded(path: &Path) -> Recording {
    let recorder = Recorder::start(path);
    let database = open(path, all()).unwrap();
    // The log stays as it is: moving it into the database is another story's.
    let recording = recorder.finish();
    drop(database);
    recording
}
