#include "adapters/feishu/platform.hpp"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "adapters/feishu/card.hpp"
#include "adapters/feishu/groups.hpp"
#include "adapters/feishu/receipts.hpp"
#include "adapters/feishu/stream.hpp"
#include "adapters/feishu/tasks.hpp"

namespace xieban::feishu {

using nlohmann::json;

namespace {

constexpr std::string_view json_type = "application/json; charset=utf-8";
constexpr Duration hour{3600 * 1000};
constexpr Duration day{24 * 3600 * 1000};
constexpr Duration token_margin{30 * 60 * 1000};  // below it the platform hands out a new one, and the old one still works
constexpr std::size_t key_bytes = 50;

/// Who is roused by an urgent message: its reader, or in a group those it mentions.
json roused(const Outgoing& message) {
  json users = json::array();
  if (message.to) users.push_back(message.to->value);
  for (const PersonRef& person : message.mentions) users.push_back(person.user.value);
  return users;
}

/// Texts come from people: bytes that are no UTF-8 must not make a message impossible to send.
std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

Channel channel(const char* id, Reach reach) {
  Channel made;
  made.id = ChannelId(id);
  made.reach = reach;
  made.forms.card = true;
  made.forms.card_inputs = true;
  made.forms.tables = made.forms.charts = true;
  made.mentions = true;
  made.urgent_after = true;
  made.audited = true;
  made.same_key = hour;
  made.text_bytes = std::size_t{140} * 1024;
  // The estimate knows nothing of what stands around buttons, and of mentions.
  made.card_bytes = most_card_bytes - std::size_t{4} * 1024;
  made.life.updatable = 13 * day;  // the platform's 14, less the time a parcel may wait
  return made;
}

/// Below the platform's limits: 5 QPS to one chat (shared with other bots), 50/s and 1000/min for an API.
Traits feishu_traits(bool mirrors_tasks) {
  Traits traits;
  Channel group = channel("group", Reach::group);
  Window chat;
  chat.count = 4;
  chat.per = Duration{1000};
  chat.scope = Scope::chat;
  Window second;
  second.count = 45;
  second.per = Duration{1000};
  second.scope = Scope::app;
  Window minute;
  minute.count = 950;
  minute.per = Duration{60000};
  minute.scope = Scope::app;
  group.limits = {chat, second, minute};
  Channel person = channel("person", Reach::person);
  person.limits = group.limits;
  traits.channels = {std::move(group), std::move(person), groups_channel_traits()};
  if (mirrors_tasks) traits.channels.push_back(tasks_channel_traits());
  traits.answer_within = {{EventKind::url_check, Duration{1000}},
                          {EventKind::message, Duration{3000}},
                          {EventKind::press, Duration{3000}},
                          {EventKind::event, Duration{3000}}};
  return traits;
}

const char* toast_type(const Reply& reply) {
  if (reply.outcome == Done::failed) return "error";
  switch (reply.tone) {
    case Tone::success:
      return "success";
    case Tone::warning:
      return "warning";
    case Tone::danger:
      return "error";
    default:
      return "info";
  }
}

/// In text messages < and > would open a mention or a style, and "](" makes a link (open.feishu.cn, text content); what looks
/// like an escape is typed as such.
std::string escape_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == ']' && i + 1 < text.size() && text[i + 1] == '(') {
      out += "&#93;";
    } else {
      out += c;
    }
  }
  return out;
}

std::string text_content(const Outgoing& message) {
  std::string text;
  for (const PersonRef& person : message.mentions) text += "<at user_id=\"" + person.user.value + "\"></at> ";
  text += escape_text(message.text);
  const json content = {{"text", text}};
  return dump(content);
}

HttpRequest sign(HttpRequest request, const Token& token) {
  request.headers.set("Content-Type", std::string(json_type));
  request.headers.set("Authorization", "Bearer " + token.value.reveal());
  request.repeatable = true;  // the uuid, or a call that says the same twice
  return request;
}

bool fits(const json& card, const std::string& content) {
  return content.size() <= most_card_bytes && count_elements(card) <= most_elements && inputs_hold(card);
}

PressToken seed_of(CardId card, std::uint32_t version) {
  PressToken seed;
  seed.card = card;
  seed.version = version;
  return seed;
}

}  // namespace

FeishuPlatform::FeishuPlatform(Settings settings)
    : settings_(std::move(settings)),
      traits_(feishu_traits(settings_.mirror_tasks)),
      hook_(std::make_unique<Hook>(settings_)) {}

Result<Decoded> FeishuPlatform::decode(const HttpRequest& request, TimePoint now) const { return hook_->decode(request, now); }

