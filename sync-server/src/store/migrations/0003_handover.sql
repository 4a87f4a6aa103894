-- Who stands in for whom, who helps whom, and who handed over to whom.
ALTER TABLE assignment ADD COLUMN standing TEXT NOT NULL DEFAULT 'responsible'; -- staff::Standing: responsible, co, acting
ALTER TABLE assignment ADD COLUMN acting_for BLOB;                              -- whom an acting manager stands in for

CREATE TABLE handover (              -- one post ended and the next begun in one transaction
    id BLOB PRIMARY KEY,
    unit BLOB NOT NULL REFERENCES unit (id),
    ended BLOB NOT NULL REFERENCES assignment (id),
    begun BLOB NOT NULL REFERENCES assignment (id),
    at_ms INTEGER NOT NULL,
    unsent_count INTEGER NOT NULL    -- what the phones of the one who left had not sent by then; judged by the post that it was made under
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_unit ON handover (unit);

CREATE TABLE handover_device (       -- phones that held the area: each says when it has erased it
    handover BLOB NOT NULL REFERENCES handover (id),
    device BLOB NOT NULL REFERENCES device (id),
    at_ms INTEGER NOT NULL,          -- when the area was taken from it
    erased_ms INTEGER,               -- the phone's receipt: it holds nothing of the area any more
    PRIMARY KEY (handover, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX handover_device_open ON handover_device (device) WHERE erased_ms IS NULL;
