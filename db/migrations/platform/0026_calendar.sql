CREATE TABLE calendar_days (
  site TEXT NOT NULL, -- empty: of the whole property
  day  TEXT NOT NULL, -- YYYY-MM-DD
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (site, day)
) STRICT, WITHOUT ROWID;
