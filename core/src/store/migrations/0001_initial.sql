-- The phone's database. Comments stand inside the statements, so that `.schema` shows them.
-- Times are Unix milliseconds (…_ms), ids are 16-byte blobs. The file is encrypted as a whole (SQLCipher, raw 256-bit key).

CREATE TABLE profile (               -- one row: whose phone this is and how far it has synced; no row before enrolment
    id INTEGER PRIMARY KEY CHECK (id = 1),
    device BLOB NOT NULL,
    staff BLOB NOT NULL,
    staff_name TEXT NOT NULL,
    server_url TEXT NOT NULL,
    server_ca_pem TEXT,              -- pinned authority; NULL only for plain HTTP on loopback
    fingerprint TEXT NOT NULL,
    epoch INTEGER NOT NULL,          -- the server life that the cursor belongs to
    cursor TEXT,                     -- opaque, the server's; stored with the rows that it covers
    complete INTEGER NOT NULL DEFAULT 0,   -- 1 once a first sync has run to its end; until then the phone says that it is incomplete
    acknowledged INTEGER NOT NULL DEFAULT 0, -- every operation up to this counter is durable on the server
    seen_stamp INTEGER NOT NULL DEFAULT 0,   -- the latest stamp seen from the server
    last_success_ms INTEGER,
    last_error_ms INTEGER,
    last_error_id TEXT,
    pulls_count INTEGER NOT NULL DEFAULT 0,
    revoked INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE area (                  -- what this phone may see, and as what
    unit BLOB PRIMARY KEY,
    level TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT,                       -- NULL: a unit above, known by name only
    lost INTEGER NOT NULL DEFAULT 0  -- 1: no longer ours; drained, then erased
) STRICT, WITHOUT ROWID;

CREATE TABLE operation (             -- the outbox, and what was acknowledged in the last 30 days. Nothing leaves it but by an
                                     -- acknowledgement in hand: `acknowledged` moves, rows go 30 days later.
    counter INTEGER PRIMARY KEY,     -- 1, 2, 3 … without gaps
    at INTEGER NOT NULL,             -- stamp
    kind INTEGER NOT NULL,
    subject BLOB NOT NULL,           -- the record
    link BLOB NOT NULL,              -- chain link after this operation
    body TEXT NOT NULL               -- the exact JSON that is chained, signed and sent
) STRICT;

CREATE TABLE acknowledgement (       -- when which operations were acknowledged: tells which may go after 30 days
    upto INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE verdict (               -- operations that were not simply applied: what people must see
    counter INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL            -- JSON of wire::push::Outcome
) STRICT;

CREATE TABLE record (                -- what each record now is, with this phone's unsent work laid over it
    row INTEGER PRIMARY KEY,         -- what the search index points to
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    area BLOB NOT NULL,
    parent BLOB,                     -- columns beside the JSON: zoufang_domain::index
    status TEXT NOT NULL,
    class TEXT NOT NULL,
    sort TEXT NOT NULL,
    due TEXT,
    conflicts_count INTEGER NOT NULL,
    pending_first INTEGER NOT NULL DEFAULT 0, -- counters between which operations on this record may be unacknowledged;
    pending_last INTEGER NOT NULL DEFAULT 0,  -- none are when pending_last <= profile.acknowledged
    held INTEGER NOT NULL DEFAULT 0, -- 1: the server has it in quarantine, so it exists here only
    body TEXT NOT NULL               -- canonical JSON of zoufang_domain::record::Record
) STRICT;
CREATE UNIQUE INDEX record_key ON record (kind, id);
CREATE INDEX record_list ON record (kind, parent, sort, status); -- lists are made from it alone; status last, to count open matters
CREATE INDEX record_due ON record (due) WHERE due IS NOT NULL;   -- matters that wait for an answer; a visit does not touch it
CREATE INDEX record_conflicts ON record (conflicts_count) WHERE conflicts_count > 0;

CREATE TABLE draft (                 -- what is being written, field by field; never sent
    id BLOB PRIMARY KEY,
    kind INTEGER NOT NULL,
    household BLOB,
    body TEXT NOT NULL,              -- JSON of the fields so far
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Search: pairs of neighbouring characters, so that any two find their place (FTS5's trigram needs three). The index is filled when
-- someone searches, not when someone saves: a save stays one small transaction.
CREATE VIRTUAL TABLE search USING fts5 (pairs, content = '', contentless_delete = 1, detail = full);
CREATE TABLE search_state (id INTEGER PRIMARY KEY CHECK (id = 1), indexed_row INTEGER NOT NULL) STRICT;
INSERT INTO search_state VALUES (1, 0);
CREATE TABLE search_stale (row INTEGER PRIMARY KEY) STRICT; -- indexed before and changed since, or gone
