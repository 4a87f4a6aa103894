//! Forward migrations: numbered SQL, one transaction each.
//!
//! `PRAGMA user_version` holds the number of the last migration that went through. It is changed in the migration's own
//! transaction, so a phone that is killed at any statement goes on where it was. There is no way back: an app that is
//! older than the file refuses it.
//!
//! Foreign keys are off while a migration runs, because SQLite can rebuild a table that others refer to in no other
//! way; they are checked before it commits.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::open::StoreError;

/// One step of the schema.
#[derive(Debug, Clone, Copy)]
pub struct Migration {
    /// 1, 2, 3 … without gaps.
    pub version: u32,
    /// What it does, for the log; as the file's name.
    pub name: &'static str,
    /// The statements. No `BEGIN` or `COMMIT`: the runner holds the transaction.
    pub sql: &'static str,
}

/// What [`migrate`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Migrated {
    /// Version before; 0 for a new file.
    pub from: u32,
    /// Version now.
    pub to: u32,
}

/// Why the schema is not the newest. Migrations before the one named have gone through and stay.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The file was written by a newer app.
    #[error("the database is of version {found}, this app knows versions up to {known}")]
    Newer {
        /// The version of the file.
        found: u32,
        /// The newest version in the list.
        known: u32,
    },
    /// The list is not 1, 2, 3 …
    #[error("the migrations are not numbered 1, 2, 3 …")]
    Unordered,
    /// A migration failed and was rolled back.
    #[error("migration {version} ({name}) failed")]
    Failed {
        /// The migration's number.
        version: u32,
        /// The migration's name.
        name: &'static str,
        /// Why.
        #[source]
        source: StoreError,
    },
}

/// The version that a file has after all of `migrations`.
pub fn known_version(migrations: &[Migration]) -> u32 {
    migrations.last().map_or(0, |last| last.version)
}

/// The version of the file, from its header.
///
/// # Errors
/// As any read.
pub fn found_version(connection: &Connection) -> Result<u32, StoreError> {
    // SQLite keeps a signed number; a negative one was never ours and counts as newer than anything.
    let version: i32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(version.cast_unsigned())
}

/// Brings the schema to the newest version. Does nothing but read the version if it is.
///
/// Two processes may call it at once: each migration looks again at the version once it holds the lock.
///
/// # Errors
/// [`MigrateError`]; the file is then at the version of the last migration that went through.
pub fn migrate(connection: &mut Connection, migrations: &[Migration]) -> Result<Migrated, MigrateError> {
    if migrations.iter().zip(1..).any(|(migration, version)| migration.version != version) {
        return Err(MigrateError::Unordered);
    }
    let known = known_version(migrations);
    let failed_before = |source| MigrateError::Failed { version: 0, name: "read the version", source };
    let from = found_version(connection).map_err(failed_before)?;
    if from > known {
        return Err(MigrateError::Newer { found: from, known });
    }
    if from == known {
        return Ok(Migrated { from, to: known });
    }
    let foreign_keys = |connection: &Connection, on: bool| {
        connection.pragma_update(None, "foreign_keys", on).map_err(|error| failed_before(error.into()))
    };
    foreign_keys(connection, false)?;
    let outcome = migrations.iter().skip(from as usize).try_for_each(|migration| {
        step(connection, migration).map_err(|source| MigrateError::Failed {
            version: migration.version,
            name: migration.name,
            source,
        })
    });
    foreign_keys(connection, true)?;
    outcome?;
    Ok(Migrated { from, to: known })
}

/// One migration in its transaction. Any early return rolls back.
fn step(connection: &mut Connection, migration: &Migration) -> Result<(), StoreError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if found_version(&transaction)? >= migration.version {
        return Ok(()); // another process was faster
    }
    transaction.execute_batch(migration.sql)?;
    if transaction.is_autocommit() {
        return Err(StoreError::Unexpected { code: 0, what: "the migration ended its transaction".to_owned() });
    }
    if let Some(table) = broken_reference(&transaction)? {
        return Err(StoreError::Constraint { rule: format!("FOREIGN KEY constraint failed: {table}") });
    }
    transaction.pragma_update(None, "user_version", migration.version)?;
    transaction.commit()?;
    Ok(())
}

