#include "tests/sim/servers/wecom_gateway.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <exception>
#include <set>
#include <string_view>
#include <utility>

#include "tests/sim/servers/listener.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

namespace xieban::sim::wecom {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr std::chrono::milliseconds look_again{50};
constexpr std::array<std::string_view, 14> ways = {
    "disconnect", "close",       "zombie",    "kick",      "garbage",       "fragment",           "refuse",
    "half_dead",  "unsubscribe", "late_acks", "lost_acks", "refuse_frames", "control_characters", "unknown_command"};

std::chrono::steady_clock::time_point real_now() { return std::chrono::steady_clock::now(); }

json ack_of(const std::string& request, const Refused& refused, const json& body) {
  json ack = {{"headers", {{"req_id", request}}},
              {"errcode", refused ? refused->errcode : 0},
              {"errmsg", refused ? refused->text : std::string("ok")}};
  if (!body.is_null()) ack["body"] = body;
  return ack;
}

}  // namespace

class Gateway::Connection final : public SocketUser, public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(Gateway& gateway) : gateway_(gateway) {}

  void opened(std::shared_ptr<WebSocket> made) override {
    socket = std::move(made);
    last_heard = real_now();
    gateway_.connections_.push_back(shared_from_this());
    asio::co_spawn(gateway_.stage_.executor, gateway_.watch(weak_from_this()), asio::detached);
  }
  void received(std::string text) override {
    last_heard = real_now();
    gateway_.received(*this, text);
  }
  void closed() override {
    const auto self = shared_from_this();
    for (const std::string& one : asked) gateway_.bot_.forget(one);
    std::erase(gateway_.connections_, self);
    socket.reset();
  }

  std::string app;  // empty: not subscribed
  std::shared_ptr<WebSocket> socket;
  std::set<std::string> asked;  // by req_id
  std::chrono::steady_clock::time_point last_heard;
  bool half_dead = false;  // pings are acknowledged, nothing is pushed any more

 private:
  Gateway& gateway_;
};

std::shared_ptr<SocketUser> Gateway::upgrade(const HttpRequest& request, HttpResponse& refusal) {
  refusal = HttpResponse(404);
  if (request.path() != "/") return nullptr;
  if (stage_.clock.now() < refused_until_) {
    refusal = HttpResponse(503);
    return nullptr;
  }
  return std::make_shared<Connection>(*this);
}

std::shared_ptr<Gateway::Connection> Gateway::subscribed(const std::string& app) const {
  for (const auto& one : connections_) {
    if (one->app == app && !one->half_dead) return one;
  }
  return nullptr;
}

bool Gateway::push(const std::string& app, const json& frame, const std::optional<Bot::Question>& question) {
  const auto to = subscribed(app);
  if (!to) return false;
  const std::string request = stage_.ids.next("req-");
  json sent = frame;
  sent["headers"] = {{"req_id", request}};
  if (question) {
    bot_.ask(request, *question);
    to->asked.insert(request);
  }
  std::string text = dump(sent);
  // Raw control characters stand inside strings at times; the official client drops them before it parses.
  constexpr std::string_view inside = "\"content\":\"";
  const auto at = text.find(inside);
  if (std::exchange(dirty_, false) && at != std::string::npos) text.insert(at + inside.size(), "\x01\x0b");
  to->socket->send(std::move(text));
  return true;
}

bool Gateway::send_raw(const std::string& app, const std::string& text) {
  const auto to = subscribed(app);
  if (to) to->socket->send(text);
  return to != nullptr;
}

void Gateway::take_over(Connection& old) {
  const json entry = *stage_.world.app_by("id", old.app);
  const json body = {{"msgid", stage_.ids.next("")},
                     {"create_time", seconds_of(stage_.clock.now())},
                     {"aibotid", text_of(object_of(entry, "bot"), "bot_id")},
                     {"msgtype", "event"},
                     {"event", {{"eventtype", "disconnected_event"}}}};
  old.socket->send(dump({{"cmd", "aibot_event_callback"}, {"headers", {{"req_id", stage_.ids.next("req-")}}}, {"body", body}}));
  old.half_dead = true;
  // Some were seen to stay open, alive for pings only (wecom-openclaw-plugin issue 54).
  const int after = stage_.world.limit("old_connection_closes_ms", 200);
  if (after >= 0)
    asio::co_spawn(stage_.executor, close_later(old.weak_from_this(), std::chrono::milliseconds(after)), asio::detached);
}

Refused Gateway::subscribe(Connection& connection, const json& body) {
  const std::string id = text_of(body, "bot_id");
  for (const json& app : stage_.world.all().at("apps")) {
    const json bot = object_of(app, "bot");
    const std::string secret = text_of(bot, "secret");
    if (id.empty() || secret.empty() || text_of(bot, "bot_id") != id || text_of(body, "secret") != secret) continue;
    // A bot is reached by its long connection or by its address, never by both.
    if (bot.value("transport", "stream") != "stream") break;
    const std::string name = text_of(app, "id");
    for (const auto& one : connections_) {
      if (one.get() != &connection && one->app == name && !one->half_dead) take_over(*one);
    }
    connection.app = name;
    connection.half_dead = false;
    return std::nullopt;
  }
  return Refusal{bad_credentials, "invalid bot_id or secret"};
}

Gateway::Trouble Gateway::trouble(const std::string& cmd) {
  const bool meant = trouble_.cmd.empty() ? cmd != "aibot_subscribe" && cmd != "ping" : trouble_.cmd == cmd;
  if (!meant || trouble_.times == 0) return {};
  if (trouble_.times > 0) --trouble_.times;
  return trouble_;
}

