#include "bot/core/inbound.hpp"

namespace xieban {

TimePoint counts_at(TimePoint sent, TimePoint received) {
  constexpr Duration longest{8LL * 60 * 60 * 1000};
  return sent <= received && received - sent <= longest ? sent : received;
}

}  // namespace xieban
