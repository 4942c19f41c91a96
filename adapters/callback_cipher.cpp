#include "adapters/callback_cipher.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "bot/crypto/crypto.hpp"

namespace xieban {

namespace {

constexpr std::size_t random_bytes = 16;
constexpr std::size_t head_bytes = random_bytes + 4;
constexpr std::size_t key_characters = 43;
constexpr std::size_t pad_block = 32;
constexpr std::size_t aes_block = 16;

std::unexpected<Error> closed() { return std::unexpected(Error(Errc::bad_input, "the callback cannot be decrypted")); }

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (const char c : four) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string callback_signature(const Secret& token, std::string_view timestamp, std::string_view nonce,
                               std::string_view encrypt) {
  std::array<std::string_view, 4> parts{token.reveal(), timestamp, nonce, encrypt};
  std::ranges::sort(parts);
  std::string all;
  for (const std::string_view part : parts) all.append(part);
  return crypto::sha1_hex(all);
}

CallbackCipher::CallbackCipher(const Secret& aes_key, std::string receiver) : receiver_(std::move(receiver)) {
  if (aes_key.reveal().size() != key_characters) return;
  if (auto key = crypto::unbase64(aes_key.reveal() + "=")) key_ = std::move(*key);
}

Result<std::string> CallbackCipher::open(std::string_view base64) const {
  const auto raw = crypto::unbase64(base64);
  if (key_.empty() || !raw || raw->size() < 2 * aes_block || raw->size() % aes_block != 0) return closed();
  const auto plain = crypto::aes256_cbc_decrypt(key_, std::string_view(key_).substr(0, aes_block), *raw, pad_block);
  if (!plain || plain->size() < head_bytes) return closed();
  const std::string_view all(*plain);
  const std::size_t length = big_endian(all.substr(random_bytes, 4));
  if (length > all.size() - head_bytes) return closed();
  if (!crypto::equal(all.substr(head_bytes + length), receiver_)) return closed();
  return std::string(all.substr(head_bytes, length));
}

std::string CallbackCipher::seal(std::string_view text, std::string_view random16) const {
  if (key_.empty()) return {};
  std::string plain(random16);
  const auto length = static_cast<std::uint32_t>(text.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) plain += static_cast<char>(length >> shift & 255U);
  plain.append(text).append(receiver_);
  return crypto::base64(crypto::aes256_cbc_encrypt(key_, std::string_view(key_).substr(0, aes_block), plain, pad_block));
}

CallbackKeys::CallbackKeys(const Secret& token, const Secret& aes_key, const Secret& old_token, const Secret& old_aes_key,
                           const std::string& receiver) {
  if (token.empty()) return;
  pairs_.push_back({token, CallbackCipher(aes_key, receiver)});
  if (old_token.empty() && old_aes_key.empty()) return;
  pairs_.push_back(
      {old_token.empty() ? token : old_token, CallbackCipher(old_aes_key.empty() ? aes_key : old_aes_key, receiver)});
}

bool CallbackKeys::signed_by(std::string_view signature, std::string_view timestamp, std::string_view nonce,
                             std::string_view encrypt) const {
  bool fits = false;
  for (const Pair& pair : pairs_)
    fits = crypto::equal(callback_signature(pair.token, timestamp, nonce, encrypt), signature) || fits;
  return fits;
}

Result<std::string> CallbackKeys::open(std::string_view signature, std::string_view timestamp, std::string_view nonce,
                                       std::string_view encrypt) {
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    if (!crypto::equal(callback_signature(pairs_[i].token, timestamp, nonce, encrypt), signature)) continue;
    auto text = pairs_[i].cipher.open(encrypt);
    if (!text) continue;
    last_ = i;
    return text;
  }
  return closed();
}

std::string CallbackKeys::seal(std::string_view text, std::string_view random16) const {
  return pairs_.empty() ? std::string() : pairs_[last_].cipher.seal(text, random16);
}

std::string CallbackKeys::sign(std::string_view timestamp, std::string_view nonce, std::string_view encrypt) const {
  return pairs_.empty() ? std::string() : callback_signature(pairs_[last_].token, timestamp, nonce, encrypt);
}

}  // namespace xieban
