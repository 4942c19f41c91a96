#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "bot/core/words/command.hpp"

namespace xieban {
namespace {

constexpr std::array<std::pair<Verb, std::string_view>, 39> actions{
    {{Verb::raise, "raise"},       {Verb::urgent, "urgent"},     {Verb::accept, "accept"},
     {Verb::decline, "decline"},   {Verb::ask, "ask"},           {Verb::assign, "assign"},
     {Verb::handover, "handover"}, {Verb::support, "support"},   {Verb::task, "task"},
     {Verb::progress, "progress"}, {Verb::extend, "extend"},     {Verb::confirm, "confirm"},
     {Verb::object, "object"},     {Verb::escalate, "escalate"}, {Verb::nudge, "nudge"},
     {Verb::deliver, "deliver"},   {Verb::verify, "verify"},     {Verb::pause, "pause"},
     {Verb::resume, "resume"},     {Verb::cancel, "cancel"},     {Verb::reopen, "reopen"},
     {Verb::note, "note"},         {Verb::undo, "undo"},         {Verb::follow, "follow"},
     {Verb::show, "show"},         {Verb::mine, "mine"},         {Verb::department, "department"},
     {Verb::board, "board"},       {Verb::search, "search"},     {Verb::why, "why"},
     {Verb::help, "help"},         {Verb::leave, "leave"},       {Verb::link, "link"},
     {Verb::unlink, "unlink"},     {Verb::health, "health"},     {Verb::apply, "apply"},
     {Verb::sign, "sign"},         {Verb::dispute, "dispute"},   {Verb::rule, "rule"}}};

}  // namespace

const std::vector<VerbInfo>& verbs() {
  static const std::vector<VerbInfo> table{{Verb::raise, "发起", "raise", {"新建", "提单", "new"}, false},
                                           {Verb::urgent, "紧急", "urgent", {"加急", "应急"}, false},
                                           {Verb::accept, "接单", "accept", {"接受", "受理"}, true},
                                           {Verb::decline, "拒绝", "decline", {"婉拒", "拒单"}, true},
                                           {Verb::ask, "补充", "ask", {"追问", "答复"}, true},
                                           {Verb::assign, "指派", "assign", {"分派", "派单"}, true},
                                           {Verb::handover, "转交", "handover", {"移交", "转派"}, true},
                                           {Verb::support, "配合", "support", {"协同"}, true},
                                           {Verb::task, "任务", "task", {"行动项"}, true},
                                           {Verb::progress, "进度", "progress", {"进展", "汇报"}, true},
                                           {Verb::extend, "延期", "extend", {"改期", "postpone"}, true},
                                           {Verb::confirm, "同意", "agree", {"confirm"}, true},
                                           {Verb::object, "不同意", "object", {"有异议", "反对", "disagree"}, true},
                                           {Verb::sign, "会签", "sign", {}, true},
                                           {Verb::dispute, "分歧", "dispute", {}, true},
                                           {Verb::rule, "裁决", "rule", {}, true},
                                           {Verb::escalate, "升级", "escalate", {}, true},
                                           {Verb::nudge, "催办", "nudge", {"催", "催单"}, true},
                                           {Verb::deliver, "交付", "deliver", {"提交", "submit"}, true},
                                           {Verb::verify, "验收", "verify", {}, true},
                                           {Verb::pause, "暂停", "pause", {}, true},
                                           {Verb::resume, "恢复", "resume", {"继续"}, true},
                                           {Verb::cancel, "取消", "cancel", {}, true},
                                           {Verb::reopen, "重开", "reopen", {}, true},
                                           {Verb::note, "备注", "note", {"评论", "comment"}, true},
                                           {Verb::undo, "撤回", "undo", {}, true},
                                           {Verb::follow, "关注", "follow", {}, true},
                                           {Verb::show, "查看", "show", {"详情", "view"}, true},
                                           {Verb::mine, "我的", "mine", {"待办", "my"}, false},
                                           {Verb::department, "本部门", "department", {"部门"}, false},
                                           {Verb::board, "看板", "board", {}, false},
                                           {Verb::search, "搜索", "search", {"查找", "find"}, false},
                                           {Verb::why, "为什么", "why", {"为何"}, true},
                                           {Verb::help, "帮助", "help", {"?", "命令"}, false},
                                           {Verb::leave, "请假", "leave", {"休假"}, false},
                                           {Verb::link, "绑定", "link", {}, false},
                                           {Verb::unlink, "解绑", "unlink", {}, false},
                                           {Verb::health, "体检", "health", {}, false},
                                           {Verb::apply, "套用策略", "apply", {"套用"}, false}};
  return table;
}

const VerbInfo& info(Verb verb) {
  const auto& all = verbs();
  const auto at = std::ranges::find(all, verb, &VerbInfo::verb);
  if (at == all.end()) throw std::logic_error("a verb is missing in the table");
  return *at;
}

std::optional<Verb> verb_of(std::string_view action) {
  const auto at = std::ranges::find(actions, action, &std::pair<Verb, std::string_view>::second);
  return at == actions.end() ? std::nullopt : std::optional(at->first);
}

std::string_view action_of(Verb verb) {
  const auto at = std::ranges::find(actions, verb, &std::pair<Verb, std::string_view>::first);
  return at == actions.end() ? std::string_view() : at->second;
}

}  // namespace xieban
