#include "adapters/feishu/robot.hpp"

#include "bot/crypto/crypto.hpp"

namespace xieban::feishu {

std::string robot_signature(const std::string& timestamp_seconds, const Secret& secret) {
  return crypto::base64(crypto::hmac_sha256(timestamp_seconds + "\n" + secret.reveal(), ""));
}

}  // namespace xieban::feishu
