#include "adapters/wecom/platform.hpp"

#include <nlohmann/json.hpp>
#include <utility>

#include "adapters/wecom/api.hpp"
#include "adapters/wecom/bot_event.hpp"
#include "adapters/wecom/card.hpp"
#include "adapters/wecom/channels.hpp"
#include "adapters/wecom/groups.hpp"
#include "adapters/wecom/markdown.hpp"
#include "adapters/wecom/press.hpp"
#include "adapters/wecom/read.hpp"
#include "adapters/wecom/receipts.hpp"
#include "adapters/wecom/stream.hpp"
#include "adapters/wecom/xml.hpp"
#include "bot/base/text.hpp"

namespace xieban::wecom {

using nlohmann::json;

namespace {

std::unexpected<Error> cannot(const char* why) { return std::unexpected(Error(Errc::bad_input, why)); }
/// This way does not lead there: the next one of the plan is taken.
std::unexpected<Error> no_way(const char* why) { return std::unexpected(Error(Errc::not_found, why)); }

std::string mentions_of(const Outgoing& message) {
  std::string out;
  for (const PersonRef& person : message.mentions) {
    // An id has letters, digits and _-@. only: anything else would be markup.
    const bool plain = person.user.value.find_first_of("<>\n ") == std::string::npos;
    out += plain ? "<@" + person.user.value + "> " : escape(person.name) + " ";
  }
  return out;
}

/// The first line in red: the platform has no louder way.
std::string urgent_text(const std::string& text, std::size_t most) {
  constexpr std::string_view red = R"(<font color="warning">)", end = "</font>";
  const std::string escaped = escape_within(text, most - red.size() - end.size());
  const auto line = std::min(escaped.find('\n'), escaped.size());
  return std::string(red).append(escaped, 0, line).append(end).append(escaped, line);
}

}  // namespace

WeComPlatform::WeComPlatform(Settings settings, Rng rng)
    : settings_(std::move(settings)),
      traits_(traits_of(settings_)),
      hook_(std::make_unique<Hook>(settings_, rng)),
      untaken_(std::make_shared<Untaken>()) {}

Result<Decoded> WeComPlatform::decode(const HttpRequest& request, TimePoint now) const { return hook_->decode(request, now); }

HttpResponse WeComPlatform::answer(const Inbound& inbound, const Reply& reply, const Card* card) const {
  const auto* pressed = std::get_if<Pressed>(&inbound.what);
  if (pressed == nullptr || card == nullptr || !reply.card) return HttpResponse(200);
  const auto handle = read_handle(pressed->handle);
  if (!handle) return HttpResponse(200);
  const Dialect dialect = handle->from == PressFrom::app ? Dialect::app : Dialect::bot;
  const json shown = render_update(*card, *reply.card, pressed->version, settings_, dialect, handle->task);
  if (handle->from == PressFrom::app) {
    const json passive = {
        {"ToUserName", inbound.actor.value},
        {"FromUserName", settings_.corp_id},
        {"CreateTime", std::chrono::duration_cast<std::chrono::seconds>(inbound.sent_at.time_since_epoch()).count()},
        {"MsgType", "update_template_card"},
        {"TemplateCard", shown}};
    return hook_->to_app(write_xml("xml", passive));
  }
  const json update = {{"response_type", "update_template_card"}, {"template_card", shown}};
  if (handle->from == PressFrom::bot_callback) return hook_->to_bot(update, handle->nonce);
  return HttpResponse(200, dump(update), "application/json");
}

HttpResponse WeComPlatform::busy(const Inbound&, const std::string&) const { return HttpResponse(503); }

std::optional<HttpRequest> WeComPlatform::token_request() const {
  return settings_.app ? std::optional(token_call(settings_)) : std::nullopt;
}

bool WeComPlatform::needs_token(const Outgoing& message) const {
  return message.channel == app_card || message.channel == app_text || message.channel == appchat_text ||
         message.channel == groups_channel;
}

Result<Token> WeComPlatform::read_token(const HttpResponse& answer, TimePoint now) const {
  const json body = parse(answer.body);
  const auto code = number(member(body, "errcode"));
  const std::string status = "gettoken: HTTP " + std::to_string(answer.status);
  if (code && *code != 0) {
    return std::unexpected(Error(Errc::bad_input, status + " errcode " + std::to_string(*code) + " " +
                                                      text::clip_bytes(text::repair(text(body, "errmsg")), 200)));
  }
  const std::string value = text(body, "access_token");
  const auto seconds = number(member(body, "expires_in"));
  constexpr std::int64_t longest = 30LL * 24 * 3600;
  if (answer.status != 200 || value.empty() || !seconds || *seconds <= 0 || *seconds > longest)
    return std::unexpected(Error(Errc::network, status + " without access_token or expires_in"));
  Token token;
  token.value = Secret(value);
  token.until = now + std::chrono::seconds(*seconds);
  return token;
}

Result<Wire> WeComPlatform::encode(const Outgoing& message, const Token& token) const {
  if (message.form == Form::group) {
    auto made = appchat_call(token.value, message);
    if (!made) return std::unexpected(made.error());
    return Wire(std::move(*made));
  }
  if (message.form == Form::urgent) return cannot("there is no urgent call");
  if (message.form == Form::text) return encode_text(message, token.value);
  if (!message.card) return cannot("a card without content");
  if (message.channel == app_card) return encode_app_card(message, token.value);
  return encode_bot_card(message);
}

Result<Wire> WeComPlatform::encode_app_card(const Outgoing& message, const Secret& token) const {
  if (!message.to) return cannot("an app's card is for one person");
  const std::string task = task_id(message);
  if (message.form == Form::card_update) {
    const auto code = read_update_code(message.update_of);
    if (!code) return no_way("the card has no code to update it with");
    json card = render_update(*message.card, message.card_id, message.version, settings_, Dialect::app, task);
    return Wire(app_card_update(settings_, token, *message.to, *code, std::move(card)));
  }
  if (message.card->buttons.empty()) return no_way("a card without buttons needs a link");
  json card = render(*message.card, message.card_id, message.version, settings_, Dialect::app, task);
  if (message.urgent) card["source"]["desc_color"] = 2;
  return Wire(app_message(settings_, token, *message.to, card_body(std::move(card))));
}

Result<Wire> WeComPlatform::encode_bot_card(const Outgoing& message) const {
  if (message.form == Form::card_update) return no_way("a bot's card is updated in the answer to a press only");
  if (message.card->buttons.empty()) return no_way("a card without buttons needs a link");
  const json body =
      card_body(render(*message.card, message.card_id, message.version, settings_, Dialect::bot, task_id(message)));
  if (message.channel == reply_card) return reply(message, body);
  if (message.channel == bot_card) return Wire(bot_frame(message, {}, body));
  return cannot("no such channel for cards");
}

Result<Wire> WeComPlatform::encode_text(const Outgoing& message, const Secret& token) const {
  const ChannelId& channel = message.channel;
  if (channel == reply_text) {
    const bool welcome = message.webhook.starts_with(welcome_mark);
    return reply(message, welcome ? text_body(text::clip_bytes(message.text, most_bot_bytes))
                                  : markdown_body(escape_within(message.text, most_bot_bytes)));
  }
  if (channel == bot_group || channel == bot_private)
    return Wire(bot_frame(message, {}, markdown_body(escape_within(message.text, most_bot_bytes))));
  if (channel == app_text) {
    if (!message.to) return cannot("an app writes to one person");
    const std::string content =
        message.urgent ? urgent_text(message.text, most_app_bytes) : escape_within(message.text, most_app_bytes);
    return Wire(app_message(settings_, token, *message.to, markdown_body(content)));
  }
  if (channel == robot_text) {
    const auto robot = settings_.robots.find(message.chat.chat);
    if (robot == settings_.robots.end()) return no_way("no robot stands in this group");
    const std::string people = mentions_of(message);
    if (people.size() > most_robot_bytes / 2) return no_way("more mentions than a message holds");
    return Wire(
        robot_message(robot->second, markdown_body(people + escape_within(message.text, most_robot_bytes - people.size()))));
  }
  if (channel == appchat_text)
    return Wire(appchat_message(token, message.chat.chat, markdown_body(escape_within(message.text, most_app_bytes))));
  return cannot("no such channel for texts");
}

Result<Wire> WeComPlatform::reply(const Outgoing& message, const json& body) const {
  const std::string& where = message.webhook;
  if (where.starts_with(welcome_mark)) {
    if (!settings_.bot_stream()) return no_way("the welcome is for a long connection");
    return Wire(welcome_frame(where.substr(welcome_mark.size()), body));
  }
  if (where.starts_with(reply_mark)) {
    if (!settings_.bot_stream()) return no_way("the reply is for a long connection");
    return Wire(bot_frame(message, where.substr(reply_mark.size()), body));
  }
  if (!may_post_to(where, settings_)) return no_way("the address for replies is none of the platform's");
  if (body.contains("template_card") && !message.to) return no_way("a card is replied to one person only");
  return Wire(response(where, body));
}

Receipt WeComPlatform::interpret(const Outgoing& message, const HttpResponse& answer) const {
  return read_receipt(message, answer);
}

std::unique_ptr<StreamMachine> WeComPlatform::make_stream() const {
  return settings_.bot_stream() ? std::make_unique<Stream>(settings_, Rng(hook_->chance()), untaken_) : nullptr;
}

}  // namespace xieban::wecom
