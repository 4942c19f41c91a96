#pragma once
// The envelope in which several platforms post their callbacks: a signature over four texts, and AES-256-CBC around
// random(16) ‖ length(4, big endian) ‖ text ‖ receiver, padded to blocks of 32.

#include <string>
#include <string_view>

#include "bot/base/error.hpp"
#include "bot/base/secret.hpp"

namespace xieban {

/// lowercase_hex(SHA-1(the four texts, sorted byte by byte and joined)).
std::string callback_signature(const Secret& token, std::string_view timestamp, std::string_view nonce,
                               std::string_view encrypt);

class CallbackCipher {
 public:
  /// `aes_key`: the 43 characters of the platform's console. One that is none opens and seals nothing. `receiver`: whom the
  /// text must be for; may be empty.
  CallbackCipher(const Secret& aes_key, std::string receiver);
  /// The text; bad_input for everything that does not open, always alike.
  [[nodiscard]] Result<std::string> open(std::string_view base64) const;
  /// `random16`: 16 unpredictable bytes. Empty without a key.
  [[nodiscard]] std::string seal(std::string_view text, std::string_view random16) const;

 private:
  std::string key_;  // 32 bytes, or empty
  std::string receiver_;
};

}  // namespace xieban
