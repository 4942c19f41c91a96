#include "adapters/dingtalk/hook.hpp"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "adapters/dingtalk/message.hpp"
#include "adapters/dingtalk/press.hpp"
#include "adapters/dingtalk/read.hpp"
#include "adapters/dingtalk/signature.hpp"
#include "adapters/press_token.hpp"
#include "bot/base/text.hpp"
#include "bot/crypto/crypto.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr Duration clock_window{3'600'000};
constexpr std::size_t most_name_bytes = 200;
constexpr Duration webhook_margin{60'000};  // a session is left alone so long before it ends
constexpr const char* card_time_header = "x-ddpaas-signature-timestamp";
constexpr std::string_view nothing_to_say = R"({"msgtype":"empty"})";

std::unexpected<Error> bad(const char* what) { return std::unexpected(Error(Errc::bad_input, what)); }
std::unexpected<Error> foreign(const char* what) { return std::unexpected(Error(Errc::bad_signature, what)); }

Ignored ignored(std::string_view body, std::string alarm = {}, std::string ailment = {}) {
  Ignored nothing;
  nothing.answer = HttpResponse(200, std::string(body), "application/json");
  nothing.alarm = std::move(alarm);
  nothing.ailment = std::move(ailment);
  return nothing;
}

bool streamed(const HttpRequest& request) { return request.method == stream_method; }

/// A header's time in whole milliseconds or seconds, if it is within an hour of ours.
bool recent(std::string_view digits, TimePoint now) {
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (code != std::errc{} || end != digits.data() + digits.size() || value <= 0 || digits.size() > 14) return false;
  const TimePoint at(Duration(digits.size() <= 10 ? value * 1000 : value));
  return std::chrono::abs(now - at) <= clock_window;
}

std::string_view channel_of(const HttpRequest& request) {
  const std::string_view path = request.path();
  return path.substr(path.rfind('/') + 1);
}

/// A callback has no id of its own, and the same button may be meant again: a push is known by its frame, or by its bytes and
/// the time of its signature. One that comes again under another name finds what it asks for done.
std::string press_key(const HttpRequest& request) {
  const std::string_view id = request.headers.get(push_id_header);
  if (streamed(request) && !id.empty()) return "press:" + crypto::sha256_hex(id);
  const char* time = streamed(request) ? push_time_header : card_time_header;
  return "press:" + crypto::sha256_hex(request.body + "\n" + std::string(request.headers.get(time)));
}

ChatId private_chat(const std::string& user) { return ChatId("p:" + user); }

/// Lower camel first, then as older subscriptions write it.
std::string field(const json& event, const char* name, const char* capitalised) {
  return text(either(event, name, capitalised));
}

}  // namespace

std::string origin_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const auto path = url.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string{} : std::string(url.substr(0, path));
}

bool may_post_to(std::string_view url, const Settings& settings) {
  // What could split a request or hide a host is in no address of theirs.
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f' || c == '\\' || c == '#') return false;
  }
  const std::string origin = origin_of(url);
  if (origin.empty()) return false;
  if (origin == settings.oapi_base) return true;
  constexpr std::string_view scheme = "https://", domain = ".dingtalk.com";
  if (!origin.starts_with(scheme)) return false;
  const std::string_view host = std::string_view(origin).substr(scheme.size());
  for (const char c : host) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
    if (!plain) return false;
  }
  return host.size() > domain.size() && host.ends_with(domain);
}

Hook::Hook(const Settings& settings, Rng rng)
    : settings_(settings),
      keys_(settings.event_token, settings.event_aes_key, settings.old_event_token, settings.old_event_aes_key,
            settings.client_id),
      rng_(rng) {}

std::string Hook::letters(std::size_t count) {
  constexpr std::string_view all = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::string out;
  while (out.size() < count) out += all[rng_.below(all.size())];
  return out;
}

HttpResponse Hook::success() {
  const std::string encrypt = keys_.seal("success", letters(16));
  if (encrypt.empty()) return HttpResponse(200, "{}", "application/json");
  const std::string timestamp = std::to_string(last_.time_since_epoch().count());
  const std::string nonce = letters(16);
  const json answer = {{"msg_signature", keys_.sign(timestamp, nonce, encrypt)},
                       {"timeStamp", timestamp},
                       {"nonce", nonce},
                       {"encrypt", encrypt}};
  return HttpResponse(200, answer.dump(), "application/json");
}

