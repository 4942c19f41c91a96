// [[feishu]], [[dingtalk]], [[wecom]] and secrets.

#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace xieban::config::apps_test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

FakeWorld with_variables(std::initializer_list<const char*> names) {
  FakeWorld world;
  for (const auto* name : names) world.variables[name] = std::string("value of ") + name;
  return world;
}

TEST(Secrets, PlainTextIsAnErrorThatDoesNotRepeatIt) {
  const auto lines = problems_with("[[feishu]]\napp_id = \"cli\"\napp_secret = \"hunter2\"\n");
  EXPECT_THAT(lines, ElementsAre("3:14 error feishu[0].app_secret: a secret must not stand in this file in plain text; write "
                                 "app_secret = { env = \"FEISHU_APP_SECRET\" }"));
  EXPECT_THAT(problems_with("[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"hunter-2\" }\n"),
              ElementsAre("3:14 error feishu[0].app_secret: env must be the name of an environment variable: letters, digits "
                          "and underscores; write "
                          "app_secret = { env = \"FEISHU_APP_SECRET\" }"));
}

TEST(Secrets, ComeFromTheEnvironmentOrAFile) {
  FakeWorld world = with_variables({"S"});
  world.files["dir/secret.txt"] = " from file \n";
  const auto from_env =
      load(std::string(kCompany) + "[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\n", "dir/x.toml", world.world());
  ASSERT_TRUE(from_env.has_value());
  EXPECT_EQ(from_env->config.feishu[0].app_secret.reveal(), "value of S");
  const auto from_file = load(std::string(kCompany) + "[[feishu]]\napp_id = \"cli\"\napp_secret = { file = \"secret.txt\" }\n",
                              "dir/x.toml", world.world());
  ASSERT_TRUE(from_file.has_value());
  EXPECT_EQ(from_file->config.feishu[0].app_secret.reveal(), "from file");
}

TEST(Secrets, WhatIsMissingIsNamed) {
  FakeWorld world;
  world.variables["EMPTY"] = "";
  world.files["empty"] = "\n";
  const auto secret = [&](const std::string& value) {
    return problems_with("[[feishu]]\napp_id = \"cli\"\napp_secret = " + value + "\n", world);
  };
  EXPECT_THAT(
      secret("{ env = \"S\" }"),
      ElementsAre("3:14 error feishu[0].app_secret: the environment variable S is not set; set it before xieban starts"));
  EXPECT_THAT(
      secret("{ env = \"EMPTY\" }"),
      ElementsAre("3:14 error feishu[0].app_secret: the environment variable EMPTY is empty; set it before xieban starts"));
  EXPECT_THAT(secret("{ file = \"none\" }"),
              ElementsAre("3:14 error feishu[0].app_secret: the file none cannot be read; put the secret there"));
  EXPECT_THAT(secret("{ file = \"empty\" }"),
              ElementsAre("3:14 error feishu[0].app_secret: the file empty is empty; put the secret there"));
  EXPECT_THAT(secret("{ }"), ElementsAre("3:14 error feishu[0].app_secret: name exactly one source; write app_secret = { env = "
                                         "\"FEISHU_APP_SECRET\" } or { file = \"PATH\" }"));
  EXPECT_THAT(secret("{ env = \"S\", file = \"f\" }"), ElementsAre(HasSubstr("name exactly one source")));
  EXPECT_THAT(secret("{ env = \"S\", fille = \"f\" }"),
              Contains("3:27 error feishu[0].app_secret.fille: unknown key (did you mean \"file\"?)"));
  EXPECT_THAT(secret("5"),
              ElementsAre("3:14 error feishu[0].app_secret: expected a table such as { … }, found a whole number"));
  EXPECT_THAT(secret("{ env = 5 }"),
              ElementsAre("3:22 error feishu[0].app_secret.env: expected text in quotes, found a whole number"));
}

