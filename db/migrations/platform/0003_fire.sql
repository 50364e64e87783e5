CREATE TABLE fire_wiring (
  device     TEXT PRIMARY KEY NOT NULL REFERENCES devices (id),
  fire_group TEXT NOT NULL,
  input      TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE fire_reports (
  id       TEXT PRIMARY KEY NOT NULL,
  site     TEXT NOT NULL REFERENCES sites (id),
  since    INTEGER,
  report   TEXT NOT NULL,
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX fire_reports_since ON fire_reports (since);
