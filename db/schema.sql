-- The platform's database as it is now. Files are made and changed by the steps
-- in migrations/platform; a test compares their result with this file.
--
-- Times are microseconds since 1970 UTC. NULL is "no time".
-- Ids are text that never changes and is never used again.

-- One property. revision orders everything that is said about it: each change
-- that is shown raises it in its own transaction.
CREATE TABLE sites (
  id        TEXT PRIMARY KEY NOT NULL,
  name      TEXT NOT NULL,
  time_zone TEXT NOT NULL, -- IANA name
  revision  INTEGER NOT NULL
) STRICT;

CREATE TABLE zones (
  id   TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL REFERENCES sites (id),
  name TEXT NOT NULL,
  UNIQUE (id, site)
) STRICT;

-- The registry, with the last that is known of each device.
CREATE TABLE devices (
  id          TEXT PRIMARY KEY NOT NULL,
  site        TEXT NOT NULL,
  zone        TEXT NOT NULL,
  kind        TEXT NOT NULL,
  name        TEXT NOT NULL,
  created     INTEGER,
  link_status TEXT NOT NULL,
  link_since  INTEGER,
  link_cause  TEXT NOT NULL,
  link_epoch  INTEGER NOT NULL,
  link_remote TEXT NOT NULL,
  state       TEXT NOT NULL,    -- JSON, see stateColumn
  last_event  INTEGER,          -- events.row of its newest event
  command_seq INTEGER NOT NULL, -- the newest commands.seq
  revision    INTEGER NOT NULL, -- of the last change of this row
  UNIQUE (id, site),
  FOREIGN KEY (zone, site) REFERENCES zones (id, site) -- a device is in a zone of its own site
) STRICT;

-- Devices that are out of service for good; their rows stay for what names them.
CREATE TABLE retirements (
  device    TEXT PRIMARY KEY NOT NULL REFERENCES devices (id),
  at        INTEGER,
  successor TEXT UNIQUE REFERENCES devices (id) -- who took its place; NULL: nobody
) STRICT, WITHOUT ROWID;

-- How devices are wanted to be: every revision, the newest counts. A successor
-- begins with a copy of its predecessor's newest.
CREATE TABLE device_configs (
  device   TEXT NOT NULL REFERENCES devices (id),
  revision INTEGER NOT NULL,
  settings TEXT NOT NULL, -- JSON object: texts by the names of the wire
  at       INTEGER,
  by_kind  TEXT NOT NULL,
  by_id    TEXT NOT NULL,
  by_name  TEXT NOT NULL,
  PRIMARY KEY (device, revision)
) STRICT, WITHOUT ROWID;

-- What devices reported otherwise than before, in the transaction of the report.
CREATE TABLE state_changes (
  id          INTEGER PRIMARY KEY,
  device      TEXT NOT NULL REFERENCES devices (id),
  field       TEXT NOT NULL, -- see devices.StateFields; settings.{name}
  was         TEXT NOT NULL,
  now         TEXT NOT NULL,
  device_time INTEGER,
  arrived_at  INTEGER,
  command     TEXT NOT NULL, -- what the device named as the cause
  revision    INTEGER NOT NULL
) STRICT;
CREATE INDEX state_changes_device ON state_changes (device);
CREATE INDEX state_changes_field ON state_changes (device, field);
CREATE INDEX state_changes_arrived ON state_changes (arrived_at, device);

-- Orders. The unique key makes a repeated request one command; the unique
-- sequence is what the device checks.
CREATE TABLE commands (
  id            TEXT PRIMARY KEY NOT NULL,
  device        TEXT NOT NULL REFERENCES devices (id),
  site          TEXT NOT NULL,
  zone          TEXT NOT NULL,
  seq           INTEGER NOT NULL,
  key           TEXT,          -- NULL: the caller gave none
  action        TEXT NOT NULL,
  args          TEXT NOT NULL, -- JSON object
  reason        TEXT NOT NULL,
  actor_kind    TEXT NOT NULL,
  actor_id      TEXT NOT NULL,
  actor_name    TEXT NOT NULL,
  actor_address TEXT NOT NULL,
  issued        INTEGER,
  ttl           INTEGER NOT NULL, -- microseconds
  ladder        TEXT NOT NULL,    -- JSON
  ended         INTEGER NOT NULL, -- 1: the ladder has ended
  revision      INTEGER NOT NULL,
  UNIQUE (device, key),
  UNIQUE (device, seq)
) STRICT;
CREATE INDEX commands_open ON commands (device) WHERE ended = 0;
CREATE INDEX commands_ended ON commands (site, revision) WHERE ended = 1;
CREATE INDEX commands_issued ON commands (site, issued, device);

