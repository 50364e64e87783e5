CREATE TABLE command_ends (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL,
  site   TEXT NOT NULL,
  issued INTEGER NOT NULL,
  took   INTEGER
) STRICT;

CREATE TABLE statistics_days (
  device TEXT NOT NULL REFERENCES devices (id),
  day    TEXT NOT NULL,
  counts BLOB NOT NULL,
  PRIMARY KEY (device, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX statistics_days_day ON statistics_days (day);

CREATE TABLE statistics_position (
  id          INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  event_row   INTEGER NOT NULL,
  command_end INTEGER NOT NULL
) STRICT;
INSERT INTO statistics_position (id, event_row, command_end) VALUES (1, 0, 0);
