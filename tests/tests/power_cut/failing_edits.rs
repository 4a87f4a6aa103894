//! More of a phone's work on a full or failing disk: a draft field by field, edits and the search that must find them, a migration.

use crate::failing_disk::{Way, assert_sound, at_every_operation, in_every_way};
use crate::phone::runtime;
use chrono::NaiveDate;
use serde_json::{Value, json};
use zoufang_core::households::HouseholdEdit;
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::store::MIGRATIONS;
use zoufang_core::store::migrate::{Migration, found_version};
use zoufang_core::store::open::{Database, OpenOptions, StoreError};
use zoufang_core::views::DraftId;
use zoufang_core::{Core, Error};
use zoufang_domain::ids::{HouseholdId, ResidentId, VisitId};
use zoufang_domain::resident::ResidencyKind;
use zoufang_tests::ports::SeededIds;
use zoufang_tests::power_cut::faults::Kind;
use zoufang_tests::world::World;

/// What a note holds, so that a draft takes several pages.
const NOTE_CHARS_COUNT: usize = 1_500;
const SEARCH_HITS_COUNT: usize = 10;

/// Does something again that had failed: the disk is well.
fn again<T>(way: &Way, what: &str, act: impl FnOnce() -> Result<T, Error>) -> T {
    act().unwrap_or_else(|error| panic!("{way}: {what}, and again: {error:?}"))
}

#[test]
fn a_draft_keeps_each_field_that_was_saved_and_takes_the_others_again() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(54));
    let area = world.micro_grid("测试微网格", 3);
    let handset = runtime.block_on(world.managers_phone("测试甲", area));
    let household = handset.first_home().household;
    let fields: [(&str, Value); 4] = [
        ("mode", json!("door")),
        ("note", json!("记".repeat(NOTE_CHARS_COUNT))),
        ("outcome", json!("done")),
        ("note", json!("改".repeat(NOTE_CHARS_COUNT))),
    ];
    at_every_operation(&handset, |phone, way| {
        let core = phone.core();
        let begun = core.start_visit_draft(household);
        let draft = begun.unwrap_or_else(|error| {
            way.assert_named_by(&error);
            way.disk.heal();
            // Whether one that failed while it waited for the disk is there nobody can know; it holds nothing yet.
            let ghosts = core.drafts().unwrap();
            assert!(ghosts.is_empty() || way.kind == Kind::Device, "{way}: {ghosts:?}");
            ghosts.iter().for_each(|ghost| core.discard_draft(ghost.id).unwrap());
            again(way, "a draft begun", || core.start_visit_draft(household))
        });
        let mut shown = Vec::new();
        for (field, value) in &fields {
            let saved = core.save_draft_field(draft, field, value.clone());
            if let Err(error) = &saved {
                way.assert_named_by(error);
            }
            shown.push((field, value, saved.is_ok()));
        }
        way.disk.heal();
        keeps_fields(core, draft, &shown, way);
        for (field, value) in &fields {
            again(way, field, || core.save_draft_field(draft, field, value.clone()));
        }
        let visit = again(way, "the visit", || core.save_draft_as_visit(draft));
        assert_eq!((visit.id, visit.note.chars().next()), (VisitId(draft.0), Some('改')), "{way}");
        assert!(core.drafts().unwrap().is_empty(), "{way}");
        assert_sound(phone, phone.path(), way);
    });
}

/// Each field is as it was last saved; one that failed is as it was before, or, when it failed while it waited for the disk, there whole.
fn keeps_fields(core: &Core, draft: DraftId, shown: &[(&&str, &Value, bool)], way: &Way) {
    let view = core.draft(draft).unwrap_or_else(|error| panic!("{way}: the draft is gone: {error:?}"));
    for field in ["mode", "outcome", "note"] {
        let tries: Vec<_> = shown.iter().filter(|(name, ..)| **name == field).collect();
        let last_saved = tries.iter().rposition(|(.., is_saved)| *is_saved);
        let mut allowed = vec![last_saved.map(|at| tries[at].1)];
        if way.kind == Kind::Device {
            allowed.extend(tries[last_saved.map_or(0, |at| at + 1)..].iter().map(|(_, value, _)| Some(*value)));
        }
        let found = view.fields.get(field);
        assert!(allowed.contains(&found), "{way}: {field} is {found:?}");
    }
}

fn resident(household: HouseholdId, name: &str) -> ResidentDraft {
    ResidentDraft {
        household,
        name: name.to_owned(),
        sex: None,
        birth_year: None,
        phone: None,
        kind: ResidencyKind::Floating,
        lives_where_registered: None,
        from: NaiveDate::from_ymd_opt(2026, 11, 1),
    }
}

/// The names that a person and a home go by, before and after.
const PERSON: [&str; 2] = ["测试旧名", "测试新名"];
const CONTACT: [&str; 2] = ["测试旧联系人", "测试新联系人"];

