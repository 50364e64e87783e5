-- The audit trail becomes a chain. The rows that are there are put into it by the
-- program (chainOlder), which then drops audit_unchained.
DROP TRIGGER audit_no_update;
DROP TRIGGER audit_no_delete;
DROP TRIGGER audit_no_replace;
ALTER TABLE audit RENAME TO audit_unchained;
CREATE TABLE audit (
  id            INTEGER PRIMARY KEY AUTOINCREMENT, -- without a gap
  at            INTEGER,
  actor_kind    TEXT NOT NULL,
  actor_id      TEXT NOT NULL,
  actor_name    TEXT NOT NULL, -- empty for a person, as is actor_address: see actor_sealed
  actor_address TEXT NOT NULL,
  session       TEXT NOT NULL,
  verb          TEXT NOT NULL,
  site          TEXT NOT NULL, -- empty: not of one site
  object        TEXT NOT NULL, -- kind:id
  detail        TEXT NOT NULL, -- JSON
  outcome       TEXT NOT NULL,
  actor_key     INTEGER NOT NULL, -- of audit_keys; 0: nothing is sealed
  actor_sealed  BLOB NOT NULL,    -- JSON under that key: name, address
  object_key    INTEGER NOT NULL, -- of the person that object names
  object_sealed BLOB NOT NULL,    -- JSON under that key: goes into detail
  hash          BLOB NOT NULL     -- SHA-256, see trail.Row
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor_id);
CREATE INDEX audit_object ON audit (object);
CREATE INDEX audit_verb ON audit (verb);
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
WHEN OLD.id > (SELECT max(through) FROM audit_floor)
BEGIN SELECT RAISE(ABORT, 'the audit trail is never shortened'); END;
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END;

-- Rows up to here may be removed: a row of the trail keeps what they were.
CREATE TABLE audit_floor (
  through INTEGER PRIMARY KEY NOT NULL
) STRICT;
INSERT INTO audit_floor VALUES (0);

-- Keys of people, under which their values in audit are sealed.
CREATE TABLE audit_keys (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  person    TEXT NOT NULL, -- kind:id
  sealed    BLOB,          -- under the data key; NULL: destroyed
  made      INTEGER,
  destroyed INTEGER
) STRICT;
CREATE INDEX audit_keys_person ON audit_keys (person);
