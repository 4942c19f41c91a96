#include "bot/base/crash_point.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <csignal>
#include <utility>

namespace xieban {
namespace {

constexpr std::array<std::pair<std::string_view, CrashPoint>, 11> names{{
    {"accepted", CrashPoint::accepted},
    {"read", CrashPoint::read},
    {"verified", CrashPoint::verified},
    {"before-commit", CrashPoint::before_commit},
    {"committed", CrashPoint::committed},
    {"before-answer", CrashPoint::before_answer},
    {"answered", CrashPoint::answered},
    {"claimed", CrashPoint::claimed},
    {"written", CrashPoint::written},
    {"replied", CrashPoint::replied},
    {"recorded", CrashPoint::recorded},
}};

// Of the process, as the death it brings; written once, before anything runs.
std::atomic<CrashPoint> armed{CrashPoint::none};
std::atomic<int> passings{0};

}  // namespace

bool arm_crash_point(std::string_view place) {
  const auto colon = place.find(':');
  int count = 1;
  if (colon != std::string_view::npos) {
    const std::string_view digits = place.substr(colon + 1);
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || count < 1) return false;
  }
  for (const auto& [name, point] : names) {
    if (name != place.substr(0, colon)) continue;
    passings = count;
    armed = point;
    return true;
  }
  return false;
}

void pass(CrashPoint point) {
  if (armed.load(std::memory_order_relaxed) != point) return;
  if (passings.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace xieban
