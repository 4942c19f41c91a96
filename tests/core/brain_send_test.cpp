// compose: what still matters, who may read it, what fits, who is mentioned (T46), and the waking around it.

#include <gtest/gtest.h>

#include <algorithm>

#include "bot/base/text.hpp"
#include "bot/core/brain/audience.hpp"
#include "bot/core/brain/unreached.hpp"
#include "bot/core/card/wording.hpp"
#include "tests/core/brain_world.hpp"

namespace xieban::test {
namespace {

using namespace std::chrono_literals;

Parcel parcel(const World& w, Effect effect, const ChatRef& chat, RequestId request = RequestId(1)) {
  Parcel out;
  out.id = ParcelId(1000);
  out.thread = {chat.app, chat.chat, request};
  out.snapshot = w.load(load_for(effect));
  out.effect = std::move(effect);
  return out;
}

Notify reminder(const World& w, const char* person) {
  Notify out;
  out.request = RequestId(1);
  out.to = Target::to(PersonId(person));
  out.notice.key = "remind_first_response";
  out.notice.reminder = true;
  out.notice.clock = w.request().clocks.front().id;
  return out;
}

class Sending : public ::testing::Test {
 protected:
  World w;
  void SetUp() override { w.say("zhou.market", group, "/发起 数据接口 给 技术部"); }
};

TEST_F(Sending, AReminderOfARunningClockGoesOut) {
  const auto out = compose(parcel(w, reminder(w, "zhao.tech"), private_of("zhao.tech")), w.rules, w.now);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->to, UserId("zhao.tech"));
  EXPECT_EQ(out->to_person, PersonId("zhao.tech"));
  EXPECT_EQ(out->request, RequestId(1));
  EXPECT_EQ(out->request_year, 2026);
  EXPECT_EQ(out->key, "xb-1000");
  EXPECT_EQ(out->card_id, CardId(1000));
  ASSERT_TRUE(out->card);
  EXPECT_TRUE(contains(out->text, "XB-2026-0001"));
}

TEST_F(Sending, AnUrgentCallNamesTheNoticeThatStandsAndSaysTheSame) {
  const Notify notify = reminder(w, "zhao.tech");
  const Urgent call{notify.request, notify.to, notify.notice, "om_1"};
  EXPECT_FALSE(compose(parcel(w, call, private_of("zhao.tech")), w.rules, w.now)) << "a platform without such a call";
  for (auto& [app, traits] : w.rules.traits)
    for (Channel& channel : traits.channels) channel.urgent_after = true;
  const auto out = compose(parcel(w, call, private_of("zhao.tech")), w.rules, w.now);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->form, Form::urgent);
  EXPECT_EQ(out->update_of, "om_1");
  EXPECT_EQ(out->to, UserId("zhao.tech"));
  EXPECT_TRUE(out->urgent);
  EXPECT_FALSE(out->card);
  EXPECT_TRUE(contains(out->text, "XB-2026-0001")) << "for platforms whose call is a message of its own: " << out->text;
  for (auto& [app, traits] : w.rules.traits)
    for (Channel& channel : traits.channels) channel.mentions = false;
  const auto in_group = compose(parcel(w, call, group), w.rules, w.now);
  ASSERT_TRUE(in_group);
  ASSERT_EQ(in_group->mentions.size(), 1U) << "a call is for somebody even where messages mention nobody";
  EXPECT_EQ(in_group->mentions[0].user, UserId("zhao.tech"));
  EXPECT_EQ(in_group->mentions[0].name, "赵技");
  Parcel refused = parcel(w, call, private_of("zhao.tech"));
  refused.choice = 1;
  EXPECT_FALSE(compose(refused, w.rules, w.now)) << "there is no other form";

  w.say("zhao.tech", group, "/接单 1");
  EXPECT_FALSE(compose(parcel(w, call, private_of("zhao.tech")), w.rules, w.now)) << "nobody waits any more";
}

ChangeSet elsewhere(const World& w, const Parcel& parcel) {
  const auto load = load_unreached(parcel);
  return load ? unreached(parcel, w.load(*load), w.rules, w.now) : ChangeSet{};
}

TEST_F(Sending, WhatAGroupCannotHearItsPeopleHearInPrivate) {
  Notify notify = reminder(w, "zhao.tech");
  notify.to = Target::to(group);
  notify.mention = {PersonId("zhao.tech"), PersonId("li.lei")};
  const ChangeSet change = elsewhere(w, parcel(w, notify, group));
  ASSERT_EQ(change.intents.size(), 2U);
  EXPECT_EQ(change.intents[0].thread.chat, private_of("zhao.tech").chat);
  EXPECT_EQ(std::get<Notify>(change.intents[0].effect).notice, notify.notice);
  EXPECT_EQ(change.intents[1].thread.chat, private_of("li.lei").chat);
}

