-- The server's database. Comments stand inside the statements, so that `.schema` shows them.
-- Times are Unix milliseconds (…_ms), ids are 16-byte blobs, an *area* is the unit whose records are meant and leads every key of
-- residents' data: a query without an area has no index to run on.

CREATE TABLE server (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    epoch INTEGER NOT NULL,          -- which life of this server: changes when it comes back from a backup
    last_stamp INTEGER NOT NULL,     -- the latest hybrid stamp handed out or seen, so that it never runs back over a restart
    own_counter INTEGER NOT NULL,    -- the last operation that the server itself wrote (imports, staff, assignments)
    own_link BLOB NOT NULL,          -- chain link after it
    copied_ms INTEGER,               -- set in a backup's copy alone: whoever opens it begins a new epoch
    created_ms INTEGER NOT NULL
) STRICT;
INSERT INTO server (id, epoch, last_stamp, own_counter, own_link, created_ms) VALUES (1, 1, 0, 0, zeroblob(32), 0);

CREATE TABLE unit (
    id BLOB PRIMARY KEY,             -- UnitId
    parent BLOB REFERENCES unit (id),
    level TEXT NOT NULL,             -- city, district, street, community, grid, micro_grid
    name TEXT NOT NULL,
    code TEXT,                       -- division code, down to the community
    seq INTEGER NOT NULL DEFAULT 0,  -- the last sequence number given out in this area
    grants_version INTEGER NOT NULL DEFAULT 1, -- raised when an assignment here changes, so that cursors notice
    closed_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_parent ON unit (parent);
CREATE INDEX unit_code ON unit (code) WHERE code IS NOT NULL;

CREATE TABLE unit_within (           -- every unit with itself and each unit above it: subtree reports join this
    ancestor BLOB NOT NULL,
    unit BLOB NOT NULL,
    PRIMARY KEY (ancestor, unit)
) STRICT, WITHOUT ROWID;
CREATE INDEX unit_within_unit ON unit_within (unit);

CREATE TABLE record (                -- what each record now is; columns beside the JSON are explained in docs/data-dictionary.md
    area BLOB NOT NULL,
    kind INTEGER NOT NULL,           -- zoufang_domain::schema::Kind
    id BLOB NOT NULL,
    seq INTEGER NOT NULL,            -- the area's sequence number at the last change
    by_device BLOB,                  -- the device whose own work alone made the last change and already shows it; NULL: everyone pulls it
    foreign_seq INTEGER NOT NULL,    -- seq of the last change that was not by_device's (0: none): what by_device must have pulled
    parent BLOB,
    status TEXT NOT NULL,
    class TEXT NOT NULL,
    sort TEXT NOT NULL,
    due TEXT,
    conflicts_count INTEGER NOT NULL,
    body TEXT NOT NULL               -- canonical JSON of zoufang_domain::record::Record
) STRICT;
CREATE UNIQUE INDEX record_key ON record (area, kind, id);
CREATE INDEX record_seq ON record (area, seq);
CREATE INDEX record_list ON record (area, kind, sort, status, parent, class);
-- Homes that are current on a day, for coverage: 100 ms instead of 400 ms for a city of 100,000 homes (2026-11-23).
CREATE INDEX record_homes ON record (area, body ->> '$.f.from', body ->> '$.f.to', id) WHERE kind = 5;
CREATE INDEX record_conflicts ON record (area) WHERE conflicts_count > 0;

CREATE TABLE departed (              -- records that left an area: phones of that area get a word without content
    area BLOB NOT NULL,
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    seq INTEGER NOT NULL,
    erased INTEGER NOT NULL,         -- 1: erased on request, never to come back; 0: moved to another area
    PRIMARY KEY (area, kind, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX departed_seq ON departed (area, seq);

CREATE TABLE ledger_batch (          -- every push as it came, with its signature: authorship survives a leak of this server
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    first_counter INTEGER NOT NULL,
    last_counter INTEGER NOT NULL,
    body BLOB NOT NULL,              -- gzip of the exact JSON that was signed
    signature BLOB NOT NULL          -- ASN.1 DER; empty for what the server wrote itself
) STRICT;
CREATE INDEX ledger_batch_device ON ledger_batch (device, first_counter);

CREATE TABLE ledger_operation (      -- one row an operation: seen before, and what it was answered
    op_id BLOB PRIMARY KEY,
    device BLOB NOT NULL,
    counter INTEGER NOT NULL,
    batch INTEGER NOT NULL REFERENCES ledger_batch (id),
    hash BLOB NOT NULL,              -- first 16 bytes of SHA-256 of the operation's bytes: the same id with other bytes is noticed
    area BLOB NOT NULL,
    effective INTEGER NOT NULL,      -- effective stamp; 0 when quarantined
    outcome TEXT                     -- NULL: applied as it was made; else JSON of wire::push::Outcome
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (            -- operations that could not be applied, verbatim, until a supervisor settles them
    id INTEGER PRIMARY KEY,
    op_id BLOB,                      -- NULL when not even that could be read
    device BLOB NOT NULL,
    staff BLOB NOT NULL,
    area BLOB NOT NULL,              -- the area it was meant for, else the device's own
    counter INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    reason TEXT NOT NULL,            -- JSON of refusal::Refusal
    operation TEXT NOT NULL,         -- verbatim
    settled_ms INTEGER,
    settled_by BLOB,
    settled_how TEXT                 -- accepted, rehomed, refused
) STRICT;
CREATE INDEX quarantine_area ON quarantine (area, settled_ms);
CREATE INDEX quarantine_device ON quarantine (device, counter);

CREATE TABLE conflict_log (          -- every conflict that was ever opened; the values themselves live in the record
    id BLOB PRIMARY KEY,             -- conflict::Conflict::id
    area BLOB NOT NULL,
    kind INTEGER NOT NULL,
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    opened_ms INTEGER NOT NULL,
    settled_ms INTEGER,
    settled_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX conflict_log_record ON conflict_log (area, kind, record, field);

CREATE TABLE staff (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    phone TEXT,
    login TEXT UNIQUE,               -- for those who sign in on the web
    password_hash TEXT,              -- Argon2id, PHC string
    failed_count INTEGER NOT NULL DEFAULT 0,
    locked_until_ms INTEGER,
    closed_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE assignment (
    id BLOB PRIMARY KEY,
    staff BLOB NOT NULL REFERENCES staff (id),
    unit BLOB NOT NULL REFERENCES unit (id),
    role TEXT NOT NULL,              -- staff::Role
    from_ms INTEGER NOT NULL,
    to_ms INTEGER                    -- first moment that is no longer covered
) STRICT, WITHOUT ROWID;
CREATE INDEX assignment_staff ON assignment (staff);
CREATE INDEX assignment_unit ON assignment (unit);

CREATE TABLE device (
    id BLOB PRIMARY KEY,
    staff BLOB NOT NULL REFERENCES staff (id),
    public_key BLOB NOT NULL UNIQUE, -- P-256, uncompressed point
    status TEXT NOT NULL,            -- active, suspended, forked, revoked, erased
    platform TEXT NOT NULL,
    app_version TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    enrolled_ms INTEGER NOT NULL,
    last_seen_ms INTEGER,
    last_sync_ms INTEGER,            -- last complete pull
    last_counter INTEGER NOT NULL DEFAULT 0,
    last_link BLOB NOT NULL,         -- chain link after last_counter
    unsent_count INTEGER NOT NULL DEFAULT 0,
    oldest_unsent_ms INTEGER,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX device_staff ON device (staff);

CREATE TABLE enrol_code (
    id TEXT PRIMARY KEY,             -- the first part of the code; the second is the secret
    secret_hash BLOB NOT NULL,       -- SHA-256
    staff BLOB NOT NULL REFERENCES staff (id),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    tries_left INTEGER NOT NULL,
    used_by BLOB,                    -- device
    used_ms INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE challenge (
    nonce_hash BLOB PRIMARY KEY,
    device BLOB NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY,     -- SHA-256 of the bearer token
    device BLOB NOT NULL,
    expires_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE web_session (
    token_hash BLOB PRIMARY KEY,
    staff BLOB NOT NULL,
    expires_ms INTEGER NOT NULL,
    csrf TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE import_batch (
    id INTEGER PRIMARY KEY,
    what TEXT NOT NULL,              -- divisions, roster
    file_name TEXT NOT NULL,
    file_sha256 BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    rows_read INTEGER NOT NULL,
    rows_good INTEGER NOT NULL,
    records_created INTEGER NOT NULL,
    undone_ms INTEGER
) STRICT;

CREATE TABLE import_record (         -- what a batch created, so that it can be undone
    batch INTEGER NOT NULL REFERENCES import_batch (id),
    area BLOB NOT NULL,
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    PRIMARY KEY (batch, area, kind, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (                 -- hash-chained: each row's hash covers the row before
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,             -- device:<id>, staff:<id>, console
    what TEXT NOT NULL,              -- for example device.revoked, push.same_id_other_content
    subject TEXT NOT NULL,           -- ids only, never a value
    hash BLOB NOT NULL
) STRICT;

-- What reports read: the same names in every store.
CREATE VIEW visit AS
    SELECT area, id, parent AS household, sort AS started_at, status AS outcome, class AS mode FROM record WHERE kind = 8;
CREATE VIEW household AS
    SELECT area, id, parent AS dwelling, status, sort AS contact FROM record WHERE kind = 5;
CREATE VIEW matter AS
    SELECT area, id, parent AS household, sort AS reported_at, status AS state, class AS track, due FROM record WHERE kind = 9;
