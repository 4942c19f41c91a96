// [server], [storage], [playground], [alarm]: values, ranges, addresses.

#include <gmock/gmock.h>

#include "tests/config/support.hpp"

namespace xieban::config::service_test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Server, DefaultsAreThoseOfTheContract) {
  const Config config = config_with("");
  EXPECT_EQ(config.server.listen, "127.0.0.1:8080");
  EXPECT_EQ(config.storage.url, "sqlite:xieban.db");
  EXPECT_EQ(config.storage.keep_inbox, std::chrono::days{7});
  EXPECT_EQ(config.storage.backup.folder, "backup");
  EXPECT_EQ(config.storage.backup.at, "02:30");
  EXPECT_EQ(config.storage.backup.keep, 14);
  EXPECT_FALSE(config.playground.enabled);
}

TEST(Server, ListenIsAnAddressAndAPort) {
  for (const auto* good : {"127.0.0.1:8080", "0.0.0.0:0", "[::1]:65535", "[::]:80"})
    EXPECT_THAT(problems_with(std::string("[server]\nlisten = \"") + good + "\"\n"), IsEmpty()) << good;
  for (const auto* bad : {"", "8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:x", "::1:80",
                          "256.0.0.1:80", "[127.0.0.1]:80"})
    EXPECT_THAT(problems_with(std::string("[server]\nlisten = \"") + bad + "\"\n"),
                ElementsAre(std::string("2:10 error server.listen: \"") + bad +
                            "\" is not ADDRESS:PORT; write \"127.0.0.1:8080\" or \"[::1]:8080\""));
}

TEST(Server, PublicUrlIsHttpsExceptOnThisMachine) {
  EXPECT_EQ(config_with("[server]\npublic_url = \"https://xieban.example.com/\"\n").server.public_url,
            "https://xieban.example.com");
  EXPECT_EQ(config_with("[server]\npublic_url = \"https://xieban.example.com\"\n").rules.public_url,
            "https://xieban.example.com");
  for (const auto* local : {"http://127.0.0.1:8080", "http://localhost", "http://[::1]:80", "http://127.1.2.3"})
    EXPECT_EQ(config_with(std::string("[server]\npublic_url = \"") + local + "\"\n").server.public_url, local);
  EXPECT_THAT(
      problems_with("[server]\npublic_url = \"http://xieban.example.com/x\"\n"),
      ElementsAre("2:14 error server.public_url: http:// is accepted for this machine only (127.0.0.1, localhost); write "
                  "\"https://xieban.example.com/x\""));
  for (const auto* lookalike : {"http://127.0.0.1.example.com", "http://localhost.example.com", "http://128.0.0.1"})
    EXPECT_THAT(problems_with(std::string("[server]\npublic_url = \"") + lookalike + "\"\n"), testing::SizeIs(1)) << lookalike;
  EXPECT_THAT(problems_with("[server]\npublic_url = \"xieban.example.com\"\n"),
              ElementsAre("2:14 error server.public_url: not an address; write \"https://HOST\""));
  for (const auto* bad : {"https://", "https://user@host", "https://host:99999", "https://host:", "https://host/?a=b",
                          "https://host/#a", "https://ho st"})
    EXPECT_THAT(problems_with(std::string("[server]\npublic_url = \"") + bad + "\"\n"),
                ElementsAre("2:14 error server.public_url: not an address; write \"https://HOST\" or \"https://HOST:PORT\", "
                            "without user, ? and #"))
        << bad;
}

TEST(Server, ProxiesAreNetworks) {
  EXPECT_THAT(config_with("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"fd00::/8\"]\n").server.trusted_proxies,
              ElementsAre("10.0.0.0/8", "fd00::/8"));
  EXPECT_THAT(
      problems_with("[server]\ntrusted_proxies = [\"10.0.0.1\", \"10.0.0.0/33\", \"::1\", \"proxy\"]\n"),
      ElementsAre("2:20 error server.trusted_proxies[0]: \"10.0.0.1\" is not a network in CIDR form; write \"10.0.0.1/32\"",
                  "2:32 error server.trusted_proxies[1]: \"10.0.0.0/33\" is not a network in CIDR form; write \"10.0.0.0/32\"",
                  "2:47 error server.trusted_proxies[2]: \"::1\" is not a network in CIDR form; write \"::1/128\"",
                  "2:54 error server.trusted_proxies[3]: \"proxy\" is not a network in CIDR form; write \"10.0.0.0/8\""));
}

