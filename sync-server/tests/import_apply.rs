//! From rows to records: twice changes nothing, edits only where they may, undo takes back what nobody touched.
#![allow(clippy::unwrap_used, missing_docs)]
#[path = "support/field.rs"]
mod field;
mod support;

use serde_json::json;
use std::io::Cursor;
use support::World;
use uuid::Uuid;
use zoufang_domain::conflict;
use zoufang_domain::home::{Address, dwelling_id};
use zoufang_domain::ids::{UnitId, derived};
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::unit::{id_of_division, id_of_micro_grid};
use zoufang_sync_server::import::apply::{self, Applied, ApplyError, Import, RosterTarget, RowProblem, Source, Undone};
use zoufang_sync_server::import::table::TableOptions;
use zoufang_sync_server::import::{divisions, roster};

const TREE: &str = "level,code,name,parent_code\n2,9901,测试市,99\n3,990101,测试区,9901\n4,990101001,测试街道,990101\n\
                    5,990101001001,甲社区居民委员会,990101001\n5,990101001002,乙村村民委员会,990101001\n\
                    5,990101001003,同名社区居民委员会,990101001\n5,990101001004,同名社区居委会,990101001\n";
const HEADER: &str = "社区,微网格,楼栋,单元,室,联系人,电话,人数,居住类型\n";

fn source() -> Source {
    Source { file_name: "测试.csv".into(), sha256: [7; 32] }
}

fn import_tree(world: &World, text: &str) -> Applied {
    let tree = divisions::read(Cursor::new(text.to_owned()), &TableOptions::default()).unwrap();
    assert_eq!(tree.report.errors_count, 0, "{:?}", tree.report.errors);
    let import = Import { store: &world.app.store, now_ms: world.now_ms(), progress: &mut |_, _| {} };
    apply::apply_divisions(import, &source(), &tree).unwrap()
}

fn import_roster(world: &World, rows: &str) -> Applied {
    let options = roster::RosterOptions { sheet: None, community_given: true };
    let read = roster::read(Cursor::new(format!("{HEADER}{rows}")), &options).unwrap();
    assert_eq!(read.report.errors_count, 0, "{:?}", read.report.errors);
    let target = RosterTarget { community: Some(community()), since: "2026-11-23".parse().unwrap() };
    let import = Import { store: &world.app.store, now_ms: world.now_ms(), progress: &mut |_, _| {} };
    apply::apply_roster(import, &source(), &read, target).unwrap()
}

fn undo(world: &World, batch: i64) -> Result<Undone, ApplyError> {
    apply::undo(Import { store: &world.app.store, now_ms: world.now_ms(), progress: &mut |_, _| {} }, batch)
}

fn community() -> UnitId {
    id_of_division("990101001001")
}

fn grid() -> UnitId {
    id_of_micro_grid(community(), "第1微网格")
}

/// The dwelling and household at a room of building 1, unit 1.
fn home(room: &str) -> (Uuid, Uuid) {
    let dwelling = dwelling_id(grid(), &Address { building: "1".into(), unit: "1".into(), room: room.into() }).0;
    (dwelling, derived(&["household", &dwelling.to_string()]))
}

fn state(world: &World) -> (i64, i64, i64) {
    let all = "SELECT count(*) FROM record";
    (world.count(all), world.count("SELECT sum(seq) FROM unit"), world.count("SELECT count(*) FROM ledger_operation"))
}

const TWO: &str = ",第1微网格,1,1,101,测试甲,13800000001,3,自住\n,第1微网格,1,1,102,,,,\n";

#[test]
fn a_tree_twice_changes_nothing_and_a_new_name_is_an_edit() {
    let world = World::new();
    let first = import_tree(&world, TREE);
    assert_eq!((first.units_created_count, first.batch.is_some()), (7, true));
    let before = state(&world);
    let again = import_tree(&world, TREE);
    assert_eq!((again.records_same_count, again.batch, state(&world)), (7, None, before));
    let renamed = import_tree(&world, &TREE.replace("测试街道", "新名街道"));
    assert_eq!((renamed.records_edited_count, renamed.records_same_count), (1, 6));
    let unit = id_of_division("990101001");
    assert_eq!(world.record(unit, Kind::OrgUnit, unit.0).f["name"], "新名街道");
    assert_eq!(world.count("SELECT count(*) FROM import_batch"), 2);
}

