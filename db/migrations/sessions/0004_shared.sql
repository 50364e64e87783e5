-- Of an entry that came by a shared subscription: its filter.
ALTER TABLE queue ADD COLUMN shared TEXT NOT NULL DEFAULT '';
