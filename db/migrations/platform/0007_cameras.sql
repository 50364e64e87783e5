ALTER TABLE events ADD COLUMN plate TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN plate_key TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN confidence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN colour TEXT NOT NULL DEFAULT '';
ALTER TABLE events ADD COLUMN snapshot TEXT NOT NULL DEFAULT '';
UPDATE events SET plate_key = upper(replace(replace(replace(substr(credential, 7), ' ', ''), '·', ''), '-', ''))
WHERE credential LIKE 'plate:%';
CREATE INDEX events_plate_key ON events (site, plate_key, device_time) WHERE plate_key <> '';
CREATE INDEX events_camera ON events (camera, id) WHERE camera <> '';
CREATE TABLE plates (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  device     TEXT NOT NULL REFERENCES devices (id),
  site       TEXT NOT NULL,
  zone       TEXT NOT NULL,
  plate      TEXT NOT NULL,
  form       TEXT NOT NULL,
  event      TEXT NOT NULL,
  "text"     TEXT NOT NULL,
  confidence INTEGER NOT NULL,
  colour     TEXT NOT NULL,
  direction  TEXT NOT NULL,
  at         INTEGER,
  picture    TEXT NOT NULL,
  first_at   INTEGER,
  last_at    INTEGER,
  arrived_at INTEGER,
  events     INTEGER NOT NULL
) STRICT;
CREATE INDEX plates_device ON plates (device, plate, last_at);
CREATE INDEX plates_first ON plates (first_at, id);
CREATE INDEX plates_site_first ON plates (site, first_at, id);
CREATE INDEX plates_picture ON plates (device, picture) WHERE picture <> '';
ALTER TABLE pictures ADD COLUMN removed_at INTEGER;
CREATE INDEX pictures_arrived ON pictures (arrived_at) WHERE removed_at IS NULL;
CREATE INDEX pictures_site_arrived ON pictures (site, arrived_at) WHERE removed_at IS NULL;
CREATE INDEX pictures_hash ON pictures (hash, size) WHERE removed_at IS NULL;
CREATE INDEX ledger_corrections ON ledger (site) WHERE corrects <> '';
