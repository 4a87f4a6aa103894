//! From a damaged database to the server: set aside, enrolled anew, read, taken up, sent.

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::os::unix::fs::FileExt;
use std::path::Path;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::MatterDraft;
use zoufang_core::salvage::TakenUp;
use zoufang_core::visits::{VisitChange, VisitDraft};
use zoufang_core::{Core, Error};
use zoufang_domain::ids::{HouseholdId, VisitId};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_tests::world::{Handset, World};

const PAGE_BYTES: usize = 4_096;
const SALT_BYTES: usize = 16;

pub(crate) fn visit(phone: &Handset, home: HouseholdId, note: &str) -> VisitId {
    let draft = VisitDraft { note: note.to_owned(), ..VisitDraft::new(home, Mode::Door, Outcome::Done) };
    phone.core().save_visit(draft).unwrap().id
}

fn number(phone: &Handset, home: HouseholdId, number: &str) {
    let edit = HouseholdEdit { phone: Some(Some(number.to_owned())), ..HouseholdEdit::default() };
    phone.core().edit_household(home, &edit).unwrap();
}

/// The first page is noise behind its salt, without which nothing can be read: the database does not open any more.
pub(crate) fn damage(path: &Path) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(&[0x5a; PAGE_BYTES - SALT_BYTES], SALT_BYTES as u64).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_not_sent_when_the_database_broke_reaches_the_server_once() {
    let mut world = World::new(72);
    let area = world.micro_grid("测试微网格", 6);
    let staff = world.manager("测试甲", area);
    let mut phone = world.phone(staff).await;
    phone.must_sync().await;
    let colleague = world.managers_phone("测试乙", area).await;
    let homes: Vec<HouseholdId> = phone.homes().iter().map(|home| home.household).collect();
    // What the server has: visits, and a number that a colleague has replaced since.
    let sent: Vec<VisitId> = (0..5).map(|at| visit(&phone, homes[at], &format!("已上传 {at}"))).collect();
    number(&phone, homes[0], "13900070001");
    phone.must_sync().await;
    colleague.must_sync().await;
    number(&colleague, homes[0], "13900070002");
    colleague.must_sync().await;
    // What it has not: visits, one of them amended; two edits in a row of one field; a matter.
    let unsent: Vec<VisitId> = (0..6).map(|at| visit(&phone, homes[at], &format!("未上传 {at}"))).collect();
    let change = VisitChange { note: Some("未上传，改过".to_owned()), ..VisitChange::default() };
    phone.core().amend_visit(unsent[0], &change, "写漏了").unwrap();
    number(&phone, homes[1], "13900070003");
    number(&phone, homes[1], "13900070004");
    let mut matter = MatterDraft::new(MatterKind::Help, Track::Simple, "未上传的诉求");
    matter.household = Some(homes[2]);
    let matter = phone.core().report_matter(matter).unwrap().id;
    // The log goes into the database, whose first page then breaks.
    phone.close().unwrap();
    damage(phone.path());
    let (options, ports) = phone.place();
    assert!(matches!(Core::open(options.clone(), ports.clone()), Err(Error::Open(_))));
    Core::set_aside(&options, &ports).unwrap();

    phone.renew_device_key();
    phone.reopen().unwrap();
    assert!(matches!(phone.core().take_up_set_aside(), Err(Error::NotEnrolled)));
    world.enrol_again(&phone, staff).await;
    assert!(
        matches!(phone.core().take_up_set_aside(), Err(Error::NotAllowed)),
        "not before the first sync is complete"
    );
    phone.must_sync().await;
    let taken = phone.core().take_up_set_aside().unwrap();
    assert_eq!(taken, TakenUp { taken_count: 10, known_count: 6, left: Vec::new() });
    assert_eq!(phone.core().take_up_set_aside().unwrap().taken_count, 0, "twice is once");
    let report = phone.must_sync().await;
    assert_eq!((report.pushed_count, report.quarantined_count, report.digests_equal), (10, 0, Some(true)));

    colleague.must_sync().await;
    for (id, note) in sent.iter().zip(0..).map(|(id, at)| (id, format!("已上传 {at}"))) {
        assert_eq!(colleague.core().visit(*id).unwrap().note, note);
    }
    assert_eq!(colleague.core().visit(unsent[0]).unwrap().note, "未上传，改过");
    assert_eq!(colleague.core().visit(unsent[5]).unwrap().note, "未上传 5");
    let number_of = |home| colleague.core().home(home).unwrap().phone;
    assert_eq!(number_of(homes[0]).as_deref(), Some("13900070002"), "what was replaced since stays replaced");
    assert_eq!(number_of(homes[1]).as_deref(), Some("13900070004"));
    assert!(colleague.core().conflicts().unwrap().is_empty());
    assert_eq!(colleague.core().matter(matter).unwrap().summary, "未上传的诉求");
    let ids: BTreeSet<VisitId> = sent.iter().chain(&unsent).copied().collect();
    let visits = world.server.count("SELECT count(*) FROM record WHERE kind = 8");
    assert_eq!(visits, ids.len() as i64, "each visit stands once");
    assert_eq!(world.server.count("SELECT count(*) FROM quarantine"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_taken_up_is_named_and_stays() {
    let mut world = World::new(73);
    let area = world.micro_grid("测试微网格", 2);
    let staff = world.manager("测试甲", area);
    let mut phone = world.phone(staff).await;
    phone.must_sync().await;
    let home = phone.homes()[0].household;
    visit(&phone, home, "没有上传");
    phone.close().unwrap();
    damage(phone.path());
    let (options, ports) = phone.place();
    let aside = Core::set_aside(&options, &ports).unwrap();
    // Somebody else takes the phone over: another's work is not done in their name.
    phone.renew_device_key();
    phone.reopen().unwrap();
    let other = world.manager("测试丙", area);
    world.enrol_again(&phone, other).await;
    phone.must_sync().await;
    let taken = phone.core().take_up_set_aside().unwrap();
    assert_eq!((taken.taken_count, taken.known_count, taken.left.len()), (0, 0, 1));
    assert_eq!(taken.left[0].reason, "input.not_allowed");
    assert_eq!(Core::salvage(&options, &ports, &aside).unwrap().operations.len(), 1, "it is still there");
}
