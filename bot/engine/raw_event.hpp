#pragma once
// An event as it arrived, kept with what failed, so that it can be decoded and decided again.

#include <string>
#include <string_view>

#include "bot/base/error.hpp"
#include "bot/base/time.hpp"
#include "bot/ports/http.hpp"

namespace xieban {

/// `at`: when it arrived. Decoding it again must use that instant: signatures carry the time.
struct ArrivedRequest {
  HttpRequest request;
  TimePoint at;
};

/// The bytes for Load.inbox_body: one line "event/1 MILLISECONDS REMOTE", then the request as HTTP/1.1 writes it.
std::string write_raw_event(const HttpRequest&, TimePoint at);
/// bad_input: not what write_raw_event() wrote.
Result<ArrivedRequest> read_raw_event(std::string_view);

}  // namespace xieban
