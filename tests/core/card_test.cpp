// Cards and history lines, word for word, in both languages.

#include "bot/core/card/card.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bot/core/words/command.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

Card card_of(const World& w, const Viewer& viewer = {}, std::uint64_t id = 1) {
  return card_for(w.request(id), *w.rules.type(w.request(id).type), viewer, w.rules, w.now);
}

TEST(Card, ReadsOnItsOwnInChinese) {
  World w;
  w.say("zhou.market", group, "/发起 新品推广页接口对接 给 技术部 截止 11月27日 目标: 下周上线 背景: 新品发布");
  w.turn_to("2026-11-23 14:40");
  EXPECT_EQ(plain_text(card_of(w), Lang::zh),
            "【XB-2026-0001】新品推广页接口对接\n"
            "背景：新品发布\n"
            "状态：待响应\n"
            "下一步：赵技 在 11月24日 周二 09:00 前接单（还有 18 小时 20 分）\n"
            "时钟：首次响应，11月24日 周二 09:00 到点，已用 23%\n"
            "负责人：赵技（技术部）\n"
            "发起人：周市（市场部）\n"
            "牵头部门：技术部\n"
            "截止：11月27日 周五 18:00（发起时还有 5 个工作日）\n"
            "目标：下周上线\n"
            "接单：发送 /接单 1\n"
            "拒绝：发送 /拒绝 1 原因 … 建议 …\n"
            "补充提问：发送 /补充 1 …\n"
            "指派：发送 /指派 1 @某人\n"
            "升级：发送 /升级 1 …\n"
            "催办：发送 /催办 1\n"
            "为什么：发送 /为什么 1\n"
            "详情：发送 /查看 1\n"
            "XB-2026-0001 · 普通");
}

TEST(Card, SpeaksEnglish) {
  Rules rules = sample_rules();
  rules.lang = Lang::en;
  World w(rules);
  w.say("zhou.market", group, "/raise API for the product page to tech due 2026-11-27 18:00");
  ASSERT_EQ(w.requests.size(), 1U);
  const std::string text = plain_text(card_of(w), Lang::en);
  EXPECT_TRUE(contains(text, "[XB-2026-0001] API for the product page")) << text;
  EXPECT_TRUE(contains(text, "Next step: 赵技 to respond by Tue 24 Nov 09:00")) << text;
  EXPECT_TRUE(contains(text, "Accept: send /accept 1")) << text;
  for (const char* chinese : {"：", "负责人", "发送"}) EXPECT_FALSE(contains(text, chinese)) << text;
}

TEST(Card, SaysWhenTheDueDateIsAssumed) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  EXPECT_TRUE(contains(plain_text(card_of(w), Lang::zh), "未写截止，按默认"));
}

TEST(Card, SaysWhenADateHangsOnAYearWithoutANotice) {
  Rules rules = sample_rules();
  auto holidays = std::make_shared<Holidays>();
  holidays->years[2026] = {.year = 2026, .published = true};
  CalendarSpec office;
  office.id = rules.company_calendar;
  office.chinese_holidays = true;
  for (std::size_t day = 0; day < 5; ++day) office.weekly.at(day) = {{540, 1080}};
  rules.calendars.insert_or_assign(office.id, Calendar(office, holidays));
  World w(rules);
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  EXPECT_FALSE(contains(plain_text(card_of(w), Lang::zh), "放假通知"));
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 1月6日");
  const std::string card = plain_text(card_of(w, {}, 2), Lang::zh);
  EXPECT_TRUE(contains(card, "节假日：2027 年的放假通知还没有录入")) << card;
}

TEST(Card, ToneFollowsTheClock) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  EXPECT_EQ(card_of(w).tone, Tone::info);
  w.turn_to("2026-11-24 05:00");  // 20 of 24 hours
  EXPECT_EQ(card_of(w).tone, Tone::warning);
  w.turn_to("2026-11-24 09:01");
  EXPECT_EQ(card_of(w).tone, Tone::danger);
  w.say("zhao.tech", group, "/接单 1");
  EXPECT_EQ(card_of(w).tone, Tone::info);
  w.say("zhao.tech", group, "/进度 1 30% 风险 原因: 缺人 措施: 招人");
  EXPECT_EQ(card_of(w).tone, Tone::warning);
  EXPECT_TRUE(contains(plain_text(card_of(w), Lang::zh), "进度：30% · 风险；原因：缺人；措施：招人"));
  w.say("zhao.tech", group, "/交付 1 好了");
  w.say("zhou.market", group, "/验收 1 通过");
  EXPECT_EQ(card_of(w).tone, Tone::success);
}

