//! The server's own work on a full or failing disk: a roster that is imported, a phone that is enrolled.

use crate::failing_disk::{Way, in_every_way};
use crate::phone::runtime;
use std::path::Path;
use std::sync::Arc;
use tempfile::TempDir;
use zoufang_core::Error;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_domain::calendar::Moment;
use zoufang_sync_server::check;
use zoufang_sync_server::import::apply::ApplyError;
use zoufang_sync_server::ledger::LedgerError;
use zoufang_sync_server::store::StoreError;
use zoufang_tests::city::{self, CityError};
use zoufang_tests::dice::Dice;
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::{MORNING_MS, SeededIds, SetClock};
use zoufang_tests::power_cut::faults::Kind;
use zoufang_tests::power_cut::recording::beside;
use zoufang_tests::roster::Roster;
use zoufang_tests::world::{Line, Server, World};

const HOMES_COUNT: usize = 25;

/// A server that starts on a copy of a world's database.
fn copy_of(world: &World, folder: &Path, life: u64) -> Server {
    let original = world.server.app.store.path();
    for name in ["", "-wal"] {
        std::fs::copy(beside(original, name), beside(&folder.join("server.db"), name)).unwrap();
    }
    Server::start_again(folder, &world.clock, life, 2)
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn assert_sound(server: &Server, way: &Way) {
    let findings = server.app.store.read::<_, StoreError>(check::check).unwrap();
    assert!(findings.is_sound(), "{way}: {:?}", findings.problems);
}

/// The error of the store that stopped an import.
fn of_the_store(error: CityError) -> StoreError {
    match error {
        CityError::Apply(ApplyError::Store(error) | ApplyError::Ledger(LedgerError::Store(error))) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_roster_that_met_a_failing_disk_is_imported_whole_by_the_same_file() {
    crate::begin();
    let world = World::new(62);
    world.micro_grid("测试微网格1", 5);
    let mut roster = Roster::default();
    roster.add_micro_grid("990101001001", "测试微网格2", HOMES_COUNT, &mut Dice::new(62));
    let since = Moment::from_ms(MORNING_MS).day();
    in_every_way(|way| {
        let folder = folder();
        let server = copy_of(&world, folder.path(), 62);
        let store = &server.app.store;
        // Homes and their dwellings, of which each home has one.
        let counts = || [5, 4].map(|kind| server.count(&format!("SELECT count(*) FROM record WHERE kind = {kind}")));
        let before = counts();
        let import = || city::import_roster(store, MORNING_MS, since, &roster);
        let watched = way.begins_at(store.path());
        let outcome = import();
        way.disk.heal();
        drop(watched);
        let whole = before.map(|count| count + HOMES_COUNT as i64);
        match outcome.map_err(of_the_store) {
            Ok(()) => assert_eq!(counts(), whole, "{way}"),
            Err(error) => {
                assert_eq!(matches!(error, StoreError::Full), way.kind == Kind::Full, "{way}: {error}");
                let is_there = way.kind == Kind::Device && counts() == whole;
                assert!(is_there || counts() == before, "{way}: a part of the roster");
            }
        }
        import().unwrap_or_else(|error| panic!("{way}, and again: {error}"));
        assert_eq!(counts(), whole, "{way}");
        assert_sound(&server, way);
    });
}

#[test]
fn a_phone_that_met_a_failing_disk_when_it_enrolled_joins_once_by_the_same_code() {
    crate::begin();
    let (runtime, world) = (runtime(), World::new(63));
    let area = world.micro_grid("测试微网格", 3);
    let staff = world.manager("测试甲", area);
    let code = world.server.enrol_code(staff);
    in_every_way(|way| {
        let folder = folder();
        let server = copy_of(&world, folder.path(), 63);
        let ids = Arc::new(SeededIds::of(63, 1));
        let phone = Phone::new(&folder.path().join("phone.db"), SetClock::at(MORNING_MS), ids).unwrap();
        let protocol = HttpProtocol::new(Line::to(zoufang_sync_server::build_router(Arc::clone(&server.app))));
        let input = || EnrolInput { server_url: "http://127.0.0.1:9".to_owned(), ca_pem: None, code: code.clone() };
        let watched = way.begins_at(server.app.store.path());
        let outcome = runtime.block_on(phone.enrol(&protocol, input()));
        way.disk.heal();
        drop(watched);
        if let Err(error) = outcome {
            assert!(matches!(error, Error::Exchange(_)), "{way}: {error:?}");
            assert!(phone.core().profile().unwrap().is_none(), "{way}: half enrolled");
            runtime.block_on(phone.enrol(&protocol, input())).unwrap_or_else(|e| panic!("{way}, and again: {e:?}"));
        }
        assert_eq!(server.count("SELECT count(*) FROM device"), 1, "{way}");
        let report = runtime.block_on(phone.sync_over(&protocol)).unwrap_or_else(|e| panic!("{way}: {e:?}"));
        assert_eq!((report.complete, report.digests_equal), (true, Some(true)), "{way}");
        assert_sound(&server, way);
    });
}
