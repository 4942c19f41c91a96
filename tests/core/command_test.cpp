#include "bot/core/words/command.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>
#include <ctime>

#include "bot/base/text.hpp"
#include "tests/core/calendar_files.hpp"
#include "tests/core/sample_rules.hpp"

namespace xieban::command_test {
namespace {

using test::instant;

const TimePoint now = instant("2026-11-20T10:00:00");
const ChatRef group{AppId{"feishu:main"}, ChatId{"oc_1"}};

const Rules& rules() {
  static const Rules all = test::sample_rules();
  return all;
}
const Rules& english_rules() {
  static const Rules all = test::sample_rules(Lang::en);
  return all;
}

Parsed read(const Said& said, const Rules& with = rules()) {
  return parse_command(said, with, PersonId{"li.lei"}, group, true, now);
}
Parsed read(std::string text, const Rules& with = rules()) {
  Said said;
  said.text = std::move(text);
  return read(said, with);
}
Parsed fields(Verb verb, std::map<std::string, std::string> values, TaskNo task = {}) {
  return order_from_fields(verb, RequestId{12}, task, values, rules(), PersonId{"li.lei"}, group, false, now);
}

template <class T>
T order(const Parsed& parsed, const std::string& text = {}) {
  if (const auto* misread = std::get_if<Misread>(&parsed))
    ADD_FAILURE() << text << " misread: " << misread->text.key << " / " << misread->corrected;
  const auto* all = std::get_if<Order>(&parsed);
  if (all == nullptr || !std::holds_alternative<T>(*all)) {
    ADD_FAILURE() << text << ": another order, " << parsed.index() << "/" << (all == nullptr ? 99 : all->index());
    return {};
  }
  return std::get<T>(*all);
}
template <class T>
T command(const std::string& text, const Rules& with = rules()) {
  const auto on = order<OnRequest>(read(text, with), text);
  EXPECT_EQ(on.request, RequestId{12}) << text;
  if (!std::holds_alternative<T>(on.command)) {
    ADD_FAILURE() << text << ": another command, " << on.command.index();
    return {};
  }
  return std::get<T>(on.command);
}
Misread misread(const Parsed& parsed, const std::string& text = {}) {
  if (const auto* found = std::get_if<Misread>(&parsed)) return *found;
  ADD_FAILURE() << text << ": was read, " << parsed.index();
  return {};
}
std::string arg(const Phrase& phrase, std::string_view key) {
  for (const auto& [name, value] : phrase.args) {
    if (name == key) return value;
  }
  return {};
}

// ---- the whole line ----

TEST(Command, OnlyALineWithASlashIsACommand) {
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read("接单 12")));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read("")));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(read("请看 /接单 12")));
  EXPECT_TRUE(std::holds_alternative<OnRequest>(std::get<Order>(read("/接单 12"))));
}

TEST(Command, ReadsTheWaysPeopleType) {
  for (const char* text : {"/接单 12", "／接单　１２", " /接单12", "/协作 接单 12", "/协作接单 12", "/xb accept 12",
                           "/accept #12", "/ACCEPT XB-2026-0012", "/接单：12", "/接单 12。", "@协办 /接单 12", "/接单 12 @协办",
                           "\u200b/接单\u202e 12", "/ 接单 12"}) {
    if (std::string(text) == "/ 接单 12") {
      EXPECT_TRUE(std::holds_alternative<Order>(read(text))) << text;
      continue;
    }
    EXPECT_FALSE(command<Accept>(text).due.has_value()) << text;
  }
}

TEST(Command, EveryVerbIsKnownInBothLanguages) {
  for (const VerbInfo& one : verbs()) {
    EXPECT_EQ(verb_of(action_of(one.verb)), one.verb) << one.en;
    EXPECT_EQ(&info(one.verb), &one);
    std::vector<std::string_view> words{one.zh, one.en};
    words.insert(words.end(), one.also.begin(), one.also.end());
    for (const std::string_view word : words) {
      const Parsed parsed = read("/" + std::string(word) + (one.needs_request ? " 12" : ""));
      if (const auto* wrong = std::get_if<Misread>(&parsed)) {
        EXPECT_EQ(wrong->text.key, one.verb == Verb::apply ? "misread.no_type" : "misread.who") << word;
      } else {
        EXPECT_TRUE(std::holds_alternative<Order>(parsed)) << word;
      }
      if (!one.needs_request) continue;
      EXPECT_EQ(misread(read("/" + std::string(word)), std::string(word)).text.key, "misread.number");
    }
  }
  EXPECT_FALSE(verb_of("submit").has_value());
}

TEST(Command, NamesTheNearestCommand) {
  EXPECT_EQ(misread(read("/接旦 12")).corrected, "/接单 12");
  EXPECT_EQ(misread(read("/acept 12")).corrected, "/accept 12");
  EXPECT_EQ(misread(read("/xyzzy 12")).corrected, "/帮助");
  EXPECT_EQ(misread(read("/xyzzy 12")).text.key, "misread.unknown");
  EXPECT_EQ(misread(read("/会议 12")).text.key, "misread.announced");
  EXPECT_EQ(misread(read("/指派 @赵技")).corrected, "/指派 12 @赵技");
  EXPECT_EQ(misread(read("/补充 3个问题")).text.key, "misread.number");  // not request 3
  EXPECT_EQ(misread(read("/接单 12.3")).corrected, "/接单 12");
  EXPECT_EQ(misread(read("/催办 12 快点")).corrected, "/催办 12");
}

