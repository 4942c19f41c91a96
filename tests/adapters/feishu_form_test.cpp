// Forms, tables and charts of Feishu: how a card is drawn, and what comes back of it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "adapters/feishu/card.hpp"
#include "adapters/feishu/platform.hpp"
#include "bot/ports/stream.hpp"

namespace xieban::feishu::feishu_form_test {
namespace {

using nlohmann::json;

Input input(const char* id, InputKind kind, bool required = false) {
  Input made;
  made.id = id;
  made.label = id;
  made.kind = kind;
  made.required = required;
  return made;
}

/// Each component of the form by its name.
std::map<std::string, json> form_of(std::vector<Input> inputs) {
  Card card;
  card.title = "发起";
  card.inputs = std::move(inputs);
  card.buttons.push_back({.action = "submit", .label = "提交", .style = ButtonStyle::primary});
  const json made = render(card, PressToken{}, Secret("s"), {});
  std::map<std::string, json> found;
  for (const json& element : made["body"]["elements"]) {
    if (element["tag"] != "form") continue;
    for (const json& inner : element["elements"])
      if (inner.contains("name")) found.emplace(inner["name"], inner);
  }
  return found;
}

TEST(FeishuForm, AButtonSaysTheSameInEachOfItsPlaces) {
  const json button = form_of({input("title", InputKind::text)}).extract(seal({.action = "submit"}, Secret("s"))).mapped();
  EXPECT_EQ(button["form_action_type"], "submit");
  EXPECT_EQ(button["value"], (json{{"k", button["name"]}}));
  EXPECT_EQ(button["behaviors"], json::array({{{"type", "callback"}, {"value", button["value"]}}}));
}

TEST(FeishuForm, ADateIsPickedOrTyped) {
  Input due = input("due", InputKind::datetime, true);
  due.hint = "或直接写：明天18点";
  due.value = {"明天18点"};
  const auto form = form_of({due});
  EXPECT_EQ(form.at("due")["tag"], "picker_datetime");
  EXPECT_FALSE(form.at("due").contains("initial_datetime")) << "it has no zone";
  EXPECT_FALSE(form.at("due")["required"].get<bool>()) << "the typed one may be filled instead";
  EXPECT_EQ(form.at("due.typed")["tag"], "input");
  EXPECT_EQ(form.at("due.typed")["default_value"], "明天18点");
  EXPECT_EQ(form.at("due.typed")["placeholder"]["content"], "或直接写：明天18点");
}

TEST(FeishuForm, PeopleArePickedWhereAllHaveAnAccount) {
  Input person = input("person", InputKind::person, true);
  person.options = {{"li.lei", "李雷", "ou_li"}, {"zhao.tech", "赵技", "ou_zhao"}};
  person.value = {"zhao.tech"};
  const json picker = form_of({person}).at("person");
  EXPECT_EQ(picker["tag"], "select_person");
  EXPECT_EQ(picker["options"], (json::array({{{"value", "ou_li"}}, {{"value", "ou_zhao"}}})));
  EXPECT_EQ(picker["initial_option"], "ou_zhao");
  EXPECT_TRUE(picker["required"].get<bool>());
  person.options[0].account.clear();
  const json names = form_of({person}).at("person");
  EXPECT_EQ(names["tag"], "select_static") << "whoever is on another platform only can be chosen all the same";
  EXPECT_EQ(names["initial_index"], 2);
}

TEST(FeishuForm, SeveralPeopleArePickedToo) {
  Input people = input("people", InputKind::multi, true);
  people.options = {{"li.lei", "李雷", "ou_li"}, {"zhao.tech", "赵技", "ou_zhao"}};
  people.value = {"zhao.tech"};
  const json picker = form_of({people}).at("people");
  EXPECT_EQ(picker["tag"], "multi_select_person");
  EXPECT_EQ(picker["options"], (json::array({{{"value", "ou_li"}}, {{"value", "ou_zhao"}}})));
  EXPECT_EQ(picker["selected_values"], json::array({"ou_zhao"}));
  people.options[0].account.clear();
  const json names = form_of({people}).at("people");
  EXPECT_EQ(names["tag"], "multi_select_static");
  EXPECT_EQ(names["selected_values"], json::array({"zhao.tech"}));
}

TEST(FeishuForm, OnlyWhatCanBeChosenIsShownAsChosenTheRestIsTypedAgain) {
  Input people = input("people", InputKind::multi, true);
  people.options = {{"li.lei", "李雷"}, {"zhao.tech", "赵技"}};
  people.hint = "或直接写名字";
  people.value = {"li.lei", "没这个人", "也没有"};
  for (const char* account : {"", "ou_1"}) {
    people.options[0].account = account;
    people.options[1].account = account[0] == '\0' ? "" : "ou_2";
    const auto form = form_of({people});
    EXPECT_EQ(form.at("people")["selected_values"], json::array({account[0] == '\0' ? "li.lei" : "ou_1"}));
    EXPECT_EQ(form.at("people.typed")["default_value"], "没这个人, 也没有");
  }
  people.value = {"没这个人"};
  EXPECT_FALSE(form_of({people}).at("people").contains("selected_values"));
}

TEST(FeishuForm, ADepartmentMayBeReplacedByAPerson) {
  Input to = input("to", InputKind::department, true);
  to.options = {{"tech", "技术部"}};
  to.people = {{"li.lei", "李雷", "ou_li"}};
  to.people_label = "或直接交给一个人";
  to.value = {"li.lei"};
  const auto form = form_of({to});
  EXPECT_EQ(form.at("to")["tag"], "select_static");
  EXPECT_FALSE(form.at("to").contains("initial_index"));
  EXPECT_EQ(form.at("to.person")["tag"], "select_person");
  EXPECT_EQ(form.at("to.person")["initial_option"], "ou_li");
  EXPECT_FALSE(form.contains("to.typed"));
}

/// The press of a form's button, over the long connection: its inputs as the core gets them.
std::map<std::string, std::vector<std::string>> decoded(const json& form_value) {
  Settings settings;
  settings.app = AppId("feishu:main");
  settings.app_id = "cli_1";
  settings.app_secret = Secret("s");
  settings.stream = true;
  const FeishuPlatform platform(settings);
  const json event = {{"schema", "2.0"},
                      {"header",
                       {{"event_id", "e1"},
                        {"event_type", "card.action.trigger"},
                        {"create_time", "1767151999123456"},
                        {"token", ""},
                        {"app_id", "cli_1"}}},
                      {"event",
                       {{"operator", {{"open_id", "ou_1"}}},
                        {"action", {{"tag", "button"}, {"name", "x"}, {"form_value", form_value}}},
                        {"context", {{"open_chat_id", "oc_1"}}}}}};
  HttpRequest request{std::string(stream_method), "/"};
  request.body = event.dump();
  const auto made = platform.decode(request, TimePoint{});
  EXPECT_TRUE(made);
  if (!made) return {};
  return std::get<Pressed>(std::get<Inbound>(*made).what).inputs;
}

TEST(FeishuForm, WhatComesBackIsOneFieldTheMostExactFirst) {
  const auto inputs = decoded({{"to", "tech"}, {"to.person", "ou_li"}, {"to.typed", "财务部"}, {"title", "接口"}});
  EXPECT_EQ(inputs.at("to"), (std::vector<std::string>{"财务部", "ou_li", "tech"}));
  EXPECT_EQ(inputs.at("title"), std::vector<std::string>{"接口"});
  EXPECT_FALSE(inputs.contains("to.person"));
}

TEST(FeishuForm, APickedTimeKeepsItsZone) {
  EXPECT_EQ(decoded({{"due", "2031-03-28 18:30 +0800"}}).at("due"), std::vector<std::string>{"2031-03-28 18:30 UTC+08:00"});
  EXPECT_EQ(decoded({{"due", "2031-03-28 18:30 -0530"}}).at("due"), std::vector<std::string>{"2031-03-28 18:30 UTC-05:30"});
  for (const char* typed : {"明天18点", "3d", "预算 +0800", "0000-00-00 00:00 +080x"})
    EXPECT_EQ(decoded({{"due.typed", typed}, {"due", ""}}).at("due"), std::vector<std::string>{typed});
}

TEST(FeishuTable, CellsAreTextAndALateStateIsRed) {
  Card card;
  card.title = "看板";
  card.table = Table{
      {"编号", "事项", "状态"},
      2,
      {{{"XB-2026-0001", "<at id=all></at> **x**", "执行中 · 逾期"}, "", true}, {{"XB-2026-0002", "", "执行中"}, "", false}}};
  const json made = render(card, PressToken{}, Secret("s"), {});
  const json& table = made["body"]["elements"].at(0);
  EXPECT_EQ(table["tag"], "table");
  std::set<std::string> types;
  for (const json& column : table["columns"]) types.insert(column["data_type"].get<std::string>());
  EXPECT_EQ(types, (std::set<std::string>{"options", "text"})) << "nothing that reads mark-up";
  EXPECT_EQ(table["rows"][0]["c2"][0]["color"], "red");
  EXPECT_EQ(table["rows"][1]["c2"][0]["color"], "blue");
  EXPECT_FALSE(table["rows"][1].contains("c1"));
}

TEST(FeishuForm, WhatAnInputCannotHoldIsAskedInWords) {
  const FeishuPlatform platform{Settings{}};
  Outgoing message;
  message.form = Form::card;
  message.card.emplace();
  const auto taken = [&](InputKind kind, const std::string& value) {
    Input one = input("reason", kind);
    one.value = {value};
    if (kind == InputKind::datetime) one.hint = "明天18点";
    message.card->inputs = {one};
    const auto wire = platform.encode(message, Token{});
    EXPECT_TRUE(wire || wire.error().code == Errc::not_found);
    return wire.has_value();
  };
  std::string thousand;
  for (int i = 0; i < 1000; ++i) thousand += "字";
  for (const InputKind kind : {InputKind::text, InputKind::long_text, InputKind::datetime}) {
    EXPECT_TRUE(taken(kind, thousand)) << "characters, not bytes";
    EXPECT_FALSE(taken(kind, thousand + "x"));
  }
}

TEST(FeishuForm, TooManyChoicesAreSentAsTheNextFormOfThePlan) {
  FeishuPlatform platform{Settings{}};
  Outgoing message;
  message.form = Form::card;
  message.card.emplace();
  for (int i = 0; i < 3; ++i) {
    Input one = input(("c" + std::to_string(i)).c_str(), InputKind::choice);
    for (int k = 0; k < 70; ++k) one.options.push_back({std::to_string(k), std::to_string(k)});
    message.card->inputs.push_back(one);
  }
  const auto wire = platform.encode(message, Token{});
  ASSERT_FALSE(wire);
  EXPECT_EQ(wire.error().code, Errc::not_found) << "else the parcel would be given up";
}

}  // namespace
}  // namespace xieban::feishu::feishu_form_test
