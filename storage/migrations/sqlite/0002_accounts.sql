-- What platforms' directories say: facts of the directory, too.
CREATE TABLE account (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  user TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (app, user)
) STRICT;
CREATE TABLE org_unit (
  id INTEGER PRIMARY KEY,
  app TEXT NOT NULL,
  unit TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (app, unit)
) STRICT;
