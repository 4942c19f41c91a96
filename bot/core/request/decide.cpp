// From a command to what follows: rights and phase first, then the command's own part.

#include "bot/core/request/draft.hpp"
#include "bot/core/request/rights.hpp"

namespace xieban {
namespace {

TaskNo named_task(const Command& command) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.task; })
          return one.task;
        else
          return TaskNo{};
      },
      command);
}

Command with_task(Command command, TaskNo task) {
  std::visit(
      [&](auto& one) {
        if constexpr (requires { one.task; }) one.task = task;
      },
      command);
  return command;
}

}  // namespace

std::expected<Decision, Refusing> decide(const std::optional<Request>& request, const Command& command,
                                         const Context& context) {
  if (const auto* raise = std::get_if<Raise>(&command)) return deciding::raise(*raise, context);
  if (!request)
    return std::unexpected(rights::refusing(Refusal::unknown, "access.unknown", {{"number", context.new_id.str()}}));

  const std::string_view verb = verb_name(command);
  const TaskNo task = rights::meant_task(*request, named_task(command), verb, context.actor, context.rules, context.now);
  if (auto why = rights::why_not(*request, rights::right_of(command), task, context.actor, context.rules, context.now))
    return std::unexpected(std::move(*why));

  Draft draft(*request, context);
  const Outcome outcome = std::visit(
      [&](const auto& one) -> Outcome {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, Raise>)
          return Phrase{};  // answered above
        else
          return deciding::on(one, draft);
      },
      with_task(command, task));
  if (!outcome) return std::unexpected(outcome.error());
  return std::move(draft).finish(verb, *outcome);
}

}  // namespace xieban
