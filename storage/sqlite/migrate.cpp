#include "storage/sqlite/migrate.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

#include "bot/crypto/crypto.hpp"

namespace xieban::embedded {
std::string_view sqlite_migration(std::string_view name);
}

namespace xieban::sqlite {
namespace {

struct Applied {
  std::string name, checksum;
};
std::map<int, Applied> applied(SQLite::Database& db) {
  std::map<int, Applied> found;
  if (!db.tableExists("migration")) return found;
  SQLite::Statement row(db, "SELECT id, name, checksum FROM migration");
  while (row.executeStep())
    found[row.getColumn(0).getInt()] = Applied{row.getColumn(1).getString(), row.getColumn(2).getString()};
  return found;
}

std::unexpected<Error> conflict(std::string text) { return std::unexpected(Error(Errc::conflict, std::move(text))); }

void apply(SQLite::Database& db, const Migration& migration, TimePoint now) {
  SQLite::Transaction transaction(db, SQLite::TransactionBehavior::IMMEDIATE);
  if (migration.id == 1) {
    db.exec(
        "CREATE TABLE migration (id INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, at INTEGER NOT NULL) "
        "STRICT");
    db.exec("PRAGMA application_id = " + std::to_string(application_id));
  }
  db.exec(std::string(migration.sql));
  SQLite::Statement row(db, "INSERT INTO migration (id, name, checksum, at) VALUES (?,?,?,?)");
  row.bind(1, migration.id);
  row.bind(2, std::string(migration.name));
  row.bind(3, crypto::sha256_hex(migration.sql));
  row.bind(4, now.time_since_epoch().count());
  row.exec();
  transaction.commit();
}

}  // namespace

std::span<const Migration> migrations() {
  static const std::array all{
      Migration{1, "0001_start", embedded::sqlite_migration("0001_start")},
      Migration{2, "0002_accounts", embedded::sqlite_migration("0002_accounts")},
      Migration{3, "0003_promises", embedded::sqlite_migration("0003_promises")},
  };
  return all;
}

Result<std::size_t> check_schema(SQLite::Database& db, std::span<const Migration> known) {
  try {
    const auto id = db.execAndGet("PRAGMA application_id").getInt();
    const auto tables = db.execAndGet("SELECT count(*) FROM sqlite_schema").getInt();
    if (id != application_id && (id != 0 || tables != 0)) return conflict("the file is a database of another program");
    const auto done = applied(db);
    const auto newest = known.empty() ? 0 : known.back().id;
    if (!done.empty() && done.rbegin()->first > newest) {
      return conflict("the database has schema " + std::to_string(done.rbegin()->first) +
                      ", this program knows schemas up to " + std::to_string(newest) +
                      ": use the newer program, or restore a backup from before its upgrade");
    }
    for (const auto& migration : known) {
      const auto found = done.find(migration.id);
      if (found != done.end() && found->second.checksum != crypto::sha256_hex(migration.sql)) {
        return conflict("migration " + found->second.name + " was applied with other content than this program has");
      }
    }
    return known.size() - done.size();
  } catch (const SQLite::Exception&) {
    return std::unexpected(trouble_of(std::current_exception()).error);
  }
}

Result<void> migrate(SQLite::Database& db, std::span<const Migration> known, TimePoint now) {
  const auto open = check_schema(db, known);
  if (!open) return std::unexpected(open.error());
  try {
    for (const auto& migration : known) {
      if (!applied(db).contains(migration.id)) apply(db, migration, now);
    }
  } catch (const SQLite::Exception&) {
    return std::unexpected(trouble_of(std::current_exception()).error);
  }
  return {};
}

}  // namespace xieban::sqlite