TEST(Secrets, AnUnsetVariableIsAWarningWhereNobodyTalksToThePlatforms) {
  FakeWorld world;
  world.variables["EMPTY"] = "";
  World lenient = world.world();
  lenient.secrets = World::Secrets::may_be_unset;
  const auto with = [&](const std::string& value) {
    const std::string app = "[[feishu]]\napp_id = \"cli\"\napp_secret = " + value + "\n";
    auto loaded = load(std::string(kCompany) + app, "x.toml", lenient);
    auto problems = loaded ? loaded->warnings : loaded.error();
    for (auto& problem : problems)
      if (problem.file == "x.toml") problem.line -= kCompanyLines;
    return lines_of(problems);
  };
  EXPECT_THAT(with("{ env = \"S\" }"), ElementsAre("3:14 warning feishu[0].app_secret: S is not set here: serve needs it"));
  // What is there and wrong stays wrong.
  EXPECT_THAT(with("{ env = \"EMPTY\" }"), ElementsAre(HasSubstr("3:14 error feishu[0].app_secret: the environment variable")));
  EXPECT_THAT(with("{ file = \"none\" }"), ElementsAre(HasSubstr("3:14 error feishu[0].app_secret: the file none")));
  EXPECT_THAT(with("\"plain\""), ElementsAre(HasSubstr("3:14 error feishu[0].app_secret: a secret must not stand")));
}

TEST(Feishu, TheTransportDecidesWhichSecretsAreNeeded) {
  const std::string stream = "[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\nencrypt_key = { env = \"UNSET\" }\n";
  EXPECT_THAT(problems_with(stream, with_variables({"S"})), IsEmpty());
  EXPECT_THAT(
      problems_with(stream + "transport = \"webhook\"\n", with_variables({"S"})),
      ElementsAre(
          "1:1 error feishu[0].verification_token: missing; write verification_token = { env = \"FEISHU_VERIFICATION_TOKEN\" }",
          "4:15 error feishu[0].encrypt_key: the environment variable UNSET is not set; set it before xieban starts"));
  EXPECT_THAT(problems_with(stream + "transport = \"websocket\"\n", with_variables({"S"})),
              ElementsAre("5:13 error feishu[0].transport: \"websocket\" is not known; write one of \"stream\", \"webhook\""));
  // Of an unused transport too, a secret must not stand in the file.
  EXPECT_THAT(problems_with("[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\nencrypt_key = \"plain\"\n",
                            with_variables({"S"})),
              ElementsAre(HasSubstr("4:15 error feishu[0].encrypt_key: a secret must not stand")));
}

TEST(Feishu, SeveralAppsHaveTheirOwnIds) {
  const std::string one = "[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\n";
  EXPECT_THAT(problems_with(one + one, with_variables({"S"})),
              ElementsAre("4:1 error feishu[1].id: missing; \"main\" is taken by an entry above"));
  const Config config = config_with(
      one + one + "id = \"lark\"\napi_base = \"https://open.larksuite.com/\"\nbot_name = \"Xieban\"\n", with_variables({"S"}));
  ASSERT_EQ(config.feishu.size(), 2U);
  EXPECT_EQ(config.feishu[0].id, "main");
  EXPECT_EQ(config.feishu[0].api_base, "https://open.feishu.cn");
  EXPECT_EQ(config.feishu[0].bot_name, "协办");
  EXPECT_EQ(config.feishu[1].id, "lark");
  EXPECT_EQ(config.feishu[1].api_base, "https://open.larksuite.com");
}

TEST(Feishu, PlainHttpIsForThisMachineOnly) {
  const std::string app = "[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\n";
  EXPECT_EQ(config_with(app + "api_base = \"http://127.0.0.1:9000\"\n", with_variables({"S"})).feishu[0].api_base,
            "http://127.0.0.1:9000");
  EXPECT_THAT(problems_with(app + "api_base = \"http://feishu.internal\"\nstream_base = \"wss://x\"\n", with_variables({"S"})),
              ElementsAre("4:12 error feishu[0].api_base: http:// is accepted for this machine only (127.0.0.1, localhost); "
                          "write \"https://feishu.internal\"",
                          "5:15 error feishu[0].stream_base: not an address; write \"https://HOST\""));
}