#[test]
fn a_roster_becomes_homes_and_twice_changes_nothing() {
    let world = World::new();
    import_tree(&world, TREE);
    let first = import_roster(&world, TWO);
    assert_eq!((first.units_created_count, first.records_created_count, first.problems_count), (1, 4, 0));
    let (dwelling, household) = home("101");
    let made = world.record(grid(), Kind::Dwelling, dwelling);
    assert_eq!(made.f["address"], json!({"building": "1", "unit": "1", "room": "101"}));
    assert_eq!(made.f["use"], "own");
    let made = world.record(grid(), Kind::Household, household);
    let shown = field::fields(json!({
        "dwelling": dwelling, "contact": "测试甲", "phone": "13800000001", "people_count": 3, "from": "2026-11-23"
    }));
    assert_eq!(made.f, shown);
    assert_eq!(world.record(grid(), Kind::Household, home("102").1).f.len(), 2, "an empty cell is no field");
    let before = state(&world);
    world.pass_ms(86_400_000);
    let again = import_roster(&world, TWO);
    assert_eq!((again.records_same_count, again.batch, state(&world)), (4, None, before));
    assert_eq!(world.count("SELECT count(*) FROM import_batch WHERE what = 'roster'"), 1);
}

#[test]
fn what_differs_is_an_edit_and_an_empty_cell_clears_nothing() {
    let world = World::new();
    import_tree(&world, TREE);
    import_roster(&world, TWO);
    let changed = import_roster(&world, ",第1微网格,1,1,101,测试甲,13900000001,,\n,第1微网格,1,1,102,测试乙,,,出租\n");
    assert_eq!((changed.records_edited_count, changed.records_same_count, changed.records_created_count), (3, 1, 0));
    let first = world.record(grid(), Kind::Household, home("101").1);
    assert_eq!((&first.f["phone"], &first.f["people_count"]), (&json!("13900000001"), &json!(3)));
    assert_eq!(conflict::count(&first), 0);
    assert_eq!(world.record(grid(), Kind::Dwelling, home("101").0).f["use"], "own");
    assert_eq!(world.record(grid(), Kind::Dwelling, home("102").0).f["use"], "rented");
    assert_eq!(world.record(grid(), Kind::Household, home("102").1).f["contact"], "测试乙");
}

#[tokio::test]
async fn what_a_worker_wrote_stands_over_the_list() {
    let world = World::new();
    import_tree(&world, TREE);
    let batch = import_roster(&world, TWO).batch.unwrap();
    let mut phone = world.phone(grid(), Role::MicroGridManager).await;
    let (_, household) = home("101");
    let edit = conflict::edit(
        &world.record(grid(), Kind::Household, household),
        field::fields(json!({"phone": "13700000001"})),
    );
    let operation = phone.op(Kind::Household, household, edit);
    phone.push(&world, &[operation]).await;
    let again = import_roster(&world, TWO);
    assert_eq!((again.fields_left_count, again.batch), (1, None));
    let other = import_roster(&world, ",第1微网格,1,1,101,测试丙,13600000001,3,自住\n");
    assert_eq!((other.fields_left_count, other.records_edited_count), (1, 1));
    let standing = world.record(grid(), Kind::Household, household);
    assert_eq!((&standing.f["phone"], &standing.f["contact"]), (&json!("13700000001"), &json!("测试丙")));
    assert_eq!(conflict::count(&standing), 0);

    // 101 was worked on: its household stays, and with it the dwelling and the micro-grid; 102 goes.
    let undone = undo(&world, batch).unwrap();
    assert_eq!(undone, Undone { removed_count: 2, kept_count: 3 });
    assert_eq!(world.count("SELECT count(*) FROM record WHERE kind = 5"), 1);
    assert_eq!(world.count("SELECT count(*) FROM departed"), 2);
    assert!(matches!(undo(&world, batch), Err(ApplyError::UndoneBefore)));
    assert!(matches!(undo(&world, 99), Err(ApplyError::NoBatch)));
}

