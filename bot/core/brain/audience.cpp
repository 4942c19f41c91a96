#include "bot/core/brain/audience.hpp"

#include <algorithm>

namespace xieban::brain {
namespace {

constexpr std::string_view private_prefix = "p:";

const GroupRule* rule_of(const ChatRef& chat, const Rules& rules) {
  const auto found = std::ranges::find(rules.groups, chat, &GroupRule::chat);
  return found == rules.groups.end() ? nullptr : &*found;
}

bool takes_part(const Request& request, const DepartmentId& department) {
  return request.lead == department || request.raised_by == department ||
         std::ranges::find(request.supporting, department, &Supporting::department) != request.supporting.end();
}

}  // namespace

bool chat_may_see(const Request& request, const ChatRef& chat, const ChatFact* fact, const Rules& rules) {
  if (fact && fact->external) return false;
  if (request.level == Level::open) return true;
  if (request.level == Level::secret) return false;
  if (std::ranges::find(request.chats, chat) != request.chats.end()) return true;
  const GroupRule* rule = rule_of(chat, rules);
  if (!rule) return false;
  if (rule->level == Level::participants) return request.level == Level::participants;
  return rule->level == Level::department && takes_part(request, rule->department);
}

bool row_visible(const Row& row, const PersonId& viewer, const Rules& rules, TimePoint now) {
  if (row.level == Level::open) return true;
  if (viewer.empty()) return false;
  if (viewer == row.owner || viewer == row.requester) return true;
  if (row.level == Level::secret) return false;
  const Directory people = rules.people();
  return people.is_head_of(viewer, row.lead, now) || people.vice_president(row.lead, now) == viewer ||
         people.is_pmo(viewer, now);
}

bool is_private(const ChatId& chat) { return chat.str().starts_with(private_prefix); }

ChatRef private_chat(const AppId& app, const UserId& user) { return {app, ChatId(std::string(private_prefix) + user.str())}; }

}  // namespace xieban::brain
