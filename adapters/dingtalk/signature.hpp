#pragma once
// Who sent it: the signatures of robot messages and card callbacks (open.dingtalk.com, "receive messages", "register card
// callback address"). Event subscriptions come in the envelope of adapters/callback_cipher.hpp.

#include <string>
#include <string_view>

#include "bot/base/secret.hpp"

namespace xieban::dingtalk {

/// Header `sign` of a robot message, and of a message to a custom group robot (there percent-encoded, in the query):
/// base64(HMAC-SHA256(key = secret, timestamp "\n" secret)).
std::string robot_signature(std::string_view timestamp, const Secret&);
/// "…/robot/send?access_token=…&timestamp=…&sign=…" of a custom group robot.
std::string robot_target(std::string_view access_token, std::string_view timestamp, const Secret&);
/// Header `x-ddpaas-signature` of a card callback: the message is the timestamp alone.
std::string card_signature(std::string_view timestamp, const Secret&);

}  // namespace xieban::dingtalk
