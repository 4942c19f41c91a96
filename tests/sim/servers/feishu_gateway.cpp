#include "tests/sim/servers/feishu_gateway.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <iterator>
#include <string_view>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/answers.hpp"

namespace xieban::sim {

namespace asio = boost::asio;
using nlohmann::json;

namespace {

constexpr int control = 0, data = 1;
constexpr std::int32_t service = 33554678;
constexpr Duration ticket_life{90'000};
/// The official SDK for Node keeps no more of a 64-bit number.
constexpr std::uint64_t narrow = std::uint64_t{1} << 53U;

Outcome said(const json& body) {
  Outcome outcome;
  outcome.code = body.at("code");
  outcome.accepted = outcome.code == 0;
  outcome.response = json_response(body);
  return outcome;
}

}  // namespace

class FeishuGateway::Connection final : public SocketUser, public std::enable_shared_from_this<Connection> {
 public:
  Connection(FeishuGateway& gateway, Ticket ticket) : app(std::move(ticket.app)), gateway_(gateway) {}

  void opened(std::shared_ptr<WebSocket> made) override {
    socket = std::move(made);
    gateway_.connections_.push_back(shared_from_this());
  }
  void received(std::string) override {}  // texts mean nothing here
  void received_binary(std::string bytes) override { gateway_.received(*this, bytes); }
  void closed() override {
    const auto self = shared_from_this();
    std::erase(gateway_.connections_, self);
    socket.reset();
  }

  std::string app;
  std::shared_ptr<WebSocket> socket;
  bool in_parts = false, twice = false;

