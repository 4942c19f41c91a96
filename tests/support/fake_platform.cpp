#include "tests/support/fake_platform.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace xieban::testing {
namespace {

using nlohmann::json;

json to_json(const Card& card) {
  json out{{"title", card.title}, {"body", card.body}, {"footer", card.footer}};
  for (const auto& field : card.fields) out["fields"].push_back({field.label, field.value});
  for (const auto& input : card.inputs) {
    json options = json::array();
    for (const auto& option : input.options) options.push_back({option.value, option.label});
    out["inputs"].push_back({{"id", input.id},
                             {"label", input.label},
                             {"required", input.required},
                             {"value", input.value},
                             {"options", std::move(options)}});
  }
  for (const auto& button : card.buttons) {
    out["buttons"].push_back({{"action", button.action}, {"label", button.label}, {"command", button.command}});
  }
  return out;
}

HttpRequest event(const json& body) {
  HttpRequest request("POST", "/hook/fake/main");
  request.headers.set("X-Sign", "good");
  request.body = body.dump();
  return request;
}

}  // namespace

Traits fake_traits() {
  Traits traits;
  Channel group;
  group.id = ChannelId("group");
  group.reach = Reach::group;
  group.forms = Forms{true, true, true};
  group.mentions = true;
  group.same_key = Duration{3600 * 1000};
  group.life.updatable = Duration{14LL * 24 * 3600 * 1000};
  Channel person = group;
  person.id = ChannelId("person");
  person.reach = Reach::person;
  person.mentions = false;
  person.urgent = true;
  traits.channels = {group, person};
  traits.answer_within = {
      {EventKind::message, Duration{3000}}, {EventKind::press, Duration{3000}}, {EventKind::event, Duration{3000}}};
  return traits;
}

Traits fake_traits_with_groups() {
  Traits traits = fake_traits();
  Channel groups;
  groups.id = ChannelId("groups");
  groups.reach = Reach::groups;
  groups.forms.text = false;
  groups.same_key = Duration{3600 * 1000};
  groups.groups.emplace();
  groups.groups->dissolves = groups.groups->announces = groups.groups->second_way = true;
  traits.channels.push_back(groups);
  return traits;
}

FakePlatform::FakePlatform(AppId app, Traits traits, bool needs_token)
    : app_(std::move(app)), traits_(std::move(traits)), needs_token_(needs_token) {}

Result<Decoded> FakePlatform::decode(const HttpRequest& request, TimePoint now) const {
  if (request.headers.get("X-Sign") != "good") return std::unexpected(Error(Errc::bad_signature, "no signature"));
  const json body = json::parse(request.body, nullptr, false);
  if (!body.is_object()) return std::unexpected(Error(Errc::bad_input, "not JSON"));
  const std::string kind = body.value("kind", "");
  if (kind == "url") return Handshake{HttpResponse(200, body.value("challenge", ""))};
  if (kind == "noise") return Ignored{HttpResponse(200, "{}")};
  if (kind == "throw") throw std::runtime_error("this adapter has a bug");

  Inbound inbound;
  inbound.key = InboxKey{app_, body.value("key", "")};
  inbound.actor = UserId(body.value("actor", ""));
  inbound.chat = ChatRef{app_, ChatId(body.value("chat", ""))};
  inbound.one_to_one = body.value("one_to_one", false);
  inbound.sent_at = now;
  if (body.contains("sent_at")) inbound.sent_at = TimePoint{Duration{body["sent_at"].get<std::int64_t>()}};
  if (kind == "message") {
    inbound.kind = EventKind::message;
    Said what;
    what.text = body.value("text", "");
    for (const auto& one : body.value("mentions", json::array())) {
      Mention mention;
      mention.user = UserId(one.at(0).get<std::string>());
      mention.shown_as = one.at(1).get<std::string>();
      mention.is_bot = mention.user->value == "bot";
      what.mentions.push_back(std::move(mention));
    }
    inbound.what = std::move(what);
  } else if (kind == "press") {
    inbound.kind = EventKind::press;
    Pressed what;
    what.card = CardId(body.value("card", std::uint64_t{0}));
    what.version = body.value("version", std::uint32_t{0});
    what.action = body.value("action", "");
    what.inputs = body.value("inputs", std::map<std::string, std::vector<std::string>>{});
    inbound.what = std::move(what);
  } else {
    return std::unexpected(Error(Errc::bad_input, "unknown kind"));
  }
  return inbound;
}

HttpResponse FakePlatform::answer(const Inbound&, const Reply& reply, const Card* card) const {
  json body{{"outcome", static_cast<int>(reply.outcome)}, {"toast", reply.toast}};
  if (card != nullptr) body["card"] = to_json(*card);
  return HttpResponse(200, body.dump(), "application/json");
}

HttpResponse FakePlatform::busy(const Inbound& inbound, const std::string& text) const {
  if (inbound.kind == EventKind::press) return HttpResponse(200, json{{"toast", text}}.dump(), "application/json");
  return HttpResponse(503);
}

