//! The first version's phone and server, started by today's programs.

use std::collections::BTreeSet;
use std::sync::Arc;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::store::{MIGRATIONS, migrate};
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::views::Page;
use zoufang_domain::operation::Operation;
use zoufang_sync_server::check;
use zoufang_sync_server::store::StoreError;
use zoufang_tests::checkers::differences;
use zoufang_tests::fixture::{self, Copies, UNSENT_COUNT};
use zoufang_tests::ports::SeededIds;
use zoufang_tests::workday;
use zoufang_tests::world::Line;

/// What waits in a phone's outbox: the exact texts, by counter.
pub(crate) fn unsent(database: &Database) -> Vec<(u64, String)> {
    let read = database.read::<_, zoufang_core::Error, _>(|c| {
        let sql =
            "SELECT counter, body FROM operation WHERE counter > (SELECT acknowledged FROM profile) ORDER BY counter";
        let mut found = c.prepare(sql)?;
        let rows = found.query_map([], |row| Ok((row.get::<_, i64>(0)? as u64, row.get(1)?)))?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    });
    read.unwrap()
}

#[tokio::test]
async fn the_first_versions_databases_open_and_a_thousand_operations_arrive() {
    crate::begin();
    let copies = Copies::of(1);
    let (vault, ids) = (fixture::vault(), SeededIds::of(1, 1));
    let before = {
        let as_then = OpenOptions::new(&copies.phone, &MIGRATIONS[..1]);
        let database = Database::open(&as_then, &vault, &ids).expect("a database of version 1");
        unsent(&database)
    };
    let operations: Vec<Operation> = before.iter().map(|(_, text)| serde_json::from_str(text).unwrap()).collect();
    assert_eq!(operations.len() as u64, UNSENT_COUNT);
    assert_eq!(workday::pairs(&operations), BTreeSet::from(workday::ALL), "of every kind");

    let phone = copies.start_phone().unwrap();
    let now = Database::open(&OpenOptions::new(&copies.phone, MIGRATIONS), &vault, &ids).unwrap();
    let version: Result<u32, zoufang_core::Error> = now.read(|c| Ok(migrate::found_version(c)?));
    assert_eq!(version.unwrap(), migrate::known_version(MIGRATIONS));
    assert_eq!(unsent(&now), before, "word for word");
    assert!(
        phone.core().visits_of(phone.core().homes(Page::FIRST).unwrap()[0].household, Page::FIRST).unwrap().len() > 10
    );
    drop(now);

    let server = copies.start_server();
    let line = Line::to(zoufang_sync_server::build_router(Arc::clone(&server.app)));
    let report = phone.sync_over(&HttpProtocol::new(line)).await.unwrap();
    assert_eq!((report.pushed_count, report.quarantined_count), (UNSENT_COUNT, 0));
    assert_eq!((report.digests_equal, report.was_repaired), (Some(true), false));
    let (found, evidence) = (phone.evidence().unwrap(), server.evidence());
    assert_eq!((found.unsent_count, differences(&found, &evidence)), (0, vec![]));
    assert_eq!(server.count("SELECT epoch FROM server"), 1, "an upgrade is no restore");
    let findings = server.app.store.read::<_, StoreError>(check::check).unwrap();
    assert!(findings.is_sound(), "{:?}", findings.problems);
    assert!(findings.operations_count >= UNSENT_COUNT);
}