TEST(Command, ReadsReferences) {
  EXPECT_EQ(parse_reference("12")->request, RequestId{12});
  EXPECT_EQ(parse_reference("#0012")->request, RequestId{12});
  EXPECT_EQ(parse_reference("xb-2026-0012.3")->task, TaskNo{3});
  EXPECT_EQ(parse_reference("１２．３")->task, TaskNo{3});
  for (const char* bad : {"", "#", "0", "12.", "12.0", "-1", "XB-26-12", "12a", "1234567890123", "XB-2026-", "12.3.4"})
    EXPECT_FALSE(parse_reference(bad)) << bad;
}

// ---- raise ----

TEST(Command, RaisesInOneLine) {
  const auto raise =
      order<Raise>(read("/发起 新品推广页接口对接 给技术部 截止 明天18点 紧急 背景: 大促前上线 现状：接口未通 影响: 推广延期"));
  EXPECT_EQ(raise.title, "新品推广页接口对接");
  EXPECT_EQ(raise.lead, DepartmentId{"tech"});
  EXPECT_EQ(raise.due, instant("2026-11-21T18:00:00"));
  EXPECT_TRUE(raise.urgent);
  EXPECT_EQ(raise.type, TypeId{"urgent"});
  EXPECT_EQ(raise.background, "大促前上线");
  EXPECT_EQ(raise.situation, "接口未通");
  EXPECT_EQ(raise.impact, "推广延期");
  EXPECT_EQ(raise.chat, group);
  EXPECT_FALSE(raise.chat_is_private);
}

TEST(Command, RaisesInAnyOrder) {
  const std::vector<std::string> lines{"/发起 接口对接 紧急 截止：明天18点 目标: 上线 给 研发",
                                       "/发起 接口对接，给技术部，截止明天18点，紧急，目标：上线",
                                       "/发起 接口对接 目标: 上线 给 技术部 截止 明天 18:00 前 紧急",
                                       "／发起　接口对接　给　ＩＴ　截止　明天１８点　紧急　目标：上线",
                                       "/raise 接口对接 to tech due tomorrow 18:00 urgent goal: 上线",
                                       "/发起 接口对接\n给 技术部\n截止 明天18点\n紧急\n目标: 上线",
                                       "/发起 标题: 接口对接 给 技术部 截止 明天18点 紧急 目标: 上线"};
  for (const std::string& line : lines) {
    const auto raise = order<Raise>(read(line), line);
    EXPECT_EQ(raise.title, "接口对接") << line;
    EXPECT_EQ(raise.lead, DepartmentId{"tech"}) << line;
    EXPECT_EQ(raise.due, instant("2026-11-21T18:00:00")) << line;
    EXPECT_TRUE(raise.urgent) << line;
    EXPECT_EQ(raise.goal, "上线") << line;
  }
}

TEST(Command, KeepsTitlesAsTheyWereTyped) {
  const auto title = [](const std::string& line) { return order<Raise>(read(line), line).title; };
  EXPECT_EQ(title("/发起 把资料 给 客户 看 给 技术部"), "把资料 给 客户 看");
  EXPECT_EQ(title("/发起 给客户的方案 给 技术部"), "给客户的方案");
  EXPECT_EQ(title("/发起 截止日期提醒功能 给 技术部"), "截止日期提醒功能");
  EXPECT_EQ(title("/发起 处理 紧急 故障 给 技术部"), "处理 紧急 故障");
  EXPECT_EQ(title("/raise Connect the API to the CRM to tech"), "Connect the API to the CRM");
  EXPECT_EQ(title("/发起 修复Bug，再测一遍！ 给 技术部"), "修复Bug，再测一遍！");
  EXPECT_EQ(title("/发起 方案 👨‍👩‍👧 给 技术部"), "方案 👨‍👩‍👧");
  EXPECT_EQ(title("/发起 给 技术部 接口对接"), "接口对接");
  EXPECT_EQ(title("/发起 接口对接 给 技术部 截止 明天 记得联调"), "接口对接 记得联调");
  EXPECT_FALSE(order<Raise>(read("/发起 处理 紧急 故障 给 技术部")).urgent);
}

TEST(Command, TakesTypesByWord) {
  EXPECT_EQ(order<Raise>(read("/发起 一般 接口对接 给 技术部")).type, TypeId{"normal"});
  EXPECT_EQ(order<Raise>(read("/发起 紧急 接口对接 给 技术部")).type, TypeId{"urgent"});
  EXPECT_EQ(order<Raise>(read("/发起 普通 接口对接 给 技术部 紧急")).type, TypeId{"normal"});  // named: kept
  EXPECT_TRUE(order<Raise>(read("/发起 普通 接口对接 给 技术部 紧急")).urgent);
  const auto incomplete = order<Incomplete>(read("/发起 故障 数据库慢 给 技术部"));  // the type demands a field
  EXPECT_EQ(incomplete.fields.at("type"), "incident");
  EXPECT_EQ(order<Raise>(read("/发起 故障 数据库慢 给 技术部 级别: 高")).fields.at("severity"), "高");
}

