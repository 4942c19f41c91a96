#pragma once
// Tells platforms where presses are to be posted, where only an API can: DingTalk over HTTP, with a public_url.

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <vector>

#include "adapters/dingtalk/settings.hpp"
#include "bot/engine/ailments.hpp"
#include "bot/ports/time_source.hpp"
#include "bot/ports/transport.hpp"
#include "config/config.hpp"

namespace xieban::app {

class CardCallbacks {
 public:
  CardCallbacks(const config::Config&, Transport&, TimeSource&, Ailments&);
  /// Every minute until each is registered or stop(): without one, its buttons have no effect.
  boost::asio::awaitable<void> run();
  void stop();

 private:
  struct Registration {
    dingtalk::Settings settings;
    std::string url;
    std::string why;  // it failed last
  };
  /// Why not; empty: done.
  boost::asio::awaitable<std::string> put(Registration) const;

  Transport& transport_;
  TimeSource& time_;
  Ailments& ailments_;
  std::unique_ptr<Alarm> alarm_;
  std::vector<Registration> missing_;
  bool stopped_ = false;
};

}  // namespace xieban::app
