#include "bot/core/request/promise.hpp"

namespace xieban {

std::vector<Promise> promises(const Request& request) {
  std::vector<Promise> out;
  if (request.phase != Phase::archived) return out;
  for (const Clock& clock : request.clocks) {
    if (clock.kind != ClockKind::task || !clock.stopped || !clock.target) continue;
    const Task* task = clock.task.empty() ? nullptr : find_task(request, clock.task);
    if (!clock.task.empty() && (task == nullptr || task->state != TaskState::done)) continue;
    const DepartmentId& department = task != nullptr && !task->department.empty() ? task->department : request.lead;
    if (!department.empty()) out.push_back({request.id, clock.task, department, *clock.target, *clock.stopped});
  }
  return out;
}

}  // namespace xieban
