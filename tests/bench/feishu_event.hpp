#pragma once
// A message event as Feishu sends it: encrypted and signed.

#include <string>

namespace xieban::bench {

struct EventOptions {
  std::string encrypt_key = "sim-encrypt-key", token = "sim-verification-token", app_id = "cli_a81f3c5d7e9b0246";
  std::string user = "ou_han", chat = "oc_all";
};
struct SignedEvent {
  std::string timestamp, nonce, signature, body;
};
/// `text` is said to the bot in the group.
SignedEvent message_event(const EventOptions&, const std::string& message_id, const std::string& text);

}  // namespace xieban::bench
