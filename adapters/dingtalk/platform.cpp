#include "adapters/dingtalk/platform.hpp"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "adapters/dingtalk/api.hpp"
#include "adapters/dingtalk/card.hpp"
#include "adapters/dingtalk/channels.hpp"
#include "adapters/dingtalk/groups.hpp"
#include "adapters/dingtalk/press.hpp"
#include "adapters/dingtalk/read.hpp"
#include "adapters/dingtalk/receipts.hpp"
#include "adapters/dingtalk/stream.hpp"
#include "bot/base/text.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr Duration token_margin{600'000};
constexpr std::size_t ding_bytes = 600;

PressToken seed_of(CardId card, std::uint32_t version) {
  PressToken seed;
  seed.card = card;
  seed.version = version;
  return seed;
}

HttpResponse json_answer(const json& body) { return HttpResponse(200, dump(body), "application/json"); }

json card_change(const json& values) {
  return {{"cardUpdateOptions", {{"updateCardDataByKey", true}, {"updatePrivateDataByKey", true}}},
          {"cardData", {{"cardParamMap", values}}}};
}

/// Who is called: the message's reader, or in a group those it mentions.
std::vector<UserId> called(const Outgoing& message) {
  std::vector<UserId> people;
  if (message.to) people.push_back(*message.to);
  for (const PersonRef& person : message.mentions) people.push_back(person.user);
  return people;
}

std::unexpected<Error> cannot(const char* why) { return std::unexpected(Error(Errc::bad_input, why)); }

}  // namespace

DingTalkPlatform::DingTalkPlatform(Settings settings, Rng rng)
    : settings_(std::move(settings)),
      traits_(traits_of(settings_)),
      hook_(std::make_unique<Hook>(settings_, rng)),
      contacts_(settings_) {}

Result<Decoded> DingTalkPlatform::decode(const HttpRequest& request, TimePoint now) const {
  return hook_->decode(request, now);
}

HttpResponse DingTalkPlatform::answer(const Inbound& inbound, const Reply& reply, const Card* card) const {
  if (inbound.kind == EventKind::message) return json_answer({{"msgtype", "empty"}});
  if (inbound.kind != EventKind::press) return hook_->success();
  if (card == nullptr || !reply.card) return json_answer(json::object());
  const auto* pressed = std::get_if<Pressed>(&inbound.what);
  const PressToken seed = seed_of(*reply.card, pressed == nullptr ? 0 : pressed->version);
  return json_answer(card_change(render(*card, seed, settings_.client_secret, public_card())));
}

HttpResponse DingTalkPlatform::busy(const Inbound& inbound, const std::string& text) const {
  // A press has no toast here; its card says so until it is refreshed.
  if (inbound.kind == EventKind::press) return json_answer(card_change({{"tips", text}}));
  HttpResponse answer(503);
  answer.headers.set("Retry-After", "2");
  return answer;
}

std::optional<HttpRequest> DingTalkPlatform::token_request() const { return token_call(settings_); }

bool DingTalkPlatform::needs_token(const Outgoing& message) const {
  return message.form == Form::urgent || (message.channel != reply_channel && message.channel != custom_robot_channel);
}

Result<Token> DingTalkPlatform::read_token(const HttpResponse& answer, TimePoint now) const {
  const json body = parse(answer.body);
  const std::string status = "token: HTTP " + std::to_string(answer.status);
  const std::string code = text(either(body, "code", "Code"));
  if (!code.empty()) return std::unexpected(Error(Errc::bad_input, status + " " + text::clip_bytes(code, 80)));
  const std::string value = text(body, "accessToken");
  const auto seconds = number(member(body, "expireIn"));
  constexpr std::int64_t longest = 366LL * 24 * 3600;
  if (answer.status != 200 || value.empty() || !seconds || *seconds <= 0 || *seconds > longest)
    return std::unexpected(Error(Errc::network, status + " without accessToken or expireIn"));
  Token token;
  token.value = Secret(value);
  const Duration lifetime = std::chrono::seconds(*seconds);
  token.until = now + (lifetime > 2 * token_margin ? lifetime - token_margin : lifetime / 2);
  return token;
}

Result<Wire> DingTalkPlatform::encode(const Outgoing& message, const Token& token) const {
  const Secret& key = token.value;
  if (message.form == Form::group) {
    auto made = group_call(settings_, key, message);
    if (!made) return std::unexpected(made.error());
    return Wire(std::move(*made));
  }
  if (message.form == Form::urgent) {
    const std::vector<UserId> people = called(message);
    if (people.empty()) return cannot("an urgent call for nobody");
    return Wire(ding(settings_, key, people, text::clip_bytes(text::repair(message.text), ding_bytes)));
  }
  if (message.form == Form::text) {
    if (message.channel == reply_channel) {
      if (!may_post_to(message.webhook, settings_)) return cannot("the session webhook is no address of the platform");
      return Wire(session_message(message));
    }
    if (message.channel == custom_robot_channel) {
      const auto robot = settings_.robots.find(message.chat.chat);
      if (robot == settings_.robots.end()) return std::unexpected(Error(Errc::not_found, "no custom robot in this group"));
      return Wire(robot_message(settings_, robot->second, message));
    }
    const std::string param = dump({{"content", message.text}});
    if (param.size() > most_param_bytes) return cannot("the text is longer than the platform accepts");
    if (message.to) return Wire(private_message(settings_, key, *message.to, "sampleText", param));
    return Wire(group_message(robot_code(settings_, message), key, message.chat.chat, "sampleText", param));
  }
  if (!message.card) return cannot("a card without content");
  if (message.channel == action_channel) {
    if (!message.to) return cannot("an action card is for one person");
    const ActionCard made = render_action_card(*message.card, message.text);
    if (made.param.size() > most_param_bytes) return cannot("the card is larger than the platform accepts");
    return Wire(private_message(settings_, key, *message.to, made.key, made.param));
  }
  const json values = render(*message.card, seed_of(message.card_id, message.version), settings_.client_secret, public_card());
  if (message.form == Form::card_update) return Wire(card_update(key, message.update_of, values));
  // A semicolon would begin another space, and the card would be in both.
  const std::string& where = message.to ? message.to->value : message.chat.chat.value;
  if (where.empty() || where.find(';') != std::string::npos) return cannot("no card can be delivered there");
  return Wire(card_create(settings_, key, message, track_id(message, settings_.client_secret), values));
}

Receipt DingTalkPlatform::interpret(const Outgoing& message, const HttpResponse& answer) const {
  return read_receipt(message, track_id(message, settings_.client_secret), answer);
}

std::unique_ptr<StreamMachine> DingTalkPlatform::make_stream() const {
  return settings_.stream ? std::make_unique<Stream>(settings_) : nullptr;
}

}  // namespace xieban::dingtalk
