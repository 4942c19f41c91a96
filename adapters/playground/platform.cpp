#include "adapters/playground/platform.hpp"

#include <charconv>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/playground/card_json.hpp"
#include "bot/base/text.hpp"
#include "bot/core/request/request.hpp"

namespace xieban {

using nlohmann::json;

namespace {

constexpr std::string_view app_name = "playground:main";
constexpr std::string_view private_prefix = "p:";
constexpr Duration ten_years{10LL * 366 * 24 * 3600 * 1000};

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
  made.urgent = true;
  made.same_key = ten_years;
  made.text_bytes = made.card_bytes = std::size_t{256} * 1024;
  made.buttons = 50;
  made.select_options = 250;
  made.life.updatable = ten_years;
  return made;
}

Channel groups() {
  Channel made;
  made.id = ChannelId("groups");
  made.reach = Reach::groups;
  made.forms.text = false;
  made.same_key = ten_years;
  GroupSkills skills;
  skills.members = 500;
  skills.dissolves = true;
  made.groups = skills;
  return made;
}

/// POST /groups, POST /groups/{id}/members, DELETE /groups/{id}.
HttpRequest group_request(const GroupCall& call, const Outgoing& out) {
  json members = json::array();
  for (const PersonRef& member : call.members) members.push_back(member.user.str());
  const bool dissolve = call.step == GroupStep::dissolve;
  std::string target = "/groups";
  if (call.step != GroupStep::make) target += "/" + out.chat.chat.str();
  if (call.step == GroupStep::add) target += "/members";
  HttpRequest request(dissolve ? "DELETE" : "POST", std::move(target));
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  request.body = dump({{"key", out.key}, {"name", call.name}, {"members", std::move(members)}});
  request.repeatable = true;
  return request;
}

HttpResponse as_json(int status, const json& body) {
  return HttpResponse(status, dump(body), "application/json; charset=utf-8");
}

std::unexpected<Error> bad(const char* what) { return std::unexpected(Error(Errc::bad_input, what)); }

const std::string* text_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return nullptr;
  return found->get_ptr<const std::string*>();
}

/// nullopt: not there, not a whole number, or too big.
std::optional<std::uint64_t> number_of(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::nullopt;
  const auto* value = found->get_ptr<const json::number_unsigned_t*>();
  if (value == nullptr) return std::nullopt;
  return *value;
}

std::optional<std::vector<Mention>> mentions_of(const json& event) {
  std::vector<Mention> mentions;
  const auto list = event.find("mentions");
  if (list == event.end() || !list->is_array()) return std::nullopt;
  for (const json& item : *list) {
    if (!item.is_object()) return std::nullopt;
    const std::string* name = text_of(item, "name");
    if (name == nullptr) return std::nullopt;
    Mention mention;
    mention.shown_as = *name;
    if (const std::string* user = text_of(item, "user")) mention.user = UserId(*user);
    mentions.push_back(std::move(mention));
  }
  return mentions;
}

std::optional<std::map<std::string, std::vector<std::string>>> inputs_of(const json& event) {
  const auto object = event.find("inputs");
  if (object == event.end() || !object->is_object()) return std::nullopt;
  std::map<std::string, std::vector<std::string>> inputs;
  for (const auto& [id, values] : object->items()) {
    if (!values.is_array()) return std::nullopt;
    std::vector<std::string>& into = inputs[id];
    for (const json& value : values) {
      const auto* text = value.get_ptr<const std::string*>();
      if (text == nullptr) return std::nullopt;
      into.push_back(*text);
    }
  }
  return inputs;
}

/// Whether the text begins with a mention of the bot.
bool calls(std::string_view text, std::string_view bot_name) {
  for (const std::string_view at : {std::string_view("@"), std::string_view("＠")}) {
    if (text.starts_with(at) && text.substr(at.size()).starts_with(bot_name)) return true;
  }
  return false;
}

bool addressed(std::string_view text, std::string_view bot_name) {
  const std::string_view trimmed = text::trim(text);
  return trimmed.starts_with('/') || trimmed.starts_with("／") || calls(trimmed, bot_name);
}

}  // namespace

PlaygroundPlatform::PlaygroundPlatform(std::string bot_name, Lang lang)
    : app_(std::string(app_name)), bot_name_(std::move(bot_name)), lang_(lang) {
  traits_.channels = {channel("group", Reach::group), channel("person", Reach::person), groups()};
  traits_.answer_within = {{EventKind::message, Duration{4000}}, {EventKind::press, Duration{4000}}};
  traits_.refresh_after = Duration{0};
  traits_.private_chats = true;
}

