// Whatever comes, the brain answers and never throws; what it writes holds together.

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <algorithm>

#include "bot/base/rng.hpp"
#include "bot/base/text.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

const std::vector<std::string> people{"zhou.market", "zhao.tech", "sun.tech", "wang.tech", "li.fuzong",
                                      "pan.pmo",     "gao.admin", "liu.left", "nobody",    ""};
const std::vector<std::string> lines{"/发起 事 给 技术部",
                                     "/发起",
                                     "/紧急 断电了",
                                     "/接单 1",
                                     "/拒绝 1 原因 忙 建议 换人",
                                     "/拒绝 1",
                                     "/补充 1 什么",
                                     "/指派 1 孙工",
                                     "/转交 1 @孙工 忙",
                                     "/配合 1 财务部",
                                     "/任务 1 @孙工 写 截止 明天",
                                     "/进度 1 50% 正常",
                                     "/进度 1.1 100% 正常",
                                     "/进度 1 10% 风险 原因: 缺人 措施: 招人",
                                     "/延期 1 12月20日 忙",
                                     "/同意 1",
                                     "/不同意 1 不行",
                                     "/升级 1 没人理",
                                     "/催办 1",
                                     "/交付 1 好了",
                                     "/交付 1.1 好了",
                                     "/验收 1 通过",
                                     "/验收 1 驳回 不行",
                                     "/暂停 1 等",
                                     "/恢复 1",
                                     "/取消 1 不要",
                                     "/重开 1 要",
                                     "/备注 1 记",
                                     "/撤回 1",
                                     "/关注 1",
                                     "/查看 1",
                                     "/查看 1 9",
                                     "/我的",
                                     "/本部门",
                                     "/看板",
                                     "/搜索 事",
                                     "/为什么 1",
                                     "/帮助",
                                     "/帮助 接单",
                                     "/请假 到 明天 代理 孙工",
                                     "/绑定",
                                     "/绑定 AAAABBBB",
                                     "/解绑 周市",
                                     "/体检",
                                     "/",
                                     "／",
                                     "/ 1",
                                     "//",
                                     "/接单",
                                     "/接单 0",
                                     "/接单 99999999999999999999",
                                     "跳过",
                                     "返回",
                                     "取消",
                                     "完成",
                                     "技术部",
                                     "明天18点",
                                     "你好",
                                     "@协办 你好",
                                     "",
                                     " ",
                                     "\n",
                                     "@all",
                                     "李",
                                     "60",
                                     "\xff\xfe\xfd",
                                     "/发起 \xf0\x9f\x9a\x80 给 \xe2\x80\x8b技术部"};
const std::vector<std::string> actions{
    "accept",   "decline", "ask",     "assign",      "handover", "support", "task",   "progress", "extend", "confirm", "object",
    "escalate", "nudge",   "deliver", "verify",      "reject",   "pause",   "resume", "cancel",   "reopen", "note",    "follow",
    "why",      "show",    "submit",  "cancel_form", "pick:1",   "pick:0",  "page:2", "page:-1",  "show:1", "show:x",  "mine",
    "board",    "help",    "",        "x",           ":",        "pick:",   "\xff"};

template <class T>
const T& one_of(Rng& rng, const std::vector<T>& list) {
  return list[rng.below(list.size())];
}

std::string noise(Rng& rng) {
  std::string out;
  for (std::uint64_t n = rng.below(40); n > 0; --n) out += static_cast<char>(rng.next());
  return out;
}

ChatRef chat_of(Rng& rng, const std::string& person) {
  switch (rng.below(4)) {
    case 0:
      return plain_group;
    case 1:
      return group;
    default:
      return private_of(person);
  }
}