TEST_F(Sending, WhoCannotBeReachedIsMissedByTheLineAbove) {
  Effect effect = reminder(w, "zhao.tech");
  std::vector<std::string> told;
  for (int i = 0; i < 10; ++i) {
    const ChangeSet change = elsewhere(w, parcel(w, effect, private_of("zhao.tech")));
    if (change.intents.empty()) break;
    ASSERT_EQ(change.intents.size(), 1U);
    effect = change.intents[0].effect;
    const auto& notify = std::get<Notify>(effect);
    EXPECT_EQ(notify.notice.key, "unreached");
    told.push_back(notify.to.person->str());
    EXPECT_EQ(notify.notice.args.front().second, wording::who(w.rules, PersonId("zhao.tech"))) << "who it was all about";
  }
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told.front(), w.rules.people().head(DepartmentId("tech"), w.now).str());
  EXPECT_LE(told.size(), 4U) << "the line ends";
}

TEST_F(Sending, AnAnswerAndALiveCardConcernOnlyTheirChat) {
  EXPECT_FALSE(load_unreached(parcel(w, PostCard{RequestId(1), CardKind::live, Target::to(group)}, group)));
  Say say;
  say.to = Target::to(group);
  say.request = RequestId(1);
  EXPECT_FALSE(load_unreached(parcel(w, say, group)));
}

TEST_F(Sending, AReplyGoesWhereTheChatTakesIt) {
  Channel session;
  session.id = ChannelId("session");
  session.reach = Reach::reply;
  auto& channels = w.rules.traits.at(playground).channels;
  channels.insert(channels.begin(), session);
  Say word;
  word.to = Target::to(group);
  word.text = Phrase("say", {{"text", "好"}});
  Parcel sent = parcel(w, word, group);
  ChatFact fact;
  fact.chat = group;
  fact.webhook = "https://platform.example/session=1";
  fact.webhook_until = w.now + 1h;
  sent.snapshot.chat = fact;
  const auto out = compose(sent, w.rules, w.now);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->channel, ChannelId("session"));
  EXPECT_EQ(out->webhook, fact.webhook);
  const auto late = compose(sent, w.rules, w.now + 1h);
  ASSERT_TRUE(late);
  EXPECT_NE(late->channel, ChannelId("session"));
  EXPECT_EQ(late->webhook, "");
}

TEST_F(Sending, AReminderOfAStoppedClockDoesNot) {
  const Notify notify = reminder(w, "zhao.tech");
  w.say("zhao.tech", group, "/补充 1 要哪些字段");
  EXPECT_FALSE(compose(parcel(w, notify, private_of("zhao.tech")), w.rules, w.now)) << "paused";
  w.say("zhou.market", group, "/补充 1 全部");
  EXPECT_TRUE(compose(parcel(w, notify, private_of("zhao.tech")), w.rules, w.now)) << "runs again";
  w.say("zhao.tech", group, "/接单 1");
  EXPECT_FALSE(compose(parcel(w, notify, private_of("zhao.tech")), w.rules, w.now)) << "stopped";
}

TEST_F(Sending, ACardThatIsGoneIsNotRefreshed) {
  const CardId live = w.card_in(group, CardKind::live);
  EXPECT_TRUE(compose(parcel(w, RefreshCard{RequestId(1), live}, group), w.rules, w.now));
  w.cards.at(live).gone = true;
  EXPECT_FALSE(compose(parcel(w, RefreshCard{RequestId(1), live}, group), w.rules, w.now));
  EXPECT_FALSE(compose(parcel(w, RefreshCard{RequestId(1), CardId(999)}, group), w.rules, w.now));
}

TEST_F(Sending, ACardWithoutThePlatformsIdIsSentAnew) {
  const CardId live = w.card_in(group, CardKind::live);
  w.cards.at(live).provider_id.clear();
  const auto out = compose(parcel(w, RefreshCard{RequestId(1), live}, group), w.rules, w.now);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->form, Form::card);
  EXPECT_TRUE(out->update_of.empty());
}

TEST_F(Sending, AnUnknownRequestOrPlatformSaysNothing) {
  EXPECT_FALSE(compose(parcel(w, PostCard{RequestId(77), CardKind::live, Target::to(group)}, group), w.rules, w.now));
  const ChatRef elsewhere{AppId("fax:main"), ChatId("g")};
  EXPECT_FALSE(compose(parcel(w, PostCard{RequestId(1), CardKind::live, Target::to(elsewhere)}, elsewhere), w.rules, w.now));
}

