CREATE TABLE api_tokens (
  id           TEXT PRIMARY KEY NOT NULL,
  name         TEXT NOT NULL,
  maker        TEXT NOT NULL REFERENCES operators (id),
  verbs        TEXT NOT NULL, -- JSON array
  hash         BLOB NOT NULL UNIQUE, -- SHA-256 of a text with 256 random bits
  created      INTEGER,
  ends         INTEGER,
  last_used    INTEGER,
  last_address TEXT NOT NULL
) STRICT;