TEST(Server, TlsNeedsBothFilesAndTheyMustBeThere) {
  FakeWorld world;
  world.files["etc/cert.pem"] = "c";
  world.files["etc/key.pem"] = "k";
  const auto loaded = load(std::string(kCompany) + "[server]\ntls = { certificate = \"cert.pem\", key = \"key.pem\" }\n",
                           "etc/x.toml", world.world());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->config.server.certificate, "etc/cert.pem");
  EXPECT_EQ(loaded->config.server.key, "etc/key.pem");
  EXPECT_THAT(problems_with("[server]\ntls = { certificate = \"/nowhere.pem\" }\n"),
              ElementsAre("2:7 error server.tls.key: missing; name both files, or neither for plain HTTP behind a proxy",
                          "2:23 error server.tls.certificate: the file /nowhere.pem cannot be read"));
}

TEST(Storage, UrlNamesAStore) {
  EXPECT_EQ(config_with("[storage]\nurl = \"postgresql://db/xieban\"\n").storage.url, "postgresql://db/xieban");
  for (const auto* bad : {"", "sqlite:", "mysql://x", "postgresql://"})
    EXPECT_THAT(
        problems_with(std::string("[storage]\nurl = \"") + bad + "\"\n"),
        ElementsAre("2:7 error storage.url: not a store; write \"sqlite:xieban.db\" or \"postgresql://HOST/DATABASE\""));
  EXPECT_THAT(problems_with("[storage]\nurl = \"postgresql://me:pw@db/xieban\"\n"),
              ElementsAre("2:7 warning storage.url: the password stands here in plain text; leave it out and put it into the "
                          "file that PGPASSFILE names"));
}

TEST(Storage, RangesAreChecked) {
  EXPECT_EQ(config_with("[storage]\nkeep_inbox = \"8h\"\n").storage.keep_inbox, std::chrono::hours{8});
  EXPECT_THAT(problems_with("[storage]\nkeep_inbox = \"7h\"\nbackup = { at = \"24:00\", keep = 0 }\n"),
              ElementsAre("2:14 error storage.keep_inbox: \"7h\" is out of range; write 8h to 366d",
                          "3:17 error storage.backup.at: \"24:00\" is not a time of day; write \"09:30\"",
                          "3:33 error storage.backup.keep: 0 is out of range; write a number from 1 to 3650"));
  EXPECT_THAT(
      problems_with("[storage]\nkeep_inbox = \"a week\"\n"),
      ElementsAre("2:14 error storage.keep_inbox: \"a week\" is not a duration; write \"90s\", \"30m\", \"2h\" or \"3d\""));
}

TEST(Storage, TheBackupFolderLiesBesideTheFile) {
  const auto loaded =
      load(std::string(kCompany) + "[storage]\nbackup = { folder = \"b\" }\n", "/etc/xieban/x.toml", FakeWorld{}.world());
  ASSERT_TRUE(loaded.has_value());
  EXPECT_EQ(loaded->config.storage.backup.folder, "/etc/xieban/b");
  EXPECT_EQ(load(kCompany, "/etc/x.toml", FakeWorld{}.world())->config.storage.backup.folder, "/etc/backup");
}

TEST(Alarm, PeopleMustExistAndTheHeartbeatMayCarryAQuery) {
  const Config config =
      config_with("[alarm]\npeople = [\"wang\"]\nheartbeat_url = \"https://up.example.com/push/1?status=up&msg=OK\"\n");
  EXPECT_EQ(config.alarm.people, std::vector<PersonId>{PersonId("wang")});
  EXPECT_EQ(config.alarm.heartbeat_url, "https://up.example.com/push/1?status=up&msg=OK");
  EXPECT_THAT(
      problems_with("[alarm]\npeople = [\"wnag\", \"wang\", \"wang\"]\nheartbeat_url = \"http://up.example.com\"\n"),
      ElementsAre(
          "2:11 error alarm.people[0]: there is no person \"wnag\" (did you mean \"wang\"?); write the id of a [[person]]",
          "2:27 error alarm.people[2]: \"wang\" stands twice; leave one out",
          "3:17 error alarm.heartbeat_url: http:// is accepted for this machine only (127.0.0.1, localhost); write "
          "\"https://up.example.com\""));
}

TEST(Playground, AListenerItWillNotAnswerOnIsWarnedOf) {
  EXPECT_THAT(
      problems_with("[server]\nlisten = \"0.0.0.0:8080\"\n[playground]\nenabled = true\n"),
      ElementsAre("3:1 warning playground.enabled: server.listen is 0.0.0.0:8080, the playground answers on this machine's own "
                  "addresses only; write listen = \"127.0.0.1:8080\", or allow_remote = true"));
  EXPECT_THAT(problems_with("[server]\nlisten = \"0.0.0.0:8080\"\n[playground]\nenabled = true\nallow_remote = true\n"),
              IsEmpty());
}

}  // namespace
}  // namespace xieban::config::service_test