struct Offered {
  const char* name;
  std::vector<std::string> lines;  // "person|command"
  const char* viewer;              // "" = a group
  std::vector<std::string> actions;
};

class Buttons : public ::testing::TestWithParam<Offered> {};

TEST_P(Buttons, FollowStepAndViewer) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  for (const std::string& line : GetParam().lines) {
    const auto bar = line.find('|');
    ASSERT_EQ(w.say(line.substr(0, bar), group, line.substr(bar + 1)).outcome, Done::acted) << line;
  }
  Viewer viewer;
  if (*GetParam().viewer != '\0') viewer.person = PersonId(GetParam().viewer);
  std::vector<std::string> actions;
  for (const Button& button : card_of(w, viewer).buttons) {
    actions.push_back(button.action);
    EXPECT_FALSE(button.label.empty());
    EXPECT_TRUE(button.command.starts_with("/"));
  }
  EXPECT_EQ(actions, GetParam().actions);
}

INSTANTIATE_TEST_SUITE_P(
    All, Buttons,
    ::testing::Values(
        Offered{"raised, group", {}, "", {"accept", "decline", "ask", "assign", "escalate", "nudge", "why", "show"}},
        Offered{"raised, receiver", {}, "zhao.tech", {"accept", "decline", "ask", "assign", "escalate", "why", "show"}},
        Offered{"raised, requester", {}, "zhou.market", {"escalate", "nudge", "why", "show"}},
        Offered{"asked, requester", {"zhao.tech|/补充 1 什么"}, "zhou.market", {"ask", "escalate", "why", "show"}},
        Offered{"running, owner",
                {"zhao.tech|/接单 1"},
                "zhao.tech",
                {"progress", "deliver", "task", "extend", "escalate", "why", "show"}},
        Offered{"all done, owner",
                {"zhao.tech|/接单 1", "zhao.tech|/进度 1 100% 正常"},
                "zhao.tech",
                {"deliver", "progress", "escalate", "why", "show"}},
        Offered{"delivered, requester",
                {"zhao.tech|/接单 1", "zhao.tech|/交付 1 好了"},
                "zhou.market",
                {"verify", "reject", "escalate", "why", "show"}},
        Offered{"delivered, owner",
                {"zhao.tech|/接单 1", "zhao.tech|/交付 1 好了"},
                "zhao.tech",
                {"escalate", "nudge", "why", "show"}},
        Offered{"extension, requester",
                {"zhao.tech|/接单 1", "zhao.tech|/延期 1 12月20日 忙"},
                "zhou.market",
                {"confirm", "object", "extend", "escalate", "nudge", "why", "show"}},
        Offered{"paused, requester",
                {"zhao.tech|/接单 1", "zhou.market|/暂停 1 等合同"},
                "zhou.market",
                {"resume", "escalate", "why", "show"}},
        Offered{"declined, requester",
                {"zhao.tech|/拒绝 1 原因 忙 建议 换人"},
                "zhou.market",
                {"reopen", "escalate", "why", "show"}},
        Offered{"closed, bystander",
                {"zhao.tech|/接单 1", "zhao.tech|/交付 1 好了", "zhou.market|/验收 1 通过"},
                "wu.finance",
                {"why", "show"}}),
    [](const auto& one) {
      std::string name = one.param.name;
      for (char& c : name)
        if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
      return name;
    });

