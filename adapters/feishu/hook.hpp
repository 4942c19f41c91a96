#pragma once
// What Feishu tells the bot, posted or over its long connection: verify the bytes, decrypt, read what they mean. Protocol:
// open.feishu.cn, "event subscription", "encrypt key", "card callback".

#include <memory>
#include <string>
#include <string_view>

#include "adapters/feishu/settings.hpp"
#include "bot/base/error.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::feishu {

/// Not for several threads at once: it keeps its parser's memory between events.
class Hook {
 public:
  explicit Hook(const Settings&);
  ~Hook();
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  /// bad_signature: signature, verification token or app id are not ours. bad_input: not the protocol.
  Result<Decoded> decode(const HttpRequest&, TimePoint now);
  /// The plain text of an `encrypt` member; every failure is the same bad_input.
  [[nodiscard]] Result<std::string> decrypt(std::string_view base64) const;
  /// lowercase_hex(SHA-256(timestamp ‖ nonce ‖ encrypt key ‖ raw body)), compared in constant time.
  [[nodiscard]] bool signed_by_platform(const HttpRequest&) const;
  /// The old card callback: SHA-1 with the verification token.
  [[nodiscard]] bool old_card_signed(const HttpRequest&) const;

 private:
  struct Parser;
  /// The payload of a long connection: neither encrypted nor signed, the connection has proved who it is.
  Result<Decoded> decode_frame(std::string_view payload, TimePoint now);

  const Settings& settings_;
  std::string key_;  // SHA-256 of the encrypt key
  std::unique_ptr<Parser> parser_;
};

}  // namespace xieban::feishu
