#pragma once
// What is done to the file beside the service: backup, restore, checking the history. They block; run them off the loop.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bot/base/error.hpp"
#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"

namespace xieban {

struct BackupMade {
  std::uint64_t bytes = 0;
  Hash sha256;
};
/// A copy of one instant, checked and on disk before it gets its name; works while the store serves. conflict: `target`
/// exists; not_found: there is no database.
Result<BackupMade> backup_sqlite(const std::filesystem::path& database, const std::filesystem::path& target);

struct Restored {
  TimePoint as_of;         // of the newest event or entry in it
  std::uint64_t held = 0;  // sends that wait for `retry`
};
/// Puts the backup in place as DIR/NAME. Everything that waited to be sent is held: it may have gone out after the backup
/// was made. conflict: DIR is not empty, or the backup's schema is newer than this program.
Result<Restored> restore_sqlite(const std::filesystem::path& backup, const std::filesystem::path& directory,
                                const std::string& name = "xieban.db");

struct HistoryFault {
  std::string request;    // "XB-2026-0012"; "-": no single request
  std::uint64_t seq = 0;  // of the first bad entry
  std::string reason;
};
struct HistoryReport {
  std::uint64_t entries = 0, chains = 0;
  Hash anchor;  // of everything there is now
  std::vector<HistoryFault> faults;
};
/// Checks every chain, the ends noted beside them and the daily anchors. `anchors`: the text of a file with anchors noted
/// elsewhere, see storage/README.md; each must still be found. not_found: there is no database.
Result<HistoryReport> verify_sqlite_history(const std::filesystem::path& database, const std::optional<std::string>& anchors);

}  // namespace xieban
