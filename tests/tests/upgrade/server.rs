//! The server's migrations, stopped at each statement, and killed or without power at the moments of their writing.

use crate::later::{self, statements, stopped_after};
use std::path::Path;
use std::sync::Arc;
use zoufang_sync_server::check;
use zoufang_sync_server::store::{Store, StoreError};
use zoufang_tests::fixture::Copies;
use zoufang_tests::power_cut::recording::Recorder;
use zoufang_tests::power_cut::trial::{Cut, Fault, Trial};

/// This trial's part of the states that POWER_CUT_STATES asks for.
const SHARE_PERCENT: usize = 4;

/// How much a server holds: records, batches, operations.
type Held = (u64, u64, u64);

fn held(store: &Arc<Store>) -> Result<Held, String> {
    let findings = store.read::<_, StoreError>(check::check).map_err(|error| format!("it does not read: {error:?}"))?;
    match findings.is_sound() {
        true => Ok((findings.records_count, findings.batches_count, findings.operations_count)),
        false => Err(format!("{:?}", findings.problems)),
    }
}

fn is_whole(path: &Path, expected: Held) -> Result<(), String> {
    let store = Store::open_with(path, &later::server()).map_err(|error| format!("it does not open: {error:?}"))?;
    let found = held(&store)?;
    let version = store.read::<u32, StoreError>(|c| Ok(c.pragma_query_value(None, "user_version", |row| row.get(0))?));
    match (found == expected, version) {
        (true, Ok(version)) if version as usize == later::server().len() => Ok(()),
        (_, version) => Err(format!("{found:?} where {expected:?} was, version {version:?}")),
    }
}

#[test]
fn a_migration_that_is_stopped_at_any_statement_leaves_nothing_and_the_next_start_finishes_it() {
    crate::begin();
    let copies = Copies::of(1);
    let expected = held(&Store::open_with(&copies.server, &later::server()[..1]).unwrap()).unwrap();
    assert!(expected.0 > 20 && expected.2 > 20, "{expected:?}");
    let all = later::server();
    let mut stops_count = 0;
    for (at, sql) in all.iter().enumerate() {
        for done_count in 0..=statements(sql).len() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("server.db");
            if at > 0 {
                std::fs::copy(&copies.server, &path).unwrap();
            }
            let stopped = stopped_after(sql, done_count);
            let until: Vec<&str> = all[..at].iter().copied().chain([stopped.as_str()]).collect();
            let words = format!("migration {} stopped after {done_count} statements", at + 1);
            assert!(Store::open_with(&path, &until).is_err(), "{words}: it went through");
            let expected = if at > 0 { expected } else { (0, 0, 0) };
            is_whole(&path, expected).unwrap_or_else(|wrong| panic!("{words}: {wrong}"));
            stops_count += 1;
        }
    }
    eprintln!("server: stopped at {stops_count} statements");
    assert!(stops_count > 40, "{stops_count}");
}

#[test]
fn a_server_that_dies_at_any_moment_of_an_upgrade_finishes_it_at_the_next_start() {
    crate::begin();
    let copies = Copies::of(1);
    let expected = held(&Store::open_with(&copies.server, &later::server()[..1]).unwrap()).unwrap();
    let recorder = Recorder::start(&copies.server);
    let store = Store::open_with(&copies.server, &later::server()).unwrap();
    let recording = recorder.finish();
    drop(store);
    let trial = Trial { name: "upgrade-server", recording: &recording, share_percent: SHARE_PERCENT };
    let judge = |cut: &Cut<'_>| is_whole(cut.path, expected).map_err(Fault::Broken);
    assert_eq!(recording.commits().len(), later::server().len() - 1, "a commit for each migration");
    for moment in 0..=recording.ops.len() {
        trial.whole(moment, judge).unwrap_or_else(|fault| panic!("killed after {moment} operations: {fault:?}"));
    }
    let tally = trial.run(judge);
    tally.must_be_clean("upgrade-server");
    eprintln!(
        "server: killed at each of {} operations, power cut in {} states",
        recording.ops.len(),
        tally.states_count
    );
    assert!(recording.ops.len() > 20 && tally.states_count > 0);
}
