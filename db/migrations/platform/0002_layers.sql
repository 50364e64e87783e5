CREATE TABLE layers (
  site       TEXT NOT NULL REFERENCES sites (id),
  layer      TEXT NOT NULL,
  scope      TEXT NOT NULL,
  scope_id   TEXT NOT NULL,
  direction  TEXT NOT NULL,
  zone       TEXT NOT NULL,
  mode       TEXT NOT NULL,
  by_kind    TEXT NOT NULL,
  by_id      TEXT NOT NULL,
  by_name    TEXT NOT NULL,
  reason     TEXT NOT NULL,
  since      INTEGER,
  until      INTEGER,
  is_set     INTEGER NOT NULL,
  revision   INTEGER NOT NULL,
  PRIMARY KEY (site, layer, scope, scope_id, direction)
) STRICT, WITHOUT ROWID;
