-- Who published a retained message, and whose a will is; '' where that is not known.
ALTER TABLE retained ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE retained ADD COLUMN identity TEXT NOT NULL DEFAULT '';
ALTER TABLE wills ADD COLUMN identity TEXT NOT NULL DEFAULT '';
