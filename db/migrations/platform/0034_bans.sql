-- Whom the broker keeps out.
CREATE TABLE bans (
  id             TEXT PRIMARY KEY NOT NULL, -- UUIDv7
  kind           TEXT NOT NULL, -- client, address, username
  value          TEXT NOT NULL, -- of an address its prefix
  reason         TEXT NOT NULL,
  by_kind        TEXT NOT NULL,
  by_id          TEXT NOT NULL,
  by_name        TEXT NOT NULL,
  since          INTEGER NOT NULL,
  until          INTEGER,       -- NULL: it has no end of its own
  lifted         INTEGER,       -- NULL: it was not
  lifted_by_kind TEXT NOT NULL,
  lifted_by_id   TEXT NOT NULL,
  lifted_by_name TEXT NOT NULL,
  lift_reason    TEXT NOT NULL,
  refused        INTEGER NOT NULL, -- connections
  last_refused   INTEGER
) STRICT, WITHOUT ROWID;