-- What devices said, each once. row is the order of arrival.
CREATE TABLE events (
  row          INTEGER PRIMARY KEY,
  device       TEXT NOT NULL REFERENCES devices (id),
  id           TEXT NOT NULL, -- made by the device
  site         TEXT NOT NULL,
  zone         TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  type         TEXT NOT NULL,
  command      TEXT NOT NULL,
  direction    TEXT NOT NULL,
  result       TEXT NOT NULL,
  reason       TEXT NOT NULL,
  credential   TEXT NOT NULL,
  physical     TEXT NOT NULL,
  "trigger"    TEXT NOT NULL,
  camera       TEXT NOT NULL,
  picture      INTEGER NOT NULL, -- 1: the device said so, or pictures has one
  device_time  INTEGER,
  arrived_at   INTEGER,
  revision     INTEGER NOT NULL,
  plate        TEXT NOT NULL DEFAULT '', -- of type plate: as it was read
  plate_key    TEXT NOT NULL DEFAULT '', -- plates.Normalise of it, or of the credential of a passage
  confidence   INTEGER NOT NULL DEFAULT 0,
  colour       TEXT NOT NULL DEFAULT '',
  snapshot     TEXT NOT NULL DEFAULT '',
  UNIQUE (device, id)
) STRICT;
CREATE INDEX events_arrived ON events (arrived_at);
CREATE INDEX events_device_arrived ON events (device, arrived_at);
CREATE INDEX events_site_arrived ON events (site, arrived_at);
-- What may be an alarm's cause; the other types are most of the rows.
CREATE INDEX events_followed ON events (site, revision) WHERE type NOT IN ('passage', 'snapshot', 'plate');
CREATE INDEX events_passages ON events (site, arrived_at) WHERE type = 'passage';
CREATE INDEX events_plate_key ON events (site, plate_key, device_time) WHERE plate_key <> '';
CREATE INDEX events_camera ON events (camera, id) WHERE camera <> ''; -- of a picture: the passage that it is of

-- One car before one camera: what its events of type plate are together, written
-- with each of them. See package plates for every column.
CREATE TABLE plates (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  device     TEXT NOT NULL REFERENCES devices (id),
  site       TEXT NOT NULL,
  zone       TEXT NOT NULL,
  plate      TEXT NOT NULL, -- normalised
  form       TEXT NOT NULL,
  event      TEXT NOT NULL, -- of which the next five are
  "text"     TEXT NOT NULL,
  confidence INTEGER NOT NULL,
  colour     TEXT NOT NULL,
  direction  TEXT NOT NULL,
  at         INTEGER,
  picture    TEXT NOT NULL, -- pictures.event of the same device; empty: none
  first_at   INTEGER,
  last_at    INTEGER,
  arrived_at INTEGER,
  events     INTEGER NOT NULL
) STRICT;
CREATE INDEX plates_device ON plates (device, plate, last_at);
CREATE INDEX plates_first ON plates (first_at, id);
CREATE INDEX plates_site_first ON plates (site, first_at, id);
CREATE INDEX plates_picture ON plates (device, picture) WHERE picture <> '';

-- Messages that could not be understood, with their bytes. Device and site are
-- what the topic said: they need not exist.
CREATE TABLE quarantine (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  device   TEXT NOT NULL,
  site     TEXT NOT NULL,
  topic    TEXT NOT NULL,
  payload  BLOB NOT NULL,
  problem  TEXT NOT NULL,
  arrived  INTEGER,
  revision INTEGER NOT NULL
, why TEXT NOT NULL DEFAULT 'malformed') STRICT; -- devices.Why
CREATE INDEX quarantine_site_arrived ON quarantine (site, arrived);
CREATE INDEX quarantine_followed ON quarantine (site, revision);
CREATE INDEX quarantine_conflicts ON quarantine (device, topic) WHERE why = 'other_content';

