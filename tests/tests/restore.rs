//! The drill: a fleet at work over HTTP, a backup by the real command while it syncs, a day more of work, the backup put back by the real
//! command, and everybody comes home, those first whose work hangs on others', among them one that was enrolled after the backup. See docs/assurance.md.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use zoufang_core::Error;
use zoufang_core::households::HouseholdEdit;
use zoufang_core::matters::{MatterDraft, MatterFilter};
use zoufang_core::residents::{ResidentDraft, ResidentEdit};
use zoufang_core::sync::SyncReport;
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_domain::ids::{StaffId, UnitId, VisitId};
use zoufang_domain::matter::{MatterKind, Track};
use zoufang_domain::resident::ResidencyKind;
use zoufang_domain::schema::Kind;
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_domain::wire::ExchangeError;
use zoufang_tests::checkers::{differences, tally};
use zoufang_tests::console::Console;
use zoufang_tests::evidence::ServerEvidence;
use zoufang_tests::fleet::{self, Member, Serving};
use zoufang_tests::ports::{DAY_MS, MORNING_MS, SetClock};
use zoufang_tests::proxy::Proxy;
use zoufang_tests::world::{ROUNDS_MAX_COUNT, Server, all_homes};

const GRIDS_COUNT: usize = 8;
/// Two managers a micro-grid, and one leader over all.
const PHONES_COUNT: usize = 2 * GRIDS_COUNT + 1;
const HOMES_COUNT: usize = 10;
/// Visits of the second day that the leader declares void.
const VOIDED_COUNT: usize = 8;
const SEED: u64 = 15;

struct Drill {
    folder: TempDir,
    console: Console,
    clock: SetClock,
    server: Option<Server>,
    serving: Option<Serving>,
    proxy: Arc<Proxy>,
    grids: Vec<UnitId>,
    community: UnitId,
    lives_count: u64,
}

impl Drill {
    async fn begin() -> (Drill, Vec<Member>) {
        let folder = tempfile::tempdir().unwrap();
        let data_dir = folder.path().join("server");
        std::fs::create_dir(&data_dir).unwrap();
        let clock = SetClock::at(MORNING_MS);
        let server = Server::start(&data_dir, &clock, SEED);
        let community = server.add_community();
        let name = |number| format!("测试微网格{number}");
        let grids =
            (0..GRIDS_COUNT).map(|number| server.add_micro_grid(community, &name(number), HOMES_COUNT)).collect();
        let serving = Serving::start(Arc::clone(&server.app)).await.unwrap();
        let proxy = Arc::new(Proxy::before(serving.address()).await.unwrap());
        let console = Console::built();
        let (server, serving) = (Some(server), Some(serving));
        let mut drill = Drill { folder, console, clock, server, serving, proxy, grids, community, lives_count: 1 };
        let mut members = Vec::new();
        for number in 0..PHONES_COUNT {
            let (unit, role) = match drill.grids.get(number / 2) {
                Some(grid) => (*grid, Role::MicroGridManager),
                None => (drill.community, Role::GridLeader),
            };
            let staff = drill.hire(number, unit, role);
            members.push(drill.join(number, staff).await);
        }
        (drill, members)
    }
    fn hire(&self, number: usize, unit: UnitId, role: Role) -> StaffId {
        let staff = self.server().add_staff(&format!("测试网格员{number}"));
        self.server().post(staff, unit, role);
        staff
    }
    async fn join(&mut self, number: usize, staff: StaffId) -> Member {
        let clock = SetClock::at(self.clock.now_ms());
        let mut member = Member::new(self.folder.path(), number, clock, Arc::clone(&self.proxy)).unwrap();
        member.enrol(self.code(staff)).await.unwrap();
        member.sync().await.unwrap();
        member
    }
    fn code(&self, staff: StaffId) -> String {
        self.serving.as_ref().unwrap().enrol_code(staff).unwrap()
    }
    fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }
    fn data_dir(&self) -> PathBuf {
        self.folder.path().join("server")
    }
    fn backup_file(&self) -> PathBuf {
        self.folder.path().join("backup.db")
    }
    fn a_day_passes(&self, members: &[Member]) {
        self.clock.forward(DAY_MS);
        members.iter().for_each(|member| member.phone.clock.forward(DAY_MS));
    }
    /// The server stops, the backup takes its place, the server starts again at the same address.
    async fn restore(&mut self) {
        let serving = self.serving.take().unwrap();
        let address = serving.address();
        let in_use = self.console.ask(&self.data_dir(), &["restore", path_text(&self.backup_file())]);
        assert_eq!(in_use.status.code(), Some(1), "restored under a running server");
        serving.stop().await;
        self.server = None;
        self.console.must(&self.data_dir(), &["restore", path_text(&self.backup_file())]);
        self.lives_count += 1;
        let server = Server::start_again(&self.data_dir(), &self.clock, SEED, self.lives_count);
        self.serving = Some(Serving::start_at(Arc::clone(&server.app), address).await.unwrap());
        self.server = Some(server);
    }
    fn epoch(&self) -> i64 {
        self.server().count("SELECT epoch FROM server")
    }
    fn visits_count(&self) -> usize {
        self.server().evidence().visits.len()
    }
    /// Nothing waits, nothing is lost or doubled, everybody agrees with the server byte by byte, and its own check finds nothing.
    fn check(&self, members: &[Member]) -> ServerEvidence {
        let server = self.server().evidence();
        let mut saved = BTreeSet::new();
        for member in members {
            let phone = member.evidence().unwrap();
            assert_eq!((phone.unsent_count, phone.quarantined_count), (0, 0), "phone {}", member.number);
            assert_eq!(differences(&phone, &server), [], "phone {}", member.number);
            assert!(phone.held.is_empty(), "phone {}: {:?}", member.number, phone.held);
            saved.extend(phone.own_visits);
        }
        let tally = tally(&saved, &server);
        assert!(tally.lost.is_empty() && tally.duplicated.is_empty(), "{tally:?}");
        assert_eq!((tally.on_server_count, server.visits.len()), (tally.saved_count, saved.len()));
        self.console.must(&self.data_dir(), &["check"]);
        server
    }
    async fn end(self, members: Vec<Member>) {
        drop((self.server, members));
        self.serving.unwrap().stop().await;
    }
}

