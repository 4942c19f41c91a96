// Sign-off: named people agree to one exact text, each on a clock of their own.

#include "bot/core/request/sign_off.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/core/request_world.hpp"

namespace xieban::test::sign_off_test {
namespace {

using Strings = std::vector<std::string>;

std::string instant_of(std::optional<TimePoint> at) { return at ? to_rfc3339(*at).substr(0, 16) : "none"; }

AskSign asking(std::initializer_list<const char*> who) {
  AskSign ask;
  for (const char* one : who) ask.people.emplace_back(one);
  return ask;
}
Confirm agree() { return Confirm{}; }
Confirm objection(const char* why) { return Confirm{false, why, Matter::any, {}}; }

/// Accepted by zhao of tech; lei of market has asked these to sign.
World signing(std::initializer_list<const char*> who = {"han", "cai"}) {
  World world("2026-11-18T10:00:00");
  Raise raise = World::raise_for_tech();
  raise.goal = "下周上线";
  world.raised(raise);
  EXPECT_FALSE(world.act("zhao", Accept{}));
  world.heard();
  EXPECT_FALSE(world.act("lei", asking(who)));
  return world;
}
const Signature& of(const World& world, const char* signer) {
  const auto& all = world.request().sign_off->signatures;
  return *std::ranges::find(all, PersonId(signer), &Signature::signer);
}
const Clock* clock_for(const World& world, const char* signer) {
  return running_clock(world.request(), ClockKind::sign_off, {}, PersonId(signer));
}
std::string refusal(const std::optional<Refusing>& refused) { return refused ? refused->text.key : "done"; }

TEST(SignOff, EachSignerHasACardAndAClock) {
  World world = signing();
  EXPECT_EQ(world.cards(), (Strings{"personal:han", "personal:cai"}));
  for (const char* who : {"han", "cai"}) {
    ASSERT_NE(clock_for(world, who), nullptr) << who;
    EXPECT_EQ(instant_of(clock_for(world, who)->target), "2026-11-19T10:00") << "24 h of working dates";
    EXPECT_EQ(of(world, who).state, SignState::waiting);
  }
  EXPECT_EQ(world.request().sign_off->hash, agreed_hash(world.request()));
  const auto next = world.next();
  EXPECT_EQ(next->what, Step::sign);
  EXPECT_EQ(next->who, (std::vector{person("han"), person("cai")}));
  EXPECT_EQ(instant_of(next->by_when), "2026-11-19T10:00");
}

TEST(SignOff, BeforeItIsAcceptedTheResponseComesFirst) {
  World world("2026-11-18T10:00:00");
  world.raised();
  ASSERT_FALSE(world.act("lei", asking({"han"})));
  EXPECT_EQ(world.next()->what, Step::respond);
}

TEST(SignOff, TheRecordSaysWhoWhenAndOverWhichText) {
  World world = signing();
  const std::string hash = world.request().sign_off->hash;
  world.later(std::chrono::minutes(30));
  ASSERT_FALSE(world.act("han", agree()));
  ASSERT_EQ(world.events<Signed>().size(), 1U);
  const Signature one = world.events<Signed>().front().signature;
  EXPECT_EQ(one.signer, person("han"));
  EXPECT_EQ(one.by, person("han"));
  EXPECT_EQ(one.state, SignState::agreed);
  EXPECT_EQ(instant_of(one.at), "2026-11-18T10:30");
  EXPECT_EQ(one.hash, hash);
  EXPECT_EQ(hash.size(), 64U);
  EXPECT_EQ(clock_for(world, "han"), nullptr);
  EXPECT_EQ(world.next()->who, std::vector{person("cai")});
}

TEST(SignOff, WhenAllHaveSignedBothSidesAndTheGroupHear) {
  World world = signing();
  world.heard();
  ASSERT_FALSE(world.act("han", agree()));
  EXPECT_EQ(world.heard(), Strings{});
  ASSERT_FALSE(world.act("cai", agree()));
  EXPECT_EQ(world.heard(), (Strings{"lei:sign_complete", "zhao:sign_complete", "group():sign_complete"}));
  EXPECT_EQ(world.next()->what, Step::execute);
}

TEST(SignOff, OnlyANamedSignerSignsAndNobodyTwice) {
  World world = signing();
  for (const char* who : {"lei", "zhao", "wang", "lin", "gao", "li"})
    EXPECT_EQ(refusal(world.act(who, agree())), "refuse.not_signer") << who;
  ASSERT_FALSE(world.act("han", agree()));
  EXPECT_EQ(refusal(world.act("han", agree())), "refuse.signed_already");
  EXPECT_EQ(refusal(world.act("han", objection("改主意了"))), "refuse.signed_already");
  EXPECT_EQ(world.events<Signed>().size(), 1U);
  EXPECT_EQ(refusal(world.act("lei", asking({"han", "cai"}))), "refuse.sign_already");
  EXPECT_EQ(refusal(world.act("lei", asking({"tang"}))), "refuse.bad_signer");
  EXPECT_EQ(refusal(world.act("lei", asking({}))), "refuse.sign_whom");
}

TEST(SignOff, AnObjectionNeedsAReasonAndIsToldToWhoAsked) {
  World world = signing();
  world.heard();
  EXPECT_EQ(refusal(world.act("cai", objection(" "))), "refuse.object_reason");
  ASSERT_FALSE(world.act("cai", objection("预算没批")));
  EXPECT_EQ(world.heard(), Strings{"lei:sign_objected"});
  EXPECT_EQ(of(world, "cai").reason, "预算没批");
  EXPECT_EQ(clock_for(world, "cai"), nullptr) << "an objection is an answer";
  EXPECT_EQ(refusal(world.act("cai", objection("还是没批"))), "refuse.objected_already");
  // Asked again, or of a better mind.
  World again = world;
  ASSERT_FALSE(again.act("lei", asking({"cai"})));
  EXPECT_EQ(of(again, "cai").state, SignState::waiting);
  EXPECT_NE(clock_for(again, "cai"), nullptr);
  ASSERT_FALSE(world.act("cai", agree()));
  ASSERT_FALSE(world.act("han", agree()));
  EXPECT_EQ(world.heard(), (Strings{"lei:sign_complete", "zhao:sign_complete", "group():sign_complete"}));
}

TEST(SignOff, AnotherTextMakesSignaturesVoidAndAsksAgain) {
  World world = signing();
  ASSERT_FALSE(world.act("han", agree()));
  const std::string before = world.request().sign_off->hash;
  ASSERT_FALSE(world.act("zhao", Extend{{}, World::at("2026-12-10T18:00:00"), "人手不够"}));
  EXPECT_EQ(of(world, "han").state, SignState::agreed) << "asked for is not granted";
  world.later(std::chrono::hours(2));
  world.heard();
  ASSERT_FALSE(world.act("lei", Confirm{}));
  EXPECT_EQ(world.heard(), (Strings{"zhao:extension_granted", "li:far_behind", "han:sign_again", "cai:sign_again"}));
  EXPECT_EQ(of(world, "han").state, SignState::waiting);
  EXPECT_TRUE(of(world, "han").hash.empty());
  EXPECT_NE(world.request().sign_off->hash, before);
  EXPECT_EQ(world.request().sign_off->hash, agreed_hash(world.request()));
  for (const char* who : {"han", "cai"})
    EXPECT_EQ(instant_of(clock_for(world, who)->target), "2026-11-19T12:00") << who << " has the whole time again";
  ASSERT_EQ(world.events<SignaturesVoided>().size(), 1U);
  EXPECT_EQ(world.events<SignaturesVoided>().front().signers, std::vector{person("han")});
  ASSERT_FALSE(world.act("han", agree()));
}

TEST(SignOff, AlsoWhenItWasComplete) {
  World world = signing({"han"});
  ASSERT_FALSE(world.act("han", agree()));
  ASSERT_FALSE(world.act("lei", Extend{{}, World::at("2026-12-10T18:00:00"), "等合同"}));
  ASSERT_FALSE(world.act("zhao", Confirm{}));
  EXPECT_EQ(of(world, "han").state, SignState::waiting);
}

TEST(SignOff, ABrokenOrOldButtonSignsNothing) {
  World world = signing();
  EXPECT_EQ(refusal(world.act("han", Confirm{true, {}, Matter::sign_off, "000000000000"})), "refuse.sign_old_text");
  EXPECT_EQ(world.events<Signed>().size(), 0U);
  EXPECT_FALSE(world.act("han", Confirm{true, {}, Matter::sign_off, short_hash(world.request().sign_off->hash)}));
}

TEST(SignOff, TheTextIsEverythingThatIsAgreedTo) {
  const World world = signing();
  const auto hash_with = [&](auto change) {
    Request other = world.request();
    change(other);
    return agreed_hash(other);
  };
  const std::string hash = agreed_hash(world.request());
  EXPECT_EQ(hash_with([](Request& r) { r.percent = 50; }), hash) << "work goes on";
  EXPECT_EQ(hash_with([](Request& r) { r.owner = PersonId("sun"); }), hash);
  EXPECT_NE(hash_with([](Request& r) { r.title += "。"; }), hash);
  EXPECT_NE(hash_with([](Request& r) { r.goal = "本周上线"; }), hash);
  EXPECT_NE(hash_with([](Request& r) { r.background = "新"; }), hash);
  EXPECT_NE(hash_with([](Request& r) { r.situation = "新"; }), hash);
  EXPECT_NE(hash_with([](Request& r) { r.impact = "新"; }), hash);
  EXPECT_NE(hash_with([](Request& r) { r.due += Duration(1000); }), hash);
  EXPECT_NE(hash_with([](Request& r) { r.fields["amount"] = "3"; }), hash);
  // What is moved from one field to the next is another text.
  EXPECT_NE(hash_with([](Request& r) { r.goal = "a", r.background = "bc"; }),
            hash_with([](Request& r) { r.goal = "ab", r.background = "c"; }));
}

TEST(SignOff, TheLadderGoesToTheSignerThenToTheirHead) {
  World world = signing({"lin"});
  world.heard();
  world.until("2026-11-18T23:00:00");
  EXPECT_EQ(world.heard(), Strings{"lin:remind_sign_off"}) << "half of the time";
  world.until("2026-11-19T10:00:00");
  EXPECT_EQ(world.heard(), Strings{"lin:remind_sign_off"}) << "at the target";
  world.until("2026-11-19T18:00:00");
  EXPECT_EQ(world.heard(), Strings{"cai:escalate_sign_off"}) << "the head of finance, not of the lead department";
  EXPECT_TRUE(world.request().conditions.late);
  ASSERT_FALSE(world.act("lin", agree()));
  EXPECT_FALSE(world.request().conditions.late);
}

TEST(SignOff, WhoIsAwayIsStoodInForAndWhoLeftIsFollowed) {
  World world = signing({"lin"});
  world.leave("lin", "2026-11-18T09:00:00", "2026-11-30T18:00:00", "qian");
  EXPECT_EQ(world.next()->who, std::vector{person("qian")});
  ASSERT_FALSE(world.act("qian", agree()));
  EXPECT_EQ(world.done.key, "done.sign_yes_for");
  EXPECT_EQ(of(world, "lin").by, person("qian"));

  World left = signing({"lin"});
  auto company = std::make_shared<Organisation>(*left.rules.organisation);
  std::ranges::find(company->people, PersonId("lin"), &Person::id)->active = false;
  left.rules.organisation = company;
  EXPECT_EQ(left.next()->who, std::vector{person("cai")}) << "the head answers for the vacant place";
  EXPECT_FALSE(left.act("cai", agree()));
}

TEST(SignOff, AnExtensionIsAnsweredBeforeASignOff) {
  World world = signing({"lei"});
  ASSERT_FALSE(world.act("zhao", Extend{{}, World::at("2026-12-10T18:00:00"), "人手不够"}));
  ASSERT_FALSE(world.act("lei", Confirm{false, "来不及", Matter::any, {}}));
  EXPECT_EQ(world.done.key, "done.object");
  EXPECT_EQ(of(world, "lei").state, SignState::waiting);
  ASSERT_FALSE(world.act("lei", agree()));
  EXPECT_EQ(of(world, "lei").state, SignState::agreed);
  EXPECT_EQ(refusal(world.act("lei", Confirm{true, {}, Matter::extension, {}})), "refuse.no_extension");
}

TEST(SignOff, TakingBackRestoresSignatureAndClock) {
  World world = signing();
  ASSERT_FALSE(world.act("han", agree()));
  ASSERT_FALSE(world.take_back("han"));
  EXPECT_EQ(of(world, "han").state, SignState::waiting);
  EXPECT_NE(clock_for(world, "han"), nullptr);
  ASSERT_FALSE(world.act("han", agree()));

  World asked = signing();
  ASSERT_FALSE(asked.take_back("lei"));
  EXPECT_FALSE(asked.request().sign_off);
  EXPECT_EQ(clock_for(asked, "han"), nullptr);
}

TEST(SignOff, APauseStopsItAndMovesTheTextWithTheDate) {
  World world = signing({"han"});
  ASSERT_FALSE(world.act("han", agree()));
  ASSERT_FALSE(world.act("lei", PauseIt{"等合同", {}}));
  EXPECT_EQ(of(world, "han").state, SignState::agreed) << "nothing has moved yet";
  world.later(std::chrono::hours(48));
  ASSERT_FALSE(world.act("lei", Resume{}));
  EXPECT_EQ(of(world, "han").state, SignState::waiting) << "the date is another one";
  EXPECT_NE(clock_for(world, "han"), nullptr);
}

TEST(SignOff, GoesOnAfterTheDeliveryAndEndsWithTheRequest) {
  World world = signing({"han"});
  ASSERT_FALSE(world.act("zhao", Deliver{{}, "好了"}));
  ASSERT_NE(clock_for(world, "han"), nullptr);
  EXPECT_EQ(world.next()->what, Step::verify);
  ASSERT_FALSE(world.act("lei", Verify{{}, true, ""}));
  EXPECT_EQ(clock_for(world, "han"), nullptr);
  EXPECT_EQ(refusal(world.act("han", agree())), "refuse.archived");
  ASSERT_FALSE(world.act("lei", Reopen{"还差一点"}));
  EXPECT_NE(clock_for(world, "han"), nullptr) << "what is awaited has a clock";
}

TEST(SignOff, SignersMaySeeWhatTheySign) {
  const World world = signing({"lin"});
  for (const Level level : {Level::participants, Level::secret}) {
    Request request = world.request();
    request.level = level;
    EXPECT_TRUE(can_see(request, person("lin"), world.rules, world.now));
    EXPECT_FALSE(can_see(request, person("cai"), world.rules, world.now) && level == Level::secret);
  }
}

}  // namespace
}  // namespace xieban::test::sign_off_test
