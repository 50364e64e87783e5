-- Alarms, their history, mutes, and how far each site was followed.
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
CREATE UNIQUE INDEX alarms_open ON alarms (device, type) WHERE resolved IS NULL;
CREATE INDEX alarms_site ON alarms (site, id);
CREATE INDEX alarms_device ON alarms (device, id);

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
CREATE UNIQUE INDEX alarm_entries_cause ON alarm_entries (cause_kind, cause_id) WHERE cause_kind <> '';

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

CREATE TABLE alarm_cursors (
  site     TEXT PRIMARY KEY NOT NULL REFERENCES sites (id),
  revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- What was committed before there were alarms raises none.
INSERT INTO alarm_cursors (site, revision) SELECT id, revision FROM sites;

ALTER TABLE quarantine ADD COLUMN why TEXT NOT NULL DEFAULT 'malformed';

CREATE INDEX events_followed ON events (site, revision) WHERE type NOT IN ('passage', 'snapshot', 'plate');
CREATE INDEX commands_ended ON commands (site, revision) WHERE ended = 1;
CREATE INDEX quarantine_followed ON quarantine (site, revision);
CREATE INDEX quarantine_conflicts ON quarantine (device, topic) WHERE why = 'other_content';
