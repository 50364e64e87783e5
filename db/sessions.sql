-- The broker's session store as it is now. Files are made and changed by the
-- steps in migrations/sessions; a test compares their result with this file.
--
-- Times are microseconds since 1970 UTC; NULL is "no time". Durations are
-- microseconds; -1 is "never ends".

CREATE TABLE sessions (
  client       TEXT PRIMARY KEY NOT NULL,
  identity     TEXT NOT NULL, -- who made it
  version      INTEGER NOT NULL,
  expiry       INTEGER NOT NULL,
  disconnected INTEGER -- NULL: connected
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriptions (
  client              TEXT NOT NULL,
  filter              TEXT NOT NULL,
  qos                 INTEGER NOT NULL,
  no_local            INTEGER NOT NULL,
  retain_as_published INTEGER NOT NULL,
  retain_handling     INTEGER NOT NULL,
  id                  INTEGER NOT NULL, -- 0: none
  PRIMARY KEY (client, filter)
) STRICT, WITHOUT ROWID;

-- Filters that the program attached to sessions.
CREATE TABLE attached (
  client TEXT NOT NULL,
  filter TEXT NOT NULL,
  qos    INTEGER NOT NULL,
  PRIMARY KEY (client, filter)
) STRICT, WITHOUT ROWID;

-- Message bodies that some queue entry names, each once.
CREATE TABLE messages (
  id         INTEGER PRIMARY KEY,
  topic      TEXT NOT NULL,
  payload    BLOB NOT NULL,
  qos        INTEGER NOT NULL,
  retain     INTEGER NOT NULL,
  properties TEXT NOT NULL, -- JSON
  expires    INTEGER
) STRICT;

-- Outgoing queues; seq is their order, and gives the packet identifier.
CREATE TABLE queue (
  client    TEXT NOT NULL,
  seq       INTEGER NOT NULL,
  message   INTEGER NOT NULL,
  qos       INTEGER NOT NULL,
  retain    INTEGER NOT NULL,
  ids       TEXT NOT NULL, -- JSON array of subscription identifiers
  state     INTEGER NOT NULL,
  shared    TEXT NOT NULL DEFAULT '', -- filter of the shared subscription that it came by
  PRIMARY KEY (client, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX queue_message ON queue (message);

-- Packet ids of incoming QoS 2 messages that are owned and not yet released.
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
  properties TEXT NOT NULL, -- JSON
  expires    INTEGER,
  client     TEXT NOT NULL DEFAULT '', -- that published it
  identity   TEXT NOT NULL DEFAULT ''  -- whose client that was; '': the program, or not known
) STRICT, WITHOUT ROWID;

-- A will may outlive its session, until it was published.
CREATE TABLE wills (
  client     TEXT PRIMARY KEY NOT NULL,
  topic      TEXT NOT NULL,
  payload    BLOB NOT NULL,
  qos        INTEGER NOT NULL,
  retain     INTEGER NOT NULL,
  properties TEXT NOT NULL, -- JSON
  expires    INTEGER,
  delay      INTEGER NOT NULL,
  due        INTEGER, -- NULL: the client is connected
  identity   TEXT NOT NULL DEFAULT '' -- whose client that is
) STRICT, WITHOUT ROWID;
