#pragma once
#include <string>

#include "bot/ports/platform.hpp"

namespace xieban::dingtalk {

/// What an answer means for what was sent: errors stand in bodies of HTTP 200 as well. `sent_as`: our name of the card, for a
/// card. Codes: open.dingtalk.com, "server API error codes" and the pages of the calls.
Receipt read_receipt(const Outgoing&, const std::string& sent_as, const HttpResponse&);
/// To register_callback() of `url`; empty: it is registered.
std::string why_not_registered(const HttpResponse&, const std::string& url);

}  // namespace xieban::dingtalk
