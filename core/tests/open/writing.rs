//! Writing and reading.

use crate::phone::*;

use rusqlite::Transaction;
use zoufang_core::store::open::StoreError;

#[test]
fn a_full_disk_is_said_keeps_nothing_half_and_passes() {
    let phone = Phone::new();
    let database = phone.open();
    let limit = |pages_count: i64| {
        let sql = format!("PRAGMA max_page_count = {pages_count}");
        database.write::<i64, StoreError, _>(|transaction| Ok(transaction.query_row(&sql, [], |row| row.get(0))?))
    };
    limit(30).unwrap();
    let mut saved_count = 0;
    let full = loop {
        match save(&database, saved_count + 1) {
            Ok(()) => saved_count += 1,
            Err(error) => break error,
        }
        assert!(saved_count < 1_000, "the disk never fills");
    };
    assert_eq!(full, StoreError::DiskFull);
    let batch = |transaction: &Transaction<'_>| (500..600).try_for_each(|id| insert(transaction, id));
    assert_eq!(database.write(batch), Err(StoreError::DiskFull));
    assert!(saved_count > 20, "{saved_count}");
    assert_eq!(count(&database), Ok(saved_count));
    limit(10_000).unwrap();
    database.write(batch).unwrap();
    assert_eq!(count(&database), Ok(saved_count + 100));
}

#[test]
fn an_error_or_a_panic_inside_a_write_undoes_it() {
    let phone = Phone::new();
    let database = phone.open();
    let failed: Result<(), StoreError> = database.write(|transaction| {
        insert(transaction, 1)?;
        insert(transaction, 1)
    });
    let Err(StoreError::Constraint { rule }) = failed else { panic!("{failed:?}") };
    assert_eq!(rule, "UNIQUE constraint failed: note.id", "names of the schema, no value");
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        database.write::<(), StoreError, _>(|transaction| {
            insert(transaction, 2)?;
            panic!("a mistake in a use case")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(count(&database), Ok(0));
    save(&database, 3).unwrap();
    assert_eq!(count(&database), Ok(1));
}

#[test]
fn errors_hold_no_values() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let insert_again = "INSERT INTO note(id, body) VALUES (1, ?1)";
    let double: Result<usize, StoreError> =
        database.write(|transaction| Ok(transaction.execute(insert_again, [body(1)])?));
    let wrong_type: Result<i64, StoreError> =
        database.read(|connection| Ok(connection.query_row("SELECT body FROM note", [], |row| row.get(0))?));
    for text in [format!("{double:?}"), format!("{wrong_type:?}"), double.unwrap_err().to_string()] {
        assert!(!text.contains(CANARY) && text.len() < 200, "{text}");
    }
    assert!(matches!(wrong_type, Err(StoreError::Unexpected { code: 0, .. })));
}

#[test]
fn a_read_sees_one_state_while_writes_go_on() {
    let phone = Phone::new();
    let database = phone.open();
    save(&database, 1).unwrap();
    let counts = database.read::<_, StoreError, _>(|connection| {
        let ids = || connection.query_row("SELECT count(*) FROM note", [], |row| row.get::<_, i64>(0));
        let before = ids()?;
        std::thread::scope(|scope| scope.spawn(|| save(&database, 2)).join()).unwrap()?;
        Ok((before, ids()?))
    });
    assert_eq!(counts, Ok((1, 1)));
    assert_eq!(count(&database), Ok(2));
}

#[test]
fn readers_are_few_and_who_finds_none_is_told() {
    let phone = Phone::new();
    let database = phone.open();
    let nested = database.read(|_| database.read(|_| database.read(|_| database.read(|_| Ok::<_, StoreError>(())))));
    assert_eq!(nested, Err(StoreError::Busy));
    assert_eq!(database.read(|_| database.read(|_| database.read(|_| Ok::<_, StoreError>(())))), Ok(()));
}

#[test]
fn another_process_that_writes_makes_this_one_busy() {
    let phone = Phone::new();
    let (ours, other) = (phone.open(), phone.open());
    let busy = other.write::<_, StoreError, _>(|transaction| {
        insert(transaction, 1)?;
        Ok(save(&ours, 2))
    });
    assert_eq!(busy, Ok(Err(StoreError::Busy)));
    save(&ours, 2).unwrap();
    assert_eq!(count(&other), Ok(2));
}

#[test]
fn a_lazy_write_leaves_the_next_save_durable_even_after_a_panic() {
    let phone = Phone::new();
    let database = phone.open();
    let level = || -> i64 {
        let read: Result<i64, StoreError> =
            database.write(|tx| Ok(tx.pragma_query_value(None, "synchronous", |row| row.get(0))?));
        read.unwrap()
    };
    const FULL: i64 = 2;
    database.write_lazily(|tx| insert(tx, 1)).unwrap();
    assert_eq!((level(), count(&database).unwrap()), (FULL, 1));
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        database.write_lazily(|tx| -> Result<(), StoreError> {
            insert(tx, 2)?;
            panic!("in a lazy write")
        })
    }));
    assert!(panicked.is_err());
    assert_eq!((level(), count(&database).unwrap()), (FULL, 1), "undone, and durable again");
    let failed: Result<(), StoreError> = database.write_lazily(|_| Err(StoreError::Busy));
    assert_eq!((failed, level()), (Err(StoreError::Busy), FULL));
}
