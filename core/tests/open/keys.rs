//! A new key in the place of the old one, and changes that were stopped half-way.

use crate::phone::*;
use std::sync::Mutex;
use zoufang_core::ports::{Key, KeyVault, MemoryKeyVault, SystemIds, VaultError};
use zoufang_core::store::open::{Database, KEY_NAME, OpenError, OpenOptions};

const NEXT_NAME: &str = "next-database";

fn change(phone: &Phone, database: &Database) -> Result<(), OpenError> {
    database.change_key(KEY_NAME, &phone.vault, &SystemIds::new())
}

fn with(keys: &[(&str, &Key)]) -> MemoryKeyVault {
    let vault = MemoryKeyVault::new();
    keys.iter().for_each(|(name, key)| vault.store(name, key).unwrap());
    vault
}

fn try_open(phone: &Phone, vault: &MemoryKeyVault) -> Result<Database, OpenError> {
    Database::open(&phone.options(&[NOTE]), vault, &SystemIds::new())
}

#[test]
fn everything_is_there_under_the_new_key_and_nothing_under_the_old() {
    let phone = Phone::new();
    let database = phone.open();
    (1..=300).for_each(|id| save(&database, id).unwrap());
    let old = phone.key().unwrap();
    assert_eq!(count(&database), Ok(300), "a reader is in use before");
    change(&phone, &database).unwrap();
    let new = phone.key().unwrap();
    assert!(old.expose() != new.expose() && phone.vault.fetch(NEXT_NAME).unwrap().is_none());
    assert_eq!(count(&database), Ok(300), "the same database goes on");
    save(&database, 301).unwrap();
    database.close().unwrap();
    database.resume().unwrap();
    save(&database, 302).unwrap();
    change(&phone, &database).unwrap();
    drop(database); // the app is killed
    assert_eq!(count(&phone.open()), Ok(302));
    for seen in [old, new] {
        assert!(matches!(try_open(&phone, &with(&[(KEY_NAME, &seen)])), Err(OpenError::WrongKey)));
    }
}

#[test]
fn a_change_that_was_stopped_leaves_a_database_that_opens() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let old = phone.key().unwrap();
    // Before the first page was written: the key that was stored for it is no use.
    let unused = Key::generate(&SystemIds::new());
    drop(database);
    let vault = with(&[(KEY_NAME, &old), (NEXT_NAME, &unused)]);
    let database = try_open(&phone, &vault).unwrap();
    assert_eq!((count(&database), vault.fetch(KEY_NAME).unwrap().unwrap().expose()), (Ok(1), old.expose()));
    drop(database);
    // After the last page was written: the new key takes its place.
    let database = phone.open();
    change(&phone, &database).unwrap();
    save(&database, 2).unwrap();
    drop(database);
    let new = phone.key().unwrap();
    let vault = with(&[(KEY_NAME, &old), (NEXT_NAME, &new)]);
    assert_eq!(count(&try_open(&phone, &vault).unwrap()), Ok(2));
    assert_eq!(vault.fetch(KEY_NAME).unwrap().unwrap().expose(), new.expose());
    assert!(vault.fetch(NEXT_NAME).unwrap().is_none());
    // A next key that does not fit either hides nothing.
    let neither = with(&[(KEY_NAME, &old), (NEXT_NAME, &unused)]);
    assert!(matches!(try_open(&phone, &neither), Err(OpenError::WrongKey)));
}

/// A vault that takes no key.
struct Locked(MemoryKeyVault);

impl KeyVault for Locked {
    fn fetch(&self, name: &str) -> Result<Option<Key>, VaultError> {
        self.0.fetch(name)
    }
    fn store(&self, _name: &str, _key: &Key) -> Result<(), VaultError> {
        Err(VaultError::Locked)
    }
    fn erase(&self, name: &str) -> Result<(), VaultError> {
        self.0.erase(name)
    }
}

#[test]
fn without_a_place_for_the_new_key_nothing_changes() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let locked = Locked(with(&[(KEY_NAME, &phone.key().unwrap())]));
    assert!(matches!(database.change_key(KEY_NAME, &locked, &SystemIds::new()), Err(OpenError::Vault(_))));
    save(&database, 2).unwrap();
    assert_eq!(count(&database), Ok(2));
    database.close().unwrap();
    assert!(change(&phone, &database).is_err(), "not while it is closed");
    assert_eq!(count(&phone.open()), Ok(2));
}

/// A vault that, after each of its own changes, opens what a kill at this moment would leave: a copy of the files, with a copy of the keys.
struct Watched<'p> {
    keys: MemoryKeyVault,
    phone: &'p Phone,
    rows_count: i64,
    changes: Mutex<Vec<String>>,
}

impl Watched<'_> {
    fn look(&self, change: String) {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("phone.db");
        for suffix in ["", "-wal"] {
            let file = self.phone.folder.path().join(format!("phone.db{suffix}"));
            if file.exists() {
                std::fs::copy(file, folder.path().join(format!("phone.db{suffix}"))).unwrap();
            }
        }
        let names = [KEY_NAME, NEXT_NAME];
        let held: Vec<_> = names.iter().filter_map(|name| Some((*name, self.keys.fetch(name).unwrap()?))).collect();
        let vault = with(&held.iter().map(|(name, key)| (*name, key)).collect::<Vec<_>>());
        let options = OpenOptions { path: copy, ..self.phone.options(&[NOTE]) };
        let opened = Database::open(&options, &vault, &SystemIds::new());
        assert_eq!(
            count(&opened.unwrap_or_else(|error| panic!("{change}: {error:?}"))),
            Ok(self.rows_count),
            "{change}"
        );
        self.changes.lock().unwrap().push(change);
    }
}

impl KeyVault for Watched<'_> {
    fn fetch(&self, name: &str) -> Result<Option<Key>, VaultError> {
        self.keys.fetch(name)
    }
    fn store(&self, name: &str, key: &Key) -> Result<(), VaultError> {
        self.keys.store(name, key)?;
        self.look(format!("store {name}"));
        Ok(())
    }
    fn erase(&self, name: &str) -> Result<(), VaultError> {
        self.keys.erase(name)?;
        self.look(format!("erase {name}"));
        Ok(())
    }
}

#[test]
fn whenever_the_vault_changes_what_it_holds_opens_the_database() {
    let phone = Phone::new();
    let database = phone.open();
    (1..=50).for_each(|id| save(&database, id).unwrap());
    let keys = with(&[(KEY_NAME, &phone.key().unwrap())]);
    let watched = Watched { keys, phone: &phone, rows_count: 50, changes: Mutex::default() };
    database.change_key(KEY_NAME, &watched, &SystemIds::new()).unwrap();
    let changes = watched.changes.into_inner().unwrap();
    assert_eq!(changes, ["store next-database", "store database", "erase next-database"]);
}
