CREATE TABLE unnamed (                -- records that a server which came back from a backup has not named since
    kind INTEGER NOT NULL,
    id BLOB NOT NULL,
    area BLOB NOT NULL,
    PRIMARY KEY (kind, id, area)
) STRICT, WITHOUT ROWID;
ALTER TABLE profile ADD COLUMN offers_from_ms INTEGER; -- from when on copies of those are offered, by the server's clock; NULL before the
                                                       -- first complete pull of its new life
