ALTER TABLE profile ADD COLUMN practice INTEGER NOT NULL DEFAULT 0; -- 1: made-up homes, belongs to no server
