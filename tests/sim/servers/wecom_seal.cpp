#include "tests/sim/servers/wecom_seal.hpp"

#include <algorithm>
#include <array>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/wecom_codes.hpp"

namespace xieban::sim::wecom {

namespace {

constexpr std::size_t random_bytes = 16, length_bytes = 4;

/// The 43rd character carries bits that nobody uses; only the decoded 32 bytes count.
std::string key_of(const Keys& keys) { return crypto::unbase64(keys.aes_key + "=").value_or(""); }

std::string big_endian(std::size_t length) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(length >> shift & 255U);
  return bytes;
}

}  // namespace

std::string signature(const std::string& token, const std::string& timestamp, const std::string& nonce,
                      const std::string& encrypt) {
  std::array<std::string, 4> parts = {token, timestamp, nonce, encrypt};
  std::ranges::sort(parts);
  return crypto::sha1_hex(parts[0] + parts[1] + parts[2] + parts[3]);
}

std::string seal(const Keys& keys, const std::string& plain, const std::string& random16) {
  const std::string key = key_of(keys);
  const std::string layout = random16.substr(0, random_bytes) + big_endian(plain.size()) + plain + keys.receive_id;
  return crypto::base64(crypto::aes256_cbc_encrypt(key, key.substr(0, random_bytes), layout, padding_block));
}

std::optional<std::string> unseal(const Keys& keys, const std::string& encrypt) {
  const std::string key = key_of(keys);
  const auto bytes = crypto::unbase64(encrypt);
  if (!bytes || key.size() != padding_block) return std::nullopt;
  const auto plain = crypto::aes256_cbc_decrypt(key, key.substr(0, random_bytes), *bytes, padding_block);
  if (!plain || plain->size() < random_bytes + length_bytes) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8U | static_cast<unsigned char>((*plain)[random_bytes + i]);
  const std::size_t start = random_bytes + length_bytes;
  if (length > plain->size() - start || plain->substr(start + length) != keys.receive_id) return std::nullopt;
  return plain->substr(start, length);
}

}  // namespace xieban::sim::wecom
