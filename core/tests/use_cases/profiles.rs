//! Two profiles on one phone.

use crate::phone::Phone;
use zoufang_core::{Core, Error, profiles};

#[test]
fn each_has_its_own_file_and_its_own_key() {
    let phone = Phone::fresh();
    let folder = tempfile::tempdir().unwrap();
    let ports = phone.core.ports().clone();
    assert!(profiles::list(&folder.path().join("not there")).unwrap().is_empty());
    let places = [None, Some("b-2"), Some("a")].map(|name| profiles::place(folder.path(), name).unwrap());
    for place in &places {
        assert!(!profiles::exists(place));
        Core::open(place.clone(), ports.clone()).unwrap().close().unwrap();
        assert!(profiles::exists(place) && ports.vault.fetch(&place.key_name).unwrap().is_some());
    }
    Core::open_practice(folder.path(), ports.clone()).unwrap();
    std::fs::write(folder.path().join("profile-Über.db"), b"").unwrap();
    let named = |name: &str| Some(name.to_owned());
    assert_eq!(profiles::list(folder.path()).unwrap(), [None, named("a"), named("b-2")]);
    let keys: Vec<_> = places.iter().map(|place| ports.vault.fetch(&place.key_name).unwrap().unwrap()).collect();
    // The test's randomness repeats itself, so that the names have to tell the keys apart.
    assert_eq!(keys.len(), 3);
    let mixed = zoufang_core::Options { key_name: "profile-none".into(), ..places[1].clone() };
    assert!(Core::open(mixed, ports).is_err(), "a file does not open without its key");
}

#[test]
fn a_name_is_letters_digits_and_dashes() {
    let folder = std::path::Path::new("x");
    for name in ["", "A", "a b", "../a", "甲", "a.b", &"a".repeat(33)] {
        assert!(
            matches!(profiles::place(folder, Some(name)), Err(Error::Invalid { field }) if field == "profile"),
            "{name}"
        );
    }
    profiles::place(folder, Some(&"a".repeat(32))).unwrap();
}
