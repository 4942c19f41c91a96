#pragma once
// What DingTalk accepts as a message of a robot, and what people see of it. Nothing here keeps anything.

#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace xieban::sim::dingtalk {

struct Seen {
  std::string kind = "text";  // or "card": something with buttons
  std::string text;
  nlohmann::json card;
};

/// The OpenAPI's form: msgKey, and msgParam as JSON text. The error is the code of the refusal.
std::expected<Seen, std::string> read_template_message(const nlohmann::json& body);

/// The form of webhooks and of answers to a callback.
struct WebhookRefusal {
  int errcode = 0;
  std::string text;
};
std::expected<Seen, WebhookRefusal> read_webhook_message(const nlohmann::json& body);

/// Whom `at` names and the text shows: an id without its "@id" in the text mentions nobody. Ids and mobile numbers.
std::vector<std::string> wanted_mentions(const nlohmann::json& body, const std::string& text);

}  // namespace xieban::sim::dingtalk