#[test]
fn an_undone_import_can_come_again() {
    let world = World::new();
    let tree = import_tree(&world, TREE).batch.unwrap();
    let batch = import_roster(&world, TWO).batch.unwrap();
    assert_eq!(
        undo(&world, tree).unwrap(),
        Undone { removed_count: 3, kept_count: 4 },
        "a micro-grid hangs on the rest"
    );
    assert_eq!(undo(&world, batch).unwrap(), Undone { removed_count: 5, kept_count: 0 });
    let back = import_tree(&world, TREE);
    assert_eq!((back.units_created_count, back.records_same_count), (3, 4));
    assert_eq!(import_roster(&world, TWO).records_created_count, 4);
    let findings = world.app.store.read(zoufang_sync_server::check::check).unwrap();
    assert!(findings.is_sound(), "{:?}", findings.problems);
}

#[test]
fn communities_are_found_by_code_and_by_the_names_people_use() {
    let world = World::new();
    import_tree(&world, TREE);
    let rows = "990101001002,第1微网格,1,1,1,,,,\n甲社区,第1微网格,1,1,2,,,,\n乙村,第1微网格,1,1,3,,,,\n\
                同名社区,第1微网格,1,1,4,,,,\n没有社区,第1微网格,1,1,5,,,,\n,第1微网格,1,1,6,,,,\n";
    let applied = import_roster(&world, rows);
    assert_eq!((applied.units_created_count, applied.records_created_count), (2, 8));
    assert_eq!(applied.problems, [(5, RowProblem::CommunityAmbiguous), (6, RowProblem::CommunityUnknown)]);
    let missing = RosterTarget { community: Some(world.a), since: "2026-11-23".parse().unwrap() };
    let import = Import { store: &world.app.store, now_ms: world.now_ms(), progress: &mut |_, _| {} };
    assert!(matches!(
        apply::apply_roster(import, &source(), &roster::Roster::default(), missing),
        Err(ApplyError::NoCommunity)
    ));
}

#[test]
fn an_erased_home_does_not_come_back() {
    let world = World::new();
    import_tree(&world, TREE);
    let batch = import_roster(&world, TWO).batch.unwrap();
    undo(&world, batch).unwrap();
    import_roster(&world, ",第1微网格,1,1,102,,,,\n");
    let erased = "INSERT INTO departed (area, kind, id, seq, erased) VALUES (?1, 4, ?2, 1, 1)
                  ON CONFLICT DO UPDATE SET erased = 1";
    world.sql(erased, (grid().as_bytes(), home("101").0.as_bytes()));
    let applied = import_roster(&world, TWO);
    assert_eq!((applied.problems.as_slice(), applied.records_created_count), (&[(2, RowProblem::Erased)][..], 0));
    let text = RowProblem::Erased.render(2, zoufang_domain::message::Language::En);
    assert!(text.starts_with("row 2: "), "{text}");
}

#[test]
fn many_rows_go_in_several_transactions_and_say_how_far_they_are() {
    let world = World::new();
    import_tree(&world, TREE);
    let count = apply::CHUNK_ROWS_COUNT + 1;
    let rows: String = (0..count).map(|at| format!(",第{}微网格,{},1,{},,,,\n", at / 40, at / 10, at % 10)).collect();
    let options = roster::RosterOptions { sheet: None, community_given: true };
    let read = roster::read(Cursor::new(format!("{HEADER}{rows}")), &options).unwrap();
    let mut told = Vec::new();
    let import =
        Import { store: &world.app.store, now_ms: world.now_ms(), progress: &mut |done, all| told.push((done, all)) };
    let target = RosterTarget { community: Some(community()), since: "2026-11-23".parse().unwrap() };
    let applied = apply::apply_roster(import, &source(), &read, target).unwrap();
    assert_eq!(applied.records_created_count, 2 * count as u64);
    assert_eq!(told, [(count as u64 - 1, count as u64), (count as u64, count as u64)]);
}