TEST_F(Sending, TheNextChoiceHasItsOwnKeyAndThePlanEnds) {
  Parcel one = parcel(w, PostCard{RequestId(1), CardKind::live, Target::to(group)}, group);
  ASSERT_EQ(compose(one, w.rules, w.now)->form, Form::card);
  one.choice = 1;
  const auto text = compose(one, w.rules, w.now);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->form, Form::text);
  EXPECT_EQ(text->key, "xb-1000-1");
  EXPECT_TRUE(contains(text->text, "发送 /接单 1")) << "every button has a typed command";
  one.choice = 2;
  EXPECT_FALSE(compose(one, w.rules, w.now));
}

TEST_F(Sending, EachWayKnowsWhereAnotherRoadBegins) {
  auto& channels = w.rules.traits.at(playground).channels;
  for (Channel& channel : channels) channel.road = "app";
  Channel other = *std::ranges::find(channels, Reach::group, &Channel::reach);
  other.id = ChannelId("robot");
  other.road = "robot";
  other.forms = Forms{};
  channels.push_back(other);
  Parcel one = parcel(w, PostCard{RequestId(1), CardKind::live, Target::to(group)}, group);
  const auto card = compose(one, w.rules, w.now);
  ASSERT_EQ(card->form, Form::card);
  EXPECT_EQ(card->elsewhere, 2U);
  EXPECT_FALSE(card->detour);
  one.choice = 1;
  const auto text = compose(one, w.rules, w.now);
  EXPECT_EQ(text->elsewhere, 1U);
  EXPECT_FALSE(text->detour) << "so far all was of one road";
  one.choice = 2;
  const auto last = compose(one, w.rules, w.now);
  EXPECT_EQ(last->channel, ChannelId("robot"));
  EXPECT_EQ(last->elsewhere, 0U);
  EXPECT_TRUE(last->detour);
}

TEST_F(Sending, EachWayKnowsWhereOneBeginsThatCostsNoCallOfTheMonth) {
  auto& channels = w.rules.traits.at(playground).channels;
  for (Channel& channel : channels) channel.per_month = 5000;
  Parcel one = parcel(w, PostCard{RequestId(1), CardKind::live, Target::to(group)}, group);
  EXPECT_EQ(compose(one, w.rules, w.now)->free_way, 0U) << "all of them count";
  Channel free = *std::ranges::find(channels, Reach::group, &Channel::reach);
  free.id = ChannelId("robot");
  free.per_month.reset();
  free.forms = Forms{};
  channels.push_back(free);
  EXPECT_EQ(compose(one, w.rules, w.now)->free_way, 2U);
  one.choice = 2;
  const auto text = compose(one, w.rules, w.now);
  EXPECT_EQ(text->channel, ChannelId("robot"));
  EXPECT_EQ(text->free_way, 0U);
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 600; ++i) text += "很长";
  return text;
}

TEST_F(Sending, ACardWhoseMarkdownIsShortLosesAnythingButTheNextStep) {
  w.say("zhou.market", group, "/发起 长文 给 技术部 背景: " + long_text());
  const Parcel post = parcel(w, PostCard{RequestId(2), CardKind::live, Target::to(group)}, group, RequestId(2));
  const auto next = [](const Card& card) {
    const auto found = std::ranges::find(card.fields, "下一步", &CardField::label);
    return found == card.fields.end() ? std::string() : found->value;
  };
  const Card whole = *compose(post, w.rules, w.now)->card;
  ASSERT_FALSE(next(whole).empty());
  EXPECT_FALSE(whole.footer.contains("未完"));
  for (const std::size_t most : {700U, 500U, 350U}) {
    for (Channel& channel : w.rules.traits.at(playground).channels) channel.markdown_bytes = most;
    const auto out = compose(post, w.rules, w.now);
    ASSERT_TRUE(out && out->card) << most;
    EXPECT_EQ(next(*out->card), next(whole)) << most;
    EXPECT_TRUE(out->card->footer.contains("未完，发送 /查看 2")) << out->card->footer;
    std::size_t bytes = out->card->body.size();
    for (const CardField& field : out->card->fields) bytes += field.label.size() + field.value.size();
    EXPECT_LE(bytes, most);
  }
}

