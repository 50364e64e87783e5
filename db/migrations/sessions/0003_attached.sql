-- Filters that the program attached to sessions.
CREATE TABLE attached (
  client TEXT NOT NULL,
  filter TEXT NOT NULL,
  qos    INTEGER NOT NULL,
  PRIMARY KEY (client, filter)
) STRICT, WITHOUT ROWID;
