ALTER TABLE operators ADD COLUMN first_ends INTEGER;
