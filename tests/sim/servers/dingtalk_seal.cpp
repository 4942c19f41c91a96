#include "tests/sim/servers/dingtalk_seal.hpp"

#include <algorithm>
#include <array>

#include "bot/crypto/crypto.hpp"
#include "tests/sim/servers/answers.hpp"
#include "tests/sim/servers/dingtalk_answers.hpp"

namespace xieban::sim::dingtalk {

using nlohmann::json;

namespace {

constexpr std::size_t padding_block = 32;
constexpr std::size_t random_bytes = 16, length_bytes = 4;

std::string key_of(const json& app) { return crypto::unbase64(text_of(app, "event_aes_key") + "=").value_or(""); }

std::string owner_of(const json& app) {
  const std::string owner = text_of(app, "owner_key");
  return owner.empty() ? text_of(app, "client_id") : owner;
}

std::string signature(const json& app, const std::string& timestamp, const std::string& nonce, const std::string& encrypt) {
  std::array<std::string, 4> parts = {text_of(app, "event_token"), timestamp, nonce, encrypt};
  std::ranges::sort(parts);
  return crypto::sha1_hex(parts[0] + parts[1] + parts[2] + parts[3]);
}

std::string big_endian(std::size_t length) {
  std::string bytes;
  for (const unsigned shift : {24U, 16U, 8U, 0U}) bytes += static_cast<char>(length >> shift & 255U);
  return bytes;
}

}  // namespace

void sign_robot(HttpRequest& request, const json& app, const std::string& timestamp) {
  const std::string secret = text_of(app, "client_secret");
  request.headers.set("timestamp", timestamp);
  request.headers.set("sign", crypto::base64(crypto::hmac_sha256(secret, timestamp + "\n" + secret)));
}

void sign_card(HttpRequest& request, const std::string& secret, const std::string& timestamp) {
  if (secret.empty()) return;
  request.headers.set("x-ddpaas-signature-timestamp", timestamp);
  request.headers.set("x-ddpaas-signature", crypto::base64(crypto::hmac_sha256(secret, timestamp)));
}

HttpRequest sealed_event(const json& app, const std::string& plain, const std::string& timestamp, const std::string& nonce,
                         const std::string& random16) {
  const std::string key = key_of(app);
  const std::string layout = random16 + big_endian(plain.size()) + plain + owner_of(app);
  const std::string encrypt =
      crypto::base64(crypto::aes256_cbc_encrypt(key, key.substr(0, random_bytes), layout, padding_block));
  const std::string sign = signature(app, timestamp, nonce, encrypt);
  HttpRequest request("POST", "/hook/dingtalk/" + text_of(app, "id") + "/event?msg_signature=" + sign + "&signature=" + sign +
                                  "&timestamp=" + timestamp + "&nonce=" + nonce);
  request.body = dump({{"encrypt", encrypt}});
  return request;
}

bool says_success(const json& app, const std::string& answer) {
  const json body = json::parse(answer, nullptr, false);
  if (!body.is_object()) return false;
  const std::string encrypt = text_of(body, "encrypt");
  if (text_of(body, "msg_signature") != signature(app, text_of(body, "timeStamp"), text_of(body, "nonce"), encrypt))
    return false;
  const std::string key = key_of(app);
  const auto bytes = crypto::unbase64(encrypt);
  if (!bytes || key.size() != padding_block) return false;
  const auto plain = crypto::aes256_cbc_decrypt(key, key.substr(0, random_bytes), *bytes, padding_block);
  constexpr std::string_view word = "success";
  const std::string expected = big_endian(word.size()) + std::string(word) + owner_of(app);
  return plain && plain->size() > random_bytes + length_bytes && plain->substr(random_bytes) == expected;
}

}  // namespace xieban::sim::dingtalk
