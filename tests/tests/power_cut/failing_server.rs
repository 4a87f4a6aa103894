//! A server whose disk is full or fails, at every operation of a phone's sync: the phone hears of it, and when the disk is well again the
//! same server takes everything, once.

use crate::failing_disk::WAYS;
use crate::phone::runtime;
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::Runtime;
use zoufang_core::Error;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::check;
use zoufang_sync_server::store::StoreError;
use zoufang_tests::checkers::tally;
use zoufang_tests::phone::Phone;
use zoufang_tests::power_cut::faults::{FailingDisk, Kind};
use zoufang_tests::power_cut::recording::beside;
use zoufang_tests::power_cut::vfs::watch;
use zoufang_tests::world::{Line, Server, World};

/// More operations than a sync costs the server.
const OPERATIONS_MAX_COUNT: u64 = 500;

/// The server's and the phone's files before the sync.
struct Before<'w> {
    runtime: &'w Runtime,
    world: &'w World,
    phone: &'w Phone,
}

impl Before<'_> {
    /// A sync with the server's disk failing like this, and one after it. Says how many operations failed.
    fn sync_with(&self, kind: Kind, at: u64, is_for_ever: bool) -> u64 {
        let way = format!("{kind:?} at operation {at}, for ever: {is_for_ever}");
        let folder = tempfile::tempdir().unwrap();
        let (own, phone_file) = (folder.path().join("server.db"), folder.path().join("phone.db"));
        let original = self.world.server.app.store.path();
        copy(original, &own);
        copy(&beside(original, "-wal"), &beside(&own, "-wal"));
        copy(self.phone.path(), &phone_file);
        let server = Server::start_again(folder.path(), &self.world.clock, at, 2);
        let phone = self.phone.start_at(&phone_file).unwrap();
        let line = Line::to(zoufang_sync_server::build_router(Arc::clone(&server.app)));
        let protocol = HttpProtocol::new(line);
        let disk = FailingDisk::after(kind, at, is_for_ever);
        let watched = watch(&own, Arc::clone(&disk) as _);
        let outcome = self.runtime.block_on(phone.sync_over(&protocol));
        disk.heal();
        drop(watched);
        if let Err(error) = outcome {
            assert!(matches!(error, Error::Exchange(_)), "{way}: {error:?}");
        }
        let report =
            self.runtime.block_on(phone.sync_over(&protocol)).unwrap_or_else(|error| panic!("{way}: {error:?}"));
        assert_eq!((report.digests_equal, report.was_repaired), (Some(true), false), "{way}: {report:?}");
        let (found, evidence) = (phone.evidence().unwrap(), server.evidence());
        let counted = tally(&found.own_visits, &evidence);
        assert!(counted.lost.is_empty() && counted.duplicated.is_empty(), "{way}: {counted:?}");
        assert_eq!((found.unsent_count, evidence.quarantined_count), (0, 0), "{way}");
        let findings = server.app.store.read::<_, StoreError>(check::check).unwrap();
        assert!(findings.is_sound(), "{way}: {:?}", findings.problems);
        disk.failed_count()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::copy(from, to).unwrap();
}

#[test]
fn a_server_on_a_failing_disk_says_so_and_takes_everything_once_it_is_well() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(61));
    let area = world.micro_grid("测试微网格", 4);
    let phone = runtime.block_on(world.managers_phone("测试甲", area));
    for home in phone.homes() {
        phone.core().save_visit(VisitDraft::new(home.household, Mode::Door, Outcome::Done)).unwrap();
    }
    let edit = HouseholdEdit { phone: Some(Some("13900060001".to_owned())), ..HouseholdEdit::default() };
    phone.core().edit_household(phone.first_home().household, &edit).unwrap();
    phone.core().pause().unwrap();
    let before = Before { runtime: &runtime, world: &world, phone: &phone };
    for (kind, is_for_ever) in WAYS {
        let met = (0..).take_while(|at| {
            assert!(*at < OPERATIONS_MAX_COUNT, "the sync does not end");
            before.sync_with(kind, *at, is_for_ever) > 0
        });
        let met_count = met.count();
        eprintln!("server, {kind:?}, for ever: {is_for_ever}: {met_count} operations failed in turn");
        assert!(met_count >= 10, "{met_count}");
    }
}
