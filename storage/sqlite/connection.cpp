#include "storage/sqlite/connection.hpp"

#include <sqlite3.h>

namespace xieban::sqlite {
namespace {
/// SQLite counts its memory under a lock that every allocation takes; nobody reads the count. Fails, and does nothing, once
/// SQLite is in use.
[[maybe_unused]] const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

int flags(Connection::Mode mode) {
  switch (mode) {
    case Connection::Mode::write:
      return SQLite::OPEN_NOMUTEX | SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE;
    case Connection::Mode::look:
      return SQLite::OPEN_NOMUTEX | SQLite::OPEN_READWRITE;
    case Connection::Mode::read:
      break;
  }
  return SQLite::OPEN_NOMUTEX | SQLite::OPEN_READONLY;
}
}  // namespace

Connection::Connection(const std::filesystem::path& path, Mode mode)
    : db_(path.string(), flags(mode), static_cast<int>(busy_timeout.count())) {
  if (mode == Mode::write) {
    db_.exec("PRAGMA journal_mode = WAL");
    db_.exec("PRAGMA synchronous = FULL");
    db_.exec("PRAGMA wal_autocheckpoint = 0");
    db_.exec("PRAGMA cache_size = -32768");
  }
  db_.exec("PRAGMA temp_store = MEMORY");
  db_.exec("PRAGMA trusted_schema = OFF");
  db_.exec("PRAGMA cell_size_check = ON");
}

SQLite::Statement& Connection::kept(const char* text) {
  auto& statement = statements_[text];
  if (!statement) statement = std::make_unique<SQLite::Statement>(db_, text);
  return *statement;
}

std::int64_t Connection::data_version() { return number("PRAGMA data_version").value_or(0); }

Trouble trouble_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const SQLite::Exception& error) {
    const std::string text = error.what();
    switch (error.getErrorCode()) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return {Error(Errc::limited, "the database is busy: " + text), false};
      case SQLITE_FULL:
        return {Error(Errc::limited, "the disk is full: " + text), false};
      case SQLITE_IOERR:
        // The shared-memory file could not grow: a full disk again.
        if (error.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE)
          return {Error(Errc::limited, "the disk is full: " + text), false};
        return {Error(Errc::storage, "reading or writing the database failed: " + text), true};
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        return {Error(Errc::storage, "the database is damaged: " + text), true};
      default:
        return {Error(Errc::storage, text), false};
    }
  } catch (const std::exception& error) {
    return {Error(Errc::storage, error.what()), false};
  } catch (...) {
    return {Error(Errc::storage, "something that is no exception was thrown"), false};
  }
}

}  // namespace xieban::sqlite
