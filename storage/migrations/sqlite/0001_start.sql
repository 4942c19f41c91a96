-- Instants are milliseconds UTC. 9223372036854775807 in a due_at means: none.
-- Tables that grow with every event are written at their end only, by integer key, without further indexes.

-- state: 0 done, 1 failed, 2 to be run again, 3 taken for another run. body and error: of failed events only.
-- No index on the key: the writer keeps the keys in memory.
CREATE TABLE inbox (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  tone INTEGER NOT NULL,
  toast TEXT NOT NULL,
  card INTEGER NOT NULL,
  body BLOB,
  error TEXT
) STRICT;
CREATE INDEX inbox_trouble ON inbox (id) WHERE state <> 0;

-- entry: rowid of the newest entry in history; seq and hash: that entry's.
CREATE TABLE request (
  id INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  body TEXT NOT NULL
) STRICT;

-- Append-only. prev: rowid of the entry before it in the same aggregate, 0 for the first.
CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  aggregate INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  counted_at INTEGER NOT NULL,
  "by" TEXT NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  hash BLOB NOT NULL,
  prev INTEGER NOT NULL
) STRICT;

-- What changes seldom and is looked for: apart from the request's body, written only when it differs.
CREATE TABLE open_request (
  id INTEGER PRIMARY KEY,
  wake_at INTEGER,
  urgent INTEGER NOT NULL,
  late INTEGER NOT NULL,
  needs_care INTEGER NOT NULL,
  care_since INTEGER,
  due_at INTEGER NOT NULL
) STRICT;
CREATE INDEX open_request_wake ON open_request (urgent, wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX open_request_board ON open_request (late DESC, urgent DESC, due_at);
CREATE INDEX open_request_care ON open_request (id) WHERE needs_care <> 0;

CREATE TABLE stake (
  request INTEGER NOT NULL,
  n INTEGER NOT NULL,
  person TEXT NOT NULL,
  department TEXT NOT NULL,
  role TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  PRIMARY KEY (request, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX stake_person ON stake (person);
CREATE INDEX stake_department ON stake (department);

CREATE VIRTUAL TABLE search USING fts5 (words, tokenize = 'unicode61 remove_diacritics 0');

CREATE TABLE policy (hash TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
CREATE TABLE conversation (
  person TEXT NOT NULL,
  app TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (person, app)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversation_id ON conversation (id);
CREATE TABLE chat (
  app TEXT NOT NULL,
  chat TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (app, chat)
) STRICT, WITHOUT ROWID;

-- The directory's facts; counter 'directory' is their version.
CREATE TABLE leave (id INTEGER PRIMARY KEY, person TEXT NOT NULL UNIQUE, body TEXT NOT NULL) STRICT;
CREATE TABLE identity (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  user TEXT NOT NULL,
  person TEXT NOT NULL,
  UNIQUE (app, user)
) STRICT;
CREATE TABLE link_code (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE, until INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- state: 0 waiting, 1 claimed, 2 delivered, 3 dropped, 4 failed, 5 held.
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  chat TEXT NOT NULL,
  request INTEGER NOT NULL,
  kind TEXT NOT NULL,
  body TEXT NOT NULL,
  urgent INTEGER NOT NULL,
  supersedes TEXT NOT NULL,
  first_due INTEGER NOT NULL,
  not_before INTEGER NOT NULL,
  claimed_until INTEGER,
  state INTEGER NOT NULL,
  choice INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  counted INTEGER NOT NULL,
  fence INTEGER NOT NULL,
  kept INTEGER NOT NULL,
  card INTEGER NOT NULL,
  updates_card INTEGER NOT NULL,
  ended_at INTEGER,
  last_error TEXT NOT NULL
) STRICT;
CREATE INDEX outbox_open ON outbox (id) WHERE state < 2;
CREATE INDEX outbox_trouble ON outbox (id) WHERE state > 3;

-- The ledger; id is the fence. body stays only while the outcome is unknown.
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  parcel INTEGER NOT NULL,
  number INTEGER NOT NULL,
  app TEXT NOT NULL,
  chat TEXT NOT NULL,
  person TEXT,
  started_at INTEGER NOT NULL,
  key TEXT NOT NULL,
  body TEXT,
  body_hash BLOB NOT NULL,
  ended_at INTEGER,
  outcome INTEGER,
  detail TEXT
) STRICT;

CREATE TABLE card (
  id INTEGER PRIMARY KEY,
  request INTEGER NOT NULL,
  standing INTEGER NOT NULL,
  body TEXT NOT NULL
) STRICT;
-- standing: live or personal, and not gone.
CREATE INDEX card_standing ON card (request) WHERE standing <> 0;

CREATE TABLE lease (name TEXT PRIMARY KEY, holder TEXT NOT NULL, fence INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;
CREATE TABLE budget (id TEXT NOT NULL, month TEXT NOT NULL, used INTEGER NOT NULL, PRIMARY KEY (id, month)) STRICT, WITHOUT ROWID;
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE document (hash TEXT PRIMARY KEY, kind TEXT NOT NULL, bytes BLOB NOT NULL) STRICT;
-- upto: the newest entry in history that the day's hash covers.
CREATE TABLE anchor (day TEXT PRIMARY KEY, hash BLOB NOT NULL, upto INTEGER NOT NULL) STRICT;

-- Messages of the playground. Every key ever used is remembered.
CREATE TABLE shown (
  rev INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  chat TEXT NOT NULL,
  person TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE TABLE shown_key (key TEXT PRIMARY KEY, id TEXT NOT NULL) STRICT, WITHOUT ROWID;