TEST(Feishu, IdentitiesFindTheirApp) {
  FakeWorld world = with_variables({"S"});
  EXPECT_THAT(
      problems_with("[[person]]\nid = \"p\"\nname = \"甲\"\ndepartment = \"tech\"\nidentities = { \"feishu:main\" = \"ou\", "
                    "\"feishu:lark\" = \"ou2\" }\n[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\n",
                    world),
      ElementsAre(
          "5:54 warning person[4].identities.feishu:lark: there is no [[feishu]] with id \"lark\": this has no effect"));
}

TEST(Feishu, OldKeysAreKeptOnlyWhileTheyAreChangedOver) {
  const std::string app = "[[feishu]]\napp_id = \"cli\"\napp_secret = { env = \"S\" }\nold_encrypt_key = { env = \"T\" }\n";
  EXPECT_FALSE(config_with(app, with_variables({"S", "T"})).feishu[0].old_encrypt_key.empty());
  EXPECT_THAT(problems_with(app, with_variables({"S", "T"})),
              ElementsAre("4:19 warning feishu[0].old_encrypt_key: still accepted beside the new one; take it out when the "
                          "console has the new one"));
}

TEST(DingTalk, WebhookNeedsItsSecrets) {
  const std::string app = "[[dingtalk]]\ncorp_id = \"ding\"\nclient_id = \"c\"\nclient_secret = { env = \"S\" }\n";
  const Config config = config_with(app, with_variables({"S"}));
  EXPECT_EQ(config.dingtalk[0].monthly_calls, 5000U);
  EXPECT_EQ(config.dingtalk[0].card_template, "public");
  EXPECT_EQ(config.dingtalk[0].oapi_base, "https://oapi.dingtalk.com");
  EXPECT_THAT(
      problems_with(app + "transport = \"webhook\"\nmonthly_calls = 0\ncard_template = \"\"\nevent_aes_key = { env = \"S\" }\n",
                    with_variables({"S"})),
      ElementsAre("1:1 error dingtalk[0].event_token: missing; write event_token = { env = \"DINGTALK_EVENT_TOKEN\" }",
                  "1:1 error dingtalk[0].card_secret: missing; write card_secret = { env = \"DINGTALK_CARD_SECRET\" }",
                  "6:17 error dingtalk[0].monthly_calls: 0 is out of range; write a number from 1 to 1000000000",
                  "7:17 error dingtalk[0].card_template: empty; write \"public\", \"none\" or the id of a template",
                  "8:17 warning dingtalk[0].event_aes_key: it has 10 characters; the platform's console shows 43"));
}

TEST(WeCom, AppAndBotAreEachComplete) {
  FakeWorld world = with_variables({"S", "T"});
  world.variables["KEY"] = std::string(43, 'k');
  const Config config = config_with(
      "[[wecom]]\ncorp_id = \"ww\"\napp = { agent_id = 7, secret = { env = \"S\" }, token = { env = \"T\" }, aes_key = { env = "
      "\"KEY\" } }\n"
      "bot = { bot_id = \"aib\", secret = { env = \"S\" }, token = { env = \"UNSET\" } }\nwebhooks = [ { chat = \"wrk\", key = "
      "{ env = \"T\" } } ]\n",
      world);
  ASSERT_EQ(config.wecom.size(), 1U);
  ASSERT_TRUE(config.wecom[0].app.has_value());
  EXPECT_EQ(config.wecom[0].app->agent_id, 7);
  EXPECT_TRUE(config.wecom[0].app->callback);
  ASSERT_TRUE(config.wecom[0].bot.has_value());
  EXPECT_EQ(config.wecom[0].bot->name, "协办");
  EXPECT_EQ(config.wecom[0].webhooks[0].key.reveal(), "value of T");
  EXPECT_EQ(config.wecom[0].stream_base, "wss://openws.work.weixin.qq.com");
  EXPECT_THAT(
      problems_with("[[wecom]]\ncorp_id = \"ww\"\napp = { secret = { env = \"S\" } }\nbot = { transport = \"webhook\" }\n",
                    world),
      ElementsAre("3:7 error wecom[0].app.agent_id: missing; write agent_id = the number of the self-built app",
                  "3:7 error wecom[0].app.token: missing; write token = { env = \"WECOM_APP_TOKEN\" }",
                  "3:7 error wecom[0].app.aes_key: missing; write aes_key = { env = \"WECOM_APP_AES_KEY\" }",
                  "4:7 error wecom[0].bot.token: missing; write token = { env = \"WECOM_BOT_TOKEN\" }",
                  "4:7 error wecom[0].bot.aes_key: missing; write aes_key = { env = \"WECOM_BOT_AES_KEY\" }",
                  "4:7 warning wecom[0].bot: a webhook can only answer within the hour: reminders in groups need transport = "
                  "\"stream\", or webhooks = [ … ]"));
}

