#include "adapters/dingtalk/signature.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "bot/crypto/crypto.hpp"
#include "bot/ports/http.hpp"

namespace xieban::dingtalk {

namespace {

constexpr std::size_t random_bytes = 16;
constexpr std::size_t head_bytes = random_bytes + 4;
constexpr std::size_t key_characters = 43;
constexpr std::size_t pad_block = 32;
constexpr std::size_t aes_block = 16;

std::unexpected<Error> closed() { return std::unexpected(Error(Errc::bad_input, "the event cannot be decrypted")); }

std::uint32_t big_endian(std::string_view four) {
  std::uint32_t value = 0;
  for (const char c : four) value = value << 8U | static_cast<unsigned char>(c);
  return value;
}

}  // namespace

std::string robot_signature(std::string_view timestamp, const Secret& secret) {
  return crypto::base64(crypto::hmac_sha256(secret.reveal(), std::string(timestamp) + "\n" + secret.reveal()));
}

std::string robot_target(std::string_view access_token, std::string_view timestamp, const Secret& secret) {
  return "/robot/send?access_token=" + percent_encode(access_token) + "&timestamp=" + std::string(timestamp) +
         "&sign=" + percent_encode(robot_signature(timestamp, secret));
}

std::string card_signature(std::string_view timestamp, const Secret& secret) {
  return crypto::base64(crypto::hmac_sha256(secret.reveal(), timestamp));
}

std::string event_signature(const Secret& token, std::string_view timestamp, std::string_view nonce, std::string_view encrypt) {
  std::array<std::string_view, 4> parts{token.reveal(), timestamp, nonce, encrypt};
  std::ranges::sort(parts);
  std::string all;
  for (const std::string_view part : parts) all.append(part);
  return crypto::sha1_hex(all);
}

EventCipher::EventCipher(const Secret& aes_key, std::string owner) : owner_(std::move(owner)) {
  if (aes_key.reveal().size() != key_characters) return;
  if (auto key = crypto::unbase64(aes_key.reveal() + "=")) key_ = std::move(*key);
}

Result<std::string> EventCipher::open(std::string_view base64) const {
  const auto raw = crypto::unbase64(base64);
  if (key_.empty() || !raw || raw->size() < 2 * aes_block || raw->size() % aes_block != 0) return closed();
  const auto plain = crypto::aes256_cbc_decrypt(key_, std::string_view(key_).substr(0, aes_block), *raw, pad_block);
  if (!plain || plain->size() < head_bytes) return closed();
  const std::string_view all(*plain);
  const std::size_t length = big_endian(all.substr(random_bytes, 4));
  if (length > all.size() - head_bytes) return closed();
  if (!crypto::equal(all.substr(head_bytes + length), owner_)) return closed();
  return std::string(all.substr(head_bytes, length));
}

std::string EventCipher::seal(std::string_view text, std::string_view random16) const {
  if (key_.empty()) return {};
  std::string plain(random16);
  const auto length = static_cast<std::uint32_t>(text.size());
  for (const unsigned shift : {24U, 16U, 8U, 0U}) plain += static_cast<char>(length >> shift & 255U);
  plain.append(text).append(owner_);
  return crypto::base64(crypto::aes256_cbc_encrypt(key_, std::string_view(key_).substr(0, aes_block), plain, pad_block));
}

}  // namespace xieban::dingtalk
