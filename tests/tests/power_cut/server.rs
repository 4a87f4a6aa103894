//! The server's database, cut while it takes rosters, phones and their work.

use crate::hearing::Hearing;
use crate::phone::runtime;
use crate::story::{History, Promise, Story, Telling, What};
use std::cell::Cell;
use std::sync::Arc;
use uuid::Uuid;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::sync::http::HttpProtocol;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::DeviceId;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::store::{Store, StoreError};
use zoufang_sync_server::{App, Config, check, device};
use zoufang_tests::content;
use zoufang_tests::phone::Phone;
use zoufang_tests::ports::{MINUTE_MS, MORNING_MS, SeededIds, SetClock};
use zoufang_tests::power_cut::trial::{Cut, Fault, Trial};
use zoufang_tests::world::{Line, Server, World};

const HOMES_COUNT: usize = 30;
const COUNT_HOMES: &str = "SELECT count(*) FROM record WHERE kind = 5";

struct ServerJudge<'s> {
    story: &'s Story,
    history: History,
    /// States that had lost a transaction that was not promised to stay.
    rolled_back_count: Cell<usize>,
}

impl<'s> ServerJudge<'s> {
    fn of(story: &'s Story, trial: &Trial<'_>) -> Self {
        let history = History::of(&story.recording, |at| {
            trial.whole(at, |cut| {
                let store = Store::open(cut.path).expect("it opens after a kill");
                store.read::<_, StoreError>(|c| Ok(content::of(c)?.0)).expect("it reads after a kill")
            })
        });
        ServerJudge { story, history, rolled_back_count: Cell::new(0) }
    }
    /// The real store opens the state, the server's own check finds nothing, promises hold, and a server starts on it.
    fn judge(&self, cut: &Cut<'_>) -> Result<(), Fault> {
        if !cut.has_database && self.story.has_promised(cut.at) {
            return Err(Fault::Lost("the database file".to_owned()));
        }
        let broken = |what: &str, error: StoreError| Fault::Broken(format!("{what}: {error:?}"));
        let store = Store::open(cut.path).map_err(|error| broken("it does not open", error))?;
        self.story.keeps(cut.at, |promise| keeps(&store, promise))?;
        let looked = store.read::<_, StoreError>(|c| Ok((content::of(c)?, check::check(c)?)));
        let ((content, is_whole), findings) = looked.map_err(|error| broken("it does not read", error))?;
        if !is_whole || !findings.is_sound() {
            return Err(Fault::Broken(format!("whole: {is_whole}, found: {:?}", findings.problems)));
        }
        let has_all = self.history.holds(self.story, cut.at, &content)?;
        self.rolled_back_count.set(self.rolled_back_count.get() + usize::from(!has_all));
        let config = Config::new(cut.path.parent().unwrap());
        let random = Box::new(SeededIds::of(cut.at as u64, cut.variant as u64));
        let app = App::with_ports(store, config, Box::new(SetClock::at(MORNING_MS)), random);
        Server::of(app.map_err(|error| broken("no server starts on it", error))?).add_staff("测试后来者");
        Ok(())
    }
}

fn keeps(store: &Store, promise: &Promise) -> bool {
    let id = DeviceId(promise.thing);
    let device = || store.read(|c| device::find(c, id)).is_ok_and(|device| device.is_some());
    let count = |sql: &str, values: &[&[u8]]| {
        let counted = store
            .read::<i64, StoreError>(|c| Ok(c.query_row(sql, rusqlite::params_from_iter(values), |row| row.get(0))?));
        counted.unwrap_or_default()
    };
    match promise.what {
        What::Device => device(),
        What::Operations(upto) => {
            let sql = "SELECT count(*) FROM ledger_operation WHERE device = ?";
            count(sql, &[promise.thing.as_bytes()]) >= i64::try_from(upto).unwrap()
        }
        What::Homes(homes_count) => count(COUNT_HOMES, &[]) == homes_count,
        _ => false,
    }
}

