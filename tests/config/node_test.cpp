// Trees that remember where everything stood.

#include "config/node.hpp"

#include <gmock/gmock.h>
#include <rapidcheck/gtest.h>

#include "tests/config/support.hpp"

namespace xieban::config::node_test {
namespace {

/// The text from a place on.
std::string_view from(std::string_view text, At at) {
  for (int line = 1; line < at.line; ++line) text.remove_prefix(text.find('\n') + 1);
  for (int column = 1; column < at.column; ++column) {
    text.remove_prefix(1);
    while (!text.empty() && (static_cast<unsigned char>(text[0]) & 0xc0U) == 0x80U) text.remove_prefix(1);
  }
  return text;
}

/// Every value stands where it says.
void expect_places(std::string_view text, const Node& node) {
  const std::string_view here = from(text, node.at);
  switch (node.kind) {
    case Node::Kind::table:
      EXPECT_TRUE(here.starts_with("{"));
      break;
    case Node::Kind::list:
      EXPECT_TRUE(here.starts_with("["));
      break;
    case Node::Kind::text:
      EXPECT_TRUE(here.starts_with("\""));
      break;
    case Node::Kind::integer:
      EXPECT_TRUE(here.starts_with(std::to_string(node.integer)));
      break;
    case Node::Kind::real:
      EXPECT_TRUE(here.starts_with("1.5e3"));
      break;
    case Node::Kind::flag:
      EXPECT_TRUE(here.starts_with(node.flag ? "true" : "false"));
      break;
    case Node::Kind::null:
      EXPECT_TRUE(here.starts_with("null"));
      break;
    case Node::Kind::date:
      ADD_FAILURE() << "JSON has no dates";
      break;
  }
  for (const auto& member : node.members) {
    EXPECT_TRUE(from(text, member.at).starts_with("\"" + member.key + "\"")) << member.key;
    expect_places(text, member.value);
  }
  for (const auto& item : node.items) expect_places(text, item);
}

TEST(Json, EveryValueStandsWhereItSays) {
  for (const auto* name : {"holidays/cn.json", "calendars.json"}) {
    const auto tree = parse_json(shipped(name));
    ASSERT_TRUE(tree.has_value()) << name;
    expect_places(shipped(name), *tree);
  }
  constexpr std::string_view kOdd =
      "{ \"中\":[1 ,-20\n,1.5e3,true,false ,null,\"\\\"\\\\\",\"\\\\\\\"x\", \"\"] ,\n \"b\" : {\"c\":{}}, \"d\": 7}";
  const auto tree = parse_json(kOdd);
  ASSERT_TRUE(tree.has_value());
  expect_places(kOdd, *tree);
  const Node* list = tree->find("中");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->items.size(), 9U);
  EXPECT_EQ(list->items[7].text, "\\\"x");
  EXPECT_EQ(tree->find("d")->at, (At{3, 23}));
}

TEST(Json, ANumberAloneIsADocument) {
  const auto tree = parse_json("\n 42");
  ASSERT_TRUE(tree.has_value());
  EXPECT_EQ(tree->at, (At{2, 2}));
}

RC_GTEST_PROP(Json, AnyBytesAreReadOrRefusedAtAPlace, (const std::string& bytes)) {
  const auto tree = parse_json(bytes);
  if (!tree) {
    RC_ASSERT(tree.error().at.line >= 1);
    RC_ASSERT(!tree.error().text.empty());
  }
}

TEST(Toml, KeysAndValuesHaveTheirPlaces) {
  const TomlText text =
      parse_toml("a = 1\n[b]\nc = \"中\" \nd = [ 1.5, true, 2026-01-01, { e = 'x' } ]\n[[f]]\n[[f]]\ng = 2\n");
  ASSERT_TRUE(text.errors.empty());
  const Node* b = text.root.find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->members[0].at, (At{3, 1}));
  EXPECT_EQ(b->members[0].value.at, (At{3, 5}));
  const Node* d = b->find("d");
  ASSERT_EQ(d->items.size(), 4U);
  EXPECT_EQ(d->items[0].kind, Node::Kind::real);
  EXPECT_EQ(d->items[1].kind, Node::Kind::flag);
  EXPECT_EQ(d->items[2].kind, Node::Kind::date);
  EXPECT_EQ(d->items[3].find("e")->at, (At{4, 36}));
  EXPECT_EQ(text.root.find("f")->items[1].at.line, 6);
}

TEST(Toml, LinesThatCannotBeReadAreLeftOut) {
  const TomlText text = parse_toml("a = \nb = 2\nb = 3\nc = 4\n");
  ASSERT_EQ(text.errors.size(), 2U);
  EXPECT_EQ(text.errors[0].at.line, 1);
  EXPECT_EQ(text.errors[1].at.line, 3);
  EXPECT_TRUE(text.readable);
  EXPECT_THAT(text.lost_keys, testing::ElementsAre("a", "b"));
  EXPECT_EQ(text.root.find("b")->integer, 2);
  EXPECT_EQ(text.root.find("c")->integer, 4);
}

/// The example with some of its bytes replaced: whatever comes of it, it comes with places, and nothing breaks.
RC_GTEST_PROP(Load, ADamagedFileIsReadOrRefusedWithPlaces, ()) {
  std::string text(shipped("xieban.example.toml"));
  const auto lines = static_cast<int>(std::ranges::count(text, '\n')) + 1;
  const int wounds = *rc::gen::inRange(1, 6);
  for (int i = 0; i < wounds; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
    text.replace(at, *rc::gen::inRange<std::size_t>(0, 12),
                 *rc::gen::element<std::string>("", "\"", "[", "]", "=", "\n", "{", "0", "\xff", "id"));
  }
  FakeWorld world;
  world.any_variable = true;
  const auto loaded = load(text, "x.toml", world.world());
  const auto& problems = loaded ? loaded->warnings : loaded.error();
  for (const auto& problem : problems)
    if (problem.file == "x.toml")
      RC_ASSERT(problem.line >= 1 && problem.line <= lines + 5 && problem.column >= 1 && !problem.text.empty());
  if (!loaded) RC_ASSERT(std::ranges::any_of(problems, &Problem::error));
}

}  // namespace
}  // namespace xieban::config::node_test
