#include "adapters/wecom/stream.hpp"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/wecom/api.hpp"
#include "adapters/wecom/hook.hpp"
#include "adapters/wecom/read.hpp"
#include "adapters/wecom/receipts.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

constexpr Duration second{1000}, hour{3'600'000};
constexpr Duration heartbeat = 30 * second;
constexpr int most_unanswered = 2;
constexpr Duration ack_wait = 8 * second;  // the platform's clients wait 5 to 15 s
constexpr Duration subscribe_wait = 10 * second;
constexpr Duration after_takeover = 5 * second, takeover_spread = 5 * second;
constexpr Duration reply_lives = 24 * hour;
constexpr std::size_t most_replies = 10'000;
constexpr Duration longest_wait = 10 * second;
// Whoever is told that it is too much waits a minute: refused so often, a minute apart, a chat is closed and not full.
constexpr int most_refusals = 3;
constexpr Duration between_refusals = 50 * second;

SocketFrame frame_of(const json& value) {
  SocketFrame frame;
  frame.bytes = dump(value);
  return frame;
}

Settled settled(std::string send_key, Receipt receipt) {
  Settled made;
  made.send_key = std::move(send_key);
  made.receipt = std::move(receipt);
  return made;
}

Reconnect reconnect(Duration after, std::string why) {
  Reconnect action;
  action.after = after;
  action.why = std::move(why);
  return action;
}

std::string chat_of(const SocketFrame& sent) {
  const json frame = parse(sent.bytes);
  const json* body = member(frame, "body");
  return body == nullptr ? std::string() : text(*body, "chatid");
}

Receipt not_now(const char* why) {
  Receipt receipt(Outcome::retry, why);
  receipt.retry_after = 2 * second;
  return receipt;
}

/// Raw control characters stand inside texts of the platform's frames; its own client takes them out as well.
std::string without_controls(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    if (static_cast<unsigned char>(c) >= 0x20 || c == '\t' || c == '\n') out += c;
  }
  return out;
}

}  // namespace

Stream::Stream(Settings settings, Rng rng, std::shared_ptr<Untaken> untaken)
    : settings_(std::move(settings)), rng_(rng), untaken_(std::move(untaken)) {
  connection_ = ++untaken_->connections;
}

std::optional<HttpRequest> Stream::open_request() const { return std::nullopt; }
Result<std::string> Stream::endpoint(const HttpResponse&) { return settings_.stream_base; }

std::string Stream::fresh_id(std::string_view cmd, TimePoint now) {
  std::string noise;
  for (int i = 0; i < 4; ++i) noise += static_cast<char>(rng_.below(256));
  return std::string(cmd) + "_" + std::to_string(now.time_since_epoch().count()) + "_" + crypto::hex(noise);
}

std::vector<StreamAction> Stream::opened(TimePoint now) {
  subscription_ = fresh_id("aibot_subscribe", now);
  subscribe_by_ = now + subscribe_wait;
  const json body = {{"bot_id", settings_.bot->id}, {"secret", settings_.bot->secret.reveal()}};
  return {frame_of({{"cmd", "aibot_subscribe"}, {"headers", {{"req_id", subscription_}}}, {"body", body}})};
}

std::vector<StreamAction> Stream::received(std::string_view bytes, bool /*binary*/, TimePoint now) {
  const json frame = parse(without_controls(bytes));
  const json* headers = member(frame, "headers");
  const std::string req_id = headers == nullptr ? std::string() : text(*headers, "req_id");
  if (req_id.empty()) return {};
  const std::string cmd = text(frame, "cmd");
  if (cmd == "aibot_msg_callback") return event(frame, req_id, true, now);
  if (cmd == "aibot_event_callback") return event(frame, req_id, false, now);
  // Further commands are not documented.
  const auto errcode = number(member(frame, "errcode"));
  return errcode ? acknowledged(req_id, *errcode, now) : std::vector<StreamAction>();
}

