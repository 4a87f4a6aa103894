-- A person settles what waits in quarantine, and its author is told how.
ALTER TABLE quarantine ADD COLUMN settle_seq INTEGER;  -- order in which people settled: what a phone's cursor counts by
ALTER TABLE quarantine ADD COLUMN answer TEXT;         -- what the author is told, when it was refused
ALTER TABLE quarantine ADD COLUMN rehomed_to BLOB;     -- the area that took it, when it was re-homed
CREATE INDEX quarantine_settled ON quarantine (device, settle_seq) WHERE settle_seq IS NOT NULL;