TEST(Command, AsksForWhatARaiseLacks) {
  EXPECT_TRUE(order<Incomplete>(read("/发起")).fields.empty());
  const auto typed = order<Incomplete>(read("/发起 接口对接 截止 明天18点"));
  EXPECT_EQ(typed.verb, Verb::raise);
  EXPECT_EQ(typed.fields.at("title"), "接口对接");
  EXPECT_EQ(typed.fields.at("due"), "明天18点");
  const auto lead = order<Incomplete>(read("/发起 给 技术部"));
  EXPECT_EQ(lead.fields.at("to"), "技术部");  // the id of the form
}

TEST(Command, RaisesUrgentlyInOneSentence) {
  const auto open = order<Incomplete>(read("/紧急 支付接口全部超时，客户投诉"));
  EXPECT_EQ(open.verb, Verb::urgent);
  EXPECT_EQ(open.fields.at("title"), "支付接口全部超时，客户投诉");
  const auto raise = order<Raise>(read("/紧急 支付接口全部超时 给 技术部"));
  EXPECT_EQ(raise.lead, DepartmentId{"tech"});
  EXPECT_EQ(raise.type, TypeId{"urgent"});
  EXPECT_TRUE(raise.urgent);
  EXPECT_EQ(order<Raise>(read("/紧急 支付接口全部超时 @赵技")).owner, PersonId{"zhao.tech"});
  EXPECT_EQ(order<Raise>(read("/紧急 支付超时 给 技术部 截止 2小时")).due, instant("2026-11-20T12:00:00"));
}

// ---- names ----

TEST(Command, TakesTheMentionedPersonNotTheNamesake) {
  Said said;
  said.text = "@协办 /指派 12 @李雷";
  said.mentions = {{UserId{"ou_bot"}, "协办", true}, {UserId{"ou_li.lei2"}, "李雷", false}};
  const auto on = order<OnRequest>(read(said));
  EXPECT_EQ(std::get<Assign>(on.command).person, PersonId{"li.lei2"});

  said.text = "@协办 /转交 12 @Mei Han 原因：她更熟悉，和 @李雷 对过";
  said.mentions = {
      {UserId{"ou_bot"}, "协办", true}, {UserId{"ou_han.mei"}, "Mei Han", false}, {UserId{"ou_li.lei2"}, "李雷", false}};
  const auto handover = std::get<HandOver>(order<OnRequest>(read(said)).command);
  EXPECT_EQ(handover.person, PersonId{"han.mei"});
  EXPECT_EQ(handover.reason, "她更熟悉，和 @李雷 对过");

  said.text = "/指派 12 @赵技";  // WeCom: text only
  said.mentions = {{std::nullopt, "赵技", false}};
  EXPECT_EQ(std::get<Assign>(order<OnRequest>(read(said)).command).person, PersonId{"zhao.tech"});
}

TEST(Command, AsksWhichOfSeveralNamesakes) {
  const Parsed parsed = read("/指派 12 李雷");
  const auto& ambiguous = std::get<Ambiguous>(parsed);
  EXPECT_EQ(ambiguous.question.key, "ask.which_person");
  ASSERT_EQ(ambiguous.options.size(), 2U);
  EXPECT_EQ(ambiguous.options[0].label, "李雷（市场部）");
  EXPECT_EQ(ambiguous.options[0].command, "/指派 12 @li.lei");
  EXPECT_EQ(command<Assign>(ambiguous.options[1].command).person, PersonId{"li.lei2"});
  const Parsed part = read("/指派 12 督");
  const auto& named = std::get<Ambiguous>(part);
  ASSERT_EQ(named.options.size(), 2U);
  EXPECT_EQ(named.options[0].command, "/指派 12 @周督") << "no id where the name means nobody else";
  EXPECT_EQ(command<Assign>(named.options[0].command).person, PersonId{"zhou.pmo"});

  const Parsed raised = read("/发起 接口对接 给 市场 截止 明天18点 背景: 大促");
  const auto& leads = std::get<Ambiguous>(raised);
  ASSERT_EQ(leads.options.size(), 2U);
  EXPECT_TRUE(leads.options[0].command.starts_with("/发起 接口对接 给 市场部 ")) << leads.options[0].command;
  const auto raise = order<Raise>(read(leads.options[0].command), leads.options[0].command);
  EXPECT_EQ(raise.lead, DepartmentId{"market"});
  EXPECT_EQ(raise.title, "接口对接");
  EXPECT_EQ(raise.due, instant("2026-11-21T18:00:00"));
  EXPECT_EQ(raise.background, "大促");
}

TEST(Command, NamesTheNearestPeopleAndDepartments) {
  const auto person = misread(read("/指派 12 赵计"));
  EXPECT_EQ(person.text.key, "misread.no_person_near");
  EXPECT_EQ(arg(person.text, "names"), "赵技（技术部）");
  EXPECT_EQ(person.corrected, "/指派 12 @赵技");
  EXPECT_EQ(command<Assign>(person.corrected).person, PersonId{"zhao.tech"});
  const auto lead = misread(read("/发起 接口对接 给 技求部"));
  EXPECT_EQ(lead.text.key, "misread.no_lead_near");
  EXPECT_EQ(order<Raise>(read(lead.corrected)).lead, DepartmentId{"tech"});
  EXPECT_EQ(misread(read("/配合 12 财务部门")).text.key, "misread.no_department");
  EXPECT_EQ(misread(read("/指派 12 欧阳锋")).text.key, "misread.no_person");
}

