use crate::phone::{Mood, Network, PAGE, Phone, Vault, device_key, open, path, wait};
use crate::server::Server;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use zoufang_bindings::error::CoreError;
use zoufang_bindings::ports::{KeyVault, PortError};
use zoufang_bindings::records::{OpenOptions, SetAside, SyncOptions, TakenUp};
use zoufang_bindings::tree::set_aside;
use zoufang_bindings::version::core_version;

#[test]
fn a_phone_opens_before_it_is_enrolled_and_says_so_in_both_languages() {
    let phone = Phone::fresh();
    assert!(!phone.core.sync().status().unwrap().enrolled);
    assert!(phone.core.drafts().list().unwrap().is_empty());
    let Err(CoreError::EnrolAgain { text }) = phone.core.households().list(PAGE) else { panic!("there is no profile") };
    assert_eq!((text.id.as_str(), text.title_zh.as_str()), ("device.unknown", "手机未登记"));
    assert_eq!(text.title_en, "This phone is not enrolled");
    assert!(text.detail_zh.contains("登记码") && text.detail_en.contains("code"));
    assert_eq!(phone.core.version(), core_version());
}

#[test]
fn a_paused_core_says_so_and_resumes_with_everything() {
    let phone = Phone::enrolled(&Server::plain());
    phone.home("301");
    for _ in 0..2 {
        phone.core.pause().unwrap();
    }
    let refused = phone.core.households().list(PAGE);
    assert!(
        matches!(&refused, Err(CoreError::Retry { text, after_s: None }) if text.id == "store.closed"),
        "{refused:?}"
    );
    for _ in 0..2 {
        phone.core.resume().unwrap();
    }
    assert_eq!(phone.core.households().list(PAGE).unwrap().len(), 1);
    phone.core.shut_down().unwrap();
    let reopened = phone.reopened().unwrap();
    assert_eq!(reopened.households().list(PAGE).unwrap()[0].people_count, Some(3));
}

#[test]
fn a_vault_that_throws_is_an_error_and_leaves_the_database_alone() {
    let phone = Phone::enrolled(&Server::plain());
    phone.core.shut_down().unwrap();
    for thrown in [PortError::Locked, PortError::Failed { what: "java.lang.IllegalStateException".into() }] {
        *phone.vault.mood.lock().unwrap() = Mood::Throws(thrown);
        let refused = phone.reopened().map(|_| ());
        assert!(matches!(&refused, Err(CoreError::UnlockPhone { text }) if text.id == "open.key_store"), "{refused:?}");
    }
    *phone.vault.mood.lock().unwrap() = Mood::Panics;
    let refused = phone.reopened().map(|_| ());
    assert!(matches!(refused, Err(CoreError::Unexpected { .. })), "{refused:?}");
    *phone.vault.mood.lock().unwrap() = Mood::Well;
    assert!(phone.reopened().unwrap().sync().status().unwrap().enrolled);
}

#[test]
fn a_database_without_its_key_is_for_the_supervisor_and_stays() {
    let phone = Phone::fresh();
    phone.core.shut_down().unwrap();
    let other = open(&path(&phone.folder), &Vault::new(), &device_key()).map(|_| ());
    assert!(matches!(&other, Err(CoreError::AskSupervisor { text }) if text.id == "open.missing_key"), "{other:?}");
    assert!(phone.reopened().is_ok());
}

#[test]
fn a_new_key_opens_everything_and_a_damaged_database_is_set_aside_and_its_work_taken_up() {
    const SALT_BYTES: usize = 16;
    let server = Server::plain();
    let phone = Phone::enrolled(&server);
    phone.home("301");
    let key_before = phone.vault.key();
    phone.core.change_key().unwrap();
    assert!(phone.vault.key() != key_before);
    assert_eq!(phone.core.households().list(PAGE).unwrap().len(), 1);
    phone.core.shut_down().unwrap();
    assert!(matches!(aside(&phone), Err(CoreError::AskSupervisor { .. })), "it opens and is whole");
    let file = std::fs::OpenOptions::new().write(true).open(path(&phone.folder)).unwrap();
    file.write_all_at(&[0x5a; 4_096 - SALT_BYTES], SALT_BYTES as u64).unwrap();
    assert!(matches!(phone.reopened().map(|_| ()), Err(CoreError::AskSupervisor { .. })));
    let moved = aside(&phone).unwrap();
    assert!(moved.path.contains("set-aside-damaged") && std::path::Path::new(&moved.path).exists());

    let anew = phone.reopened().unwrap();
    wait(anew.enrolment().enrol(server.input())).unwrap();
    assert!(matches!(anew.take_up_set_aside(), Err(CoreError::AskSupervisor { .. })), "nothing is pulled yet");
    wait(anew.sync().run(SyncOptions { verify: false, is_visit_day: false })).unwrap();
    let taken = anew.take_up_set_aside().unwrap();
    assert_eq!(taken, TakenUp { taken_count: 2, known_count: 0, left: Vec::new() }, "the dwelling and its household");
    assert_eq!(anew.households().list(PAGE).unwrap()[0].address.room, "301");
    assert_eq!(anew.sync().status().unwrap().unsent_count, 2);
    assert_eq!(anew.take_up_set_aside().unwrap().known_count, 2);

    let refused = anew.forget_set_aside();
    let is_unsent = |error: &CoreError| matches!(error, CoreError::Retry { text, .. } if text.id == "aside.unsent");
    assert!(refused.as_ref().is_err_and(is_unsent), "{refused:?}");
    assert!(std::path::Path::new(&moved.path).exists());
}

#[test]
fn a_database_without_its_key_is_named_as_a_whole_and_removed_on_request() {
    let server = Server::plain();
    let phone = Phone::enrolled(&server);
    phone.home("301");
    phone.core.shut_down().unwrap();
    phone.vault.erase(zoufang_core::store::open::KEY_NAME.into()).unwrap();
    let moved = aside(&phone).unwrap();
    let anew = phone.reopened().unwrap();
    wait(anew.enrolment().enrol(server.input())).unwrap();
    let options = || SyncOptions { verify: false, is_visit_day: false };
    assert!(wait(anew.sync().run(options())).unwrap().forgotten.is_empty());
    let left = anew.take_up_set_aside().unwrap().left;
    let [only] = left.as_slice() else { panic!("{left:?}") };
    assert_eq!((only.counter, only.kind, only.record, only.reason.id.as_str()), (0, None, None, "open.missing_key"));
    assert!(wait(anew.sync().run(options())).unwrap().forgotten.is_empty());
    assert!(std::path::Path::new(&moved.path).exists());
    assert_eq!(anew.forget_set_aside().unwrap(), left);
    assert!(!std::path::Path::new(&moved.path).exists());
}

fn aside(phone: &Phone) -> Result<SetAside, CoreError> {
    let options = OpenOptions { path: path(&phone.folder), key_name: None };
    set_aside(options, Arc::clone(&phone.vault) as _, Arc::clone(&phone.signer) as _, Arc::new(Network))
}
