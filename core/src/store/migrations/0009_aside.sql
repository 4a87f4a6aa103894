-- Databases that were set aside and looked into, so that they do not lie on the phone for ever.
CREATE TABLE aside (
    name TEXT NOT NULL PRIMARY KEY,   -- the main file's name; the folder's may change with an update of the app
    known_ms INTEGER NOT NULL,        -- when its work was first taken up as far as it could be, UTC
    read_ms INTEGER,                  -- when it was first read with nothing left in it, UTC; 0 once it is to go; NULL while something is left
    upto INTEGER NOT NULL,            -- the last operation of this outbox that was taken out of it; 0 for none
    done TEXT NOT NULL                -- JSON: the numbers of its operations that were taken up or known, and are not looked at again: what
                                      -- they were about may have been erased since
) STRICT, WITHOUT ROWID;
