CREATE TABLE connections (
  device  TEXT NOT NULL REFERENCES devices (id),
  up_at   INTEGER NOT NULL,
  down_at INTEGER,
  cause   TEXT NOT NULL,
  remote  TEXT NOT NULL,
  missed  INTEGER NOT NULL,
  PRIMARY KEY (device, up_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX connections_down ON connections (down_at);

CREATE TABLE server_runs (
  started INTEGER PRIMARY KEY NOT NULL,
  seen    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
