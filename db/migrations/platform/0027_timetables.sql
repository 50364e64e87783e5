CREATE TABLE timetables (
  id           TEXT PRIMARY KEY NOT NULL,
  site         TEXT NOT NULL,
  name         TEXT NOT NULL,
  week         TEXT NOT NULL,    -- JSON: timetable.Week
  exceptions   TEXT NOT NULL,    -- JSON: timetable.Exception
  late         TEXT NOT NULL,    -- skip, catch_up
  skip_late    INTEGER NOT NULL, -- microseconds
  check_after  INTEGER NOT NULL, -- microseconds; 0: no check
  paused       INTEGER NOT NULL,
  paused_until INTEGER,
  skip_due     INTEGER,
  skip_by      TEXT NOT NULL,
  created      INTEGER NOT NULL,
  changed      INTEGER NOT NULL,
  why          TEXT NOT NULL,
  by           TEXT NOT NULL
) STRICT;

CREATE TABLE timetable_targets (
  timetable TEXT NOT NULL REFERENCES timetables (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL,
  kind      TEXT NOT NULL, -- device, zone, site
  target    TEXT NOT NULL, -- its id; empty: the timetable's site
  direction TEXT NOT NULL,
  PRIMARY KEY (timetable, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX timetable_targets_target ON timetable_targets (target, kind);

CREATE TABLE timetable_runs (
  timetable     TEXT NOT NULL,
  due           INTEGER NOT NULL,
  site          TEXT NOT NULL,
  name          TEXT NOT NULL, -- of the timetable, as it was
  claimed       INTEGER NOT NULL,
  why           TEXT NOT NULL,
  mode          TEXT NOT NULL,
  until         INTEGER,
  first_arrival INTEGER NOT NULL,
  outcome       TEXT NOT NULL,
  detail        TEXT NOT NULL,
  by            TEXT NOT NULL, -- empty: the clock
  checked       INTEGER,
  PRIMARY KEY (timetable, due)
) STRICT, WITHOUT ROWID;
CREATE INDEX timetable_runs_due ON timetable_runs (due);
CREATE INDEX timetable_runs_site ON timetable_runs (site, due);
CREATE INDEX timetable_runs_unchecked ON timetable_runs (claimed) WHERE checked IS NULL AND outcome = 'done';

CREATE TABLE timetable_results (
  timetable TEXT NOT NULL,
  due       INTEGER NOT NULL,
  device    TEXT NOT NULL,
  direction TEXT NOT NULL,
  effect    TEXT NOT NULL,
  detail    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  found     TEXT NOT NULL, -- by the check; empty: not yet
  words     TEXT NOT NULL, -- of what was found
  command   TEXT NOT NULL, -- commands.id; empty: none was needed
  PRIMARY KEY (timetable, due, device, direction)
) STRICT, WITHOUT ROWID;
CREATE INDEX timetable_results_device ON timetable_results (device, due);