/// A life of a few requests, told by a seed: commands, presses on any card, forms, time passing.
void live(std::uint64_t seed, int steps) {
  Rng rng(seed);
  World w;
  w.say("zhou.market", group, "/发起 第一件 给 技术部");
  for (int i = 0; i < steps; ++i) {
    const std::string& person = one_of(rng, people);
    switch (rng.below(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        w.say(person, chat_of(rng, person), rng.below(12) == 0 ? noise(rng) : one_of(rng, lines));
        break;
      case 4:
      case 5:
      case 6: {
        std::map<std::string, std::vector<std::string>> inputs;
        for (const char* id :
             {"title", "to", "due", "reason", "proposal", "text", "person", "percent", "health", "result", "content", "until"})
          if (rng.below(2) == 0)
            inputs[id] = {rng.below(6) == 0
                              ? noise(rng)
                              : one_of(rng, std::vector<std::string>{"tech", "孙工", "明天", "60", "late", "reject", "文字"})};
        w.press(person, CardId(rng.below(w.cards.empty() ? 3 : w.cards.rbegin()->first.value + 3)), one_of(rng, actions),
                std::move(inputs));
        break;
      }
      case 7: {
        Inbound in;
        in.actor = UserId(person);
        in.chat = rng.below(5) == 0 ? ChatRef{} : chat_of(rng, person);
        in.one_to_one = rng.below(2) == 0;
        switch (rng.below(7)) {
          case 0:
            in.what = JoinedChat{};
            break;
          case 1:
            in.what = LeftChat{};
            break;
          case 2:
            in.what = ChatGone{};
            break;
          case 3:
            in.what = PersonLeft{{UserId(noise(rng))}};
            break;
          case 4:
            in.what = MenuChosen{one_of(rng, actions)};
            break;
          case 5:
            in.what = Recalled{noise(rng)};
            break;
          default:
            in.what = PersonChanged{{UserId(person)}};
            break;
        }
        w.receive(std::move(in));
        break;
      }
      case 8:
        w.sending = rng.below(3) != 0;
        break;
      default:
        w.turn_to(w.now + Duration(static_cast<std::int64_t>(rng.below(40LL * 3600 * 1000))));
        break;
    }
  }
  for (const auto& [id, request] : w.requests) {
    const auto folded = fold(w.history.at(id));
    RC_ASSERT(folded.has_value());
    RC_ASSERT(folded->seq == request.seq);
    RC_ASSERT(folded->phase == request.phase);
    RC_ASSERT(folded->owner == request.owner);
    if (terminal(request.phase)) {
      RC_ASSERT(!w.wake_times.at(id).has_value());
    } else {
      RC_ASSERT(next_step(request, *w.rules.type(request.type), w.rules.with(w.facts), w.now).has_value());
    }
  }
  for (const SentMessage& message : w.sent) {
    RC_ASSERT(text::is_utf8(message.out.text));
    RC_ASSERT(!message.out.text.empty());
  }
}

RC_GTEST_PROP(RandomLife, NothingThrowsAndTheHistoryFolds, (std::uint64_t seed)) { live(seed, 60); }

RC_GTEST_PROP(RandomText, AnyBytesAreAnswered, (const std::string& bytes, bool one_to_one)) {
  static const Rules rules = sample_rules();
  World w(rules);
  const std::string user = "zhou.market";
  w.say(user, one_to_one ? private_of(user) : group, bytes);
  w.say(user, one_to_one ? private_of(user) : group, "/" + bytes);
  w.say(user, one_to_one ? private_of(user) : group, "/发起 " + bytes + " 给 技术部");
}

RC_GTEST_PROP(RandomSnapshot, WhatTheStoreDoesNotFindIsAnswered, (std::uint64_t seed)) {
  // A press or command whose rows have gone: an empty snapshot must do.
  static const Rules rules = sample_rules();
  Rng rng(seed);
  Inbound in;
  in.actor = UserId(one_of(rng, people));
  in.chat = rng.below(2) == 0 ? group : private_of(in.actor.str());
  in.one_to_one = rng.below(2) == 0;
  in.sent_at = local("2026-11-23 09:00");
  in.noise = rng.next();
  if (rng.below(2) == 0)
    in.what = Said{.text = one_of(rng, lines)};
  else
    in.what = Pressed{.card = CardId(rng.below(9)), .action = one_of(rng, actions)};
  Snapshot snapshot;
  if (rng.below(2) == 0) snapshot.directory = rules.facts;
  const Load load = plan(in, rules);
  if (load.next_number) snapshot.next_number = RequestId(1);
  const ChangeSet change = respond(in, snapshot, rules, in.sent_at);
  if (std::holds_alternative<Pressed>(in.what)) RC_ASSERT(!change.reply.toast.empty());
}

}  // namespace
}  // namespace xieban::test
