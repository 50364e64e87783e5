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
