-- Up to which counter the outbox may have gaps among what is not acknowledged: after a restore also old work is offered again that waited in
-- quarantine and has outlived its neighbours.
ALTER TABLE profile ADD COLUMN gaps_upto INTEGER NOT NULL DEFAULT 0;