TEST_F(Sending, WhatIsReadGoesAsTextWhereTheMarkdownOfACardIsTooShort) {
  PostHelp help;
  help.to = Target::to(group);
  const Parcel post = parcel(w, help, group, RequestId{});
  ASSERT_TRUE(compose(post, w.rules, w.now)->card);
  for (Channel& channel : w.rules.traits.at(playground).channels) channel.markdown_bytes = 500;
  const auto out = compose(post, w.rules, w.now);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->form, Form::text);
}

TEST_F(Sending, LongTextsAreCutWithTheCommandForTheRest) {
  w.say("zhou.market", group, "/发起 长文 给 技术部 背景: " + long_text());
  ASSERT_EQ(w.requests.size(), 2U);
  const auto out = compose(
      parcel(w, PostCard{RequestId(2), CardKind::live, Target::to(plain_group)}, plain_group, RequestId(2)), w.rules, w.now);
  ASSERT_TRUE(out);
  EXPECT_LE(out->text.size(), 600U);
  EXPECT_TRUE(text::is_utf8(out->text));
  EXPECT_TRUE(out->text.ends_with("（未完，发送 /查看 2 看全文）")) << out->text;
}

TEST_F(Sending, TheCommandForTheRestGivesAllOfItPageByPage) {
  w.say("zhou.market", group, "/发起 长文 给 技术部 背景: " + long_text());
  for (int i = 1; i <= 20; ++i) w.say("zhou.market", group, "/备注 2 第" + std::to_string(i) + "条备注");
  std::string all;
  int pages = 0;
  for (int page = 1; page < 100; ++page) {
    const PostDetail detail{RequestId(2), Target::to(plain_group), PersonId("zhou.market"), page};
    const auto out = compose(parcel(w, detail, plain_group, RequestId(2)), w.rules, w.now);
    ASSERT_TRUE(out);
    EXPECT_LE(out->text.size(), 600U);
    EXPECT_TRUE(text::is_utf8(out->text));
    const std::size_t end = out->text.rfind('\n');
    const std::string footer = out->text.substr(end + 1);
    EXPECT_TRUE(contains(footer, "第 " + std::to_string(page) + " / ")) << footer;
    all += out->text.substr(0, end);
    ++pages;
    if (!contains(footer, "下一页：发送 /查看 2 " + std::to_string(page + 1))) break;
    EXPECT_GE(out->text.size(), 400U) << "no page is left half empty: " << out->text;
  }
  EXPECT_GT(pages, 5);
  std::erase(all, '\n');
  EXPECT_TRUE(contains(all, long_text()));
  for (int i = 1; i <= 20; ++i) EXPECT_TRUE(contains(all, "第" + std::to_string(i) + "条备注")) << i;
  EXPECT_TRUE(contains(all, "状态：")) << all;
}

/// A platform like that of the smallest cards: what a card cannot show whole goes as text, where it must be read whole.
class SmallCards : public Sending {
 protected:
  void SetUp() override {
    Sending::SetUp();
    auto& channels = w.rules.traits.at(playground).channels;
    Channel card = channels.back();
    card.forms = Forms{};
    card.forms.text = false;
    card.forms.card = true;
    card.buttons = 6;
    CardRoom room;
    room.title = 36;
    room.footer = 44;
    room.body = 160;
    room.value = 30;
    room.button = 10;
    room.fields = 6;
    card.room = room;
    Channel text = channels.back();
    text.id = ChannelId("small.text");
    text.forms = Forms{};
    text.text_bytes = 1900;
    channels = {card, text};
  }
  Outgoing sent(Effect effect, const ChatRef& chat) {
    auto out = compose(parcel(w, std::move(effect), chat), w.rules, w.now);
    return out ? *out : Outgoing{};
  }
};

TEST_F(SmallCards, ReadAnswersAreText) {
  const PersonId zhou("zhou.market");
  const ChatRef chat = private_of("zhou.market");
  for (const char* note :
       {"接口文档已发", "测试环境周三可用", "联调安排在下周一上午十点", "联系人改为王技", "等安全评审", "评审已过"})
    w.say("zhou.market", group, "/备注 1 " + std::string(note));
  const Outgoing detail = sent(PostDetail{RequestId(1), Target::to(zhou), zhou, 1}, chat);
  EXPECT_EQ(detail.form, Form::text);
  EXPECT_TRUE(contains(detail.text, "经过（7 条）")) << detail.text;
  for (int i = 0; i < 12; ++i) w.say("zhou.market", group, "/发起 又一个数据接口 给 技术部");
  PostList list;
  list.what = QueryKind::mine;
  list.viewer = zhou;
  list.to = Target::to(zhou);
  const Outgoing mine = sent(list, chat);
  EXPECT_EQ(mine.form, Form::text);
  EXPECT_TRUE(contains(mine.text, "下一页：发送 /我的 2")) << mine.text;
  EXPECT_TRUE(contains(mine.text, "看其中一个")) << "one line instead of ten: " << mine.text;
}