// ---- the other verbs ----

TEST(Command, Declines) {
  for (const char* text : {"/拒绝 12 人手不足 建议 改由市场部", "/拒绝 12 原因：人手不足 建议：改由市场部",
                           "/拒绝 12 人手不足，建议改由市场部", "/decline 12 人手不足 proposal: 改由市场部"}) {
    const auto decline = command<Decline>(text);
    EXPECT_EQ(decline.reason, "人手不足") << text;
    EXPECT_EQ(decline.proposal, "改由市场部") << text;
  }
  EXPECT_EQ(order<Incomplete>(read("/拒绝 12 人手不足")).fields.at("reason"), "人手不足");
  EXPECT_EQ(order<Incomplete>(read("/拒绝 12 领导建议取消")).fields.at("reason"), "领导建议取消");
}

TEST(Command, HandsOverAndAssignsTasks) {
  for (const char* text : {"/转交 12 赵技 他更熟悉", "/转交 12 @赵技，他更熟悉", "/转交 12 给 赵技 原因: 他更熟悉"}) {
    const auto handover = command<HandOver>(text);
    EXPECT_EQ(handover.person, PersonId{"zhao.tech"}) << text;
    EXPECT_EQ(handover.reason, "他更熟悉") << text;
  }
  EXPECT_EQ(order<Incomplete>(read("/转交 12 赵技")).fields.at("person"), "赵技");
  const auto task = command<AddTask>("/任务 12 @赵技 联调登录接口 截止 下周三18点 标准: 通过冒烟测试 依赖 3");
  EXPECT_EQ(task.owner, PersonId{"zhao.tech"});
  EXPECT_EQ(task.content, "联调登录接口");
  EXPECT_EQ(task.due, instant("2026-11-25T18:00:00"));
  EXPECT_EQ(task.standard, "通过冒烟测试");
  EXPECT_EQ(task.after, TaskNo{3});
  EXPECT_EQ(order<Incomplete>(read("/任务 12 @赵技 联调")).fields.at("content"), "联调");
}

TEST(Command, ReportsProgressInAnyOrder) {
  const auto good = command<Report>("/进度 12 60% 正常");
  EXPECT_EQ(good.percent, 60);
  EXPECT_EQ(good.health, Health::normal);
  for (const char* text :
       {"/进度 12 60% 滞后 原因: 供应商延迟 措施: 换供应商", "/进度 12 滞后 ６０％ 措施：换供应商 原因：供应商延迟",
        "/progress 12 late 60 reason: 供应商延迟, measure: 换供应商"}) {
    const auto late = command<Report>(text);
    EXPECT_EQ(late.percent, 60) << text;
    EXPECT_EQ(late.health, Health::late) << text;
    EXPECT_EQ(late.reason, "供应商延迟") << text;
    EXPECT_EQ(late.measure, "换供应商") << text;
  }
  EXPECT_EQ(command<Report>("/进度 12.3 100% 正常").task, TaskNo{3});
  EXPECT_EQ(order<Incomplete>(read("/进度 12 60% 滞后")).fields.at("health"), "late");
  EXPECT_EQ(order<Incomplete>(read("/进度 12 60%")).fields.at("percent"), "60");
  EXPECT_EQ(misread(read("/进度 12 160% 正常")).text.key, "misread.percent");
}

TEST(Command, AsksWhichDeadlineIsMeant) {
  for (const char* text :
       {"/发起 接口对接 给 技术部 截止 10/12/2027", "/接单 12 10/12/2027", "/延期 12 10/12/2027 供应商延迟"}) {
    const Parsed parsed = read(text);
    ASSERT_TRUE(std::holds_alternative<Ambiguous>(parsed)) << text;
    const auto& which = std::get<Ambiguous>(parsed);
    EXPECT_EQ(which.question.key, "due.which") << text;
    ASSERT_EQ(which.options.size(), 2U) << text;
    EXPECT_EQ(which.options[0].label, "2027-10-12") << text;
    EXPECT_EQ(which.options[1].label, "2027-12-10") << text;
    for (const Option& option : which.options)
      EXPECT_TRUE(std::holds_alternative<Order>(read(option.command))) << "ready to send: " << option.command;
  }
  const Parsed raised = read(std::get<Ambiguous>(read("/发起 接口对接 给 技术部 截止 10/12/2027")).options[1].command);
  const auto* all = std::get_if<Order>(&raised);
  ASSERT_NE(all, nullptr);
  EXPECT_EQ(std::get<Raise>(*all).due, instant("2027-12-10T18:00:00"));
  EXPECT_EQ(std::get<Raise>(*all).title, "接口对接");
  EXPECT_TRUE(std::holds_alternative<Ambiguous>(read("/发起 接口对接 给 技术部 截止 尽快")))
      << "two candidates instead of none";
  EXPECT_EQ(misread(read("/发起 接口对接 给 技术部 截止: 猴年马月")).text.key, "misread.deadline");
}

