//! Numbered migrations. A migration that has been released is never edited; the next one follows it.

use super::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// All migrations, in order; the position (from 1) is the version.
const MIGRATIONS: &[&str] = &[include_str!("migrations/0001_initial.sql")];

/// Brings the database to this version, one transaction a migration.
pub(super) fn to_current(writer: &mut Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.len() as u32;
    let found: u32 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (version, sql) in (1..).zip(MIGRATIONS).skip(found as usize) {
        let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have been faster while this one waited for the lock.
        let now: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if now < version {
            tx.execute_batch(sql)?;
            tx.pragma_update(None, "user_version", version)?;
        }
        tx.commit()?;
    }
    Ok(())
}
