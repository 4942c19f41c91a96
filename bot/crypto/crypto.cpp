#include "bot/crypto/crypto.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>

namespace xieban::crypto {
namespace {

void check(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Md = std::unique_ptr<EVP_MD, Freed<EVP_MD_free>>;
using MdContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using Cipher = std::unique_ptr<EVP_CIPHER, Freed<EVP_CIPHER_free>>;
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC, Freed<EVP_MAC_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>>;

// Fetching looks through the providers under a lock; it is done once per process.
const EVP_MD* sha256_algorithm() {
  static const Md md(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  check(md != nullptr, "no SHA256");
  return md.get();
}
const EVP_MD* sha1_algorithm() {
  static const Md md(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  check(md != nullptr, "no SHA1");
  return md.get();
}
const EVP_CIPHER* aes256_cbc_algorithm() {
  static const Cipher cipher(EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr));
  check(cipher != nullptr, "no AES-256-CBC");
  return cipher.get();
}
EVP_MAC* hmac_algorithm() {
  static const Mac mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  check(mac != nullptr, "no HMAC");
  return mac.get();
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string digest(const EVP_MD* algorithm, std::string_view text) {
  thread_local const MdContext context(EVP_MD_CTX_new());
  check(context != nullptr, "no memory");
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned int length = 0;
  check(EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1, "digest init");
  check(EVP_DigestUpdate(context.get(), text.data(), text.size()) == 1, "digest update");
  check(EVP_DigestFinal_ex(context.get(), bytes_of(out), &length) == 1, "digest final");
  out.resize(length);
  return out;
}

enum class Direction { decrypt = 0, encrypt = 1 };

/// The cipher alone; padding is ours, because WeCom pads to 32.
bool run_cipher(Direction direction, std::string_view key, std::string_view iv, std::string_view in, std::string& out) {
  if (in.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) - 32) return false;
  thread_local const CipherContext context(EVP_CIPHER_CTX_new());
  check(context != nullptr, "no memory");
  out.resize(in.size() + 16);
  int first = 0;
  int last = 0;
  const bool ok = EVP_CipherInit_ex2(context.get(), aes256_cbc_algorithm(), bytes_of(key), bytes_of(iv),
                                     static_cast<int>(direction), nullptr) == 1 &&
                  EVP_CIPHER_CTX_set_padding(context.get(), 0) == 1 &&
                  EVP_CipherUpdate(context.get(), bytes_of(out), &first, bytes_of(in), static_cast<int>(in.size())) == 1 &&
                  EVP_CipherFinal_ex(context.get(), bytes_of(out) + first, &last) == 1;
  EVP_CIPHER_CTX_reset(context.get());  // no key stays behind
  if (!ok) return false;
  out.resize(static_cast<std::size_t>(first + last));
  return true;
}

constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_base64_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < base64_digits.size(); ++i) {
    values[static_cast<unsigned char>(base64_digits[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}
constexpr auto base64_values = make_base64_values();

Error bad_bytes() { return Error(Errc::bad_input, "cannot decrypt"); }

}  // namespace

std::string sha256(std::string_view text) { return digest(sha256_algorithm(), text); }
std::string sha256_hex(std::string_view text) { return hex(sha256(text)); }
std::string sha1_hex(std::string_view text) { return hex(digest(sha1_algorithm(), text)); }

std::string hmac_sha256(std::string_view key, std::string_view text) {
  thread_local const MacContext context(EVP_MAC_CTX_new(hmac_algorithm()));
  check(context != nullptr, "no memory");
  // OSSL_PARAM wants a writable pointer but only reads it.
  char name[] = "SHA256";
  const std::array<OSSL_PARAM, 2> params{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                                         OSSL_PARAM_construct_end()};
  // A null key would mean "keep the last one".
  static constexpr unsigned char no_key = 0;
  const unsigned char* key_bytes = key.empty() ? &no_key : bytes_of(key);
  std::string out(32, '\0');
  std::size_t length = 0;
  check(EVP_MAC_init(context.get(), key_bytes, key.size(), params.data()) == 1, "hmac init");
  check(EVP_MAC_update(context.get(), bytes_of(text), text.size()) == 1, "hmac update");
  check(EVP_MAC_final(context.get(), bytes_of(out), &length, out.size()) == 1 && length == out.size(), "hmac final");
  return out;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4U];
    out += digits[byte & 15U];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto at = [&](std::size_t k) -> std::uint32_t {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    const std::uint32_t group = at(0) << 16U | at(1) << 8U | at(2);
    out += base64_digits[group >> 18U];
    out += base64_digits[group >> 12U & 63U];
    out += i + 1 < bytes.size() ? base64_digits[group >> 6U & 63U] : '=';
    out += i + 2 < bytes.size() ? base64_digits[group & 63U] : '=';
  }
  return out;
}

Result<std::string> unbase64(std::string_view text) {
  const auto bad = [] { return std::unexpected(Error(Errc::bad_input, "not base64")); };
  if (text.size() % 4 != 0) return bad();
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  const std::size_t digits = text.size() - padding;
  std::string out(digits * 3 / 4, '\0');
  char* to = out.data();
  const std::size_t whole = digits / 4 * 4;
  for (std::size_t i = 0; i < whole; i += 4) {
    const auto value = [&](std::size_t k) {
      return static_cast<std::int32_t>(base64_values[static_cast<unsigned char>(text[i + k])]);
    };
    const std::int32_t a = value(0), b = value(1), c = value(2), d = value(3);
    if ((a | b | c | d) < 0) return bad();
    *to++ = static_cast<char>(a << 2 | b >> 4);
    *to++ = static_cast<char>(b << 4 | c >> 2);
    *to++ = static_cast<char>(c << 6 | d);
  }
  for (std::size_t i = whole; i < digits; i += 4) {
    std::uint32_t group = 0;
    const std::size_t count = digits - i < 4 ? digits - i : 4;
    for (std::size_t k = 0; k < count; ++k) {
      const std::int8_t value = base64_values[static_cast<unsigned char>(text[i + k])];
      if (value < 0) return bad();
      group |= static_cast<std::uint32_t>(value) << (18U - 6U * k);
    }
    // Stray bits behind the last byte are let through: platforms hand out 43-character AES keys that have them.
    *to++ = static_cast<char>(group >> 16U & 255U);
    if (count > 2) *to++ = static_cast<char>(group >> 8U & 255U);
  }
  return out;
}

Result<std::string> aes256_cbc_decrypt(std::string_view key32, std::string_view iv16, std::string_view bytes,
                                       std::size_t block) {
  if (key32.size() != 32 || iv16.size() != 16 || bytes.empty() || bytes.size() % 16 != 0 || block < 16 || block > 255) {
    return std::unexpected(bad_bytes());
  }
  std::string out;
  if (!run_cipher(Direction::decrypt, key32, iv16, bytes, out)) return std::unexpected(bad_bytes());
  // Every byte the padding could have is looked at, whatever it says, so that time tells nothing about where it is wrong.
  const std::size_t padding = static_cast<unsigned char>(out.back());
  const std::size_t window = out.size() < block ? out.size() : block;
  unsigned wrong = padding == 0 || padding > window ? 1U : 0U;
  for (std::size_t i = 0; i < window; ++i) {
    const unsigned in_padding = i < padding ? 1U : 0U;
    const auto byte = static_cast<unsigned char>(out[out.size() - 1 - i]);
    wrong |= in_padding & static_cast<unsigned>(byte != padding);
  }
  if (wrong != 0) return std::unexpected(bad_bytes());
  out.resize(out.size() - padding);
  return out;
}

std::string aes256_cbc_encrypt(std::string_view key32, std::string_view iv16, std::string_view plain, std::size_t block) {
  if (key32.size() != 32 || iv16.size() != 16)
    throw std::invalid_argument("AES-256-CBC needs a key of 32 and an IV of 16 bytes");
  if (block < 16 || block > 255 || block % 16 != 0)
    throw std::invalid_argument("the padding block must be a multiple of 16 below 256");
  const std::size_t padding = block - plain.size() % block;
  std::string padded(plain);
  padded.append(padding, static_cast<char>(padding));
  std::string out;
  check(run_cipher(Direction::encrypt, key32, iv16, padded, out), "AES-256-CBC");
  return out;
}

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  check(context_ != nullptr, "no memory");
  check(EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(context_), sha256_algorithm(), nullptr) == 1, "digest init");
}

Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

Sha256& Sha256::add(std::string_view part) {
  check(EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), part.data(), part.size()) == 1, "digest update");
  return *this;
}

std::string Sha256::digest() {
  std::string out(32, '\0');
  check(EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), bytes_of(out), nullptr) == 1, "digest final");
  return out;
}

}  // namespace xieban::crypto