Gateway::Taken Gateway::take(Connection& connection, const std::string& cmd, const std::string& request, const json& body) {
  Taken taken;
  if (cmd == "aibot_subscribe") {
    taken.refused = subscribe(connection, body);
  } else if (connection.app.empty()) {
    taken.refused = Refusal{not_subscribed, "websocket not subscribed"};
  } else if (cmd.starts_with("aibot_respond_") && !connection.asked.contains(request)) {
    // What came over one connection cannot be answered over another.
    taken.refused = Refusal{bad_request, "invalid req_id"};
  } else if (cmd == "aibot_respond_msg") {
    taken.refused = bot_.respond(request, body);
  } else if (cmd == "aibot_respond_welcome_msg") {
    taken.refused = bot_.welcome(request, body);
  } else if (cmd == "aibot_respond_update_msg") {
    taken.refused = bot_.update(request, body);
  } else if (cmd == "aibot_send_msg") {
    taken.refused = bot_.send(*stage_.world.app_by("id", connection.app), body);
  } else if (cmd.starts_with("aibot_upload_media_")) {
    taken.refused = media_.upload(connection.app, cmd, body, taken.body);
  } else if (cmd != "ping") {
    taken.refused = Refusal{bad_value, "unknown cmd " + cmd};
  }
  return taken;
}

void Gateway::received(Connection& connection, const std::string& text) {
  const json frame = json::parse(text, nullptr, false);
  const bool whole = frame.is_object();
  const std::string cmd = whole ? text_of(frame, "cmd") : "";
  const std::string request = whole ? text_of(object_of(frame, "headers"), "req_id") : "";
  const Trouble now = trouble(cmd);
  Taken taken;
  if (!whole || request.empty()) {
    taken.refused = Refusal{bad_value, "no frame, or no headers.req_id"};
  } else if (now.code != 0) {
    taken.refused = Refusal{now.code, "fault"};
  } else {
    try {
      taken = take(connection, cmd, request, object_of(frame, "body"));
    } catch (const std::exception& error) {
      taken.refused = Refusal{bad_value, error.what()};
    }
  }
  Received seen;
  seen.at = stage_.clock.now();
  seen.request = HttpRequest("WS", "/" + cmd);
  seen.request.body = text;
  seen.app = connection.app;
  seen.accepted = !taken.refused;
  if (taken.refused) seen.code = taken.refused->errcode;
  stage_.journal.received(std::move(seen));
  if (now.lost) return;
  const std::string ack = dump(ack_of(request, taken.refused, taken.body));
  if (now.late.count() == 0) return connection.socket->send(ack);
  asio::co_spawn(stage_.executor, send_later(connection.weak_from_this(), ack, now.late), asio::detached);
}

asio::awaitable<void> Gateway::send_later(std::weak_ptr<Connection> to, std::string text, std::chrono::milliseconds wait) {
  co_await pause_for(wait);
  const auto connection = to.lock();
  if (connection && connection->socket) connection->socket->send(std::move(text));
}

asio::awaitable<void> Gateway::close_later(std::weak_ptr<Connection> of, std::chrono::milliseconds wait) {
  co_await pause_for(wait);
  const auto connection = of.lock();
  if (connection && connection->socket) connection->socket->close();
}

/// Closes what is silent for too long; by real time, since a bot's pings follow it.
asio::awaitable<void> Gateway::watch(std::weak_ptr<Connection> of) {
  for (;;) {
    co_await pause_for(look_again);
    const auto connection = of.lock();
    if (!connection || !connection->socket) co_return;
    const auto most = std::chrono::milliseconds(stage_.world.limit("silence_ms", 100'000));
    if (most.count() == 0 || real_now() - connection->last_heard < most) continue;
    connection->socket->close();
    co_return;
  }
}

Result<int> Gateway::disturb(const json& what) {
  if (!what.is_object()) return std::unexpected(Error(Errc::bad_input, "the body is an object"));
  const std::string way = text_of(what, "do");
  if (std::ranges::find(ways, way) == ways.end()) return std::unexpected(Error(Errc::bad_input, "unknown do: " + way));
  const std::string app = text_of(what, "app");
  const std::int64_t ms = what.value("ms", std::int64_t{1000});
  if (way == "refuse") refused_until_ = stage_.clock.now() + Duration(ms);
  if (way == "late_acks" || way == "lost_acks" || way == "refuse_frames") {
    trouble_ = Trouble{};
    trouble_.times = what.value("times", 1);
    trouble_.cmd = text_of(what, "cmd");
    trouble_.lost = way == "lost_acks";
    if (way == "late_acks") trouble_.late = std::chrono::milliseconds(ms);
    if (way == "refuse_frames") trouble_.code = what.value("code", -1);
  }
  dirty_ = dirty_ || way == "control_characters";
  int count = 0;
  const auto all = connections_;
  for (const auto& one : all) {
    if (!app.empty() && one->app != app) continue;
    ++count;
    if (way == "disconnect" && !one->app.empty()) take_over(*one);
    if (way == "close") one->socket->close();
    if (way == "zombie") one->socket->mute(true);
    if (way == "kick") one->socket->reset();
    if (way == "garbage") one->socket->send("{\"cmd\":\"aibot_msg_callback\",\"headers\":");
    if (way == "fragment") one->socket->fragment();
    if (way == "half_dead") one->half_dead = true;
    if (way == "unsubscribe") one->app.clear();
    if (way == "unknown_command")
      one->socket->send(R"({"cmd":"aibot_get_mcp_config","headers":{"req_id":"req-unknown"},"body":{"later":true}})");
  }
  return count;
}

void Gateway::clear() {
  trouble_ = Trouble{};
  refused_until_ = TimePoint{};
  dirty_ = false;
}

}  // namespace xieban::sim::wecom