TEST_F(SmallCards, ANoticeStaysACardAndSaysWhereTheRestIs) {
  w.say("zhou.market", group, "/发起 长文 给 技术部 背景: " + long_text());
  const Outgoing card =
      sent(PostCard{RequestId(2), CardKind::personal, Target::to(PersonId("zhao.tech"))}, private_of("zhao.tech"));
  EXPECT_EQ(card.form, Form::card);
  ASSERT_TRUE(card.card);
  EXPECT_LE(text::decode(card.card->body).size(), 160U);
  EXPECT_LE(card.card->fields.size(), 6U);
  for (const CardField& field : card.card->fields) EXPECT_LE(text::decode(field.value).size(), 30U);
  EXPECT_TRUE(card.card->footer.ends_with("（未完，发送 /查看 2 看全文）")) << card.card->footer;
}

TEST_F(SmallCards, TheNextStepIsWhole) {
  const auto fields = [&](Effect effect) {
    std::vector<std::pair<std::string, std::string>> all;
    const Outgoing out = sent(std::move(effect), private_of("zhao.tech"));
    if (out.card)
      for (const CardField& field : out.card->fields) all.emplace_back(field.label, field.value);
    return all;
  };
  Notify remind;
  remind.request = RequestId(1);
  remind.to = Target::to(PersonId("zhao.tech"));
  remind.notice.key = "remind_first_response";
  EXPECT_EQ(fields(remind),
            (std::vector<std::pair<std::string, std::string>>{{"下一步", "赵技 接单"}, {"期限", "11月24日 周二 09:00"}}));
  const PostCard personal{RequestId(1), CardKind::personal, Target::to(PersonId("zhao.tech"))};
  const auto card = fields(personal);
  ASSERT_EQ(card.size(), 6U);
  EXPECT_EQ(card[1].second, "赵技 接单");
  EXPECT_EQ(card[2].second, "11月24日 周二 09:00");
  for (Channel& channel : w.rules.traits.at(playground).channels)
    if (channel.room) channel.room->value = 60;
  EXPECT_TRUE(fields(personal)[1].second.starts_with("赵技 在 11月24日 周二 09:00 前接单（")) << "one line where there is room";
}

TEST_F(SmallCards, AQuestionShowsEveryAnswer) {
  PostChoice choice;
  choice.person = PersonId("zhou.market");
  choice.to = Target::to(choice.person);
  choice.question = Phrase("say", {{"text", "哪一位？"}});
  const auto ask = [&](int options, const std::string& label) {
    choice.options.clear();
    for (int i = 1; i <= options; ++i) choice.options.push_back({label, "/指派 1 " + std::to_string(i)});
    return sent(choice, private_of("zhou.market"));
  };
  EXPECT_EQ(ask(6, "王芳（法务部）").form, Form::card);
  const Outgoing many = ask(7, "王芳（法务部）");
  EXPECT_EQ(many.form, Form::text);
  EXPECT_TRUE(contains(many.text, "发送 /指派 1 7")) << many.text;
  EXPECT_EQ(ask(2, "王芳（企业管理部审计科）").form, Form::text) << "labels that look alike when they are cut";
}

TEST_F(SmallCards, NobodyRulesOnHalfAPosition) {
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhou.market", group,
        "/分歧 1 本周五必须上线，推广费已经付了，海报也印好了，晚一天损失三十万元，请技术部先开放一部分接口");
  w.say("zhao.tech", group,
        "/分歧 1 完整测试要两周，没有测完就上线会影响下单，去年双十一就是这样出的事故，我们不能再冒这个险，请市场部改期");
  Notify notify;
  notify.request = RequestId(1);
  notify.to = Target::to(PersonId("zhao.tech"));
  notify.notice.key = "dispute_to_judge";
  const Outgoing out = sent(notify, private_of("zhao.tech"));
  EXPECT_EQ(out.form, Form::text);
  EXPECT_TRUE(contains(out.text, "晚一天损失三十万元") && contains(out.text, "请市场部改期")) << out.text;
}

