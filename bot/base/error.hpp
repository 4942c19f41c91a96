#pragma once
// Errors as values where a caller can act; exceptions are for what is broken.

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace xieban {

enum class Errc {
  bad_input,      // the bytes are not what the protocol says
  bad_signature,  // the bytes are not from who they claim to be from
  not_found,      // no such row, file, app
  limited,        // a queue or a store is full or busy: try again later
  timed_out,      // no answer in time
  network,        // connection refused, reset, closed early, TLS refused
  storage,        // the disk or the database failed
  conflict,       // someone else holds it: lease, lock, newer schema
  thrown,         // a pure function threw: a bug; what it worked on was put aside
  shutting_down,  // the process is stopping
};

std::string_view to_string(Errc);

/// What went wrong, in English, for the log and the administrator; never shown to chat users as it is.
/// Has a constructor on purpose: g++ 12 destroys braced aggregates twice in coroutines.
struct Error {
  Errc code;
  std::string text;
  Error(Errc errc, std::string what) : code(errc), text(std::move(what)) {}
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace xieban

/// `BOT_CO_TRY(auto row, co_await f());` leaves the coroutine with the error, or goes on with the value.
#define BOT_CO_TRY_JOIN2(a, b) a##b
#define BOT_CO_TRY_JOIN(a, b) BOT_CO_TRY_JOIN2(a, b)
#define BOT_CO_TRY(declaration, expression)                                                                         \
  auto BOT_CO_TRY_JOIN(bot_try_, __LINE__) = (expression);                                                          \
  if (!BOT_CO_TRY_JOIN(bot_try_, __LINE__)) co_return std::unexpected(BOT_CO_TRY_JOIN(bot_try_, __LINE__).error()); \
  declaration = std::move(*BOT_CO_TRY_JOIN(bot_try_, __LINE__))
/// The same for a Result<void>: `BOT_CO_CHECK(co_await f());`.
#define BOT_CO_CHECK(expression) \
  if (auto bot_checked = (expression); !bot_checked) co_return std::unexpected(std::move(bot_checked).error())
