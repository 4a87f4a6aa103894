//! The key of the database: which one opens it, and a new one in its place.
//!
//! A new key is stored in the vault under a second name before any page is written with it, and takes the first name when the database
//! opens with it. So whatever stops a change, one of the two opens the file: SQLCipher writes every page anew in one transaction.

use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use zeroize::Zeroizing;

use super::connection::check_build;
use super::failure::{OpenError, StoreError};
use super::{DRAIN_TIMEOUT_MS, Database, lock_folder, open_writer, truncate_log};
use crate::ports::{Ids, Key, KeyVault, VaultError};

/// Where the key that is about to take the place of `name` rests in the vault.
pub(crate) fn next_name(name: &str) -> String {
    format!("next-{name}")
}

/// Erases the key of that name, and one that was about to take its place.
///
/// # Errors
/// What the vault says.
pub(crate) fn erase_keys(vault: &dyn KeyVault, name: &str) -> Result<(), VaultError> {
    vault.erase(&next_name(name))?;
    vault.erase(name)
}

/// Opens the writer with the key of that name, or with the next one, which then becomes the key of that name: a change of the key was
/// stopped after the database had been written with it.
pub(super) fn open_with_either(
    path: &Path,
    key: Key,
    key_name: &str,
    vault: &dyn KeyVault,
    busy_timeout_ms: u32,
) -> Result<(Connection, Key), OpenError> {
    let first = match open_writer(path, &key, busy_timeout_ms) {
        Ok(writer) => return Ok((writer, key)),
        Err(error @ (OpenError::WrongKey | OpenError::Damaged { .. })) => error,
        Err(error) => return Err(error),
    };
    let Some(next) = vault.fetch(&next_name(key_name))? else { return Err(first) };
    let Ok(writer) = open_writer(path, &next, busy_timeout_ms) else { return Err(first) };
    take_over(&next, key_name, vault)?;
    Ok((writer, next))
}

fn take_over(next: &Key, key_name: &str, vault: &dyn KeyVault) -> Result<(), OpenError> {
    vault.store(key_name, next)?;
    Ok(vault.erase(&next_name(key_name))?)
}

impl Database {
    /// Writes the whole database anew under a new random key and stores that in the place of the old one: for a phone whose key may have
    /// been seen. Reads and writes wait, or fail with [`StoreError::Closed`], while it lasts: 20 ms a MB (5.5 MB in 110 ms,
    /// 2026-11-26, load 5). Nothing is lost whatever stops it, and the next opening finds the key that fits.
    ///
    /// # Errors
    /// [`OpenError`]; the database is open then as before, with the key that it had, or closed when even that failed.
    pub fn change_key(&self, key_name: &str, vault: &dyn KeyVault, ids: &dyn Ids) -> Result<(), OpenError> {
        check_build()?;
        if !self.readers.is_open() {
            return Err(StoreError::Closed.into());
        }
        let _folder = lock_folder(&self.path)?;
        let mut slot = self.lock_writer();
        let are_readers_back = self.readers.close(Duration::from_millis(u64::from(DRAIN_TIMEOUT_MS)));
        let changed = if are_readers_back {
            self.write_anew(&mut slot, key_name, vault, ids)
        } else {
            Err(StoreError::Busy.into())
        };
        *slot = None;
        // Whatever became of it, the file says which key it is.
        let (writer, key) = open_with_either(&self.path, self.key(), key_name, vault, self.busy_timeout_ms)?;
        self.set_key(key);
        *slot = Some(writer);
        self.readers.reopen();
        changed
    }

    fn write_anew(
        &self,
        slot: &mut Option<Connection>,
        key_name: &str,
        vault: &dyn KeyVault,
        ids: &dyn Ids,
    ) -> Result<(), OpenError> {
        let writer = match slot.take() {
            Some(writer) => writer,
            None => open_writer(&self.path, &self.key(), self.busy_timeout_ms)?,
        };
        if !truncate_log(&writer)?.is_complete {
            return Err(StoreError::Busy.into());
        }
        let next = Key::generate(ids);
        vault.store(&next_name(key_name), &next)?;
        let changed =
            writer.execute_batch(&rekeying(&next)).map_err(StoreError::from).and_then(|()| truncate_log(&writer));
        drop(writer);
        changed?;
        Ok(())
    }
}

fn rekeying(key: &Key) -> Zeroizing<String> {
    const BATCH_BYTES: usize = 128; // enough that the text with the key is not copied while it grows
    let mut batch = Zeroizing::new(String::with_capacity(BATCH_BYTES));
    batch.push_str("PRAGMA rekey = \"x'");
    batch.push_str(&key.to_hex());
    batch.push_str("'\";");
    batch
}
