//! What was set aside does not lie on a phone for ever, and does not go before its work has arrived or what is left of it was told.

use crate::taking_up::{damage, visit};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use zoufang_core::residents::ResidentDraft;
use zoufang_core::rights::AskedBy;
use zoufang_core::salvage::LeftAside;
use zoufang_core::store::MIGRATIONS;
use zoufang_core::store::damage::SetAside;
use zoufang_core::store::open::{Database, KEY_NAME, OpenOptions, StoreError};
use zoufang_core::{Core, Error};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::rights::Right;
use zoufang_sync_server::ledger::Settler;
use zoufang_sync_server::rights::{self, Decision};
use zoufang_tests::canary;
use zoufang_tests::ports::SeededIds;
use zoufang_tests::world::{Handset, World};

const NAME: &str = "试三娘";
const DAY_MS: i64 = 24 * 3_600 * 1_000;
const FILES: [&str; 3] = ["", "-wal", "-shm"];

struct Stand {
    world: World,
    phone: Handset,
    aside: SetAside,
}

impl Stand {
    /// A phone with an unsent visit in a database that was set aside, enrolled anew and synced; nothing is taken up yet.
    async fn of(seed: u64, break_it: impl Fn(&Handset)) -> Stand {
        Self::taken_over(seed, break_it, false).await
    }
    async fn taken_over(seed: u64, break_it: impl Fn(&Handset), is_another: bool) -> Stand {
        let mut world = World::new(seed);
        let area = world.micro_grid("测试微网格", 2);
        let mut staff = world.manager("测试甲", area);
        let mut phone = world.phone(staff).await;
        phone.must_sync().await;
        let home = phone.homes()[0].household;
        visit(&phone, home, "没有上传");
        phone.close().unwrap();
        break_it(&phone);
        let (options, ports) = phone.place();
        let aside = Core::set_aside(&options, &ports).unwrap();
        FILES[1..].iter().for_each(|suffix| std::fs::write(beside(&aside.path, suffix), "x").unwrap());
        phone.renew_device_key();
        phone.reopen().unwrap();
        if is_another {
            staff = world.manager("测试丙", area);
        }
        world.enrol_again(&phone, staff).await;
        phone.must_sync().await;
        Stand { world, phone, aside }
    }
    /// Some days later the phone syncs; what then went and could not be taken up.
    async fn days_later(&self, days: i64) -> Vec<LeftAside> {
        self.world.forward(&[&self.phone], days * DAY_MS);
        self.phone.must_sync().await.forgotten
    }
    fn files_count(&self) -> usize {
        FILES.iter().filter(|suffix| beside(&self.aside.path, suffix).exists()).count()
    }
    fn rows(&self) -> i64 {
        in_database(&self.phone, |c| Ok(c.query_row("SELECT count(*) FROM aside", [], |row| row.get(0))?))
    }
    fn execute(&self, sql: &str) {
        in_database(&self.phone, |c| Ok(c.execute_batch(sql)?));
    }
}

