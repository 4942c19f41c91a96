#pragma once
// One event, start to finish: decode, decide in the store, answer after the commit.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "bot/base/metrics.hpp"
#include "bot/base/rng.hpp"
#include "bot/engine/ailments.hpp"
#include "bot/engine/contact_book.hpp"
#include "bot/engine/rules_box.hpp"
#include "bot/engine/signal.hpp"
#include "bot/ports/platform.hpp"
#include "bot/ports/store.hpp"
#include "bot/ports/time_source.hpp"

namespace xieban {

/// Lives as long as the loop; all calls on its thread. References outlive it. What runs late runs on after the answer:
/// keep it until in_flight() is zero.
class Intake {
 public:
  /// `on_commit` tells whoever sends and wakes; called on the loop after each commit, with what it left to do.
  Intake(Store&, TimeSource&, RulesBox&, Metrics&, Rng, std::function<void(const Work&)> on_commit);

  /// Always answers: 200 after the commit; 401, 400 for bytes that are not the platform's; 503 (a press: "try again")
  /// when the store is busy or the platform's time for this kind of event less half a second has passed. The commit may
  /// still happen then, and the repeat finds its outcome: a message is tried for another minute, as not every platform sends
  /// it again. `platform` is used for the duration of the call.
  boost::asio::awaitable<HttpResponse> receive(const Platform& platform, HttpRequest);
  /// An event that was put aside, again. bad_input: not what was kept; thrown: put aside once more.
  boost::asio::awaitable<Result<void>> replay(const Platform& platform, RawEvent);
  /// Strangers are looked up there before they are answered.
  void acquaint(ContactBook& contacts) { contacts_ = &contacts; }
  /// What is wrong with apps and connections, for /体检.
  void ask_ailments_of(std::function<std::vector<Phrase>()> ailments) { ailments_ = std::move(ailments); }
  /// Where it is noted what platforms say of their apps' state.
  void report_to(Ailments& ailments) { heard_ = &ailments; }
  /// Hears what an administrator must see to.
  void tell_alarms(std::function<void(const AppId&, const std::string& what)> alarmed) { alarmed_ = std::move(alarmed); }
  /// What happened longer ago than events are kept could not be told from a repeat: it is taken for one. By this clock and
  /// by ours, whichever is behind.
  void forget_before(Duration kept, const TimeSource& clock) { kept_ = kept, clock_ = &clock; }
  /// From now on every event is answered busy. What is still tried is tried once more.
  void stop();
  /// Events being handled, those included whose answer could not wait and those that are tried again.
  [[nodiscard]] std::size_t in_flight() const;
  /// Until none is.
  boost::asio::awaitable<void> idle();

 private:
  struct Unit;
  struct Report;
  /// A message that the store did not take.
  struct Refused {
    Inbound inbound;
    std::string kept;
    TimePoint until;
  };
  boost::asio::awaitable<HttpResponse> handle(const Platform& platform, HttpRequest request, Report& report);
  std::shared_ptr<Unit> begin(boost::asio::any_io_executor executor, Inbound inbound, std::string kept, TimePoint now);
  [[nodiscard]] bool forgotten(const Inbound&) const;
  void make_plan(Unit& unit);
  void note_ailment(const AppId& app, const Ignored& ignored);
  void note_voice(const AppId& app);
  void note_old(const AppId& app);
  static boost::asio::awaitable<void> decide(Intake* self, std::shared_ptr<Unit> unit);
  void keep_trying(boost::asio::any_io_executor executor, const Unit& unit);
  static boost::asio::awaitable<void> try_refused(Intake* self);
  void one_ended();
  HttpResponse answer(const Platform& platform, const Unit& unit) const;
  boost::asio::awaitable<void> get_ready(Inbound& inbound, TimePoint until);

  Store& store_;
  TimeSource& time_;
  RulesBox& rules_;
  Metrics& metrics_;
  Rng rng_;
  std::function<void(const Work&)> on_commit_;
  ContactBook* contacts_ = nullptr;
  Duration kept_{0};
  const TimeSource* clock_ = nullptr;
  std::function<std::vector<Phrase>()> ailments_;
  Ailments* heard_ = nullptr;
  std::set<std::pair<AppId, std::string>> ailing_;  // what of it came with events
  std::map<AppId, int> too_old_;                    // messages of each, since one that was not
  std::function<void(const AppId&, const std::string& what)> alarmed_;
  bool directory_read_ = false;
  bool stopped_ = false;
  std::size_t in_flight_ = 0;
  Signal ended_;                 // none is in flight
  std::deque<Refused> refused_;  // oldest first
  std::size_t refused_bytes_ = 0;
  std::shared_ptr<Alarm> refused_pause_;
};

}  // namespace xieban
