//! A disk that is full or fails, at every operation of a save and of a sync, once or for ever. The error says which; nothing is saved by
//! halves, the draft stays, and when the disk is well again so is everything.

use crate::phone::runtime;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;
use zoufang_core::Error;
use zoufang_core::store::StoreError;
use zoufang_core::store::open::OpenError;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::views::DraftId;
use zoufang_domain::ids::VisitId;
use zoufang_tests::content::{check_file, content_of};
use zoufang_tests::phone::Phone;
use zoufang_tests::power_cut::faults::{FailingDisk, Kind};
use zoufang_tests::power_cut::vfs::{Watch, watch};
use zoufang_tests::world::{Handset, World};

/// More operations than a story has.
const OPERATIONS_MAX_COUNT: u64 = 2_000;
/// What a note holds, so that a save takes several pages.
const NOTE_CHARS_COUNT: usize = 1_500;

/// Every way in which a disk fails here.
pub(crate) const WAYS: [(Kind, bool); 4] =
    [(Kind::Full, false), (Kind::Full, true), (Kind::Device, false), (Kind::Device, true)];

/// Tells a story with a disk that fails at its first operation, then at its second, and so on, in each way, until it meets no failure.
pub(crate) fn in_every_way(mut story: impl FnMut(&Way)) {
    for (kind, is_for_ever) in WAYS {
        let mut met_count = 0;
        for at in 0.. {
            assert!(at < OPERATIONS_MAX_COUNT, "the story does not end");
            let words = format!("{kind:?} at operation {at}, {}", if is_for_ever { "for ever" } else { "once" });
            let way = Way { disk: FailingDisk::after(kind, at, is_for_ever), kind, is_for_ever, words };
            story(&way);
            if way.disk.failed_count() == 0 {
                break;
            }
            met_count += 1;
        }
        eprintln!("{kind:?}, for ever: {is_for_ever}: {met_count} operations failed in turn");
        assert!(met_count >= 10, "{met_count}");
    }
}

/// The same with a copy of a phone whose disk it is.
pub(crate) fn at_every_operation(original: &Phone, story: impl Fn(&Phone, &Way)) {
    original.core().pause().unwrap();
    in_every_way(|way| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("phone.db");
        std::fs::copy(original.path(), &path).unwrap();
        let phone = original.start_at(&path).unwrap();
        let watched = way.begins_at(&path);
        story(&phone, way);
        drop(watched);
    });
}

/// A disk that fails in one way, and the words for it.
pub(crate) struct Way {
    pub(crate) disk: Arc<FailingDisk>,
    pub(crate) kind: Kind,
    is_for_ever: bool,
    words: String,
}

impl std::fmt::Display for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words)
    }
}

impl Way {
    /// From here on it is the disk of the database at that path.
    pub(crate) fn begins_at(&self, path: &Path) -> Watch {
        watch(path, Arc::clone(&self.disk) as _)
    }
    /// The error names the disk: full when it is full. SQLCipher takes a page that could not be read for one that does not verify; the core
    /// calls that damage only for as long as it lasts, and the next call goes on.
    pub(crate) fn assert_named_by(&self, error: &Error) {
        let (is_full, failed_to_read) = (self.kind == Kind::Full, self.disk.failed_to_read());
        let names_it = match error {
            Error::Store(StoreError::DiskFull) | Error::Open(OpenError::DiskFull) => is_full,
            Error::Store(StoreError::Io { .. }) | Error::Open(OpenError::Io { .. }) => !is_full,
            Error::Store(StoreError::Damaged { .. }) => failed_to_read,
            Error::Open(OpenError::Damaged { .. }) => failed_to_read && self.is_for_ever,
            _ => false,
        };
        assert!(names_it, "{self}: {error:?}");
    }
}

pub(crate) fn assert_sound(phone: &Phone, path: &Path, way: &Way) {
    check_file(phone, path).unwrap_or_else(|fault| panic!("{way}: {fault:?}"));
}

fn phone_with_a_draft(runtime: &Runtime, world: &mut World) -> (Handset, DraftId) {
    let area = world.micro_grid("测试微网格", 3);
    let phone = runtime.block_on(world.managers_phone("测试甲", area));
    let core = phone.core();
    let draft = core.start_visit_draft(phone.first_home().household).unwrap();
    let note = "记".repeat(NOTE_CHARS_COUNT);
    for (field, value) in [("mode", json!("door")), ("outcome", json!("done")), ("note", json!(note))] {
        core.save_draft_field(draft, field, value).unwrap();
    }
    (phone, draft)
}

