#pragma once
// The daily backup of a running service.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>

#include "bot/base/error.hpp"

namespace xieban::app {

/// "02:30" -> 150; anything else -> -1: no backups.
int backup_minute(const std::string& at);
/// Copies the database on `where` and removes the oldest files of the folder beyond `keep`.
boost::asio::awaitable<Result<void>> make_backup(boost::asio::any_io_executor where, std::string source, std::string target,
                                                 int keep);

}  // namespace xieban::app
