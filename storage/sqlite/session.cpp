#include "storage/sqlite/session.hpp"

#include <utility>

#include "storage/sending.hpp"

namespace xieban::sqlite {

Session::Session(const std::filesystem::path& path, SameKey same_key, std::function<void(std::size_t)> on_commit)
    : connection_(path, Connection::Mode::write),
      reads_(connection_, &recent_),
      writes_(connection_, recent_),
      same_key_(std::move(same_key)),
      on_commit_(std::move(on_commit)) {}

void Session::refresh() {
  reads_.forget();
  writes_.known().catch_up(connection_);
  writes_.find_ids();
  writes_.fill(queue_);
  stale_ = false;
}

void Session::group_begins() {
  // Inside a transaction nobody else can write any more; a group that only reads may miss what is written meanwhile,
  // and sees it next time.
  const auto version = connection_.data_version();
  if (version != data_version_) stale_ = true;
  data_version_ = version;
  if (stale_) refresh();
  writes_.known().keep();
}

void Session::job_begins() {
  if (stale_) refresh();
  job_mark_ = writes_.known().mark();
}

void Session::job_undone() {
  writes_.known().undo(job_mark_);
  stale_ = true;
}

void Session::group_kept(std::size_t jobs) {
  writes_.known().keep();
  if (on_commit_) on_commit_(jobs);
}

void Session::group_undone() {
  writes_.known().undo(0);
  stale_ = true;
}

std::size_t Session::sweep(TimePoint inbox_before, TimePoint outbox_before, std::size_t limit) {
  // Old rows stand at the front of their tables: only so many of the first are looked at. The last row of a table stays,
  // or its id could be given out again.
  const auto window = 4 * limit;
  std::size_t removed = 0;
  const auto remove = [&](const char* statement, TimePoint before) {
    if (removed < limit) removed += static_cast<std::size_t>(connection_.run(statement, before, limit - removed, window));
  };
  remove(
      "DELETE FROM inbox WHERE id IN (SELECT id FROM (SELECT id, at, state FROM inbox WHERE id < (SELECT max(id) FROM inbox) "
      "ORDER BY id LIMIT ?3) WHERE state = 0 AND at < ?1 LIMIT ?2)",
      inbox_before);
  remove(
      "DELETE FROM outbox WHERE id IN (SELECT id FROM (SELECT id, state, ended_at FROM outbox WHERE id < (SELECT max(id) FROM "
      "outbox) "
      "ORDER BY id LIMIT ?3) WHERE state BETWEEN 2 AND 4 AND ended_at < ?1 LIMIT ?2)",
      outbox_before);
  remove(
      "DELETE FROM attempt WHERE id IN (SELECT a.id FROM (SELECT id, parcel, started_at FROM attempt WHERE id < (SELECT "
      "max(id) FROM "
      "attempt) ORDER BY id LIMIT ?3) a WHERE a.started_at < ?1 AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.id = a.parcel "
      "AND "
      "o.state < 2) LIMIT ?2)",
      outbox_before);
  return removed;
}

void Session::reset() {
  for (const char* statement :
       {"DELETE FROM inbox",        "DELETE FROM request", "DELETE FROM history",   "DELETE FROM open_request",
        "DELETE FROM stake",        "DELETE FROM promise", "DELETE FROM search",    "DELETE FROM policy",
        "DELETE FROM conversation", "DELETE FROM chat",    "DELETE FROM leave",     "DELETE FROM identity",
        "DELETE FROM link_code",    "DELETE FROM outbox",  "DELETE FROM attempt",   "DELETE FROM card",
        "DELETE FROM lease",        "DELETE FROM budget",  "DELETE FROM setting",   "DELETE FROM document",
        "DELETE FROM anchor",       "DELETE FROM shown",   "DELETE FROM shown_key", "DELETE FROM account",
        "DELETE FROM org_unit"}) {
    connection_.run(statement);
  }
  // The version goes on, so that nobody takes an older directory for the new one.
  connection_.run(
      "INSERT INTO counter (name, value) VALUES ('directory', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1");
  reads_.forget();
  writes_.known().clear();
  queue_.clear();
}

}  // namespace xieban::sqlite