std::optional<HttpRequest> FakePlatform::token_request() const {
  if (!needs_token_) return std::nullopt;
  return HttpRequest("POST", "/token");
}

bool FakePlatform::needs_token(const Outgoing& out) const { return needs_token_ && !out.text.starts_with(over_socket); }

Result<Token> FakePlatform::read_token(const HttpResponse& response, TimePoint now) const {
  const json body = json::parse(response.body, nullptr, false);
  if (response.status != 200 || !body.is_object() || !body.contains("token")) {
    return std::unexpected(Error(Errc::bad_input, "token answer " + std::to_string(response.status)));
  }
  Token token;
  token.value = Secret(body["token"].get<std::string>());
  token.until = now + Duration{body.value("expires_ms", std::int64_t{7200 * 1000})};
  return token;
}

Result<Wire> FakePlatform::encode(const Outgoing& out, const Token& token) const {
  if (out.text.find("cannot be encoded") != std::string::npos)
    return std::unexpected(Error(Errc::bad_input, "cannot be encoded"));
  if (out.text.find("no way there") != std::string::npos) return std::unexpected(Error(Errc::not_found, "no way there"));
  if (out.text.starts_with(over_socket)) {
    SocketFrame frame;
    frame.bytes = out.text;
    return frame;
  }
  HttpRequest request("POST", out.form == Form::card_update ? "/update" : "/send");
  if (needs_token_) request.headers.set("Authorization", token.value.reveal());
  request.origin = out.webhook;
  json body{{"key", out.key},        {"chat", out.chat.chat.value},  {"text", out.text},
            {"urgent", out.urgent},  {"card_id", out.card_id.value}, {"request", out.request.value},
            {"version", out.version}};
  if (out.to) body["to"] = out.to->value;
  if (out.maybe_repeated) body["maybe_repeated"] = true;
  if (!out.update_of.empty()) body["update_of"] = out.update_of;
  if (out.card && out.form != Form::text) body["card"] = to_json(*out.card);
  for (const auto& mention : out.mentions) body["mentions"].push_back(mention.user.value);
  if (out.group) {
    constexpr std::array steps{"make", "add", "announce", "dissolve"};
    json members = json::array();
    for (const auto& member : out.group->members) members.push_back(member.user.value);
    body["group"] = {{"step", steps.at(static_cast<std::size_t>(out.group->step))},
                     {"name", out.group->name},
                     {"members", std::move(members)},
                     {"second_way", out.group->second_way}};
  }
  request.body = body.dump();
  request.repeatable = true;
  return request;
}

Receipt FakePlatform::interpret(const Outgoing&, const HttpResponse& response) const {
  if (response.status == 429) {
    Receipt receipt(Outcome::retry, "429");
    const auto after = response.headers.get("Retry-After");
    if (!after.empty()) receipt.retry_after = std::chrono::seconds(std::stoi(std::string(after)));
    return receipt;
  }
  if (response.status >= 500) return Receipt(Outcome::retry, std::to_string(response.status));
  const json body = json::parse(response.body, nullptr, false);
  if (!body.is_object() || !body.contains("code")) return Receipt(Outcome::unknown, "an answer that cannot be read");
  const std::string code = body["code"].get<std::string>();
  if (code == "ok") {
    Receipt receipt(Outcome::delivered);
    receipt.provider_id = body.value("id", "");
    return receipt;
  }
  if (code == "pause all" || code == "used up") {
    Receipt receipt(Outcome::retry, code);
    receipt.used_up = code == "used up";
    receipt.whole_app = !receipt.used_up;
    receipt.retry_after = Duration{receipt.used_up ? 3'600'000 : 60'000};
    return receipt;
  }
  if (code == "token") return Receipt(Outcome::token_expired, code);
  if (code == "unsupported") return Receipt(Outcome::unsupported, code);
  if (code == "partly") return Receipt(Outcome::partly, code);
  Receipt receipt(Outcome::rejected, code);
  receipt.chat_gone = code == "chat gone";
  receipt.target_gone = receipt.chat_gone || code == "gone";
  return receipt;
}

HttpRequest said(const std::string& key, const std::string& user, const std::string& chat, const std::string& text,
                 bool one_to_one, const std::vector<std::pair<std::string, std::string>>& mentions) {
  json body{{"kind", "message"}, {"key", key}, {"actor", user}, {"chat", chat}, {"text", text}, {"one_to_one", one_to_one}};
  for (const auto& [who, as] : mentions) body["mentions"].push_back({who, as});
  return event(body);
}

HttpRequest pressed(const std::string& key, const std::string& user, const std::string& chat, CardId card,
                    const std::string& action, std::uint32_t version,
                    const std::map<std::string, std::vector<std::string>>& inputs) {
  return event({{"kind", "press"},
                {"key", key},
                {"actor", user},
                {"chat", chat},
                {"card", card.value},
                {"action", action},
                {"version", version},
                {"inputs", inputs},
                {"one_to_one", chat.starts_with("p:")}});
}

}  // namespace xieban::testing
