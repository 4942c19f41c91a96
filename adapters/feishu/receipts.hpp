#pragma once
#include "bot/ports/platform.hpp"

namespace xieban::feishu {

/// What an answer of the message API means for the parcel that was sent. Codes: open.feishu.cn, "server error codes" and the
/// pages of im/v1/messages.
Receipt read_receipt(const Outgoing&, const HttpResponse&);

}  // namespace xieban::feishu