fn tried(name: &'static str, story: &Story, share_percent: usize) {
    let trial = Trial { name, recording: &story.recording, share_percent };
    let judge = ServerJudge::of(story, &trial);
    let tally = trial.run(|cut| judge.judge(cut));
    eprintln!(
        "{name}: {} states of {} transactions, {} without the last of them",
        tally.states_count,
        judge.history.commits_count(),
        judge.rolled_back_count.get()
    );
    tally.must_be_clean(name);
}

#[test]
fn a_servers_database_and_a_roster_are_there_whole_or_not_at_all() {
    crate::begin();
    let (folder, clock) = (tempfile::tempdir().unwrap(), SetClock::at(MORNING_MS));
    let mut telling = Telling::of(&Config::new(folder.path()).database());
    let server = telling.durably(|| Server::start(folder.path(), &clock, 41), |_| Vec::new());
    let community = telling.durably(|| server.add_community(), |_| Vec::new());
    let homes = |count: usize| vec![(Uuid::nil(), What::Homes(i64::try_from(count).unwrap()))];
    telling.durably(|| server.add_micro_grid(community, "测试微网格1", HOMES_COUNT), |_| homes(HOMES_COUNT));
    telling.durably(|| server.add_micro_grid(community, "测试微网格2", HOMES_COUNT), |_| homes(2 * HOMES_COUNT));
    tried("server-roster", &telling.end(), 12);
}

#[test]
fn what_the_server_answered_stays_on_the_server() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(42));
    let area = world.micro_grid("测试微网格", 6);
    let other = runtime.block_on(world.managers_phone("测试甲", area));
    let staff = world.manager("测试乙", area);
    let folder = tempfile::tempdir().unwrap();
    let ids = Arc::new(SeededIds::of(42, 77));
    let phone = Phone::new(&folder.path().join("phone.db"), SetClock::at(MORNING_MS), ids).unwrap();
    let mut telling = Telling::of(world.server.app.store.path());
    let line = Line::to(zoufang_sync_server::build_router(Arc::clone(&world.server.app)));
    let heard = Hearing::of(&line, &telling.recorder);
    let code = telling.durably(|| world.server.enrol_code(staff), |_| Vec::new());
    let input = EnrolInput { server_url: "http://127.0.0.1:9".to_owned(), ca_pem: None, code };
    runtime.block_on(phone.enrol(&heard.protocol(), input)).unwrap();
    let device = phone.evidence().unwrap().device;
    let others = HttpProtocol::new(other.line.clone());
    for round in 0..5 {
        for (at, home) in other.homes().iter().enumerate() {
            let note = format!("第 {round} 轮第 {at} 户{}", "记".repeat(100 * at));
            let draft = VisitDraft { note, ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) };
            let core = if at % 2 == 0 && round > 0 { phone.core() } else { other.core() };
            core.save_visit(draft).unwrap();
        }
        let edit = HouseholdEdit { phone: Some(Some(format!("139000500{round:02}"))), ..HouseholdEdit::default() };
        other.core().edit_household(other.homes()[round].household, &edit).unwrap();
        runtime.block_on(phone.sync_over(&heard.protocol())).unwrap();
        runtime.block_on(other.sync_over(&others)).unwrap();
        world.forward(&[&other], MINUTE_MS);
        phone.clock.forward(MINUTE_MS);
    }
    heard.answers("enrol").iter().for_each(|(at, _)| telling.promised_at(*at, device.0, What::Device));
    let pushes = heard.answers("push");
    assert!(pushes.len() >= 4, "{}", pushes.len());
    // One thing a push: the device's own promise stays beside them.
    for (at, answer) in pushes {
        let upto = answer["acknowledged"].as_u64().unwrap();
        telling.promised_at(at, device.0, What::Operations(upto));
    }
    tried("server-push", &telling.end(), 14);
}
