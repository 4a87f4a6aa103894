-- A pull skips the phone's own work without reading the records: after 2,000 visits pushed that took 1.5 ms of 3.4 (2026-11-27).
DROP INDEX record_seq;
CREATE INDEX record_seq ON record (area, seq, by_device, foreign_seq);
