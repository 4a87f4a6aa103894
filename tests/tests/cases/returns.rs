//! Case 15, for phones that were enrolled after the backup: the server that comes back does not know them.

use crate::visit;
use zoufang_core::Error;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::households::{HomeDraft, HouseholdEdit};
use zoufang_domain::home::{Address, Use};
use zoufang_domain::ids::UnitId;
use zoufang_domain::staff::Role;
use zoufang_domain::wire::ExchangeError;
use zoufang_domain::wire::limits::KEPT_OPERATIONS_DAYS;
use zoufang_tests::ports::DAY_MS;
use zoufang_tests::world::{Handset, World, enrol_input};

fn problem<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    match outcome {
        Err(Error::Exchange(ExchangeError::Problem(problem))) => problem.id,
        other => panic!("{other:?}"),
    }
}

/// Brings a person back at the desk whom the backup does not know either.
fn bring_back(world: &World, phone: &Handset, name: &str, area: UnitId) {
    let staff = phone.found().staff;
    world.server.add_staff_as(staff, name);
    world.server.post(staff, area, Role::MicroGridManager);
}

#[tokio::test]
async fn case_15_a_phone_that_joined_after_the_backup_comes_back_with_a_new_code() {
    let mut world = World::new(315);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let backup = world.backup();
    world.forward(&[&a], DAY_MS);
    let c = world.managers_phone("测试丙", area).await;
    let homes = c.homes();
    let sent = visit(&c, homes[0].household, "已上传");
    c.must_sync().await;
    // A colleague's work hangs on it.
    a.must_sync().await;
    let edit = HouseholdEdit { phone: Some(Some("13900001111".into())), ..HouseholdEdit::default() };
    a.core().edit_household(homes[0].household, &edit).unwrap();
    a.must_sync().await;
    c.must_sync().await;
    let unsent = visit(&c, homes[1].household, "未上传");
    world.restore(&backup, &[&a, &c]);
    for _ in 0..2 {
        assert_eq!(problem(c.sync().await), "device.unknown");
    }
    assert_eq!(c.core().sync_status().unwrap().last_error.unwrap().id, "device.unknown", "what to do is on screen");
    let later = visit(&c, homes[2].household, "之后");
    let before = c.found();
    assert_eq!((before.own_visits.len(), before.unsent_count), (3, 2));

    bring_back(&world, &c, "测试丙", area);
    c.rejoin(world.server.enrol_code(before.staff)).await.unwrap();
    let status = c.core().sync_status().unwrap();
    assert_eq!((status.last_error, status.complete), (None, true));
    assert!(status.unsent_count >= 3, "all that it keeps is to be sent: {}", status.unsent_count);
    c.must_sync().await;
    a.sync().await.unwrap();
    world.settle_and_check(&[&a, &c]).await;
    let (found, server) = (c.found(), world.server.evidence());
    assert_eq!((found.device, found.staff), (before.device, before.staff));
    for saved in [sent, unsent, later] {
        assert!(server.visits.contains_key(&saved.id.0));
        assert_eq!(a.core().visit(saved.id).unwrap().note, saved.note);
    }
    assert_eq!((server.visits.len(), server.quarantined_count), (3, 0));
    assert_eq!(c.core().home(homes[0].household).unwrap().phone.as_deref(), Some("13900001111"));
}

#[tokio::test]
async fn a_code_that_is_not_this_phones_changes_nothing() {
    let mut world = World::new(316);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let backup = world.backup();
    let c = world.managers_phone("测试丙", area).await;
    visit(&c, c.first_home().household, "已上传");
    c.must_sync().await;
    world.restore(&backup, &[&a, &c]);
    bring_back(&world, &c, "测试丙", area);
    assert_eq!(problem(c.sync().await), "device.unknown");
    let before = c.found();
    let (a_staff, c_staff) = (a.found().staff, before.staff);

    assert_eq!(problem(c.rejoin(world.server.enrol_code(a_staff)).await), "enrol.other_person");
    let code = world.server.enrol_code(c_staff);
    let elsewhere = EnrolInput { server_url: "http://127.0.0.1:10".into(), ..enrol_input(code.clone()) };
    assert!(matches!(c.core().rejoin(&c.protocol, elsewhere).await, Err(Error::OtherServer)));
    assert!(matches!(c.core().enrol(&c.protocol, enrol_input(code.clone())).await, Err(Error::AlreadyEnrolled)));
    let blank = world.blank_phone();
    assert!(matches!(blank.rejoin(code.clone()).await, Err(Error::NotEnrolled)));
    assert_eq!(world.server.count("SELECT count(*) FROM device"), 1);
    let after = c.found();
    assert_eq!((after.device, after.unsent_count, after.own_visits), (before.device, 0, before.own_visits));
    assert_eq!(c.core().sync_status().unwrap().last_error.unwrap().id, "device.unknown");

    c.rejoin(code).await.unwrap();
    world.settle_and_check(&[&a, &c]).await;
    assert_eq!(world.server.evidence().visits.len(), 1);
}

