#pragma once
#include <span>
#include <string_view>

#include "bot/base/error.hpp"
#include "bot/base/time.hpp"
#include "storage/sqlite/connection.hpp"

namespace xieban::sqlite {

struct Migration {
  int id = 0;             // 1, 2, 3 …
  std::string_view name;  // "0001_start"
  std::string_view sql;
};
/// Those of this program, in order.
std::span<const Migration> migrations();

/// Brings the schema up to date, each migration in a transaction of its own. conflict, without any change: the schema is
/// newer than this program, a migration that was applied has been changed since, or it is not a database of Xieban.
Result<void> migrate(SQLite::Database&, std::span<const Migration>, TimePoint now);
/// Checks the same, changes nothing. How many migrations are still to be applied.
Result<std::size_t> check_schema(SQLite::Database&, std::span<const Migration>);

/// "XiBn": stands in the file's header.
constexpr int application_id = 0x5869426e;

}  // namespace xieban::sqlite
