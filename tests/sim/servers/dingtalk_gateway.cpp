#include "tests/sim/servers/dingtalk_gateway.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <string_view>
#include <utility>

#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/dingtalk_answers.hpp"
#include "tests/sim/servers/listener.hpp"

namespace xieban::sim::dingtalk {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr Duration ticket_life{90'000};
constexpr std::int64_t end_after_disconnect = 10'000;
constexpr std::chrono::milliseconds look_again{50};

bool subscribed(const json& subscriptions, const std::string& type, const std::string& topic) {
  return std::ranges::any_of(subscriptions, [&](const json& one) {
    const std::string named = text_of(one, "topic");
    return text_of(one, "type") == type && (named == topic || named == "*");
  });
}

}  // namespace

class Gateway::Connection final : public SocketUser, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Gateway& gateway, std::string name, Ticket ticket)
      : id(std::move(name)), app(std::move(ticket.app)), subscriptions(std::move(ticket.subscriptions)), gateway_(gateway) {}

  void opened(std::shared_ptr<WebSocket> made) override {
    socket = std::move(made);
    gateway_.connections_.push_back(shared_from_this());
    asio::co_spawn(gateway_.stage_.executor, gateway_.ping(weak_from_this()), asio::detached);
  }
  void received(std::string text) override { gateway_.received(*this, text); }
  void closed() override {
    const auto self = shared_from_this();
    std::erase(gateway_.connections_, self);
    socket.reset();
  }

  std::string id, app;
  json subscriptions;
  std::shared_ptr<WebSocket> socket;
  bool leaving = false;  // told to disconnect: gets nothing more

 private:
  Gateway& gateway_;
};

Outcome Gateway::open(const HttpRequest& request) {
  if (request.headers.get("Accept").find("application/json") == std::string_view::npos) {
    Outcome outcome;
    outcome.response = HttpResponse(200, "<?xml version=\"1.0\" encoding=\"UTF-8\"?><result/>", "application/xml");
    return outcome;
  }
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return api_refusal("invalidParameter", "the body is not JSON");
  const json* app = stage_.world.app_by("client_id", text_of(body, "clientId"));
  if (app == nullptr || text_of(body, "clientId").empty() || text_of(*app, "client_secret") != text_of(body, "clientSecret"))
    return api_refusal("invalidClientIdOrSecret", "clientId or clientSecret");
  const json subscriptions = body.value("subscriptions", json());
  const auto known = [](const json& one) {
    const std::string type = one.is_object() ? text_of(one, "type") : "";
    return (type == "EVENT" || type == "CALLBACK" || type == "SYSTEM") && !text_of(one, "topic").empty();
  };
  if (!subscriptions.is_array() || subscriptions.empty() || !std::ranges::all_of(subscriptions, known))
    return api_refusal("invalidParameter.subscriptions", "subscriptions");
  // Characters that must be percent-encoded in a query are part of it.
  const std::string ticket = stage_.ids.next("") + "/+=01";
  tickets_[ticket] = Ticket{text_of(*app, "id"), subscriptions, stage_.clock.now() + ticket_life};
  std::string host(request.headers.get("Host"));
  Outcome outcome = api_good({{"endpoint", "ws://" + host + "/connect"}, {"ticket", ticket}});
  outcome.app = text_of(*app, "id");
  return outcome;
}

std::shared_ptr<SocketUser> Gateway::upgrade(const HttpRequest& request, HttpResponse& refusal) {
  refusal = HttpResponse(request.path() == "/connect" ? 401 : 404);
  if (stage_.clock.now() < refused_until_) {
    refusal = HttpResponse(503);
    return nullptr;
  }
  const auto ticket = tickets_.find(request.param("ticket"));
  if (request.path() != "/connect" || ticket == tickets_.end()) return nullptr;
  const Ticket found = ticket->second;
  tickets_.erase(ticket);
  if (found.until <= stage_.clock.now()) return nullptr;
  return std::make_shared<Connection>(*this, stage_.ids.next("conn-"), found);
}

std::vector<std::shared_ptr<Gateway::Connection>> Gateway::of(const std::string& app, const std::string& type,
                                                              const std::string& topic) const {
  std::vector<std::shared_ptr<Connection>> found;
  for (const auto& one : connections_) {
    if (one->app == app && !one->leaving && subscribed(one->subscriptions, type, topic)) found.push_back(one);
  }
  return found;
}

bool Gateway::reaches(const std::string& app, const std::string& type, const std::string& topic) const {
  return !of(app, type, topic).empty();
}

json Gateway::frame(const Connection& connection, const std::string& type, const std::string& topic) const {
  const json headers = {{"appId", "00000000-0000-0000-0000-" + connection.app},
                        {"connectionId", connection.id},
                        {"contentType", "application/json"},
                        {"messageId", stage_.ids.next("mid_")},
                        {"time", std::to_string(stage_.clock.now().time_since_epoch().count())},
                        {"topic", topic}};
  return {{"specVersion", "1.0"}, {"type", type}, {"headers", headers}, {"data", "{}"}};
}