Result<Decoded> Hook::decode(const HttpRequest& request, TimePoint now) {
  last_ = now;
  if (!streamed(request) && request.method != "POST") return bad("only POST is received");
  const std::string_view channel = channel_of(request);
  if (channel == robot_channel) return robot(request, now);
  if (channel == event_channel) return event(request, now);
  if (channel == card_channel) return card(request, now);
  return bad("no such channel");
}

// ---- messages to the robot ----------------------------------------------------------------------------

Result<Decoded> Hook::robot(const HttpRequest& request, TimePoint now) {
  if (!streamed(request)) {
    const std::string_view timestamp = request.headers.get("timestamp");
    if (settings_.client_secret.empty() || !recent(timestamp, now)) return foreign("timestamp is missing or not of now");
    if (!crypto::equal(robot_signature(timestamp, settings_.client_secret), request.headers.get("sign")))
      return foreign("signature does not fit");
  }
  const json body = parse(request.body);
  if (!body.is_object()) return bad("body is not a JSON object");
  RobotMessage message = read_message(body);
  if (!ours(message.robot_corp)) return foreign("another organisation's robot");
  if (message.over_quota)
    return Decoded(ignored(nothing_to_say, "the month's quota of robot messages is used up (20001): nothing people say arrives",
                           "ailment.pushes_used_up"));
  if (!ours(message.sender_corp)) return Decoded(ignored(nothing_to_say));
  if (message.sender.empty())
    return Decoded(ignored(nothing_to_say, "a message without senderStaffId: publish the robot and a version of the app",
                           "ailment.no_senders"));
  if (message.id.empty()) return bad("message without msgId");
  if (message.group && message.conversation.empty()) return bad("group message without conversationId");

  Inbound inbound;
  inbound.key.app = settings_.app;
  inbound.key.key = message.id;
  inbound.kind = EventKind::message;
  inbound.actor = UserId(message.sender);
  inbound.chat.app = settings_.app;
  inbound.one_to_one = !message.group;
  inbound.chat.chat = message.group ? ChatId(message.conversation) : private_chat(message.sender);
  if (message.group) inbound.chat_name = text::clip_bytes(text::repair(message.title), most_name_bytes);
  inbound.sent_at = message.sent_at.value_or(now);
  if (message.webhook_until && *message.webhook_until - webhook_margin > now && may_post_to(message.webhook, settings_)) {
    ReplyAddress address;
    address.url = message.webhook;
    address.until = *message.webhook_until - webhook_margin;
    inbound.reply_to = std::move(address);
  }
  Said said = with_mentions(message);
  if (message.group) {
    // Only what is addressed to the robot arrives from groups at all.
    Mention bot;
    bot.shown_as = settings_.bot_name;
    bot.is_bot = true;
    said.mentions.push_back(std::move(bot));
  }
  said.attachments = std::move(message.attachments);
  inbound.what = std::move(said);
  return Decoded(std::move(inbound));
}

// ---- events ---------------------------------------------------------------------------------------------

Result<Decoded> Hook::event(const HttpRequest& request, TimePoint now) {
  Inbound inbound;
  inbound.key.app = settings_.app;
  if (streamed(request)) {
    if (!ours(request.headers.get(event_corp_header))) return foreign("another organisation's event");
    const json body = parse(request.body);
    if (!body.is_object()) return bad("event is not a JSON object");
    inbound.key.key = request.headers.get(event_id_header);
    if (inbound.key.key.empty()) inbound.key.key = crypto::sha256_hex(request.body);
    return read_event(body, request, std::move(inbound), now);
  }
  const json envelope = parse(request.body);
  if (envelope.is_discarded()) return bad("body is not JSON");
  const std::string encrypt = text(envelope, "encrypt");
  std::string signature = request.param("msg_signature");
  if (signature.empty()) signature = request.param("signature");
  std::string timestamp = request.param("timestamp");
  if (timestamp.empty()) timestamp = request.param("timeStamp");
  // Without an encrypted member there is nothing that the signature could be about.
  if (encrypt.empty() || !keys_.signed_by(signature, timestamp, request.param("nonce"), encrypt))
    return foreign("signature does not fit");
  const auto plain = keys_.open(signature, timestamp, request.param("nonce"), encrypt);
  if (!plain) return foreign("cannot be decrypted");
  const json body = parse(*plain);
  if (!body.is_object()) return bad("event is not a JSON object");
  if (field(body, "eventType", "EventType") == "check_url") {
    Handshake handshake;
    handshake.answer = success();
    return Decoded(std::move(handshake));
  }
  inbound.key.key = text(body, "eventId");
  if (inbound.key.key.empty()) inbound.key.key = crypto::sha256_hex(*plain);
  return read_event(body, request, std::move(inbound), now);
}