TEST(Command, AsksWhichDateAsASentence) {
  const auto asked = [](const Parsed& parsed) { return say(Lang::zh, std::get<Ambiguous>(parsed).question); };
  EXPECT_EQ(asked(fields(Verb::extend, {{"due", "2062-12-10"}, {"reason", "忙"}})),
            "超过三年了，年份写错了吗？截止时间是哪一个？");
  const std::string past = asked(fields(Verb::extend, {{"due", "昨天"}, {"reason", "忙"}}));
  EXPECT_TRUE(past.starts_with("截止时间 ") && past.ends_with(" 已经过去。截止时间是哪一个？")) << past;
  // The end of a pause or of a leave is no deadline.
  for (const Parsed& parsed : {fields(Verb::pause, {{"reason", "等预算"}, {"until", "昨天"}}),
                               fields(Verb::leave, {{"until", "昨天"}, {"person", "赵技"}})}) {
    const std::string until = asked(parsed);
    EXPECT_TRUE(until.starts_with("时间 ") && until.ends_with(" 已经过去。是哪个时间？")) << until;
  }
  EXPECT_TRUE(say(Lang::zh, misread(read("/发起 接口对接 给 技术部 截止: 猴年马月")).text).ends_with("。"));
}

TEST(Command, Postpones) {
  for (const char* text :
       {"/延期 12.3 下周三 供应商延迟", "/延期 12.3 下周三，供应商延迟", "/延期 12.3 到 下周三 18:00 原因：供应商延迟"}) {
    const auto extend = command<Extend>(text);
    EXPECT_EQ(extend.due, instant("2026-11-25T18:00:00")) << text;
    EXPECT_EQ(extend.reason, "供应商延迟") << text;
    EXPECT_EQ(extend.task, TaskNo{3}) << text;
  }
  const auto counted = command<Extend>("/延期 12 明天 5 个问题没解决");
  EXPECT_EQ(counted.due, instant("2026-11-21T18:00:00"));
  EXPECT_EQ(counted.reason, "5 个问题没解决");
  EXPECT_EQ(order<Incomplete>(read("/延期 12 下周三")).fields.at("due"), "下周三");
  EXPECT_EQ(order<Incomplete>(read("/延期 12")).request, RequestId{12});
}

TEST(Command, SaysWhatIsWrongWithADate) {
  const auto past = std::get<Ambiguous>(read("/延期 12 本周三 供应商延迟"));
  EXPECT_EQ(past.question.key, "due.which");
  EXPECT_NE(arg(past.question, "message").find("已经过去"), std::string::npos);
  EXPECT_EQ(past.options[0].command, "/延期 12 下周三 原因: 供应商延迟");
  EXPECT_EQ(command<Extend>(past.options[0].command).due, instant("2026-11-25T18:00:00"));
  for (const char* text : {"/发起 接口对接 给 技术部 截止 2月30日", "/发起 接口对接 给 技术部 截止 25:61",
                           "/发起 接口对接 给 技术部 截止", "/延期 12 蓝色 原因: x", "/接单 12 好的", "/暂停 12 等预算 到 蓝色",
                           "/任务 12 @赵技 联调 截止 蓝色", "/请假 到 蓝色 代理 赵技"}) {
    const Parsed parsed = read(text);
    const auto wrong = misread(parsed, text);
    EXPECT_EQ(wrong.text.key, "misread.deadline") << text;
    EXPECT_TRUE(std::holds_alternative<Order>(read(wrong.corrected))) << text << " -> " << wrong.corrected;
  }
}

TEST(Command, DeliversVerifiesPausesAndTheRest) {
  EXPECT_EQ(command<Deliver>("/交付 12 页面已上线：https://x.cn/a?b=1，请验收").text, "页面已上线：https://x.cn/a?b=1，请验收");
  EXPECT_TRUE(command<Verify>("/验收 12 通过").pass);
  const auto reject = command<Verify>("/验收 12 驳回 缺少测试报告");
  EXPECT_FALSE(reject.pass);
  EXPECT_EQ(reject.reason, "缺少测试报告");
  EXPECT_FALSE(command<Verify>("/验收 12 不通过，缺少报告").pass);
  EXPECT_EQ(order<Incomplete>(read("/验收 12 驳回")).fields.at("result"), "reject");
  EXPECT_EQ(order<Incomplete>(read("/验收 12")).verb, Verb::verify);
  const auto pause = command<PauseIt>("/暂停 12 等预算批复 到 下周三");
  EXPECT_EQ(pause.reason, "等预算批复");
  EXPECT_EQ(pause.until, instant("2026-11-25T18:00:00"));
  EXPECT_EQ(command<PauseIt>("/暂停 12 等预算批复，到12月10日").until, instant("2026-12-10T18:00:00"));
  EXPECT_EQ(command<PauseIt>("/暂停 12 等到货").reason, "等到货");
  EXPECT_EQ(command<AskBack>("/补充 12 接口文档在哪？").question, "接口文档在哪？");
  EXPECT_EQ(command<Support>("/配合 12 市场部").department, DepartmentId{"market"});
  EXPECT_EQ(command<Escalate>("/升级 12 原因: 三天没人理").reason, "三天没人理");
  EXPECT_EQ(command<Cancel>("/取消 12 需求变了").reason, "需求变了");
  EXPECT_EQ(command<Reopen>("/重开 12 又坏了").reason, "又坏了");
  EXPECT_EQ(command<AddNote>("/备注 12 已电话沟通\n下周再看").text, "已电话沟通\n下周再看");
  EXPECT_TRUE(command<Confirm>("/同意 12").yes);
  EXPECT_TRUE(command<Confirm>("/agree 12").yes);
  EXPECT_FALSE(command<Confirm>("/不同意 12 太晚了").yes);
  EXPECT_EQ(command<Confirm>("/object 12 too late").reason, "too late");
  EXPECT_EQ(command<Accept>("/接单 12 下周三").due, instant("2026-11-25T18:00:00"));
  command<Nudge>("/催办 12");
  command<Resume>("/恢复 12");
  command<Follow>("/关注 12");
  for (const char* text : {"/取消 12", "/重开 12", "/升级 12", "/补充 12", "/交付 12", "/暂停 12", "/不同意 12", "/备注 12",
                           "/指派 12", "/配合 12", "/任务 12", "/进度 12"}) {
    EXPECT_EQ(order<Incomplete>(read(text), text).request, RequestId{12}) << text;
  }
  EXPECT_EQ(order<UndoLast>(read("/撤回 12")).request, RequestId{12});
}

