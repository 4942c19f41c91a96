#pragma once
// Places at which a test may let the process die as by kill -9: `xieban serve --crash-at NAME[:N]`. Passing one costs a
// relaxed load; nothing is armed unless that option is given.

#include <string_view>

namespace xieban {

enum class CrashPoint : unsigned char {
  none,
  // an event on its way in
  accepted,
  read,
  verified,
  before_commit,
  committed,
  before_answer,
  answered,
  // a message on its way out
  claimed,
  written,
  replied,
  recorded,
};

/// Arms one: its N-th passing (from 1, without ":N" the first) kills the process. False for what is no such place.
bool arm_crash_point(std::string_view place);
void pass(CrashPoint);

}  // namespace xieban
