#pragma once
// What the playground's API asks of the service; the composition root implements it.

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>

#include "bot/base/error.hpp"
#include "bot/base/time.hpp"
#include "bot/core/rules.hpp"
#include "bot/ports/http.hpp"
#include "bot/ports/store.hpp"

namespace xieban {

/// What turning the clock did.
struct ClockTurn {
  TimePoint now;
  std::optional<TimePoint> next;  // the next planned instant
  std::size_t wakes = 0, sends = 0;
};

/// All calls on the loop's thread.
class PlaygroundHost {
 public:
  virtual ~PlaygroundHost() = default;
  [[nodiscard]] virtual TimePoint now() const = 0;
  [[nodiscard]] virtual RulesPtr rules() const = 0;
  [[nodiscard]] virtual Store& store() = 0;
  /// Feishu, DingTalk or WeCom is configured: the clock must not be turned.
  [[nodiscard]] virtual bool real_apps() const = 0;
  /// An event of the playground platform, through the same intake as any webhook.
  virtual boost::asio::awaitable<HttpResponse> receive(HttpRequest) = 0;
  /// Returns when all that is due now is committed, composed and shown.
  virtual boost::asio::awaitable<void> settle() = 0;
  /// Steps from instant to instant up to `to`; nullopt: to the next planned instant.
  /// The clock runs meanwhile: an instant that has passed by then is reached already.
  virtual boost::asio::awaitable<Result<ClockTurn>> turn(std::optional<TimePoint> to) = 0;
  /// Empty data; the clock back to the system's, or to `now`.
  virtual boost::asio::awaitable<Result<TimePoint>> reset(std::optional<TimePoint> now) = 0;
};

}  // namespace xieban
