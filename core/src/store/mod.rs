//! The phone's store: one encrypted SQLite database. Functions that write take a `&Transaction`, functions that read a `&Connection`.
//!
//! Reading order: [`open`] (the file and its key), [`migrate`] and `migrations/*.sql` (the tables, commented inside), [`damage`] (what
//! happens to a file that does not open), [`aside`] (how long it then stays), then [`profile`], [`records`], [`outbox`], [`page`], [`inbox`], [`draft`], [`search`] and [`erasure`].

pub mod aside;
pub mod damage;
pub mod draft;
pub mod erasure;
pub mod inbox;
pub mod migrate;
pub mod open;
pub mod outbox;
pub mod page;
pub mod profile;
pub mod records;
pub mod search;
pub mod settled;
pub mod unnamed;

pub use open::StoreError;

use migrate::Migration;

/// Every schema this program knows, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    Migration { version: 1, name: "initial", sql: include_str!("migrations/0001_initial.sql") },
    Migration { version: 2, name: "record_of_area", sql: include_str!("migrations/0002_record_of_area.sql") },
    Migration { version: 3, name: "settled", sql: include_str!("migrations/0003_settled.sql") },
    Migration { version: 4, name: "practice", sql: include_str!("migrations/0004_practice.sql") },
    Migration { version: 5, name: "newer_kinds", sql: include_str!("migrations/0005_newer_kinds.sql") },
    Migration { version: 6, name: "anew", sql: include_str!("migrations/0006_anew.sql") },
    Migration { version: 7, name: "unnamed", sql: include_str!("migrations/0007_unnamed.sql") },
    Migration { version: 8, name: "gaps", sql: include_str!("migrations/0008_gaps.sql") },
    Migration { version: 9, name: "aside", sql: include_str!("migrations/0009_aside.sql") },
];

/// The 16 bytes of a column as an id.
fn uuid_at(row: &rusqlite::Row<'_>, column: &str) -> rusqlite::Result<uuid::Uuid> {
    row.get::<_, [u8; 16]>(column).map(uuid::Uuid::from_bytes)
}