fn in_database<T>(phone: &Handset, act: impl FnOnce(&Connection) -> Result<T, StoreError>) -> T {
    let options = OpenOptions::new(phone.path(), MIGRATIONS);
    let database = Database::open(&options, phone.vault(), &SeededIds::of(99, 0)).unwrap();
    database.write(|tx| act(tx)).unwrap()
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn broken(phone: &Handset) {
    damage(phone.path());
}

/// Nothing of it reads any more.
fn ruined(phone: &Handset) {
    let length = std::fs::metadata(phone.path()).unwrap().len();
    std::fs::write(phone.path(), vec![0x5a; length as usize]).unwrap();
}

fn without_key(phone: &Handset) {
    phone.vault().erase(KEY_NAME).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_which_everything_was_taken_up_goes_after_thirty_days() {
    let stand = Stand::of(81, broken).await;
    stand.days_later(3).await;
    assert_eq!(stand.phone.core().take_up_set_aside().unwrap().taken_count, 1);
    assert_eq!(stand.days_later(29).await, []);
    assert_eq!((stand.files_count(), stand.rows()), (3, 1), "somebody may still notice that something is missing");
    assert_eq!(stand.phone.core().take_up_set_aside().unwrap().known_count, 1, "which does not begin the time anew");
    assert_eq!(stand.days_later(1).await, []);
    assert_eq!((stand.files_count(), stand.rows()), (0, 0));
    assert_eq!(stand.world.server.evidence().visits.len(), 1, "its work is on the server");
    assert!(stand.phone.core().take_up_set_aside().unwrap().left.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_stays_while_work_that_was_taken_out_of_it_is_unsent() {
    let stand = Stand::of(82, broken).await;
    stand.phone.core().take_up_set_aside().unwrap();
    assert!(matches!(stand.phone.core().forget_set_aside(), Err(Error::UnsentAside)));
    assert_eq!(stand.files_count(), 3, "nothing is removed before a sync");
    stand.phone.must_sync().await;
    // As if one more had been taken out of it, which the server does not confirm.
    stand.execute("UPDATE aside SET upto = upto + 1");
    stand.days_later(31).await;
    assert_eq!(stand.files_count(), 3);
    visit(&stand.phone, stand.phone.homes()[0].household, "那一条");
    stand.phone.must_sync().await;
    assert_eq!(stand.files_count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_which_something_is_left_stays_a_year_and_goes_with_a_word() {
    let stand = Stand::taken_over(83, broken, true).await;
    let left = stand.phone.core().take_up_set_aside().unwrap().left;
    assert_eq!(left.len(), 1, "another's work");
    assert_eq!(stand.days_later(364).await, []);
    assert_eq!((stand.files_count(), stand.rows()), (3, 1));
    assert_eq!(stand.days_later(1).await, left);
    assert_eq!((stand.files_count(), stand.rows()), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_does_not_read_is_told_stays_a_year_and_goes() {
    for (seed, break_it, reason) in
        [(84, ruined as fn(&Handset), "open.wrong_key"), (85, without_key, "open.missing_key")]
    {
        let stand = Stand::of(seed, break_it).await;
        let left = vec![LeftAside { counter: 0, record: None, reason: reason.to_owned() }];
        assert_eq!(stand.phone.core().take_up_set_aside().unwrap().left, left);
        assert_eq!(stand.days_later(364).await, []);
        assert_eq!(stand.files_count(), 3);
        assert_eq!(stand.days_later(1).await, left);
        assert_eq!(stand.files_count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_may_remove_what_was_set_aside_at_once() {
    let stand = Stand::of(86, without_key).await;
    let gone = stand.phone.core().forget_set_aside().unwrap();
    assert_eq!(gone.iter().map(|left| left.reason.as_str()).collect::<Vec<_>>(), ["open.missing_key"]);
    assert_eq!((stand.files_count(), stand.rows()), (0, 0));
    // Work that nobody had taken up yet is taken up first, and sent before the file goes.
    let stand = Stand::of(87, broken).await;
    assert!(matches!(stand.phone.core().forget_set_aside(), Err(Error::UnsentAside)));
    stand.phone.must_sync().await;
    assert_eq!(stand.phone.core().forget_set_aside().unwrap(), []);
    assert_eq!((stand.files_count(), stand.world.server.evidence().visits.len()), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_could_be_taken_up_only_a_year_later_is_and_the_file_waits_for_it() {
    // Nobody looked into the file in all that time.
    let stand = Stand::of(88, broken).await;
    stand.days_later(364).await;
    assert_eq!(stand.phone.core().sync_status().unwrap().unsent_count, 0);
    assert_eq!(stand.days_later(1).await, []);
    assert_eq!(stand.phone.core().sync_status().unwrap().unsent_count, 1, "the sync has taken it up at last");
    assert_eq!(stand.files_count(), 3);
    stand.days_later(29).await;
    assert_eq!((stand.files_count(), stand.world.server.evidence().visits.len()), (3, 1));
    stand.days_later(1).await;
    assert_eq!(stand.files_count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_that_was_cut_short_goes_on_at_the_next_sync() {
    // Killed when the first of the files was gone, with everything taken up and with something left.
    for (seed, is_another) in [(89, false), (90, true)] {
        let stand = Stand::taken_over(seed, broken, is_another).await;
        stand.phone.core().take_up_set_aside().unwrap();
        stand.phone.must_sync().await;
        stand.execute("UPDATE aside SET read_ms = 0");
        std::fs::remove_file(&stand.aside.path).unwrap();
        assert_eq!(stand.files_count(), 2);
        stand.phone.must_sync().await;
        assert_eq!((stand.files_count(), stand.rows()), (0, 0));
    }
    // Stopped by a file that does not go.
    let stand = Stand::taken_over(95, broken, true).await;
    let (left, last) = (stand.phone.core().take_up_set_aside().unwrap().left, beside(&stand.aside.path, "-shm"));
    std::fs::remove_file(&last).unwrap();
    std::fs::create_dir(&last).unwrap();
    assert_eq!(stand.days_later(365).await, left);
    assert_eq!(stand.files_count(), 1);
    std::fs::remove_dir(&last).unwrap();
    std::fs::write(&last, "x").unwrap();
    assert_eq!(stand.phone.must_sync().await.forgotten, [], "told once");
    assert_eq!((stand.files_count(), stand.rows()), (0, 0));
    // Killed between the note and the first file; and between the last file and the note.
    let stand = Stand::taken_over(91, broken, true).await;
    stand.phone.core().take_up_set_aside().unwrap();
    stand.execute("UPDATE aside SET read_ms = 0");
    stand.phone.must_sync().await;
    assert_eq!((stand.files_count(), stand.rows()), (0, 0));
    stand.execute("INSERT INTO aside VALUES ('phone-1.db.set-aside-damaged-1', 0, 0, 0, '[]')");
    assert_eq!(stand.phone.must_sync().await.forgotten, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_wrong_while_work_is_taken_up_neither_hastens_nor_stops_it() {
    for (seed, off_days) in [(92, -10_000), (93, 10_000)] {
        let stand = Stand::of(seed, broken).await;
        stand.phone.clock.forward(off_days * DAY_MS);
        assert_eq!(stand.phone.core().take_up_set_aside().unwrap().taken_count, 1);
        stand.phone.clock.forward(-off_days * DAY_MS);
        stand.phone.must_sync().await;
        assert_eq!(stand.files_count(), 3);
        stand.days_later(29).await;
        assert_eq!(stand.files_count(), 3, "off by {off_days} days");
        stand.days_later(1).await;
        assert_eq!(stand.files_count(), 0, "off by {off_days} days");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_newer_app_wrote_counts_as_unread() {
    let newer = |phone: &Handset| in_database(phone, |c| Ok(c.pragma_update(None, "user_version", 9_999)?));
    let stand = Stand::of(94, newer).await;
    let taken = stand.phone.core().take_up_set_aside().unwrap();
    assert_eq!((taken.taken_count, taken.left.len()), (1, 1), "what reads comes back all the same");
    assert_eq!(taken.left[0].reason, "open.newer_than_app");
    stand.days_later(364).await;
    assert_eq!(stand.files_count(), 3);
    assert_eq!(stand.days_later(1).await, taken.left);
    assert_eq!(stand.files_count(), 0);
    assert_eq!(stand.world.server.evidence().visits.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_was_erased_meanwhile_does_not_come_back_out_of_the_file() {
    let mut world = World::new(96);
    let area = world.micro_grid("测试微网格", 2);
    let staff = world.manager("测试甲", area);
    let mut phone = world.phone(staff).await;
    phone.must_sync().await;
    let household = phone.homes()[0].household;
    let draft = ResidentDraft {
        household,
        name: NAME.to_owned(),
        sex: None,
        birth_year: Some(1950),
        phone: None,
        kind: ResidencyKind::Registered,
        lives_where_registered: None,
        from: None,
    };
    let resident = phone.core().add_resident(&draft).unwrap().id;
    phone.close().unwrap();
    in_database(&phone, |c| Ok(c.pragma_update(None, "user_version", 9_999)?));
    let (options, ports) = phone.place();
    let aside = Core::set_aside(&options, &ports).unwrap();
    phone.renew_device_key();
    phone.reopen().unwrap();
    world.enrol_again(&phone, staff).await;
    phone.must_sync().await;
    assert!(phone.core().take_up_set_aside().unwrap().taken_count > 0);
    phone.must_sync().await;
    let request = phone.core().ask_right(AskedBy::Resident(resident), Right::Delete).unwrap();
    phone.must_sync().await;
    let store = &world.server.app.store;
    let now_ms = world.server.now_ms();
    store.write(|tx| rights::decide(tx, now_ms, Settler::Console, area, request.id, &Decision::Erase)).unwrap();
    phone.must_sync().await;
    assert_eq!(phone.places_of(NAME).unwrap(), Vec::<String>::new());

    world.forward(&[&phone], 365 * DAY_MS);
    for _ in 0..3 {
        phone.must_sync().await;
        assert_eq!(phone.core().search(NAME, 10).unwrap().hits.len(), 0);
    }
    assert_eq!(phone.places_of(NAME).unwrap(), Vec::<String>::new());
    assert_eq!(canary::in_server(store.path(), NAME).unwrap(), Vec::<String>::new());
    assert!(!aside.path.exists());
}

#[tokio::test]
async fn what_was_set_aside_goes_with_a_phone_that_is_wiped() {
    let stand = Stand::of(61, broken).await;
    assert_eq!(stand.files_count(), FILES.len());
    stand.world.server.revoke(stand.phone.found().device);
    assert!(stand.phone.sync().await.unwrap().wiped.is_some());
    assert_eq!(stand.files_count(), 0, "its key is gone; the noise goes too");
}
