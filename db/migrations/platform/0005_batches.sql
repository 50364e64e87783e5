CREATE TABLE batches (
  id     TEXT PRIMARY KEY NOT NULL,
  key    TEXT NOT NULL UNIQUE,
  site   TEXT NOT NULL REFERENCES sites (id),
  issued INTEGER,
  batch  TEXT NOT NULL
) STRICT;
CREATE INDEX batches_issued ON batches (issued);