asio::awaitable<Gateway::Ack> Gateway::push(std::string app, json what, Duration answer_within) {
  Ack ack;
  const std::string type = text_of(what, "type");
  const std::string topic = text_of(what["headers"], "topic");
  const auto able = of(app, type, topic);
  if (able.empty()) co_return ack;
  const auto chosen = able[stage_.ids.below(able.size())];
  json sent = frame(*chosen, type, topic);
  sent["headers"].update(what["headers"]);
  sent["data"] = what["data"];
  const std::string message_id = sent["headers"]["messageId"];
  const auto waiting = std::make_shared<Waiting>(asio::steady_timer(stage_.executor, answer_within));
  const auto entry = waiting_.emplace(message_id, waiting);
  chosen->socket->send(dump(sent));
  boost::system::error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  co_await waiting->timer.async_wait(token);
  waiting_.erase(entry);
  co_return waiting->ack;
}

bool Gateway::send_raw(const std::string& app, const std::string& text) {
  for (const auto& one : connections_) {
    if (one->app != app || one->leaving) continue;
    one->socket->send(text);
    return true;
  }
  return false;
}

void Gateway::received(const Connection& connection, const std::string& text) {
  Received seen;
  seen.at = stage_.clock.now();
  seen.request = HttpRequest("WS", "/connect");
  seen.request.body = text;
  seen.app = connection.app;
  const json frame = json::parse(text, nullptr, false);
  const json headers = frame.is_object() ? object_of(frame, "headers") : json::object();
  const json code = frame.is_object() ? frame.value("code", json()) : json();
  const auto data = frame.is_object() ? frame.value("data", json()) : json();
  if (code.is_number_integer()) seen.code = code;
  const auto [begin, end] = waiting_.equal_range(text_of(headers, "messageId"));
  for (auto entry = begin; entry != end && code.is_number_integer() && data.is_string(); ++entry) {
    seen.accepted = true;
    entry->second->ack.code = code;
    entry->second->ack.data = data;
    entry->second->timer.cancel();
  }
  stage_.journal.received(std::move(seen));
}

asio::awaitable<void> Gateway::ping(std::weak_ptr<Connection> of) {
  TimePoint last = stage_.clock.now();
  for (;;) {
    co_await pause_for(look_again);
    const auto connection = of.lock();
    if (!connection || !connection->socket) co_return;
    const Duration every = std::chrono::seconds(stage_.world.limit("stream_ping_seconds", 30));
    if (every == Duration::zero() || connection->leaving || stage_.clock.now() - last < every) continue;
    last = stage_.clock.now();
    json sent = frame(*connection, "SYSTEM", "ping");
    sent["data"] = dump({{"opaque", stage_.ids.next("op-")}});
    connection->socket->send(dump(sent));
  }
}

asio::awaitable<void> Gateway::end_later(std::weak_ptr<Connection> of, Duration wait) {
  const TimePoint due = stage_.clock.now() + wait;
  while (stage_.clock.now() < due) co_await pause_for(look_again);
  const auto connection = of.lock();
  if (connection && connection->socket) connection->socket->close();
}

Result<int> Gateway::disturb(const json& what) {
  constexpr std::array<std::string_view, 7> ways = {"disconnect", "close", "zombie", "kick", "garbage", "fragment", "refuse"};
  if (!what.is_object()) return std::unexpected(Error(Errc::bad_input, "the body is an object"));
  const std::string way = text_of(what, "do");
  if (std::ranges::find(ways, way) == ways.end()) return std::unexpected(Error(Errc::bad_input, "unknown do: " + way));
  const std::string app = text_of(what, "app");
  if (way == "refuse") refused_until_ = stage_.clock.now() + Duration(what.value("ms", std::int64_t{1000}));
  int count = 0;
  for (const auto& one : connections_) {
    if (!app.empty() && one->app != app) continue;
    ++count;
    if (way == "disconnect") {
      json sent = frame(*one, "SYSTEM", "disconnect");
      sent["data"] = dump({{"reason", "connection is expired"}});
      one->socket->send(dump(sent));
      one->leaving = true;
      const Duration wait(what.value("ms", end_after_disconnect));
      asio::co_spawn(stage_.executor, end_later(one, wait), asio::detached);
    } else if (way == "close") {
      one->socket->close();
    } else if (way == "zombie") {
      one->socket->mute(true);
    } else if (way == "kick") {
      one->socket->reset();
    } else if (way == "garbage") {
      one->socket->send("{\"specVersion\":\"1.0\",\"type\":");
    } else if (way == "fragment") {
      one->socket->fragment();
    }
  }
  return count;
}

void Gateway::clear() {
  tickets_.clear();
  refused_until_ = TimePoint{};
}

}  // namespace xieban::sim::dingtalk
