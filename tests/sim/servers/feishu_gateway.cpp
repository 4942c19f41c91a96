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
/// More than anybody reads in one message: the bot takes 16 MiB.
constexpr std::size_t oversize = std::size_t{20} * 1024 * 1024;
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
  bool in_parts = false, twice = false, stutter = false;              // how events are sent
  bool hangs = false;                                                 // reads, and says nothing any more
  enum class End { none, in_a_frame, in_the_parts } end = End::none;  // of the next event, and with it of the connection

 private:
  FeishuGateway& gateway_;
};

json FeishuGateway::client_config() const {
  return {{"ReconnectCount", stage_.world.limit("stream_reconnect_count", -1)},
          {"ReconnectInterval", stage_.world.limit("stream_reconnect_interval", 120)},
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
    refusal = refusal_;
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
  const std::size_t sum = connection.in_parts || connection.end == Connection::End::in_the_parts ? 3 : 1;
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

void FeishuGateway::write(Connection& to, const std::vector<FeishuFrame>& frames) {
  if (to.hangs) return;
  if (to.end != Connection::End::none) {
    // In the middle of the last frame: the parts before it have arrived whole.
    std::size_t until = 0;
    for (const FeishuFrame& frame : frames) until += write_frame(frame).size();
    to.socket->cut_after(until - write_frame(frames.back()).size() / 2);
    to.end = Connection::End::none;
  }
  const int times = to.twice ? 2 : 1, each = to.stutter ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    for (const FeishuFrame& frame : frames) {
      for (int j = 0; j < each; ++j) to.socket->send_binary(write_frame(frame));
    }
  }
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
  write(*chosen, sent);
  boost::system::error_code code;
  auto token = asio::redirect_error(asio::use_awaitable, code);
  co_await waiting->timer.async_wait(token);
  waiting_.erase(id);
  co_return waiting->ack;
}

void FeishuGateway::received(Connection& connection, const std::string& bytes) {
  if (connection.hangs) return;
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
  constexpr std::array<std::string_view, 15> ways = {"disconnect", "close",     "zombie",    "kick",       "garbage",
                                                     "fragment",   "twice",     "late",      "stutter",    "hang",
                                                     "refuse",     "cut_frame", "cut_parts", "unfinished", "oversize"};
  if (!what.is_object()) return std::unexpected(Error(Errc::bad_input, "the body is an object"));
  const std::string way = what.value("do", "");
  if (std::ranges::find(ways, way) == ways.end()) return std::unexpected(Error(Errc::bad_input, "unknown do: " + way));
  const std::string app = what.value("app", "");
  const TimePoint until = stage_.clock.now() + Duration(what.value("ms", std::int64_t{1000}));
  if (way == "refuse") {
    refused_until_ = until;
    refusal_ = HttpResponse(what.value("status", 503));
    const json headers = what.value("headers", json::object());
    for (const auto& [name, value] : headers.items()) refusal_.headers.set(name, value.get<std::string>());
  }
  if (way == "late") deaf_until_ = until;
  int count = 0;
  for (const auto& one : connections_) {
    if (!app.empty() && one->app != app) continue;
    ++count;
    // The protocol has no frame that announces the end: the platform closes, and clients connect again.
    if (way == "close" || way == "disconnect") {
      one->socket->close();
    } else if (way == "zombie") {
      one->socket->mute(true);
    } else if (way == "kick") {
      one->socket->reset();
    } else if (way == "garbage") {
      garbage(*one);
    } else if (way == "fragment") {
      one->in_parts = true;
      one->socket->fragment();
    } else if (way == "twice") {
      one->twice = true;
    } else if (way == "stutter") {
      one->in_parts = true;
      one->stutter = true;
    } else if (way == "hang") {
      one->hangs = true;
    } else if (way == "cut_frame") {
      one->end = Connection::End::in_a_frame;
    } else if (way == "cut_parts") {
      one->end = Connection::End::in_the_parts;
    } else if (way == "unfinished") {
      unfinished(*one);
    } else if (way == "oversize") {
      one->socket->send_binary(std::string(oversize, 'x'));
    }
  }
  return count;
}

void FeishuGateway::garbage(Connection& to) {
  to.socket->send("{\"this\":\"is no frame\"}");
  to.socket->send("");
  const auto event = [](std::vector<std::pair<std::string, std::string>> headers) {
    FeishuFrame frame;
    frame.method = data;
    frame.service = service;
    frame.headers = std::move(headers);
    frame.payload = "{}";
    return frame;
  };
  const std::string whole = write_frame(event({{"type", "event"}, {"message_id", "m-x"}, {"sum", "-1"}, {"seq", "7"}}));
  std::vector<std::string> sent = {"", std::string(300, '\xff'), whole, whole.substr(0, whole.size() / 2), whole + "\x0a"};
  for (std::size_t i = 0; i < 50; ++i) {
    std::string noise;
    while (noise.size() < 1 + i * 7) noise += static_cast<char>(stage_.ids.below(256));
    sent.push_back(std::move(noise));
    std::string bent = whole;
    bent[stage_.ids.below(bent.size())] = static_cast<char>(stage_.ids.below(256));
    sent.push_back(std::move(bent));
  }
  // Well-formed, but not what the protocol knows.
  const std::string most = "9223372036854775807";
  for (const auto& [sum, seq] : std::vector<std::pair<std::string, std::string>>{
           {"0", "0"}, {"3", "3"}, {"3", "-1"}, {most, "0"}, {"99999999999999999999", "0"}, {"3x", "1"}, {" 3", "1"}})
    sent.push_back(write_frame(event({{"type", "event"}, {"message_id", "m-odd"}, {"sum", sum}, {"seq", seq}})));
  sent.push_back(write_frame(event({{"type", "event"}, {"message_id", "m-two"}, {"sum", "3"}, {"seq", "0"}})));
  sent.push_back(write_frame(event({{"type", "event"}, {"message_id", "m-two"}, {"sum", "2"}, {"seq", "1"}})));
  sent.push_back(write_frame(event({{"type", "event"}, {"message_id", ""}, {"sum", "2"}, {"seq", "1"}})));
  sent.push_back(write_frame(event({{"type", "another"}, {"message_id", "m-type"}})));
  sent.push_back(write_frame(event({})));
  FeishuFrame method = event({{"type", "event"}, {"message_id", "m-method"}});
  method.method = 7;
  sent.push_back(write_frame(method));
  FeishuFrame pong = event({{"type", "pong"}});
  pong.method = control;
  for (const char* config :
       {"{", "null", R"({"PingInterval":-1,"ReconnectInterval":0,"ReconnectNonce":"x","ReconnectCount":1e99})"}) {
    pong.payload = config;
    sent.push_back(write_frame(pong));
  }
  for (const std::string& bytes : sent) to.socket->send_binary(bytes);
}

void FeishuGateway::unfinished(Connection& to) {
  for (int i = 0; i < 100; ++i) {
    FeishuFrame part;
    part.method = data;
    part.service = service;
    part.headers = {{"type", "event"}, {"message_id", stage_.ids.next("m-")}, {"sum", "3"}, {"seq", "1"}};
    part.payload = std::string(std::size_t{64} * 1024, 'x');
    to.socket->send_binary(write_frame(part));
  }
}

void FeishuGateway::clear() {
  tickets_.clear();
  refused_until_ = TimePoint{};
  deaf_until_ = TimePoint{};
}

}  // namespace xieban::sim