/// An answer that is lost costs nothing: the server knows the phone by then, and an ordinary sync finds that it lives anew.
#[tokio::test]
async fn a_phone_whose_way_back_was_cut_goes_on_by_itself() {
    let mut world = World::new(317);
    let area = world.micro_grid("测试微网格", 4);
    let a = world.managers_phone("测试甲", area).await;
    let backup = world.backup();
    let c = world.managers_phone("测试丙", area).await;
    visit(&c, c.first_home().household, "已上传");
    c.must_sync().await;
    world.restore(&backup, &[&a, &c]);
    bring_back(&world, &c, "测试丙", area);
    let copy = world.clone_of(&c);
    copy.rejoin(world.server.enrol_code(c.found().staff)).await.unwrap();
    drop(copy);
    world.settle_and_check(&[&a, &c]).await;
    assert_eq!(world.server.evidence().visits.len(), 1);
}

/// A phone keeps what it has sent for 30 days. What is older cannot come again by itself: the chain begins after it, the server's audit says
/// where, and all the rest is taken.
#[tokio::test]
async fn what_a_phone_no_longer_keeps_leaves_a_gap_that_is_written_down() {
    let mut world = World::new(318);
    let area = world.micro_grid("测试微网格", 6);
    let a = world.managers_phone("测试甲", area).await;
    let backup = world.backup();
    let c = world.managers_phone("测试丙", area).await;
    let homes = c.homes();
    let old: Vec<_> = (0..3).map(|at| visit(&c, homes[at].household, "很久以前")).collect();
    c.must_sync().await;
    world.forward(&[&a, &c], (KEPT_OPERATIONS_DAYS + 1) * DAY_MS);
    let mut recent = vec![visit(&c, homes[3].household, "最近的第一次")];
    c.must_sync().await;
    c.must_sync().await;
    recent.extend((4..6).map(|at| visit(&c, homes[at].household, "最近")));
    c.must_sync().await;

    world.restore(&backup, &[&a, &c]);
    bring_back(&world, &c, "测试丙", area);
    c.rejoin(world.server.enrol_code(c.found().staff)).await.unwrap();
    let report = c.sync().await.unwrap();
    assert_eq!((report.pushed_count, report.quarantined_count), (recent.len() as u64, 0));
    assert_eq!(report.digests_equal, Some(false), "the phone says that it and the server differ");
    let server = world.server.evidence();
    assert!(recent.iter().all(|one| server.visits.contains_key(&one.id.0)));
    let gap = "SELECT count(*) FROM audit WHERE what = 'device.gap' AND subject LIKE '%#1-3'";
    assert_eq!(world.server.count(gap), 1, "these numbers are not in what came");
    for one in old {
        assert!(!server.visits.contains_key(&one.id.0));
        assert_eq!(c.core().visit(one.id).unwrap().note, "很久以前", "it stays readable on the phone");
    }
    // And work goes on.
    visit(&c, homes[0].household, "之后");
    assert_eq!(c.sync().await.unwrap().pushed_count, 1);
    // A day later it is offered as copies, which a supervisor may take.
    world.forward(&[&a, &c], DAY_MS);
    for _ in 0..2 {
        c.sync().await.unwrap();
    }
    assert_eq!(world.server.evidence().quarantined_count, 3);
}

/// A restored server sends homes as they were, page by page. One that has lost a contact since was not asked to forget anybody.
#[tokio::test]
async fn an_older_home_on_a_later_page_is_no_erasure() {
    const CONTACT: &str = "测试联系人";
    let mut world = World::new(319);
    let area = world.micro_grid("测试微网格", 1_500);
    let a = world.managers_phone("测试甲", area).await;
    let b = world.managers_phone("测试乙", area).await;
    // Later than all of the roster, so not on the first page, on which the phone knows by the epoch itself; and nobody is named yet.
    let late = a.core().add_home(&HomeDraft {
        micro_grid: area,
        address: Address { building: "99".into(), unit: "1".into(), room: "101".into() },
        used_as: Use::Own,
        contact: None,
        phone: None,
        people_count: None,
        from: None,
        shares_dwelling: false,
    });
    let late = late.unwrap().household;
    world.settle(&[&a, &b]).await;
    let backup = world.backup();
    let edit = HouseholdEdit { contact: Some(Some(CONTACT.to_owned())), ..HouseholdEdit::default() };
    a.core().edit_household(late, &edit).unwrap();
    world.settle(&[&a, &b]).await;
    assert_eq!(b.core().home(late).unwrap().contact.as_deref(), Some(CONTACT));
    let draft = b.core().start_visit_draft(late).unwrap();
    let note = format!("见到{CONTACT}");
    b.core().save_draft_field(draft, "note", note.clone().into()).unwrap();
    world.restore(&backup, &[&a, &b]);
    b.sync().await.unwrap();
    assert_eq!(b.core().home(late).unwrap().contact, None, "the home is as the backup has it");
    assert_eq!(b.core().draft(draft).unwrap().fields["note"], note);
    a.sync().await.unwrap();
    world.settle_and_check(&[&a, &b]).await;
    assert_eq!(b.core().home(late).unwrap().contact.as_deref(), Some(CONTACT));
}
