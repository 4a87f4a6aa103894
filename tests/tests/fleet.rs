//! The fleet over plain HTTP on this machine: many phones that come back at the same moment, two of them for each micro-grid.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::sync::Arc;
use zoufang_core::ports::{Clock, SystemClock};
use zoufang_core::visits::VisitDraft;
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};
use zoufang_sync_server::store::Store;
use zoufang_sync_server::{App, Config};
use zoufang_tests::checkers::{differences, tally};
use zoufang_tests::fleet::{self, Member, Serving};
use zoufang_tests::ports::SetClock;
use zoufang_tests::proxy::Proxy;
use zoufang_tests::world::{Server, all_homes};

const GRIDS_COUNT: usize = 10;
const PHONES_COUNT: usize = 2 * GRIDS_COUNT;
const HOMES_COUNT: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_herd_arrives_whole_and_every_pair_agrees() {
    let folder = tempfile::tempdir().unwrap();
    let config = Config::new(folder.path());
    let app = App::new(Store::open(&config.database()).unwrap(), config).unwrap();
    let server = Server::of(Arc::clone(&app));
    let community = server.add_community();
    let grids: Vec<_> = (0..GRIDS_COUNT)
        .map(|number| server.add_micro_grid(community, &format!("测试微网格{number}"), HOMES_COUNT))
        .collect();
    let serving = Serving::start(app).await.unwrap();
    let proxy = Arc::new(Proxy::before(serving.address()).await.unwrap());
    let mut members = Vec::new();
    for number in 0..PHONES_COUNT {
        let staff = server.add_staff(&format!("测试网格员{number}"));
        server.post(staff, grids[number / 2], Role::MicroGridManager);
        let clock = SetClock::at(SystemClock.now_ms());
        let mut member = Member::new(folder.path(), number, clock, Arc::clone(&proxy)).unwrap();
        member.enrol(serving.enrol_code(staff).unwrap()).await.unwrap();
        member.sync().await.unwrap();
        members.push(member);
    }
    for member in &members {
        for home in all_homes(member.phone.core()).unwrap() {
            let draft = VisitDraft::new(home.household, Mode::Door, Outcome::Done);
            member.phone.core().save_visit(draft).unwrap();
        }
    }
    // All at once, then once more for what the other of each pair brought.
    for _ in 0..2 {
        members = fleet::each(members, PHONES_COUNT, |mut member| async move {
            member.sync().await?;
            Ok(member)
        })
        .await
        .unwrap();
    }
    let evidence = serving.evidence().unwrap();
    let mut saved = BTreeSet::new();
    for member in &members {
        let phone = member.evidence().unwrap();
        assert_eq!(phone.unsent_count, 0);
        assert_eq!(differences(&phone, &evidence), []);
        assert_eq!(phone.own_visits.len(), HOMES_COUNT);
        saved.extend(phone.own_visits);
    }
    let tally = tally(&saved, &evidence);
    assert_eq!(tally.on_server_count, (PHONES_COUNT * HOMES_COUNT) as u64);
    assert!(tally.lost.is_empty() && tally.duplicated.is_empty(), "{tally:?}");
    drop(members);
    serving.stop().await;
}