/// A table with a row that refers to none, if there is one.
fn broken_reference(connection: &Connection) -> Result<Option<String>, StoreError> {
    let mut check = connection.prepare("PRAGMA foreign_key_check")?;
    let mut rows = check.query([])?;
    Ok(rows.next()?.map(|row| row.get(0)).transpose()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: Migration = Migration { version: 1, name: "unit", sql: "CREATE TABLE unit(id INTEGER PRIMARY KEY);" };
    const HOME: Migration = Migration {
        version: 2,
        name: "home",
        sql: "CREATE TABLE home(id INTEGER PRIMARY KEY, unit INTEGER NOT NULL REFERENCES unit(id));
              INSERT INTO unit VALUES (1); INSERT INTO home VALUES (7, 1);",
    };
    const BROKEN: Migration = Migration {
        version: 3,
        name: "broken",
        sql: "CREATE TABLE half(id INTEGER PRIMARY KEY); INSERT INTO half VALUES (1); INSERT INTO nowhere VALUES (1);",
    };
    const MENDED: Migration = Migration {
        version: 3,
        name: "mended",
        sql: "CREATE TABLE unit_new(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT '');
              INSERT INTO unit_new(id) SELECT id FROM unit; DROP TABLE unit; ALTER TABLE unit_new RENAME TO unit;",
    };

    fn connection() -> Connection {
        zoufang_cipher::link();
        let connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", true).unwrap();
        connection
    }

    fn has_table(connection: &Connection, name: &str) -> bool {
        connection
            .query_row("SELECT count(*) FROM sqlite_schema WHERE name = ?1", [name], |row| row.get::<_, i64>(0))
            .unwrap()
            == 1
    }

    fn are_foreign_keys_on(connection: &Connection) -> bool {
        connection.pragma_query_value(None, "foreign_keys", |row| row.get(0)).unwrap()
    }

    #[test]
    fn a_new_file_takes_all_and_then_none() {
        let mut connection = connection();
        assert_eq!(migrate(&mut connection, &[]), Ok(Migrated { from: 0, to: 0 }));
        assert_eq!(migrate(&mut connection, &[UNIT, HOME]), Ok(Migrated { from: 0, to: 2 }));
        assert_eq!(migrate(&mut connection, &[UNIT, HOME]), Ok(Migrated { from: 2, to: 2 }));
        assert!(has_table(&connection, "home") && are_foreign_keys_on(&connection));
    }

    #[test]
    fn a_failed_migration_leaves_nothing_and_the_next_app_goes_on_from_there() {
        let mut connection = connection();
        let failed = migrate(&mut connection, &[UNIT, HOME, BROKEN]).unwrap_err();
        assert!(matches!(failed, MigrateError::Failed { version: 3, name: "broken", .. }), "{failed:?}");
        assert_eq!(found_version(&connection), Ok(2));
        assert!(!has_table(&connection, "half"), "half of a migration stayed");
        assert!(are_foreign_keys_on(&connection) && connection.is_autocommit());
        assert_eq!(migrate(&mut connection, &[UNIT, HOME, MENDED]), Ok(Migrated { from: 2, to: 3 }));
    }

    #[test]
    fn a_table_that_others_refer_to_can_be_rebuilt() {
        let mut connection = connection();
        migrate(&mut connection, &[UNIT, HOME, MENDED]).unwrap();
        let homes: i64 = connection
            .query_row("SELECT count(*) FROM home JOIN unit ON unit.id = home.unit AND unit.name = ''", [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(homes, 1);
        connection.execute("INSERT INTO home VALUES (8, 99)", []).expect_err("foreign keys are on again");
    }

    #[test]
    fn a_migration_that_breaks_a_reference_is_rolled_back() {
        let orphan = Migration { version: 3, name: "orphan", sql: "DELETE FROM unit;" };
        let mut connection = connection();
        let failed = migrate(&mut connection, &[UNIT, HOME, orphan]).unwrap_err();
        let MigrateError::Failed { source: StoreError::Constraint { rule }, .. } = failed else { panic!("{failed:?}") };
        assert!(rule.ends_with("home"), "{rule}");
        let units: i64 = connection.query_row("SELECT count(*) FROM unit", [], |row| row.get(0)).unwrap();
        assert_eq!((units, found_version(&connection)), (1, Ok(2)));
    }

    #[test]
    fn a_newer_file_and_a_wrong_list_are_refused_untouched() {
        let mut connection = connection();
        migrate(&mut connection, &[UNIT, HOME]).unwrap();
        assert_eq!(migrate(&mut connection, &[UNIT]), Err(MigrateError::Newer { found: 2, known: 1 }));
        assert_eq!(migrate(&mut connection, &[HOME]), Err(MigrateError::Unordered));
        assert_eq!(migrate(&mut connection, &[UNIT, BROKEN]), Err(MigrateError::Unordered));
        connection.pragma_update(None, "user_version", -1).unwrap();
        assert_eq!(migrate(&mut connection, &[UNIT]), Err(MigrateError::Newer { found: u32::MAX, known: 1 }));
    }

    #[test]
    fn a_migration_that_commits_by_itself_is_an_error() {
        let rogue = Migration { version: 2, name: "rogue", sql: "CREATE TABLE a(b); COMMIT;" };
        let mut connection = connection();
        let failed = migrate(&mut connection, &[UNIT, rogue]).unwrap_err();
        assert!(matches!(failed, MigrateError::Failed { version: 2, .. }));
    }
}