fn edit(core: &Core, household: HouseholdId, person: ResidentId, at: usize) -> [Result<(), Error>; 2] {
    let contact = HouseholdEdit { contact: Some(Some(CONTACT[at].to_owned())), ..HouseholdEdit::default() };
    let name = ResidentEdit { name: Some(PERSON[at].to_owned()), ..ResidentEdit::default() };
    [core.edit_resident(person, &name), core.edit_household(household, &contact).map(|_| ())]
}

/// Who is found by these names.
fn found(core: &Core, names: [&str; 2]) -> Result<[bool; 2], Error> {
    let one = |name| core.search(name, SEARCH_HITS_COUNT).map(|view| !view.hits.is_empty());
    Ok([one(names[0])?, one(names[1])?])
}

#[test]
fn an_edit_is_there_or_not_and_search_finds_what_is_there() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(55));
    let area = world.micro_grid("测试微网格", 3);
    let handset = runtime.block_on(world.managers_phone("测试甲", area));
    let household = handset.first_home().household;
    let person = handset.core().add_resident(&resident(household, PERSON[0])).unwrap().id;
    edit(handset.core(), household, person, 0).into_iter().for_each(|saved| saved.unwrap());
    assert_eq!(found(handset.core(), PERSON).unwrap(), [true, false], "the search works at all");
    at_every_operation(&handset, |phone, way| {
        let core = phone.core();
        let outcomes = edit(core, household, person, 1);
        let searched = found(core, PERSON);
        way.disk.heal();
        if let Err(error) = &searched {
            way.assert_named_by(error);
        }
        let name = core.residents_of(household).unwrap()[0].name.clone();
        let contact = core.home(household).unwrap().contact.unwrap();
        for (outcome, now, [old, new]) in [(&outcomes[0], name, PERSON), (&outcomes[1], contact, CONTACT)] {
            match outcome {
                Ok(()) => assert_eq!(now, new, "{way}"),
                Err(error) => {
                    way.assert_named_by(error);
                    assert!(now == old || (now == new && way.kind == Kind::Device), "{way}: {now}");
                }
            }
            assert_eq!(found(core, [old, new]).unwrap(), [now == old, now == new], "{way}: the search");
        }
        for saved in edit(core, household, person, 1) {
            again(way, "an edit", || saved);
        }
        assert_eq!(found(core, PERSON).unwrap(), [false, true], "{way}");
        assert_sound(phone, phone.path(), way);
    });
}

/// A version after the newest: the drafts move into a table of another shape.
fn with_a_next_version() -> &'static [Migration] {
    let version = u32::try_from(MIGRATIONS.len()).unwrap() + 1;
    let sql = "CREATE TABLE draft_next (id BLOB PRIMARY KEY, length INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
               INSERT INTO draft_next SELECT id, length(body), body FROM draft;
               DROP TABLE draft; ALTER TABLE draft_next RENAME TO draft;
               CREATE INDEX draft_length ON draft (length);";
    let next = Migration { version, name: "next", sql };
    MIGRATIONS.iter().copied().chain([next]).collect::<Vec<_>>().leak()
}

#[test]
fn a_migration_goes_through_whole_or_not_at_all_and_at_the_next_start_it_does() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(56));
    let area = world.micro_grid("测试微网格", 3);
    let handset = runtime.block_on(world.managers_phone("测试甲", area));
    for home in handset.homes() {
        let draft = handset.core().start_visit_draft(home.household).unwrap();
        handset.core().save_draft_field(draft, "note", json!("记".repeat(NOTE_CHARS_COUNT))).unwrap();
    }
    handset.core().pause().unwrap();
    let migrations = with_a_next_version();
    let (old, new) = (MIGRATIONS.len() as u32, migrations.len() as u32);
    in_every_way(|way| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.db");
        std::fs::copy(handset.path(), &path).unwrap();
        let open =
            |migrations| Database::open(&OpenOptions::new(&path, migrations), handset.vault(), &SeededIds::of(56, 0));
        let watched = way.begins_at(&path);
        let migrated = open(migrations);
        way.disk.heal();
        drop(watched);
        if let Err(error) = &migrated {
            way.assert_named_by(&Error::Open(error.clone()));
            // The app of before still opens it, unless the last wait alone failed.
            let version = match open(MIGRATIONS) {
                Ok(before) => before.read(found_version).unwrap(),
                Err(_) => new,
            };
            assert!(version == old || way.kind == Kind::Device, "{way}: version {version}");
        }
        drop(migrated);
        let database = open(migrations).unwrap_or_else(|error| panic!("{way}, and again: {error:?}"));
        let look = |sql: &str| database.read::<i64, StoreError, _>(|c| Ok(c.query_row(sql, [], |row| row.get(0))?));
        assert_eq!(look("PRAGMA user_version"), Ok(i64::from(new)), "{way}");
        let whole = "SELECT count(*) FROM draft WHERE length = length(body) AND length > 1000";
        assert_eq!(look(whole), Ok(3), "{way}: the drafts");
        assert_eq!(look("SELECT count(*) FROM sqlite_schema WHERE name LIKE '%_next'"), Ok(0), "{way}");
        assert_eq!(look("SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'"), Ok(0), "{way}");
    });
}