std::vector<StreamAction> Stream::event(const json& frame, const std::string& req_id, bool message, TimePoint now) {
  const json* body = member(frame, "body");
  if (body == nullptr || untaken_->events.contains(req_id)) return {};
  if (const json* what = member(*body, "event"); what != nullptr && text(*what, "eventtype") == "disconnected_event") {
    // A socket that stays open after this gets pings answered and nothing else.
    // Two that lost it to each other must not come back in step.
    const Duration chance(static_cast<Duration::rep>(rng_.below(static_cast<std::uint64_t>(takeover_spread.count()))));
    Reconnect over = reconnect(after_takeover + chance, "another connection of this bot took over");
    over.taken = true;
    return {std::move(over)};
  }
  if (message) {
    replies_.push_back({req_id, now + reply_lives});
    if (replies_.size() > most_replies) replies_.pop_front();
  }
  Untaken::Event kept;
  kept.connection = connection_;
  kept.request = HttpRequest(std::string(stream_method), "/stream/" + std::string(bot_channel_name));
  kept.request.headers.set(req_id_header, req_id);
  kept.request.body = dump(*body);
  Arrived arrived;
  arrived.event = kept.request;
  arrived.ack_key = req_id;
  untaken_->events.emplace(req_id, std::move(kept));
  return {std::move(arrived)};
}

std::vector<StreamAction> Stream::committed(std::string_view ack_key, const HttpResponse& answer, TimePoint now) {
  const auto found = untaken_->events.find(ack_key);
  if (found == untaken_->events.end()) return {};
  const std::string req_id = found->first;
  // An update goes out on the connection that brought the press, or not at all.
  const bool here = live_ && found->second.connection == connection_;
  untaken_->events.erase(found);
  if (!here) return {};
  const json update = parse(answer.body);
  if (!update.is_object() || !update.contains("template_card")) return {};
  Waiting waiting;  // whether it shows is of no consequence any more
  waiting.card = true;
  return transmit(std::move(waiting), {{"cmd", "aibot_respond_update_msg"}, {"body", update}}, req_id, now);
}

std::vector<StreamAction> Stream::failed(std::string_view ack_key, TimePoint now) {
  const auto found = untaken_->events.find(ack_key);
  if (found == untaken_->events.end()) return {};
  Untaken::Event& kept = found->second;
  kept.again_at = now + std::min<Duration>(longest_wait, second * ++kept.tries);
  return {};
}

std::vector<StreamAction> Stream::take_up(const std::function<bool(TimePoint)>& due) {
  std::vector<StreamAction> actions;
  for (auto& [req_id, kept] : untaken_->events) {
    if (!kept.again_at || !due(*kept.again_at)) continue;
    kept.again_at.reset();
    Arrived arrived;
    arrived.event = kept.request;
    arrived.ack_key = req_id;
    actions.emplace_back(std::move(arrived));
  }
  return actions;
}

std::vector<StreamAction> Stream::hurry() {
  return take_up([](TimePoint) { return true; });
}

std::vector<StreamAction> Stream::subscribed(std::int64_t errcode, TimePoint now) {
  constexpr std::int64_t refused = 853000;
  subscribe_by_.reset();
  if (errcode == 0) {
    live_ = true;
    ping_at_ = now + heartbeat;
    return {};
  }
  refused_ = errcode == refused;
  const std::string code = "subscribe: errcode " + std::to_string(errcode);
  return {reconnect(heartbeat, refused_ ? code + ": bot_id or secret is not right" : code)};
}

std::vector<StreamAction> Stream::acknowledged(const std::string& req_id, std::int64_t errcode, TimePoint now) {
  if (req_id == subscription_) return subscribe_by_ ? subscribed(errcode, now) : std::vector<StreamAction>();
  if (req_id == ping_) {
    unanswered_pings_ = 0;
    return {};
  }
  const auto found = waiting_.find(req_id);
  if (found == waiting_.end()) return {};
  Waiting sent = std::move(found->second);
  waiting_.erase(found);
  if (sent.send_key.empty()) return {};
  FrameAnswer answer = read_frame_answer(errcode, sent.reply, sent.card);
  if (answer.say_unprompted) return unprompted(std::move(sent.send_key), sent.frame, now);
  const std::string chat = chat_of(sent.frame);
  if (!answer.too_much) {
    refusing_.erase(chat);
  } else if (unheard(chat, now)) {
    answer.receipt.outcome = Outcome::rejected;
    answer.receipt.target_gone = true;
    answer.receipt.retry_after.reset();
  }
  if (answer.receipt.outcome == Outcome::delivered) answer.receipt.provider_id = sent.task.empty() ? req_id : sent.task;
  std::vector<StreamAction> actions{settled(std::move(sent.send_key), std::move(answer.receipt))};
  if (answer.reconnect) actions.emplace_back(reconnect(Duration{}, "the platform says that nothing is subscribed"));
  return actions;
}

