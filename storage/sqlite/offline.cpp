#include "storage/sqlite/offline.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "storage/sqlite/connection.hpp"
#include "storage/sqlite/migrate.hpp"

namespace xieban {
namespace {

namespace fs = std::filesystem;

std::unexpected<Error> failed(Errc code, std::string text) { return std::unexpected(Error(code, std::move(text))); }
std::unexpected<Error> failed_with_errno(std::string what) {
  return failed(Errc::storage, std::move(what) + ": " + std::strerror(errno));
}

/// Removes the file when it goes, unless it got its name.
class Temporary {
 public:
  explicit Temporary(fs::path path) : path_(std::move(path)) {}
  ~Temporary() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;
  [[nodiscard]] const fs::path& path() const { return path_; }
  void keep() { path_.clear(); }

 private:
  fs::path path_;
};

Result<void> sync(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed_with_errno("cannot open " + path.string());
  const bool done = ::fsync(file) == 0;
  const int saved = errno;
  ::close(file);
  errno = saved;
  if (!done) return failed_with_errno("cannot sync " + path.string());
  return {};
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

/// On disk under its own name, or not at all.
Result<void> put_in_place(Temporary& file, const fs::path& target) {
  if (auto synced = sync(file.path()); !synced) return synced;
  std::error_code error;
  fs::rename(file.path(), target, error);
  if (error) return failed(Errc::storage, "cannot rename to " + target.string() + ": " + error.message());
  file.keep();
  return sync(folder_of(target));
}

Result<BackupMade> digest(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  crypto::Sha256 sum;
  BackupMade made;
  std::string chunk(1U << 20U, '\0');
  while (file) {
    file.read(chunk.data(), static_cast<std::streamsize>(chunk.size()));
    const auto count = static_cast<std::size_t>(file.gcount());
    sum.add(std::string_view(chunk).substr(0, count));
    made.bytes += count;
  }
  if (!file.eof()) return failed(Errc::storage, "cannot read " + path.string());
  made.sha256 = Hash(crypto::hex(sum.digest()));
  return made;
}

Result<void> check(SQLite::Database& db, const std::string& what) {
  SQLite::Statement row(db, "PRAGMA integrity_check(1)");
  if (row.executeStep() && row.getColumn(0).getString() != "ok") {
    return failed(Errc::storage, what + " is damaged: " + row.getColumn(0).getString());
  }
  return {};
}

Result<BackupMade> make_backup(const fs::path& database, const fs::path& target) {
  Temporary copy(target.string() + ".part");
  std::error_code ignored;
  fs::remove(copy.path(), ignored);
  {
    SQLite::Database source(database.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX,
                            static_cast<int>(sqlite::busy_timeout.count()));
    if (auto known = sqlite::check_schema(source, sqlite::migrations()); !known) return std::unexpected(known.error());
    SQLite::Statement vacuum(source, "VACUUM INTO ?");
    vacuum.bind(1, copy.path().string());
    vacuum.exec();
  }
  {
    SQLite::Database made(copy.path().string(), SQLite::OPEN_READONLY | SQLite::OPEN_NOMUTEX);
    if (auto sound = check(made, "the copy"); !sound) return std::unexpected(sound.error());
  }
  auto result = digest(copy.path());
  if (!result) return result;
  if (auto placed = put_in_place(copy, target); !placed) return std::unexpected(placed.error());
  return result;
}

Result<Restored> make_restored(const fs::path& backup, const fs::path& directory, const std::string& name) {
  Temporary copy(directory / (name + ".part"));
  std::error_code error;
  fs::copy_file(backup, copy.path(), fs::copy_options::overwrite_existing, error);
  if (error) return failed(Errc::storage, "cannot copy " + backup.string() + ": " + error.message());
  fs::permissions(copy.path(), fs::perms::owner_read | fs::perms::owner_write, error);
  Restored restored;
  {
    SQLite::Database db(copy.path().string(), SQLite::OPEN_READWRITE | SQLite::OPEN_NOMUTEX);
    if (db.execAndGet("PRAGMA application_id").getInt() != sqlite::application_id) {
      return failed(Errc::conflict, backup.string() + " is not a backup of Xieban");
    }
    if (auto known = sqlite::check_schema(db, sqlite::migrations()); !known) return std::unexpected(known.error());
    if (auto sound = check(db, backup.string()); !sound) return std::unexpected(sound.error());
    restored.as_of = TimePoint(Duration(db.execAndGet("SELECT max(coalesce((SELECT max(at) FROM inbox), 0), "
                                                      "coalesce((SELECT max(at) FROM history), 0), "
                                                      "coalesce((SELECT max(started_at) FROM attempt), 0))")
                                            .getInt64()));
    restored.held = static_cast<std::uint64_t>(
        db.exec("UPDATE outbox SET state = 5, claimed_until = NULL, last_error = 'held by restore' WHERE state < 2"));
  }
  if (auto placed = put_in_place(copy, directory / name); !placed) return std::unexpected(placed.error());
  return restored;
}

}  // namespace

Result<BackupMade> backup_sqlite(const fs::path& database, const fs::path& target) {
  std::error_code error;
  if (!fs::exists(database, error)) return failed(Errc::not_found, "there is no database " + database.string());
  if (fs::exists(target, error)) return failed(Errc::conflict, target.string() + " exists");
  try {
    return make_backup(database, target);
  } catch (...) {
    return std::unexpected(sqlite::trouble_of(std::current_exception()).error);
  }
}

Result<Restored> restore_sqlite(const fs::path& backup, const fs::path& directory, const std::string& name) {
  std::error_code error;
  if (!fs::is_regular_file(backup, error)) return failed(Errc::not_found, "there is no file " + backup.string());
  if (fs::exists(directory, error)) {
    if (!fs::is_directory(directory, error) || !fs::is_empty(directory, error)) {
      return failed(Errc::conflict, directory.string() + " is not an empty folder");
    }
  } else if (!fs::create_directories(directory, error)) {
    return failed(Errc::storage, "cannot create " + directory.string() + ": " + error.message());
  }
  fs::permissions(directory, fs::perms::owner_all, error);
  try {
    return make_restored(backup, directory, name);
  } catch (...) {
    return std::unexpected(sqlite::trouble_of(std::current_exception()).error);
  }
}

}  // namespace xieban
