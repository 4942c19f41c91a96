#pragma once
// /healthz, /readyz, /metrics.

#include <vector>

#include "bot/base/metrics.hpp"
#include "bot/engine/ailments.hpp"
#include "bot/engine/contact_book.hpp"
#include "bot/engine/outbox.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/engine/sender.hpp"
#include "bot/engine/streams.hpp"
#include "bot/net/router.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"
#include "config/load.hpp"

namespace xieban::app {

class Probes {
 public:
  Probes(Store&, TimeSource&, const RulesBox&, const Sender&, const Streams&, const Outbox&, const ContactBook&,
         const Ailments&, Metrics&, std::vector<config::Problem> warnings);
  void add_routes(Router&);
  void set_warnings(std::vector<config::Problem>);
  /// What is wrong with apps, connections and directories: for /体检.
  [[nodiscard]] std::vector<Phrase> ailments() const;
  /// What /readyz says in its status.
  boost::asio::awaitable<bool> ready();

 private:
  boost::asio::awaitable<HttpResponse> readyz();
  Store& store_;
  TimeSource& time_;
  const RulesBox& rules_;
  const Sender& sender_;
  const Streams& streams_;
  const Outbox& outbox_;
  const ContactBook& contacts_;
  const Ailments& ailments_;
  Metrics& metrics_;
  std::vector<config::Problem> warnings_;
};

}  // namespace xieban::app
