//! Practice mode: made-up homes that never meet a server.

use crate::phone::{Phone, begin, micro_grid};
use std::path::Path;
use zoufang_core::enrolment::EnrolInput;
use zoufang_core::matters::MatterFilter;
use zoufang_core::practice;
use zoufang_core::store::MIGRATIONS;
use zoufang_core::store::open::{Database, OpenOptions};
use zoufang_core::sync::Cancel;
use zoufang_core::sync::http::{HttpProtocol, ReqwestTransport};
use zoufang_core::views::Page;
use zoufang_core::visits::VisitDraft;
use zoufang_core::{Core, Error, Options};
use zoufang_domain::staff::Role;
use zoufang_domain::visit::{Mode, Outcome};

fn open(folder: &Path, phone: &Phone) -> Core {
    Core::open_practice(folder, phone.core.ports().clone()).unwrap()
}

#[test]
fn everything_can_be_tried_on_made_up_homes_and_is_still_there_next_time() {
    let phone = Phone::fresh();
    let folder = tempfile::tempdir().unwrap();
    let core = open(folder.path(), &phone);
    let homes = core.homes(Page::FIRST).unwrap();
    assert_eq!(homes.len(), usize::from(practice::HOMES_COUNT));
    assert!(
        homes.iter().all(|home| home.contact.as_deref().is_some_and(|name| name.ends_with("练习"))),
        "visibly made up"
    );
    assert_eq!(core.matters(MatterFilter::Open, Page::FIRST).unwrap().len(), 1);
    let due = core.due_list(None).unwrap();
    assert_eq!((due.homes.len(), due.progress[0].visited_count), (homes.len() - 1, 1));
    core.save_visit(VisitDraft::new(homes[3].household, Mode::Door, Outcome::Done)).unwrap();
    core.close().unwrap();
    let again = open(folder.path(), &phone);
    assert_eq!(again.due_list(None).unwrap().progress[0].visited_count, 2);
    again.close().unwrap();
    let anew = Core::restart_practice(folder.path(), phone.core.ports().clone()).unwrap();
    assert_eq!(anew.due_list(None).unwrap().progress[0].visited_count, 1, "thrown away and begun anew");
}

#[tokio::test]
async fn it_can_never_sync_nor_be_enrolled() {
    let phone = Phone::fresh();
    let folder = tempfile::tempdir().unwrap();
    let core = open(folder.path(), &phone);
    assert!(core.is_practice().unwrap() && !phone.core.is_practice().unwrap());
    let status = core.sync_status().unwrap();
    assert!(status.practice && status.unsent_count == 0 && status.oldest_unsent_ms.is_none());
    assert!(matches!(core.protocol(), Err(Error::Practice)));
    // A listener that would hear of any connection.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let protocol = HttpProtocol::new(ReqwestTransport::new(&url, None).unwrap());
    let outcome = core.sync(&protocol, |_| {}, &Cancel::default()).await;
    assert!(matches!(outcome, Err(Error::Practice)), "{outcome:?}");
    let input = EnrolInput { server_url: url, ca_pem: None, code: "ABCD-EFGH-2345".into() };
    assert!(matches!(core.enrol(&protocol, input).await, Err(Error::AlreadyEnrolled)));
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody called");
}

#[test]
fn a_real_profile_is_neither_opened_as_practice_nor_touched_by_it() {
    let phone = Phone::fresh();
    let folder = tempfile::tempdir().unwrap();
    let practice_core = open(folder.path(), &phone);
    practice_core.close().unwrap();
    let other = tempfile::tempdir().unwrap();
    let ports = phone.core.ports().clone();
    let path = other.path().join(practice::FILE);
    let options = OpenOptions { key_name: practice::KEY_NAME.into(), ..OpenOptions::new(&path, MIGRATIONS) };
    let store = Database::open(&options, ports.vault.as_ref(), ports.ids.as_ref()).unwrap();
    begin(&store, Role::MicroGridManager, &[micro_grid()]);
    store.close().unwrap();
    assert!(matches!(Core::open_practice(other.path(), ports.clone()), Err(Error::NotAllowed)));
    assert!(
        matches!(Core::restart_practice(other.path(), ports.clone()), Err(Error::NotAllowed)),
        "and nothing is erased"
    );
    let real = Core::open(Options { path, key_name: practice::KEY_NAME.into() }, ports).unwrap();
    assert!(real.profile().unwrap().is_some() && !real.is_practice().unwrap());
}
