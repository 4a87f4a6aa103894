//! The whole database is written anew under another key, and the power goes meanwhile.

use crate::phone::{report, runtime, save};
use crate::phone_states::PhoneJudge;
use crate::story::Telling;
use std::sync::Arc;
use zoufang_core::ports::{Key, KeyVault, VaultError};
use zoufang_core::store::open::KEY_NAME;
use zoufang_tests::phone::Phone;
use zoufang_tests::power_cut::trial::{Cut, Fault, Trial};
use zoufang_tests::world::World;

const NEXT_NAME: &str = "next-database";

/// A vault as it was at one moment: each state is opened as if it were the only one.
struct Vault {
    key: Key,
    next: Option<Key>,
}

impl KeyVault for Vault {
    fn fetch(&self, name: &str) -> Result<Option<Key>, VaultError> {
        match name {
            KEY_NAME => Ok(Some(self.key.clone())),
            NEXT_NAME => Ok(self.next.clone()),
            _ => Ok(None),
        }
    }
    fn store(&self, _name: &str, _key: &Key) -> Result<(), VaultError> {
        Ok(())
    }
    fn erase(&self, _name: &str) -> Result<(), VaultError> {
        Ok(())
    }
}

fn opens(phone: &Phone, cut: &Cut<'_>, with: &str) -> Result<(), Fault> {
    let opened = phone.start_at(cut.path);
    opened.map(drop).map_err(|error| Fault::Broken(format!("it does not open with {with}: {error:?}")))
}

#[test]
fn a_change_of_the_key_that_is_cut_leaves_a_database_that_one_of_the_two_opens() {
    crate::begin();
    let (runtime, mut world) = (runtime(), World::new(36));
    let area = world.micro_grid("测试微网格", 6);
    let phone = runtime.block_on(world.managers_phone("测试甲", area));
    let homes = phone.homes();
    let key = || phone.vault().fetch(KEY_NAME).unwrap().unwrap();
    let mut telling = Telling::of(phone.path());
    for (at, home) in homes.iter().cycle().take(40).enumerate() {
        save(&mut telling, &phone, home, &format!("第 {at} 次。{}", "记".repeat(600)));
    }
    let old = key();
    let begun = telling.recorder.position();
    telling.durably(|| phone.core().change_key().unwrap(), |()| Vec::new());
    let changed = telling.recorder.position();
    let new = key();
    for home in &homes[..3] {
        save(&mut telling, &phone, home, "换了密钥之后");
    }
    let story = telling.end();
    let with = |key: &Key, next: Option<&Key>| phone.holding(Arc::new(Vault { key: key.clone(), next: next.cloned() }));
    let (before, meanwhile, after) = (with(&old, None), with(&old, Some(&new)), with(&new, None));
    let trial = Trial { name: "re-key", recording: &story.recording, share_percent: 5 };
    let judge = PhoneJudge::of(&story, &meanwhile, &trial);
    let tally = trial.run(|cut| {
        // What the vault holds at that moment must do.
        match cut.at {
            at if at < begun => opens(&before, cut, "the old key")?,
            at if at >= changed => opens(&after, cut, "the new key")?,
            _ => {}
        }
        judge.judge(cut)
    });
    report("re-key", &judge, &tally);
    tally.must_be_clean("re-key");
    assert!(changed - begun > 60, "the pages were written anew: {}", changed - begun);
}