-- Money: one row per (device, event_id), for ever. Rows are never changed or
-- removed; a correction is a new row that names the one it corrects.
CREATE TABLE ledger (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  device       TEXT NOT NULL REFERENCES devices (id),
  event_id     TEXT NOT NULL,
  site         TEXT NOT NULL,
  zone         TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  amount       INTEGER NOT NULL, -- minor units
  currency     TEXT NOT NULL,    -- ISO 4217
  "for"        TEXT NOT NULL,
  passage      TEXT NOT NULL,
  corrects     TEXT NOT NULL,
  device_time  INTEGER,
  arrived_at   INTEGER,
  revision     INTEGER NOT NULL,
  UNIQUE (device, event_id)
) STRICT;
CREATE INDEX ledger_device ON ledger (device, id);
CREATE INDEX ledger_site_arrived ON ledger (site, arrived_at, currency, amount);
CREATE INDEX ledger_corrections ON ledger (site) WHERE corrects <> '';
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger rows are never changed: add a correction'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger rows are never removed: add a correction'); END;
-- REPLACE removes rows without the trigger above.
CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id OR (device = NEW.device AND event_id = NEW.event_id))
BEGIN SELECT RAISE(ABORT, 'ledger rows are never changed: add a correction'); END;

-- Pictures that lie on disk under the name of their hash. The event may come
-- after its picture, so it is no foreign key. The row of a picture that was removed
-- stays: what has been here once is known, and does not come again.
CREATE TABLE pictures (
  device     TEXT NOT NULL REFERENCES devices (id),
  event      TEXT NOT NULL,
  site       TEXT NOT NULL,
  hash       BLOB NOT NULL, -- SHA-256 of the bytes
  size       INTEGER NOT NULL,
  width      INTEGER NOT NULL,
  height     INTEGER NOT NULL,
  arrived_at INTEGER,
  removed_at INTEGER, -- NULL: its file is there
  PRIMARY KEY (device, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX pictures_arrived ON pictures (arrived_at) WHERE removed_at IS NULL;
CREATE INDEX pictures_site_arrived ON pictures (site, arrived_at) WHERE removed_at IS NULL;
CREATE INDEX pictures_hash ON pictures (hash, size) WHERE removed_at IS NULL;

-- Timed commands.
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

-- The devices of a schedule; all are of its site.
CREATE TABLE schedule_targets (
  schedule TEXT NOT NULL,
  device   TEXT NOT NULL,
  site     TEXT NOT NULL,
  since    INTEGER, -- NULL: from the first due time on
  PRIMARY KEY (schedule, device),
  FOREIGN KEY (device, site) REFERENCES devices (id, site)
) STRICT, WITHOUT ROWID;

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

CREATE INDEX schedule_runs_due ON schedule_runs (due, schedule, device, run_key);
CREATE INDEX schedule_runs_of ON schedule_runs (schedule, due);
CREATE UNIQUE INDEX schedule_runs_key ON schedule_runs (schedule, device, run_key) WHERE run_key <> '';
CREATE INDEX schedule_runs_check ON schedule_runs (check_at) WHERE check_at IS NOT NULL;

-- What people said of days: of a site, or of the whole property. Published holidays are in the
-- program.
CREATE TABLE calendar_days (
  site TEXT NOT NULL, -- empty: of the whole property
  day  TEXT NOT NULL, -- YYYY-MM-DD
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (site, day)
) STRICT, WITHOUT ROWID;

-- People with an account.
CREATE TABLE operators (
  id       TEXT PRIMARY KEY NOT NULL,
  name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password TEXT NOT NULL, -- argon2id, PHC form
  role     TEXT NOT NULL,
  language TEXT NOT NULL,
  created  INTEGER,
  disabled INTEGER NOT NULL,
  must_change INTEGER NOT NULL DEFAULT 0, -- the password is one that somebody else chose
  factor      BLOB,                       -- the secret of the second factor, sealed
  factor_step INTEGER NOT NULL DEFAULT 0,
  recovery    TEXT NOT NULL DEFAULT '[]',
  first_ends  INTEGER,                    -- when a password that somebody else chose ends; NULL: never
  factor_wrong INTEGER NOT NULL DEFAULT 0, -- wrong codes since the last one that was right
  scope       TEXT NOT NULL DEFAULT '{}', -- JSON: places and hours that the role is limited to
  pin          BLOB,                       -- argon2id of the PIN for booths, sealed
  pin_wrong    INTEGER NOT NULL DEFAULT 0, -- wrong tries of it since the last sign-in
  theme        TEXT NOT NULL DEFAULT ''    -- of the console
) STRICT;

-- Browsers that guards share. Only they know their token.
CREATE TABLE booths (
  id      TEXT PRIMARY KEY NOT NULL,
  name    TEXT NOT NULL UNIQUE COLLATE NOCASE,
  token   BLOB NOT NULL UNIQUE, -- SHA-256
  lock    INTEGER NOT NULL,     -- ms without use after which somebody is signed out there
  created INTEGER,
  ends    INTEGER
) STRICT;

-- Roles that administrators made. Those of the platform are in the program.
CREATE TABLE roles (
  id      TEXT PRIMARY KEY NOT NULL,
  name    TEXT NOT NULL UNIQUE COLLATE NOCASE,
  verbs   TEXT NOT NULL, -- JSON array
  created INTEGER
) STRICT, WITHOUT ROWID;

-- Signed-in browsers. Only they know their token.
CREATE TABLE operator_sessions (
  session    BLOB PRIMARY KEY NOT NULL, -- SHA-256 of its first token
  operator   TEXT NOT NULL REFERENCES operators (id),
  created    INTEGER,
  last_seen  INTEGER,
  expires    INTEGER,
  address    TEXT NOT NULL,
  user_agent TEXT NOT NULL,
  proved     INTEGER,
  token      BLOB NOT NULL DEFAULT x'', -- SHA-256 of its present token
  booth      TEXT REFERENCES booths (id), -- where somebody signed in with a PIN
  lock       INTEGER NOT NULL DEFAULT 0   -- ms without use after which it ends there; 0: as the role says
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX operator_sessions_token ON operator_sessions (token);
CREATE INDEX operator_sessions_booth ON operator_sessions (booth);
CREATE INDEX operator_sessions_operator ON operator_sessions (operator);

-- What lets a program use the API. It is known to the program only.
CREATE TABLE api_tokens (
  id           TEXT PRIMARY KEY NOT NULL,
  name         TEXT NOT NULL,
  maker        TEXT NOT NULL REFERENCES operators (id),
  verbs        TEXT NOT NULL, -- JSON array
  hash         BLOB NOT NULL UNIQUE, -- SHA-256 of a text with 256 random bits
  created      INTEGER,
  ends         INTEGER,
  last_used    INTEGER,
  last_address TEXT NOT NULL,
  part         TEXT NOT NULL DEFAULT '{}' -- JSON scope: sites that it is limited to; {}: all of its maker's
) STRICT;

-- What lets a device or a foreign program into the broker. The secret is known to
-- its holder only.
CREATE TABLE credentials (
  username    TEXT PRIMARY KEY NOT NULL,
  holder      TEXT NOT NULL, -- device, integrator
  secret_hash BLOB NOT NULL, -- SHA-256 of 256 random bits; all zero: no password lets it in
  command_key BLOB,          -- sealed; NULL for integrators
  name        TEXT NOT NULL,
  sites       TEXT NOT NULL, -- JSON array of site ids
  device      TEXT REFERENCES devices (id),
  site        TEXT REFERENCES sites (id),
  created     INTEGER,
  last_used   INTEGER,
  certificate INTEGER NOT NULL DEFAULT 0, -- 1: a certificate in its name lets it in
  shown       TEXT NOT NULL DEFAULT '',   -- SHA-256 of the certificate that it showed last, AB:CD:…
  shown_until INTEGER,                    -- the end of that one's time
  feeds       TEXT NOT NULL DEFAULT '{}', -- JSON: only, the kinds of feeds that an integrator may read; {}: all
  ends        INTEGER                     -- when an integrator is let in no more; NULL for devices
) STRICT;

-- Who did what: one row per write, in the transaction of that write, each bound to
-- those before it by its hash.
CREATE TABLE audit (
  id            INTEGER PRIMARY KEY AUTOINCREMENT, -- without a gap
  at            INTEGER,
  actor_kind    TEXT NOT NULL,
  actor_id      TEXT NOT NULL,
  actor_name    TEXT NOT NULL, -- empty for a person, as is actor_address: see actor_sealed
  actor_address TEXT NOT NULL,
  session       TEXT NOT NULL,
  verb          TEXT NOT NULL,
  site          TEXT NOT NULL, -- empty: not of one site
  object        TEXT NOT NULL, -- kind:id
  detail        TEXT NOT NULL, -- JSON
  outcome       TEXT NOT NULL,
  actor_key     INTEGER NOT NULL, -- of audit_keys; 0: nothing is sealed
  actor_sealed  BLOB NOT NULL,    -- JSON under that key: name, address
  object_key    INTEGER NOT NULL, -- of the person that object names
  object_sealed BLOB NOT NULL,    -- JSON under that key: goes into detail
  hash          BLOB NOT NULL     -- SHA-256, see trail.Row
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor_id);
CREATE INDEX audit_object ON audit (object);
CREATE INDEX audit_verb ON audit (verb);
CREATE INDEX audit_site ON audit (site);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
WHEN OLD.id > (SELECT max(through) FROM audit_floor)
BEGIN SELECT RAISE(ABORT, 'the audit trail is never shortened'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;

-- Rows up to here may be removed: a row of the trail keeps what they were.
CREATE TABLE audit_floor (
  through INTEGER PRIMARY KEY NOT NULL
) STRICT;
INSERT INTO audit_floor VALUES (0);

-- Keys of people, under which their values in audit are sealed.
CREATE TABLE audit_keys (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  person    TEXT NOT NULL, -- kind:id
  sealed    BLOB,          -- under the data key; NULL: destroyed
  made      INTEGER,
  destroyed INTEGER
) STRICT;
CREATE INDEX audit_keys_person ON audit_keys (person);

-- Why openings are as they are, one row per layer and what it covers. Fire
-- releases have a file of their own.
CREATE TABLE layers (
  site       TEXT NOT NULL REFERENCES sites (id),
  layer      TEXT NOT NULL,
  scope      TEXT NOT NULL, -- device, zone, site, group
  scope_id   TEXT NOT NULL,
  direction  TEXT NOT NULL, -- of a turnstile's opening
  zone       TEXT NOT NULL, -- whose feed tells of it; empty: the whole site's
  mode       TEXT NOT NULL,
  by_kind    TEXT NOT NULL,
  by_id      TEXT NOT NULL,
  by_name    TEXT NOT NULL,
  reason     TEXT NOT NULL,
  since      INTEGER,
  until      INTEGER,          -- NULL: until it is released
  is_set     INTEGER NOT NULL, -- 0: released
  revision   INTEGER NOT NULL,
  PRIMARY KEY (site, layer, scope, scope_id, direction)
) STRICT, WITHOUT ROWID;

-- What devices have to do with fire groups, and the report of each release. What
-- is released now is in the latch, a file beside this one.
CREATE TABLE fire_wiring (
  device     TEXT PRIMARY KEY NOT NULL REFERENCES devices (id),
  fire_group TEXT NOT NULL, -- its openings are released with this group; empty: none
  input      TEXT NOT NULL  -- its event "fire" releases this group; empty: none
) STRICT, WITHOUT ROWID;

CREATE TABLE fire_reports (
  id       TEXT PRIMARY KEY NOT NULL,
  site     TEXT NOT NULL REFERENCES sites (id),
  since    INTEGER,
  report   TEXT NOT NULL, -- JSON: devices.FireReport
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX fire_reports_since ON fire_reports (since);

-- Orders to many devices. Their commands are rows of commands, with ids that stand
-- here before the first is made.
CREATE TABLE batches (
  id     TEXT PRIMARY KEY NOT NULL,
  key    TEXT NOT NULL UNIQUE, -- actor and idempotency key
  site   TEXT NOT NULL REFERENCES sites (id),
  issued INTEGER,
  batch  TEXT NOT NULL -- JSON: devices.Batch
) STRICT;
CREATE INDEX batches_issued ON batches (issued);

-- When each device was online; its link stands with the device.
CREATE TABLE connections (
  device  TEXT NOT NULL REFERENCES devices (id),
  up_at   INTEGER NOT NULL,
  down_at INTEGER,          -- NULL: it is online
  cause   TEXT NOT NULL,    -- why it ended
  remote  TEXT NOT NULL,
  missed  INTEGER NOT NULL, -- earlier ones that were not kept
  PRIMARY KEY (device, up_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX connections_down ON connections (down_at);

-- When the server ran: outside of it nobody knows what was online.
CREATE TABLE server_runs (
  started INTEGER PRIMARY KEY NOT NULL,
  seen    INTEGER NOT NULL -- the last that is known of this run
) STRICT, WITHOUT ROWID;

-- What needs somebody. People in it are JSON: alarms.Who.
CREATE TABLE alarms (
  id            TEXT PRIMARY KEY NOT NULL,
  site          TEXT NOT NULL REFERENCES sites (id),
  zone          TEXT NOT NULL,
  device        TEXT NOT NULL REFERENCES devices (id),
  type          TEXT NOT NULL,
  severity      TEXT NOT NULL,
  raised        INTEGER,
  last_seen     INTEGER,
  count         INTEGER NOT NULL,
  detail        TEXT NOT NULL,
  cause_kind    TEXT NOT NULL,
  cause_id      TEXT NOT NULL,
  over          INTEGER,
  acknowledged  INTEGER,
  acknowledged_by TEXT NOT NULL,
  assignee      TEXT NOT NULL,
  escalated     INTEGER,
  muted         INTEGER NOT NULL,
  resolved      INTEGER,
  resolved_by   TEXT NOT NULL,
  revision      INTEGER NOT NULL
) STRICT;
-- One open alarm of one device and type.
CREATE UNIQUE INDEX alarms_open ON alarms (device, type) WHERE resolved IS NULL;
CREATE INDEX alarms_site ON alarms (site, id);
CREATE INDEX alarms_device ON alarms (device, id);

-- The history of alarms.
CREATE TABLE alarm_entries (
  n          INTEGER PRIMARY KEY AUTOINCREMENT,
  alarm      TEXT NOT NULL REFERENCES alarms (id),
  at         INTEGER,
  what       TEXT NOT NULL,
  by_kind    TEXT NOT NULL,
  by_id      TEXT NOT NULL,
  by_name    TEXT NOT NULL,
  text       TEXT NOT NULL,
  cause_kind TEXT NOT NULL,
  cause_id   TEXT NOT NULL
) STRICT;
CREATE INDEX alarm_entries_alarm ON alarm_entries (alarm, n);
CREATE INDEX alarm_entries_at ON alarm_entries (at);
-- What an alarm came of is counted once.
CREATE UNIQUE INDEX alarm_entries_cause ON alarm_entries (cause_kind, cause_id) WHERE cause_kind <> '';

-- Devices whose alarms are not loud for a while; an empty type is all.
CREATE TABLE alarm_mutes (
  device  TEXT NOT NULL REFERENCES devices (id),
  type    TEXT NOT NULL,
  site    TEXT NOT NULL,
  since   INTEGER,
  until   INTEGER,
  by_kind TEXT NOT NULL,
  by_id   TEXT NOT NULL,
  by_name TEXT NOT NULL,
  reason  TEXT NOT NULL,
  PRIMARY KEY (device, type)
) STRICT, WITHOUT ROWID;

-- Up to which revision the commits of a site have become alarms: raised in the
-- transaction of the alarms.
CREATE TABLE alarm_cursors (
  site     TEXT PRIMARY KEY NOT NULL REFERENCES sites (id),
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Orders that have ended and are not in statistics_days yet.
CREATE TABLE command_ends (
  id     INTEGER PRIMARY KEY AUTOINCREMENT,
  device TEXT NOT NULL,
  site   TEXT NOT NULL,
  issued INTEGER NOT NULL,
  took   INTEGER -- microseconds until the effect was seen; NULL: it was not
) STRICT;

-- What each device did, by day of its site.
CREATE TABLE statistics_days (
  device TEXT NOT NULL REFERENCES devices (id),
  day    TEXT NOT NULL, -- YYYY-MM-DD
  counts BLOB NOT NULL, -- statistics.Counts
  PRIMARY KEY (device, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX statistics_days_day ON statistics_days (day);

-- How far events and command_ends are in statistics_days.
CREATE TABLE statistics_position (
  id          INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
  event_row   INTEGER NOT NULL,
  command_end INTEGER NOT NULL
) STRICT;

-- What people decided for the whole platform, as JSON.
CREATE TABLE settings (
  name  TEXT PRIMARY KEY NOT NULL,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Weekly timetables of modes.
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
, jitter INTEGER NOT NULL DEFAULT 0) STRICT; -- microseconds

-- What they cover.
CREATE TABLE timetable_targets (
  timetable TEXT NOT NULL REFERENCES timetables (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL,
  kind      TEXT NOT NULL, -- device, zone, site
  target    TEXT NOT NULL, -- its id; empty: the timetable's site
  direction TEXT NOT NULL,
  PRIMARY KEY (timetable, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX timetable_targets_target ON timetable_targets (target, kind);

-- Switches that were claimed. Inserting the row is the claim. History outlives its timetable.
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

-- What a switch did to each opening.
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

-- Who is on duty at which devices: see devices/shift.
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

-- Site plans: pictures of a site with devices on them. The bytes lie on disk.
CREATE TABLE plans (
  id       TEXT PRIMARY KEY NOT NULL,
  site     TEXT NOT NULL REFERENCES sites (id),
  name     TEXT NOT NULL,
  position INTEGER NOT NULL, -- among the plans of the site
  hash     BLOB NOT NULL,    -- SHA-256 of the picture
  format   TEXT NOT NULL,    -- png, jpeg, webp, svg
  size     INTEGER NOT NULL, -- bytes
  width    INTEGER NOT NULL,
  height   INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  changed  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX plans_site ON plans (site, position);

-- Where a device stands on a plan.
CREATE TABLE plan_pins (
  plan   TEXT NOT NULL REFERENCES plans (id) ON DELETE CASCADE,
  device TEXT NOT NULL REFERENCES devices (id),
  x      REAL NOT NULL, -- from the left, in parts of the picture
  y      REAL NOT NULL, -- from the top
  turn   INTEGER NOT NULL, -- degrees clockwise from the top; -1: none
  PRIMARY KEY (plan, device)
) STRICT, WITHOUT ROWID;
CREATE INDEX plan_pins_device ON plan_pins (device);

-- Whom the broker keeps out.
CREATE TABLE bans (
  id             TEXT PRIMARY KEY NOT NULL, -- UUIDv7
  kind           TEXT NOT NULL, -- client, address, username
  value          TEXT NOT NULL, -- of an address its prefix
  reason         TEXT NOT NULL,
  by_kind        TEXT NOT NULL,
  by_id          TEXT NOT NULL,
  by_name        TEXT NOT NULL,
  since          INTEGER NOT NULL,
  until          INTEGER,       -- NULL: it has no end of its own
  lifted         INTEGER,       -- NULL: it was not
  lifted_by_kind TEXT NOT NULL,
  lifted_by_id   TEXT NOT NULL,
  lifted_by_name TEXT NOT NULL,
  lift_reason    TEXT NOT NULL,
  refused        INTEGER NOT NULL, -- connections
  last_refused   INTEGER
) STRICT, WITHOUT ROWID;
