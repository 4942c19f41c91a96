#include "adapters/dingtalk/stream.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/hook.hpp"
#include "adapters/dingtalk/read.hpp"
#include "bot/base/text.hpp"
#include "bot/ports/http.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr std::string_view robot_topic = "/v1.0/im/bot/messages/get";
constexpr std::string_view card_topic = "/v1.0/card/instances/callback";
constexpr Duration silence{180'000};     // no frame at all, pings of the platform included
constexpr Duration last_acks{3'000};     // after the platform gave the connection up
constexpr Duration remembered{300'000};  // an acknowledged frame that comes again gets the same answer
constexpr std::size_t most_remembered = 10'000;
constexpr std::size_t most_quoted = 200;

SocketFrame frame_of(const json& value) {
  SocketFrame frame;
  frame.bytes = dump(value);
  return frame;
}

SocketFrame ack(const std::string& id, int code, const char* message, const std::string& data) {
  return frame_of({{"code", code},
                   {"headers", {{"contentType", "application/json"}, {"messageId", id}}},
                   {"message", message},
                   {"data", data}});
}

std::string data_of(const json& frame) {
  const json* data = member(frame, "data");
  if (data == nullptr) return {};
  return data->is_string() ? data->get<std::string>() : dump(*data);
}

Reconnect reconnect(std::string why) {
  Reconnect action;
  action.why = std::move(why);
  return action;
}

bool loopback(std::string_view base) { return base.starts_with("http://"); }

}  // namespace

Stream::Stream(Settings settings) : settings_(std::move(settings)) {}

std::optional<HttpRequest> Stream::open_request() const {
  constexpr const char* path = "/v1.0/gateway/connections/open";
  const auto subscription = [](const char* type, std::string_view topic) { return json{{"type", type}, {"topic", topic}}; };
  const json body = {
      {"clientId", settings_.client_id},
      {"clientSecret", settings_.client_secret.reveal()},
      {"subscriptions",
       {subscription("EVENT", "*"), subscription("CALLBACK", robot_topic), subscription("CALLBACK", card_topic)}},
      {"ua", "xieban/1.0"}};
  const bool elsewhere = !settings_.stream_base.empty() && settings_.stream_base != settings_.api_base;
  HttpRequest request = api_call("POST", path, Secret(), body);
  if (elsewhere) request.origin = settings_.stream_base;
  request.headers.set("Content-Type", "application/json");
  return request;
}

Result<std::string> Stream::endpoint(const HttpResponse& answer) {
  const json body = parse(answer.body);
  const std::string status = "connections/open: HTTP " + std::to_string(answer.status);
  if (answer.status != 200) {
    const std::string code = text::clip_bytes(text::repair(text(either(body, "code", "Code"))), most_quoted);
    // Of the platform's refusals only the frequency passes by itself.
    const bool too_fast = answer.status == 429 || code.starts_with("Forbidden.AccessDenied.Q");
    const bool ours = answer.status >= 400 && answer.status < 500 && !too_fast;
    refused_ = ours && !code.empty();  // without a code it is some proxy's word
    return std::unexpected(Error(ours ? Errc::bad_input : Errc::network, code.empty() ? status : status + " " + code));
  }
  const std::string where = text(body, "endpoint");
  const std::string ticket = text(body, "ticket");
  const bool encrypted = where.starts_with("wss://");
  const bool local =
      where.starts_with("ws://") && loopback(settings_.stream_base.empty() ? settings_.api_base : settings_.stream_base);
  if (ticket.empty() || (!encrypted && !local))
    return std::unexpected(Error(Errc::bad_input, status + " without a wss:// endpoint and a ticket"));
  return where + (where.find('?') == std::string::npos ? "?" : "&") + "ticket=" + percent_encode(ticket);
}

std::vector<StreamAction> Stream::opened(TimePoint now) {
  heard_ = now;
  return {};
}

std::vector<StreamAction> Stream::received(std::string_view bytes, bool /*binary*/, TimePoint now) {
  heard_ = now;
  forget(now);
  const json frame = parse(bytes);
  const json* headers = either(frame, "headers", "header");
  if (headers == nullptr || !headers->is_object()) return {};
  const std::string type = text(frame, "type");
  const std::string topic = text(*headers, "topic");
  const std::string id = text(*headers, "messageId");
  const std::string data = data_of(frame);
  if (type == "SYSTEM") return of_connection(topic, id, data, now);
  if (id.empty() || (type != "EVENT" && type != "CALLBACK")) return {};

  const auto before = std::ranges::find(answered_, id, &Answered::id);
  if (before != answered_.end()) {
    SocketFrame again;
    again.bytes = before->frame;
    return {std::move(again)};
  }
  if (pending_.contains(id)) return {};
  Kind kind = Kind::event;
  std::string_view channel = event_channel;
  if (type == "CALLBACK" && topic == robot_topic) {
    kind = Kind::robot;
    channel = robot_channel;
  } else if (type == "CALLBACK" && topic == card_topic) {
    kind = Kind::card;
    channel = card_channel;
  } else if (type == "CALLBACK") {
    return {ack(id, 404, "no handler for this topic", "{}")};
  }
  pending_.emplace(id, kind);
  Arrived arrived;
  arrived.ack_key = id;
  arrived.event = HttpRequest(std::string(stream_method), "/stream/" + std::string(channel));
  arrived.event.body = data;
  if (kind == Kind::event) {
    for (const char* name : {event_type_header, event_id_header, event_corp_header, event_time_header}) {
      std::string value = text(*headers, name);
      if (!value.empty()) arrived.event.headers.set(name, std::move(value));
    }
  } else if (kind == Kind::card) {
    arrived.event.headers.set(push_id_header, id);
    arrived.event.headers.set(push_time_header, text(*headers, "time"));
  }
  return {std::move(arrived)};
}

std::vector<StreamAction> Stream::of_connection(const std::string& topic, const std::string& id, const std::string& data,
                                                TimePoint now) {
  if (topic == "ping") return {ack(id, 200, "OK", data)};
  std::vector<StreamAction> actions;
  if (topic == "disconnect" && !leave_by_) {
    leave_by_ = now + last_acks;
    leaving_why_ = "the platform disconnects: " + text::clip_bytes(text::repair(text(parse(data), "reason")), most_quoted);
    leave_when_done(actions);
  }
  return actions;
}

std::vector<StreamAction> Stream::committed(std::string_view ack_key, const HttpResponse& answer, TimePoint now) {
  const auto found = pending_.find(ack_key);
  if (found == pending_.end()) return {};
  const std::string id = found->first;
  const Kind kind = found->second;
  pending_.erase(found);
  return acknowledge(id, kind, answer, now);
}

std::vector<StreamAction> Stream::acknowledge(const std::string& id, Kind kind, const HttpResponse& answer, TimePoint now) {
  json data;
  if (kind == Kind::robot) {
    data = {{"response", nullptr}};
  } else if (kind == Kind::event) {
    data = {{"status", "SUCCESS"}, {"message", "ok"}};
  } else {
    json body = parse(answer.body);
    data["response"] = body.is_object() ? std::move(body) : json::object();
  }
  SocketFrame frame = ack(id, 200, "OK", dump(data));
  Answered kept;
  kept.id = id;
  kept.frame = frame.bytes;
  kept.at = now;
  answered_.push_back(std::move(kept));
  forget(now);
  std::vector<StreamAction> actions{std::move(frame)};
  leave_when_done(actions);
  return actions;
}

std::vector<StreamAction> Stream::failed(std::string_view ack_key, TimePoint /*now*/) {
  const auto found = pending_.find(ack_key);
  if (found == pending_.end()) return {};
  std::vector<StreamAction> actions;
  if (found->second == Kind::event) {
    actions.emplace_back(ack(found->first, 200, "OK", dump({{"status", "LATER"}, {"message", "busy"}})));
  } else if (found->second == Kind::card) {
    actions.emplace_back(ack(found->first, 500, "busy", dump({{"response", json::object()}})));
  }
  pending_.erase(found);
  leave_when_done(actions);
  return actions;
}

Reconnect Stream::leave() const {
  Reconnect action = reconnect(leaving_why_);
  action.asked = true;
  return action;
}

std::vector<StreamAction> Stream::tick(TimePoint now) {
  forget(now);
  if (leave_by_ && now >= *leave_by_) return {leave()};
  if (heard_ && now - *heard_ >= silence) return {reconnect("no frame for three minutes")};
  return {};
}

std::optional<TimePoint> Stream::next_tick() const {
  if (!heard_) return leave_by_;
  const TimePoint dead = *heard_ + silence;
  return leave_by_ ? std::min(*leave_by_, dead) : dead;
}

void Stream::leave_when_done(std::vector<StreamAction>& actions) {
  if (leave_by_ && pending_.empty()) actions.emplace_back(leave());
}

void Stream::forget(TimePoint now) {
  while (!answered_.empty() && (answered_.size() > most_remembered || now - answered_.front().at >= remembered))
    answered_.pop_front();
}

}  // namespace xieban::dingtalk