HttpResponse FeishuPlatform::answer(const Inbound& inbound, const Reply& reply, const Card* card) const {
  if (inbound.kind != EventKind::press) return HttpResponse(200, "{}", "application/json");
  json body = json::object();
  if (!reply.toast.empty()) body["toast"] = {{"type", toast_type(reply)}, {"content", reply.toast}};
  if (card != nullptr && reply.card) {
    const auto* pressed = std::get_if<Pressed>(&inbound.what);
    const PressToken seed = seed_of(*reply.card, pressed == nullptr ? 0 : pressed->version);
    json rendered = render(*card, seed, settings_.app_secret, {});
    // One that is too large would be refused with an error before everyone; the refresh behind the press takes care of it.
    if (fits(rendered, dump(rendered))) body["card"] = {{"type", "raw"}, {"data", std::move(rendered)}};
  }
  return HttpResponse(200, dump(body), "application/json");
}

HttpResponse FeishuPlatform::busy(const Inbound& inbound, const std::string& text) const {
  if (inbound.kind == EventKind::press) {
    const json body = {{"toast", {{"type", "warning"}, {"content", text}}}};
    return HttpResponse(200, dump(body), "application/json");
  }
  HttpResponse answer(503);
  answer.headers.set("Retry-After", "2");
  return answer;
}

std::optional<HttpRequest> FeishuPlatform::token_request() const {
  HttpRequest request("POST", "/open-apis/auth/v3/tenant_access_token/internal");
  request.headers.set("Content-Type", std::string(json_type));
  const json body = {{"app_id", settings_.app_id}, {"app_secret", settings_.app_secret.reveal()}};
  request.body = dump(body);
  request.repeatable = true;
  return request;
}

Result<Token> FeishuPlatform::read_token(const HttpResponse& answer, TimePoint now) const {
  const json body = json::parse(answer.body, nullptr, false);
  if (!body.is_object() || !body.contains("code") || !body["code"].is_number_integer()) {
    return std::unexpected(Error(Errc::network, "token: HTTP " + std::to_string(answer.status) + " without a code"));
  }
  const auto code = body["code"].get<std::int64_t>();
  if (code != 0) return std::unexpected(Error(Errc::bad_input, "token: code " + std::to_string(code)));
  const auto value = body.find("tenant_access_token");
  const auto expire = body.find("expire");
  if (value == body.end() || !value->is_string() || expire == body.end() || !expire->is_number_integer()) {
    return std::unexpected(Error(Errc::bad_input, "token: answer without tenant_access_token or expire"));
  }
  Token token;
  token.value = Secret(value->get<std::string>());
  const Duration lifetime = std::chrono::seconds(expire->get<std::int64_t>());
  token.until = now + (lifetime > 2 * token_margin ? lifetime - token_margin : lifetime / 2);
  return token;
}

Result<Wire> FeishuPlatform::encode(const Outgoing& message, const Token& token) const {
  if (message.form == Form::group) {
    auto made = group_request(message);
    if (!made) return std::unexpected(made.error());
    return Wire(sign(std::move(*made), token));
  }
  if (message.form == Form::task) {
    auto made = task_request(message);
    if (!made) return std::unexpected(made.error());
    return Wire(sign(std::move(*made), token));
  }
  json body;
  HttpRequest request;
  std::string content;
  if (message.form == Form::text) {
    content = text_content(message);
  } else if (message.form != Form::urgent) {
    if (!message.card) return std::unexpected(Error(Errc::bad_input, "a card without content"));
    std::vector<std::string> mentions;
    for (const PersonRef& person : message.mentions) mentions.push_back(person.user.value);
    const json card = render(*message.card, seed_of(message.card_id, message.version), settings_.app_secret, mentions);
    content = dump(card);
    // The platform would refuse it whole and show nothing: the next way of the plan is taken, which is text.
    if (!fits(card, content)) return std::unexpected(Error(Errc::not_found, "the card holds more than the platform accepts"));
  }
  if (message.form == Form::card_update) {
    request = HttpRequest("PATCH", "/open-apis/im/v1/messages/" + message.update_of);
    body = {{"content", content}};
  } else if (message.form == Form::urgent) {
    request = HttpRequest("PATCH", "/open-apis/im/v1/messages/" + message.update_of + "/urgent_app?user_id_type=open_id");
    body = {{"user_id_list", roused(message)}};
  } else {
    const bool to_person = message.to.has_value();
    request =
        HttpRequest("POST", std::string("/open-apis/im/v1/messages?receive_id_type=") + (to_person ? "open_id" : "chat_id"));
    body = {{"receive_id", to_person ? message.to->value : message.chat.chat.value},
            {"msg_type", message.form == Form::text ? "text" : "interactive"},
            {"content", content},
            {"uuid", message.key.substr(0, key_bytes)}};
  }
  request.body = dump(body);
  return Wire(sign(std::move(request), token));
}

Receipt FeishuPlatform::interpret(const Outgoing& message, const HttpResponse& answer) const {
  return read_receipt(message, answer);
}

std::unique_ptr<StreamMachine> FeishuPlatform::make_stream() const {
  return settings_.stream ? std::make_unique<Stream>(settings_) : nullptr;
}

}  // namespace xieban::feishu
