//! Numbered migrations. A migration that has been released is never edited; the next one follows it.
//!
//! Each is one transaction, and `PRAGMA user_version` changes in it: a server that is killed at any statement goes on where it was.
//! Foreign keys are off while a migration runs, because a table that others refer to can be rebuilt in no other way: dropping the old
//! one would take their rows along. They are checked before it commits.

use super::StoreError;
use rusqlite::{Connection, TransactionBehavior};

/// All migrations, in order; the position (from 1) is the version.
pub const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_initial.sql"),
    include_str!("migrations/0002_settling_quarantine.sql"),
    include_str!("migrations/0003_handover.sql"),
    include_str!("migrations/0004_rights.sql"),
    include_str!("migrations/0005_witnessed.sql"),
    include_str!("migrations/0006_own_work_skipped.sql"),
];

/// Brings the database to the newest version, one transaction a migration.
pub(super) fn to_current(writer: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let known = migrations.len() as u32;
    let found: u32 = writer.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    writer.pragma_update(None, "foreign_keys", "OFF")?;
    let outcome = (1..).zip(migrations).skip(found as usize).try_for_each(|(version, sql)| step(writer, version, sql));
    writer.pragma_update(None, "foreign_keys", "ON")?;
    outcome
}

/// One migration in its transaction. Any early return rolls back.
fn step(writer: &mut Connection, version: u32, sql: &str) -> Result<(), StoreError> {
    let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been faster while this one waited for the lock.
    let now: u32 = tx.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if now >= version {
        return Ok(());
    }
    tx.execute_batch(sql)?;
    let is_broken = tx.prepare("PRAGMA foreign_key_check")?.exists([])?;
    if is_broken {
        return Err(StoreError::Damaged { what: "reference" });
    }
    tx.pragma_update(None, "user_version", version)?;
    tx.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// As later versions will have to: a table that others refer to, with one column more.
    const REBUILT: &str = "CREATE TABLE staff_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
        INSERT INTO staff_new (id) SELECT id FROM staff; DROP TABLE staff; ALTER TABLE staff_new RENAME TO staff;";
    const BEFORE: &str = "CREATE TABLE staff (id INTEGER PRIMARY KEY);
        CREATE TABLE post (id INTEGER PRIMARY KEY, staff INTEGER NOT NULL REFERENCES staff (id) ON DELETE CASCADE);
        INSERT INTO staff VALUES (1); INSERT INTO post VALUES (7, 1);";

    fn connection() -> Connection {
        zoufang_cipher::link();
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", "ON").unwrap();
        connection
    }

    fn count(connection: &Connection, sql: &str) -> i64 {
        connection.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_table_that_others_refer_to_is_rebuilt_and_takes_no_row_along() {
        let mut connection = connection();
        to_current(&mut connection, &[BEFORE, REBUILT]).unwrap();
        assert_eq!(count(&connection, "SELECT count(*) FROM post JOIN staff ON staff.id = post.staff"), 1);
        assert_eq!(count(&connection, "PRAGMA foreign_keys"), 1, "on again");
    }

    #[test]
    fn a_migration_that_breaks_a_reference_is_rolled_back() {
        let mut connection = connection();
        let failed = to_current(&mut connection, &[BEFORE, "DELETE FROM staff;"]);
        assert!(matches!(failed, Err(StoreError::Damaged { what: "reference" })), "{failed:?}");
        assert_eq!(
            (count(&connection, "SELECT count(*) FROM staff"), count(&connection, "PRAGMA user_version")),
            (1, 1)
        );
        assert_eq!(count(&connection, "PRAGMA foreign_keys"), 1, "on again");
        to_current(&mut connection, &[BEFORE, REBUILT]).unwrap();
    }
}
