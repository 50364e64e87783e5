CREATE TABLE sites (
  id        TEXT PRIMARY KEY NOT NULL,
  name      TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  revision  INTEGER NOT NULL
) STRICT;

CREATE TABLE zones (
  id   TEXT PRIMARY KEY NOT NULL,
  site TEXT NOT NULL REFERENCES sites (id),
  name TEXT NOT NULL,
  UNIQUE (id, site)
) STRICT;

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
  state       TEXT NOT NULL,
  last_event  INTEGER,
  command_seq INTEGER NOT NULL,
  revision    INTEGER NOT NULL,
  UNIQUE (id, site),
  FOREIGN KEY (zone, site) REFERENCES zones (id, site)
) STRICT;

CREATE TABLE commands (
  id            TEXT PRIMARY KEY NOT NULL,
  device        TEXT NOT NULL REFERENCES devices (id),
  site          TEXT NOT NULL,
  zone          TEXT NOT NULL,
  seq           INTEGER NOT NULL,
  key           TEXT,
  action        TEXT NOT NULL,
  args          TEXT NOT NULL,
  reason        TEXT NOT NULL,
  actor_kind    TEXT NOT NULL,
  actor_id      TEXT NOT NULL,
  actor_name    TEXT NOT NULL,
  actor_address TEXT NOT NULL,
  issued        INTEGER,
  ttl           INTEGER NOT NULL,
  ladder        TEXT NOT NULL,
  ended         INTEGER NOT NULL,
  revision      INTEGER NOT NULL,
  UNIQUE (device, key),
  UNIQUE (device, seq)
) STRICT;
CREATE INDEX commands_open ON commands (device) WHERE ended = 0;

CREATE TABLE events (
  row          INTEGER PRIMARY KEY,
  device       TEXT NOT NULL REFERENCES devices (id),
  id           TEXT NOT NULL,
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
  picture      INTEGER NOT NULL,
  device_time  INTEGER,
  arrived_at   INTEGER,
  revision     INTEGER NOT NULL,
  UNIQUE (device, id)
) STRICT;
CREATE INDEX events_arrived ON events (arrived_at);
CREATE INDEX events_device_arrived ON events (device, arrived_at);
CREATE INDEX events_site_arrived ON events (site, arrived_at);
CREATE INDEX events_passages ON events (site, arrived_at) WHERE type = 'passage';

CREATE TABLE quarantine (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  device   TEXT NOT NULL,
  site     TEXT NOT NULL,
  topic    TEXT NOT NULL,
  payload  BLOB NOT NULL,
  problem  TEXT NOT NULL,
  arrived  INTEGER,
  revision INTEGER NOT NULL
) STRICT;
CREATE INDEX quarantine_site_arrived ON quarantine (site, arrived);

CREATE TABLE ledger (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  device       TEXT NOT NULL REFERENCES devices (id),
  event_id     TEXT NOT NULL,
  site         TEXT NOT NULL,
  zone         TEXT NOT NULL,
  seq          INTEGER NOT NULL,
  amount       INTEGER NOT NULL,
  currency     TEXT NOT NULL,
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
CREATE TRIGGER ledger_no_update BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger rows are never changed: add a correction'); END;
CREATE TRIGGER ledger_no_delete BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'ledger rows are never removed: add a correction'); END;
CREATE TRIGGER ledger_no_replace BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE id = NEW.id OR (device = NEW.device AND event_id = NEW.event_id))
BEGIN SELECT RAISE(ABORT, 'ledger rows are never changed: add a correction'); END;

CREATE TABLE pictures (
  device     TEXT NOT NULL REFERENCES devices (id),
  event      TEXT NOT NULL,
  site       TEXT NOT NULL,
  hash       BLOB NOT NULL,
  size       INTEGER NOT NULL,
  width      INTEGER NOT NULL,
  height     INTEGER NOT NULL,
  arrived_at INTEGER,
  PRIMARY KEY (device, event)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
  id        TEXT PRIMARY KEY NOT NULL,
  site      TEXT NOT NULL,
  device    TEXT NOT NULL,
  name      TEXT NOT NULL,
  cron      TEXT NOT NULL,
  time_zone TEXT NOT NULL,
  action    TEXT NOT NULL,
  args      TEXT NOT NULL,
  paused    INTEGER NOT NULL,
  skip_late INTEGER NOT NULL,
  created   INTEGER,
  next      INTEGER,
  FOREIGN KEY (device, site) REFERENCES devices (id, site)
) STRICT;

CREATE TABLE schedule_runs (
  schedule TEXT NOT NULL,
  due      INTEGER NOT NULL,
  claimed  INTEGER,
  outcome  TEXT NOT NULL,
  detail   TEXT NOT NULL,
  command  TEXT NOT NULL,
  PRIMARY KEY (schedule, due)
) STRICT, WITHOUT ROWID;

CREATE TABLE operators (
  id       TEXT PRIMARY KEY NOT NULL,
  name     TEXT NOT NULL UNIQUE COLLATE NOCASE,
  password TEXT NOT NULL,
  role     TEXT NOT NULL,
  language TEXT NOT NULL,
  created  INTEGER,
  disabled INTEGER NOT NULL
) STRICT;

CREATE TABLE operator_sessions (
  token_hash BLOB PRIMARY KEY NOT NULL,
  operator   TEXT NOT NULL REFERENCES operators (id),
  created    INTEGER,
  last_seen  INTEGER,
  expires    INTEGER,
  address    TEXT NOT NULL,
  user_agent TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX operator_sessions_operator ON operator_sessions (operator);

CREATE TABLE credentials (
  username    TEXT PRIMARY KEY NOT NULL,
  holder      TEXT NOT NULL,
  secret_hash BLOB NOT NULL,
  command_key BLOB,
  name        TEXT NOT NULL,
  sites       TEXT NOT NULL,
  device      TEXT REFERENCES devices (id),
  site        TEXT REFERENCES sites (id),
  created     INTEGER,
  last_used   INTEGER
) STRICT;

CREATE TABLE audit (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  at            INTEGER,
  actor_kind    TEXT NOT NULL,
  actor_id      TEXT NOT NULL,
  actor_name    TEXT NOT NULL,
  actor_address TEXT NOT NULL,
  verb          TEXT NOT NULL,
  site          TEXT NOT NULL,
  object        TEXT NOT NULL,
  detail        TEXT NOT NULL,
  outcome       TEXT NOT NULL
) STRICT;
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is never shortened'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