#[test]
fn a_save_on_a_failing_disk_says_so_keeps_the_draft_and_can_be_repeated() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(51));
    let (handset, draft) = phone_with_a_draft(&runtime, &mut world);
    let written = handset.core().draft(draft).unwrap();
    at_every_operation(&handset, |phone, way| {
        let core = phone.core();
        let before = {
            // Beside the core, in a copy: reading counts as an operation too.
            let folder = tempfile::tempdir().unwrap();
            let copy = folder.path().join("copy.db");
            std::fs::copy(phone.path(), &copy).unwrap();
            content_of(phone, &copy).unwrap()
        };
        let outcome = core.save_draft_as_visit(draft);
        way.disk.heal();
        match outcome {
            Ok(visit) => assert_eq!(visit.id, VisitId(draft.0), "{way}"),
            Err(error) => {
                way.assert_named_by(&error);
                match core.draft(draft) {
                    Ok(kept) => {
                        assert_eq!(kept, written, "{way}: the draft");
                        assert_eq!(content_of(phone, phone.path()).unwrap(), before, "{way}: something was saved");
                        core.save_draft_as_visit(draft).unwrap_or_else(|error| panic!("{way}, and again: {error:?}"));
                    }
                    // Whether a save that failed while it waited for the disk is there nobody can know; but then it is there whole.
                    Err(gone) => {
                        assert!(
                            way.kind == Kind::Device && core.visit(VisitId(draft.0)).is_ok(),
                            "{way}: {error:?}, {gone:?}"
                        );
                    }
                }
            }
        }
        let shown = core.visit(VisitId(draft.0)).unwrap_or_else(|error| panic!("{way}: {error:?}"));
        assert_eq!(shown.note.chars().count(), NOTE_CHARS_COUNT, "{way}");
        assert_sound(phone, phone.path(), way);
        core.close().unwrap_or_else(|error| panic!("{way}: {error:?}"));
        let again = phone.start_at(phone.path()).unwrap_or_else(|error| panic!("{way}: {error:?}"));
        assert!(again.core().visit(VisitId(draft.0)).is_ok() && again.core().drafts().unwrap().is_empty(), "{way}");
    });
}

#[test]
fn an_app_that_goes_to_the_background_on_a_failing_disk_comes_back_whole() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(52));
    let (handset, draft) = phone_with_a_draft(&runtime, &mut world);
    at_every_operation(&handset, |phone, way| {
        let core = phone.core();
        let saved = core.save_draft_as_visit(draft);
        let paused = core.pause();
        let resumed = core.resume();
        way.disk.heal();
        [paused.err(), resumed.err()].iter().flatten().for_each(|error| way.assert_named_by(error));
        core.resume().unwrap_or_else(|error| panic!("{way}: {error:?}"));
        match saved {
            Ok(visit) => assert!(core.visit(visit.id).is_ok(), "{way}: a save that had returned"),
            Err(error) => {
                way.assert_named_by(&error);
                // What failed while it was made durable may be there after all, whole.
                let (visit, kept) = (core.visit(VisitId(draft.0)).is_ok(), core.draft(draft).is_ok());
                assert!(visit != kept, "{way}: visit {visit}, draft {kept}");
            }
        }
        assert_sound(phone, phone.path(), way);
    });
}

#[test]
fn a_sync_on_a_failing_disk_says_so_and_the_next_one_misses_nothing() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(53));
    let area = world.micro_grid("测试微网格", 6);
    let staff = world.manager("测试甲", area);
    let handset = runtime.block_on(world.phone(staff));
    at_every_operation(&handset, |phone, way| {
        let protocol = HttpProtocol::new(handset.line.clone());
        let outcome = runtime.block_on(phone.sync_over(&protocol));
        way.disk.heal();
        if let Err(error) = outcome {
            way.assert_named_by(&error);
        }
        let report = runtime.block_on(phone.sync_over(&protocol)).unwrap_or_else(|error| panic!("{way}: {error:?}"));
        assert_eq!((report.digests_equal, report.was_repaired, report.complete), (Some(true), false, true), "{way}");
        assert_sound(phone, phone.path(), way);
    });
}
