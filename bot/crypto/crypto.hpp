#pragma once
// OpenSSL behind a few functions.

#include <cstddef>
#include <string>
#include <string_view>

#include "bot/base/error.hpp"

namespace xieban::crypto {

std::string sha256(std::string_view);  // 32 bytes
std::string sha256_hex(std::string_view);
std::string sha1_hex(std::string_view);
std::string hmac_sha256(std::string_view key, std::string_view text);  // 32 bytes
std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
Result<std::string> unbase64(std::string_view);  // strict, padding required
/// AES-256-CBC; PKCS#7 padding of `block` bytes (16, WeCom 32). Every failure is the same bad_input.
Result<std::string> aes256_cbc_decrypt(std::string_view key32, std::string_view iv16, std::string_view bytes,
                                       std::size_t block = 16);
std::string aes256_cbc_encrypt(std::string_view key32, std::string_view iv16, std::string_view plain, std::size_t block = 16);
/// Takes the same time wherever they differ.
bool equal(std::string_view, std::string_view);

/// Running digest, for chains over many parts.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  Sha256& add(std::string_view);
  std::string digest();  // 32 bytes; the object is spent

 private:
  void* context_;
};

}  // namespace xieban::crypto