TEST(Command, ANoteMayBeNothingButAFile) {
  Said said;
  said.text = "/备注 12";
  said.attachments.push_back({FileKind::image, "k", "现场.png", 100});
  EXPECT_TRUE(std::holds_alternative<AddNote>(order<OnRequest>(read(said)).command));
}

TEST(Command, ReadsAndJoins) {
  EXPECT_EQ(order<Show>(read("/查看 12 2")).page, 2);
  EXPECT_EQ(order<Show>(read("/协作 12")).request, RequestId{12});
  EXPECT_EQ(order<Why>(read("/协作 为什么 12")).request, RequestId{12});
  EXPECT_EQ(order<ListMine>(read("/我的")).page, 1);
  EXPECT_EQ(order<ListDepartment>(read("/本部门 3")).page, 3);
  EXPECT_EQ(order<ListBoard>(read("/board")).page, 1);
  EXPECT_EQ(order<Search>(read("/搜索 推广 页面")).words, "推广 页面");
  EXPECT_EQ(order<Search>(read("/搜索 推广 页面")).page, 1);
  for (const char* line : {"/搜索 推广 页面 第2页", "/搜索 推广 页面 第 2 页", "/search 推广 页面 page 2"}) {
    EXPECT_EQ(order<Search>(read(line)).words, "推广 页面") << line;
    EXPECT_EQ(order<Search>(read(line)).page, 2) << line;
  }
  for (const char* words : {"第2页", "推广第2页", "2", "page 2", "homepage 2"}) {
    EXPECT_EQ(order<Search>(read("/搜索 " + std::string(words))).words, words);
    EXPECT_EQ(order<Search>(read("/搜索 " + std::string(words))).page, 1) << words;
  }
  EXPECT_EQ(order<Help>(read("/帮助 发起")).topic, "发起");
  order<Help>(read("/"));
  order<Help>(read("/协作"));
  order<Checkup>(read("/体检"));
  EXPECT_EQ(order<ApplyType>(read("/协作 套用策略 普通")).type, TypeId("normal"));
  EXPECT_EQ(order<ApplyType>(read("/xb apply urgent")).type, TypeId("urgent"));
  EXPECT_EQ(misread(read("/套用策略 没有这种")).text.key, "misread.no_type");
  EXPECT_EQ(order<LinkMe>(read("/绑定")).code, "");
  EXPECT_EQ(order<LinkMe>(read("/绑定 ab12-cd34")).code, "AB12CD34");
  EXPECT_EQ(misread(read("/绑定 12")).text.key, "misread.code");
  EXPECT_EQ(order<UnlinkPerson>(read("/解绑 @赵技")).person, PersonId{"zhao.tech"});
  for (const char* text : {"/请假 到 下周三 代理 @赵技", "/请假 代理 赵技 到 下周三", "/leave until 下周三 delegate 赵技",
                           "/请假 到下周三，代理赵技", "/请假 下周三 @赵技"}) {
    const auto leave = order<TakeLeave>(read(text), text);
    EXPECT_EQ(leave.until, instant("2026-11-25T18:00:00")) << text;
    EXPECT_EQ(leave.delegate, PersonId{"zhao.tech"}) << text;
  }
  EXPECT_EQ(misread(read("/请假 到 下周三 代理 @li.lei")).text.key, "misread.own_delegate");
  EXPECT_EQ(order<Incomplete>(read("/请假 到 下周三")).fields.at("until"), "下周三");
}

// ---- forms ----

