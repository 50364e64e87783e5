ALTER TABLE credentials ADD COLUMN feeds TEXT NOT NULL DEFAULT '{}'; -- JSON: only, the kinds of feeds that an integrator may read; {}: all
ALTER TABLE credentials ADD COLUMN ends INTEGER; -- when an integrator is let in no more; NULL: never
