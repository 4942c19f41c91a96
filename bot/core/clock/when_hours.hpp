#pragma once
// What a written clock means: the table of day parts and the rule of bare hours. Private to parse_due.

#include "bot/core/clock/when_grammar.hpp"

namespace xieban::when {

/// What a clock says: minutes of the written date (beyond 24:00 for the night after it), or that there is none such.
struct Reading {
  int minute = 0;
  int second = 0;
  bool valid = true;
  bool assumed_pm = false;
  bool bare = false;  // neither day part nor am/pm nor a leading zero
};

Reading read(const Clock&);

}  // namespace xieban::when
