ALTER TABLE timetables ADD COLUMN jitter INTEGER NOT NULL DEFAULT 0; -- microseconds