TEST(Card, ShowsTasksSupportAndExtension) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhao.tech", group, "/任务 1 @孙工 写文档 截止 11月30日");
  w.say("zhao.tech", group, "/配合 1 财务部");
  w.say("zhao.tech", group, "/延期 1 12月20日 供应商延期");
  const std::string text = plain_text(card_of(w), Lang::zh);
  EXPECT_TRUE(contains(text, "行动项：1.1 写文档（孙工，11月30日 周一 18:00，0%）")) << text;
  EXPECT_TRUE(contains(text, "配合部门：财务部（钱财）")) << text;
  EXPECT_TRUE(contains(text, "待确认延期：赵技 申请从 12月10日 周四 18:00 延到 12月20日")) << text;
}

TEST(Card, SaysHowATaskStands) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhao.tech", group, "/任务 1 @孙工 写文档 截止 11月30日");
  w.say("sun.tech", group, "/进度 1.1 60% 滞后 原因: 缺人 措施: 加人");
  EXPECT_TRUE(contains(plain_text(card_of(w), Lang::zh), "18:00，60% · 滞后）")) << plain_text(card_of(w), Lang::zh);
  w.say("sun.tech", group, "/交付 1.1 写好了");
  EXPECT_TRUE(contains(plain_text(card_of(w), Lang::zh), "1.1 写文档（孙工 已交付，待验收）"));
}

TEST(Card, SaysHowItEndedAndHowToGoOn) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/拒绝 1 原因 忙 建议 换人");
  const std::string declined = plain_text(card_of(w), Lang::zh);
  EXPECT_TRUE(contains(declined, "下一步：无（11月23日 周一 09:00 已拒绝；仍需处理可 /重开 1 原因）")) << declined;
  EXPECT_TRUE(contains(declined, "拒绝原因：忙\n")) << declined;
  w.turn_to("2026-12-08 09:00");
  EXPECT_TRUE(contains(plain_text(card_of(w), Lang::zh), "下一步：无（11月23日 周一 09:00 已拒绝）")) << "too late to reopen";

  w.say("zhou.market", group, "/发起 报表 给 技术部 截止 12月30日");
  w.say("zhou.market", group, "/取消 2 不做了");
  EXPECT_TRUE(contains(plain_text(card_of(w, {}, 2), Lang::zh), "取消原因：不做了"));
}

TEST(Card, SaysFirstWhatItsReaderOwes) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日 背景: 新品发布");
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhao.tech", group, "/任务 1 @李雷鸣 写文档 截止 11月30日 标准: 评审通过");
  const auto read_by = [&](const char* person) {
    Rules rules = w.rules;
    rules.facts = w.facts;  // who is on leave
    return plain_text(card_for(w.request(), *rules.type(w.request().type), {PersonId(person)}, rules, w.now), Lang::zh);
  };
  const std::string theirs = read_by("li.leiming");
  EXPECT_TRUE(contains(theirs,
                       "接口\n请你完成行动项 1.1「写文档」，11月30日 周一 18:00 前交付。\n标准：评审通过\n"
                       "背景：新品发布\n"))
      << theirs;
  EXPECT_TRUE(contains(theirs, "：发送 /进度 1.1 60% 正常\n")) << theirs;
  EXPECT_TRUE(contains(theirs, "：发送 /交付 1.1 …\n")) << theirs;
  EXPECT_FALSE(contains(theirs, "汇报：")) << "the buttons say it: " << theirs;
  EXPECT_TRUE(
      contains(plain_text(w.shown.at(w.card_in(private_of("li.leiming"), CardKind::personal)), Lang::zh), "请你完成行动项"));
  for (const char* other : {"zhao.tech", "zhou.market"}) {
    EXPECT_FALSE(contains(read_by(other), "请你")) << read_by(other);
    EXPECT_FALSE(contains(read_by(other), "1.1 60%")) << read_by(other);
  }
  EXPECT_FALSE(contains(plain_text(card_of(w), Lang::zh), "请你")) << "a group has no tasks";

  w.say("zhao.tech", group, "/任务 1 @李雷鸣 联调 截止 12月1日");
  EXPECT_TRUE(contains(read_by("li.leiming"), "汇报：/进度 1.2 60% 正常；交付：/交付 1.2 说明"))
      << "no button means one of two";
  w.say("li.leiming", group, "/交付 1.1 写好了");
  EXPECT_FALSE(contains(read_by("li.leiming"), "1.1「写文档」，")) << read_by("li.leiming");
  EXPECT_TRUE(contains(read_by("li.leiming"), "：发送 /交付 1.2 …\n")) << read_by("li.leiming");

  w.say("zhao.tech", group, "/任务 1 @赵技 上线 截止 12月2日");
  EXPECT_TRUE(contains(read_by("zhao.tech"), "请你完成行动项 1.3「上线」")) << read_by("zhao.tech");
  EXPECT_TRUE(contains(read_by("zhao.tech"), "汇报：/进度 1.3 60% 正常")) << "their buttons mean the whole";
  w.say("li.leiming", private_of("li.leiming"), "/请假 到 12月5日 代理 李雷");
  EXPECT_TRUE(contains(read_by("li.lei"), "请你代 李雷鸣 完成行动项 1.2「联调」")) << read_by("li.lei");
  w.say("zhou.market", group, "/暂停 1 等合同");
  EXPECT_FALSE(contains(read_by("zhao.tech"), "请你")) << "it waits: " << read_by("zhao.tech");
}

