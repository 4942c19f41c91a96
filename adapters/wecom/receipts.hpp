#pragma once
#include <cstdint>
#include <string>

#include "bot/ports/platform.hpp"

namespace xieban::wecom {

/// What an answer of the API means for what was sent; HTTP 200 says nothing, errcode does. Codes: path 90313 and the pages of
/// the calls.
Receipt read_receipt(const Outgoing&, const HttpResponse&);

/// What the long connection's acknowledgement means (path 101463; the 846xxx as the platform's own client treats them).
/// `reply`: it was sent under the req_id of a message; `card`: it was a card.
struct FrameAnswer {
  Receipt receipt;
  bool say_unprompted = false;  // nothing was sent: once more without the req_id
  bool reconnect = false;       // the connection is not what it seemed
  bool too_much = false;        // for this chat; or nobody has spoken to the bot there, or it was removed
};
FrameAnswer read_frame_answer(std::int64_t errcode, bool reply, bool card);

}  // namespace xieban::wecom
