// The timeline: the ladder of every running clock, with people and words.
#include <algorithm>

#include "bot/web/playground_plan.hpp"
#include "tests/web/fixture.hpp"

namespace xieban::testing {
namespace {

using nlohmann::json;

/// An urgent request of 林一 (market) to tech, raised Monday 09:00, as the core makes it.
Snapshot urgent_request(const Rules& rules, RequestId id) {
  const std::shared_ptr<const Policy> policy = rules.type(TypeId("urgent"));
  Raise raise;
  raise.type = TypeId("urgent");
  raise.title = "接口对接";
  raise.lead = DepartmentId("tech");
  raise.urgent = true;
  raise.due = at("2026-11-24T18:00:00+08:00");
  raise.goal = raise.background = raise.situation = raise.impact = "有";
  raise.chat = ChatRef{AppId("playground:main"), ChatId("g-all")};
  const TimePoint now = at("2026-11-23T09:00:00+08:00");
  const Context context{PersonId("lin.market"), now, now, *policy, rules, id};
  const auto decision = decide(std::nullopt, raise, context);
  if (!decision) throw std::runtime_error("cannot raise: " + say(Lang::zh, decision.error().text));
  std::vector<Stamped> history;
  for (const Event& event : decision->events) {
    Stamped entry;
    entry.request = id;
    entry.seq = history.size() + 1;
    entry.at = entry.counted_at = now;
    entry.by = context.actor;
    entry.event = event;
    history.push_back(std::move(entry));
  }
  Snapshot snapshot;
  snapshot.requests = {*fold(history)};
  snapshot.policies = {policy};
  snapshot.directory = rules.facts;
  return snapshot;
}

Rules rules_with_platform() {
  Rules rules = small_company();
  Traits traits;
  for (const Reach reach : {Reach::group, Reach::person}) {
    Channel channel;
    channel.id = ChannelId(reach == Reach::group ? "group" : "person");
    channel.reach = reach;
    channel.forms.card = channel.forms.card_inputs = channel.mentions = channel.urgent = true;
    traits.channels.push_back(channel);
  }
  rules.traits[AppId("playground:main")] = traits;
  rules.bot_names[AppId("playground:main")] = "协办";
  return rules;
}

json plan_of(std::vector<Snapshot> open, const Rules& rules, TimePoint now) {
  PlaygroundPlan plan(rules, now);
  for (Snapshot& one : open) plan.add(std::move(one));
  while (plan.word_next()) {
  }
  return plan.json();
}

TEST(PlaygroundPlan, NothingOpenNothingPlanned) {
  EXPECT_EQ(plan_of({}, small_company(), at("2026-11-23T09:00:00+08:00")), (json{{"plan", json::array()}}));
}

TEST(PlaygroundPlan, ListsTheLadderWithPeopleAndWords) {
  const Rules rules = rules_with_platform();
  const json plan = plan_of({urgent_request(rules, RequestId(12))}, rules, at("2026-11-23T09:00:00+08:00")).at("plan");
  ASSERT_GE(plan.size(), 6U);
  std::string before;
  for (const json& entry : plan) {
    EXPECT_EQ(entry.size(), 8U);
    for (const char* member : {"at", "elapsed", "request", "clock", "rung", "to", "by", "text"})
      EXPECT_TRUE(entry.contains(member));
    EXPECT_EQ(entry.at("request"), "XB-2026-0012");
    EXPECT_TRUE(parse_rfc3339(entry.at("at").get<std::string>()));
    EXPECT_LE(before, entry.at("at").get<std::string>()) << "earliest first";
    before = entry.at("at").get<std::string>();
    EXPECT_NE(entry.at("text").get<std::string>().find("接口对接"), std::string::npos) << entry.dump();
  }
  const auto with = [&](auto fits) { return std::find_if(plan.begin(), plan.end(), fits); };

  const auto first = with([](const json& entry) { return entry.at("clock") == "first_response"; });
  ASSERT_NE(first, plan.end());
  EXPECT_EQ(first->at("at"), "2026-11-23T09:30:00+08:00");
  EXPECT_EQ(first->at("elapsed"), "PT30M");
  EXPECT_EQ(first->at("to"), json::parse(R"([{"role":"owner","person":"zhao.tech"}])"));

  const auto urgent = with([](const json& entry) { return entry.at("by") == "urgent"; });
  ASSERT_NE(urgent, plan.end());
  EXPECT_EQ(urgent->at("at"), "2026-11-23T10:36:00+08:00");
  EXPECT_EQ(urgent->at("elapsed"), "PT1H36M");
  EXPECT_EQ(urgent->at("rung"), "80%");

  const auto late = with([](const json& entry) { return entry.at("rung") == "100%"; });
  ASSERT_NE(late, plan.end());
  EXPECT_EQ(late->at("at"), "2026-11-23T11:00:00+08:00");
  std::vector<std::string> told;
  for (const json& entry : plan) {
    if (entry.at("at") != late->at("at")) continue;
    for (const json& to : entry.at("to"))
      told.push_back(to.at("role").get<std::string>() + " " + to.at("person").get<std::string>());
  }
  EXPECT_NE(std::find(told.begin(), told.end(), "head wang.tech"), told.end());
  EXPECT_NE(std::find(told.begin(), told.end(), "vice_president li.fuzong"), told.end());
}

TEST(PlaygroundPlan, SeveralRequestsAreOneTimeline) {
  const Rules rules = rules_with_platform();
  const json plan = plan_of({urgent_request(rules, RequestId(1)), urgent_request(rules, RequestId(2))}, rules,
                            at("2026-11-23T09:10:00+08:00"))
                        .at("plan");
  ASSERT_GE(plan.size(), 4U);
  EXPECT_EQ(plan[0].at("at"), plan[1].at("at"));
  EXPECT_NE(plan[0].at("request"), plan[1].at("request"));
}

class PlanCall : public PlaygroundFixture {};

TEST_F(PlanCall, PreviewsATypeFromAGivenInstant) {
  const Answered answered = get("preview?type=urgent&department=tech&raised_at=2026-11-23T09:00:00%2B08:00");
  ASSERT_EQ(answered.status, 200) << answered.body.dump();
  EXPECT_EQ(answered.body.at("type"), "urgent");
  const json& messages = answered.body.at("messages");
  ASSERT_GE(messages.size(), 5U);
  EXPECT_EQ(messages[0].at("at"), "2026-11-23T09:30:00+08:00");
  EXPECT_EQ(messages[0].at("role"), "owner");
  EXPECT_EQ(messages[0].at("elapsed"), "PT30M");
  EXPECT_TRUE(std::any_of(messages.begin(), messages.end(), [](const json& one) {
    return one.at("role") == "vice_president" && one.at("by") == "urgent" && one.at("at") == "2026-11-23T11:00:00+08:00";
  })) << messages.dump(1);
  const auto of_type = [&](const json& one) { return one.at("id") == "normal"; };
  EXPECT_TRUE(std::any_of(answered.body.at("types").begin(), answered.body.at("types").end(), of_type));
  EXPECT_EQ(get("preview").status, 200);
  for (const char* wrong : {"?type=none", "?department=none", "?raised_at=tomorrow"})
    EXPECT_EQ(get(std::string("preview") + wrong).status, 400) << wrong;
}

TEST_F(PlanCall, TakesANumberInAnyForm) {
  for (const char* number : {"", "?request=12", "?request=XB-2026-0012", "?request=%2312"}) {
    const Answered answered = get(std::string("plan") + number);
    EXPECT_EQ(answered.status, 200) << number;
    EXPECT_EQ(answered.body, (json{{"plan", json::array()}}));
  }
  for (const char* number : {"?request=x", "?request=12.3", "?request=-1"}) {
    const Answered answered = get(std::string("plan") + number);
    EXPECT_EQ(answered.status, 400) << number;
    EXPECT_EQ(answered.body.at("error").at("code"), "bad_field");
  }
}

}  // namespace
}  // namespace xieban::testing
