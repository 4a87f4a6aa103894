use crate::phone::{Mood, PAGE, Phone, Vault, device_key, open, path};
use crate::server::Server;
use zoufang_bindings::error::CoreError;
use zoufang_bindings::ports::PortError;
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
