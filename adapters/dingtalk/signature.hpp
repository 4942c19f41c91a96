#pragma once
// Who sent it: the platform's three signatures, and the encryption of event subscriptions (open.dingtalk.com, "receive
// messages", "configure stream push", "register card callback address").

#include <string>
#include <string_view>

#include "bot/base/error.hpp"
#include "bot/base/secret.hpp"

namespace xieban::dingtalk {

/// Header `sign` of a robot message, and of a message to a custom group robot (there percent-encoded, in the query):
/// base64(HMAC-SHA256(key = secret, timestamp "\n" secret)).
std::string robot_signature(std::string_view timestamp, const Secret&);
/// "…/robot/send?access_token=…&timestamp=…&sign=…" of a custom group robot.
std::string robot_target(std::string_view access_token, std::string_view timestamp, const Secret&);
/// Header `x-ddpaas-signature` of a card callback: the message is the timestamp alone.
std::string card_signature(std::string_view timestamp, const Secret&);
/// lowercase_hex(SHA-1(token, timestamp, nonce and encrypt, sorted and joined)).
std::string event_signature(const Secret& token, std::string_view timestamp, std::string_view nonce, std::string_view encrypt);

/// Events: random(16) ‖ length(4, big endian) ‖ text ‖ owner, AES-256-CBC, padded to 32.
class EventCipher {
 public:
  /// `aes_key`: 43 characters. One that is none opens and seals nothing.
  EventCipher(const Secret& aes_key, std::string owner);
  /// The text; bad_input for everything that does not open, always alike.
  [[nodiscard]] Result<std::string> open(std::string_view base64) const;
  /// `random16`: 16 unpredictable characters. Empty without a key.
  [[nodiscard]] std::string seal(std::string_view text, std::string_view random16) const;

 private:
  std::string key_;  // 32 bytes, or empty
  std::string owner_;
};

}  // namespace xieban::dingtalk
