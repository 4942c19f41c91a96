#pragma once
// Tells the people named in [alarm] when something was put aside or the clock jumped, and a monitor that all is well.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bot/engine/rules_box.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"
#include "config/config.hpp"

namespace xieban::app {

class AlarmBell {
 public:
  AlarmBell(Store&, TimeSource&, const RulesBox&, config::Alarm, Transport&, std::function<void()> on_commit);
  /// Looks every ten seconds until stop().
  boost::asio::awaitable<void> run();
  void stop();
  void set(config::Alarm);
  /// Tells them this with the next look.
  void tell(std::string what);

 private:
  boost::asio::awaitable<void> look();
  boost::asio::awaitable<bool> ring(std::string what, std::size_t more);
  boost::asio::awaitable<void> heartbeat();

  Store& store_;
  TimeSource& time_;
  const RulesBox& rules_;
  config::Alarm settings_;
  Transport& transport_;
  std::function<void()> on_commit_;
  std::unique_ptr<Alarm> alarm_;
  std::vector<std::string> to_tell_;
  std::optional<TimePoint> seen_until_;
  std::optional<TimePoint> beat_at_;
  bool stopped_ = false;
};

}  // namespace xieban::app
