-- A person with posts in two areas has a record in each of them, under the same id: a phone that holds both areas holds both records.
DROP INDEX record_key;
CREATE UNIQUE INDEX record_key ON record (kind, id, area);
