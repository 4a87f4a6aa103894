//! A revoked phone, at its next contact: when its last work has reached quarantine, everything on it is erased.

use super::Wiped;
use crate::error::Error;
use crate::store::open::{erase_keys, remove_files};
use crate::store::{damage, outbox, profile};
use crate::{ChangeSet, Core};

/// Takes note that the server revoked this phone. From here on nothing more is saved on it.
pub(super) fn note_revoked(core: &Core) -> Result<(), Error> {
    core.write(|tx| {
        tx.execute("UPDATE profile SET revoked = 1", [])?;
        Ok(((), ChangeSet { status: true, ..ChangeSet::default() }))
    })
}

/// Erases records and drafts, the key, and the files, also those that were set aside. Refuses while an operation is unsent.
pub(super) fn wipe(core: &Core) -> Result<Wiped, Error> {
    let at_ms = core.ports().clock.now_ms();
    let last_counter = core.write(|tx| {
        let acknowledged = profile::get(tx)?.acknowledged;
        if outbox::waiting(tx, acknowledged)?.unsent_count > 0 {
            return Err(Error::NotAllowed);
        }
        for table in ["record", "draft", "search", "search_stale", "area", "verdict"] {
            tx.execute(&format!("DELETE FROM {table}"), [])?;
        }
        Ok((outbox::tail(tx)?.counter, ChangeSet { drafts: true, status: true, ..ChangeSet::default() }))
    })?;
    let wiped = Wiped { last_counter, at_ms };
    core.0.sync.memory().wiped = Some(wiped);
    // The key first: whatever of the files outlives this moment is noise.
    let erased = erase_keys(core.ports().vault.as_ref(), &core.options().key_name)
        .map_err(|error| Error::Port(error.to_string()));
    if core.close().is_err() {
        tracing::debug!("the last checkpoint of an erased database failed");
    }
    let path = &core.options().path;
    // What was set aside was encrypted with the same key.
    let aside = damage::list_set_aside(path).unwrap_or_default();
    for path in std::iter::once(path).chain(aside.iter().map(|file| &file.path)) {
        remove_files(path).map_err(|error| Error::Port(error.kind().to_string()))?;
    }
    erased.map(|()| wiped)
}
