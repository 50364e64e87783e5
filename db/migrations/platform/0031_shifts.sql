CREATE TABLE shifts (
  id          TEXT PRIMARY KEY NOT NULL, -- UUIDv7: in the order of their beginnings
  site        TEXT NOT NULL REFERENCES sites (id),
  booth       TEXT NOT NULL,             -- name; empty: none
  person      TEXT NOT NULL,             -- id
  name        TEXT NOT NULL,
  took        TEXT UNIQUE REFERENCES shifts (id), -- the one that it took over; NULL: none
  began       INTEGER,
  counts_from INTEGER,                   -- when its passages begin: began, or the end of the one that it took over
  ledger_from INTEGER NOT NULL,          -- its rows of the ledger have a greater id
  ended       INTEGER,                   -- NULL: it is open
  ledger_to   INTEGER NOT NULL,          -- and at most this one; 0 while it is open
  how         TEXT NOT NULL,
  ended_by    TEXT NOT NULL,             -- JSON, as to_person
  to_person   TEXT NOT NULL,
  remark      TEXT NOT NULL,
  counted     TEXT NOT NULL,             -- JSON; null: nobody counted
  counts      TEXT NOT NULL              -- JSON, as they were at its end
) STRICT;
-- Somebody has one open shift.
CREATE UNIQUE INDEX shifts_open ON shifts (person) WHERE ended IS NULL;
CREATE INDEX shifts_person ON shifts (person, id);
CREATE INDEX shifts_site ON shifts (site, id);
CREATE TABLE shift_devices (
  shift        TEXT NOT NULL REFERENCES shifts (id),
  position     INTEGER NOT NULL,
  device       TEXT NOT NULL REFERENCES devices (id),
  site         TEXT NOT NULL, -- where it stood when the shift began
  zone         TEXT NOT NULL,
  command_from INTEGER NOT NULL, -- its orders of the shift have a greater seq
  open         INTEGER NOT NULL, -- 1: the shift is
  PRIMARY KEY (shift, position)
) STRICT, WITHOUT ROWID;
-- A device is in one open shift.
CREATE UNIQUE INDEX shift_devices_open ON shift_devices (device) WHERE open = 1;
CREATE INDEX shift_devices_device ON shift_devices (device, shift);
CREATE TABLE shift_notes (
  id     INTEGER PRIMARY KEY,
  shift  TEXT NOT NULL REFERENCES shifts (id),
  at     INTEGER,
  person TEXT NOT NULL, -- JSON
  device TEXT NOT NULL, -- empty: none
  text   TEXT NOT NULL
) STRICT;
CREATE INDEX shift_notes_shift ON shift_notes (shift, id);
