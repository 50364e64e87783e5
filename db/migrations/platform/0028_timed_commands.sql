-- Timed commands go to several devices, on kinds of days, and say what became of each.
ALTER TABLE schedules RENAME TO old_schedules;
ALTER TABLE schedule_runs RENAME TO old_schedule_runs;

CREATE TABLE schedules (
  id           TEXT PRIMARY KEY NOT NULL,
  site         TEXT NOT NULL,
  name         TEXT NOT NULL,
  cron         TEXT NOT NULL,
  time_zone    TEXT NOT NULL,
  action       TEXT NOT NULL,
  args         TEXT NOT NULL,    -- JSON object
  paused       INTEGER NOT NULL,
  paused_until INTEGER,
  late         TEXT NOT NULL,
  skip_late    INTEGER NOT NULL, -- microseconds
  days         TEXT NOT NULL,    -- JSON list; null or empty: all
  jitter       INTEGER NOT NULL, -- microseconds
  check_after  INTEGER NOT NULL, -- microseconds; 0: no check
  left_out     INTEGER,          -- the due time that somebody chose to leave out
  left_out_by  TEXT NOT NULL,
  created      INTEGER,
  next         INTEGER           -- see schedule.Schedule.Next
) STRICT;

INSERT INTO schedules SELECT id, site, name, cron, time_zone, action, args, paused, NULL, 'skip', skip_late, 'null', 0, 0, NULL, '', created, next FROM old_schedules;

-- The devices of a schedule; all are of its site.
CREATE TABLE schedule_targets (
  schedule TEXT NOT NULL,
  device   TEXT NOT NULL,
  site     TEXT NOT NULL,
  since    INTEGER, -- NULL: from the first due time on
  PRIMARY KEY (schedule, device),
  FOREIGN KEY (device, site) REFERENCES devices (id, site)
) STRICT, WITHOUT ROWID;

INSERT INTO schedule_targets SELECT id, device, site, NULL FROM old_schedules;

CREATE INDEX schedule_targets_device ON schedule_targets (device);

-- Due times that were claimed for a device, and what people ran at once (run_key). Inserting
-- the row is the claim: whoever inserts it runs it, and nobody else. History outlives its
-- schedule.
CREATE TABLE schedule_runs (
  schedule TEXT NOT NULL,
  device   TEXT NOT NULL,
  run_key  TEXT NOT NULL, -- empty: a due time; else the idempotency key of a manual run
  due      INTEGER NOT NULL,
  site     TEXT NOT NULL,
  zone     TEXT NOT NULL,
  at       INTEGER NOT NULL, -- the device's own instant
  claimed  INTEGER NOT NULL,
  outcome  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  command  TEXT NOT NULL, -- commands.id, empty: none was made
  run_by   TEXT NOT NULL, -- of a manual run
  check_at INTEGER,       -- when the result is to be looked at; NULL: never, or done
  checked  INTEGER,
  result   TEXT NOT NULL, -- step of the command when it was looked at
  again    TEXT NOT NULL, -- commands.id of what was sent once more
  PRIMARY KEY (schedule, device, run_key, due)
) STRICT, WITHOUT ROWID;

INSERT INTO schedule_runs
SELECT r.schedule, coalesce(d.id, ''), '', r.due, coalesce(d.site, ''), coalesce(d.zone, ''), r.due, coalesce(r.claimed, r.due),
       r.outcome, r.detail, r.command, '', NULL, NULL, '', ''
FROM old_schedule_runs r
LEFT JOIN old_schedules s ON s.id = r.schedule
LEFT JOIN commands c ON c.id = r.command
LEFT JOIN devices d ON d.id = coalesce(s.device, c.device);

DROP TABLE old_schedule_runs;
DROP TABLE old_schedules;

CREATE INDEX schedule_runs_due ON schedule_runs (due, schedule, device, run_key);
CREATE INDEX schedule_runs_of ON schedule_runs (schedule, due);
CREATE UNIQUE INDEX schedule_runs_key ON schedule_runs (schedule, device, run_key) WHERE run_key <> '';
CREATE INDEX schedule_runs_check ON schedule_runs (check_at) WHERE check_at IS NOT NULL;
