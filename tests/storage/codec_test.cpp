#include "storage/codec/codec.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>

#include "bot/base/text.hpp"
#include "storage/codec/describe.hpp"

namespace xieban {
namespace {

// A value in which every member differs from its default, made from the descriptions: what the codec forgets, it loses.
class Rich {
 public:
  explicit Rich(std::uint64_t seed) : state_(seed) {}

  template <class T>
  T make() {
    T value{};
    fill(value);
    return value;
  }

 private:
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return state_ >> 33U;
  }
  template <class T>
  requires std::is_integral_v<T>
  void fill(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      value = !value;
    } else {
      value = static_cast<T>(next() % 120 + 2);
    }
  }
  template <class T>
  requires std::is_enum_v<T>
  void fill(T& value) {
    constexpr auto last = static_cast<T>(boost::mp11::mp_size<boost::describe::describe_enumerators<T>>::value - 1);
    value = value == last ? T{} : last;
  }
  void fill(std::string& value) {
    static constexpr const char* parts[] = {"协作单", "a\"b\\c", "line\nbreak\ttab", "\x01\x1f", "😀", "/发起 “x”", "</script>"};
    value = parts[next() % 7];
    value += std::to_string(next() % 100);
  }
  void fill(Duration& value) { value = Duration(static_cast<std::int64_t>(next()) - 1'000'000'000); }
  void fill(TimePoint& value) { value = TimePoint(Duration(static_cast<std::int64_t>(next()) * 1000 + 1)); }
  template <class Tag>
  void fill(TextId<Tag>& value) {
    fill(value.value);
  }
  template <class Tag, class Rep>
  void fill(NumberId<Tag, Rep>& value) {
    fill(value.value);
  }
  template <class T>
  void fill(std::optional<T>& value) {
    fill(value.emplace());
  }
  template <class T>
  void fill(std::vector<T>& value) {
    value.resize(2);
    for (auto& item : value) fill(item);
  }
  template <class A, class B>
  void fill(std::pair<A, B>& value) {
    fill(value.first);
    fill(value.second);
  }
  template <class T>
  void fill(std::map<std::string, T>& value) {
    for (int i = 0; i < 2; ++i) {
      std::string key;
      fill(key);
      fill(value[key]);
    }
  }
  template <class T>
  void fill(std::shared_ptr<const T>& value) {
    // Requests hold no further requests, so this ends.
    value = std::make_shared<const T>(make<T>());
  }
  template <class... Ts>
  void fill(std::variant<Ts...>& value) {
    const auto chosen = next() % sizeof...(Ts);
    std::size_t index = 0;
    boost::mp11::mp_for_each<boost::mp11::mp_list<boost::mp11::mp_identity<Ts>...>>([&](auto type) {
      if (index++ == chosen) fill(value.template emplace<typename decltype(type)::type>());
    });
  }
  template <class T>
  requires boost::describe::has_describe_members<T>::value void fill(T& value) {
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public>>(
        [&](auto member) { fill(value.*member.pointer); });
  }

  std::uint64_t state_;
};

template <class T>
class RoundTrip : public testing::Test {};
using Types = testing::Types<Request, Policy, Conversation, CardHandle, Outgoing, ChatFact, Leave, IdentityLink, LinkCode,
                             Account, OrgUnit>;
TYPED_TEST_SUITE(RoundTrip, Types);

TYPED_TEST(RoundTrip, TextComesBackTheSame) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const auto text = codec::encode(Rich(seed).make<TypeParam>());
    EXPECT_EQ(codec::encode(codec::decode<TypeParam>(text)), text);
  }
}
TYPED_TEST(RoundTrip, DefaultsAreNotWrittenAndReadBack) {
  EXPECT_EQ(codec::encode(codec::decode<TypeParam>("{}")), codec::encode(TypeParam{}));
}
TYPED_TEST(RoundTrip, EveryMemberIsInTheText) {
  const auto text = codec::encode(Rich(7).make<TypeParam>());
  boost::mp11::mp_for_each<boost::describe::describe_members<TypeParam, boost::describe::mod_public>>(
      [&](auto member) { EXPECT_NE(text.find("\"" + std::string(member.name) + "\":"), std::string::npos) << member.name; });
}