TEST(Command, FormsGiveTheSameOrders) {
  const auto raise = order<Raise>(fields(Verb::raise, {{"title", "接口对接"},
                                                       {"lead", "tech"},
                                                       {"due", "2026-12-10T18:00"},
                                                       {"urgent", "yes"},
                                                       {"type", "normal"},
                                                       {"goal", "上线"}}));
  EXPECT_EQ(raise.lead, DepartmentId{"tech"});
  EXPECT_EQ(raise.due, instant("2026-12-10T18:00:00"));
  EXPECT_EQ(raise.type, TypeId{"normal"});
  EXPECT_TRUE(raise.urgent);
  EXPECT_EQ(raise.goal, "上线");
  EXPECT_FALSE(order<Raise>(fields(Verb::raise, {{"title", "接口对接"}, {"lead", "赵技"}, {"urgent", "no"}})).urgent);
  EXPECT_EQ(
      std::get<Report>(
          order<OnRequest>(fields(Verb::progress,
                                  {{"percent", "60"}, {"health", "risk"}, {"reason", "缺人"}, {"measure", "加人"}}, TaskNo{3}))
              .command)
          .task,
      TaskNo{3});
  EXPECT_FALSE(
      std::get<Verify>(order<OnRequest>(fields(Verb::verify, {{"result", "reject"}, {"reason", "缺报告"}})).command).pass);
  EXPECT_EQ(order<Incomplete>(fields(Verb::decline, {{"reason", "忙"}})).fields.at("reason"), "忙");
  EXPECT_FALSE(std::get<AddTask>(order<OnRequest>(fields(Verb::task, {{"person", "赵技"}, {"content", "联调"}})).command)
                   .due.has_value());
  EXPECT_EQ(std::get<Ambiguous>(fields(Verb::extend, {{"due", "昨天"}, {"reason", "忙"}})).question.key, "due.which");
  EXPECT_EQ(misread(fields(Verb::progress, {{"percent", "abc"}, {"health", "normal"}})).text.key, "misread.percent");
  const Parsed which = fields(Verb::handover, {{"person", "李雷"}, {"reason", "他更熟悉"}});
  EXPECT_EQ(command<HandOver>(std::get<Ambiguous>(which).options[1].command).person, PersonId{"li.lei2"});
}

TEST(Command, NothingIsCutSilently) {
  const std::string hundred = [] {
    std::string out;
    for (int i = 0; i < 100; ++i) out += "字";
    return out;
  }();
  EXPECT_EQ(order<Raise>(read("/发起 " + hundred + " 给 技术部")).title, hundred);
  const auto long_title = misread(read("/发起 " + hundred + "字 给 技术部"));
  EXPECT_EQ(long_title.text.key, "misread.title_too_long");
  EXPECT_EQ(arg(long_title.text, "length"), "101");
  std::string text;
  for (int i = 0; i < 2001; ++i) text += "字";
  EXPECT_EQ(misread(read("/备注 12 " + text)).text.key, "misread.text_too_long");
  text.resize(text.size() - 3);
  EXPECT_EQ(command<AddNote>("/备注 12 " + text).text, text);
  EXPECT_EQ(misread(read("/备注 12 " + std::string(100 * 1024, 'a'))).text.key, "misread.line_too_long");
}

TEST(Command, AnswersInEnglishWithEnglishLines) {
  EXPECT_EQ(misread(read("/acept 12", english_rules())).corrected, "/accept 12");
  const auto past = std::get<Ambiguous>(read("/extend 12 yesterday vendor is late", english_rules()));
  EXPECT_TRUE(past.options[0].command.starts_with("/extend 12 today 18:00 reason: vendor is late")) << past.options[0].command;
  EXPECT_EQ(command<Extend>(past.options[0].command, english_rules()).reason, "vendor is late");
}

// ---- T38: whatever is typed is answered; a deadline is never invented ----

std::string any_piece() {
  static const std::vector<std::string> pieces{"/",
                                               "／",
                                               "协作",
                                               "xb",
                                               "发起",
                                               "接单",
                                               "拒绝",
                                               "延期",
                                               "进度",
                                               "任务",
                                               "请假",
                                               "暂停",
                                               "紧急",
                                               "raise",
                                               "extend",
                                               " ",
                                               "　",
                                               "\n",
                                               "12",
                                               "１２",
                                               "#12",
                                               "XB-2026-0012",
                                               "12.3",
                                               "0",
                                               "给",
                                               "技术部",
                                               "@赵技",
                                               "@李雷",
                                               "@",
                                               "@@",
                                               "截止",
                                               "截止：",
                                               "2月30日",
                                               "下下周五",
                                               "25:61",
                                               "明天18点",
                                               "尽快",
                                               "周五以后",
                                               "原因",
                                               "原因:",
                                               "建议：",
                                               "措施:",
                                               "标准:",
                                               "背景: ",
                                               "：",
                                               "，",
                                               "。",
                                               "60%",
                                               "999%",
                                               "正常",
                                               "滞后",
                                               "到",
                                               "代理",
                                               "依赖",
                                               "\u200b",
                                               "\u202e",
                                               "\u2066",
                                               "👨‍👩‍👧",
                                               "🔥",
                                               "\xff",
                                               "\xc0\xaf",
                                               "\xe4\xb8",
                                               std::string(1, '\0'),
                                               "%s",
                                               "{who}",
                                               "<b>",
                                               "'; drop table",
                                               "零零七",
                                               "十百十"};
  return pieces[*rc::gen::inRange<std::size_t>(0, pieces.size())];
}

std::optional<TimePoint> deadline(const Parsed& parsed) {
  const auto* all = std::get_if<Order>(&parsed);
  if (all == nullptr) return std::nullopt;
  if (const auto* raise = std::get_if<Raise>(all)) return raise->due;
  if (const auto* leave = std::get_if<TakeLeave>(all)) return leave->until;
  if (const auto* on = std::get_if<OnRequest>(all)) {
    if (const auto* extend = std::get_if<Extend>(&on->command)) return extend->due;
    if (const auto* accept = std::get_if<Accept>(&on->command)) return accept->due;
    if (const auto* pause = std::get_if<PauseIt>(&on->command)) return pause->until;
    if (const auto* task = std::get_if<AddTask>(&on->command)) return task->due;
  }
  return std::nullopt;
}