TEST_F(Sending, ButtonsThatTurnThePageStay) {
  for (auto& [app, traits] : w.rules.traits)
    for (Channel& channel : traits.channels) channel.buttons = 5;
  for (int i = 0; i < 12; ++i) w.say("zhou.market", group, "/发起 又一个数据接口 给 技术部");
  PostList list;
  list.what = QueryKind::mine;
  list.viewer = PersonId("zhou.market");
  list.to = Target::to(list.viewer);
  const auto out = compose(parcel(w, list, private_of("zhou.market")), w.rules, w.now);
  ASSERT_TRUE(out && out->card);
  ASSERT_EQ(out->card->buttons.size(), 5U);
  EXPECT_EQ(out->card->buttons.back().action, "page:2");
}

TEST_F(Sending, WhoIsNamedInVainHearsItInPrivateAsWell) {
  Notify notify = reminder(w, "zhao.tech");
  notify.to = Target::to(group);
  notify.mention = {PersonId("zhao.tech"), PersonId("li.lei")};
  const auto sent = compose(parcel(w, notify, group), w.rules, w.now);
  ASSERT_TRUE(sent);
  Channel channel;
  channel.mentions = true;
  EXPECT_TRUE(unmentioned(notify, *sent, channel).empty());
  Outgoing one_has_no_account = *sent;
  one_has_no_account.mentions.pop_back();
  EXPECT_EQ(unmentioned(notify, one_has_no_account, channel), std::vector{PersonId("li.lei")});
  channel.mentions = false;
  const auto missed = unmentioned(notify, *sent, channel);
  ASSERT_EQ(missed.size(), 2U);
  EXPECT_TRUE(unmentioned(reminder(w, "zhao.tech"), *sent, channel).empty()) << "it is private already";

  const ChangeSet change = beside(notify, missed, w.load(load_beside(notify)), w.rules, w.now);
  ASSERT_EQ(change.intents.size(), 2U);
  EXPECT_EQ(change.intents[0].thread.chat, private_of("zhao.tech").chat);
  EXPECT_EQ(std::get<Notify>(change.intents[0].effect).notice, notify.notice);
  EXPECT_EQ(change.intents[1].thread.chat, private_of("li.lei").chat);

  EXPECT_TRUE(beside(notify, {PersonId("nobody")}, w.load(load_beside(notify)), w.rules, w.now).intents.empty())
      << "the group has it, and there is no private chat";
}

TEST_F(Sending, NothingLeavesAboveTheLevel) {
  w.requests.at(RequestId(1)).level = Level::participants;
  const ChatRef other{playground, ChatId("g:other")};
  const auto text_in = [&](const ChatRef& chat) {
    const auto out = compose(parcel(w, PostCard{RequestId(1), CardKind::live, Target::to(chat)}, chat), w.rules, w.now);
    return out ? out->text : std::string();
  };
  EXPECT_TRUE(contains(text_in(group), "数据接口")) << "raised here";
  EXPECT_FALSE(contains(text_in(other), "数据接口"));
  EXPECT_TRUE(contains(text_in(other), "XB-2026-0001") && contains(text_in(other), "需授权查看")) << text_in(other);
  EXPECT_FALSE(contains(text_in(private_of("wu.finance")), "数据接口")) << "no role in it";
  EXPECT_TRUE(contains(text_in(private_of("zhao.tech")), "数据接口"));
  w.rules.groups.push_back({other, Level::department, DepartmentId("tech")});
  EXPECT_TRUE(contains(text_in(other), "数据接口")) << "a group of the lead department";
  w.requests.at(RequestId(1)).level = Level::secret;
  EXPECT_FALSE(contains(text_in(group), "数据接口"));
}

TEST_F(Sending, AChatWithOutsidersSeesTheNumberOnly) {
  ChatFact fact;
  fact.chat = group;
  fact.external = true;
  w.chats[group] = fact;
  const std::size_t seen = w.sent.size();
  w.say("zhou.market", group, "/看板");
  w.say("zhou.market", group, "/查看 1");
  w.say("zhou.market", group, "/发起 第二个秘密 给 技术部");
  for (const Outgoing& out : w.messages(group, seen)) {
    EXPECT_FALSE(contains(out.text, "数据接口")) << out.text;
    EXPECT_FALSE(contains(out.text, "第二个秘密")) << out.text;
  }
  EXPECT_TRUE(w.was_told("zhou.market", "数据接口", seen)) << "the one who asked reads it in private";
}

TEST_F(Sending, CommandsOnWhatOneMayNotSeeAreRefused) {
  w.requests.at(RequestId(1)).level = Level::participants;
  for (const char* line : {"/查看 1", "/为什么 1", "/备注 1 看看", "/催办 1"}) {
    const std::size_t seen = w.sent.size();
    EXPECT_EQ(w.say("wu.finance", private_of("wu.finance"), line).outcome, Done::refused) << line;
    EXPECT_TRUE(w.was_told("wu.finance", "需授权查看", seen)) << line;
    EXPECT_FALSE(w.was_told("wu.finance", "数据接口", seen)) << line;
  }
}

