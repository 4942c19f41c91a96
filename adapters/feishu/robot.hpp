#pragma once
#include <string>

#include "bot/base/secret.hpp"

namespace xieban::feishu {

/// Signature of a custom group robot: base64(HMAC-SHA256(key = timestamp "\n" secret, message = "")); the string is the key
/// (open.feishu.cn, custom bot guide).
std::string robot_signature(const std::string& timestamp_seconds, const Secret&);

}  // namespace xieban::feishu
