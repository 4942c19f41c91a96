#include "tests/sim/servers/control.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>
#include <exception>
#include <utility>
#include <vector>

namespace xieban::sim {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr Duration answer_within{3000};
/// When an event that was not answered with 200 comes again (open.feishu.cn, event delivery).
constexpr std::array<Duration, 4> repeats = {Duration{15000}, Duration{300000}, Duration{3600000}, Duration{21600000}};

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

Answer as_json(const json& body, int status = 200) {
  Answer answer;
  answer.response = HttpResponse(status, dump(body), "application/json; charset=utf-8");
  return answer;
}
Answer bad(const std::string& message) { return as_json({{"error", {{"code", "bad_field"}, {"message", message}}}}, 400); }

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Simulator::Simulator(asio::any_io_executor executor, Transport& transport, std::string bot_url, std::uint64_t seed)
    : executor_(std::move(executor)),
      transport_(transport),
      bot_url_(std::move(bot_url)),
      feishu_(world_, journal_, clock_, seed) {
  while (bot_url_.ends_with('/')) bot_url_.pop_back();
}

asio::awaitable<Answer> Simulator::handle(HttpRequest request) {
  const bool controls = request.path().starts_with("/_sim/");
  std::string failed;
  try {
    if (controls) co_return co_await control(std::move(request));
    co_return co_await platform(std::move(request));
  } catch (const std::exception& error) {
    failed = error.what();
  }
  co_return bad(failed);
}

asio::awaitable<Answer> Simulator::platform(HttpRequest request) {
  const auto fault = faults_.take(request);
  Received seen;
  seen.at = clock_.now();
  seen.request = request;
  if (fault) seen.fault = fault->id;

  Outcome outcome;
  const std::string what = fault ? fault->what : "";
  if (what == "expire_token") feishu_.expire_tokens();
  if (what == "refuse_token") {
    feishu_.refuse_tokens(true);
    feishu_.expire_tokens();
  }
  const bool instead = what == "status" || what == "business" || what == "reset" || what == "drop_silently";
  if (what == "status") {
    outcome.response = HttpResponse(fault->status, "", "text/plain");
  } else if (what == "business") {
    outcome = Feishu::business(fault->code, "fault", fault->status == 500 ? 400 : fault->status);
  } else if (what == "drop_silently") {
    outcome.response = HttpResponse(200, dump({{"code", 0}, {"msg", "success"}, {"data", {{"message_id", "om_dropped"}}}}),
                                    "application/json");
  } else if (!instead) {
    outcome = feishu_.call(request);
  }
  if (what == "refuse_token") feishu_.refuse_tokens(false);

  Answer answer;
  answer.response = outcome.response;
  if (fault) {
    for (const auto& [name, value] : fault->headers.items()) answer.response.headers.set(name, value.get<std::string>());
    if (what == "hang") answer.wire = Wire::hang;
    if (what == "trickle") answer.wire = Wire::trickle;
    if (what == "cut") answer.wire = Wire::cut;
    if (what == "reset" || what == "reset_after_accept") answer.wire = Wire::reset;
    if (what == "garbage") answer.chunk_of_garbage = true;
    if (what == "big") answer.response.body = std::string(static_cast<std::size_t>(fault->ms.value_or(100 * 1024 * 1024)), 'x');
    if (what == "trickle" && fault->ms) answer.pause = std::chrono::milliseconds(*fault->ms);
  }
  seen.app = outcome.app;
  seen.status = answer.response.status;
  seen.code = outcome.code;
  seen.accepted = outcome.accepted;
  journal_.received(std::move(seen));
  if (what == "delay") co_await pause_for(std::chrono::milliseconds(fault->ms.value_or(1000)));
  co_return answer;
}

asio::awaitable<Simulator::Delivery> Simulator::deliver(HttpRequest request, int attempt) {
  Delivery made;
  made.attempt = attempt;
  const TimePoint before = clock_.now();
  const auto answer = co_await transport_.send(bot_url_, std::move(request), answer_within);
  made.ms = (clock_.now() - before).count();
  if (answer) {
    made.status = answer->status;
    made.body = answer->body;
    made.acked = answer->status == 200;
  }
  co_return made;
}

asio::awaitable<void> Simulator::repeat(HttpRequest request) {
  int attempt = 1;
  for (const Duration wait : repeats) {
    const TimePoint due = clock_.now() + wait;
    while (clock_.now() < due) co_await pause_for(std::chrono::milliseconds(50));
    const Delivery again = co_await deliver(request, ++attempt);
    if (again.acked) co_return;
  }
}

asio::awaitable<Answer> Simulator::events(json what) {
  if (bot_url_.empty()) co_return bad("started without --to");
  std::string error;
  const auto push = feishu_.push(what, error);
  if (!push) co_return bad(error);
  const int copies = what.value("copies", 1);
  const bool parallel = what.value("parallel", false);
  std::vector<Delivery> deliveries(static_cast<std::size_t>(copies));
  if (parallel) {
    std::size_t open = deliveries.size();
    for (Delivery& into : deliveries) {
      asio::co_spawn(executor_, deliver(push->request, 1), [&into, &open](std::exception_ptr failed, Delivery made) {
        if (!failed) into = std::move(made);
        --open;
      });
    }
    while (open > 0) co_await pause_for(std::chrono::milliseconds(1));
  } else {
    for (Delivery& into : deliveries) into = co_await deliver(push->request, 1);
  }
  json list = json::array();
  for (const Delivery& one : deliveries) {
    list.push_back(
        {{"attempt", one.attempt}, {"status", one.status}, {"ms", one.ms}, {"body", one.body}, {"acked", one.acked}});
    if (!one.acked && push->repeats) asio::co_spawn(executor_, repeat(push->request), asio::detached);
  }
  co_return as_json({{"id", push->id}, {"deliveries", std::move(list)}});
}

asio::awaitable<Answer> Simulator::control(HttpRequest request) {
  const std::string path(request.path().substr(6));
  json body;
  if (!request.body.empty()) {
    body = json::parse(request.body, nullptr, false);
    if (body.is_discarded()) co_return bad("the body is not JSON");
  }
  if (path == "world" && request.method == "GET") co_return as_json(world_.all());
  if (path == "world" && request.method == "PUT") {
    const std::string problem = world_.put(body);
    if (!problem.empty()) co_return bad(problem);
    co_return as_json(world_.all());
  }
  if (path == "events" && request.method == "POST") co_return co_await events(std::move(body));
  if (path == "faults" && request.method == "POST") {
    const auto added = faults_.add(body);
    if (!added) co_return bad(added.error().text);
    co_return as_json({{"id", *added}});
  }
  if (path == "faults" && request.method == "DELETE") {
    faults_.clear();
    co_return as_json(json::object());
  }
  if (path.starts_with("faults/") && request.method == "DELETE") {
    faults_.remove(static_cast<int>(number(path.substr(7))));
    co_return as_json(json::object());
  }
  if (path == "received") co_return as_json(journal_.received_json(number(request.param("after")), request.param("path")));
  if (path == "messages") {
    co_return as_json(journal_.shown_json(number(request.param("after")), request.param("chat"), request.param("user")));
  }
  if (path == "clock" && request.method == "POST") {
    if (body.contains("advance")) {
      const auto by = parse_iso_duration(body["advance"].get<std::string>());
      if (!by) co_return bad("advance is not an ISO 8601 duration");
      clock_.advance(*by);
    } else {
      const auto to = parse_rfc3339(body.value("to", ""));
      if (!to) co_return bad("to is not an RFC 3339 time");
      clock_.advance(*to - clock_.now());
    }
    co_return as_json({{"now", to_rfc3339(clock_.now())}});
  }
  if (path == "reset" && request.method == "POST") {
    journal_.clear();
    faults_.clear();
    feishu_.clear();
    co_return as_json(json::object());
  }
  co_return as_json({{"error", {{"code", "not_found"}, {"message", "no such control: " + path}}}}, 404);
}

}  // namespace xieban::sim