TEST(Codec, EveryEventComesBack) {
  std::size_t kinds = 0;
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, Event>>([&](auto type) {
    using T = typename decltype(type)::type;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Event event = Rich(seed).make<T>();
      const auto text = codec::encode(event);
      const auto back = codec::decode_event(kind_name(event), text);
      EXPECT_EQ(back.index(), event.index());
      EXPECT_EQ(codec::encode(back), text);
    }
    ++kinds;
  });
  EXPECT_EQ(kinds, std::variant_size_v<Event>);
}
TEST(Codec, EveryEffectComesBack) {
  boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, Effect>>([&](auto type) {
    using T = typename decltype(type)::type;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
      const Effect effect = Rich(seed).make<T>();
      const auto text = codec::encode(effect);
      const auto back = codec::decode_effect(kind_name(effect), text);
      EXPECT_EQ(back.index(), effect.index());
      EXPECT_EQ(codec::encode(back), text);
    }
  });
}

TEST(Codec, ValuesAreTheSameNotOnlyTheirText) {
  const auto before = Rich(3).make<Policy>();
  const auto after = codec::decode<Policy>(codec::encode(before));
  EXPECT_EQ(after.type, before.type);
  EXPECT_EQ(after.gates, before.gates);
  EXPECT_EQ(after.clocks, before.clocks);
  EXPECT_EQ(after.reopen_within, before.reopen_within);
  const auto card = Rich(4).make<CardHandle>();
  const auto card_after = codec::decode<CardHandle>(codec::encode(card));
  EXPECT_EQ(card_after.person, card.person);
  EXPECT_EQ(card_after.sent_at, card.sent_at);
  EXPECT_EQ(card_after.effect.index(), card.effect.index());
}

TEST(Codec, OlderAndNewerRowsAreRead) {
  const auto request = codec::decode<Request>(R"({"id":12,"title":"对接","from_the_future":{"a":[1,2]},"phase":"run"})");
  EXPECT_EQ(request.id, RequestId(12));
  EXPECT_EQ(request.phase, Phase::run);
  EXPECT_EQ(request.level, Level::open);
}
TEST(Codec, DamagedRowsAreRefused) {
  for (const char* text :
       {"", "{", "[]", "7", R"({"id":"x"})", R"({"phase":"nowhere"})", R"({"clocks":{}})", R"({"title":1})"}) {
    EXPECT_THROW(codec::decode<Request>(text), codec::Unreadable) << text;
  }
  EXPECT_THROW(codec::decode_event("no_such_event", "{}"), codec::Unreadable);
  EXPECT_THROW(codec::decode_effect("no_such_effect", "{}"), codec::Unreadable);
}

TEST(Codec, PolicyHashIsItsContent) {
  const auto policy = Rich(5).make<Policy>();
  auto other = policy;
  other.hash = PolicyHash("something else");
  EXPECT_EQ(policy_hash(policy), policy_hash(other));
  EXPECT_EQ(policy_hash(policy).value.size(), 64U);
  other.progress_at += 1;
  EXPECT_NE(policy_hash(policy), policy_hash(other));
}

RC_GTEST_PROP(Codec, AnyBytesAreStoredAsText, (const std::string& bytes)) {
  Request request;
  request.title = bytes;
  const auto once = codec::decode<Request>(codec::encode(request));
  const auto twice = codec::decode<Request>(codec::encode(once));
  RC_ASSERT(twice.title == once.title);
}
RC_GTEST_PROP(Codec, AnyTextComesBack, (const std::vector<std::uint32_t>& points)) {
  Request request;
  for (const auto point : points) {
    const auto c = static_cast<char32_t>(point % 0xd800);
    text::append(request.title, c);
  }
  RC_ASSERT(codec::decode<Request>(codec::encode(request)).title == request.title);
}

}  // namespace
}  // namespace xieban
