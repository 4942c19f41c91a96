#include "tests/sim/servers/clock.hpp"

namespace xieban::sim {

TimePoint Clock::now() const { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()) + offset_; }

}  // namespace xieban::sim