TEST(Injection, IsShownLiterallyAndMentionsNobody) {
  const std::vector<std::string> attacks{"@all 停服 @李雷",
                                         "<at user_id=\"all\">所有人</at>",
                                         "<@all> [点我](http://evil)",
                                         "{\"tag\":\"button\"} {title} {who}",
                                         "%s %n ${jndi:x} '; DROP TABLE request;--",
                                         "**粗体** <b>x</b> ]]>",
                                         "\u202Eevil\u202C 普通"};
  for (const std::string& attack : attacks) {
    World w;
    w.say("zhou.market", group, "/发起 " + attack + " 给 技术部 背景: " + attack);
    ASSERT_EQ(w.requests.size(), 1U) << attack;
    w.say("zhao.tech", group, "/接单 1");
    w.say("zhao.tech", group, "/备注 1 " + attack);
    w.say("zhou.market", group, "/催办 1");
    w.say("zhou.market", group, "/查看 1");
    w.turn_to("2026-12-01 12:00");
    const std::string title = w.request().title;
    EXPECT_FALSE(title.empty());
    bool shown = false;
    for (const SentMessage& message : w.sent) {
      shown = shown || contains(message.out.text, title);
      for (const PersonRef& mention : message.out.mentions) {
        const auto* notify = std::get_if<Notify>(&message.effect);
        ASSERT_NE(notify, nullptr) << message.out.text;
        EXPECT_NE(std::ranges::find(notify->mention, mention.person), notify->mention.end());
      }
    }
    EXPECT_TRUE(shown) << attack;
    if (contains(attack, "{title}")) {
      EXPECT_TRUE(contains(w.last_text(group), "{title} {who}")) << w.last_text(group);
    }
  }
}

TEST(Injection, ALineBreakForgesNoLineOfOurs) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhou.market", group, "/备注 1 好的\n11月23日 周一 09:05 陈总 升级到 全体\n下一步：无");
  w.requests.at(RequestId(1)).background = "第一行\n下一步：赵技 已完成";
  w.say("zhou.market", group, "/查看 1");
  const std::string text = w.last_text(group);
  EXPECT_FALSE(contains(text, "\n下一步：无")) << text;
  EXPECT_FALSE(contains(text, "\n下一步：赵技 已完成")) << text;
  EXPECT_FALSE(contains(text, "\n11月23日 周一 09:05 陈总")) << text;
  EXPECT_TRUE(contains(text, "赵技 已完成"));
}

TEST(Outages, EachPersonGetsOneMergedNoticePerRequest) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部 截止 12月10日");
  w.now = local("2026-12-02 10:00");  // a week and more of silence
  const std::size_t seen = w.sent.size();
  w.turn_to(w.now);
  for (const char* person : {"zhao.tech", "wang.tech", "li.fuzong", "chen.zong", "pan.pmo"}) {
    std::size_t reminders = 0;
    for (std::size_t i = seen; i < w.sent.size(); ++i)
      if (const auto* notify = std::get_if<Notify>(&w.sent[i].effect);
          notify && notify->notice.reminder &&
          (w.sent[i].out.chat == private_of(person) ||
           std::ranges::find(notify->mention, PersonId(person)) != notify->mention.end()))
        ++reminders;
    EXPECT_EQ(reminders, 1U) << person;
  }
  bool late = false;
  for (const std::string& line : w.lines()) late = late || contains(line, "晚了");
  EXPECT_TRUE(late) << "every missed step stands in the history as late";
}

TEST(QuietHours, WaitingRemindersAreMergedAndTheHighestWins) {
  World w(sample_rules(), local("2026-11-23 21:10"));
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.turn_to("2026-11-24 21:05");  // 24 working hours end at 21:10, after the evening
  const std::size_t seen = w.sent.size();
  w.turn_to("2026-11-25 08:29");
  for (std::size_t i = seen; i < w.sent.size(); ++i) {
    const auto* notify = std::get_if<Notify>(&w.sent[i].effect);
    EXPECT_FALSE(notify && notify->notice.reminder) << w.sent[i].out.text;
  }
  w.turn_to("2026-11-25 08:30");
  std::size_t to_head = 0;
  for (std::size_t i = seen; i < w.sent.size(); ++i)
    if (const auto* notify = std::get_if<Notify>(&w.sent[i].effect); notify && w.sent[i].out.chat == private_of("wang.tech"))
      ++to_head;
  EXPECT_EQ(to_head, 1U);
}

