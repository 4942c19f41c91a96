#include "bot/core/brain/repeat.hpp"

#include <type_traits>
#include <variant>

namespace xieban {

bool makes_one(const Effect& effect, const Outgoing& outgoing) {
  return std::holds_alternative<MakeGroup>(effect) || (outgoing.task && outgoing.task->id.empty());
}

bool may_repeat(const Effect& effect, const Outgoing& outgoing) {
  if (makes_one(effect, outgoing)) return false;
  return std::visit(
      [](const auto& one) {
        using Kind = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<Kind, Notify>) {
          return !one.notice.key.starts_with("nudge");
        } else {
          return !(std::is_same_v<Kind, Say> || std::is_same_v<Kind, PostDetail> || std::is_same_v<Kind, PostWhy> ||
                   std::is_same_v<Kind, PostList> || std::is_same_v<Kind, PostHelp>);
        }
      },
      effect);
}

}  // namespace xieban
