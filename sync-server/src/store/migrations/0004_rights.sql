-- Residents' rights: who was erased, what is held for review because of it, and who was handed residents' data.
ALTER TABLE ledger_batch ADD COLUMN redacted_ms INTEGER;  -- when an erased person's traces were taken out: the signature covers the text before

ALTER TABLE server ADD COLUMN emptied_upto INTEGER NOT NULL DEFAULT 0; -- batches up to this one are older than they are kept for, and emptied

CREATE TABLE erasure (               -- ids alone: nothing of what was erased
    id INTEGER PRIMARY KEY,
    area BLOB NOT NULL,
    kind INTEGER NOT NULL,           -- 6: a resident; 5: the contact of a household
    subject BLOB NOT NULL,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL              -- staff:<id>, console
) STRICT;
CREATE INDEX erasure_area ON erasure (area, at_ms);

CREATE TABLE erasure_home (          -- homes of the person, and matters about them: work on them that does not know of the erasure is held for review
    area BLOB NOT NULL,
    household BLOB NOT NULL,         -- a household or a matter
    at_ms INTEGER NOT NULL,          -- of the latest erasure
    PRIMARY KEY (area, household)
) STRICT, WITHOUT ROWID;

CREATE TABLE held_text (             -- texts that may name someone who was erased before their author could know; a word with the
                                     -- number stands in the record until a person has read it
    id INTEGER PRIMARY KEY,
    area BLOB NOT NULL,
    kind INTEGER NOT NULL,
    record BLOB NOT NULL,
    device BLOB NOT NULL,
    counter INTEGER NOT NULL,        -- the operation
    received_ms INTEGER NOT NULL,
    text TEXT NOT NULL,              -- emptied once it was read
    settled_ms INTEGER,
    settled_by BLOB,
    settled_how TEXT                 -- released, removed
) STRICT;
CREATE INDEX held_text_area ON held_text (area, settled_ms);

CREATE TABLE export (                -- who was handed residents' data, and what for: whoever holds it is told when someone in it is erased
    id INTEGER PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    what TEXT NOT NULL,              -- rights.copy, form.answers
    unit BLOB NOT NULL,              -- within which unit
    subject BLOB,                    -- the person, when it is about one
    columns TEXT NOT NULL,           -- names of the fields
    purpose TEXT NOT NULL,
    rows_count INTEGER NOT NULL
) STRICT;
CREATE INDEX export_unit ON export (unit, at_ms);
