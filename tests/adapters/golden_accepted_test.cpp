// Each golden file is accepted by the platform's simulator, which checks the platform's schema and limits; what breaks them is
// refused.

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <functional>

#include "adapters/sample_platforms.hpp"
#include "tests/adapters/golden_files.hpp"
#include "tests/sim/servers/dingtalk.hpp"
#include "tests/sim/servers/feishu.hpp"
#include "tests/sim/servers/feishu_card.hpp"
#include "tests/sim/servers/wecom.hpp"
#include "tests/sim/servers/wecom_card.hpp"
#include "tests/sim/servers/wecom_message.hpp"

namespace xieban {
namespace {

using nlohmann::json;

/// The sample company as a simulator plays it: `app` is the platform's own.
json world_of(json usual, const json& app) {
  json people = json::array(), members = json::array();
  json one = usual["people"].front();
  for (const Person& person : sample_company(AppId("sample:sample")).people) {
    one["id"] = person.id.value;
    one["name"] = person.name;
    one["mobile"] = "";
    one["manager"] = "";
    people.push_back(one);
    members.push_back(person.id.value);
  }
  json entry = usual["apps"].front();
  entry.merge_patch(app);
  usual["apps"] = json::array({entry});
  usual["people"] = std::move(people);
  usual["chats"] = json::array({{{"id", sample_group().value}, {"name", "项目群"}, {"members", members}, {"external", false}}});
  return usual;
}

HttpRequest request_of(const json& file) {
  const std::string call = file.at("call");
  const auto space = call.find(' ');
  HttpRequest request(call.substr(0, space), call.substr(space + 1));
  request.body = golden::closed(file.at("body")).dump();
  return request;
}

void replace(std::string& text, const std::string& from, const std::string& to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

/// What stands already when that one is sent; empty: nothing.
std::string before(const std::string& name) {
  if (name == "live_update") return "live_respond";
  if (name == "form_closed") return "form_raise";
  if (name == "choice_answered") return "choice";
  if (name == "urgent_call") return "notice_urgent";
  return {};
}

/// One simulator with the sample company, and the golden files of one platform.
template <class Sim>
class Stand {
 public:
  Stand(const std::string& name, const json& app)
      : files_(golden::read(name)), stage_(loop_.get_executor(), world_of(Sim::usual_world(), app), 1), sim_(stage_) {
    for (const SamplePlatform& one : sample_platforms())
      if (one.name == name) platform_ = one.platform;
    const auto asked = platform_->token_request();
    if (!asked) return;
    const auto token = platform_->read_token(sim_.call(*asked).response, TimePoint{});
    EXPECT_TRUE(token) << token.error().text;
    if (token) token_ = token->value.reveal();
  }

  [[nodiscard]] const std::map<std::string, std::string>& files() const { return files_; }
  [[nodiscard]] json file(const std::string& name) const { return json::parse(files_.at(name)); }
  [[nodiscard]] sim::Stage& stage() { return stage_; }

  sim::Outcome send(HttpRequest request) {
    request.headers.set("Content-Type", "application/json");
    request.headers.set("Authorization", "Bearer " + token_);
    request.headers.set("x-acs-dingtalk-access-token", token_);
    replace(request.target, "sample-token", token_);
    return sim_.call(request);
  }

 private:
  std::map<std::string, std::string> files_;
  boost::asio::io_context loop_;
  sim::Stage stage_;
  Sim sim_;
  std::shared_ptr<const Platform> platform_;
  std::string token_;
};

/// Sends every file to a simulator of its own. `stands` puts the answer to the one before it into the call.
template <class Sim>
void expect_accepted(const std::string& name, const json& app, const std::function<void(HttpRequest&, HttpRequest&)>& prepare,
                     const std::function<void(HttpRequest&, const json&)>& stands) {
  const auto files = golden::read(name);
  ASSERT_GT(files.size(), 20U);
  for (const auto& [file, text] : files) {
    const json golden = json::parse(text);
    if (golden.contains("frame")) continue;  // asked of the bot itself, below
    Stand<Sim> stand(name, app);
    HttpRequest call = request_of(golden);
    if (const std::string first = before(file); !first.empty()) {
      HttpRequest earlier = request_of(stand.file(first));
      prepare(earlier, call);
      const auto sent = stand.send(earlier);
      ASSERT_TRUE(sent.accepted) << first << ": " << sent.response.body;
      stands(call, json::parse(sent.response.body));
    }
    const auto outcome = stand.send(call);
    EXPECT_TRUE(outcome.accepted) << name << "/" << file << ": " << outcome.response.body;
  }
}

const json feishu_app = {{"id", "sample"}, {"app_id", "cli_sample"}, {"app_secret", "sample-secret"}};

TEST(GoldenAccepted, Feishu) {
  expect_accepted<sim::Feishu>(
      "feishu", feishu_app, [](HttpRequest&, HttpRequest&) {},
      [](HttpRequest& call, const json& answer) { replace(call.target, "om_sample", answer["data"]["message_id"]); });
}

json dingtalk_app(const char* id) {
  return {{"id", id}, {"corp_id", "dingsamplecorp"}, {"client_id", "dingsample"}, {"client_secret", "sample-secret"}};
}

/// The card that is updated is called as the update calls it.
void name_card(HttpRequest& earlier, HttpRequest& call) {
  json body = json::parse(earlier.body);
  const json update = json::parse(call.body);
  if (body.contains("outTrackId") && update.contains("outTrackId")) body["outTrackId"] = update["outTrackId"];
  earlier.body = body.dump();
}

TEST(GoldenAccepted, DingTalk) {
  expect_accepted<sim::DingTalk>("dingtalk", dingtalk_app("sample"), name_card, [](HttpRequest&, const json&) {});
}
TEST(GoldenAccepted, DingTalkWithoutTemplates) {
  expect_accepted<sim::DingTalk>("dingtalk_texts", dingtalk_app("texts"), name_card, [](HttpRequest&, const json&) {});
}

json wecom_app(const char* id) {
  return {{"id", id},
          {"corp_id", "wwsample"},
          {"app", {{"agent_id", 1'000'002}, {"secret", "sample-secret"}}},
          {"bot", {{"bot_id", "aibsample"}, {"secret", "sample-bot-secret"}}}};
}

TEST(GoldenAccepted, WeComApp) {
  expect_accepted<sim::WeCom>(
      "wecom_app", wecom_app("sample"), [](HttpRequest&, HttpRequest&) {},
      [](HttpRequest& call, const json& answer) { replace(call.body, "sample-code", answer["response_code"]); });
}

class WeComFrames : public ::testing::TestWithParam<const char*> {};

TEST_P(WeComFrames, AreAccepted) {
  const std::string name = GetParam();
  std::size_t frames = 0;
  for (const auto& [file, text] : golden::read(name)) {
    const json golden = json::parse(text);
    if (!golden.contains("frame")) continue;
    ++frames;
    Stand<sim::WeCom> stand(name, wecom_app("sample"));
    sim::wecom::Access access(stand.stage());
    sim::wecom::Media media(stand.stage(), access);
    sim::wecom::Bot bot(stand.stage(), access, media);
    const json body = golden::closed(golden["frame"]).at("body");
    const std::string chat = body.at("chatid");
    const bool group = body.at("chat_type") == 2;
    bot.heard({"sample", group ? "zhou.market" : chat, group ? chat : ""});
    EXPECT_EQ(golden["frame"]["cmd"], "aibot_send_msg");
    const auto refused = bot.send(*stand.stage().world.app_by("id", "sample"), body);
    EXPECT_FALSE(refused) << name << "/" << file << ": " << refused->errcode << " " << refused->text;
  }
  EXPECT_GT(frames, 5U);
}
INSTANTIATE_TEST_SUITE_P(All, WeComFrames, ::testing::Values("wecom_app", "wecom_bot"),
                         [](const auto& one) { return std::string(one.param); });

// -- each simulator refuses what breaks the platform's rules --------------------------------------------------

/// A JSON patch (RFC 6902) of one golden card, and a word of the refusal.
struct Broken {
  const char *name, *file, *patch, *refusal;
};

class BrokenFeishu : public ::testing::TestWithParam<Broken> {};

json feishu_card(const std::string& file) {
  return json::parse(golden::read("feishu").at(file)).at("body").at("content").at("json");
}

TEST_P(BrokenFeishu, IsRefused) {
  json card = feishu_card(GetParam().file);
  ASSERT_FALSE(sim::refuse_card(golden::closed(card).dump()));
  // One whole element, many times: what a patch would be too long for.
  const std::string patch = GetParam().patch;
  if (patch.starts_with("repeat ")) {
    json& elements = card["body"]["elements"];
    const json one = json::parse(patch.substr(7));
    for (int i = 0; i < 200; ++i) elements.push_back(one);
  } else {
    card = card.patch(json::parse(patch));
  }
  const auto refusal = sim::refuse_card(golden::closed(card).dump());
  ASSERT_TRUE(refusal) << "accepted";
  EXPECT_NE(refusal->text.find(GetParam().refusal), std::string::npos) << refusal->text;
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenFeishu,
    ::testing::Values(
        Broken{"unknown_member", "live_respond", R"([{"op":"add","path":"/colour","value":"red"}])", "unknown property"},
        Broken{"unknown_member_of_a_component", "live_respond",
               R"([{"op":"add","path":"/body/elements/0/colour","value":"red"}])", "unknown property"},
        Broken{"old_schema", "live_respond", R"([{"op":"replace","path":"/schema","value":"1.0"}])", "schema"},
        Broken{"private", "live_respond", R"([{"op":"replace","path":"/config/update_multi","value":false}])", "update_multi"},
        Broken{"header_colour", "live_respond", R"([{"op":"replace","path":"/header/template","value":"#ff0000"}])",
               "template"},
        Broken{"removed_tag", "live_respond", R"([{"op":"add","path":"/body/elements/-","value":{"tag":"note"}}])", "note"},
        Broken{"too_many_elements", "live_respond", R"(repeat {"tag":"hr"})", "element exceeds the limit"},
        Broken{
            "too_many_bytes", "live_respond",
            R"(repeat {"tag":"markdown","content":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"})",
            "limit"},
        Broken{
            "long_button", "choice",
            R"([{"op":"replace","path":"/body/elements/0/columns/0/elements/0/text/content","value":"0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789x"}])",
            "too long"},
        Broken{"name_twice", "form_decline", R"([{"op":"replace","path":"/body/elements/1/elements/1/name","value":"reason"}])",
               "name used twice"},
        Broken{"no_name", "form_decline", R"([{"op":"replace","path":"/body/elements/1/elements/1/name","value":""}])",
               "without a name"},
        Broken{"filled_beyond_its_length", "form_decline",
               R"([{"op":"replace","path":"/body/elements/1/elements/0/max_length","value":2}])", "default_value"},
        Broken{"no_submit", "form_decline", R"([{"op":"remove","path":"/body/elements/1/elements/2/form_action_type"}])",
               "submit"},
        Broken{
            "table_in_a_form", "form_decline",
            R"([{"op":"add","path":"/body/elements/1/elements/-","value":{"tag":"table","columns":[{"name":"a","data_type":"text"}],"rows":[]}}])",
            "table stands"},
        Broken{
            "chart_in_a_form", "form_decline",
            R"([{"op":"add","path":"/body/elements/1/elements/-","value":{"tag":"chart","chart_spec":{"type":"bar","data":{}}}}])",
            "chart inside"},
        Broken{
            "several_outside_a_form", "live_respond",
            R"([{"op":"add","path":"/body/elements/-","value":{"tag":"multi_select_static","options":[{"text":{"tag":"plain_text","content":"a"},"value":"a"}]}}])",
            "outside a form"},
        Broken{"picker_without_words", "form_accept", R"([{"op":"remove","path":"/body/elements/1/elements/1/placeholder"}])",
               "placeholder"},
        Broken{
            "option_twice", "form_progress",
            R"([{"op":"copy","from":"/body/elements/1/elements/2/options/0","path":"/body/elements/1/elements/2/options/1"}])",
            "an option twice"},
        Broken{"nobody_chosen", "form_assign",
               R"([{"op":"add","path":"/body/elements/1/elements/1/initial_option","value":"ou_nobody"}])", "initial_option"},
        Broken{"page_of_eleven", "list_mine", R"([{"op":"replace","path":"/body/elements/1/page_size","value":11}])",
               "page_size"},
        Broken{"cell_of_no_column", "list_mine", R"([{"op":"add","path":"/body/elements/1/rows/0/c9","value":"x"}])",
               "no column"},
        Broken{
            "six_tables", "list_mine",
            R"([{"op":"copy","from":"/body/elements/1","path":"/body/elements/-"},{"op":"copy","from":"/body/elements/1","path":"/body/elements/-"},{"op":"copy","from":"/body/elements/1","path":"/body/elements/-"},{"op":"copy","from":"/body/elements/1","path":"/body/elements/-"},{"op":"copy","from":"/body/elements/1","path":"/body/elements/-"}])",
            "table number"},
        Broken{"chart_without_spec", "list_board", R"([{"op":"remove","path":"/body/elements/2/chart_spec"}])", "chart_spec"}),
    [](const auto& one) { return std::string(one.param.name); });

class BrokenWeCom : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenWeCom, IsRefused) {
  json card = json::parse(golden::read("wecom_app").at(GetParam().file)).at("body").at("template_card");
  json whole = card;
  ASSERT_FALSE(sim::wecom::check_card(whole, {}));
  card = card.patch(json::parse(GetParam().patch));
  EXPECT_TRUE(sim::wecom::check_card(card, {})) << "accepted";
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenWeCom,
    ::testing::Values(
        Broken{"no_title", "personal_respond", R"([{"op":"remove","path":"/main_title"}])", ""},
        Broken{
            "long_title", "personal_respond",
            R"([{"op":"replace","path":"/main_title/title","value":"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"}])",
            ""},
        Broken{"no_task", "personal_respond", R"([{"op":"remove","path":"/task_id"}])", ""},
        Broken{"key_twice", "personal_respond", R"([{"op":"copy","from":"/button_list/0/key","path":"/button_list/1/key"}])",
               ""},
        Broken{"no_buttons", "personal_respond", R"([{"op":"replace","path":"/button_list","value":[]}])", ""},
        Broken{
            "seven_buttons", "personal_respond",
            R"([{"op":"replace","path":"/button_list","value":[{"text":"1","key":"1"},{"text":"2","key":"2"},{"text":"3","key":"3"},{"text":"4","key":"4"},{"text":"5","key":"5"},{"text":"6","key":"6"},{"text":"7","key":"7"}]}])",
            ""},
        Broken{"row_without_a_name", "personal_respond", R"([{"op":"remove","path":"/horizontal_content_list/0/keyname"}])",
               ""}),
    [](const auto& one) { return std::string(one.param.name); });

