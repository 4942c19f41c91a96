-- Of archived requests: what was due by when, and when it was handed in. task: 0 is the request itself.
CREATE TABLE promise (
  request INTEGER NOT NULL,
  task INTEGER NOT NULL,
  department TEXT NOT NULL,
  due_at INTEGER NOT NULL,
  delivered_at INTEGER NOT NULL,
  PRIMARY KEY (request, task)
) STRICT, WITHOUT ROWID;
CREATE INDEX promise_department ON promise (department, due_at);
