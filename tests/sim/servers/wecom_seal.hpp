#pragma once
// WeCom's envelope for callbacks and answers (90968, 101033): AES-256-CBC with PKCS#7 of 32 bytes, SHA-1 over sorted parts.

#include <optional>
#include <string>

namespace xieban::sim::wecom {

/// What a callback address is configured with. `receive_id`: the CorpID for apps, empty for a smart bot.
struct Keys {
  std::string token, aes_key, receive_id;
};

std::string signature(const std::string& token, const std::string& timestamp, const std::string& nonce,
                      const std::string& encrypt);
/// Base64( AES( random16 | length | plain | receive id ) ).
std::string seal(const Keys&, const std::string& plain, const std::string& random16);
/// nullopt: broken Base64, padding, length, or another receive id.
std::optional<std::string> unseal(const Keys&, const std::string& encrypt);

}  // namespace xieban::sim::wecom
