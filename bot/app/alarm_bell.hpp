#pragma once
// Tells the people named in [alarm] when something was put aside, an app is locked out, lacks a permission,
// has its long connection refused, or the clock jumped, and a monitor that all is well.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bot/engine/ailments.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/engine/sender.hpp"
#include "bot/engine/streams.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"
#include "config/config.hpp"

namespace xieban::app {

class AlarmBell {
 public:
  AlarmBell(Store&, TimeSource&, const RulesBox&, config::Alarm, const Sender&, const Streams&, const Ailments&, Transport&,
            std::function<void()> on_commit);
  /// Looks every ten seconds until stop().
  boost::asio::awaitable<void> run();
  void stop();
  void set(config::Alarm);
  /// Tells them this with the next look.
  void tell_soon(Phrase);

 private:
  boost::asio::awaitable<void> tell_what_waits();
  boost::asio::awaitable<void> look_at_troubles();
  boost::asio::awaitable<void> look_at_apps();
  boost::asio::awaitable<void> look_at_streams();
  boost::asio::awaitable<void> look_at_ailments();
  /// False: the store could not keep it; try again.
  boost::asio::awaitable<bool> tell(Phrase);
  boost::asio::awaitable<void> heartbeat();

  Store& store_;
  TimeSource& time_;
  const RulesBox& rules_;
  config::Alarm settings_;
  const Sender& sender_;
  const Streams& streams_;
  const Ailments& ailments_;
  Transport& transport_;
  std::function<void()> on_commit_;
  std::unique_ptr<Alarm> alarm_;
  std::vector<Phrase> to_tell_;
  std::optional<TimePoint> seen_until_;
  // Apps that are locked out, or whose long connection is refused, and people know.
  std::set<AppId> told_of_, told_of_streams_;
  std::map<std::pair<AppId, std::string>, TimePoint> told_of_ailments_;  // when
  std::optional<TimePoint> beat_at_;
  bool stopped_ = false;
};

}  // namespace xieban::app
