#include "adapters/dingtalk/signature.hpp"

#include "bot/crypto/crypto.hpp"
#include "bot/ports/http.hpp"

namespace xieban::dingtalk {

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

}  // namespace xieban::dingtalk
