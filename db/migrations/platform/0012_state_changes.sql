CREATE TABLE state_changes (
  id          INTEGER PRIMARY KEY,
  device      TEXT NOT NULL REFERENCES devices (id),
  field       TEXT NOT NULL,
  was         TEXT NOT NULL,
  now         TEXT NOT NULL,
  device_time INTEGER,
  arrived_at  INTEGER,
  command     TEXT NOT NULL,
  revision    INTEGER NOT NULL
) STRICT;
CREATE INDEX state_changes_device ON state_changes (device);
CREATE INDEX state_changes_field ON state_changes (device, field);
