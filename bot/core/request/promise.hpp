#pragma once
// How a department kept its word: what it owed by when, and when it handed that in.

#include <vector>

#include "bot/base/ids.hpp"
#include "bot/base/time.hpp"
#include "bot/core/request/request.hpp"

namespace xieban {

/// One piece of accepted work. `due` as it stood in the end: moved by pauses and by the dates that those affected agreed to.
struct Promise {
  RequestId request;
  TaskNo task;  // empty: the request itself
  DepartmentId department;
  TimePoint due, delivered;
  [[nodiscard]] bool in_time() const { return delivered <= due; }
  friend bool operator==(const Promise&, const Promise&) = default;
};

/// Of an archived request: its own and one for each accepted task. None while it is open, nor of one that was cancelled or
/// declined. A delivery counts, not its acceptance: that is the requester's time.
std::vector<Promise> promises(const Request&);

}  // namespace xieban
