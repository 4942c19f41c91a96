#include "adapters/dingtalk/press.hpp"

#include <charconv>
#include <nlohmann/json.hpp>

#include "adapters/dingtalk/read.hpp"
#include "bot/crypto/crypto.hpp"

namespace xieban::dingtalk {

using nlohmann::json;

namespace {

constexpr std::size_t most_characters = 100;
constexpr std::size_t digest_bytes = 8, salt_bytes = 4;

std::string digest(std::string_view claim, const Secret& key) {
  return crypto::hex(crypto::hmac_sha256(key.reveal(), std::string("card-track:").append(claim)).substr(0, digest_bytes));
}

/// A text, a switch, or what a choice stands for: {"index":1,"value":"it"}.
std::vector<std::string> values_of(const json& input) {
  if (const json* chosen = member(input, "value")) return values_of(*chosen);
  if (input.is_boolean()) return {input.get<bool>() ? "true" : "false"};
  return texts(&input);
}

}  // namespace

CardCallback read_card_callback(const json& body) {
  CardCallback out;
  out.type = text(body, "type");
  out.track_id = text(body, "outTrackId");
  out.corp = text(body, "corpId");
  out.user = text(body, "userId");
  out.space_type = text(body, "spaceType");
  out.space = text(body, "spaceId");

  const json* content = either(body, "content", "value");
  json parsed;
  if (content != nullptr && content->is_string()) {
    parsed = parse(content->get_ref<const std::string&>());
    content = &parsed;
  }
  if (content == nullptr) return out;
  const json* pressed = member(*content, "cardPrivateData");
  if (pressed != nullptr) out.action_ids = texts(member(*pressed, "actionIds"));
  const json* params = pressed == nullptr ? nullptr : member(*pressed, "params");
  if (params == nullptr) params = member(*content, "params");
  if (params != nullptr) {
    const json* action = member(*params, "action");
    if (action != nullptr && action->is_string()) out.action = action->get<std::string>();
    if (out.action.empty()) out.action = text(*params, "id");
    if (const json* form = member(*params, "form"); form != nullptr && form->is_object()) {
      for (const auto& [name, value] : form->items()) out.inputs[name] = values_of(value);
    }
  }
  if (out.action.empty() && !out.action_ids.empty()) out.action = out.action_ids.front();
  return out;
}

std::string track_id(const Outgoing& message, const Secret& key) {
  const std::string content = message.key + "\n" + message.chat.chat.value + "\n" + message.text;
  const std::string salt = crypto::hex(crypto::sha256(content).substr(0, salt_bytes));
  const std::string start = "xb." + message.card_id.str() + "." + salt + ".";
  std::string chat = message.to ? "p" : message.chat.chat.value;
  if (start.size() + chat.size() + 1 + 2 * digest_bytes > most_characters) chat.clear();
  const std::string claim = start + chat;
  return claim + "." + digest(claim, key);
}

std::optional<Track> read_track_id(std::string_view id, const Secret& key) {
  const auto last = id.rfind('.');
  if (!id.starts_with("xb.") || last == std::string_view::npos) return std::nullopt;
  const std::string_view claim = id.substr(0, last);
  if (!crypto::equal(digest(claim, key), id.substr(last + 1))) return std::nullopt;
  const std::size_t number_at = 3;
  const auto second = claim.find('.', number_at);
  const auto third = second == std::string_view::npos ? second : claim.find('.', second + 1);
  if (third == std::string_view::npos) return std::nullopt;
  Track out;
  const std::string_view number = claim.substr(number_at, second - number_at);
  const auto [end, code] = std::from_chars(number.data(), number.data() + number.size(), out.card.value);
  if (code != std::errc{} || end != number.data() + number.size()) return std::nullopt;
  out.chat = claim.substr(third + 1);
  return out;
}

}  // namespace xieban::dingtalk