TEST(PutAside, IsShownOnceAndTriedAgain) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  Load wanted;
  wanted.requests = wanted.cards_of = {RequestId(1)};
  const ChangeSet first = put_aside(w.load(wanted), w.rules, w.now, "boom");
  ASSERT_EQ(first.requests.size(), 1U);
  EXPECT_TRUE(first.requests[0].request.conditions.needs_care);
  EXPECT_EQ(first.requests[0].wake_at, w.now + 15min);
  EXPECT_TRUE(std::ranges::any_of(first.intents, [](const Intent& intent) {
    const auto* notify = std::get_if<Notify>(&intent.effect);
    return notify && notify->to.person == PersonId("pan.pmo");
  }));
  w.requests[RequestId(1)] = first.requests[0].request;
  const ChangeSet second = put_aside(w.load(wanted), w.rules, w.now + 15min, "boom");
  EXPECT_TRUE(second.intents.empty());
  EXPECT_TRUE(second.requests[0].entries.empty());
  EXPECT_EQ(second.requests[0].wake_at, w.now + 30min);
}

TEST(Stakes, EveryoneWithARoleAndNobodyOnceItIsClosed) {
  World w;
  w.say("zhou.market", group, "/发起 数据接口 给 技术部");
  w.say("zhao.tech", group, "/接单 1");
  w.say("zhao.tech", group, "/任务 1 @孙工 写文档 截止 后天");
  w.say("zhao.tech", group, "/配合 1 财务部");
  const auto all = stakes(w.request());
  const auto has = [&](const char* person, const char* role) {
    return std::ranges::any_of(all, [&](const Stake& stake) { return stake.person == PersonId(person) && stake.role == role; });
  };
  EXPECT_TRUE(has("zhao.tech", "owner"));
  EXPECT_TRUE(has("zhou.market", "requester"));
  EXPECT_TRUE(has("sun.tech", "task"));
  EXPECT_TRUE(has("qian.finance", "supporting"));
  EXPECT_TRUE(contains(search_text(w.request()), "写文档"));
  w.say("zhou.market", group, "/取消 1 不用了");
  EXPECT_TRUE(stakes(w.request()).empty());
}

TEST(Plan, LoadsWhatTheWordsName) {
  World w;
  const auto plan_of = [&](const std::string& text, bool one_to_one = false) {
    Inbound in;
    in.kind = EventKind::message;
    in.actor = UserId("zhou.market");
    in.chat = one_to_one ? private_of("zhou.market") : group;
    in.one_to_one = one_to_one;
    in.sent_at = w.now;
    in.what = Said{.text = text};
    return plan(in, w.rules);
  };
  EXPECT_EQ(plan_of("/接单 12").requests, std::vector<RequestId>{RequestId(12)});
  EXPECT_EQ(plan_of("/接单 12").cards_of, std::vector<RequestId>{RequestId(12)});
  EXPECT_FALSE(plan_of("/接单 12").next_number);
  EXPECT_EQ(plan_of("/协作 接单 XB-2026-0012").requests, std::vector<RequestId>{RequestId(12)});
  EXPECT_TRUE(plan_of("/发起 数据接口 给 技术部").next_number);
  EXPECT_EQ(plan_of("/撤回 12").history, RequestId(12));
  EXPECT_EQ(plan_of("数据接口", true).conversation, (ConversationKey{PersonId("zhou.market"), playground}));
  EXPECT_TRUE(plan_of("数据接口", true).next_number) << "the dialogue may end in a request";
  EXPECT_TRUE(plan_of("/拒绝 12").conversation);
  EXPECT_EQ(plan_of("/我的").requests.size(), 0U);
}

TEST(Events, AnActionCountsAtThePlatformsTime) {
  World w;
  w.say("zhou.market", group, "/发起 断电 给 技术部 紧急");
  w.turn_to("2026-11-23 11:05");
  Inbound in;
  in.kind = EventKind::message;
  in.actor = UserId("zhao.tech");
  in.chat = group;
  in.sent_at = local("2026-11-23 10:59");  // delivered late
  in.what = Said{.text = "/接单 1"};
  const ChangeSet change = respond(in, w.load(plan(in, w.rules)), w.rules, w.now);
  ASSERT_EQ(change.requests.size(), 1U);
  ASSERT_FALSE(change.requests[0].entries.empty());
  EXPECT_EQ(change.requests[0].entries[0].counted_at, local("2026-11-23 10:59"));
  EXPECT_EQ(change.requests[0].entries[0].at, w.now);
}

}  // namespace
}  // namespace xieban::test
