#pragma once
// What WeCom accepts as a message on its channels, and what people see of it. Nothing here keeps anything.

#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/sim/servers/wecom_answers.hpp"
#include "tests/sim/servers/wecom_card.hpp"

namespace xieban::sim::wecom {

struct Seen {
  std::string kind = "text";  // "text", "card" or "media"
  std::string text;
  nlohmann::json card;
  std::vector<std::string> mentions;
};
using Reading = std::expected<Seen, Refusal>;

/// Where unconfirmed facts bend the rules.
struct Bends {
  explicit Bends(const World& world)
      : cards_are_cut(world.limit("long_card_text_is_cut", 0) != 0),
        markdown_is_cut(world.limit("long_markdown_is_cut", 0) != 0) {}
  bool cards_are_cut, markdown_is_cut;
};

/// message/send (90236).
Reading read_app_message(const nlohmann::json& body, Bends);
/// appchat/send (90248): no cards.
Reading read_appchat_message(const nlohmann::json& body, Bends);
/// webhook/send (99110), but for files.
Reading read_webhook_message(const nlohmann::json& body, Bends);
/// "markdown" and "template_card" of the smart bot (101031, 101138).
Reading read_bot_markdown(const nlohmann::json& body);
Reading read_bot_card(const nlohmann::json& body, Bends, bool update = false);

/// "feedback": {"id"} of at most 256 bytes, or nothing.
bool good_feedback(const nlohmann::json& in);

}  // namespace xieban::sim::wecom
