CREATE TABLE device_configs (
  device   TEXT NOT NULL REFERENCES devices (id),
  revision INTEGER NOT NULL,
  settings TEXT NOT NULL,
  at       INTEGER,
  by_kind  TEXT NOT NULL,
  by_id    TEXT NOT NULL,
  by_name  TEXT NOT NULL,
  PRIMARY KEY (device, revision)
) STRICT, WITHOUT ROWID;