Result<Decoded> PlaygroundPlatform::decode(const HttpRequest& request, TimePoint now) const {
  const json event = json::parse(request.body, nullptr, false);
  if (event.is_discarded() || !event.is_object()) return bad("the event is not a JSON object");
  const std::string* id = text_of(event, "id");
  const std::string* type = text_of(event, "type");
  const std::string* chat = text_of(event, "chat");
  const std::string* user = text_of(event, "user");
  if (id == nullptr || id->empty() || type == nullptr || chat == nullptr || chat->empty() || user == nullptr || user->empty()) {
    return bad("the event lacks id, type, chat or user");
  }
  Inbound inbound;
  inbound.key = InboxKey{app_, *id};
  inbound.actor = UserId(*user);
  inbound.chat = ChatRef{app_, ChatId(*chat)};
  inbound.one_to_one = chat->starts_with(private_prefix);
  const std::string* at = text_of(event, "at");
  inbound.sent_at = at == nullptr ? now : parse_rfc3339(*at).value_or(now);

  if (*type == "message") {
    const std::string* text = text_of(event, "text");
    if (text == nullptr) return bad("the message has no text");
    if (!inbound.one_to_one && !addressed(*text, bot_name_)) return Decoded(Ignored{as_json(200, json::object())});
    auto mentions = mentions_of(event);
    if (!mentions) return bad("the message's mentions cannot be read");
    Said said;
    said.text = *text;
    if (calls(text::trim(*text), bot_name_)) said.mentions.push_back(Mention{std::nullopt, bot_name_, true});
    said.mentions.insert(said.mentions.end(), mentions->begin(), mentions->end());
    inbound.kind = EventKind::message;
    inbound.what = std::move(said);
    return Decoded(std::move(inbound));
  }
  if (*type == "press") {
    const auto card = number_of(event, "card");
    const auto version = number_of(event, "version");
    const std::string* action = text_of(event, "action");
    auto inputs = inputs_of(event);
    if (!card || !version || *version > std::numeric_limits<std::uint32_t>::max() || action == nullptr || action->empty() ||
        !inputs) {
      return bad("the press lacks card, version, action or inputs");
    }
    Pressed pressed;
    pressed.card = CardId(*card);
    pressed.version = static_cast<std::uint32_t>(*version);
    pressed.action = *action;
    pressed.inputs = std::move(*inputs);
    inbound.kind = EventKind::press;
    inbound.what = std::move(pressed);
    return Decoded(std::move(inbound));
  }
  if (*type == "enter" && inbound.one_to_one) {
    inbound.what = JoinedChat{};
    return Decoded(std::move(inbound));
  }
  return Decoded(Ignored{as_json(200, json::object())});
}

HttpResponse PlaygroundPlatform::answer(const Inbound&, const Reply& reply, const Card* card) const {
  json toast;
  if (!reply.toast.empty()) toast = {{"tone", tone_name(reply.tone)}, {"text", reply.toast}};
  json body = {{"toast", std::move(toast)}, {"card", nullptr}, {"text", ""}};
  if (card != nullptr) {
    body["card"] = playground::card_json(*card);
    body["text"] = plain_text(*card, lang_);
  }
  return as_json(200, body);
}

HttpResponse PlaygroundPlatform::busy(const Inbound& inbound, const std::string& text) const {
  if (inbound.kind == EventKind::press) {
    return as_json(200, {{"toast", {{"tone", "warning"}, {"text", text}}}, {"card", nullptr}, {"text", ""}});
  }
  HttpResponse response(503);
  response.headers.set("Retry-After", "2");
  return response;
}

Result<Token> PlaygroundPlatform::read_token(const HttpResponse&, TimePoint) const {
  return std::unexpected(Error(Errc::bad_input, "the playground has no tokens"));
}

Result<Wire> PlaygroundPlatform::encode(const Outgoing& out, const Token&) const {
  if (out.form == Form::group) {
    if (!out.group || out.group->step == GroupStep::announce) return bad("no such call about a group");
    return Wire(group_request(*out.group, out));
  }
  const bool update = !out.update_of.empty();
  json mentions = json::array();
  for (const PersonRef& mention : out.mentions) mentions.push_back(mention.user.str());
  json body = {{"key", out.key},
               {"chat", out.chat.chat.str()},
               {"to", out.to ? json(out.to->str()) : json(nullptr)},
               {"kind", out.card ? "card" : "text"},
               {"text", out.text},
               {"card", out.card ? playground::card_json(*out.card) : json(nullptr)},
               {"mentions", std::move(mentions)},
               {"urgent", out.urgent},
               {"request", out.request.empty() ? json(nullptr) : json(number(out.request, out.request_year))},
               {"card_id", out.card_id.value},
               {"version", out.version},
               {"parcel", out.parcel.value}};
  HttpRequest request(update ? "PUT" : "POST", update ? "/messages/" + out.update_of : "/messages");
  request.headers.set("Content-Type", "application/json; charset=utf-8");
  request.body = dump(body);
  request.repeatable = true;
  return Wire(std::move(request));
}

Receipt PlaygroundPlatform::interpret(const Outgoing& out, const HttpResponse& response) const {
  if (response.status == 200 || response.status == 201) {
    const json body = json::parse(response.body, nullptr, false);
    const std::string* id = body.is_object() ? text_of(body, "id") : nullptr;
    if (id == nullptr) return Receipt(Outcome::unknown, "an answer without id");
    Receipt receipt(Outcome::delivered);
    receipt.provider_id = *id;
    return receipt;
  }
  const std::string detail = "status " + std::to_string(response.status);
  if (response.status == 404 && !out.update_of.empty()) return Receipt(Outcome::unsupported, detail);
  if (response.status == 429 || response.status == 503) {
    Receipt receipt(Outcome::retry, detail);
    const std::string_view after = response.headers.get("Retry-After");
    std::uint32_t seconds = 0;
    if (std::from_chars(after.data(), after.data() + after.size(), seconds).ec == std::errc{}) {
      receipt.retry_after = Duration{1000LL * seconds};
    }
    return receipt;
  }
  if (response.status >= 400 && response.status < 500) return Receipt(Outcome::rejected, detail);
  return Receipt(Outcome::unknown, detail);
}

}  // namespace xieban