TEST(Card, SaysWhoHandedItOver) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  ASSERT_EQ(w.say("zhao.tech", group, "/指派 1 @孙工").outcome, Done::acted);
  const auto card_of_person = [&](const char* person) {
    return plain_text(w.shown.at(w.card_in(private_of(person), CardKind::personal)), Lang::zh);
  };
  EXPECT_TRUE(contains(card_of_person("sun.tech"), "\n赵技 把「数据接口」指派给你。\n")) << card_of_person("sun.tech");
  ASSERT_EQ(w.say("sun.tech", group, "/接单 1").outcome, Done::acted);
  w.turn_to("2026-11-23 09:05");
  EXPECT_TRUE(contains(card_of_person("sun.tech"), "指派给你")) << "an update says it as well";
  ASSERT_EQ(w.say("sun.tech", group, "/转交 1 @李雷鸣 我出差").outcome, Done::acted);
  w.turn_to("2026-11-23 09:10");
  EXPECT_TRUE(contains(card_of_person("li.leiming"), "\n孙工 把「数据接口」转交给你。原因：我出差\n"))
      << card_of_person("li.leiming");
  EXPECT_FALSE(contains(card_of_person("sun.tech"), "指派给你")) << "it is theirs no more";
}

TEST(Card, SaysHowAPauseEnds) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhou.market", group, "/暂停 1 等合同");
  const std::string open = plain_text(card_of(w), Lang::zh);
  EXPECT_TRUE(contains(open, "下一步：等 赵技 恢复（/恢复 1）\n")) << open;
  EXPECT_TRUE(contains(open, "，11月23日 周一 09:00 起暂停计时\n")) << open;
  w.say("zhou.market", group, "/恢复 1");
  w.say("zhou.market", group, "/暂停 1 等合同 到 11月25日9点");
  const std::string until = plain_text(card_of(w), Lang::zh);
  EXPECT_TRUE(contains(until, "下一步：11月25日 周三 09:00 自动恢复；提前恢复：/恢复 1\n")) << until;
}

TEST(Card, TheDueDateSaysThatItMoved) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/接单 1");
  EXPECT_TRUE(contains(plain_text(card_of(w), Lang::zh), "12月10日 周四 18:00（发起时")) << plain_text(card_of(w), Lang::zh);
  w.say("zhao.tech", group, "/延期 1 12月18日 供应商延期");
  w.say("zhou.market", group, "/同意 1");
  const std::string moved = plain_text(card_of(w), Lang::zh);
  EXPECT_TRUE(contains(moved, "截止：12月18日 周五 18:00（原定 12月10日 周四 18:00）\n")) << moved;
}

TEST(Card, OnlyTheOneAskedIsOfferedToAnswer) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/补充 1 哪些字段？");
  const auto label = [&](const Viewer& viewer) {
    const auto buttons = card_of(w, viewer).buttons;
    const auto ask = std::ranges::find(buttons, "ask", &Button::action);
    return ask == buttons.end() ? std::string() : ask->label;
  };
  EXPECT_EQ(label({PersonId("zhou.market")}), "回答");
  EXPECT_EQ(label({PersonId("zhao.tech")}), "继续提问");
  EXPECT_EQ(label({}), "回答（发起人）");
  EXPECT_EQ(label({PersonId("wu.finance")}), "");
}

