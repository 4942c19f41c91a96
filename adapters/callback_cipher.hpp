#pragma once
// The envelope in which several platforms post their callbacks: a signature over four texts, and AES-256-CBC around
// random(16) ‖ length(4, big endian) ‖ text ‖ receiver, padded to blocks of 32.

#include <string>
#include <string_view>
#include <vector>

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

/// Token and key of a callback address; while they are changed over, the old ones beside the new ones.
class CallbackKeys {
 public:
  /// Empty tokens and keys: nothing is received. An old one that is empty has not changed.
  CallbackKeys(const Secret& token, const Secret& aes_key, const Secret& old_token, const Secret& old_aes_key,
               const std::string& receiver);

  [[nodiscard]] bool empty() const { return pairs_.empty(); }
  /// Somebody who knows a token has signed it.
  [[nodiscard]] bool signed_by(std::string_view signature, std::string_view timestamp, std::string_view nonce,
                               std::string_view encrypt) const;
  /// The text, when it is signed; bad_input for everything that does not open, always alike. What is sealed after it is sealed
  /// with the same pair: the platform does not know the other one yet, or no more.
  [[nodiscard]] Result<std::string> open(std::string_view signature, std::string_view timestamp, std::string_view nonce,
                                         std::string_view encrypt);
  [[nodiscard]] std::string seal(std::string_view text, std::string_view random16) const;
  [[nodiscard]] std::string sign(std::string_view timestamp, std::string_view nonce, std::string_view encrypt) const;

 private:
  struct Pair {
    Secret token;
    CallbackCipher cipher;
  };
  std::vector<Pair> pairs_;  // the new one first
  std::size_t last_ = 0;     // opened the last event
};

}  // namespace xieban