/// What must hold of every answer, whatever was typed.
void check(const Parsed& parsed, const std::string& text) {
  if (const auto due = deadline(parsed)) {
    ASSERT_GT(*due, now) << text;
    ASSERT_LE(*due, now + std::chrono::days{1096}) << text;
  }
  if (const auto* wrong = std::get_if<Misread>(&parsed)) {
    ASSERT_TRUE(wrong->text.key.starts_with("misread.")) << text;
    ASSERT_TRUE(text::is_utf8(wrong->corrected)) << text << " → " << wrong->corrected;
    for (const auto& [key, value] : wrong->text.args) ASSERT_TRUE(text::is_utf8(value)) << text;
  }
  if (const auto* which = std::get_if<Ambiguous>(&parsed)) {
    for (const Option& option : which->options) ASSERT_TRUE(option.command.starts_with('/')) << text;
  }
}

TEST(CommandFuzz, WhatIsAttachedToAVerbIsCutBehindIt) {
  // Folded, the number is shorter than typed, and so is what holds the parts of an emoji together.
  for (const char* attached : {"１２", "12", "\u200b12"}) {
    const Parsed parsed = read("/接单" + std::string(attached));
    const auto* order = std::get_if<Order>(&parsed);
    ASSERT_NE(order, nullptr) << attached;
    const auto* on = std::get_if<OnRequest>(order);
    ASSERT_NE(on, nullptr) << attached;
    EXPECT_EQ(on->request, RequestId(12)) << attached;
  }
  check(read("/接单#12👨\u200d👩\u200d👧１２ 2月30日"), "an emoji of three");
  check(read("/\u200b接单12👨\u200d👩\u200d👧 截止 2月30日"), "nothing to be seen before the verb");
}

TEST(CommandFuzz, TenThousandLinesAreAnswered) {
  const bool passed = rc::check("any line is answered", [] {
    std::string text = *rc::gen::arbitrary<bool>() ? "/" : "";
    const int count = *rc::gen::inRange(0, 25);
    for (int i = 0; i < count; ++i) text += any_piece();
    check(read(text), text);
    RC_ASSERT(!testing::Test::HasFatalFailure());
  });
  EXPECT_TRUE(passed);
  // A fixed generator for the bulk, so that ten thousand cost a second.
  std::uint64_t state = 42;
  const auto next = [&state](std::uint64_t bound) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (state >> 33U) % bound;
  };
  const std::vector<std::string> heads{"/发起 ",    "/延期 12 ", "/任务 12 @赵技 ", "/请假 ", "/暂停 12 ", "/进度 12 ",
                                       "/拒绝 12 ", "/验收 12 ", "/接单 12 ",       "/",      "/紧急 ",    "/转交 12 "};
  const std::vector<std::string> tails{"给 技术部", "截止",   "明天",   "18点",     "2月30日", "下周三", "到",  "代理",
                                       "@李雷",     "@赵技",  "紧急",   "背景:",    "原因：",  "措施:",  "60%", "滞后",
                                       "通过",      "驳回",   "，",     "。",       "标准:",   "依赖",   "3",   "25:61",
                                       "\u202e",    "\u200b", "🔥",      "\xff\xfe", "给",      "截止：", "5",   "个问题",
                                       "3天内",     "国庆前", "每周五", "建议"};
  for (int i = 0; i < 10'000; ++i) {
    std::string text = heads[next(heads.size())];
    for (std::uint64_t n = next(9); n > 0; --n) text += tails[next(tails.size())] + (next(3) == 0 ? "" : " ");
    check(read(text), text);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(CommandFuzz, RandomBytesAreAnswered) {
  rc::check("any bytes are answered", [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    check(read("/" + bytes), bytes);
    check(read(bytes), bytes);
    RC_ASSERT(!testing::Test::HasFatalFailure());
  });
}

TEST(CommandFuzz, LongTextsAreReadInLinearTime) {
  for (const std::string piece : {"给 ", "@赵技 ", "截止 ", "截止x ", "，", "原因:", "背景: ", "到 ", "代理 ", "a", "字",
                                  "60% ", "@", "给技术部 ", "依赖 3 ", "\u200b", "紧急 "}) {
    for (const char* head :
         {"/发起 标题 ", "/任务 12 @赵技 ", "/延期 12 ", "/暂停 12 ", "/请假 ", "/进度 12 ", "/拒绝 12 ", "/"}) {
      std::string text = head;
      while (text.size() < 20'000) text += piece;
      const std::clock_t start = std::clock();
      check(read(text), head + piece);
      EXPECT_LT(std::clock() - start, 2 * CLOCKS_PER_SEC) << head << piece;
    }
  }
  std::string text = "/发起 ";
  while (text.size() < 100'000) text += "接口对接 ";
  EXPECT_EQ(misread(read(text)).text.key, "misread.line_too_long");
}

}  // namespace
}  // namespace xieban::command_test
