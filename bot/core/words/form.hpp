#pragma once
// What the dialogue and the form card of one verb share.

#include <map>
#include <string>
#include <string_view>

#include "bot/core/words/conversation.hpp"

namespace xieban {

/// The answer to a field; nullptr when there is none yet.
inline const std::string* given(const std::map<std::string, std::string>& answers, const std::string& id) {
  const auto found = answers.find(id);
  return found == answers.end() || found->second.empty() ? nullptr : &found->second;
}
/// "拒绝 XB-2026-0012 新品推广页接口对接".
std::string form_title(const Conversation&, const Request*, Lang);

/// 跳过, 返回, 取消, 完成: words of the dialogue itself, with or without a slash.
bool is_dialogue_word(std::string_view text);

}  // namespace xieban
