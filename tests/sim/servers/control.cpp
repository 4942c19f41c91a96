#include "tests/sim/servers/control.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/sim/servers/answers.hpp"

namespace xieban::sim {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

Answer as_json(const json& body, int status = 200) {
  Answer answer;
  answer.response = json_response(body, status);
  return answer;
}
Answer bad(const std::string& message) { return as_json({{"error", {{"code", "bad_field"}, {"message", message}}}}, 400); }

Answer only_read() {
  Answer answer = as_json({{"error", {{"code", "bad_method"}, {"message", "read it with GET"}}}}, 405);
  answer.response.headers.set("Allow", "GET");
  return answer;
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

const std::vector<std::string_view> of_events = {"kind",   "app",    "chat", "user",   "text",     "mentions", "message",
                                                 "action", "inputs", "id",   "copies", "parallel", "via",      "raw"};
const std::vector<std::string_view> of_streams = {"do", "app", "ms"};

/// What a fault does to the bytes of an answer.
void spoil(Answer& answer, const Fault& fault) {
  const std::string& what = fault.what;
  for (const auto& [name, value] : fault.headers.items()) answer.response.headers.set(name, value.get<std::string>());
  if (what == "hang") answer.wire = Wire::hang;
  if (what == "trickle") answer.wire = Wire::trickle;
  if (what == "cut") answer.wire = Wire::cut;
  if (what == "reset" || what == "reset_after_accept") answer.wire = Wire::reset;
  if (what == "garbage") answer.chunk_of_garbage = true;
  if (what == "big") answer.response.body = std::string(static_cast<std::size_t>(fault.ms.value_or(100 * 1024 * 1024)), 'x');
  if (what == "trickle" && fault.ms) answer.pause = std::chrono::milliseconds(*fault.ms);
}

}  // namespace

Simulator::Simulator(Stage& stage, PlatformSim& platform, Transport& transport, std::string bot_url)
    : stage_(stage), platform_(platform), pusher_(stage, platform, transport, std::move(bot_url)) {}

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

std::shared_ptr<SocketUser> Simulator::upgrade(const HttpRequest& request, HttpResponse& refusal) {
  Received seen;
  seen.at = stage_.clock.now();
  seen.request = request;
  auto user = platform_.upgrade(request, refusal);
  seen.status = user ? 101 : refusal.status;
  seen.accepted = user != nullptr;
  stage_.journal.received(std::move(seen));
  return user;
}

Outcome Simulator::outcome(const HttpRequest& request, const Fault* fault) {
  const std::string what = fault == nullptr ? "" : fault->what;
  Outcome made;
  if (what == "status") {
    made.response = HttpResponse(fault->status, "", "text/plain");
    return made;
  }
  if (what == "business") return platform_.business(*fault, request);
  if (what == "reset") return made;
  if (what == "expire_token" || what == "refuse_token") platform_.expire_tokens();
  if (what == "refuse_token") platform_.refuse_tokens(true);
  const std::uint64_t before = stage_.journal.seq();
  made = platform_.call(request);
  // Accepted like any other, but nobody sees it.
  if (what == "drop_silently") stage_.journal.drop_after(before, "fault");
  if (what == "refuse_token") platform_.refuse_tokens(false);
  return made;
}

asio::awaitable<Answer> Simulator::platform(HttpRequest request) {
  const auto fault = faults_.take(request);
  Received seen;
  seen.at = stage_.clock.now();
  seen.request = request;
  if (fault) seen.fault = fault->id;
  const Outcome made = outcome(request, fault ? &*fault : nullptr);

  Answer answer;
  answer.response = made.response;
  if (fault) spoil(answer, *fault);
  seen.app = made.app;
  seen.status = answer.response.status;
  seen.code = made.code;
  seen.accepted = made.accepted;
  stage_.journal.received(std::move(seen));
  if (fault && fault->what == "delay") co_await pause_for(std::chrono::milliseconds(fault->ms.value_or(1000)));
  co_return answer;
}

Answer Simulator::faults(const HttpRequest& request, const std::string& path, const json& body) {
  if (request.method == "POST") {
    const auto added = faults_.add(body);
    return added ? as_json({{"id", *added}}) : bad(added.error().text);
  }
  if (path == "faults") {
    faults_.clear();
  } else {
    faults_.remove(static_cast<int>(number(path.substr(7))));
  }
  return as_json(json::object());
}

Answer Simulator::clock(const json& body) {
  if (body.contains("advance")) {
    const auto by = parse_iso_duration(body["advance"].get<std::string>());
    if (!by) return bad("advance is not an ISO 8601 duration");
    stage_.clock.advance(*by);
  } else {
    const auto to = parse_rfc3339(body.value("to", ""));
    if (!to) return bad("to is not an RFC 3339 time");
    stage_.clock.advance(*to - stage_.clock.now());
  }
  return as_json({{"now", to_rfc3339(stage_.clock.now())}});
}

std::string Simulator::refused_body(const std::string& path, const json& body) const {
  std::vector<std::string_view> known, own;
  if (path == "events") {
    known = of_events;
    own = platform_.event_members();
  } else if (path == "stream") {
    known = of_streams;
    own = platform_.stream_members();
  } else if (path == "clock") {
    known = {"advance", "to"};
  } else {
    return {};
  }
  if (!body.is_object()) return "the body is an object";
  known.insert(known.end(), own.begin(), own.end());
  for (const auto& [name, value] : body.items()) {
    if (std::ranges::find(known, name) == known.end()) return "unknown member " + name;
  }
  if (path == "clock" && body.size() != 1) return "exactly one of advance and to";
  const json via = body.value("via", json("webhook"));
  if (via != "webhook" && via != "stream") return "via is webhook or stream";
  return {};
}

json Simulator::shown(const HttpRequest& request, std::uint64_t after) const {
  const std::string chat = request.param("chat"), user = request.param("user");
  const auto sees = [&](const Shown& one) {
    if (!chat.empty() && one.chat != chat) return false;
    return user.empty() || one.to == user || (one.to.empty() && stage_.world.member(one.chat, user));
  };
  return stage_.journal.shown_json(after, sees);
}

asio::awaitable<Answer> Simulator::control(HttpRequest request) {
  const std::string path(request.path().substr(6));
  const bool posted = request.method == "POST";
  json body;
  if (!request.body.empty()) {
    body = json::parse(request.body, nullptr, false);
    if (body.is_discarded()) co_return bad("the body is not JSON");
  }
  if (posted) {
    const std::string wrong = refused_body(path, body);
    if (!wrong.empty()) co_return bad(wrong);
  }
  if (path == "world" && request.method == "GET") co_return as_json(stage_.world.all());
  if (path == "world" && request.method == "PUT") {
    const std::string problem = stage_.world.put(body);
    if (!problem.empty()) co_return bad(problem);
    co_return as_json(stage_.world.all());
  }
  if (path == "events" && posted) {
    const auto pushed = co_await pusher_.push(std::move(body));
    if (!pushed) co_return bad(pushed.error().text);
    co_return as_json(*pushed);
  }
  const bool one_fault = path.starts_with("faults/") && request.method == "DELETE";
  if (one_fault || (path == "faults" && (posted || request.method == "DELETE"))) co_return faults(request, path, body);
  if (path == "stream" && posted) {
    const auto disturbed = platform_.disturb_stream(body);
    if (!disturbed) co_return bad(disturbed.error().text);
    co_return as_json({{"connections", *disturbed}});
  }
  const std::uint64_t after = number(request.param("after"));
  if (path == "received" || path == "messages") {
    if (request.method != "GET") co_return only_read();
    co_return as_json(path == "received" ? stage_.journal.received_json(after, request.param("path")) : shown(request, after));
  }
  if (path == "clock" && posted) co_return clock(body);
  if (path == "reset" && posted) {
    stage_.journal.clear();
    faults_.clear();
    platform_.clear();
    co_return as_json(json::object());
  }
  co_return as_json({{"error", {{"code", "not_found"}, {"message", "no such control: " + path}}}}, 404);
}

}  // namespace xieban::sim