TEST(PlainText, IndentsWhatPeopleBrokeIntoLines) {
  Card card;
  card.title = "标题";
  card.fields = {{"备注", "一\n二"}};
  card.inputs = {{.id = "a", .label = "原因", .required = true}, {.id = "b", .label = "建议"}};
  card.buttons = {{.action = "x", .label = "按钮"}, {.action = "y", .label = "接单", .command = "/接单 1"}};
  EXPECT_EQ(plain_text(card, Lang::zh), "标题\n备注：一\n  二\n· 原因（必填）\n· 建议\n接单：发送 /接单 1");
}

TEST(HistoryLine, OneLineForPeople) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.turn_to("2026-11-23 09:30");
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhao.tech", group, "/备注 1 第一行\n第二行");
  const auto lines = w.lines();
  ASSERT_GE(lines.size(), 3U);
  EXPECT_EQ(lines[0], "11月23日 周一 09:00 周市 发起，交给 技术部 赵技，截止 12月10日 周四 18:00");
  EXPECT_EQ(lines[1], "11月23日 周一 09:30 赵技 接单");
  EXPECT_TRUE(contains(lines.back(), "备注：第一行")) << lines.back();
}

TEST(HistoryLine, JoinsWithWhoDidIt) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.say("zhao.tech", group, "/指派 1 孙工");
  EXPECT_TRUE(w.lines().back().ends_with("赵技 把负责人改为 孙工")) << w.lines().back();
  w.say("li.lei", group, "/关注 1");
  EXPECT_TRUE(w.lines().back().ends_with("李雷 开始关注")) << w.lines().back();
  Rules english = w.rules;
  english.lang = Lang::en;
  Stamped entry;
  entry.at = entry.counted_at = w.now;
  const auto line = [&](Event event) {
    entry.event = std::move(event);
    return history_line(entry, w.request(), english, w.now);
  };
  EXPECT_TRUE(contains(line(Breached{w.request().clocks.front().id, w.now}), "Xieban noted that “First response” missed"));
  EXPECT_TRUE(contains(line(DisputeSettled{Party::owner, {}}), "accepted the lead's position"));
}

TEST(HistoryLine, MachineEntriesAreSilent) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  Stamped entry;
  entry.at = entry.counted_at = w.now;
  for (const Event& event : std::vector<Event>{ClockStarted{}, ClockStopped{}, ClockPaused{}, ClockResumed{}, StepMarked{}}) {
    entry.event = event;
    EXPECT_EQ(history_line(entry, w.request(), w.rules, w.now), "") << kind_name(event);
  }
}

TEST(HistoryLine, EveryOtherEntryHasWordsInBothLanguages) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  Stamped entry;
  entry.at = entry.counted_at = w.now;
  entry.by = PersonId("zhao.tech");
  ClockMoved moved;
  moved.before = w.now;
  moved.after = w.now + Duration(1);
  Rules english = w.rules;
  english.lang = Lang::en;
  for (const Event& event :
       std::vector<Event>{Raised{},    OwnerChanged{},   PhaseMoved{},       moved,          RungReached{}, Breached{},
                          Declined{},  Asked{},          Answered{},         SupportAdded{}, TaskAdded{},   TaskChanged{},
                          Reported{},  ExtensionAsked{}, ExtensionSettled{}, Escalated{},    Nudged{},      Delivered{},
                          Verified{},  Paused{},         Resumed{},          Closed{},       Reopened{},    Noted{},
                          TakenBack{}, Followed{},       CareNeeded{},       Refused{}}) {
    entry.event = event;
    for (const Rules* rules : {&w.rules, &english}) {
      const std::string line = history_line(entry, w.request(), *rules, w.now);
      EXPECT_FALSE(line.empty()) << kind_name(event);
      EXPECT_FALSE(contains(line, "{")) << line;
    }
  }
}

}  // namespace
}  // namespace xieban::test
