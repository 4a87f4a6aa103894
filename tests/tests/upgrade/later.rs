//! Migrations as later versions will have them, since there is only one so far: a column, an index, values for both; a table with a
//! thousand rows built anew; one that others refer to built anew; the search index begun again.

use zoufang_core::store::MIGRATIONS;
use zoufang_core::store::migrate::Migration;

const PHONE_COLUMN: &str = "ALTER TABLE operation ADD COLUMN tried_count INTEGER NOT NULL DEFAULT 0;
UPDATE operation SET tried_count = 1 WHERE counter > 500;
CREATE INDEX operation_tried ON operation (tried_count) WHERE tried_count > 0;
CREATE TABLE hint (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;
INSERT INTO hint VALUES (1, 'one'), (2, 'two');";
const PHONE_REBUILT: &str =
    "CREATE TABLE operation_new (counter INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL,
 subject BLOB NOT NULL, link BLOB NOT NULL, body TEXT NOT NULL, tried_count INTEGER NOT NULL, later TEXT) STRICT;
INSERT INTO operation_new SELECT counter, at, kind, subject, link, body, tried_count, NULL FROM operation;
DROP TABLE operation;
ALTER TABLE operation_new RENAME TO operation;
CREATE INDEX operation_subject ON operation (kind, subject);";
const PHONE_SEARCH: &str = "DROP TABLE search;
CREATE VIRTUAL TABLE search USING fts5 (pairs, content = '', contentless_delete = 1, detail = full);
UPDATE search_state SET indexed_row = 0;
DELETE FROM search_stale;";

/// The phone's migrations, today's and three more.
pub(crate) static PHONE: std::sync::LazyLock<Vec<Migration>> = std::sync::LazyLock::new(|| {
    let later = [("column", PHONE_COLUMN), ("rebuilt", PHONE_REBUILT), ("search", PHONE_SEARCH)];
    let after = (MIGRATIONS.len() as u32 + 1..).zip(later);
    let later = after.map(|(version, (name, sql))| Migration { version, name, sql });
    MIGRATIONS.iter().copied().chain(later).collect()
});

const SERVER_COLUMN: &str = "ALTER TABLE device ADD COLUMN model TEXT;
UPDATE device SET model = 'unknown';
CREATE INDEX device_model ON device (model);";
/// Operations refer to batches: with foreign keys on, dropping the old table would fail.
const SERVER_REBUILT: &str = "CREATE TABLE ledger_batch_new (id INTEGER PRIMARY KEY, device BLOB NOT NULL, received_ms INTEGER NOT NULL,
 first_counter INTEGER NOT NULL, last_counter INTEGER NOT NULL, body BLOB NOT NULL, signature BLOB NOT NULL, form INTEGER NOT NULL) STRICT;
INSERT INTO ledger_batch_new SELECT id, device, received_ms, first_counter, last_counter, body, signature, 1 FROM ledger_batch;
DROP TABLE ledger_batch;
ALTER TABLE ledger_batch_new RENAME TO ledger_batch;
CREATE INDEX ledger_batch_device ON ledger_batch (device, first_counter);";

/// The server's migrations, today's and two more.
pub(crate) fn server() -> Vec<&'static str> {
    zoufang_sync_server::store::MIGRATIONS.iter().copied().chain([SERVER_COLUMN, SERVER_REBUILT]).collect()
}

/// The statements of a migration, without comments.
pub(crate) fn statements(sql: &str) -> Vec<String> {
    let bare: Vec<&str> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
    bare.join("\n").split(';').map(str::trim).filter(|text| !text.is_empty()).map(|text| format!("{text};")).collect()
}

/// The migration as it runs until it is stopped after so many of its statements.
pub(crate) fn stopped_after(sql: &str, statements_count: usize) -> String {
    let done: Vec<String> = statements(sql).into_iter().take(statements_count).collect();
    format!("{}\nSELECT * FROM the_phone_stops_here;", done.join("\n"))
}