Result<Decoded> Hook::read_event(const json& body, const HttpRequest& request, Inbound inbound, TimePoint now) {
  if (!ours(field(body, "corpId", "CorpId"))) return foreign("another organisation's event");
  std::string type(streamed(request) ? request.headers.get(event_type_header) : std::string_view{});
  if (type.empty()) type = field(body, "eventType", "EventType");
  const json* when = either(body, "timeStamp", "TimeStamp");
  const json born = std::string(request.headers.get(event_time_header));
  inbound.kind = EventKind::event;
  inbound.sent_at = instant(when != nullptr ? when : &born).value_or(now);
  inbound.chat.app = settings_.app;
  inbound.chat.chat = ChatId(field(body, "openConversationId", "OpenConversationId"));
  inbound.actor = UserId(field(body, "operator", "Operator"));
  if (type == "chat_disband") {
    inbound.what = ChatGone{};
  } else if (type == "im_cool_app_install") {
    const std::string robot = field(body, "robotCode", "RobotCode");
    if (!robot.empty() && robot != settings_.client_id) return Decoded(ignored(success().body));
    inbound.what = JoinedChat{};
  } else if (type == "user_leave_org") {
    inbound.chat.chat = ChatId();
    PersonLeft left;
    for (std::string& user : texts(either(body, "userId", "UserId"))) left.users.emplace_back(std::move(user));
    inbound.what = std::move(left);
  } else if (type == "org_dept_create" || type == "org_dept_modify" || type == "org_dept_remove") {
    inbound.chat.chat = ChatId();
    inbound.what = DirectoryChanged{};
  } else if (type == "user_modify_org" || type == "user_add_org") {
    inbound.chat.chat = ChatId();
    PersonChanged changed;
    for (std::string& user : texts(either(body, "userId", "UserId"))) changed.users.emplace_back(std::move(user));
    inbound.what = std::move(changed);
  } else {
    return Decoded(ignored(success().body));
  }
  return Decoded(std::move(inbound));
}

// ---- presses --------------------------------------------------------------------------------------------

Result<Decoded> Hook::card(const HttpRequest& request, TimePoint now) {
  if (!streamed(request)) {
    const std::string_view timestamp = request.headers.get(card_time_header);
    // Whoever registered the address without a secret gets unsigned callbacks: those are refused.
    if (settings_.card_secret.empty() || !recent(timestamp, now)) return foreign("timestamp is missing or not of now");
    if (!crypto::equal(card_signature(timestamp, settings_.card_secret), request.headers.get("x-ddpaas-signature")))
      return foreign("signature does not fit");
  }
  const json body = parse(request.body);
  if (!body.is_object()) return bad("body is not a JSON object");
  const CardCallback callback = read_card_callback(body);
  if (!ours(callback.corp)) return foreign("another organisation's card");
  if (!callback.type.empty() && callback.type != "actionCallback") return Decoded(ignored("{}"));
  if (callback.track_id.empty() || callback.user.empty()) return bad("card callback without outTrackId or userId");

  Inbound inbound;
  inbound.key.app = settings_.app;
  inbound.kind = EventKind::press;
  inbound.actor = UserId(callback.user);
  inbound.sent_at = now;
  inbound.chat.app = settings_.app;
  Pressed pressed;
  pressed.inputs = callback.inputs;
  pressed.handle = callback.track_id;
  std::string chat;
  // A card that is not ours, or a button that was changed, names no card: the answer says that it has expired.
  if (const auto track = read_track_id(callback.track_id, settings_.client_secret)) {
    chat = track->chat;
    const auto token = unseal(callback.action, settings_.client_secret);
    if (token && token->card == track->card) {
      pressed.card = token->card;
      pressed.version = token->version;
      pressed.action = token->action;
    }
  }
  if (callback.space_type == "IM_GROUP" && !callback.space.empty()) chat = callback.space;
  inbound.one_to_one = chat == "p" || callback.space_type == "IM_ROBOT";
  inbound.chat.chat = inbound.one_to_one ? private_chat(callback.user) : ChatId(chat);

  inbound.key.key = press_key(request);
  inbound.what = std::move(pressed);
  return Decoded(std::move(inbound));
}

}  // namespace xieban::dingtalk