bool Stream::unheard(const std::string& chat, TimePoint now) {
  if (chat.empty()) return false;
  Refusing& one = refusing_[chat];
  // Several that were under way together are told the same.
  if (one.times > 0 && now - one.last < between_refusals) return one.times >= most_refusals;
  one.last = now;
  return ++one.times >= most_refusals;
}

bool Stream::take_reply(const std::string& req_id, TimePoint now) {
  while (!replies_.empty() && replies_.front().until <= now) replies_.pop_front();
  const auto found = std::ranges::find(replies_, req_id, &Reply::req_id);
  if (found == replies_.end()) return false;
  replies_.erase(found);
  return true;
}

std::vector<StreamAction> Stream::send(std::string send_key, SocketFrame given, TimePoint now) {
  if (!live_) return {settled(std::move(send_key), not_now("the bot is not subscribed yet"))};
  json frame = parse(given.bytes);
  const json* headers = member(frame, "headers");
  const std::string req_id = headers == nullptr ? std::string() : text(*headers, "req_id");
  if (text(frame, "cmd") == welcome_command) {
    // Too late, or on another connection: the platform says so, and it stays unsaid here.
    Waiting welcome;
    welcome.send_key = std::move(send_key);
    return transmit(std::move(welcome), std::move(frame), req_id, now);
  }
  if (req_id.empty() || !take_reply(req_id, now)) return unprompted(std::move(send_key), given, now);
  frame["body"].erase("chatid");
  frame["body"].erase("chat_type");
  Waiting waiting;
  waiting.send_key = std::move(send_key);
  waiting.frame = std::move(given);
  waiting.reply = true;
  return transmit(std::move(waiting), std::move(frame), req_id, now);
}

std::vector<StreamAction> Stream::unprompted(std::string send_key, const SocketFrame& given, TimePoint now) {
  json frame = parse(given.bytes);
  const bool to_group = frame.contains("body") && number(member(frame["body"], "chat_type")) == 2;
  // Whether a group takes a card that is no reply is documented both ways.
  if (to_group && frame["body"].contains("template_card"))
    return {settled(std::move(send_key), Receipt(Outcome::unsupported, "a card in a group must be a reply"))};
  frame["cmd"] = "aibot_send_msg";
  Waiting waiting;
  waiting.send_key = std::move(send_key);
  waiting.frame = given;
  return transmit(std::move(waiting), std::move(frame), fresh_id("aibot_send_msg", now), now);
}

std::vector<StreamAction> Stream::transmit(Waiting waiting, json frame, std::string req_id, TimePoint now) {
  frame["headers"] = {{"req_id", req_id}};
  if (const json* card = member(frame["body"], "template_card")) {
    waiting.card = true;
    waiting.task = text(*card, "task_id");
  }
  waiting.until = now + ack_wait;
  waiting_.insert_or_assign(std::move(req_id), std::move(waiting));
  return {frame_of(frame)};
}

std::vector<StreamAction> Stream::tick(TimePoint now) {
  if (subscribe_by_ && now >= *subscribe_by_) return {reconnect(Duration{}, "the subscription was not acknowledged")};
  std::vector<StreamAction> actions;
  for (auto one = waiting_.begin(); one != waiting_.end();) {
    if (now < one->second.until) {
      ++one;
      continue;
    }
    if (!one->second.send_key.empty())
      actions.emplace_back(settled(std::move(one->second.send_key), Receipt(Outcome::unknown, "no acknowledgement in time")));
    one = waiting_.erase(one);
  }
  std::ranges::move(take_up([now](TimePoint at) { return at <= now; }), std::back_inserter(actions));
  if (ping_at_ && now >= *ping_at_) {
    if (unanswered_pings_ >= most_unanswered) {
      actions.emplace_back(reconnect(Duration{}, "two heartbeats without an answer"));
      return actions;
    }
    ++unanswered_pings_;
    ping_ = fresh_id("ping", now);
    ping_at_ = now + heartbeat;
    actions.emplace_back(frame_of({{"cmd", "ping"}, {"headers", {{"req_id", ping_}}}}));
  }
  return actions;
}

std::optional<TimePoint> Stream::next_tick() const {
  std::optional<TimePoint> first;
  const auto consider = [&first](const std::optional<TimePoint>& at) {
    if (at && (!first || *at < *first)) first = at;
  };
  consider(subscribe_by_);
  consider(ping_at_);
  for (const auto& [req_id, one] : waiting_) consider(one.until);
  for (const auto& [req_id, kept] : untaken_->events) consider(kept.again_at);
  return first;
}

}  // namespace xieban::wecom
