#pragma once
// What Feishu tells the bot, posted or over its long connection: verify the bytes, decrypt, read what they mean. Protocol:
// open.feishu.cn, "event subscription", "encrypt key", "card callback".

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/feishu/settings.hpp"
#include "bot/base/error.hpp"
#include "bot/ports/platform.hpp"

namespace xieban::feishu {

/// An encrypt key of the developer console.
class EncryptKey {
 public:
  explicit EncryptKey(const Secret&);
  /// The plain text of an `encrypt` member; every failure is the same bad_input.
  [[nodiscard]] Result<std::string> decrypt(std::string_view base64) const;
  [[nodiscard]] bool signed_this(const HttpRequest&) const;

 private:
  Secret secret_;
  std::string aes_;  // SHA-256 of it
};

/// Not for several threads at once: it keeps its parser's memory between events.
class Hook {
 public:
  explicit Hook(const Settings&);
  ~Hook();
  Hook(const Hook&) = delete;
  Hook& operator=(const Hook&) = delete;

  /// bad_signature: signature, verification token or app id are not ours. bad_input: not the protocol.
  Result<Decoded> decode(const HttpRequest&, TimePoint now);
  /// The app's own open_id: mentions of it are for us, and of no other bot.
  void know_self(const UserId& self) { self_ = self; }
  /// The old card callback: SHA-1 with the verification token.
  [[nodiscard]] bool old_card_signed(const HttpRequest&) const;

 private:
  struct Parser;
  /// The one that signed: lowercase_hex(SHA-256(timestamp ‖ nonce ‖ encrypt key ‖ raw body)), compared in constant time.
  [[nodiscard]] const EncryptKey* signer(const HttpRequest&) const;
  /// The payload of a long connection: neither encrypted nor signed, the connection has proved who it is.
  Result<Decoded> decode_frame(std::string_view payload, TimePoint now);

  const Settings& settings_;
  UserId self_;                   // empty: not known yet
  std::vector<EncryptKey> keys_;  // the new one first; while they are changed over, two
  std::unique_ptr<Parser> parser_;
};

}  // namespace xieban::feishu
