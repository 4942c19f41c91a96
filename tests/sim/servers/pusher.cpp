#include "tests/sim/servers/pusher.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <chrono>
#include <exception>
#include <utility>

#include "tests/sim/servers/listener.hpp"

namespace xieban::sim {

namespace asio = boost::asio;
using nlohmann::json;

Pusher::Pusher(Stage& stage, PlatformSim& platform, Transport& transport, std::string bot_url)
    : stage_(stage), platform_(platform), transport_(transport), bot_url_(std::move(bot_url)) {
  while (bot_url_.ends_with('/')) bot_url_.pop_back();
}

asio::awaitable<Delivery> Pusher::deliver(Push push, int attempt) {
  if (push.via == Push::Via::stream) co_return co_await platform_.send_on_stream(push, attempt);
  Delivery made;
  made.attempt = attempt;
  const TimePoint before = stage_.clock.now();
  const auto answer = co_await transport_.send(bot_url_, push.request, push.answer_within);
  made.ms = (stage_.clock.now() - before).count();
  if (answer) {
    made.status = answer->status;
    made.body = answer->body;
    made.refused = answer->status == 200 ? platform_.refused_answer(push, answer->body) : 0;
    made.acked = platform_.answered(push, *answer) && made.refused == 0;
    if (auto next = platform_.follow_up(push)) asio::co_spawn(stage_.executor, follow(std::move(*next)), asio::detached);
  }
  co_return made;
}

asio::awaitable<std::vector<Delivery>> Pusher::deliver_copies(Push push, std::size_t copies, bool parallel) {
  std::vector<Delivery> deliveries(copies);
  if (!parallel) {
    for (Delivery& into : deliveries) into = co_await deliver(push, 1);
    co_return deliveries;
  }
  std::size_t open = deliveries.size();
  for (Delivery& into : deliveries) {
    asio::co_spawn(stage_.executor, deliver(push, 1), [&into, &open](std::exception_ptr failed, Delivery made) {
      if (!failed) into = std::move(made);
      --open;
    });
  }
  while (open > 0) co_await pause_for(std::chrono::milliseconds(1));
  co_return deliveries;
}

asio::awaitable<void> Pusher::repeat(Push push) {
  int attempt = 1;
  for (const Duration wait : push.repeats) {
    const TimePoint due = stage_.clock.now() + wait;
    while (stage_.clock.now() < due) co_await pause_for(std::chrono::milliseconds(50));
    push.request = platform_.again(push);
    const Delivery again = co_await deliver(push, ++attempt);
    if (again.acked) co_return;
  }
  platform_.gave_up(push);
}

asio::awaitable<void> Pusher::follow(Push push) {
  const TimePoint due = stage_.clock.now() + push.wait;
  while (stage_.clock.now() < due) co_await pause_for(std::chrono::milliseconds(20));
  co_await deliver(std::move(push), 1);
}

asio::awaitable<Result<json>> Pusher::push(json what) {
  std::string error;
  const auto push = platform_.push(what, error);
  if (!push) co_return std::unexpected(Error(Errc::bad_input, error));
  if (push->via == Push::Via::webhook && bot_url_.empty())
    co_return std::unexpected(Error(Errc::bad_input, "started without --to"));
  json list = json::array();
  if (push->via != Push::Via::nothing) {
    const auto copies = static_cast<std::size_t>(what.value("copies", 1));
    const bool parallel = what.value("parallel", false);
    const auto deliveries = co_await deliver_copies(*push, copies, parallel);
    for (const Delivery& one : deliveries) {
      list.push_back(
          {{"attempt", one.attempt}, {"status", one.status}, {"ms", one.ms}, {"body", one.body}, {"acked", one.acked}});
      if (one.refused != 0) list.back()["refused"] = one.refused;
      if (!one.acked && !push->repeats.empty()) asio::co_spawn(stage_.executor, repeat(*push), asio::detached);
    }
  }
  co_return json{{"id", push->id}, {"deliveries", std::move(list)}};
}

}  // namespace xieban::sim
