#include <algorithm>

#include "bot/core/request/draft.hpp"

namespace xieban {

bool terminal(Phase phase) { return phase == Phase::archived || phase == Phase::declined || phase == Phase::cancelled; }

const Clock* find_clock(const Request& request, ClockId id) {
  const auto found = std::ranges::find(request.clocks, id, &Clock::id);
  return id.empty() || found == request.clocks.end() ? nullptr : &*found;
}

const Clock* running_clock(const Request& request, ClockKind kind, TaskNo task, const PersonId& signer) {
  const auto found = std::ranges::find_if(request.clocks, [&](const Clock& clock) {
    return clock.kind == kind && clock.task == task && clock.signer == signer && !clock.stopped;
  });
  return found == request.clocks.end() ? nullptr : &*found;
}

const Task* find_task(const Request& request, TaskNo no) {
  const auto found = std::ranges::find(request.tasks, no, &Task::no);
  return no.empty() || found == request.tasks.end() ? nullptr : &*found;
}

std::optional<ChatRef> group_chat(const Request& request) {
  if (!request.group.empty()) return request.group;
  const auto found = std::ranges::find_if(request.chats, [](const ChatRef& chat) { return !private_chat(chat); });
  return found == request.chats.end() ? std::nullopt : std::optional(*found);
}

}  // namespace xieban
