#include "bot/base/error.hpp"

namespace xieban {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::bad_input:
      return "bad_input";
    case Errc::bad_signature:
      return "bad_signature";
    case Errc::not_found:
      return "not_found";
    case Errc::limited:
      return "limited";
    case Errc::timed_out:
      return "timed_out";
    case Errc::network:
      return "network";
    case Errc::storage:
      return "storage";
    case Errc::conflict:
      return "conflict";
    case Errc::thrown:
      return "thrown";
    case Errc::shutting_down:
      return "shutting_down";
  }
  return "unknown";
}

}  // namespace xieban
