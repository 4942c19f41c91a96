#include "bot/app/backups.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <filesystem>
#include <utility>
#include <vector>

#include "storage/sqlite/offline.hpp"

namespace xieban::app {

namespace asio = boost::asio;
namespace fs = std::filesystem;

int backup_minute(const std::string& at) {
  int hour = -1;
  int minute = -1;
  const auto colon = at.find(':');
  if (colon == std::string::npos) return -1;
  std::from_chars(at.data(), at.data() + colon, hour);
  std::from_chars(at.data() + colon + 1, at.data() + at.size(), minute);
  return hour < 0 || hour > 23 || minute < 0 || minute > 59 ? -1 : hour * 60 + minute;
}

namespace {

Result<void> copy_and_prune(const std::string& source, const std::string& target, int keep) {
  std::error_code code;
  const fs::path folder = fs::path(target).parent_path();
  fs::create_directories(folder, code);
  if (code) return std::unexpected(Error(Errc::storage, "cannot create " + folder.string() + ": " + code.message()));
  const auto made = backup_sqlite(source, target);
  if (!made) return std::unexpected(made.error());
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder, code)) {
    if (entry.path().extension() == fs::path(target).extension()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());  // names carry the date
  for (std::size_t i = 0; i + static_cast<std::size_t>(std::max(keep, 1)) < files.size(); ++i) fs::remove(files[i], code);
  return {};
}

asio::awaitable<Result<void>> on_this_thread(std::string source, std::string target, int keep) {
  co_return copy_and_prune(source, target, keep);
}

}  // namespace

asio::awaitable<Result<void>> make_backup(asio::any_io_executor where, std::string source, std::string target, int keep) {
  co_return co_await asio::co_spawn(where, on_this_thread(std::move(source), std::move(target), keep), asio::use_awaitable);
}

}  // namespace xieban::app
