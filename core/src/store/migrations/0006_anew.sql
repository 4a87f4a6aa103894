ALTER TABLE profile ADD COLUMN anew INTEGER NOT NULL DEFAULT 0; -- 1: the server came back from a backup, and the first complete pull of
                                                                -- its new life is not stored yet