fn path_text(path: &Path) -> &str {
    path.to_str().unwrap()
}

async fn sync_all(members: Vec<Member>) -> Vec<Member> {
    let synced = fleet::each(members, PHONES_COUNT, |mut member| async move {
        member.sync().await?;
        Ok(member)
    });
    synced.await.unwrap()
}

/// Syncs one after the other, the last first: the leader, and of each pair the one whose work hangs on the other's.
async fn sync_last_first(members: &mut [Member]) -> Vec<SyncReport> {
    let mut reports = Vec::new();
    for member in members.iter_mut().rev() {
        reports.push(member.sync().await.unwrap());
    }
    reports
}

/// A visit at each home, an edit, and of each pair the first adds a resident and reports a matter.
fn work(member: &Member, word: &str) -> Result<(), Error> {
    let core = member.phone.core();
    let homes: Vec<_> = all_homes(core)?.into_iter().skip(member.number % 2).step_by(2).collect();
    for home in &homes {
        let note = format!("{word}，第 {} 部手机", member.number);
        core.save_visit(VisitDraft { note, ..VisitDraft::new(home.household, Mode::Door, Outcome::Done) })?;
    }
    let home = homes.first().unwrap();
    let phone = Some(Some(format!("1390000{:04}", member.number)));
    core.edit_household(home.household, &HouseholdEdit { phone, ..HouseholdEdit::default() })?;
    core.add_resident(&ResidentDraft {
        household: home.household,
        name: format!("测试居民{}", member.number),
        sex: None,
        birth_year: None,
        phone: None,
        kind: ResidencyKind::Floating,
        lives_where_registered: None,
        from: None,
    })?;
    let mut matter = MatterDraft::new(MatterKind::Help, Track::Simple, format!("{word}的诉求"));
    matter.household = Some(home.household);
    core.report_matter(matter)?;
    Ok(())
}

/// What hangs on a colleague's work of the same day: a note and an answer on their matter, an edit of their resident.
fn work_on_what_others_began(member: &Member) -> Result<usize, Error> {
    let core = member.phone.core();
    let own = member.evidence().unwrap().staff;
    let mut done_count = 0;
    for matter in core.matters(MatterFilter::All, Page::FIRST)?.iter().filter(|matter| matter.events[0].who != own) {
        core.note(matter.id, "接着办")?;
        done_count += 1;
    }
    for home in all_homes(core)? {
        for resident in core.residents_of(home.household)?.iter().filter(|one| one.phone.is_none()) {
            let phone = Some(Some("13900000009".to_owned()));
            core.edit_resident(resident.id, &ResidentEdit { phone, ..ResidentEdit::default() })?;
            done_count += 1;
        }
    }
    Ok(done_count)
}