class BrokenDingTalk : public ::testing::TestWithParam<Broken> {};

TEST_P(BrokenDingTalk, IsRefused) {
  const std::string name = std::string(GetParam().file).starts_with("texts/") ? "dingtalk_texts" : "dingtalk";
  const std::string file = name == "dingtalk" ? GetParam().file : GetParam().file + 6;
  Stand<sim::DingTalk> stand(name, dingtalk_app("sample"));
  HttpRequest call = request_of(stand.file(file));
  json body = json::parse(call.body);
  call.body = body.patch(json::parse(GetParam().patch)).dump();
  const auto outcome = stand.send(call);
  EXPECT_FALSE(outcome.accepted) << "accepted";
  EXPECT_NE(outcome.response.body.find(GetParam().refusal), std::string::npos) << outcome.response.body;
}

const std::string kilobyte =
    R"([{"op":"replace","path":"/cardData/cardParamMap/markdown","value":")" + std::string(1025, 'x') + R"("}])";

INSTANTIATE_TEST_SUITE_P(
    All, BrokenDingTalk,
    ::testing::Values(
        Broken{"value_too_long", "live_respond", kilobyte.c_str(), "too long"},
        Broken{"value_no_text", "live_respond", R"([{"op":"replace","path":"/cardData/cardParamMap/title","value":{"a":1}}])",
               "not a string"},
        Broken{"no_template", "live_respond", R"([{"op":"replace","path":"/cardTemplateId","value":"x.schema"}])",
               "templateNotExist"},
        Broken{"no_data", "live_respond", R"([{"op":"replace","path":"/cardData/cardParamMap","value":{}}])", "Empty"},
        Broken{"nowhere", "live_respond", R"([{"op":"replace","path":"/openSpaceId","value":"IM_GROUP.x"}])", "openSpaceId"},
        Broken{"no_message_form", "texts/personal_respond",
               R"([{"op":"replace","path":"/msgKey","value":"sampleActionCard9"}])", "msgKey"}),
    [](const auto& one) { return std::string(one.param.name); });

}  // namespace
}  // namespace xieban
