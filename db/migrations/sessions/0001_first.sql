CREATE TABLE sessions (
  client       TEXT PRIMARY KEY NOT NULL,
  identity     TEXT NOT NULL,
  version      INTEGER NOT NULL,
  expiry       INTEGER NOT NULL,
  disconnected INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
  client              TEXT NOT NULL,
  filter              TEXT NOT NULL,
  qos                 INTEGER NOT NULL,
  no_local            INTEGER NOT NULL,
  retain_as_published INTEGER NOT NULL,
  retain_handling     INTEGER NOT NULL,
  id                  INTEGER NOT NULL,
  PRIMARY KEY (client, filter)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
  id         INTEGER PRIMARY KEY,
  topic      TEXT NOT NULL,
  payload    BLOB NOT NULL,
  qos        INTEGER NOT NULL,
  retain     INTEGER NOT NULL,
  properties TEXT NOT NULL,
  expires    INTEGER
) STRICT;

CREATE TABLE queue (
  client    TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  message   INTEGER NOT NULL,
  qos       INTEGER NOT NULL,
  retain    INTEGER NOT NULL,
  ids       TEXT NOT NULL,
  state     INTEGER NOT NULL,
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (client, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_message ON queue (message);

CREATE TABLE incoming (
  client    TEXT NOT NULL,
  packet_id INTEGER NOT NULL,
  PRIMARY KEY (client, packet_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE retained (
  topic      TEXT PRIMARY KEY NOT NULL,
  payload    BLOB NOT NULL,
  qos        INTEGER NOT NULL,
  retain     INTEGER NOT NULL,
  properties TEXT NOT NULL,
  expires    INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE wills (
  client     TEXT PRIMARY KEY NOT NULL,
  topic      TEXT NOT NULL,
  payload    BLOB NOT NULL,
  qos        INTEGER NOT NULL,
  retain     INTEGER NOT NULL,
  properties TEXT NOT NULL,
  expires    INTEGER,
  delay      INTEGER NOT NULL,
  due        INTEGER
) STRICT, WITHOUT ROWID;