/// A leader declares some of the day's visits void.
fn void_what_others_saved(leader: &Member) {
    let (core, found) = (leader.phone.core(), leader.evidence().unwrap());
    let ids = found.areas.values().flat_map(|dump| dump.keys()).filter(|(kind, _)| *kind == Kind::Visit.number());
    let shown = ids.map(|(_, id)| core.visit(VisitId(*id)).unwrap());
    let others = shown.filter(|visit| visit.author != found.staff && visit.note.starts_with("备份后"));
    let chosen: Vec<VisitId> = others.map(|visit| visit.id).step_by(7).take(VOIDED_COUNT).collect();
    assert_eq!(chosen.len(), VOIDED_COUNT);
    chosen.into_iter().for_each(|visit| drop(core.void_visit(visit, "重复登记").unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_a_day_older_gets_back_all_that_the_fleet_holds() {
    let (mut drill, mut members) = Drill::begin().await;
    let newcomer = drill.hire(PHONES_COUNT, drill.grids[0], Role::MicroGridManager);
    for member in &members {
        work(member, "备份前").unwrap();
    }
    // The backup is taken while everybody pushes: of each push all or nothing is in it.
    let taken = {
        let (console, data_dir, file) = (Console::built(), drill.data_dir(), drill.backup_file());
        tokio::task::spawn_blocking(move || console.must(&data_dir, &["backup", path_text(&file)]))
    };
    members = sync_all(members).await;
    taken.await.unwrap();
    members = sync_all(members).await;
    drill.check(&members);
    let (visits_before, epoch_before) = (drill.visits_count(), drill.epoch());

    drill.a_day_passes(&members);
    // One more phone: the server that comes back will not know it, and it has worked on what others began.
    members.push(drill.join(PHONES_COUNT, newcomer).await);
    for member in &members {
        work(member, "备份后").unwrap();
    }
    members = sync_all(sync_all(members).await).await;
    let mut dependent_count = 0;
    for member in members.iter().filter(|member| member.number % 2 == 1 || member.number == PHONES_COUNT - 1) {
        dependent_count += work_on_what_others_began(member).unwrap();
    }
    assert!(dependent_count > 2 * GRIDS_COUNT, "{dependent_count}");
    void_what_others_saved(&members[PHONES_COUNT - 1]);
    members = sync_all(sync_all(members).await).await;
    let whole = drill.check(&members);
    let visits_count = whole.visits.len();
    assert_eq!(visits_count, 2 * visits_before + HOMES_COUNT / 2);
    // And some have work that has never been sent.
    for member in members.iter().step_by(3) {
        let home = all_homes(member.phone.core()).unwrap().remove(0);
        member.phone.core().save_visit(VisitDraft::new(home.household, Mode::Phone, Outcome::NoAnswer)).unwrap();
    }
    let unsent_count = members.iter().step_by(3).count();

    drill.restore().await;
    assert!(drill.visits_count() <= visits_before, "the server has forgotten a day");
    assert!(drill.epoch() > epoch_before);
    let late = members.last_mut().unwrap();
    match late.sync().await {
        Err(Error::Exchange(ExchangeError::Problem(problem))) => assert_eq!(problem.id, "device.unknown"),
        other => panic!("{other:?}"),
    }
    late.rejoin(drill.code(newcomer)).await.unwrap();
    let first = sync_last_first(&mut members).await;
    let waited_count: u64 = first.iter().map(|report| report.quarantined_count).sum();
    assert!(
        waited_count > 0 && waited_count <= (dependent_count + VOIDED_COUNT) as u64,
        "{waited_count} of {dependent_count}"
    );
    for round in 0.. {
        assert!(round < ROUNDS_MAX_COUNT, "phones that are not disturbed still move");
        let reports = sync_last_first(&mut members).await;
        if reports.iter().all(|report| report.pushed_count + report.pulled_count == 0) {
            break;
        }
    }
    let home = drill.server().evidence();
    assert_eq!(home.quarantined_count, 0, "something waits for a supervisor");
    assert_eq!(home.visits.len(), visits_count + unsent_count);
    drill.check(&members);
    drill.end(members).await;
}
