CREATE TABLE retirements (
  device    TEXT PRIMARY KEY NOT NULL REFERENCES devices (id),
  at        INTEGER,
  successor TEXT UNIQUE REFERENCES devices (id)
) STRICT, WITHOUT ROWID;