 private:
  FeishuGateway& gateway_;
};

json FeishuGateway::client_config() const {
  return {{"ReconnectCount", -1},
          {"ReconnectInterval", 120},
          {"ReconnectNonce", stage_.world.limit("stream_reconnect_nonce", 30)},
          {"PingInterval", stage_.world.limit("stream_ping_seconds", 120)}};
}

Outcome FeishuGateway::endpoint(const HttpRequest& request) {
  const json body = json::parse(request.body, nullptr, false);
  const auto text = [&body](const char* name) {
    const json value = body.is_object() ? body.value(name, json()) : json();
    return value.is_string() ? value.get<std::string>() : std::string();
  };
  const json* app = stage_.world.app_by("app_id", text("AppID"));
  if (request.method != "POST" || app == nullptr || text("AppID").empty())
    return said({{"code", 403}, {"msg", "forbidden"}, {"data", json::object()}});
  if (app->value("app_secret", "") != text("AppSecret"))
    return said({{"code", 514}, {"msg", "auth failed"}, {"data", json::object()}});
  const std::string id = app->value("id", "");
  if (of(id).size() >= static_cast<std::size_t>(stage_.world.limit("stream_connections", 50)))
    return said({{"code", 1000040350}, {"msg", "the number of connections exceeded the limit"}, {"data", json::object()}});
  Ticket made;
  made.app = id;
  made.until = stage_.clock.now() + ticket_life;
  const std::string ticket = stage_.ids.next("");
  tickets_[ticket] = made;
  const std::string url = "ws://" + std::string(request.headers.get("Host")) +
                          "/ws/v2?fpid=493&aid=552564&device_id=" + std::to_string(stage_.ids.below(narrow)) +
                          "&access_key=" + stage_.ids.next("") + "&service_id=" + std::to_string(service) + "&ticket=" + ticket;
  Outcome outcome = said({{"code", 0}, {"msg", ""}, {"data", {{"URL", url}, {"ClientConfig", client_config()}}}});
  outcome.app = id;
  return outcome;
}

std::shared_ptr<SocketUser> FeishuGateway::upgrade(const HttpRequest& request, HttpResponse& refusal) {
  refusal = HttpResponse(request.path() == "/ws/v2" ? 403 : 404);
  refusal.headers.set("Handshake-Status", "403");
  refusal.headers.set("Handshake-Msg", "forbidden");
  if (stage_.clock.now() < refused_until_) {
    refusal = HttpResponse(503);
    return nullptr;
  }
  const auto ticket = tickets_.find(request.param("ticket"));
  if (request.path() != "/ws/v2" || ticket == tickets_.end()) return nullptr;
  const Ticket found = ticket->second;
  tickets_.erase(ticket);
  if (found.until <= stage_.clock.now()) return nullptr;
  return std::make_shared<Connection>(*this, found);
}

std::vector<std::shared_ptr<FeishuGateway::Connection>> FeishuGateway::of(const std::string& app) const {
  std::vector<std::shared_ptr<Connection>> found;
  std::ranges::copy_if(connections_, std::back_inserter(found), [&app](const auto& one) { return one->app == app; });
  return found;
}

std::vector<FeishuFrame> FeishuGateway::frames(const Connection& connection, const std::string& type,
                                               const std::string& payload) {
  const std::size_t sum = connection.in_parts ? 3 : 1;
  const bool wide = stage_.world.limit("stream_wide_ids", 0) != 0;
  FeishuFrame whole;
  whole.seq_id = ++frames_;
  whole.log_id = (wide ? narrow : 0) + stage_.ids.below(narrow);
  whole.service = service;
  whole.method = data;
  whole.log_id_new = stage_.ids.next("");
  const std::string id = stage_.ids.next("m-");
  std::vector<FeishuFrame> parts;
  for (std::size_t seq = 0; seq < sum; ++seq) {
    FeishuFrame part = whole;
    part.headers = {{"timestamp", std::to_string(stage_.clock.now().time_since_epoch().count())},
                    {"type", type},
                    {"message_id", id},
                    {"sum", std::to_string(sum)},
                    {"seq", std::to_string(seq)},
                    {"trace_id", "tr-" + id},
                    {"instance_id", "inst-01"}};
    const std::size_t begin = payload.size() * seq / sum, end = payload.size() * (seq + 1) / sum;
    part.payload = payload.substr(begin, end - begin);
    parts.push_back(std::move(part));
  }
  std::ranges::rotate(parts, parts.end() - 1);  // the last one first
  return parts;
}

asio::awaitable<FeishuGateway::Ack> FeishuGateway::push(std::string app, std::string type, std::string payload,
                                                        Duration answer_within) {
  Ack none;
  const auto able = of(app);
  if (able.empty()) co_return none;
  const auto chosen = able[stage_.ids.below(able.size())];
  const auto sent = frames(*chosen, type, payload);
  const auto waiting = std::make_shared<Waiting>(asio::steady_timer(stage_.executor, answer_within));
  waiting->last = sent.back();
  const std::string id = sent.back().header("message_id");
  waiting_.emplace(id, waiting);
  const int times = chosen->twice ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    for (const FeishuFrame& frame : sent) chosen->socket->send_binary(write_frame(frame));
  }
  boost::system::error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  co_await waiting->timer.async_wait(token);
  waiting_.erase(id);
  co_return waiting->ack;
}

void FeishuGateway::received(Connection& connection, const std::string& bytes) {
  Received seen;
  seen.at = stage_.clock.now();
  seen.request = HttpRequest("WS", "/ws/v2");
  seen.app = connection.app;
  const auto frame = read_frame(bytes);
  if (!frame) {
    seen.code = "no frame";
  } else {
    seen.request.body = dump({{"type", frame->header("type")},
                              {"message_id", frame->header("message_id")},
                              {"biz_rt", frame->header("biz_rt")},
                              {"payload", frame->payload}});
    if (frame->method == control && frame->header("type") == "ping") {
      seen.accepted = frame->service == service;
      FeishuFrame pong = *frame;
      pong.headers = {{"type", "pong"}};
      pong.payload = dump(client_config());
      if (seen.accepted) connection.socket->send_binary(write_frame(pong));
    } else {
      const std::string wrong = acknowledged(*frame);
      seen.accepted = wrong.empty();
      if (!wrong.empty()) seen.code = wrong;
    }
  }
  stage_.journal.received(std::move(seen));
}

std::string FeishuGateway::acknowledged(const FeishuFrame& ack) {
  const auto entry = waiting_.find(ack.header("message_id"));
  if (entry == waiting_.end()) return "nothing waits for it";
  if (stage_.clock.now() < deaf_until_) return "late";
  Waiting& waiting = *entry->second;
  const FeishuFrame& sent = waiting.last;
  if (ack.seq_id != sent.seq_id || ack.log_id != sent.log_id || ack.service != sent.service || ack.method != sent.method ||
      ack.log_id_new != sent.log_id_new)
    return "another frame's numbers";
  auto headers = sent.headers;
  headers.emplace_back("biz_rt", ack.header("biz_rt"));
  if (ack.headers != headers || ack.header("biz_rt").empty()) return "other headers";
  const json payload = json::parse(ack.payload, nullptr, false);
  const json code = payload.is_object() ? payload.value("code", json()) : json();
  const json answer = payload.is_object() ? payload.value("data", json()) : json();
  if (!code.is_number_integer()) return "no code";
  if (!answer.is_null() && !answer.is_string()) return "data is no text";
  if (answer.is_string()) {
    auto plain = crypto::unbase64(answer.get<std::string>());
    if (!plain) return "data is no base64";
    waiting.ack.data = std::move(*plain);
  }
  waiting.ack.code = code;
  waiting.timer.cancel();
  return {};
}

Result<int> FeishuGateway::disturb(const json& what) {
  constexpr std::array<std::string_view, 8> ways = {"close",    "zombie", "kick", "garbage",
                                                    "fragment", "twice",  "late", "refuse"};
  if (!what.is_object()) return std::unexpected(Error(Errc::bad_input, "the body is an object"));
  const std::string way = what.value("do", "");
  if (std::ranges::find(ways, way) == ways.end()) return std::unexpected(Error(Errc::bad_input, "unknown do: " + way));
  const std::string app = what.value("app", "");
  const TimePoint until = stage_.clock.now() + Duration(what.value("ms", std::int64_t{1000}));
  if (way == "refuse") refused_until_ = until;
  if (way == "late") deaf_until_ = until;
  int count = 0;
  for (const auto& one : connections_) {
    if (!app.empty() && one->app != app) continue;
    ++count;
    if (way == "close") {
      one->socket->close();
    } else if (way == "zombie") {
      one->socket->mute(true);
    } else if (way == "kick") {
      one->socket->reset();
    } else if (way == "garbage") {
      FeishuFrame frame;
      frame.method = data;
      frame.headers = {{"type", "event"}, {"message_id", "m-garbage"}, {"sum", "-1"}, {"seq", "7"}};
      const std::string whole = write_frame(frame);
      one->socket->send("{\"this\":\"is no frame\"}");
      for (const std::string& bytes : {std::string(300, '\xff'), whole.substr(0, whole.size() / 2), whole})
        one->socket->send_binary(bytes);
    } else if (way == "fragment") {
      one->in_parts = true;
      one->socket->fragment();
    } else if (way == "twice") {
      one->twice = true;
    }
  }
  return count;
}

void FeishuGateway::clear() {
  tickets_.clear();
  refused_until_ = TimePoint{};
  deaf_until_ = TimePoint{};
}

}  // namespace xieban::sim