TEST(WeCom, WithoutCallbackTokenAndKeyAreNotNeeded) {
  EXPECT_THAT(problems_with("[[wecom]]\ncorp_id = \"ww\"\napp = { agent_id = 7, secret = { env = \"S\" }, callback = false }\n"
                            "bot = { bot_id = \"aib\", secret = { env = \"S\" } }\n",
                            with_variables({"S"})),
              IsEmpty());
}

TEST(WeCom, SaysWhatWouldNotArrive) {
  FakeWorld world = with_variables({"S", "T"});
  world.variables["KEY"] = std::string(43, 'k');
  EXPECT_THAT(
      problems_with("[[wecom]]\ncorp_id = \"ww\"\napp = { agent_id = 7, secret = { env = \"S\" }, callback = false }\n", world),
      ElementsAre(
          "3:7 warning wecom[0].app: callback = false and no bot: nothing that people type arrives; write bot = { … }"));
  const std::string webhook =
      "[[wecom]]\ncorp_id = \"ww\"\nbot = { transport = \"webhook\", token = { env = \"T\" }, aes_key = { env = \"KEY\" } }\n";
  EXPECT_THAT(problems_with(webhook, world),
              ElementsAre("3:7 warning wecom[0].bot: a webhook can only answer within the hour: reminders in groups need "
                          "transport = \"stream\", or webhooks = [ … ]"));
  EXPECT_THAT(problems_with(webhook + "webhooks = [ { chat = \"wrk\", key = { env = \"T\" } } ]\n", world), IsEmpty());
}

TEST(WeCom, ABotHasOneConnection) {
  const std::string bot = "corp_id = \"ww\"\nbot = { bot_id = \"aib\", secret = { env = \"S\" } }\n";
  EXPECT_THAT(
      problems_with("[[wecom]]\n" + bot + "[[wecom]]\nid = \"second\"\n" + bot, with_variables({"S"})),
      ElementsAre("7:7 error wecom[1].bot: an entry above has this bot: the platform holds one connection for it; leave "
                  "one out"));
}

TEST(WeCom, OneOfAppAndBotIsNeeded) {
  EXPECT_THAT(
      problems_with("[[wecom]]\ncorp_id = \"ww\"\nstream_base = \"ws://far.example.com\"\nwebhooks = [ { chat = \"a\", key = { "
                    "env = \"S\" } }, { chat = \"a\", key = { env = \"S\" } } ]\n",
                    with_variables({"S"})),
      ElementsAre("1:1 error wecom[0]: neither app nor bot: nothing could be received; write app = { … } or bot = { … }",
                  "3:15 error wecom[0].stream_base: ws:// is accepted for this machine only (127.0.0.1, localhost); write "
                  "\"wss://far.example.com\"",
                  "4:60 error wecom[0].webhooks[1].chat: this group has a webhook above; leave one out"));
}

}  // namespace
}  // namespace xieban::config::apps_test
