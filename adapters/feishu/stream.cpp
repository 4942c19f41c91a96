#include "adapters/feishu/stream.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/feishu/pbbp2.pb.h"
#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::feishu {

using nlohmann::json;
using std::chrono::seconds;

namespace {

constexpr int control = 0, data = 1;

// Before the platform says otherwise (oapi-sdk-go, ws).
constexpr Duration usual_ping{120'000}, usual_spread{30'000}, usual_between{120'000};
constexpr std::int64_t longest_seconds = 3600;  // of what it says
constexpr std::int64_t most_attempts = 1'000'000;
constexpr Duration part_life{5'000};  // as the SDKs for Go and Python
// Not stated by the platform; its largest event is a text message of 150 KB.
constexpr std::int64_t most_parts = 256;
constexpr std::size_t most_sets = 64, most_part_bytes = std::size_t{4} * 1024 * 1024;
constexpr std::size_t most_quoted = 200;

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string text(const json& from, const char* name) {
  const auto found = from.find(name);
  return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<std::int64_t> number(std::string_view digits) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// The first header of that name; empty when there is none.
std::string_view header(const pbbp2::Frame& frame, std::string_view name) {
  for (const pbbp2::Header& one : frame.headers()) {
    if (one.key() == name) return one.value();
  }
  return {};
}

std::optional<pbbp2::Frame> parse_frame(std::string_view bytes) {
  pbbp2::Frame frame;
  // Not ParseFromString: that one writes to stderr about a frame without its required fields.
  if (!frame.ParsePartialFromString(std::string(bytes)) || !frame.IsInitialized()) return std::nullopt;
  return frame;
}

SocketFrame binary(const pbbp2::Frame& frame) {
  SocketFrame out;
  out.bytes = frame.SerializeAsString();
  out.binary = true;
  return out;
}

/// What the platform said, for the log and the administrator.
std::string quoted(const std::string& of, std::int64_t code, const std::string& message) {
  std::string why = of + ": code " + std::to_string(code);
  if (!message.empty()) why += " \"" + text::clip_bytes(text::repair(message), most_quoted) + "\"";
  return why;
}

/// A refusal that stands until an administrator does something.
Error standing(std::string why, std::int64_t code) {
  const std::string_view hint = stream_hint(code);
  if (!hint.empty()) why.append(": ").append(hint);
  return Error(Errc::bad_input, std::move(why));
}

}  // namespace

bool passes_by_itself(std::int64_t code) { return code == stream_code::busy || code == stream_code::internal_error; }

std::string_view stream_hint(std::int64_t code) {
  using namespace stream_code;
  switch (code) {
    case too_many:
      return "the app has 50 connections already; stop another program that uses it";
    case other_brand:
      return "the app belongs to the other of Feishu and Lark; correct api_base";
    case forbidden:
    case auth_failed:
      return "app_id or app_secret is refused; compare 凭证与基础信息";
    default:
      return {};
  }
}

Stream::Stream(Settings settings) : settings_(std::move(settings)), ping_every_(usual_ping) {}

std::optional<HttpRequest> Stream::open_request() const {
  const json body = {{"AppID", settings_.app_id}, {"AppSecret", settings_.app_secret.reveal()}};
  HttpRequest request("POST", "/callback/ws/endpoint");
  request.headers.set("Content-Type", "application/json");
  request.headers.set("locale", "zh");
  request.body = dump(body);
  if (settings_.stream_base != settings_.api_base) request.origin = settings_.stream_base;
  return request;
}

Result<std::string> Stream::endpoint(const HttpResponse& answer) {
  const std::string status = "ws/endpoint: HTTP " + std::to_string(answer.status);
  const json body = json::parse(answer.body, nullptr, false);
  const auto code = body.is_object() ? body.find("code") : body.end();
  if (answer.status != 200) return std::unexpected(Error(Errc::network, status));
  if (!body.is_object() || code == body.end() || !code->is_number_integer())
    return std::unexpected(Error(Errc::network, status + " without a code"));
  if (*code != 0) {
    const auto value = code->get<std::int64_t>();
    std::string why = quoted("ws/endpoint", value, text(body, "msg"));
    refused_ = !passes_by_itself(value);
    return std::unexpected(refused_ ? standing(std::move(why), value) : Error(Errc::network, std::move(why)));
  }
  const json given = body.value("data", json::object());
  const std::string url = given.is_object() ? text(given, "URL") : "";
  const std::string& base = settings_.stream_base.empty() ? settings_.api_base : settings_.stream_base;
  if (!url.starts_with("wss://") && !(url.starts_with("ws://") && base.starts_with("http://")))
    return std::unexpected(Error(Errc::bad_input, status + " without a wss:// URL"));
  HttpRequest asked("GET", url);
  service_ = static_cast<std::int32_t>(number(asked.param("service_id")).value_or(0));
  connection_ = asked.param("device_id");
  adopt(given.value("ClientConfig", json::object()));
  return url;
}

std::optional<Error> Stream::declined(const HttpResponse& answer) {
  const auto status = number(answer.headers.get("Handshake-Status"));
  if (!status) return std::nullopt;
  const auto inner = number(answer.headers.get("Handshake-Autherrcode"));
  using namespace stream_code;
  const bool limit = *status == auth_failed && inner == too_many;
  refused_ = limit || *status == forbidden;
  std::string why = quoted("handshake", limit ? too_many : *status, std::string(answer.headers.get("Handshake-Msg")));
  return refused_ ? standing(std::move(why), limit ? too_many : *status) : Error(Errc::network, std::move(why));
}

void Stream::adopt(const json& client_config) {
  const auto said = [&](const char* name, std::int64_t least, std::int64_t most) -> std::optional<std::int64_t> {
    const auto found = client_config.find(name);
    if (found == client_config.end() || !found->is_number_integer()) return std::nullopt;
    const auto value = found->get<std::int64_t>();
    return value >= least && value <= most ? std::optional(value) : std::nullopt;
  };
  if (!client_config.is_object()) return;
  if (const auto ping = said("PingInterval", 1, longest_seconds)) ping_every_ = seconds(*ping);
  const auto spread = said("ReconnectNonce", 0, longest_seconds), between = said("ReconnectInterval", 1, longest_seconds);
  const auto attempts = said("ReconnectCount", -1, most_attempts);
  if (!comeback_) {
    comeback_.emplace();
    comeback_->spread = usual_spread;
    comeback_->between = usual_between;
  }
  if (spread) comeback_->spread = seconds(*spread);
  if (between) comeback_->between = seconds(*between);
  if (attempts) comeback_->attempts = static_cast<int>(*attempts);
}

SocketFrame Stream::ping() const {
  pbbp2::Frame frame;
  frame.set_seqid(0);
  frame.set_logid(0);
  frame.set_service(service_);
  frame.set_method(control);
  pbbp2::Header* type = frame.add_headers();
  type->set_key("type");
  type->set_value("ping");
  return binary(frame);
}

std::vector<StreamAction> Stream::opened(TimePoint now) {
  heard_ = now;
  pinged_ = now;
  return {ping()};
}

std::vector<StreamAction> Stream::received(std::string_view bytes, bool is_binary, TimePoint now) {
  drop_stale(now);
  auto frame = is_binary ? parse_frame(bytes) : std::nullopt;
  if (!frame) return {};
  heard_ = now;
  const std::string type(header(*frame, "type"));
  if (frame->method() == control) {
    if (type == "pong" && !frame->payload().empty()) adopt(json::parse(frame->payload(), nullptr, false));
    return {};
  }
  // The SDKs disagree on whether card callbacks come as "card"; both are taken alike.
  if (frame->method() != data || (type != "event" && type != "card")) return {};
  const std::string_view sum_text = header(*frame, "sum"), seq_text = header(*frame, "seq");
  const auto sum = sum_text.empty() ? std::optional<std::int64_t>(1) : number(sum_text);
  const auto seq = seq_text.empty() ? std::optional<std::int64_t>(0) : number(seq_text);
  if (!sum || !seq) return {};
  const std::string id(header(*frame, "message_id"));
  auto payload = assemble(id, *sum, *seq, std::move(*frame->mutable_payload()), now);
  if (!payload) return {};
  frame->clear_payload();
  return arrived(frame->SerializeAsString(), std::move(*payload), now);
}

std::optional<std::string> Stream::assemble(const std::string& id, std::int64_t sum, std::int64_t seq, std::string payload,
                                            TimePoint now) {
  if (sum < 1 || sum > most_parts || seq < 0 || seq >= sum) return std::nullopt;
  if (sum == 1) return payload;
  const auto erase = [this](std::deque<Parts>::iterator set) {
    for (const auto& [index, part] : set->have) part_bytes_ -= part.size();
    parts_.erase(set);
  };
  auto set = std::ranges::find(parts_, id, &Parts::id);
  if (set != parts_.end() && set->sum != sum) {
    erase(set);
    return std::nullopt;
  }
  if (id.empty() || payload.size() > most_part_bytes) return std::nullopt;
  if (set == parts_.end()) {
    Parts fresh;
    fresh.id = id;
    fresh.sum = sum;
    fresh.until = now + part_life;
    parts_.push_back(std::move(fresh));
    set = std::prev(parts_.end());
  }
  const std::size_t size = payload.size();
  if (set->have.emplace(seq, std::move(payload)).second) part_bytes_ += size;
  if (set->have.size() == static_cast<std::size_t>(sum)) {
    std::string whole;
    for (const auto& [index, part] : set->have) whole += part;
    erase(set);
    return whole;
  }
  while (parts_.size() > most_sets || part_bytes_ > most_part_bytes) erase(parts_.begin());
  return std::nullopt;
}

std::vector<StreamAction> Stream::arrived(std::string frame, std::string payload, TimePoint now) {
  // A frame that comes twice is acknowledged twice; the store knows that it is one event.
  Arrived made;
  made.ack_key = std::to_string(++events_);
  made.event = HttpRequest(std::string(stream_method), "/stream/feishu");
  made.event.body = std::move(payload);
  Pending waits;
  waits.frame = std::move(frame);
  waits.at = now;
  pending_.emplace(made.ack_key, std::move(waits));
  return {std::move(made)};
}

std::vector<StreamAction> Stream::acknowledge(std::string_view ack_key, int code, const std::string& answer, TimePoint now) {
  const auto found = pending_.find(ack_key);
  if (found == pending_.end()) return {};
  auto frame = parse_frame(found->second.frame);
  const Duration took = std::max(now - found->second.at, Duration{0});
  pending_.erase(found);
  if (!frame) return {};
  pbbp2::Header* time = frame->add_headers();
  time->set_key("biz_rt");
  time->set_value(std::to_string(took.count()));
  json payload = {{"code", code}};
  if (!answer.empty()) payload["data"] = crypto::base64(answer);
  frame->set_payload(dump(payload));
  return {binary(*frame)};
}

std::vector<StreamAction> Stream::committed(std::string_view ack_key, const HttpResponse& answer, TimePoint now) {
  if (answer.status != 200) return failed(ack_key, now);
  return acknowledge(ack_key, 200, answer.body == "{}" ? std::string() : answer.body, now);
}

std::vector<StreamAction> Stream::failed(std::string_view ack_key, TimePoint now) { return acknowledge(ack_key, 500, {}, now); }

std::vector<StreamAction> Stream::tick(TimePoint now) {
  drop_stale(now);
  if (const auto dead = dead_at(); dead && now >= *dead) {
    Reconnect over;
    over.why = "no frame for " + std::to_string((now - *heard_).count() / 1000) + " s on connection " + connection_;
    return {std::move(over)};
  }
  if (!pinged_ || now < *pinged_ + ping_every_) return {};
  pinged_ = now;
  return {ping()};
}

std::optional<TimePoint> Stream::dead_at() const {
  if (!heard_) return std::nullopt;
  return *heard_ + 2 * ping_every_ + seconds(30);
}

std::optional<TimePoint> Stream::next_tick() const {
  auto next = dead_at();
  if (next && pinged_) next = std::min(*next, *pinged_ + ping_every_);
  if (next && !parts_.empty()) next = std::min(*next, parts_.front().until);
  return next;
}

void Stream::drop_stale(TimePoint now) {
  while (!parts_.empty() && parts_.front().until <= now) {
    for (const auto& [index, part] : parts_.front().have) part_bytes_ -= part.size();
    parts_.pop_front();
  }
}

}  // namespace xieban::feishu
