CREATE TABLE booths (
  id      TEXT PRIMARY KEY NOT NULL,
  name    TEXT NOT NULL UNIQUE COLLATE NOCASE,
  token   BLOB NOT NULL UNIQUE, -- SHA-256
  lock    INTEGER NOT NULL,     -- ms without use after which somebody is signed out there
  created INTEGER,
  ends    INTEGER
) STRICT;
ALTER TABLE operators ADD COLUMN pin BLOB;
ALTER TABLE operators ADD COLUMN pin_wrong INTEGER NOT NULL DEFAULT 0;
ALTER TABLE operator_sessions ADD COLUMN booth TEXT REFERENCES booths (id);
ALTER TABLE operator_sessions ADD COLUMN lock INTEGER NOT NULL DEFAULT 0;
CREATE INDEX operator_sessions_booth ON operator_sessions (booth);
