-- Copies of records that a restored server lacks, kept by colleagues' phones.
ALTER TABLE quarantine ADD COLUMN kind INTEGER;    -- of a witnessed copy: the record that it is of
ALTER TABLE quarantine ADD COLUMN record BLOB;
ALTER TABLE quarantine ADD COLUMN copy_of INTEGER; -- the entry that stands for all copies of one record; NULL for that entry itself
CREATE INDEX quarantine_witnessed ON quarantine (record) WHERE record IS NOT NULL AND settled_ms IS NULL;
