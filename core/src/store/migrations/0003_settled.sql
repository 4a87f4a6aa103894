CREATE TABLE settled (               -- what a person decided of this phone's work in quarantine
    counter INTEGER PRIMARY KEY,     -- the operation
    at_ms INTEGER NOT NULL,          -- by the server's clock
    how TEXT NOT NULL,               -- rehomed, refused
    answer TEXT                      -- what its author is told
) STRICT;
